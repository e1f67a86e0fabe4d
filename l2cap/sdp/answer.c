/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/answer.h"

#include "l2cap/sdp/record.h"

/* The longest header of a sequence whose length an answer can have. */
#define HEADER_MAX 5

static void pass(struct rt_sdp_window *window, struct rt_bytes octets)
{
	const size_t at = window->total;
	const size_t end = window->skip + window->room;
	size_t from;
	size_t to;

	window->total += octets.len;
	if (!window->w || at >= end || window->total <= window->skip)
		return;
	from = at < window->skip ? window->skip - at : 0;
	to = RT_MIN(octets.len, end - at);
	rt_wr_put(window->w, rt_bytes(octets.ptr + from, to - from));
}

/* The header of a sequence of `bytes` octets. */
static void pass_header(struct rt_sdp_window *window, size_t bytes)
{
	uint8_t header[HEADER_MAX];
	struct rt_wr w = rt_wr_init(header, sizeof(header));

	if (bytes <= 0xff) {
		rt_wr_u8(&w, RT_ELEMENT_SEQUENCE << 3 | 5);
		rt_wr_be(&w, bytes, 1);
	} else if (bytes <= 0xffff) {
		rt_wr_u8(&w, RT_ELEMENT_SEQUENCE << 3 | 6);
		rt_wr_be(&w, bytes, 2);
	} else {
		rt_wr_u8(&w, RT_ELEMENT_SEQUENCE << 3 | 7);
		rt_wr_be(&w, bytes, 4);
	}
	pass(window, rt_wr_bytes(&w));
}

/* The attributes that are asked for, in the order in which they stand. */
static void pass_attributes(struct rt_sdp_window *window,
			    const struct rt_sdp_record *record,
			    const struct rt_sdp_ids *ids)
{
	struct rt_sdp_attributes walk =
		rt_sdp_attributes_of(rt_sdp_record_bytes(record));
	struct rt_sdp_attribute_view attribute;

	while (rt_sdp_attributes_next(&walk, &attribute)) {
		if (rt_sdp_ids_have(ids, attribute.id))
			pass(window, attribute.octets);
	}
}

static size_t attributes_bytes(const struct rt_sdp_record *record,
			       const struct rt_sdp_ids *ids)
{
	struct rt_sdp_window count = { 0 };

	pass_attributes(&count, record, ids);
	return count.total;
}

static void pass_list(struct rt_sdp_window *window,
		      const struct rt_sdp_record *record,
		      const struct rt_sdp_ids *ids)
{
	pass_header(window, attributes_bytes(record, ids));
	pass_attributes(window, record, ids);
}

static void pass_lists(struct rt_sdp_window *window, const struct rt_sdp_db *db,
		       const struct rt_sdp_request *request)
{
	const struct rt_sdp_record *record;

	RT_LIST_EACH (record, &db->records, node) {
		if (rt_sdp_pattern_matches(&request->pattern,
					   rt_sdp_record_bytes(record)) &&
		    attributes_bytes(record, &request->ids) > 0)
			pass_list(window, record, &request->ids);
	}
}

static void pass_handles(struct rt_sdp_window *window,
			 const struct rt_sdp_db *db,
			 const struct rt_sdp_request *request)
{
	const struct rt_sdp_record *record;
	uint8_t octets[4];
	struct rt_wr w;
	uint32_t left = request->max;

	RT_LIST_EACH (record, &db->records, node) {
		if (left == 0)
			return;
		if (!rt_sdp_pattern_matches(&request->pattern,
					    rt_sdp_record_bytes(record)))
			continue;
		w = rt_wr_init(octets, sizeof(octets));
		rt_wr_be(&w, record->handle, sizeof(octets));
		pass(window, rt_wr_bytes(&w));
		left--;
	}
}

void rt_sdp_answer(const struct rt_sdp_db *db,
		   const struct rt_sdp_request *request,
		   const struct rt_sdp_record *record,
		   struct rt_sdp_window *window)
{
	struct rt_sdp_window lists = { 0 };

	switch (request->transaction) {
	case RT_SDP_SEARCH:
		pass_handles(window, db, request);
		return;
	case RT_SDP_ATTRIBUTES:
		pass_list(window, record, &request->ids);
		return;
	case RT_SDP_SEARCH_ATTRIBUTES:
		pass_lists(&lists, db, request);
		pass_header(window, lists.total);
		pass_lists(window, db, request);
		return;
	}
}
