/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ECHO_H
#define RT_L2CAP_ECHO_H

#include "l2cap/l2cap.h"
#include "l2cap/req.h"
#include "l2cap/sig.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/* An echo request of ours (Core Vol 3 Part A 4.8, 4.9). */
struct rt_l2cap_echo {
	struct rt_list node; /* on link->echoes */
	struct rt_l2cap *l2cap;
	struct rt_l2cap_link *link;
	const struct rt_l2cap_echo_ops *ops;
	void *user;
	rt_handle handle;
	uint64_t since_us; /* asked for, or sent */
	struct rt_l2cap_req req;
	uint8_t bytes; /* of data */
	uint8_t data[RT_L2CAP_SIG_DATA_BYTES];
	struct rt_grave grave;
};

/* Frees an echo at once. Tells nobody. */
void rt_l2cap_echo_free(struct rt_l2cap_echo *echo);

/* Puts an echo that waits for its link on another one. */
void rt_l2cap_echo_move(struct rt_l2cap_echo *echo, struct rt_l2cap_link *link);

/* The link is open: ECHO_REQ. */
void rt_l2cap_echo_on_up(struct rt_l2cap_echo *echo);

/* The link has gone. Tells the user. */
void rt_l2cap_echo_on_down(struct rt_l2cap_echo *echo,
			   const struct rt_reason *why);

/* ECHO_RSP has arrived. */
void rt_l2cap_echo_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_echo_rsp *msg);

#endif
