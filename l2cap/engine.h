/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ENGINE_H
#define RT_L2CAP_ENGINE_H

#include "hci/hci.h"
#include "l2cap/l2cap.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * The L2CAP engine of one host: it owns the listeners and the links; a link
 * owns its channels, echoes and signalling queues.
 */

#define RT_L2CAP_CID_SIGNALLING 0x0001
#define RT_L2CAP_CID_CONNECTIONLESS 0x0002
#define RT_L2CAP_CID_DYNAMIC 0x0040 /* the first of them; the last: 0xFFFF */
#define RT_L2CAP_CID_DYNAMIC_COUNT 0xffc0

/* The most connectionless data that we take, octets (4.13). */
#define RT_L2CAP_UCD_MTU 672

struct rt_l2cap_chan;

struct rt_l2cap {
	struct rt_env *env;
	struct rt_hci *hci;
	struct rt_slots chans;	/* of struct rt_l2cap_chan */
	struct rt_slots echoes; /* of struct rt_l2cap_echo */
	struct rt_list links;
	struct rt_list listeners;
	struct rt_list ucd_listeners; /* of connectionless data (ucd.c) */
	uint32_t ucd_listener_count;
	struct rt_list asks; /* of channels in CREDIT mode (ecfc_ask.c) */
	uint32_t listener_count;
	const struct rt_l2cap_chan *closing; /* `closed` is being called */
	const struct rt_l2cap_gate *gate;    /* NULL: none */
	void *gate_user;
	const struct rt_l2cap_tap *tap; /* NULL: none */
	void *tap_user;
	struct rt_l2cap_stats stats;
};

#endif
