/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_INFO_H
#define RT_L2CAP_INFO_H

#include "l2cap/l2cap.h"

struct rt_l2cap_chan;

/* What is known of a channel, also when its mode has ended. */

/* The mode of the channel is about to end: keeps its figures. */
void rt_l2cap_info_keep(struct rt_l2cap_chan *chan);

#endif
