/* SPDX-License-Identifier: MIT */
#include "l2cap/sar.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"

int rt_l2cap_reassembly_begin(struct rt_l2cap_reassembly *ra,
			      struct rt_env *env, uint16_t len, uint16_t mtu)
{
	uint8_t *buf;

	assert(!ra->buf);
	if (len > mtu)
		return -EMSGSIZE;
	buf = rt_env_alloc(env, RT_MAX(len, 1));
	if (!buf)
		return -ENOMEM;
	*ra = (struct rt_l2cap_reassembly){ .buf = buf, .len = len };
	return 0;
}

int rt_l2cap_reassembly_add(struct rt_l2cap_reassembly *ra,
			    struct rt_bytes part)
{
	if (!ra->buf || part.len > (size_t)(ra->len - ra->have))
		return -EBADMSG;
	if (part.len > 0)
		memcpy(ra->buf + ra->have, part.ptr, part.len);
	ra->have = (uint16_t)(ra->have + part.len);
	return 0;
}

bool rt_l2cap_reassembly_is_active(const struct rt_l2cap_reassembly *ra)
{
	return ra->buf != NULL;
}

bool rt_l2cap_reassembly_is_whole(const struct rt_l2cap_reassembly *ra)
{
	return ra->buf && ra->have == ra->len;
}

struct rt_l2cap_whole rt_l2cap_reassembly_take(struct rt_l2cap_reassembly *ra)
{
	const struct rt_l2cap_whole whole = {
		.sdu = rt_bytes(ra->buf, ra->len),
		.memory = ra->buf,
	};

	assert(rt_l2cap_reassembly_is_whole(ra));
	*ra = (struct rt_l2cap_reassembly){ .buf = NULL };
	return whole;
}

void rt_l2cap_reassembly_drop(struct rt_l2cap_reassembly *ra,
			      struct rt_env *env)
{
	rt_env_free(env, ra->buf);
	*ra = (struct rt_l2cap_reassembly){ .buf = NULL };
}

/* An SDU that its first part holds already would not have been cut. */
static int put_start(struct rt_l2cap_reassembly *ra, struct rt_env *env,
		     uint16_t mtu, struct rt_bytes payload)
{
	struct rt_rd r = rt_rd_init(payload);
	const uint16_t len = rt_rd_le16(&r);
	const struct rt_bytes part = rt_rd_rest(&r);
	int ret;

	if (ra->buf || !rt_rd_ok(&r) || part.len >= len)
		return -EBADMSG;
	ret = rt_l2cap_reassembly_begin(ra, env, len, mtu);
	return ret < 0 ? ret : rt_l2cap_reassembly_add(ra, part);
}

static int put_unsegmented(const struct rt_l2cap_reassembly *ra, uint16_t mtu,
			   struct rt_bytes payload,
			   struct rt_l2cap_whole *ret_whole)
{
	if (ra->buf)
		return -EBADMSG;
	if (payload.len > mtu)
		return -EMSGSIZE;
	*ret_whole = (struct rt_l2cap_whole){ .sdu = payload };
	return 1;
}

static int put_continuation(struct rt_l2cap_reassembly *ra,
			    struct rt_bytes payload)
{
	if (payload.len >= (size_t)(ra->len - ra->have))
		return -EBADMSG;
	return rt_l2cap_reassembly_add(ra, payload);
}

static int put_end(struct rt_l2cap_reassembly *ra, struct rt_bytes payload,
		   struct rt_l2cap_whole *ret_whole)
{
	if (payload.len != (size_t)(ra->len - ra->have) ||
	    rt_l2cap_reassembly_add(ra, payload) < 0)
		return -EBADMSG;
	*ret_whole = rt_l2cap_reassembly_take(ra);
	return 1;
}

int rt_l2cap_reassembly_put(struct rt_l2cap_reassembly *ra, struct rt_env *env,
			    uint16_t mtu, enum rt_l2cap_sar sar,
			    struct rt_bytes payload,
			    struct rt_l2cap_whole *ret_whole)
{
	switch (sar) {
	case RT_L2CAP_UNSEGMENTED:
		return put_unsegmented(ra, mtu, payload, ret_whole);
	case RT_L2CAP_START:
		return put_start(ra, env, mtu, payload);
	case RT_L2CAP_CONTINUATION:
		return put_continuation(ra, payload);
	case RT_L2CAP_END:
		return put_end(ra, payload, ret_whole);
	}
	return -EBADMSG;
}

enum rt_l2cap_sar rt_l2cap_sar_of(size_t len, size_t from, size_t n)
{
	if (from == 0 && n == len)
		return RT_L2CAP_UNSEGMENTED;
	if (from == 0)
		return RT_L2CAP_START;
	return from + n == len ? RT_L2CAP_END : RT_L2CAP_CONTINUATION;
}

static void copy(const struct rt_pdu *sdu, size_t from, struct rt_pkt *pkt)
{
	struct rt_packet packet = { .count = 0 };

	rt_pdu_slice(sdu, from, pkt->cap, &packet);
	for (size_t i = 0; i < packet.count; i++) {
		memcpy(pkt->data + pkt->len, packet.slice[i].ptr,
		       packet.slice[i].len);
		pkt->len = (uint16_t)(pkt->len + packet.slice[i].len);
	}
}

void rt_l2cap_sar_fill(const struct rt_pdu *sdu, size_t from,
		       struct rt_pkt *pkt, struct rt_pdu *pdu)
{
	const size_t len = rt_pdu_bytes(sdu);
	struct rt_wr w;

	copy(sdu, from, pkt);
	rt_pdu_own(pdu, pkt);
	if (rt_l2cap_sar_of(len, from, pkt->cap) != RT_L2CAP_START)
		return;
	w = rt_wr_init(rt_pdu_push(pdu, RT_L2CAP_SDU_LENGTH_BYTES),
		       RT_L2CAP_SDU_LENGTH_BYTES);
	rt_wr_le16(&w, (uint16_t)len);
}
