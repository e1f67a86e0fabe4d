/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/redact.h"
#include "tests/support/suite.h"

/*
 * What a capture shows of commands and events that carry secrets. Each is given
 * whole with 0x5a as its secret octets, and cut after every octet.
 */

#define SECRET 0x5a

struct row {
	uint8_t type;
	const char *name;
	uint8_t header[3];
	uint8_t header_bytes;
	uint8_t open_bytes; /* parameters that are no secret, in front */
	uint8_t secret_bytes;
	uint8_t tail_bytes; /* and behind */
};

static const struct row rows[] = {
	{ RT_PACKET_COMMAND,
	  "Link Key Request Reply",
	  { 0x0b, 0x04, 22 },
	  3,
	  6,
	  16,
	  0 },
	{ RT_PACKET_COMMAND,
	  "PIN Code Request Reply",
	  { 0x0d, 0x04, 23 },
	  3,
	  6,
	  17,
	  0 },
	{ RT_PACKET_COMMAND,
	  "User Passkey Request Reply",
	  { 0x2e, 0x04, 10 },
	  3,
	  6,
	  4,
	  0 },
	{ RT_PACKET_COMMAND,
	  "Remote OOB Data Request Reply",
	  { 0x30, 0x04, 38 },
	  3,
	  6,
	  32,
	  0 },
	{ RT_PACKET_COMMAND,
	  "Remote OOB Extended Data Request Reply",
	  { 0x45, 0x04, 70 },
	  3,
	  6,
	  64,
	  0 },
	{ RT_PACKET_EVENT, "Link Key Notification", { 0x18, 23 }, 2, 6, 16, 1 },
	{ RT_PACKET_EVENT,
	  "User Passkey Notification",
	  { 0x3b, 10 },
	  2,
	  6,
	  4,
	  0 },
	{ RT_PACKET_EVENT, "Return Link Keys", { 0x15, 23 }, 2, 7, 16, 0 },
};

static size_t build(const struct row *row, uint8_t *packet)
{
	size_t n = row->header_bytes;

	memcpy(packet, row->header, n);
	memset(packet + n, 0x11, row->open_bytes);
	n += row->open_bytes;
	memset(packet + n, SECRET, row->secret_bytes);
	n += row->secret_bytes;
	memset(packet + n, 0x22, row->tail_bytes);
	return n + row->tail_bytes;
}

static struct rt_packet packet_of(uint8_t type, const uint8_t *ptr, size_t len)
{
	const struct rt_packet packet = {
		.type = type,
		.count = 1,
		.len = len,
		.slice = { { ptr, len } },
	};

	return packet;
}

START_TEST(secrets_become_zeros_and_the_rest_stays)
{
	const struct row *row = &rows[_i];
	uint8_t buf[RT_API_REDACT_BYTES], raw[RT_API_REDACT_BYTES];
	const size_t n = build(row, raw);
	const size_t from = row->header_bytes + row->open_bytes;
	const struct rt_packet packet = packet_of(row->type, raw, n);
	struct rt_packet copy;
	const struct rt_packet *shown = rt_api_redact(&packet, buf, &copy);

	ck_assert_uint_eq(shown->len, n);
	ck_assert_uint_eq(shown->type, row->type);
	for (size_t i = 0; i < n; i++) {
		const bool secret = i >= from && i < from + row->secret_bytes;

		ck_assert_msg(shown->slice[0].ptr[i] == (secret ? 0 : raw[i]),
			      "%s: octet %zu", row->name, i);
	}
}
END_TEST

START_TEST(a_packet_cut_anywhere_shows_no_secret)
{
	const struct row *row = &rows[_i];
	uint8_t buf[RT_API_REDACT_BYTES], raw[RT_API_REDACT_BYTES];
	const size_t n = build(row, raw);

	for (size_t len = 0; len < n; len++) {
		const struct rt_packet packet = packet_of(row->type, raw, len);
		struct rt_packet copy;
		const struct rt_packet *shown =
			rt_api_redact(&packet, buf, &copy);

		ck_assert_uint_eq(shown->len, len);
		for (size_t i = 0; i < len; i++)
			ck_assert_uint_ne(shown->slice[0].ptr[i], SECRET);
	}
}
END_TEST

START_TEST(a_packet_in_pieces_is_put_together)
{
	uint8_t buf[RT_API_REDACT_BYTES], raw[RT_API_REDACT_BYTES];
	const size_t n = build(&rows[0], raw);
	const struct rt_packet packet = {
		.type = RT_PACKET_COMMAND,
		.count = 3,
		.len = n,
		.slice = { { raw, 3 }, { raw + 3, 8 }, { raw + 11, n - 11 } },
	};
	struct rt_packet copy;
	const struct rt_packet *shown = rt_api_redact(&packet, buf, &copy);

	ck_assert_uint_eq(shown->len, n);
	ck_assert_mem_eq(shown->slice[0].ptr, raw, 9);
	for (size_t i = 9; i < n; i++)
		ck_assert_uint_eq(shown->slice[0].ptr[i], 0);
}
END_TEST

/* Command Complete: packets, opcode, status, return parameters. */
START_TEST(out_of_band_data_that_the_controller_returns_become_zeros)
{
	static const uint8_t low[] = { 0x57, 0x7d };
	uint8_t buf[RT_API_REDACT_BYTES];
	uint8_t raw[2 + 4 + 64] = { 0x0e, 4 + 64, 1, low[_i], 0x0c, 0 };
	struct rt_packet packet, copy;
	const struct rt_packet *shown;

	memset(raw + 6, SECRET, 64);
	packet = packet_of(RT_PACKET_EVENT, raw, sizeof(raw));
	shown = rt_api_redact(&packet, buf, &copy);
	ck_assert_mem_eq(shown->slice[0].ptr, raw, 6);
	for (size_t i = 6; i < sizeof(raw); i++)
		ck_assert_uint_eq(shown->slice[0].ptr[i], 0);
}
END_TEST

START_TEST(other_packets_are_shown_as_they_are)
{
	uint8_t buf[RT_API_REDACT_BYTES];
	uint8_t raw[] = { 0x0e, 6, 1, 0x09, 0x10, 0, SECRET, SECRET };
	struct rt_packet packet = packet_of(RT_PACKET_EVENT, raw, sizeof(raw));
	struct rt_packet copy;
	const struct rt_packet *shown = rt_api_redact(&packet, buf, &copy);

	ck_assert_uint_eq(shown->len, sizeof(raw));
	ck_assert_mem_eq(shown->slice[0].ptr, raw, sizeof(raw));
	packet.type = RT_PACKET_ACL;
	ck_assert_ptr_eq(rt_api_redact(&packet, buf, &copy), &packet);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redact");
	TCase *tc = tcase_create("redact");
	const int count = (int)(sizeof(rows) / sizeof(rows[0]));

	tcase_add_loop_test(tc, secrets_become_zeros_and_the_rest_stays, 0,
			    count);
	tcase_add_loop_test(tc, a_packet_cut_anywhere_shows_no_secret, 0,
			    count);
	tcase_add_test(tc, a_packet_in_pieces_is_put_together);
	tcase_add_loop_test(
		tc, out_of_band_data_that_the_controller_returns_become_zeros,
		0, 2);
	tcase_add_test(tc, other_packets_are_shown_as_they_are);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
