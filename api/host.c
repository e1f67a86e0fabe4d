/* SPDX-License-Identifier: MIT */
#include "api/host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/conn.h"
#include "api/discovery.h"
#include "api/error.h"
#include "api/gate.h"
#include "api/key_store.h"
#include "api/oob.h"
#include "api/pairing.h"
#include "api/redact.h"
#include "api/server.h"
#include "api/service.h"
#include "api/service_search.h"
#include "api/socket.h"
#include "api/stop.h"
#include "hci/hci.h"
#include "hci/security.h"
#include "l2cap/l2cap.h"
#include "l2cap/sdp.h"
#include "rfcomm/rfcomm.h"

/*
 * The life of a host.
 *
 *	STARTING -> UP <-> RECOVERING; any -> STOPPING -> DOWN; any -> DOWN
 */

#define CLASS_DEFAULT 0x000100 /* computer, uncategorized */
#define CLASS_MAX 0xffffff
#define LIMITED_MS_MIN 30720 /* TGAP(103): inquiries take their time */
#define LIMITED_MS_MAX 3600000
#define SLOTS_MS_MAX 40959 /* 0xFFFF of 0.625 ms */

bool rt_api_host_is_up(const struct rt_host *host)
{
	return host->state == RT_HOST_UP;
}

/* Time never goes back. */
static void set_time(struct rt_host *host, uint64_t now_us)
{
	if (now_us > host->env.now_us)
		host->env.now_us = now_us;
}

void rt_api_host_enter(struct rt_host *host)
{
	if (host->os.now_us)
		set_time(host, host->os.now_us(host->os.user));
}

void rt_api_host_touch(struct rt_host *host)
{
	if (host->os.touched)
		host->os.touched(host->os.user);
}

static void *hook_alloc(void *ctx, size_t bytes)
{
	const struct rt_host *host = ctx;

	return host->options.alloc(host->options.ctx, bytes);
}

static void hook_free(void *ctx, void *ptr)
{
	const struct rt_host *host = ctx;

	host->options.free(host->options.ctx, ptr);
}

static void hook_random(void *ctx, void *buf, size_t bytes)
{
	const struct rt_host *host = ctx;

	host->options.random(host->options.ctx, buf, bytes);
}

static enum rt_level level(enum rt_log_level level)
{
	switch (level) {
	case RT_LOG_ERROR:
		return RT_LEVEL_ERROR;
	case RT_LOG_WARNING:
		return RT_LEVEL_WARNING;
	case RT_LOG_INFO:
		return RT_LEVEL_INFO;
	case RT_LOG_DEBUG:
		return RT_LEVEL_DEBUG;
	}
	return RT_LEVEL_DEBUG;
}

static void hook_log(void *ctx, enum rt_log_level log_level, const char *line)
{
	const struct rt_host *host = ctx;

	if (host->callbacks.on_log)
		host->callbacks.on_log(level(log_level), line,
				       host->options.user_data);
	else
		host->os.log(host->os.user, log_level, line);
}

static void hook_tap(void *ctx, uint64_t now_us, bool from_controller,
		     const struct rt_packet *packet)
{
	const struct rt_host *host = ctx;
	uint8_t buf[RT_API_REDACT_BYTES];
	struct rt_packet copy;

	(void)now_us;
	if (!host->options.capture_secrets)
		packet = rt_api_redact(packet, buf, &copy);
	host->os.tap(host->os.user, from_controller, packet);
}

void rt_api_host_set_state(struct rt_host *host, enum rt_host_state state)
{
	if (host->state == state)
		return;
	host->state = state;
	rt_api_news_add(&host->news, RT_API_HOST_STATE, (uint8_t)state);
	rt_ready_raise(&host->env, &host->ready, 1);
	rt_api_mode_changed(host);
}

static void on_up(void *user)
{
	struct rt_host *host = user;

	if (host->state != RT_HOST_STARTING &&
	    host->state != RT_HOST_RECOVERING)
		return;
	host->why = (struct rt_reason){ .layer = RT_LAYER_NONE };
	rt_api_key_store_load(host);
	rt_api_host_set_state(host, RT_HOST_UP);
}

static void on_down(void *user, const struct rt_reason *why, bool final)
{
	struct rt_host *host = user;

	if (host->state == RT_HOST_DOWN)
		return;
	/* A shutdown that is under way goes on without the controller. */
	if (host->state == RT_HOST_STOPPING && !final)
		return;
	host->why = *why;
	if (final)
		rt_api_stop_done(host);
	else
		rt_api_host_set_state(host, RT_HOST_RECOVERING);
}

static const struct rt_hci_ops hci_ops = { .up = on_up, .down = on_down };

static const struct rt_sec_ops sec_ops = {
	.changed = rt_api_gate_changed,
	.ask = rt_api_agent_ask,
	.ask_over = rt_api_agent_ask_over,
	.paired = rt_api_agent_paired,
	.store = rt_api_key_store_changed,
};

/* Takes the steps that wait for something to have ended. */
static void progress(struct rt_host *host)
{
	if (!rt_list_empty(&host->waiting))
		rt_api_socket_retry_waiting(host);
	rt_api_stop_progress(host);
}

/* Milliseconds in slots of 0.625 ms. */
static uint16_t slots(uint32_t ms)
{
	return (uint16_t)(ms * 8 / 5);
}

static bool options_are_good(const struct rt_host_options *options)
{
	return options->alloc && options->free && options->random &&
	       options->page_timeout_ms <= SLOTS_MS_MAX &&
	       options->supervision_ms <= SLOTS_MS_MAX &&
	       options->class_of_device <= CLASS_MAX &&
	       (options->limited_ms == 0 ||
		(options->limited_ms >= LIMITED_MS_MIN &&
		 options->limited_ms <= LIMITED_MS_MAX)) &&
	       (!options->name || strlen(options->name) <= RT_API_NAME_BYTES);
}

static int make_engines(struct rt_host *host)
{
	const struct rt_host_options *options = &host->options;
	const struct rt_hci_options hci_options = {
		.name = host->name,
		.class_of_device = options->class_of_device
					   ? options->class_of_device
					   : CLASS_DEFAULT,
		.page_timeout_slots = slots(options->page_timeout_ms),
		.supervision_slots = slots(options->supervision_ms),
		.acl_bytes_max = host->os.acl_bytes_max,
		.acl_rx_packets_max = host->os.acl_rx_packets_max,
		.idle_ms = options->idle_ms,
	};
	int err = rt_hci_new(&host->env, &hci_options, &hci_ops, host,
			     &host->hci);

	if (err == 0)
		rt_sec_set_ops(host->hci, &sec_ops, host);
	if (err == 0)
		err = rt_l2cap_new(&host->env, host->hci, &host->l2cap);
	if (err == 0)
		rt_l2cap_set_gate(host->l2cap, &rt_api_gate, host);
	if (err == 0)
		err = rt_sdp_new(&host->env, host->l2cap, &host->sdp);
	if (err == 0)
		err = rt_rfcomm_new(&host->env, host->l2cap, &host->rfcomm);
	if (err == 0)
		rt_rfcomm_set_gate(host->rfcomm, &rt_api_gate, host);
	if (err == 0)
		rt_rfcomm_set_idle_hold(host->rfcomm, options->session_hold_ms);
	return err;
}

static void free_engines(struct rt_host *host)
{
	if (host->rfcomm)
		rt_rfcomm_free(host->rfcomm);
	if (host->sdp)
		rt_sdp_free(host->sdp);
	if (host->l2cap)
		rt_l2cap_free(host->l2cap);
	if (host->hci)
		rt_hci_free(host->hci);
}

static void init(struct rt_host *host, uint64_t now_us)
{
	const struct rt_env_hooks hooks = {
		.alloc = hook_alloc,
		.free = hook_free,
		.random = hook_random,
		.log = host->callbacks.on_log || host->os.log ? hook_log : NULL,
		.tap = host->os.tap ? hook_tap : NULL,
		.ctx = host,
	};
	const char *name = host->options.name ? host->options.name : "rawtooth";
	const char *transport = host->os.transport ? host->os.transport : "";

	rt_env_init(&host->env, &hooks, now_us);
	rt_ready_init(&host->ready, RT_API_HOST);
	rt_api_stop_init(host);
	rt_api_mode_init(host);
	rt_api_key_store_init(host);
	rt_list_init(&host->sockets);
	rt_list_init(&host->waiting);
	rt_list_init(&host->servers);
	rt_list_init(&host->conns);
	rt_list_init(&host->inquiries);
	rt_list_init(&host->name_requests);
	rt_list_init(&host->echoes);
	rt_list_init(&host->pairings);
	rt_list_init(&host->services);
	rt_list_init(&host->searches);
	snprintf(host->name, sizeof(host->name), "%s", name);
	snprintf(host->transport, sizeof(host->transport), "%s", transport);
	if (host->options.key_store)
		rt_api_copy_in(&host->key_store, sizeof(host->key_store),
			       host->options.key_store);
	rt_api_agent_init(host);
	/* All of these belonged to the caller. */
	host->options.name = NULL;
	host->options.key_store = NULL;
	host->options.key_dir = NULL;
	host->os.transport = NULL;
}

int rt_api_host_new(const struct rt_host_options *options,
		    const struct rt_api_os *os, uint64_t now_us,
		    struct rt_host **ret_host)
{
	struct rt_host_options own;
	struct rt_host *host;
	int err;

	rt_api_copy_in(&own, sizeof(own), options);
	if (!options_are_good(&own))
		return -EINVAL;
	host = own.alloc(own.ctx, sizeof(*host));
	if (!host)
		return -ENOMEM;
	host->options = own;
	if (os)
		host->os = *os;
	rt_api_copy_in(&host->callbacks, sizeof(host->callbacks),
		       own.callbacks);
	init(host, now_us);
	err = make_engines(host);
	if (err < 0) {
		rt_host_free_core(host);
		return err;
	}
	rt_hci_start(host->hci);
	*ret_host = host;
	return 0;
}

int rt_host_new_core(const struct rt_host_options *options, uint64_t now_us,
		     struct rt_host **ret_host)
{
	return rt_api_host_new(options, NULL, now_us, ret_host);
}

static void destroy_objects(struct rt_host *host)
{
	while (!rt_list_empty(&host->conns))
		rt_api_conn_destroy(
			RT_LIST_FIRST(&host->conns, struct rt_api_conn, node));
	while (!rt_list_empty(&host->sockets))
		rt_api_socket_destroy(
			RT_LIST_FIRST(&host->sockets, struct rt_socket, node));
	/* Before the servers, which some of them belong to. */
	rt_api_services_destroy(host);
	while (!rt_list_empty(&host->servers))
		rt_api_server_destroy(
			RT_LIST_FIRST(&host->servers, struct rt_server, node));
	rt_api_inquiries_destroy(host);
	rt_api_name_requests_destroy(host);
	rt_api_echoes_destroy(host);
	rt_api_pairings_destroy(host);
	rt_api_oob_destroy(host);
	rt_api_agent_fini(host);
	rt_api_service_searches_destroy(host);
}

void rt_host_free_core(struct rt_host *host)
{
	struct rt_host_options options;

	if (!host)
		return;
	host->free_asked = true;
	if (host->calling_back)
		return;
	free_engines(host);
	destroy_objects(host);
	rt_env_reap(&host->env);
	assert(host->env.live == 0);
	options = host->options;
	options.free(options.ctx, host);
}

void rt_host_advance(struct rt_host *host, uint64_t now_us)
{
	set_time(host, now_us);
	rt_timers_run(&host->env.timers, host->env.now_us);
}

bool rt_host_next_timer(const struct rt_host *host, uint64_t *ret_due_us)
{
	return rt_timers_next(&host->env.timers, ret_due_us);
}

void rt_host_rx(struct rt_host *host, uint8_t type, const void *packet,
		size_t bytes)
{
	rt_hci_rx(host->hci, (enum rt_packet_type)type,
		  rt_bytes(packet, bytes));
}

bool rt_host_tx(struct rt_host *host, struct rt_packet *ret_packet)
{
	return rt_hci_tx(host->hci, ret_packet);
}

static void tell_mode(struct rt_host *host, enum rt_host_mode mode)
{
	if (host->callbacks.on_mode_changed)
		host->callbacks.on_mode_changed(host, mode,
						host->options.user_data);
}

static void deliver_host(struct rt_host *host)
{
	struct rt_api_news_item item;

	if (!rt_api_news_take(&host->news, &item))
		return;
	if (!rt_api_news_empty(&host->news))
		rt_ready_raise(&host->env, &host->ready, 1);
	if (item.kind == RT_API_HOST_MODE)
		tell_mode(host, (enum rt_host_mode)item.value);
	else if (host->callbacks.on_state_changed)
		host->callbacks.on_state_changed(host,
						 (enum rt_host_state)item.value,
						 host->options.user_data);
}

static void deliver(struct rt_ready *ready)
{
	switch ((enum rt_api_kind)ready->kind) {
	case RT_API_HOST:
		deliver_host(RT_CONTAINER_OF(ready, struct rt_host, ready));
		break;
	case RT_API_SOCKET:
		rt_api_socket_deliver(
			RT_CONTAINER_OF(ready, struct rt_socket, ready));
		break;
	case RT_API_SERVER:
		rt_api_server_deliver(
			RT_CONTAINER_OF(ready, struct rt_server, ready));
		break;
	case RT_API_INQUIRY:
		rt_api_inquiry_deliver(rt_api_inquiry_of(ready));
		break;
	case RT_API_NAME_REQUEST:
		rt_api_name_deliver(rt_api_name_of(ready));
		break;
	case RT_API_ECHO:
		rt_api_echo_deliver(rt_api_echo_of(ready));
		break;
	case RT_API_AGENT:
		rt_api_agent_deliver(
			RT_CONTAINER_OF(ready, struct rt_host, agent.ready));
		break;
	case RT_API_PAIRING:
		rt_api_pairing_deliver(ready);
		break;
	case RT_API_OOB:
		rt_api_oob_deliver(ready);
		break;
	case RT_API_SERVICE_SEARCH:
		rt_api_service_search_deliver(ready);
		break;
	}
}

bool rt_host_next_event(struct rt_host *host)
{
	struct rt_ready *ready;
	uint32_t events;

	/* A callback that drives the host itself would be called again. */
	if (host->calling_back)
		return false;
	progress(host);
	ready = rt_ready_pop(&host->env, &events);
	if (!ready)
		return false;
	host->calling_back = true;
	deliver(ready);
	host->calling_back = false;
	if (!host->free_asked)
		return true;
	rt_host_free_core(host);
	return false;
}

void rt_host_end_step(struct rt_host *host)
{
	rt_env_reap(&host->env);
}

void rt_host_transport_lost(struct rt_host *host, int err)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_TRANSPORT,
		.code = (uint16_t)-err,
		.err = err,
	};

	rt_hci_lost(host->hci, err);
	if (host->state != RT_HOST_OFF)
		return;
	/* The engine is off as well, and has nothing to tell. */
	host->why = why;
	rt_api_host_set_state(host, RT_HOST_DOWN);
}

void rt_host_transport_resync(struct rt_host *host)
{
	rt_hci_resync(host->hci);
}

bool rt_host_is_idle(const struct rt_host *host)
{
	return rt_list_empty(&host->sockets) && rt_list_empty(&host->servers) &&
	       rt_list_empty(&host->conns) && rt_list_empty(&host->inquiries) &&
	       rt_list_empty(&host->name_requests) &&
	       rt_list_empty(&host->echoes) && rt_list_empty(&host->pairings) &&
	       rt_list_empty(&host->services) &&
	       rt_list_empty(&host->searches) && rt_sdp_is_idle(host->sdp) &&
	       rt_rfcomm_is_idle(host->rfcomm) &&
	       rt_l2cap_is_idle(host->l2cap) && rt_hci_is_idle(host->hci);
}
