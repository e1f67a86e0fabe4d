/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/ring.h"

#include <string.h>

#define LENGTH_BYTES 2

size_t model_ring_room(const struct model_ring *ring)
{
	return ring->cap - ring->len;
}

bool model_ring_put(struct model_ring *ring, struct rt_bytes bytes)
{
	uint32_t tail = ring->head + ring->len;
	size_t first;

	if (bytes.len > model_ring_room(ring))
		return false;
	if (bytes.len == 0)
		return true;
	if (tail >= ring->cap)
		tail -= ring->cap;
	first = RT_MIN(bytes.len, (size_t)(ring->cap - tail));
	memcpy(ring->buf + tail, bytes.ptr, first);
	memcpy(ring->buf, bytes.ptr + first, bytes.len - first);
	ring->len += (uint32_t)bytes.len;
	return true;
}

size_t model_ring_peek(const struct model_ring *ring, size_t skip, void *ret,
		       size_t n)
{
	size_t from, first;

	if (skip >= ring->len)
		return 0;
	n = RT_MIN(n, ring->len - skip);
	from = (ring->head + skip) % ring->cap;
	first = RT_MIN(n, ring->cap - from);
	memcpy(ret, ring->buf + from, first);
	memcpy((uint8_t *)ret + first, ring->buf, n - first);
	return n;
}

void model_ring_drop(struct model_ring *ring, size_t n)
{
	n = RT_MIN(n, ring->len);
	if (n == 0)
		return;
	ring->head = (uint32_t)((ring->head + n) % ring->cap);
	ring->len -= (uint32_t)n;
}

size_t model_ring_take(struct model_ring *ring, void *ret, size_t n)
{
	n = model_ring_peek(ring, 0, ret, n);
	model_ring_drop(ring, n);
	return n;
}

bool model_ring_put_sdu(struct model_ring *ring, struct rt_bytes sdu)
{
	const uint8_t length[LENGTH_BYTES] = { (uint8_t)sdu.len,
					       (uint8_t)(sdu.len >> 8) };

	if (sdu.len > 0xffff || sdu.len + LENGTH_BYTES > model_ring_room(ring))
		return false;
	return model_ring_put(ring, rt_bytes(length, LENGTH_BYTES)) &&
	       model_ring_put(ring, sdu);
}

bool model_ring_sdu(const struct model_ring *ring, size_t *ret_bytes)
{
	uint8_t length[LENGTH_BYTES];

	if (model_ring_peek(ring, 0, length, LENGTH_BYTES) < LENGTH_BYTES)
		return false;
	*ret_bytes = (size_t)(length[0] | length[1] << 8);
	return true;
}
