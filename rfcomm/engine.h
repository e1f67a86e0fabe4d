/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_ENGINE_H
#define RT_RFCOMM_ENGINE_H

#include <stdbool.h>

#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * L2CAP MTU that we propose for PSM 3 where nobody asks for longer frames:
 * with its header of four octets an RFCOMM frame of that size fills the 1021
 * octets of a 3-DH5 packet.
 */
#define RT_RFCOMM_AIR_BYTES 1021
#define RT_RFCOMM_MTU (RT_RFCOMM_AIR_BYTES - RT_L2CAP_HEADER_BYTES)

/* N1 of such a frame, if it has a credit octet. */
#define RT_RFCOMM_N1_AIR 1011

/* The security level of PSM 3 where no DLC says more or less (C:5.2.2.8). */
#define RT_RFCOMM_LEVEL_DEFAULT 2

/* N1, the most octets of information in a frame (R:5.3). */
#define RT_RFCOMM_N1_MIN 23
#define RT_RFCOMM_N1_MAX 32767

struct rt_rfcomm_listener {
	bool used;
	struct rt_rfcomm_params params;
};

struct rt_rfcomm {
	struct rt_env *env;
	struct rt_l2cap *l2cap;
	struct rt_slots slots;	 /* DLCs by handle */
	struct rt_list dlcs;	 /* all of them, by rt_rfcomm_dlc.all */
	struct rt_list sessions; /* by rt_rfcomm_session.node */
	struct rt_rfcomm_listener listener[RT_RFCOMM_CHANNEL_MAX + 1];
	struct rt_list tests;		  /* by rt_rfcomm_test.node */
	const struct rt_l2cap_gate *gate; /* NULL: none */
	void *gate_user;
	const struct rt_l2cap_tap *tap;
	void *tap_user;
	uint64_t idle_hold_us;
	uint16_t imtu; /* proposed on PSM 3 */
	bool stopping;
	struct rt_rfcomm_stats stats;
};

#endif
