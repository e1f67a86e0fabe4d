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
#define RT_L2CAP_CID_DYNAMIC 0x0040 /* the first of them; the last: 0xFFFF */
#define RT_L2CAP_CID_DYNAMIC_COUNT 0xffc0

struct rt_l2cap {
	struct rt_env *env;
	struct rt_hci *hci;
	struct rt_slots chans;	/* of struct rt_l2cap_chan */
	struct rt_slots echoes; /* of struct rt_l2cap_echo */
	struct rt_list links;
	struct rt_list listeners;
	uint32_t listener_count;
	struct rt_l2cap_stats stats;
};

#endif
