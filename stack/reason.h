/* SPDX-License-Identifier: MIT */
#ifndef RT_REASON_H
#define RT_REASON_H

#include <stdint.h>

/*
 * Why something ended: kept from where it happened up to the user.
 */

enum rt_layer {
	RT_LAYER_NONE,
	RT_LAYER_TRANSPORT, /* code: errno of the transport */
	RT_LAYER_HCI,	    /* code: HCI error code (Core Vol 1 Part F) */
	RT_LAYER_L2CAP,	    /* code: enum rt_l2cap_code, see l2cap/l2cap.h */
	RT_LAYER_RFCOMM,    /* code: enum rt_rfcomm_code, see rfcomm/rfcomm.h */
	RT_LAYER_SDP,	    /* code: enum rt_sdp_code, see l2cap/sdp.h */
	RT_LAYER_SECURITY,  /* code: enum rt_sec_code, see hci/security.h */
	RT_LAYER_API,	    /* code: 0; err says it */
};

/* What was going on when it ended. */
enum rt_phase {
	RT_PHASE_NONE,
	RT_PHASE_OPEN,	     /* taking the controller, bringing it up */
	RT_PHASE_PAGE,	     /* creating the ACL link */
	RT_PHASE_PAIR,	     /* authentication, encryption */
	RT_PHASE_CONNECT,    /* L2CAP connection request */
	RT_PHASE_CONFIGURE,  /* L2CAP configuration */
	RT_PHASE_SESSION,    /* RFCOMM multiplexer start-up */
	RT_PHASE_NEGOTIATE,  /* RFCOMM PN, SABM, MSC */
	RT_PHASE_LOOKUP,     /* asking for a service */
	RT_PHASE_TRANSFER,   /* open */
	RT_PHASE_DISCONNECT, /* closing */
};

struct rt_reason {
	uint8_t layer; /* enum rt_layer */
	uint8_t phase; /* enum rt_phase */
	uint16_t code;
	int err; /* negative errno, as the kernel would give; 0: orderly */
	uint32_t frame; /* packet of the capture that brought it; 0: none */
	uint64_t elapsed_us; /* since the phase's operation began */
};

#endif
