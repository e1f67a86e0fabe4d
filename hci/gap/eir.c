/* SPDX-License-Identifier: MIT */
#include "hci/gap/eir.h"

#include <string.h>

#include "hci/gap/utf8.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* Data types (Assigned Numbers 2.3). */
#define TYPE_NAME_SHORTENED 0x08
#define TYPE_NAME_COMPLETE 0x09

#define STRUCTURE_HEADER_BYTES 2

/* What is left of a name that UUIDs compete with. */
#define NAME_BYTES_MIN 48

#define UUID_BYTES_MAX 16

/* The lists of service class UUIDs, by the size of one. */
struct list_type {
	uint8_t incomplete;
	uint8_t complete;
	uint8_t bytes;
};

static const struct list_type list_types[] = {
	{ 0x02, 0x03, 2 },
	{ 0x04, 0x05, 4 },
	{ 0x06, 0x07, 16 },
};

/* Octets of the shortest form. */
static size_t uuid_bytes(struct rt_uuid uuid)
{
	uint32_t value;

	if (!rt_uuid_to_short(uuid, &value))
		return UUID_BYTES_MAX;
	return value <= UINT16_MAX ? 2 : 4;
}

/* UUIDs are sent the least significant octet first, unlike those of SDP. */
static void put_uuid(struct rt_wr *w, struct rt_uuid uuid, size_t bytes)
{
	uint32_t value;

	if (bytes < UUID_BYTES_MAX && rt_uuid_to_short(uuid, &value)) {
		rt_wr_le16(w, (uint16_t)value);
		if (bytes > 2)
			rt_wr_le16(w, (uint16_t)(value >> 16));
		return;
	}
	for (size_t i = UUID_BYTES_MAX; i > 0; i--)
		rt_wr_u8(w, uuid.b[i - 1]);
}

/* How many UUIDs of the source have this size. */
static size_t count_uuids(const struct rt_gap_eir_source *source, size_t bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < source->uuid_count; i++)
		count += uuid_bytes(source->uuids[i]) == bytes;
	return count;
}

/* Octets of all lists of UUIDs. */
static size_t lists_bytes(const struct rt_gap_eir_source *source)
{
	size_t total = 0;
	size_t count;

	for (size_t i = 0; i < RT_ARRAY_SIZE(list_types); i++) {
		count = count_uuids(source, list_types[i].bytes);
		if (count > 0)
			total += STRUCTURE_HEADER_BYTES +
				 count * list_types[i].bytes;
	}
	return total;
}

static void put_name(struct rt_wr *w, const struct rt_gap_eir_source *source)
{
	const size_t room = RT_GAP_EIR_BYTES - STRUCTURE_HEADER_BYTES;
	const size_t lists = RT_MIN(lists_bytes(source), room);
	const size_t len = rt_gap_utf8_fit(
		source->name, RT_MAX(room - lists, (size_t)NAME_BYTES_MIN));

	if (source->name[0] == '\0')
		return;
	rt_wr_u8(w, (uint8_t)(1 + len));
	rt_wr_u8(w, source->name[len] == '\0' ? TYPE_NAME_COMPLETE
					      : TYPE_NAME_SHORTENED);
	rt_wr_put(w, rt_bytes(source->name, len));
}

/*
 * A list that is left out counts as an empty one of the incomplete kind (Core
 * Supplement Part A 1.1.1), so that one without room needs no word.
 */
static void put_list(struct rt_wr *w, const struct rt_gap_eir_source *source,
		     const struct list_type *type)
{
	const size_t count = count_uuids(source, type->bytes);
	const size_t room = rt_wr_room(w);
	size_t fit;
	bool complete;

	if (count == 0 || room < STRUCTURE_HEADER_BYTES + (size_t)type->bytes)
		return;
	fit = RT_MIN(count, (room - STRUCTURE_HEADER_BYTES) / type->bytes);
	complete = fit == count && !source->more_uuids;
	rt_wr_u8(w, (uint8_t)(1 + fit * type->bytes));
	rt_wr_u8(w, complete ? type->complete : type->incomplete);
	for (size_t i = 0; fit > 0; i++) {
		if (uuid_bytes(source->uuids[i]) != type->bytes)
			continue;
		put_uuid(w, source->uuids[i], type->bytes);
		fit--;
	}
}

void rt_gap_eir_build(const struct rt_gap_eir_source *source,
		      uint8_t ret[RT_GAP_EIR_BYTES])
{
	struct rt_wr w = rt_wr_init(ret, RT_GAP_EIR_BYTES);

	memset(ret, 0, RT_GAP_EIR_BYTES);
	put_name(&w, source);
	for (size_t i = 0; i < RT_ARRAY_SIZE(list_types); i++)
		put_list(&w, source, &list_types[i]);
}

static void take_name(struct rt_bytes name, bool complete,
		      struct rt_gap_device *device)
{
	/* The complete name wins, and of equals the first. */
	if (device->has_name && (device->name_complete || !complete))
		return;
	rt_gap_utf8_copy(name, device->name, sizeof(device->name));
	device->has_name = true;
	device->name_complete = complete;
}

void rt_gap_eir_parse(struct rt_bytes eir, struct rt_gap_device *device)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(eir.ptr, RT_MIN(eir.len, (size_t)RT_GAP_EIR_BYTES)));
	size_t significant = 0;
	struct rt_bytes data;
	uint8_t len;
	uint8_t type;

	device->has_name = false;
	device->name_complete = false;
	device->name[0] = '\0';
	for (len = rt_rd_u8(&r); len > 0; len = rt_rd_u8(&r)) {
		type = rt_rd_u8(&r);
		data = rt_rd_take(&r, len - 1U);
		if (!rt_rd_ok(&r))
			break;
		significant += 1U + len;
		if (type == TYPE_NAME_COMPLETE || type == TYPE_NAME_SHORTENED)
			take_name(data, type == TYPE_NAME_COMPLETE, device);
	}
	device->eir_bytes = (uint8_t)significant;
	memset(device->eir, 0, sizeof(device->eir));
	if (significant > 0)
		memcpy(device->eir, eir.ptr, significant);
}

static const struct list_type *list_type_of(uint8_t type)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(list_types); i++) {
		if (list_types[i].complete == type ||
		    list_types[i].incomplete == type)
			return &list_types[i];
	}
	return NULL;
}

static struct rt_uuid read_uuid(struct rt_rd *r, size_t bytes)
{
	struct rt_uuid uuid;

	if (bytes == 2)
		return rt_uuid_from_short(rt_rd_le16(r));
	if (bytes == 4)
		return rt_uuid_from_short(rt_rd_le32(r));
	for (size_t i = UUID_BYTES_MAX; i > 0; i--)
		uuid.b[i - 1] = rt_rd_u8(r);
	return uuid;
}

/* Adds what is not there yet. Returns how many there are then. */
static size_t add_uuid(struct rt_uuid *uuids, size_t count, struct rt_uuid uuid)
{
	for (size_t i = 0; i < count; i++) {
		if (rt_uuid_equal(uuids[i], uuid))
			return count;
	}
	if (count < RT_GAP_EIR_UUIDS_MAX)
		uuids[count++] = uuid;
	return count;
}

size_t rt_gap_eir_uuids(struct rt_bytes eir,
			struct rt_uuid ret[RT_GAP_EIR_UUIDS_MAX],
			bool *ret_complete)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(eir.ptr, RT_MIN(eir.len, (size_t)RT_GAP_EIR_BYTES)));
	const struct list_type *type;
	bool incomplete = false;
	bool any = false;
	size_t count = 0;
	struct rt_rd list;
	uint8_t code;
	uint8_t len;

	for (len = rt_rd_u8(&r); len > 0; len = rt_rd_u8(&r)) {
		code = rt_rd_u8(&r);
		list = rt_rd_init(rt_rd_take(&r, len - 1U));
		if (!rt_rd_ok(&r))
			break;
		type = list_type_of(code);
		if (!type)
			continue;
		any = true;
		incomplete |= code == type->incomplete;
		while (rt_rd_left(&list) >= type->bytes)
			count = add_uuid(ret, count,
					 read_uuid(&list, type->bytes));
	}
	*ret_complete = any && !incomplete;
	return count;
}
