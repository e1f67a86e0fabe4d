/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/server.h"

#include <errno.h>

#include "l2cap/sdp/answer.h"
#include "l2cap/sdp/cont.h"
#include "l2cap/sdp/request.h"
#include "l2cap/sdp/timers.h"

#define HANDLE_BYTES 4
#define ERROR_BYTES (RT_SDP_HEADER_BYTES + 2)

/* A continuation state with its length. */
#define MORE_BYTES (1 + RT_SDP_CONT_BYTES)

/* Offsets in a continuation state have 16 bits. */
#define ANSWER_MAX 0xffff

/* A request that is being answered. */
struct job {
	struct rt_sdp *sdp;
	const struct rt_sdp_pdu *pdu;
	struct rt_sdp_request request;
	struct rt_sdp_answer answer;
	struct rt_sdp_cont_of of;
	size_t mtu;
	size_t from; /* of the part that this response carries */
	size_t bytes;
	size_t tail_bytes; /* of the continuation state with its length */
};

static void conn_ready(struct rt_sdp_conn *conn)
{
	rt_l2cap_ready(conn->sdp->l2cap, conn->chan);
}

/* The peer is owed an error, which goes with the next pull. */
static void owe_error(struct rt_sdp_conn *conn, const struct rt_sdp_pdu *pdu,
		      uint16_t code)
{
	struct rt_sdp *sdp = conn->sdp;

	sdp->stats.refused++;
	rt_log(sdp->env, RT_LOG_WARNING, "sdp: PDU 0x%02x refused: %s", pdu->id,
	       rt_sdp_code_name(code));
	/* Who asks on without waiting is told once. */
	if (conn->owes_error)
		return;
	conn->owes_error = true;
	conn->tid = pdu->tid;
	conn->code = code;
}

static void refuse(struct rt_sdp_conn *conn, const struct rt_sdp_pdu *pdu,
		   uint16_t code)
{
	owe_error(conn, pdu, code);
	conn_ready(conn);
}

/* Octets of the response in front of the handles or lists. */
static size_t fixed_bytes(const struct job *job)
{
	const size_t counts = job->request.transaction == RT_SDP_SEARCH ? 4 : 2;

	return RT_SDP_HEADER_BYTES + counts;
}

/*
 * Which part of the answer this response carries: all that is left, or what
 * fits with a continuation state behind it.
 */
static uint16_t choose_part(struct job *job)
{
	const size_t left = job->answer.bytes - job->from;
	const bool handles = job->request.transaction == RT_SDP_SEARCH;
	const size_t max = handles ? left : job->request.max;
	size_t room;

	if (job->mtu < fixed_bytes(job) + MORE_BYTES + HANDLE_BYTES)
		return RT_SDP_NO_RESOURCES;
	room = job->mtu - fixed_bytes(job);
	if (left <= max && left + 1 <= room) {
		job->bytes = left;
		job->tail_bytes = 1;
		return 0;
	}
	job->bytes = RT_MIN(max, room - MORE_BYTES);
	job->tail_bytes = MORE_BYTES;
	if (handles)
		job->bytes -= job->bytes % HANDLE_BYTES;
	return 0;
}

/* Finds out what is to be answered. Returns 0 or the code of an error. */
static uint16_t prepare(struct job *job)
{
	struct rt_sdp *sdp = job->sdp;
	struct rt_sdp_record *record = NULL;
	uint16_t offset;

	if (job->request.transaction == RT_SDP_ATTRIBUTES) {
		record = rt_sdp_db_find(&sdp->db, job->request.handle);
		if (!record)
			return RT_SDP_BAD_HANDLE;
	}
	job->of.generation = sdp->db.generation;
	job->of.pdu_id = job->pdu->id;
	job->of.request = job->request.before;
	if (!rt_sdp_cont_read(job->request.continuation, sdp->key, &job->of,
			      &offset))
		return RT_SDP_BAD_CONTINUATION;
	rt_sdp_answer_measure(&sdp->db, &job->request, record, &job->answer);
	if (job->answer.bytes > ANSWER_MAX)
		return RT_SDP_NO_RESOURCES;
	if (offset > 0 && offset >= job->answer.bytes)
		return RT_SDP_BAD_CONTINUATION;
	job->from = offset;
	return choose_part(job);
}

static void write_counts(const struct job *job, struct rt_wr *w)
{
	if (job->request.transaction == RT_SDP_SEARCH) {
		rt_wr_be(w, job->answer.bytes / HANDLE_BYTES, 2);
		rt_wr_be(w, job->bytes / HANDLE_BYTES, 2);
	} else {
		rt_wr_be(w, job->bytes, 2);
	}
}

static void write_response(const struct job *job, struct rt_wr *w)
{
	const size_t end = job->from + job->bytes;
	struct rt_sdp_window window = { .w = w,
					.skip = job->from,
					.room = job->bytes };

	rt_sdp_pdu_begin(w,
			 rt_sdp_request_response_id(job->request.transaction),
			 job->pdu->tid);
	write_counts(job, w);
	rt_sdp_answer_write(&job->sdp->db, &job->answer, &window);
	if (end < job->answer.bytes) {
		rt_wr_u8(w, RT_SDP_CONT_BYTES);
		rt_sdp_cont_write(w, job->sdp->key, &job->of, (uint16_t)end);
	} else {
		rt_wr_u8(w, 0);
	}
	rt_sdp_pdu_end(w);
}

/* Makes the response. Returns 0 or the code of an error. */
static uint16_t respond(struct rt_sdp_conn *conn, const struct rt_sdp_pdu *pdu)
{
	struct job job = { .sdp = conn->sdp, .pdu = pdu };
	struct rt_l2cap_info info;
	struct rt_pkt *pkt;
	struct rt_wr w;
	uint16_t code;

	code = rt_sdp_request_read(pdu, &job.request);
	if (code)
		return code;
	if (rt_l2cap_get_info(conn->sdp->l2cap, conn->chan, &info))
		return RT_SDP_NO_RESOURCES;
	job.mtu = info.omtu;
	job.of.connection = conn->chan;
	code = prepare(&job);
	if (code)
		return code;
	pkt = rt_pkt_new(
		conn->sdp->env,
		(uint16_t)(fixed_bytes(&job) + job.bytes + job.tail_bytes));
	if (!pkt)
		return RT_SDP_NO_RESOURCES;
	w = rt_wr_init(pkt->data, pkt->cap);
	write_response(&job, &w);
	pkt->len = (uint16_t)rt_wr_bytes(&w).len;
	conn->response = pkt;
	return 0;
}

static void on_rx(void *user, rt_handle chan, struct rt_bytes sdu)
{
	struct rt_sdp_conn *conn = user;
	struct rt_sdp *sdp = conn->sdp;
	struct rt_sdp_pdu pdu;
	const bool whole = rt_sdp_pdu_read(sdu, &pdu);
	uint16_t code;

	(void)chan;
	rt_env_arm(sdp->env, &conn->timer, RT_SDP_CONNECTION_US);
	/*
	 * No answer to what names no transaction, and none to a response: two
	 * servers would answer each other for ever.
	 */
	if (!pdu.named) {
		sdp->stats.refused++;
		return;
	}
	if (rt_sdp_pdu_is_response(pdu.id)) {
		rt_log(sdp->env, RT_LOG_WARNING,
		       "sdp: response 0x%02x to our server dropped", pdu.id);
		return;
	}
	if (!whole)
		code = RT_SDP_BAD_SIZE;
	else if (conn->response) /* B:4.2: the client has to wait */
		code = RT_SDP_NO_RESOURCES;
	else
		code = respond(conn, &pdu);
	if (code) {
		refuse(conn, &pdu, code);
		return;
	}
	sdp->stats.requests++;
	conn_ready(conn);
}

static void write_error(struct rt_sdp_conn *conn, struct rt_pdu *pdu)
{
	const struct rt_sdp_error_rsp rsp = { .code = conn->code };
	struct rt_wr w = rt_wr_init(rt_pdu_push(pdu, ERROR_BYTES), ERROR_BYTES);

	rt_sdp_pdu_begin(&w, RT_SDP_ERROR_RSP, conn->tid);
	rt_codec_encode(&rt_sdp_error_rsp_msg, &rsp, &w);
	rt_sdp_pdu_end(&w);
	conn->owes_error = false;
}

/*
 * The response was cut to the MTU of the moment in which it was asked for. If
 * the peer has lowered it since, it gets an error instead, and may ask again.
 */
static void drop_what_does_not_fit(struct rt_sdp_conn *conn, size_t max)
{
	struct rt_sdp_pdu pdu;

	if (!conn->response || conn->response->len <= max)
		return;
	(void)rt_sdp_pdu_read(
		rt_bytes(conn->response->data, conn->response->len), &pdu);
	rt_env_free(conn->sdp->env, conn->response);
	conn->response = NULL;
	owe_error(conn, &pdu, RT_SDP_NO_RESOURCES);
}

static bool on_pull(void *user, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct rt_sdp_conn *conn = user;

	(void)chan;
	drop_what_does_not_fit(conn, max);
	if (conn->response) {
		rt_pdu_own(pdu, conn->response);
		conn->response = NULL;
		return true;
	}
	if (!conn->owes_error)
		return false;
	write_error(conn, pdu);
	return true;
}

static void on_completed(void *user, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	(void)user;
	(void)chan;
	(void)done;
	(void)written;
}

static void on_opened(void *user, rt_handle chan)
{
	(void)user;
	(void)chan;
}

static void free_conn(struct rt_sdp_conn *conn)
{
	struct rt_env *env = conn->sdp->env;

	rt_env_stop(env, &conn->timer);
	rt_list_del(&conn->node);
	rt_env_free(env, conn->response);
	rt_env_free(env, conn);
}

static void on_closed(void *user, rt_handle chan, const struct rt_reason *why)
{
	(void)chan;
	(void)why;
	free_conn(user);
}

static void drop(struct rt_sdp_conn *conn)
{
	rt_l2cap_abandon(conn->sdp->l2cap, conn->chan);
	free_conn(conn);
}

static void on_timer(struct rt_timer *timer)
{
	drop(RT_CONTAINER_OF(timer, struct rt_sdp_conn, timer));
}

static uint32_t count_conns(const struct rt_sdp *sdp)
{
	struct rt_sdp_conn *conn;
	uint32_t count = 0;

	RT_LIST_EACH (conn, &sdp->conns, node)
		count++;
	return count;
}

static int on_incoming(void *user, rt_handle chan);

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static int on_incoming(void *user, rt_handle chan)
{
	struct rt_sdp *sdp = user;
	struct rt_sdp_conn *conn;

	if (sdp->stopping ||
	    count_conns(sdp) >= sdp->env->limits.sdp_connections)
		return -ENOBUFS;
	conn = rt_env_alloc(sdp->env, sizeof(*conn));
	if (!conn)
		return -ENOBUFS;
	conn->sdp = sdp;
	conn->chan = chan;
	rt_timer_init(&conn->timer, on_timer);
	rt_env_arm(sdp->env, &conn->timer, RT_SDP_CONNECTION_US);
	rt_list_append(&sdp->conns, &conn->node);
	rt_l2cap_set_user(sdp->l2cap, chan, &ops, conn);
	return 0;
}

int rt_sdp_server_init(struct rt_sdp *sdp)
{
	const struct rt_l2cap_params params = { .ops = &ops, .user = sdp };
	uint16_t psm;

	return rt_l2cap_listen(sdp->l2cap, RT_L2CAP_PSM_SDP, &params, &psm);
}

void rt_sdp_server_close(struct rt_sdp *sdp)
{
	while (!rt_list_empty(&sdp->conns))
		drop(RT_LIST_FIRST(&sdp->conns, struct rt_sdp_conn, node));
}

void rt_sdp_server_fini(struct rt_sdp *sdp)
{
	rt_sdp_server_close(sdp);
	rt_l2cap_unlisten(sdp->l2cap, RT_L2CAP_PSM_SDP);
}
