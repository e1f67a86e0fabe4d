/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/*
 * What stands in for the cryptography of Core Vol 2 Part H: digests that
 * nobody should trust, but that are equal where both sides know the same, and
 * differ where they don't.
 */

enum purpose { PUBLIC_192 = 1, PUBLIC_256, COMMITMENT, SHARED };

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t scramble(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

struct rt_vctl_mix rt_vctl_mix_init(uint64_t purpose)
{
	struct rt_vctl_mix mix = { purpose, ~purpose };

	return mix;
}

void rt_vctl_mix_put(struct rt_vctl_mix *mix, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		mix->a = scramble(mix->a + p[i] + 0x9e3779b97f4a7c15);
		mix->b = scramble(mix->b ^ mix->a);
	}
}

void rt_vctl_mix_end(const struct rt_vctl_mix *mix,
		     uint8_t ret[RT_VCTL_KEY_BYTES])
{
	struct rt_wr w = rt_wr_init(ret, RT_VCTL_KEY_BYTES);

	rt_wr_le(&w, scramble(mix->a), 8);
	rt_wr_le(&w, scramble(mix->b), 8);
}

void rt_vctl_public_key(const struct rt_vctl *vctl, bool p256,
			uint8_t ret[RT_VCTL_KEY_BYTES])
{
	struct rt_vctl_mix mix =
		rt_vctl_mix_init(p256 ? PUBLIC_256 : PUBLIC_192);

	rt_vctl_mix_put(&mix, vctl->options.addr.b,
			sizeof(vctl->options.addr.b));
	rt_vctl_mix_put(&mix, &vctl->clock, sizeof(vctl->clock));
	rt_vctl_mix_put(&mix, &vctl->resets, sizeof(vctl->resets));
	rt_vctl_mix_end(&mix, ret);
}

void rt_vctl_commitment(const uint8_t public_key[RT_VCTL_KEY_BYTES],
			const uint8_t random[RT_VCTL_KEY_BYTES],
			uint8_t ret[RT_VCTL_KEY_BYTES])
{
	struct rt_vctl_mix mix = rt_vctl_mix_init(COMMITMENT);

	rt_vctl_mix_put(&mix, public_key, RT_VCTL_KEY_BYTES);
	rt_vctl_mix_put(&mix, random, RT_VCTL_KEY_BYTES);
	rt_vctl_mix_end(&mix, ret);
}

void rt_vctl_random(struct rt_vctl *vctl, uint8_t *ret, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)rt_vctl_air_random(vctl->air);
}

/* The initiator's comes first. */
static void put_pair(struct rt_vctl_mix *mix, bool is_own_first,
		     const void *own, const void *peer, size_t len)
{
	rt_vctl_mix_put(mix, is_own_first ? own : peer, len);
	rt_vctl_mix_put(mix, is_own_first ? peer : own, len);
}

void rt_vctl_shared(const struct rt_vctl_link *link, uint64_t purpose,
		    uint8_t ret[RT_VCTL_KEY_BYTES])
{
	const struct rt_vctl_auth *a = &link->auth;
	struct rt_vctl_mix mix = rt_vctl_mix_init(SHARED + purpose);

	/* As the two know each other: one may have used an alias. */
	if (link->peer)
		put_pair(&mix, a->initiator, link->peer->addr.b, link->addr.b,
			 sizeof(link->addr.b));
	put_pair(&mix, a->initiator, a->nonce, a->peer_nonce, sizeof(a->nonce));
	rt_vctl_mix_put(&mix, &a->passkey, sizeof(a->passkey));
	rt_vctl_mix_put(&mix, a->pin, a->pin_bytes);
	rt_vctl_mix_end(&mix, ret);
}
