/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_REQ_H
#define RT_L2CAP_REQ_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/sig.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/timer.h"

/*
 * A signalling request of ours, from the moment it is made until it is
 * answered, rejected, withdrawn, or given up (l2cap/timers.h).
 *
 * It is a member of who asks: a channel, an echo, a link. It gets its
 * identifier when it is first sent, and keeps it when it is sent again.
 */

struct rt_l2cap_req;

struct rt_l2cap_req_ops {
	/* The peer has rejected it with this reason. It is over. */
	void (*rejected)(struct rt_l2cap_req *req, uint16_t reason);
	/* No answer in time; `pending`: that was the only one. It is over. */
	void (*expired)(struct rt_l2cap_req *req, bool pending);
};

struct rt_l2cap_req {
	struct rt_list node;	    /* on link->reqs while under way */
	struct rt_l2cap_link *link; /* NULL: not under way */
	const struct rt_l2cap_req_ops *ops;
	struct rt_timer timer; /* RTX or ERTX */
	uint64_t wait_us;      /* RTX as it stands */
	uint64_t pending_us;   /* when ERTX ends at the latest; 0: none */
	uint32_t first_ms;     /* RTX at first */
	uint8_t sends;	       /* transmissions in all */
	uint8_t sends_left;
	bool owed; /* to be sent */
	uint8_t code;
	uint8_t ident; /* 0: never sent */
	uint8_t len;
	uint8_t frame[RT_L2CAP_SIG_BYTES];
};

/*
 * Prepares a request that will be sent `sends` times at most and waits
 * `first_ms` for the answer to the first.
 */
void rt_l2cap_req_init(struct rt_l2cap_req *req,
		       const struct rt_l2cap_req_ops *ops, uint32_t first_ms,
		       uint8_t sends);

/* Makes the request on an open link; one that is under way is withdrawn. */
void rt_l2cap_req_send(struct rt_l2cap_req *req, struct rt_l2cap_link *link,
		       const struct rt_codec_msg *desc, const void *msg);

/* Ends the request: answered, or withdrawn. Does nothing if there is none. */
void rt_l2cap_req_stop(struct rt_l2cap_req *req);

/* The peer has answered "pending": it is not sent again, ERTX runs. */
void rt_l2cap_req_extend(struct rt_l2cap_req *req);

/* The request under way with this identifier and code, or NULL. */
struct rt_l2cap_req *rt_l2cap_req_find(const struct rt_l2cap_link *link,
				       uint8_t ident, uint8_t code);

/* A reject with this identifier has come. False if no request has it. */
bool rt_l2cap_req_reject(struct rt_l2cap_link *link, uint8_t ident,
			 uint16_t reason);

/* An identifier for a command that has no answer; 0 if there is none left. */
uint8_t rt_l2cap_req_new_ident(struct rt_l2cap_link *link);

/* The next request to be sent, as a packet; NULL if none can be. */
struct rt_pkt *rt_l2cap_req_pull(struct rt_l2cap_link *link);

#endif
