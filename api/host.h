/* SPDX-License-Identifier: MIT */
#ifndef RT_API_HOST_H
#define RT_API_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/doors.h>
#include <rawtooth/host.h>
#include <rawtooth/research.h>
#include <rawtooth/security.h>
#include <rawtooth/socket.h>

#include "api/agent.h"
#include "api/mode.h"
#include "api/names.h"
#include "api/news.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"
#include "stack/timer.h"

struct rt_api_oob;
struct rt_hci;
struct rt_l2cap;
struct rt_rfcomm;
struct rt_sdp;

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
	RT_API_SERVICE_SEARCH,
	RT_API_AGENT,
	RT_API_PAIRING,
	RT_API_OOB,
};

/* What a host has to tell. */
enum rt_api_host_news {
	RT_API_HOST_STATE, /* value: enum rt_host_state */
	RT_API_HOST_MODE,  /* value: enum rt_host_mode */
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
	/*
	 * Link keys: calls `key` for each of the adapter's, or keeps all that
	 * security has now. 0 or a negative errno and a sentence, of at most
	 * RT_MESSAGE_BYTES.
	 */
	int (*load_keys)(void *user, struct rt_addr adapter,
			 void (*key)(void *arg, const struct rt_sec_key *key),
			 void *arg, char *message);
	int (*save_keys)(void *user, struct rt_addr adapter, char *message);
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
	struct rt_sdp *sdp;
	struct rt_rfcomm *rfcomm;

	enum rt_host_state state;
	struct rt_reason why; /* DOWN or RECOVERING */
	struct rt_ready ready;
	struct rt_api_news news;    /* kinds: enum rt_api_host_news */
	struct rt_timer keys_retry; /* of keys that could not be read */
	struct rt_timer stop;	    /* the end of patience with a shutdown */
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
	struct rt_list pairings;
	struct rt_list services; /* the application's */
	struct rt_list searches;
	unsigned int socket_count;
	unsigned int service_count; /* of services */

	struct rt_api_agent agent;
	struct rt_key_store key_store; /* the application's, or all zero */
	struct rt_addr keys_of;	       /* the adapter whose keys are loaded */
	int keys_err;		       /* they could not be */
	int save_err;		       /* of the last change */
	char keys_text[RT_MESSAGE_BYTES]; /* the sentence that belongs to it */
	struct rt_api_oob *oob;		  /* being read; NULL: none */

	rt_tap_fn *tap; /* the application's, or NULL */
	void *tap_user;
	bool in_tap; /* it is being called: an engine is at work */

	uint64_t capture_failed; /* packets not captured: set by the loop */
	struct rt_api_mode mode;
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

/* What is published has changed: the EIR and the class of device follow. */
void rt_api_host_services_changed(struct rt_host *host);

/* The one place where a host changes its state: tells the application. */
void rt_api_host_set_state(struct rt_host *host, enum rt_host_state state);

#endif
