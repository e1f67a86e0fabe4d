/* SPDX-License-Identifier: MIT */
#include "l2cap/chan.h"
#include "l2cap/data.h"
#include "l2cap/mode.h"

/*
 * Basic mode (Core Vol 3 Part A 2.4, 3.1): an SDU is a B-frame, and nothing is
 * copied: the body of the PDU that HCI sends is the user's memory, and HCI's
 * completion is the SDU's.
 */

static int begin(struct rt_l2cap_chan *chan)
{
	chan->rx_limit = chan->imtu;
	return 0;
}

static void end(struct rt_l2cap_chan *chan)
{
	(void)chan;
}

static void rx(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	chan->rx_frames++;
	rt_l2cap_sdu_deliver(chan, payload);
}

static bool pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	if (!rt_l2cap_sdu_pull(chan, pdu))
		return false;
	pdu->done.chan = chan->handle;
	chan->tx_frames++;
	return true;
}

static void info(const struct rt_l2cap_chan *chan,
		 struct rt_l2cap_info *ret_info)
{
	ret_info->tx_frames = chan->tx_frames;
	ret_info->rx_frames = chan->rx_frames;
}

const struct rt_l2cap_mode_ops rt_l2cap_basic_ops = {
	.begin = begin,
	.end = end,
	.rx = rx,
	.pull = pull,
	.info = info,
};
