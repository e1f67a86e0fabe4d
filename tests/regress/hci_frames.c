/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hci/os/h4.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"
#include "tests/support/hex.h"

/*
 * Octets of a serial line or a stream that are no packets: the framer of
 * hci/os in front of an engine.
 */

#define FLOOD 1700    /* octets that follow the one that is wrong */
#define FLOODS_MAX 41 /* until the longest packet has ended in them */

static const uint8_t answer[] = { 0x04, 0x0e, 0x04, 0x01, 0x03, 0x0c, 0x00 };

static struct rt_h4 *h4;
static unsigned int packets;
static unsigned int losses;

static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	(void)user;
	packets++;
	rt_hci_rx(rig.hci, type, packet);
}

static void on_resync(void *user)
{
	(void)user;
	losses++;
	rt_hci_resync(rig.hci);
}

static const struct rt_transport_sink sink = {
	.packet = on_packet,
	.resync = on_resync,
};

static void setup(void)
{
	rig_setup();
	h4 = calloc(1, sizeof(*h4));
	ck_assert_ptr_nonnull(h4);
}

static void teardown(void)
{
	free(h4);
	rig_teardown();
}

/* What is read stands in the framer's own memory, and nowhere else. */
static int feed(const void *octets, size_t len)
{
	size_t room;
	uint8_t *buf = rt_h4_room(h4, &room);

	ck_assert_uint_ge(room, RT_H4_PACKET_BYTES);
	ck_assert_uint_ge(room, len);
	memcpy(buf, octets, len);
	return rt_h4_fed(h4, len, &sink);
}

/* An engine that is up, with a link, behind a framer. */
static void begin(bool serial)
{
	hci_fresh(NULL);
	rig_bring_up();
	rig_connect(1, 1);
	rt_h4_init(h4, serial);
	packets = 0;
	losses = 0;
}

/* Where in its work the framer is when the octet comes: what came before. */
static const char *const places[] = {
	"",
	"04 ff 00",
	"02 01 20 00 00",
	"04",
	"04 ff",
	"04 ff 01",
	"04 ff 03 01",
	"02",
	"02 01",
	"02 01 20",
	"02 01 20 05",
	"02 01 20 05 00",
	"02 01 20 05 00 01 00 40",
	"03",
	"03 01 00",
	"03 01 00 02 07",
	"05",
	"05 01 00 ff",
	"05 01 00 02 00 07",
};

static bool is_type(unsigned int octet)
{
	return octet >= 2 && octet <= 5;
}

/* A Hardware Error event of so many octets. */
static bool is_error(const char *place, unsigned int octet)
{
	return strcmp(place, "04") == 0 && octet == 0x10;
}

static void flood_with(unsigned int octet, uint8_t flood[FLOOD])
{
	memset(flood, (int)octet, FLOOD);
}

static void send_reset(void)
{
	const struct rt_packet reset = {
		.type = RT_PACKET_COMMAND,
		.count = 1,
		.len = 3,
		.slice = { rt_bytes("\x03\x0c\x00", 3) },
	};

	hci_forget_links();
	rig_expect("01 030c 00");
	rig_expect_none();
	rt_h4_sent(h4, &reset);
}

/*
 * The line is lost: links are closed, and Reset, once answered, heals all. In
 * one case the octets before the loss are a Hardware Error event.
 */
static void expect_healed(int err)
{
	const unsigned int before = packets;

	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 0);
	ck_assert_int_eq(rig.why.err, err);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	send_reset();
	ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
	ck_assert_uint_eq(packets, before + 1);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	hci_expect_works();
}

/* Feeds `octet` until there is a loss, or the longest packet has ended. */
static int flood_until_lost(unsigned int octet)
{
	uint8_t flood[FLOOD];
	int err = 0;

	flood_with(octet, flood);
	for (int i = 0; i < FLOODS_MAX && losses == 0 && err == 0; i++)
		err = feed(flood, FLOOD);
	return err;
}

/* HCI-01: on a serial line; every octet, wherever the framer is. */
START_TEST(no_octet_is_appended_to_what_is_no_packet)
{
	uint8_t before[16];
	uint8_t flood[FLOOD];
	unsigned int delivered;
	bool error;

	for (size_t i = 0; i < RT_ARRAY_SIZE(places); i++) {
		for (unsigned int octet = 0; octet < 256; octet++) {
			begin(true);
			ck_assert_int_eq(feed(before,
					      hex_read(places[i], before,
						       sizeof(before))),
					 0);
			ck_assert_int_eq(flood_until_lost(octet), 0);
			ck_assert_uint_eq(losses, !is_type(octet));
			if (is_type(octet)) {
				/* They are packets, of sorts. */
				ck_assert_uint_gt(packets, 10);
				ck_assert_uint_lt(h4->len, RT_H4_PACKET_BYTES);
				continue;
			}
			delivered = packets;
			ck_assert_uint_le(delivered, 2);
			flood_with(octet, flood);
			ck_assert_int_eq(feed(flood, FLOOD), 0);
			ck_assert_uint_eq(h4->len, 0);
			ck_assert_uint_eq(packets, delivered);
			ck_assert_uint_eq(losses, 1);
			error = is_error(places[i], octet);
			expect_healed(error ? -EIO : -EILSEQ);
		}
	}
}
END_TEST

/* HCI-01: on a stream that can't lose octets this is the end. */
START_TEST(a_stream_ends_with_the_first_octet_that_is_no_type)
{
	uint8_t before[16];

	for (size_t i = 0; i < RT_ARRAY_SIZE(places); i++) {
		for (unsigned int octet = 0; octet < 256; octet++) {
			int err;

			begin(false);
			ck_assert_int_eq(feed(before,
					      hex_read(places[i], before,
						       sizeof(before))),
					 0);
			err = flood_until_lost(octet);
			ck_assert_uint_eq(losses, 0);
			ck_assert_int_eq(err, is_type(octet) ? 0 : -EILSEQ);
			if (err == 0)
				continue;
			ck_assert_uint_le(packets, 2);
			rt_hci_lost(rig.hci, err);
			ck_assert_uint_eq(rig.links[0].downs, 1);
			ck_assert_int_eq(rig.links[0].why.err,
					 is_error(places[i], octet) ? -EIO
								    : -EILSEQ);
			ck_assert_uint_eq(rig.finals, 1);
			rig_expect_none();
			hci_forget_links();
			rig_bring_up();
			hci_expect_works();
		}
	}
}
END_TEST

/*
 * HCI-01: every octet while a Reset is awaited, at each place of its answer:
 * nothing but the whole answer ends the wait.
 */
START_TEST(no_octet_but_the_answer_to_reset_brings_the_framing_back)
{
	uint8_t flood[FLOOD];

	for (size_t at = 0; at < sizeof(answer); at++) {
		for (unsigned int octet = 0; octet < 256; octet++) {
			if (octet == answer[at] || at == 3)
				continue;
			begin(true);
			ck_assert_int_eq(feed("\x01", 1), 0);
			ck_assert_uint_eq(losses, 1);
			/* Not even the answer, before it is asked for. */
			ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
			send_reset();
			flood_with(octet, flood);
			ck_assert_int_eq(feed(answer, at), 0);
			ck_assert_int_eq(feed(flood, FLOOD), 0);
			ck_assert_int_eq(feed(answer + at + 1,
					      sizeof(answer) - at - 1),
					 0);
			ck_assert_uint_eq(packets, 0);
			ck_assert_uint_lt(h4->len, sizeof(answer));
			ck_assert_int_eq(feed(answer, sizeof(answer)), 0);
			ck_assert_uint_eq(packets, 1);
			ck_assert_uint_eq(losses, 1);
			rig_answer_all();
			ck_assert_uint_eq(rig.ups, 2);
			hci_expect_works();
		}
	}
}
END_TEST

/* Data of a link, and what says that there is one. */
static const uint8_t early[] = {
	0x02, 0x2a, 0x20, 0x07, 0x00, 0x03, 0x00, 0x40, 0x00,
	'a',  'b',  'c',  0x04, 0x03, 0x0b, 0x00, 0x2a, 0x00,
	0x09, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
};

/* HCI-14: in one read, and cut anywhere. */
START_TEST(data_that_overtake_their_link_arrive_however_they_are_read)
{
	for (size_t at = 0; at <= sizeof(early); at++) {
		begin(at % 2);
		rig_want(9);
		rig_expect_command(0x0405);
		rig_status(0x0405, 0);
		ck_assert_int_eq(feed(early, at), 0);
		ck_assert_uint_eq(rig.rx_count, at == sizeof(early));
		ck_assert_int_eq(feed(early + at, sizeof(early) - at), 0);
		ck_assert_uint_eq(packets, 2);
		ck_assert_uint_eq(rig.links[1].ups, 1);
		ck_assert_uint_eq(rig.rx_count, 1);
		ck_assert_uint_eq(rig.rx_len[0], 7);
		ck_assert_mem_eq(rig.rx[0] + 4, "abc", 3);
		hci_expect_works();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-01", "A", no_octet_is_appended_to_what_is_no_packet),
	TAGGED("HCI-01", "A",
	       a_stream_ends_with_the_first_octet_that_is_no_type),
	TAGGED("HCI-01", "A",
	       no_octet_but_the_answer_to_reset_brings_the_framing_back),
	TAGGED("HCI-14", "A",
	       data_that_overtake_their_link_arrive_however_they_are_read),
};

const struct tagged_table hci_frames_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = setup,
	.teardown = teardown,
};
