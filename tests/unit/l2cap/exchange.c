/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/link.h"
#include "tests/unit/l2cap/bench.h"

/* Information exchange and echo, both ways. */

static const struct rt_l2cap_peer *peer(void)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(bench.link);

	return &link->peer;
}

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

struct echo {
	rt_handle handle;
	unsigned int done;
	struct rt_reason why;
	size_t bytes;
	uint8_t data[RT_L2CAP_SIG_DATA_BYTES];
	void (*then)(struct echo *echo);
};

static void on_done(void *user, const struct rt_reason *why,
		    struct rt_bytes data)
{
	struct echo *echo = user;

	echo->done++;
	echo->why = *why;
	echo->bytes = data.len;
	if (data.len > 0)
		memcpy(echo->data, data.ptr,
		       RT_MIN(data.len, sizeof(echo->data)));
	if (echo->then)
		echo->then(echo);
}

static const struct rt_l2cap_echo_ops echo_ops = { .done = on_done };

static int ping(struct echo *echo, const void *data, size_t len)
{
	const struct rt_l2cap_echo_params params = {
		.ops = &echo_ops,
		.user = echo,
		.data = rt_bytes(data, len),
		.timeout_ms = 5000,
	};
	int ret = rt_l2cap_echo(bench.l2cap, bench_addr(1), &params,
				&echo->handle);

	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	return ret;
}

/* L2CAP/COS/IEX/BV-02-C, L2CAP/EXF/BV-07-C, -08-C */
START_TEST(IEX_BV_02_the_feature_mask_is_what_we_do)
{
	link_in();
	rx("0a 11 0200 0200");
	tx("0b 11 0800 0200 0000 b8000000");
	tx_nothing();
}
END_TEST

/* L2CAP/FIX/BV-03-C */
START_TEST(FIX_BV_03_the_fixed_channels_are_the_signalling_channel)
{
	link_in();
	rx("0a 12 0200 0300");
	tx("0b 12 0c00 0300 0000 0200000000000000");
	tx_nothing();
}
END_TEST

START_TEST(every_other_type_of_information_is_not_supported)
{
	uint8_t req[6] = { 0x0a, 0x13, 0x02, 0x00 };
	uint8_t want[12] = { 8, 0, 1, 0, 0x0b, 0x13, 4, 0, 0, 0, 1, 0 };
	uint8_t rsp[12];

	link_in();
	for (uint32_t type = 0; type <= 0xffff; type++) {
		if (type == 2 || type == 3)
			continue;
		req[4] = want[8] = (uint8_t)type;
		req[5] = want[9] = (uint8_t)(type >> 8);
		fake_link_rx(bench.link, 1, req, sizeof(req));
		if (fake_link_pull(bench.link, rsp, 12) != sizeof(rsp) ||
		    memcmp(rsp, want, sizeof(rsp)) != 0)
			ck_abort_msg("type 0x%04x", (unsigned int)type);
		fake_link_complete(bench.link, 1, true);
	}
	tx_nothing();
}
END_TEST

/* L2CAP/COS/IEX/BV-01-C, L2CAP/FIX/BV-01-C */
START_TEST(IEX_BV_01_features_and_fixed_channels_are_asked_for_once)
{
	const struct rt_l2cap_link *link;
	struct user user = { .answer = 0 };
	struct user second = { .answer = 0 };

	to_wait_connect_rsp(&user); /* asks with identifier 02 */
	link = bench.link->user;
	rx("0b 02 0800 0200 0000 b8020000");
	tx("0a 03 0200 0300");
	rx("0b 03 0c00 0300 0000 0600000000000000");
	tx("0a 04 0200 0100");
	ck_assert_uint_eq(rt_l2cap_peer_ucd_mtu(link), 48);
	rx("0b 04 0600 0100 0000 a002");
	tx_nothing();
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(rt_l2cap_peer_features(link), 0x02b8);
	ck_assert_uint_eq(peer()->fixed, 0x06);
	ck_assert_uint_eq(rt_l2cap_peer_ucd_mtu(link), 672);

	ck_assert_int_eq(connect_to(&second, 0x1003), 0);
	tx("02 05 0400 0310 4100");
	tx_nothing();
}
END_TEST

START_TEST(a_connectionless_mtu_is_asked_for_without_fixed_channels_too)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0800 0200 0000 00020000");
	tx("0a 03 0200 0100");
	rx("0b 03 0400 0100 0100"); /* not supported */
	tx_nothing();
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(peer()->ucd_mtu, 48);
}
END_TEST

START_TEST(a_peer_without_fixed_channels_is_not_asked_for_them)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0800 0200 0000 38000000");
	tx_nothing();
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(peer()->features, 0x38);
}
END_TEST

/* L2CAP/COS/IEX/BI-01-C */
START_TEST(IEX_BI_01_not_supported_means_no_features)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0400 0200 0100");
	tx_nothing();
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(peer()->features, 0);
}
END_TEST

START_TEST(a_peer_that_rejects_the_question_has_no_features)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("01 02 0200 0000");
	tx_nothing();
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	rx("01 02 0200 0000");
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	told(&user, "");
}
END_TEST

START_TEST(a_silent_peer_has_no_features_after_4_s)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	bench_wait_us(RT_MS(4000) - 1);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_ASKED_FEATURES);
	bench_wait_us(1);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	rx("0b 02 0800 0200 0000 b8020000");
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
	ck_assert_uint_eq(peer()->features, 0);
}
END_TEST

START_TEST(fixed_channels_that_are_never_told_are_none_after_4_s)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0800 0200 0000 80000000");
	tx("0a 03 0200 0300");
	bench_wait_us(RT_MS(4000) - 1);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_ASKED_FIXED);
	bench_wait_us(1);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(peer()->features, 0x80);
}
END_TEST

START_TEST(information_of_the_wrong_type_or_identifier_is_ignored)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0c00 0300 0000 0600000000000000");
	rx("0b 01 0800 0200 0000 80000000");
	rx("09 02 0000");
	ck_assert_uint_eq(stats()->sig_unexpected, 3);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_ASKED_FEATURES);
	tx_nothing();
}
END_TEST

START_TEST(information_of_the_wrong_size_is_no_information)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0600 0200 0000 ffff");
	ck_assert_uint_eq(stats()->sig_malformed, 1);
	ck_assert_int_eq(peer()->state, RT_L2CAP_PEER_KNOWN);
	ck_assert_uint_eq(peer()->features, 0);
	tx_nothing();
}
END_TEST

/* L2CAP/COS/ECH/BV-01-C */
START_TEST(ECH_BV_01_an_echo_is_answered_with_its_identifier_and_data)
{
	link_in();
	rx("08 ff 0000");
	tx("09 ff 0000");
	rx("08 01 0300 010203");
	tx("09 01 0300 010203");
	tx_nothing();
}
END_TEST

START_TEST(an_answer_has_as_much_of_the_data_as_48_octets_hold)
{
	uint8_t req[4 + 100] = { 0x08, 0x21, 44, 0x00 };
	uint8_t rsp[100];

	for (size_t i = 4; i < sizeof(req); i++)
		req[i] = (uint8_t)i;
	link_in();
	fake_link_rx(bench.link, 1, req, 4 + 44);
	ck_assert_uint_eq(fake_link_pull(bench.link, rsp, 100), 4 + 48);
	ck_assert_mem_eq(rsp + 8, req + 4, 44);

	req[2] = 100;
	fake_link_rx(bench.link, 1, req, sizeof(req));
	ck_assert_uint_eq(fake_link_pull(bench.link, rsp, 100), 4 + 48);
	ck_assert_mem_eq(rsp + 4, "\x09\x21\x2c\x00", 4);
	ck_assert_mem_eq(rsp + 8, req + 4, 44);
	fake_link_complete(bench.link, 2, true);
	tx_nothing();
}
END_TEST

/* L2CAP/COS/ECH/BV-02-C */
START_TEST(ECH_BV_02_an_echo_is_sent_and_its_answer_told)
{
	struct echo echo = { .done = 0 };

	link_in();
	ck_assert_int_eq(ping(&echo, "\x01\x02\x03", 3), 0);
	ck_assert(bench.link->used);
	tx("08 01 0300 010203");
	tx_nothing();
	bench_wait_ms(250);
	rx("09 01 0300 010204");
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_int_eq(echo.why.err, 0);
	ck_assert_uint_eq(echo.why.elapsed_us, RT_MS(250));
	ck_assert_uint_eq(echo.why.frame, bench.env->frame);
	ck_assert_uint_eq(echo.bytes, 3);
	ck_assert_mem_eq(echo.data, "\x01\x02\x04", 3);
	ck_assert(!bench.link->used);

	rx("09 01 0300 010204");
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
}
END_TEST

START_TEST(an_echo_opens_the_link_and_its_time_begins_then)
{
	struct echo echo = { .done = 0 };

	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	bench_wait_ms(20000);
	ck_assert_uint_eq(echo.done, 0);
	fake_link_up(bench.link);
	tx("08 01 0000");
	bench_wait_us(RT_MS(5000) - 1);
	ck_assert_uint_eq(echo.done, 0);
	bench_wait_us(1);
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_uint_eq(echo.why.code, RT_L2CAP_TIMEOUT_RTX);
	ck_assert_int_eq(echo.why.err, -ETIMEDOUT);
	ck_assert_uint_eq(echo.why.elapsed_us, RT_MS(5000));
	ck_assert_uint_eq(echo.why.frame, 0);
	tx_nothing();
}
END_TEST

START_TEST(an_echo_whose_link_does_not_open_fails_with_the_reason)
{
	struct echo echo = { .done = 0 };

	bench_wait_ms(100);
	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	bench_wait_ms(5120);
	fake_link_down(bench.link, FAKE_HCI_PAGE_TIMEOUT);
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_uint_eq(echo.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(echo.why.code, FAKE_HCI_PAGE_TIMEOUT);
	ck_assert_uint_eq(echo.why.phase, RT_PHASE_PAGE);
	ck_assert_uint_eq(echo.why.elapsed_us, RT_MS(5120));
}
END_TEST

START_TEST(an_echo_whose_link_breaks_fails_with_the_reason)
{
	struct echo echo = { .done = 0 };

	link_in();
	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_uint_eq(echo.why.code, FAKE_HCI_CONNECTION_TIMEOUT);
	ck_assert_uint_eq(echo.why.phase, RT_PHASE_TRANSFER);
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_rejected_echo_fails)
{
	struct echo echo = { .done = 0 };

	link_in();
	ck_assert_int_eq(ping(&echo, "0123456789", 10), 0);
	tx_discard();
	rx("01 01 0200 0000");
	ck_assert_uint_eq(echo.done, 1);
	ck_assert_uint_eq(echo.why.code, RT_L2CAP_REJECTED);
	ck_assert_int_eq(echo.why.err, -ECONNREFUSED);
}
END_TEST

START_TEST(a_cancelled_echo_is_not_heard_of_again)
{
	struct echo echo = { .done = 0 };

	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	rt_l2cap_echo_cancel(bench.l2cap, echo.handle);
	ck_assert_int_eq(bench.link->cancels, 1);
	fake_link_down(bench.link, 0x02);

	link_in();
	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	tx_discard();
	rt_l2cap_echo_cancel(bench.l2cap, echo.handle);
	rt_l2cap_echo_cancel(bench.l2cap, echo.handle);
	rx("09 01 0000");
	bench_wait_ms(10000);
	ck_assert_uint_eq(echo.done, 0);
}
END_TEST

START_TEST(an_echo_that_cannot_be_is_refused)
{
	struct echo echo = { .done = 0 };
	const uint8_t data[45] = { 0 };
	struct rt_l2cap_echo_params params = {
		.ops = &echo_ops,
		.user = &echo,
		.timeout_ms = 1,
	};
	const struct rt_addr zero = { { 0 } };

	ck_assert_int_eq(ping(&echo, data, 45), -EMSGSIZE);
	bench.hci.connect_result = -EMLINK;
	ck_assert_int_eq(ping(&echo, data, 44), -EMLINK);
	bench.hci.connect_result = -ENETDOWN;
	ck_assert_int_eq(ping(&echo, data, 44), -ENETDOWN);
	ck_assert_int_eq(rt_l2cap_echo(bench.l2cap, zero, &params,
				       &echo.handle),
			 -EINVAL);
	params.timeout_ms = 0;
	ck_assert_int_eq(rt_l2cap_echo(bench.l2cap, bench_addr(1), &params,
				       &echo.handle),
			 -EINVAL);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	ck_assert_uint_eq(echo.done, 0);
}
END_TEST

START_TEST(sixteen_echoes_wait_and_the_seventeenth_is_refused)
{
	struct echo echo = { .done = 0 };

	link_in();
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	ck_assert_int_eq(ping(&echo, NULL, 0), -ENOSPC);
	ck_assert_uint_eq(tx_discard(), 16);
	rx("09 07 0000");
	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	bench_wait_ms(5000);
	ck_assert_uint_eq(echo.done, 17);
}
END_TEST

static void ping_again(struct echo *echo)
{
	if (echo->done < 3)
		ck_assert_int_eq(ping(echo, NULL, 0), 0);
}

START_TEST(the_next_echo_may_be_sent_when_one_is_done)
{
	struct echo echo = { .then = ping_again };

	link_in();
	ck_assert_int_eq(ping(&echo, NULL, 0), 0);
	tx("08 01 0000");
	rx("09 01 0000");
	tx("08 02 0000");
	bench_wait_ms(5000);
	tx("08 03 0000");
	rx("09 03 0000");
	ck_assert_uint_eq(echo.done, 3);
	tx_nothing();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		IEX_BV_02_the_feature_mask_is_what_we_do,
		FIX_BV_03_the_fixed_channels_are_the_signalling_channel,
		every_other_type_of_information_is_not_supported,
		IEX_BV_01_features_and_fixed_channels_are_asked_for_once,
		a_connectionless_mtu_is_asked_for_without_fixed_channels_too,
		a_peer_without_fixed_channels_is_not_asked_for_them,
		IEX_BI_01_not_supported_means_no_features,
		a_peer_that_rejects_the_question_has_no_features,
		a_silent_peer_has_no_features_after_4_s,
		fixed_channels_that_are_never_told_are_none_after_4_s,
		information_of_the_wrong_type_or_identifier_is_ignored,
		information_of_the_wrong_size_is_no_information,
		ECH_BV_01_an_echo_is_answered_with_its_identifier_and_data,
		an_answer_has_as_much_of_the_data_as_48_octets_hold,
		ECH_BV_02_an_echo_is_sent_and_its_answer_told,
		an_echo_opens_the_link_and_its_time_begins_then,
		an_echo_whose_link_does_not_open_fails_with_the_reason,
		an_echo_whose_link_breaks_fails_with_the_reason,
		a_rejected_echo_fails,
		a_cancelled_echo_is_not_heard_of_again,
		an_echo_that_cannot_be_is_refused,
		sixteen_echoes_wait_and_the_seventeenth_is_refused,
		the_next_echo_may_be_sent_when_one_is_done,
	};

	return suite_run("l2cap/exchange", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
