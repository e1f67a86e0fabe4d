/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_SERVER_H
#define RT_SDP_SERVER_H

#include "l2cap/sdp/engine.h"

/*
 * The server (Core Vol 3 Part B 4): takes channels on PSM 1, and answers one
 * request at a time on each. It keeps nothing of a request but the response
 * that waits for the controller.
 */

/* A channel of a peer. */
struct rt_sdp_conn {
	struct rt_list node;
	struct rt_sdp *sdp;
	rt_handle chan;
	struct rt_timer timer;	 /* until the next request */
	struct rt_pkt *response; /* waits to be pulled; NULL: none */
	bool owes_error;	 /* an error response waits */
	uint16_t tid;		 /* of the error response */
	uint16_t code;
};

/* Listens on PSM 1. Returns as rt_l2cap_listen(). */
int rt_sdp_server_init(struct rt_sdp *sdp) RT_MUST_CHECK;

/* Listens no more and frees what is there. */
void rt_sdp_server_fini(struct rt_sdp *sdp);

/* Closes the channels; new ones are refused if sdp->stopping. */
void rt_sdp_server_close(struct rt_sdp *sdp);

#endif
