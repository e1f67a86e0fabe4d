/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/engine.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * Lengths and counts within events that promise more than there is, and
 * elements that never get on; events of Low Energy, which are none of ours.
 */

#define LE_META 0x3e
#define LE_META_BIT 61 /* in the event mask (7.3.1) */
#define EVENT_BYTES 257
#define EIR_AT 17 /* in an extended inquiry result with its header */
#define EIR_BYTES 240

static uint8_t event[EVENT_BYTES];

static void inject(size_t bytes)
{
	event[1] = (uint8_t)(bytes - 2);
	rig_inject_bytes(RT_PACKET_EVENT, event, bytes);
}

static void busy(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	rig_connect(1, 1);
	rig_send(rig.links[0].link, 7, 3000);
	rig_take_acl();
	hci_inquire();
	memset(event, 0, sizeof(event));
}

static uint8_t mask[8];

static void on_tap(void *ctx, uint64_t now_us, bool from_controller,
		   const struct rt_packet *packet)
{
	const uint8_t *octets = packet->slice[0].ptr;

	(void)ctx;
	(void)now_us;
	if (!from_controller && packet->slice[0].len == 11 &&
	    octets[0] == 0x01 && octets[1] == 0x0c)
		memcpy(mask, octets + 3, sizeof(mask));
}

/* HCI-02, HCI-18: we don't ask for them, so that no controller sends them. */
START_TEST(events_of_low_energy_are_masked)
{
	memset(mask, 0xff, sizeof(mask));
	rig.env->hooks.tap = on_tap;
	rig_bring_up();
	ck_assert_uint_eq(mask[LE_META_BIT / 8] >> LE_META_BIT % 8 & 1, 0);
	/* Inquiry Complete is wanted: it is the mask that we have seen. */
	ck_assert_uint_eq(mask[0] & 1, 1);
}
END_TEST

/* Where the events of Low Energy have their counts and lengths. */
#define LE_COUNT 3
#define LE_DATA_LENGTH 27 /* of an extended advertising report */

/* HCI-02: one that comes all the same; 24 octets, and so many of data. */
START_TEST(an_advertising_report_of_any_length_is_forgotten)
{
	static const uint8_t lengths[] = {
		0, 1, 30, 31, 32, 228, 229, 230, 254, 255,
	};
	static const size_t totals[] = { 3, 4, 28, 58, 59, 60, 256, 257 };
	struct hci_print before;
	struct hci_print after;
	uint32_t count = 0;

	busy();
	event[0] = LE_META;
	hci_print_take(&before);
	for (unsigned int code = 0; code < 256; code++) {
		event[2] = (uint8_t)code;
		for (size_t i = 0; i < 10 * RT_ARRAY_SIZE(totals); i++) {
			event[LE_COUNT] = lengths[i / 8];
			event[LE_DATA_LENGTH] = lengths[9 - i / 8];
			inject(totals[i % 8]);
			event[LE_COUNT] = 1;
			event[LE_DATA_LENGTH] = lengths[i / 8];
			inject(totals[i % 8]);
			count += 2;
		}
	}
	hci_print_take(&after);
	ck_assert_uint_eq(after.stats.events_unexpected -
				  before.stats.events_unexpected,
			  count);
	after.stats.events_unexpected = before.stats.events_unexpected;
	ck_assert(hci_print_equal(&before, &after));
	ck_assert_uint_eq(rig_stats()->events_malformed, 0);
	rig_take_acl();
	rig_take_acl();
	rig_completed(1, 3);
	hci_expect_works();
}
END_TEST

/* HCI-18: groups of streams of any number, with nothing or all behind it. */
START_TEST(elements_of_low_energy_are_not_even_counted)
{
	struct hci_print before;
	struct hci_print after;

	busy();
	event[0] = LE_META;
	hci_print_take(&before);
	for (unsigned int code = 0; code < 256; code++) {
		event[2] = (uint8_t)code;
		for (unsigned int number = 0; number < 256; number++) {
			memset(event + 3, (int)number, EVENT_BYTES - 3);
			inject(RT_MIN(3 + number, EVENT_BYTES));
			inject(EVENT_BYTES);
		}
	}
	hci_print_take(&after);
	ck_assert_uint_eq(after.stats.events_unexpected -
				  before.stats.events_unexpected,
			  2 * 256 * 256);
	after.stats.events_unexpected = before.stats.events_unexpected;
	ck_assert(hci_print_equal(&before, &after));
	rig_take_acl();
	rig_take_acl();
	rig_completed(1, 3);
	hci_expect_works();
}
END_TEST

/* The events that are lists, and the octets of an element. */
static const struct list {
	uint8_t code;
	uint8_t bytes;
} lists[] = { { 0x02, 14 }, { 0x22, 14 } };

/* A list of `count` devices that nobody has heard of. */
static void write_list(const struct list *list, unsigned int count,
		       uint32_t *number)
{
	memset(event, 0, sizeof(event));
	event[0] = list->code;
	event[2] = (uint8_t)count;
	for (size_t at = 3; at + list->bytes <= EVENT_BYTES;
	     at += list->bytes) {
		event[at] = (uint8_t)++ * number;
		event[at + 1] = (uint8_t)(*number >> 8);
		event[at + 2] = (uint8_t)(*number >> 16);
		event[at + 5] = 1;
	}
}

/* With an RSSI the elements are 15 octets, where that fits exactly. */
static bool is_ambiguous(const struct list *list, unsigned int count,
			 unsigned int len)
{
	return list->code == 0x22 && count > 0 && len == 1 + count * 15;
}

static void try_list(const struct list *list, unsigned int count,
		     unsigned int len)
{
	static uint32_t number;
	const uint32_t malformed = rig_stats()->events_malformed;
	const unsigned int told = hci_told;
	const bool fits = 1 + count * list->bytes <= len;
	bool good;

	write_list(list, count, &number);
	inject(2 + len);
	good = rig_stats()->events_malformed == malformed + !fits &&
	       hci_told <= told + count &&
	       rig.hci->inquiry.found_count <= rig.env->limits.inquiry_results;
	if (fits && !is_ambiguous(list, count, len))
		good = good && hci_told == told + count;
	if (!good)
		ck_abort_msg("%u devices in %u octets", count, len);
}

/* HCI-18: every count with every length. */
START_TEST(a_list_is_as_long_as_its_event)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(lists); i++) {
		busy();
		for (unsigned int count = 0; count < 256; count++) {
			for (unsigned int len = 1; len < 256; len++)
				try_list(&lists[i], count, len);
		}
		ck_assert_uint_gt(hci_told, 1000);
		rig_take_acl();
		rig_take_acl();
		rig_completed(1, 3);
		hci_expect_works();
	}
}
END_TEST

/* An extended inquiry result whose EIR is that behind EIR_AT. */
static void begin_result(void)
{
	static unsigned int class_of_device;

	memset(event, 0, sizeof(event));
	event[0] = 0x2f;
	event[2] = 1;
	event[3] = 9;
	event[4] = 1;
	/* Another class each time: what is no news is not told. */
	class_of_device++;
	event[11] = (uint8_t)class_of_device;
	event[12] = (uint8_t)(class_of_device >> 8);
}

/* A structure of the EIR that ends just before `at`. */
static void fill_up_to(size_t at)
{
	if (at == 0)
		return;
	event[EIR_AT] = (uint8_t)(at - 1);
	if (at > 1)
		event[EIR_AT + 1] = 0xff;
}

/* HCI-02: a structure at every place, with every kind of length. */
static void try_structure(size_t at, uint8_t type, size_t length)
{
	const size_t left = EIR_BYTES - at - 1;
	const bool is_name = type == 0x08 || type == 0x09;
	const bool named = is_name && length >= 1 && length <= left;

	begin_result();
	memset(event + EIR_AT, 'n', EIR_BYTES);
	fill_up_to(at);
	event[EIR_AT + at] = (uint8_t)length;
	if (at + 1 < EIR_BYTES)
		event[EIR_AT + at + 1] = type;
	if (at + 1 + length < EIR_BYTES)
		event[EIR_AT + at + 1 + length] = 0;
	memset(&hci_device, 0, sizeof(hci_device));
	inject(EVENT_BYTES);
	/* At 1 the filler is empty, and the end of it all. */
	if (hci_device.has_name && (!named || at == 1))
		ck_abort_msg("a name at %zu of %zu octets", at, length);
	if (named && at != 1 && length > 1 &&
	    strlen(hci_device.name) != length - 1)
		ck_abort_msg("no name at %zu of %zu octets", at, length);
	if (hci_uuids > 0 && (length > left || is_name))
		ck_abort_msg("UUIDs at %zu of %zu octets", at, length);
}

START_TEST(a_structure_of_an_eir_is_no_longer_than_the_eir)
{
	static const uint8_t types[] = { 0x00, 0x02, 0x03, 0x04, 0x05,
					 0x06, 0x07, 0x08, 0x09, 0xff };

	busy();
	for (size_t at = 0; at < EIR_BYTES; at++) {
		const size_t left = EIR_BYTES - at - 1;
		const size_t lengths[] = {
			0, 1, 2, 17, left, left + 1, left + 2, EVENT_BYTES - 2
		};

		for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
			for (size_t k = 0; k < RT_ARRAY_SIZE(lengths); k++)
				try_structure(at, types[i], lengths[k] & 0xff);
			if (left > 0)
				try_structure(at, types[i], left - 1);
		}
	}
	/* And of an EIR that is cut: what there is of it counts. */
	begin_result();
	event[EIR_AT] = 5;
	event[EIR_AT + 1] = 0x09;
	memcpy(event + EIR_AT + 2, "name", 4);
	for (size_t bytes = EIR_AT; bytes < EIR_AT + 8; bytes++) {
		memset(&hci_device, 0, sizeof(hci_device));
		inject(bytes);
		ck_assert_int_eq(hci_device.has_name, bytes == EIR_AT + 6);
	}
	ck_assert_uint_eq(rig_stats()->events_malformed, 0);
	rig_take_acl();
	rig_take_acl();
	rig_completed(1, 3);
	hci_expect_works();
}
END_TEST

/* HCI-18: structures and lists of nothing, as many as there is room for. */
START_TEST(structures_of_nothing_come_to_an_end)
{
	busy();
	for (unsigned int length = 0; length < 3; length++) {
		for (unsigned int type = 0; type < 256; type++) {
			begin_result();
			for (size_t at = 0; at < EIR_BYTES; at++)
				event[EIR_AT + at] = at % (length + 1) == 0
							     ? (uint8_t)length
							     : (uint8_t)type;
			hci_uuids = 77;
			inject(EVENT_BYTES);
			ck_assert_uint_eq(hci_uuids, 0);
			if (length < 2)
				ck_assert_str_eq(hci_device.name, "");
		}
	}
	ck_assert_uint_eq(hci_told, 3 * 256);
	rig_take_acl();
	rig_take_acl();
	rig_completed(1, 3);
	hci_expect_works();
}
END_TEST

/* HCI-02: a name need not end. */
START_TEST(a_name_ends_with_its_event)
{
	rig_bring_up();
	for (size_t bytes = 0; bytes <= 248; bytes++) {
		const unsigned int told = hci_told;

		hci_ask_name();
		memset(event, 'x', sizeof(event));
		memcpy(event, "\x07\x00\x00\x09\x01\x00\x00\x00\x00", 9);
		hci_name_bytes = 999;
		inject(9 + bytes);
		ck_assert_uint_eq(hci_told, told + 1);
		ck_assert_uint_eq(hci_name_bytes, bytes);
	}
	hci_expect_works();
}
END_TEST

/*
 * HCI-02: every event with a length of none, of one, of one less than all, of
 * all; its octets zeros, ones, and what it says itself.
 */
START_TEST(every_event_at_the_ends_of_its_length_is_survived)
{
	static const uint8_t fills[] = { 0x00, 0x01, 0x7f, 0xff };
	static const size_t lengths[] = { 0, 1, 253, 254, 255 };
	const size_t cases = RT_ARRAY_SIZE(fills) * RT_ARRAY_SIZE(lengths);

	for (unsigned int code = 0; code < 256; code++) {
		busy();
		for (size_t i = 0; i < cases * RT_ARRAY_SIZE(lengths); i++) {
			const size_t said = lengths[i % 5];
			const size_t sent = lengths[i / 5 % 5];

			memset(event + 2, fills[i / 25], EVENT_BYTES - 2);
			event[0] = (uint8_t)code;
			event[1] = (uint8_t)said;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + sent);
		}
		/* Of 25 cases for each fill, 5 say the truth. */
		ck_assert_uint_ge(rig_stats()->events_malformed, 80);
		rig_inject("04 10 01 00");
		hci_recover();
		hci_expect_works();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-02", "A", events_of_low_energy_are_masked),
	TAGGED("HCI-02", "A", an_advertising_report_of_any_length_is_forgotten),
	TAGGED("HCI-02", "A", a_structure_of_an_eir_is_no_longer_than_the_eir),
	TAGGED("HCI-02", "A", a_name_ends_with_its_event),
	TAGGED("HCI-02", "A",
	       every_event_at_the_ends_of_its_length_is_survived),
	TAGGED("HCI-18", "A", events_of_low_energy_are_masked),
	TAGGED("HCI-18", "A", elements_of_low_energy_are_not_even_counted),
	TAGGED("HCI-02", "A", a_list_is_as_long_as_its_event),
	TAGGED("HCI-18", "A", a_list_is_as_long_as_its_event),
	TAGGED("HCI-18", "A", structures_of_nothing_come_to_an_end),
};

const struct tagged_table hci_lengths_table = HCI_RIG_TABLE(rows);
