/* SPDX-License-Identifier: MIT */
#include "api/queue.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"

struct mark {
	uint16_t bytes;
	bool gap; /* datagrams were lost in front of this one */
};

/* The mark of the first datagram that is not sent. False if there is none. */
static bool first_mark(const struct rt_api_queue *q, struct mark *ret_mark)
{
	uint8_t octets[RT_API_QUEUE_MARK_BYTES];
	struct rt_rd r;

	if (rt_ring_peek(&q->ring, octets, sizeof(octets)) < sizeof(octets))
		return false;
	r = rt_rd_init(rt_bytes(octets, sizeof(octets)));
	ret_mark->bytes = rt_rd_le16(&r);
	ret_mark->gap = rt_rd_le16(&r) != 0;
	return true;
}

int rt_api_queue_init(struct rt_env *env, struct rt_api_queue *q, size_t limit,
		      bool datagrams)
{
	const size_t mark = datagrams ? RT_API_QUEUE_MARK_BYTES : 0;
	struct rt_ring ring;
	int err = rt_ring_init(env, &ring, limit + mark);

	if (err < 0)
		return err;
	*q = (struct rt_api_queue){ .ring = ring, .datagrams = datagrams };
	return 0;
}

void rt_api_queue_fini(struct rt_env *env, struct rt_api_queue *q)
{
	rt_ring_fini(env, &q->ring);
	*q = (struct rt_api_queue){ .datagrams = q->datagrams };
}

bool rt_api_queue_ready(const struct rt_api_queue *q)
{
	return q->ring.data;
}

bool rt_api_queue_half_empty(const struct rt_api_queue *q)
{
	return q->ring.used <= q->ring.cap / 2;
}

size_t rt_api_queue_max(const struct rt_api_queue *q)
{
	return q->datagrams ? q->ring.cap - RT_API_QUEUE_MARK_BYTES
			    : q->ring.cap;
}

size_t rt_api_queue_room(const struct rt_api_queue *q)
{
	return rt_ring_room(&q->ring);
}

bool rt_api_queue_fits(const struct rt_api_queue *q, size_t bytes)
{
	const size_t room = rt_ring_room(&q->ring);

	if (!q->datagrams)
		return bytes <= room;
	return room >= RT_API_QUEUE_MARK_BYTES && bytes <= UINT16_MAX &&
	       bytes <= room - RT_API_QUEUE_MARK_BYTES;
}

int rt_api_queue_stretch(struct rt_env *env, struct rt_api_queue *q,
			 size_t bytes)
{
	if (rt_api_queue_fits(q, bytes))
		return 0;
	return rt_ring_grow(env, &q->ring,
			    q->ring.used + RT_API_QUEUE_MARK_BYTES + bytes);
}

void rt_api_queue_begin(struct rt_api_queue *q, size_t bytes)
{
	uint8_t octets[RT_API_QUEUE_MARK_BYTES];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	bool fits;

	if (!q->datagrams)
		return;
	rt_wr_le16(&w, (uint16_t)bytes);
	rt_wr_le16(&w, q->gap);
	fits = rt_ring_put(&q->ring, rt_wr_bytes(&w));
	assert(fits);
	(void)fits;
	q->gap = false;
}

void rt_api_queue_put(struct rt_api_queue *q, struct rt_bytes view)
{
	const bool fits = rt_ring_put(&q->ring, view);

	assert(fits);
	if (fits)
		q->bytes += view.len;
}

void rt_api_queue_lose(struct rt_api_queue *q)
{
	q->gap = true;
}

ptrdiff_t rt_api_queue_first_bytes(const struct rt_api_queue *q)
{
	struct mark mark;

	if (!q->datagrams || !first_mark(q, &mark))
		return -EAGAIN;
	return mark.bytes;
}

/* Removes `n` octets of the user, with their mark, from the head. */
static void drop(struct rt_api_queue *q, size_t n)
{
	const size_t mark = q->datagrams ? RT_API_QUEUE_MARK_BYTES : 0;

	rt_ring_mark(&q->ring, mark + n);
	rt_ring_release(&q->ring, mark + n);
	q->bytes -= n;
	q->gap_told = false;
}

static void copy(const struct rt_api_queue *q, size_t from, void *buf, size_t n)
{
	struct rt_bytes part[2];

	rt_ring_unsent(&q->ring, from, n, part);
	if (part[0].len > 0)
		memcpy(buf, part[0].ptr, part[0].len);
	if (part[1].len > 0)
		memcpy((uint8_t *)buf + part[0].len, part[1].ptr, part[1].len);
}

static ptrdiff_t read_datagram(struct rt_api_queue *q, void *buf, size_t bytes,
			       bool take)
{
	struct mark mark;

	if (!first_mark(q, &mark)) {
		if (!q->gap)
			return -EAGAIN;
		q->gap = false;
		return -ENOBUFS;
	}
	if (mark.gap && !q->gap_told) {
		q->gap_told = true;
		return -ENOBUFS;
	}
	if (mark.bytes > bytes)
		return -EMSGSIZE;
	copy(q, RT_API_QUEUE_MARK_BYTES, buf, mark.bytes);
	if (take)
		drop(q, mark.bytes);
	return mark.bytes;
}

ptrdiff_t rt_api_queue_read(struct rt_api_queue *q, void *buf, size_t bytes,
			    bool take)
{
	size_t n;

	if (q->datagrams)
		return read_datagram(q, buf, bytes, take);
	n = RT_MIN(bytes, rt_ring_unsent_bytes(&q->ring));
	if (n == 0)
		return -EAGAIN;
	copy(q, 0, buf, n);
	if (take)
		drop(q, n);
	return (ptrdiff_t)n;
}

size_t rt_api_queue_line_bytes(const struct rt_api_queue *q)
{
	struct rt_bytes part[2];
	const uint8_t *end;
	size_t before = 0;

	if (q->datagrams)
		return 0;
	rt_ring_unsent(&q->ring, 0, rt_ring_unsent_bytes(&q->ring), part);
	for (size_t i = 0; i < RT_ARRAY_SIZE(part); i++) {
		if (part[i].len == 0)
			continue;
		end = memchr(part[i].ptr, '\n', part[i].len);
		if (end)
			return before + (size_t)(end - part[i].ptr) + 1;
		before += part[i].len;
	}
	return 0;
}

static ptrdiff_t pull_datagram(struct rt_api_queue *q, size_t max,
			       struct rt_bytes ret_body[2])
{
	struct mark mark;

	if (!first_mark(q, &mark))
		return -EAGAIN;
	if (mark.bytes > max)
		return -EMSGSIZE;
	rt_ring_unsent(&q->ring, RT_API_QUEUE_MARK_BYTES, mark.bytes, ret_body);
	rt_ring_mark(&q->ring, RT_API_QUEUE_MARK_BYTES + (size_t)mark.bytes);
	return mark.bytes;
}

ptrdiff_t rt_api_queue_pull(struct rt_api_queue *q, size_t max,
			    struct rt_bytes ret_body[2])
{
	size_t n;

	if (q->datagrams)
		return pull_datagram(q, max, ret_body);
	n = RT_MIN(max, rt_ring_unsent_bytes(&q->ring));
	if (n == 0)
		return -EAGAIN;
	rt_ring_unsent(&q->ring, 0, n, ret_body);
	rt_ring_mark(&q->ring, n);
	return (ptrdiff_t)n;
}

void rt_api_queue_sent(struct rt_api_queue *q, size_t bytes)
{
	const size_t mark = q->datagrams ? RT_API_QUEUE_MARK_BYTES : 0;

	rt_ring_release(&q->ring, mark + bytes);
	q->bytes -= bytes;
}
