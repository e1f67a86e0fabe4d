/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <rawtooth/research.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* Octets of one's own, and the tap. */

#define CID_SIGNAL 0x0001
#define ECHO_REQ 0x08
#define ECHO_RSP 0x09
#define KEPT 64

static struct world *w;
static struct pair pair;

static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };

/* The last PDU of each kind that a tap has seen. */
struct seen {
	struct rt_host *host;
	unsigned int count;
	bool sent;
	uint16_t id;
	uint8_t data[KEPT];
	size_t bytes;
	/* What is looked for: the first octet, or a control octet. */
	enum rt_tap_layer layer;
	size_t at;
	uint8_t octet;
	bool from_us;
	/* What is done about it. */
	bool drop;
	const uint8_t *answer;
	size_t answer_bytes;
	int inject_err;
};

static bool tap(const struct rt_tap_pdu *pdu, void *user_data)
{
	struct seen *seen = user_data;

	ck_assert_uint_eq(pdu->size, sizeof(*pdu));
	if (pdu->layer != seen->layer || pdu->sent != seen->from_us ||
	    pdu->bytes <= seen->at || pdu->data[seen->at] != seen->octet)
		return true;
	seen->count++;
	seen->sent = pdu->sent;
	seen->id = pdu->id;
	seen->bytes = pdu->bytes;
	memcpy(seen->data, pdu->data, RT_MIN(pdu->bytes, (size_t)KEPT));
	seen->inject_err = rt_host_inject(seen->host, pdu->peer, CID_SIGNAL,
					  pdu->data, pdu->bytes);
	if (seen->answer)
		ck_assert_int_eq(rt_host_send_raw(seen->host, pdu->peer,
						  pdu->id, seen->answer,
						  seen->answer_bytes),
				 0);
	return !seen->drop;
}

static void look_for(struct seen *seen, unsigned int host, bool from_us,
		     uint8_t octet)
{
	seen->host = world_host(w, host);
	seen->layer = RT_TAP_L2CAP;
	seen->from_us = from_us;
	seen->octet = octet;
	rt_host_set_tap(seen->host, tap, seen);
}

static void setup(void)
{
	w = world_new(NULL);
	memset(&pair, 0, sizeof(pair));
}

static void teardown(void)
{
	/* What the taps look at has gone with the test. */
	for (unsigned int i = 0; i < 2; i++) {
		if (w->node[i].host)
			rt_host_set_tap(world_host(w, i), NULL, NULL);
	}
	pair_free(&pair);
	world_finish(w);
}

static bool has_link(void *arg)
{
	(void)arg;
	return rt_host_has_link(world_host(w, 0), world_addr(w, 1));
}

static void hold(bool on)
{
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(
		rt_host_hold_link(world_host(w, 0), world_addr(w, 1), on), 0);
}

static void open_link(void)
{
	hold(true);
	ck_assert(!has_link(NULL));
	ck_assert(world_run_until(w, has_link, NULL, RT_SECONDS(10)));
}

static int send_raw(const void *data, size_t bytes)
{
	return rt_host_send_raw(world_host(w, 0), world_addr(w, 1), CID_SIGNAL,
				data, bytes);
}

START_TEST(a_link_is_held_although_nobody_uses_it)
{
	open_link();
	/* Ours would have closed it after 2 s; the peer does after 20. */
	world_run(w, RT_SECONDS(15));
	ck_assert(has_link(NULL));
	hold(false);
	world_run(w, RT_SECONDS(4));
	ck_assert(!has_link(NULL));
}
END_TEST

START_TEST(a_link_that_is_held_goes_with_the_host)
{
	open_link();
}
END_TEST

START_TEST(a_link_to_nobody_does_not_come)
{
	struct rt_host *host = world_host(w, 0);

	ck_assert_int_eq(rt_host_hold_link(host, nobody, true), 0);
	world_run(w, RT_SECONDS(30));
	ck_assert(!rt_host_has_link(host, nobody));
	ck_assert_int_eq(rt_host_send_raw(host, nobody, 1, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_host_hold_link(host, nobody, false), 0);
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused)
{
	const struct rt_addr zero = { { 0 } };
	struct rt_host *host = world_host(w, 0);
	const struct rt_addr peer = world_addr(w, 1);
	uint16_t ids[2];

	ck_assert_int_eq(rt_host_hold_link(host, zero, true), -EINVAL);
	ck_assert_int_eq(rt_host_send_raw(host, peer, 1, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_host_send_raw(host, peer, 1, NULL, 1), -EINVAL);
	ck_assert_int_eq(rt_host_inject(host, peer, 1, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_host_inject(host, peer, 1, NULL, 1), -EINVAL);
	ck_assert_int_eq(rt_host_send_frame(host, peer, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_host_send_frame(host, peer, NULL, 1), -EINVAL);
	ck_assert_int_eq(rt_host_send_mcc(host, peer, 8, true, "x", 1),
			 -ENOTCONN);
	ck_assert_int_eq(rt_host_send_mcc(host, peer, 8, true, NULL, 1),
			 -EINVAL);
	ck_assert_int_eq(rt_host_inject_frame(host, peer, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_host_inject_frame(host, peer, NULL, 1), -EINVAL);
	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_channel_ids(pair.client.s, &ids[0], &ids[1]),
			 -ENOTCONN);
	open_link();
	ck_assert_int_eq(rt_host_send_frame(host, peer, "x", 1), -ENOTCONN);
}
END_TEST

START_TEST(a_command_written_by_hand_is_answered)
{
	static const uint8_t request[] = { ECHO_REQ, 0xc0, 2, 0, 0xca, 0xfe };
	struct seen seen = { .count = 0 };

	open_link();
	look_for(&seen, 0, false, ECHO_RSP);
	ck_assert_int_eq(send_raw(request, sizeof(request)), 0);
	ck_assert_uint_eq(seen.count, 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.id, CID_SIGNAL);
	ck_assert_uint_eq(seen.bytes, sizeof(request));
	ck_assert_mem_eq(seen.data + 1, request + 1, sizeof(request) - 1);
	/* From inside a tap the stack can't be given anything. */
	ck_assert_int_eq(seen.inject_err, -EBUSY);
}
END_TEST

START_TEST(what_is_sent_by_hand_passes_no_tap)
{
	static const uint8_t request[] = { ECHO_REQ, 0xc0, 0, 0 };
	struct seen seen = { .count = 0 };

	open_link();
	look_for(&seen, 0, true, ECHO_REQ);
	ck_assert_int_eq(send_raw(request, sizeof(request)), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(seen.count, 0);
}
END_TEST

static int echo_err;
static uint8_t echo_data[KEPT];
static size_t echo_bytes;

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	(void)echo;
	(void)user_data;
	echo_err = info->err;
	echo_bytes = bytes;
	memcpy(echo_data, data, RT_MIN(bytes, sizeof(echo_data)));
}

static void echo(void)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.data = "hello",
		.bytes = 5,
		.timeout_ms = 3000,
	};
	struct rt_echo *request;

	echo_err = 1;
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_echo_start(world_host(w, 0), world_addr(w, 1),
				       &options, &request),
			 0);
	world_run(w, RT_SECONDS(10));
	rt_echo_free(request);
}

START_TEST(a_tap_sees_what_the_stack_sends_and_what_comes)
{
	struct seen seen = { .count = 0 };

	look_for(&seen, 0, _i == 0, _i == 0 ? ECHO_REQ : ECHO_RSP);
	echo();
	ck_assert_int_eq(echo_err, 0);
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.bytes, 9);
	ck_assert_mem_eq(seen.data + 4, "hello", 5);
	/* Without a tap nothing is seen. */
	rt_host_set_tap(world_host(w, 0), NULL, NULL);
	echo();
	ck_assert_int_eq(echo_err, 0);
	ck_assert_uint_eq(seen.count, 1);
}
END_TEST

/* At each of the four places where an echo passes. */
START_TEST(a_tap_may_drop_a_pdu)
{
	struct seen seen = { .drop = true };

	if (_i == 0)
		look_for(&seen, 0, true, ECHO_REQ);
	else if (_i == 1)
		look_for(&seen, 1, false, ECHO_REQ);
	else if (_i == 2)
		look_for(&seen, 1, true, ECHO_RSP);
	else
		look_for(&seen, 0, false, ECHO_RSP);
	echo();
	ck_assert_uint_ge(seen.count, 1);
	ck_assert_int_eq(echo_err, -ETIMEDOUT);
}
END_TEST

static bool answer_otherwise(const struct rt_tap_pdu *pdu, void *user_data)
{
	uint8_t answer[] = { ECHO_RSP, 0, 2, 0, 'n', 'o' };

	if (pdu->sent || pdu->id != CID_SIGNAL || pdu->data[0] != ECHO_REQ)
		return true;
	answer[1] = pdu->data[1];
	ck_assert_int_eq(rt_host_send_raw(user_data, pdu->peer, pdu->id, answer,
					  sizeof(answer)),
			 0);
	return false;
}

START_TEST(a_tap_may_answer_in_place_of_the_stack)
{
	rt_host_set_tap(world_host(w, 1), answer_otherwise, world_host(w, 1));
	echo();
	ck_assert_int_eq(echo_err, 0);
	ck_assert_uint_eq(echo_bytes, 2);
	ck_assert_mem_eq(echo_data, "no", 2);
}
END_TEST

static bool change(const struct rt_tap_pdu *pdu, void *user_data)
{
	uint8_t other[KEPT];

	if (!pdu->sent || pdu->id != CID_SIGNAL || pdu->data[0] != ECHO_RSP)
		return true;
	memcpy(other, pdu->data, pdu->bytes);
	other[4] = 'j';
	ck_assert_int_eq(rt_host_send_raw(user_data, pdu->peer, pdu->id, other,
					  pdu->bytes),
			 0);
	return false;
}

START_TEST(a_tap_may_change_a_pdu)
{
	rt_host_set_tap(world_host(w, 1), change, world_host(w, 1));
	echo();
	ck_assert_int_eq(echo_err, 0);
	ck_assert_uint_eq(echo_bytes, 5);
	ck_assert_mem_eq(echo_data, "jello", 5);
}
END_TEST

START_TEST(what_is_injected_counts_as_the_peers)
{
	static const uint8_t request[] = { ECHO_REQ, 7, 1, 0, 'x' };
	struct seen seen = { .count = 0 };

	open_link();
	look_for(&seen, 0, true, ECHO_RSP);
	ck_assert_int_eq(rt_host_inject(world_host(w, 0), world_addr(w, 1),
					CID_SIGNAL, request, sizeof(request)),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.data[1], 7);
}
END_TEST

START_TEST(octets_written_by_hand_arrive_on_a_channel)
{
	uint16_t ours = 0;
	uint16_t peers = 0;
	uint16_t their_ours = 0;
	uint16_t their_peers = 0;
	char buf[16];

	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_channel_ids(pair.client.s, &ours, &peers),
			 0);
	ck_assert_int_eq(rt_socket_channel_ids(pair.server.s, &their_ours,
					       &their_peers),
			 0);
	ck_assert_uint_ge(ours, 0x0040);
	ck_assert_uint_eq(ours, their_peers);
	ck_assert_uint_eq(peers, their_ours);
	ck_assert_int_eq(rt_host_send_raw(world_host(w, 0), world_addr(w, 1),
					  peers, "by hand", 7),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 7);
	ck_assert_mem_eq(buf, "by hand", 7);
	/* And as if they had come. */
	ck_assert_int_eq(rt_host_inject(world_host(w, 0), world_addr(w, 1),
					ours, "injected", 8),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(rt_socket_read(pair.client.s, buf, sizeof(buf)), 8);
	ck_assert_mem_eq(buf, "injected", 8);
}
END_TEST

START_TEST(an_rfcomm_socket_has_no_channel_ids)
{
	uint16_t ids[2];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_channel_ids(pair.client.s, &ids[0], &ids[1]),
			 -EOPNOTSUPP);
}
END_TEST

/* TS 07.10 5.4.6.3.4: what comes back has the type of a response. */
START_TEST(a_multiplexer_message_written_by_hand_is_answered)
{
	struct seen seen = { .at = 3, .octet = 0x21 };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	look_for(&seen, 0, false, 0x21);
	seen.layer = RT_TAP_RFCOMM;
	ck_assert_int_eq(rt_host_send_mcc(world_host(w, 0), world_addr(w, 1),
					  0x08, true, "abc", 3),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.id, 0);
	/* Address, control, length, type, length, value, FCS. */
	ck_assert_uint_eq(seen.bytes, 9);
	ck_assert_mem_eq(seen.data + 5, "abc", 3);
}
END_TEST

static uint8_t fcs_of_uih(const uint8_t *frame)
{
	uint8_t crc = 0xff;

	for (int i = 0; i < 2; i++) {
		crc ^= frame[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0xe0 : crc >> 1);
	}
	return (uint8_t)(0xff - crc);
}

START_TEST(a_frame_written_by_hand_arrives)
{
	/* Server channel 7 of the peer, from the initiator. */
	uint8_t frame[] = { 7 << 3 | 0x03, 0xef, 2 << 1 | 1, 'h', 'i', 0 };
	struct seen seen = { .at = 1, .octet = 0xef };
	char buf[8];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	frame[sizeof(frame) - 1] = fcs_of_uih(frame);
	look_for(&seen, 1, false, 0xef);
	seen.layer = RT_TAP_RFCOMM;
	seen.at = 1;
	ck_assert_int_eq(rt_host_send_frame(world_host(w, 0), world_addr(w, 1),
					    frame, sizeof(frame)),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.id, 14);
	ck_assert_mem_eq(seen.data, frame, sizeof(frame));
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 2);
	ck_assert_mem_eq(buf, "hi", 2);
	/* The same octets, injected at the other end. */
	ck_assert_int_eq(rt_host_inject_frame(world_host(w, 1),
					      world_addr(w, 0), frame,
					      sizeof(frame)),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 2);
}
END_TEST

START_TEST(a_frame_with_a_wrong_fcs_is_the_peers_to_drop)
{
	static const uint8_t frame[] = { 7 << 3 | 0x03, 0xef, 2 << 1 | 1,
					 'h',		'i',  0x00 };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	ck_assert_uint_ne(frame[5], fcs_of_uih(frame));
	ck_assert_int_eq(rt_host_send_frame(world_host(w, 0), world_addr(w, 1),
					    frame, sizeof(frame)),
			 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 0);
	ck_assert_int_eq(rt_socket_state(pair.server.s), RT_SOCKET_CONNECTED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/research");
	TCase *tc = tcase_create("research");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_link_is_held_although_nobody_uses_it);
	tcase_add_test(tc, a_link_that_is_held_goes_with_the_host);
	tcase_add_test(tc, a_link_to_nobody_does_not_come);
	tcase_add_test(tc, what_cannot_be_sent_is_refused);
	tcase_add_test(tc, a_command_written_by_hand_is_answered);
	tcase_add_test(tc, what_is_sent_by_hand_passes_no_tap);
	tcase_add_loop_test(tc, a_tap_sees_what_the_stack_sends_and_what_comes,
			    0, 2);
	tcase_add_loop_test(tc, a_tap_may_drop_a_pdu, 0, 4);
	tcase_add_test(tc, a_tap_may_answer_in_place_of_the_stack);
	tcase_add_test(tc, a_tap_may_change_a_pdu);
	tcase_add_test(tc, what_is_injected_counts_as_the_peers);
	tcase_add_test(tc, octets_written_by_hand_arrive_on_a_channel);
	tcase_add_test(tc, an_rfcomm_socket_has_no_channel_ids);
	tcase_add_test(tc, a_multiplexer_message_written_by_hand_is_answered);
	tcase_add_test(tc, a_frame_written_by_hand_arrives);
	tcase_add_test(tc, a_frame_with_a_wrong_fcs_is_the_peers_to_drop);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
