/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* SDUs, both ways. Ids: 0x0040 here, 0x0041 at the peer. */

static struct user user;

static void setup(void)
{
	bench_setup();
	user = (struct user){ .answer = 0 };
}

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

/* The user writes: SDUs in hexadecimal, NULL behind the last. */
static void write_sdus(struct user *who, const char *const *sdus)
{
	who->sdus = sdus;
	rt_l2cap_ready(bench.l2cap, who->chan);
}

/* L2CAP/COS/CED/BV-03-C */
START_TEST(CED_BV_03_an_sdu_goes_to_the_peers_channel_id)
{
	static const char *const sdus[] = { "0102030405", NULL };

	to_open(&user);
	tx_nothing();
	write_sdus(&user, sdus);
	tx_cid(0x0041, "0102030405");
	tx_nothing();
	told(&user, "written:5");
}
END_TEST

START_TEST(an_sdu_of_the_peer_goes_to_the_user)
{
	to_open(&user);
	rx_cid(0x0040, "0102030405");
	told(&user, "rx:0102030405");
	rx_cid(0x0040, "");
	told(&user, "rx:");
}
END_TEST

START_TEST(an_sdu_may_be_empty)
{
	static const char *const sdus[] = { "", "07", NULL };

	to_open(&user);
	write_sdus(&user, sdus);
	tx_cid(0x0041, "");
	tx_cid(0x0041, "07");
	told(&user, "written:0 written:1");
}
END_TEST

START_TEST(an_sdu_as_long_as_our_mtu_arrives_and_a_longer_one_does_not)
{
	static const uint8_t octets[673];
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.imtu = 48,
	};

	to_open(&user);
	fake_link_rx(bench.link, 0x0040, octets, 672);
	ck_assert_uint_eq(strlen(user.log), 3 + 2 * 64);
	user.log[0] = '\0';
	fake_link_rx(bench.link, 0x0040, octets, 673);
	told(&user, "");
	ck_assert_uint_eq(bench.hci.oversized, 1);

	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &user.chan),
			 0);
	tx("02 04 0400 0110 4100");
	rx("03 04 0800 5000 4100 0000 0000 05 05 0600 4100 0000 0000");
	tx("04 05 0800 5000 0000 0102 3000");
	rx("05 05 0600 4100 0000 0000 04 06 0400 4100 0000");
	told(&user, "opened");
	fake_link_rx(bench.link, 0x0041, octets, 49);
	told(&user, "");
	fake_link_rx(bench.link, 0x0041, octets, 1);
	told(&user, "rx:00");
}
END_TEST

START_TEST(a_long_sdu_that_hci_let_through_is_counted_and_dropped)
{
	uint8_t pdu[4 + 673] = { 0xa1, 0x02, 0x40, 0x00 };

	to_open(&user);
	bench.hci.ops->rx(bench.hci.user, bench.link,
			  rt_bytes(pdu, sizeof(pdu)));
	told(&user, "");
	ck_assert_uint_eq(stats()->rx_oversized, 1);
}
END_TEST

START_TEST(a_pdu_whose_length_is_wrong_is_dropped)
{
	static const uint8_t longer[] = { 2, 0, 0x40, 0, 1 };
	static const uint8_t shorter[] = { 1, 0, 0x40, 0, 1, 2 };

	to_open(&user);
	for (size_t n = 0; n <= sizeof(longer); n++)
		bench.hci.ops->rx(bench.hci.user, bench.link,
				  rt_bytes(longer, n));
	bench.hci.ops->rx(bench.hci.user, bench.link,
			  rt_bytes(shorter, sizeof(shorter)));
	told(&user, "");
	tx_nothing();
}
END_TEST

START_TEST(signalling_goes_before_data)
{
	static const char *const sdus[] = { "01", "02", NULL };

	to_open(&user);
	write_sdus(&user, sdus);
	rx("08 11 0000");
	tx("09 11 0000");
	tx_cid(0x0041, "01");
	rx("08 12 0000");
	tx("09 12 0000");
	tx_cid(0x0041, "02");
	told(&user, "written:1 written:1");
}
END_TEST

/* Opens a second channel on the link of the first: ids 0x0041 and 0x0051. */
static void open_second(struct user *second)
{
	ck_assert_int_eq(connect_to(second, 0x1001), 0);
	tx("02 04 0400 0110 4100");
	rx("03 04 0800 5100 4100 0000 0000");
	tx("04 05 0800 5100 0000 0102 a002");
	rx("05 05 0600 4100 0000 0000 04 21 0400 4100 0000");
	tx("05 21 0600 5100 0000 0000");
	told(second, "opened");
}

START_TEST(channels_that_have_data_take_turns)
{
	static const char *const a[] = { "a1", "a2", "a3", "a4", NULL };
	static const char *const b[] = { "b1", "b2", NULL };
	struct user second = { .answer = 0 };

	to_open(&user);
	open_second(&second);
	write_sdus(&user, a);
	write_sdus(&second, b);
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "a1");
	tx_cid(0x0051, "b1");
	tx_cid(0x0041, "a2");
	tx_cid(0x0051, "b2");
	tx_cid(0x0041, "a3");
	tx_cid(0x0041, "a4");
	tx_nothing();
	told(&user, "written:1 written:1 written:1 written:1");
	told(&second, "written:1 written:1");
}
END_TEST

START_TEST(nothing_is_pulled_before_the_channel_is_open)
{
	static const char *const sdus[] = { "01", NULL };

	user.sdus = sdus;
	to_wait_link(&user);
	rt_l2cap_ready(bench.l2cap, user.chan);
	fake_link_up(bench.link);
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	tx_nothing();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	tx_nothing();
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	tx_nothing();
	ck_assert_uint_eq(user.pulled, 0);
	rx("05 03 0600 4000 0000 0000");
	tx_cid(0x0041, "01");
	told(&user, "opened written:1");
}
END_TEST

START_TEST(nothing_is_pulled_unless_the_user_is_ready)
{
	static const char *const sdus[] = { "01", NULL };

	to_open(&user);
	user.sdus = sdus;
	rx("08 11 0000");
	tx("09 11 0000");
	tx_nothing();
	rt_l2cap_ready(bench.l2cap, user.chan);
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	told(&user, "written:1");
}
END_TEST

START_TEST(completions_go_to_the_channel_in_their_order)
{
	static const char *const a[] = { "01", "0203", NULL };
	static const char *const b[] = { "040506", NULL };
	struct user second = { .answer = 0 };

	to_open(&user);
	open_second(&second);
	bench.hold = HOLD_ALL;
	write_sdus(&user, a);
	write_sdus(&second, b);
	tx_discard();
	told(&user, "");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:1");
	told(&second, "");
	fake_link_complete(bench.link, 1, false);
	told(&second, "lost:3");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:2");
}
END_TEST

START_TEST(what_was_pulled_leaves_before_the_disconnection_request)
{
	static const char *const sdus[] = { "01", "02", "03", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	tx_cid(0x0041, "02");
	rt_l2cap_close(bench.l2cap, user.chan);
	tx("06 04 0400 4100 4000");
	tx_nothing();
	rx("07 04 0400 4100 4000");
	told(&user, ""); /* HCI still holds two of them */
	bench_wait_ms(60000);
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:1");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:1 closed");
	ck_assert_uint_eq(user.why.code, RT_L2CAP_CLOSED);
	fake_link_complete(bench.link, 1, true);
	bench_step();
}
END_TEST

START_TEST(users_wait_for_completions_but_a_peer_that_disconnects_does_not)
{
	static const char *const sdus[] = { "01", "02", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	tx_nothing();
	told(&user, "");
	ck_assert(!bench.link->used);
	rx("06 12 0400 4000 4100"); /* for the peer it is gone */
	tx("01 12 0600 0200 4000 4100");
	rx("04 13 0400 4000 0000");
	tx("01 13 0600 0200 4000 4100");
	rx_cid(0x0040, "05");
	rt_l2cap_close(bench.l2cap, user.chan);
	bench_step();
	told(&user, "");
	fake_link_complete(bench.link, 4, true);
	told(&user, "written:1 closed");
	ck_assert_uint_eq(user.why.code, RT_L2CAP_PEER_DISCONNECTED);
	bench_step();
}
END_TEST

START_TEST(a_link_that_breaks_completes_everything_and_then_closes)
{
	static const char *const sdus[] = { "01", "0203", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	write_sdus(&user, sdus);
	tx_discard();
	bench_wait_ms(3);
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&user, "lost:1 lost:2 closed");
	ck_assert_uint_eq(user.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(user.why.code, FAKE_HCI_CONNECTION_TIMEOUT);
	ck_assert_int_eq(user.why.err, -ETIMEDOUT);
	ck_assert_uint_eq(user.why.phase, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(user.why.elapsed_us, RT_MS(3));
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(an_abandoned_channel_disowns_what_was_pulled)
{
	static const char *const sdus[] = { "01", "02", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	rt_l2cap_abandon(bench.l2cap, user.chan);
	ck_assert(bench.link->sent[0].disowned);
	memset(user.body, 0xee, sizeof(user.body));
	tx("06 04 0400 4100 4000");
	fake_link_complete(bench.link, 2, true);
	rx("07 04 0400 4100 4000");
	bench_step();
	told(&user, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_channel_that_waits_for_completions_may_be_abandoned)
{
	static const char *const sdus[] = { "01", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	rx("06 11 0400 4000 4100");
	rt_l2cap_abandon(bench.l2cap, user.chan);
	bench_step();
	ck_assert(bench.link->sent[0].disowned);
	tx("07 11 0400 4000 4100");
	fake_link_complete(bench.link, 2, true);
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	told(&user, "");
}
END_TEST

START_TEST(data_that_come_before_we_are_open_are_kept_for_the_user)
{
	to_config(&user);
	rx_cid(0x0040, "aa"); /* the peer does not know our MTU yet */
	rx("05 03 0600 4000 0000 0000");
	rx_cid(0x0040, "01");
	rx_cid(0x0040, "");
	rx_cid(0x0040, "0203");
	rx_cid(0x0040, "04");
	rx_cid(0x0040, "05"); /* a fifth is too much */
	told(&user, "");
	rx("04 11 0400 4000 0000");
	told(&user, "opened rx:01 rx: rx:0203 rx:04");
	rx_cid(0x0040, "06");
	told(&user, "rx:06");
}
END_TEST

START_TEST(no_more_data_are_kept_than_one_sdu_may_have)
{
	static const uint8_t octets[672];

	to_config(&user);
	rx("05 03 0600 4000 0000 0000");
	fake_link_rx(bench.link, 0x0040, octets, 670);
	rx_cid(0x0040, "010203"); /* does not fit any more */
	rx_cid(0x0040, "0405");
	rx("04 11 0400 4000 0000");
	ck_assert_ptr_nonnull(strstr(user.log, " rx:0405"));
	ck_assert_ptr_null(strstr(user.log, "010203"));
	user.log[0] = '\0';
}
END_TEST

START_TEST(data_that_were_kept_go_with_a_channel_that_never_opens)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0000");
	rx_cid(0x0040, "01");
	rx("06 11 0400 4000 4100");
	told(&user, "closed");
}
END_TEST

static void close_it(struct user *who)
{
	rt_l2cap_close(bench.l2cap, who->chan);
}

static void abandon_it(struct user *who)
{
	rt_l2cap_abandon(bench.l2cap, who->chan);
}

START_TEST(a_user_that_closes_when_told_of_the_opening_gets_no_data)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0000");
	rx_cid(0x0040, "01");
	rx_cid(0x0040, "02");
	user.on = "rx:01";
	user.then = close_it;
	rx("04 11 0400 4000 0000");
	told(&user, "opened rx:01");
	tx("05 11 0600 4100 0000 0000");
	tx("06 04 0400 4100 4000");
}
END_TEST

START_TEST(a_channel_may_be_closed_while_it_is_pulled_from)
{
	static const char *const sdus[] = { "01", "02", NULL };

	to_open(&user);
	user.on = "pull";
	user.then = close_it;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	tx("06 04 0400 4100 4000");
	tx_nothing();
	told(&user, "written:1");
}
END_TEST

START_TEST(a_channel_may_be_abandoned_while_it_is_pulled_from)
{
	static const char *const sdus[] = { "01", "02", NULL };

	to_open(&user);
	user.on = "pull";
	user.then = abandon_it;
	write_sdus(&user, sdus);
	tx("06 04 0400 4100 4000");
	tx_nothing();
	told(&user, "");
}
END_TEST

START_TEST(a_channel_may_be_closed_when_an_sdu_arrives_or_is_written)
{
	static const char *const sdus[] = { "01", NULL };

	to_open(&user);
	user.on = "rx";
	user.then = close_it;
	rx_cid(0x0040, "01");
	rx_cid(0x0040, "02");
	told(&user, "rx:01");

	bench_teardown();
	setup();
	to_open(&user);
	user.on = "written";
	user.then = abandon_it;
	write_sdus(&user, sdus);
	tx_cid(0x0041, "01");
	told(&user, "written:1");
	tx("06 04 0400 4100 4000");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BV_03_an_sdu_goes_to_the_peers_channel_id,
		an_sdu_of_the_peer_goes_to_the_user,
		an_sdu_may_be_empty,
		an_sdu_as_long_as_our_mtu_arrives_and_a_longer_one_does_not,
		a_long_sdu_that_hci_let_through_is_counted_and_dropped,
		a_pdu_whose_length_is_wrong_is_dropped,
		signalling_goes_before_data,
		channels_that_have_data_take_turns,
		nothing_is_pulled_before_the_channel_is_open,
		nothing_is_pulled_unless_the_user_is_ready,
		completions_go_to_the_channel_in_their_order,
		what_was_pulled_leaves_before_the_disconnection_request,
		users_wait_for_completions_but_a_peer_that_disconnects_does_not,
		a_link_that_breaks_completes_everything_and_then_closes,
		an_abandoned_channel_disowns_what_was_pulled,
		a_channel_that_waits_for_completions_may_be_abandoned,
		data_that_come_before_we_are_open_are_kept_for_the_user,
		no_more_data_are_kept_than_one_sdu_may_have,
		data_that_were_kept_go_with_a_channel_that_never_opens,
		a_user_that_closes_when_told_of_the_opening_gets_no_data,
		a_channel_may_be_closed_while_it_is_pulled_from,
		a_channel_may_be_abandoned_while_it_is_pulled_from,
		a_channel_may_be_closed_when_an_sdu_arrives_or_is_written,
	};

	return suite_run("l2cap/data", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
