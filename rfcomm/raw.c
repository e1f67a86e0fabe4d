/* SPDX-License-Identifier: MIT */
#include "rfcomm/raw.h"

#include <errno.h>

#include "l2cap/l2cap.h"
#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"
#include "rfcomm/mcc.h"
#include "rfcomm/rx.h"
#include "rfcomm/tx.h"
#include "stack/wr.h"

#define TYPE_MAX 0x3f

static bool ask(const struct rt_rfcomm_session *session, bool sent,
		struct rt_bytes frame)
{
	const struct rt_rfcomm *rfcomm = session->rfcomm;
	const uint16_t dlci = frame.len > 0 ? frame.ptr[0] >> 2 : 0;

	return rfcomm->tap->pdu(rfcomm->tap_user, session->peer, sent, dlci,
				frame);
}

bool rt_rfcomm_raw_lets_in(struct rt_rfcomm_session *session,
			   struct rt_bytes sdu)
{
	return !session->rfcomm->tap || ask(session, false, sdu);
}

bool rt_rfcomm_raw_lets_out(struct rt_rfcomm_session *session,
			    const struct rt_pdu *pdu)
{
	struct rt_env *env = session->rfcomm->env;
	struct rt_packet packet = { .count = 0 };
	const size_t len = rt_pdu_bytes(pdu);
	uint8_t *octets;
	struct rt_wr w;
	bool lets;

	if (!session->rfcomm->tap)
		return true;
	octets = rt_env_alloc(env, len);
	if (!octets) {
		rt_log(env, RT_LOG_ERROR, "rfcomm: no memory for the tap");
		return true;
	}
	w = rt_wr_init(octets, len);
	rt_pdu_slice(pdu, 0, len, &packet);
	for (size_t i = 0; i < packet.count; i++)
		rt_wr_put(&w, packet.slice[i]);
	lets = ask(session, true, rt_wr_bytes(&w));
	rt_env_free(env, octets);
	return lets;
}

void rt_rfcomm_raw_drop(struct rt_rfcomm_session *session, struct rt_pdu *pdu)
{
	rt_env_free(session->rfcomm->env, pdu->owned);
	pdu->owned = NULL;
	if (pdu->done.dlc)
		rt_rfcomm_dlc_completed(session->rfcomm, &pdu->done, false);
}

/* The session with `addr` if its L2CAP channel is open. */
static struct rt_rfcomm_session *find(const struct rt_rfcomm *rfcomm,
				      struct rt_addr addr)
{
	struct rt_rfcomm_session *session =
		rt_rfcomm_session_find(rfcomm, addr);
	struct rt_l2cap_info info;

	if (!session || !session->chan ||
	    rt_l2cap_get_info(rfcomm->l2cap, session->chan, &info) ||
	    !info.open)
		return NULL;
	return session;
}

int rt_rfcomm_send_raw(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		       struct rt_bytes frame)
{
	struct rt_rfcomm_session *session = find(rfcomm, addr);

	if (!session)
		return -ENOTCONN;
	return rt_rfcomm_tx_raw(session, frame);
}

int rt_rfcomm_send_raw_mcc(struct rt_rfcomm *rfcomm, struct rt_addr addr,
			   uint8_t type, bool command, struct rt_bytes value)
{
	struct rt_rfcomm_session *session = find(rfcomm, addr);

	if (type > TYPE_MAX)
		return -EINVAL;
	if (!session)
		return -ENOTCONN;
	return rt_rfcomm_tx_value(session, RT_RFCOMM_TX_RAW,
				  rt_rfcomm_mcc_octet(type, command), value);
}

int rt_rfcomm_inject(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		     struct rt_bytes frame)
{
	struct rt_rfcomm_session *session = find(rfcomm, addr);

	if (!session)
		return -ENOTCONN;
	rt_rfcomm_rx(session, frame);
	return 0;
}

void rt_rfcomm_set_tap(struct rt_rfcomm *rfcomm, const struct rt_l2cap_tap *tap,
		       void *user)
{
	rfcomm->tap = tap;
	rfcomm->tap_user = user;
}
