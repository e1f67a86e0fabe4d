/* SPDX-License-Identifier: MIT */
#include "api/service_search.h"

#include <errno.h>
#include <string.h>

#include "api/error.h"
#include "api/host.h"
#include "api/service.h"
#include "hci/gap.h"
#include "l2cap/sdp.h"

/*
 * Finding services: of one device, or first the devices and then their
 * services. A device is asked when what those before it have answered has been
 * told: so what waits is bounded by what DEVICES_AT_ONCE answers can hold.
 */

#define DEVICES_AT_ONCE 2
#define SECONDS_DEFAULT 11
#define SECONDS_MAX 61
#define LENGTH_MAX 48 /* of 1.28 s */

/*
 * Links to devices that have answered stay for a while, and there can be seven:
 * a search of many devices has to wait for one to go.
 */
#define LINK_WAIT_MS 1000
#define LINK_WAITS_MAX 30

#define HINT_TOO_MANY "the device has more services than are held here"
#define HINT_STOPS "the host is shutting down"

/* A device, from when it is known until its end has been told. */
struct device {
	struct rt_list node; /* search->waiting, or ->asked in that order */
	struct rt_service_search *search;
	struct rt_addr addr;
	bool asking;
	rt_handle query;
	struct rt_reason why;
	const char *hint;
	struct rt_list services; /* not told yet */
	unsigned int service_count;
	bool too_many;
};

struct rt_service_search {
	struct rt_list node; /* host->searches */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_service_search_callbacks callbacks;
	void *user_data;
	struct rt_uuid uuids[RT_SDP_UUIDS_MAX];
	size_t uuid_count;
	uint32_t handle; /* of the one record wanted; 0: any */
	bool minimal;
	bool all;	/* devices, by an inquiry */
	bool inquiring; /* the engine knows of it */
	bool told_done;
	struct rt_reason why; /* of the end of all */
	const char *hint;
	struct rt_timer link_wait;
	unsigned int link_waits;
	struct rt_list waiting; /* of device: not asked yet */
	struct rt_list asked;
	unsigned int device_count; /* all that were known */
	unsigned int asking_count;
};

static void raise(struct rt_service_search *search)
{
	rt_ready_raise(&search->host->env, &search->ready, 1);
}

/* A record has been found: it is kept, unless there are too many already. */
static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	struct device *device = user;
	struct rt_service_search *search = device->search;
	struct rt_host *host = search->host;
	struct rt_service *service;

	(void)handle;
	if (device->service_count >= host->env.limits.search_results) {
		device->too_many = true;
		return;
	}
	service = rt_api_service_found(host, device->addr, attributes);
	if (!service) {
		device->too_many = true;
		return;
	}
	rt_list_append(&device->services, &service->node);
	device->service_count++;
	raise(search);
}

static void finish_device(struct device *device, const struct rt_reason *why)
{
	device->asking = false;
	device->search->asking_count--;
	device->why = *why;
	if (why->err == 0 && device->too_many) {
		device->why = (struct rt_reason){
			.layer = RT_LAYER_API,
			.phase = RT_PHASE_LOOKUP,
			.err = -ENOBUFS,
		};
		device->hint = HINT_TOO_MANY;
	}
	raise(device->search);
}

static void on_queried(void *user, const struct rt_reason *why)
{
	finish_device(user, why);
}

static const struct rt_sdp_query_ops query_ops = {
	.record = on_record,
	.done = on_queried,
};

static int query(struct device *device)
{
	static const struct rt_sdp_range minimal[] = {
		{ RT_SDP_RECORD_HANDLE, RT_SDP_CLASS_ID_LIST },
		{ RT_SDP_PROTOCOL_LIST, RT_SDP_PROTOCOL_LIST },
		{ RT_SDP_LANGUAGE_BASE_LIST, RT_SDP_LANGUAGE_BASE_LIST },
		{ RT_SDP_PROFILE_LIST, RT_SDP_PROFILE_LIST },
		{ RT_SDP_SERVICE_NAME, RT_SDP_PROVIDER_NAME },
	};
	const struct rt_service_search *search = device->search;
	const struct rt_sdp_query query = {
		.transaction = search->handle ? RT_SDP_ATTRIBUTES
					      : RT_SDP_SEARCH_ATTRIBUTES,
		.addr = device->addr,
		.uuids = search->uuids,
		.uuid_count = search->handle ? 0 : search->uuid_count,
		.handle = search->handle,
		.ranges = search->minimal ? minimal : NULL,
		.range_count = search->minimal ? RT_ARRAY_SIZE(minimal) : 0,
	};

	return rt_sdp_query(search->host->sdp, &query, &query_ops, device,
			    &device->query);
}

/* Asks a device that waits. Returns as rt_sdp_query(). */
static int ask(struct device *device)
{
	struct rt_service_search *search = device->search;
	int err = query(device);

	if (err < 0)
		return err;
	rt_list_del(&device->node);
	rt_list_append(&search->asked, &device->node);
	device->asking = true;
	search->asking_count++;
	return 0;
}

/* It could not even be asked. */
static void fail_device(struct device *device, int err)
{
	rt_list_del(&device->node);
	rt_list_append(&device->search->asked, &device->node);
	device->why = (struct rt_reason){
		.layer = RT_LAYER_API,
		.phase = RT_PHASE_LOOKUP,
		.err = err,
	};
	raise(device->search);
}

/* True if no more devices shall be asked before the application has heard. */
static bool is_behind(const struct rt_service_search *search)
{
	const struct device *device;

	RT_LIST_EACH (device, &search->asked, node) {
		if (!device->asking)
			return true;
	}
	return search->asking_count >= DEVICES_AT_ONCE;
}

/* Asks the next ones, as many as may be asked now. */
static void ask_next(struct rt_service_search *search)
{
	struct rt_env *env = &search->host->env;
	struct device *device;
	int err;

	while (!rt_list_empty(&search->waiting) && !search->inquiring &&
	       !search->link_wait.armed && !is_behind(search)) {
		device = RT_LIST_FIRST(&search->waiting, struct device, node);
		err = ask(device);
		if (err == -EMLINK && search->link_waits < LINK_WAITS_MAX) {
			search->link_waits++;
			rt_env_arm(env, &search->link_wait,
				   RT_MS(LINK_WAIT_MS));
			return;
		}
		search->link_waits = 0;
		if (err < 0)
			fail_device(device, err);
	}
	rt_api_host_touch(search->host);
}

static void on_link_wait(struct rt_timer *timer)
{
	ask_next(RT_CONTAINER_OF(timer, struct rt_service_search, link_wait));
}

static bool is_known(const struct rt_service_search *search,
		     struct rt_addr addr)
{
	const struct device *device;

	RT_LIST_EACH (device, &search->waiting, node) {
		if (rt_addr_equal(device->addr, addr))
			return true;
	}
	return false;
}

static struct device *add_device(struct rt_service_search *search,
				 struct rt_addr addr)
{
	struct rt_env *env = &search->host->env;
	struct device *device;

	if (search->device_count >= env->limits.inquiry_results)
		return NULL;
	device = rt_env_alloc(env, sizeof(*device));
	if (!device)
		return NULL;
	device->search = search;
	device->addr = addr;
	rt_list_init(&device->services);
	rt_list_append(&search->waiting, &device->node);
	search->device_count++;
	return device;
}

static void on_found(void *user, const struct rt_gap_device *found)
{
	struct rt_service_search *search = user;

	if (is_known(search, found->addr))
		return;
	if (!add_device(search, found->addr))
		rt_log(&search->host->env, RT_LOG_WARNING,
		       "service search: no room for one more device");
}

static void on_inquired(void *user, const struct rt_reason *why)
{
	struct rt_service_search *search = user;

	search->inquiring = false;
	search->why = *why;
	ask_next(search);
	raise(search);
}

static const struct rt_gap_inquiry_ops inquiry_ops = {
	.result = on_found,
	.done = on_inquired,
};

static void free_services(struct device *device)
{
	while (!rt_list_empty(&device->services))
		rt_api_service_destroy(RT_LIST_FIRST(&device->services,
						     struct rt_service, node));
	device->service_count = 0;
}

static void free_device(struct device *device)
{
	free_services(device);
	rt_list_del(&device->node);
	rt_env_free(&device->search->host->env, device);
}

static void free_devices(struct rt_list *list)
{
	while (!rt_list_empty(list))
		free_device(RT_LIST_FIRST(list, struct device, node));
}

/* Gives up all that is under way. */
static void stop(struct rt_service_search *search)
{
	struct rt_host *host = search->host;
	struct device *device;

	rt_env_stop(&host->env, &search->link_wait);
	if (search->inquiring)
		rt_gap_inquiry_stop(host->hci);
	search->inquiring = false;
	RT_LIST_EACH (device, &search->asked, node) {
		if (!device->asking)
			continue;
		rt_sdp_cancel(host->sdp, device->query);
		device->asking = false;
		search->asking_count--;
	}
}

static void destroy(struct rt_service_search *search)
{
	free_devices(&search->waiting);
	free_devices(&search->asked);
	rt_ready_cancel(&search->ready);
	rt_list_del(&search->node);
	rt_env_stop(&search->host->env, &search->link_wait);
	rt_env_free(&search->host->env, search);
}

static bool options_are_good(const struct rt_service_search_options *options)
{
	if (options->uuid_count > RT_SDP_UUIDS_MAX ||
	    (options->uuid_count > 0 && !options->uuids) ||
	    options->seconds > SECONDS_MAX ||
	    (options->handle != 0 && rt_addr_is_zero(options->addr)))
		return false;
	for (size_t i = 0; i < options->uuid_count; i++) {
		if (rt_uuid_is_zero(options->uuids[i]))
			return false;
	}
	return true;
}

static struct rt_service_search *
new_search(struct rt_host *host,
	   const struct rt_service_search_options *options)
{
	struct rt_service_search *search;

	search = rt_env_alloc(&host->env, sizeof(*search));
	if (!search)
		return NULL;
	search->host = host;
	search->user_data = options->user_data;
	rt_api_copy_in(&search->callbacks, sizeof(search->callbacks),
		       options->callbacks);
	search->minimal = options->minimal;
	search->handle = options->handle;
	search->all = rt_addr_is_zero(options->addr);
	search->uuid_count = options->uuid_count;
	if (options->uuid_count > 0)
		memcpy(search->uuids, options->uuids,
		       options->uuid_count * sizeof(search->uuids[0]));
	else
		search->uuids[search->uuid_count++] =
			rt_uuid_from_short(RT_SDP_UUID_PUBLIC_BROWSE_ROOT);
	rt_ready_init(&search->ready, RT_API_SERVICE_SEARCH);
	rt_timer_init(&search->link_wait, on_link_wait);
	rt_list_init(&search->waiting);
	rt_list_init(&search->asked);
	rt_list_append(&host->searches, &search->node);
	return search;
}

static int inquire(struct rt_service_search *search, unsigned int seconds)
{
	const unsigned int length =
		((seconds ? seconds : SECONDS_DEFAULT) * 100 + 127) / 128;
	int err = rt_gap_inquiry_start(search->host->hci, RT_GAP_GIAC,
				       (uint8_t)RT_MIN(length, LENGTH_MAX),
				       &inquiry_ops, search);

	search->inquiring = err == 0;
	return err;
}

static int ask_one(struct rt_service_search *search, struct rt_addr addr)
{
	struct device *device = add_device(search, addr);

	return device ? ask(device) : -ENOMEM;
}

int rt_service_search_start(struct rt_host *host,
			    const struct rt_service_search_options *options,
			    struct rt_service_search **ret_search)
{
	struct rt_service_search_options own;
	struct rt_service_search *search;
	int err;

	rt_api_copy_in(&own, sizeof(own), options);
	if (!options_are_good(&own))
		return -EINVAL;
	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	rt_api_host_enter(host);
	search = new_search(host, &own);
	if (!search)
		return -ENOMEM;
	err = search->all ? inquire(search, own.seconds)
			  : ask_one(search, own.addr);
	if (err < 0) {
		destroy(search);
		return err;
	}
	rt_api_host_touch(host);
	*ret_search = search;
	return 0;
}

void rt_service_search_free(struct rt_service_search *search)
{
	struct rt_host *host;

	if (!search)
		return;
	host = search->host;
	rt_api_host_enter(host);
	stop(search);
	destroy(search);
	rt_api_host_touch(host);
}

/* The callback may free the search: the service lives on until the step ends.
 */
static void tell_service(struct device *device)
{
	struct rt_service_search *search = device->search;
	struct rt_service *service =
		RT_LIST_FIRST(&device->services, struct rt_service, node);

	device->service_count--;
	rt_api_service_bury(service);
	raise(search);
	if (search->callbacks.on_service)
		search->callbacks.on_service(search, service,
					     search->user_data);
}

/* With one device its end is that of all. */
static void tell_device(struct device *device)
{
	struct rt_service_search *search = device->search;
	const struct rt_addr addr = device->addr;
	struct rt_error_info info;

	rt_api_error_describe(&device->why, device->hint, &info);
	if (!search->all) {
		search->why = device->why;
		search->hint = device->hint;
	}
	free_device(device);
	ask_next(search);
	raise(search);
	if (search->callbacks.on_device_done)
		search->callbacks.on_device_done(search, addr, &info,
						 search->user_data);
}

static void tell_done(struct rt_service_search *search)
{
	struct rt_error_info info;

	search->told_done = true;
	rt_api_error_describe(&search->why, search->hint, &info);
	if (search->callbacks.on_done)
		search->callbacks.on_done(search, &info, search->user_data);
}

/* The first device with something to tell, or NULL. */
static struct device *talkative(const struct rt_service_search *search)
{
	struct device *device;

	RT_LIST_EACH (device, &search->asked, node) {
		if (!rt_list_empty(&device->services) || !device->asking)
			return device;
	}
	return NULL;
}

void rt_api_service_search_deliver(struct rt_ready *ready)
{
	struct rt_service_search *search =
		RT_CONTAINER_OF(ready, struct rt_service_search, ready);
	struct device *device = talkative(search);

	if (device && !rt_list_empty(&device->services))
		tell_service(device);
	else if (device)
		tell_device(device);
	else if (!search->inquiring && !search->told_done &&
		 rt_list_empty(&search->asked) &&
		 rt_list_empty(&search->waiting))
		tell_done(search);
}

void rt_api_service_searches_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };
	struct rt_service_search *it;

	RT_LIST_EACH (it, &host->searches, node) {
		if (it->told_done)
			continue;
		stop(it);
		free_devices(&it->waiting);
		free_devices(&it->asked);
		it->why = why;
		it->hint = HINT_STOPS;
		raise(it);
	}
}

void rt_api_service_searches_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->searches))
		destroy(RT_LIST_FIRST(&host->searches, struct rt_service_search,
				      node));
}
