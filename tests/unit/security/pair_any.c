/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>
#include <stdio.h>

#include "hci/link.h"

/* Any event of pairing in any situation, also from a controller gone mad. */

#define STRANGER "770100000000"

struct event {
	const char *hex; /* with %s for the address */
	uint16_t no;	 /* the negative reply it may have; 0: none */
	uint16_t yes;	 /* and the positive one */
};

static const struct event events[] = {
	{ "04 17 06 %s", 0x040c, 0x040b },
	{ "04 16 06 %s", 0x040e, 0x040d },
	{ "04 31 06 %s", 0x0434, 0x042b },
	{ "04 33 0a %s 01000000", 0x042d, 0x042c },
	{ "04 34 06 %s", 0x042f, 0x042e },
	{ "04 35 06 %s", 0x0433, 0x0445 },
	{ "04 32 09 %s 03 00 00", 0, 0 },
	{ "04 32 09 %s 01 00 05", 0, 0 },
	{ "04 32 09 %s 02 00 03", 0, 0 },
	{ "04 32 09 %s 04 00 00", 0, 0 },
	{ "04 32 09 %s 00 00 06", 0, 0 },
	{ "04 33 0a %s 40420f00", 0x042d, 0x042c },
	{ "04 3b 0a %s 01000000", 0, 0 },
	{ "04 3c 07 %s 01", 0, 0 },
	{ "04 36 07 00 %s", 0, 0 },
	{ "04 36 07 05 %s", 0, 0 },
	{ "04 18 17 %s " KEY " 04", 0, 0 },
	{ "04 18 17 %s " KEY " 05", 0, 0 },
	{ "04 18 17 %s " KEY " 00", 0, 0 },
	{ "04 18 17 %s " KEY " 06", 0, 0 },
	{ "04 18 17 %s 00000000000000000000000000000000 06", 0, 0 },
	{ "04 18 17 %s 00000000000000000000000000000000 08", 0, 0 },
};

#define EVENTS ((int)RT_ARRAY_SIZE(events))

static void inject(const struct event *event, const char *addr)
{
	char hex[128];

	snprintf(hex, sizeof(hex), event->hex, addr);
	rig_inject("%s", hex);
}

/* Counts the commands that are answers to pairing, and answers all. */
static unsigned int drain(uint16_t *ret_last)
{
	struct rt_packet tx;
	unsigned int count = 0;
	uint16_t opcode;

	while (rt_hci_tx(rig.hci, &tx)) {
		ck_assert_uint_eq(tx.type, RT_PACKET_COMMAND);
		opcode = (uint16_t)(tx.slice[0].ptr[0] | tx.slice[0].ptr[1]
								 << 8);
		if (opcode >> 10 == 1 && opcode != 0x0406) {
			count++;
			*ret_last = opcode;
		}
		if (opcode == 0x0406 || opcode == 0x0411 || opcode == 0x0413)
			rig_status(opcode, 0);
		else
			rig_complete(opcode);
	}
	return count;
}

static bool asks(const struct event *event)
{
	return event->no != 0;
}

/* Of whom we know nothing. */
START_TEST(a_stranger_is_refused)
{
	const struct event *event = &events[_i];
	uint16_t last = 0;

	pair_open_incoming(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){ .io = RT_SEC_IO_DISPLAY_YES_NO,
					     .bondable = true });
	inject(event, STRANGER);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 1);
	ck_assert_uint_eq(drain(&last), asks(event));
	ck_assert_uint_eq(last, event->no);
	ck_assert_uint_eq(pair_rig.asks, 0);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	sec_expect_quiet();
}
END_TEST

/* Situations in which a link can be. */
static void go_to(int situation)
{
	pair_begin(RT_SEC_IO_DISPLAY_YES_NO);
	pair_policy(&(struct rt_sec_policy){ .io = RT_SEC_IO_DISPLAY_YES_NO,
					     .bondable = true });
	if (situation == 0) { /* being opened */
		rig_want(1);
		rig_answer_one();
		return;
	}
	sec_connect();
	sec_features(SEC_PEER_SSP);
	switch (situation) {
	case 1: /* open */
		return;
	case 2: /* the peer has told what it can */
		pair_io_response(1, 0, 5);
		return;
	case 3: /* we too */
		pair_respond(1, 5);
		break;
	case 4: /* our user is asked */
		pair_respond(1, 5);
		pair_confirmation(9);
		break;
	case 5: /* and has answered */
		pair_respond(1, 5);
		pair_confirmation(9);
		ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0),
				 0);
		break;
	case 6: /* the key is due */
		pair_respond(1, 5);
		pair_confirmation(9);
		ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0),
				 0);
		pair_complete(0);
		break;
	case 7: /* digits are shown */
		pair_respond(2, 5);
		pair_passkey_shown(9);
		break;
	case 8: /* ours has begun */
		sec_ask(3);
		sec_expect_authentication();
		break;
	case 9: /* and told what we can */
		sec_ask(3);
		sec_expect_authentication();
		pair_io_request();
		break;
	case 10: /* and our user is asked */
		sec_ask(3);
		sec_expect_authentication();
		pair_io_request();
		pair_io_response(1, 0, 5);
		pair_confirmation(9);
		break;
	default: /* the link is being dropped */
		pair_key("00000000000000000000000000000000", 8);
	}
}

#define SITUATIONS 12

/* One answer at most; no key without our user's word; then all is over. */
START_TEST(any_event_in_any_situation_leaves_nothing_behind)
{
	const struct event *event = &events[_i % EVENTS];
	const int situation = _i / EVENTS;
	uint16_t last = 0;
	unsigned int answers;
	unsigned int open;

	go_to(situation);
	drain(&last);
	inject(event, PEER);
	answers = drain(&last);
	ck_assert_uint_le(answers, 1);
	if (answers > 0 && asks(event))
		ck_assert(last == event->no || last == event->yes);
	if (situation < 5 || situation > 7)
		ck_assert_uint_eq(pair_rig.stores, 0);
	open = pair_rig.asks > 0;
	if (rt_hci_link_by_handle(rig.hci, 1))
		rig_disconnection_complete(1, 0x08);
	rig_pass_us(0);
	if (open)
		ck_assert_uint_gt(pair_rig.overs, 0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), -ENOENT);
	drain(&last);
}
END_TEST

/* What happens next, at random: an event, an answer, time, the link. */
static void act(uint64_t *seed, bool *ret_yes)
{
	const uint32_t what = suite_random(seed) % 40;
	uint16_t last = 0;

	if (what < EVENTS) {
		inject(&events[what],
		       suite_random(seed) % 16 ? PEER : STRANGER);
	} else if (what < 26) {
		if (rt_sec_answer(rig.hci, rig_addr(1), true, 123456) == 0)
			*ret_yes = true;
	} else if (what < 28) {
		(void)!rt_sec_answer(rig.hci, rig_addr(1), false, 0);
	} else if (what < 30) {
		if (rt_sec_answer_pin(rig.hci, rig_addr(1),
				      rt_bytes("12", 2)) == 0)
			*ret_yes = true;
	} else if (what < 32) {
		sec_authenticated(suite_random(seed) % 2 ? 0 : 0x23);
	} else if (what < 33) {
		rig_pass_us(suite_random(seed) % 50000000);
	} else if (what < 36) {
		pair_respond((uint8_t)(suite_random(seed) % 4),
			     (uint8_t)(suite_random(seed) % 6));
	} else {
		rig_pass_us(0);
	}
	drain(&last);
}

/* The peer begins: nothing is stored that our user has not agreed to. */
START_TEST(no_order_of_events_stores_a_key_without_consent)
{
	static const enum rt_sec_io ios[] = {
		RT_SEC_IO_DISPLAY_ONLY,
		RT_SEC_IO_DISPLAY_YES_NO,
		RT_SEC_IO_KEYBOARD_ONLY,
		RT_SEC_IO_NONE,
	};
	uint64_t seed = (uint64_t)_i + 1;
	bool yes = false;

	pair_open_incoming(ios[_i % 4],
			   _i / 4 % 2 ? SEC_PEER_OLD : SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){
		.io = ios[_i % 4], .bondable = true, .legacy = true });
	for (int i = 0; i < 60; i++) {
		act(&seed, &yes);
		/* Who types what we show has read it here. */
		if (!yes && pair_rig.question.kind != RT_SEC_SHOW_PASSKEY)
			ck_assert_uint_eq(pair_rig.stores, 0);
		ck_assert_uint_le(pair_rig.overs, pair_rig.asks);
	}
	rig_pass_us(200000);
	rig_answer_all();
	if (rt_hci_link_by_handle(rig.hci, 1))
		rig_disconnection_complete(1, 0x08);
	rig_pass_us(0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), -ENOENT);
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_stranger_is_refused, EVENTS },
		{ &any_event_in_any_situation_leaves_nothing_behind,
		  SITUATIONS * EVENTS },
		{ &no_order_of_events_stores_a_key_without_consent, 200 },
	};

	return rig_run("unit/security/pair_any", cases, RT_ARRAY_SIZE(cases));
}
