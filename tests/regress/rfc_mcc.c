/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/regress/rfc_peer.h"
#include "tests/regress/rfc_tables.h"

/*
 * Multiplexer messages that are shorter or longer than they should be.
 */

#define INFO_MAX                                                    \
	(MTU - 5) /* of a frame on DLCI 0 with a length of 2 octets \
		   */

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

static uint64_t drops(void)
{
	const struct rt_rfcomm_stats *s = stats();

	return (uint64_t)s->frames_malformed + s->frames_unexpected +
	       s->mcc_malformed;
}

/* The peer sends octets on DLCI 0. */
static void peer_info(const uint8_t *info, size_t len)
{
	static uint8_t frame[MTU];
	size_t n = 0;

	frame[n++] = (uint8_t)(script.initiator ? 0x01 : 0x03);
	frame[n++] = 0xef;
	frame[n++] = (uint8_t)(len << 1 | (len <= 127));
	if (len > 127)
		frame[n++] = (uint8_t)(len >> 7);
	memcpy(frame + n, info, len);
	peer_frame(frame, n + len);
}

/* A message: type octet, length in one octet or two, `there` of `len`. */
static size_t message(uint8_t *info, uint8_t octet, size_t len, bool is_long)
{
	size_t n = 0;

	info[n++] = octet;
	info[n++] = (uint8_t)(len << 1 | !is_long);
	if (is_long)
		info[n++] = (uint8_t)(len >> 7);
	return n;
}

/* Lengths that a type has; commands only. */
static bool fits(uint8_t octet, size_t len)
{
	switch (octet) {
	case 0x83: /* PN */
		return len == 8;
	case 0xe3: /* MSC */
		return len == 2 || len == 3;
	case 0x93: /* RPN, and its query */
		return len == 1 || len == 8;
	case 0x53: /* RLS */
		return len == 2;
	case 0x23: /* TEST */
		return true;
	case 0xa3: /* FCON */
	case 0x63: /* FCOFF */
		return len == 0;
	}
	return false;
}

static bool is_known(uint8_t octet)
{
	static const uint8_t known[] = { 0x83, 0xe3, 0x93, 0x53, 0x23,
					 0xa3, 0x63, 0xc3, 0x13 };

	return memchr(known, octet, sizeof(known));
}

/*
 * RFC-02: each type octet with each length up to a frame's: an answer if it
 * fits, NSC if the type is none, nothing else. Values are 0x0B, which is the
 * address of the DLC.
 */
START_TEST(every_type_with_every_length_is_answered_or_dropped)
{
	static uint8_t info[MTU];
	static uint8_t got[MTU];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	memset(info, 0x0b, sizeof(info));
	for (unsigned int octet = 1; octet < 256; octet += 2) {
		for (size_t len = 0; len <= INFO_MAX - 3;
		     len += len < 40 ? 1 : 241) {
			const bool is_long = len > 127;
			const uint64_t before = drops();
			size_t head =
				message(info, (uint8_t)octet, len, is_long);
			size_t n;

			/* CLD closes the session, responses follow below. */
			if (octet == 0xc3 && len == 0)
				continue;
			memset(info + head, 0x0b, 4);
			peer_info(info, head + len);
			n = tx_take(got, sizeof(got));
			tx_nothing();
			if (fits((uint8_t)octet, len) ||
			    (octet & 2 && !is_known((uint8_t)octet))) {
				ck_assert_uint_gt(n, 0);
				ck_assert_uint_eq(drops(), before);
			} else {
				ck_assert_uint_eq(n, 0);
			}
			/* No more than what came, and a fixed part. */
			ck_assert_uint_le(n, head + len + 16);
		}
	}
	works();
}
END_TEST

/* RFC-02: the query of one octet is legal. */
START_TEST(rpn_of_one_octet_is_answered)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("MCC 93 03 0B");
	we("MCC 91 11 0B 03 03 00 11 13 7F 3F");
	peer("MCC 93 01");
	tx_nothing();
	for (size_t len = 2; len < 8; len++) {
		uint8_t info[16] = { 0x93, (uint8_t)(len << 1 | 1), 0x0b };

		peer_info(info, 2 + len);
		tx_nothing();
	}
	ck_assert_uint_eq(stats()->mcc_malformed, 7);
	works();
}
END_TEST

/* A message that says `said`, with each lesser number of octets there. */
static void lie(uint8_t octet, size_t said, bool is_long)
{
	uint8_t info[64];

	if (!is_long && said > 127)
		return;
	for (size_t there = 0; there < said && there < 50; there++) {
		size_t n;

		memset(info, 0x0b, sizeof(info));
		n = message(info, octet, said, is_long);
		peer_info(info, n + there);
		tx_nothing();
	}
}

/* RFC-05: length fields of both forms, with each number of octets there. */
START_TEST(a_message_whose_length_lies_is_dropped)
{
	static const uint8_t octets[] = { 0x83, 0x81, 0xe3, 0xe1, 0x93, 0x91,
					  0x53, 0x51, 0x23, 0x21, 0x11 };
	static const size_t said[] = { 1,   2,	 3,   7,   8,	 9,	40,
				       127, 128, 129, 255, 1000, 16383, 32767 };
	struct snapshot before;
	uint8_t info[2];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	snapshot_take(&before);
	for (size_t i = 0; i < sizeof(octets); i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(said); k++) {
			lie(octets[i], said[k], false);
			lie(octets[i], said[k], true);
		}
	}
	/* And a length of two octets of which one is there, or none. */
	for (size_t i = 0; i < sizeof(octets); i++) {
		info[0] = octets[i];
		info[1] = 0x10;
		peer_info(info, 2);
		peer_info(info, 1);
		tx_nothing();
	}
	snapshot_compare(&before, "messages that lie");
	works();
}
END_TEST

static const unsigned int sizes[] = { 0, 1, 23, 127, 128, 32767, 65535 };

static void peer_pn(const char *fmt, unsigned int dlci, unsigned int n1)
{
	char what[80];

	snprintf(what, sizeof(what), fmt, dlci, n1 & 255, n1 >> 8);
	peer(what);
}

/* Sends more than fits into a frame, and counts what comes of it. */
static void move(struct user *user, size_t frame_bytes)
{
	static const uint8_t octets[3000];
	static uint8_t frame[MTU];
	const size_t total = 2 * frame_bytes + 1;
	size_t frames = 0;
	size_t n;

	ck_assert_uint_le(total, sizeof(octets));
	user->quiet = true;
	write_out(user, octets, total);
	while ((n = tx_take(frame, sizeof(frame))) > 0) {
		ck_assert_uint_le(n, frame_bytes + 5);
		ck_assert_uint_le(++frames, 4);
	}
	ck_assert_uint_eq(info_of(user).tx_bytes, total);
}

/* RFC-03: N1 of the peer's PN; 0 was an endless loop. */
START_TEST(n1_of_a_command_is_taken_or_refused)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		const unsigned int dlci = WE_INITIATE ? 3 : 2;
		char what[32];

		script_teardown();
		script_setup();
		listen_on(&script.listener, &script.b, 1, 4 * N1);
		open_session(WE_INITIATE);
		peer_pn("MCC 83 11 %02X F0 07 00 %02X %02X 00 07", dlci,
			sizes[i]);
		ck_assert_uint_eq(tx_discard(), 1);
		snprintf(what, sizeof(what), "SABM %u", dlci);
		peer(what);
		told(&script.listener, "incoming");
		snprintf(what, sizeof(what), "UA %u", dlci);
		we(what);
		snprintf(what, sizeof(what), "MCC E1 05 %02X 8D",
			 dlci << 2 | 3);
		peer(what);
		snprintf(what, sizeof(what), "MCC E3 05 %02X 8D",
			 dlci << 2 | 3);
		peer(what);
		tx_discard();
		told(&script.b, "opened");
		/* What was refused is a SABM without PN. */
		ck_assert_uint_eq(info_of(&script.b).frame_bytes,
				  sizes[i] < 23 ? 127 : RT_MIN(sizes[i], N1));
		move(&script.b, info_of(&script.b).frame_bytes);
	}
}
END_TEST

/* RFC-03: N1 of its answer to ours. */
START_TEST(n1_of_an_answer_is_taken_or_ends_the_dlc)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		script_teardown();
		script_setup();
		open_session(WE_INITIATE);
		if (!WE_INITIATE) {
			connect_port(&script.a, 1, 4 * N1);
			we("MCC 83 11 03 F0 07 00 F3 03 00 04");
		}
		peer_pn("MCC 81 11 %02X E0 07 00 %02X %02X 00 07",
			WE_INITIATE ? 2 : 3, sizes[i]);
		if (sizes[i] < 23) {
			bench_step();
			told_closed(&script.a, RT_RFCOMM_BAD_PEER,
				    RT_PHASE_NEGOTIATE);
			continue;
		}
		ck_assert_uint_ge(peer_answers_some(20), 3);
		told(&script.a, "opened");
		ck_assert_uint_eq(info_of(&script.a).frame_bytes,
				  RT_MIN(sizes[i], N1));
		move(&script.a, info_of(&script.a).frame_bytes);
	}
}
END_TEST

/* Octets of a frame that carries a TEST of so many. */
static size_t frame_bytes(size_t len)
{
	const size_t info = len + (len > 127 ? 3 : 2);

	return info + (info > 127 ? 5 : 4);
}

/* A TEST of so many octets comes back as it came; tx_take() eats the FCS. */
static void comes_back(size_t len)
{
	static uint8_t info[MTU];
	static uint8_t got[MTU];
	const size_t n = message(info, 0x23, len, len > 127);
	size_t got_len;

	for (size_t i = 0; i < len; i++)
		info[n + i] = (uint8_t)(i * 31 + len * 7 + 1);
	peer_info(info, n + len);
	got_len = tx_take(got, sizeof(got));
	tx_nothing();
	ck_assert_uint_eq(got_len + 1, frame_bytes(len));
	info[0] = 0x21;
	ck_assert_mem_eq(got + got_len - n - len, info, n + len);
}

/*
 * RFC-06 and RFC-07: TEST of every length comes back; or nothing does, where
 * the way back is narrower, and that stands in nobody's way.
 */
static void echo(size_t omtu)
{
	static uint8_t info[MTU];
	size_t answered = 0;
	size_t n;

	for (size_t len = 0; len <= INFO_MAX - 3; len++) {
		if (frame_bytes(len) <= omtu) {
			comes_back(len);
			answered++;
			continue;
		}
		n = message(info, 0x23, len, len > 127);
		memset(info + n, 0x5a, len);
		peer_info(info, n + len);
		tx_nothing();
		comes_back(1);
	}
	ck_assert_uint_gt(answered, 30);
}

START_TEST(test_of_every_length_comes_back_whole)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	echo(MTU);
	works();
}
END_TEST

/* RFC-07: 248 octets and more overflowed a buffer for what is sent. */
START_TEST(test_that_does_not_fit_the_way_back_is_not_answered)
{
	static const uint16_t mtus[] = { 48, 49, 127, 132, 133, 248, 255, 672 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(mtus); i++) {
		script_teardown();
		script_setup();
		script.initiator = WE_INITIATE;
		if (WE_INITIATE)
			connect_port(&script.a, 1, 0);
		bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
		if (!WE_INITIATE)
			ck_assert_int_eq(fake_incoming(&bench.l2cap,
						       bench_addr(1),
						       &bench.chan),
					 0);
		fake_open(&bench.l2cap, bench.chan, mtus[i]);
		if (WE_INITIATE)
			ck_assert_uint_eq(tx_discard(), 1);
		peer(WE_INITIATE ? "UA 0" : "SABM 0");
		ck_assert_uint_eq(tx_discard(), 1);
		echo(mtus[i]);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-02", "IA",
	       every_type_with_every_length_is_answered_or_dropped),
	TAGGED("RFC-02", "IA", rpn_of_one_octet_is_answered),
	TAGGED("RFC-03", "IA", n1_of_a_command_is_taken_or_refused),
	TAGGED("RFC-03", "IA", n1_of_an_answer_is_taken_or_ends_the_dlc),
	TAGGED("RFC-05", "IA", a_message_whose_length_lies_is_dropped),
	TAGGED("RFC-06", "IA", test_of_every_length_comes_back_whole),
	TAGGED("RFC-07", "IA",
	       test_that_does_not_fit_the_way_back_is_not_answered),
};

const struct tagged_table rfc_mcc_table = TABLE(rows);
