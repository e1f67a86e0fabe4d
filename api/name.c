/* SPDX-License-Identifier: MIT */
#include "api/discovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/gap.h"

struct rt_name_request {
	struct rt_list node; /* host->name_requests */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_name_callbacks callbacks;
	void *user_data;
	struct rt_addr addr;
	bool running;
	rt_handle handle;
	struct rt_reason why;
	bool has_name;
	char name[RT_GAP_NAME_BYTES + 1];
};

static void on_done(void *user, const char *name, const struct rt_reason *why)
{
	struct rt_name_request *request = user;

	request->running = false;
	request->why = *why;
	if (name) {
		request->has_name = true;
		snprintf(request->name, sizeof(request->name), "%s", name);
		rt_api_names_put(&request->host->names, request->addr, name,
				 true);
	}
	rt_ready_raise(&request->host->env, &request->ready, 1);
}

static const struct rt_gap_name_ops ops = { .done = on_done };

static void destroy(struct rt_name_request *request)
{
	rt_ready_cancel(&request->ready);
	rt_list_del(&request->node);
	rt_env_free(&request->host->env, request);
}

int rt_name_request_start(struct rt_host *host, struct rt_addr addr,
			  const struct rt_name_callbacks *callbacks,
			  void *user_data, struct rt_name_request **ret_request)
{
	struct rt_name_request *request;
	int err;

	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	rt_api_host_enter(host);
	request = rt_env_alloc(&host->env, sizeof(*request));
	if (!request)
		return -ENOMEM;
	request->host = host;
	request->addr = addr;
	request->user_data = user_data;
	rt_api_copy_in(&request->callbacks, sizeof(request->callbacks),
		       callbacks);
	rt_ready_init(&request->ready, RT_API_NAME_REQUEST);
	rt_list_append(&host->name_requests, &request->node);
	err = rt_gap_name_request(host->hci, addr, &ops, request,
				  &request->handle);
	if (err < 0) {
		destroy(request);
		return err;
	}
	request->running = true;
	rt_api_host_touch(host);
	*ret_request = request;
	return 0;
}

void rt_name_request_free(struct rt_name_request *request)
{
	struct rt_host *host;

	if (!request)
		return;
	host = request->host;
	rt_api_host_enter(host);
	if (request->running)
		rt_gap_name_cancel(host->hci, request->handle);
	destroy(request);
	rt_api_host_touch(host);
}

/* The callback may free the request: what it is shown lives here. */
void rt_api_name_deliver(struct rt_name_request *request)
{
	char name[sizeof(request->name)];
	struct rt_error_info info;

	memcpy(name, request->name, sizeof(name));
	rt_api_error_describe(&request->why, NULL, &info);
	if (request->callbacks.on_name)
		request->callbacks.on_name(request,
					   request->has_name ? name : NULL,
					   &info, request->user_data);
}

struct rt_name_request *rt_api_name_of(struct rt_ready *ready)
{
	return RT_CONTAINER_OF(ready, struct rt_name_request, ready);
}

void rt_api_name_requests_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };
	struct rt_name_request *it;

	RT_LIST_EACH (it, &host->name_requests, node) {
		if (!it->running)
			continue;
		rt_gap_name_cancel(host->hci, it->handle);
		on_done(it, NULL, &why);
	}
}

void rt_api_name_requests_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->name_requests))
		destroy(RT_LIST_FIRST(&host->name_requests,
				      struct rt_name_request, node));
}
