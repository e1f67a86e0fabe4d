/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/limits/crowd_rfcomm.h"
#include "tests/support/suite.h"

/*
 * Limits as peers meet them: a whole host with default options, and so many
 * peers that one more is refused. Nothing is allocated for that one.
 */

#define PSM 0x1001
#define OTHER_PSM 0x1003
#define NO_RESOURCES 0x0004
#define LIMITED_RESOURCES 0x0d

static struct crowd *crowd;

static void setup(void)
{
	crowd = crowd_new(NULL);
}

static void teardown(void)
{
	crowd_free(crowd);
}

START_TEST(seven_peers_are_let_in_and_the_eighth_is_not)
{
	struct crowd_peer *peer[8];
	size_t live;

	for (int i = 0; i < 7; i++)
		peer[i] = crowd_join(crowd);
	live = crowd_live(crowd);
	peer[7] = crowd_page(crowd);
	ck_assert(peer[7]->refused && !peer[7]->linked);
	ck_assert_uint_eq(peer[7]->reason, LIMITED_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_leave(peer[2]);
	crowd_join(crowd);
}
END_TEST

START_TEST(two_peers_are_being_let_in_and_the_third_is_not)
{
	struct crowd_peer *peer[3];
	size_t live;

	crowd->hold_setup = true;
	peer[0] = crowd_page(crowd);
	peer[1] = crowd_page(crowd);
	live = crowd_live(crowd);
	peer[2] = crowd_page(crowd);
	ck_assert(!peer[0]->refused && !peer[1]->refused);
	ck_assert(peer[2]->refused);
	ck_assert_uint_eq(peer[2]->reason, LIMITED_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_come_up(peer[0]);
	ck_assert(!crowd_page(crowd)->refused);
	crowd_run(crowd, RT_SECONDS(30));
}
END_TEST

/* Who is let in and does nothing has to go. */
START_TEST(a_peer_that_opens_nothing_is_sent_away_after_20_s)
{
	struct crowd_peer *peer = crowd_join(crowd);

	crowd_run(crowd, RT_SECONDS(20) - 1);
	ck_assert(peer->linked);
	crowd_run(crowd, 1);
	ck_assert(!peer->linked);
	ck_assert_uint_eq(crowd_live(crowd), 0);
}
END_TEST

/* Servers enough that no backlog is in the way. */
static void serve(struct rt_server *server[4])
{
	for (uint16_t i = 0; i < 4; i++)
		server[i] = crowd_serve(crowd, RT_PROTOCOL_L2CAP,
					(uint16_t)(PSM + 2 * i), 16);
	crowd_idle(crowd);
}

static void stop(struct rt_server *server[4])
{
	for (int i = 0; i < 4; i++)
		rt_server_free(server[i]);
}

START_TEST(a_host_has_64_channels_and_refuses_a_65th)
{
	struct rt_server *server[4];
	struct crowd_peer *peer[5];
	struct crowd_chan *chan;
	size_t live;

	serve(server);
	for (int i = 0; i < 5; i++)
		peer[i] = crowd_join(crowd);
	for (int i = 0; i < 64; i++)
		crowd_open(peer[i / 16], (uint16_t)(PSM + i / 16 * 2), 0);
	live = crowd_live(crowd);
	chan = crowd_ask(peer[4], PSM);
	ck_assert_uint_eq(chan->result, NO_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_close(&peer[1]->chan[3]);
	rt_socket_free(rt_server_next_pending(server[1]));
	crowd_run(crowd, RT_MS(10));
	crowd_open(peer[4], OTHER_PSM, 0);
	stop(server);
}
END_TEST

START_TEST(a_peer_has_16_channels_and_is_refused_a_17th)
{
	struct rt_server *server[4];
	struct crowd_peer *peer;
	struct crowd_chan *chan;
	size_t live;

	serve(server);
	peer = crowd_join(crowd);
	for (int i = 0; i < 16; i++)
		crowd_open(peer, (uint16_t)(PSM + i % 4 * 2), 0);
	live = crowd_live(crowd);
	chan = crowd_ask(peer, PSM);
	ck_assert_uint_eq(chan->result, NO_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_close(&peer->chan[3]);
	crowd_run(crowd, RT_MS(10));
	crowd_open(peer, PSM, 0);
	stop(server);
}
END_TEST

START_TEST(eight_channels_are_half_open_and_a_ninth_is_refused_for_30_s)
{
	struct rt_server *server[4];
	struct crowd_peer *peer;
	struct crowd_chan *chan;
	size_t live;

	serve(server);
	peer = crowd_join(crowd);
	for (int i = 0; i < 8; i++)
		ck_assert_uint_eq(crowd_ask(peer, PSM)->result, 0);
	live = crowd_live(crowd);
	ck_assert_uint_eq(crowd_ask(peer, PSM)->result, NO_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_run(crowd, RT_SECONDS(30) - 1);
	ck_assert_uint_eq(crowd->disconnections, 0);
	ck_assert_uint_eq(crowd_ask(peer, PSM)->result, NO_RESOURCES);
	crowd_run(crowd, 1);
	ck_assert_uint_eq(crowd->disconnections, 8);
	chan = crowd_ask(peer, PSM);
	ck_assert_uint_eq(chan->result, 0);
	stop(server);
}
END_TEST

/* A link has fewer channels: it takes two peers. */
START_TEST(a_backlog_of_16_is_16_connections_and_not_17)
{
	const unsigned int limit = (unsigned int)rt_limits_default.backlog;
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, PSM, limit);
	struct crowd_peer *peer[2];
	struct rt_socket *s;
	size_t live;

	ck_assert_int_eq(rt_server_set_max_pending(server, limit + 1), -EINVAL);
	crowd_idle(crowd);
	for (int i = 0; i < 2; i++)
		peer[i] = crowd_join(crowd);
	for (unsigned int i = 0; i < limit; i++)
		crowd_open(peer[i % 2], PSM, 0);
	live = crowd_live(crowd);
	ck_assert_uint_eq(crowd_ask(peer[0], PSM)->result, NO_RESOURCES);
	ck_assert_uint_eq(crowd_ask(peer[1], PSM)->result, NO_RESOURCES);
	ck_assert_uint_eq(crowd_live(crowd), live);
	s = rt_server_next_pending(server);
	ck_assert_uint_eq(crowd_ask(peer[0], PSM)->result, 0);
	ck_assert_uint_eq(crowd_ask(peer[1], PSM)->result, NO_RESOURCES);
	rt_socket_free(s);
	rt_server_free(server);
}
END_TEST

static struct rt_socket *taken(struct rt_server *server)
{
	struct rt_socket *s = rt_server_next_pending(server);

	ck_assert_ptr_nonnull(s);
	return s;
}

/* There is room for the marks of 64 datagrams beside their octets. */
START_TEST(a_reader_has_65536_octets_and_what_comes_then_is_lost)
{
	static const uint8_t octets[1024];
	const size_t limit = rt_limits_default.rx_queue_bytes;
	struct rt_server *server =
		rt_server_new(crowd_host(crowd), RT_PROTOCOL_L2CAP, NULL, NULL);
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	uint8_t buf[1024];
	struct crowd_chan *chan;
	struct rt_socket *s;

	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MTU, 1024), 0);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
	chan = crowd_open(crowd_join(crowd), PSM, 0);
	s = taken(server);
	for (size_t n = 0; n < limit; n += 1024)
		crowd_send(chan->peer, chan->dcid, rt_bytes(octets, 1024));
	ck_assert_uint_eq(rt_socket_bytes_available(s), limit);
	crowd_send(chan->peer, chan->dcid, rt_bytes(octets, 1));
	rt_socket_get_stats(s, &stats);
	ck_assert_uint_eq(stats.rx_dropped, 1);
	ck_assert_uint_eq(rt_socket_bytes_available(s), limit);
	ck_assert_int_eq(rt_socket_read(s, buf, sizeof(buf)), 1024);
	crowd_send(chan->peer, chan->dcid, rt_bytes(octets, 1024));
	ck_assert_uint_eq(rt_socket_bytes_available(s), limit);
	for (size_t n = 1024; n < limit; n += 1024)
		ck_assert_int_eq(rt_socket_read(s, buf, sizeof(buf)), 1024);
	ck_assert_int_eq(rt_socket_read(s, buf, sizeof(buf)), -ENOBUFS);
	ck_assert_int_eq(rt_socket_read(s, buf, sizeof(buf)), 1024);
	ck_assert_int_eq(rt_socket_read(s, buf, sizeof(buf)), -EAGAIN);
	rt_socket_free(s);
	rt_server_free(server);
}
END_TEST

START_TEST(a_writer_has_65536_octets_and_waits_with_one_more)
{
	static const uint8_t octets[65537];
	const size_t limit = rt_limits_default.tx_queue_bytes;
	struct rt_server *server = crowd_serve(crowd, RT_PROTOCOL_RFCOMM, 1, 1);
	struct crowd_chan *session;
	struct rt_socket *s;

	session = crowd_session(crowd_join(crowd));
	ck_assert(crowd_dlc(session, 1, 0, NULL));
	s = taken(server);
	ck_assert_int_eq(rt_socket_write(s, octets, limit + 1),
			 (ptrdiff_t)limit);
	ck_assert_int_eq(rt_socket_write(s, octets, 1), -EAGAIN);
	world_settle(crowd->w);
	ck_assert_uint_eq(rt_socket_bytes_to_write(s), limit);
	/* A credit takes a frame away. */
	crowd_frame(session, RT_RFCOMM_UIH, 2, 1, rt_bytes(NULL, 0));
	ck_assert_uint_eq(rt_socket_bytes_to_write(s), limit - CROWD_RFCOMM_N1);
	ck_assert_int_eq(rt_socket_write(s, octets, limit), CROWD_RFCOMM_N1);
	ck_assert_int_eq(rt_socket_write(s, octets, 1), -EAGAIN);
	rt_socket_free(s);
	rt_server_free(server);
}
END_TEST

/* Whoever does not listen is alone with that. */
START_TEST(a_peer_that_takes_nothing_holds_nobody_up)
{
	static const uint8_t octets[672];
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, PSM, 2);
	struct crowd_peer *peer = crowd_join(crowd);
	struct crowd_peer *slow = crowd_join(crowd);
	struct rt_socket *s;

	crowd_open(slow, PSM, 0);
	slow->slow = true;
	s = taken(server);
	while (rt_socket_write(s, octets, sizeof(octets)) > 0)
		;
	world_settle(crowd->w);
	ck_assert_uint_gt(slow->owed, 1);
	crowd_open(peer, PSM, 0);
	crowd_count_anew(peer);
	for (unsigned int i = 1; i <= 100; i++)
		crowd_say(peer, 0x0001, "08 %02x 0000", i);
	ck_assert_uint_eq(peer->responses, 100);
	rt_socket_free(s);
	rt_server_free(server);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		seven_peers_are_let_in_and_the_eighth_is_not,
		two_peers_are_being_let_in_and_the_third_is_not,
		a_peer_that_opens_nothing_is_sent_away_after_20_s,
		a_host_has_64_channels_and_refuses_a_65th,
		a_peer_has_16_channels_and_is_refused_a_17th,
		eight_channels_are_half_open_and_a_ninth_is_refused_for_30_s,
		a_backlog_of_16_is_16_connections_and_not_17,
		a_reader_has_65536_octets_and_what_comes_then_is_lost,
		a_writer_has_65536_octets_and_waits_with_one_more,
		a_peer_that_takes_nothing_holds_nobody_up,
	};
	Suite *suite = suite_create("limits/host");
	TCase *tc = tcase_create("host");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < RT_ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
