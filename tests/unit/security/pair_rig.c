/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <stdio.h>
#include <string.h>

struct pair_rig pair_rig;

static void on_changed(void *user, struct rt_addr addr)
{
	struct sec_waiter *waiter;

	ck_assert_ptr_eq(user, &pair_rig);
	ck_assert(rt_addr_equal(addr, rig_addr(1)));
	sec_rig.changed++;
	for (size_t i = 0; i < sec_rig.waiter_count; i++) {
		waiter = &sec_rig.waiters[i];
		if (waiter->answer != RT_SEC_WAIT)
			continue;
		waiter->asked++;
		waiter->answer =
			rt_sec_ask(rig.hci, &waiter->request, &waiter->why);
	}
}

static void on_ask(void *user, const struct rt_sec_question *question)
{
	ck_assert_ptr_eq(user, &pair_rig);
	ck_assert(rt_addr_equal(question->addr, rig_addr(1)));
	ck_assert_uint_le(question->number, RT_SEC_PASSKEY_MAX);
	ck_assert_uint_ge(question->level, 1);
	ck_assert_uint_le(question->level, 4);
	pair_rig.asks++;
	pair_rig.question = *question;
	if (pair_rig.on_ask)
		pair_rig.on_ask(question);
}

static void on_ask_over(void *user, struct rt_addr addr)
{
	ck_assert_ptr_eq(user, &pair_rig);
	ck_assert(rt_addr_equal(addr, rig_addr(1)));
	pair_rig.overs++;
	ck_assert_uint_le(pair_rig.overs, pair_rig.asks);
}

static void on_paired(void *user, struct rt_addr addr, bool bonded,
		      const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, &pair_rig);
	ck_assert(rt_addr_equal(addr, rig_addr(1)));
	ck_assert(!bonded || rt_sec_key_find(rig.hci, addr));
	pair_rig.pairings++;
	pair_rig.bonded = bonded;
	pair_rig.why = *why;
}

static void on_store(void *user, struct rt_addr addr,
		     const struct rt_sec_key *key)
{
	ck_assert_ptr_eq(user, &pair_rig);
	ck_assert(rt_addr_equal(addr, rig_addr(1)));
	if (!key) {
		pair_rig.removals++;
		return;
	}
	ck_assert(rt_addr_equal(key->addr, addr));
	pair_rig.stores++;
	pair_rig.key = *key;
}

static const struct rt_sec_ops ops = {
	.changed = on_changed,
	.ask = on_ask,
	.ask_over = on_ask_over,
	.paired = on_paired,
	.store = on_store,
};

static const struct rt_sec_ops no_user = {
	.changed = on_changed,
	.ask_over = on_ask_over,
	.paired = on_paired,
	.store = on_store,
};

void pair_policy(const struct rt_sec_policy *policy)
{
	ck_assert_int_eq(rt_sec_set_policy(rig.hci, policy), 0);
}

void pair_begin(enum rt_sec_io io)
{
	memset(&pair_rig, 0, sizeof(pair_rig));
	sec_begin();
	rt_sec_set_ops(rig.hci, &ops, &pair_rig);
	pair_policy(&(struct rt_sec_policy){ .io = io });
}

void pair_open(enum rt_sec_io io, enum sec_peer peer)
{
	pair_begin(io);
	sec_connect();
	sec_features(peer);
	rig_expect_none();
}

void pair_open_incoming(enum rt_sec_io io, enum sec_peer peer)
{
	pair_begin(io);
	sec_accept();
	sec_features(peer);
	rig_expect_none();
}

void pair_without_user(void)
{
	rt_sec_set_ops(rig.hci, &no_user, &pair_rig);
}

void pair_listen(uint8_t level)
{
	const struct rt_sec_need floor = { .level = level };

	rt_sec_set_floor(rig.hci, &floor);
}

void pair_key_request(void)
{
	rig_inject("04 17 06 " PEER);
}

void pair_io_request(void)
{
	rig_inject("04 31 06 " PEER);
}

void pair_io_response(uint8_t io, uint8_t oob, uint8_t requirements)
{
	rig_inject("04 32 09 " PEER " %02x %02x %02x", io, oob, requirements);
}

/* Of an event that says a number, in the order of the wire. */
static void inject_number(uint8_t event, uint32_t value)
{
	rig_inject("04 %02x 0a " PEER " %02x %02x %02x %02x", event,
		   value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff,
		   value >> 24);
}

void pair_confirmation(uint32_t value)
{
	inject_number(0x33, value);
}

void pair_passkey_request(void)
{
	rig_inject("04 34 06 " PEER);
}

void pair_passkey_shown(uint32_t value)
{
	inject_number(0x3b, value);
}

void pair_keypress(uint8_t type)
{
	rig_inject("04 3c 07 " PEER " %02x", type);
}

void pair_pin_request(void)
{
	rig_inject("04 16 06 " PEER);
}

void pair_oob_request(void)
{
	rig_inject("04 35 06 " PEER);
}

void pair_complete(uint8_t status)
{
	rig_inject("04 36 07 %02x " PEER, status);
}

void pair_key(const char *key, uint8_t type)
{
	rig_inject("04 18 17 " PEER " %s %02x", key, type);
}

static void expect_simple(uint16_t opcode)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "01 %02x%02x 06 " PEER, opcode & 0xff,
		 opcode >> 8);
	rig_expect(hex);
	rig_complete(opcode);
}

void pair_expect_no_key(void)
{
	expect_simple(0x040c);
}

void pair_expect_io(uint8_t io, uint8_t oob, uint8_t requirements)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "01 2b04 09 " PEER " %02x %02x %02x", io,
		 oob, requirements);
	rig_expect(hex);
	rig_complete(0x042b);
}

void pair_expect_no_io(uint8_t reason)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "01 3404 07 " PEER " %02x", reason);
	rig_expect(hex);
	rig_complete(0x0434);
}

void pair_expect_confirmed(void)
{
	expect_simple(0x042c);
}

void pair_expect_not_confirmed(void)
{
	expect_simple(0x042d);
}

void pair_expect_passkey(uint32_t value)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "01 2e04 0a " PEER " %02x%02x%02x%02x",
		 value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff,
		 value >> 24);
	rig_expect(hex);
	rig_complete(0x042e);
}

void pair_expect_no_passkey(void)
{
	expect_simple(0x042f);
}

void pair_expect_pin(const char *hex)
{
	char pin[33];
	char all[128];

	memset(pin, '0', 32);
	pin[32] = '\0';
	memcpy(pin, hex, strlen(hex));
	snprintf(all, sizeof(all), "01 0d04 17 " PEER " %02zx %s",
		 strlen(hex) / 2, pin);
	rig_expect(all);
	rig_complete(0x040d);
}

void pair_expect_no_pin(void)
{
	expect_simple(0x040e);
}

void pair_expect_no_oob(void)
{
	expect_simple(0x0433);
}

void pair_expect_asked(enum rt_sec_question_kind kind)
{
	ck_assert_uint_eq(pair_rig.asks, 1);
	ck_assert_int_eq(pair_rig.question.kind, kind);
}

void pair_expect_paired(unsigned int count, bool bonded)
{
	ck_assert_uint_eq(pair_rig.pairings, count);
	ck_assert_int_eq(pair_rig.why.err, 0);
	ck_assert_int_eq(pair_rig.bonded, bonded);
}

void pair_expect_failed(unsigned int count, enum rt_sec_code code)
{
	ck_assert_uint_eq(pair_rig.pairings, count);
	ck_assert(!pair_rig.bonded);
	ck_assert_int_lt(pair_rig.why.err, 0);
	ck_assert_uint_eq(pair_rig.why.layer, RT_LAYER_SECURITY);
	ck_assert_msg(pair_rig.why.code == code, "want %s, got %s",
		      rt_sec_code_name((uint16_t)code),
		      rt_sec_code_name(pair_rig.why.code));
}

void pair_expect_hci_failed(unsigned int count, uint8_t code)
{
	ck_assert_uint_eq(pair_rig.pairings, count);
	ck_assert(!pair_rig.bonded);
	ck_assert_int_lt(pair_rig.why.err, 0);
	ck_assert_uint_eq(pair_rig.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(pair_rig.why.code, code);
}

struct sec_waiter *pair_initiate(uint8_t level)
{
	struct sec_waiter *waiter = sec_ask(level);

	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
	return waiter;
}

void pair_respond(uint8_t io, uint8_t requirements)
{
	pair_io_response(io, 0, requirements);
	pair_io_request();
}

static void on_done(void *user, const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, &pair_rig);
	pair_rig.dones++;
	pair_rig.done_why = *why;
}

int pair_bond(bool mitm, bool keep)
{
	const struct rt_sec_pair_params params = {
		.addr = rig_addr(1),
		.mitm = mitm,
		.keep = keep,
		.done = on_done,
		.user = &pair_rig,
	};

	return rt_sec_pair(rig.hci, &params, &pair_rig.bond);
}

void pair_expect_bonded(void)
{
	ck_assert_uint_eq(pair_rig.dones, 1);
	ck_assert_int_eq(pair_rig.done_why.err, 0);
}

void pair_expect_not_bonded(enum rt_sec_code code)
{
	ck_assert_uint_eq(pair_rig.dones, 1);
	ck_assert_int_lt(pair_rig.done_why.err, 0);
	ck_assert_uint_eq(pair_rig.done_why.layer, RT_LAYER_SECURITY);
	ck_assert_msg(pair_rig.done_why.code == code, "want %s, got %s",
		      rt_sec_code_name((uint16_t)code),
		      rt_sec_code_name(pair_rig.done_why.code));
}
