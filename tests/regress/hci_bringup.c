/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hci/engine.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * Controllers that tell impossible things of themselves while they are brought
 * up, fail at that, or tell it twice, or tell others the second time.
 */

#define STEPS_MAX 40
#define ANSWER_BYTES 257
#define ACL_BYTES_MIN 27
#define TRANSFER_BYTES 3000

static const struct rt_hci_options everything = {
	.name = "rig",
	.acl_rx_packets_max = 8,
};

static const struct rig_answer good[] = { { 0, NULL } };

/* The commands of a bring-up in which all is well. */
static uint16_t opcodes[STEPS_MAX];
static unsigned int steps;

/* And the answers to them. */
static struct {
	uint8_t octets[ANSWER_BYTES];
	size_t len;
} told[STEPS_MAX];

static void on_tap(void *ctx, uint64_t now_us, bool from_controller,
		   const struct rt_packet *packet)
{
	const uint8_t *octets = packet->slice[0].ptr;

	(void)ctx;
	(void)now_us;
	if (from_controller) {
		told[steps - 1].len = packet->len;
		memcpy(told[steps - 1].octets, octets, packet->len);
		return;
	}
	ck_assert_uint_lt(steps, STEPS_MAX);
	opcodes[steps++] = (uint16_t)(octets[0] | octets[1] << 8);
}

static void setup(void)
{
	rig_setup();
	hci_fresh(&everything);
	rig.env->hooks.tap = on_tap;
	steps = 0;
	rig_bring_up();
	rig.env->hooks.tap = NULL;
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_gt(steps, 15);
}

/* A fresh engine; so many commands are answered well. */
static void begin_at(unsigned int step)
{
	hci_fresh(&everything);
	rig.answers = good;
	rt_hci_start(rig.hci);
	for (unsigned int i = 0; i < step; i++)
		rig_answer_one();
}

/* The next command, which has this opcode, is answered so. */
static void answer_badly(uint16_t opcode, const char *ret)
{
	const struct rig_answer bad[] = { { opcode, ret }, { 0, NULL } };

	rig.answers = bad;
	rig_answer_one();
	rig.answers = good;
}

static bool is_required(uint16_t opcode)
{
	static const uint16_t required[] = { 0x0c03, 0x1001, 0x1003, 0x1005,
					     0x1009 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(required); i++) {
		if (required[i] == opcode)
			return true;
	}
	return false;
}

/*
 * The controller was given up with a reason, and is as good as ever if it is
 * started once more.
 */
static void expect_given_up(void)
{
	ck_assert_uint_eq(rig.ups, 0);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_int_lt(rig.why.err, 0);
	ck_assert_uint_eq(rig.why.phase, RT_PHASE_OPEN);
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_expect_none();
	rig_bring_up();
	hci_expect_works();
}

/* HCI-16: every answer with every status but 0, and nothing behind it. */
START_TEST(an_answer_that_says_it_failed_is_an_error_or_done_without)
{
	char status[3] = "";

	for (unsigned int step = 0; step < steps; step++) {
		for (unsigned int code = 1; code < 256; code++) {
			status[0] = "0123456789abcdef"[code >> 4];
			status[1] = "0123456789abcdef"[code & 15];
			begin_at(step);
			answer_badly(opcodes[step], status);
			if (is_required(opcodes[step])) {
				ck_assert_uint_eq(rig.why.code, code);
				expect_given_up();
				continue;
			}
			rig_answer_all();
			ck_assert_uint_eq(rig.ups, 1);
			hci_expect_works();
		}
	}
}
END_TEST

/* HCI-16: each answer is missing once. */
START_TEST(an_answer_that_is_missing_is_waited_for)
{
	for (unsigned int step = 0; step < steps; step++) {
		begin_at(step);
		answer_badly(opcodes[step], NULL);
		rig_expect_none();
		rig_pass_us(1999999);
		ck_assert_uint_eq(rig_stats()->commands_timed_out, 0);
		rig_expect_none();
		rig_pass_us(1);
		ck_assert_uint_eq(rig_stats()->commands_timed_out, 1);
		rig_answer_all();
		ck_assert_uint_eq(rig.ups, 1);
		ck_assert_uint_eq(rig.downs, 0);
		hci_expect_works();
	}
}
END_TEST

/* HCI-16: each answer is missing always. */
START_TEST(an_answer_that_is_always_missing_is_an_error_or_done_without)
{
	for (unsigned int step = 0; step < steps; step++) {
		const struct rig_answer bad[] = { { opcodes[step], NULL },
						  { 0, NULL } };
		const uint64_t start_us = rig.env->now_us;

		hci_fresh(&everything);
		rig.answers = bad;
		rig_bring_up();
		while (rig.ups + rig.finals == 0) {
			rig_pass_us(RT_SECONDS(1));
			rig_answer_all();
			ck_assert_uint_le(rig.env->now_us - start_us,
					  RT_SECONDS(20));
		}
		rig.answers = good;
		if (!is_required(opcodes[step])) {
			ck_assert_uint_eq(rig.ups, 1);
			hci_expect_works();
			continue;
		}
		ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
		expect_given_up();
	}
}
END_TEST

/* HCI-16: a Command Status that says yes, and no Command Complete. */
START_TEST(an_answer_without_its_parameters_is_an_error_or_done_without)
{
	for (unsigned int step = 0; step < steps; step++) {
		begin_at(step);
		rig_expect_command(opcodes[step]);
		rig_status(opcodes[step], 0);
		rig_expect_none();
		rig_pass_us(2000000);
		rig_answer_all();
		/* A status is all that Reset returns. */
		if (is_required(opcodes[step]) && opcodes[step] != 0x0c03) {
			expect_given_up();
			continue;
		}
		ck_assert_uint_eq(rig.ups, 1);
		hci_expect_works();
	}
}
END_TEST

/* An answer of the good bring-up once more, with another last octet or not. */
static void repeat(unsigned int step, uint8_t change)
{
	uint8_t octets[ANSWER_BYTES];

	memcpy(octets, told[step].octets, told[step].len);
	octets[told[step].len - 1] ^= change;
	rig_inject_bytes(RT_PACKET_EVENT, octets, told[step].len);
}

/* The answer to `step` comes again when so many commands are answered. */
static void try_again(unsigned int step, unsigned int at,
		      const struct rt_hci_info *info)
{
	const bool is_up = at == steps;
	const bool confused = !is_up && opcodes[at] == opcodes[step];
	uint32_t unexpected;

	begin_at(at);
	if (!is_up)
		rig_expect_command(opcodes[at]);
	unexpected = rig_stats()->events_unexpected;
	repeat(step, 0x55);
	repeat(step, 0);
	if (is_up && opcodes[step] == 0x0c03) {
		/* It has reset itself. */
		ck_assert_uint_eq(rig.downs, 1);
		hci_recover();
	} else if (!confused) {
		ck_assert_uint_eq(rig_stats()->events_unexpected,
				  unexpected + 2);
	}
	if (!is_up)
		repeat(at, 0);
	rig_answer_all();
	ck_assert(rt_hci_is_up(rig.hci));
	/* What answers another page of features is taken for that page. */
	if (!confused)
		ck_assert_mem_eq(info, rt_hci_get_info(rig.hci), sizeof(*info));
	hci_expect_works();
}

/* HCI-16: each answer comes again, at each later time, and says otherwise. */
START_TEST(an_answer_that_comes_again_is_not_taken)
{
	struct rt_hci_info info;

	begin_at(steps);
	info = *rt_hci_get_info(rig.hci);
	for (unsigned int step = 0; step < steps; step++) {
		for (unsigned int at = step + 1; at <= steps; at++)
			try_again(step, at, &info);
	}
}
END_TEST

/* Controllers that take the place of the one there was. */
static const struct rig_answer others[][6] = {
	{ { 0x1005, "00 1b00 00 0100 0000" } },
	{ { 0x1005, "00 ffff ff ffff ffff" } },
	{ { 0x1009, "00 a1a2a3a4a5a6" } },
	{ { 0x1003, "00 0000000000000000" } },
	{ { 0x1001, "00 00 0000 00 0000 0000" }, { 0x1002, "01" } },
	{ { 0x1002, "00 "
		    "00000000000000000000000000000000"
		    "00000000000000000000000000000000"
		    "00000000000000000000000000000000"
		    "00000000000000000000000000000000" } },
	{ { 0x1001, "00 ff ffff ff ffff ffff" },
	  { 0x1003, "00 ffffffffffffffff" },
	  { 0x1004, "00 01 ff ffffffffffffffff" },
	  { 0x1005, "00 1b00 00 0200 0000" },
	  { 0x1009, "00 ffffffffffff" } },
};

/* Whatever can be of a controller, with data on their way. */
static void fill(void)
{
	struct rt_hci_link *link = rig_connect(1, 1);
	const uint32_t buffers = rig_stats()->acl_free;

	rig.tx_first = 0;
	rig.tx_count = 0;
	for (uint32_t i = 0; i < RT_MIN(buffers, 8); i++) {
		rig_send(link, 7, 20);
		rig_take_acl();
	}
	rig_want(2);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	/* For a handle that there is not yet. */
	rig_inject("02 0920 0700 03004000 616263");
}

/* HCI-16: the second time it is another controller, and then it is again. */
START_TEST(a_controller_may_be_another_one_after_a_reset)
{
	struct rt_hci_info info;

	for (size_t i = 0; i < RT_ARRAY_SIZE(others); i++) {
		begin_at(steps);
		info = *rt_hci_get_info(rig.hci);
		fill();
		rig.answers = others[i];
		rig_inject("04 10 01 42");
		hci_recover();
		ck_assert_uint_eq(rig.ups, 2);
		ck_assert_mem_ne(&info, rt_hci_get_info(rig.hci), sizeof(info));
		hci_expect_works();
		fill();
		rig.answers = good;
		rig_inject("04 10 01 42");
		hci_recover();
		ck_assert_uint_eq(rig.ups, 3);
		ck_assert_mem_eq(&info, rt_hci_get_info(rig.hci), sizeof(info));
		hci_expect_works();
	}
}
END_TEST

static char said[256]; /* about buffers, in the log */

static void on_log(void *ctx, enum rt_log_level level, const char *line)
{
	(void)ctx;
	if (level == RT_LOG_ERROR && strstr(line, "ACL buffers"))
		snprintf(said, sizeof(said), "%s", line);
}

/* It says that it has `count` buffers of `bytes`. */
static void bring_up_with(unsigned int bytes, unsigned int count)
{
	char ret[32];
	const struct rig_answer answers[] = { { 0x1005, ret }, { 0, NULL } };

	snprintf(ret, sizeof(ret), "00 %02x%02x ff %02x%02x ffff", bytes & 0xff,
		 bytes >> 8, count & 0xff, count >> 8);
	hci_fresh(&everything);
	said[0] = '\0';
	rig.env->hooks.log = on_log;
	rig.answers = answers;
	rig_bring_up();
	rig.answers = good;
}

/* So many octets leave in pieces that it takes, not more of them at once. */
static void expect_transfer(unsigned int bytes, unsigned int count)
{
	struct rt_hci_link *link = rig_connect(1, 1);
	unsigned int held = 0;
	size_t at = 0;

	ck_assert_uint_ge(rig_stats()->acl_free, 1);
	rig_send(link, 7, TRANSFER_BYTES);
	while (at < TRANSFER_BYTES) {
		const size_t piece = RT_MIN(TRANSFER_BYTES - at, bytes);

		if (rig_stats()->acl_free == 0) {
			rig_expect_none();
			rig_completed(1, (uint16_t)held);
			held = 0;
		}
		rig_expect_acl(at > 0 ? 0x1001 : 0x0001, at, piece);
		at += piece;
		held++;
		ck_assert_uint_le(held, count);
	}
	rig_expect_none();
	rig_completed(1, (uint16_t)held);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(rig.completed[0].written);
}

/* HCI-15 */
START_TEST(buffers_that_no_data_fit_in_are_refused)
{
	static const unsigned int bytes[] = { 0, 1, 4, 5, 26, 27, 1021, 65535 };
	static const unsigned int counts[] = { 0, 1, 64, 65, 255, 256, 65535 };
	char text[100];

	for (size_t i = 0; i < RT_ARRAY_SIZE(bytes); i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(counts); k++) {
			bring_up_with(bytes[i], counts[k]);
			if (bytes[i] >= ACL_BYTES_MIN && counts[k] > 0) {
				ck_assert_uint_eq(rig.ups, 1);
				ck_assert_str_eq(said, "");
				expect_transfer(bytes[i], counts[k]);
				hci_expect_works();
				continue;
			}
			ck_assert_int_eq(rig.why.err, -EPROTO);
			snprintf(text, sizeof(text),
				 "controller refused: %u ACL buffers of %u "
				 "octets; one of 27 is the least",
				 counts[k], bytes[i]);
			ck_assert_str_eq(said, text);
			expect_given_up();
		}
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-15", "A", buffers_that_no_data_fit_in_are_refused),
	TAGGED("HCI-16", "A",
	       an_answer_that_says_it_failed_is_an_error_or_done_without),
	TAGGED("HCI-16", "A", an_answer_that_is_missing_is_waited_for),
	TAGGED("HCI-16", "A",
	       an_answer_that_is_always_missing_is_an_error_or_done_without),
	TAGGED("HCI-16", "A",
	       an_answer_without_its_parameters_is_an_error_or_done_without),
	TAGGED("HCI-16", "A", an_answer_that_comes_again_is_not_taken),
	TAGGED("HCI-16", "A", a_controller_may_be_another_one_after_a_reset),
};

const struct tagged_table hci_bringup_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = setup,
	.teardown = rig_teardown,
};
