/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/l2cap_tables.h"

/*
 * L2C-08, L2C-13, L2C-20, L2C-22, L2C-24: floods, lengths, unknown types, and
 * the shortest legal form of every command.
 */

#define REPLIES_MAX 8
#define SIG_MTU 672

/* A C-frame full of echo requests, each of four octets. */
static size_t fill_with_echoes(uint8_t *frame, size_t len)
{
	size_t at = 0;

	memset(frame, 0, len);
	while (at + 4 <= len) {
		frame[at] = ECHO_REQ;
		frame[at + 1] = (uint8_t)(at / 4 % 255 + 1);
		at += 4;
	}
	return at / 4;
}

START_TEST(a_frame_longer_than_our_mtu_is_answered_once)
{
	static uint8_t frame[70000];

	lt_link();
	for (size_t len = SIG_MTU + 1; len <= 0xffff; len += 1 + len / 3) {
		fill_with_echoes(frame, len);
		fake_link_rx(bench.link, 1, frame, len);
		lt_pump();
		ck_assert_uint_le(lt.queued, 1);
		if (lt.queued == 1) {
			lt_expect(CMD_REJ);
			ck_assert_uint_eq(lt.last.ident, 1);
			ck_assert_uint_eq(lt_le16(&lt.last, 0), 1);
		}
	}
	fill_with_echoes(frame, 681);
	fake_link_rx(bench.link, 1, frame, 681);
	lt_expect(CMD_REJ);
	lt_nothing();
	lt_ping();
}
END_TEST

START_TEST(few_answers_wait_however_many_are_asked_for)
{
	static uint8_t frame[SIG_MTU];

	lt_link();
	fill_with_echoes(frame, SIG_MTU);
	for (int i = 0; i < 10; i++)
		fake_link_rx(bench.link, 1, frame, SIG_MTU);
	lt_pump();
	ck_assert_uint_le(lt.queued, REPLIES_MAX);
	ck_assert_uint_ge(lt.queued, 1);
	lt_forget();
	for (uint8_t i = 1; i <= 100; i++)
		lt_send(INFO_REQ, i, "0200");
	lt_pump();
	ck_assert_uint_le(lt.queued, REPLIES_MAX);
	lt_forget();
	lt_ping();
}
END_TEST

START_TEST(a_length_that_is_not_that_of_the_rest_does_no_harm)
{
	uint8_t frame[40];

	lt_open(false);
	for (unsigned int code = 0; code <= 0x1f; code++) {
		for (size_t rest = 0; rest <= 32; rest++) {
			const size_t lies[] = { rest + 1, rest + 2, 0xffff,
						rest > 0 ? rest - 1 : 0x8000 };

			for (size_t i = 0; i < RT_ARRAY_SIZE(lies); i++) {
				memset(frame, 0, sizeof(frame));
				frame[0] = (uint8_t)code;
				frame[1] = 0x71;
				frame[2] = (uint8_t)lies[i];
				frame[3] = (uint8_t)(lies[i] >> 8);
				fake_link_rx(bench.link, 1, frame, 4 + rest);
				lt_forget();
			}
		}
	}
	ck_assert_uint_eq(APP->closed, 0);
	lt_ping();
}
END_TEST

START_TEST(information_of_unknown_types_is_not_supported)
{
	lt_link();
	for (unsigned int type = 0; type <= 0xffff; type++) {
		if (type >= 1 && type <= 3)
			continue;
		lt_ask(INFO_REQ, "%04x", LE(type));
		lt_expect_answer(INFO_RSP, "%04x 0100", LE(type));
	}
	lt_nothing();
}
END_TEST

/* Arguments that no call may take; handles that are nobody's. */
START_TEST(wrong_arguments_are_refused)
{
	static const uint8_t data[70000];
	static const rt_handle wrong[] = { 0, 1, 0xffff, 0x10000, UINT32_MAX };
	struct rt_l2cap_params params;
	struct rt_l2cap_info info;
	rt_handle chan;
	uint16_t psm;

	lt_open(true);
	params = lt.params;
	for (unsigned int imtu = 1; imtu < 48; imtu++) {
		params.imtu = (uint16_t)imtu;
		ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1),
						  LT_PSM, &params, &chan),
				 -EINVAL);
		ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm),
				 -EINVAL);
	}
	params = lt.params;
	for (unsigned int i = 0; i <= 0xffff; i++) {
		if (rt_l2cap_psm_is_valid((uint16_t)i))
			continue;
		ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1),
						  (uint16_t)i, &params, &chan),
				 -EINVAL);
	}
	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		if (wrong[i] == APP->handle)
			continue;
		rt_l2cap_close(bench.l2cap, wrong[i]);
		rt_l2cap_abandon(bench.l2cap, wrong[i]);
		rt_l2cap_ready(bench.l2cap, wrong[i]);
		rt_l2cap_set_room(bench.l2cap, wrong[i], 0);
		rt_l2cap_set_user(bench.l2cap, wrong[i], NULL, NULL);
		rt_l2cap_echo_cancel(bench.l2cap, wrong[i]);
		ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, wrong[i],
						   &info),
				 -ENOENT);
		ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, wrong[i]),
				 -ENOENT);
		ck_assert_int_lt(rt_l2cap_reconfigure(bench.l2cap, &wrong[i], 1,
						      100, 100),
				 0);
	}
	ck_assert_int_lt(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       LT_PSM, &params, 0, &chan),
			 0);
	ck_assert_int_lt(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       LT_PSM, &params, 6, &chan),
			 0);
	ck_assert_int_eq(rt_l2cap_send_raw(bench.l2cap, bench_addr(1), 1,
					   rt_bytes(data, 65536)),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_l2cap_send_raw(bench.l2cap, bench_addr(2), 1,
					   rt_bytes(data, 1)),
			 -ENOTCONN);
	lt_nothing();
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

/* The shortest legal form of each response is understood. */
START_TEST(the_shortest_form_of_every_command_is_understood)
{
	rt_handle chans[1];

	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	app_connect_many(1);
	lt_expect(CREDIT_CONN_REQ);
	ck_assert_uint_eq(lt.last.len, 10);
	lt_send(CREDIT_CONN_RSP, lt.last.ident, "c800 4000 0100 0000 4100");
	ck_assert_uint_eq(APP->opened, 1);
	chans[0] = APP->handle;
	ck_assert_int_eq(rt_l2cap_reconfigure(bench.l2cap, chans, 1, 1000, 64),
			 0);
	lt_expect(CREDIT_RECONF_REQ);
	ck_assert_uint_eq(lt.last.len, 6);
	lt_send(CREDIT_RECONF_RSP, lt.last.ident, "0000");
	ck_assert_uint_eq(lt_info().imtu, 1000);
	lt_send(CREDIT_IND, 0x71, "4100 0100");
	ck_assert_uint_eq(lt_info().tx_credits, 2);
	lt_ask(INFO_REQ, "0200");
	lt_expect(INFO_RSP);
	lt_ask(ECHO_REQ, "%s", "");
	lt_expect_answer(ECHO_RSP, "%s", "");
	lt_nothing();
}
END_TEST

START_TEST(the_shortest_form_of_every_basic_command_is_understood)
{
	lt_connect(true); /* CONNECTION_RSP */
	lt_expect_conf_req();
	lt_answer(0, "%s", "");
	lt_configure("%s", "");
	lt_is_open(RT_L2CAP_MODE_BASIC);
	rt_l2cap_close(bench.l2cap, APP->handle);
	lt_is_closed(RT_L2CAP_CLOSED); /* DISCONNECTION_RSP */
	app_forget();
	app_connect();
	lt_expect(CONN_REQ);
	lt_send(CMD_REJ, lt.last.ident, "0000");
	ck_assert_uint_eq(APP->closed, 1);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-08", "A", a_frame_longer_than_our_mtu_is_answered_once),
	TAGGED("L2C-08", "A", few_answers_wait_however_many_are_asked_for),
	TAGGED("L2C-13", "A",
	       a_length_that_is_not_that_of_the_rest_does_no_harm),
	TAGGED("L2C-20", "A", information_of_unknown_types_is_not_supported),
	TAGGED("L2C-22", "I", wrong_arguments_are_refused),
	TAGGED("L2C-24", "A", the_shortest_form_of_every_command_is_understood),
	TAGGED("L2C-24", "A",
	       the_shortest_form_of_every_basic_command_is_understood),
};

const struct tagged_table l2c_commands_table = L2CAP_TABLE(rows);
