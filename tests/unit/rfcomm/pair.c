/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rfcomm/check.h"
#include "tests/unit/stack/suite.h"

#define SDU_MAX 4096
#define LAZY_STEP_US 1000

struct pair pair;

uint32_t pair_random(uint32_t n)
{
	return suite_random(&pair.random) % n;
}

struct rt_addr pair_addr(size_t host)
{
	return (struct rt_addr){ { (uint8_t)(host + 1), 2, 3, 4, 5, 6 } };
}

void pair_setup(uint64_t seed)
{
	memset(&pair, 0, sizeof(pair));
	pair.random = seed;
	pair.latency_us = 20000;
	for (size_t i = 0; i < 2; i++) {
		struct pair_host *host = &pair.host[i];

		fake_env_init(&host->fake);
		/* What they do by chance differs. */
		host->fake.next_random = (uint8_t)pair_random(256);
		host->env = &host->fake.env;
		fake_init(&host->l2cap, host->env, RT_L2CAP_PSM_RFCOMM);
		host->l2cap.hold = true;
		ck_assert_int_eq(rt_rfcomm_new(host->env, &host->l2cap,
					       &host->rfcomm),
				 0);
	}
}

bool pair_is_idle(void)
{
	return rt_rfcomm_is_idle(pair.host[0].rfcomm) &&
	       rt_rfcomm_is_idle(pair.host[1].rfcomm);
}

static void drop_wires(void)
{
	for (size_t i = 0; i < 2; i++) {
		while (pair.wire[i]) {
			struct pair_sdu *sdu = pair.wire[i];

			pair.wire[i] = sdu->next;
			free(sdu);
		}
	}
}

void pair_teardown(void)
{
	drop_wires();
	for (size_t i = 0; i < 2; i++) {
		rt_rfcomm_free(pair.host[i].rfcomm);
		rt_env_reap(pair.host[i].env);
		ck_assert_uint_eq(fake_count(&pair.host[i].l2cap), 0);
		fake_env_assert_idle(&pair.host[i].fake);
	}
}

static struct fake_chan *end_of(const struct pair_link *link, size_t host)
{
	if (link->handle[host] == 0)
		return NULL;
	return fake_find(&pair.host[host].l2cap, link->handle[host]);
}

static void close_end(struct pair_link *link, size_t host, uint16_t code,
		      int err)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_L2CAP,
		.code = code,
		.err = err,
	};

	if (end_of(link, host))
		fake_closed(&pair.host[host].l2cap, link->handle[host], &why);
	link->handle[host] = 0;
}

static void enter(struct pair_link *link, enum pair_phase phase,
		  uint64_t wait_us)
{
	link->phase = phase;
	link->due_us = pair.now_us + wait_us;
}

/* Channels that a host has asked for since. */
static void find_requests(size_t host)
{
	for (size_t i = 0; i < FAKE_CHANS; i++) {
		const struct fake_chan *chan = &pair.host[host].l2cap.chan[i];
		struct pair_link *spare = NULL;
		bool known = false;

		if (chan->state != FAKE_CONNECTING)
			continue;
		for (size_t j = 0; j < PAIR_LINKS; j++) {
			struct pair_link *link = &pair.link[j];

			if (link->phase == PAIR_NONE)
				spare = link;
			else if (link->handle[host] == chan->handle)
				known = true;
		}
		if (known)
			continue;
		ck_assert_ptr_nonnull(spare);
		*spare = (struct pair_link){ .end = host };
		spare->handle[host] = chan->handle;
		enter(spare, PAIR_REQUESTED, pair.latency_us);
	}
}

static void ask(struct pair_link *link)
{
	const size_t other = 1 - link->end;
	int err = -ENOBUFS;

	if (!pair.refuses[other])
		err = fake_incoming(&pair.host[other].l2cap,
				    pair_addr(link->end), &link->handle[other]);
	if (err && err != -EAGAIN) {
		link->handle[other] = 0;
		enter(link, PAIR_CLOSED, pair.latency_us);
	} else {
		enter(link, PAIR_ASKED, 0);
	}
}

/* The end that closed hears of it as its own doing, or as a refusal. */
static void finish(struct pair_link *link)
{
	const struct fake_chan *chan = end_of(link, link->end);

	if (chan && chan->state == FAKE_CONNECTING)
		close_end(link, link->end, RT_L2CAP_NO_RESOURCES,
			  -ECONNREFUSED);
	else
		close_end(link, link->end, RT_L2CAP_CLOSED, 0);
	link->phase = PAIR_NONE;
}

/* True if an end wants to close, or has gone without a word. */
static bool find_closer(struct pair_link *link)
{
	for (size_t i = 0; i < 2; i++) {
		const struct fake_chan *chan = end_of(link, i);

		if (chan && chan->state != FAKE_CLOSING)
			continue;
		/* Refused by the host that was asked. */
		link->end = i;
		enter(link, PAIR_CLOSING, pair.latency_us);
		return true;
	}
	return false;
}

static void open_ends(struct pair_link *link)
{
	const size_t first = 1 - link->end;

	link->phase = PAIR_OPEN;
	for (size_t i = 0; i < 2; i++) {
		const size_t host = i == 0 ? first : 1 - first;
		const struct fake_chan *chan = end_of(link, host);

		if (chan && (chan->state == FAKE_ACCEPTED ||
			     chan->state == FAKE_CONNECTING))
			fake_open(&pair.host[host].l2cap, link->handle[host],
				  end_of(link, 1 - host)
					  ? end_of(link, 1 - host)->imtu
					  : RT_L2CAP_MTU_DEFAULT);
	}
}

static void run_asked(struct pair_link *link)
{
	const struct fake_chan *asked = end_of(link, 1 - link->end);
	const struct fake_chan *asker = end_of(link, link->end);

	if (!asked) {
		/* Refused after all. */
		enter(link, PAIR_CLOSED, pair.latency_us);
	} else if (!asker || asker->state == FAKE_CLOSING) {
		enter(link, PAIR_CLOSING, pair.latency_us);
	} else if (asked->state == FAKE_ACCEPTED) {
		enter(link, PAIR_CONFIGURED, 2 * pair.latency_us);
	}
}

static void run_link(struct pair_link *link)
{
	const bool due = link->due_us <= pair.now_us;

	switch (link->phase) {
	case PAIR_NONE:
		return;
	case PAIR_REQUESTED:
		if (due)
			ask(link);
		return;
	case PAIR_ASKED:
		run_asked(link);
		return;
	case PAIR_CONFIGURED:
		if (due && !find_closer(link))
			open_ends(link);
		return;
	case PAIR_OPEN:
		find_closer(link);
		return;
	case PAIR_CLOSING:
		if (!due)
			return;
		close_end(link, 1 - link->end, RT_L2CAP_PEER_DISCONNECTED,
			  -ECONNRESET);
		enter(link, PAIR_CLOSED, pair.latency_us);
		return;
	case PAIR_CLOSED:
		if (due)
			finish(link);
		return;
	}
}

/* The handle at the other end of an open link; 0 if it is not. */
static rt_handle other_end(size_t host, rt_handle handle)
{
	for (size_t i = 0; i < PAIR_LINKS; i++) {
		if (pair.link[i].phase == PAIR_OPEN &&
		    pair.link[i].handle[host] == handle)
			return pair.link[i].handle[1 - host];
	}
	return 0;
}

static bool send_sdu(size_t host, struct fake_chan *chan)
{
	struct pair_sdu **end = &pair.wire[1 - host];
	uint8_t octets[SDU_MAX];
	const size_t len =
		fake_pull(&pair.host[host].l2cap, chan->handle, octets);
	struct pair_sdu *sdu;

	if (len == 0)
		return false;
	sdu = malloc(sizeof(*sdu) + len);
	ck_assert_ptr_nonnull(sdu);
	sdu->next = NULL;
	sdu->due_us = pair.now_us + pair.latency_us;
	sdu->handle = other_end(host, chan->handle);
	sdu->len = len;
	memcpy(sdu->octets, octets, len);
	while (*end)
		end = &(*end)->next;
	*end = sdu;
	return true;
}

static void run_chan(size_t host, struct fake_chan *chan)
{
	struct rt_l2cap *l2cap = &pair.host[host].l2cap;
	const rt_handle handle = chan->handle;
	size_t sends = pair.lazy ? pair_random(4) : FAKE_UNDER_WAY / 2;

	while (chan->state != FAKE_FREE && chan->handle == handle &&
	       chan->under_way_count > 0 && (!pair.lazy || pair_random(2) == 0))
		fake_complete(l2cap, handle, true);
	while (sends > 0 && chan->state == FAKE_OPEN &&
	       chan->handle == handle && other_end(host, handle) &&
	       chan->under_way_count < FAKE_UNDER_WAY / 2 &&
	       send_sdu(host, chan))
		sends--;
}

static bool arrive(size_t host)
{
	struct rt_l2cap *l2cap = &pair.host[host].l2cap;
	struct pair_sdu *sdu = pair.wire[host];
	const struct fake_chan *chan;

	if (!sdu || sdu->due_us > pair.now_us)
		return false;
	pair.wire[host] = sdu->next;
	chan = fake_find(l2cap, sdu->handle);
	if (chan && chan->state == FAKE_OPEN)
		fake_rx(l2cap, sdu->handle, rt_bytes(sdu->octets, sdu->len));
	free(sdu);
	return true;
}

static void step(void)
{
	for (size_t i = 0; i < 2; i++) {
		struct pair_host *host = &pair.host[i];

		host->env->now_us = pair.now_us;
		while (rt_timers_run(&host->env->timers, pair.now_us) > 0)
			;
		while (arrive(i))
			host->env->frame++;
		for (size_t j = 0; j < FAKE_CHANS; j++) {
			if (host->l2cap.chan[j].state == FAKE_OPEN)
				run_chan(i, &host->l2cap.chan[j]);
		}
		find_requests(i);
	}
	for (size_t i = 0; i < PAIR_LINKS; i++)
		run_link(&pair.link[i]);
	for (size_t i = 0; i < 2; i++) {
		rt_env_reap(pair.host[i].env);
		ck_assert_ptr_null(rt_rfcomm_check(pair.host[i].rfcomm));
	}
	if (pair.check)
		pair.check();
}

/* When something happens by itself next. */
static uint64_t next_us(void)
{
	uint64_t next = UINT64_MAX;
	uint64_t due_us;

	for (size_t i = 0; i < 2; i++) {
		if (rt_timers_next(&pair.host[i].env->timers, &due_us))
			next = RT_MIN(next, due_us);
		if (pair.wire[i])
			next = RT_MIN(next, pair.wire[i]->due_us);
		for (size_t j = 0; j < FAKE_CHANS; j++) {
			const struct fake_chan *chan =
				&pair.host[i].l2cap.chan[j];

			if (chan->state == FAKE_CONNECTING ||
			    chan->state == FAKE_CLOSING ||
			    (chan->state == FAKE_OPEN &&
			     (chan->ready || chan->under_way_count > 0)))
				next = RT_MIN(next, pair.now_us + LAZY_STEP_US);
		}
	}
	for (size_t i = 0; i < PAIR_LINKS; i++) {
		if (pair.link[i].phase != PAIR_NONE &&
		    pair.link[i].due_us > pair.now_us)
			next = RT_MIN(next, pair.link[i].due_us);
	}
	return RT_MAX(next, pair.now_us + 1);
}

void pair_run_us(uint64_t us)
{
	const uint64_t end_us = pair.now_us + us;

	for (;;) {
		step();
		if (next_us() > end_us)
			break;
		pair.now_us = next_us();
	}
	pair.now_us = end_us;
	step();
}

void pair_cut(const struct rt_reason *why)
{
	drop_wires();
	for (size_t i = 0; i < PAIR_LINKS; i++) {
		for (size_t j = 0; j < 2; j++) {
			if (end_of(&pair.link[i], j))
				fake_closed(&pair.host[j].l2cap,
					    pair.link[i].handle[j], why);
			pair.link[i].handle[j] = 0;
		}
		pair.link[i].phase = PAIR_NONE;
	}
}

void pair_in_flight(size_t host, uint8_t dlci, uint32_t *ret_frames,
		    uint32_t *ret_credits)
{
	const struct pair_sdu *sdu;
	uint32_t frames = 0;
	uint32_t credits = 0;

	for (sdu = pair.wire[host]; sdu; sdu = sdu->next) {
		const uint8_t *p = sdu->octets;
		const bool is_short = p[2] & 1;

		if (p[0] >> 2 != dlci || (p[1] & 0xef) != 0xef)
			continue;
		frames += is_short ? p[2] > 1 : 1;
		if (p[1] == 0xff)
			credits += p[is_short ? 3 : 4];
	}
	*ret_frames = frames;
	*ret_credits = credits;
}
