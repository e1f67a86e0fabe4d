/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_OURS_H
#define RT_L2CAP_OURS_H

#include "l2cap/chan.h"

/*
 * Our half of a configuration (Core Vol 3 Part A 4.4, 7.1): what we ask for,
 * and what we ask for next when the peer does not agree.
 */

/*
 * The mode is chosen: asks. If the peer lacks what is required, the channel is
 * closed instead.
 */
void rt_l2cap_ours_begin(struct rt_l2cap_chan *chan);

/* Asks again, or for the first time, for what is wanted now. */
void rt_l2cap_ours_ask(struct rt_l2cap_chan *chan);

/* The peer has answered our request, not with "pending". */
void rt_l2cap_ours_on_rsp(struct rt_l2cap_chan *chan,
			  const struct rt_l2cap_conf_rsp *msg);

/* The RFC option (5.4) for what we receive in the mode; all 0 for Basic. */
struct rt_l2cap_opt_rfc rt_l2cap_ours_rfc(const struct rt_l2cap_chan *chan,
					  enum rt_l2cap_mode mode);

#endif
