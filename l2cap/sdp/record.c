/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/record.h"

#include <assert.h>

#include "l2cap/l2cap.h"

#define CHANNEL_MAX 30 /* of RFCOMM servers; the first is 1 */

struct rt_sdp_attributes rt_sdp_attributes_of(struct rt_bytes attributes)
{
	return (struct rt_sdp_attributes){
		.row = rt_elements_of(attributes.ptr, attributes.len),
	};
}

bool rt_sdp_attributes_next(struct rt_sdp_attributes *walk,
			    struct rt_sdp_attribute_view *ret_attribute)
{
	const uint8_t *begin = walk->row.next;
	struct rt_element id;
	struct rt_element value;
	uint64_t number;

	if (walk->broken)
		return false;
	if (!rt_elements_next(&walk->row, &id)) {
		walk->broken = walk->row.broken;
		return false;
	}
	if (id.bytes != sizeof(ret_attribute->id) ||
	    !rt_element_uint(&id, &number) ||
	    !rt_elements_next(&walk->row, &value)) {
		walk->broken = true;
		return false;
	}
	*ret_attribute = (struct rt_sdp_attribute_view){
		.id = (uint16_t)number,
		.value = value,
		.octets = rt_bytes(begin, (size_t)(walk->row.next - begin)),
	};
	return true;
}

/* Octets of the element of an id. */
#define ID_BYTES 3

bool rt_sdp_record_is_valid(struct rt_bytes attributes, enum rt_sdp_order order)
{
	struct rt_sdp_attributes walk = rt_sdp_attributes_of(attributes);
	struct rt_sdp_attribute_view attribute;
	int32_t last = -1;

	while (rt_sdp_attributes_next(&walk, &attribute)) {
		if (order == RT_SDP_ASCENDING && attribute.id <= last)
			return false;
		last = attribute.id;
		if (!rt_element_is_valid(attribute.octets.ptr + ID_BYTES,
					 attribute.octets.len - ID_BYTES))
			return false;
	}
	return !walk.broken;
}

bool rt_sdp_attribute_find(struct rt_bytes attributes, uint16_t id,
			   struct rt_element *ret_value)
{
	struct rt_sdp_attributes walk = rt_sdp_attributes_of(attributes);
	struct rt_sdp_attribute_view attribute;

	while (rt_sdp_attributes_next(&walk, &attribute)) {
		if (attribute.id != id)
			continue;
		*ret_value = attribute.value;
		return true;
	}
	return false;
}

/*
 * The next element that is not itself a row of elements. In a sequence's
 * octets the first element follows its header at once, so stepping over
 * headers visits all that stands in it, however deep.
 */
static bool next_leaf(struct rt_elements *row, struct rt_element *ret_leaf)
{
	struct rt_elements before = *row;
	struct rt_element element;

	while (rt_elements_next(row, &element)) {
		if (element.type != RT_ELEMENT_SEQUENCE &&
		    element.type != RT_ELEMENT_ALTERNATIVE) {
			*ret_leaf = element;
			return true;
		}
		before.left -= (size_t)(element.value - before.next);
		before.next = element.value;
		*row = before;
	}
	return false;
}

bool rt_sdp_record_has_uuids(struct rt_bytes attributes,
			     const struct rt_uuid *uuids, size_t count)
{
	struct rt_elements row = rt_elements_of(attributes.ptr, attributes.len);
	const uint32_t all = (1U << count) - 1;
	uint32_t found = 0;
	struct rt_element leaf;
	struct rt_uuid uuid;

	assert(count <= RT_SDP_UUIDS_MAX);
	while (found != all && next_leaf(&row, &leaf)) {
		if (!rt_element_uuid(&leaf, &uuid))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (rt_uuid_equal(uuid, uuids[i]))
				found |= 1U << i;
		}
	}
	return found == all;
}

bool rt_sdp_record_has_uuid(struct rt_bytes attributes, struct rt_uuid uuid)
{
	return rt_sdp_record_has_uuids(attributes, &uuid, 1);
}

size_t rt_sdp_record_classes(struct rt_bytes attributes,
			     struct rt_uuid *ret_uuids, size_t cap)
{
	struct rt_element list;
	struct rt_element leaf;
	struct rt_elements row;
	size_t count = 0;

	if (!rt_sdp_attribute_find(attributes, RT_SDP_CLASS_ID_LIST, &list))
		return 0;
	row = rt_elements_in(&list);
	while (count < cap && next_leaf(&row, &leaf)) {
		if (rt_element_uuid(&leaf, &ret_uuids[count]))
			count++;
	}
	return count;
}

/* The first element of a sequence, if it is a UUID; the row stands behind. */
static bool begin_descriptor(const struct rt_element *sequence,
			     struct rt_elements *ret_row,
			     struct rt_uuid *ret_uuid)
{
	struct rt_element first;

	*ret_row = rt_elements_in(sequence);
	return sequence->type == RT_ELEMENT_SEQUENCE &&
	       rt_elements_next(ret_row, &first) &&
	       rt_element_uuid(&first, ret_uuid);
}

/* The next number of at most 16 bits in a row; 0 if it is something else. */
static uint16_t next_number(struct rt_elements *row)
{
	struct rt_element element;
	uint64_t value;

	if (!rt_elements_next(row, &element) ||
	    !rt_element_uint(&element, &value) || value > 0xffff)
		return 0;
	return (uint16_t)value;
}

/*
 * A protocol stack (B:5.1.5), the lowest layer first: L2CAP with a PSM or
 * none, RFCOMM with a server channel, what is of the service.
 */
static bool stack_access(const struct rt_element *stack,
			 struct rt_sdp_access *ret_access)
{
	const struct rt_uuid rfcomm = rt_uuid_from_short(RT_SDP_UUID_RFCOMM);
	const struct rt_uuid l2cap = rt_uuid_from_short(RT_SDP_UUID_L2CAP);
	struct rt_elements layers = rt_elements_in(stack);
	struct rt_element layer;
	struct rt_elements row;
	struct rt_uuid protocol;
	uint16_t psm = 0;
	uint16_t number;

	while (rt_elements_next(&layers, &layer)) {
		if (!begin_descriptor(&layer, &row, &protocol))
			return false;
		number = next_number(&row);
		if (rt_uuid_equal(protocol, l2cap))
			psm = number;
		if (!rt_uuid_equal(protocol, rfcomm))
			continue;
		*ret_access = (struct rt_sdp_access){ true, number, 0 };
		return number >= 1 && number <= CHANNEL_MAX;
	}
	*ret_access = (struct rt_sdp_access){ false, psm, 0 };
	return rt_l2cap_psm_is_valid(psm);
}

/* True if a row of stacks follows: their layers are sequences of sequences. */
static bool holds_stacks(const struct rt_element *list)
{
	struct rt_elements row = rt_elements_in(list);
	struct rt_element stack;
	struct rt_element layer;

	if (list->type == RT_ELEMENT_ALTERNATIVE)
		return true;
	if (!rt_elements_next(&row, &stack))
		return false;
	row = rt_elements_in(&stack);
	return rt_elements_next(&row, &layer) &&
	       layer.type == RT_ELEMENT_SEQUENCE;
}

/* Some devices forget the outer one of the two sequences. */
uint16_t rt_sdp_record_version(struct rt_bytes attributes)
{
	struct rt_element list;
	struct rt_element first;
	struct rt_elements row;
	struct rt_uuid profile;

	if (!rt_sdp_attribute_find(attributes, RT_SDP_PROFILE_LIST, &list))
		return 0;
	if (begin_descriptor(&list, &row, &profile))
		return next_number(&row);
	row = rt_elements_in(&list);
	if (!rt_elements_next(&row, &first) ||
	    !begin_descriptor(&first, &row, &profile))
		return 0;
	return next_number(&row);
}

bool rt_sdp_record_access(struct rt_bytes attributes,
			  struct rt_sdp_access *ret_access)
{
	struct rt_sdp_access access;
	struct rt_element list;
	struct rt_element stack;
	struct rt_elements row;
	bool found = false;

	if (!rt_sdp_attribute_find(attributes, RT_SDP_PROTOCOL_LIST, &list))
		return false;
	if (!holds_stacks(&list)) {
		found = stack_access(&list, &access);
	} else {
		row = rt_elements_in(&list);
		while (!found && rt_elements_next(&row, &stack))
			found = stack_access(&stack, &access);
	}
	if (!found)
		return false;
	access.version = rt_sdp_record_version(attributes);
	*ret_access = access;
	return true;
}
