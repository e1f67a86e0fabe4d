/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_LINK_H
#define RT_L2CAP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/peer.h"
#include "l2cap/raw.h"
#include "l2cap/ucd.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * What L2CAP keeps for an ACL link, from when a channel or an echo asks for
 * it, or a peer has opened it, until HCI says that it is down.
 *
 * The link is used while a channel or an echo needs it; HCI closes it some
 * time after that.
 */

struct rt_l2cap_link {
	struct rt_list node; /* on l2cap->links */
	struct rt_l2cap *l2cap;
	struct rt_hci_link *hci; /* NULL: down, will be freed */
	struct rt_addr addr;
	struct rt_list chans;	/* of rt_l2cap_chan.node */
	struct rt_list echoes;	/* of rt_l2cap_echo.node */
	struct rt_list ready;	/* of rt_l2cap_chan.ready: to be pulled */
	struct rt_list replies; /* of rt_pkt.node: answers to be sent */
	struct rt_list reqs;	/* of rt_l2cap_req.node: ours under way */
	struct rt_l2cap_raw raw;
	struct rt_l2cap_ecfc ecfc;
	struct rt_l2cap_ucd ucd;
	struct rt_l2cap_peer peer;
	uint32_t reply_count;
	uint16_t last_cid;
	uint8_t last_ident;
	bool echo_queued; /* an echo response is among the replies */
	bool used;	  /* as HCI was told */
	bool cancelled;	  /* HCI was told to give it up */
	struct rt_grave grave;
};

/* What HCI calls; its user is the struct rt_l2cap. */
extern const struct rt_hci_link_ops rt_l2cap_link_ops;

/*
 * The link to `addr`, the one there is or a new one. Returns 0, or what
 * rt_hci_link_connect() returns, or -ENOMEM.
 */
int rt_l2cap_link_get(struct rt_l2cap *l2cap, struct rt_addr addr,
		      struct rt_l2cap_link **ret_link) RT_MUST_CHECK;

/* Frees the link, which has neither channels nor echoes, at once. */
void rt_l2cap_link_free(struct rt_l2cap_link *link);

/* True if requests can be sent on it now. */
bool rt_l2cap_link_is_open(const struct rt_l2cap_link *link);

/*
 * A channel or an echo has come or gone: tells HCI if that makes a
 * difference, and gives a link attempt up that nobody waits for.
 */
void rt_l2cap_link_update(struct rt_l2cap_link *link);

/*
 * Hands a payload to whom it concerns, if it is not longer than that one
 * wants. What this sets off may bring the link down.
 */
void rt_l2cap_link_deliver(struct rt_l2cap_link *link, uint16_t cid,
			   struct rt_bytes payload);

/*
 * A channel has opened or closed: the controller shall give data up after the
 * shortest flush timeout of those that are open (A:5.2).
 */
void rt_l2cap_link_flush(struct rt_l2cap_link *link);

/* There is something to be pulled. */
void rt_l2cap_link_wake(struct rt_l2cap_link *link);

/* A free channel id of ours, each in its turn; there are more than channels. */
uint16_t rt_l2cap_link_next_cid(struct rt_l2cap_link *link);

#endif
