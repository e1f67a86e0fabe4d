/* SPDX-License-Identifier: MIT */
#include "tests/unit/hci/rig.h"
#include "tests/support/hex.h"
#include "tools/sim/written.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_BYTES 70000

struct rig rig;

static const struct rt_hci_options default_options = {
	.name = "rig",
	.class_of_device = 0x5a020c,
};

/* A good controller of version 5.2 with all features and commands. */
static const struct rig_answer good_answers[] = {
	{ 0x1001, "00 0b 0102 0b 05f1 0304" },
	{ 0x1002, "00 ffffffffffffffffffffffffffffffff"
		  "ffffffffffffffffffffffffffffffff"
		  "ffffffffffffffffffffffffffffffff"
		  "ffffffffffffffffffffffffffffffff" },
	{ 0x1003, "00 bffe8ffed83f5b87" },
	{ 0x1004, "00 01 02 0100000000000000" },
	{ 0x1005, "00 fd03 40 0400 0800" },
	{ 0x1009, "00 112233445566" },
	{ 0, NULL },
};

static const struct rig_answer no_answers[] = { { 0, NULL } };

/* For each octet or command: a ck_assert() that holds costs a system call. */
#define MUST(condition)                           \
	do {                                      \
		if (!(condition))                 \
			ck_abort_msg(#condition); \
	} while (false)

static uint8_t packet[PACKET_BYTES];
static uint8_t last_answer[257];
static size_t last_answer_len;

int rig_run(const char *name, const struct rig_case *cases, size_t count)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	TCase *tcase;
	int failed;

	for (size_t i = 0; i < count; i++) {
		tcase = tcase_create((*cases[i].test)->name);
		tcase_add_checked_fixture(tcase, rig_setup, rig_teardown);
		tcase_add_loop_test(tcase, *cases[i].test, 0, cases[i].loops);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void on_up(void *user)
{
	ck_assert_ptr_eq(user, &rig);
	ck_assert(rt_hci_is_up(rig.hci));
	rig.ups++;
}

static void on_down(void *user, const struct rt_reason *why, bool final)
{
	ck_assert_ptr_eq(user, &rig);
	ck_assert(!rt_hci_is_up(rig.hci));
	rig.downs++;
	rig.finals += final;
	rig.why = *why;
}

static const struct rt_hci_ops ops = { .up = on_up, .down = on_down };

struct rig_link *rig_link(const struct rt_hci_link *link)
{
	for (size_t i = rig.link_count; i > 0; i--) {
		if (rig.links[i - 1].link == link)
			return &rig.links[i - 1];
	}
	return NULL;
}

void rig_expect_down(const struct rig_link *known, uint8_t code, int err)
{
	ck_assert_uint_eq(known->downs, 1);
	ck_assert_uint_eq(known->why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(known->why.code, code);
	ck_assert_int_eq(known->why.err, err);
}

static struct rig_link *remember(struct rt_hci_link *link)
{
	struct rig_link *known = rig_link(link);

	if (known)
		return known;
	ck_assert_uint_lt(rig.link_count, RIG_LINKS_MAX);
	known = &rig.links[rig.link_count++];
	known->link = link;
	return known;
}

static void on_link_up(void *user, struct rt_hci_link *link)
{
	ck_assert_ptr_eq(user, &rig);
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
	remember(link)->ups++;
	ck_assert_uint_eq(rig_link(link)->ups, 1);
	if (rig.on_up)
		rig.on_up(link);
}

static void on_link_down(void *user, struct rt_hci_link *link,
			 const struct rt_reason *why)
{
	struct rig_link *known = rig_link(link);

	ck_assert_ptr_eq(user, &rig);
	ck_assert_ptr_nonnull(known);
	known->downs++;
	ck_assert_uint_eq(known->downs, 1);
	known->why = *why;
	known->state = rt_hci_link_state(link);
	ck_assert_int_eq(known->state, RT_HCI_LINK_CLOSED);
	if (rig.on_down)
		rig.on_down(link);
}

static bool on_want(void *user, struct rt_hci_link *link, uint16_t cid,
		    uint16_t *len)
{
	ck_assert(user == &rig && link);
	(void)cid;
	*len = RT_MIN(*len, rig.cut);
	return *len <= rig.limit;
}

static void on_rx(void *user, struct rt_hci_link *link, struct rt_bytes pdu)
{
	const size_t i = rig.rx_count++ % RIG_RX_MAX;

	ck_assert(user == &rig && link && pdu.len >= 4);
	ck_assert_uint_eq(pdu.len,
			  4 + RT_MIN(pdu.ptr[0] + 256U * pdu.ptr[1], rig.cut));
	rig.rx_len[i] = pdu.len;
	rig.rx_ptr[i] = pdu.ptr;
	memcpy(rig.rx[i], pdu.ptr, pdu.len);
	if (rig.on_rx)
		rig.on_rx(link);
}

static void fill_pdu(struct rt_pdu *pdu, uint16_t len, bool owned)
{
	const uint16_t payload = (uint16_t)(len - 4);
	uint8_t *head = rt_pdu_push(pdu, 4);
	struct rt_pkt *pkt;

	memcpy(head, rig.tx_body, 4);
	if (owned) {
		pkt = rt_pkt_new(rig.env, payload);
		ck_assert_ptr_nonnull(pkt);
		memcpy(pkt->data, rig.tx_body + 4, payload);
		pkt->len = payload;
		rt_pdu_own(pdu, pkt);
		return;
	}
	pdu->body[0] = rt_bytes(rig.tx_body + 4, payload / 3);
	pdu->body[1] =
		rt_bytes(rig.tx_body + 4 + payload / 3, payload - payload / 3);
}

static bool on_pull(void *user, struct rt_hci_link *link, struct rt_pdu *pdu)
{
	ck_assert_ptr_eq(user, &rig);
	rig.pulls++;
	for (size_t i = rig.tx_first; i < rig.tx_count; i++) {
		if (rig.tx[i].link != link)
			continue;
		fill_pdu(pdu, rig.tx[i].len, rig.tx[i].owned);
		pdu->flushable = rig.flushable;
		pdu->done = (struct rt_done){
			.chan = rig.tx[i].chan,
			.bytes = rig.tx[i].len,
		};
		rig.tx[i].link = NULL;
		return true;
	}
	return false;
}

static void on_link_completed(void *user, struct rt_hci_link *link,
			      const struct rt_done *done, bool written)
{
	ck_assert_ptr_eq(user, &rig);
	ck_assert_uint_lt(rig.completed_count, RIG_COMPLETED_MAX);
	rig.completed[rig.completed_count++] =
		(struct rig_completed){ *done, written };
	if (rig.on_completed)
		rig.on_completed(link);
}

static const struct rt_hci_link_ops link_ops = {
	.up = on_link_up,
	.down = on_link_down,
	.want = on_want,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_link_completed,
};

/* Scripts are silent for long; only those about it expect to be asked why. */
#define WATCH_MS (24 * 3600 * 1000)

static void make(const struct rt_hci_options *options)
{
	struct rt_hci_options own = *options;

	if (own.watch_ms == 0)
		own.watch_ms = WATCH_MS;
	ck_assert_int_eq(rt_hci_new(rig.env, &own, &ops, &rig, &rig.hci), 0);
	rt_hci_set_link_ops(rig.hci, &link_ops, &rig);
}

void rig_setup(void)
{
	memset(&rig, 0, sizeof(rig));
	fake_env_init(&rig.fake);
	rig.env = &rig.fake.env;
	rig.answers = no_answers;
	rig.limit = UINT16_MAX;
	rig.cut = UINT16_MAX;
	for (size_t i = 0; i < sizeof(rig.tx_body); i++)
		rig.tx_body[i] = (uint8_t)(i * 7 + i / 256);
	make(&default_options);
}

void rig_teardown(void)
{
	rt_hci_free(rig.hci);
	rt_env_reap(rig.env);
	fake_env_assert_idle(&rig.fake);
}

void rig_renew(const struct rt_hci_options *options)
{
	rt_hci_free(rig.hci);
	make(options);
}

static const char *find_answer(const struct rig_answer *answers,
			       uint16_t opcode, bool *ret_found)
{
	for (; answers->opcode; answers++) {
		if (answers->opcode == opcode) {
			*ret_found = true;
			return answers->ret;
		}
	}
	return NULL;
}

/* Return parameters for a command, or NULL if it shall go unanswered. */
static const char *answer_for(uint16_t opcode)
{
	bool found = false;
	const char *ret = find_answer(rig.answers, opcode, &found);

	if (!found)
		ret = find_answer(good_answers, opcode, &found);
	return found ? ret : "00";
}

static size_t flatten(const struct rt_packet *tx)
{
	size_t len = 0;

	packet[len++] = tx->type;
	for (size_t i = 0; i < tx->count; i++) {
		if (tx->slice[i].len > 0)
			memcpy(packet + len, tx->slice[i].ptr,
			       tx->slice[i].len);
		len += tx->slice[i].len;
	}
	MUST(len == 1 + tx->len);
	sim_expect_written(packet, len);
	return len;
}

/* Asked for as soon as a link opens. Other tests don't see it: it has none. */
static bool is_about_features(size_t len)
{
	if (rig.sees_features || len != 6 || packet[0] != RT_PACKET_COMMAND)
		return false;
	return packet[1] == 0x1b && packet[2] == 0x04;
}

static void answer_features(void)
{
	const uint16_t handle = (uint16_t)(packet[4] | packet[5] << 8);

	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 00 %02x %02x 0000000000000000", handle & 0xff,
		   handle >> 8);
}

/* Pulls a packet into `packet`; 0 if there is none. */
static size_t pull(void)
{
	struct rt_packet tx;
	size_t len;

	do {
		if (!rt_hci_tx(rig.hci, &tx))
			return 0;
		len = flatten(&tx);
		if (!is_about_features(len))
			return len;
		answer_features();
	} while (true);
}

/* Answers the command in `packet`, of `len` octets with the H4 octet. */
static void answer(size_t len)
{
	const uint16_t opcode = (uint16_t)(packet[1] | packet[2] << 8);
	const char *ret = answer_for(opcode);

	MUST(len >= 4);
	MUST(packet[0] == RT_PACKET_COMMAND);
	MUST(len == 4U + packet[3]);
	if (!ret)
		return;
	len = hex_read(ret, last_answer + 5, sizeof(last_answer) - 5);
	last_answer[0] = 0x0e;
	last_answer[1] = (uint8_t)(3 + len);
	last_answer[2] = 1;
	last_answer[3] = (uint8_t)opcode;
	last_answer[4] = (uint8_t)(opcode >> 8);
	last_answer_len = 5 + len;
	rig_inject_bytes(RT_PACKET_EVENT, last_answer, last_answer_len);
}

void rig_answer_all(void)
{
	for (size_t len = pull(); len > 0; len = pull())
		answer(len);
}

void rig_answer_one(void)
{
	const size_t len = pull();

	ck_assert_uint_gt(len, 0);
	answer(len);
}

void rig_repeat_answer(void)
{
	last_answer[last_answer_len - 1] ^= 0x55;
	rig_inject_bytes(RT_PACKET_EVENT, last_answer, last_answer_len);
}

void rig_bring_up(void)
{
	rt_hci_start(rig.hci);
	rig_answer_all();
}

void rig_expect(const char *hex)
{
	static uint8_t want[PACKET_BYTES];
	const size_t want_len = hex_read(hex, want, sizeof(want));
	const size_t len = pull();
	char got[1024];

	hex_write(packet, len, got, sizeof(got));
	ck_assert_msg(len == want_len && memcmp(packet, want, len) == 0,
		      "want %s, got %s", hex, got);
}

void rig_expect_none(void)
{
	char got[1024];
	const size_t len = pull();

	hex_write(packet, len, got, sizeof(got));
	ck_assert_msg(len == 0, "want nothing, got %s", got);
}

void rig_expect_command(uint16_t opcode)
{
	const size_t len = pull();

	ck_assert_msg(len >= 4, "want command 0x%04x, got nothing", opcode);
	ck_assert_uint_eq(packet[0], RT_PACKET_COMMAND);
	ck_assert_msg((packet[1] | packet[2] << 8) == opcode,
		      "want command 0x%04x, got 0x%02x%02x", opcode, packet[2],
		      packet[1]);
}

void rig_inject_bytes(enum rt_packet_type type, const void *ptr, size_t len)
{
	/* Of the exact size, so that reading on is seen. */
	uint8_t *copy = malloc(len ? len : 1);

	MUST(copy);
	memcpy(copy, ptr, len);
	rt_hci_rx(rig.hci, type, rt_bytes(copy, len));
	free(copy);
}

void rig_inject(const char *fmt, ...)
{
	static char hex[4096];
	static uint8_t octets[2048];
	va_list args;
	size_t len;

	va_start(args, fmt);
	MUST(vsnprintf(hex, sizeof(hex), fmt, args) < (int)sizeof(hex));
	va_end(args);
	len = hex_read(hex, octets, sizeof(octets));
	MUST(len >= 1);
	rig_inject_bytes((enum rt_packet_type)octets[0], octets + 1, len - 1);
}

void rig_complete(uint16_t opcode)
{
	rig_inject("04 0e 04 01 %02x %02x 00", opcode & 0xff, opcode >> 8);
}

void rig_status(uint16_t opcode, uint8_t status)
{
	rig_inject("04 0f 04 %02x 01 %02x %02x", status, opcode & 0xff,
		   opcode >> 8);
}

void rig_reap(void)
{
	for (size_t i = 0; i < rig.link_count; i++) {
		if (rig.links[i].downs > 0)
			rig.links[i].link = NULL;
	}
	rt_env_reap(rig.env);
}

void rig_pass_us(uint64_t us)
{
	const uint64_t end_us = rig.env->now_us + us;
	uint64_t due_us;

	while (rt_timers_next(&rig.env->timers, &due_us) && due_us <= end_us) {
		rig.env->now_us = RT_MAX(rig.env->now_us, due_us);
		rt_timers_run(&rig.env->timers, rig.env->now_us);
		rig_reap();
	}
	rig.env->now_us = end_us;
	rig_reap();
}

struct rt_addr rig_addr(uint8_t last)
{
	return (struct rt_addr){ { last, 1, 0, 0, 0, 0 } };
}

void rig_connection_complete(uint8_t status, uint16_t handle, uint8_t last)
{
	rig_inject("04 03 0b %02x %02x %02x %02x0100000000 01 00", status,
		   handle & 0xff, handle >> 8, last);
}

void rig_connection_request(uint8_t last)
{
	rig_inject("04 04 0a %02x0100000000 0c025a 01", last);
}

void rig_disconnection_complete(uint16_t handle, uint8_t reason)
{
	rig_inject("04 05 04 00 %02x %02x %02x", handle & 0xff, handle >> 8,
		   reason);
}

void rig_completed(uint16_t handle, uint16_t count)
{
	rig_inject("04 13 05 01 %02x %02x %02x %02x", handle & 0xff,
		   handle >> 8, count & 0xff, count >> 8);
}

struct rt_hci_link *rig_want(uint8_t last)
{
	struct rt_hci_link *link;

	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(last), &link),
			 0);
	remember(link);
	return link;
}

struct rt_hci_link *rig_connect(uint8_t last, uint16_t handle)
{
	struct rt_hci_link *link = rig_want(last);

	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, handle, last);
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
	ck_assert_uint_eq(rt_hci_link_handle(link), handle);
	rt_hci_link_set_used(link, true);
	return link;
}

struct rt_hci_link *rig_accept(uint8_t last, uint16_t handle)
{
	struct rt_hci_link *link;

	rig_connection_request(last);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, handle, last);
	link = rig.links[rig.link_count - 1].link;
	ck_assert_ptr_nonnull(link);
	ck_assert_uint_eq(rt_hci_link_handle(link), handle);
	rt_hci_link_set_used(link, true);
	return link;
}

void rig_send(struct rt_hci_link *link, rt_handle chan, uint16_t len)
{
	ck_assert_uint_lt(rig.tx_count, RIG_TX_MAX);
	ck_assert_uint_ge(len, 4);
	rig.tx[rig.tx_count].link = link;
	rig.tx[rig.tx_count].len = len;
	rig.tx[rig.tx_count].chan = chan;
	rig.tx[rig.tx_count].owned = chan == 0;
	rig.tx_count++;
	rt_hci_link_ready(link);
}

void rig_expect_acl(uint16_t handle_flags, size_t from, size_t len)
{
	const size_t got = pull();
	char str[64];

	hex_write(packet, RT_MIN(got, 8), str, sizeof(str));
	ck_assert_msg(got == 5 + len, "want %zu octets of data, got %zu: %s",
		      len, got, str);
	ck_assert_uint_eq(packet[0], RT_PACKET_ACL);
	ck_assert_int_eq(packet[1] | packet[2] << 8, handle_flags);
	ck_assert_uint_eq(packet[3] + 256U * packet[4], len);
	ck_assert(memcmp(packet + 5, rig.tx_body + from, len) == 0);
}

void rig_take_acl(void)
{
	ck_assert_uint_gt(pull(), 0);
	ck_assert_uint_eq(packet[0], RT_PACKET_ACL);
}

const struct rt_hci_stats *rig_stats(void)
{
	return rt_hci_get_stats(rig.hci);
}
