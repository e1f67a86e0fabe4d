/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/msg.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * Events that are too short, or longer than they are: every one that we know,
 * in an engine that it would change, at every length; and those that we don't.
 */

#define EVENT_BYTES 257

/* An engine that is about to be told much. */
static void busy(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	rig_connect(1, 1);
	rig_send(rig.links[0].link, 7, 3000);
	rig_take_acl();
	rig_want(4);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	hci_inquire();
	rt_hci_set_class(rig.hci, 1);
	rig_expect_command(0x0c24);
}

/* The same, as far as it goes while a device is asked for its name. */
static void asking(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	rig_connect(1, 1);
	hci_ask_name();
}

struct whole {
	void (*scene)(void);
	uint8_t code;
	uint8_t least; /* octets that are enough */
	uint8_t bytes; /* with zeros behind what is in `hex`; 0: no more */
	const char *hex;
};

#define ADDR "010100000000" /* of the link that is open */

static const struct whole events[] = {
	{ busy, 0x01, 1, 0, "00" },
	{ busy, 0x02, 15, 0, "01 090100000000 01 0000 0c025a 0000" },
	{ busy, 0x03, 11, 0, "00 0400 040100000000 01 00" },
	{ busy, 0x04, 10, 0, "090100000000 0c025a 01" },
	{ busy, 0x05, 4, 0, "00 0100 13" },
	{ busy, 0x06, 3, 0, "00 0100" },
	{ asking, 0x07, 7, 255, "00 090100000000 6e616d65" },
	{ busy, 0x08, 4, 0, "00 0100 01" },
	{ busy, 0x0b, 11, 0, "00 0100 ffffffffffffffff" },
	{ busy, 0x0e, 3, 0, "01 240c 00" },
	{ busy, 0x0f, 4, 0, "0c 01 240c" },
	{ busy, 0x10, 1, 0, "42" },
	{ busy, 0x12, 8, 0, "00 " ADDR " 01" },
	{ busy, 0x13, 5, 0, "01 0100 0100" },
	{ busy, 0x14, 6, 0, "00 0100 02 2003" },
	{ busy, 0x16, 6, 0, ADDR },
	{ busy, 0x17, 6, 0, ADDR },
	{ busy, 0x18, 23, 0, ADDR " 000102030405060708090a0b0c0d0e0f 04" },
	{ busy, 0x1a, 1, 0, "01" },
	{ busy, 0x22, 15, 0, "01 090100000000 01 00 0c025a 0000 c4" },
	{ busy, 0x23, 13, 0, "00 0100 01 02 ffffffffffffffff" },
	{ busy, 0x2f, 15, 255,
	  "01 090100000000 01 00 0c025a 0000 c4 05096e616d65" },
	{ busy, 0x30, 3, 0, "00 0100" },
	{ busy, 0x31, 6, 0, ADDR },
	{ busy, 0x32, 9, 0, ADDR " 03 00 05" },
	{ busy, 0x33, 10, 0, ADDR " 40e20100" },
	{ busy, 0x34, 6, 0, ADDR },
	{ busy, 0x35, 6, 0, ADDR },
	{ busy, 0x36, 7, 0, "00 " ADDR },
	{ busy, 0x3b, 10, 0, ADDR " 40e20100" },
	{ busy, 0x3c, 7, 0, ADDR " 00" },
	{ busy, 0x59, 5, 0, "00 0100 01 10" },
};

/* Of Command Complete this is enough to be one; its status is missing then. */
#define COMMAND_COMPLETE 0x0e

static size_t write_event(const struct whole *row, uint8_t event[EVENT_BYTES])
{
	size_t len = 2;

	memset(event, 0, EVENT_BYTES);
	for (const char *hex = row->hex; *hex; hex += 2) {
		char octet[3] = { hex[0], hex[1], '\0' };

		if (*hex == ' ')
			hex++;
		memcpy(octet, hex, 2);
		event[len++] = (uint8_t)strtoul(octet, NULL, 16);
	}
	len = RT_MAX(len, row->bytes ? 2U + row->bytes : 0);
	event[0] = row->code;
	event[1] = (uint8_t)(len - 2);
	return len;
}

/* Nothing but the count of malformed events may differ. */
static void expect_same(const struct hci_print *before, uint32_t malformed,
			const struct whole *row, size_t len)
{
	struct hci_print after;

	hci_print_take(&after);
	if (!hci_print_equal(before, &after) ||
	    rig_stats()->events_malformed != malformed)
		ck_abort_msg("event 0x%02x cut to %zu octets was taken",
			     row->code, len);
}

/* HCI-03: with a length that is right, and with one that promises more. */
START_TEST(an_event_that_is_cut_anywhere_changes_nothing)
{
	uint8_t event[EVENT_BYTES];
	struct hci_print before;
	uint32_t malformed;
	size_t len;

	for (size_t i = 0; i < RT_ARRAY_SIZE(events); i++) {
		const struct whole *row = &events[i];

		row->scene();
		hci_print_take(&before);
		malformed = rig_stats()->events_malformed;
		len = write_event(row, event);
		for (size_t cut = 0; cut < len; cut++) {
			event[1] = (uint8_t)(len - 2);
			rig_inject_bytes(RT_PACKET_EVENT, event, cut);
			expect_same(&before, ++malformed, row, cut);
			if (cut >= 2U + row->least || cut < 2)
				continue;
			event[1] = (uint8_t)(cut - 2);
			rig_inject_bytes(RT_PACKET_EVENT, event, cut);
			expect_same(&before, ++malformed, row, cut);
		}
		event[1] = (uint8_t)(len - 2);
		rig.fake.log_level = RT_LOG_DEBUG;
		rig_inject_bytes(RT_PACKET_EVENT, event, len);
		ck_assert_uint_eq(rig_stats()->events_malformed, malformed);
		if (rig.fake.log_level != RT_LOG_ERROR) {
			struct hci_print after;

			/* The whole one does something. */
			hci_print_take(&after);
			ck_assert_msg(!hci_print_equal(&before, &after),
				      "event 0x%02x did nothing", row->code);
		}
	}
}
END_TEST

/* HCI-03: octets that are too many do nothing. */
START_TEST(what_is_behind_an_event_is_not_looked_at)
{
	uint8_t event[EVENT_BYTES];
	struct hci_print first;
	struct hci_print print;

	for (size_t i = 0; i < RT_ARRAY_SIZE(events); i++) {
		const struct whole *row = &events[i];
		size_t len = write_event(row, event);

		for (size_t more = len; more <= EVENT_BYTES; more++) {
			row->scene();
			memset(event + len, 0xa5, EVENT_BYTES - len);
			event[1] = (uint8_t)(more - 2);
			rig_inject_bytes(RT_PACKET_EVENT, event, more);
			hci_print_take(&print);
			if (more == len)
				first = print;
			if (rig_stats()->events_malformed != 0 ||
			    !hci_print_equal(&first, &print))
				ck_abort_msg("event 0x%02x with %zu octets",
					     row->code, more);
		}
	}
}
END_TEST

static bool is_known(unsigned int code)
{
	return rt_codec_find(&rt_hci_evt_table, (uint16_t)code) != NULL;
}

/* HCI-03: all other codes, at all lengths; right and wrong ones. */
START_TEST(events_that_nobody_knows_are_counted)
{
	uint8_t event[EVENT_BYTES];
	struct hci_print before;
	struct hci_print after;
	uint32_t known = 0;

	memset(event, 0x01, sizeof(event));
	for (unsigned int code = 0; code < 256; code++) {
		known += is_known(code);
		if (is_known(code))
			continue;
		busy();
		hci_print_take(&before);
		event[0] = (uint8_t)code;
		for (unsigned int len = 0; len < 256; len++) {
			event[1] = (uint8_t)len;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
			event[1]++;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
		}
		ck_assert_uint_eq(rig_stats()->events_malformed, 256);
		hci_print_take(&after);
		ck_assert_uint_eq(after.stats.events_unexpected -
					  before.stats.events_unexpected,
				  256);
		after.stats.events_unexpected = before.stats.events_unexpected;
		ck_assert(hci_print_equal(&before, &after));
	}
	ck_assert_uint_eq(known, RT_ARRAY_SIZE(events));
	ck_assert_uint_eq(known, rt_hci_evt_table.count);
}
END_TEST

/* HCI-03: after all of them at once the engine is as good as new. */
START_TEST(an_engine_that_was_told_every_event_still_works)
{
	uint8_t event[EVENT_BYTES];
	size_t len;

	busy();
	for (size_t i = 0; i < RT_ARRAY_SIZE(events); i++) {
		len = write_event(&events[i], event);
		for (size_t cut = 0; cut <= len; cut++) {
			event[1] = (uint8_t)(cut - 2);
			rig_inject_bytes(RT_PACKET_EVENT, event, cut);
		}
		rig_reap();
		if (!rt_hci_is_up(rig.hci))
			rig_answer_all();
	}
	rig_inject("04 10 01 00");
	hci_recover();
	hci_expect_works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-03", "A", an_event_that_is_cut_anywhere_changes_nothing),
	TAGGED("HCI-03", "A", what_is_behind_an_event_is_not_looked_at),
	TAGGED("HCI-03", "A", events_that_nobody_knows_are_counted),
	TAGGED("HCI-03", "A", an_engine_that_was_told_every_event_still_works),
};

const struct tagged_table hci_events_table = HCI_RIG_TABLE(rows);
