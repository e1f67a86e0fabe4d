/* SPDX-License-Identifier: MIT */
#include "stack/codec.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const uint8_t wire_bytes[] = {
#define X(kind, type, bytes) [RT_CODEC_##kind] = (bytes),
	RT_CODEC_KINDS(X)
#undef X
};

/* What a field looks like in its structure. */
enum shape {
	SHAPE_U8,
	SHAPE_U16,
	SHAPE_U32,
	SHAPE_ADDR,
	SHAPE_OCTETS,
};

static enum shape shape_of(const struct rt_codec_field *field)
{
	switch ((enum rt_codec_kind)field->kind) {
	case RT_CODEC_U8:
		return SHAPE_U8;
	case RT_CODEC_LE16:
	case RT_CODEC_BE16:
		return SHAPE_U16;
	case RT_CODEC_LE24:
	case RT_CODEC_LE32:
	case RT_CODEC_BE32:
		return SHAPE_U32;
	case RT_CODEC_ADDR:
		return SHAPE_ADDR;
	case RT_CODEC_B3:
	case RT_CODEC_B8:
	case RT_CODEC_B16:
	case RT_CODEC_B64:
	case RT_CODEC_B240:
	case RT_CODEC_B248:
		return SHAPE_OCTETS;
	}
	return SHAPE_OCTETS;
}

static bool is_big_endian(const struct rt_codec_field *field)
{
	return field->kind == RT_CODEC_BE16 || field->kind == RT_CODEC_BE32;
}

static size_t fields_bytes(const struct rt_codec_msg *desc)
{
	size_t n = 0;

	for (size_t i = 0; i < desc->field_count; i++)
		n += wire_bytes[desc->fields[i].kind];
	return n;
}

/* The number in a field that is one. */
static uint32_t number_get(const struct rt_codec_field *field,
			   const uint8_t *place)
{
	uint16_t u16;
	uint32_t u32;

	switch (shape_of(field)) {
	case SHAPE_U8:
		return *place;
	case SHAPE_U16:
		memcpy(&u16, place, sizeof(u16));
		return u16;
	case SHAPE_U32:
		memcpy(&u32, place, sizeof(u32));
		return u32;
	case SHAPE_ADDR:
	case SHAPE_OCTETS:
		break;
	}
	return 0;
}

static uint32_t number_read(const struct rt_codec_field *field, struct rt_rd *r)
{
	const size_t bytes = wire_bytes[field->kind];

	return (uint32_t)(is_big_endian(field) ? rt_rd_be(r, bytes)
					       : rt_rd_le(r, bytes));
}

static void field_read(const struct rt_codec_field *field, struct rt_rd *r,
		       uint8_t *place)
{
	const size_t bytes = wire_bytes[field->kind];
	struct rt_bytes octets;
	uint16_t u16;
	uint32_t u32;

	switch (shape_of(field)) {
	case SHAPE_U8:
		*place = rt_rd_u8(r);
		return;
	case SHAPE_U16:
		u16 = (uint16_t)number_read(field, r);
		memcpy(place, &u16, sizeof(u16));
		return;
	case SHAPE_U32:
		u32 = number_read(field, r);
		memcpy(place, &u32, sizeof(u32));
		return;
	case SHAPE_ADDR:
	case SHAPE_OCTETS:
		octets = rt_rd_take(r, bytes);
		if (octets.len > 0)
			memcpy(place, octets.ptr, octets.len);
		return;
	}
}

static void field_write(const struct rt_codec_field *field,
			const uint8_t *place, struct rt_wr *w)
{
	const size_t bytes = wire_bytes[field->kind];

	switch (shape_of(field)) {
	case SHAPE_U8:
	case SHAPE_U16:
	case SHAPE_U32:
		if (is_big_endian(field))
			rt_wr_be(w, number_get(field, place), bytes);
		else
			rt_wr_le(w, number_get(field, place), bytes);
		return;
	case SHAPE_ADDR:
	case SHAPE_OCTETS:
		rt_wr_put(w, rt_bytes(place, bytes));
		return;
	}
}

const struct rt_codec_msg *rt_codec_find(const struct rt_codec_table *table,
					 uint16_t code)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->msg[i]->code == code)
			return table->msg[i];
	}
	return NULL;
}

int rt_codec_decode(const struct rt_codec_msg *desc, struct rt_bytes view,
		    void *ret_msg)
{
	const size_t need = fields_bytes(desc);
	struct rt_rd r = rt_rd_init(view);
	struct rt_bytes tail;

	if (view.len < need)
		return -EBADMSG;
	if (desc->end == RT_CODEC_FIXED && view.len != need)
		return -EBADMSG;

	memset(ret_msg, 0, desc->struct_bytes);
	for (size_t i = 0; i < desc->field_count; i++)
		field_read(&desc->fields[i], &r,
			   (uint8_t *)ret_msg + desc->fields[i].offset);
	if (desc->end == RT_CODEC_TAIL) {
		tail = rt_rd_rest(&r);
		memcpy(ret_msg, &tail, sizeof(tail));
	}
	return 0;
}

void rt_codec_encode(const struct rt_codec_msg *desc, const void *msg,
		     struct rt_wr *w)
{
	struct rt_bytes tail;

	for (size_t i = 0; i < desc->field_count; i++)
		field_write(&desc->fields[i],
			    (const uint8_t *)msg + desc->fields[i].offset, w);
	if (desc->end == RT_CODEC_TAIL) {
		memcpy(&tail, msg, sizeof(tail));
		rt_wr_put(w, tail);
	}
}

/* Text that is cut where its memory ends. */
struct text {
	char *str;
	size_t cap;
	size_t len;
};

static RT_PRINTF(2, 3) void text_add(struct text *text, const char *fmt, ...)
{
	const size_t room = text->cap - text->len;
	va_list args;
	int n;

	if (room < 2)
		return;
	va_start(args, fmt);
	n = vsnprintf(text->str + text->len, room, fmt, args);
	va_end(args);
	if (n > 0)
		text->len += RT_MIN((size_t)n, room - 1);
}

static void text_octets(struct text *text, struct rt_bytes octets)
{
	for (size_t i = 0; i < octets.len; i++)
		text_add(text, "%02x", octets.ptr[i]);
}

static void field_print(const struct rt_codec_field *field,
			const uint8_t *place, struct text *text)
{
	const size_t bytes = wire_bytes[field->kind];
	char str[RT_ADDR_STR_BYTES];
	struct rt_addr addr;

	text_add(text, " %s ", field->name);
	switch (shape_of(field)) {
	case SHAPE_U8:
	case SHAPE_U16:
	case SHAPE_U32:
		text_add(text, "0x%0*x", (int)(2 * bytes),
			 (unsigned int)number_get(field, place));
		return;
	case SHAPE_ADDR:
		memcpy(addr.b, place, sizeof(addr.b));
		text_add(text, "%s", rt_addr_format(addr, str));
		return;
	case SHAPE_OCTETS:
		text_octets(text, rt_bytes(place, bytes));
		return;
	}
}

char *rt_codec_print(const struct rt_codec_msg *desc, const void *msg,
		     char *str, size_t cap)
{
	struct text text = { str, cap, 0 };
	struct rt_bytes tail;

	if (cap > 0)
		str[0] = '\0';
	text_add(&text, "%s", desc->name);
	for (size_t i = 0; i < desc->field_count; i++)
		field_print(&desc->fields[i],
			    (const uint8_t *)msg + desc->fields[i].offset,
			    &text);
	if (desc->end == RT_CODEC_TAIL) {
		memcpy(&tail, msg, sizeof(tail));
		if (tail.len > 0)
			text_add(&text, " tail ");
		text_octets(&text, tail);
	}
	return str;
}
