/* SPDX-License-Identifier: MIT */
#include "rfcomm/channel.h"

#include <errno.h>

#include "rfcomm/code.h"
#include "rfcomm/control.h"
#include "rfcomm/dlc.h"
#include "rfcomm/frame.h"
#include "rfcomm/raw.h"
#include "rfcomm/rx.h"
#include "rfcomm/timers.h"

static const struct rt_l2cap_ops session_ops;

/* What the channel asks for: as much as the DLC that it is opened for. */
static struct rt_sec_need need_of(const struct rt_rfcomm_session *session)
{
	const struct rt_rfcomm_dlc *dlc =
		RT_LIST_FIRST(&session->dlcs, struct rt_rfcomm_dlc, node);

	return dlc ? dlc->need
		   : (struct rt_sec_need){ .level = RT_RFCOMM_LEVEL_DEFAULT };
}

int rt_rfcomm_channel_connect(struct rt_rfcomm_session *session)
{
	const struct rt_l2cap_params params = {
		.ops = &session_ops,
		.user = session,
		.imtu = session->imtu,
		.security = need_of(session),
		.one_at_a_time = true,
	};

	session->initiator = true;
	return rt_l2cap_connect(session->rfcomm->l2cap, session->peer,
				RT_L2CAP_PSM_RFCOMM, &params, &session->chan);
}

void rt_rfcomm_channel_connect_again(struct rt_rfcomm_session *session)
{
	struct rt_reason why;
	int err;

	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_CONNECT,
				RT_RFCOMM_SESSION_WHY_AGAIN);
	err = rt_rfcomm_channel_connect(session);
	if (!err)
		return;
	why = (struct rt_reason){
		.layer = RT_LAYER_RFCOMM,
		.phase = RT_PHASE_SESSION,
		.code = RT_RFCOMM_SESSION_LOST,
		.err = err,
	};
	rt_rfcomm_session_bury(session, RT_RFCOMM_SESSION_WHY_NO_CHANNEL, &why);
}

static void retry_later(struct rt_rfcomm_session *session)
{
	session->tries++;
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_RETRY,
				RT_RFCOMM_SESSION_WHY_GAVE_UP);
	rt_rfcomm_session_arm_random(session, RT_RFCOMM_RETRY_MIN_US,
				     RT_RFCOMM_RETRY_SPAN_US);
}

/* Takes the peer's channel whose answer was held back; false if it is gone. */
static bool adopt_parked(struct rt_rfcomm_session *session)
{
	const rt_handle chan = session->parked;

	session->parked = 0;
	if (!chan)
		return false;
	if (session->rfcomm->stopping ||
	    rt_l2cap_accept(session->rfcomm->l2cap, chan)) {
		rt_l2cap_abandon(session->rfcomm->l2cap, chan);
		return false;
	}
	session->chan = chan;
	session->initiator = false;
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_ACCEPT,
				RT_RFCOMM_SESSION_WHY_CROSSING);
	return true;
}

/* True if another channel may follow the one that closed for `why`. */
static bool goes_on(const struct rt_rfcomm_session *session,
		    const struct rt_reason *why)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
		return true;
	case RT_RFCOMM_SESSION_CONNECT:
		return session->parked;
	case RT_RFCOMM_SESSION_ACCEPT:
		return session->tries < RT_RFCOMM_TRIES &&
		       !rt_rfcomm_reason_is_link(why);
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
	case RT_RFCOMM_SESSION_OPEN:
	case RT_RFCOMM_SESSION_CLOSED:
		break;
	}
	return false;
}

/* The L2CAP channel has closed. */
static void gone(struct rt_rfcomm_session *session, const struct rt_reason *why)
{
	const bool was_closing = session->state != RT_RFCOMM_SESSION_CONNECT &&
				 session->state != RT_RFCOMM_SESSION_ACCEPT;
	const bool on = goes_on(session, why);

	session->chan = 0;
	rt_rfcomm_tx_clear(session);
	rt_env_stop(session->rfcomm->env, &session->memory);
	if (on && adopt_parked(session))
		return;
	if (!on || rt_list_empty(&session->dlcs)) {
		rt_rfcomm_session_bury(
			session, RT_RFCOMM_SESSION_WHY_CHANNEL_CLOSED, why);
		return;
	}
	if (was_closing) {
		session->tries = 0;
		rt_rfcomm_channel_connect_again(session);
		return;
	}
	retry_later(session);
}

void rt_rfcomm_channel_yield(struct rt_rfcomm_session *session)
{
	rt_l2cap_abandon(session->rfcomm->l2cap, session->chan);
	session->chan = 0;
	if (!adopt_parked(session))
		retry_later(session);
}

static void chan_opened(void *user, rt_handle chan)
{
	struct rt_rfcomm_session *session = user;
	struct rt_l2cap_info info = { .omtu = 0 };
	uint16_t mtu;

	if (rt_l2cap_get_info(session->rfcomm->l2cap, chan, &info))
		return;
	mtu = RT_MIN(info.imtu, info.omtu);
	session->omtu = info.omtu;
	session->n1_max = (uint16_t)RT_MIN(RT_MAX(mtu, RT_L2CAP_MTU_MIN) -
						   RT_RFCOMM_OVERHEAD_BYTES,
					   RT_RFCOMM_N1_MAX);
	if (session->state != RT_RFCOMM_SESSION_CONNECT)
		return;
	if (session->parked)
		rt_l2cap_abandon(session->rfcomm->l2cap, session->parked);
	session->parked = 0;
	rt_rfcomm_control_start(session, RT_RFCOMM_SESSION_WHY_OPENED);
}

static void chan_closed(void *user, rt_handle chan, const struct rt_reason *why)
{
	struct rt_rfcomm_session *session = user;

	if (chan == session->chan) {
		gone(session, why);
		return;
	}
	session->parked = 0;
	if (session->state == RT_RFCOMM_SESSION_CONNECT)
		rt_env_stop(session->rfcomm->env, &session->timer);
}

static void chan_rx(void *user, rt_handle chan, struct rt_bytes sdu)
{
	(void)chan;
	if (rt_rfcomm_raw_lets_in(user, sdu))
		rt_rfcomm_rx(user, sdu);
}

static bool chan_pull(void *user, rt_handle chan, size_t max,
		      struct rt_pdu *pdu)
{
	(void)chan;
	return rt_rfcomm_tx_pull(user, max, pdu);
}

static void chan_completed(void *user, rt_handle chan,
			   const struct rt_done *done, bool written)
{
	struct rt_rfcomm_session *session = user;

	(void)chan;
	if (done->dlc) {
		rt_rfcomm_dlc_completed(session->rfcomm, done, written);
		return;
	}
	session->tx.under_way--;
	if (session->state == RT_RFCOMM_SESSION_FLUSH &&
	    rt_rfcomm_tx_is_empty(session))
		rt_rfcomm_session_release(session,
					  RT_RFCOMM_SESSION_WHY_ANSWERED);
}

static const struct rt_l2cap_ops session_ops = {
	.opened = chan_opened,
	.closed = chan_closed,
	.rx = chan_rx,
	.pull = chan_pull,
	.completed = chan_completed,
};

/* The peer opens a channel although there is a session. */
static int second_channel(struct rt_rfcomm_session *session, rt_handle chan)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_CONNECT:
		if (session->parked)
			return -ENOBUFS;
		session->parked = chan;
		rt_rfcomm_session_arm_random(session, RT_RFCOMM_CROSS_MIN_US,
					     RT_RFCOMM_CROSS_SPAN_US);
		return -EAGAIN;
	case RT_RFCOMM_SESSION_RETRY:
		session->chan = chan;
		session->initiator = false;
		rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_ACCEPT,
					RT_RFCOMM_SESSION_WHY_PEER_CAME);
		return 0;
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
		/* The next session: when this one is out of the way. */
		if (session->parked)
			return -ENOBUFS;
		session->parked = chan;
		return -EAGAIN;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
	case RT_RFCOMM_SESSION_OPEN:
	case RT_RFCOMM_SESSION_CLOSED:
		/* One session a peer (R:5.2). */
		return -ENOBUFS;
	}
	return -ENOBUFS;
}

static int chan_incoming(void *user, rt_handle chan)
{
	struct rt_rfcomm *rfcomm = user;
	struct rt_rfcomm_session *session;
	struct rt_l2cap_info info;
	int result = 0;

	if (rfcomm->stopping || rt_l2cap_get_info(rfcomm->l2cap, chan, &info))
		return -ENOBUFS;
	session = rt_rfcomm_session_find(rfcomm, info.peer);
	if (session) {
		result = second_channel(session, chan);
	} else {
		if (rt_rfcomm_session_new(rfcomm, info.peer, false, &session))
			return -ENOBUFS;
		session->chan = chan;
	}
	if (result != -ENOBUFS)
		rt_l2cap_set_user(rfcomm->l2cap, chan, &session_ops, session);
	return result;
}

const struct rt_l2cap_ops rt_rfcomm_channel_listener_ops = {
	.incoming = chan_incoming,
};
