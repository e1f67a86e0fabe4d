/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_THEIRS_H
#define RT_L2CAP_THEIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/chan.h"

/*
 * The peer's half of a configuration (Core Vol 3 Part A 4.5, 7.1): what it
 * receives, as it asks for it, and what we do about that.
 */

/* The peer has said all that it wants in this round: config.parts. */
void rt_l2cap_theirs_decide(struct rt_l2cap_cmd *cmd,
			    struct rt_l2cap_chan *chan);

/* Answers one part of a request, which goes on. */
void rt_l2cap_theirs_answer_part(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_chan *chan);

/*
 * If a whole request on an open channel says no more than what is agreed: true,
 * and it has been answered.
 */
bool rt_l2cap_theirs_answer_settled(struct rt_l2cap_cmd *cmd,
				    struct rt_l2cap_chan *chan,
				    const struct rt_l2cap_opts *opts);

/* I-frames that we may send without an acknowledgement. */
uint16_t rt_l2cap_theirs_window(const struct rt_l2cap_chan *chan,
				const struct rt_l2cap_opts *opts);

/* Octets of an SDU that a frame of ours may have. */
uint16_t rt_l2cap_theirs_mps(const struct rt_l2cap_chan *chan,
			     const struct rt_l2cap_opts *opts);

#endif
