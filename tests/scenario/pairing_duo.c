/* SPDX-License-Identifier: MIT */
#include "tests/scenario/pairing_duo.h"

#include <stdio.h>
#include <string.h>

struct duo duo;

static struct duo_side *other(const struct duo_side *side)
{
	return side == &duo.side[0] ? &duo.side[1] : &duo.side[0];
}

/* No secret in any line: neither a number nor octets of a key. */
static void on_log(void *ctx, enum rt_log_level level, const char *line)
{
	const struct duo_side *side =
		RT_CONTAINER_OF(ctx, struct duo_side, fake);
	const struct rt_sec_key *key;
	char secret[16];

	(void)level;
	if (!side->hci)
		return;
	key = rt_sec_key_at(side->hci, 0);
	if (key) {
		snprintf(secret, sizeof(secret), "%02x%02x%02x", key->key[0],
			 key->key[1], key->key[2]);
		ck_assert_ptr_null(strstr(line, secret));
	}
	if (side->question.number > 0) {
		snprintf(secret, sizeof(secret), "%06u", side->question.number);
		ck_assert_ptr_null(strstr(line, secret));
	}
}

static void ask_gate(struct duo_side *side)
{
	if (side->answer == RT_SEC_WAIT && !rt_addr_is_zero(side->request.peer))
		side->answer = rt_sec_ask(side->hci, &side->request,
					  &side->answer_why);
}

static void on_changed(void *user, struct rt_addr addr)
{
	(void)addr;
	ask_gate(user);
}

static void on_ask(void *user, const struct rt_sec_question *question)
{
	struct duo_side *side = user;

	side->asks++;
	side->question = *question;
	side->pending = question->kind != RT_SEC_SHOW_PASSKEY;
}

static void on_ask_over(void *user, struct rt_addr addr)
{
	struct duo_side *side = user;

	(void)addr;
	side->overs++;
	side->pending = false;
}

static void on_paired(void *user, struct rt_addr addr, bool bonded,
		      const struct rt_reason *why)
{
	struct duo_side *side = user;

	ck_assert(rt_addr_equal(addr, other(side)->addr));
	side->pairings++;
	side->bonded = bonded;
	side->why = *why;
}

static void on_store(void *user, struct rt_addr addr,
		     const struct rt_sec_key *key)
{
	struct duo_side *side = user;

	(void)addr;
	side->stores += key != NULL;
}

static const struct rt_sec_ops ops = {
	.changed = on_changed,
	.ask = on_ask,
	.ask_over = on_ask_over,
	.paired = on_paired,
	.store = on_store,
};

static void on_up(void *user)
{
	(void)user;
}

static void on_down(void *user, const struct rt_reason *why, bool final)
{
	(void)user;
	(void)why;
	(void) final;
}

static const struct rt_hci_ops hci_ops = { .up = on_up, .down = on_down };

/* What a user reads on the other device. */
static uint32_t number_of(const struct duo_side *side)
{
	const struct duo_side *peer = other(side);
	const bool shown = peer->question.kind == RT_SEC_SHOW_PASSKEY;
	const uint32_t number =
		shown ? peer->question.number : side->user.agreed;

	return side->user.mistypes ? number ^ 1 : number;
}

/* The user answers, if he can: what he types must have been shown first. */
static void answer(struct duo_side *side)
{
	const struct duo_user *user = &side->user;
	const struct rt_addr addr = side->question.addr;
	int err;

	if (!side->pending || user->silent)
		return;
	if (side->question.kind == RT_SEC_ASK_PASSKEY && user->agreed == 0 &&
	    other(side)->question.kind != RT_SEC_SHOW_PASSKEY)
		return;
	side->pending = false;
	if (side->question.kind == RT_SEC_ASK_CONFIRM &&
	    other(side)->question.kind == RT_SEC_ASK_CONFIRM &&
	    other(side)->asks > 0)
		ck_assert_uint_eq(side->question.number,
				  other(side)->question.number);
	if (side->question.kind == RT_SEC_ASK_PIN && user->pin)
		err = rt_sec_answer_pin(side->hci, addr,
					rt_bytes(user->pin, strlen(user->pin)));
	else
		err = rt_sec_answer(side->hci, addr,
				    !user->refuses && side->question.kind !=
							      RT_SEC_ASK_PIN,
				    number_of(side));
	ck_assert_int_eq(err, 0);
}

static bool carry(struct duo_side *side)
{
	uint8_t flat[1100];
	enum rt_packet_type type;
	struct rt_packet out;
	struct rt_bytes in;
	bool moved = false;
	size_t len;

	while (rt_hci_tx(side->hci, &out)) {
		len = 0;
		for (size_t i = 0; i < out.count; i++) {
			memcpy(flat + len, out.slice[i].ptr, out.slice[i].len);
			len += out.slice[i].len;
		}
		rt_vctl_rx(side->vctl, (enum rt_packet_type)out.type,
			   rt_bytes(flat, len));
		moved = true;
	}
	while (rt_vctl_tx(side->vctl, &type, &in)) {
		rt_hci_rx(side->hci, type, in);
		moved = true;
	}
	rt_env_reap(&side->fake.env);
	return moved;
}

static bool settle_once(void)
{
	bool moved = false;

	for (size_t i = 0; i < 2; i++) {
		rt_timers_run(&duo.side[i].fake.env.timers,
			      duo.side[i].fake.env.now_us);
		moved |= carry(&duo.side[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		moved |= duo.side[i].pending && !duo.side[i].user.silent;
		answer(&duo.side[i]);
	}
	return moved;
}

/* The next instant at which anybody has something to do. */
static uint64_t next_us(uint64_t end_us)
{
	uint64_t due_us;

	if (rt_air_next(duo.air, &due_us))
		end_us = RT_MIN(end_us, due_us);
	for (size_t i = 0; i < 2; i++) {
		if (rt_timers_next(&duo.side[i].fake.env.timers, &due_us))
			end_us = RT_MIN(end_us, due_us);
	}
	return end_us;
}

void duo_run(uint64_t ms)
{
	uint64_t now_us = duo.side[0].fake.env.now_us;
	const uint64_t end_us = now_us + RT_MS(ms);

	for (;;) {
		for (int i = 0; i < 1000 && settle_once(); i++)
			;
		if (now_us == end_us)
			return;
		now_us = RT_MAX(now_us, next_us(end_us));
		rt_air_advance(duo.air, now_us);
		for (size_t i = 0; i < 2; i++)
			duo.side[i].fake.env.now_us = now_us;
	}
}

static void make(struct duo_side *side, const struct rt_vctl_options *options)
{
	const struct rt_hci_options host = { .name = "duo", .idle_ms = 600000 };

	fake_env_init(&side->fake);
	side->fake.env.hooks.log = on_log;
	side->vctl = rt_vctl_new(duo.air, options);
	ck_assert_ptr_nonnull(side->vctl);
	side->addr = rt_vctl_addr(side->vctl);
	ck_assert_int_eq(rt_hci_new(&side->fake.env, &host, &hci_ops, side,
				    &side->hci),
			 0);
	rt_sec_set_ops(side->hci, &ops, side);
	rt_hci_set_scan(side->hci, true, false);
	rt_hci_start(side->hci);
	side->answer = RT_SEC_NO;
}

static void setup(const struct rt_vctl_options *second)
{
	const struct rt_air_options air = { .seed = 7 };

	memset(&duo, 0, sizeof(duo));
	duo.air = rt_air_new(&air);
	ck_assert_ptr_nonnull(duo.air);
	make(&duo.side[0], NULL);
	make(&duo.side[1], second);
	duo_run(1000);
	ck_assert(rt_hci_is_up(duo.side[0].hci));
	ck_assert(rt_hci_is_up(duo.side[1].hci));
}

void duo_setup(void)
{
	setup(NULL);
}

void duo_setup_old(void)
{
	const struct rt_vctl_options old = { .security.no_ssp = true };

	setup(&old);
}

void duo_teardown(void)
{
	for (size_t i = 0; i < 2; i++) {
		rt_hci_free(duo.side[i].hci);
		duo.side[i].hci = NULL;
		rt_env_reap(&duo.side[i].fake.env);
		fake_env_assert_idle(&duo.side[i].fake);
	}
	rt_air_free(duo.air);
}

void duo_policy(int side, enum rt_sec_io io, bool bondable, bool legacy)
{
	const struct rt_sec_policy policy = {
		.io = io,
		.bondable = bondable,
		.legacy = legacy,
	};

	ck_assert_int_eq(rt_sec_set_policy(duo.side[side].hci, &policy), 0);
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct duo_side *side = user;

	side->dones++;
	side->done_why = *why;
}

void duo_bond(bool mitm, bool keep)
{
	const struct rt_sec_pair_params params = {
		.addr = duo.side[1].addr,
		.mitm = mitm,
		.keep = keep,
		.done = on_done,
		.user = &duo.side[0],
	};

	ck_assert_int_eq(
		rt_sec_pair(duo.side[0].hci, &params, &duo.side[0].bond), 0);
	duo_run(60000);
	ck_assert_uint_eq(duo.side[0].dones, 1);
}

static struct rt_hci_link *link_of_first(void)
{
	struct rt_hci_link *link;

	ck_assert_int_eq(rt_hci_link_connect(duo.side[0].hci, duo.side[1].addr,
					     &link),
			 0);
	return link;
}

void duo_disconnect(void)
{
	rt_hci_link_disconnect(link_of_first(), 0x13);
	duo_run(1000);
}

void duo_connect(uint8_t level)
{
	struct duo_side *side = &duo.side[0];

	link_of_first();
	duo_run(100);
	side->request = (struct rt_sec_request){
		.peer = duo.side[1].addr,
		.need.level = level,
	};
	side->answer = RT_SEC_WAIT;
	ask_gate(side);
	duo_run(60000);
}

void duo_expect_same_keys(enum rt_sec_key_type type)
{
	const struct rt_sec_key *a =
		rt_sec_key_find(duo.side[0].hci, duo.side[1].addr);
	const struct rt_sec_key *b =
		rt_sec_key_find(duo.side[1].hci, duo.side[0].addr);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(a->type, type);
	ck_assert_int_eq(b->type, type);
	ck_assert_mem_eq(a->key, b->key, RT_SEC_KEY_BYTES);
}

void duo_expect_no_keys(void)
{
	ck_assert_ptr_null(rt_sec_key_at(duo.side[0].hci, 0));
	ck_assert_ptr_null(rt_sec_key_at(duo.side[1].hci, 0));
}
