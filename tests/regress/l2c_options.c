/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/regress/l2cap_tables.h"

/*
 * L2C-01 to L2C-04: option lists that are too long, lie about their lengths,
 * or end too soon. That no C-frame of ours is longer than 48 octets, and that
 * no read goes past the end, the fake HCI sees to.
 */

#define FRAME_MAX 65535

static uint8_t frame[FRAME_MAX];

/* What the peer may have been told when a list arrives. */
enum stage {
	ASKED,	 /* our request is out */
	PENDING, /* and answered "pending" */
	AGREED,	 /* our half is configured */
	OPENED,
	STAGES,
};

static void reach(enum stage stage)
{
	lt_connect(false);
	lt_expect_conf_req();
	if (stage == PENDING)
		lt_answer(4, "%s", "");
	if (stage >= AGREED)
		lt_agree();
	if (stage == OPENED)
		lt_configure("%s", "");
	lt_forget();
}

/* The link still works, whatever became of the channel. */
static void survived(void)
{
	lt_forget();
	lt_ping();
	lt_teardown();
	lt_setup();
}

/* Puts a response with `len` octets of options made of `option` in `frame`. */
static size_t fill_response(uint16_t result, const uint8_t *option, size_t size,
			    size_t len)
{
	size_t at = 10;

	frame[0] = CONF_RSP;
	frame[1] = lt.asked.ident;
	frame[2] = (uint8_t)(6 + len);
	frame[3] = (uint8_t)((6 + len) >> 8);
	frame[4] = (uint8_t)lt.iut;
	frame[5] = (uint8_t)(lt.iut >> 8);
	frame[6] = 0;
	frame[7] = 0;
	frame[8] = (uint8_t)result;
	frame[9] = 0;
	for (size_t i = 0; i < len; i++)
		frame[at++] = option[i % size];
	return at;
}

START_TEST(a_response_with_any_number_of_options_does_no_harm)
{
	static const uint8_t mtu[] = { 0x01, 0x02, 0x00, 0x01 };
	static const uint8_t efs[] = { 0x06, 0x10, 1, 1, 1, 1, 1, 1, 1,
				       1,    1,	   1, 1, 1, 1, 1, 1, 1 };
	static const size_t lens[] = { 1,   2,	 3,   4,    5,	   17,
				       18,  36,	 40,  44,   200,   640,
				       662, 663, 700, 4096, 65000, 65525 };

	for (int stage = 0; stage < STAGES; stage++) {
		for (uint16_t result = 0; result <= 6; result++) {
			for (size_t i = 0; i < 2 * RT_ARRAY_SIZE(lens); i++) {
				reach((enum stage)stage);
				fake_link_rx(bench.link, 1, frame,
					     fill_response(result,
							   i % 2 ? mtu : efs,
							   i % 2 ? sizeof(mtu)
								 : sizeof(efs),
							   lens[i / 2]));
				survived();
			}
		}
	}
}
END_TEST

/* A list of two valid options with one of this type and length among them. */
static size_t fill_list(uint8_t *list, uint8_t type, uint8_t len,
			unsigned int position)
{
	static const uint8_t mtu[] = { 0x01, 0x02, 0x00, 0x02 };
	size_t at = 0;

	for (unsigned int i = 0; i < 3; i++) {
		if (i != position) {
			memcpy(list + at, mtu, sizeof(mtu));
			at += sizeof(mtu);
			continue;
		}
		list[at++] = type;
		list[at++] = len;
		memset(list + at, 0, len);
		at += len;
	}
	return at;
}

static const uint8_t types[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
				 0x06, 0x07, 0x08, 0x7f, 0x81, 0x84 };

/* The expected sizes of those that are known. */
static const uint8_t sizes[] = { 0xff, 2, 2, 22, 9, 1, 16, 2 };

/* Is the request malformed? */
static bool is_wrong(uint8_t type, size_t len)
{
	return type < RT_ARRAY_SIZE(sizes) && type != 0 && type != 6 &&
	       len != sizes[type];
}

static void ask_with(uint8_t type, size_t len, unsigned int position,
		     size_t cut)
{
	const size_t size = fill_list(frame + 8, type, (uint8_t)len, position);

	frame[0] = CONF_REQ;
	frame[1] = 0x71;
	frame[2] = (uint8_t)(4 + size - cut);
	frame[3] = (uint8_t)((4 + size - cut) >> 8);
	frame[4] = (uint8_t)lt.iut;
	frame[5] = (uint8_t)(lt.iut >> 8);
	frame[6] = 0;
	frame[7] = 0;
	fake_link_rx(bench.link, 1, frame, 8 + size - cut);
}

START_TEST(an_option_of_any_type_and_length_anywhere_does_no_harm)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
		for (size_t len = 0; len <= 0xff; len++) {
			for (unsigned int at = 0; at < 3; at++) {
				reach(AGREED);
				ask_with(types[i], len, at, 0);
				if (is_wrong(types[i], len)) {
					ck_assert_uint_eq(APP->opened, 0);
					ck_assert(lt_has(CMD_REJ) ||
						  lt_has(CONF_RSP) ||
						  lt_has(DISC_REQ));
				}
				survived();
			}
		}
	}
}
END_TEST

START_TEST(an_option_that_runs_past_the_end_does_no_harm)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
		for (size_t cut = 1; cut <= 0xff; cut += 3) {
			reach(AGREED);
			ask_with(types[i], 0xff, 2, cut);
			ck_assert_uint_eq(APP->opened, 0);
			survived();
		}
	}
}
END_TEST

START_TEST(an_option_in_a_response_of_any_type_and_length_does_no_harm)
{
	uint8_t list[300];
	size_t size;

	for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
		for (size_t len = 0; len <= 0xff; len++) {
			reach(ASKED);
			size = fill_list(list, types[i], (uint8_t)len,
					 (unsigned int)(len % 3));
			fake_link_rx(bench.link, 1, frame,
				     fill_response(1, list, size, size));
			survived();
		}
	}
}
END_TEST

START_TEST(an_extended_flow_specification_is_named_and_nothing_else)
{
	for (size_t len = 0; len <= 40; len++) {
		reach(AGREED);
		ask_with(0x06, len, 1, 0);
		lt_expect(CONF_RSP);
		ck_assert_uint_eq(lt_le16(&lt.last, 4), 3);
		/* Each octet of the answer is known. */
		ck_assert_uint_eq(lt.last.len, 8);
		ck_assert_uint_eq(lt.last.data[6], 0x06);
		ck_assert_uint_eq(lt.last.data[7], 0x00);
		survived();
	}
}
END_TEST

START_TEST(a_list_that_ends_after_a_type_is_no_list)
{
	for (unsigned int type = 0; type <= 0xff; type++) {
		reach(AGREED);
		lt_ask(CONF_REQ, "%04x 0000 %02x", LE(lt.iut), type);
		ck_assert_uint_eq(APP->opened, 0);
		ck_assert(!lt_has(CONF_RSP) ||
			  lt_le16(lt_expect(CONF_RSP), 4) != 0);
		survived();
		reach(ASKED);
		lt_answer(1, "0102 0001 %02x", type);
		survived();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-01", "A",
	       a_response_with_any_number_of_options_does_no_harm),
	TAGGED("L2C-02", "A",
	       an_option_of_any_type_and_length_anywhere_does_no_harm),
	TAGGED("L2C-02", "A", an_option_that_runs_past_the_end_does_no_harm),
	TAGGED("L2C-02", "A",
	       an_option_in_a_response_of_any_type_and_length_does_no_harm),
	TAGGED("L2C-03", "A",
	       an_extended_flow_specification_is_named_and_nothing_else),
	TAGGED("L2C-04", "A", a_list_that_ends_after_a_type_is_no_list),
};

const struct tagged_table l2c_options_table = L2CAP_TABLE(rows);
