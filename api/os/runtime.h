/* SPDX-License-Identifier: MIT */
#ifndef RT_API_RUNTIME_H
#define RT_API_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/host.h>

#include "api/host.h"
#include "api/os/post.h"
#include "hci/transport.h"
#include "stack/base.h"
#include "stack/os/capture.h"
#include "stack/os/env_linux.h"
#include "stack/os/loop.h"

/*
 * The loop around a host: it brings time, carries packets between transport
 * and host, and makes the callbacks.
 */

/* A packet that the transport could not take yet. */
struct rt_api_kept {
	uint8_t type;
	size_t len; /* 0: none */
	uint8_t data[4 + UINT16_MAX];
};

struct rt_runtime {
	struct rt_host *host;
	struct rt_loop loop;
	struct rt_env_linux linux_env;
	struct rt_env_hooks linux_hooks;
	struct rt_transport *transport;
	struct rt_watch watch;
	bool watched;
	bool lost;	  /* the transport has failed */
	bool may_receive; /* there may be something to read */
	bool adapter_told;
	struct rt_capture *capture;
	bool capture_ended;
	char *key_dir; /* of link keys; NULL: the user's */
	struct rt_api_posts posts;
	bool dispatching;
	bool running;
	bool quit;
	bool close_asked; /* from inside a dispatch */
	struct rt_api_kept kept;
};

/* The loop of a host; NULL for one without. */
struct rt_runtime *rt_api_runtime_of(const struct rt_host *host);

/*
 * Opens a host on the transport, which it takes over whatever happens. On
 * failure `message` gets a sentence, as in rt_host_open(). Returns 0 or a
 * negative errno.
 */
int rt_api_runtime_open(struct rt_transport *transport,
			const struct rt_host_options *options,
			struct rt_host **ret_host, char *message) RT_MUST_CHECK;

/* Writes a sentence to `message`, which is NULL or has RT_MESSAGE_BYTES. */
void rt_api_runtime_explain(char *message, const char *fmt, ...)
	RT_PRINTF(2, 3);

/* Prepares watching the transport. Returns 0 or a negative errno. */
int rt_api_runtime_watch(struct rt_runtime *rt) RT_MUST_CHECK;

/*
 * Does a bounded share of what there is to do: time, posts, packets in,
 * callbacks, packets out. True if there may be more.
 */
bool rt_api_runtime_turn(struct rt_runtime *rt);

/* Sends an HCI Reset, if the transport takes it, past the host. */
void rt_api_runtime_send_reset(struct rt_runtime *rt);

/* Writes what has been captured to the file. */
void rt_api_runtime_flush_capture(struct rt_runtime *rt);

#endif
