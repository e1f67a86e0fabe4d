/* SPDX-License-Identifier: MIT */
#include "l2cap/info.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"

static struct rt_l2cap_info info_of(const struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_agreed *agreed = &chan->agreed;
	struct rt_l2cap_info info = {
		.peer = chan->link->addr,
		.incoming = chan->incoming,
		.open = chan->state == RT_L2CAP_CHAN_OPEN,
		.suspended = chan->suspended,
		.psm = chan->psm,
		.scid = chan->scid,
		.dcid = chan->dcid,
		.imtu = chan->imtu,
		.omtu = chan->omtu,
		.mode = agreed->mode,
		.fcs = agreed->fcs,
		.extended = agreed->extended,
		.tx_window = agreed->tx_window,
		.rx_window = agreed->rx_window,
		.tx_mps = agreed->tx_mps,
		.rx_mps = agreed->rx_mps,
		.max_transmit = agreed->max_transmit,
	};

	if (chan->mode && chan->mode->info)
		chan->mode->info(chan, &info);
	return info;
}

void rt_l2cap_info_keep(struct rt_l2cap_chan *chan)
{
	chan->last = info_of(chan);
	chan->last.open = false;
	chan->last.suspended = false;
	chan->ended = true;
}

/* The channel of the handle, or the one whose end is being told. */
static const struct rt_l2cap_chan *find(const struct rt_l2cap *l2cap,
					rt_handle handle)
{
	if (l2cap->closing && l2cap->closing->handle == handle)
		return l2cap->closing;
	return rt_l2cap_chan_get(l2cap, handle);
}

int rt_l2cap_get_info(const struct rt_l2cap *l2cap, rt_handle chan,
		      struct rt_l2cap_info *ret_info)
{
	const struct rt_l2cap_chan *c = find(l2cap, chan);

	if (!c)
		return -ENOENT;
	*ret_info = c->ended ? c->last : info_of(c);
	return 0;
}
