/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tests/support/wire.h"
#include "tools/sim/written.h"

#include <rawtooth/doors.h>

/*
 * Link keys, PINs and passkeys whose octets the test knows: no log line has
 * them, no capture has them unless it was asked for, and no block of memory
 * that two hosts give back, or still hold when they have forgotten a device.
 */

#define PSM 0x1021
#define PIN "planted.pin.0123"
#define PASSKEY 900847 /* 0x0dbeef: hardly found by chance */

static const uint8_t planted[16] = "planted link key";

struct block {
	struct block *next;
	struct block *prev;
	size_t bytes;
	uint8_t octets[] __attribute__((aligned(16)));
};

static struct {
	struct wire *wire;
	struct block *blocks; /* the newest */
	uint8_t secret[16];
	size_t secret_bytes;
	char text[3][40]; /* what a log line could have of it */
	unsigned int lines;
	char capture[64];
	struct agent agent[2];
	struct rt_server *server;
	struct end client;
	int paired;
} s;

static bool holds(const struct block *block)
{
	sim_expect_anything(block->octets, block->bytes);
	return memmem(block->octets, block->bytes, s.secret, s.secret_bytes);
}

static void *on_alloc(void *ctx, size_t bytes)
{
	struct block *block = calloc(1, sizeof(*block) + bytes);

	(void)ctx;
	ck_assert_ptr_nonnull(block);
	block->bytes = bytes;
	block->next = s.blocks;
	if (s.blocks)
		s.blocks->prev = block;
	s.blocks = block;
	return block->octets;
}

static void on_free(void *ctx, void *ptr)
{
	struct block *block;

	(void)ctx;
	if (!ptr)
		return;
	block = RT_CONTAINER_OF(ptr, struct block, octets);
	ck_assert_msg(!holds(block), "%zu octets given back with a secret",
		      block->bytes);
	if (block->next)
		block->next->prev = block->prev;
	if (block->prev)
		block->prev->next = block->next;
	else
		s.blocks = block->next;
	free(block);
}

static unsigned int held(void)
{
	unsigned int count = 0;

	for (const struct block *b = s.blocks; b; b = b->next)
		count += holds(b);
	return count;
}

static void on_log(enum rt_level level, const char *line, void *user_data)
{
	(void)level;
	(void)user_data;
	s.lines++;
	for (size_t i = 0; i < RT_ARRAY_SIZE(s.text); i++)
		ck_assert_msg(!s.text[i][0] || !strcasestr(line, s.text[i]),
			      "in the log: %s", line);
}

/* The first octets of a key as a line would show them, either way round. */
static void plant(const void *octets, size_t bytes, const char *text)
{
	const uint8_t *p = octets;

	memcpy(s.secret, octets, bytes);
	s.secret_bytes = bytes;
	snprintf(s.text[0], sizeof(s.text[0]), "%02x%02x%02x%02x", p[0], p[1],
		 p[2], p[3]);
	snprintf(s.text[1], sizeof(s.text[1]), "%02x%02x%02x%02x", p[bytes - 1],
		 p[bytes - 2], p[bytes - 3], p[bytes - 4]);
	snprintf(s.text[2], sizeof(s.text[2]), "%s", text);
}

static void begin(bool show)
{
	static const struct rt_host_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_log = on_log,
	};
	const struct rt_host_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.alloc = on_alloc,
		.free = on_free,
		.forget_keys = true,
		.snoop = s.capture,
		.capture_secrets = show,
	};

	memset(&s, 0, sizeof(s));
	snprintf(s.capture, sizeof(s.capture), "/tmp/rawtooth-secrets-XXXXXX");
	close(mkstemp(s.capture));
	/* Nothing is looked for yet. */
	s.secret_bytes = sizeof(s.secret);
	memset(s.secret, 0xa5, sizeof(s.secret));
	s.wire = wire_new(&options);
	rt_host_set_connectable(s.wire->node[1].host, true);
}

static bool in_capture(void)
{
	static uint8_t octets[1 << 20];
	FILE *file = fopen(s.capture, "rb");
	size_t n;

	ck_assert_ptr_nonnull(file);
	n = fread(octets, 1, sizeof(octets), file);
	fclose(file);
	ck_assert_uint_gt(n, 1000);
	ck_assert_uint_lt(n, sizeof(octets));
	return memmem(octets, n, s.secret, s.secret_bytes);
}

/* Ends it; the hosts have forgotten each other before. */
static void finish(bool shown)
{
	wire_run(s.wire, 50);
	ck_assert_uint_eq(held(), 0);
	wire_free(s.wire);
	ck_assert_ptr_null(s.blocks);
	ck_assert(in_capture() == shown);
	unlink(s.capture);
	ck_assert_uint_gt(s.lines, 0);
}

static void add_key(unsigned int i)
{
	struct rt_link_key key = {
		.size = sizeof(key),
		.addr = wire_addr(s.wire, !i),
		.type = 7,
	};

	memcpy(key.key, planted, sizeof(planted));
	ck_assert_int_eq(rt_host_add_key(s.wire->node[i].host, &key), 0);
}

static void connect(void)
{
	s.server = rt_server_new(s.wire->node[1].host, RT_PROTOCOL_L2CAP, NULL,
				 NULL);
	ck_assert_int_eq(
		rt_server_set_security(s.server, RT_SECURITY_ENCRYPTION), 0);
	ck_assert_int_eq(rt_server_listen(s.server, PSM), 0);
	end_open(&s.client, s.wire->node[0].host, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_set_security(s.client.s, RT_SECURITY_ENCRYPTION), 0);
	ck_assert_int_eq(
		rt_socket_connect(s.client.s, wire_addr(s.wire, 1), PSM), 0);
	ck_assert_msg(wire_run_until(s.wire, end_is_connected, &s.client), "%s",
		      s.client.error_string);
}

static void disconnect(void)
{
	end_free(&s.client);
	rt_server_free(s.server);
	wire_run(s.wire, 50);
}

/* A bond is used, and forgotten. */
static void use_key(bool show)
{
	struct rt_security_info info = { .size = sizeof(info) };

	begin(show);
	plant(planted, sizeof(planted), "planted link");
	for (unsigned int i = 0; i < 2; i++)
		add_key(i);
	connect();
	ck_assert_int_eq(rt_socket_security(s.client.s, &info), 0);
	ck_assert(info.encrypted);
	ck_assert_uint_eq(info.key_type, 7);
	/* The test can fail: here it is. */
	ck_assert_uint_ge(held(), 2);
	disconnect();
	for (unsigned int i = 0; i < 2; i++)
		ck_assert_int_eq(rt_host_unpair(s.wire->node[i].host,
						wire_addr(s.wire, !i)),
				 0);
	finish(show);
}

START_TEST(a_link_key_leaves_no_trace)
{
	use_key(false);
}
END_TEST

START_TEST(a_link_key_is_in_a_capture_that_asked_for_it)
{
	use_key(true);
}
END_TEST

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	(void)user_data;
	s.paired = info->err;
}

static bool is_paired(void *arg)
{
	(void)arg;
	return s.paired <= 0;
}

static void pair(bool mitm)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.mitm = mitm,
	};
	struct rt_pairing *pairing;

	s.paired = 1;
	ck_assert_int_eq(rt_pairing_start(s.wire->node[0].host,
					  wire_addr(s.wire, 1), &options,
					  &pairing),
			 0);
	ck_assert(wire_run_until(s.wire, is_paired, NULL));
	ck_assert_int_eq(s.paired, 0);
	rt_pairing_free(pairing);
	wire_run(s.wire, 50);
}

static bool all_up(void *arg)
{
	(void)arg;
	return rt_host_state(s.wire->node[0].host) == RT_HOST_UP &&
	       rt_host_state(s.wire->node[1].host) == RT_HOST_UP;
}

/* Controllers from before Secure Simple Pairing. */
static void grow_old(void)
{
	const struct rt_vctl_security old = { .no_ssp = true };

	for (unsigned int i = 0; i < 2; i++) {
		rt_vctl_set_security(s.wire->node[i].vctl, &old);
		rt_host_transport_resync(s.wire->node[i].host);
	}
	ck_assert(wire_run_until(s.wire, all_up, NULL));
}

/* One side has the PIN in its policy, the other is told it by its user. */
START_TEST(a_pin_leaves_no_trace)
{
	const struct rt_pin pin = { .pin = PIN, .pin_bytes = 16 };
	struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.legacy = true,
	};

	begin(false);
	grow_old();
	plant(PIN, 16, PIN);
	ck_assert_int_eq(
		rt_host_set_pairing_policy(s.wire->node[0].host, &policy), 0);
	agent_attach(&s.agent[0], s.wire->node[0].host, AGENT_PIN);
	s.agent[0].pin = PIN;
	s.agent[0].pin_bytes = 16;
	policy.pins = &pin;
	policy.pin_count = 1;
	ck_assert_int_eq(
		rt_host_set_pairing_policy(s.wire->node[1].host, &policy), 0);
	ck_assert_uint_ge(held(), 1);
	pair(false);
	ck_assert_ptr_nonnull(strchr(s.agent[0].log, 'N'));
	policy.pins = NULL;
	policy.pin_count = 0;
	ck_assert_int_eq(
		rt_host_set_pairing_policy(s.wire->node[1].host, &policy), 0);
	finish(false);
}
END_TEST

/* Both sides type the same digits, which were agreed on elsewhere. */
START_TEST(a_passkey_leaves_no_trace)
{
	static const uint8_t octets[4] = {
		PASSKEY & 0xff,
		PASSKEY >> 8 & 0xff,
		PASSKEY >> 16,
		0,
	};

	begin(false);
	plant(octets, sizeof(octets), "900847");
	for (unsigned int i = 0; i < 2; i++) {
		agent_allow_bonds(s.wire->node[i].host, false);
		agent_attach(&s.agent[i], s.wire->node[i].host, AGENT_PASSKEY);
		s.agent[i].passkey = PASSKEY;
	}
	pair(true);
	ck_assert_ptr_nonnull(strchr(s.agent[0].log, 'P'));
	ck_assert_ptr_nonnull(strchr(s.agent[1].log, 'P'));
	finish(false);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/secrets");
	TCase *tc = tcase_create("secrets");

	tcase_add_test(tc, a_link_key_leaves_no_trace);
	tcase_add_test(tc, a_link_key_is_in_a_capture_that_asked_for_it);
	tcase_add_test(tc, a_pin_leaves_no_trace);
	tcase_add_test(tc, a_passkey_leaves_no_trace);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
