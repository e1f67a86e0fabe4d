/* SPDX-License-Identifier: MIT */
#include "rfcomm/tx.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"
#include "rfcomm/mcc.h"
#include "rfcomm/raw.h"
#include "rfcomm/session.h"
#include "rfcomm/stream.h"

#define VALUE_BYTES 8 /* of the longest message of fixed layout, PN and RPN */
#define MCC_BYTES 2   /* of its type and length */

/* Requests of ours that may wait: of a DLC PN, SABM, DISC and two each of MSC,
 * RPN and RLS; of the session SABM or DISC, TEST, FCOFF and FCON.
 */
#define OWN_DLC 9
#define OWN_SESSION 8

/* A DLC that opens has at most four frames under way; twice that. */
#define RESERVE 8
#define RESERVE_BYTES (1 + MCC_BYTES + VALUE_BYTES + RT_RFCOMM_OVERHEAD_BYTES)
_Static_assert(RESERVE_BYTES - 1 + RT_PDU_L2CAP_BYTES <= RT_PDU_HEAD_BYTES,
	       "a frame of the reserve leaves in the head of its PDU");

/* A packet's first octet is its class, and whether it is of the reserve. */
#define OF_RESERVE 0x80

void rt_rfcomm_tx_init(struct rt_rfcomm_tx *tx)
{
	*tx = (struct rt_rfcomm_tx){ 0 };
	rt_list_init(&tx->queue);
	rt_list_init(&tx->reserve);
}

void rt_rfcomm_tx_clear(struct rt_rfcomm_session *session)
{
	rt_pkt_free_all(session->rfcomm->env, &session->tx.queue);
	rt_pkt_free_all(session->rfcomm->env, &session->tx.reserve);
	rt_rfcomm_tx_init(&session->tx);
}

static bool is_of_reserve(const struct rt_pkt *pkt)
{
	return pkt->data[0] & OF_RESERVE;
}

static enum rt_rfcomm_tx_class class_of(const struct rt_pkt *pkt)
{
	return (enum rt_rfcomm_tx_class)(pkt->data[0] & ~OF_RESERVE);
}

static void fill_reserve(struct rt_rfcomm_session *session)
{
	struct rt_rfcomm_tx *tx = &session->tx;
	struct rt_pkt *pkt;

	while (tx->reserved < RESERVE) {
		pkt = rt_pkt_new(session->rfcomm->env, RESERVE_BYTES);
		if (!pkt)
			return;
		rt_list_append(&tx->reserve, &pkt->node);
		tx->reserved++;
	}
}

/* A packet of class `class`: new, or else of the reserve if it may be. */
static struct rt_pkt *packet(struct rt_rfcomm_session *session,
			     enum rt_rfcomm_tx_class class, size_t cap,
			     bool reserve)
{
	struct rt_pkt *pkt = rt_pkt_new(session->rfcomm->env, (uint16_t)cap);

	if (pkt) {
		pkt->data[0] = (uint8_t) class;
		return pkt;
	}
	if (!reserve || cap > RESERVE_BYTES)
		return NULL;
	pkt = RT_LIST_FIRST(&session->tx.reserve, struct rt_pkt, node);
	if (!pkt)
		return NULL;
	rt_list_del(&pkt->node);
	pkt->data[0] = (uint8_t)((unsigned int)class | OF_RESERVE);
	return pkt;
}

static void release(struct rt_rfcomm_session *session, struct rt_pkt *pkt)
{
	if (is_of_reserve(pkt))
		rt_list_append(&session->tx.reserve, &pkt->node);
	else
		rt_env_free(session->rfcomm->env, pkt);
}

static uint32_t limit_of(const struct rt_rfcomm_session *session,
			 enum rt_rfcomm_tx_class class)
{
	const struct rt_limits *limits = &session->rfcomm->env->limits;

	switch (class) {
	case RT_RFCOMM_TX_OWN:
		return OWN_DLC * limits->dlcs_session + OWN_SESSION;
	case RT_RFCOMM_TX_REPLY:
		return limits->mcc_replies;
	case RT_RFCOMM_TX_ANSWER:
		/* Both directions of each server channel, and DLCI 0. */
		return 2 * limits->dlcs_session + 1;
	case RT_RFCOMM_TX_RAW:
		return limits->rfcomm_raw;
	case RT_RFCOMM_TX_CLASSES:
		break;
	}
	return 0;
}

/* How a control frame is queued. */
struct way {
	enum rt_rfcomm_tx_class class;
	bool reserve; /* may be taken from it */
};

/* A multiplexer message: what a control frame of type UIH carries. */
struct message {
	uint8_t octet;
	struct rt_bytes value;
};

static struct rt_pkt *build(struct rt_rfcomm_session *session, struct way way,
			    const struct rt_rfcomm_head *head,
			    const struct message *message)
{
	const size_t cap = 1 + head->len + RT_RFCOMM_OVERHEAD_BYTES;
	struct rt_pkt *pkt = packet(session, way.class, cap, way.reserve);
	struct rt_wr w;

	if (!pkt)
		return NULL;
	w = rt_wr_init(pkt->data, pkt->cap);
	/* What it is does not leave with it. */
	rt_wr_u8(&w, pkt->data[0]);
	rt_rfcomm_frame_write_head(&w, head);
	if (message)
		rt_rfcomm_mcc_write(&w, message->octet, message->value);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(head));
	assert(rt_wr_ok(&w));
	pkt->len = (uint16_t)rt_wr_bytes(&w).len;
	return pkt;
}

static bool is_full(struct rt_rfcomm_session *session,
		    enum rt_rfcomm_tx_class class, const char *what)
{
	if (session->tx.waiting[class] < limit_of(session, class))
		return false;
	rt_log(session->rfcomm->env, RT_LOG_WARNING,
	       "rfcomm: too many frames wait, %s dropped", what);
	return true;
}

/* Puts a frame, which may not have found memory, in the queue. */
static int append(struct rt_rfcomm_session *session,
		  enum rt_rfcomm_tx_class class, struct rt_pkt *pkt,
		  const char *what)
{
	if (!pkt) {
		rt_log(session->rfcomm->env, RT_LOG_ERROR,
		       "rfcomm: no memory for %s", what);
		return -ENOMEM;
	}
	rt_list_append(&session->tx.queue, &pkt->node);
	session->tx.waiting[class]++;
	rt_rfcomm_tx_kick(session);
	return 0;
}

static int enqueue(struct rt_rfcomm_session *session, struct way way,
		   const struct rt_rfcomm_head *head,
		   const struct message *message)
{
	const char *what = rt_rfcomm_frame_name(head->type);

	if (is_full(session, way.class, what))
		return -ENOSPC;
	fill_reserve(session);
	return append(session, way.class, build(session, way, head, message),
		      what);
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
	const struct way way = {
		.class = answer ? RT_RFCOMM_TX_ANSWER : RT_RFCOMM_TX_OWN,
		.reserve = true,
	};

	/* Whoever waits for it, or for its answer, has a timer. */
	if (enqueue(session, way, &head, NULL))
		return;
}

void rt_rfcomm_tx_frame(struct rt_rfcomm_session *session,
			enum rt_rfcomm_frame_type type, uint8_t dlci)
{
	const bool cr = rt_rfcomm_frame_cr((uint8_t)type, session->initiator);

	rt_rfcomm_tx_frame_cr(session, type, dlci, cr);
}

static int enqueue_value(struct rt_rfcomm_session *session, struct way way,
			 uint8_t octet, struct rt_bytes value)
{
	const struct message message = { .octet = octet, .value = value };
	const size_t info = rt_rfcomm_mcc_bytes(value.len);
	const struct rt_rfcomm_head head = {
		.type = RT_RFCOMM_UIH,
		.cr = rt_rfcomm_frame_cr(RT_RFCOMM_UIH, session->initiator),
		.len = (uint16_t)info,
	};

	if (info > RT_RFCOMM_LEN_MAX ||
	    info + (info <= 127 ? 4 : 5) > session->omtu)
		return -EMSGSIZE;
	return enqueue(session, way, &head, &message);
}

int rt_rfcomm_tx_value(struct rt_rfcomm_session *session,
		       enum rt_rfcomm_tx_class class, uint8_t octet,
		       struct rt_bytes value)
{
	const struct way way = { .class = class };

	return enqueue_value(session, way, octet, value);
}

static int enqueue_msg(struct rt_rfcomm_session *session, struct way way,
		       const struct rt_codec_msg *desc, const void *msg)
{
	const uint8_t octet = rt_rfcomm_mcc_octet(
		(uint8_t)desc->code, way.class == RT_RFCOMM_TX_OWN);
	uint8_t octets[VALUE_BYTES];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));

	rt_codec_encode(desc, msg, &w);
	assert(rt_wr_ok(&w));
	return enqueue_value(session, way, octet, rt_wr_bytes(&w));
}

int rt_rfcomm_tx_command(struct rt_rfcomm_session *session,
			 const struct rt_codec_msg *desc, const void *msg)
{
	const struct way way = { .class = RT_RFCOMM_TX_OWN };

	return enqueue_msg(session, way, desc, msg);
}

int rt_rfcomm_tx_opening(struct rt_rfcomm_session *session,
			 const struct rt_codec_msg *desc, const void *msg)
{
	const struct way way = { .class = RT_RFCOMM_TX_OWN, .reserve = true };

	return enqueue_msg(session, way, desc, msg);
}

static const struct way reply = { .class = RT_RFCOMM_TX_REPLY,
				  .reserve = true };

void rt_rfcomm_tx_response(struct rt_rfcomm_session *session,
			   const struct rt_codec_msg *desc, const void *msg)
{
	if (enqueue_msg(session, reply, desc, msg))
		return;
}

void rt_rfcomm_tx_echo(struct rt_rfcomm_session *session, uint8_t type,
		       struct rt_bytes value)
{
	/* Only TEST can be too long: the peer takes less than it sends. */
	if (enqueue_value(session, reply, rt_rfcomm_mcc_octet(type, false),
			  value))
		return;
}

int rt_rfcomm_tx_raw(struct rt_rfcomm_session *session, struct rt_bytes frame)
{
	const size_t cap = frame.len + 1;
	struct rt_pkt *pkt;
	struct rt_wr w;

	if (frame.len > session->omtu || cap > UINT16_MAX)
		return -EMSGSIZE;
	if (is_full(session, RT_RFCOMM_TX_RAW, "a frame made by hand"))
		return -ENOSPC;
	pkt = packet(session, RT_RFCOMM_TX_RAW, cap, false);
	if (pkt) {
		w = rt_wr_init(pkt->data, pkt->cap);
		rt_wr_u8(&w, pkt->data[0]);
		rt_wr_put(&w, frame);
		pkt->len = (uint16_t)rt_wr_bytes(&w).len;
	}
	return append(session, RT_RFCOMM_TX_RAW, pkt, "a frame made by hand");
}

void rt_rfcomm_tx_kick(struct rt_rfcomm_session *session)
{
	rt_l2cap_ready(session->rfcomm->l2cap, session->chan);
}

bool rt_rfcomm_tx_is_empty(const struct rt_rfcomm_session *session)
{
	return rt_list_empty(&session->tx.queue) && session->tx.under_way == 0;
}

/*
 * Takes the next frame of the queue out of it. One that the peer, which may
 * lower its MTU at any time, does not take any more is not sent.
 */
static struct rt_pkt *take_control(struct rt_rfcomm_session *session,
				   size_t max)
{
	struct rt_rfcomm_tx *tx = &session->tx;
	struct rt_pkt *pkt;

	while ((pkt = RT_LIST_FIRST(&tx->queue, struct rt_pkt, node))) {
		rt_list_del(&pkt->node);
		tx->waiting[class_of(pkt)]--;
		if (pkt->len - 1U <= max)
			return pkt;
		rt_log(session->rfcomm->env, RT_LOG_WARNING,
		       "rfcomm: a frame over the peer's new MTU dropped");
		release(session, pkt);
	}
	return NULL;
}

/* A frame of the queue: goes to the PDU. */
static bool pull_control(struct rt_rfcomm_session *session, size_t max,
			 struct rt_pdu *pdu, bool *ret_raw)
{
	struct rt_pkt *pkt = take_control(session, max);

	if (!pkt)
		return false;
	*ret_raw = class_of(pkt) == RT_RFCOMM_TX_RAW;
	if (is_of_reserve(pkt)) {
		memcpy(rt_pdu_push(pdu, pkt->len - 1U), pkt->data + 1,
		       pkt->len - 1U);
		release(session, pkt);
		return true;
	}
	rt_pdu_own(pdu, pkt);
	pdu->body[0] = rt_bytes(pkt->data + 1, pkt->len - 1U);
	return true;
}

/* True if an MSC of the DLC is in the queue now, which was empty. */
static bool queue_msc(struct rt_rfcomm_dlc *dlc)
{
	if (!rt_rfcomm_port_msc_is_due(dlc))
		return false;
	/*
	 * Made now and not when it became due, so that however often the
	 * signals and the user's room change, there is one of it.
	 */
	if (rt_rfcomm_port_send_msc(dlc)) {
		rt_rfcomm_session_retry_later(dlc->session);
		return false;
	}
	rt_rfcomm_stream_aggregate(dlc->session);
	return true;
}

static bool pull_dlcs(struct rt_rfcomm_session *session, size_t max,
		      struct rt_pdu *pdu)
{
	struct rt_rfcomm_dlc *dlc;
	size_t turns = 0;
	bool raw;

	RT_LIST_EACH (dlc, &session->dlcs, node)
		turns++;
	/* Each gets one turn, and goes to the end of the line. */
	for (; turns > 0 && !rt_list_empty(&session->dlcs); turns--) {
		dlc = RT_LIST_FIRST(&session->dlcs, struct rt_rfcomm_dlc, node);
		rt_list_del(&dlc->node);
		rt_list_append(&session->dlcs, &dlc->node);
		if (queue_msc(dlc))
			return pull_control(session, max, pdu, &raw);
		if (rt_rfcomm_stream_pull(dlc, max, pdu))
			return true;
	}
	return false;
}

bool rt_rfcomm_tx_pull(struct rt_rfcomm_session *session, size_t max,
		       struct rt_pdu *pdu)
{
	bool raw = false;

	for (;;) {
		if (!pull_control(session, max, pdu, &raw) &&
		    !pull_dlcs(session, max, pdu))
			return false;
		if (raw || rt_rfcomm_raw_lets_out(session, pdu))
			break;
		rt_rfcomm_raw_drop(session, pdu);
		rt_pdu_init(pdu);
	}
	if (!pdu->done.dlc)
		session->tx.under_way++;
	return true;
}
