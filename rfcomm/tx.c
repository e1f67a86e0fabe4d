/* SPDX-License-Identifier: MIT */
#include "rfcomm/tx.h"

#include <assert.h>

#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"
#include "rfcomm/mcc.h"
#include "rfcomm/session.h"
#include "rfcomm/stream.h"

#define VALUE_BYTES 8 /* of the longest message of fixed layout, PN and RPN */

void rt_rfcomm_tx_init(struct rt_rfcomm_tx *tx)
{
	*tx = (struct rt_rfcomm_tx){ 0 };
	rt_list_init(&tx->queue);
}

void rt_rfcomm_tx_clear(struct rt_rfcomm_session *session)
{
	rt_pkt_free_all(session->rfcomm->env, &session->tx.queue);
	rt_rfcomm_tx_init(&session->tx);
}

static uint32_t limit_of(const struct rt_rfcomm_session *session,
			 enum rt_rfcomm_tx_class class)
{
	const struct rt_limits *limits = &session->rfcomm->env->limits;

	switch (class) {
	case RT_RFCOMM_TX_OWN:
		return 4 * limits->dlcs_session + 1;
	case RT_RFCOMM_TX_REPLY:
		return limits->mcc_replies;
	case RT_RFCOMM_TX_ANSWER:
		/* Both directions of each server channel, and DLCI 0. */
		return 2 * limits->dlcs_session + 1;
	case RT_RFCOMM_TX_CLASSES:
		break;
	}
	return 0;
}

/* A multiplexer message: what a control frame of type UIH carries. */
struct message {
	uint8_t octet;
	struct rt_bytes value;
};

static struct rt_pkt *build(struct rt_env *env, enum rt_rfcomm_tx_class class,
			    const struct rt_rfcomm_head *head,
			    const struct message *message)
{
	const size_t cap = 1 + head->len + RT_RFCOMM_OVERHEAD_BYTES;
	struct rt_pkt *pkt = rt_pkt_new(env, (uint16_t)cap);
	struct rt_wr w;

	if (!pkt)
		return NULL;
	w = rt_wr_init(pkt->data, pkt->cap);
	/* The class goes first in the packet and does not leave with it. */
	rt_wr_u8(&w, (uint8_t) class);
	rt_rfcomm_frame_write_head(&w, head);
	if (message)
		rt_rfcomm_mcc_write(&w, message->octet, message->value);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(head));
	assert(rt_wr_ok(&w));
	pkt->len = (uint16_t)rt_wr_bytes(&w).len;
	return pkt;
}

static void enqueue(struct rt_rfcomm_session *session,
		    enum rt_rfcomm_tx_class class,
		    const struct rt_rfcomm_head *head,
		    const struct message *message)
{
	struct rt_rfcomm_tx *tx = &session->tx;
	struct rt_env *env = session->rfcomm->env;
	struct rt_pkt *pkt;

	if (tx->waiting[class] >= limit_of(session, class)) {
		rt_log(env, RT_LOG_WARNING,
		       "rfcomm: too many frames wait, %s on DLCI %u dropped",
		       rt_rfcomm_frame_name(head->type), head->dlci);
		return;
	}
	pkt = build(env, class, head, message);
	if (!pkt) {
		rt_log(env, RT_LOG_ERROR, "rfcomm: no memory for %s on DLCI %u",
		       rt_rfcomm_frame_name(head->type), head->dlci);
		return;
	}
	rt_list_append(&tx->queue, &pkt->node);
	tx->waiting[class]++;
	rt_rfcomm_tx_kick(session);
}

void rt_rfcomm_tx_frame_cr(struct rt_rfcomm_session *session,
			   enum rt_rfcomm_frame_type type, uint8_t dlci,
			   bool cr)
{
	const bool answer = type == RT_RFCOMM_UA || type == RT_RFCOMM_DM;
	const struct rt_rfcomm_head head = {
		.type = (uint8_t)type,
		.dlci = dlci,
		.cr = cr,
		.pf = true,
	};

	enqueue(session, answer ? RT_RFCOMM_TX_ANSWER : RT_RFCOMM_TX_OWN, &head,
		NULL);
}

void rt_rfcomm_tx_frame(struct rt_rfcomm_session *session,
			enum rt_rfcomm_frame_type type, uint8_t dlci)
{
	const bool cr = rt_rfcomm_frame_cr((uint8_t)type, session->initiator);

	rt_rfcomm_tx_frame_cr(session, type, dlci, cr);
}

static void enqueue_mcc(struct rt_rfcomm_session *session,
			const struct message *message)
{
	const bool command = rt_rfcomm_mcc_is_command(message->octet);
	const struct rt_rfcomm_head head = {
		.type = RT_RFCOMM_UIH,
		.cr = rt_rfcomm_frame_cr(RT_RFCOMM_UIH, session->initiator),
		.len = (uint16_t)rt_rfcomm_mcc_bytes(message->value.len),
	};

	enqueue(session, command ? RT_RFCOMM_TX_OWN : RT_RFCOMM_TX_REPLY, &head,
		message);
}

static void enqueue_msg(struct rt_rfcomm_session *session, bool command,
			const struct rt_codec_msg *desc, const void *msg)
{
	uint8_t octets[VALUE_BYTES];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	struct message message;

	rt_codec_encode(desc, msg, &w);
	assert(rt_wr_ok(&w));
	message.octet = rt_rfcomm_mcc_octet((uint8_t)desc->code, command);
	message.value = rt_wr_bytes(&w);
	enqueue_mcc(session, &message);
}

void rt_rfcomm_tx_command(struct rt_rfcomm_session *session,
			  const struct rt_codec_msg *desc, const void *msg)
{
	enqueue_msg(session, true, desc, msg);
}

void rt_rfcomm_tx_response(struct rt_rfcomm_session *session,
			   const struct rt_codec_msg *desc, const void *msg)
{
	enqueue_msg(session, false, desc, msg);
}

void rt_rfcomm_tx_echo(struct rt_rfcomm_session *session, uint8_t type,
		       struct rt_bytes value)
{
	const struct message message = {
		.octet = rt_rfcomm_mcc_octet(type, false),
		.value = value,
	};
	const size_t info = rt_rfcomm_mcc_bytes(value.len);
	const size_t frame = info + (info <= 127 ? 4 : 5);

	/* Only TEST can be that long, where the peer takes less than it sends.
	 */
	if (info > RT_RFCOMM_LEN_MAX || frame > session->omtu)
		return;
	enqueue_mcc(session, &message);
}

void rt_rfcomm_tx_kick(struct rt_rfcomm_session *session)
{
	rt_l2cap_ready(session->rfcomm->l2cap, session->chan);
}

bool rt_rfcomm_tx_is_empty(const struct rt_rfcomm_session *session)
{
	return rt_list_empty(&session->tx.queue) && session->tx.under_way == 0;
}

static bool pull_control(struct rt_rfcomm_session *session, struct rt_pdu *pdu)
{
	struct rt_rfcomm_tx *tx = &session->tx;
	struct rt_pkt *pkt = RT_LIST_FIRST(&tx->queue, struct rt_pkt, node);

	if (!pkt)
		return false;
	rt_list_del(&pkt->node);
	tx->waiting[pkt->data[0]]--;
	rt_pdu_own(pdu, pkt);
	pdu->body[0] = rt_bytes(pkt->data + 1, pkt->len - 1U);
	return true;
}

static bool pull_dlcs(struct rt_rfcomm_session *session, size_t max,
		      struct rt_pdu *pdu)
{
	struct rt_rfcomm_dlc *dlc;
	size_t turns = 0;

	RT_LIST_EACH (dlc, &session->dlcs, node)
		turns++;
	/* Each gets one turn, and goes to the end of the line. */
	for (; turns > 0 && !rt_list_empty(&session->dlcs); turns--) {
		dlc = RT_LIST_FIRST(&session->dlcs, struct rt_rfcomm_dlc, node);
		rt_list_del(&dlc->node);
		rt_list_append(&session->dlcs, &dlc->node);
		if (rt_rfcomm_stream_pull(dlc, max, pdu))
			return true;
	}
	return false;
}

bool rt_rfcomm_tx_pull(struct rt_rfcomm_session *session, size_t max,
		       struct rt_pdu *pdu)
{
	if (!pull_control(session, pdu) && !pull_dlcs(session, max, pdu))
		return false;
	if (!pdu->done.dlc)
		session->tx.under_way++;
	return true;
}
