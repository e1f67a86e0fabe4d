/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/sim/model/element.h"
#include "tools/sim/model/sdp.h"

/* The SDP client: ServiceSearchAttribute, part by part (Core Vol 3 Part B 4.7).
 */

#define PARTS_MAX 1000
#define HEAD_BYTES 5
#define CONT_MAX 16
#define ID_PROTOCOLS 0x0004

/* --- requests --- */

static void ask(struct model *m, struct model_query *q)
{
	uint8_t buf[64];
	struct model_out out = model_out(buf, sizeof(buf));
	uint16_t max = m->options.behaviour.sdp_ask;
	size_t list;

	q->asked = max ? max : UINT16_MAX;
	q->tid++;
	q->waiting = true;
	model_out_u8(&out, SDP_SEARCH_ATTRIBUTE_REQ);
	model_out_be(&out, q->tid, 2);
	model_out_be(&out, 0, 2);
	list = model_element_open(&out);
	model_element_put_uuid16(&out, q->uuid);
	model_element_close(&out, list);
	model_out_be(&out, q->asked, 2);
	list = model_element_open(&out);
	model_element_put_uint(&out, 0x0000ffff, 4);
	model_element_close(&out, list);
	model_out_put(&out, rt_bytes(q->cont, 1U + q->cont[0]));
	buf[4] = (uint8_t)(out.len - HEAD_BYTES);
	(void)model_outbox(m, q->chan->link, KIND_SDP, q->chan->dcid,
			   model_out_bytes(&out));
	model_arm(m, &q->due_us, model_patience_us(m));
}

struct model_query *model_query_new(struct model *m, struct model_chan *chan,
				    uint16_t uuid)
{
	struct model_query *q = NULL;
	uint8_t *lists;

	for (unsigned int i = 0; i < QUERIES_MAX && !q; i++) {
		if (m->query[i].number == 0)
			q = &m->query[i];
	}
	if (!q)
		return NULL;
	lists = q->lists ? q->lists : malloc(QUERY_BYTES);
	if (!lists)
		return NULL;
	memset(q, 0, sizeof(*q));
	q->lists = lists;
	q->chan = chan;
	q->uuid = uuid;
	q->tid = (uint16_t)model_random(m);
	q->number = model_number(m, NUMBER_QUERY, (unsigned int)(q - m->query));
	chan->query = q;
	chan->psm = PSM_SDP;
	return q;
}

void model_query_opened(struct model *m, struct model_chan *chan)
{
	if (chan->query)
		ask(m, chan->query);
	else
		model_chan_close(m, chan, MODEL_END_OURS);
}

/* --- results --- */

/* The channel or PSM in one protocol's descriptor. */
static void look_at_protocol(struct rt_bytes bytes,
			     struct model_sdp_result *result)
{
	struct model_in in = model_in(bytes);
	struct element e;
	uint16_t uuid;
	uint32_t value;

	if (!model_element_take(&in, &e) || !model_element_uuid16(&e, &uuid) ||
	    !model_element_take(&in, &e) || !model_element_uint(&e, &value))
		return;
	if (uuid == UUID_RFCOMM && result->rfcomm_channel == 0)
		result->rfcomm_channel = (uint8_t)value;
	if (uuid == UUID_L2CAP && result->psm == 0)
		result->psm = (uint16_t)value;
}

static void look_at_protocols(struct rt_bytes bytes,
			      struct model_sdp_result *result)
{
	struct model_in in = model_in(bytes);
	struct element e;

	while (in.left > 0 && model_element_take(&in, &e)) {
		if (e.type == ELEMENT_SEQUENCE)
			look_at_protocol(e.body, result);
	}
}

/* One record: ids in ascending order, each with its value. */
static bool look_at_record(struct rt_bytes bytes,
			   struct model_sdp_result *result)
{
	struct model_in in = model_in(bytes);
	struct element id, value;
	uint32_t next = 0;
	uint32_t number;

	while (in.left > 0) {
		if (!model_element_take(&in, &id) ||
		    !model_element_uint(&id, &number) || id.body.len != 2 ||
		    number < next || !model_element_take(&in, &value))
			return false;
		next = number + 1;
		if (number == ID_PROTOCOLS && value.type == ELEMENT_SEQUENCE)
			look_at_protocols(value.body, result);
	}
	return true;
}

static bool look_at_lists(struct rt_bytes bytes,
			  struct model_sdp_result *result)
{
	struct model_in in = model_in(bytes);
	struct element all, record;

	if (!model_element_is_sound(bytes) || !model_element_take(&in, &all) ||
	    all.type != ELEMENT_SEQUENCE || !model_in_done(&in))
		return false;
	in = model_in(all.body);
	while (in.left > 0) {
		if (!model_element_take(&in, &record) ||
		    record.type != ELEMENT_SEQUENCE ||
		    !look_at_record(record.body, result))
			return false;
		result->records++;
	}
	return true;
}

static void tell(struct model *m, struct model_query *q,
		 struct model_sdp_result *result)
{
	struct model_chan *chan = q->chan;
	uint32_t number = q->number;

	model_disarm(m, &q->due_us);
	result->parts = q->parts;
	q->number = 0;
	if (chan) {
		chan->query = NULL;
		model_chan_close(m, chan, MODEL_END_OURS);
	}
	if (m->events.sdp_result)
		m->events.sdp_result(m->options.user, number, result);
}

static void failed(struct model *m, struct model_query *q, enum model_end why,
		   uint16_t error)
{
	struct model_sdp_result result = { .end = why, .error = error };

	tell(m, q, &result);
}

void model_query_ended(struct model *m, struct model_query *q,
		       enum model_end why)
{
	if (!q)
		return;
	q->chan = NULL;
	failed(m, q, why, 0);
}

void model_query_timer(struct model *m, struct model_query *q)
{
	if (model_is_due(m, &q->due_us) && q->number != 0)
		failed(m, q, MODEL_END_TIMEOUT, 0);
}

static void complete(struct model *m, struct model_query *q)
{
	struct model_sdp_result result = { 0 };

	result.lists = rt_bytes(q->lists, q->bytes);
	result.ok = look_at_lists(result.lists, &result);
	if (!result.ok) {
		model_blame(m, q->chan->link, "sdp: lists that do not read");
		result.end = MODEL_END_PROTOCOL;
	}
	tell(m, q, &result);
}

/* --- responses --- */

static void broken(struct model *m, struct model_query *q, const char *what)
{
	model_blame(m, q->chan->link, "%s", what);
	failed(m, q, MODEL_END_PROTOCOL, 0);
}

static void on_error(struct model *m, struct model_query *q,
		     struct model_in *in)
{
	uint16_t code = (uint16_t)model_in_be(in, 2);

	/* What we ask is right: only its resources may be a server's excuse. */
	if (!model_in_done(in) || code == 0 || code > 6)
		model_blame(m, q->chan->link, "sdp: error 0x%04x", code);
	failed(m, q, MODEL_END_REFUSED, code);
}

static void on_part(struct model *m, struct model_query *q, struct model_in *in)
{
	size_t n = model_in_be(in, 2);
	struct rt_bytes part = model_in_take(in, n);
	uint8_t cont = model_in_u8(in);
	struct rt_bytes state = model_in_take(in, cont);

	if (!model_in_done(in) || cont > CONT_MAX) {
		broken(m, q, "sdp: a response that does not read");
		return;
	}
	if (n > q->asked) {
		broken(m, q, "sdp: more octets than we asked for");
		return;
	}
	if (n == 0 || (cont > 0 && ++q->parts > PARTS_MAX)) {
		broken(m, q, "sdp: a part of no octets, or no end");
		return;
	}
	if (cont == 0)
		q->parts++;
	if (n > QUERY_BYTES - q->bytes) {
		failed(m, q, MODEL_END_REFUSED, 0);
		return;
	}
	memcpy(q->lists + q->bytes, part.ptr, n);
	q->bytes += n;
	q->cont[0] = cont;
	memcpy(q->cont + 1, state.ptr, state.len);
	if (cont > 0)
		ask(m, q);
	else
		complete(m, q);
}

void model_sdp_answered(struct model *m, struct model_chan *chan,
			struct rt_bytes pdu)
{
	struct model_in in = model_in(pdu);
	uint8_t id = model_in_u8(&in);
	uint16_t tid = (uint16_t)model_in_be(&in, 2);
	size_t bytes = model_in_be(&in, 2);
	struct model_query *q = chan->query;

	if (!q || !q->waiting) {
		model_blame(m, chan->link, "sdp: PDU 0x%02x to no request", id);
		return;
	}
	if (in.bad || bytes != in.left) {
		broken(m, q, "sdp: a response of another length than it says");
		return;
	}
	if (tid != q->tid) {
		model_blame(m, chan->link,
			    "sdp: transaction 0x%04x answered "
			    "as 0x%04x",
			    q->tid, tid);
		return;
	}
	q->waiting = false;
	if (id == SDP_ERROR)
		on_error(m, q, &in);
	else if (id == SDP_SEARCH_ATTRIBUTE_RSP)
		on_part(m, q, &in);
	else
		broken(m, q, "sdp: a response of another kind");
}
