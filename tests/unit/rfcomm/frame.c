/* SPDX-License-Identifier: MIT */
#include "rfcomm/frame.h"

#include <stdlib.h>
#include <string.h>

#include "stack/base.h"
#include "tests/unit/rfcomm/bench.h"

static const struct {
	const char *covered;
	uint8_t fcs;
} golden[] = {
	{ "03 3F 01", 0x1c }, { "03 73 01", 0xd7 }, { "03 53 01", 0xfd },
	{ "03 EF", 0x70 },    { "01 EF", 0xaa },    { "0B 3F 01", 0x59 },
	{ "0B 73 01", 0x92 }, { "0B 1F 01", 0x73 }, { "0B 53 01", 0xb8 },
	{ "0B EF", 0x9a },    { "0B FF", 0x86 },    { "09 EF", 0x40 },
	{ "09 FF", 0x5c },
};

static uint8_t *copy;

static void teardown(void)
{
	free(copy);
	copy = NULL;
}

/*
 * Parses octets from memory that ends where they end, and that lives until
 * the next call.
 */
static int parse(const uint8_t *octets, size_t len, struct rt_rfcomm_frame *ret)
{
	free(copy);
	copy = malloc(len + (len == 0));
	if (!copy)
		ck_abort_msg("out of memory");
	if (len > 0)
		memcpy(copy, octets, len);
	return rt_rfcomm_frame_parse(rt_bytes(copy, len), ret);
}

static int parse_hex(const char *hex, struct rt_rfcomm_frame *ret)
{
	uint8_t octets[256];

	return parse(octets, hex_read(hex, octets, sizeof(octets)), ret);
}

START_TEST(the_fcs_has_the_golden_values)
{
	uint8_t octets[4];

	for (size_t i = 0; i < RT_ARRAY_SIZE(golden); i++) {
		const size_t len =
			hex_read(golden[i].covered, octets, sizeof(octets));

		ck_assert_uint_eq(rt_rfcomm_fcs(rt_bytes(octets, len)),
				  golden[i].fcs);
		ck_assert_uint_eq(bench_fcs(octets, len), golden[i].fcs);
	}
}
END_TEST

START_TEST(the_fcs_run_over_itself_leaves_cf)
{
	uint8_t octets[4] = { 0x0b, 0x3f, 0x01, 0 };

	octets[3] = rt_rfcomm_fcs(rt_bytes(octets, 3));
	ck_assert_uint_eq((uint8_t)~rt_rfcomm_fcs(rt_bytes(octets, 4)), 0xcf);
}
END_TEST

START_TEST(the_fcs_by_nibbles_is_the_fcs_bit_by_bit)
{
	for (unsigned int a = 0; a < 256; a++) {
		for (unsigned int c = 0; c < 256; c++) {
			const uint8_t p[] = { (uint8_t)a, (uint8_t)c, 0x01 };

			/* A control octet of UIH takes two octets only. */
			if ((c & 0xef) != 0xef &&
			    rt_rfcomm_fcs(rt_bytes(p, 3)) != bench_fcs(p, 3))
				ck_abort_msg("%02x %02x 01", a, c);
		}
	}
}
END_TEST

START_TEST(a_frame_is_parsed_into_its_fields)
{
	struct rt_rfcomm_frame frame;

	ck_assert_int_eq(parse_hex("0B 3F 01 59", &frame), 0);
	ck_assert_uint_eq(frame.type, RT_RFCOMM_SABM);
	ck_assert_uint_eq(frame.dlci, 2);
	ck_assert(frame.cr);
	ck_assert(frame.pf);
	ck_assert_uint_eq(frame.len, 0);
	ck_assert_uint_eq(frame.body.len, 0);

	ck_assert_int_eq(parse_hex("09 EF 05 61 62 40", &frame), 0);
	ck_assert_uint_eq(frame.type, RT_RFCOMM_UIH);
	ck_assert(!frame.cr);
	ck_assert(!frame.pf);
	ck_assert_uint_eq(frame.len, 2);
	ck_assert_uint_eq(frame.body.len, 2);
}
END_TEST

START_TEST(both_forms_of_the_length_are_read)
{
	uint8_t octets[400] = { 0x0b, 0xef, 0x2c, 0x02 };
	struct rt_rfcomm_frame frame;
	struct rt_bytes info;
	uint8_t credits;

	octets[4 + 278] = 0x9a;
	ck_assert_int_eq(rt_rfcomm_frame_parse(rt_bytes(octets, 4 + 278 + 1),
					       &frame),
			 0);
	ck_assert_uint_eq(frame.len, 278);
	ck_assert_int_eq(rt_rfcomm_frame_info(&frame, true, &credits, &info),
			 0);
	ck_assert_uint_eq(info.len, 278);

	/* The long form of a short length is odd, and no harm. */
	ck_assert_int_eq(rt_rfcomm_frame_parse(
				 rt_bytes((const uint8_t[]){ 0x0b, 0xef, 0x02,
							     0x00, 0x41, 0x9a },
					  6),
				 &frame),
			 0);
	ck_assert_uint_eq(frame.len, 1);
}
END_TEST

START_TEST(a_frame_cut_short_anywhere_is_refused)
{
	static const char *const frames[] = {
		"0B 3F 01 59",
		"0B EF 07 61 62 63 9A",
		"0B FF 07 05 61 62 63 86",
		"03 EF 15 83 11 02 F0 07 00 F3 03 00 07 70",
		"0B EF 06 00 61 62 63 9A",
	};
	struct rt_rfcomm_frame frame;
	uint8_t octets[64];
	struct rt_bytes info;
	uint8_t credits;

	for (size_t i = 0; i < RT_ARRAY_SIZE(frames); i++) {
		const size_t len = hex_read(frames[i], octets, sizeof(octets));

		for (size_t cut = 0; cut < len; cut++) {
			const int err = parse(octets, cut, &frame);

			/* Where data happens to look like an FCS, the length
			 * still disagrees. */
			if (err == 0)
				ck_assert_int_ne(
					rt_rfcomm_frame_info(&frame, true,
							     &credits, &info),
					0);
			if (cut < 4)
				ck_assert_int_eq(err, -EBADMSG);
		}
	}
}
END_TEST

START_TEST(frames_below_four_octets_are_refused)
{
	struct rt_rfcomm_frame frame;
	uint8_t octets[3];

	for (size_t len = 0; len <= 3; len++) {
		for (unsigned int low = 0; low < 256; low++) {
			memset(octets, (int)low, sizeof(octets));
			ck_assert_int_eq(parse(octets, len, &frame), -EBADMSG);
		}
	}
}
END_TEST

START_TEST(every_single_bit_error_in_what_the_fcs_covers_is_seen)
{
	static const char *const frames[] = { "0B 3F 01 59", "0B 1F 01 73",
					      "0B EF 03 41 9A" };
	struct rt_rfcomm_frame frame;
	uint8_t octets[8];

	for (size_t i = 0; i < RT_ARRAY_SIZE(frames); i++) {
		const size_t len = hex_read(frames[i], octets, sizeof(octets));
		const size_t covered = octets[1] == 0xef ? 2 : 3;

		for (size_t bit = 0; bit < 8 * covered; bit++) {
			octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
			ck_assert_int_ne(parse(octets, len, &frame), 0);
			octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}
END_TEST

START_TEST(every_wrong_fcs_is_told_from_a_malformed_frame)
{
	uint8_t octets[] = { 0x0b, 0x3f, 0x01, 0 };
	struct rt_rfcomm_frame frame;

	for (unsigned int fcs = 0; fcs < 256; fcs++) {
		octets[3] = (uint8_t)fcs;
		ck_assert_int_eq(parse(octets, 4, &frame),
				 fcs == 0x59 ? 0 : -EILSEQ);
	}
}
END_TEST

START_TEST(an_untouched_result_is_what_a_refused_frame_leaves)
{
	struct rt_rfcomm_frame frame;
	struct rt_rfcomm_frame before;

	memset(&frame, 0x5a, sizeof(frame));
	before = frame;
	ck_assert_int_eq(parse_hex("0B 3F 01 58", &frame), -EILSEQ);
	ck_assert_mem_eq(&frame, &before, sizeof(frame));
	ck_assert_int_eq(parse_hex("0B 3F", &frame), -EBADMSG);
	ck_assert_mem_eq(&frame, &before, sizeof(frame));
}
END_TEST

/* A frame is one of five types with EA = 1, or it is malformed. */
START_TEST(each_address_and_control_octet_is_accepted_or_malformed)
{
	struct rt_rfcomm_frame frame;
	unsigned int accepted = 0;

	for (unsigned int a = 0; a < 256; a++) {
		for (unsigned int c = 0; c < 256; c++) {
			uint8_t p[] = { (uint8_t)a, (uint8_t)c, 0x01, 0 };
			const uint8_t type = (uint8_t)(c & 0xef);
			const bool known = type == 0x2f || type == 0x63 ||
					   type == 0x0f || type == 0x43 ||
					   type == 0xef;

			p[3] = bench_fcs(p, 3);
			if (parse(p, 4, &frame) !=
			    (known && (a & 1) ? 0 : -EBADMSG))
				ck_abort_msg("verdict on %02x %02x", a, c);
			if (!known || !(a & 1))
				continue;
			accepted++;
			if (frame.dlci != a >> 2 || frame.type != type ||
			    frame.cr != ((a & 2) != 0) ||
			    frame.pf != ((c & 0x10) != 0))
				ck_abort_msg("fields of %02x %02x", a, c);
		}
	}
	ck_assert_uint_eq(accepted, 128 * 5 * 2);
}
END_TEST

START_TEST(only_uih_has_information_and_a_long_length)
{
	static const uint8_t controls[] = { 0x3f, 0x73, 0x1f, 0x53 };
	struct rt_rfcomm_frame frame;

	for (size_t i = 0; i < RT_ARRAY_SIZE(controls); i++) {
		uint8_t with[] = { 0x0b, controls[i], 0x03, 0x41, 0 };
		uint8_t extra[] = { 0x0b, controls[i], 0x01, 0x41, 0 };
		uint8_t form[] = { 0x0b, controls[i], 0x00, 0x00, 0 };

		with[4] = bench_fcs(with, 3);
		extra[4] = bench_fcs(extra, 3);
		form[4] = bench_fcs(form, 4);
		ck_assert_int_eq(parse(with, 5, &frame), -EBADMSG);
		ck_assert_int_eq(parse(extra, 5, &frame), -EBADMSG);
		ck_assert_int_eq(parse(form, 5, &frame), -EBADMSG);
	}
}
END_TEST

/* A UIH frame that says `field`, and has `there` octets. */
static void try_length(unsigned int field, unsigned int there, bool credit)
{
	const bool fits = there == field + (credit ? 1U : 0U);
	struct rt_rfcomm_frame frame;
	struct rt_bytes info;
	uint8_t octets[300];
	uint8_t credits;
	size_t n = 0;
	int err;

	octets[n++] = 0x0b;
	octets[n++] = credit ? 0xff : 0xef;
	octets[n++] = (uint8_t)(field << 1 | (field <= 127));
	if (field > 127)
		octets[n++] = (uint8_t)(field >> 7);
	memset(octets + n, 9, there);
	n += there;
	octets[n++] = credit ? 0x86 : 0x9a;
	if (parse(octets, n, &frame))
		ck_abort_msg("%u octets for %u: no frame", there, field);
	err = rt_rfcomm_frame_info(&frame, true, &credits, &info);
	if (err != (fits ? 0 : -EBADMSG))
		ck_abort_msg("%u octets for %u: %d", there, field, err);
	if (fits && (info.len != field || credits != (credit ? 9 : 0)))
		ck_abort_msg("%u octets for %u: parted wrong", there, field);
}

/* Both forms, with and without credits. */
START_TEST(a_length_that_disagrees_with_the_octets_is_refused)
{
	for (unsigned int field = 0; field <= 140; field++) {
		for (unsigned int there = 0; there <= 140; there++) {
			try_length(field, there, false);
			try_length(field, there, true);
		}
	}
}
END_TEST

START_TEST(a_credit_octet_is_there_only_where_all_conditions_hold)
{
	static const struct {
		const char *hex;
		bool credit_flow;
		int err;
		uint8_t credits;
		size_t len;
	} cases[] = {
		{ "0B FF 01 05 86", true, 0, 5, 0 },
		{ "0B FF 01 05 86", false, -EBADMSG, 0, 0 },
		{ "0B FF 03 05 86", false, 0, 0, 1 },
		{ "0B FF 01 86", true, -EBADMSG, 0, 0 },
		{ "0B FF 01 86", false, 0, 0, 0 },
		{ "0B EF 03 05 9A", true, 0, 0, 1 },
		{ "0B EF 01 05 9A", true, -EBADMSG, 0, 0 },
	};
	struct rt_rfcomm_frame frame;
	struct rt_bytes info;
	uint8_t octets[8];
	uint8_t credits;

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		const size_t len =
			hex_read(cases[i].hex, octets, sizeof(octets));

		ck_assert_int_eq(rt_rfcomm_frame_parse(rt_bytes(octets, len),
						       &frame),
				 0);
		ck_assert_int_eq(rt_rfcomm_frame_info(&frame,
						      cases[i].credit_flow,
						      &credits, &info),
				 cases[i].err);
		if (cases[i].err)
			continue;
		ck_assert_uint_eq(credits, cases[i].credits);
		ck_assert_uint_eq(info.len, cases[i].len);
	}
}
END_TEST

START_TEST(the_multiplexer_has_no_credit_octet)
{
	struct rt_rfcomm_frame frame = { .type = RT_RFCOMM_UIH, .pf = true };
	struct rt_bytes info;
	uint8_t credits;

	frame.body = rt_bytes("ab", 2);
	frame.len = 2;
	ck_assert_int_eq(rt_rfcomm_frame_info(&frame, true, &credits, &info),
			 0);
	ck_assert_uint_eq(credits, 0);
	ck_assert_uint_eq(info.len, 2);
}
END_TEST

/* Whatever a head says, the parser reads it back. */
START_TEST(what_is_built_is_parsed_back)
{
	static const uint16_t lens[] = { 0, 1, 126, 127, 128, 1011, 32767 };
	static uint8_t octets[33000];
	struct rt_rfcomm_frame frame;
	struct rt_bytes info;
	uint8_t credits;

	for (unsigned int bits = 0; bits < 4 * 64; bits++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(lens); i++) {
			const struct rt_rfcomm_head head = {
				.type = RT_RFCOMM_UIH,
				.dlci = (uint8_t)(bits >> 2),
				.cr = bits & 1,
				.pf = bits & 2,
				.has_credits = (bits & 2) && bits >> 2,
				.credits = 200,
				.len = lens[i],
			};
			struct rt_wr w = rt_wr_init(octets, sizeof(octets));

			rt_rfcomm_frame_write_head(&w, &head);
			ck_assert_ptr_nonnull(rt_wr_take(&w, lens[i]));
			rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(&head));
			ck_assert_int_eq(rt_rfcomm_frame_parse(rt_wr_bytes(&w),
							       &frame),
					 0);
			ck_assert_int_eq(rt_rfcomm_frame_info(&frame, true,
							      &credits, &info),
					 0);
			ck_assert_uint_eq(frame.dlci, head.dlci);
			ck_assert(frame.cr == head.cr);
			ck_assert(frame.pf == head.pf);
			ck_assert_uint_eq(info.len, lens[i]);
			ck_assert_uint_eq(credits, head.has_credits ? 200 : 0);
		}
	}
}
END_TEST

START_TEST(a_pdu_is_wrapped_around_its_body)
{
	const struct rt_rfcomm_head head = {
		.type = RT_RFCOMM_UIH,
		.dlci = 2,
		.cr = true,
		.pf = true,
		.has_credits = true,
		.credits = 5,
		.len = 3,
	};
	struct rt_packet packet = { .count = 0 };
	struct rt_pdu pdu;

	rt_pdu_init(&pdu);
	pdu.body[0] = rt_bytes("abc", 3);
	rt_rfcomm_frame_wrap(&pdu, &head);
	rt_pdu_slice(&pdu, 0, rt_pdu_bytes(&pdu), &packet);
	ck_assert_uint_eq(packet.count, 3);
	ck_assert_mem_eq(packet.slice[0].ptr, "\x0b\xff\x07\x05", 4);
	ck_assert_mem_eq(packet.slice[2].ptr, "\x86", 1);
}
END_TEST

START_TEST(c_r_follows_the_roles)
{
	ck_assert(rt_rfcomm_frame_cr(RT_RFCOMM_SABM, true));
	ck_assert(rt_rfcomm_frame_cr(RT_RFCOMM_DISC, true));
	ck_assert(rt_rfcomm_frame_cr(RT_RFCOMM_UIH, true));
	ck_assert(!rt_rfcomm_frame_cr(RT_RFCOMM_UA, true));
	ck_assert(!rt_rfcomm_frame_cr(RT_RFCOMM_DM, true));
	ck_assert(!rt_rfcomm_frame_cr(RT_RFCOMM_SABM, false));
	ck_assert(!rt_rfcomm_frame_cr(RT_RFCOMM_DISC, false));
	ck_assert(!rt_rfcomm_frame_cr(RT_RFCOMM_UIH, false));
	ck_assert(rt_rfcomm_frame_cr(RT_RFCOMM_UA, false));
	ck_assert(rt_rfcomm_frame_cr(RT_RFCOMM_DM, false));
}
END_TEST

START_TEST(frame_types_have_their_names)
{
	ck_assert_str_eq(rt_rfcomm_frame_name(RT_RFCOMM_SABM), "SABM");
	ck_assert_str_eq(rt_rfcomm_frame_name(RT_RFCOMM_UA), "UA");
	ck_assert_str_eq(rt_rfcomm_frame_name(RT_RFCOMM_DM), "DM");
	ck_assert_str_eq(rt_rfcomm_frame_name(RT_RFCOMM_DISC), "DISC");
	ck_assert_str_eq(rt_rfcomm_frame_name(RT_RFCOMM_UIH), "UIH");
	ck_assert_str_eq(rt_rfcomm_frame_name(0x03), "?");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_fcs_has_the_golden_values,
		the_fcs_run_over_itself_leaves_cf,
		the_fcs_by_nibbles_is_the_fcs_bit_by_bit,
		a_frame_is_parsed_into_its_fields,
		both_forms_of_the_length_are_read,
		a_frame_cut_short_anywhere_is_refused,
		frames_below_four_octets_are_refused,
		every_single_bit_error_in_what_the_fcs_covers_is_seen,
		every_wrong_fcs_is_told_from_a_malformed_frame,
		an_untouched_result_is_what_a_refused_frame_leaves,
		each_address_and_control_octet_is_accepted_or_malformed,
		only_uih_has_information_and_a_long_length,
		a_length_that_disagrees_with_the_octets_is_refused,
		a_credit_octet_is_there_only_where_all_conditions_hold,
		the_multiplexer_has_no_credit_octet,
		what_is_built_is_parsed_back,
		a_pdu_is_wrapped_around_its_body,
		c_r_follows_the_roles,
		frame_types_have_their_names,
	};

	return suite_run("frame", tests, RT_ARRAY_SIZE(tests), NULL, teardown);
}
