/* SPDX-License-Identifier: MIT */
#include "l2cap/element.h"

#include "stack/rd.h"

/* The size index of a header octet (B:3.3). */
enum {
	INDEX_2 = 1,
	INDEX_4 = 2,
	INDEX_16 = 4,
	INDEX_LENGTH_8 = 5, /* the length follows in so many bits */
	INDEX_LENGTH_16 = 6,
	INDEX_LENGTH_32 = 7,
};

#define HEADER(type, index) \
	((uint8_t)((unsigned int)(type) << 3 | (unsigned int)(index)))

static bool is_nest(enum rt_element_type type)
{
	return type == RT_ELEMENT_SEQUENCE || type == RT_ELEMENT_ALTERNATIVE;
}

/* Which types have values of which sizes (B:3.2). */
static bool is_legal(unsigned int type, unsigned int index)
{
	if (type > RT_ELEMENT_URL)
		return false;
	switch ((enum rt_element_type)type) {
	case RT_ELEMENT_NIL:
	case RT_ELEMENT_BOOL:
		return index == 0;
	case RT_ELEMENT_UINT:
	case RT_ELEMENT_INT:
		return index <= INDEX_16;
	case RT_ELEMENT_UUID:
		return index == INDEX_2 || index == INDEX_4 ||
		       index == INDEX_16;
	case RT_ELEMENT_TEXT:
	case RT_ELEMENT_SEQUENCE:
	case RT_ELEMENT_ALTERNATIVE:
	case RT_ELEMENT_URL:
		return index >= INDEX_LENGTH_8;
	}
	return false;
}

/* Reads a header. What it says about the length may be too much. */
static bool read_header(struct rt_rd *r, enum rt_element_type *ret_type,
			size_t *ret_bytes)
{
	const uint8_t octet = rt_rd_u8(r);
	const unsigned int type = octet >> 3;
	const unsigned int index = octet & 7;

	if (!rt_rd_ok(r) || !is_legal(type, index))
		return false;
	*ret_type = (enum rt_element_type)type;
	if (type == RT_ELEMENT_NIL)
		*ret_bytes = 0;
	else if (index >= INDEX_LENGTH_8)
		*ret_bytes = (size_t)rt_rd_be(
			r, (size_t)1 << (index - INDEX_LENGTH_8));
	else
		*ret_bytes = (size_t)1 << index;
	return rt_rd_ok(r);
}

struct rt_elements rt_elements_of(const void *data, size_t bytes)
{
	return (struct rt_elements){ .next = data, .left = bytes };
}

struct rt_elements rt_elements_in(const struct rt_element *element)
{
	if (!is_nest(element->type))
		return rt_elements_of(NULL, 0);
	return rt_elements_of(element->value, element->bytes);
}

bool rt_elements_next(struct rt_elements *row, struct rt_element *ret_element)
{
	struct rt_rd r = rt_rd_init(rt_bytes(row->next, row->left));
	enum rt_element_type type;
	struct rt_bytes value;
	size_t bytes;

	if (row->broken || row->left == 0)
		return false;
	if (!read_header(&r, &type, &bytes)) {
		row->broken = true;
		return false;
	}
	value = rt_rd_take(&r, bytes);
	if (!rt_rd_ok(&r)) {
		row->broken = true;
		return false;
	}
	row->next = r.p;
	row->left = r.left;
	*ret_element = (struct rt_element){ type, value.ptr, value.len };
	return true;
}

/*
 * How deep sequences stand in the one element that `bytes` octets at `data`
 * are; -1 if they are not, or it is deeper than RT_ELEMENT_DEPTH_MAX.
 */
static int depth_of(const void *data, size_t bytes)
{
	struct rt_elements rows[RT_ELEMENT_DEPTH_MAX + 1];
	struct rt_element element;
	int deepest = 0;
	int depth = 0;

	rows[0] = rt_elements_of(data, bytes);
	if (!rt_elements_next(&rows[0], &element) || rows[0].left > 0)
		return -1;
	for (;;) {
		if (is_nest(element.type)) {
			if (depth == RT_ELEMENT_DEPTH_MAX)
				return -1;
			rows[++depth] = rt_elements_in(&element);
			deepest = depth > deepest ? depth : deepest;
		}
		while (!rt_elements_next(&rows[depth], &element)) {
			if (rows[depth].broken)
				return -1;
			if (depth-- == 0)
				return deepest;
		}
	}
}

bool rt_element_is_valid(const void *data, size_t bytes)
{
	return depth_of(data, bytes) >= 0;
}

/* The value as a number of 64 bits, big endian. */
static bool number(const struct rt_element *element, enum rt_element_type type,
		   uint64_t *ret_value)
{
	struct rt_rd r = rt_rd_init(rt_bytes(element->value, element->bytes));

	if (element->type != type || element->bytes == 0 ||
	    element->bytes > sizeof(*ret_value))
		return false;
	*ret_value = rt_rd_be(&r, element->bytes);
	return true;
}

bool rt_element_uint(const struct rt_element *element, uint64_t *ret_value)
{
	return number(element, RT_ELEMENT_UINT, ret_value);
}

bool rt_element_int(const struct rt_element *element, int64_t *ret_value)
{
	uint64_t value;
	uint64_t sign;

	if (!number(element, RT_ELEMENT_INT, &value))
		return false;
	sign = (uint64_t)1 << (8 * element->bytes - 1);
	/* Below zero: what is missing to zero, counted down from -1. */
	if (value & sign)
		*ret_value = -1 - (int64_t)((value ^ (sign | (sign - 1))));
	else
		*ret_value = (int64_t)value;
	return true;
}

bool rt_element_bool(const struct rt_element *element, bool *ret_value)
{
	if (element->type != RT_ELEMENT_BOOL || element->bytes != 1)
		return false;
	*ret_value = element->value[0] != 0;
	return true;
}

bool rt_element_uuid(const struct rt_element *element,
		     struct rt_uuid *ret_value)
{
	uint64_t value;

	if (element->type != RT_ELEMENT_UUID)
		return false;
	if (element->bytes == sizeof(ret_value->b)) {
		memcpy(ret_value->b, element->value, sizeof(ret_value->b));
		return true;
	}
	if (!number(element, RT_ELEMENT_UUID, &value))
		return false;
	*ret_value = rt_uuid_from_short((uint32_t)value);
	return true;
}

struct rt_element_writer rt_element_writer_init(void *buf, size_t cap)
{
	return (struct rt_element_writer){ .buf = buf, .cap = cap };
}

/* Room for `bytes` octets, or NULL. */
static uint8_t *take(struct rt_element_writer *w, size_t bytes)
{
	uint8_t *p;

	if (w->failed || bytes > w->cap - w->len) {
		w->failed = true;
		return NULL;
	}
	p = w->buf + w->len;
	w->len += bytes;
	return p;
}

/* An element: header octet, and a value of `bytes` octets, big endian. */
static void put_number(struct rt_element_writer *w, uint8_t header,
		       uint64_t value, size_t bytes)
{
	uint8_t *p = take(w, 1 + bytes);

	if (!p)
		return;
	*p++ = header;
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

/* An element: header octet, and a value of `bytes` octets as they are. */
static void put_octets(struct rt_element_writer *w, uint8_t header,
		       const void *value, size_t bytes)
{
	uint8_t *p = take(w, 1 + bytes);

	if (!p)
		return;
	*p++ = header;
	memcpy(p, value, bytes);
}

/* The size index of 1, 2, 4 or 8 octets; -1 for others. */
static int index_of(size_t bytes)
{
	for (int i = 0; i <= 3; i++) {
		if (bytes == (size_t)1 << i)
			return i;
	}
	return -1;
}

void rt_element_put_nil(struct rt_element_writer *w)
{
	put_number(w, HEADER(RT_ELEMENT_NIL, 0), 0, 0);
}

void rt_element_put_uint(struct rt_element_writer *w, size_t bytes,
			 uint64_t value)
{
	const int index = index_of(bytes);

	if (index < 0 || (bytes < 8 && value >> 8 * bytes != 0)) {
		w->failed = true;
		return;
	}
	put_number(w, HEADER(RT_ELEMENT_UINT, index), value, bytes);
}

void rt_element_put_int(struct rt_element_writer *w, size_t bytes,
			int64_t value)
{
	const int index = index_of(bytes);
	/* All bits above the value's are copies of the sign. */
	const uint64_t spread = value < 0 ? ~(uint64_t)value : (uint64_t)value;

	if (index < 0 || spread >> (8 * bytes - 1) != 0) {
		w->failed = true;
		return;
	}
	put_number(w, HEADER(RT_ELEMENT_INT, index), (uint64_t)value, bytes);
}

void rt_element_put_int128(struct rt_element_writer *w,
			   enum rt_element_type type, const uint8_t value[16])
{
	if (type != RT_ELEMENT_UINT && type != RT_ELEMENT_INT) {
		w->failed = true;
		return;
	}
	put_octets(w, HEADER(type, INDEX_16), value, 16);
}

void rt_element_put_uuid(struct rt_element_writer *w, struct rt_uuid uuid)
{
	uint32_t value;

	if (!rt_uuid_to_short(uuid, &value))
		rt_element_put_uuid128(w, uuid);
	else if (value <= 0xffff)
		put_number(w, HEADER(RT_ELEMENT_UUID, INDEX_2), value, 2);
	else
		put_number(w, HEADER(RT_ELEMENT_UUID, INDEX_4), value, 4);
}

void rt_element_put_uuid128(struct rt_element_writer *w, struct rt_uuid uuid)
{
	put_octets(w, HEADER(RT_ELEMENT_UUID, INDEX_16), uuid.b,
		   sizeof(uuid.b));
}

/* The size index of a length, and the octets that it is written in. */
static int length_index(size_t length, size_t *ret_bytes)
{
	if (length <= 0xff) {
		*ret_bytes = 1;
		return INDEX_LENGTH_8;
	}
	if (length <= 0xffff) {
		*ret_bytes = 2;
		return INDEX_LENGTH_16;
	}
	*ret_bytes = 4;
	return length <= 0xffffffff ? INDEX_LENGTH_32 : -1;
}

void rt_element_put_text(struct rt_element_writer *w, enum rt_element_type type,
			 const void *text, size_t bytes)
{
	size_t length_bytes;
	const int index = length_index(bytes, &length_bytes);
	uint8_t *p;

	if (index < 0 || (type != RT_ELEMENT_TEXT && type != RT_ELEMENT_URL)) {
		w->failed = true;
		return;
	}
	put_number(w, HEADER(type, index), bytes, length_bytes);
	p = take(w, bytes);
	if (p && bytes > 0)
		memcpy(p, text, bytes);
}

void rt_element_put_bool(struct rt_element_writer *w, bool value)
{
	put_number(w, HEADER(RT_ELEMENT_BOOL, 0), value, 1);
}

void rt_element_put_raw(struct rt_element_writer *w, const void *data,
			size_t bytes)
{
	const int depth = depth_of(data, bytes);
	uint8_t *p;

	if (depth < 0 || w->depth + depth > RT_ELEMENT_DEPTH_MAX) {
		w->failed = true;
		return;
	}
	p = take(w, bytes);
	if (p)
		memcpy(p, data, bytes);
}

void rt_element_begin(struct rt_element_writer *w, enum rt_element_type type)
{
	if (!is_nest(type) || w->depth == RT_ELEMENT_DEPTH_MAX)
		w->failed = true;
	if (w->failed)
		return;
	w->open[w->depth] = w->len;
	put_number(w, HEADER(type, INDEX_LENGTH_8), 0, 1);
	if (!w->failed)
		w->depth++;
}

void rt_element_end(struct rt_element_writer *w)
{
	size_t more;
	size_t length;
	size_t bytes;
	uint8_t *p;
	int index;

	if (w->depth == 0)
		w->failed = true;
	if (w->failed)
		return;
	p = w->buf + w->open[--w->depth];
	length = w->len - w->open[w->depth] - 2;
	index = length_index(length, &bytes);
	more = bytes - 1;
	if (index < 0 || (more > 0 && !take(w, more))) {
		w->failed = true;
		return;
	}
	memmove(p + 1 + bytes, p + 2, length);
	*p = (uint8_t)((*p & ~7U) | (unsigned int)index);
	for (size_t i = 0; i < bytes; i++)
		p[1 + i] = (uint8_t)(length >> 8 * (bytes - 1 - i));
}

bool rt_element_writer_done(const struct rt_element_writer *w)
{
	return !w->failed && w->depth == 0;
}
