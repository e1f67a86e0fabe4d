/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/stages.h"
#include "tests/regress/l2cap_tables.h"

/* ACL-04 to ACL-06: PDUs that are cut short, for nobody, or hardly there. */

/* Cuts a command at `len` octets; its length says so, or does not. */
static void send_cut(const char *hex, size_t len, bool corrected)
{
	uint8_t frame[64];

	hex_read(hex, frame, sizeof(frame));
	if (corrected && len >= 4)
		frame[2] = (uint8_t)(len - 4);
	fake_link_rx(bench.link, 1, frame, len);
	rt_env_reap(bench.env);
}

static size_t size_of(const char *hex)
{
	uint8_t frame[64];

	return hex_read(hex, frame, sizeof(frame));
}

static void cut_everywhere(bool corrected)
{
	for (size_t i = 0; i < stage_command_count; i++) {
		for (size_t n = 0; n <= size_of(stage_commands[i]); n++) {
			lt_open(false);
			send_cut(stage_commands[i], n, corrected);
			lt_forget();
			lt_ping();
			lt_teardown();
			lt_setup();
		}
	}
}

START_TEST(a_command_cut_short_does_no_harm)
{
	cut_everywhere(false);
}
END_TEST

START_TEST(a_command_cut_short_whose_length_says_so_does_no_harm)
{
	cut_everywhere(true);
}
END_TEST

START_TEST(data_on_every_channel_id_but_one_are_ignored)
{
	static const uint8_t data[] = { 0x08, 0x77, 0x02, 0x00, 0xab, 0xcd };
	size_t len;

	lt_open(false);
	for (unsigned int cid = 0; cid <= 0xffff; cid++) {
		if (cid == 1 || cid == lt.iut)
			continue;
		len = cid % (sizeof(data) + 1);
		fake_link_rx(bench.link, (uint16_t)cid, data, len);
		fake_link_rx(bench.link, (uint16_t)cid, data, sizeof(data));
	}
	lt_nothing();
	ck_assert_uint_eq(APP->rx_count, 0);
	ck_assert_uint_eq(APP->closed, 0);
	lt_ping();
}
END_TEST

/* PDUs of 0 to 8 octets, of which 4 are the header, as HCI hands them on. */
static void tiny_pdus(uint16_t cid)
{
	uint8_t pdu[8] = { 0,	 0,    (uint8_t)cid, (uint8_t)(cid >> 8),
			   0x08, 0x77, 0x00,	     0x00 };
	uint8_t *copy;

	for (size_t len = 0; len <= sizeof(pdu); len++) {
		for (size_t said = 0; said <= 8; said++) {
			pdu[0] = (uint8_t)said;
			copy = malloc(len + 1);
			memcpy(copy, pdu, len);
			bench.hci.ops->rx(bench.hci.user, bench.link,
					  rt_bytes(copy, len));
			free(copy);
			lt_forget();
		}
	}
}

static void tiny_pdus_in(enum rt_l2cap_mode mode)
{
	static const uint16_t cids[] = { 0, 1, 2, 3, 7, 0x3f, 0x7777, 0xffff };

	lt_mode(mode, true);
	lt_open(false);
	for (size_t i = 0; i < RT_ARRAY_SIZE(cids); i++)
		tiny_pdus(cids[i]);
	tiny_pdus(lt.iut);
	lt_ping();
}

START_TEST(pdus_shorter_than_their_header_do_no_harm)
{
	tiny_pdus_in(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(pdus_shorter_than_their_header_do_no_harm_to_ertm)
{
	tiny_pdus_in(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(pdus_shorter_than_their_header_do_no_harm_to_streaming)
{
	tiny_pdus_in(RT_L2CAP_MODE_STREAMING);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("ACL-04", "A", a_command_cut_short_does_no_harm),
	TAGGED("ACL-04", "A",
	       a_command_cut_short_whose_length_says_so_does_no_harm),
	TAGGED("ACL-05", "A", data_on_every_channel_id_but_one_are_ignored),
	TAGGED("ACL-06", "A", pdus_shorter_than_their_header_do_no_harm),
	TAGGED("ACL-06", "A",
	       pdus_shorter_than_their_header_do_no_harm_to_ertm),
	TAGGED("ACL-06", "A",
	       pdus_shorter_than_their_header_do_no_harm_to_streaming),
};

const struct tagged_table acl_pdus_table = L2CAP_TABLE(rows);
