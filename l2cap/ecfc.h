/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ECFC_H
#define RT_L2CAP_ECFC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/l2cap.h"
#include "l2cap/sig.h"
#include "stack/list.h"

/*
 * The signalling of Enhanced Credit Based Flow Control on BR/EDR (Core Vol 3
 * Part A 4.24 to 4.28): channels are opened up to five at a time, and there is
 * no configuration; what they carry is the affair of credit.h.
 *
 *	ecfc_ask.h	requests of ours
 *	ecfc_offer.h	requests of the peers
 *	ecfc_reconf.h	larger MTUs, other MPSs, of both
 *
 * The five codes are handled while somebody listens in this mode, or the link
 * has a channel of it; otherwise the peer gets Command Reject, "not
 * understood", as for any code that a host does not have.
 *
 * For a channel in this mode the functions below stand in for those of
 * connect.h, which call them.
 */

struct rt_l2cap_chan;
struct rt_l2cap_link;
struct rt_l2cap_listener;

/* Results (4.26): a refusal is of all channels, or, where said, of some. */
enum rt_l2cap_ecfc_result {
	RT_L2CAP_ECFC_SUCCESS = 0x0000,
	RT_L2CAP_ECFC_NO_SPSM = 0x0002,
	RT_L2CAP_ECFC_NO_RESOURCES = 0x0004, /* some */
	RT_L2CAP_ECFC_NO_AUTHENTICATION = 0x0005,
	RT_L2CAP_ECFC_NO_AUTHORIZATION = 0x0006,
	RT_L2CAP_ECFC_KEY_TOO_SHORT = 0x0007,
	RT_L2CAP_ECFC_NO_ENCRYPTION = 0x0008,
	RT_L2CAP_ECFC_INVALID_SCID = 0x0009, /* some */
	RT_L2CAP_ECFC_SCID_IN_USE = 0x000a,  /* some */
	RT_L2CAP_ECFC_UNACCEPTABLE = 0x000b,
	RT_L2CAP_ECFC_INVALID = 0x000c,
	RT_L2CAP_ECFC_PENDING = 0x000d,
	RT_L2CAP_ECFC_PENDING_AUTHENTICATION = 0x000e,
	RT_L2CAP_ECFC_PENDING_AUTHORIZATION = 0x000f,
};

/* What a link keeps for it. */
struct rt_l2cap_ecfc {
	struct rt_list offers;	/* of struct rt_l2cap_ecfc_offer */
	struct rt_list reconfs; /* of struct reconf */
	struct rt_list grants;	/* of channels that owe credits */
	uint16_t last_cid;	/* given to a channel of this mode */
};

/* Channel ids of one command, 1 to 5. */
struct rt_l2cap_cids {
	size_t count;
	uint16_t cid[RT_L2CAP_CREDIT_CHANNELS_MAX];
};

/* Prepares the part of a link. */
void rt_l2cap_ecfc_init(struct rt_l2cap_ecfc *ecfc);

/* The link is down, or goes: frees what waits on it. Tells nobody. */
void rt_l2cap_ecfc_free(struct rt_l2cap_link *link);

/* True if the link has to do with the five codes. */
bool rt_l2cap_ecfc_is_on(const struct rt_l2cap_link *link);

/* True if anybody listens in this mode: what the peers are told (4.12). */
bool rt_l2cap_ecfc_listens(const struct rt_l2cap *l2cap);

/* Who listens on the SPSM in this mode, or NULL. */
const struct rt_l2cap_listener *
rt_l2cap_ecfc_listener(const struct rt_l2cap *l2cap, uint16_t spsm);

/*
 * A free channel id of ours from 0x0040 to 0x007F, each in its turn, or a
 * higher one if there is none.
 */
uint16_t rt_l2cap_ecfc_next_cid(struct rt_l2cap_link *link);

/*
 * Reads the channel ids at the end of a command; `least` 0 allows for none.
 * False if there are too few, more than five, or half of one.
 */
bool rt_l2cap_ecfc_read_cids(struct rt_bytes tail, size_t least,
			     struct rt_l2cap_cids *ret_cids);

/* True if the peer may use one of the ids at least for a new channel. */
bool rt_l2cap_ecfc_any_is_free(const struct rt_l2cap_link *link,
			       const struct rt_l2cap_cids *scids);

/*
 * Writes them to `buf`, of 2 octets each.
 */
struct rt_bytes rt_l2cap_ecfc_write_cids(const struct rt_l2cap_cids *cids,
					 uint8_t *buf);

/* True for the results that another one will follow. */
bool rt_l2cap_ecfc_is_pending(uint16_t result);

/* True for the refusals that leave the other channels alone. */
bool rt_l2cap_ecfc_is_of_some(uint16_t result);

/* What the peer is told of what the gate says: success, pending, refused. */
uint16_t rt_l2cap_ecfc_result_of(enum rt_l2cap_verdict verdict);

/* The link of a channel of ours is open. */
void rt_l2cap_ecfc_on_up(struct rt_l2cap_chan *chan);

/* What the security gate says of the link's peer may be different. */
void rt_l2cap_ecfc_gate_changed(struct rt_l2cap_link *link);

/* A channel has waited for the security gate for too long. */
void rt_l2cap_ecfc_on_gate(struct rt_l2cap_chan *chan);

/* The user accepts a channel of the peer that was answered "pending". */
void rt_l2cap_ecfc_accept(struct rt_l2cap_chan *chan);

/* The user refuses it; the caller ends the channel. */
void rt_l2cap_ecfc_refuse(struct rt_l2cap_chan *chan);

/*
 * The channel ends: the request that it is a part of, ours or the peer's, goes
 * on without it. Does nothing if there is none.
 */
void rt_l2cap_ecfc_leave(struct rt_l2cap_chan *chan);

/* FLOW_CONTROL_CREDIT_IND has arrived (4.24). It has no answer. */
void rt_l2cap_ecfc_on_credit_ind(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_credit_ind *msg);

#endif
