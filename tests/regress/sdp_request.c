/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/regress/sdp_tables.h"
#include "tests/unit/sdp/talk.h"

/* Requests whose lengths, counts and elements are not what they should be. */

/* Requests that are right, one a transaction. */
static const char *const good[] = {
	"02 0001 0008 3503191101 0010 00",
	"04 0001 000c 00010001 0100 3503090100 00",
	"06 0001 000d 3503191101 0100 3503090100 00",
};

static void setup(void)
{
	bench_setup();
	bench_publish(20);
	bench_publish(20);
	bench_accept(MTU);
}

static void expect_answered(void)
{
	ask("02 7777 0008 3503191101 0010 00",
	    "03 7777 000d 0002 0002 00010001 00010002 00");
}

/* SDP-06: ranges from the end to the beginning, and far too many. */
START_TEST(a_range_from_last_to_first_is_bad_syntax)
{
	static const char *const ids[] = { "0affff0000", "0a00010000",
					   "0a0100ffff0affff0100",
					   "0a80007fff" };
	struct talk_request request = { .pattern = "191101",
					.handle = 0x00010001,
					.max = 600 };

	for (uint8_t id = 4; id <= 6; id += 2) {
		request.id = id;
		for (size_t i = 0; i < RT_ARRAY_SIZE(ids); i++) {
			request.ids = ids[i];
			talk_refused(&request, 3);
		}
	}
	expect_answered();
}
END_TEST

/* SDP-06, SDP-07: as many ranges as a request can carry. */
START_TEST(any_count_of_ranges_is_answered_within_bounds_or_refused)
{
	struct talk_request request = { .pattern = "191101",
					.handle = 0x00010001,
					.max = 600 };
	struct talk_response response;
	char ids[119 * 10 + 1] = "";

	for (unsigned int count = 1; count < 119; count++) {
		strcat(ids, "0a0000ffff");
		request.ids = ids;
		for (uint8_t id = 4; id <= 6; id += 2) {
			request.id = id;
			talk(&request, &response);
			ck_assert(response.id == id + 1 || response.code == 3);
			ck_assert_uint_le(response.octets.len, 600);
			/* It does not become right again by being longer. */
			ck_assert(count <= 64 || response.id == 1);
		}
	}
	expect_answered();
}
END_TEST

/*
 * SDP-07: the length of the list says more than there is, in each size of
 * length, with counts whose products with 5 wrap in 16 bits.
 */
START_TEST(a_list_that_claims_more_than_there_is_is_bad_syntax)
{
	static const uint32_t counts[] = { 1,	  2,	  13106, 13107,
					   13108, 13109,  26214, 26215,
					   65535, 0x3fff, 0x7fff };
	char pdu[128];

	for (size_t i = 0; i < RT_ARRAY_SIZE(counts); i++) {
		const uint32_t bytes = counts[i] * 5;

		snprintf(pdu, sizeof(pdu),
			 "04 0001 000e 00010001 0100 36%04x 0a0001 00",
			 bytes & 0xffff);
		if ((bytes & 0xffff) != 3)
			ask(pdu, "01 0001 0002 0004");
		snprintf(pdu, sizeof(pdu),
			 "04 0001 0011 00010001 0100 37%08x 0a0000ffff 00",
			 bytes);
		if (bytes != 5)
			ask(pdu, "01 0001 0002 0003");
		snprintf(pdu, sizeof(pdu),
			 "04 0001 000f 00010001 0100 36%04x 0a0000ffff 00",
			 bytes & 0xffff);
		if ((bytes & 0xffff) != 5)
			ask(pdu, "01 0001 0002 0003");
	}
	expect_answered();
}
END_TEST

/* SDP-09 */
START_TEST(a_pattern_has_twelve_uuids_at_most)
{
	struct talk_request request = { .max = 9, .ids = "090001" };
	struct talk_response response;
	char pattern[100 * 6 + 1] = "";

	for (unsigned int count = 1; count < 100; count++) {
		strcat(pattern, "191101");
		request.pattern = pattern;
		for (uint8_t id = 2; id <= 6; id += 4) {
			request.id = id;
			if (count > 12) {
				talk_refused(&request, 3);
				continue;
			}
			talk(&request, &response);
			ck_assert_uint_eq(response.id, id + 1);
		}
	}
	expect_answered();
}
END_TEST

/* SDP-10: any element in place of the UUID, of the list, and of the id. */
START_TEST(any_element_in_place_of_another_is_served_or_refused)
{
	/* Where the headers of elements stand in the requests. */
	static const struct {
		size_t request, at;
	} places[] = { { 0, 5 }, { 0, 7 }, { 1, 11 }, { 1, 13 },
		       { 2, 5 }, { 2, 7 }, { 2, 12 }, { 2, 14 } };
	uint8_t octets[64];
	struct talk_response response;

	for (size_t i = 0; i < RT_ARRAY_SIZE(places); i++) {
		for (unsigned int header = 0; header < 256; header++) {
			const size_t n = hex_read(good[places[i].request],
						  octets, sizeof(octets));
			const uint8_t right = octets[places[i].at];

			octets[places[i].at] = (uint8_t)header;
			rx_octets(octets, n);
			talk_read(&response);
			ck_assert_uint_eq(response.tid, 1);
			ck_assert((response.id == 1) == (header != right));
			ck_assert(response.id != 1 || response.code == 3);
			tx_nothing();
		}
	}
	expect_answered();
}
END_TEST

/* Sequences in one another, `depth` of them, at `buf`. */
static size_t put_nested(uint8_t *buf, unsigned int depth)
{
	uint8_t *p = buf;

	for (unsigned int i = 0; i < depth; i++) {
		const unsigned int inside = 3 * (depth - i - 1);

		*p++ = 0x36;
		*p++ = (uint8_t)(inside >> 8);
		*p++ = (uint8_t)inside;
	}
	return (size_t)(p - buf);
}

/* SDP-13: as deep as a request can be. */
START_TEST(nested_sequences_are_refused_at_any_depth)
{
	uint8_t pdu[MTU] = { 2, 0, 1 };

	for (unsigned int depth = 1; 5 + 3 * depth + 3 <= MTU; depth++) {
		const size_t n = 5 + put_nested(pdu + 5, depth);

		memcpy(pdu + n, "\x00\x10", 3);
		pdu[3] = (uint8_t)((n + 3 - 5) >> 8);
		pdu[4] = (uint8_t)(n + 3 - 5);
		rx_octets(pdu, n + 3);
		tx("01 0001 0002 0003");
	}
	expect_answered();
}
END_TEST

/* SDP-14 */
START_TEST(a_length_of_32_bits_is_no_signed_number)
{
	static const uint32_t lengths[] = {
		0x7fffffff, 0x80000000, 0xffffffff,
		0xfffffffb, 0x80000003, 0x00010003
	};
	char pdu[128];

	for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
		snprintf(pdu, sizeof(pdu), "02 0001 000b 37%08x 191101 0010 00",
			 lengths[i]);
		ask(pdu, "01 0001 0002 0003");
		snprintf(pdu, sizeof(pdu),
			 "06 0001 0010 3503191101 0100 37%08x 090100 00",
			 lengths[i]);
		ask(pdu, "01 0001 0002 0003");
	}
	expect_answered();
}
END_TEST

/* SDP-15: a string, and all else that has a length, longer than the PDU. */
START_TEST(an_element_longer_than_the_pdu_is_bad_syntax)
{
	char pdu[64];

	for (unsigned int type = 0; type < 32; type++) {
		for (unsigned int more = 1; more < 250; more += 31) {
			snprintf(pdu, sizeof(pdu),
				 "02 0001 0008 %02x%02x191101 0010 00",
				 type << 3 | 5, 3 + more);
			ask(pdu, "01 0001 0002 0003");
			snprintf(pdu, sizeof(pdu),
				 "02 0001 0009 3504 %02x%02x1101 0010 00",
				 type << 3 | 5, 2 + more);
			ask(pdu, "01 0001 0002 0003");
		}
	}
	expect_answered();
}
END_TEST

/* SDP-16: cut anywhere: no answer without a transaction id. */
START_TEST(a_pdu_cut_short_anywhere_is_a_bad_size)
{
	uint8_t octets[64];

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		const size_t n = hex_read(good[i], octets, sizeof(octets));

		for (size_t cut = 0; cut < n; cut++) {
			rx_octets(octets, cut);
			if (cut >= 3)
				tx("01 0001 0002 0004");
			tx_nothing();
		}
	}
	expect_answered();
}
END_TEST

/* SDP-16: all lengths near the right one, and on to the largest. */
START_TEST(a_length_other_than_that_of_the_pdu_is_a_bad_size)
{
	uint8_t octets[64];

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		const size_t n = hex_read(good[i], octets, sizeof(octets));

		for (uint32_t length = 0; length <= 0xffff;
		     length += length < 300 ? 1 : 251) {
			if (length == n - 5)
				continue;
			octets[3] = (uint8_t)(length >> 8);
			octets[4] = (uint8_t)length;
			rx_octets(octets, n);
			tx("01 0001 0002 0004");
		}
	}
	expect_answered();
}
END_TEST

/* SDP-16: a list that is right and stops where the PDU says. */
START_TEST(parameters_cut_short_anywhere_are_bad_syntax)
{
	uint8_t octets[64];

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		const size_t n = hex_read(good[i], octets, sizeof(octets));

		for (size_t cut = 5; cut < n; cut++) {
			octets[4] = (uint8_t)(cut - 5);
			rx_octets(octets, cut);
			tx("01 0001 0002 0003");
		}
	}
	expect_answered();
}
END_TEST

/* SDP-17: nothing but handles that exist, however many are asked for. */
START_TEST(no_more_handles_are_told_than_there_are)
{
	struct talk_request request = { .id = 2, .pattern = "191101" };
	struct talk_response response;

	for (uint32_t max = 1; max <= 0xffff; max += max < 300 ? 1 : 251) {
		request.max = (uint16_t)max;
		talk(&request, &response);
		ck_assert_uint_eq(response.total, RT_MIN(max, 2));
		ck_assert_uint_eq(response.octets.len, 4 * RT_MIN(max, 2));
		ck_assert_mem_eq(response.octets.ptr,
				 "\x00\x01\x00\x01\x00\x01\x00\x02",
				 response.octets.len);
		ck_assert_uint_eq(response.cont.len, 0);
	}
	request.max = 0;
	talk_refused(&request, 3);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP-06", "A", a_range_from_last_to_first_is_bad_syntax),
	TAGGED("SDP-06", "A",
	       any_count_of_ranges_is_answered_within_bounds_or_refused),
	TAGGED("SDP-07", "A",
	       any_count_of_ranges_is_answered_within_bounds_or_refused),
	TAGGED("SDP-07", "A",
	       a_list_that_claims_more_than_there_is_is_bad_syntax),
	TAGGED("SDP-09", "A", a_pattern_has_twelve_uuids_at_most),
	TAGGED("SDP-10", "A",
	       any_element_in_place_of_another_is_served_or_refused),
	TAGGED("SDP-13", "A", nested_sequences_are_refused_at_any_depth),
	TAGGED("SDP-14", "A", a_length_of_32_bits_is_no_signed_number),
	TAGGED("SDP-15", "A", an_element_longer_than_the_pdu_is_bad_syntax),
	TAGGED("SDP-16", "A", a_pdu_cut_short_anywhere_is_a_bad_size),
	TAGGED("SDP-16", "A",
	       a_length_other_than_that_of_the_pdu_is_a_bad_size),
	TAGGED("SDP-16", "A", parameters_cut_short_anywhere_are_bad_syntax),
	TAGGED("SDP-17", "A", no_more_handles_are_told_than_there_are),
};

const struct tagged_table sdp_request_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = setup,
	.teardown = bench_teardown,
};
