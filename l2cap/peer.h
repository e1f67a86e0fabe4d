/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_PEER_H
#define RT_L2CAP_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/req.h"
#include "l2cap/sig.h"

/*
 * What the host at the other end says that it can do: the information
 * exchange of a link (Core Vol 3 Part A 4.10 to 4.13), in both directions.
 *
 * Features are asked for once a link, when its first channel is made; fixed
 * channels and the connectionless MTU after them, of who claims to have such.
 * Only a channel that wants another mode than Basic waits for the features.
 * Peers that reject a question, refuse it, or never answer are taken to have
 * none of it.
 */

struct rt_l2cap;
struct rt_l2cap_link;

enum rt_l2cap_peer_state {
	RT_L2CAP_PEER_UNKNOWN,
	RT_L2CAP_PEER_ASKED_FEATURES,
	RT_L2CAP_PEER_ASKED_FIXED,
	RT_L2CAP_PEER_ASKED_UCD_MTU,
	RT_L2CAP_PEER_KNOWN,
};

/* Bits of the extended feature mask (4.12) that concern us. */
#define RT_L2CAP_FEATURE_ERTM 0x00000008
#define RT_L2CAP_FEATURE_STREAMING 0x00000010
#define RT_L2CAP_FEATURE_FCS 0x00000020
#define RT_L2CAP_FEATURE_FIXED_CHANNELS 0x00000080
#define RT_L2CAP_FEATURE_EXTENDED_WINDOW 0x00000100
#define RT_L2CAP_FEATURE_UCD 0x00000200
#define RT_L2CAP_FEATURE_CREDIT 0x00000400

struct rt_l2cap_peer {
	enum rt_l2cap_peer_state state;
	uint32_t features; /* extended feature mask; 0 until known */
	uint64_t fixed;	   /* bit n: it has fixed channel n; 0 until known */
	uint16_t ucd_mtu;  /* of connectionless data; 48 until known */
	struct rt_l2cap_req req;
};

/* Nothing is known yet. */
void rt_l2cap_peer_init(struct rt_l2cap_peer *peer);

/* Asks the peer of the link, which is open, unless that has been done. */
void rt_l2cap_peer_ask(struct rt_l2cap_link *link);

/* True if the peer has told its features, or will not. */
bool rt_l2cap_peer_is_known(const struct rt_l2cap_link *link);

/* Its extended feature mask; 0 until known. */
uint32_t rt_l2cap_peer_features(const struct rt_l2cap_link *link);

/* The most connectionless data that it takes, octets; 48 until known. */
uint16_t rt_l2cap_peer_ucd_mtu(const struct rt_l2cap_link *link);

/* Our own extended feature mask, as it is now. */
uint32_t rt_l2cap_peer_our_features(const struct rt_l2cap *l2cap);

/* INFORMATION_REQ has arrived. */
void rt_l2cap_peer_on_req(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_req *msg);

/* INFORMATION_RSP has arrived. */
void rt_l2cap_peer_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_rsp *msg);

#endif
