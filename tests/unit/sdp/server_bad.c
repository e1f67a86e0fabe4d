/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/unit/sdp/bench.h"
#include "tests/unit/sdp/talk.h"

/* Requests that are right, one a transaction. */
#define SEARCH "02 0001 0008 3503191101 0010 00"
#define ATTR "04 0001 000c 00010001 0100 3503090100 00"
#define SEARCH_ATTR "06 0001 000d 3503191101 0100 3503090100 00"

static const char *const good[] = { SEARCH, ATTR, SEARCH_ATTR };

static void good_setup(void)
{
	bench_setup();
	bench_publish(1);
	bench_accept(MTU);
}

/* SDP/SR/SS/BI-01-C, SDP/SR/SA/BI-03-C, SDP/SR/SSA/BI-02-C */
START_TEST(a_wrong_parameter_length_is_a_bad_size)
{
	uint8_t octets[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		for (int by = -1; by <= 1; by++) {
			n = hex_read(good[i], octets, sizeof(octets));
			octets[4] = (uint8_t)(octets[4] + by);
			rx_octets(octets, n);
			if (by)
				tx("01 0001 0002 0004");
			else
				ck_assert_uint_gt(tx_take(), 7);
			tx_nothing();
		}
		n = hex_read(good[i], octets, sizeof(octets));
		octets[3] = 0xff;
		rx_octets(octets, n);
		tx("01 0001 0002 0004");
	}
}
END_TEST

/* BTstack 6745a988d */
START_TEST(a_pdu_cut_short_anywhere_is_refused)
{
	uint8_t octets[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		n = hex_read(good[i], octets, sizeof(octets));
		for (size_t cut = 0; cut < n; cut++) {
			rx_octets(octets, cut);
			/* Without a transaction id there is no answer. */
			if (cut < 3)
				tx_nothing();
			else
				tx("01 0001 0002 0004");
		}
	}
}
END_TEST

START_TEST(parameters_cut_short_anywhere_are_bad_syntax)
{
	uint8_t octets[64];
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++) {
		n = hex_read(good[i], octets, sizeof(octets));
		for (size_t cut = 5; cut < n; cut++) {
			octets[4] = (uint8_t)(cut - 5);
			rx_octets(octets, cut);
			tx("01 0001 0002 0003");
		}
		/* Nor may anything follow. */
		octets[4] = (uint8_t)(n - 5 + 1);
		octets[n] = 0;
		rx_octets(octets, n + 1);
		tx("01 0001 0002 0003");
	}
}
END_TEST

/* SDP/SR/SS/BI-02-C, SDP/SR/SA/BI-02-C, SDP/SR/SSA/BI-01-C */
START_TEST(what_is_no_list_of_uuids_or_ids_is_bad_syntax)
{
	static const char *const wrong[] = {
		/* pattern: no sequence, empty, other types, broken */
		"02 0001 0006 191101 0010 00",
		"02 0001 0005 3500 0010 00",
		"02 0001 0008 3d03191101 0010 00",
		"02 0001 0008 3503091101 0010 00",
		"02 0001 0008 3504191101 0010 00",
		"02 0001 0008 3502191101 0010 00",
		"02 0001 0008 35031b1101 0010 00",
		"02 0001 000a 3505 3503191101 0010 00",
		"02 0001 000a 37ffffffff 1911 0010 00",
		"02 0001 000a 3780000000 1911 0010 00",
		/* no handle wanted */
		"02 0001 0008 3503191101 0000 00",
		/* ids: no sequence, empty, other types and sizes */
		"04 0001 000a 00010001 0100 090100 00",
		"04 0001 0009 00010001 0100 3500 00",
		"04 0001 000b 00010001 0100 35020801 00",
		"04 0001 000c 00010001 0100 3503190100 00",
		"04 0001 000c 00010001 0100 3503110100 00",
		"04 0001 0012 00010001 0100 35090b0000000000000100 00",
		/* first after last */
		"04 0001 000e 00010001 0100 35050a01000000 00",
		"04 0001 000e 00010001 0100 35050affff0000 00",
		/* fewer octets than a response has to be able to carry */
		"04 0001 000c 00010001 0006 3503090100 00",
		"06 0001 000d 3503191101 0000 3503090100 00",
		/* a continuation longer than what is there */
		"02 0001 0008 3503191101 0010 01",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++)
		ask(wrong[i], "01 0001 0002 0003");
	ck_assert_uint_eq(rt_sdp_get_stats(bench.sdp)->refused,
			  RT_ARRAY_SIZE(wrong));
}
END_TEST

/* SDP/SR/SA/BI-01-C */
START_TEST(a_handle_that_no_record_has_is_refused)
{
	ask("04 0001 000c 00010002 0100 3503090100 00", "01 0001 0002 0002");
	ask("04 0001 000c ffffffff 0100 3503090100 00", "01 0001 0002 0002");
	ask("04 0001 000c 00000001 0100 3503090100 00", "01 0001 0002 0002");
}
END_TEST

/* AOSP 375fe28186 */
START_TEST(twelve_uuids_are_searched_for_and_thirteen_refused)
{
	struct talk_request request = { .id = 2, .max = 9 };
	struct talk_response response;
	char pattern[14 * 6 + 1] = "";

	for (int i = 1; i <= 13; i++) {
		strcat(pattern, "191101");
		request.pattern = pattern;
		if (i == 13)
			talk_refused(&request, 3);
		else
			talk(&request, &response);
		ck_assert(i == 13 || response.total == 1);
	}
}
END_TEST

/* Zephyr 117579, CVE-2018-9478 */
START_TEST(sixty_four_ranges_are_answered_and_more_refused)
{
	struct talk_request request = { .id = 4,
					.handle = 0x00010001,
					.max = 600 };
	struct talk_response response;
	char ids[66 * 10 + 1] = "";

	for (int i = 1; i <= 65; i++) {
		strcat(ids, "0a0100ffff");
		request.ids = ids;
		if (i == 65)
			talk_refused(&request, 3);
		else
			talk(&request, &response);
		ck_assert(i == 65 || response.octets.len == 2 + 3 + 3);
	}
}
END_TEST

START_TEST(a_pdu_that_is_none_is_bad_syntax_with_its_transaction_id)
{
	uint8_t pdu[5] = { 0, 0xab, 0xcd, 0, 0 };

	for (unsigned int id = 0; id < 256; id++) {
		pdu[0] = (uint8_t)id;
		rx_octets(pdu, sizeof(pdu));
		if (id == 1 || id == 3 || id == 5 || id == 7)
			tx_nothing();
		else
			tx("01 abcd 0002 0003");
	}
}
END_TEST

START_TEST(responses_are_not_answered)
{
	rx("01 0001 0002 0003");
	tx_nothing();
	rx("03 0001 0009 0001 0001 00000000 00");
	tx_nothing();
	rx("05 0001 0005 0002 3500 00");
	tx_nothing();
	rx("07 0001 0004 0002 3500");
	tx_nothing();
}
END_TEST

/* B:4.2: one at a time. */
START_TEST(a_request_before_the_response_has_left_is_refused)
{
	rx("02 0001 0008 3503191000 0010 00");
	rx("02 0002 0008 3503191000 0010 00");
	rx("02 0003 0008 3503191000 0010 00");
	tx("03 0001 0009 0001 0001 00000000 00");
	tx("01 0002 0002 0006");
	tx_nothing();
	ask("02 0004 0008 3503191000 0010 00",
	    "03 0004 0009 0001 0001 00000000 00");
}
END_TEST

/* SDP/SR/SSA/BI-03-C */
/* The peer has lowered its MTU before the response could leave. */
START_TEST(a_response_that_does_not_fit_any_more_is_an_error)
{
	rx("06 0001 000f 3503191101 0100 35050a0000ffff 00");
	fake_find(&bench.l2cap, bench.chan)->omtu = 48;
	tx("01 0001 0002 0006");
	tx_nothing();
	/* With the next request the new MTU counts. */
	rx("06 0002 000f 3503191101 0100 35050a0000ffff 00");
	ck_assert_uint_eq(tx_take(), 48);
	tx_nothing();
}
END_TEST

START_TEST(an_invented_continuation_is_refused)
{
	struct talk_request request = { .pattern = "191101",
					.handle = 0x00010001,
					.max = 7,
					.ids = "0a0000ffff" };
	uint64_t random = 5;

	for (uint8_t id = 2; id <= 6; id += 2) {
		request.id = id;
		for (unsigned int n = 1; n <= 255; n++) {
			request.cont_len = (uint8_t)n;
			for (unsigned int i = 0; i < n; i++)
				request.cont[i] =
					(uint8_t)suite_random(&random);
			talk_refused(&request, 5);
		}
	}
}
END_TEST

START_TEST(any_pdu_is_taken_without_harm)
{
	uint64_t random = 7;
	uint8_t whole[64];
	uint8_t octets[64];
	struct talk_response response;
	size_t n;

	for (int i = 0; i < 10000; i++) {
		n = hex_read(good[i % 3], whole, sizeof(whole));
		memcpy(octets, whole, n);
		for (uint32_t k = suite_random(&random) % 3; k < 3; k++)
			octets[suite_random(&random) % n] =
				(uint8_t)suite_random(&random);
		rx_octets(octets, n);
		if (octets[0] == 1 || octets[0] == 3 || octets[0] == 5 ||
		    octets[0] == 7) {
			tx_nothing();
			continue;
		}
		talk_read(&response);
		ck_assert_uint_eq(response.tid,
				  (unsigned int)octets[1] << 8 | octets[2]);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_wrong_parameter_length_is_a_bad_size,
		a_pdu_cut_short_anywhere_is_refused,
		parameters_cut_short_anywhere_are_bad_syntax,
		what_is_no_list_of_uuids_or_ids_is_bad_syntax,
		a_handle_that_no_record_has_is_refused,
		twelve_uuids_are_searched_for_and_thirteen_refused,
		sixty_four_ranges_are_answered_and_more_refused,
		a_pdu_that_is_none_is_bad_syntax_with_its_transaction_id,
		responses_are_not_answered,
		a_request_before_the_response_has_left_is_refused,
		a_response_that_does_not_fit_any_more_is_an_error,
		an_invented_continuation_is_refused,
		any_pdu_is_taken_without_harm,
	};

	return suite_run("sdp/server_bad", tests, RT_ARRAY_SIZE(tests),
			 good_setup, bench_teardown);
}
