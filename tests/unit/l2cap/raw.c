/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* PDUs written by hand, and the tap. */

static struct user user;

/* A tap that remembers what it sees, and drops what begins with `drop`. */
struct tap {
	char log[2000];
	const char *drop;
	const char *answer; /* sent on 0x0001 when it drops */
};

static struct tap tap;

static bool on_pdu(void *ctx, struct rt_addr peer, bool sent, uint16_t cid,
		   struct rt_bytes payload)
{
	struct tap *t = ctx;
	uint8_t buf[64];
	char text[160];
	size_t len;
	int n;

	ck_assert(rt_addr_equal(peer, bench_addr(1)));
	n = snprintf(text, sizeof(text), "%s%04x:", sent ? "tx" : "rx", cid);
	for (size_t i = 0; i < RT_MIN(payload.len, (size_t)40); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%02x",
			      payload.ptr[i]);
	len = strlen(t->log);
	snprintf(t->log + len, sizeof(t->log) - len, "%s%s", len > 0 ? " " : "",
		 text);
	if (!t->drop || strncmp(text, t->drop, strlen(t->drop)) != 0)
		return true;
	if (t->answer) {
		len = hex_read(t->answer, buf, sizeof(buf));
		ck_assert_int_eq(rt_l2cap_send_raw(bench.l2cap, peer, 0x0001,
						   rt_bytes(buf, len)),
				 0);
	}
	return false;
}

static const struct rt_l2cap_tap tap_ops = { .pdu = on_pdu };

static void setup(void)
{
	bench_setup();
	bench.hci.raw = true;
	user = (struct user){ .answer = 0 };
	memset(&tap, 0, sizeof(tap));
}

static void set_tap(const char *drop)
{
	tap.drop = drop;
	rt_l2cap_set_tap(bench.l2cap, &tap_ops, &tap);
}

static void seen(const char *what)
{
	ck_assert_str_eq(tap.log, what);
	tap.log[0] = '\0';
}

static int send_raw(uint16_t cid, const char *hex)
{
	uint8_t buf[64];
	const size_t n = hex_read(hex, buf, sizeof(buf));

	return rt_l2cap_send_raw(bench.l2cap, bench_addr(1), cid,
				 rt_bytes(buf, n));
}

static int inject(uint16_t cid, const char *hex)
{
	uint8_t buf[64];
	const size_t n = hex_read(hex, buf, sizeof(buf));

	return rt_l2cap_inject(bench.l2cap, bench_addr(1), cid,
			       rt_bytes(buf, n));
}

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

START_TEST(a_raw_pdu_leaves_as_it_was_written)
{
	link_in();
	ck_assert_int_eq(send_raw(0x0001, "ff 00 0900 aa"), 0);
	ck_assert_int_eq(send_raw(0x0044, "010203"), 0);
	ck_assert_int_eq(send_raw(0xffff, ""), 0);
	tx_cid(0x0001, "ff 00 0900 aa");
	tx_cid(0x0044, "010203");
	tx_cid(0xffff, "");
	tx_nothing();
}
END_TEST

START_TEST(a_raw_pdu_leaves_behind_signalling_and_before_data)
{
	static const char *const sdus[] = { "d0", NULL };

	to_open(&user);
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, user.chan);
	ck_assert_int_eq(send_raw(0x0070, "aa"), 0);
	rx("08 05 0000");
	tx("09 05 0000");
	tx_cid(0x0070, "aa");
	tx_cid(0x0041, "d0");
	tx_nothing();
	told(&user, "written:1");
}
END_TEST

START_TEST(raw_pdus_need_an_open_link)
{
	ck_assert_int_eq(send_raw(0x0001, "00"), -ENOTCONN);
	ck_assert_int_eq(inject(0x0001, "00"), -ENOTCONN);
	ck_assert(!rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
	to_wait_link(&user);
	ck_assert_int_eq(send_raw(0x0001, "00"), -ENOTCONN);
	ck_assert_int_eq(inject(0x0001, "00"), -ENOTCONN);
	ck_assert(!rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
	fake_link_up(bench.link);
	tx_discard();
	ck_assert(rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
	ck_assert(!rt_l2cap_link_up(bench.l2cap, bench_addr(2)));
	ck_assert_int_eq(send_raw(0x0001, "00"), 0);
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	ck_assert_int_eq(send_raw(0x0001, "00"), -ENOTCONN);
	ck_assert(!rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
}
END_TEST

START_TEST(a_raw_pdu_has_65535_octets_at_most)
{
	uint8_t *big = calloc(65536, 1);

	ck_assert_ptr_nonnull(big);
	link_in();
	ck_assert_int_eq(rt_l2cap_send_raw(bench.l2cap, bench_addr(1), 0x0050,
					   rt_bytes(big, 65536)),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_l2cap_inject(bench.l2cap, bench_addr(1), 0x0050,
					 rt_bytes(big, 65536)),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_l2cap_send_raw(bench.l2cap, bench_addr(1), 0x0050,
					   rt_bytes(big, 65535)),
			 0);
	ck_assert_uint_eq(fake_link_pull(bench.link, big, 4), 65539);
	ck_assert_uint_eq(big[0], 0xff);
	ck_assert_uint_eq(big[1], 0xff);
	fake_link_complete(bench.link, 1, true);
	free(big);
}
END_TEST

START_TEST(sixty_four_raw_pdus_wait_and_no_more)
{
	link_in();
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(send_raw(0x0050, "01"), 0);
	ck_assert_int_eq(send_raw(0x0050, "01"), -ENOSPC);
	tx_cid(0x0050, "01");
	ck_assert_int_eq(send_raw(0x0050, "01"), 0);
	ck_assert_uint_eq(tx_discard(), 64);
}
END_TEST

START_TEST(a_raw_pdu_without_memory_is_refused_whole)
{
	link_in();
	for (size_t n = 0; n < 2; n++) {
		bench.fake.allocs_left = n;
		ck_assert_int_eq(send_raw(0x0050, "01"), -ENOMEM);
	}
	bench.fake.allocs_left = SIZE_MAX;
	tx_nothing();
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(send_raw(0x0050, "01"), 0);
}
END_TEST

START_TEST(the_tap_sees_payloads_of_both_directions_and_no_header)
{
	static const char *const sdus[] = { "d0d1d2", "", NULL };

	set_tap(NULL);
	to_wait_link(&user);
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
	seen("tx0001:0201040001104000");
	rt_l2cap_set_tap(bench.l2cap, NULL, NULL);
	tx_discard();
	rx("03 01 0800 4100 4000 0000 0000");
	tx_discard();
	rx("05 03 0600 4000 0000 0000");
	rx("04 01 0400 4000 0000");
	tx_discard();
	told(&user, "opened");
	seen("");
	set_tap(NULL);
	rx_cid(0x0040, "aabb");
	rx_cid(0x0040, "");
	told(&user, "rx:aabb rx:");
	seen("rx0040:aabb rx0040:");
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "d0d1d2");
	tx_cid(0x0041, "");
	tx_nothing();
	told(&user, "written:3 written:0");
	seen("tx0041:d0d1d2 tx0041:");
}
END_TEST

START_TEST(the_tap_does_not_see_what_is_written_by_hand)
{
	set_tap(NULL);
	to_open(&user);
	tap.log[0] = '\0';
	ck_assert_int_eq(send_raw(0x0001, "0000"), 0);
	ck_assert_int_eq(inject(0x0040, "0102"), 0);
	tx("0000");
	told(&user, "rx:0102");
	seen("");
}
END_TEST

START_TEST(the_tap_sees_what_the_stack_does_not_want)
{
	const uint32_t unknown = stats()->rx_unknown_cid;
	char hex[2 * 673 + 1];

	to_open(&user);
	memset(hex, 'a', sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	set_tap(NULL);
	rx_cid(0x0077, "01");
	rx_cid(0x0077, "");
	seen("rx0077:01 rx0077:");
	ck_assert_uint_eq(stats()->rx_unknown_cid, unknown + 2);
	rx_cid(0x0040, hex);
	ck_assert_uint_eq(strlen(tap.log), strlen("rx0040:") + 80);
	ck_assert_uint_eq(stats()->rx_oversized, 1);
	ck_assert_uint_eq(bench.hci.oversized, 0);
	told(&user, "");

	/* Without a tap HCI does not even keep it. */
	rt_l2cap_set_tap(bench.l2cap, NULL, NULL);
	rx_cid(0x0077, "01");
	rx_cid(0x0040, hex);
	ck_assert_uint_eq(bench.hci.oversized, 2);
	ck_assert_uint_eq(stats()->rx_unknown_cid, unknown + 3);
}
END_TEST

START_TEST(what_the_tap_drops_of_the_peer_never_came)
{
	to_open(&user);
	set_tap("rx0040:aa");
	rx_cid(0x0040, "aa");
	rx_cid(0x0040, "bb");
	told(&user, "rx:bb");
	tap.drop = "rx0001:08";
	rx("08 05 0000");
	tx_nothing();
}
END_TEST

START_TEST(a_request_that_the_tap_drops_is_sent_again)
{
	set_tap("tx0001:02");
	to_wait_link(&user);
	fake_link_up(bench.link);
	tx("0a 02 0200 0200");
	tx_nothing();
	seen("tx0001:0201040001104000 tx0001:0a0202000200");
	tap.drop = NULL;
	bench_wait_ms(2000);
	tx("02 01 0400 0110 4000");
}
END_TEST

START_TEST(the_tap_may_answer_in_the_stead_of_the_stack)
{
	link_in();
	set_tap("rx0001:08");
	tap.answer = "09 05 0200 beef";
	rx("08 05 0000");
	tx("09 05 0200 beef");
	tx_nothing();

	/* The same with an answer of ours that it changes. */
	tap.drop = "tx0001:09";
	tap.answer = "09 06 0100 aa";
	rx("08 06 0000");
	tx("09 06 0100 aa");
	tx_nothing();
}
END_TEST

START_TEST(a_dropped_sdu_is_written_on_a_stack_of_its_own)
{
	static const char *const sdus[] = { "d0", NULL };

	to_open(&user);
	user.sdus = sdus;
	set_tap("tx0041:");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_nothing();
	told(&user, "");
	bench_step();
	told(&user, "written:1");
	tx_nothing();
}
END_TEST

START_TEST(a_dropped_sdu_is_told_after_those_before_it)
{
	static const char *const sdus[] = { "01", "0202", NULL };
	static const char *const more[] = { "030303", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	user.sdus = sdus;
	set_tap("tx0041:0202");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	bench_step();
	told(&user, "");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:1");
	user.sdus = more;
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "030303");
	bench_step();
	told(&user, "written:2");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:3");
}
END_TEST

START_TEST(a_dropped_sdu_is_lost_if_the_link_goes_down_before)
{
	static const char *const sdus[] = { "01", "0202", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	user.sdus = sdus;
	set_tap("tx0041:0202");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	told(&user, "lost:1 lost:2 closed");
}
END_TEST

START_TEST(a_channel_that_closes_waits_for_a_dropped_sdu)
{
	static const char *const sdus[] = { "01", "0202", NULL };

	to_open(&user);
	bench.hold = HOLD_DATA;
	user.sdus = sdus;
	set_tap("tx0041:0202");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	rx("06 09 0400 4000 4100");
	tx("07 09 0400 4000 4100");
	told(&user, "");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:1");
	bench_step();
	told(&user, "written:2 closed");
}
END_TEST

START_TEST(an_abandoned_channel_leaves_dropped_sdus_behind)
{
	static const char *const sdus[] = { "01", "0202", NULL };

	to_open(&user);
	bench.hold = HOLD_DATA;
	user.sdus = sdus;
	set_tap("tx0041:0202");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	rt_l2cap_abandon(bench.l2cap, user.chan);
	bench_step();
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	bench_step();
	told(&user, "");
	ck_assert(!bench.link->used);
}
END_TEST

/* Has always something to send. */
static bool pull_more(void *ctx, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	size_t *count = ctx;

	(void)chan;
	ck_assert_uint_ge(max, 4);
	ck_assert_uint_le(++*count, 1000);
	pdu->body[0] = rt_bytes("more", 4);
	return true;
}

static void completed_more(void *ctx, rt_handle chan,
			   const struct rt_done *done, bool written)
{
	(void)ctx;
	(void)chan;
	(void)done;
	ck_assert(written);
}

START_TEST(a_tap_that_drops_all_of_a_user_without_end_does_not_hang)
{
	static const struct rt_l2cap_ops ops = {
		.pull = pull_more,
		.completed = completed_more,
	};
	size_t count = 0;

	to_open(&user);
	rt_l2cap_set_user(bench.l2cap, user.chan, &ops, &count);
	set_tap("tx0041:");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_nothing();
	ck_assert_uint_eq(count, 32);
	bench_step();
	tx_nothing();
	ck_assert_uint_eq(count, 64);
	tap.drop = NULL;
	bench_step();
	tx_cid(0x0041, "6d6f7265");
	rt_l2cap_abandon(bench.l2cap, user.chan);
}
END_TEST

START_TEST(a_pdu_that_cannot_be_shown_leaves_unseen)
{
	to_open(&user);
	set_tap("tx0001:09");
	rx("08 05 0000");
	bench.fake.allocs_left = 0;
	tx("09 05 0000");
	seen("rx0001:08050000");
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(an_injected_pdu_is_one_of_the_peer)
{
	link_in();
	ck_assert_int_eq(inject(0x0001, "08 05 0000"), 0);
	tx("09 05 0000");
	ck_assert_int_eq(inject(0x0001, "08 05"), 0);
	ck_assert_int_eq(inject(0x0033, "aa"), 0);
	ck_assert_uint_eq(stats()->sig_malformed, 1);
	ck_assert_uint_eq(stats()->rx_unknown_cid, 1);
}
END_TEST

START_TEST(a_held_link_is_opened_and_stays)
{
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), true),
			 0);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert(bench.link->used);
	fake_link_up(bench.link);
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), true),
			 0);
	ck_assert(bench.link->used);
	ck_assert(rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), false),
			 0);
	ck_assert(!bench.link->used);
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), false),
			 0);
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(2), false),
			 0);
	ck_assert_ptr_null(fake_hci_find(&bench.hci, bench_addr(2)));
}
END_TEST

START_TEST(a_held_link_that_cannot_be_asked_for_is_not_held)
{
	const struct rt_addr none = { { 0 } };

	bench.hci.connect_result = -ENETDOWN;
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), true),
			 -ENETDOWN);
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, none, true), -EINVAL);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_link_attempt_let_go_and_held_again_is_made_anew)
{
	struct rt_hci_link *first;

	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), true),
			 0);
	first = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), false),
			 0);
	ck_assert_int_eq(first->cancels, 1);
	ck_assert_int_eq(rt_l2cap_hold_link(bench.l2cap, bench_addr(1), true),
			 0);
	fake_link_down(first, 0x02);
	bench_step();
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert_ptr_nonnull(bench.link);
	ck_assert_ptr_ne(bench.link, first);
	ck_assert(bench.link->used);
	fake_link_up(bench.link);
	ck_assert(rt_l2cap_link_up(bench.l2cap, bench_addr(1)));
}
END_TEST

START_TEST(the_engine_may_be_freed_with_all_of_it_waiting)
{
	static const char *const sdus[] = { "01", "0202", NULL };

	to_open(&user);
	bench.hold = HOLD_ALL;
	user.sdus = sdus;
	set_tap("tx0041:0202");
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	tx_nothing();
	ck_assert_int_eq(send_raw(0x0050, "01"), 0);
	ck_assert_int_eq(send_raw(0x0050, "02"), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_raw_pdu_leaves_as_it_was_written,
		a_raw_pdu_leaves_behind_signalling_and_before_data,
		raw_pdus_need_an_open_link,
		a_raw_pdu_has_65535_octets_at_most,
		sixty_four_raw_pdus_wait_and_no_more,
		a_raw_pdu_without_memory_is_refused_whole,
		the_tap_sees_payloads_of_both_directions_and_no_header,
		the_tap_does_not_see_what_is_written_by_hand,
		the_tap_sees_what_the_stack_does_not_want,
		what_the_tap_drops_of_the_peer_never_came,
		a_request_that_the_tap_drops_is_sent_again,
		the_tap_may_answer_in_the_stead_of_the_stack,
		a_dropped_sdu_is_written_on_a_stack_of_its_own,
		a_dropped_sdu_is_told_after_those_before_it,
		a_dropped_sdu_is_lost_if_the_link_goes_down_before,
		a_channel_that_closes_waits_for_a_dropped_sdu,
		an_abandoned_channel_leaves_dropped_sdus_behind,
		a_tap_that_drops_all_of_a_user_without_end_does_not_hang,
		a_pdu_that_cannot_be_shown_leaves_unseen,
		an_injected_pdu_is_one_of_the_peer,
		a_held_link_is_opened_and_stays,
		a_held_link_that_cannot_be_asked_for_is_not_held,
		a_link_attempt_let_go_and_held_again_is_made_anew,
		the_engine_may_be_freed_with_all_of_it_waiting,
	};

	return suite_run("l2cap/raw", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
