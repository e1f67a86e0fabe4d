/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * Answers to commands that are short, wrong, or to nothing; and credits that
 * jump. The rows that take whole hosts are in hci_answers.c.
 */

#define OPCODES 0x10000
#define CREDITS 256
#define RETURNS_BYTES 65 /* of the longest answer of the bring-up */

#define HEX_64_FF                          \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff"

/* A host behind a packet socket, and a controller of 5.3: all there is. */
static const struct rt_hci_options everything = {
	.name = "rig",
	.acl_rx_packets_max = 8,
};

static const struct command {
	uint16_t opcode;
	bool required;
	const char *ret; /* return parameters; NULL: a status alone */
} commands[] = {
	{ 0x0c03, true, NULL },
	{ 0x1001, true, "00 0c 0102 0c 05f1 0304" },
	{ 0x1002, false, "00 " HEX_64_FF },
	{ 0x1003, true, "00 bffe8ffed83f5b87" },
	{ 0x1004, false, "00 02 02 0001000000000000" },
	{ 0x1005, true, "00 fd03 40 0400 0800" },
	{ 0x1009, true, "00 112233445566" },
	{ 0x0c01, false, NULL },
	{ 0x0c63, false, NULL },
	{ 0x0c56, false, NULL },
	{ 0x0c7a, false, NULL },
	{ 0x0c84, false, NULL },
	{ 0x0c33, false, NULL },
	{ 0x0c31, false, NULL },
	{ 0x0c13, false, NULL },
	{ 0x0c24, false, NULL },
	{ 0x0c18, false, NULL },
	{ 0x0c45, false, NULL },
	{ 0x0c52, false, NULL },
	{ 0x080f, false, NULL },
	{ 0x0c1a, false, NULL },
};

static const char *returns_of(const struct command *command)
{
	return command->ret ? command->ret : "00";
}

static size_t digits_of(const struct command *command,
			char digits[2 * RETURNS_BYTES + 1])
{
	size_t n = 0;

	for (const char *p = returns_of(command); *p; p++) {
		if (*p != ' ')
			digits[n++] = *p;
	}
	digits[n] = '\0';
	return n;
}

/* The controller answers as in `commands`, but for one of them. */
static void script(const struct command *other, const char *ret)
{
	static struct rig_answer answers[RT_ARRAY_SIZE(commands) + 1];

	for (size_t i = 0; i < RT_ARRAY_SIZE(commands); i++) {
		answers[i].opcode = commands[i].opcode;
		answers[i].ret =
			&commands[i] == other ? ret : returns_of(&commands[i]);
	}
	rig.answers = answers;
}

static unsigned int seen[RT_ARRAY_SIZE(commands)];

static void on_tap(void *ctx, uint64_t now_us, bool from_controller,
		   const struct rt_packet *packet)
{
	const uint8_t *octets = packet->slice[0].ptr;

	(void)ctx;
	(void)now_us;
	for (size_t i = 0; i < RT_ARRAY_SIZE(commands); i++) {
		if (!from_controller && packet->type == RT_PACKET_COMMAND &&
		    (octets[0] | octets[1] << 8) == commands[i].opcode)
			seen[i]++;
	}
}

/* HCI-04: the commands of the bring-up, each cut anywhere. */
START_TEST(an_answer_of_the_bring_up_that_is_cut_is_an_error_or_done_without)
{
	char digits[2 * RETURNS_BYTES + 1];

	for (size_t i = 0; i < RT_ARRAY_SIZE(commands); i++) {
		const struct command *command = &commands[i];

		for (size_t n = digits_of(command, digits); n > 0;) {
			n -= 2;
			digits[n] = '\0';
			rig.env->hooks.tap = on_tap;
			seen[i] = 0;
			hci_fresh(&everything);
			script(command, digits);
			rig_bring_up();
			ck_assert_uint_gt(seen[i], 0);
			if (command->required) {
				ck_assert_uint_eq(rig.ups, 0);
				ck_assert_uint_eq(rig.finals, 1);
				ck_assert_int_lt(rig.why.err, 0);
				ck_assert_uint_eq(rig.why.phase, RT_PHASE_OPEN);
				rig_expect_none();
			} else {
				ck_assert_uint_eq(rig.ups, 1);
			}
			/* The same engine, once the controller is better. */
			rt_hci_lost(rig.hci, -EPIPE);
			ck_assert_uint_eq(rig.finals, 1);
			script(NULL, NULL);
			rig_bring_up();
			hci_expect_works();
		}
	}
}
END_TEST

/* One command is with the controller, and another one waits. */
static void begin_waiting(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	rt_hci_set_class(rig.hci, 1);
	rig_expect_command(0x0c24);
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_none();
}

/* Both are answered. */
static void expect_goes_on(void)
{
	rig_complete(0x0c24);
	rig_expect_command(0x0c1a);
	rig_complete(0x0c1a);
	hci_expect_works();
}

/* HCI-05: there is no opcode in them. */
START_TEST(an_answer_without_an_opcode_answers_nothing)
{
	struct hci_print before;
	struct hci_print after;

	begin_waiting();
	hci_print_take(&before);
	rig_inject("04 0e 00");
	rig_inject("04 0e 01 01");
	rig_inject("04 0e 02 01 24");
	rig_inject("04 0f 00");
	rig_inject("04 0f 01 00");
	rig_inject("04 0f 02 00 01");
	rig_inject("04 0f 03 00 01 24");
	ck_assert_uint_eq(rig_stats()->events_malformed, 7);
	hci_print_take(&after);
	ck_assert(hci_print_equal(&before, &after));
	rig_expect_none();
	expect_goes_on();
}
END_TEST

/* HCI-05: the answer never comes, but for its first octets. */
START_TEST(a_controller_that_answers_with_less_than_an_opcode_is_reset)
{
	begin_waiting();
	for (int i = 0; i < 20; i++) {
		rig_inject("04 0e 02 01 24");
		rig_pass_us(100000);
	}
	ck_assert_uint_eq(rig_stats()->commands_timed_out, 1);
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	hci_recover();
	hci_expect_works();
}
END_TEST

/* HCI-05: what was never sent is not answered, of all opcodes. */
START_TEST(answers_to_what_was_never_sent_are_counted)
{
	struct hci_print before;
	struct hci_print after;
	uint32_t count = 0;

	begin_waiting();
	hci_print_take(&before);
	for (unsigned int opcode = 1; opcode < OPCODES; opcode++) {
		const uint8_t complete[] = { 0x0e,
					     4,
					     1,
					     (uint8_t)opcode,
					     (uint8_t)(opcode >> 8),
					     (uint8_t)(opcode & 1) };
		const uint8_t status[] = { 0x0f,
					   4,
					   (uint8_t)(opcode & 1),
					   1,
					   (uint8_t)opcode,
					   (uint8_t)(opcode >> 8) };

		if (opcode == 0x0c24 || opcode == 0x0c03)
			continue;
		rig_inject_bytes(RT_PACKET_EVENT, complete, 6);
		rig_inject_bytes(RT_PACKET_EVENT, complete, 4);
		rig_inject_bytes(RT_PACKET_EVENT, status, 6);
		count += 2;
	}
	hci_print_take(&after);
	ck_assert_uint_eq(after.stats.events_unexpected -
				  before.stats.events_unexpected,
			  count);
	ck_assert_uint_eq(rig_stats()->events_malformed, count / 2);
	after.stats.events_unexpected = before.stats.events_unexpected;
	ck_assert(hci_print_equal(&before, &after));
	rig_expect_none();
	expect_goes_on();
}
END_TEST

/* HCI-05: opcode 0 is a number of commands and nothing else. */
START_TEST(an_answer_to_nothing_tells_of_credits_alone)
{
	for (unsigned int credits = 0; credits < CREDITS; credits++) {
		begin_waiting();
		rig_inject("04 0e 03 %02x 0000", credits);
		rig_inject("04 0e 04 %02x 0000 0c", credits);
		rig_inject("04 0f 04 0c %02x 0000", credits);
		ck_assert_uint_eq(rig_stats()->events_unexpected, 0);
		/* One is out, so that it takes two. */
		if (credits >= 2)
			rig_expect_command(0x0c1a);
		rig_expect_none();
		if (credits >= 2)
			rig_complete(0x0c1a);
		rig_complete(0x0c24);
		if (credits < 2) {
			rig_expect_command(0x0c1a);
			rig_complete(0x0c1a);
		}
		hci_expect_works();
	}
}
END_TEST

/* Commands that do nothing of note, to be told apart. */
static const struct rt_codec_msg *const plain[] = {
	&rt_hci_cmd_write_page_timeout_msg,
	&rt_hci_cmd_write_class_of_device_msg,
	&rt_hci_cmd_write_scan_enable_msg,
	&rt_hci_cmd_write_inquiry_mode_msg,
	&rt_hci_cmd_write_simple_pairing_mode_msg,
	&rt_hci_cmd_read_bd_addr_msg,
	&rt_hci_cmd_read_buffer_size_msg,
	&rt_hci_cmd_write_default_link_policy_settings_msg,
};

static unsigned int answered;

static void on_answer(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	(void)hci;
	(void)ctx;
	(void)answer;
	answered++;
}

/* What a controller knows of the commands that are with it. */
struct books {
	uint16_t out[RT_ARRAY_SIZE(plain)];
	unsigned int count;
	unsigned int allowed; /* Num_HCI_Command_Packets, as said last */
	unsigned int queued;
};

/* Takes what is sent: no more than was allowed, and no opcode twice. */
static void take_all(struct books *books)
{
	struct rt_packet tx;
	uint16_t opcode;

	while (rt_hci_tx(rig.hci, &tx)) {
		const uint8_t *octets = tx.slice[0].ptr;

		opcode = (uint16_t)(octets[0] | octets[1] << 8);
		for (unsigned int i = 0; i < books->count; i++) {
			if (books->out[i] == opcode)
				ck_abort_msg("0x%04x is out twice", opcode);
		}
		if (books->count >= books->allowed)
			ck_abort_msg("%u are out, %u may be", books->count + 1,
				     books->allowed);
		books->out[books->count++] = opcode;
	}
}

static void answer_one(struct books *books, unsigned int which, bool cut)
{
	const uint16_t opcode = books->out[which];

	books->out[which] = books->out[--books->count];
	rig_inject("04 0e %02x %02x %02x%02x%s", cut ? 3 : 4, books->allowed,
		   opcode & 0xff, opcode >> 8, cut ? "" : " 0c");
}

/* HCI-05: the number of commands allowed jumps with every answer. */
START_TEST(no_more_commands_are_out_than_were_allowed)
{
	static const uint8_t jumps[] = { 0, 1, 1, 2, 2, 3, 5, 8, 255 };
	const union rt_hci_any_cmd none = { 0 };
	struct books books = { .allowed = 1 };
	uint64_t seed = 5;

	rig_bring_up();
	answered = 0;
	for (int i = 0; i < 20000; i++) {
		const uint32_t dice = suite_random(&seed);

		if (books.queued - answered < 30) {
			rt_hci_cmdq_send(rig.hci,
					 plain[dice % RT_ARRAY_SIZE(plain)],
					 &none, on_answer, NULL);
			books.queued++;
		}
		take_all(&books);
		books.allowed = jumps[dice / 8 % RT_ARRAY_SIZE(jumps)];
		/* What is said of nothing, with none out, is to be trusted. */
		if (books.count > 0)
			answer_one(&books, dice / 128 % books.count,
				   dice / 4096 % 8 == 0);
		else
			books.allowed = books.allowed ? books.allowed : 1;
		rig_inject("04 0e 03 %02x 0000", books.allowed);
	}
	ck_assert_uint_gt(answered, 1000);
	ck_assert_uint_eq(rig.downs, 0);
	books.allowed = 1;
	while (answered < books.queued) {
		while (books.count > 0)
			answer_one(&books, 0, false);
		rig_inject("04 0e 03 01 0000");
		take_all(&books);
	}
	hci_expect_works();
}
END_TEST

/* HCI-05: a Reset that nobody has sent, answered well, ill, and cut. */
START_TEST(a_reset_that_nobody_sent_begins_anew)
{
	static const char *const answers[] = { "04 0e 04 01 030c 00",
					       "04 0e 04 01 030c 0c",
					       "04 0e 03 01 030c",
					       "04 0e 04 00 030c 00" };

	for (size_t i = 0; i < RT_ARRAY_SIZE(answers); i++) {
		begin_waiting();
		rig_inject("%s", answers[i]);
		ck_assert_uint_eq(rig.downs, 1);
		ck_assert_uint_eq(rig.finals, 0);
		rig_expect("01 030c 00");
		rig_complete(0x0c03);
		hci_recover();
		ck_assert_uint_eq(rig.ups, 2);
		hci_expect_works();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-04", "A",
	       an_answer_of_the_bring_up_that_is_cut_is_an_error_or_done_without),
	TAGGED("HCI-05", "A", an_answer_without_an_opcode_answers_nothing),
	TAGGED("HCI-05", "A",
	       a_controller_that_answers_with_less_than_an_opcode_is_reset),
	TAGGED("HCI-05", "A", answers_to_what_was_never_sent_are_counted),
	TAGGED("HCI-05", "A", an_answer_to_nothing_tells_of_credits_alone),
	TAGGED("HCI-05", "A", no_more_commands_are_out_than_were_allowed),
	TAGGED("HCI-05", "A", a_reset_that_nobody_sent_begins_anew),
};

const struct tagged_table hci_commands_table = HCI_RIG_TABLE(rows);
