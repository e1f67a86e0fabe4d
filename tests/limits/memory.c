/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <stdio.h>
#include <string.h>

#include "api/conn.h"
#include "api/queue.h"
#include "api/socket.h"
#include "hci/link.h"
#include "l2cap/chan.h"
#include "l2cap/link.h"
#include "l2cap/sig.h"
#include "tests/support/suite.h"

/*
 * What one hostile peer makes a host hold in memory, at the worst moment of
 * its worst behaviour at each door; against what the limits come to. The host
 * has default options, and nobody has taken a connection of the peer's.
 */

static const struct limits_door *const tables[] = {
	limits_doors_link,     limits_doors_signalling, limits_doors_data,
	limits_doors_services, limits_doors_all,
};

static const struct limits_door *door_of(int i)
{
	for (size_t t = 0; t < RT_ARRAY_SIZE(tables); t++) {
		for (const struct limits_door *it = tables[t]; it->name; it++) {
			if (i-- == 0)
				return it;
		}
	}
	return NULL;
}

size_t limits_link_bytes(void)
{
	return sizeof(struct rt_hci_link) + sizeof(struct rt_l2cap_link);
}

size_t limits_packet_bytes(size_t payload)
{
	return sizeof(struct rt_pkt) + payload;
}

size_t limits_replies_bytes(void)
{
	return rt_limits_default.sig_replies *
	       limits_packet_bytes(RT_L2CAP_SIG_BYTES);
}

size_t limits_chan_bytes(void)
{
	/* Beside it an answer, and a request of ours under way. */
	return sizeof(struct rt_l2cap_chan) +
	       2 * limits_packet_bytes(RT_L2CAP_SIG_BYTES);
}

size_t limits_pending_bytes(bool open)
{
	/* One mark more than is counted (rt_api_queue_init()). */
	const size_t queue = rt_api_options_default.read_queue_bytes +
			     (RT_API_QUEUE_MARKS + 1) * RT_API_QUEUE_MARK_BYTES;

	return limits_chan_bytes() + sizeof(struct rt_socket) +
	       sizeof(struct rt_api_conn) + (open ? queue : 0);
}

START_TEST(what_a_peer_makes_us_hold_is_what_the_limits_come_to)
{
	const struct limits_door *door = door_of(_i);
	struct crowd *crowd = crowd_new(NULL);
	const size_t bound = door->bound();

	door->attack(crowd);
	printf("%-44s %8zu %8zu\n", door->name, crowd->peak_bytes, bound);
	fflush(stdout);
	ck_assert_uint_gt(crowd->peak_bytes, 0);
	ck_assert_msg(crowd->peak_bytes <= bound,
		      "%s: %zu octets, and the limits come to %zu", door->name,
		      crowd->peak_bytes, bound);
	if (!door->beyond)
		ck_assert_uint_le(bound, LIMITS_STRANGER_BYTES);
	crowd_free(crowd);
}
END_TEST

static struct rt_socket *take(struct rt_server *server)
{
	static const uint8_t octets[672];
	struct rt_socket *s = rt_server_next_pending(server);

	ck_assert_ptr_nonnull(s);
	while (rt_socket_write(s, octets, sizeof(octets)) > 0)
		;
	return s;
}

/* As many links as there may be, both queues full, and a hostile peer each. */
START_TEST(seven_busy_links_take_a_megabyte_at_most)
{
	static const uint8_t start[1021] = { 0xff, 0xff, 0x01, 0x00 };
	static const uint8_t octets[672];
	struct crowd *crowd = crowd_new(NULL);
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, 0x1001, 1);
	const size_t before = crowd_host(crowd)->env.live_bytes;
	struct crowd_peer *peer[7];
	struct rt_socket *s[7];
	struct crowd_chan *chan;

	for (int i = 0; i < 7; i++)
		peer[i] = crowd_join(crowd);
	for (int i = 0; i < 7; i++) {
		chan = crowd_open(peer[i], 0x1001, 0);
		chan->peer->slow = true;
		s[i] = take(server);
		for (int n = 0; n < 120; n++)
			crowd_send(chan->peer, chan->dcid,
				   rt_bytes(octets, sizeof(octets)));
		for (int n = 0; n < 20; n++)
			crowd_say(chan->peer, 0x0001, "0a 01 0200 0200");
		crowd_acl(chan->peer, 2, rt_bytes(start, sizeof(start)));
		ck_assert_uint_gt(rt_socket_bytes_available(s[i]), 64000);
		ck_assert_uint_gt(rt_socket_bytes_to_write(s[i]), 64000);
	}
	printf("%-44s %8zu %8d\n", "seven busy links, and the host",
	       before + crowd->peak_bytes, LIMITS_BUSY_BYTES);
	fflush(stdout);
	ck_assert_uint_le(before + crowd->peak_bytes, LIMITS_BUSY_BYTES);
	for (int i = 0; i < 7; i++)
		rt_socket_free(s[i]);
	rt_server_free(server);
	crowd_free(crowd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/memory");
	TCase *tc = tcase_create("memory");
	int count = 0;

	while (door_of(count))
		count++;
	tcase_add_loop_test(
		tc, what_a_peer_makes_us_hold_is_what_the_limits_come_to, 0,
		count);
	tcase_add_test(tc, seven_busy_links_take_a_megabyte_at_most);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
