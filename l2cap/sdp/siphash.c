/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/siphash.h"

#include "stack/rd.h"

static uint64_t rotate(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned int count)
{
	for (; count > 0; count--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void take_word(struct rt_siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	rounds(hash->v, 2);
	hash->v[0] ^= word;
}

void rt_siphash_init(struct rt_siphash *hash,
		     const uint8_t key[RT_SIPHASH_KEY_BYTES])
{
	struct rt_rd r = rt_rd_init(rt_bytes(key, RT_SIPHASH_KEY_BYTES));
	const uint64_t k0 = rt_rd_le(&r, 8);
	const uint64_t k1 = rt_rd_le(&r, 8);

	/* "somepseudorandomlygeneratedbytes", as the authors have it. */
	*hash = (struct rt_siphash){
		.v = { k0 ^ UINT64_C(0x736f6d6570736575),
		       k1 ^ UINT64_C(0x646f72616e646f6d),
		       k0 ^ UINT64_C(0x6c7967656e657261),
		       k1 ^ UINT64_C(0x7465646279746573) },
	};
}

static void add_octet(struct rt_siphash *hash, uint8_t octet)
{
	hash->word |= (uint64_t)octet << 8 * (hash->bytes % 8);
	hash->bytes++;
	if (hash->bytes % 8 > 0)
		return;
	take_word(hash, hash->word);
	hash->word = 0;
}

void rt_siphash_add(struct rt_siphash *hash, struct rt_bytes octets)
{
	for (size_t i = 0; i < octets.len; i++)
		add_octet(hash, octets.ptr[i]);
}

void rt_siphash_add_number(struct rt_siphash *hash, uint64_t value,
			   size_t bytes)
{
	for (size_t i = bytes; i > 0; i--)
		add_octet(hash, (uint8_t)(value >> 8 * (i - 1)));
}

uint64_t rt_siphash_end(struct rt_siphash *hash)
{
	/* The last word holds the length, modulo 256, in its last octet. */
	take_word(hash, hash->word | (uint64_t)hash->bytes << 56);
	hash->v[2] ^= 0xff;
	rounds(hash->v, 4);
	return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}
