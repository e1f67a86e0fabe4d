/* SPDX-License-Identifier: MIT */
#include "rfcomm/mcc.h"

#include <string.h>

#include "rfcomm/code.h"
#include "rfcomm/flow.h"
#include "rfcomm/line.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * The parts that know nothing of sessions: messages, line settings, numbers of
 * flow control, and codes of reasons.
 */

static int next(const char *hex, struct rt_rfcomm_mcc *mcc)
{
	static uint8_t octets[64];
	struct rt_rd r;

	r = rt_rd_init(rt_bytes(octets, hex_read(hex, octets, sizeof(octets))));
	return rt_rfcomm_mcc_next(&r, mcc);
}

START_TEST(type_octets_are_those_on_the_wire)
{
	static const struct {
		uint8_t type, command, response;
	} rows[] = {
		{ RT_RFCOMM_MCC_PN, 0x83, 0x81 },
		{ RT_RFCOMM_MCC_CLD, 0xc3, 0xc1 },
		{ RT_RFCOMM_MCC_TEST, 0x23, 0x21 },
		{ RT_RFCOMM_MCC_FCON, 0xa3, 0xa1 },
		{ RT_RFCOMM_MCC_FCOFF, 0x63, 0x61 },
		{ RT_RFCOMM_MCC_MSC, 0xe3, 0xe1 },
		{ RT_RFCOMM_MCC_NSC, 0x13, 0x11 },
		{ RT_RFCOMM_MCC_RPN, 0x93, 0x91 },
		{ RT_RFCOMM_MCC_RLS, 0x53, 0x51 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		ck_assert_uint_eq(rt_rfcomm_mcc_octet(rows[i].type, true),
				  rows[i].command);
		ck_assert_uint_eq(rt_rfcomm_mcc_octet(rows[i].type, false),
				  rows[i].response);
		ck_assert(rt_rfcomm_mcc_is_command(rows[i].command));
		ck_assert(!rt_rfcomm_mcc_is_command(rows[i].response));
	}
	ck_assert_uint_eq(RT_RFCOMM_MCC_RPN_QUERY & 0xff, RT_RFCOMM_MCC_RPN);
}
END_TEST

START_TEST(a_message_is_read_from_its_frame)
{
	struct rt_rfcomm_mcc mcc;

	ck_assert_int_eq(next("E3 05 0B 8D 00", &mcc), 0);
	ck_assert_uint_eq(mcc.octet, 0xe3);
	ck_assert_uint_eq(mcc.type, RT_RFCOMM_MCC_MSC);
	ck_assert(mcc.command);
	ck_assert_uint_eq(mcc.value.len, 2);
	ck_assert_mem_eq(mcc.value.ptr, "\x0b\x8d", 2);
	ck_assert_int_eq(next("21 04 00 AA BB", &mcc), 0);
	ck_assert(!mcc.command);
	ck_assert_uint_eq(mcc.value.len, 2);
}
END_TEST

START_TEST(a_message_cut_short_anywhere_is_refused)
{
	static const char *const cuts[] = {
		"",	    "E3",	   "E3 05", "E3 05 0B", "23 04",
		"23 04 00", "23 04 00 41", "23 FE", "23 FE 01",
	};
	struct rt_rfcomm_mcc before;
	struct rt_rfcomm_mcc mcc;

	memset(&mcc, 0x5a, sizeof(mcc));
	before = mcc;
	for (size_t i = 0; i < RT_ARRAY_SIZE(cuts); i++) {
		ck_assert_int_eq(next(cuts[i], &mcc), -EBADMSG);
		ck_assert_mem_eq(&mcc, &before, sizeof(mcc));
	}
}
END_TEST

START_TEST(a_message_of_any_length_is_read_back)
{
	static uint8_t octets[33000];
	static uint8_t value[32767];
	static const size_t lens[] = { 0, 1, 127, 128, 1000, 32767 };
	struct rt_rfcomm_mcc mcc;

	for (size_t i = 0; i < RT_ARRAY_SIZE(lens); i++) {
		struct rt_wr w = rt_wr_init(octets, sizeof(octets));
		struct rt_rd r;

		rt_rfcomm_mcc_write(&w, 0x23, rt_bytes(value, lens[i]));
		ck_assert(rt_wr_ok(&w));
		ck_assert_uint_eq(rt_wr_bytes(&w).len,
				  rt_rfcomm_mcc_bytes(lens[i]));
		r = rt_rd_init(rt_wr_bytes(&w));
		ck_assert_int_eq(rt_rfcomm_mcc_next(&r, &mcc), 0);
		ck_assert_uint_eq(mcc.value.len, lens[i]);
		ck_assert(rt_rd_done(&r));
	}
}
END_TEST

START_TEST(pn_is_eight_octets_in_their_order)
{
	const struct rt_rfcomm_mcc_pn pn = {
		.dlci = 2,
		.flow = 0xf0,
		.priority = 7,
		.t1 = 1,
		.frame_bytes = 0x03f3,
		.n2 = 2,
		.credits = 5,
	};
	uint8_t octets[8];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	struct rt_rfcomm_mcc_pn back;
	char line[120];

	rt_codec_encode(&rt_rfcomm_mcc_pn_msg, &pn, &w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_mem_eq(octets, "\x02\xf0\x07\x01\xf3\x03\x02\x05", 8);
	ck_assert_int_eq(rt_codec_decode(&rt_rfcomm_mcc_pn_msg, rt_wr_bytes(&w),
					 &back),
			 0);
	ck_assert_uint_eq(back.frame_bytes, 0x03f3);
	ck_assert_str_eq(rt_codec_print(&rt_rfcomm_mcc_pn_msg, &pn, line,
					sizeof(line)),
			 "PN dlci 0x02 flow 0xf0 priority 0x07 t1 0x01 "
			 "frame_bytes 0x03f3 n2 0x02 credits 0x05");
}
END_TEST

START_TEST(address_octets_name_data_links_only)
{
	uint8_t dlci;

	for (unsigned int address = 0; address < 256; address++) {
		const unsigned int expected = address >> 2;
		const bool valid =
			(address & 1) && expected >= 2 && expected <= 61;

		ck_assert_int_eq(rt_rfcomm_mcc_dlci((uint8_t)address, &dlci),
				 valid ? 0 : -EBADMSG);
		if (valid)
			ck_assert_uint_eq(dlci, expected);
	}
	ck_assert_uint_eq(rt_rfcomm_mcc_address(2), 0x0b);
	ck_assert_uint_eq(rt_rfcomm_mcc_address(61), 0xf7);
}
END_TEST

START_TEST(each_bit_of_the_mask_asks_for_its_setting_alone)
{
	const struct rt_rfcomm_mcc_rpn want = {
		.baud = 8,
		.line = 0x3c,
		.flow = 0x3f,
		.xon = 0xaa,
		.xoff = 0xbb,
	};

	for (unsigned int bit = 0; bit < 16; bit++) {
		const unsigned int mask = 1U << bit;
		struct rt_rfcomm_line line = rt_rfcomm_line_default;
		struct rt_rfcomm_mcc_rpn request = want;
		struct rt_rfcomm_mcc_rpn response;

		request.mask = (uint16_t)mask;
		rt_rfcomm_line_negotiate(&line, &request, &response);
		ck_assert_uint_eq(response.mask, mask & RT_RFCOMM_RPN_ALL);
		ck_assert_uint_eq(line.baud, mask & 0x01 ? 8 : 3);
		ck_assert_uint_eq(line.bits & 0x03, mask & 0x02 ? 0 : 3);
		ck_assert_uint_eq(line.bits & 0x04, mask & 0x04 ? 4 : 0);
		ck_assert_uint_eq(line.bits & 0x08, mask & 0x08 ? 8 : 0);
		ck_assert_uint_eq(line.bits & 0x30, mask & 0x10 ? 0x30 : 0);
		ck_assert_uint_eq(line.xon, mask & 0x20 ? 0xaa : 0x11);
		ck_assert_uint_eq(line.xoff, mask & 0x40 ? 0xbb : 0x13);
		ck_assert_uint_eq(line.flow, mask & 0x3f00 ? mask >> 8 : 0);
		ck_assert_uint_eq(response.baud, line.baud);
		ck_assert_uint_eq(response.line, line.bits);
		ck_assert_uint_eq(response.flow, line.flow);
		ck_assert_uint_eq(response.xon, line.xon);
		ck_assert_uint_eq(response.xoff, line.xoff);
	}
}
END_TEST

START_TEST(baud_rates_that_there_are_not_are_refused)
{
	for (unsigned int baud = 0; baud < 256; baud++) {
		struct rt_rfcomm_line line = rt_rfcomm_line_default;
		const struct rt_rfcomm_mcc_rpn request = {
			.baud = (uint8_t)baud,
			.mask = RT_RFCOMM_RPN_BAUD,
		};
		struct rt_rfcomm_mcc_rpn response;

		rt_rfcomm_line_negotiate(&line, &request, &response);
		ck_assert_uint_eq(response.mask, baud <= 8);
		ck_assert_uint_eq(response.baud, baud <= 8 ? baud : 3);
	}
}
END_TEST

/* By any room and anything outstanding: never more than fits, never stuck. */
START_TEST(grants_fit_the_room_and_never_stall)
{
	struct rt_rfcomm_flow flow;

	for (uint32_t limit = 1; limit <= 300; limit += 13) {
		for (size_t room = 0; room < 40000; room += 37) {
			for (uint32_t rx = 0; rx <= 40; rx += 3) {
				uint32_t grant;

				rt_rfcomm_flow_init(&flow, limit, room);
				rt_rfcomm_flow_set_frame(&flow, 100);
				rt_rfcomm_flow_agree(&flow, 0, 0);
				flow.rx = rx;
				grant = rt_rfcomm_flow_grantable(&flow);
				if (grant > 0 && ((rx + grant) * 100 > room ||
						  rx + grant > limit))
					ck_abort_msg("granted too much");
				if (rx == 0 && room >= 100 &&
				    !rt_rfcomm_flow_grant_is_due(&flow))
					ck_abort_msg("stalled");
				if (rt_rfcomm_flow_grant_is_due(&flow) &&
				    grant == 0)
					ck_abort_msg("nothing to grant");
			}
		}
	}
}
END_TEST

START_TEST(without_credits_nothing_is_granted)
{
	struct rt_rfcomm_flow flow;

	rt_rfcomm_flow_init(&flow, 32, 100000);
	ck_assert_uint_eq(flow.tx_frame_bytes, 127);
	ck_assert_uint_eq(rt_rfcomm_flow_grantable(&flow), 0);
	ck_assert(!rt_rfcomm_flow_grant_is_due(&flow));
	ck_assert(rt_rfcomm_flow_may_send(&flow));
	flow.stopped = true;
	ck_assert(!rt_rfcomm_flow_may_send(&flow));
}
END_TEST

/* However small the room: with all of it free the peer is not held. */
START_TEST(the_hold_is_released_when_all_room_is_free)
{
	struct rt_rfcomm_flow flow;

	for (size_t room = 1; room < 10000; room++) {
		rt_rfcomm_flow_init(&flow, 32, room);
		if (rt_rfcomm_flow_hold_is_due(&flow))
			ck_abort_msg("held with room %zu", room);
		flow.room = 0;
		if (!rt_rfcomm_flow_hold_is_due(&flow))
			ck_abort_msg("not held without room");
		rt_rfcomm_flow_hold_told(&flow);
		if (rt_rfcomm_flow_hold_is_due(&flow))
			ck_abort_msg("released without room");
		flow.room = room;
		if (!rt_rfcomm_flow_hold_is_due(&flow))
			ck_abort_msg("not released with room %zu", room);
	}
}
END_TEST

START_TEST(codes_have_names_errnos_and_hints)
{
	static const struct {
		uint16_t code;
		int err;
		bool hint;
	} rows[] = {
		{ RT_RFCOMM_CLOSED, 0, false },
		{ RT_RFCOMM_PEER_DISC, -ECONNRESET, true },
		{ RT_RFCOMM_REFUSED, -ECONNREFUSED, true },
		{ RT_RFCOMM_TIMEOUT_T1, -ETIMEDOUT, true },
		{ RT_RFCOMM_TIMEOUT_T2, -ETIMEDOUT, true },
		{ RT_RFCOMM_BAD_PEER, -EPROTO, true },
		{ RT_RFCOMM_SESSION_LOST, -ECONNRESET, true },
		{ RT_RFCOMM_CREDITS, -EPROTO, true },
		{ RT_RFCOMM_GATE_REFUSED, -EACCES, true },
		{ RT_RFCOMM_GATE_TIMEOUT, -ETIMEDOUT, true },
		{ RT_RFCOMM_BEGUN_ANEW, -ECONNABORTED, true },
		{ RT_RFCOMM_INSECURE_DATA, -EACCES, true },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		ck_assert_str_ne(rt_rfcomm_code_name(rows[i].code), "Unknown");
		ck_assert_int_eq(rt_rfcomm_code_errno(rows[i].code),
				 rows[i].err);
		ck_assert((*rt_rfcomm_code_hint(rows[i].code) != 0) ==
			  rows[i].hint);
	}
	ck_assert_str_eq(rt_rfcomm_code_name(0), "Unknown");
	ck_assert_str_eq(rt_rfcomm_code_name(13), "Unknown");
	ck_assert_str_eq(rt_rfcomm_code_name(0xffff), "Unknown");
	ck_assert_int_eq(rt_rfcomm_code_errno(0), -EIO);
	ck_assert_str_eq(rt_rfcomm_code_hint(0), "");
}
END_TEST

START_TEST(reasons_from_below_tell_unless_they_are_our_own_doing)
{
	const struct rt_reason none = { .layer = RT_LAYER_NONE };
	const struct rt_reason ours = { .layer = RT_LAYER_L2CAP,
					.code = RT_L2CAP_CLOSED };
	const struct rt_reason peers = { .layer = RT_LAYER_L2CAP,
					 .code = RT_L2CAP_PEER_DISCONNECTED };
	const struct rt_reason link = { .layer = RT_LAYER_HCI };
	const struct rt_reason transport = { .layer = RT_LAYER_TRANSPORT };

	ck_assert(!rt_rfcomm_reason_tells(&none));
	ck_assert(!rt_rfcomm_reason_tells(&ours));
	ck_assert(rt_rfcomm_reason_tells(&peers));
	ck_assert(rt_rfcomm_reason_tells(&link));
	ck_assert(!rt_rfcomm_reason_is_link(&peers));
	ck_assert(rt_rfcomm_reason_is_link(&link));
	ck_assert(rt_rfcomm_reason_is_link(&transport));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		type_octets_are_those_on_the_wire,
		a_message_is_read_from_its_frame,
		a_message_cut_short_anywhere_is_refused,
		a_message_of_any_length_is_read_back,
		pn_is_eight_octets_in_their_order,
		address_octets_name_data_links_only,
		each_bit_of_the_mask_asks_for_its_setting_alone,
		baud_rates_that_there_are_not_are_refused,
		grants_fit_the_room_and_never_stall,
		without_credits_nothing_is_granted,
		the_hold_is_released_when_all_room_is_free,
		codes_have_names_errnos_and_hints,
		reasons_from_below_tell_unless_they_are_our_own_doing,
	};

	return suite_run("messages", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
