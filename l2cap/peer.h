/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_PEER_H
#define RT_L2CAP_PEER_H

#include <stdint.h>

#include "l2cap/req.h"
#include "l2cap/sig.h"

/*
 * What the host at the other end says that it can do: the information
 * exchange of a link (Core Vol 3 Part A 4.10 to 4.13), in both directions.
 *
 * Features and fixed channels are asked for once a link, when its first
 * channel is made. Nothing waits for them in Basic mode. Peers that reject the
 * question, refuse it, or never answer are taken to have neither.
 */

enum rt_l2cap_peer_state {
	RT_L2CAP_PEER_UNKNOWN,
	RT_L2CAP_PEER_ASKED_FEATURES,
	RT_L2CAP_PEER_ASKED_FIXED,
	RT_L2CAP_PEER_KNOWN,
};

/* Bits of the extended feature mask (4.12). */
#define RT_L2CAP_FEATURE_FIXED_CHANNELS 0x00000080

struct rt_l2cap_peer {
	enum rt_l2cap_peer_state state;
	uint32_t features; /* extended feature mask; 0 until known */
	uint64_t fixed;	   /* bit n: it has fixed channel n; 0 until known */
	struct rt_l2cap_req req;
};

/* Nothing is known yet. */
void rt_l2cap_peer_init(struct rt_l2cap_peer *peer);

/* Asks the peer of the link, which is open, unless that has been done. */
void rt_l2cap_peer_ask(struct rt_l2cap_link *link);

/* INFORMATION_REQ has arrived. */
void rt_l2cap_peer_on_req(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_req *msg);

/* INFORMATION_RSP has arrived. */
void rt_l2cap_peer_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_rsp *msg);

#endif
