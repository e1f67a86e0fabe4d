/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/element.h"
#include "tools/sim/model/sdp.h"

/*
 * The SDP server: one record, the three transactions, answers in parts (Core
 * Vol 3 Part B 4). An answer is made anew for each part.
 */

#define RECORD_HANDLE 0x00010001
#define UUIDS_MAX 12
#define RANGES_MAX 64
#define BYTES_MIN 7
#define ANSWER_MAX 512
#define CONT_BYTES 4
#define HEAD_BYTES 5

struct range {
	uint16_t from, to;
};

struct request {
	uint8_t pdu;
	uint16_t tid;
	struct rt_bytes params;
	uint16_t max;
	bool match; /* the pattern or the handle is of our record */
	struct range range[RANGES_MAX];
	unsigned int ranges;
	struct rt_bytes cont;
	uint32_t hash; /* of all but the continuation */
};

/* --- the record --- */

static void put_protocols(const struct model *m, struct model_out *out)
{
	size_t list = model_element_open(out), one;

	one = model_element_open(out);
	model_element_put_uuid16(out, UUID_L2CAP);
	model_element_close(out, one);
	one = model_element_open(out);
	model_element_put_uuid16(out, UUID_RFCOMM);
	model_element_put_uint(out, m->options.record_channel, 1);
	model_element_close(out, one);
	model_element_close(out, list);
}

static void put_uuids(struct model_out *out, uint16_t uuid)
{
	size_t list = model_element_open(out);

	model_element_put_uuid16(out, uuid);
	model_element_close(out, list);
}

static void put_language(struct model_out *out)
{
	size_t list = model_element_open(out);

	model_element_put_uint(out, 0x656e, 2); /* "en" */
	model_element_put_uint(out, 0x006a, 2); /* UTF-8 */
	model_element_put_uint(out, 0x0100, 2);
	model_element_close(out, list);
}

static void put_profile(struct model_out *out)
{
	size_t list = model_element_open(out), one = model_element_open(out);

	model_element_put_uuid16(out, UUID_SERIAL_PORT);
	model_element_put_uint(out, 0x0102, 2);
	model_element_close(out, one);
	model_element_close(out, list);
}

static void put_name(const struct model *m, struct model_out *out)
{
	size_t n = strlen(m->name);

	model_out_u8(out, ELEMENT_TEXT << 3 | 5);
	model_out_u8(out, (unsigned int)n);
	model_out_put(out, rt_bytes(m->name, n));
}

static void put_attribute(const struct model *m, struct model_out *out,
			  uint16_t id)
{
	model_element_put_uint(out, id, 2);
	switch (id) {
	case 0x0000:
		model_element_put_uint(out, RECORD_HANDLE, 4);
		return;
	case 0x0001:
		put_uuids(out, UUID_SERIAL_PORT);
		return;
	case 0x0004:
		put_protocols(m, out);
		return;
	case 0x0005:
		put_uuids(out, UUID_BROWSE_ROOT);
		return;
	case 0x0006:
		put_language(out);
		return;
	case 0x0009:
		put_profile(out);
		return;
	default:
		put_name(m, out);
	}
}

static bool has_uuid(const struct model *m, uint16_t uuid)
{
	return m->options.record_channel != 0 &&
	       (uuid == UUID_SERIAL_PORT || uuid == UUID_BROWSE_ROOT ||
		uuid == UUID_L2CAP || uuid == UUID_RFCOMM);
}

static bool wants(const struct request *r, uint16_t id)
{
	for (unsigned int i = 0; i < r->ranges; i++) {
		if (id >= r->range[i].from && id <= r->range[i].to)
			return true;
	}
	return false;
}

static void put_record(const struct model *m, const struct request *r,
		       struct model_out *out)
{
	static const uint16_t ids[] = { 0x0000, 0x0001, 0x0004, 0x0005,
					0x0006, 0x0009, 0x0100 };
	size_t list = model_element_open(out);

	for (size_t i = 0; i < RT_ARRAY_SIZE(ids); i++) {
		if (wants(r, ids[i]))
			put_attribute(m, out, ids[i]);
	}
	model_element_close(out, list);
}

/* --- requests --- */

static bool take_sequence(struct model_in *in, struct model_in *ret)
{
	struct element e;

	if (!model_element_take(in, &e) || e.type != ELEMENT_SEQUENCE)
		return false;
	*ret = model_in(e.body);
	return true;
}

static bool take_pattern(const struct model *m, struct model_in *in,
			 struct request *r)
{
	struct model_in list = { 0 };
	unsigned int count = 0;
	struct element e;
	uint16_t uuid;

	if (!take_sequence(in, &list))
		return false;
	r->match = true;
	while (list.left > 0) {
		if (!model_element_take(&list, &e) || e.type != ELEMENT_UUID)
			return false;
		if (!model_element_uuid16(&e, &uuid) || !has_uuid(m, uuid))
			r->match = false;
		count++;
	}
	return count >= 1 && count <= UUIDS_MAX;
}

/* Attribute ids and ranges of them, in ascending order (4.5.1). */
static bool take_ranges(struct model_in *in, struct request *r)
{
	struct model_in list = { 0 };
	struct element e;
	uint32_t value;
	uint32_t next = 0;

	if (!take_sequence(in, &list))
		return false;
	while (list.left > 0) {
		if (!model_element_take(&list, &e) ||
		    !model_element_uint(&e, &value) || e.body.len == 1 ||
		    r->ranges == RANGES_MAX)
			return false;
		if (e.body.len == 2)
			value |= value << 16;
		if (value >> 16 < next || value >> 16 > (value & 0xffff))
			return false;
		next = (value & 0xffff) + 1;
		r->range[r->ranges].from = (uint16_t)(value >> 16);
		r->range[r->ranges].to = (uint16_t)value;
		r->ranges++;
	}
	return r->ranges > 0;
}

static bool take_params(const struct model *m, struct request *r)
{
	struct model_in in = model_in(r->params);
	uint32_t handle;
	size_t before;

	switch (r->pdu) {
	case SDP_SEARCH_REQ:
		if (!take_pattern(m, &in, r))
			return false;
		r->max = (uint16_t)model_in_be(&in, 2);
		if (r->max == 0)
			return false;
		break;
	case SDP_ATTRIBUTE_REQ:
		handle = model_in_be(&in, 4);
		r->match = handle == RECORD_HANDLE &&
			   m->options.record_channel != 0;
		r->max = (uint16_t)model_in_be(&in, 2);
		if (r->max < BYTES_MIN || !take_ranges(&in, r))
			return false;
		break;
	default:
		if (!take_pattern(m, &in, r))
			return false;
		r->max = (uint16_t)model_in_be(&in, 2);
		if (r->max < BYTES_MIN || !take_ranges(&in, r))
			return false;
	}
	before = r->params.len - in.left;
	r->hash = model_hash(rt_bytes(r->params.ptr, before), r->pdu);
	r->cont = model_in_take(&in, model_in_u8(&in));
	return model_in_done(&in);
}

/* --- answers --- */

static void send_error(struct model *m, const struct model_chan *chan,
		       uint16_t tid, uint16_t code)
{
	uint8_t buf[HEAD_BYTES + 2];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, SDP_ERROR);
	model_out_be(&out, tid, 2);
	model_out_be(&out, 2, 2);
	model_out_be(&out, code, 2);
	(void)model_outbox(m, chan->link, KIND_SDP, chan->dcid,
			   model_out_bytes(&out));
}

/* Remembers where the next part begins, and writes it. */
static void put_cont(struct model *m, struct model_chan *chan,
		     const struct request *r, size_t offset,
		     struct model_out *out)
{
	uint8_t buf[CONT_BYTES];
	struct model_out cont = model_out(buf, sizeof(buf));

	model_out_be(&cont, (uint32_t)offset, 2);
	model_out_be(&cont, model_random(m) & 0xffff, 2);
	memcpy(chan->sdp_cont, buf, sizeof(buf));
	chan->sdp_cont_len = CONT_BYTES;
	chan->sdp_hash = r->hash;
	model_out_u8(out, CONT_BYTES);
	model_out_put(out, model_out_bytes(&cont));
}

static void finish(struct model *m, const struct model_chan *chan,
		   struct model_out *out)
{
	size_t params = out->len - HEAD_BYTES;

	if (out->full)
		return;
	out->ptr[3] = (uint8_t)(params >> 8);
	out->ptr[4] = (uint8_t)params;
	(void)model_outbox(m, chan->link, KIND_SDP, chan->dcid,
			   model_out_bytes(out));
}

static size_t part_bytes(const struct model *m, const struct model_chan *chan,
			 const struct request *r)
{
	size_t max = (size_t)chan->theirs.mtu - HEAD_BYTES - 2 - 1 - CONT_BYTES;
	size_t part = m->options.behaviour.sdp_part;

	if (part > 0)
		max = RT_MIN(max, part);
	return RT_MIN(max, r->max);
}

static void answer_list(struct model *m, struct model_chan *chan,
			const struct request *r, size_t offset)
{
	uint8_t whole[ANSWER_MAX];
	uint8_t buf[HEAD_BYTES + 2 + ANSWER_MAX + 1 + CONT_BYTES];
	struct model_out all = model_out(whole, sizeof(whole));
	struct model_out out = model_out(buf, sizeof(buf));
	size_t list, n;

	if (r->pdu == SDP_ATTRIBUTE_REQ) {
		put_record(m, r, &all);
	} else {
		list = model_element_open(&all);
		if (r->match)
			put_record(m, r, &all);
		model_element_close(&all, list);
	}
	offset = RT_MIN(offset, all.len);
	n = RT_MIN(all.len - offset, part_bytes(m, chan, r));
	model_out_u8(&out, r->pdu + 1U);
	model_out_be(&out, r->tid, 2);
	model_out_be(&out, 0, 2);
	model_out_be(&out, (uint32_t)n, 2);
	model_out_put(&out, rt_bytes(whole + offset, n));
	if (offset + n < all.len)
		put_cont(m, chan, r, offset + n, &out);
	else
		model_out_u8(&out, 0);
	finish(m, chan, &out);
}

static void answer_search(struct model *m, struct model_chan *chan,
			  const struct request *r)
{
	uint8_t buf[HEAD_BYTES + 9];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, SDP_SEARCH_REQ + 1U);
	model_out_be(&out, r->tid, 2);
	model_out_be(&out, 0, 2);
	model_out_be(&out, r->match, 2);
	model_out_be(&out, r->match, 2);
	if (r->match)
		model_out_be(&out, RECORD_HANDLE, 4);
	model_out_u8(&out, 0);
	finish(m, chan, &out);
}

/* True, and sets *ret_offset, if the request is a new one or goes on. */
static bool take_cont(struct model *m, struct model_chan *chan,
		      const struct request *r, size_t *ret_offset)
{
	struct model_in in = model_in(r->cont);
	bool ours = chan->sdp_cont_len > 0 && r->hash == chan->sdp_hash &&
		    r->cont.len == chan->sdp_cont_len &&
		    memcmp(r->cont.ptr, chan->sdp_cont, r->cont.len) == 0;

	*ret_offset = 0;
	chan->sdp_cont_len = 0;
	if (r->cont.len == 0)
		return true;
	*ret_offset = model_in_be(&in, 2);
	if (!ours)
		model_blame(m, chan->link,
			    "sdp: a continuation of %zu octets "
			    "that is not ours for this",
			    r->cont.len);
	return ours;
}

void model_sdp_asked(struct model *m, struct model_chan *chan,
		     struct rt_bytes pdu)
{
	struct model_in in = model_in(pdu);
	struct request r = { 0 };
	size_t bytes, offset;

	r.pdu = model_in_u8(&in);
	r.tid = (uint16_t)model_in_be(&in, 2);
	bytes = model_in_be(&in, 2);
	r.params = model_in_rest(&in);
	if (in.bad || bytes != r.params.len) {
		model_blame_always(m, chan->link,
				   "sdp: a request of %zu "
				   "octets that says %zu",
				   pdu.len, bytes);
		send_error(m, chan, r.tid, ERROR_SIZE);
		return;
	}
	if (r.pdu != SDP_SEARCH_REQ && r.pdu != SDP_ATTRIBUTE_REQ &&
	    r.pdu != SDP_SEARCH_ATTRIBUTE_REQ) {
		model_blame(m, chan->link, "sdp: PDU 0x%02x", r.pdu);
		send_error(m, chan, r.tid, ERROR_SYNTAX);
		return;
	}
	if (!take_params(m, &r) || r.cont.len > 16) {
		model_blame_always(m, chan->link,
				   "sdp: PDU 0x%02x that does "
				   "not read",
				   r.pdu);
		send_error(m, chan, r.tid, ERROR_SYNTAX);
		return;
	}
	if (!take_cont(m, chan, &r, &offset)) {
		send_error(m, chan, r.tid, ERROR_CONTINUATION);
		return;
	}
	if (r.pdu == SDP_SEARCH_REQ)
		answer_search(m, chan, &r);
	else if (r.pdu == SDP_ATTRIBUTE_REQ && !r.match)
		send_error(m, chan, r.tid, ERROR_HANDLE);
	else
		answer_list(m, chan, &r, offset);
}
