/* SPDX-License-Identifier: MIT */
#include "api/discovery.h"

#include <errno.h>
#include <string.h>

#include "api/error.h"
#include "api/host.h"
#include "l2cap/l2cap.h"

#define TIMEOUT_MS_DEFAULT 10000
#define REPLY_BYTES_MAX 672 /* what the signalling channel takes */

struct rt_echo {
	struct rt_list node; /* host->echoes */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_echo_callbacks callbacks;
	void *user_data;
	bool running;
	rt_handle handle;
	struct rt_reason why;
	size_t reply_bytes;
	uint8_t reply[REPLY_BYTES_MAX];
};

static void on_done(void *user, const struct rt_reason *why,
		    struct rt_bytes data)
{
	struct rt_echo *echo = user;

	echo->running = false;
	echo->why = *why;
	echo->reply_bytes = RT_MIN(data.len, sizeof(echo->reply));
	if (echo->reply_bytes > 0)
		memcpy(echo->reply, data.ptr, echo->reply_bytes);
	rt_ready_raise(&echo->host->env, &echo->ready, 1);
}

static const struct rt_l2cap_echo_ops ops = { .done = on_done };

static void destroy(struct rt_echo *echo)
{
	rt_ready_cancel(&echo->ready);
	rt_list_del(&echo->node);
	rt_env_free(&echo->host->env, echo);
}

static int send_request(struct rt_echo *echo, struct rt_addr addr,
			const struct rt_echo_options *options)
{
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.user = echo,
		.data = rt_bytes(options->data, options->bytes),
		.timeout_ms = options->timeout_ms ? options->timeout_ms
						  : TIMEOUT_MS_DEFAULT,
	};

	return rt_l2cap_echo(echo->host->l2cap, addr, &params, &echo->handle);
}

int rt_echo_start(struct rt_host *host, struct rt_addr addr,
		  const struct rt_echo_options *options,
		  struct rt_echo **ret_echo)
{
	struct rt_echo_options own;
	struct rt_echo *echo;
	int err;

	rt_api_copy_in(&own, sizeof(own), options);
	if (!own.data && own.bytes > 0)
		return -EINVAL;
	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	rt_api_host_enter(host);
	echo = rt_env_alloc(&host->env, sizeof(*echo));
	if (!echo)
		return -ENOMEM;
	echo->host = host;
	echo->user_data = own.user_data;
	rt_api_copy_in(&echo->callbacks, sizeof(echo->callbacks),
		       own.callbacks);
	rt_ready_init(&echo->ready, RT_API_ECHO);
	rt_list_append(&host->echoes, &echo->node);
	err = send_request(echo, addr, &own);
	if (err < 0) {
		destroy(echo);
		return err;
	}
	echo->running = true;
	rt_api_host_touch(host);
	*ret_echo = echo;
	return 0;
}

void rt_echo_free(struct rt_echo *echo)
{
	struct rt_host *host;

	if (!echo)
		return;
	host = echo->host;
	rt_api_host_enter(host);
	if (echo->running)
		rt_l2cap_echo_cancel(host->l2cap, echo->handle);
	destroy(echo);
	rt_api_host_touch(host);
}

/* The callback may free the echo: what it is shown lives here. */
void rt_api_echo_deliver(struct rt_echo *echo)
{
	uint8_t reply[sizeof(echo->reply)];
	const size_t bytes = echo->reply_bytes;
	struct rt_error_info info;

	memcpy(reply, echo->reply, bytes);
	rt_api_error_describe(&echo->why, NULL, &info);
	if (echo->callbacks.on_reply)
		echo->callbacks.on_reply(echo, &info, reply, bytes,
					 echo->user_data);
}

struct rt_echo *rt_api_echo_of(struct rt_ready *ready)
{
	return RT_CONTAINER_OF(ready, struct rt_echo, ready);
}

void rt_api_echoes_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };
	struct rt_echo *it;

	RT_LIST_EACH (it, &host->echoes, node) {
		if (!it->running)
			continue;
		rt_l2cap_echo_cancel(host->l2cap, it->handle);
		on_done(it, &why, rt_bytes(NULL, 0));
	}
}

void rt_api_echoes_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->echoes))
		destroy(RT_LIST_FIRST(&host->echoes, struct rt_echo, node));
}
