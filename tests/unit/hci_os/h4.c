/* SPDX-License-Identifier: MIT */
#include "hci/os/h4.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wr.h"
#include "tests/unit/hci_os/sink.h"
#include "tests/unit/stack/suite.h"

/* H4 from a controller: framing, its loss, and the way back. */

static const uint8_t answer[] = { 0x04, 0x0e, 0x04, 0x01, 0x03, 0x0c, 0x00 };

static struct rt_h4 *h4;

static void setup(void)
{
	heard_reset();
	h4 = calloc(1, sizeof(*h4));
	ck_assert_ptr_nonnull(h4);
	rt_h4_init(h4, false);
}

static void teardown(void)
{
	free(h4);
}

static void start_serial(void)
{
	heard_reset();
	rt_h4_init(h4, true);
}

static int feed(const void *octets, size_t len)
{
	size_t room;
	uint8_t *buf = rt_h4_room(h4, &room);

	ck_assert_uint_ge(room, RT_H4_PACKET_BYTES);
	ck_assert_uint_ge(room, len);
	if (len > 0)
		memcpy(buf, octets, len);
	return rt_h4_fed(h4, len, &sink);
}

static void send_reset(void)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	rt_h4_sent(h4, &p);
}

/* One of each type, and empty ones; 8 packets. */
static struct rt_bytes stream(uint8_t *buf, size_t cap)
{
	struct rt_wr w = rt_wr_init(buf, cap);

	rt_wr_put(&w, rt_bytes(answer, sizeof(answer)));
	rt_wr_put(&w, rt_bytes("\x02\x2a\x20\x2c\x01", 5));
	memset(rt_wr_take(&w, 300), 0x02, 300);
	rt_wr_put(&w, rt_bytes("\x03\x01\x00\x02\xaa\xbb", 6));
	rt_wr_put(&w, rt_bytes("\x05\x01\x00\xff\x81", 5));
	memset(rt_wr_take(&w, 0x1ff), 0x05, 0x1ff);
	rt_wr_put(&w, rt_bytes("\x02\x2a\x20\x00\x00", 5));
	rt_wr_put(&w, rt_bytes("\x04\xff\x00", 3));
	rt_wr_put(&w, rt_bytes("\x03\x01\x00\x00", 4));
	rt_wr_put(&w, rt_bytes("\x05\x01\x00\x00\x00", 5));
	ck_assert(rt_wr_ok(&w));
	return rt_wr_bytes(&w);
}

START_TEST(packets_survive_every_split)
{
	uint8_t buf[2048];
	struct rt_bytes all = stream(buf, sizeof(buf));
	uint32_t sum = 0;

	for (size_t at = 0; at <= all.len; at++) {
		heard_reset();
		ck_assert_int_eq(feed(all.ptr, at), 0);
		ck_assert_int_eq(feed(all.ptr + at, all.len - at), 0);
		ck_assert_uint_eq(heard.packets, 8);
		ck_assert_uint_eq(heard.total, all.len);
		if (at == 0)
			sum = heard.sum;
		ck_assert_uint_eq(heard.sum, sum);
	}
	heard_reset();
	for (size_t i = 0; i < all.len; i++)
		ck_assert_int_eq(feed(all.ptr + i, 1), 0);
	ck_assert_uint_eq(heard.packets, 8);
	ck_assert_uint_eq(heard.sum, sum);
}
END_TEST

START_TEST(many_packets_come_out_of_one_read)
{
	uint8_t buf[2048];
	struct rt_bytes one = stream(buf, sizeof(buf));
	size_t room, n;
	uint8_t *p = rt_h4_room(h4, &room);

	n = room / one.len;
	for (size_t i = 0; i < n; i++)
		memcpy(p + i * one.len, one.ptr, one.len);
	ck_assert_int_eq(rt_h4_fed(h4, n * one.len, &sink), 0);
	ck_assert_uint_eq(heard.packets, 8 * n);
}
END_TEST

START_TEST(the_longest_packets_fit_behind_each_other)
{
	static uint8_t packet[RT_H4_PACKET_BYTES] = { 0x02, 0x01, 0x20, 0xff,
						      0xff };

	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(feed(packet, sizeof(packet) - 1), 0);
		ck_assert_uint_eq(heard.packets, i);
		ck_assert_int_eq(feed("", 1), 0);
		ck_assert_uint_eq(heard.packets, i + 1);
		ck_assert_uint_eq(heard.last_len, 4 + 65535);
	}
}
END_TEST

START_TEST(every_type_that_no_controller_sends_ends_a_stream)
{
	for (unsigned type = 0; type <= 0xff; type++) {
		uint8_t octets[sizeof(answer) + 1];
		int want = type >= 2 && type <= 5 ? 0 : -EILSEQ;

		heard_reset();
		rt_h4_init(h4, false);
		memcpy(octets, answer, sizeof(answer));
		octets[sizeof(answer)] = (uint8_t)type;
		ck_assert_int_eq(feed(octets, sizeof(octets)), want);
		/* What was whole before has been delivered. */
		heard_last(1, 0x04, answer + 1, sizeof(answer) - 1);
		ck_assert_uint_eq(heard.resyncs, 0);
	}
}
END_TEST

START_TEST(a_type_octet_within_a_packet_means_nothing)
{
	for (unsigned type = 0; type <= 0xff; type++) {
		uint8_t octets[] = { 0x02,	    (uint8_t)type,
				     (uint8_t)type, 0x03,
				     0x00,	    (uint8_t)type,
				     (uint8_t)type, (uint8_t)type };

		for (size_t at = 1; at < sizeof(octets); at++) {
			ck_assert_int_eq(feed(octets, at), 0);
			ck_assert_int_eq(feed(octets + at, sizeof(octets) - at),
					 0);
		}
		ck_assert_uint_eq(heard.packets, 7 * (type + 1));
	}
}
END_TEST

START_TEST(every_unknown_type_on_a_serial_line_asks_for_a_reset_once)
{
	for (unsigned type = 0; type <= 0xff; type++) {
		uint8_t octet = (uint8_t)type;

		if (type >= 2 && type <= 5)
			continue;
		start_serial();
		ck_assert_int_eq(feed(&octet, 1), 0);
		ck_assert_uint_eq(heard.resyncs, 1);
		ck_assert_int_eq(feed(&octet, 1), 0);
		ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
		ck_assert_uint_eq(heard.resyncs, 1);
		ck_assert_uint_eq(heard.packets, 0);
	}
}
END_TEST

START_TEST(until_reset_is_sent_even_its_answer_is_thrown_away)
{
	struct rt_packet other =
		packet_of(RT_PACKET_COMMAND, "\x09\x10\x00", 3);
	struct rt_packet data = packet_of(RT_PACKET_ACL, "\x03\x0c\x00", 3);

	start_serial();
	ck_assert_int_eq(feed("\x77", 1), 0);
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	rt_h4_sent(h4, &other);
	rt_h4_sent(h4, &data);
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	ck_assert_uint_eq(heard.packets, 0);
	send_reset();
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	heard_last(1, 0x04, answer + 1, sizeof(answer) - 1);
}
END_TEST

START_TEST(after_reset_only_its_exact_answer_brings_the_framing_back)
{
	/* An event, data with a header in them, and nearly the answer. */
	static const uint8_t noise[] = {
		0x04, 0x0e, 0x04, 0x01, 0x03, 0x0c, 0x01, /* status 1 */
		0x04, 0x0e, 0x04, 0x01, 0x03, 0x0d, 0x00, /* another command */
		0x04, 0x0f, 0x04, 0x00, 0x01, 0x03, 0x0c, /* Command Status */
		0x02, 0x2a, 0x20, 0x02, 0x00, 0x04, 0x0e, /* data */
		0x04, 0x05, 0x04, 0x00, 0x2a, 0x00, 0x13, /* an event */
		0x04, 0x04, 0x0e, 0x04, 0x0e, 0x04,	  /* beginnings */
	};

	for (unsigned nn = 0; nn <= 0xff; nn++) {
		uint8_t octets[sizeof(noise) + sizeof(answer)];
		uint8_t *end = octets + sizeof(noise);
		size_t at = nn % sizeof(octets);

		start_serial();
		ck_assert_int_eq(feed("\x77", 1), 0);
		send_reset();
		memcpy(octets, noise, sizeof(noise));
		memcpy(end, answer, sizeof(answer));
		end[3] = (uint8_t)nn;
		ck_assert_int_eq(feed(octets, at), 0);
		ck_assert_int_eq(feed(octets + at, sizeof(octets) - at), 0);
		heard_last(1, 0x04, end + 1, sizeof(answer) - 1);
		ck_assert_int_eq(feed("\x04\xff\x01\x42", 4), 0);
		heard_last(2, 0x04, "\xff\x01\x42", 3);
		ck_assert_uint_eq(heard.resyncs, 1);
	}
}
END_TEST

START_TEST(the_answer_is_found_octet_by_octet_and_with_packets_behind_it)
{
	static const uint8_t octets[] = { 0x00, 0x04, 0x04, 0x0e, 0x04, 0x05,
					  0x03, 0x0c, 0x00, 0x02, 0x01, 0x20,
					  0x01, 0x00, 0xaa, 0x04, 0xff, 0x00 };

	start_serial();
	ck_assert_int_eq(feed("\x77", 1), 0);
	send_reset();
	for (size_t i = 0; i < sizeof(octets); i++)
		ck_assert_int_eq(feed(octets + i, 1), 0);
	ck_assert_uint_eq(heard.packets, 3);
	start_serial();
	ck_assert_int_eq(feed("\x77", 1), 0);
	send_reset();
	ck_assert_int_eq(feed(octets, sizeof(octets)), 0);
	ck_assert_uint_eq(heard.packets, 3);
}
END_TEST

START_TEST(packets_before_the_loss_are_delivered_and_the_rest_is_not)
{
	static const uint8_t octets[] = { 0x04, 0xff, 0x00, 0x02, 0x01, 0x20,
					  0x00, 0x00, 0x77, 0x04, 0xff, 0x00 };

	start_serial();
	heard.on_resync = send_reset;
	ck_assert_int_eq(feed(octets, sizeof(octets)), 0);
	ck_assert_uint_eq(heard.packets, 2);
	ck_assert_uint_eq(heard.resyncs, 1);
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	ck_assert_uint_eq(heard.packets, 3);
}
END_TEST

START_TEST(a_reset_in_slices_is_a_reset)
{
	struct rt_packet p = {
		.type = RT_PACKET_COMMAND,
		.count = 3,
		.len = 3,
		.slice = { { (const uint8_t *)"\x03\x0c", 2 },
			   { NULL, 0 },
			   { (const uint8_t *)"\x00", 1 } },
	};

	start_serial();
	ck_assert_int_eq(feed("\x77", 1), 0);
	rt_h4_sent(h4, &p);
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	ck_assert_uint_eq(heard.packets, 1);
}
END_TEST

START_TEST(a_second_loss_asks_for_a_second_reset)
{
	start_serial();
	for (unsigned i = 1; i <= 3; i++) {
		ck_assert_int_eq(feed("\x77", 1), 0);
		ck_assert_uint_eq(heard.resyncs, i);
		send_reset();
		ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
		ck_assert_uint_eq(heard.packets, i);
	}
}
END_TEST

START_TEST(random_octets_in_random_pieces_do_no_harm)
{
	uint64_t state = 3;
	uint8_t piece[256];

	for (int i = 0; i < 20000; i++) {
		size_t len = suite_random(&state) % sizeof(piece);

		for (size_t k = 0; k < len; k++)
			piece[k] = (uint8_t)(suite_random(&state) % 8);
		if (i % 1000 == 0)
			start_serial();
		if (i % 10 == 0)
			send_reset();
		ck_assert_int_eq(feed(piece, len), 0);
	}
	ck_assert_uint_gt(heard.resyncs, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		packets_survive_every_split,
		many_packets_come_out_of_one_read,
		the_longest_packets_fit_behind_each_other,
		every_type_that_no_controller_sends_ends_a_stream,
		a_type_octet_within_a_packet_means_nothing,
		every_unknown_type_on_a_serial_line_asks_for_a_reset_once,
		until_reset_is_sent_even_its_answer_is_thrown_away,
		after_reset_only_its_exact_answer_brings_the_framing_back,
		the_answer_is_found_octet_by_octet_and_with_packets_behind_it,
		packets_before_the_loss_are_delivered_and_the_rest_is_not,
		a_reset_in_slices_is_a_reset,
		a_second_loss_asks_for_a_second_reset,
		random_octets_in_random_pieces_do_no_harm,
	};

	return suite_run("hci_os/h4", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
