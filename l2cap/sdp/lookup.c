/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/lookup.h"

#include <errno.h>

#include "l2cap/sdp/client.h"
#include "l2cap/sdp/record.h"

#define HANDLE_BYTES 4
#define HANDLES_DEFAULT 256
#define ANSWER_BYTES 1024 /* of memory, at first */

static bool uuids_are_valid(const struct rt_sdp_query *query)
{
	return query->uuids && query->uuid_count >= 1 &&
	       query->uuid_count <= RT_SDP_UUIDS_MAX;
}

static bool ranges_are_valid(const struct rt_sdp_query *query)
{
	if (query->range_count > RT_SDP_RANGES_MAX)
		return false;
	for (size_t i = 0; i < query->range_count; i++) {
		const struct rt_sdp_range *range = &query->ranges[i];

		if (range->first > range->last ||
		    (i > 0 && range->first <= range[-1].last))
			return false;
	}
	return query->max_bytes == 0 || query->max_bytes >= RT_SDP_BYTES_MIN;
}

static bool is_valid(const struct rt_sdp_query *query,
		     const struct rt_sdp_query_ops *ops)
{
	if (rt_addr_is_zero(query->addr) || !ops || !ops->record || !ops->done)
		return false;
	switch (query->transaction) {
	case RT_SDP_SEARCH:
		return uuids_are_valid(query);
	case RT_SDP_ATTRIBUTES:
		return ranges_are_valid(query);
	case RT_SDP_SEARCH_ATTRIBUTES:
		return uuids_are_valid(query) && ranges_are_valid(query);
	}
	return false;
}

/* Octets of a list in one answer that fits our MTU with any continuation. */
static uint16_t fitting_bytes(void)
{
	return RT_SDP_CLIENT_MTU - RT_SDP_HEADER_BYTES - 2 - 1 -
	       RT_SDP_CONTINUATION_MAX;
}

static void copy_query(struct rt_sdp_request *request,
		       const struct rt_sdp_query *query)
{
	request->transaction = query->transaction;
	request->handle = query->handle;
	if (query->transaction != RT_SDP_ATTRIBUTES) {
		request->pattern.count = query->uuid_count;
		memcpy(request->pattern.uuid, query->uuids,
		       query->uuid_count * sizeof(*query->uuids));
	}
	if (query->transaction == RT_SDP_SEARCH) {
		request->max = query->max_handles ? query->max_handles
						  : HANDLES_DEFAULT;
		return;
	}
	request->max = query->max_bytes ? query->max_bytes : fitting_bytes();
	request->ids.count = 1;
	request->ids.range[0] = (struct rt_sdp_range){ 0x0000, 0xffff };
	if (query->range_count == 0)
		return;
	request->ids.count = query->range_count;
	memcpy(request->ids.range, query->ranges,
	       query->range_count * sizeof(*query->ranges));
}

int rt_sdp_lookup_new(struct rt_sdp *sdp, const struct rt_sdp_query *query,
		      const struct rt_sdp_query_ops *ops, void *user,
		      struct rt_sdp_lookup **ret)
{
	struct rt_sdp_lookup *lookup;
	int err;

	if (!is_valid(query, ops))
		return -EINVAL;
	lookup = rt_env_alloc(sdp->env, sizeof(*lookup));
	if (!lookup)
		return -ENOMEM;
	err = rt_slots_add(&sdp->queries, lookup, &lookup->handle);
	if (err) {
		rt_env_free(sdp->env, lookup);
		return err;
	}
	lookup->sdp = sdp;
	lookup->ops = ops;
	lookup->user = user;
	lookup->began_us = sdp->env->now_us;
	rt_list_init(&lookup->node);
	copy_query(&lookup->request, query);
	*ret = lookup;
	return 0;
}

void rt_sdp_lookup_restart(struct rt_sdp_lookup *lookup)
{
	lookup->rounds = 0;
	lookup->bytes = 0;
	lookup->request.continuation = rt_bytes(NULL, 0);
}

struct rt_reason rt_sdp_lookup_reason(const struct rt_sdp_lookup *lookup,
				      uint16_t code, bool by_packet)
{
	const struct rt_env *env = lookup->sdp->env;

	return (struct rt_reason){
		.layer = RT_LAYER_SDP,
		.phase = RT_PHASE_LOOKUP,
		.code = code,
		.err = rt_sdp_code_errno(code),
		.frame = by_packet ? env->frame : 0,
		.elapsed_us = env->now_us - lookup->began_us,
	};
}

struct rt_reason rt_sdp_lookup_reason_errno(const struct rt_sdp_lookup *lookup,
					    int err)
{
	return (struct rt_reason){
		.layer = RT_LAYER_API,
		.phase = RT_PHASE_LOOKUP,
		.err = err,
		.elapsed_us = lookup->sdp->env->now_us - lookup->began_us,
	};
}

/* Makes room for `bytes` more octets of the answer. */
static bool reserve(struct rt_sdp_lookup *lookup, size_t bytes)
{
	struct rt_env *env = lookup->sdp->env;
	size_t cap = RT_MAX(lookup->cap, ANSWER_BYTES);
	uint8_t *answer;

	if (lookup->bytes + bytes <= lookup->cap)
		return true;
	while (cap < lookup->bytes + bytes)
		cap *= 2;
	answer = rt_env_alloc(env, cap);
	if (!answer)
		return false;
	if (lookup->bytes > 0)
		memcpy(answer, lookup->answer, lookup->bytes);
	rt_env_free(env, lookup->answer);
	lookup->answer = answer;
	lookup->cap = cap;
	return true;
}

static enum rt_sdp_progress fail(struct rt_sdp_lookup *lookup, uint16_t code,
				 struct rt_reason *ret_why)
{
	*ret_why = rt_sdp_lookup_reason(lookup, code, true);
	return RT_SDP_FAILED;
}

static enum rt_sdp_progress take_error(struct rt_sdp_lookup *lookup,
				       struct rt_bytes params,
				       struct rt_reason *ret_why)
{
	struct rt_sdp_error_rsp rsp;

	if (rt_codec_decode(&rt_sdp_error_rsp_msg, params, &rsp) ||
	    rsp.code < RT_SDP_BAD_VERSION || rsp.code > RT_SDP_NO_RESOURCES)
		return fail(lookup, RT_SDP_MALFORMED, ret_why);
	if (rsp.code != RT_SDP_BAD_CONTINUATION || lookup->rounds == 0)
		return fail(lookup, rsp.code, ret_why);
	if (lookup->restarts == RT_SDP_RESTARTS_MAX)
		return fail(lookup, RT_SDP_CHANGED, ret_why);
	lookup->restarts++;
	rt_sdp_lookup_restart(lookup);
	return RT_SDP_ASK_ON;
}

/* A part of the answer. */
struct part {
	struct rt_bytes octets; /* of handles, or of the list or lists */
	struct rt_bytes continuation;
	size_t handles; /* SEARCH: as many as there will be in all */
};

static bool read_part(const struct rt_sdp_lookup *lookup,
		      struct rt_bytes params, struct part *ret_part)
{
	struct rt_sdp_search_rsp handles;
	struct rt_sdp_attr_rsp list;
	struct part part = { .handles = 0 };
	struct rt_rd r;

	if (lookup->request.transaction == RT_SDP_SEARCH) {
		if (rt_codec_decode(&rt_sdp_search_rsp_msg, params, &handles))
			return false;
		r = rt_rd_init(handles.tail);
		part.handles = RT_MIN(handles.total, lookup->request.max);
		part.octets =
			rt_rd_take(&r, (size_t)handles.current * HANDLE_BYTES);
	} else {
		/* Both responses with lists look the same. */
		if (rt_codec_decode(&rt_sdp_attr_rsp_msg, params, &list))
			return false;
		r = rt_rd_init(list.tail);
		part.octets = rt_rd_take(&r, list.bytes);
	}
	part.continuation = rt_sdp_pdu_take_continuation(&r);
	*ret_part = part;
	return rt_rd_done(&r) &&
	       part.continuation.len <= RT_SDP_CONTINUATION_MAX;
}

/* The only element that the answer is, if it is a sequence. */
static bool answer_list(const struct rt_sdp_lookup *lookup,
			struct rt_elements *ret_row)
{
	struct rt_elements row = rt_elements_of(lookup->answer, lookup->bytes);
	struct rt_element list;

	if (!rt_elements_next(&row, &list) || row.left > 0 ||
	    list.type != RT_ELEMENT_SEQUENCE)
		return false;
	*ret_row = rt_elements_in(&list);
	return true;
}

static struct rt_bytes bytes_of(const struct rt_element *list)
{
	return rt_bytes(list->value, list->bytes);
}

/* Devices do not always sort attributes; nothing here depends on it. */
static bool lists_are_valid(struct rt_elements row)
{
	struct rt_element list;

	while (rt_elements_next(&row, &list)) {
		if (list.type != RT_ELEMENT_SEQUENCE ||
		    !rt_sdp_record_is_valid(bytes_of(&list), RT_SDP_ANY_ORDER))
			return false;
	}
	return !row.broken;
}

static bool is_sound(const struct rt_sdp_lookup *lookup,
		     const struct part *last)
{
	struct rt_elements row;

	switch (lookup->request.transaction) {
	case RT_SDP_SEARCH:
		return lookup->bytes == last->handles * HANDLE_BYTES;
	case RT_SDP_ATTRIBUTES:
		return answer_list(lookup, &row) &&
		       rt_sdp_record_is_valid(rt_bytes(row.next, row.left),
					      RT_SDP_ANY_ORDER);
	case RT_SDP_SEARCH_ATTRIBUTES:
		return answer_list(lookup, &row) && lists_are_valid(row);
	}
	return false;
}

static bool has_seen(const struct rt_sdp_lookup *lookup, uint64_t state)
{
	for (uint32_t i = 0; i + 1 < lookup->rounds; i++) {
		if (lookup->seen[i] == state)
			return true;
	}
	return false;
}

/* There is more to come: remembers how to ask for it. */
static enum rt_sdp_progress go_on(struct rt_sdp_lookup *lookup,
				  const struct part *part,
				  struct rt_reason *ret_why)
{
	const uint32_t limit = lookup->sdp->env->limits.sdp_rounds;
	struct rt_siphash hash;
	uint64_t state;

	if (part->octets.len == 0)
		return fail(lookup, RT_SDP_NO_PROGRESS, ret_why);
	rt_siphash_init(&hash, lookup->sdp->key);
	rt_siphash_add(&hash, part->continuation);
	state = rt_siphash_end(&hash);
	if (has_seen(lookup, state))
		return fail(lookup, RT_SDP_NO_PROGRESS, ret_why);
	if (lookup->rounds >= RT_MIN(limit, RT_SDP_ROUNDS_MAX))
		return fail(lookup, RT_SDP_TOO_LONG, ret_why);
	lookup->seen[lookup->rounds - 1] = state;
	memcpy(lookup->continuation, part->continuation.ptr,
	       part->continuation.len);
	lookup->request.continuation =
		rt_bytes(lookup->continuation, part->continuation.len);
	return RT_SDP_ASK_ON;
}

enum rt_sdp_progress rt_sdp_lookup_take(struct rt_sdp_lookup *lookup,
					const struct rt_sdp_pdu *pdu,
					struct rt_reason *ret_why)
{
	const enum rt_sdp_transaction transaction = lookup->request.transaction;
	struct part part;

	if (pdu->id == RT_SDP_ERROR_RSP)
		return take_error(lookup, pdu->params, ret_why);
	if (pdu->id != rt_sdp_request_response_id(transaction) ||
	    !read_part(lookup, pdu->params, &part))
		return fail(lookup, RT_SDP_MALFORMED, ret_why);
	if (lookup->bytes + part.octets.len >
	    lookup->sdp->env->limits.sdp_client_bytes)
		return fail(lookup, RT_SDP_TOO_LONG, ret_why);
	if (!reserve(lookup, part.octets.len)) {
		*ret_why = rt_sdp_lookup_reason_errno(lookup, -ENOMEM);
		return RT_SDP_FAILED;
	}
	if (part.octets.len > 0)
		memcpy(lookup->answer + lookup->bytes, part.octets.ptr,
		       part.octets.len);
	lookup->bytes += part.octets.len;
	lookup->rounds++;
	if (part.continuation.len > 0)
		return go_on(lookup, &part, ret_why);
	if (!is_sound(lookup, &part))
		return fail(lookup, RT_SDP_MALFORMED, ret_why);
	return RT_SDP_WHOLE;
}

static void tell_handles(struct rt_sdp_lookup *lookup)
{
	struct rt_rd r = rt_rd_init(rt_bytes(lookup->answer, lookup->bytes));
	const struct rt_bytes none = { NULL, 0 };

	while (lookup->handle && rt_rd_left(&r) > 0)
		lookup->ops->record(lookup->user,
				    (uint32_t)rt_rd_be(&r, HANDLE_BYTES), none);
}

/* The handle that a record has in its own attributes; 0 if in none. */
static uint32_t handle_in(struct rt_bytes attributes)
{
	struct rt_element element;
	uint64_t value;

	if (!rt_sdp_attribute_find(attributes, RT_SDP_RECORD_HANDLE,
				   &element) ||
	    !rt_element_uint(&element, &value) || value > UINT32_MAX)
		return 0;
	return (uint32_t)value;
}

/*
 * A list without attributes is what some servers give for a record that has
 * none of those asked for, and others, as ours, leave out.
 */
static void tell_lists(struct rt_sdp_lookup *lookup)
{
	struct rt_elements row;
	struct rt_element list;

	if (!answer_list(lookup, &row))
		return;
	while (lookup->handle && rt_elements_next(&row, &list)) {
		if (list.bytes > 0)
			lookup->ops->record(lookup->user,
					    handle_in(bytes_of(&list)),
					    bytes_of(&list));
	}
}

static void tell_list(struct rt_sdp_lookup *lookup)
{
	struct rt_elements row;

	if (answer_list(lookup, &row))
		lookup->ops->record(lookup->user, lookup->request.handle,
				    rt_bytes(row.next, row.left));
}

void rt_sdp_lookup_tell(struct rt_sdp_lookup *lookup)
{
	const struct rt_reason well = {
		.layer = RT_LAYER_NONE,
		.phase = RT_PHASE_LOOKUP,
		.frame = lookup->sdp->env->frame,
		.elapsed_us = lookup->sdp->env->now_us - lookup->began_us,
	};

	switch (lookup->request.transaction) {
	case RT_SDP_SEARCH:
		tell_handles(lookup);
		break;
	case RT_SDP_ATTRIBUTES:
		tell_list(lookup);
		break;
	case RT_SDP_SEARCH_ATTRIBUTES:
		tell_lists(lookup);
		break;
	}
	rt_sdp_lookup_end(lookup, &well);
}

void rt_sdp_lookup_free(struct rt_sdp_lookup *lookup)
{
	rt_slots_del(&lookup->sdp->queries, lookup->handle);
	rt_list_del(&lookup->node);
	rt_env_free(lookup->sdp->env, lookup->answer);
	rt_env_free(lookup->sdp->env, lookup);
}

static void free_buried(struct rt_env *env, struct rt_grave *grave)
{
	struct rt_sdp_lookup *lookup =
		RT_CONTAINER_OF(grave, struct rt_sdp_lookup, grave);

	rt_env_free(env, lookup->answer);
	rt_env_free(env, lookup);
}

void rt_sdp_lookup_forget(struct rt_sdp_lookup *lookup)
{
	if (!lookup->handle)
		return;
	rt_slots_del(&lookup->sdp->queries, lookup->handle);
	rt_list_del(&lookup->node);
	lookup->handle = 0;
	lookup->client = NULL;
	rt_env_bury(lookup->sdp->env, &lookup->grave, free_buried);
}

void rt_sdp_lookup_end(struct rt_sdp_lookup *lookup,
		       const struct rt_reason *why)
{
	if (!lookup->handle)
		return;
	rt_sdp_lookup_forget(lookup);
	lookup->ops->done(lookup->user, why);
}
