/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"

/* Commands by themselves: answers, lengths, credits, reset. */

#define ADDR_0 "00 00 00 01 aa 00"
#define ADDR_1 "01 00 00 01 aa 00"

enum form { COMPLETE, STATUS, SILENT };

/* Every command there is, with the parameters that it must accept. */
static const struct command {
	uint16_t opcode;
	uint8_t bytes;
	enum form form;
	bool any_length; /* some other lengths are right, too */
} all[] = {
	{ 0x0401, 5, STATUS, false },	 { 0x0402, 0, COMPLETE, false },
	{ 0x0405, 13, STATUS, false },	 { 0x0406, 3, STATUS, false },
	{ 0x0408, 6, COMPLETE, false },	 { 0x0409, 7, STATUS, false },
	{ 0x040a, 7, STATUS, false },	 { 0x040b, 22, COMPLETE, false },
	{ 0x040c, 6, COMPLETE, false },	 { 0x040d, 23, COMPLETE, false },
	{ 0x040e, 6, COMPLETE, false },	 { 0x040f, 4, STATUS, false },
	{ 0x0411, 2, STATUS, false },	 { 0x0413, 3, STATUS, false },
	{ 0x0419, 10, STATUS, false },	 { 0x041a, 6, COMPLETE, false },
	{ 0x041b, 2, STATUS, false },	 { 0x041c, 3, STATUS, false },
	{ 0x041d, 2, STATUS, false },	 { 0x041f, 2, STATUS, false },
	{ 0x042b, 9, COMPLETE, false },	 { 0x042c, 6, COMPLETE, false },
	{ 0x042d, 6, COMPLETE, false },	 { 0x042e, 10, COMPLETE, false },
	{ 0x042f, 6, COMPLETE, false },	 { 0x0430, 38, COMPLETE, false },
	{ 0x0433, 6, COMPLETE, false },	 { 0x0434, 7, COMPLETE, false },
	{ 0x0445, 70, COMPLETE, false }, { 0x0803, 10, STATUS, false },
	{ 0x0804, 2, STATUS, false },	 { 0x0809, 2, COMPLETE, false },
	{ 0x080b, 7, STATUS, false },	 { 0x080c, 2, COMPLETE, false },
	{ 0x080d, 4, COMPLETE, false },	 { 0x080e, 0, COMPLETE, false },
	{ 0x080f, 2, COMPLETE, false },	 { 0x0c01, 8, COMPLETE, false },
	{ 0x0c03, 0, COMPLETE, false },	 { 0x0c05, 1, COMPLETE, true },
	{ 0x0c0d, 7, COMPLETE, false },	 { 0x0c11, 23, COMPLETE, true },
	{ 0x0c12, 7, COMPLETE, false },	 { 0x0c13, 248, COMPLETE, false },
	{ 0x0c14, 0, COMPLETE, false },	 { 0x0c15, 0, COMPLETE, false },
	{ 0x0c16, 2, COMPLETE, false },	 { 0x0c17, 0, COMPLETE, false },
	{ 0x0c18, 2, COMPLETE, false },	 { 0x0c19, 0, COMPLETE, false },
	{ 0x0c1a, 1, COMPLETE, false },	 { 0x0c1b, 0, COMPLETE, false },
	{ 0x0c1c, 4, COMPLETE, false },	 { 0x0c1d, 0, COMPLETE, false },
	{ 0x0c1e, 4, COMPLETE, false },	 { 0x0c1f, 0, COMPLETE, false },
	{ 0x0c20, 1, COMPLETE, false },	 { 0x0c23, 0, COMPLETE, false },
	{ 0x0c24, 3, COMPLETE, false },	 { 0x0c25, 0, COMPLETE, false },
	{ 0x0c26, 2, COMPLETE, false },	 { 0x0c27, 2, COMPLETE, false },
	{ 0x0c28, 4, COMPLETE, false },	 { 0x0c2d, 3, COMPLETE, false },
	{ 0x0c31, 1, COMPLETE, false },	 { 0x0c33, 7, COMPLETE, false },
	{ 0x0c35, 1, SILENT, true },	 { 0x0c36, 2, COMPLETE, false },
	{ 0x0c37, 4, COMPLETE, false },	 { 0x0c38, 0, COMPLETE, false },
	{ 0x0c39, 0, COMPLETE, false },	 { 0x0c3a, 4, COMPLETE, true },
	{ 0x0c42, 0, COMPLETE, false },	 { 0x0c43, 1, COMPLETE, false },
	{ 0x0c44, 0, COMPLETE, false },	 { 0x0c45, 1, COMPLETE, false },
	{ 0x0c46, 0, COMPLETE, false },	 { 0x0c47, 1, COMPLETE, false },
	{ 0x0c51, 0, COMPLETE, false },	 { 0x0c52, 241, COMPLETE, false },
	{ 0x0c53, 2, STATUS, false },	 { 0x0c55, 0, COMPLETE, false },
	{ 0x0c56, 1, COMPLETE, false },	 { 0x0c57, 0, COMPLETE, false },
	{ 0x0c58, 0, COMPLETE, false },	 { 0x0c60, 7, COMPLETE, false },
	{ 0x0c63, 8, COMPLETE, false },	 { 0x0c79, 0, COMPLETE, false },
	{ 0x0c7a, 1, COMPLETE, false },	 { 0x0c7d, 0, COMPLETE, false },
	{ 0x0c84, 1, COMPLETE, false },	 { 0x1001, 0, COMPLETE, false },
	{ 0x1002, 0, COMPLETE, false },	 { 0x1003, 0, COMPLETE, false },
	{ 0x1004, 1, COMPLETE, false },	 { 0x1005, 0, COMPLETE, false },
	{ 0x1009, 0, COMPLETE, false },	 { 0x1401, 2, COMPLETE, false },
	{ 0x1402, 2, COMPLETE, false },	 { 0x1403, 2, COMPLETE, false },
	{ 0x1405, 2, COMPLETE, false },	 { 0x1407, 3, COMPLETE, false },
	{ 0x1408, 2, COMPLETE, false },	 { 0x1804, 1, COMPLETE, false },
};

static void send_zeros(struct rt_vctl *v, uint16_t opcode, uint8_t says,
		       size_t bytes)
{
	uint8_t packet[3 + 300] = { (uint8_t)opcode, (uint8_t)(opcode >> 8),
				    says };

	rt_vctl_rx(v, RT_PACKET_COMMAND, rt_bytes(packet, 3 + bytes));
}

static void hear_invalid(struct rt_vctl *v, const struct command *c)
{
	if (c->form == STATUS)
		hear(v, "04 0f 04 12 01 %02x %02x", LE(c->opcode));
	else
		hear(v, "04 0e .. 01 %02x %02x 12 *", LE(c->opcode));
	hear_nothing(v);
}

START_TEST(a_command_of_any_wrong_length_is_answered_with_invalid_parameters)
{
	struct rt_vctl *v = radio.v[0];

	for (size_t i = 0; i < RT_ARRAY_SIZE(all); i++) {
		const struct command *c = &all[i];
		size_t end = c->any_length ? c->bytes : 256;

		for (size_t n = 0; n < end; n++) {
			if (n == c->bytes)
				continue;
			send_zeros(v, c->opcode, (uint8_t)n, n);
			hear_invalid(v, c);
		}
	}
}
END_TEST

START_TEST(a_command_packet_cut_short_anywhere_is_refused_or_ignored)
{
	struct rt_vctl *v = radio.v[0];

	for (size_t i = 0; i < RT_ARRAY_SIZE(all); i++) {
		const struct command *c = &all[i];

		for (size_t n = 0; n < c->bytes; n++) {
			send_zeros(v, c->opcode, c->bytes, n);
			hear_invalid(v, c);
		}
		send_zeros(v, c->opcode, c->bytes, c->bytes + 1U);
		hear_invalid(v, c);
	}
	for (size_t n = 0; n < 3; n++)
		rt_vctl_rx(v, RT_PACKET_COMMAND, rt_bytes("\x03\x0c\0", n));
	hear_nothing(v);
}
END_TEST

START_TEST(a_failed_command_has_as_many_return_parameters_as_one_that_worked)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 05 14 02 34 02");
	hear(v, "04 0e 07 01 05 14 02 34 02 00");
	tell(v, "01 08 04 06 " ADDR_1);
	hear(v, "04 0e 0a 01 08 04 02 " ADDR_1);
	tell(v, "01 04 10 01 07");
	hear(v, "04 0e 0e 01 04 10 12 00 00 00 00 00 00 00 00 00 00");
}
END_TEST

static void hear_unknown(struct rt_vctl *v, uint16_t opcode)
{
	const uint8_t want[] = {
		0x0f, 0x04, 0x01, 0x01, (uint8_t)opcode, (uint8_t)(opcode >> 8)
	};
	enum rt_packet_type type;
	struct rt_bytes p;

	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_int_eq(type, RT_PACKET_EVENT);
	ck_assert_uint_eq(p.len, sizeof(want));
	ck_assert_mem_eq(p.ptr, want, sizeof(want));
}

START_TEST(every_opcode_that_is_not_known_gets_unknown_hci_command)
{
	struct rt_vctl *v = radio.v[0];
	size_t known = 0;

	for (uint32_t opcode = 0; opcode <= 0xffff; opcode++) {
		if (known < RT_ARRAY_SIZE(all) && opcode == all[known].opcode) {
			known++;
			continue;
		}
		send_zeros(v, (uint16_t)opcode, 0, 0);
		hear_unknown(v, (uint16_t)opcode);
	}
	ck_assert_uint_eq(known, RT_ARRAY_SIZE(all));
	hear_nothing(v);
}
END_TEST

START_TEST(supported_commands_are_those_that_work)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 02 10 00");
	hear(v, "04 0e 44 01 02 10 00 b3 ff f9 01 8c df e1 ff 3f 3f e4 1f f0"
		" 03 f8 be 00 e7 81 bf 1c 00 04 00 00 00 00 00 00 00 00 00"
		" 4e 00 00 00 00 00 00 00 00 00 00 00 00 80 00 00 00 00 00"
		" 00 00 00 00 00 00 00 00 00 00 00 00 00");
}
END_TEST

START_TEST(a_host_finds_what_it_needs_to_come_up)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 03 0c 00");
	hear(v, "04 0e 04 01 03 0c 00");
	tell(v, "01 01 10 00");
	hear(v, "04 0e 0c 01 01 10 00 09 01 00 09 ff ff 01 00");
	tell(v, "01 03 10 00");
	hear(v, "04 0e 0c 01 03 10 00 af 00 00 7e 80 05 59 81");
	tell(v, "01 04 10 01 00");
	hear(v, "04 0e 0e 01 04 10 00 00 02 af 00 00 7e 80 05 59 81");
	tell(v, "01 04 10 01 01");
	hear(v, "04 0e 0e 01 04 10 00 01 02 00 00 00 00 00 00 00 00");
	tell(v, "01 04 10 01 02");
	hear(v, "04 0e 0e 01 04 10 00 02 02 00 01 00 00 00 00 00 00");
	tell(v, "01 05 10 00");
	hear(v, "04 0e 0b 01 05 10 00 fd 03 00 08 00 00 00");
	tell(v, "01 09 10 00");
	hear(v, "04 0e 0a 01 09 10 00 " ADDR_0);
}
END_TEST

START_TEST(what_is_written_is_read_back_until_reset)
{
	static const struct {
		const char *write, *read, *value, *default_value;
	} setting[] = {
		{ "01 16 0c 02 34 12", "15 0c", "34 12", "40 1f" },
		{ "01 18 0c 02 34 12", "17 0c", "34 12", "00 20" },
		{ "01 1a 0c 01 03", "19 0c", "03", "00" },
		{ "01 1c 0c 04 00 01 20 00", "1b 0c", "00 01 20 00",
		  "00 08 12 00" },
		{ "01 1e 0c 04 00 01 20 00", "1d 0c", "00 01 20 00",
		  "00 10 12 00" },
		{ "01 20 0c 01 00", "1f 0c", "00", "00" },
		{ "01 24 0c 03 0c 02 5a", "23 0c", "0c 02 5a", "00 00 00" },
		{ "01 26 0c 02 40 01", "25 0c", "40 01", "60 00" },
		{ "01 3a 0c 07 02 33 8b 9e 00 8b 9e", "39 0c",
		  "02 33 8b 9e 00 8b 9e", "01 33 8b 9e" },
		{ "01 43 0c 01 01", "42 0c", "01", "00" },
		{ "01 45 0c 01 02", "44 0c", "02", "00" },
		{ "01 47 0c 01 01", "46 0c", "01", "00" },
		{ "01 0f 08 02 01 00", "0e 08", "01 00", "00 00" },
		{ "01 56 0c 01 01", "55 0c", "01", "00" },
	};
	struct rt_vctl *v = radio.v[0];

	for (size_t i = 0; i < RT_ARRAY_SIZE(setting); i++) {
		tell_complete(v, "%s", setting[i].write);
		tell(v, "01 %s 00", setting[i].read);
		hear(v, "04 0e .. 01 %s 00 %s", setting[i].read,
		     setting[i].value);
		tell_complete(v, "01 03 0c 00");
		tell(v, "01 %s 00", setting[i].read);
		hear(v, "04 0e .. 01 %s 00 %s", setting[i].read,
		     setting[i].default_value);
	}
}
END_TEST

static void send_eir(struct rt_vctl *v, uint8_t fec)
{
	uint8_t packet[3 + 241] = { 0x52, 0x0c, 241, fec };

	rt_vctl_rx(v, RT_PACKET_COMMAND, rt_bytes(packet, sizeof(packet)));
}

START_TEST(values_out_of_range_are_refused)
{
	static const char *const wrong[] = {
		"16 0c 02 00 00",
		"16 0c 02 41 b5",
		"18 0c 02 00 00",
		"1a 0c 01 04",
		"1c 0c 04 10 00 11 00",
		"1c 0c 04 00 01 02 01",
		"1e 0c 04 02 10 11 00",
		"3a 0c 04 01 40 8b 9e",
		"3a 0c 01 00",
		"43 0c 01 02",
		"45 0c 01 03",
		"47 0c 01 02",
		"31 0c 01 04",
		"33 0c 07 00 00 00 08 00 00 00",
		"33 0c 07 40 00 00 00 00 00 00",
		"04 10 01 03",
		"0d 04 17 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
		" 00 00 00 00 00 00 00 00",
		"0d 04 17 00 00 00 00 00 00 11 00 00 00 00 00 00 00 00"
		" 00 00 00 00 00 00 00 00",
		"2b 04 09 00 00 00 00 00 00 04 00 00",
		"2b 04 09 00 00 00 00 00 00 00 04 00",
		"2b 04 09 00 00 00 00 00 00 00 00 06",
		"2e 04 0a 00 00 00 00 00 00 40 42 0f 00",
		"34 04 07 00 00 00 00 00 00 00",
		"60 0c 07 00 00 00 00 00 00 05",
		"0d 0c 07 00 00 00 00 00 00 02",
		"11 0c 01 00",
		"12 0c 07 00 00 00 00 00 00 02",
		"56 0c 01 02",
		"84 0c 01 06",
		"84 0c 01 11",
		"04 18 01 02",
	};
	struct rt_vctl *v = radio.v[0];

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		tell(v, "01 %s", wrong[i]);
		hear(v, "04 0e .. 01 %.5s 12 *", wrong[i]);
	}
	send_eir(v, 2);
	hear(v, "04 0e 04 01 52 0c 12");
	tell(v, "01 0f 08 02 02 00");
	hear(v, "04 0e .. 01 0f 08 11");
	tell(v, "01 20 0c 01 01");
	hear(v, "04 0e .. 01 20 0c 11");
}
END_TEST

START_TEST(event_filters_are_cleared_and_others_honestly_refused)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 05 0c 01 00");
	hear(v, "04 0e 04 01 05 0c 00");
	tell(v, "01 05 0c 03 02 00 01");
	hear(v, "04 0e 04 01 05 0c 11");
	tell(v, "01 05 0c 01 03");
	hear(v, "04 0e 04 01 05 0c 12");
}
END_TEST

START_TEST(a_second_command_before_the_answer_is_lost_and_counted)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 09 10 00");
	tell(v, "01 05 10 00");
	hear(v, "04 0e .. 01 09 10 00 *");
	hear_nothing(v);
	ck_assert_uint_eq(rt_vctl_get_stats(v)->commands_overrun, 1);
	tell_complete(v, "01 05 10 00");
}
END_TEST

START_TEST(reset_needs_no_credit)
{
	struct rt_vctl *v = radio.v[0];

	tell(v, "01 09 10 00");
	tell(v, "01 03 0c 00");
	hear(v, "04 0e 04 01 03 0c 00");
	hear_nothing(v);
	ck_assert_uint_eq(rt_vctl_get_stats(v)->commands_overrun, 0);
	tell(v, "01 03 0c 00");
	tell(v, "01 09 10 00");
	ck_assert_uint_eq(rt_vctl_get_stats(v)->commands_overrun, 1);
}
END_TEST

START_TEST(an_address_is_taken_once)
{
	struct rt_vctl_options options = {
		.addr = { { 0x01, 0, 0, 0x01, 0xaa, 0 } },
	};

	ck_assert_ptr_null(rt_vctl_new(radio.air, &options));
	rt_vctl_free(radio.v[1]);
	radio.v[1] = rt_vctl_new(radio.air, &options);
	ck_assert_ptr_nonnull(radio.v[1]);
}
END_TEST

START_TEST(packets_that_no_host_sends_are_ignored_and_counted)
{
	tell(radio.v[0], "04 0e 04 01 03 0c 00");
	tell(radio.v[0], "03 01 00 00");
	tell(radio.v[0], "05 01 00 00 00");
	hear_nothing(radio.v[0]);
	ck_assert_uint_eq(rt_vctl_get_stats(radio.v[0])->unexpected, 3);
}
END_TEST

START_TEST(what_a_host_never_reads_does_not_pile_up_without_end)
{
	struct rt_vctl *v = radio.v[0];
	unsigned n = 0;

	/* Answered each time, without a credit. */
	for (int i = 0; i < 5000; i++)
		tell(v, "01 35 0c 01 07");
	while (rt_vctl_has_tx(v)) {
		hear(v, "04 0e 04 01 35 0c 12");
		n++;
	}
	ck_assert_uint_eq(n, 1024);
	tell_complete(v, "01 09 10 00");
}
END_TEST

START_TEST(a_command_whose_answer_is_lost_gives_its_credit_back)
{
	struct rt_vctl *v = radio.v[0];

	for (int i = 0; i < 1024; i++)
		tell(v, "01 35 0c 01 07");
	tell(v, "01 09 10 00");
	tell(v, "01 ff ff 00");
	ck_assert_uint_eq(rt_vctl_get_stats(v)->commands_overrun, 0);
	for (int i = 0; i < 1024; i++)
		hear(v, "04 0e 04 01 35 0c 12");
	hear_nothing(v);
	tell_complete(v, "01 09 10 00");
}
END_TEST

START_TEST(random_packets_of_any_type_do_no_harm)
{
	struct rt_vctl *v = radio.v[0];
	uint64_t state = 1;
	uint8_t packet[300];
	enum rt_packet_type type;
	struct rt_bytes out;

	for (int i = 0; i < 20000; i++) {
		size_t len = suite_random(&state) % 24;

		for (size_t k = 0; k < len; k++)
			packet[k] = (uint8_t)suite_random(&state);
		/* Half of them are nearly commands. */
		if (len > 2 && i % 2) {
			uint16_t opcode =
				all[suite_random(&state) % RT_ARRAY_SIZE(all)]
					.opcode;

			packet[0] = (uint8_t)opcode;
			packet[1] = (uint8_t)(opcode >> 8);
			packet[2] = (uint8_t)(len - 3);
		}
		type = (enum rt_packet_type)(1 + suite_random(&state) % 5);
		rt_vctl_rx(radio.v[i % 7 == 0], i % 2 ? 1 : type,
			   rt_bytes(packet, len));
		while (rt_vctl_tx(radio.v[0], &type, &out) ||
		       rt_vctl_tx(radio.v[1], &type, &out))
			;
		pass_ms(suite_random(&state) % 8);
	}
	tell(v, "01 03 0c 00");
	hear(v, "04 0e 04 01 03 0c 00");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_command_of_any_wrong_length_is_answered_with_invalid_parameters,
		a_command_packet_cut_short_anywhere_is_refused_or_ignored,
		a_failed_command_has_as_many_return_parameters_as_one_that_worked,
		every_opcode_that_is_not_known_gets_unknown_hci_command,
		supported_commands_are_those_that_work,
		a_host_finds_what_it_needs_to_come_up,
		what_is_written_is_read_back_until_reset,
		values_out_of_range_are_refused,
		event_filters_are_cleared_and_others_honestly_refused,
		a_second_command_before_the_answer_is_lost_and_counted,
		reset_needs_no_credit,
		an_address_is_taken_once,
		packets_that_no_host_sends_are_ignored_and_counted,
		what_a_host_never_reads_does_not_pile_up_without_end,
		a_command_whose_answer_is_lost_gives_its_credit_back,
		random_packets_of_any_type_do_no_harm,
	};

	return suite_run("vctl/commands", tests, RT_ARRAY_SIZE(tests),
			 radio_setup, radio_teardown);
}
