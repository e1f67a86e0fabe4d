/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_DATA_H
#define RT_L2CAP_DATA_H

#include <stdbool.h>

#include "l2cap/chan.h"
#include "stack/base.h"
#include "stack/pdu.h"

/*
 * The data of a channel, between its link, its mode (mode.h) and its user.
 */

/*
 * Both halves are configured: the mode that was agreed on begins. Returns 0 or
 * -ENOMEM.
 */
int rt_l2cap_data_prepare(struct rt_l2cap_chan *chan) RT_MUST_CHECK;

/* The payload of a PDU to the channel has arrived. */
void rt_l2cap_data_rx(struct rt_l2cap_chan *chan, struct rt_bytes payload);

/* The channel has closed: tells the user of SDUs that never got there. */
void rt_l2cap_data_tell_unsent(struct rt_l2cap_chan *chan);

/* Frees what is kept of the channel's data, telling nobody. */
void rt_l2cap_data_free(struct rt_l2cap_chan *chan);

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

/* The same if there may be PDUs of the mode, whatever the user has. */
void rt_l2cap_data_requeue(struct rt_l2cap_chan *chan);

/* Fills *pdu with the next PDU of the channel; false if there is none now. */
bool rt_l2cap_data_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu);

#endif
