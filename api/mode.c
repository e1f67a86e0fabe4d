/* SPDX-License-Identifier: MIT */
#include "api/mode.h"

#include <errno.h>

#include "api/host.h"
#include "api/link_options.h"
#include "api/server.h"
#include "api/stop.h"
#include "hci/gap.h"
#include "hci/hci.h"

#define LIMITED_MS 60000 /* TGAP(104), Core Vol 3 Part C appendix A */

static void leave_limited(struct rt_host *host)
{
	struct rt_api_mode *mode = &host->mode;

	rt_env_stop(&host->env, &mode->timer);
	mode->limited = false;
	rt_gap_set_limited(host->hci, false);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_host *host =
		RT_CONTAINER_OF(timer, struct rt_host, mode.timer);

	rt_api_mode_end(host);
}

void rt_api_mode_init(struct rt_host *host)
{
	rt_timer_init(&host->mode.timer, on_timer);
	host->mode.told = RT_HOST_MODE_NOT_CONNECTABLE;
}

void rt_api_mode_end(struct rt_host *host)
{
	struct rt_api_mode *mode = &host->mode;

	if (mode->limited) {
		leave_limited(host);
		mode->connectable = mode->was_connectable;
		mode->discoverable = mode->was_discoverable;
	}
	rt_api_host_update_scan(host);
}

void rt_api_mode_changed(struct rt_host *host)
{
	const enum rt_host_mode now = rt_host_mode(host);

	if (now == host->mode.told)
		return;
	host->mode.told = now;
	rt_api_news_add(&host->news, RT_API_HOST_MODE, (uint8_t)now);
	rt_ready_raise(&host->env, &host->ready, 1);
}

static bool is_connectable(const struct rt_host *host)
{
	const struct rt_server *server;

	if (host->mode.connectable)
		return true;
	RT_LIST_EACH (server, &host->servers, node) {
		if (server->listening)
			return true;
	}
	return false;
}

void rt_api_host_update_scan(struct rt_host *host)
{
	rt_api_link_options_listen(host);
	rt_hci_set_scan(host->hci, is_connectable(host),
			host->mode.discoverable);
	rt_api_mode_changed(host);
	rt_api_host_touch(host);
}

enum rt_host_mode rt_host_mode(const struct rt_host *host)
{
	if (host->state == RT_HOST_OFF || host->state == RT_HOST_DOWN ||
	    host->state == RT_HOST_STOPPING)
		return RT_HOST_MODE_OFF;
	if (host->mode.limited)
		return RT_HOST_MODE_LIMITED;
	if (host->mode.discoverable)
		return RT_HOST_MODE_DISCOVERABLE;
	return is_connectable(host) ? RT_HOST_MODE_CONNECTABLE
				    : RT_HOST_MODE_NOT_CONNECTABLE;
}

static void enter_limited(struct rt_host *host)
{
	struct rt_api_mode *mode = &host->mode;
	const uint32_t ms = host->options.limited_ms;

	if (!mode->limited) {
		mode->was_connectable = mode->connectable;
		mode->was_discoverable = mode->discoverable;
	}
	mode->limited = true;
	rt_gap_set_limited(host->hci, true);
	rt_env_arm(&host->env, &mode->timer, RT_MS(ms ? ms : LIMITED_MS));
}

static void set(struct rt_host *host, enum rt_host_mode wanted)
{
	struct rt_api_mode *mode = &host->mode;

	if (wanted == RT_HOST_MODE_LIMITED)
		enter_limited(host);
	else
		leave_limited(host);
	mode->connectable = wanted >= RT_HOST_MODE_CONNECTABLE;
	mode->discoverable = wanted >= RT_HOST_MODE_DISCOVERABLE;
	rt_api_host_update_scan(host);
}

static bool is_known(enum rt_host_mode mode)
{
	switch (mode) {
	case RT_HOST_MODE_OFF:
	case RT_HOST_MODE_NOT_CONNECTABLE:
	case RT_HOST_MODE_CONNECTABLE:
	case RT_HOST_MODE_DISCOVERABLE:
	case RT_HOST_MODE_LIMITED:
		return true;
	}
	return false;
}

int rt_host_set_mode(struct rt_host *host, enum rt_host_mode mode)
{
	const bool stops = host->state == RT_HOST_STOPPING && !host->mode.off;

	if (!is_known(mode))
		return -EINVAL;
	if (stops || host->state == RT_HOST_DOWN)
		return -ENETDOWN;
	rt_api_host_enter(host);
	if (mode == RT_HOST_MODE_OFF) {
		host->mode.on_again = false;
		rt_api_host_power_off(host);
		return 0;
	}
	host->mode.on_again = host->mode.off || host->state == RT_HOST_OFF;
	set(host, mode);
	return 0;
}

void rt_host_set_connectable(struct rt_host *host, bool connectable)
{
	rt_api_host_enter(host);
	host->mode.connectable = connectable;
	rt_api_host_update_scan(host);
}

void rt_host_set_discoverable(struct rt_host *host, bool discoverable)
{
	rt_api_host_enter(host);
	leave_limited(host);
	host->mode.discoverable = discoverable;
	rt_api_host_update_scan(host);
}
