/* SPDX-License-Identifier: MIT */
#include "api/discovery.h"

#include <errno.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/gap.h"

#define SECONDS_MAX 61
#define LENGTH_MAX 48 /* of 1.28 s */

/* A device that has been found. */
struct found {
	struct rt_list node;	  /* inquiry->found */
	struct rt_list news_node; /* inquiry->news: not told, or changed */
	struct rt_gap_device device;
};

struct rt_inquiry {
	struct rt_list node; /* host->inquiries */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_inquiry_callbacks callbacks;
	void *user_data;
	bool running; /* the engine knows of it */
	bool told_done;
	struct rt_reason why;
	unsigned int count;
	struct rt_list found;
	struct rt_list news;
};

static void raise(struct rt_inquiry *inquiry)
{
	rt_ready_raise(&inquiry->host->env, &inquiry->ready, 1);
}

static struct found *find(const struct rt_inquiry *inquiry, struct rt_addr addr)
{
	struct found *it;

	RT_LIST_EACH (it, &inquiry->found, node) {
		if (rt_addr_equal(it->device.addr, addr))
			return it;
	}
	return NULL;
}

static struct found *add(struct rt_inquiry *inquiry)
{
	struct rt_env *env = &inquiry->host->env;
	struct found *found;

	if (inquiry->count >= env->limits.inquiry_results)
		return NULL;
	found = rt_env_alloc(env, sizeof(*found));
	if (!found)
		return NULL;
	rt_list_init(&found->news_node);
	rt_list_append(&inquiry->found, &found->node);
	inquiry->count++;
	return found;
}

static void on_result(void *user, const struct rt_gap_device *device)
{
	struct rt_inquiry *inquiry = user;
	struct found *found = find(inquiry, device->addr);

	if (!found)
		found = add(inquiry);
	if (!found) {
		rt_log(&inquiry->host->env, RT_LOG_WARNING,
		       "inquiry: no room for one more device");
		return;
	}
	found->device = *device;
	if (device->has_name)
		rt_api_names_put(&inquiry->host->names, device->addr,
				 device->name);
	if (rt_list_empty(&found->news_node))
		rt_list_append(&inquiry->news, &found->news_node);
	raise(inquiry);
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct rt_inquiry *inquiry = user;

	inquiry->running = false;
	inquiry->why = *why;
	raise(inquiry);
}

static const struct rt_gap_inquiry_ops ops = {
	.result = on_result,
	.done = on_done,
};

static void destroy(struct rt_inquiry *inquiry)
{
	struct rt_env *env = &inquiry->host->env;
	struct found *found;

	while (!rt_list_empty(&inquiry->found)) {
		found = RT_LIST_FIRST(&inquiry->found, struct found, node);
		rt_list_del(&found->node);
		rt_env_free(env, found);
	}
	rt_ready_cancel(&inquiry->ready);
	rt_list_del(&inquiry->node);
	rt_env_free(env, inquiry);
}

int rt_inquiry_start(struct rt_host *host, unsigned int seconds, bool limited,
		     const struct rt_inquiry_callbacks *callbacks,
		     void *user_data, struct rt_inquiry **ret_inquiry)
{
	const uint32_t lap = limited ? RT_GAP_LIAC : RT_GAP_GIAC;
	const unsigned int length = (seconds * 100 + 127) / 128;
	struct rt_inquiry *inquiry;
	int err;

	if (seconds < 1 || seconds > SECONDS_MAX)
		return -EINVAL;
	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	rt_api_host_enter(host);
	inquiry = rt_env_alloc(&host->env, sizeof(*inquiry));
	if (!inquiry)
		return -ENOMEM;
	inquiry->host = host;
	inquiry->user_data = user_data;
	rt_api_copy_in(&inquiry->callbacks, sizeof(inquiry->callbacks),
		       callbacks);
	rt_ready_init(&inquiry->ready, RT_API_INQUIRY);
	rt_list_init(&inquiry->found);
	rt_list_init(&inquiry->news);
	rt_list_append(&host->inquiries, &inquiry->node);
	err = rt_gap_inquiry_start(host->hci, lap,
				   (uint8_t)RT_MIN(length, LENGTH_MAX), &ops,
				   inquiry);
	if (err < 0) {
		destroy(inquiry);
		return err;
	}
	inquiry->running = true;
	rt_api_host_touch(host);
	*ret_inquiry = inquiry;
	return 0;
}

void rt_inquiry_free(struct rt_inquiry *inquiry)
{
	struct rt_host *host;

	if (!inquiry)
		return;
	host = inquiry->host;
	rt_api_host_enter(host);
	if (inquiry->running)
		rt_gap_inquiry_stop(host->hci);
	destroy(inquiry);
	rt_api_host_touch(host);
}

/* The callback may free the inquiry: what it is shown lives here. */
static void tell_device(struct rt_inquiry *inquiry)
{
	struct found *found =
		RT_LIST_FIRST(&inquiry->news, struct found, news_node);
	const struct rt_gap_device own = found->device;
	const struct rt_device device = {
		.size = sizeof(device),
		.addr = own.addr,
		.class_of_device = own.class_of_device,
		.clock_offset = own.clock_offset,
		.has_rssi = own.has_rssi,
		.rssi = own.rssi,
		.name = own.has_name ? own.name : "",
		.eir = own.eir,
		.eir_bytes = own.eir_bytes,
	};

	rt_list_del(&found->news_node);
	raise(inquiry);
	if (inquiry->callbacks.on_device)
		inquiry->callbacks.on_device(inquiry, &device,
					     inquiry->user_data);
}

void rt_api_inquiry_deliver(struct rt_inquiry *inquiry)
{
	struct rt_error_info info;

	if (!rt_list_empty(&inquiry->news)) {
		tell_device(inquiry);
		return;
	}
	if (inquiry->running || inquiry->told_done)
		return;
	inquiry->told_done = true;
	rt_api_error_describe(&inquiry->why, NULL, &info);
	if (inquiry->callbacks.on_done)
		inquiry->callbacks.on_done(inquiry, &info, inquiry->user_data);
}

struct rt_inquiry *rt_api_inquiry_of(struct rt_ready *ready)
{
	return RT_CONTAINER_OF(ready, struct rt_inquiry, ready);
}

void rt_api_inquiries_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };
	struct rt_inquiry *it;

	RT_LIST_EACH (it, &host->inquiries, node) {
		if (!it->running)
			continue;
		rt_gap_inquiry_stop(host->hci);
		on_done(it, &why);
	}
}

void rt_api_inquiries_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->inquiries))
		destroy(RT_LIST_FIRST(&host->inquiries, struct rt_inquiry,
				      node));
}
