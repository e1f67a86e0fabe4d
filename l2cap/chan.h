/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CHAN_H
#define RT_L2CAP_CHAN_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/config.h"
#include "l2cap/l2cap.h"
#include "l2cap/mode.h"
#include "l2cap/params.h"
#include "l2cap/req.h"
#include "l2cap/sig.h"
#include "l2cap/timers.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * A connection-oriented channel: its states and its end.
 *
 * It belongs to a link from the moment it is attached until it is closed. Its
 * slot is taken until then too, also when the user has heard of the end before
 * or has left (ops is NULL), so that the limit of channels holds.
 *
 * Whatever calls the user does it last: the user may close this channel or any
 * other, and memory goes at the end of the step at the earliest.
 */

struct rt_l2cap_link;

enum rt_l2cap_chan_state {
#define STATE(name, stay_ms, next) RT_L2CAP_CHAN_##name,
#define WHY(name, text)
#include "l2cap/chan.def"
#undef STATE
#undef WHY
};

enum rt_l2cap_chan_why {
#define STATE(name, stay_ms, next)
#define WHY(name, text) RT_L2CAP_WHY_##name,
#include "l2cap/chan.def"
#undef STATE
#undef WHY
};

struct rt_l2cap_chan {
	struct rt_list node;  /* on link->chans */
	struct rt_list ready; /* on link->ready while there may be SDUs */
	struct rt_l2cap *l2cap;
	struct rt_l2cap_link *link;
	const struct rt_l2cap_ops *ops; /* NULL: nobody to be told */
	void *user;
	rt_handle handle;
	enum rt_l2cap_chan_state state;
	struct rt_timer timer;	    /* of the state */
	struct rt_timer suspension; /* runs while suspended */
	uint64_t since_us;	    /* in this state */
	struct rt_l2cap_req req;    /* ours: one at a time */
	struct rt_l2cap_config config;
	struct rt_pkt *answer; /* room for CONNECTION_RSP after "pending" */
	struct rt_list early;  /* of rt_pkt.node: SDUs before we were open */
	uint32_t early_count;
	uint32_t early_bytes;
	uint32_t in_flight;    /* SDUs pulled and not completed */
	uint32_t pdus;	       /* of them that HCI has and will complete */
	struct rt_list unsent; /* of rt_l2cap_sdu.node: left by the mode */
	struct rt_l2cap_params params;	      /* as the user gave them */
	const struct rt_l2cap_mode_ops *mode; /* NULL until it opens */
	void *mode_state;		      /* of the mode */
	struct rt_l2cap_agreed agreed;
	size_t room; /* octets that the user can take; SIZE_MAX: no end */
	uint64_t tx_frames; /* Basic mode: B-frames */
	uint64_t rx_frames;
	struct rt_l2cap_info last; /* figures of a mode that has ended */
	bool ended;		   /* they are there */
	struct rt_reason why;	   /* of its end: the first one counts */
	uint16_t psm;
	uint16_t scid;
	uint16_t dcid;	   /* 0: not known */
	uint16_t imtu;	   /* as told to the peer */
	uint16_t imtu_max; /* as the user allows */
	uint16_t omtu;
	uint16_t rx_limit; /* octets of the longest payload that may come */
	uint8_t ident;	   /* of the CONNECTION_REQ that made it */
	uint8_t verdict;   /* enum rt_l2cap_verdict: why it waits */
	bool gate_changed; /* it is to be asked again */
	bool suspended;	   /* by the gate (suspend.h) */
	bool hidden;	   /* from its user, until the gate allows it */
	bool incoming;
	bool adopted; /* has a user other than the listener's */
	bool opened;  /* has been open; being configured anew, perhaps */
	bool wants;   /* the user has something to pull, as far as we know */
	struct rt_grave grave;
};

/*
 * A channel that belongs to no link yet. Returns 0, -ENOSPC (limit of
 * channels) or -ENOMEM.
 */
int rt_l2cap_chan_new(struct rt_l2cap *l2cap, uint16_t psm,
		      const struct rt_l2cap_params *params,
		      struct rt_l2cap_chan **ret_chan) RT_MUST_CHECK;

/* Frees a channel at once, in whatever state it is. Tells nobody. */
void rt_l2cap_chan_free(struct rt_l2cap_chan *chan);

/* Puts the channel on a link, with a channel id of ours. */
void rt_l2cap_chan_attach(struct rt_l2cap_chan *chan,
			  struct rt_l2cap_link *link);

/* Puts a channel that waits for its link on another one. */
void rt_l2cap_chan_move(struct rt_l2cap_chan *chan, struct rt_l2cap_link *link);

/* The channel of the handle, if it has a user; NULL: stale. */
struct rt_l2cap_chan *rt_l2cap_chan_get(const struct rt_l2cap *l2cap,
					rt_handle handle);

/* The channel with this id at our end, or NULL. */
struct rt_l2cap_chan *rt_l2cap_chan_by_scid(const struct rt_l2cap_link *link,
					    uint16_t scid);

/* The channel with this id at the peer's end, as far as the peer has it. */
struct rt_l2cap_chan *rt_l2cap_chan_by_dcid(const struct rt_l2cap_link *link,
					    uint16_t dcid);

/* True if the channel is connected: in CONFIG or OPEN. */
bool rt_l2cap_chan_exists(const struct rt_l2cap_chan *chan);

/* True unless the peer is done with it. */
bool rt_l2cap_chan_needs_link(const struct rt_l2cap_chan *chan);

/* Changes the state; the state's timer is armed, or stopped. */
void rt_l2cap_chan_enter(struct rt_l2cap_chan *chan,
			 enum rt_l2cap_chan_state to,
			 enum rt_l2cap_chan_why why);

/* The peer has answered "pending" to our request: ERTX runs, nothing else. */
void rt_l2cap_chan_pause(struct rt_l2cap_chan *chan);

/* It has decided: the state's timer runs again. */
void rt_l2cap_chan_resume(struct rt_l2cap_chan *chan);

/* The state's timer runs on from when the state was entered. */
void rt_l2cap_chan_keep_deadline(struct rt_l2cap_chan *chan);

/*
 * Both halves are configured: enters OPEN, and tells nobody. False if there is
 * no memory for the mode: the channel is being disconnected.
 */
bool rt_l2cap_chan_start(struct rt_l2cap_chan *chan);

/* The same, and tells the user, the first time. */
void rt_l2cap_chan_open(struct rt_l2cap_chan *chan);

/* Ends a connected channel: DISCONNECTION_REQ. `code`: enum rt_l2cap_code. */
void rt_l2cap_chan_disconnect(struct rt_l2cap_chan *chan, uint16_t code);

/* The peer has no such channel (any more). Tells the user. */
void rt_l2cap_chan_over(struct rt_l2cap_chan *chan, uint16_t code,
			enum rt_l2cap_chan_why why);

/*
 * The same for a channel that the peer knows nothing of (any more), from
 * inside a call of the user: it is told on a fresh stack.
 */
void rt_l2cap_chan_over_soon(struct rt_l2cap_chan *chan, uint16_t code,
			     enum rt_l2cap_chan_why why);

/* Ends a channel that its user refused; nobody is told. */
void rt_l2cap_chan_discard(struct rt_l2cap_chan *chan);

/* The user closes it. */
void rt_l2cap_chan_close(struct rt_l2cap_chan *chan);

/* The user closes it and wants to hear no more of it. */
void rt_l2cap_chan_abandon(struct rt_l2cap_chan *chan);

/* The link has gone. Tells the user. */
void rt_l2cap_chan_on_down(struct rt_l2cap_chan *chan,
			   const struct rt_reason *why);

/* DISCONNECTION_REQ has arrived (4.6). */
void rt_l2cap_chan_on_disc_req(struct rt_l2cap_cmd *cmd,
			       const struct rt_l2cap_disc_req *msg);

/* DISCONNECTION_RSP has arrived (4.7). */
void rt_l2cap_chan_on_disc_rsp(struct rt_l2cap_cmd *cmd,
			       const struct rt_l2cap_disc_rsp *msg);

/* HCI is done with the last SDU of a channel that waits for that. */
void rt_l2cap_chan_drained(struct rt_l2cap_chan *chan);

#endif
