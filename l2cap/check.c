/* SPDX-License-Identifier: MIT */
#include "l2cap/check.h"

#include <stdbool.h>

#include "l2cap/chan.h"
#include "l2cap/echo.h"
#include "l2cap/engine.h"
#include "l2cap/ertm.h"
#include "l2cap/link.h"

/* True if the request of the channel is under way, and ends some time. */
static bool asks(const struct rt_l2cap_chan *chan)
{
	/* In CREDIT mode one request is made for several channels. */
	return chan->params.mode == RT_L2CAP_MODE_CREDIT ||
	       (chan->req.link == chan->link && chan->req.timer.armed);
}

static const char *check_config(const struct rt_l2cap_chan *chan)
{
	const bool pending = chan->req.link && chan->req.pending_us != 0;

	if (chan->timer.armed == pending)
		return "CONFIG is ended by the state's timer or by ERTX";
	if (chan->config.ours_done && chan->config.theirs_done)
		return "a channel opens when both halves are configured";
	if (!chan->config.ours_done && !asks(chan) &&
	    !chan->link->peer.req.timer.armed)
		return "our half of a configuration has a request under way";
	return NULL;
}

static const char *check_open(const struct rt_l2cap_chan *chan)
{
	if (chan->timer.armed)
		return "OPEN has no timer";
	if (!chan->opened || !chan->mode)
		return "an open channel has a mode";
	if (chan->omtu == 0 || chan->rx_limit == 0)
		return "an open channel has an MTU in both directions";
	return rt_l2cap_ertm_check(chan);
}

/* What a state demands of the channel's timers. */
static const char *check_state(const struct rt_l2cap_chan *chan)
{
	switch (chan->state) {
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_CLOSED:
		return "NEW and CLOSED channels are not seen between steps";
	case RT_L2CAP_CHAN_WAIT_LINK:
		return chan->timer.armed ? "WAIT_LINK is ended by HCI" : NULL;
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
		if (chan->timer.armed)
			return "a request is ended by its own timer";
		return asks(chan) ? NULL : "a request has its timer";
	case RT_L2CAP_CHAN_WAIT_GATE:
	case RT_L2CAP_CHAN_WAIT_SECURITY:
	case RT_L2CAP_CHAN_WAIT_CONNECT:
	case RT_L2CAP_CHAN_GIVEN_UP:
		return chan->timer.armed ? NULL : "a wait has its timer";
	case RT_L2CAP_CHAN_CONFIG:
		return check_config(chan);
	case RT_L2CAP_CHAN_OPEN:
		return check_open(chan);
	case RT_L2CAP_CHAN_DRAIN:
		return chan->timer.armed || chan->in_flight > 0
			       ? NULL
			       : "DRAIN waits for SDUs or for its timer";
	}
	return "a channel is in one of its states";
}

/* Channel ids, ours and the peer's (2.1). */
static const char *check_ids(const struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_link *link = chan->link;

	if (chan->scid < RT_L2CAP_CID_DYNAMIC)
		return "our channel ids are dynamic ones";
	if (rt_l2cap_chan_by_scid(link, chan->scid) != chan)
		return "our channel ids are unique on a link";
	if (chan->dcid == 0)
		return rt_l2cap_chan_exists(chan)
			       ? "the peer's id of a connected channel is known"
			       : NULL;
	if (chan->dcid < RT_L2CAP_CID_DYNAMIC)
		return "the peer's channel ids are dynamic ones";
	if (rt_l2cap_chan_needs_link(chan) &&
	    rt_l2cap_chan_by_dcid(link, chan->dcid) != chan)
		return "the peer's channel ids are unique on a link";
	return NULL;
}

static const char *check_chan(const struct rt_l2cap_link *link,
			      const struct rt_l2cap_chan *chan)
{
	const char *wrong;

	if (chan->link != link || chan->l2cap != link->l2cap)
		return "a channel is on its link";
	if (rt_slots_get(&link->l2cap->chans, chan->handle) != chan)
		return "a channel is found by its handle";
	if (!rt_list_empty(&chan->ready) && chan->state != RT_L2CAP_CHAN_OPEN)
		return "only open channels have something to send";
	if (!rt_list_empty(&chan->ready) && chan->suspended)
		return "a suspended channel sends nothing";
	if (chan->suspended != chan->suspension.armed)
		return "a suspension has its timer";
	if (chan->suspended && chan->params.security.level == 0)
		return "only channels with a need are suspended";
	if (chan->mode && !rt_l2cap_chan_exists(chan))
		return "a mode ends with its channel";
	if (chan->early_count > 0 && chan->state == RT_L2CAP_CHAN_OPEN)
		return "what came early has been handed over";
	wrong = check_ids(chan);
	return wrong ? wrong : check_state(chan);
}

static const char *check_chans(const struct rt_l2cap_link *link, size_t *count)
{
	const struct rt_l2cap_chan *chan;
	const char *wrong;

	RT_LIST_EACH (chan, &link->chans, node) {
		wrong = check_chan(link, chan);
		if (wrong)
			return wrong;
		(*count)++;
	}
	return NULL;
}

/* True if a later request of the link has the identifier too. */
static bool is_shared(const struct rt_l2cap_link *link,
		      const struct rt_l2cap_req *req)
{
	const struct rt_l2cap_req *other;

	RT_LIST_EACH (other, &link->reqs, node) {
		if (other != req && other->ident == req->ident)
			return true;
	}
	return false;
}

static const char *check_reqs(const struct rt_l2cap_link *link)
{
	const struct rt_l2cap_req *req;

	RT_LIST_EACH (req, &link->reqs, node) {
		if (req->link != link)
			return "a request is on its link";
		if (!req->timer.armed)
			return "a request has its timer";
		if (req->ident == 0 && !req->owed)
			return "a request is sent with an identifier";
		if (req->ident != 0 && is_shared(link, req))
			return "identifiers of requests under way are unique";
	}
	return NULL;
}

static const char *check_echoes(const struct rt_l2cap_link *link, size_t *count)
{
	const struct rt_l2cap_echo *echo;

	RT_LIST_EACH (echo, &link->echoes, node) {
		if (echo->link != link)
			return "an echo is on its link";
		if (echo->req.link && !echo->req.timer.armed)
			return "an echo has its timer";
		(*count)++;
	}
	return NULL;
}

static const char *check_link(const struct rt_l2cap *l2cap,
			      const struct rt_l2cap_link *link)
{
	const struct rt_list *reply;
	uint32_t replies = 0;

	if (link->l2cap != l2cap || !link->hci)
		return "a link has its engine and HCI's link";
	for (reply = link->replies.next; reply != &link->replies;
	     reply = reply->next)
		replies++;
	if (replies != link->reply_count)
		return "queued answers are counted";
	return check_reqs(link);
}

const char *rt_l2cap_check(const struct rt_l2cap *l2cap)
{
	const struct rt_l2cap_link *link;
	const char *wrong = NULL;
	size_t echoes = 0;
	size_t chans = 0;

	RT_LIST_EACH (link, &l2cap->links, node) {
		wrong = check_link(l2cap, link);
		if (!wrong)
			wrong = check_chans(link, &chans);
		if (!wrong)
			wrong = check_echoes(link, &echoes);
		if (wrong)
			return wrong;
	}
	if (chans != l2cap->chans.used)
		return "every channel is on a link";
	if (echoes != l2cap->echoes.used)
		return "every echo is on a link";
	return NULL;
}
