/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_RECORD_H
#define RT_SDP_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/sdp.h"

/*
 * A service record as its attributes (Core Vol 3 Part B 2.2, 2.3), read where
 * it lies. Nothing that is met needs to have been checked before.
 */

struct rt_sdp_attribute_view {
	uint16_t id;
	struct rt_element value;
	struct rt_bytes octets; /* of both elements, with their headers */
};

/* Attributes that are read from left to right. */
struct rt_sdp_attributes {
	struct rt_elements row;
	bool broken; /* sticky: an id that is none, or half an attribute */
};

/* Begins to read the attributes of a record. */
struct rt_sdp_attributes rt_sdp_attributes_of(struct rt_bytes attributes);

/*
 * Takes the next attribute. False at the end, or if it is malformed: then
 * `broken` is set. The inside of a sequence is not looked at.
 */
bool rt_sdp_attributes_next(struct rt_sdp_attributes *walk,
			    struct rt_sdp_attribute_view *ret_attribute);

/* In which order the ids of a record stand. */
enum rt_sdp_order {
	RT_SDP_ANY_ORDER,
	RT_SDP_ASCENDING, /* and each once (B:4.6.2) */
};

/*
 * True if all of it is pairs of an id and a value that is well formed to the
 * bottom, and the ids stand in that order.
 */
bool rt_sdp_record_is_valid(struct rt_bytes attributes,
			    enum rt_sdp_order order);

/*
 * True if each of so many UUIDs, RT_SDP_UUIDS_MAX at most, is in one of the
 * record's values (B:2.6). The record is walked over once.
 */
bool rt_sdp_record_has_uuids(struct rt_bytes attributes,
			     const struct rt_uuid *uuids, size_t count);

#endif
