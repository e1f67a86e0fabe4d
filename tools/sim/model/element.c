/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/element.h"

#define DEPTH_MAX 16

static const uint8_t base[12] = { 0x00, 0x00, 0x10, 0x00, 0x80, 0x00,
				  0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb };

/* Whether a type may have a size index (3.2, 3.3). */
static bool is_size_of(uint8_t type, uint8_t index)
{
	switch (type) {
	case 0:
	case 5:
		return index == 0;
	case ELEMENT_UINT:
	case 2:
		return index <= 4;
	case ELEMENT_UUID:
		return index == 1 || index == 2 || index == 4;
	case ELEMENT_TEXT:
	case ELEMENT_SEQUENCE:
	case ELEMENT_ALTERNATIVE:
	case 8:
		return index >= 5;
	default:
		return false;
	}
}

bool model_element_take(struct model_in *in, struct element *ret)
{
	uint8_t head = model_in_u8(in);
	uint8_t index = head & 7;
	size_t n;

	ret->type = head >> 3;
	if (!is_size_of(ret->type, index)) {
		in->bad = true;
		return false;
	}
	if (index >= 5)
		n = model_in_be(in, (size_t)1 << (index - 5));
	else
		n = ret->type == 0 ? 0 : (size_t)1 << index;
	ret->body = model_in_take(in, n);
	return !in->bad;
}

static bool is_list(const struct element *e)
{
	return e->type == ELEMENT_SEQUENCE || e->type == ELEMENT_ALTERNATIVE;
}

bool model_element_is_sound(struct rt_bytes bytes)
{
	struct model_in level[DEPTH_MAX];
	unsigned int depth = 0;
	struct element e;

	level[0] = model_in(bytes);
	for (;;) {
		if (level[depth].left == 0) {
			if (depth == 0)
				return true;
			depth--;
			continue;
		}
		if (!model_element_take(&level[depth], &e))
			return false;
		if (!is_list(&e))
			continue;
		if (++depth == DEPTH_MAX)
			return false;
		level[depth] = model_in(e.body);
	}
}

bool model_element_uint(const struct element *element, uint32_t *ret_value)
{
	struct model_in in = model_in(element->body);

	if (element->type != ELEMENT_UINT || element->body.len > 4)
		return false;
	*ret_value = model_in_be(&in, element->body.len);
	return true;
}

bool model_element_uuid16(const struct element *element, uint16_t *ret_uuid)
{
	struct model_in in = model_in(element->body);
	size_t n = RT_MIN(element->body.len, 4);
	uint32_t value = model_in_be(&in, n);

	if (element->type != ELEMENT_UUID || value > 0xffff)
		return false;
	if (element->body.len == 16 &&
	    memcmp(element->body.ptr + 4, base, sizeof(base)) != 0)
		return false;
	*ret_uuid = (uint16_t)value;
	return true;
}

size_t model_element_open(struct model_out *out)
{
	model_out_u8(out, ELEMENT_SEQUENCE << 3 | 5);
	model_out_u8(out, 0);
	return out->len;
}

void model_element_close(struct model_out *out, size_t opened)
{
	if (!out->full)
		out->ptr[opened - 1] = (uint8_t)(out->len - opened);
}

void model_element_put_uint(struct model_out *out, uint32_t value,
			    unsigned int bytes)
{
	model_out_u8(out, ELEMENT_UINT << 3 | (bytes == 4 ? 2U : bytes - 1U));
	model_out_be(out, value, bytes);
}

void model_element_put_uuid16(struct model_out *out, uint16_t uuid)
{
	model_out_u8(out, ELEMENT_UUID << 3 | 1);
	model_out_be(out, uuid, 2);
}
