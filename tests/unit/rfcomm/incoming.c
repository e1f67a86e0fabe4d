/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * DLCs that the peer opens to servers of ours, or tries to.
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

static void assert_counted(uint32_t n)
{
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  n);
}

static void close_it(struct user *user)
{
	rt_rfcomm_close(bench.rfcomm, user->dlc);
}

static void abandon_it(struct user *user)
{
	rt_rfcomm_abandon(bench.rfcomm, user->dlc);
}

static void unlisten_it(struct user *user)
{
	(void)user;
	rt_rfcomm_unlisten(bench.rfcomm, 1);
}

START_TEST(a_dlc_of_the_peers_is_negotiated_accepted_and_opened)
{
	listen_on(&listener, &b, 1, 3 * N1);
	session_in();
	rx("03 EF 15 83 11 02 F0 1D 00 F3 03 00 07");
	tx("01 EF 15 81 11 02 E0 1D 00 F3 03 00 03");
	told(&listener, "");
	rx("0B 3F 01");
	told(&listener, "incoming");
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 8D");
	rx("03 EF 09 E1 05 0B 8D");
	told(&b, "");
	rx("03 EF 09 E3 05 0B 8D");
	told(&b, "opened");
	tx("01 EF 09 E1 05 0B 8D");
	tx_nothing();
	ck_assert(info_of(&b).incoming);
	ck_assert(info_of(&b).credit_flow);
	ck_assert_uint_eq(info_of(&b).channel, 1);
	ck_assert_uint_eq(info_of(&b).dlci, 2);
	ck_assert_uint_eq(info_of(&b).frame_bytes, N1);
	ck_assert_uint_eq(info_of(&b).tx_credits, 7);
	ck_assert_uint_eq(info_of(&b).rx_credits, 3);
	write_out(&b, "hi", 2);
	tx("09 EF 05 68 69");
	told(&b, "written:2");
}
END_TEST

START_TEST(a_user_that_refuses_is_forgotten)
{
	listen_on(&listener, NULL, 1, 0);
	listener.answer = -ECONNREFUSED;
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("0B 3F 01");
	told(&listener, "incoming");
	tx("0B 1F 01");
	bench_step();
	told(&listener, "");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->refused, 1);
	bench_wait_us(RT_RFCOMM_IDLE_RESPONDER_US);
	tx("01 53 01");
}
END_TEST

START_TEST(a_user_may_close_inside_incoming)
{
	listen_on(&listener, NULL, 1, 0);
	listener.on = "incoming";
	listener.then = close_it;
	session_in();
	rx("0B 3F 01");
	tx("0B 1F 01");
	tx_nothing();
	bench_step();
	told(&listener, "incoming closed");
}
END_TEST

START_TEST(a_user_may_abandon_inside_incoming)
{
	listen_on(&listener, NULL, 1, 0);
	listener.on = "incoming";
	listener.then = abandon_it;
	session_in();
	rx("0B 3F 01");
	tx("0B 1F 01");
	tx_nothing();
	bench_step();
	told(&listener, "incoming");
}
END_TEST

START_TEST(a_user_may_stop_listening_inside_incoming)
{
	listen_on(&listener, NULL, 1, 0);
	listener.on = "incoming";
	listener.then = unlisten_it;
	session_in();
	rx("0B 3F 01");
	tx("0B 1F 01");
	bench_step();
	told(&listener, "incoming");
}
END_TEST

/* X-RFCOMM/RFC/BI-08, RFC-19 */
START_TEST(a_dlci_that_is_no_server_of_ours_gets_dm)
{
	static const struct {
		const char *sabm;
		const char *dm;
	} cases[] = {
		{ "07 3F 01", "07 1F 01" }, /* 1: reserved */
		{ "0F 3F 01", "0F 1F 01" }, /* 3: the wrong direction */
		{ "13 3F 01", "13 1F 01" }, /* 4: nobody listens */
		{ "FB 3F 01", "FB 1F 01" }, /* 62, 63: unused */
		{ "FF 3F 01", "FF 1F 01" },
	};

	listen_on(&listener, &b, 1, 0);
	session_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		rx(cases[i].sabm);
		tx(cases[i].dm);
		tx_nothing();
	}
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->refused,
			  RT_ARRAY_SIZE(cases));
}
END_TEST

START_TEST(frames_for_a_dlc_that_there_is_not_get_dm_if_commands)
{
	session_in();
	rx("0B 53 01");
	tx("0B 1F 01");
	rx("0B EF 03 41");
	tx("0B 1F 01");
	rx("0B FF 01");
	tx("0B 1F 01");
	rx("09 73 01");
	rx("09 1F 01");
	tx_nothing();
	assert_counted(2);
}
END_TEST

START_TEST(a_peer_that_goes_after_pn_is_forgotten)
{
	listen_on(&listener, &b, 1, 0);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("0B 53 01");
	tx("0B 73 01");
	rx("0B EF 03 41");
	tx("0B 1F 01");

	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("0B EF 03 41");
	tx("0B 1F 01");

	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("09 1F 01");
	tx_nothing();

	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("09 73 01");
	bench_wait_us(RT_RFCOMM_SABM_WAIT_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("0B 1F 01");
	told(&listener, "");
}
END_TEST

START_TEST(as_initiator_our_servers_have_odd_dlcis)
{
	listen_on(&listener, &b, 5, 0);
	dlc_out(&a, 5, 0, 0);
	rx("01 EF 15 83 11 0B F0 07 00 F3 03 00 07");
	tx("03 EF 15 81 11 0B E0 07 00 F3 03 00 00");
	rx("2D 3F 01");
	told(&listener, "incoming");
	tx("2D 73 01");
	ck_assert_uint_eq(tx_discard(), 1);
	/* The even one is the peer's to listen on. */
	rx("31 3F 01");
	tx("31 1F 01");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_dlc_of_the_peers_is_negotiated_accepted_and_opened,
		a_user_that_refuses_is_forgotten,
		a_user_may_close_inside_incoming,
		a_user_may_abandon_inside_incoming,
		a_user_may_stop_listening_inside_incoming,
		a_dlci_that_is_no_server_of_ours_gets_dm,
		frames_for_a_dlc_that_there_is_not_get_dm_if_commands,
		a_peer_that_goes_after_pn_is_forgotten,
		as_initiator_our_servers_have_odd_dlcis,
	};

	return suite_run("incoming", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
