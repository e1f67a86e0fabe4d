/* SPDX-License-Identifier: MIT */
#include "stack/ring.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The place of the octet `offset` octets behind the head. */
static size_t place(const struct rt_ring *ring, size_t offset)
{
	const size_t to_end = ring->cap - ring->head;

	return offset < to_end ? ring->head + offset : offset - to_end;
}

int rt_ring_init(struct rt_env *env, struct rt_ring *ring, size_t cap)
{
	uint8_t *data = rt_env_alloc(env, cap);

	if (!data)
		return -ENOMEM;
	*ring = (struct rt_ring){ .data = data, .cap = cap };
	return 0;
}

int rt_ring_grow(struct rt_env *env, struct rt_ring *ring, size_t cap)
{
	const size_t first = RT_MIN(ring->used, ring->cap - ring->head);
	uint8_t *data = rt_env_alloc(env, cap);

	assert(cap >= ring->cap);
	if (!data)
		return -ENOMEM;
	memcpy(data, ring->data + ring->head, first);
	memcpy(data + first, ring->data, ring->used - first);
	rt_env_free(env, ring->data);
	ring->data = data;
	ring->cap = cap;
	ring->head = 0;
	return 0;
}

void rt_ring_fini(struct rt_env *env, struct rt_ring *ring)
{
	rt_env_free(env, ring->data);
	*ring = (struct rt_ring){ .data = NULL };
}

size_t rt_ring_room(const struct rt_ring *ring)
{
	return ring->cap - ring->used;
}

bool rt_ring_put(struct rt_ring *ring, struct rt_bytes view)
{
	size_t at;
	size_t first;

	if (view.len > rt_ring_room(ring))
		return false;
	if (view.len == 0)
		return true;
	at = place(ring, ring->used);
	first = RT_MIN(view.len, ring->cap - at);
	memcpy(ring->data + at, view.ptr, first);
	memcpy(ring->data, view.ptr + first, view.len - first);
	ring->used += view.len;
	return true;
}

size_t rt_ring_unsent_bytes(const struct rt_ring *ring)
{
	return ring->used - ring->sent;
}

void rt_ring_unsent(const struct rt_ring *ring, size_t from, size_t n,
		    struct rt_bytes ret[2])
{
	size_t at;
	size_t first;

	assert(from <= rt_ring_unsent_bytes(ring));
	assert(n <= rt_ring_unsent_bytes(ring) - from);
	ret[0] = rt_bytes(NULL, 0);
	ret[1] = rt_bytes(NULL, 0);
	if (n == 0)
		return;
	at = place(ring, ring->sent + from);
	first = RT_MIN(n, ring->cap - at);
	ret[0] = rt_bytes(ring->data + at, first);
	if (n > first)
		ret[1] = rt_bytes(ring->data, n - first);
}

void rt_ring_mark(struct rt_ring *ring, size_t n)
{
	assert(n <= rt_ring_unsent_bytes(ring));
	ring->sent += n;
}

void rt_ring_release(struct rt_ring *ring, size_t n)
{
	assert(n <= ring->sent);
	ring->head = place(ring, n);
	ring->sent -= n;
	ring->used -= n;
}

size_t rt_ring_peek(const struct rt_ring *ring, void *buf, size_t n)
{
	const size_t count = RT_MIN(n, rt_ring_unsent_bytes(ring));
	struct rt_bytes part[2];
	uint8_t *to = buf;

	rt_ring_unsent(ring, 0, count, part);
	for (size_t i = 0; i < RT_ARRAY_SIZE(part); i++) {
		if (part[i].len == 0)
			continue;
		memcpy(to, part[i].ptr, part[i].len);
		to += part[i].len;
	}
	return count;
}

size_t rt_ring_take(struct rt_ring *ring, void *buf, size_t n)
{
	const size_t count = rt_ring_peek(ring, buf, n);

	assert(ring->sent == 0);
	rt_ring_mark(ring, count);
	rt_ring_release(ring, count);
	return count;
}
