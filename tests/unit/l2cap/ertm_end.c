/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: the end of SDUs and of channels, memory, what else may change. */

START_TEST(hci_may_keep_a_frame_long_after_it_was_acknowledged)
{
	bench.hold = HOLD_ALL;
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("RR r1");
	ertm_told("written:1");
	fake_link_complete(bench.link, bench.link->sent_count, true);
	ertm_told("");
}
END_TEST

START_TEST(what_was_not_acknowledged_is_lost_when_the_channel_ends)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("0203");
	ertm_write("040506");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 0203");
	rx_frame("RR r1");
	ertm_told("written:1");
	rt_l2cap_close(bench.l2cap, eb.user.chan);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	ertm_told("lost:2 closed");
}
END_TEST

START_TEST(what_was_not_acknowledged_is_lost_when_the_link_ends)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	ertm_told("lost:1 closed");
}
END_TEST

START_TEST(what_was_not_acknowledged_is_lost_when_the_peer_closes)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_mps = 1;
	ertm_open(agreed);
	ertm_write("0102");
	tx_frame("I0 r0 start : 0200 01");
	rx("06 09 0400 4000 4100");
	tx("07 09 0400 4000 4100");
	ertm_told("lost:2 closed");
}
END_TEST

START_TEST(a_user_that_has_left_is_not_told_anything)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	rt_l2cap_abandon(bench.l2cap, eb.user.chan);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	bench_step();
	ertm_told("");
	ck_assert(bench.l2cap->chans.used == 0);
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

static void end_in(const char *on, void (*then)(struct user *who))
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_mps = 1;
	ertm_open(agreed);
	eb.user.on = on;
	eb.user.then = then;
	ertm_write("01");
	ertm_write("02");
	ertm_write("0304");
	if (strcmp(on, "pull") != 0) {
		tx_frame("I0 r0 : 01");
		tx_frame("I1 r0 : 02");
		rx_frame("I0 r2 start : 0200 aa");
		if (strncmp(on, "rx", 2) == 0)
			rx_frame("I1 r2 end : bb");
	}
	tx("06 04 0400 4100 4000");
	tx_nothing();
	rx("07 04 0400 4100 4000");
	bench_step();
	ck_assert(bench.l2cap->chans.used == 0);
}

START_TEST(the_user_may_close_it_in_pull)
{
	end_in("pull", close_it);
	ertm_told("lost:1 closed");
}
END_TEST

START_TEST(the_user_may_abandon_it_in_pull)
{
	end_in("pull", abandon_it);
	ertm_told("");
}
END_TEST

START_TEST(the_user_may_close_it_in_pull_for_the_answer_to_a_poll)
{
	ertm_open_default();
	eb.user.on = "pull";
	eb.user.then = close_it;
	ertm_write("01");
	rx_frame("RR r0 P");
	tx("06 04 0400 4100 4000");
	tx_nothing();
	rx("07 04 0400 4100 4000");
	ertm_told("lost:1 closed");
}
END_TEST

/* The second one was acknowledged by the same frame. */
START_TEST(the_user_may_close_it_in_completed)
{
	end_in("written:1", close_it);
	ertm_told("written:1 written:1 closed");
}
END_TEST

START_TEST(the_user_may_abandon_it_in_completed)
{
	end_in("written:1", abandon_it);
	ertm_told("written:1");
}
END_TEST

START_TEST(the_user_may_close_it_in_rx)
{
	end_in("rx:", close_it);
	ertm_told("written:1 written:1 rx:aabb closed");
}
END_TEST

START_TEST(the_user_may_abandon_it_in_rx)
{
	end_in("rx:", abandon_it);
	ertm_told("written:1 written:1 rx:aabb");
}
END_TEST

START_TEST(without_memory_sending_goes_on_later)
{
	for (size_t n = 0; n < 6; n++) {
		ertm_anew();
		ertm_open_default();
		ertm_write("01");
		bench.fake.allocs_left = n;
		if (n < 3) {
			tx_no_frame();
			bench.fake.allocs_left = SIZE_MAX;
			tx_no_frame();
			ertm_wait_ms(200);
		}
		tx_frame("I0 r0 : 01");
		rx_frame("REJ r0");
		if (n == 3) {
			tx_no_frame();
			bench.fake.allocs_left = SIZE_MAX;
			ertm_wait_ms(200);
		}
		tx_frame("I0 r0 : 01");
		rx_frame("RR r1");
		ertm_told("written:1");
	}
}
END_TEST

START_TEST(without_memory_the_mode_does_not_begin)
{
	struct rt_l2cap_chan *chan;

	to_open(&eb.user);
	chan = rt_slots_get(&bench.l2cap->chans, eb.user.chan);
	chan->agreed = ertm_agreed();
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(rt_l2cap_ertm_ops.begin(chan), -ENOMEM);
	ck_assert_int_eq(rt_l2cap_streaming_ops.begin(chan), -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_ptr_null(chan->mode_state);
	eb.user.log[0] = '\0';
}
END_TEST

START_TEST(extended_sequence_numbers_go_to_16383)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();
	struct rt_l2cap_ertm *e;

	agreed.extended = true;
	agreed.tx_window = 1000;
	agreed.fcs = true;
	ertm_open(agreed);
	e = eb.chan->mode_state;
	e->tx.next_tx_seq = e->tx.expected_ack_seq = 16382;
	for (int i = 0; i < 3; i++)
		ertm_write("01");
	tx_frame("I16382 r0 : 01");
	tx_frame("I16383 r0 : 01");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r16383 P");
	ertm_told("written:1");
	tx_frame("I16383 r0 F : 01");
	rx_frame("RR r1");
	ertm_told("written:1 written:1");
}
END_TEST

START_TEST(configured_anew_it_goes_on_where_it_stands)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	ertm_open_default();
	for (int i = 0; i < 5; i++)
		ertm_write("01");
	for (int i = 0; i < 5; i++)
		tx_discard_one();
	agreed.tx_window = 2;
	agreed.fcs = true;
	ertm_reopen(agreed);
	ertm_write("02");
	tx_no_frame();
	rx_frame("RR r3");
	tx_no_frame();
	rx_frame("RR r4");
	tx_frame("I5 r0 : 02");
	tx_no_frame();
	rx_frame("REJ r4");
	tx_frame("I4 r0 : 01");
	tx_frame("I5 r0 : 02");
	rx_frame("RR r6");
	ck_assert_uint_eq(ertm_info().tx_frames, 6);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		hci_may_keep_a_frame_long_after_it_was_acknowledged,
		what_was_not_acknowledged_is_lost_when_the_channel_ends,
		what_was_not_acknowledged_is_lost_when_the_link_ends,
		what_was_not_acknowledged_is_lost_when_the_peer_closes,
		a_user_that_has_left_is_not_told_anything,
		the_user_may_close_it_in_pull,
		the_user_may_abandon_it_in_pull,
		the_user_may_close_it_in_pull_for_the_answer_to_a_poll,
		the_user_may_close_it_in_completed,
		the_user_may_abandon_it_in_completed,
		the_user_may_close_it_in_rx,
		the_user_may_abandon_it_in_rx,
		without_memory_sending_goes_on_later,
		without_memory_the_mode_does_not_begin,
		extended_sequence_numbers_go_to_16383,
		configured_anew_it_goes_on_where_it_stands,
	};

	return suite_run("l2cap/ertm_end", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
