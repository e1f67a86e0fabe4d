/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/link.h"
#include "tests/unit/security/sec_rig.h"

/*
 * Data that come while the key size is read: nobody above hears of them before
 * it is known, and none of them is lost.
 */

static void encrypted_link(void)
{
	struct sec_waiter *waiter;

	sec_open_incoming(SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 0);
	waiter = sec_ask(1);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}

/* Another key is in use from here on. */
static void refresh(void)
{
	sec_refreshed(0);
	rig_expect("01 0814 02 0100");
}

static void tell_size(void)
{
	rig_inject("04 0e 07 01 0814 00 0100 10");
}

/* A PDU of one octet, which says which it is. */
static void send(unsigned int number)
{
	rig_inject("02 0120 0500 0100 4000 %02x", number);
}

/* So many have come up, in order. */
static void expect_pdus(size_t count)
{
	ck_assert_uint_eq(rig.rx_count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(rig.rx_len[i % RIG_RX_MAX], 5);
		ck_assert_uint_eq(rig.rx[i % RIG_RX_MAX][4], i);
	}
}

START_TEST(data_wait_for_the_size_and_then_come_in_order)
{
	encrypted_link();
	send(0);
	expect_pdus(1);
	refresh();
	for (unsigned int i = 1; i < 4; i++)
		send(i);
	rig_pass_us(1000000);
	expect_pdus(1);
	tell_size();
	expect_pdus(1);
	rig_pass_us(0);
	expect_pdus(4);
	/* Those that come before it is time are behind them all the same. */
	refresh();
	send(4);
	tell_size();
	send(5);
	expect_pdus(6);
}
END_TEST

START_TEST(fragments_wait_where_they_are)
{
	encrypted_link();
	rig_inject("02 0120 0200 0100");
	refresh();
	rig_inject("02 0110 0200 4000");
	rig_inject("02 0110 0100 00");
	tell_size();
	rig_pass_us(0);
	expect_pdus(1);
}
END_TEST

/* Nobody will ever know how long the first key was. */
START_TEST(a_second_key_does_not_speak_for_the_first)
{
	encrypted_link();
	refresh();
	send(0);
	sec_refreshed(0);
	ck_assert_int_eq(sec_ask_incoming(1)->answer, RT_SEC_WAIT);
	expect_pdus(1);
	send(1);
	tell_size();
	rig_expect("01 0814 02 0100");
	rig_pass_us(0);
	expect_pdus(1);
	tell_size();
	rig_pass_us(0);
	expect_pdus(2);
}
END_TEST

START_TEST(a_plain_link_makes_nothing_wait)
{
	encrypted_link();
	refresh();
	send(0);
	sec_encrypted(0, 0);
	expect_pdus(1);
	send(1);
	expect_pdus(2);
	ck_assert_int_ne(sec_ask_incoming(1)->answer, RT_SEC_YES);
	sec_encrypted(0, 1);
	ck_assert_int_ne(sec_ask_incoming(1)->answer, RT_SEC_YES);
	send(2);
	expect_pdus(2);
	tell_size();
	rig_expect("01 0814 02 0100");
	expect_pdus(2);
	tell_size();
	rig_pass_us(0);
	expect_pdus(3);
}
END_TEST

START_TEST(whoever_asks_has_the_answer_before_the_data)
{
	struct sec_waiter *waiter;

	encrypted_link();
	refresh();
	waiter = sec_ask_incoming(1);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	send(0);
	tell_size();
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	expect_pdus(0);
	rig_pass_us(0);
	expect_pdus(1);
}
END_TEST

/* Whatever comes of it then is the affair of the layer above. */
START_TEST(a_size_that_is_not_told_lets_them_go_too)
{
	encrypted_link();
	refresh();
	send(0);
	rig_inject("04 0e 07 01 0814 1f 0100 00");
	rig_pass_us(0);
	expect_pdus(1);
}
END_TEST

START_TEST(a_link_that_goes_takes_them_along)
{
	encrypted_link();
	refresh();
	send(0);
	send(1);
	rig_disconnection_complete(1, 0x13);
	rig_pass_us(0);
	expect_pdus(0);
}
END_TEST

START_TEST(a_controller_that_never_tells_takes_them_along)
{
	encrypted_link();
	refresh();
	send(0);
	rig_pass_us(2000000);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	expect_pdus(0);
}
END_TEST

static void end_link(struct rt_hci_link *link)
{
	rt_hci_link_disconnect(link, 0x13);
}

START_TEST(the_first_of_them_may_end_the_link)
{
	encrypted_link();
	refresh();
	send(0);
	send(1);
	tell_size();
	rig.on_rx = end_link;
	rig_pass_us(0);
	expect_pdus(1);
	rig_expect("01 0604 03 0100 13");
}
END_TEST

/* More than may wait, or no memory: rather no link than a hole. */
static void expect_end(void)
{
	tell_size();
	rig_pass_us(0);
	rig_expect("01 0604 03 0100 14");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig_link(sec_rig.link)->downs, 1);
}

START_TEST(so_much_waits_and_no_more)
{
	const uint32_t max = rig.env->limits.held_acl_bytes;
	uint32_t before = 0;
	unsigned int count = 0;

	encrypted_link();
	refresh();
	while (sec_rig.link->held.bytes > before || count == 0) {
		before = sec_rig.link->held.bytes;
		send(count++ & 0xff);
	}
	ck_assert_uint_le(before, max);
	ck_assert_uint_gt(before + before / (count - 1), max);
	expect_end();
	expect_pdus(0);
}
END_TEST

START_TEST(without_memory_the_link_ends)
{
	encrypted_link();
	refresh();
	rig.fake.allocs_left = 0;
	send(0);
	rig.fake.allocs_left = SIZE_MAX;
	expect_end();
	expect_pdus(0);
}
END_TEST

START_TEST(the_controller_is_told_when_they_have_gone_up)
{
	const struct rt_hci_options options = { .acl_rx_packets_max = 50 };

	rig_renew(&options);
	encrypted_link();
	refresh();
	send(0);
	send(1);
	rig_expect_none();
	tell_size();
	rig_pass_us(0);
	rig_expect("01 350c 05 01 0100 0200");
	expect_pdus(2);
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &data_wait_for_the_size_and_then_come_in_order, 1 },
		{ &fragments_wait_where_they_are, 1 },
		{ &a_second_key_does_not_speak_for_the_first, 1 },
		{ &a_plain_link_makes_nothing_wait, 1 },
		{ &whoever_asks_has_the_answer_before_the_data, 1 },
		{ &a_size_that_is_not_told_lets_them_go_too, 1 },
		{ &a_link_that_goes_takes_them_along, 1 },
		{ &a_controller_that_never_tells_takes_them_along, 1 },
		{ &the_first_of_them_may_end_the_link, 1 },
		{ &so_much_waits_and_no_more, 1 },
		{ &without_memory_the_link_ends, 1 },
		{ &the_controller_is_told_when_they_have_gone_up, 1 },
	};

	return rig_run("security link held", cases, RT_ARRAY_SIZE(cases));
}
