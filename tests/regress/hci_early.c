/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/engine.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * HCI-14: data on a handle that is not known yet. On USB events and data come
 * by different ways, so that they wait a little for their link; but little.
 */

#define HANDLE 0x2a
#define PEER 9
#define HOLD_US 10000

static uint8_t packet[RIG_RX_BYTES];

/* An engine that pages, so that a link may come. */
static void begin(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	rig_want(PEER);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
}

/* A whole PDU of so many octets, the first of which is `number`. */
static void inject_early(uint16_t handle, uint8_t number, size_t len)
{
	memset(packet, 0, 9);
	packet[0] = (uint8_t)handle;
	packet[1] = (uint8_t)(0x20 | handle >> 8);
	packet[2] = (uint8_t)(len + 4);
	packet[3] = (uint8_t)((len + 4) >> 8);
	packet[4] = (uint8_t)len;
	packet[5] = (uint8_t)(len >> 8);
	packet[6] = 0x40;
	packet[8] = number;
	rig_inject_bytes(RT_PACKET_ACL, packet, 8 + len);
}

/* The link comes, if it still may; it must work like any other. */
static void expect_link(void)
{
	rig_connection_complete(0, HANDLE, PEER);
	ck_assert_uint_eq(rig.links[0].ups, 1);
	ck_assert_uint_eq(rig.hci->acl_rx.early_count, 0);
	ck_assert_uint_eq(rig.hci->acl_rx.early_bytes, 0);
}

START_TEST(data_wait_for_their_link_as_long_as_that)
{
	static const uint64_t waits_us[] = { 0,		  1,	   5000,
					     HOLD_US - 1, HOLD_US, HOLD_US + 1,
					     1000000 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(waits_us); i++) {
		const bool late = waits_us[i] >= HOLD_US;

		begin();
		inject_early(HANDLE, 1, 5);
		inject_early(HANDLE, 2, 5);
		rig_pass_us(waits_us[i]);
		ck_assert_uint_eq(rig.rx_count, 0);
		expect_link();
		ck_assert_uint_eq(rig.rx_count, late ? 0 : 2);
		ck_assert_uint_eq(rig_stats()->acl_unknown_handle,
				  late ? 2 : 0);
		if (!late) {
			ck_assert_uint_eq(rig.rx[0][4], 1);
			ck_assert_uint_eq(rig.rx[1][4], 2);
		}
		hci_expect_works();
	}
}
END_TEST

START_TEST(so_many_packets_wait_and_no_more)
{
	const uint32_t most = rig.env->limits.early_acl;

	for (uint32_t count = 0; count <= most + 3; count++) {
		const uint32_t kept = RT_MIN(count, most);

		begin();
		for (uint32_t i = 0; i < count; i++)
			inject_early(HANDLE, (uint8_t)(i + 1), 5);
		ck_assert_uint_eq(rig_stats()->acl_unknown_handle,
				  count - kept);
		expect_link();
		ck_assert_uint_eq(rig.rx_count, kept);
		for (uint32_t i = 0; i < kept; i++)
			ck_assert_uint_eq(rig.rx[i][4], i + 1);
		hci_expect_works();
	}
}
END_TEST

START_TEST(so_many_octets_wait_and_no_more)
{
	const size_t most = RT_HCI_EARLY_BYTES_MAX;
	size_t live;

	for (size_t more = 0; more < 3; more++) {
		begin();
		live = rig.env->live_bytes;
		/* 8 octets of headers each. */
		inject_early(HANDLE, 1, most - 100 - 8);
		inject_early(HANDLE, 2, 100 - 8 + more);
		ck_assert_uint_eq(rig.hci->acl_rx.early_bytes,
				  more == 0 ? most : most - 100);
		ck_assert_uint_le(rig.env->live_bytes - live, most + 200);
		expect_link();
		ck_assert_uint_eq(rig.rx_count, more == 0 ? 2 : 1);
		ck_assert_uint_le(rig.env->live_bytes, live);
		hci_expect_works();
	}
}
END_TEST

START_TEST(data_wait_for_nobody_where_no_link_is_expected)
{
	size_t live;

	hci_fresh(NULL);
	rig_bring_up();
	live = rig.env->live_bytes;
	for (unsigned int flags = 0; flags < 0x10000; flags++) {
		memset(packet, 0, 9);
		packet[0] = (uint8_t)flags;
		packet[1] = (uint8_t)(flags >> 8);
		packet[2] = 5;
		packet[4] = 1;
		rig_inject_bytes(RT_PACKET_ACL, packet, 9);
	}
	ck_assert_uint_eq(rig.env->live_bytes, live);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle +
				  rig_stats()->acl_malformed,
			  0x10000);
	/* Handles up to 0xEFF, four boundary flags, no broadcast. */
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 4 * 0xf00);
	hci_expect_works();
}
END_TEST

START_TEST(data_of_one_handle_are_no_data_of_another)
{
	begin();
	inject_early(HANDLE + 1, 1, 5);
	inject_early(HANDLE, 2, 5);
	inject_early(HANDLE + 1, 3, 5);
	rig_connection_complete(0, HANDLE, PEER);
	ck_assert_uint_eq(rig.rx_count, 1);
	ck_assert_uint_eq(rig.rx[0][4], 2);
	rig_pass_us(HOLD_US);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 2);
	hci_expect_works();
}
END_TEST

START_TEST(data_that_wait_end_with_what_they_wait_for)
{
	const size_t live = rig.env->live_bytes;

	for (int how = 0; how < 4; how++) {
		begin();
		inject_early(HANDLE, 1, 500);
		if (how == 0) {
			rig_connection_complete(0x04, 0, PEER);
			rig_pass_us(HOLD_US);
		} else if (how == 1) {
			rig_inject("04 10 01 42");
			hci_recover();
		} else if (how == 2) {
			rt_hci_resync(rig.hci);
			hci_recover();
		} else {
			rt_hci_lost(rig.hci, -1);
			rig_bring_up();
		}
		ck_assert_uint_eq(rig.links[0].downs, 1);
		ck_assert_uint_eq(rig.hci->acl_rx.early_count, 0);
		ck_assert_uint_eq(rig.rx_count, 0);
		hci_expect_works();
		ck_assert_uint_eq(rig.rx_count, 1);
	}
	hci_fresh(NULL);
	ck_assert_uint_eq(rig.env->live_bytes, live);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-14", "A", data_wait_for_their_link_as_long_as_that),
	TAGGED("HCI-14", "A", so_many_packets_wait_and_no_more),
	TAGGED("HCI-14", "A", so_many_octets_wait_and_no_more),
	TAGGED("HCI-14", "A", data_wait_for_nobody_where_no_link_is_expected),
	TAGGED("HCI-14", "A", data_of_one_handle_are_no_data_of_another),
	TAGGED("HCI-14", "A", data_that_wait_end_with_what_they_wait_for),
};

const struct tagged_table hci_early_table = HCI_RIG_TABLE(rows);
