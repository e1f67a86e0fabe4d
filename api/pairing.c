/* SPDX-License-Identifier: MIT */
#include "api/pairing.h"

#include <errno.h>

#include <rawtooth/security.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/security.h"

struct rt_pairing {
	struct rt_list node; /* host->pairings */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_pairing_options options;
	bool running;
	rt_handle handle;
	struct rt_reason why;
};

static void on_done(void *user, const struct rt_reason *why)
{
	struct rt_pairing *pairing = user;

	pairing->running = false;
	pairing->why = *why;
	rt_ready_raise(&pairing->host->env, &pairing->ready, 1);
}

static void destroy(struct rt_pairing *pairing)
{
	rt_ready_cancel(&pairing->ready);
	rt_list_del(&pairing->node);
	rt_env_free(&pairing->host->env, pairing);
}

int rt_pairing_start(struct rt_host *host, struct rt_addr addr,
		     const struct rt_pairing_options *options,
		     struct rt_pairing **ret_pairing)
{
	struct rt_sec_pair_params params = { .addr = addr, .done = on_done };
	struct rt_pairing *pairing;
	int err;

	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	if (host->keys_err < 0)
		return host->keys_err;
	rt_api_host_enter(host);
	pairing = rt_env_alloc(&host->env, sizeof(*pairing));
	if (!pairing)
		return -ENOMEM;
	pairing->host = host;
	rt_api_copy_in(&pairing->options, sizeof(pairing->options), options);
	rt_ready_init(&pairing->ready, RT_API_PAIRING);
	rt_list_append(&host->pairings, &pairing->node);
	params.mitm = pairing->options.mitm;
	params.fips = pairing->options.fips;
	params.keep = pairing->options.keep;
	params.user = pairing;
	err = rt_sec_pair(host->hci, &params, &pairing->handle);
	if (err < 0) {
		destroy(pairing);
		return err;
	}
	pairing->running = true;
	rt_api_host_touch(host);
	*ret_pairing = pairing;
	return 0;
}

void rt_pairing_free(struct rt_pairing *pairing)
{
	struct rt_host *host;

	if (!pairing)
		return;
	host = pairing->host;
	rt_api_host_enter(host);
	if (pairing->running)
		rt_sec_pair_cancel(host->hci, pairing->handle);
	destroy(pairing);
	rt_api_host_touch(host);
}

/* The callback may free the pairing. In tail position. */
void rt_api_pairing_deliver(struct rt_ready *ready)
{
	struct rt_pairing *pairing =
		RT_CONTAINER_OF(ready, struct rt_pairing, ready);
	struct rt_error_info info;

	rt_api_error_describe(&pairing->why, NULL, &info);
	if (pairing->options.on_done)
		pairing->options.on_done(pairing, &info,
					 pairing->options.user_data);
}

void rt_api_pairings_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };
	struct rt_pairing *it;

	RT_LIST_EACH (it, &host->pairings, node) {
		if (!it->running)
			continue;
		rt_sec_pair_cancel(host->hci, it->handle);
		on_done(it, &why);
	}
}

void rt_api_pairings_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->pairings))
		destroy(RT_LIST_FIRST(&host->pairings, struct rt_pairing,
				      node));
}

void rt_host_open_pairing(struct rt_host *host, struct rt_addr addr,
			  uint32_t window_ms)
{
	if (host->keys_err < 0)
		return;
	rt_api_host_enter(host);
	rt_sec_open_window(host->hci, addr, window_ms);
	rt_api_host_touch(host);
}
