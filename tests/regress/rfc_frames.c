/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rfcomm/frame.h"
#include "tests/regress/rfc_peer.h"
#include "tests/regress/rfc_tables.h"

/*
 * Frames that are too short, lie about their length, or are for nobody.
 */

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

static uint64_t drops(void)
{
	const struct rt_rfcomm_stats *s = stats();

	return (uint64_t)s->frames_malformed + s->frames_bad_fcs +
	       s->frames_unexpected + s->mcc_malformed;
}

/* FCS over what a receiver takes it over; `buf` has room for it. */
static void seal(uint8_t *buf, size_t len)
{
	const bool is_uih = len > 1 && (buf[1] & 0xef) == 0xef;
	size_t head = len > 2 && !(buf[2] & 1) ? 4 : 3;
	uint8_t covered[4] = { 0 };

	if (head > len)
		head = len;
	if (head == 0)
		return;
	memcpy(covered, buf, head);
	/* With one octet there is no control octet to look at: any will do. */
	buf[len] = is_uih && len >= 2 ? bench_fcs(covered, 2)
		   : len >= 2	      ? bench_fcs(covered, head)
				      : 0;
}

/* Our own idea of what a frame is: header, FCS and as much as it says. */
static bool is_whole(const uint8_t *sdu, size_t len)
{
	static const uint8_t types[] = { 0x2f, 0x63, 0x0f, 0x43, 0xef };
	size_t head = 3;
	size_t info;
	bool known = false;

	if (len < 4 || !(sdu[0] & 1))
		return false;
	for (size_t i = 0; i < sizeof(types); i++)
		known |= (sdu[1] & 0xef) == types[i];
	if (!known)
		return false;
	info = sdu[2] >> 1;
	if (!(sdu[2] & 1)) {
		head = 4;
		info |= (size_t)sdu[3] << 7;
	}
	if ((sdu[1] & 0xef) != 0xef)
		return head == 3 && len == 4 && info == 0;
	/* For nobody: DM, whatever is in it. */
	if (sdu[0] >> 2 != 0 && sdu[0] >> 2 != 2)
		return len > head;
	/* Its credits, on a DLC that has them. */
	if (sdu[1] & 0x10 && sdu[0] >> 2 == 2)
		head++;
	return len == head + info + 1;
}

/* Feeds what is no frame: nothing comes of it but a count. */
static void refuse(const uint8_t *sdu, size_t len)
{
	const uint64_t before = drops();

	peer_octets(sdu, len);
	ck_assert_uint_eq(drops(), before + 1);
}

/* All that begins with these octets and has up to five. Returns how many. */
static size_t refuse_short(uint8_t address, uint8_t control, uint8_t length)
{
	const uint8_t sdu[8] = { address, control, length };
	uint8_t copy[sizeof(sdu)];
	size_t fed = 0;

	for (size_t len = 0; len <= 5; len++) {
		memcpy(copy, sdu, sizeof(copy));
		if (len > 0)
			seal(copy, len - 1);
		if (is_whole(copy, len))
			continue;
		refuse(copy, len);
		fed++;
	}
	return fed;
}

/* RFC-01: the remaining length must not go below zero. */
START_TEST(frames_below_four_octets_are_dropped)
{
	static const uint8_t lengths[] = { 0x00, 0x01, 0x02, 0x03, 0x04,
					   0x05, 0x06, 0x07, 0x09, 0x0b,
					   0x7f, 0x80, 0x81, 0xfe, 0xff };
	static const uint8_t addresses[] = { 0x00, 0x01, 0x02, 0x03, 0x08,
					     0x09, 0x0a, 0x0b, 0xfb, 0xfe };
	/* Those there are, with P/F and without, and some that are none. */
	static const uint8_t controls[] = {
		0x2f, 0x3f, 0x63, 0x73, 0x0f, 0x1f, 0x43, 0x53, 0xef,
		0xff, 0x00, 0x01, 0x03, 0x7f, 0x80, 0xaf, 0xe3, 0xfe
	};
	struct snapshot before;
	size_t fed = 0;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	snapshot_take(&before);
	for (size_t a = 0; a < sizeof(addresses); a++) {
		for (size_t c = 0; c < sizeof(controls); c++) {
			for (size_t l = 0; l < sizeof(lengths); l++)
				fed += refuse_short(addresses[a], controls[c],
						    lengths[l]);
		}
	}
	tx_nothing();
	ck_assert_uint_gt(fed, 14000);
	snapshot_compare(&before, "short frames");
	works();
}
END_TEST

/* RFC-04: the credit octet that is announced and not there. */
START_TEST(p_f_without_a_credit_octet_reads_nothing)
{
	struct snapshot before;
	uint8_t sdu[8];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	snapshot_take(&before);
	for (unsigned int cr = 0; cr < 2; cr++) {
		/* One octet for the length, two, and two that lie. */
		for (unsigned int high = 0; high < 258; high++) {
			size_t len = 0;

			sdu[len++] = (uint8_t)(2 << 2 | cr << 1 | 1);
			sdu[len++] = 0xff;
			sdu[len++] = high == 0 ? 0x01 : 0x00;
			if (high > 0)
				sdu[len++] = (uint8_t)(high - 1);
			sdu[len] = bench_fcs(sdu, len);
			refuse(sdu, len + 1);
		}
	}
	tx_nothing();
	snapshot_compare(&before, "P/F without credits");
	works();
}
END_TEST

/* One UIH with a length field of one or two octets, and `there` octets. */
static void lie(uint8_t dlci, bool is_long, size_t says, size_t there)
{
	static uint8_t sdu[1200];
	size_t len = 0;

	sdu[len++] = (uint8_t)(dlci << 2 | 3);
	sdu[len++] = 0xef;
	sdu[len++] = (uint8_t)(says << 1 | !is_long);
	if (is_long)
		sdu[len++] = (uint8_t)(says >> 7);
	memset(sdu + len, 0x41, there);
	len += there;
	sdu[len] = bench_fcs(sdu, 2);
	if (is_whole(sdu, len + 1))
		return;
	refuse(sdu, len + 1);
}

/* RFC-05, and RFC-16 on the way: each length that is said, and is there. */
START_TEST(a_length_that_is_not_there_is_dropped)
{
	static const size_t longs[] = { 126,   127,   128,  129,  255,
					256,   1010,  1011, 1012, 16383,
					16384, 32766, 32767 };
	struct snapshot before;

	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	snapshot_take(&before);
	for (size_t there = 0; there < 140; there++) {
		for (size_t says = 0; says < 128; says++) {
			lie(2, false, says, there);
			lie(2, true, says, there);
			lie(0, says & 1, says, there);
		}
		for (size_t i = 0; i < RT_ARRAY_SIZE(longs); i++)
			lie(2, true, longs[i], there);
	}
	for (size_t i = 0; i < RT_ARRAY_SIZE(longs); i++)
		for (size_t there = 900; there <= N1; there++)
			lie(2, true, longs[i], there);
	tx_nothing();
	snapshot_compare(&before, "a length that lies");
	works();
}
END_TEST

/* RFC-16: UIH of 0 to 8 octets in all, each value of the length octet. */
START_TEST(short_uih_is_dropped_or_is_what_it_says)
{
	uint8_t sdu[12];
	size_t received = 0;

	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t len = 0; len <= 8; len++) {
		for (unsigned int octet = 0; octet < 256; octet++) {
			memset(sdu, 0, sizeof(sdu));
			sdu[0] = 0x0b;
			sdu[1] = 0xef;
			sdu[2] = (uint8_t)octet;
			if (len > 0)
				sdu[len - 1] = bench_fcs(sdu, 2);
			if (len > 2 && is_whole(sdu, len)) {
				peer_octets(sdu, len);
				received += octet & 1 ? len - 4 : len - 5;
				rt_rfcomm_set_room(bench.rfcomm, script.a.dlc,
						   4 * N1);
				tx_discard();
			} else {
				refuse(sdu, len);
			}
			ck_assert_uint_eq(script.a.received, received);
		}
	}
	ck_assert_uint_gt(received, 0);
	works();
}
END_TEST

/* RFC-17: whole frames, cut off at each octet or with octets behind them. */
START_TEST(frames_cut_off_anywhere_are_dropped)
{
	static const char *const whole[] = {
		"SABM 0",
		"DISC 0",
		"UA 0",
		"SABM 2",
		"DISC 2",
		"UIH 2 41 42",
		"UIH+5 2 41",
		"UIH+5 2",
		"MCC 83 11 02 F0 07 00 F3 03 00 07",
		"MCC E3 05 0B 8D",
		"MCC 93 03 0B",
		"MCC 23 05 01 02",
		"MCC 93 11 0B 03 03 00 11 13 7F 3F",
		"MCC 53 05 0B 01",
	};
	struct snapshot before;
	uint8_t frame[64];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	snapshot_take(&before);
	for (size_t i = 0; i < RT_ARRAY_SIZE(whole); i++) {
		const size_t len = script_frame(false, whole[i], frame, 48);

		for (size_t cut = 0; cut < len + 8; cut++) {
			uint8_t copy[64] = { 0 };

			memcpy(copy, frame, RT_MIN(cut, len));
			seal(copy, cut);
			if (is_whole(copy, cut + 1))
				continue;
			refuse(copy, cut + 1);
		}
	}
	tx_nothing();
	snapshot_compare(&before, "frames cut off");
	works();
}
END_TEST

/* What the address octet makes of it, as the specification has it. */
static const char *expected(uint8_t address, uint8_t control)
{
	const uint8_t dlci = address >> 2;
	const bool cr = address & 2;
	const bool is_command = control == 0x3f || control == 0x53;
	const bool right = cr == (is_command != script.initiator);

	if (!(address & 1))
		return "";
	if ((control & 0xef) != 0xef && !right)
		return "";
	/* UA and DM for nobody; DLCI 0 and 2 are not asked for here. */
	if (control == 0x73 || control == 0x1f)
		return "";
	(void)dlci;
	return "DM";
}

/*
 * RFC-19: each address octet, with the right FCS and with a wrong one. There
 * are DLCI 0 and 2, and server channel 1 listens; whatever else is asked for
 * gets DM: channels 0 and 31, the wrong direction bit, nobody there.
 */
START_TEST(every_address_octet_gets_what_it_should)
{
	static const uint8_t controls[] = {
		0x3f, 0x53, 0x73, 0x1f, 0xef, 0xff
	};
	struct snapshot before;
	uint8_t frame[8];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	listen_on(&script.listener, &script.b, 9, N1);
	snapshot_take(&before);
	for (unsigned int address = 0; address < 256; address++) {
		const uint8_t dlci = (uint8_t)(address >> 2);

		/* Those that there are: conformance/rfcomm. */
		if (dlci == 0 || dlci == 2 || dlci == 18 || dlci == 19 ||
		    dlci == 3)
			continue;
		for (size_t i = 0; i < sizeof(controls); i++) {
			uint8_t got[16];
			const char *want;
			size_t n;

			frame[0] = (uint8_t)address;
			frame[1] = controls[i];
			frame[2] = 0x01;
			frame[3] = bench_fcs(frame, 3) ^ 0x40;
			peer_octets(frame, 4);
			tx_nothing();
			frame[3] ^= 0x40;
			peer_octets(frame, 4);
			want = expected((uint8_t)address, controls[i]);
			n = tx_take(got, sizeof(got));
			ck_assert_uint_eq(n, *want ? 3 : 0);
			if (n == 3) {
				ck_assert_uint_eq(got[0] >> 2, dlci);
				ck_assert_uint_eq(got[1], 0x1f);
			}
			tx_nothing();
		}
	}
	snapshot_compare(&before, "all addresses");
	/* The right channel with the wrong direction, and with the right. */
	peer(WE_INITIATE ? "SABM 18" : "SABM 19");
	we(WE_INITIATE ? "DM 18" : "DM 19");
	told(&script.listener, "");
	peer(WE_INITIATE ? "SABM 19" : "SABM 18");
	told(&script.listener, "incoming");
	we(WE_INITIATE ? "UA 19" : "UA 18");
	ck_assert_uint_eq(tx_discard(), 1);
	works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-01", "IA", frames_below_four_octets_are_dropped),
	TAGGED("RFC-04", "IA", p_f_without_a_credit_octet_reads_nothing),
	TAGGED("RFC-05", "IA", a_length_that_is_not_there_is_dropped),
	TAGGED("RFC-16", "IA", short_uih_is_dropped_or_is_what_it_says),
	TAGGED("RFC-17", "IA", frames_cut_off_anywhere_are_dropped),
	TAGGED("RFC-19", "IA", every_address_octet_gets_what_it_should),
};

const struct tagged_table rfc_frames_table = TABLE(rows);
