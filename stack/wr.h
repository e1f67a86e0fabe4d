/* SPDX-License-Identifier: MIT */
#ifndef RT_WR_H
#define RT_WR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "stack/addr.h"
#include "stack/base.h"

/*
 * Sticky writer: the one way to build octets, into memory of the caller with
 * a hard end. A write that does not fit writes nothing and makes the writer
 * bad for good; nothing is ever cut short. Ask rt_wr_ok() once, at the end.
 */
struct rt_wr {
	uint8_t *start;
	size_t len;
	size_t cap;
	bool bad;
};

/* A writer over `cap` octets at `buf`. */
static inline struct rt_wr rt_wr_init(void *buf, size_t cap)
{
	struct rt_wr w = { buf, 0, cap, false };

	return w;
}

/* True if everything has fitted. */
static inline bool rt_wr_ok(const struct rt_wr *w)
{
	return !w->bad;
}

/* What has been written, as a view; empty for a bad writer. */
static inline struct rt_bytes rt_wr_bytes(const struct rt_wr *w)
{
	return rt_bytes(w->start, w->bad ? 0 : w->len);
}

/* Octets that still fit; 0 for a bad writer. */
static inline size_t rt_wr_room(const struct rt_wr *w)
{
	return w->bad ? 0 : w->cap - w->len;
}

/* Makes room for `n` octets and returns it, or NULL if they do not fit. */
static inline uint8_t *rt_wr_take(struct rt_wr *w, size_t n)
{
	uint8_t *p;

	if (w->bad || n > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	/* Memory of no octets may be a null pointer, which has no offsets. */
	p = w->len > 0 ? w->start + w->len : w->start;
	w->len += n;
	return p;
}

/* Writes a little-endian number of `n` octets, 1 to 8. */
static inline void rt_wr_le(struct rt_wr *w, uint64_t x, size_t n)
{
	uint8_t *p = rt_wr_take(w, n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(x >> (8 * i));
}

/* Writes a big-endian number of `n` octets, 1 to 8. */
static inline void rt_wr_be(struct rt_wr *w, uint64_t x, size_t n)
{
	uint8_t *p = rt_wr_take(w, n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(x >> (8 * (n - 1 - i)));
}

/* Writes one octet. */
static inline void rt_wr_u8(struct rt_wr *w, uint8_t x)
{
	rt_wr_le(w, x, 1);
}

/* Writes 16 bits, little-endian. */
static inline void rt_wr_le16(struct rt_wr *w, uint16_t x)
{
	rt_wr_le(w, x, 2);
}

/* Writes the low 24 bits, little-endian. */
static inline void rt_wr_le24(struct rt_wr *w, uint32_t x)
{
	rt_wr_le(w, x, 3);
}

/* Writes 32 bits, little-endian. */
static inline void rt_wr_le32(struct rt_wr *w, uint32_t x)
{
	rt_wr_le(w, x, 4);
}

/* Writes a device address. */
static inline void rt_wr_addr(struct rt_wr *w, struct rt_addr a)
{
	uint8_t *p = rt_wr_take(w, sizeof(a.b));

	if (p)
		memcpy(p, a.b, sizeof(a.b));
}

/* Writes the octets of a view. */
static inline void rt_wr_put(struct rt_wr *w, struct rt_bytes v)
{
	uint8_t *p = rt_wr_take(w, v.len);

	if (p && v.len > 0)
		memcpy(p, v.ptr, v.len);
}

#endif
