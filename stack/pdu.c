/* SPDX-License-Identifier: MIT */
#include "stack/pdu.h"

#include <assert.h>
#include <string.h>

void rt_pdu_init(struct rt_pdu *pdu)
{
	memset(pdu, 0, sizeof(*pdu));
	pdu->head_off = RT_PDU_HEAD_BYTES;
}

uint8_t *rt_pdu_push(struct rt_pdu *pdu, size_t n)
{
	assert(n <= pdu->head_off);
	pdu->head_off = (uint8_t)(pdu->head_off - n);
	return pdu->head + pdu->head_off;
}

uint8_t *rt_pdu_append(struct rt_pdu *pdu, size_t n)
{
	uint8_t *place = pdu->tail + pdu->tail_len;

	assert(n <= sizeof(pdu->tail) - pdu->tail_len);
	pdu->tail_len = (uint8_t)(pdu->tail_len + n);
	return place;
}

size_t rt_pdu_body_bytes(const struct rt_pdu *pdu)
{
	return pdu->body[0].len + pdu->body[1].len;
}

size_t rt_pdu_bytes(const struct rt_pdu *pdu)
{
	return RT_PDU_HEAD_BYTES - (size_t)pdu->head_off +
	       rt_pdu_body_bytes(pdu) + pdu->tail_len;
}

static void add_slice(struct rt_packet *packet, struct rt_bytes slice)
{
	assert(packet->count < RT_SLICES_MAX);
	packet->slice[packet->count++] = slice;
	packet->len += slice.len;
}

void rt_pdu_slice(const struct rt_pdu *pdu, size_t from, size_t n,
		  struct rt_packet *packet)
{
	const struct rt_bytes part[] = {
		rt_bytes(pdu->head + pdu->head_off,
			 RT_PDU_HEAD_BYTES - (size_t)pdu->head_off),
		pdu->body[0],
		pdu->body[1],
		rt_bytes(pdu->tail, pdu->tail_len),
	};
	size_t take;

	for (size_t i = 0; i < RT_ARRAY_SIZE(part) && n > 0; i++) {
		if (from >= part[i].len) {
			from -= part[i].len;
			continue;
		}
		take = RT_MIN(n, part[i].len - from);
		add_slice(packet, rt_bytes(part[i].ptr + from, take));
		from = 0;
		n -= take;
	}
	assert(n == 0);
}

struct rt_pkt *rt_pkt_new(struct rt_env *env, uint16_t cap)
{
	struct rt_pkt *pkt = rt_env_alloc(env, sizeof(*pkt) + cap);

	if (!pkt)
		return NULL;
	rt_list_init(&pkt->node);
	pkt->cap = cap;
	return pkt;
}

void rt_pdu_own(struct rt_pdu *pdu, struct rt_pkt *pkt)
{
	assert(!pdu->owned);
	pdu->owned = pkt;
	pdu->body[0] = rt_bytes(pkt->data, pkt->len);
	pdu->body[1] = rt_bytes(NULL, 0);
}

void rt_pkt_free_all(struct rt_env *env, struct rt_list *list)
{
	struct rt_pkt *pkt;

	while (!rt_list_empty(list)) {
		pkt = RT_LIST_FIRST(list, struct rt_pkt, node);
		rt_list_del(&pkt->node);
		rt_env_free(env, pkt);
	}
}
