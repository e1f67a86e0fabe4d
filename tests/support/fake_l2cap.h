/* SPDX-License-Identifier: MIT */
#ifndef TEST_FAKE_L2CAP_H
#define TEST_FAKE_L2CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/l2cap.h"

/*
 * L2CAP as RFCOMM and SDP see it, played by the test: it implements the
 * functions of l2cap/l2cap.h that they call, and nothing happens on a channel
 * unless the test does it. What they may not do fails the test.
 */

#define FAKE_CHANS 16
#define FAKE_UNDER_WAY 256
#define FAKE_SDU_MAX 65535

enum fake_state {
	FAKE_FREE,
	FAKE_CONNECTING, /* ours */
	FAKE_PENDING,	 /* the peer's, `incoming` gave -EAGAIN */
	FAKE_ACCEPTED,	 /* the peer's, not open yet */
	FAKE_OPEN,
	FAKE_CLOSING, /* rt_l2cap_close() was called */
};

struct fake_chan {
	enum fake_state state;
	rt_handle handle;
	struct rt_addr peer;
	bool incoming;
	const struct rt_l2cap_ops *ops;
	void *user;
	uint16_t imtu;
	uint16_t omtu;
	bool ready; /* told since the last pull that gave nothing */
	struct rt_done under_way[FAKE_UNDER_WAY];
	size_t under_way_count;
};

struct rt_l2cap {
	struct rt_env *env;
	uint16_t psm; /* the only one that is used */
	struct fake_chan chan[FAKE_CHANS];
	struct rt_l2cap_params listener;  /* ops NULL: nobody listens */
	struct rt_l2cap_params connected; /* of our last channel */
	uint32_t serial;		  /* of handles */
	int connect_err; /* what rt_l2cap_connect() gives from now on */
	int listen_err;
	int accept_err;
	bool hold; /* completions come only by fake_complete() */
	unsigned int connects;
	unsigned int abandons;
	unsigned int refusals; /* `incoming` gave an error */
};

/* A fake without channels, for who uses this PSM. */
void fake_init(struct rt_l2cap *l2cap, struct rt_env *env, uint16_t psm);

/* The channel of a handle; NULL if there is none. */
struct fake_chan *fake_find(struct rt_l2cap *l2cap, rt_handle handle);

/* The only channel in `state`; 0 if there is none. Two fail the test. */
rt_handle fake_in_state(struct rt_l2cap *l2cap, enum fake_state state);

/* Channels that are not free. */
size_t fake_count(const struct rt_l2cap *l2cap);

/*
 * A peer asks for a channel. Returns what `incoming` gave; sets *ret_handle
 * for 0 (then fake_open() may follow) and -EAGAIN.
 */
int fake_incoming(struct rt_l2cap *l2cap, struct rt_addr peer,
		  rt_handle *ret_handle);

/* The channel is open; the peer receives `omtu` octets. */
void fake_open(struct rt_l2cap *l2cap, rt_handle handle, uint16_t omtu);

/* The channel has closed: what is under way completes as not written. */
void fake_closed(struct rt_l2cap *l2cap, rt_handle handle,
		 const struct rt_reason *why);

/* An SDU from the peer. */
void fake_rx(struct rt_l2cap *l2cap, rt_handle handle, struct rt_bytes sdu);

/*
 * Pulls the next SDU to `buf`, which holds the channel's omtu. It completes at
 * once unless `hold` is set. Returns its length, 0 if there is none.
 */
size_t fake_pull(struct rt_l2cap *l2cap, rt_handle handle, uint8_t *buf);

/* Completes the oldest SDU under way. */
void fake_complete(struct rt_l2cap *l2cap, rt_handle handle, bool written);

#endif
