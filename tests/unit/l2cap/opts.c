/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "l2cap/opt.h"
#include "tests/unit/l2cap/bench.h"

/* Reads a list of options from hexadecimal, from memory that just fits. */
static int read_hex(const char *hex, struct rt_l2cap_opts *opts)
{
	uint8_t buf[600];
	const size_t n = hex_read(hex, buf, sizeof(buf));
	uint8_t *exact = malloc(n + 1);
	int ret;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact + 1, buf, n);
	ret = rt_l2cap_opts_read(rt_bytes(exact + 1, n), opts);
	free(exact);
	return ret;
}

START_TEST(every_known_option_is_read)
{
	struct rt_l2cap_opts opts = { .has_mtu = false };

	ck_assert_int_eq(read_hex("0102 3000 0202 e803"
				  "0316 00 02 01000000 02000000 03000000"
				  "     04000000 05000000"
				  "0409 03 3f 03 d007 e02e f203"
				  "0501 00",
				  &opts),
			 0);
	ck_assert(opts.has_mtu && opts.has_flush && opts.has_qos &&
		  opts.has_rfc && opts.has_fcs);
	ck_assert_uint_eq(opts.unknown_count, 0);
	ck_assert_uint_eq(opts.mtu.mtu, 48);
	ck_assert_uint_eq(opts.flush.timeout, 1000);
	ck_assert_uint_eq(opts.qos.service, 2);
	ck_assert_uint_eq(opts.qos.token_rate, 1);
	ck_assert_uint_eq(opts.qos.delay_variation, 5);
	ck_assert_uint_eq(opts.rfc.mode, 3);
	ck_assert_uint_eq(opts.rfc.monitor_ms, 12000);
	ck_assert_uint_eq(opts.rfc.mps, 1010);
	ck_assert_uint_eq(opts.fcs.type, 0);
}
END_TEST

START_TEST(lists_add_up_and_the_last_value_counts)
{
	struct rt_l2cap_opts opts = { .has_mtu = false };

	ck_assert_int_eq(read_hex("0102 3000 7700", &opts), 0);
	ck_assert_int_eq(read_hex("0202 e803 0102 a002 0102 0004", &opts), 0);
	ck_assert(opts.has_mtu && opts.has_flush && !opts.has_qos);
	ck_assert_uint_eq(opts.mtu.mtu, 1024);
	ck_assert_uint_eq(opts.unknown_count, 1);
}
END_TEST

START_TEST(unknown_options_are_named_once_each_and_hints_never)
{
	struct rt_l2cap_opts opts = { .has_mtu = false };
	uint8_t buf[48];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	ck_assert_int_eq(read_hex("7703 010203 f700 0600 7700 0000 8000 0702"
				  "3f00",
				  &opts),
			 0);
	rt_l2cap_opts_write_unknown(&opts, &w);
	ck_assert_uint_eq(w.len, 8);
	ck_assert_mem_eq(buf, "\x77\x00\x06\x00\x00\x00\x07\x00", 8);
}
END_TEST

START_TEST(no_more_unknown_options_are_named_than_fit)
{
	struct rt_l2cap_opts opts = { .has_mtu = false };
	uint8_t list[2 * 0x70];
	uint8_t buf[2 * RT_L2CAP_OPTS_UNKNOWN_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	for (size_t i = 0; i < 0x70; i++) {
		list[2 * i] = (uint8_t)(0x10 + i);
		list[2 * i + 1] = 0;
	}
	ck_assert_int_eq(
		rt_l2cap_opts_read(rt_bytes(list, sizeof(list)), &opts), 0);
	ck_assert_uint_eq(opts.unknown_count, RT_L2CAP_OPTS_UNKNOWN_MAX);
	rt_l2cap_opts_write_unknown(&opts, &w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_mem_eq(buf, list, sizeof(buf));
}
END_TEST

START_TEST(an_option_cut_short_anywhere_is_refused_whole)
{
	static const char list[] = "0102300002020100050100";
	const struct rt_l2cap_opts none = { .has_mtu = false };
	struct rt_l2cap_opts opts = none;
	char part[sizeof(list)];

	for (size_t n = 1; n < (sizeof(list) - 1) / 2; n++) {
		memcpy(part, list, 2 * n);
		part[2 * n] = '\0';
		if (n == 4 || n == 8)
			continue; /* between two options */
		ck_assert_int_eq(read_hex(part, &opts), -EBADMSG);
		ck_assert_mem_eq(&opts, &none, sizeof(opts));
	}
}
END_TEST

static size_t length_of(unsigned int type)
{
	static const uint8_t len[] = { 0, 2, 2, 22, 9, 1 };

	return len[type];
}

/* A list with an MTU, the option in question, and an FCS, in this order. */
static int read_between(unsigned int type, size_t len,
			struct rt_l2cap_opts *opts)
{
	uint8_t list[4 + 2 + 255 + 3] = { 0x01, 0x02, 0x30, 0x00 };
	size_t n = 4;

	list[n++] = (uint8_t)type;
	list[n++] = (uint8_t)len;
	n += len;
	list[n++] = 0x05;
	list[n++] = 0x01;
	list[n++] = 0x01;
	return rt_l2cap_opts_read(rt_bytes(list, n), opts);
}

START_TEST(a_known_option_of_another_length_is_refused)
{
	for (unsigned int type = 1; type <= 5; type++) {
		for (size_t len = 0; len <= 255; len++) {
			struct rt_l2cap_opts opts = { .has_mtu = false };
			const bool right = len == length_of(type);

			ck_assert_int_eq(read_between(type, len, &opts),
					 right ? 0 : -EBADMSG);
			ck_assert_int_eq(opts.has_fcs, right);
		}
	}
}
END_TEST

START_TEST(a_hint_of_another_length_is_skipped)
{
	for (unsigned int type = 1; type <= 5; type++) {
		for (size_t len = 0; len <= 255; len++) {
			struct rt_l2cap_opts opts = { .has_mtu = false };

			ck_assert_int_eq(read_between(0x80 | type, len, &opts),
					 0);
			ck_assert(opts.has_fcs && opts.has_mtu);
			if (type == 3)
				ck_assert_int_eq(opts.has_qos, len == 22);
			if (type == 4)
				ck_assert_int_eq(opts.has_rfc, len == 9);
		}
	}
}
END_TEST

START_TEST(what_is_written_is_what_is_read)
{
	const struct rt_l2cap_opts opts = {
		.has_mtu = true,
		.has_flush = true,
		.has_rfc = true,
		.has_fcs = true,
		.mtu.mtu = 0x1234,
		.flush.timeout = 0x5678,
		.rfc = { .mode = 4, .tx_window = 5, .mps = 0x9abc },
		.fcs.type = 1,
	};
	struct rt_l2cap_opts again = { .has_mtu = false };
	uint8_t buf[22];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write(&opts, &w);
	ck_assert_uint_eq(w.len, 22);
	ck_assert_int_eq(rt_l2cap_opts_read(rt_wr_bytes(&w), &again), 0);
	ck_assert_mem_eq(&again, &opts, sizeof(opts));
}
END_TEST

START_TEST(an_option_that_does_not_fit_is_left_out)
{
	const struct rt_l2cap_opts opts = {
		.has_mtu = true,
		.has_rfc = true,
		.has_qos = true,
		.mtu.mtu = 48,
	};
	uint8_t buf[38];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write(&opts, &w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_uint_eq(w.len, 4 + 11);
}
END_TEST

START_TEST(the_window_option_is_known_to_those_who_say_so)
{
	static const uint8_t list[] = { 0x07, 2, 0x34, 0x12 };
	static const uint8_t hint[] = { 0x87, 2, 0x34, 0x12 };
	struct rt_l2cap_opts opts = { .has_mtu = false };

	ck_assert_int_eq(
		rt_l2cap_opts_read(rt_bytes(list, sizeof(list)), &opts), 0);
	ck_assert(!opts.has_window);
	ck_assert_uint_eq(opts.unknown_count, 1);
	ck_assert_uint_eq(opts.unknown[0], 0x07);

	opts = (struct rt_l2cap_opts){ .has_mtu = false };
	ck_assert_int_eq(
		rt_l2cap_opts_read(rt_bytes(hint, sizeof(hint)), &opts), 0);
	ck_assert(!opts.has_window);
	ck_assert_uint_eq(opts.unknown_count, 0);

	opts.takes_window = true;
	ck_assert_int_eq(
		rt_l2cap_opts_read(rt_bytes(list, sizeof(list)), &opts), 0);
	ck_assert(opts.has_window);
	ck_assert_uint_eq(opts.window.frames, 0x1234);
	ck_assert_int_eq(rt_l2cap_opts_read(rt_bytes(list, sizeof(list) - 1),
					    &opts),
			 -EBADMSG);
}
END_TEST

static bool names(const char *list, size_t len, uint8_t type)
{
	return rt_l2cap_opts_names(rt_bytes(list, len), type);
}

START_TEST(unknown_options_of_a_peer_are_understood_in_every_form)
{
	/* Types alone, with length 0, with the type as value, as sent. */
	ck_assert(names("\x02\x05", 2, 0x02));
	ck_assert(names("\x05", 1, 0x05));
	ck_assert(names("\x02\x00\x05\x00", 4, 0x05));
	ck_assert(names("\x02\x01\x02\x05\x01\x05", 6, 0x05));
	ck_assert(names("\x02\x02\xff\xff\x05\x01\x00", 7, 0x05));
	ck_assert(names("\x85\x00", 2, 0x05));

	ck_assert(!names("", 0, 0x05));
	ck_assert(!names("\x02\x00\x05\x00", 4, 0x07));
	ck_assert(!names("\x02\x01\x05", 3, 0x05));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_known_option_is_read,
		lists_add_up_and_the_last_value_counts,
		unknown_options_are_named_once_each_and_hints_never,
		no_more_unknown_options_are_named_than_fit,
		an_option_cut_short_anywhere_is_refused_whole,
		a_known_option_of_another_length_is_refused,
		a_hint_of_another_length_is_skipped,
		what_is_written_is_what_is_read,
		an_option_that_does_not_fit_is_left_out,
		the_window_option_is_known_to_those_who_say_so,
		unknown_options_of_a_peer_are_understood_in_every_form,
	};

	return suite_run("l2cap/opts", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
