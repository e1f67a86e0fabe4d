/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_CLIENT_H
#define RT_SDP_CLIENT_H

#include "l2cap/sdp/engine.h"

/*
 * The channel on which we ask one device. Lookups stand in line for it: one
 * request is out at a time (Core Vol 3 Part B 4.2), and one lookup at a time
 * is served. It stays open for a while when the last one is over.
 */

struct rt_sdp_lookup;

/* What we receive: a packet of type 3-DH5 carries it whole. */
#define RT_SDP_CLIENT_MTU 1017

enum rt_sdp_client_state {
#define STATE(name, stay_us, next) RT_SDP_CLIENT_##name,
#define WHY(name, text)
#include "l2cap/sdp/client.def"
#undef STATE
#undef WHY
};

enum rt_sdp_client_why {
#define STATE(name, stay_us, next)
#define WHY(name, text) RT_SDP_CLIENT_WHY_##name,
#include "l2cap/sdp/client.def"
#undef STATE
#undef WHY
};

struct rt_sdp_client {
	struct rt_list node;
	struct rt_grave grave;
	struct rt_sdp *sdp;
	struct rt_addr addr;
	rt_handle chan; /* 0: none */
	struct rt_timer timer;
	struct rt_list lookups; /* the first is served when ASKING */
	uint16_t tid;		/* of the last request */
	uint8_t state;		/* enum rt_sdp_client_state */
	bool unsent;		/* ASKING: the request has not been pulled */
	int err;		/* ASKING: the request cannot be sent; or 0 */
	uint32_t answers;	/* that came on this channel */
};

/*
 * Puts the lookup in line for the device. Returns 0, or what
 * rt_l2cap_connect() gives, or -ENOMEM: the lookup is in no line then.
 */
int rt_sdp_client_add(struct rt_sdp *sdp, struct rt_addr addr,
		      struct rt_sdp_lookup *lookup) RT_MUST_CHECK;

/* Forgets a lookup, wherever it is. */
void rt_sdp_client_cancel(struct rt_sdp_lookup *lookup);

/* Gives up all lookups, whose users are told, and closes the channels. */
void rt_sdp_client_shutdown(struct rt_sdp *sdp);

/* Frees all clients with their lookups at once. */
void rt_sdp_client_free_all(struct rt_sdp *sdp);

#endif
