/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/ertm_queue.h"
#include "l2cap/ertm_tx.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* rt_l2cap_ertm_check() can fail: each thing that must hold, broken. */

/* The fault is found, and repaired, so that the channel can end. */
#define FINDS(field, wrong, sentence)                             \
	do {                                                      \
		__typeof__(field) const right = (field);          \
		const char *fault;                                \
                                                                  \
		(field) = (wrong);                                \
		fault = rt_l2cap_ertm_check(eb.chan);             \
		(field) = right;                                  \
		ck_assert_ptr_nonnull(fault);                     \
		ck_assert_str_eq(fault, sentence);                \
		ck_assert_ptr_null(rt_l2cap_ertm_check(eb.chan)); \
	} while (0)

static struct rt_l2cap_ertm *open_default(void)
{
	ertm_open(ertm_agreed());
	return eb.chan->mode_state;
}

START_TEST(faults_of_the_transmitter_are_found)
{
	struct rt_l2cap_ertm *e = open_default();
	struct rt_l2cap_sdu sdu;

	FINDS(e->tx.cut, &sdu, "an SDU that is being cut is kept");
	FINDS(e->failed, RT_L2CAP_BAD_PEER,
	      "a channel that has failed is closed");
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	FINDS(e->tx.next_tx_seq, 1,
	      "I-frames are kept until they are acknowledged");
	FINDS(e->tx.next_tx_seq, 3,
	      "I-frames are kept until they are acknowledged");
	FINDS(e->tx.expected_ack_seq, 1,
	      "unacknowledged I-frames are in sequence");
	FINDS(eb.chan->agreed.tx_window, 1,
	      "no more I-frames are unacknowledged than the window");
	FINDS(e->tx.remote_busy, true,
	      "the retransmission timer runs exactly while XMIT waits");
	FINDS(e->tx.owes_poll, true, "in XMIT no poll is under way");
	ertm_wait_ms(2000);
	FINDS(e->tx.owes_poll, false,
	      "in WAIT_F a poll is owed or the monitor timer runs");
	tx_frame("RR r0 P");
	FINDS(e->tx.owes_poll, true,
	      "in WAIT_F a poll is owed or the monitor timer runs");
}
END_TEST

START_TEST(an_sdu_that_is_not_told_is_found)
{
	struct rt_l2cap_ertm *e = open_default();
	struct rt_list entry;

	rt_list_init(&entry);
	rt_list_append(&e->tx.written, &entry);
	ck_assert_str_eq(rt_l2cap_ertm_check(eb.chan),
			 "the user was told of all SDUs acknowledged");
	rt_list_del(&entry);
	ck_assert_ptr_null(rt_l2cap_ertm_check(eb.chan));
}
END_TEST

START_TEST(faults_of_the_receiver_are_found)
{
	struct rt_l2cap_ertm *e = open_default();

	FINDS(e->rx.owes_rej, true, "REJ is owed in REJ_SENT alone");
	FINDS(e->rx.state, RT_L2CAP_ERTM_SREJ_SENT,
	      "in SREJ_SENT something is asked for, and only there");
	FINDS(e->rx.has_fresh, true, "no payload is kept beyond the frame");
	FINDS(e->rx.local_busy, true, "with room we are not busy");
	FINDS(eb.chan->room, 0, "without room we are busy");
	FINDS(e->rx.acked_seq, 63,
	      "the acknowledgement timer runs exactly while one waits");
	rx_frame("I0 r0 : 01");
	FINDS(e->rx.owes_ack, true,
	      "the acknowledgement timer runs exactly while one waits");
	FINDS(eb.chan->agreed.rx_window, 0,
	      "no more is received than the window");
	FINDS(e->rx.expected_tx_seq, 2,
	      "every frame of the window is kept or asked for");
}
END_TEST

START_TEST(faults_of_what_is_kept_are_found)
{
	struct rt_l2cap_ertm *e = open_default();
	struct rt_l2cap_ertm_kept *first;
	struct rt_l2cap_ertm_kept *second;

	ertm_room(0);
	rx_frame("I0 r0 : 01");
	rx_frame("I1 r0 : 02");
	(void)tx_discard_one();
	first = RT_LIST_FIRST(&e->rx.kept, struct rt_l2cap_ertm_kept, node);
	second = RT_LIST_FIRST(&first->node, struct rt_l2cap_ertm_kept, node);
	FINDS(first->control.tx_seq, 1, "frames kept are in sequence");
	FINDS(second->control.tx_seq, 2, "frames kept are in sequence");
	ertm_room(SIZE_MAX);
	tx_frame("RR r2 P");
	rx_frame("RR r0 F");
	rx_frame("I3 r0 : 04");
	tx_frame("SREJ r2");
	FINDS(e->rx.srej[0], 3, "no frame kept is missing");
	first = RT_LIST_FIRST(&e->rx.kept, struct rt_l2cap_ertm_kept, node);
	FINDS(first->control.tx_seq, 2, "no frame kept is missing");
	e->rx.srej[0] = 4;
	FINDS(first->control.tx_seq, 2, "what can be delivered is delivered");
	e->rx.srej[0] = 2;
}
END_TEST

START_TEST(channels_in_other_modes_pass)
{
	to_open(&eb.user);
	eb.chan = rt_slots_get(&bench.l2cap->chans, eb.user.chan);
	ck_assert_ptr_null(rt_l2cap_ertm_check(eb.chan));
	eb.user.log[0] = '\0';
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		faults_of_the_transmitter_are_found,
		an_sdu_that_is_not_told_is_found,
		faults_of_the_receiver_are_found,
		faults_of_what_is_kept_are_found,
		channels_in_other_modes_pass,
	};

	return suite_run("l2cap/ertm_check", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
