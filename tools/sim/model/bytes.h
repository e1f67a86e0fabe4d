/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_BYTES_H
#define RT_SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stack/base.h"

/*
 * Octets read and written by the model, apart from the stack's cursors. Both
 * remember that they ran over the end, and go on harmlessly.
 */

struct model_in {
	const uint8_t *ptr;
	size_t left;
	bool bad; /* more was asked for than there was */
};

struct model_out {
	uint8_t *ptr;
	size_t cap;
	size_t len;
	bool full; /* something did not fit */
};

/* Reads from the beginning of `bytes`. */
static inline struct model_in model_in(struct rt_bytes bytes)
{
	struct model_in in = { bytes.ptr, bytes.len, false };

	return in;
}

/* The next `n` octets; none, and bad, if there are fewer. */
static inline struct rt_bytes model_in_take(struct model_in *in, size_t n)
{
	struct rt_bytes taken = { in->ptr, n };

	if (in->bad || n > in->left) {
		in->bad = true;
		return rt_bytes(in->ptr, 0);
	}
	if (n > 0)
		in->ptr += n;
	in->left -= n;
	return taken;
}

/* All that is left. */
static inline struct rt_bytes model_in_rest(struct model_in *in)
{
	return model_in_take(in, in->bad ? 0 : in->left);
}

/* A number of `n` octets, least significant first; 0 if there are fewer. */
static inline uint32_t model_in_le(struct model_in *in, size_t n)
{
	struct rt_bytes b = model_in_take(in, n);
	uint32_t value = 0;

	while (b.len > 0)
		value = value << 8 | b.ptr[--b.len];
	return value;
}

/* One with the most significant octet first. */
static inline uint32_t model_in_be(struct model_in *in, size_t n)
{
	struct rt_bytes b = model_in_take(in, n);
	uint32_t value = 0;

	for (size_t i = 0; i < b.len; i++)
		value = value << 8 | b.ptr[i];
	return value;
}

/* An octet. */
static inline uint8_t model_in_u8(struct model_in *in)
{
	return (uint8_t)model_in_le(in, 1);
}

/* Two octets, least significant first. */
static inline uint16_t model_in_le16(struct model_in *in)
{
	return (uint16_t)model_in_le(in, 2);
}

/* True if nothing was missing and nothing is left. */
static inline bool model_in_done(const struct model_in *in)
{
	return !in->bad && in->left == 0;
}

/* Writes to `cap` octets at `ptr`. */
static inline struct model_out model_out(void *ptr, size_t cap)
{
	struct model_out out = { ptr, cap, 0, false };

	return out;
}

/* Appends octets, all or none. */
static inline void model_out_put(struct model_out *out, struct rt_bytes bytes)
{
	if (out->full || bytes.len > out->cap - out->len) {
		out->full = true;
		return;
	}
	if (bytes.len > 0)
		memcpy(out->ptr + out->len, bytes.ptr, bytes.len);
	out->len += bytes.len;
}

/* A number of `n` octets, least significant first. */
static inline void model_out_le(struct model_out *out, uint32_t value, size_t n)
{
	uint8_t b[4];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(value >> (8 * i));
	model_out_put(out, rt_bytes(b, n));
}

/* One with the most significant octet first. */
static inline void model_out_be(struct model_out *out, uint32_t value, size_t n)
{
	uint8_t b[4];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
	model_out_put(out, rt_bytes(b, n));
}

/* An octet. */
static inline void model_out_u8(struct model_out *out, unsigned int value)
{
	model_out_le(out, value, 1);
}

/* Two octets, least significant first. */
static inline void model_out_le16(struct model_out *out, unsigned int value)
{
	model_out_le(out, value, 2);
}

/* What has been written. */
static inline struct rt_bytes model_out_bytes(const struct model_out *out)
{
	return rt_bytes(out->ptr, out->len);
}

/* Writes a number of two octets over what is there. */
static inline void model_put_le16(uint8_t *ptr, unsigned int value)
{
	ptr[0] = (uint8_t)value;
	ptr[1] = (uint8_t)(value >> 8);
}

/* Counts one more, up to 255. */
static inline void model_bump(uint8_t *count)
{
	if (*count < UINT8_MAX)
		(*count)++;
}

/* Reads a number of two octets. */
static inline uint16_t model_get_le16(const uint8_t *ptr)
{
	return (uint16_t)(ptr[0] | ptr[1] << 8);
}

#endif
