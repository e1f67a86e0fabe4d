/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_DATA_H
#define RT_L2CAP_DATA_H

#include <stdbool.h>

#include "l2cap/chan.h"
#include "stack/base.h"
#include "stack/pdu.h"

/*
 * The SDUs of a channel in Basic mode (Core Vol 3 Part A 2.4, 3.1): each is
 * one B-frame, nothing is copied.
 */

/* An SDU has arrived. */
void rt_l2cap_data_rx(struct rt_l2cap_chan *chan, struct rt_bytes sdu);

/*
 * The channel has just opened for the first time: tells the user, and hands
 * over what came too early.
 */
void rt_l2cap_data_begin(struct rt_l2cap_chan *chan);

/*
 * The user may have SDUs: puts the channel behind the others that are ready,
 * if it is open. HCI is not told.
 */
void rt_l2cap_data_queue(struct rt_l2cap_chan *chan);

/* Fills *pdu with the next SDU of the user; false if there is none now. */
bool rt_l2cap_data_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu);

/* HCI is done with an SDU. */
void rt_l2cap_data_completed(struct rt_l2cap_chan *chan,
			     const struct rt_done *done, bool written);

#endif
