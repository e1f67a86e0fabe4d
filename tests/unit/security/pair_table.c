/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include "hci/security/model.h"

/*
 * Which question our user hears, by both IO capabilities, where one side wants
 * protection (Core Vol 3 Part C table 5.8): J is just works, N compares
 * numbers, S shows digits, T types them. Rows are ours, columns the peer's:
 * display, display and buttons, keyboard, nothing.
 */
static const char table[4][4] = {
	{ 'J', 'J', 'S', 'J' },
	{ 'J', 'N', 'S', 'J' },
	{ 'T', 'T', 'T', 'J' },
	{ 'J', 'J', 'J', 'J' },
};

#define CAPABILITIES 4
#define PAIRS 16

static char wanted(int io, int peer, bool mitm)
{
	return mitm ? table[io][peer] : 'J';
}

/* What the controller does next, and what our user is asked. */
static void expect_talk(char letter, bool consent)
{
	switch (letter) {
	case 'J':
		pair_confirmation(0);
		if (consent)
			pair_expect_asked(RT_SEC_ASK_CONSENT);
		else
			pair_expect_confirmed();
		break;
	case 'N':
		pair_confirmation(123456);
		pair_expect_asked(RT_SEC_ASK_CONFIRM);
		ck_assert_uint_eq(pair_rig.question.number, 123456);
		break;
	case 'S':
		pair_passkey_shown(42);
		pair_expect_asked(RT_SEC_SHOW_PASSKEY);
		ck_assert_uint_eq(pair_rig.question.number, 42);
		break;
	default:
		pair_passkey_request();
		pair_expect_asked(RT_SEC_ASK_PASSKEY);
	}
	ck_assert_uint_eq(pair_rig.asks, letter == 'J' ? consent : 1);
}

START_TEST(our_pairing_asks_what_the_table_says)
{
	const int io = _i % CAPABILITIES;
	const int peer = _i / CAPABILITIES % CAPABILITIES;
	const bool peer_mitm = _i / PAIRS;

	pair_open((enum rt_sec_io)io, SEC_PEER_SSP);
	pair_initiate(2);
	pair_expect_io((uint8_t)io, 0, 4);
	pair_io_response((uint8_t)peer, 0, (uint8_t)(4 | peer_mitm));
	expect_talk(wanted(io, peer, peer_mitm), false);
	ck_assert(pair_rig.asks == 0 || pair_rig.question.initiated);
}
END_TEST

/* SEC-15: what can't be protected fails, and is never made weaker. */
START_TEST(our_pairing_with_protection_has_it_or_fails)
{
	const int io = _i % CAPABILITIES;
	const int peer = _i / CAPABILITIES % CAPABILITIES;
	const bool peer_mitm = _i / PAIRS;
	struct sec_waiter *waiter;

	pair_open((enum rt_sec_io)io, SEC_PEER_SSP);
	if (io == RT_SEC_IO_NONE) {
		waiter = sec_ask(3);
		sec_step();
		sec_expect_no(waiter, RT_SEC_CODE_NOT_AUTHENTICATED);
		rig_expect_none();
		return;
	}
	waiter = pair_initiate(3);
	pair_expect_io((uint8_t)io, 0, 5);
	pair_io_response((uint8_t)peer, 0, (uint8_t)(4 | peer_mitm));
	if (table[io][peer] != 'J') {
		expect_talk(table[io][peer], false);
		return;
	}
	pair_confirmation(0);
	pair_expect_not_confirmed();
	pair_complete(5);
	sec_authenticated(5);
	pair_expect_failed(1, RT_SEC_CODE_NOT_AUTHENTICATED);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_AUTHENTICATED);
	ck_assert_uint_eq(pair_rig.asks, 0);
}
END_TEST

START_TEST(the_peers_pairing_asks_what_the_table_says)
{
	const int io = _i % CAPABILITIES;
	const int peer = _i / CAPABILITIES % CAPABILITIES;
	const bool mitm = _i / PAIRS;

	pair_open_incoming((enum rt_sec_io)io, SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){ .io = (enum rt_sec_io)io,
					     .bondable = true });
	pair_respond((uint8_t)peer, (uint8_t)(2 | mitm));
	pair_expect_io((uint8_t)io, 0,
		       (uint8_t)(2 | (mitm && io != RT_SEC_IO_NONE)));
	expect_talk(wanted(io, peer, mitm), true);
	ck_assert(!pair_rig.question.initiated);
	ck_assert(pair_rig.question.bonding);
}
END_TEST

/* Both sides find the same. */
START_TEST(the_model_is_the_same_from_either_side)
{
	for (unsigned int i = 0; i < 256; i++) {
		const struct rt_sec_side a = {
			.io = i & 3,
			.oob = i >> 4 & 1,
			.mitm = i >> 6 & 1,
		};
		const struct rt_sec_side b = {
			.io = i >> 2 & 3,
			.oob = i >> 5 & 1,
			.mitm = i >> 7 & 1,
		};
		const enum rt_sec_model model = rt_sec_model_of(&a, &b);

		ck_assert_int_eq(rt_sec_model_of(&b, &a), model);
		ck_assert_int_eq(model == RT_SEC_MODEL_OOB, a.oob || b.oob);
	}
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &our_pairing_asks_what_the_table_says, 2 * PAIRS },
		{ &our_pairing_with_protection_has_it_or_fails, 2 * PAIRS },
		{ &the_peers_pairing_asks_what_the_table_says, 2 * PAIRS },
		{ &the_model_is_the_same_from_either_side, 1 },
	};

	return rig_run("unit/security/pair_table", cases, RT_ARRAY_SIZE(cases));
}
