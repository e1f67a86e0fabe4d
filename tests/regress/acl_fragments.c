/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/tagged.h"
#include "tests/unit/hci/rig.h"

/* ACL-01 to ACL-03: fragments of a PDU that do not add up. */

#define FIRST 0x2000
#define CONTINUING 0x1000
#define HEADER 4

static uint8_t pdu[RIG_RX_BYTES];
static size_t expected;

static void setup(void)
{
	rig_setup();
	rig_bring_up();
	rig_connect(1, 1);
	rig.limit = 0xffff;
	expected = 0;
}

/* A PDU that announces `len` octets. */
static void announce(size_t len)
{
	for (size_t i = 0; i < sizeof(pdu); i++)
		pdu[i] = (uint8_t)(i * 13 + i / 256);
	pdu[0] = (uint8_t)len;
	pdu[1] = (uint8_t)(len >> 8);
	pdu[2] = 0x40;
	pdu[3] = 0x00;
}

static void fragment(uint16_t flags, size_t from, size_t len)
{
	static uint8_t packet[RIG_RX_BYTES];

	packet[0] = 1;
	packet[1] = (uint8_t)(flags >> 8);
	packet[2] = (uint8_t)len;
	packet[3] = (uint8_t)(len >> 8);
	memcpy(packet + 4, pdu + from, len);
	rig_inject_bytes(RT_PACKET_ACL, packet, 4 + len);
}

/* All of `total` octets, `first` and then `piece` at a time. */
static void fragments(size_t total, size_t first, size_t piece)
{
	size_t at = RT_MIN(first, total);

	fragment(FIRST, 0, at);
	while (at < total) {
		fragment(CONTINUING, at, RT_MIN(piece, total - at));
		at += piece;
	}
}

static void arrived(size_t len)
{
	expected++;
	ck_assert_uint_eq(rig.rx_count, expected);
	ck_assert_uint_eq(rig.rx_len[(expected - 1) % RIG_RX_MAX],
			  HEADER + len);
	ck_assert(memcmp(rig.rx[(expected - 1) % RIG_RX_MAX], pdu,
			 HEADER + len) == 0);
}

static void recovers(void)
{
	announce(9);
	fragments(HEADER + 9, 6, 3);
	arrived(9);
}

START_TEST(fragments_of_a_sum_that_was_not_announced_are_dropped)
{
	static const size_t lens[] = { 0, 1, 2, 7, 40, 672, 1021 };
	size_t len;

	for (size_t i = 0; i < RT_ARRAY_SIZE(lens); i++) {
		len = lens[i];
		for (size_t first = 0; first <= 6; first++) {
			announce(len);
			if (first <= HEADER + len) {
				fragments(HEADER + len, first, 500);
				arrived(len);
			}
			/* One less: it never is whole. */
			fragments(HEADER + len - 1, first, 500);
			ck_assert_uint_eq(rig.rx_count, expected);
			recovers();
			announce(len);
			fragments(HEADER + len + 1,
				  first < HEADER + len ? first : 0,
				  HEADER + len + 1);
			ck_assert_uint_eq(rig.rx_count, expected);
			recovers();
		}
	}
}
END_TEST

START_TEST(fragments_of_more_than_any_pdu_are_dropped)
{
	announce(1000);
	fragment(FIRST, 0, 3);
	for (size_t sum = 3; sum < 70000; sum += 997)
		fragment(CONTINUING, 3, 997);
	ck_assert_uint_eq(rig.rx_count, 0);
	recovers();
}
END_TEST

START_TEST(a_length_next_to_the_largest_does_not_wrap)
{
	static const size_t pieces[] = { 1,   2,   3,	 4,    5,    27,
					 339, 672, 1021, 4096, 65535 };

	for (size_t len = 0xfffc; len <= 0xffff; len++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(pieces); i++) {
			announce(len);
			fragments(HEADER + len, pieces[i],
				  RT_MAX(pieces[i], (size_t)339));
			arrived(len);
			fragments(20, pieces[i], pieces[i]);
			recovers();
		}
	}
	ck_assert_uint_eq(rig_stats()->acl_malformed, 0);
}
END_TEST

START_TEST(a_start_ends_what_was_pending)
{
	for (size_t pending = 0; pending < HEADER + 20; pending++) {
		announce(20);
		fragment(FIRST, 0, pending);
		fragment(FIRST, 0, pending);
		ck_assert_uint_eq(rig.rx_count, expected);
		recovers();
	}
}
END_TEST

START_TEST(a_continuation_of_nothing_is_dropped)
{
	announce(20);
	for (size_t len = 0; len < 30; len++)
		fragment(CONTINUING, 0, len);
	ck_assert_uint_eq(rig.rx_count, 0);
	recovers();
	fragment(CONTINUING, 0, 5);
	ck_assert_uint_eq(rig.rx_count, expected);
}
END_TEST

START_TEST(a_handle_used_again_begins_anew)
{
	for (size_t pending = 0; pending < HEADER + 20; pending++) {
		announce(20);
		fragment(FIRST, 0, pending);
		rig_disconnection_complete(1, 0x13);
		rig_reap();
		rig_connect(1, 1);
		announce(20);
		fragment(CONTINUING, pending, HEADER + 20 - pending);
		ck_assert_uint_eq(rig.rx_count, expected);
		recovers();
		if (pending % 12 == 11) {
			rig_teardown();
			setup();
		}
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("ACL-01", "A",
	       fragments_of_a_sum_that_was_not_announced_are_dropped),
	TAGGED("ACL-01", "A", fragments_of_more_than_any_pdu_are_dropped),
	TAGGED("ACL-02", "A", a_length_next_to_the_largest_does_not_wrap),
	TAGGED("ACL-03", "A", a_start_ends_what_was_pending),
	TAGGED("ACL-03", "A", a_continuation_of_nothing_is_dropped),
	TAGGED("ACL-03", "A", a_handle_used_again_begins_anew),
};

int main(int argc, char **argv)
{
	static const struct tagged_table table = { rows, RT_ARRAY_SIZE(rows),
						   setup, rig_teardown };
	static const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, 1);
}
