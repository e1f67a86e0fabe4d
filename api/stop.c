/* SPDX-License-Identifier: MIT */
#include "api/stop.h"

#include "api/discovery.h"
#include "api/host.h"
#include "api/oob.h"
#include "api/pairing.h"
#include "api/server.h"
#include "api/service_search.h"
#include "api/socket.h"
#include "hci/hci.h"
#include "l2cap/sdp.h"
#include "rfcomm/rfcomm.h"

/* Sockets linger for as long at most when the host is shut down. */
#define STOP_MS 20000
/* A session without sockets needs a few round trips, if its peer is there. */
#define STOP_SESSIONS_MS 3000

/* Without power, until rt_host_set_mode(). */
static void enter_off(struct rt_host *host)
{
	host->mode.off = false;
	host->stopping_sessions = false;
	host->stopping_hci = false;
	host->why = (struct rt_reason){ .layer = RT_LAYER_NONE };
	rt_rfcomm_set_idle_hold(host->rfcomm, host->options.session_hold_ms);
	rt_api_host_set_state(host, RT_HOST_OFF);
}

void rt_api_stop_done(struct rt_host *host)
{
	const enum rt_server_error error =
		host->why.err < 0 ? RT_SERVER_ERROR_INPUT_OUTPUT
				  : RT_SERVER_ERROR_POWERED_OFF;
	struct rt_server *server;

	if (host->state == RT_HOST_DOWN || host->state == RT_HOST_OFF)
		return;
	rt_env_stop(&host->env, &host->stop);
	if (host->mode.off && host->why.layer != RT_LAYER_TRANSPORT) {
		enter_off(host);
		return;
	}
	rt_api_host_set_state(host, RT_HOST_DOWN);
	RT_LIST_EACH (server, &host->servers, node)
		rt_api_server_host_ends(server, error);
}

static void end_sockets(struct rt_host *host)
{
	struct rt_socket *s;

	RT_LIST_EACH (s, &host->sockets, node)
		rt_api_socket_host_ends(s);
}

static void stop_hci(struct rt_host *host)
{
	if (host->stopping_hci)
		return;
	host->stopping_hci = true;
	rt_hci_stop(host->hci);
}

static void on_stop(struct rt_timer *timer)
{
	struct rt_host *host = RT_CONTAINER_OF(timer, struct rt_host, stop);

	end_sockets(host);
	stop_hci(host);
}

/* Ends all that the application has under way. */
static void begin_stop(struct rt_host *host)
{
	struct rt_server *server;
	struct rt_socket *s;

	host->why = (struct rt_reason){ .layer = RT_LAYER_NONE };
	rt_api_host_set_state(host, RT_HOST_STOPPING);
	RT_LIST_EACH (server, &host->servers, node)
		rt_api_server_host_ends(server, RT_SERVER_ERROR_POWERED_OFF);
	rt_api_inquiries_end(host);
	rt_api_name_requests_end(host);
	rt_api_echoes_end(host);
	rt_api_pairings_end(host);
	rt_api_oob_end(host);
	rt_api_service_searches_end(host);
	RT_LIST_EACH (s, &host->sockets, node)
		rt_api_socket_host_stops(s);
	rt_api_mode_end(host);
	rt_env_arm(&host->env, &host->stop, RT_MS(STOP_MS));
	rt_api_host_touch(host);
}

void rt_host_shutdown(struct rt_host *host)
{
	const bool off = host->mode.off;

	host->mode.off = false;
	if (host->state == RT_HOST_OFF) {
		rt_api_host_enter(host);
		rt_api_host_set_state(host, RT_HOST_DOWN);
		rt_api_host_touch(host);
		return;
	}
	if ((host->state == RT_HOST_STOPPING && !off) ||
	    host->state == RT_HOST_DOWN)
		return;
	rt_api_host_enter(host);
	if (!off)
		begin_stop(host);
	rt_rfcomm_shutdown(host->rfcomm);
	rt_sdp_shutdown(host->sdp);
}

/* The layers above HCI live on: what is open of them ends with the links. */
void rt_api_host_power_off(struct rt_host *host)
{
	if (host->state == RT_HOST_OFF || host->mode.off)
		return;
	host->mode.off = true;
	rt_rfcomm_set_idle_hold(host->rfcomm, 0);
	begin_stop(host);
}

/*
 * The sockets have ended. A session outlives its last DLC: the peers are owed
 * an answer, but one that has vanished gives none.
 */
static void stop_layers(struct rt_host *host)
{
	if (rt_rfcomm_is_idle(host->rfcomm) && rt_sdp_is_idle(host->sdp)) {
		stop_hci(host);
	} else if (!host->stopping_sessions) {
		host->stopping_sessions = true;
		rt_env_stop(&host->env, &host->stop);
		rt_env_arm(&host->env, &host->stop, RT_MS(STOP_SESSIONS_MS));
	}
}

void rt_api_stop_init(struct rt_host *host)
{
	rt_timer_init(&host->stop, on_stop);
}

void rt_api_stop_progress(struct rt_host *host)
{
	if (host->state == RT_HOST_OFF && host->mode.on_again) {
		host->mode.on_again = false;
		rt_api_host_set_state(host, RT_HOST_STARTING);
		rt_hci_start(host->hci);
	}
	if (host->state != RT_HOST_STOPPING)
		return;
	if (rt_list_empty(&host->conns))
		stop_layers(host);
	if (host->stopping_hci && rt_hci_is_idle(host->hci))
		rt_api_stop_done(host);
}
