/* SPDX-License-Identifier: MIT */
#ifndef RT_API_HOST_H
#define RT_API_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/doors.h>
#include <rawtooth/host.h>
#include <rawtooth/research.h>
#include <rawtooth/socket.h>

#include "api/names.h"
#include "api/news.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"
#include "stack/timer.h"

struct rt_hci;
struct rt_l2cap;
struct rt_rfcomm;

/*
 * The composition root: one environment, one engine of each layer, and the
 * lists of what the application has made.
 */

#define RT_API_NAME_BYTES 248
#define RT_API_HINT_NOT_UP "the controller is not up"

/* The kinds of objects that the application hears of: rt_ready.kind. */
enum rt_api_kind {
	RT_API_HOST,
	RT_API_SOCKET,
	RT_API_SERVER,
	RT_API_INQUIRY,
	RT_API_NAME_REQUEST,
	RT_API_ECHO,
};

/* What surrounds a host: its loop, or nobody. All may be NULL. */
struct rt_api_os {
	/* The time, for calls that come between two steps. */
	uint64_t (*now_us)(void *user);
	/* Something may have to be sent or told, from outside a dispatch. */
	void (*touched)(void *user);
	/* A log line, if the application doesn't want them itself. */
	void (*log)(void *user, enum rt_log_level level, const char *line);
	/* A packet to or from the controller. */
	void (*tap)(void *user, bool from_controller,
		    const struct rt_packet *packet);
	void *user;
	const char *transport; /* name of it; copied */
	uint16_t acl_bytes_max;
	uint16_t acl_rx_packets_max;
};

struct rt_host {
	struct rt_env env;
	struct rt_host_options options;
	struct rt_host_callbacks callbacks;
	struct rt_api_os os;
	struct rt_hci *hci;
	struct rt_l2cap *l2cap;
	struct rt_rfcomm *rfcomm;

	enum rt_host_state state;
	struct rt_reason why; /* DOWN or RECOVERING */
	struct rt_ready ready;
	struct rt_api_news news; /* values: enum rt_host_state */
	struct rt_timer stop;	 /* the end of patience with a shutdown */
	bool stopping_sessions;
	bool stopping_hci;
	bool calling_back;
	bool free_asked; /* from inside a callback */

	struct rt_list sockets;
	struct rt_list waiting; /* of the sockets: connect when they can */
	struct rt_list servers;
	struct rt_list conns;
	struct rt_list inquiries; /* also those that are over */
	struct rt_list name_requests;
	struct rt_list echoes;
	unsigned int socket_count;

	rt_tap_fn *tap; /* the application's, or NULL */
	void *tap_user;
	bool in_tap; /* it is being called: an engine is at work */

	uint64_t capture_failed; /* packets not captured: set by the loop */
	bool connectable;
	bool discoverable;
	char name[RT_API_NAME_BYTES + 1];
	char transport[64];
	struct rt_api_names names;
};

/*
 * Makes a host, see rt_host_new_core(). `os` may be NULL. Returns 0, -EINVAL
 * or -ENOMEM.
 */
int rt_api_host_new(const struct rt_host_options *options,
		    const struct rt_api_os *os, uint64_t now_us,
		    struct rt_host **ret_host) RT_MUST_CHECK;

/* True if the controller can be used: state UP. */
bool rt_api_host_is_up(const struct rt_host *host);

/*
 * To be called first by every function that lets the application make the
 * layers below act: they shall know what time it is, not what time it was in
 * the last step. No timer runs.
 */
void rt_api_host_enter(struct rt_host *host);

/* To be called when the application has asked for something. */
void rt_api_host_touch(struct rt_host *host);

/* Tells the controller which scans it shall do now. */
void rt_api_host_update_scan(struct rt_host *host);

#endif
