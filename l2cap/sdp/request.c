/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/request.h"

#include <assert.h>
#include <string.h>

#include "l2cap/sdp/record.h"

/* The longest list of either kind that we write, with its header. */
#define LIST_BYTES 256

/* Takes one element, which must be a sequence; what it holds. */
static bool take_sequence(struct rt_rd *r, struct rt_elements *ret_row)
{
	struct rt_elements row = rt_elements_of(r->p, rt_rd_left(r));
	struct rt_element element;

	if (!rt_elements_next(&row, &element) ||
	    element.type != RT_ELEMENT_SEQUENCE)
		return false;
	(void)rt_rd_take(r, rt_rd_left(r) - row.left);
	*ret_row = rt_elements_in(&element);
	return true;
}

static bool take_pattern(struct rt_rd *r, struct rt_sdp_pattern *pattern)
{
	struct rt_elements row;
	struct rt_element element;

	if (!take_sequence(r, &row))
		return false;
	pattern->count = 0;
	while (rt_elements_next(&row, &element)) {
		if (pattern->count == RT_SDP_UUIDS_MAX ||
		    !rt_element_uuid(&element, &pattern->uuid[pattern->count]))
			return false;
		pattern->count++;
	}
	return !row.broken && pattern->count > 0;
}

/* An id, or, in 32 bits, the first and the last of a range. */
static bool read_range(const struct rt_element *element,
		       struct rt_sdp_range *ret_range)
{
	uint64_t value;

	if (!rt_element_uint(element, &value))
		return false;
	switch (element->bytes) {
	case 2:
		*ret_range = (struct rt_sdp_range){ (uint16_t)value,
						    (uint16_t)value };
		return true;
	case 4:
		*ret_range = (struct rt_sdp_range){ (uint16_t)(value >> 16),
						    (uint16_t)value };
		return ret_range->first <= ret_range->last;
	default:
		return false;
	}
}

/*
 * Puts a range among those that there are, which ascend and don't overlap.
 * Peers may ask for the same again and again.
 */
static void add_range(struct rt_sdp_ids *ids, struct rt_sdp_range range)
{
	size_t at = 0;
	size_t end;

	while (at < ids->count && ids->range[at].last < range.first)
		at++;
	for (end = at; end < ids->count && ids->range[end].first <= range.last;
	     end++) {
		range.first = RT_MIN(range.first, ids->range[end].first);
		range.last = RT_MAX(range.last, ids->range[end].last);
	}
	memmove(&ids->range[at + 1], &ids->range[end],
		(ids->count - end) * sizeof(ids->range[0]));
	ids->range[at] = range;
	ids->count += at + 1 - end;
}

static bool take_ids(struct rt_rd *r, struct rt_sdp_ids *ids)
{
	struct rt_elements row;
	struct rt_element element;
	struct rt_sdp_range range;
	size_t count = 0;

	if (!take_sequence(r, &row))
		return false;
	ids->count = 0;
	while (rt_elements_next(&row, &element)) {
		if (count++ == RT_SDP_REQUEST_RANGES_MAX ||
		    !read_range(&element, &range))
			return false;
		add_range(ids, range);
	}
	return !row.broken && ids->count > 0;
}

static bool take_search(struct rt_rd *r, struct rt_sdp_request *request)
{
	request->transaction = RT_SDP_SEARCH;
	if (!take_pattern(r, &request->pattern))
		return false;
	request->max = (uint16_t)rt_rd_be(r, 2);
	return request->max > 0;
}

static bool take_attributes(struct rt_rd *r, struct rt_sdp_request *request)
{
	struct rt_sdp_attr_req fixed;

	request->transaction = RT_SDP_ATTRIBUTES;
	if (rt_codec_decode(&rt_sdp_attr_req_msg, rt_rd_rest(r), &fixed))
		return false;
	*r = rt_rd_init(fixed.tail);
	request->handle = fixed.handle;
	request->max = fixed.max_bytes;
	return request->max >= RT_SDP_BYTES_MIN && take_ids(r, &request->ids);
}

static bool take_search_attributes(struct rt_rd *r,
				   struct rt_sdp_request *request)
{
	request->transaction = RT_SDP_SEARCH_ATTRIBUTES;
	if (!take_pattern(r, &request->pattern))
		return false;
	request->max = (uint16_t)rt_rd_be(r, 2);
	return request->max >= RT_SDP_BYTES_MIN && take_ids(r, &request->ids);
}

uint16_t rt_sdp_request_read(const struct rt_sdp_pdu *pdu,
			     struct rt_sdp_request *ret_request)
{
	struct rt_rd r = rt_rd_init(pdu->params);
	bool good = false;

	if (pdu->id == RT_SDP_SEARCH_REQ)
		good = take_search(&r, ret_request);
	else if (pdu->id == RT_SDP_ATTR_REQ)
		good = take_attributes(&r, ret_request);
	else if (pdu->id == RT_SDP_SEARCH_ATTR_REQ)
		good = take_search_attributes(&r, ret_request);
	if (!good || !rt_rd_ok(&r))
		return RT_SDP_BAD_SYNTAX;

	ret_request->before =
		rt_bytes(pdu->params.ptr, pdu->params.len - rt_rd_left(&r));
	ret_request->continuation = rt_sdp_pdu_take_continuation(&r);
	if (!rt_rd_done(&r))
		return RT_SDP_BAD_SYNTAX;
	if (ret_request->continuation.len > RT_SDP_CONTINUATION_MAX)
		return RT_SDP_BAD_CONTINUATION;
	return 0;
}

static void put_pattern(struct rt_wr *w, const struct rt_sdp_pattern *pattern)
{
	uint8_t octets[LIST_BYTES];
	struct rt_element_writer list =
		rt_element_writer_init(octets, sizeof(octets));

	rt_element_begin(&list, RT_ELEMENT_SEQUENCE);
	for (size_t i = 0; i < pattern->count; i++)
		rt_element_put_uuid(&list, pattern->uuid[i]);
	rt_element_end(&list);
	assert(rt_element_writer_done(&list));
	rt_wr_put(w, rt_bytes(octets, list.len));
}

static void put_ids(struct rt_wr *w, const struct rt_sdp_ids *ids)
{
	uint8_t octets[LIST_BYTES];
	struct rt_element_writer list =
		rt_element_writer_init(octets, sizeof(octets));

	rt_element_begin(&list, RT_ELEMENT_SEQUENCE);
	for (size_t i = 0; i < ids->count; i++) {
		const struct rt_sdp_range range = ids->range[i];

		if (range.first == range.last)
			rt_element_put_uint(&list, 2, range.first);
		else
			rt_element_put_uint(&list, 4,
					    (uint32_t)range.first << 16 |
						    range.last);
	}
	rt_element_end(&list);
	assert(rt_element_writer_done(&list));
	rt_wr_put(w, rt_bytes(octets, list.len));
}

void rt_sdp_request_write(struct rt_wr *w, uint16_t tid,
			  const struct rt_sdp_request *request)
{
	const struct rt_sdp_attr_req fixed = { .handle = request->handle,
					       .max_bytes = request->max };

	switch (request->transaction) {
	case RT_SDP_SEARCH:
		rt_sdp_pdu_begin(w, RT_SDP_SEARCH_REQ, tid);
		put_pattern(w, &request->pattern);
		rt_wr_be(w, request->max, 2);
		break;
	case RT_SDP_ATTRIBUTES:
		rt_sdp_pdu_begin(w, RT_SDP_ATTR_REQ, tid);
		rt_codec_encode(&rt_sdp_attr_req_msg, &fixed, w);
		put_ids(w, &request->ids);
		break;
	case RT_SDP_SEARCH_ATTRIBUTES:
		rt_sdp_pdu_begin(w, RT_SDP_SEARCH_ATTR_REQ, tid);
		put_pattern(w, &request->pattern);
		rt_wr_be(w, request->max, 2);
		put_ids(w, &request->ids);
		break;
	}
	rt_wr_u8(w, (uint8_t)request->continuation.len);
	rt_wr_put(w, request->continuation);
	rt_sdp_pdu_end(w);
}

uint8_t rt_sdp_request_response_id(enum rt_sdp_transaction transaction)
{
	switch (transaction) {
	case RT_SDP_SEARCH:
		return RT_SDP_SEARCH_RSP;
	case RT_SDP_ATTRIBUTES:
		return RT_SDP_ATTR_RSP;
	case RT_SDP_SEARCH_ATTRIBUTES:
		return RT_SDP_SEARCH_ATTR_RSP;
	}
	return RT_SDP_ERROR_RSP;
}

bool rt_sdp_pattern_matches(const struct rt_sdp_pattern *pattern,
			    struct rt_bytes attributes)
{
	return rt_sdp_record_has_uuids(attributes, pattern->uuid,
				       pattern->count);
}

bool rt_sdp_ids_have(const struct rt_sdp_ids *ids, uint16_t id)
{
	size_t low = 0;
	size_t high = ids->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (id > ids->range[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids->count && id >= ids->range[low].first;
}
