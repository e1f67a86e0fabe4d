/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/sdp/asker.h"

/* Devices that answer nonsense, and devices that never end. */

static struct asker a;

static uint16_t tid(void)
{
	return (uint16_t)(bench.got[1] << 8 | bench.got[2]);
}

/* Begins a query whose request has left; the channel is open already. */
static void begin(enum rt_sdp_transaction transaction)
{
	static const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = {
		.transaction = transaction,
		.uuids = &uuid,
		.uuid_count = 1,
	};

	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), 0);
	if (!bench.chan)
		asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
}

/* Answers with the parameters; the header is right. */
static void answer_octets(uint8_t id, const uint8_t *params, size_t n)
{
	uint8_t *pdu = malloc(5 + n);

	ck_assert_ptr_nonnull(pdu);
	pdu[0] = id;
	pdu[1] = (uint8_t)(tid() >> 8);
	pdu[2] = (uint8_t)tid();
	pdu[3] = (uint8_t)(n >> 8);
	pdu[4] = (uint8_t)n;
	memcpy(pdu + 5, params, n);
	rx_octets(pdu, 5 + n);
	free(pdu);
}

static void answer(uint8_t id, const char *hex)
{
	uint8_t params[1024];

	answer_octets(id, params, hex_read(hex, params, sizeof(params)));
}

static const struct {
	enum rt_sdp_transaction transaction;
	uint8_t id;
	const char *params; /* of an answer that is right */
} good[] = {
	{ RT_SDP_SEARCH, 3, "0002 0002 00010001 00010002 00" },
	{ RT_SDP_ATTRIBUTES, 5,
	  "0010 350e 090001 3503 191101 090100 2501 6e 00" },
	{ RT_SDP_SEARCH_ATTRIBUTES, 7,
	  "0012 3510 350e 090001 3503 191101 090100 2501 6e 00" },
};

START_TEST(each_answer_is_good_as_it_stands)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		begin(good[i].transaction);
		answer(good[i].id, good[i].params);
		asker_assert_well(&a);
		ck_assert_uint_eq(a.records, good[i].id == 3 ? 2 : 1);
	}
}
END_TEST

START_TEST(an_answer_cut_short_anywhere_is_malformed)
{
	uint8_t params[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		n = hex_read(good[i].params, params, sizeof(params));
		for (size_t cut = 0; cut < n; cut++) {
			begin(good[i].transaction);
			answer_octets(good[i].id, params, cut);
			asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
			ck_assert_int_eq(a.why.err, -EBADMSG);
		}
		/* Nor may anything follow. */
		begin(good[i].transaction);
		params[n] = 0;
		answer_octets(good[i].id, params, n + 1);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
	}
	ck_assert_uint_gt(rt_sdp_get_stats(bench.sdp)->malformed, 0);
}
END_TEST

START_TEST(a_wrong_parameter_length_is_malformed)
{
	uint8_t pdu[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		n = 5 + hex_read(good[i].params, pdu + 5, sizeof(pdu) - 5);
		for (int by = -1; by <= 1; by += 2) {
			begin(good[i].transaction);
			pdu[0] = good[i].id;
			pdu[1] = (uint8_t)(tid() >> 8);
			pdu[2] = (uint8_t)tid();
			pdu[3] = 0;
			pdu[4] = (uint8_t)((int)n - 5 + by);
			rx_octets(pdu, n);
			asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
		}
	}
}
END_TEST

START_TEST(a_response_of_another_transaction_is_malformed)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(good); k++) {
			begin(good[i].transaction);
			answer(good[k].id, good[k].params);
			if (i != k)
				asker_assert_failed(&a, RT_LAYER_SDP,
						    RT_SDP_MALFORMED);
		}
	}
	begin(RT_SDP_SEARCH);
	answer(1, "00");
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
}
END_TEST

START_TEST(what_nobody_waits_for_changes_nothing)
{
	begin(RT_SDP_SEARCH_ATTRIBUTES);
	rx("07 7777 0005 0002 3500 00"); /* another transaction id */
	rx("01 7777 0002 0003");
	rx("06 0001 000d 3503191101 0100 3503090100 00"); /* a request */
	rx("02 0001 0008 3503191101 0010 00");
	rx("09 0001 0000");
	rx("");
	rx("07");
	rx("07 00");
	tx_nothing();
	ck_assert_uint_eq(a.done, 0);
	answer(7, good[2].params);
	asker_assert_well(&a);
	/* Twice, and when there is no query at all. */
	rx("07 0001 0005 0002 3500 00");
	ck_assert_uint_eq(rt_sdp_get_stats(bench.sdp)->malformed, 9);
}
END_TEST

START_TEST(an_answer_before_the_request_has_left_is_dropped)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	rx("07 0001 0005 0002 3500 00");
	ck_assert_uint_eq(a.done, 0);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 0005 0002 3500 00");
	asker_assert_well(&a);
}
END_TEST

/* CVE-2024-6137 */
START_TEST(a_length_that_is_wrong_by_one_at_any_level_is_malformed)
{
	/* Where the lengths stand in the parameters of good[2]. */
	static const size_t lengths[] = { 1, 3, 5, 10, 18 };
	uint8_t params[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
		for (int by = -1; by <= 1; by += 2) {
			n = hex_read(good[2].params, params, sizeof(params));
			params[lengths[i]] = (uint8_t)(params[lengths[i]] + by);
			begin(RT_SDP_SEARCH_ATTRIBUTES);
			answer_octets(7, params, n);
			asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
		}
	}
}
END_TEST

START_TEST(what_is_no_list_of_attributes_is_malformed)
{
	static const char *const wrong[] = {
		"0000 00",	       /* nothing at all */
		"0002 0801 00",	       /* no sequence */
		"0002 3d00 00",	       /* an alternative */
		"0004 3500 3500 00",   /* two of them */
		"0005 3503 090001 00", /* half an attribute */
		"0005 3503 080100 00", /* an id of 8 bits */
		"0005 37ffffffff 00",  /* lengths of all kinds */
		"0005 3780000000 00",
		"0009 3507 090001 3502 25 00", /* in the value */
		"0018 3516 090001 3511 350f 350d 350b 3509 3507 3505 3503 3501 "
		"00"
		"00", /* nine deep */
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		begin(RT_SDP_ATTRIBUTES);
		answer(5, wrong[i]);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
	}
	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		uint8_t octets[64];
		const size_t n = hex_read(wrong[i], octets, sizeof(octets)) - 3;
		uint8_t params[64] = { 0,    (uint8_t)(n + 4),
				       0x35, (uint8_t)(n + 2),
				       0x35, 0x00 };

		if (n == 0 || i == 3)
			continue;
		memcpy(params + 6, octets + 2, n);
		params[6 + n] = 0;
		begin(RT_SDP_SEARCH_ATTRIBUTES);
		answer_octets(7, params, 7 + n);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
	}
}
END_TEST

START_TEST(attributes_in_any_order_are_taken)
{
	begin(RT_SDP_ATTRIBUTES);
	answer(5, "000c 350a 090100 2501 6e 090001 00 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
}
END_TEST

START_TEST(counts_of_handles_have_to_agree)
{
	static const char *const wrong[] = {
		"0001 0002 00000001 00000002 00", /* more than in all */
		"0002 0001 00000001 00", /* fewer, and no more to come */
		"0000 0001 00000001 00",	  "0001 0001 000000 00",
		"0001 ffff 00000001 00",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		begin(RT_SDP_SEARCH);
		answer(3, wrong[i]);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
	}
}
END_TEST

START_TEST(a_continuation_state_has_sixteen_octets_at_most)
{
	begin(RT_SDP_SEARCH);
	answer(3, "0002 0001 00000001 10 00112233445566778899aabbccddeeff");
	ck_assert_uint_eq(a.done, 0);
	ck_assert_uint_gt(tx_take(), 0);
	answer(3, "0002 0001 00000001 11 00112233445566778899aabbccddeeff00");
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
}
END_TEST

/* Each part brings an octet of a list, and the state is the number given. */
static void answer_part(unsigned int octets, unsigned int state)
{
	uint8_t params[1024] = { (uint8_t)(octets >> 8), (uint8_t)octets };
	const size_t n = 2 + octets;

	params[n] = 2;
	params[n + 1] = (uint8_t)(state >> 8);
	params[n + 2] = (uint8_t)state;
	answer_octets(7, params, n + 3);
}

START_TEST(a_continuation_without_progress_ends_the_query)
{
	begin(RT_SDP_SEARCH_ATTRIBUTES);
	answer_part(1, 1);
	ck_assert_uint_gt(tx_take(), 0);
	answer_part(0, 2);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
	begin(RT_SDP_SEARCH);
	answer(3, "0002 0000 01aa");
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
}
END_TEST

START_TEST(a_continuation_that_comes_again_ends_the_query)
{
	for (unsigned int apart = 1; apart < 20; apart++) {
		begin(RT_SDP_SEARCH_ATTRIBUTES);
		for (unsigned int i = 0; i < apart; i++) {
			answer_part(1, i);
			ck_assert_uint_gt(tx_take(), 0);
		}
		answer_part(1, 0);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
	}
}
END_TEST

START_TEST(so_many_rounds_and_no_more)
{
	begin(RT_SDP_SEARCH_ATTRIBUTES);
	for (unsigned int i = 0; i < 63; i++) {
		answer_part(1, i);
		ck_assert_uint_gt(tx_take(), 0);
	}
	ck_assert_uint_eq(a.done, 0);
	answer_part(1, 63);
	tx_nothing();
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
	/* What is whole in the last round is taken. */
	begin(RT_SDP_SEARCH_ATTRIBUTES);
	answer(7, "0002 353e 0100");
	for (unsigned int i = 1; i < 63; i++) {
		uint8_t params[8] = { 0, 1, i % 2 ? 0x35 : 0x00, 1,
				      (uint8_t)i };

		ck_assert_uint_gt(tx_take(), 0);
		answer_octets(7, params, 5);
	}
	ck_assert_uint_gt(tx_take(), 0);
	ck_assert_uint_eq(a.done, 0);
	answer(7, "0000 00");
	asker_assert_well(&a);
}
END_TEST

static void short_answers(struct rt_limits *limits)
{
	limits->sdp_client_bytes = 100;
}

START_TEST(so_many_octets_and_no_more)
{
	uint8_t params[128] = { 0, 60, 0x35, 98 };

	bench_restart(short_answers);
	for (unsigned int more = 40; more <= 41; more++) {
		begin(RT_SDP_SEARCH_ATTRIBUTES);
		params[1] = 60;
		params[3] = (uint8_t)(58 + more);
		/* Empty sequences fill it. */
		for (size_t i = 4; i < 62; i++)
			params[i] = i % 2 ? 0x00 : 0x35;
		params[62] = 1;
		params[63] = 9;
		answer_octets(7, params, 64);
		ck_assert_uint_gt(tx_take(), 0);
		params[1] = (uint8_t)more;
		for (size_t i = 2; i < 2 + more; i++)
			params[i] = i % 2 ? 0x00 : 0x35;
		params[2 + more] = 0;
		answer_octets(7, params, 3 + more);
		if (more == 40)
			asker_assert_well(&a);
		else
			asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
	}
}
END_TEST

START_TEST(sixty_four_kibioctets_and_no_more)
{
	static uint8_t params[1017] = { 0 };

	begin(RT_SDP_SEARCH_ATTRIBUTES);
	for (unsigned int i = 0; i < 62; i++) {
		params[0] = 0x03;
		params[1] = 0xe8; /* 1000 */
		params[1002] = 1;
		params[1003] = (uint8_t)i;
		answer_octets(7, params, 1004);
		ck_assert_uint_gt(tx_take(), 0);
		ck_assert_uint_le(bench.env->live_bytes, 70000);
	}
	ck_assert_uint_eq(a.done, 0);
}
END_TEST

START_TEST(any_answer_is_taken_without_harm)
{
	uint64_t random = 11;
	uint8_t params[64];
	size_t n;

	for (int i = 0; i < 3000; i++) {
		const size_t which = (size_t)i % RT_ARRAY_SIZE(good);

		n = hex_read(good[which].params, params, sizeof(params));
		for (uint32_t k = suite_random(&random) % 3; k < 3; k++)
			params[suite_random(&random) % n] =
				(uint8_t)suite_random(&random);
		begin(good[which].transaction);
		answer_octets(good[which].id, params, n);
		/* It is over, or goes on, in which case it ends so. */
		if (!a.done) {
			ck_assert_uint_gt(tx_take(), 0);
			answer(1, "0002");
		}
		ck_assert_uint_eq(a.done, 1);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_answer_is_good_as_it_stands,
		an_answer_cut_short_anywhere_is_malformed,
		a_wrong_parameter_length_is_malformed,
		a_response_of_another_transaction_is_malformed,
		what_nobody_waits_for_changes_nothing,
		an_answer_before_the_request_has_left_is_dropped,
		a_length_that_is_wrong_by_one_at_any_level_is_malformed,
		what_is_no_list_of_attributes_is_malformed,
		attributes_in_any_order_are_taken,
		counts_of_handles_have_to_agree,
		a_continuation_state_has_sixteen_octets_at_most,
		a_continuation_without_progress_ends_the_query,
		a_continuation_that_comes_again_ends_the_query,
		so_many_rounds_and_no_more,
		so_many_octets_and_no_more,
		sixty_four_kibioctets_and_no_more,
		any_answer_is_taken_without_harm,
	};

	return suite_run("sdp/client_bad", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
