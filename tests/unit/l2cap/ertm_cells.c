/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/ertm_rx.h"
#include "l2cap/ertm_tx.h"
#include "tests/unit/l2cap/ertm_bench.h"

/*
 * Each event in each state of l2cap/ertm.def, also those that the code before
 * the machines keeps away from them: which state follows.
 */

#define TX_STATES 2
#define TX_EVENTS 6
#define RX_STATES 3
#define RX_EVENTS 10

/* The channel has I0 unacknowledged, has received 0, and is in the state. */
static struct rt_l2cap_ertm *bring(const char *tx_state, const char *rx_state)
{
	char both[40];

	ertm_open(ertm_agreed());
	ertm_write("aa");
	tx_frame("I0 r0 : aa");
	rx_frame("I0 r0 : bb");
	if (strcmp(rx_state, "REJ_SENT") == 0)
		rx_frame("I3 r0 : bb");
	else if (strcmp(rx_state, "SREJ_SENT") == 0)
		rx_frame("I2 r0 : bb");
	if (strcmp(rx_state, "SREJ_SENT") == 0)
		rx_frame("I4 r0 : bb");
	if (strcmp(tx_state, "WAIT_F") == 0)
		ertm_wait_ms(2000);
	while (tx_discard_one() > 0)
		;
	snprintf(both, sizeof(both), "%s %s", tx_state, rx_state);
	ertm_in(both);
	return eb.chan->mode_state;
}

static const char *const tx_states[TX_STATES] = { "XMIT", "WAIT_F" };
static const char *const rx_states[RX_STATES] = { "RECV", "REJ_SENT",
						  "SREJ_SENT" };

START_TEST(every_event_of_the_transmitter_in_every_state)
{
	static const struct rt_l2cap_control answer = {
		.supervisory = true,
		.final = true,
		.req_seq = 1,
	};
	/* By enum rt_l2cap_ertm_tx_event. */
	static const char *const next[TX_STATES][TX_EVENTS] = {
		{ "XMIT", "XMIT", "XMIT", "XMIT", "WAIT_F", "XMIT" },
		{ "WAIT_F", "WAIT_F", "XMIT", "XMIT", "WAIT_F", "WAIT_F" },
	};
	struct rt_l2cap_ertm *e;

	for (int state = 0; state < TX_STATES; state++) {
		for (int event = 0; event < TX_EVENTS; event++) {
			ertm_anew();
			e = bring(tx_states[state], "RECV");
			rt_l2cap_ertm_tx_event(
				e, (enum rt_l2cap_ertm_tx_event)event,
				event == RT_L2CAP_ERTM_RECV_REQSEQ_AND_FBIT ||
						event == RT_L2CAP_ERTM_RECV_FBIT
					? &answer
					: NULL);
			ck_assert_msg(strcmp(tx_states[e->tx.state],
					     next[state][event]) == 0,
				      "event %d in %s leads to %s", event,
				      tx_states[state], tx_states[e->tx.state]);
			ck_assert_uint_eq(e->failed, 0);
			rt_l2cap_ertm_settle(e);
			ck_assert_ptr_null(rt_l2cap_ertm_check(eb.chan));
		}
	}
}
END_TEST

/* What LocalBusy-Clear does depends on whether the peer has been told. */
START_TEST(the_end_of_being_busy_in_either_state)
{
	for (int state = 0; state < TX_STATES; state++) {
		ertm_anew();
		bring(tx_states[state], "RECV");
		ertm_room(0);
		tx_frame("RNR r1");
		ertm_room(1000);
		ertm_in("WAIT_F RECV");
		if (state == 0)
			tx_frame("RR r1 P");
		else
			tx_no_frame();
		rx_frame("RR r1 F");
		ertm_in(state == 0 ? "XMIT RECV" : "WAIT_F RECV");
	}
}
END_TEST

/* TxSeq that makes the event in the state: RECV, REJ_SENT, SREJ_SENT. */
static const uint16_t tx_seqs[RX_STATES][RX_EVENTS] = {
	/* expected, its turn, later, out of turn, duplicate, invalid */
	{ 1, 1, 3, 1, 0, 40 },
	{ 1, 1, 4, 1, 0, 40 },
	{ 5, 1, 6, 3, 0, 40 },
};

static const char *const rx_next[RX_STATES][RX_EVENTS] = {
	/* I-frames as above; RR, REJ, RNR, SREJ */
	{ "RECV", "RECV", "REJ_SENT", "RECV", "RECV", "RECV", "RECV", "RECV",
	  "RECV", "RECV" },
	{ "RECV", "REJ_SENT", "REJ_SENT", "REJ_SENT", "REJ_SENT", "REJ_SENT",
	  "REJ_SENT", "REJ_SENT", "REJ_SENT", "REJ_SENT" },
	{ "SREJ_SENT", "SREJ_SENT", "SREJ_SENT", "SREJ_SENT", "SREJ_SENT",
	  "SREJ_SENT", "SREJ_SENT", "SREJ_SENT", "SREJ_SENT", "SREJ_SENT" },
};

static void try_rx(int tx_state, int state, int event)
{
	static const uint8_t octet = 0xcc;
	const bool s = event >= RT_L2CAP_ERTM_RECV_RR;
	const struct rt_l2cap_control control = {
		.supervisory = s,
		.tx_seq = tx_seqs[state][event],
		.function = s ? (enum rt_l2cap_function)(event -
							 RT_L2CAP_ERTM_RECV_RR)
			      : RT_L2CAP_RR,
	};
	struct rt_l2cap_ertm *e;
	bool possible;

	ertm_anew();
	e = bring(tx_states[tx_state], rx_states[state]);
	possible = (int)rt_l2cap_ertm_rx_classify(e, &control) == event;
	rt_l2cap_ertm_rx_event(e, (enum rt_l2cap_ertm_rx_event)event, &control,
			       rt_bytes(&octet, s ? 0 : 1));
	ck_assert_msg(strcmp(rx_states[e->rx.state], rx_next[state][event]) ==
			      0,
		      "event %d in %s leads to %s", event, rx_states[state],
		      rx_states[e->rx.state]);
	ck_assert_str_eq(tx_states[e->tx.state], tx_states[tx_state]);
	ck_assert_uint_eq(e->failed, event == RT_L2CAP_ERTM_RECV_I_INVALID
					     ? RT_L2CAP_BAD_PEER
					     : 0);
	/* Without SREJ nothing has its turn, or comes out of it. */
	ck_assert_msg(possible ==
			      (state == 2 ||
			       (event != RT_L2CAP_ERTM_RECV_I_EXPECTED_SREJ &&
				event != RT_L2CAP_ERTM_RECV_I_UNEXPECTED_SREJ)),
		      "event %d in %s", event, rx_states[state]);
	rt_l2cap_ertm_settle(e);
	if (eb.chan->mode_state)
		ck_assert_ptr_null(rt_l2cap_ertm_check(eb.chan));
}

START_TEST(every_event_of_the_receiver_in_every_state)
{
	for (int tx_state = 0; tx_state < TX_STATES; tx_state++)
		for (int state = 0; state < RX_STATES; state++)
			for (int event = 0; event < RX_EVENTS; event++)
				try_rx(tx_state, state, event);
}
END_TEST

START_TEST(the_last_missing_frame_leads_back_to_recv)
{
	bring("XMIT", "SREJ_SENT");
	rx_frame("I1 r0 : cc");
	ertm_in("XMIT SREJ_SENT");
	rx_frame("I3 r0 : cc");
	ertm_in("XMIT RECV");
	ertm_told("rx:bb rx:cc rx:bb rx:cc rx:bb");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_event_of_the_transmitter_in_every_state,
		the_end_of_being_busy_in_either_state,
		every_event_of_the_receiver_in_every_state,
		the_last_missing_frame_leads_back_to_recv,
	};

	return suite_run("l2cap/ertm_cells", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
