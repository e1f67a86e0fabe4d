/* SPDX-License-Identifier: MIT */
#include "tests/scenario/ertm_air.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/control.h"
#include "tests/unit/stack/suite.h"

#define PSM 0x1001
#define PDU_MAX 66000
#define HEADER_BYTES 4
#define NEVER UINT64_MAX
#define SPIKE_ONE_IN 200
#define CHECK_EVERY 8 /* steps */
#define SLACK_MS 3000 /* delays, late acknowledgements */

#define MUST(air, ok, ...)                          \
	do {                                        \
		if (!(ok))                          \
			broken((air), __VA_ARGS__); \
	} while (0)

static void broken(const struct air *air, const char *fmt, ...) RT_PRINTF(2, 3);

static void broken(const struct air *air, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (int i = 0; i < 2; i++)
		fprintf(stderr,
			"side %d: %u to write, %u to get, %u unread%s\n", i,
			air->side[i].left, air->side[i].left_to_get,
			air->side[i].queued,
			air->side[i].held ? ", unacknowledged" : "");
	fprintf(stderr, "seed %llu at %.6f s: %s\n",
		(unsigned long long)air->plan->seed,
		(double)air->fake.env.now_us / 1e6, text);
	ck_abort_msg("seed %llu: %s", (unsigned long long)air->plan->seed,
		     text);
}

uint32_t air_below(struct air *air, uint32_t n)
{
	return suite_random(&air->random) % n;
}

static bool chance(struct air *air, uint32_t per_mille)
{
	return per_mille > 0 && air_below(air, 1000) < per_mille;
}

static struct air *air_of(struct air_side *side)
{
	return side->plan == NULL
		       ? NULL
		       : RT_CONTAINER_OF(side->hci.env, struct air, fake.env);
}

static void progress(struct air *air)
{
	air->progress_us = air->fake.env.now_us;
}

/*
 * The next SDU of a writer: its length from what is left to be written, its
 * octets from the same state. Some are empty, most are short, some are as long
 * as can be.
 */
static size_t next_length(uint64_t *state, uint32_t left, size_t max)
{
	const uint32_t kind = suite_random(state) % 10;
	size_t len = max;

	if (kind == 0)
		return 0;
	if (kind < 7)
		len = 1 + suite_random(state) % max;
	else if (kind < 9)
		len = 1 + suite_random(state) % RT_MIN(max, (size_t)60);
	return RT_MIN(len, (size_t)left);
}

static void fill(uint64_t *state, uint8_t *octets, size_t len)
{
	uint32_t x = 0;

	for (size_t i = 0; i < len; i++) {
		if (i % 4 == 0)
			x = suite_random(state);
		octets[i] = (uint8_t)(x >> (8 * (i % 4)));
	}
}

static bool on_pull(void *ctx, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct air_side *side = ctx;
	struct air_sdu **end = &side->held;
	struct air_sdu *sdu;
	size_t len;

	(void)chan;
	if (side->left == 0)
		return false;
	len = next_length(&side->content, side->left, max);
	sdu = malloc(sizeof(*sdu) + len);
	MUST(air_of(side), sdu, "memory");
	sdu->next = NULL;
	sdu->len = len;
	fill(&side->content, sdu->octets, len);
	side->left -= (uint32_t)len;
	while (*end)
		end = &(*end)->next;
	*end = sdu;
	pdu->body[0] = rt_bytes(sdu->octets, len / 3);
	pdu->body[1] = rt_bytes(sdu->octets + len / 3, len - len / 3);
	pdu->done.bytes = (uint32_t)len;
	return true;
}

static void on_completed(void *ctx, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	struct air_side *side = ctx;
	struct air_sdu *sdu = side->held;

	(void)chan;
	MUST(air_of(side), sdu && sdu->len == done->bytes,
	     "SDUs are completed in their order");
	MUST(air_of(side),
	     written || air_of(side)->ended || side->closed ||
		     air_of(side)->plan->silence,
	     "an SDU was not written");
	side->held = sdu->next;
	free(sdu);
}

static void tell_room(struct air_side *side)
{
	const uint32_t room = side->plan->room;

	if (room > 0)
		rt_l2cap_set_room(side->l2cap, side->chan,
				  room - RT_MIN(room, side->queued));
}

static void rest(struct air_side *side)
{
	struct air *air = air_of(side);
	const uint64_t pause = RT_MS(air_below(air, side->plan->pause_ms + 1));

	if (side->read_at_us == NEVER)
		side->read_at_us = air->fake.env.now_us + pause;
}

static void on_rx(void *ctx, rt_handle chan, struct rt_bytes sdu)
{
	static uint8_t want[PDU_MAX];
	struct air_side *side = ctx;
	struct air *air = air_of(side);
	size_t len;

	(void)chan;
	MUST(air, side->left_to_get > 0 || sdu.len == 0, "too much has come");
	len = next_length(&side->expected, side->left_to_get, side->info.imtu);
	fill(&side->expected, want, len);
	MUST(air, len == sdu.len, "an SDU of %zu octets instead of %zu",
	     sdu.len, len);
	MUST(air, len == 0 || memcmp(want, sdu.ptr, len) == 0,
	     "an SDU has other octets");
	side->left_to_get -= (uint32_t)len;
	progress(air);
	if (side->plan->room == 0)
		return;
	side->queued += (uint32_t)len;
	MUST(air, side->queued <= side->plan->room,
	     "more has come than there is room for");
	rest(side);
}

/* The reader reads some of what there is. */
static void read_some(struct air_side *side)
{
	struct air *air = air_of(side);
	const uint32_t most = 1 + air_below(air, side->plan->room);

	side->read_at_us = NEVER;
	side->queued -= RT_MIN(side->queued, most);
	if (!side->closed)
		tell_room(side);
	progress(air);
	if (side->queued > 0)
		rest(side);
}

static void on_opened(void *ctx, rt_handle chan)
{
	struct air_side *side = ctx;

	side->open = true;
	ck_assert_int_eq(rt_l2cap_get_info(side->l2cap, chan, &side->info), 0);
	if (side->plan->room > 0)
		rt_l2cap_set_room(side->l2cap, chan, side->plan->room);
}

static void on_closed(void *ctx, rt_handle chan, const struct rt_reason *why)
{
	struct air_side *side = ctx;

	(void)chan;
	side->closed = true;
	side->why = *why;
	MUST(air_of(side), !side->held, "an SDU is not completed");
}

static int on_incoming(void *ctx, rt_handle chan)
{
	struct air_side *side = ctx;

	side->chan = chan;
	return 0;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static void print_frame(const struct air *air, int to, const char *what,
			const struct air_frame *f)
{
	static const char *const names[] = { "RR", "REJ", "RNR", "SREJ" };
	const struct air_side *side = &air->side[to];
	struct rt_rd r = rt_rd_init(rt_bytes(f->payload, f->len));
	struct rt_l2cap_control c;

	if (!air->plan->log)
		return;
	fprintf(stderr, "%11.6f %s %d ", (double)air->fake.env.now_us / 1e6,
		what, to);
	if (f->cid == RT_L2CAP_CID_SIGNALLING || !side->open ||
	    rt_l2cap_control_read(&r, side->info.extended, &c) < 0)
		fprintf(stderr, "cid 0x%04x, %zu octets\n", f->cid, f->len);
	else if (c.supervisory)
		fprintf(stderr, "%s r%u%s%s\n", names[c.function], c.req_seq,
			c.poll ? " P" : "", c.final ? " F" : "");
	else
		fprintf(stderr, "I%u r%u%s sar %d, %zu octets\n", c.tx_seq,
			c.req_seq, c.final ? " F" : "", c.sar, f->len);
}

/* The F bit, and the P bit of an S-frame, in either layout. */
static bool polls_or_answers(const struct air_frame *f, bool extended)
{
	struct rt_rd r = rt_rd_init(rt_bytes(f->payload, f->len));
	struct rt_l2cap_control c;

	return rt_l2cap_control_read(&r, extended, &c) == 0 &&
	       (c.final || c.poll);
}

static bool is_supervisory(const struct air_frame *f)
{
	return f->len > 0 && (f->payload[0] & 1);
}

/* One to three bits are wrong: the FCS finds each such error. */
static void spoil(struct air *air, struct air_frame *f)
{
	uint32_t bit[3];
	const uint32_t n = 1 + air_below(air, 3);

	for (uint32_t i = 0; i < n; i++) {
		bit[i] = air_below(air, (uint32_t)f->len * 8);
		for (uint32_t k = 0; k < i; k++) {
			if (bit[k] == bit[i])
				return;
		}
		f->payload[bit[i] / 8] ^= (uint8_t)(1U << bit[i] % 8);
	}
}

static bool is_silent(const struct air *air, int to, const struct air_frame *f)
{
	if (to != 0 || air->fake.env.now_us < air->plan->silent_us)
		return false;
	return air->plan->silence == 2 ||
	       (air->plan->silence == 1 && is_supervisory(f));
}

static void append(struct air_way *way, struct air_frame *f)
{
	f->next = NULL;
	*way->end = f;
	way->end = &f->next;
	way->count++;
}

/* What the air does to a frame that leaves now. */
static void send_frame(struct air *air, int to, const uint8_t *pdu, size_t len)
{
	struct air_frame *f = malloc(sizeof(*f) + len - HEADER_BYTES);
	const struct air_plan *plan = air->plan;
	struct air_way *way = &air->to[to];
	uint64_t delay = air_below(air, plan->delay_us + 1);

	MUST(air, f, "memory");
	f->cid = (uint16_t)(pdu[2] | pdu[3] << 8);
	f->len = len - HEADER_BYTES;
	memcpy(f->payload, pdu + HEADER_BYTES, f->len);
	if (plan->spike_us > 0 && air_below(air, SPIKE_ONE_IN) == 0)
		delay += air_below(air, plan->spike_us);
	f->due_us = RT_MAX(way->last_due_us, air->fake.env.now_us) + delay;
	if (f->cid != RT_L2CAP_CID_SIGNALLING && to == 0 && is_supervisory(f) &&
	    f->due_us < plan->lump_us)
		f->due_us = plan->lump_us;
	way->last_due_us = f->due_us;
	f->lost = f->cid != RT_L2CAP_CID_SIGNALLING &&
		  (chance(air, plan->loss) || is_silent(air, to, f));
	append(way, f);
}

/* The longest retransmission or monitor time of both sides. */
static uint64_t longest_us(const struct air *air, bool monitor)
{
	const struct rt_l2cap_chan *chan;
	uint32_t ms = 0;

	for (int i = 0; i < 2; i++) {
		chan = rt_slots_get(&air->side[i].l2cap->chans,
				    air->side[i].chan);
		if (chan)
			ms = RT_MAX(ms,
				    monitor ? chan->agreed.monitor_ms
					    : chan->agreed.retransmission_ms);
	}
	return RT_MS(ms);
}

/*
 * A loss costs a retransmission time at most; that of a poll or of an answer,
 * a monitor time. Nothing else may hold the octets up, but a reader at rest.
 */
static void note_loss(struct air *air, int to, const struct air_frame *f)
{
	const bool pf = polls_or_answers(f, air->side[to].info.extended);
	const uint64_t until_us = air->fake.env.now_us + longest_us(air, pf);

	air->excuse_us = RT_MAX(air->excuse_us, until_us);
}

static void hand_over(struct air *air, int to, const struct air_frame *f)
{
	print_frame(air, to, "->", f);
	fake_link_rx(air->side[to].link, f->cid, f->payload, f->len);
}

static void arrive(struct air *air, int to)
{
	struct air_way *way = &air->to[to];
	struct air_frame *f = way->first;
	const bool data = f->cid != RT_L2CAP_CID_SIGNALLING;

	way->first = f->next;
	if (!way->first)
		way->end = &way->first;
	way->count--;
	fake_link_complete(air->side[!to].link, 1, true);
	if (f->lost) {
		print_frame(air, to, "lost", f);
		note_loss(air, to, f);
		free(f);
		return;
	}
	if (data && air->side[to].info.fcs && chance(air, air->plan->spoilt)) {
		note_loss(air, to, f);
		spoil(air, f);
	}
	hand_over(air, to, f);
	if (data && chance(air, air->plan->repeats))
		hand_over(air, to, f);
	free(f);
}

/* The controllers take what they have buffers for. */
static bool pump(struct air *air)
{
	static uint8_t pdu[PDU_MAX];
	bool any = false;
	size_t len;

	for (int from = 0; from < 2; from++) {
		while (air->to[!from].count < air->plan->in_flight) {
			len = fake_link_pull(air->side[from].link, pdu,
					     sizeof(pdu));
			if (len == 0)
				break;
			send_frame(air, !from, pdu, len);
			any = true;
		}
	}
	return any;
}

static void check(struct air *air)
{
	const char *fault;

	for (int i = 0; i < 2; i++) {
		fault = rt_l2cap_check(air->side[i].l2cap);
		MUST(air, !fault, "side %d: does not hold: %s", i, fault);
	}
}

static uint64_t next_instant(const struct air *air)
{
	uint64_t at_us = NEVER;
	uint64_t due_us;

	if (rt_timers_next(&air->fake.env.timers, &due_us))
		at_us = due_us;
	for (int i = 0; i < 2; i++) {
		if (air->to[i].first)
			at_us = RT_MIN(at_us, air->to[i].first->due_us);
		at_us = RT_MIN(at_us, air->side[i].read_at_us);
	}
	return at_us;
}

/* One step of virtual time; false if nothing will ever happen. */
static bool step(struct air *air)
{
	struct rt_env *env = &air->fake.env;
	uint64_t at_us;

	while (pump(air))
		;
	at_us = next_instant(air);
	if (at_us == NEVER)
		return false;
	env->now_us = RT_MAX(env->now_us, at_us);
	for (int i = 0; i < 2; i++) {
		if (air->side[i].read_at_us <= env->now_us)
			read_some(&air->side[i]);
		if (air->to[i].first && air->to[i].first->due_us <= env->now_us)
			arrive(air, i);
	}
	rt_timers_run(&env->timers, env->now_us);
	rt_env_reap(env);
	if (air->steps++ % CHECK_EVERY == 0)
		check(air);
	return true;
}

static void make_side(struct air *air, int i)
{
	struct air_side *side = &air->side[i];
	const struct air_side_plan *other = &air->plan->side[!i];

	side->plan = &air->plan->side[i];
	fake_hci_init(&side->hci, &air->fake.env);
	ck_assert_int_eq(rt_l2cap_new(&air->fake.env, &side->hci, &side->l2cap),
			 0);
	side->content = air->plan->seed * 2 + (uint64_t)i + 1;
	side->expected = air->plan->seed * 2 + (uint64_t)!i + 1;
	side->left = side->plan->bytes;
	side->left_to_get = other->bytes;
	side->read_at_us = NEVER;
	air->to[i].end = &air->to[i].first;
}

static void open_links(struct air *air)
{
	const struct rt_addr addr = { { 1, 0, 0, 0, 0, 0xc0 } };
	struct rt_l2cap_params params;
	uint16_t psm;

	air->side[1].link = fake_hci_incoming(&air->side[1].hci, addr);
	params = air->plan->side[1].params;
	params.ops = &ops;
	params.user = &air->side[1];
	ck_assert_int_eq(
		rt_l2cap_listen(air->side[1].l2cap, PSM, &params, &psm), 0);
	params = air->plan->side[0].params;
	params.ops = &ops;
	params.user = &air->side[0];
	ck_assert_int_eq(rt_l2cap_connect(air->side[0].l2cap, addr, PSM,
					  &params, &air->side[0].chan),
			 0);
	air->side[0].link = fake_hci_find(&air->side[0].hci, addr);
	fake_link_up(air->side[0].link);
}

void air_begin(struct air *air, const struct air_plan *plan)
{
	memset(air, 0, sizeof(*air));
	fake_env_init(&air->fake);
	air->plan = plan;
	air->random = plan->seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (int i = 0; i < 2; i++)
		make_side(air, i);
	open_links(air);
	while (!air->side[0].open || !air->side[1].open) {
		MUST(air, !air->side[0].closed && !air->side[1].closed,
		     "closed with 0x%04x", air->side[0].why.code);
		MUST(air, step(air), "it does not open");
	}
	progress(air);
	for (int i = 0; i < 2; i++)
		rt_l2cap_ready(air->side[i].l2cap, air->side[i].chan);
}

/* How long nothing has moved that might have. */
static uint64_t stood_us(const struct air *air)
{
	const uint64_t since_us = RT_MAX(air->progress_us, air->excuse_us);
	const uint64_t now_us = air->fake.env.now_us;

	return now_us > since_us ? now_us - since_us : 0;
}

static uint64_t patience_us(const struct air *air)
{
	return RT_MS(SLACK_MS) + longest_us(air, false) +
	       RT_MS(air->side[0].plan->pause_ms) +
	       RT_MS(air->side[1].plan->pause_ms);
}

static bool is_done(const struct air *air)
{
	const struct air_side *s;

	for (int i = 0; i < 2; i++) {
		s = &air->side[i];
		if (s->left > 0 || s->left_to_get > 0 || s->held ||
		    s->queued > 0)
			return false;
	}
	return true;
}

void air_run(struct air *air)
{
	while (!is_done(air) && !air->side[0].closed && !air->side[1].closed) {
		MUST(air, step(air), "nothing moves any more");
		MUST(air,
		     air->plan->silence || air->plan->lump_us ||
			     stood_us(air) <= patience_us(air),
		     "nothing moved for %.3f s", (double)stood_us(air) / 1e6);
	}
}

static void drop_way(struct air_way *way)
{
	struct air_frame *f;

	while ((f = way->first)) {
		way->first = f->next;
		free(f);
	}
}

void air_end(struct air *air)
{
	air->ended = true;
	for (int i = 0; i < 2; i++) {
		if (air->side[i].closed)
			continue;
		ck_assert_int_eq(rt_l2cap_get_info(air->side[i].l2cap,
						   air->side[i].chan,
						   &air->side[i].info),
				 0);
	}
	rt_l2cap_close(air->side[0].l2cap, air->side[0].chan);
	while (!air->side[0].closed || !air->side[1].closed)
		MUST(air, step(air), "it does not close");
	for (int i = 0; i < 2; i++) {
		rt_l2cap_free(air->side[i].l2cap);
		rt_env_reap(&air->fake.env);
		fake_hci_fini(&air->side[i].hci);
		drop_way(&air->to[i]);
	}
	fake_env_assert_idle(&air->fake);
}
