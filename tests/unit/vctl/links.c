/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"

/* Links: paging, accepting, refusing, roles, transactions. */

#define ADDR_0 "00 00 00 01 aa 00"
#define ADDR_1 "01 00 00 01 aa 00"
#define ADDR_9 "09 00 00 01 aa 00"
#define CREATE "01 05 04 0d "
#define CREATE_REST " 18 cc 01 00 00 00 "

#define A (radio.v[0])
#define B (radio.v[1])

static uint16_t ha, hb;

START_TEST(a_link_is_made_when_the_other_host_accepts)
{
	tell_complete(A, "01 24 0c 03 04 01 2a");
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear_nothing(A);
	hear(B, "04 04 0a " ADDR_0 " 04 01 2a 01");
	hear_nothing(B);
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	hear(A, "04 03 0b 00 .. .. " ADDR_1 " 01 00");
	hear(B, "04 03 0b 00 .. .. " ADDR_0 " 01 00");
	ck_assert_uint_eq(rt_vctl_get_stats(A)->links, 1);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->links, 1);
}
END_TEST

START_TEST(handles_of_the_two_sides_differ_and_are_not_used_again_soon)
{
	uint16_t before;

	join(A, B, &ha, &hb);
	ck_assert_uint_ne(ha, hb);
	before = ha;
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 13", LE(hb));
	join(A, B, &ha, &hb);
	ck_assert_uint_ne(ha, before);
}
END_TEST

START_TEST(paging_somebody_absent_ends_with_page_timeout_after_5120_ms)
{
	tell_status(A, 0, CREATE ADDR_9 CREATE_REST "00");
	pass_ms(5119);
	hear_nothing(A);
	pass_ms(1);
	hear(A, "04 03 0b 04 00 00 " ADDR_9 " 01 00");
}
END_TEST

START_TEST(the_page_timeout_that_is_written_is_the_one_that_counts)
{
	tell_complete(A, "01 18 0c 02 40 06");
	tell_status(A, 0, CREATE ADDR_9 CREATE_REST "00");
	pass_ms(999);
	hear_nothing(A);
	pass_ms(1);
	hear(A, "04 03 0b 04 00 00 " ADDR_9 " 01 00");
}
END_TEST

START_TEST(who_does_not_page_scan_is_not_connected_until_it_does)
{
	tell_complete(B, "01 1a 0c 01 01");
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	pass_ms(3000);
	hear_nothing(B);
	tell_complete(B, "01 1a 0c 01 03");
	hear(B, "04 04 0a " ADDR_0 " 00 00 00 01");
}
END_TEST

START_TEST(a_page_takes_the_time_that_the_options_say)
{
	const struct rt_vctl_options slow = { .page_ms = 700 };

	radio_restart(NULL, &slow, 2);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	pass_ms(699);
	hear_nothing(B);
	pass_ms(1);
	hear(B, "04 04 0a " ADDR_0 " 00 00 00 01");
}
END_TEST

START_TEST(one_page_at_a_time)
{
	tell_status(A, 0, CREATE ADDR_9 CREATE_REST "00");
	tell_status(A, 0x0c, CREATE ADDR_1 CREATE_REST "00");
	tell_status(A, 0x0c, "01 19 04 0a " ADDR_1 " 01 00 00 00");
}
END_TEST

START_TEST(paging_a_connected_one_or_oneself_is_refused)
{
	join(A, B, &ha, &hb);
	tell_status(A, 0x0b, CREATE ADDR_1 CREATE_REST "00");
	tell_status(B, 0x0b, CREATE ADDR_0 CREATE_REST "00");
	tell_status(A, 0x0f, CREATE ADDR_0 CREATE_REST "00");
}
END_TEST

START_TEST(a_page_can_be_cancelled)
{
	tell_status(A, 0, CREATE ADDR_9 CREATE_REST "00");
	tell(A, "01 08 04 06 " ADDR_9);
	hear(A, "04 0e 0a 01 08 04 00 " ADDR_9);
	hear(A, "04 03 0b 02 00 00 " ADDR_9 " 01 00");
	pass_ms(10000);
	hear_nothing(A);
	tell(A, "01 08 04 06 " ADDR_9);
	hear(A, "04 0e 0a 01 08 04 02 " ADDR_9);
}
END_TEST

START_TEST(cancelling_before_the_other_accepts_ends_it_on_both_sides)
{
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 04 0a " ADDR_0 " *");
	tell(A, "01 08 04 06 " ADDR_1);
	hear(A, "04 0e 0a 01 08 04 00 " ADDR_1);
	hear(A, "04 03 0b 02 00 00 " ADDR_1 " 01 00");
	hear(B, "04 03 0b 13 00 00 " ADDR_0 " 01 00");
	tell_status(B, 0x02, "01 09 04 07 " ADDR_0 " 01");
	hear_nothing(A);
}
END_TEST

START_TEST(cancelling_too_late_says_that_the_connection_exists)
{
	join(A, B, &ha, &hb);
	tell(A, "01 08 04 06 " ADDR_1);
	hear(A, "04 0e 0a 01 08 04 0b " ADDR_1);
	hear_nothing(A);
}
END_TEST

START_TEST(a_rejection_reaches_the_initiator_with_its_reason)
{
	for (unsigned reason = 0x0d; reason <= 0x0f; reason++) {
		tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
		hear(B, "04 04 0a *");
		tell_status(B, 0, "01 0a 04 07 " ADDR_0 " %02x", reason);
		hear(A, "04 03 0b %02x 00 00 " ADDR_1 " 01 00", reason);
		hear(B, "04 03 0b %02x 00 00 " ADDR_0 " 01 00", reason);
	}
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 04 0a *");
	tell_status(B, 0x12, "01 0a 04 07 " ADDR_0 " 13");
}
END_TEST

START_TEST(a_host_that_does_not_answer_lets_the_accept_timeout_run)
{
	tell_complete(B, "01 16 0c 02 40 06");
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 04 0a *");
	pass_ms(999);
	hear_nothing(A);
	hear_nothing(B);
	pass_ms(1);
	hear(A, "04 03 0b 10 00 00 " ADDR_1 " 01 00");
	hear(B, "04 03 0b 10 00 00 " ADDR_0 " 01 00");
}
END_TEST

START_TEST(accepting_what_nobody_asked_for_is_an_error)
{
	tell_status(B, 0x02, "01 09 04 07 " ADDR_0 " 01");
	tell_status(B, 0x02, "01 0a 04 07 " ADDR_0 " 0d");
	tell_status(B, 0x12, "01 09 04 07 " ADDR_0 " 02");
}
END_TEST

START_TEST(of_two_that_page_each_other_the_first_wins)
{
	const struct rt_air_options air = { .latency_us = 1000 };

	radio_restart(&air, NULL, 2);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	tell_status(B, 0, CREATE ADDR_0 CREATE_REST "00");
	pass_ms(1);
	hear(B, "04 03 0b 0b 00 00 " ADDR_0 " 01 00");
	pass_ms(1);
	hear(B, "04 04 0a " ADDR_0 " *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	pass_ms(2);
	hear(A, "04 03 0b 00 .. .. " ADDR_1 " 01 00");
	hear(B, "04 03 0b 00 .. .. " ADDR_0 " 01 00");
	pass_ms(10000);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(an_eighth_link_is_refused)
{
	radio_restart(NULL, NULL, 9);
	for (int i = 1; i <= 7; i++)
		join(A, radio.v[i], &ha, &hb);
	tell_status(A, 0x09, CREATE "08 00 00 01 aa 00" CREATE_REST "00");
	tell_status(radio.v[8], 0, CREATE ADDR_0 CREATE_REST "00");
	pass_ms(5120);
	hear(radio.v[8], "04 03 0b 04 *");
	hear_nothing(A);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->links, 7);
}
END_TEST

static void role_is(struct rt_vctl *v, uint16_t handle, uint8_t role)
{
	tell(v, "01 09 08 02 %02x %02x", LE(handle));
	hear(v, "04 0e 07 01 09 08 00 %02x %02x %02x", LE(handle), role);
}

START_TEST(the_one_who_pages_is_central)
{
	join(A, B, &ha, &hb);
	role_is(A, ha, 0);
	role_is(B, hb, 1);
}
END_TEST

START_TEST(an_acceptor_becomes_central_if_the_initiator_allows_it)
{
	for (unsigned allowed = 0; allowed <= 1; allowed++) {
		radio_restart(NULL, NULL, 2);
		tell_status(A, 0, CREATE ADDR_1 CREATE_REST "%02x", allowed);
		hear(B, "04 04 0a *");
		tell_status(B, 0, "01 09 04 07 " ADDR_0 " 00");
		if (allowed) {
			hear(A, "04 12 08 00 " ADDR_1 " 01");
			hear(B, "04 12 08 00 " ADDR_0 " 00");
		}
		hear(A, "04 03 0b 00 *");
		hear(B, "04 03 0b 00 *");
	}
}
END_TEST

START_TEST(roles_are_switched_where_both_policies_allow_it)
{
	join(A, B, &ha, &hb);
	tell_status(A, 0x02, "01 0b 08 07 " ADDR_9 " 01");
	tell_status(A, 0x12, "01 0b 08 07 " ADDR_1 " 02");
	tell_status(A, 0x21, "01 0b 08 07 " ADDR_1 " 01");
	tell_complete(A, "01 0d 08 04 %02x %02x 01 00", LE(ha));
	tell_status(A, 0, "01 0b 08 07 " ADDR_1 " 01");
	hear(A, "04 12 08 21 " ADDR_1 " 00");
	hear_nothing(B);
	tell_complete(B, "01 0d 08 04 %02x %02x 01 00", LE(hb));
	tell_status(A, 0, "01 0b 08 07 " ADDR_1 " 01");
	hear(A, "04 12 08 00 " ADDR_1 " 01");
	hear(B, "04 12 08 00 " ADDR_0 " 00");
	role_is(A, ha, 1);
	role_is(B, hb, 0);
	tell_status(A, 0x0c, "01 0b 08 07 " ADDR_1 " 01");
}
END_TEST

START_TEST(the_link_policy_is_read_and_written)
{
	tell_complete(A, "01 0f 08 02 01 00");
	join(A, B, &ha, &hb);
	tell(A, "01 0c 08 02 %02x %02x", LE(ha));
	hear(A, "04 0e 08 01 0c 08 00 %02x %02x 01 00", LE(ha));
	tell(A, "01 0d 08 04 %02x %02x 02 00", LE(ha));
	hear(A, "04 0e 06 01 0d 08 11 %02x %02x", LE(ha));
	tell_complete(A, "01 0d 08 04 %02x %02x 00 00", LE(ha));
	tell(A, "01 0c 08 02 %02x %02x", LE(ha));
	hear(A, "04 0e 08 01 0c 08 00 %02x %02x 00 00", LE(ha));
}
END_TEST

START_TEST(the_other_side_tells_what_it_is)
{
	join(A, B, &ha, &hb);
	tell_status(A, 0, "01 1b 04 02 %02x %02x", LE(ha));
	hear(A, "04 0b 0b 00 %02x %02x af 00 00 7e 80 05 59 81", LE(ha));
	tell_status(A, 0, "01 1c 04 03 %02x %02x 01", LE(ha));
	hear(A, "04 23 0d 00 %02x %02x 01 02 00 00 00 00 00 00 00 00", LE(ha));
	tell_status(A, 0, "01 1d 04 02 %02x %02x", LE(ha));
	hear(A, "04 0c 08 00 %02x %02x 09 ff ff 01 00", LE(ha));
	tell_status(A, 0, "01 1f 04 02 %02x %02x", LE(ha));
	hear(A, "04 1c 05 00 %02x %02x .. ..", LE(ha));
	tell_status(A, 0, "01 0f 04 04 %02x %02x 18 cc", LE(ha));
	hear(A, "04 1d 05 00 %02x %02x 18 cc", LE(ha));
	hear_nothing(B);
}
END_TEST

START_TEST(figures_of_a_link_are_read)
{
	join(A, B, &ha, &hb);
	tell(A, "01 05 14 02 %02x %02x", LE(ha));
	hear(A, "04 0e 07 01 05 14 00 %02x %02x 00", LE(ha));
	tell(A, "01 03 14 02 %02x %02x", LE(ha));
	hear(A, "04 0e 07 01 03 14 00 %02x %02x ff", LE(ha));
	tell(A, "01 01 14 02 %02x %02x", LE(ha));
	hear(A, "04 0e 08 01 01 14 00 %02x %02x 00 00", LE(ha));
	tell_complete(A, "01 02 14 02 %02x %02x", LE(ha));
	tell(A, "01 2d 0c 03 %02x %02x 01", LE(ha));
	hear(A, "04 0e 07 01 2d 0c 00 %02x %02x 00", LE(ha));
	tell(A, "01 28 0c 04 %02x %02x 00 08", LE(ha));
	hear(A, "04 0e 06 01 28 0c 12 %02x %02x", LE(ha));
	tell(A, "01 2d 0c 03 %02x %02x 02", LE(ha));
	hear(A, "04 0e 07 01 2d 0c 12 %02x %02x 00", LE(ha));
	tell_complete(A, "01 28 0c 04 %02x %02x 10 00", LE(ha));
	tell(A, "01 27 0c 02 %02x %02x", LE(ha));
	hear(A, "04 0e 08 01 27 0c 00 %02x %02x 10 00", LE(ha));
}
END_TEST

static void hear_clock(struct rt_vctl *v, uint32_t *ret_clock)
{
	enum rt_packet_type type;
	struct rt_bytes p;

	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_uint_eq(p.len, 14);
	*ret_clock = p.ptr[8] | (uint32_t)p.ptr[9] << 8 |
		     (uint32_t)p.ptr[10] << 16 | (uint32_t)p.ptr[11] << 24;
}

START_TEST(both_ends_of_a_link_agree_on_the_piconet_clock)
{
	uint32_t a, b;

	join(A, B, &ha, &hb);
	pass_ms(1234);
	tell(A, "01 07 14 03 %02x %02x 01", LE(ha));
	hear_clock(A, &a);
	tell(B, "01 07 14 03 %02x %02x 01", LE(hb));
	hear_clock(B, &b);
	ck_assert_uint_eq(a, b);
	tell(B, "01 07 14 03 00 00 00");
	hear_clock(B, &a);
	ck_assert_uint_ne(a, b);
	pass_ms(1000);
	tell(B, "01 07 14 03 00 00 00");
	hear_clock(B, &b);
	ck_assert_uint_eq((b - a) & 0x0fffffff, 3200);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_link_is_made_when_the_other_host_accepts,
		handles_of_the_two_sides_differ_and_are_not_used_again_soon,
		paging_somebody_absent_ends_with_page_timeout_after_5120_ms,
		the_page_timeout_that_is_written_is_the_one_that_counts,
		who_does_not_page_scan_is_not_connected_until_it_does,
		a_page_takes_the_time_that_the_options_say,
		one_page_at_a_time,
		paging_a_connected_one_or_oneself_is_refused,
		a_page_can_be_cancelled,
		cancelling_before_the_other_accepts_ends_it_on_both_sides,
		cancelling_too_late_says_that_the_connection_exists,
		a_rejection_reaches_the_initiator_with_its_reason,
		a_host_that_does_not_answer_lets_the_accept_timeout_run,
		accepting_what_nobody_asked_for_is_an_error,
		of_two_that_page_each_other_the_first_wins,
		an_eighth_link_is_refused,
		the_one_who_pages_is_central,
		an_acceptor_becomes_central_if_the_initiator_allows_it,
		roles_are_switched_where_both_policies_allow_it,
		the_link_policy_is_read_and_written,
		the_other_side_tells_what_it_is,
		figures_of_a_link_are_read,
		both_ends_of_a_link_agree_on_the_piconet_clock,
	};

	return suite_run("vctl/links", tests, RT_ARRAY_SIZE(tests), radio_setup,
			 radio_teardown);
}
