/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_LISTENER_H
#define RT_L2CAP_LISTENER_H

#include <stdint.h>

#include "l2cap/engine.h"
#include "l2cap/l2cap.h"
#include "stack/list.h"

/* A PSM that the host offers (Core Vol 3 Part A 4.2). */
struct rt_l2cap_listener {
	struct rt_list node; /* on l2cap->listeners */
	uint16_t psm;
	struct rt_l2cap_params params; /* of the channels */
};

/* Who listens on the PSM, or NULL. */
struct rt_l2cap_listener *rt_l2cap_listener_find(const struct rt_l2cap *l2cap,
						 uint16_t psm);

/* Removes the listener; its channels are not touched. */
void rt_l2cap_listener_free(struct rt_l2cap *l2cap,
			    struct rt_l2cap_listener *listener);

#endif
