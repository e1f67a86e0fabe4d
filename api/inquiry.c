/* SPDX-License-Identifier: MIT */
#include "api/discovery.h"

#include <errno.h>
#include <stdio.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/gap.h"
#include "hci/hci.h"

#define SECONDS_MAX 61
#define LENGTH_MAX 48	 /* of 1.28 s */
#define LENGTH_DEFAULT 8 /* TGAP(100): 10.24 s */
#define RETRY_MS 500	 /* all name requests are taken */

enum phase {
	INQUIRING, /* the engine inquires */
	NAMING,	   /* names are asked for, one at a time */
	OVER,
};

/* A device that has been found. */
struct found {
	struct rt_list node;	  /* inquiry->found */
	struct rt_list news_node; /* inquiry->news: not told, or changed */
	bool tried;		  /* its name has been asked for */
	struct rt_gap_device device;
};

struct rt_inquiry {
	struct rt_list node; /* host->inquiries */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_inquiry_callbacks callbacks;
	void *user_data;
	enum phase phase;
	bool told_done;
	struct rt_reason why;
	unsigned int count;
	struct rt_list found;
	struct rt_list news;

	bool names;
	uint32_t names_ms;
	struct found *asked; /* NAMING: whose name is asked for, or NULL */
	rt_handle request;   /* of `asked` */
	struct rt_timer retry;
	struct rt_timer deadline; /* of NAMING */
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

static void take_name(struct found *found, const char *name, bool complete)
{
	struct rt_gap_device *device = &found->device;

	snprintf(device->name, sizeof(device->name), "%s", name);
	device->has_name = true;
	device->name_complete = complete;
}

/* What is told of a device is news. */
static void tell(struct rt_inquiry *inquiry, struct found *found)
{
	if (rt_list_empty(&found->news_node))
		rt_list_append(&inquiry->news, &found->news_node);
	raise(inquiry);
}

static bool has_whole_name(const struct rt_gap_device *device)
{
	return device->has_name && device->name_complete;
}

static void on_result(void *user, const struct rt_gap_device *device)
{
	struct rt_inquiry *inquiry = user;
	struct rt_api_names *names = &inquiry->host->names;
	struct found *found = find(inquiry, device->addr);
	const struct rt_api_name *known;

	if (!found)
		found = add(inquiry);
	if (!found) {
		rt_log(&inquiry->host->env, RT_LOG_WARNING,
		       "inquiry: no room for one more device");
		return;
	}
	if (device->has_name)
		rt_api_names_put(names, device->addr, device->name,
				 device->name_complete);
	found->device = *device;
	known = rt_api_names_find(names, device->addr);
	if (known && !has_whole_name(device))
		take_name(found, known->name, known->complete);
	tell(inquiry, found);
}

static void end(struct rt_inquiry *inquiry, const struct rt_reason *why)
{
	struct rt_env *env = &inquiry->host->env;

	rt_env_stop(env, &inquiry->retry);
	rt_env_stop(env, &inquiry->deadline);
	inquiry->phase = OVER;
	inquiry->asked = NULL;
	inquiry->why = *why;
	raise(inquiry);
}

static const struct rt_gap_name_ops name_ops;

/* Asks for the next name that is not known, or is done. */
static void ask_next(struct rt_inquiry *inquiry)
{
	const struct rt_reason done = { .layer = RT_LAYER_NONE };
	struct rt_host *host = inquiry->host;
	struct found *it;
	int err;

	RT_LIST_EACH (it, &inquiry->found, node) {
		if (it->tried || has_whole_name(&it->device))
			continue;
		err = rt_gap_name_request(host->hci, it->device.addr, &name_ops,
					  inquiry, &inquiry->request);
		if (err == -ENOSPC) {
			rt_env_arm(&host->env, &inquiry->retry,
				   RT_MS(RETRY_MS));
			return;
		}
		it->tried = true;
		if (err < 0)
			continue;
		inquiry->asked = it;
		return;
	}
	end(inquiry, &done);
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	struct rt_inquiry *inquiry = user;
	struct found *found = inquiry->asked;

	inquiry->asked = NULL;
	if (name) {
		take_name(found, name, true);
		rt_api_names_put(&inquiry->host->names, found->device.addr,
				 name, true);
		tell(inquiry, found);
	}
	/* One name less is no matter; no controller is. */
	if (rt_hci_is_up(inquiry->host->hci))
		ask_next(inquiry);
	else
		end(inquiry, why);
}

static const struct rt_gap_name_ops name_ops = { .done = on_name };

static void on_done(void *user, const struct rt_reason *why)
{
	struct rt_inquiry *inquiry = user;
	struct rt_env *env = &inquiry->host->env;

	if (why->err < 0 || !inquiry->names) {
		end(inquiry, why);
		return;
	}
	inquiry->phase = NAMING;
	if (inquiry->names_ms > 0)
		rt_env_arm(env, &inquiry->deadline, RT_MS(inquiry->names_ms));
	ask_next(inquiry);
}

static const struct rt_gap_inquiry_ops ops = {
	.result = on_result,
	.done = on_done,
};

/* Takes back what the engine has been asked for. */
static void halt(struct rt_inquiry *inquiry)
{
	struct rt_hci *hci = inquiry->host->hci;

	if (inquiry->phase == INQUIRING)
		rt_gap_inquiry_stop(hci);
	if (inquiry->asked)
		rt_gap_name_cancel(hci, inquiry->request);
	inquiry->asked = NULL;
}

static void on_retry(struct rt_timer *timer)
{
	ask_next(RT_CONTAINER_OF(timer, struct rt_inquiry, retry));
}

static void on_deadline(struct rt_timer *timer)
{
	struct rt_inquiry *inquiry =
		RT_CONTAINER_OF(timer, struct rt_inquiry, deadline);
	const struct rt_reason done = { .layer = RT_LAYER_NONE };

	halt(inquiry);
	end(inquiry, &done);
}

static void destroy(struct rt_inquiry *inquiry)
{
	struct rt_env *env = &inquiry->host->env;
	struct found *found;

	while (!rt_list_empty(&inquiry->found)) {
		found = RT_LIST_FIRST(&inquiry->found, struct found, node);
		rt_list_del(&found->node);
		rt_env_free(env, found);
	}
	rt_env_stop(env, &inquiry->retry);
	rt_env_stop(env, &inquiry->deadline);
	rt_ready_cancel(&inquiry->ready);
	rt_list_del(&inquiry->node);
	rt_env_free(env, inquiry);
}

static bool is_busy(const struct rt_host *host)
{
	const struct rt_inquiry *it;

	RT_LIST_EACH (it, &host->inquiries, node) {
		if (it->phase != OVER)
			return true;
	}
	return false;
}

/* Units of 1.28 s. */
static uint8_t length_of(unsigned int seconds)
{
	if (seconds == 0)
		return LENGTH_DEFAULT;
	return (uint8_t)RT_MIN((seconds * 100 + 127) / 128, LENGTH_MAX);
}

static struct rt_inquiry *make(struct rt_host *host,
			       const struct rt_inquiry_options *options)
{
	struct rt_inquiry *inquiry = rt_env_alloc(&host->env, sizeof(*inquiry));

	if (!inquiry)
		return NULL;
	inquiry->host = host;
	inquiry->user_data = options->user_data;
	inquiry->names = options->names;
	inquiry->names_ms = options->names_ms;
	rt_api_copy_in(&inquiry->callbacks, sizeof(inquiry->callbacks),
		       options->callbacks);
	rt_ready_init(&inquiry->ready, RT_API_INQUIRY);
	rt_timer_init(&inquiry->retry, on_retry);
	rt_timer_init(&inquiry->deadline, on_deadline);
	rt_list_init(&inquiry->found);
	rt_list_init(&inquiry->news);
	rt_list_append(&host->inquiries, &inquiry->node);
	return inquiry;
}

int rt_inquiry_start_with(struct rt_host *host,
			  const struct rt_inquiry_options *options,
			  struct rt_inquiry **ret_inquiry)
{
	struct rt_inquiry_options own;
	struct rt_inquiry *inquiry;
	int err;

	rt_api_copy_in(&own, sizeof(own), options);
	if (own.seconds > SECONDS_MAX)
		return -EINVAL;
	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	if (is_busy(host))
		return -EBUSY;
	rt_api_host_enter(host);
	inquiry = make(host, &own);
	if (!inquiry)
		return -ENOMEM;
	err = rt_gap_inquiry_start(host->hci,
				   own.limited ? RT_GAP_LIAC : RT_GAP_GIAC,
				   length_of(own.seconds), &ops, inquiry);
	if (err < 0) {
		destroy(inquiry);
		return err;
	}
	rt_api_host_touch(host);
	*ret_inquiry = inquiry;
	return 0;
}

int rt_inquiry_start(struct rt_host *host, unsigned int seconds, bool limited,
		     const struct rt_inquiry_callbacks *callbacks,
		     void *user_data, struct rt_inquiry **ret_inquiry)
{
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = callbacks,
		.user_data = user_data,
		.seconds = seconds,
		.limited = limited,
	};

	if (seconds == 0)
		return -EINVAL;
	return rt_inquiry_start_with(host, &options, ret_inquiry);
}

void rt_inquiry_stop(struct rt_inquiry *inquiry)
{
	const struct rt_reason why = { .layer = RT_LAYER_NONE };
	struct rt_host *host = inquiry->host;

	if (!rt_inquiry_is_active(inquiry))
		return;
	rt_api_host_enter(host);
	halt(inquiry);
	end(inquiry, &why);
	inquiry->told_done = true;
	while (!rt_list_empty(&inquiry->news))
		rt_list_del(inquiry->news.next);
	rt_ready_cancel(&inquiry->ready);
	rt_api_host_touch(host);
}

bool rt_inquiry_is_active(const struct rt_inquiry *inquiry)
{
	return !inquiry->told_done;
}

void rt_inquiry_free(struct rt_inquiry *inquiry)
{
	struct rt_host *host;

	if (!inquiry)
		return;
	host = inquiry->host;
	rt_inquiry_stop(inquiry);
	destroy(inquiry);
	rt_api_host_touch(host);
}

/* The callback may free the inquiry: what it is shown lives here. */
static void tell_device(struct rt_inquiry *inquiry)
{
	struct found *found =
		RT_LIST_FIRST(&inquiry->news, struct found, news_node);
	const struct rt_gap_device own = found->device;
	struct rt_uuid uuids[RT_GAP_EIR_UUIDS_MAX];
	struct rt_device device = {
		.size = sizeof(device),
		.addr = own.addr,
		.class_of_device = own.class_of_device,
		.clock_offset = own.clock_offset,
		.has_rssi = own.has_rssi,
		.rssi = own.rssi,
		.name = own.has_name ? own.name : "",
		.eir = own.eir,
		.eir_bytes = own.eir_bytes,
		.name_complete = has_whole_name(&own),
		.limited = own.class_of_device & RT_GAP_CLASS_LIMITED,
		.uuids = uuids,
	};

	device.uuid_count = rt_gap_eir_uuids(rt_bytes(own.eir, own.eir_bytes),
					     uuids, &device.uuids_complete);
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
	if (inquiry->phase != OVER || inquiry->told_done)
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
		if (it->phase == OVER)
			continue;
		halt(it);
		end(it, &why);
	}
}

void rt_api_inquiries_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->inquiries))
		destroy(RT_LIST_FIRST(&host->inquiries, struct rt_inquiry,
				      node));
}

/* Assigned Numbers 2.8.1. */
const char *rt_class_of_device_name(uint32_t class_of_device)
{
	static const char *const names[] = {
		"Miscellaneous", "Computer",   "Phone",	  "Network access",
		"Audio/video",	 "Peripheral", "Imaging", "Wearable",
		"Toy",		 "Health",
	};
	const uint32_t major = class_of_device >> 8 & 0x1f;

	return major < RT_ARRAY_SIZE(names) ? names[major] : "Uncategorized";
}
