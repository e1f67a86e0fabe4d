/* SPDX-License-Identifier: MIT */
#include "rfcomm/check.h"

#include "rfcomm/dlc.h"
#include "rfcomm/session.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * The check of invariants finds what is wrong: each test breaks one of them by
 * hand, and mends it.
 */

static struct user a;
static struct rt_rfcomm_session *session;
static struct rt_rfcomm_dlc *dlc;

/* An open DLC of ours, DLCI 2, with credits both ways. */
static void setup(void)
{
	a = (struct user){ .name = "a" };
	bench_setup();
	dlc_out(&a, 1, 10000, 7);
	session = rt_rfcomm_session_find(bench.rfcomm, bench_addr(1));
	dlc = rt_rfcomm_session_find_dlc(session, 2);
}

static void finds(const char *what)
{
	const char *broken = rt_rfcomm_check(bench.rfcomm);

	ck_assert_ptr_nonnull(broken);
	ck_assert_str_eq(broken, what);
}

/* Sets `place` to `value` for as long as it takes to look. */
#define BREAK(place, value, what)                          \
	do {                                               \
		const __typeof__(place) before_ = (place); \
		(place) = (value);                         \
		finds(what);                               \
		(place) = before_;                         \
		bench_check();                             \
	} while (0)

START_TEST(only_what_was_allowed_is_suspended_and_not_for_ever)
{
	dlc->need.level = 2;
	BREAK(dlc->suspended, true,
	      "a suspension has no timer, or another has it");
	BREAK(dlc->gate.armed, true,
	      "a suspension has no timer, or another has it");
	BREAK(dlc->blocked, true, "a DLC that the gate has refused lives on");
	dlc->suspended = true;
	rt_env_arm(bench.env, &dlc->gate, 1);
	BREAK(dlc->need.level, 0, "a DLC is suspended that asks for nothing");
	BREAK(dlc->state, RT_RFCOMM_DLC_WAIT,
	      "a DLC is suspended that was never allowed, or has ended");
	rt_env_stop(bench.env, &dlc->gate);
	dlc->suspended = false;
}
END_TEST

START_TEST(credits_have_to_add_up)
{
	BREAK(dlc->flow.tx, 6, "our credits are not given less used");
	BREAK(dlc->flow.total.used, 1, "our credits are not given less used");
	BREAK(dlc->flow.rx, 6, "the peer's credits are not granted less taken");
	BREAK(dlc->flow.rx, 33, "the peer holds more credits than the limit");
	BREAK(dlc->flow.limit, 33,
	      "a DLC may grant more credits than the limit");
	dlc->flow.credits = false;
	dlc->flow.rx++;
	bench_check();
	dlc->flow.rx--;
	dlc->flow.credits = true;
}
END_TEST

START_TEST(the_totals_can_be_had)
{
	struct rt_rfcomm_credits total;

	rx_data(0x09, 3, 10);
	write_out(&a, "x", 1);
	tx_discard();
	told(&a, "rx:78787878787878787878 written:1");
	ck_assert_int_eq(rt_rfcomm_check_credits(bench.rfcomm, a.dlc, &total),
			 0);
	ck_assert_uint_eq(total.given, 10);
	ck_assert_uint_eq(total.used, 1);
	ck_assert_uint_eq(total.taken, 1);
	ck_assert_uint_eq(total.granted, 10);
	ck_assert_int_eq(rt_rfcomm_check_credits(bench.rfcomm, 0, &total),
			 -ENOENT);
}
END_TEST

START_TEST(dlcs_have_to_be_where_their_state_says)
{
	BREAK(dlc->state, RT_RFCOMM_DLC_ENDED + 1, "a DLC is in no state");
	BREAK(dlc->handle, dlc->handle + 1, "a DLC's handle is not its own");
	BREAK(dlc->session, NULL, "a DLC is on the list of another session");
	BREAK(dlc->dlci, 1, "a DLC has a DLCI that there is not");
	BREAK(dlc->dlci, 62, "a DLC has a DLCI that there is not");
	BREAK(dlc->dlci, 4, "a DLC's DLCI is not its channel's");
	BREAK(dlc->dlci, 3, "a DLC's direction bit is wrong");
	BREAK(dlc->incoming, true, "a DLC's direction bit is wrong");
	BREAK(dlc->flow.tx_frame_bytes, 0, "a DLC has no frame size");
	BREAK(session->state, RT_RFCOMM_SESSION_RELEASE,
	      "a DLC goes on in a session that is not open");
	dlc->state = RT_RFCOMM_DLC_WAIT;
	BREAK(dlc->incoming, true, "an incoming DLC waits");
	dlc->state = RT_RFCOMM_DLC_OPEN;
}
END_TEST

START_TEST(dlcs_that_have_ended_have_left)
{
	rx("09 53 01");
	tx_discard();
	ck_assert_int_eq(dlc->state, RT_RFCOMM_DLC_ENDED);
	BREAK(dlc->session, session,
	      "a DLC has no session, or one after it has ended");
	rt_list_append(&bench.rfcomm->dlcs, &dlc->node);
	finds("a DLC is on a session's list and should not, or not");
	rt_list_del(&dlc->node);
	/* Only one that has a user has to tell it something. */
	rt_env_stop(bench.env, &dlc->timer);
	finds("a DLC's timer is not what its state asks for");
	dlc->ops = NULL;
	bench_check();
	dlc->ops = &user_ops;
	dlc->pulled = 1;
	bench_check();
	dlc->pulled = 0;
	rt_env_arm(bench.env, &dlc->timer, 0);
	bench_step();
	told(&a, "closed");
}
END_TEST

START_TEST(timers_have_to_run_where_something_is_waited_for)
{
	rt_env_arm(bench.env, &dlc->timer, 1);
	finds("a DLC's timer is not what its state asks for");
	rt_env_stop(bench.env, &dlc->timer);
	BREAK(dlc->port.msc.unanswered, 1,
	      "T2 of a DLC's command runs without cause, or not");
	BREAK(dlc->port.rpn.unanswered, 1,
	      "T2 of a DLC's command runs without cause, or not");
	BREAK(dlc->port.rls.unanswered, 1,
	      "T2 of a DLC's command runs without cause, or not");
	rt_env_arm(bench.env, &session->timer, 1);
	finds("a session's timer is not what its state asks for");
	rt_env_stop(bench.env, &session->timer);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	bench_check();
	rt_env_stop(bench.env, &dlc->timer);
	finds("a DLC's timer is not what its state asks for");
	rt_env_arm(bench.env, &dlc->timer, 1);
	tx_discard();
}
END_TEST

START_TEST(dlcis_are_unique)
{
	struct user b = { .name = "b" };
	struct rt_rfcomm_dlc *other;

	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	other = rt_rfcomm_session_find_dlc(session, 4);
	other->channel = 1;
	other->dlci = 2;
	finds("two DLCs of a session have the same DLCI");
	other->channel = 2;
	other->dlci = 4;
	tx_discard();
}
END_TEST

START_TEST(sessions_have_to_be_as_their_state_says)
{
	BREAK(session->chan, 0,
	      "a session has no L2CAP channel, or one to spare");
	BREAK(session->parked, 77,
	      "a session holds a channel back that it does not need");
	BREAK(session->state, RT_RFCOMM_SESSION_CLOSED,
	      "a session that is over is still known");
	BREAK(session->tx.waiting[RT_RFCOMM_TX_OWN], 1,
	      "the queue of control frames is not as long as counted");
}
END_TEST

START_TEST(peers_are_unique)
{
	const rt_handle first = bench.chan;
	struct rt_rfcomm_session *other;

	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(2), &bench.chan), 0);
	other = rt_rfcomm_session_find(bench.rfcomm, bench_addr(2));
	BREAK(other->peer, bench_addr(1), "two sessions have the same peer");
	bench.chan = first;
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		only_what_was_allowed_is_suspended_and_not_for_ever,
		credits_have_to_add_up,
		the_totals_can_be_had,
		dlcs_have_to_be_where_their_state_says,
		dlcs_that_have_ended_have_left,
		timers_have_to_run_where_something_is_waited_for,
		dlcis_are_unique,
		sessions_have_to_be_as_their_state_says,
		peers_are_unique,
	};

	return suite_run("check", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
