/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_POLICY_H
#define RT_L2CAP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/l2cap.h"

/*
 * Which mode a channel gets (Core Vol 3 Part A 5.4): the questions that
 * l2cap/policy.def answers.
 */

/* What the user wants, or what an open channel has. */
enum rt_l2cap_wish {
#define WISH(name, ...) RT_L2CAP_WISH_##name,
#include "l2cap/policy.def"
#undef WISH
};

enum rt_l2cap_policy {
	RT_L2CAP_POLICY_ACCEPT,
	RT_L2CAP_POLICY_REFUSE,
	RT_L2CAP_POLICY_FOLLOW,
	RT_L2CAP_POLICY_AGAIN,
	RT_L2CAP_POLICY_CLOSE,
};

/* The wish of who asks for a mode; not CREDIT, which is not negotiated. */
enum rt_l2cap_wish rt_l2cap_policy_wish(enum rt_l2cap_mode mode, bool required);

/* The wish for a channel that is open in this mode. */
enum rt_l2cap_wish rt_l2cap_policy_keep(enum rt_l2cap_mode mode);

/*
 * The mode to ask a peer with these features for. False: none, the channel is
 * not to be.
 */
bool rt_l2cap_policy_ask(enum rt_l2cap_wish wish, uint32_t features,
			 enum rt_l2cap_mode *ret_mode) RT_MUST_CHECK;

/* What becomes of a request of the peer with this mode (5.4, any octet). */
enum rt_l2cap_policy rt_l2cap_policy_on_request(enum rt_l2cap_wish wish,
						uint8_t mode);

/* What becomes of our request if the peer refuses it and names this mode. */
enum rt_l2cap_policy rt_l2cap_policy_on_refusal(enum rt_l2cap_wish wish,
						uint8_t mode);

#endif
