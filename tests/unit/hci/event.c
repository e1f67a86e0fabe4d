/* SPDX-License-Identifier: MIT */
#include "hci/event.h"

#include <string.h>

#include "hci/engine.h"
#include "tests/unit/hci/rig.h"

static void on_result(void *user, const struct rt_gap_device *device)
{
	(void)user;
	ck_assert_uint_le(strlen(device->name), RT_GAP_NAME_BYTES);
	ck_assert_uint_le(device->eir_bytes, 240);
}

static void on_done(void *user, const struct rt_reason *why)
{
	(void)user;
	(void)why;
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	(void)user;
	ck_assert(!name == (why->err != 0));
}

static const struct rt_gap_inquiry_ops inquiry_ops = { on_result, on_done };
static const struct rt_gap_name_ops name_ops = { on_name };

struct known {
	uint8_t code;
	uint8_t bytes; /* of the fixed part */
};

static const struct known known[] = {
	{ 0x01, 1 },  { 0x02, 1 },  { 0x03, 11 }, { 0x04, 10 }, { 0x05, 4 },
	{ 0x06, 3 },  { 0x07, 7 },  { 0x08, 4 },  { 0x0b, 11 }, { 0x0e, 3 },
	{ 0x0f, 4 },  { 0x10, 1 },  { 0x12, 8 },  { 0x13, 1 },	{ 0x14, 6 },
	{ 0x16, 6 },  { 0x17, 6 },  { 0x18, 23 }, { 0x1a, 1 },	{ 0x22, 1 },
	{ 0x23, 13 }, { 0x2f, 15 }, { 0x30, 3 },  { 0x31, 6 },	{ 0x32, 9 },
	{ 0x33, 10 }, { 0x34, 6 },  { 0x35, 6 },  { 0x36, 7 },	{ 0x3b, 10 },
	{ 0x3c, 7 },  { 0x59, 5 },
};

static bool is_known(uint8_t code)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(known); i++) {
		if (known[i].code == code)
			return true;
	}
	return false;
}

/* An engine with all that events can be about. */
static void begin(void)
{
	rt_handle handle;

	rig_bring_up();
	rig_connect(1, 1);
	rig_send(rig.links[0].link, 7, 2000);
	rig_take_acl();
	rig_want(2);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_request(3);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &inquiry_ops, NULL),
			 0);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(9), &name_ops,
					     NULL, &handle),
			 0);
	rig_connection_complete(0x04, 0, 2);
}

/* What holds whatever a controller sends. */
static void check_invariants(void)
{
	const struct rt_hci_info *info = rt_hci_get_info(rig.hci);
	const struct rt_limits *limits = &rig.env->limits;
	bool good = rig_stats()->acl_free <= RT_MAX(info->acl_packets, 4) &&
		    rig.hci->link_count <= limits->links &&
		    rig.hci->acl_rx.early_count <= limits->early_acl &&
		    rig.hci->inquiry.found_count <= limits->inquiry_results;

	for (size_t i = 0; i < rig.link_count; i++)
		good = good && rig.links[i].downs <= 1;
	/* It is asked so often that each ck_assert() would take its time. */
	if (!good)
		ck_abort_msg("an invariant does not hold");
}

START_TEST(a_known_event_cut_short_anywhere_is_counted_and_changes_nothing)
{
	uint8_t event[257];
	uint32_t before;

	begin();
	memset(event, 0, sizeof(event));
	event[0] = known[_i].code;
	for (unsigned int len = 0; len < known[_i].bytes; len++) {
		before = rig_stats()->events_malformed;
		event[1] = (uint8_t)len;
		rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
		ck_assert_uint_eq(rig_stats()->events_malformed, before + 1);
	}
	ck_assert_uint_eq(rig.downs, 0);
	rig_take_acl();
	rig_expect_none();
}
END_TEST

START_TEST(an_event_with_a_wrong_length_is_counted_and_changes_nothing)
{
	uint8_t event[258];
	unsigned int count = 0;

	begin();
	memset(event, 0, sizeof(event));
	event[0] = known[_i].code;
	for (unsigned int len = 0; len <= 255; len++) {
		event[1] = (uint8_t)len;
		for (unsigned int have = 0; have <= 256; have += 16) {
			if (have == len)
				continue;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + have);
			count++;
		}
	}
	rig_inject_bytes(RT_PACKET_EVENT, event, 0);
	rig_inject_bytes(RT_PACKET_EVENT, event, 1);
	ck_assert_uint_eq(rig_stats()->events_malformed, count + 2);
	rig_take_acl();
	rig_expect_none();
}
END_TEST

START_TEST(an_unknown_event_is_counted_and_changes_nothing)
{
	uint8_t event[257];
	unsigned int count = 0;

	begin();
	memset(event, 0, sizeof(event));
	for (unsigned int code = 0; code <= 255; code++) {
		if (is_known((uint8_t)code))
			continue;
		event[0] = (uint8_t)code;
		for (unsigned int len = 0; len <= 255; len++) {
			event[1] = (uint8_t)len;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
			count++;
		}
	}
	ck_assert_uint_eq(rig_stats()->events_unexpected, count);
	ck_assert_uint_eq(rig_stats()->events_malformed, 0);
	rig_take_acl();
	rig_expect_none();
}
END_TEST

/* Answers what there is, so that a state follows from what was injected. */
static void drain(void)
{
	struct rt_packet tx;

	while (rt_hci_tx(rig.hci, &tx))
		;
}

/* Parameters: zeros, ones, or numbers of all sorts. */
static void fill(uint8_t *event, unsigned int how, uint64_t *seed)
{
	for (int i = 2; i < 257; i++) {
		if (how == 0)
			event[i] = 0;
		else if (how == 1)
			event[i] = 0xff;
		else
			event[i] = (uint8_t)(suite_random(seed) >>
					     (how == 2 ? 0 : 6 * (i % 5)));
	}
}

START_TEST(no_event_of_any_length_breaks_anything)
{
	uint64_t seed = 1 + (uint64_t)_i;
	uint8_t event[257];

	begin();
	event[0] = known[_i].code;
	for (unsigned int how = 0; how < 4; how++) {
		for (unsigned int len = 0; len <= 255; len++) {
			fill(event, how, &seed);
			event[1] = (uint8_t)len;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
			check_invariants();
			if (len % 16 == 0)
				drain();
		}
		rig_pass_us(1000);
		if (rig.finals) {
			rig_bring_up();
			rig.finals = 0;
		}
	}
	/* Whatever it was, the engine ends in order or is reset. */
	rt_hci_stop(rig.hci);
	rig_pass_us(3000000);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

/* Events of pairing. */
static bool begins_with_addr(uint8_t code)
{
	return (code >= 0x16 && code <= 0x18) ||
	       (code >= 0x31 && code <= 0x35) || code == 0x3b || code == 0x3c;
}

/* Events that are nearly right: known addresses and handles. */
static size_t plausible(uint8_t *event, uint64_t *seed)
{
	const struct known *row =
		&known[suite_random(seed) % RT_ARRAY_SIZE(known)];
	const size_t len = row->bytes + suite_random(seed) % 20;

	event[0] = row->code;
	for (size_t i = 0; i < len; i++)
		event[2 + i] = suite_random(seed) % 3
				       ? 0
				       : (uint8_t)(suite_random(seed) % 8);
	if (event[0] == 0x03 && suite_random(seed) % 2) {
		event[3] = (uint8_t)(suite_random(seed) % 5);
		event[5] = (uint8_t)(suite_random(seed) % 6);
		event[6] = 1;
		memset(event + 7, 0, 4);
		event[11] = 1;
	}
	if (event[0] == 0x04 || event[0] == 0x07) {
		event[2 + (event[0] == 0x07)] =
			(uint8_t)(suite_random(seed) % 10);
		event[3 + (event[0] == 0x07)] = 1;
		memset(event + 4 + (event[0] == 0x07), 0, 4);
		event[11] = 1;
	}
	if (begins_with_addr(event[0]) || event[0] == 0x12 ||
	    event[0] == 0x36) {
		uint8_t *addr = event + 3 - begins_with_addr(event[0]);

		memset(addr, 0, 6);
		addr[0] = (uint8_t)(suite_random(seed) % 4);
		addr[1] = 1;
	}
	if (event[0] == 0x10)
		event[0] = 0x05;
	event[1] = (uint8_t)len;
	return 2 + len;
}

START_TEST(no_sequence_of_events_breaks_anything)
{
	uint64_t seed = 77 + (uint64_t)_i;
	uint8_t packet[300];
	struct rt_packet tx;

	begin();
	for (int step = 0; step < 3000; step++) {
		rig_inject_bytes(RT_PACKET_EVENT, packet,
				 plausible(packet, &seed));
		check_invariants();
		rig_reap();
		rig.completed_count = 0;
		if (rig.link_count > RIG_LINKS_MAX - 4)
			break;
		if (suite_random(&seed) % 4 == 0)
			(void)!rt_hci_tx(rig.hci, &tx);
		if (suite_random(&seed) % 64 == 0)
			rig_pass_us(suite_random(&seed) % 100000);
		if (!rt_hci_is_up(rig.hci))
			rig_answer_all();
	}
	rt_hci_stop(rig.hci);
	rig_pass_us(3000000);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(pairing_is_refused_to_who_has_no_link)
{
	rig_bring_up();
	rig_inject("04 17 06 010203040506");
	rig_expect("01 0c04 06 010203040506");
	rig_inject("04 0e 0a 01 0c04 00 010203040506");
	rig_inject("04 16 06 010203040506");
	rig_expect("01 0e04 06 010203040506");
	rig_inject("04 0e 0a 01 0e04 00 010203040506");
	rig_inject("04 31 06 010203040506");
	rig_expect("01 3404 07 010203040506 18");
	rig_inject("04 0e 0a 01 3404 00 010203040506");
	rig_inject("04 33 0a 010203040506 40e20100");
	rig_expect("01 2d04 06 010203040506");
	rig_inject("04 0e 0a 01 2d04 00 010203040506");
	rig_inject("04 34 06 010203040506");
	rig_expect("01 2f04 06 010203040506");
	rig_inject("04 0e 0a 01 2f04 00 010203040506");
	rig_inject("04 35 06 010203040506");
	rig_expect("01 3304 06 010203040506");
	rig_inject("04 0e 0a 01 3304 00 010203040506");
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->events_unexpected, 6);
}
END_TEST

START_TEST(a_buffer_overflow_in_the_controller_is_logged)
{
	rig_bring_up();
	rig_inject("04 1a 01 01");
	ck_assert_int_eq(rig.fake.log_level, RT_LOG_ERROR);
	rig_expect_none();
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_known_event_cut_short_anywhere_is_counted_and_changes_nothing,
	  RT_ARRAY_SIZE(known) },
	{ &an_event_with_a_wrong_length_is_counted_and_changes_nothing,
	  RT_ARRAY_SIZE(known) },
	{ &an_unknown_event_is_counted_and_changes_nothing, 1 },
	{ &no_event_of_any_length_breaks_anything, RT_ARRAY_SIZE(known) },
	{ &no_sequence_of_events_breaks_anything, 32 },
	{ &pairing_is_refused_to_who_has_no_link, 1 },
	{ &a_buffer_overflow_in_the_controller_is_logged, 1 },
};

int main(void)
{
	return rig_run("hci event", cases, RT_ARRAY_SIZE(cases));
}
