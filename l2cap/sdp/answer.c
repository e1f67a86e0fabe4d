/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/answer.h"

#include "l2cap/sdp/record.h"

/* The longest header of a sequence whose length an answer can have. */
#define HEADER_MAX 5

#define HANDLE_BYTES 4

/* --- measuring ---------------------------------------------------------- */

static size_t header_bytes(size_t bytes)
{
	if (bytes <= 0xff)
		return 2;
	return bytes <= 0xffff ? 3 : HEADER_MAX;
}

static bool matches(const struct rt_sdp_record *record,
		    const struct rt_sdp_request *request)
{
	return rt_sdp_pattern_matches(&request->pattern,
				      rt_sdp_record_bytes(record));
}

static size_t attributes_bytes(const struct rt_sdp_record *record,
			       const struct rt_sdp_ids *ids)
{
	struct rt_sdp_attributes walk =
		rt_sdp_attributes_of(rt_sdp_record_bytes(record));
	struct rt_sdp_attribute_view attribute;
	size_t bytes = 0;

	while (rt_sdp_attributes_next(&walk, &attribute)) {
		if (rt_sdp_ids_have(ids, attribute.id))
			bytes += attribute.octets.len;
	}
	return bytes;
}

static size_t measure_handles(struct rt_sdp_db *db,
			      const struct rt_sdp_request *request)
{
	struct rt_sdp_record *record;
	uint32_t count = 0;

	RT_LIST_EACH (record, &db->records, node) {
		const bool asked =
			count < request->max && matches(record, request);

		record->asked_bytes = asked ? HANDLE_BYTES : 0;
		count += asked;
	}
	return (size_t)count * HANDLE_BYTES;
}

static size_t measure_lists(struct rt_sdp_db *db,
			    const struct rt_sdp_request *request)
{
	struct rt_sdp_record *record;
	size_t total = 0;

	RT_LIST_EACH (record, &db->records, node) {
		size_t bytes = 0;

		if (matches(record, request))
			bytes = attributes_bytes(record, &request->ids);
		record->asked_bytes = bytes;
		if (bytes > 0)
			total += header_bytes(bytes) + bytes;
	}
	return total;
}

void rt_sdp_answer_measure(struct rt_sdp_db *db,
			   const struct rt_sdp_request *request,
			   struct rt_sdp_record *record,
			   struct rt_sdp_answer *ret_answer)
{
	struct rt_sdp_answer answer = { .request = request, .record = record };

	switch (request->transaction) {
	case RT_SDP_SEARCH:
		answer.bytes = measure_handles(db, request);
		break;
	case RT_SDP_ATTRIBUTES:
		record->asked_bytes = attributes_bytes(record, &request->ids);
		answer.bytes =
			header_bytes(record->asked_bytes) + record->asked_bytes;
		break;
	case RT_SDP_SEARCH_ATTRIBUTES:
		answer.lists_bytes = measure_lists(db, request);
		answer.bytes =
			header_bytes(answer.lists_bytes) + answer.lists_bytes;
		break;
	}
	*ret_answer = answer;
}

/* --- writing ------------------------------------------------------------ */

static void pass(struct rt_sdp_window *window, struct rt_bytes octets)
{
	const size_t at = window->total;
	const size_t end = window->skip + window->room;
	size_t from;
	size_t to;

	window->total += octets.len;
	if (at >= end || window->total <= window->skip)
		return;
	from = at < window->skip ? window->skip - at : 0;
	to = RT_MIN(octets.len, end - at);
	rt_wr_put(window->w, rt_bytes(octets.ptr + from, to - from));
}

/* True if none of the next octets is in the window: they need not be made. */
static bool pass_unseen(struct rt_sdp_window *window, size_t bytes)
{
	const size_t at = window->total;

	if (at < window->skip + window->room && at + bytes > window->skip)
		return false;
	window->total += bytes;
	return true;
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

static void pass_list(struct rt_sdp_window *window,
		      const struct rt_sdp_record *record,
		      const struct rt_sdp_ids *ids)
{
	pass_header(window, record->asked_bytes);
	if (!pass_unseen(window, record->asked_bytes))
		pass_attributes(window, record, ids);
}

static void pass_lists(struct rt_sdp_window *window, const struct rt_sdp_db *db,
		       const struct rt_sdp_ids *ids)
{
	const struct rt_sdp_record *record;

	RT_LIST_EACH (record, &db->records, node) {
		if (record->asked_bytes > 0)
			pass_list(window, record, ids);
	}
}

static void pass_handles(struct rt_sdp_window *window,
			 const struct rt_sdp_db *db)
{
	const struct rt_sdp_record *record;
	uint8_t octets[HANDLE_BYTES];
	struct rt_wr w;

	RT_LIST_EACH (record, &db->records, node) {
		if (record->asked_bytes == 0)
			continue;
		w = rt_wr_init(octets, sizeof(octets));
		rt_wr_be(&w, record->handle, sizeof(octets));
		pass(window, rt_wr_bytes(&w));
	}
}

void rt_sdp_answer_write(const struct rt_sdp_db *db,
			 const struct rt_sdp_answer *answer,
			 struct rt_sdp_window *window)
{
	const struct rt_sdp_ids *ids = &answer->request->ids;

	switch (answer->request->transaction) {
	case RT_SDP_SEARCH:
		pass_handles(window, db);
		return;
	case RT_SDP_ATTRIBUTES:
		pass_list(window, answer->record, ids);
		return;
	case RT_SDP_SEARCH_ATTRIBUTES:
		pass_header(window, answer->lists_bytes);
		pass_lists(window, db, ids);
		return;
	}
}
