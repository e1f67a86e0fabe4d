/* SPDX-License-Identifier: MIT */
#ifndef RT_RD_H
#define RT_RD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "stack/addr.h"
#include "stack/base.h"

/*
 * Sticky reader: the one way to look at octets from outside.
 *
 * Read straight through and ask once. The first read past the end makes the
 * reader bad for good: it and all later reads give zeros, and rt_rd_ok() and
 * rt_rd_done() say no.
 *
 *	struct rt_rd r = rt_rd_init(pdu);
 *	uint16_t psm = rt_rd_le16(&r);
 *	uint16_t scid = rt_rd_le16(&r);
 *
 *	if (!rt_rd_done(&r))
 *		return -EBADMSG;
 */
struct rt_rd {
	const uint8_t *p;
	size_t left;
	bool bad;
};

/* A reader at the start of `view`. */
static inline struct rt_rd rt_rd_init(struct rt_bytes view)
{
	struct rt_rd r = { view.ptr, view.len, false };

	return r;
}

/* True if no read went past the end. */
static inline bool rt_rd_ok(const struct rt_rd *r)
{
	return !r->bad;
}

/* True if no read went past the end and nothing is left. */
static inline bool rt_rd_done(const struct rt_rd *r)
{
	return !r->bad && r->left == 0;
}

/* Octets not read yet; 0 for a bad reader. */
static inline size_t rt_rd_left(const struct rt_rd *r)
{
	return r->bad ? 0 : r->left;
}

/* Takes `n` octets as a view; an empty view, and a bad reader, if too few. */
static inline struct rt_bytes rt_rd_take(struct rt_rd *r, size_t n)
{
	struct rt_bytes v = { NULL, 0 };

	if (r->bad || n > r->left) {
		r->bad = true;
		return v;
	}
	v.ptr = r->p;
	v.len = n;
	if (n > 0)
		r->p += n;
	r->left -= n;
	return v;
}

/* Takes all that is left as a view. */
static inline struct rt_bytes rt_rd_rest(struct rt_rd *r)
{
	return rt_rd_take(r, rt_rd_left(r));
}

/* Reads one octet. */
static inline uint8_t rt_rd_u8(struct rt_rd *r)
{
	struct rt_bytes v = rt_rd_take(r, 1);

	return v.len ? v.ptr[0] : 0;
}

/* Reads a little-endian number of `n` octets, 1 to 8. */
static inline uint64_t rt_rd_le(struct rt_rd *r, size_t n)
{
	struct rt_bytes v = rt_rd_take(r, n);
	uint64_t x = 0;

	for (size_t i = v.len; i > 0; i--)
		x = x << 8 | v.ptr[i - 1];
	return x;
}

/* Reads a big-endian number of `n` octets, 1 to 8. */
static inline uint64_t rt_rd_be(struct rt_rd *r, size_t n)
{
	struct rt_bytes v = rt_rd_take(r, n);
	uint64_t x = 0;

	for (size_t i = 0; i < v.len; i++)
		x = x << 8 | v.ptr[i];
	return x;
}

/* Reads 16 bits, little-endian. */
static inline uint16_t rt_rd_le16(struct rt_rd *r)
{
	return (uint16_t)rt_rd_le(r, 2);
}

/* Reads 24 bits, little-endian. */
static inline uint32_t rt_rd_le24(struct rt_rd *r)
{
	return (uint32_t)rt_rd_le(r, 3);
}

/* Reads 32 bits, little-endian. */
static inline uint32_t rt_rd_le32(struct rt_rd *r)
{
	return (uint32_t)rt_rd_le(r, 4);
}

/* Reads a device address. */
static inline struct rt_addr rt_rd_addr(struct rt_rd *r)
{
	struct rt_addr a = { { 0 } };
	struct rt_bytes v = rt_rd_take(r, sizeof(a.b));

	if (v.len)
		memcpy(a.b, v.ptr, sizeof(a.b));
	return a;
}

#endif
