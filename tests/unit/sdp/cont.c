/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/cont.h"

#include "tests/unit/sdp/bench.h"

static const uint8_t key[RT_SIPHASH_KEY_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
};

static uint64_t hash_of(size_t bytes)
{
	struct rt_siphash hash;
	uint8_t octets[64];

	for (size_t i = 0; i < bytes; i++)
		octets[i] = (uint8_t)i;
	rt_siphash_init(&hash, key);
	rt_siphash_add(&hash, rt_bytes(octets, bytes));
	return rt_siphash_end(&hash);
}

/*
 * The vectors of the paper's appendix and of its authors' reference: key 00 01
 * ... 0f, message 00 01 ... (n - 1).
 */
START_TEST(the_published_vectors_come_out)
{
	ck_assert_uint_eq(hash_of(0), UINT64_C(0x726fdb47dd0e0e31));
	ck_assert_uint_eq(hash_of(1), UINT64_C(0x74f839c593dc67fd));
	ck_assert_uint_eq(hash_of(2), UINT64_C(0x0d6c8009d9a94f5a));
	ck_assert_uint_eq(hash_of(3), UINT64_C(0x85676696d7fb7e2d));
	ck_assert_uint_eq(hash_of(4), UINT64_C(0xcf2794e0277187b7));
	ck_assert_uint_eq(hash_of(5), UINT64_C(0x18765564cd99a68d));
	ck_assert_uint_eq(hash_of(6), UINT64_C(0xcbc9466e58fee3ce));
	ck_assert_uint_eq(hash_of(7), UINT64_C(0xab0200f58b01d137));
	ck_assert_uint_eq(hash_of(8), UINT64_C(0x93f5f5799a932462));
	ck_assert_uint_eq(hash_of(15), UINT64_C(0xa129ca6149be45e5));
	ck_assert_uint_eq(hash_of(63), UINT64_C(0x958a324ceb064572));
}
END_TEST

START_TEST(a_message_is_the_same_in_any_pieces)
{
	struct rt_siphash hash;
	uint8_t octets[15];

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)i;
	for (size_t cut = 0; cut <= sizeof(octets); cut++) {
		rt_siphash_init(&hash, key);
		rt_siphash_add(&hash, rt_bytes(octets, cut));
		rt_siphash_add(&hash,
			       rt_bytes(octets + cut, sizeof(octets) - cut));
		ck_assert_uint_eq(rt_siphash_end(&hash), hash_of(15));
	}
	rt_siphash_init(&hash, key);
	rt_siphash_add_number(&hash, 0x00010203, 4);
	ck_assert_uint_eq(rt_siphash_end(&hash), hash_of(4));
}
END_TEST

static const uint8_t request[] = { 0x35, 0x03, 0x19, 0x11, 0x01 };
static const struct rt_sdp_cont_of of = {
	.connection = 7,
	.generation = 3,
	.pdu_id = 6,
	.request = { request, sizeof(request) },
};

static size_t state_for(uint16_t offset, uint8_t *state)
{
	struct rt_wr w = rt_wr_init(state, RT_SDP_CONT_BYTES);

	rt_sdp_cont_write(&w, key, &of, offset);
	ck_assert(rt_wr_ok(&w));
	return w.len;
}

START_TEST(a_state_comes_back_as_its_offset)
{
	static const uint16_t offsets[] = { 1, 7, 255, 256, 0x8000, 0xffff };
	uint8_t state[RT_SDP_CONT_BYTES];
	uint16_t offset = 0;

	for (size_t i = 0; i < RT_ARRAY_SIZE(offsets); i++) {
		ck_assert_uint_eq(state_for(offsets[i], state),
				  RT_SDP_CONT_BYTES);
		ck_assert(rt_sdp_cont_read(rt_bytes(state, sizeof(state)), key,
					   &of, &offset));
		ck_assert_uint_eq(offset, offsets[i]);
	}
	ck_assert_uint_le(RT_SDP_CONT_BYTES, 16);
}
END_TEST

START_TEST(no_state_is_the_beginning)
{
	uint16_t offset = 9;

	ck_assert(rt_sdp_cont_read(rt_bytes(NULL, 0), key, &of, &offset));
	ck_assert_uint_eq(offset, 0);
}
END_TEST

START_TEST(a_state_with_any_bit_changed_is_refused)
{
	uint8_t state[RT_SDP_CONT_BYTES];
	uint16_t offset = 9;

	for (size_t bit = 0; bit < 8 * sizeof(state); bit++) {
		state_for(0x1234, state);
		state[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(!rt_sdp_cont_read(rt_bytes(state, sizeof(state)), key,
					    &of, &offset));
	}
	ck_assert_uint_eq(offset, 9);
}
END_TEST

/* CVE-2017-1000250: every offset but ours with the code of ours. */
START_TEST(every_other_offset_is_refused)
{
	uint8_t state[RT_SDP_CONT_BYTES];
	uint16_t offset;

	state_for(0x1234, state);
	for (uint32_t forged = 0; forged <= 0xffff; forged++) {
		state[1] = (uint8_t)(forged >> 8);
		state[2] = (uint8_t)forged;
		ck_assert_int_eq(
			rt_sdp_cont_read(rt_bytes(state, sizeof(state)), key,
					 &of, &offset),
			forged == 0x1234);
	}
}
END_TEST

START_TEST(a_state_of_any_other_length_is_refused)
{
	uint8_t state[17] = { 0 };
	uint16_t offset;

	state_for(0x1234, state);
	for (size_t n = 1; n <= sizeof(state); n++)
		ck_assert_int_eq(rt_sdp_cont_read(rt_bytes(state, n), key, &of,
						  &offset),
				 n == RT_SDP_CONT_BYTES);
}
END_TEST

START_TEST(a_state_is_good_for_nothing_else)
{
	static const uint8_t other_request[] = { 0x35, 0x03, 0x19, 0x11, 0x02 };
	uint8_t other_key[RT_SIPHASH_KEY_BYTES];
	struct rt_sdp_cont_of others[] = { of, of, of, of, of };
	uint8_t state[RT_SDP_CONT_BYTES] = { 0 };
	const struct rt_bytes view = rt_bytes(state, sizeof(state));
	uint16_t offset;

	state_for(0x1234, state);
	others[0].connection++;
	others[1].generation++;
	others[2].pdu_id = 4;
	others[3].request = rt_bytes(other_request, sizeof(other_request));
	others[4].request.len--;
	for (size_t i = 0; i < RT_ARRAY_SIZE(others); i++)
		ck_assert(!rt_sdp_cont_read(view, key, &others[i], &offset));
	memcpy(other_key, key, sizeof(key));
	other_key[15] ^= 0x80;
	ck_assert(!rt_sdp_cont_read(view, other_key, &of, &offset));
	ck_assert(rt_sdp_cont_read(view, key, &of, &offset));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_published_vectors_come_out,
		a_message_is_the_same_in_any_pieces,
		a_state_comes_back_as_its_offset,
		no_state_is_the_beginning,
		a_state_with_any_bit_changed_is_refused,
		every_other_offset_is_refused,
		a_state_of_any_other_length_is_refused,
		a_state_is_good_for_nothing_else,
	};

	return suite_run("sdp/cont", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
