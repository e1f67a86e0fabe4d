/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_RAW_H
#define RT_L2CAP_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/list.h"
#include "stack/pdu.h"
#include "stack/slots.h"
#include "stack/timer.h"

/*
 * PDUs that belong to no channel of ours, and the tap: what research needs of
 * a link. Connectionless data (ucd.h) waits in the same queue.
 *
 * A PDU of ours that a tap drops has been pulled and never reaches HCI. Its
 * channel must hear of it nevertheless, or would wait for ever: it is told
 * that the SDU is written, as it would be of one that is lost in the air. It
 * is told in the order of its SDUs, when HCI has completed those pulled before:
 * the octets of these still stand in the user's memory, which a completion out
 * of order would release. And it is told on a stack of its own, never from
 * inside HCI's pull. Dropped signalling is lost; RTX brings a request again.
 *
 * With a tap HCI is told to take PDUs of any length for any channel id, as the
 * tap is to see them; what the stack does not want is thrown away after that.
 */

struct rt_l2cap;
struct rt_l2cap_link;

/* What a link keeps for it. */
struct rt_l2cap_raw {
	struct rt_list queue; /* PDUs to be sent */
	uint32_t count;	      /* of them */
	struct rt_list lost;  /* PDUs that the tap dropped, of channels */
	struct rt_timer timer;
	bool held; /* the link is wanted without a channel */
};

/* Who sees a PDU of the queue before it leaves. */
enum rt_l2cap_seen {
	RT_L2CAP_SEEN_BY_TAP,
	RT_L2CAP_SEEN_BY_NOBODY,
};

/* The open link with `addr`, or NULL. */
struct rt_l2cap_link *rt_l2cap_raw_link(const struct rt_l2cap *l2cap,
					struct rt_addr addr);

/* Prepares the part of a link. */
void rt_l2cap_raw_init(struct rt_l2cap_raw *raw);

/*
 * The link is down. Tells channels that what the tap dropped, and they have
 * not heard of, is not written. Calls users.
 */
void rt_l2cap_raw_on_down(struct rt_l2cap_link *link);

/* Frees what waits. Tells nobody. */
void rt_l2cap_raw_free(struct rt_l2cap_link *link);

/*
 * Queues a PDU: `head`, of which the payload begins, and `data` behind it.
 * Returns 0, -ENOSPC (limit) or -ENOMEM.
 */
int rt_l2cap_raw_queue(struct rt_l2cap_link *link, uint16_t cid,
		       enum rt_l2cap_seen seen, struct rt_bytes head,
		       struct rt_bytes data) RT_MUST_CHECK;

/*
 * Fills *pdu with the payload of the next PDU of the queue and sets the rest.
 * False if there is none.
 */
bool rt_l2cap_raw_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu,
		       uint16_t *ret_cid, enum rt_l2cap_seen *ret_seen);

/* Shows the tap a payload that has arrived. False: it is dropped. */
bool rt_l2cap_raw_tap_rx(struct rt_l2cap_link *link, uint16_t cid,
			 struct rt_bytes payload);

/*
 * Shows the tap the payload of a PDU that is to leave. False: it is dropped;
 * *pdu holds nothing any more. One for which there is no memory to show it
 * leaves unseen.
 */
bool rt_l2cap_raw_tap_tx(struct rt_l2cap_link *link, uint16_t cid,
			 struct rt_pdu *pdu);

/* Wakes the link on a stack of its own, soon. */
void rt_l2cap_raw_wake(struct rt_l2cap_link *link);

/* HCI is done with a PDU of the channel. */
void rt_l2cap_raw_on_completed(struct rt_l2cap_link *link, rt_handle chan);

#endif
