/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"

/* ACL data: buffers, fragments, flow control both ways. */

#define ADDR_0 "00 00 00 01 aa 00"

#define A (radio.v[0])
#define B (radio.v[1])

static uint16_t ha, hb;

static void setup(void)
{
	radio_setup();
	join(A, B, &ha, &hb);
}

static void restart(const struct rt_vctl_options *options)
{
	radio_restart(NULL, options, 2);
	join(A, B, &ha, &hb);
}

static void hear_completed(struct rt_vctl *v, uint16_t handle, unsigned n)
{
	hear(v, "04 13 05 01 %02x %02x %02x %02x", LE(handle), LE(n));
}

START_TEST(data_arrive_and_are_completed_when_the_host_has_taken_them)
{
	send_acl(A, ha, true, 100, 0x55);
	hear_nothing(A);
	hear_acl(B, hb, true, 100, 0x55);
	hear_completed(A, ha, 1);
	hear_nothing(A);
	hear_nothing(B);
	send_acl(B, hb, true, 1021, 0xaa);
	hear_acl(A, ha, true, 1021, 0xaa);
	hear_completed(B, hb, 1);
}
END_TEST

START_TEST(both_kinds_of_start_become_a_flushable_start)
{
	tell(A, "02 %02x %02x 01 00 42", LE(ha));
	hear(B, "02 %02x %02x 01 00 42", LE(hb | 0x2000));
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x2000));
	hear(B, "02 %02x %02x 01 00 42", LE(hb | 0x2000));
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x1000));
	hear(B, "02 %02x %02x 01 00 42", LE(hb | 0x1000));
	tell(A, "02 %02x %02x 00 00", LE(ha));
	hear(B, "02 %02x %02x 00 00", LE(hb | 0x2000));
}
END_TEST

START_TEST(more_packets_than_buffers_are_lost_and_counted)
{
	for (uint8_t i = 0; i < 8; i++)
		send_acl(A, ha, true, 10, i);
	hear_nothing(A);
	send_acl(A, ha, true, 10, 8);
	hear(A, "04 1a 01 01");
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_overruns, 1);
	for (uint8_t i = 0; i < 8; i++)
		hear_acl(B, hb, true, 10, i);
	hear_nothing(B);
	hear_completed(A, ha, 8);
	hear_nothing(A);
}
END_TEST

START_TEST(one_buffer_of_27_octets_carries_everything_piece_by_piece)
{
	const struct rt_vctl_options small = { .acl_bytes = 27,
					       .acl_packets = 1 };

	restart(&small);
	tell(A, "01 05 10 00");
	hear(A, "04 0e 0b 01 05 10 00 1b 00 00 01 00 00 00");
	for (int i = 0; i < 1000; i++) {
		send_acl(A, ha, i % 40 == 0, 27, (uint8_t)i);
		hear_acl(B, hb, i % 40 == 0, 27, (uint8_t)i);
		hear_completed(A, ha, 1);
	}
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_overruns, 0);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_from_host, 1000);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->acl_to_host, 1000);
}
END_TEST

START_TEST(data_too_long_for_the_buffers_or_malformed_are_ignored_and_counted)
{
	static const char *const bad[] = {
		"02",
		"02 01",
		"02 01 00",
		"02 01 00 00",
	};

	send_acl(A, ha, true, 1022, 1);
	tell(A, "02 %02x %02x 02 00 42", LE(ha));
	tell(A, "02 %02x %02x 00 00 42", LE(ha));
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x3000));
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x4000));
	tell(A, "02 %02x %02x 01 00 42", LE(hb));
	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++)
		tell(A, "%s", bad[i]);
	hear_nothing(A);
	hear_nothing(B);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_malformed, 10);
}
END_TEST

/* The host can't know of the end of a link before it is told. */
START_TEST(data_that_cross_the_end_of_their_link_are_not_malformed)
{
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	send_acl(B, hb, true, 10, 1);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->acl_malformed, 0);
	hear(B, "04 05 04 00 %02x %02x 13", LE(hb));
	send_acl(B, hb, true, 10, 1);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->acl_malformed, 1);
	hear_nothing(B);
}
END_TEST

START_TEST(data_are_cut_to_what_the_receiver_can_take)
{
	const struct rt_vctl_options small = { .acl_bytes = 27 };

	rt_vctl_free(B);
	radio.v[1] = rt_vctl_new(radio.air, &small);
	tell_complete(B, "01 1a 0c 01 02");
	pass_ms(20000);
	hear(A, "04 05 04 00 %02x %02x 08", LE(ha));
	join(A, B, &ha, &hb);
	send_acl(A, ha, true, 60, 0x77);
	hear_acl(B, hb, true, 27, 0x77);
	hear_nothing(A);
	hear_acl(B, hb, false, 27, 0x77);
	hear_nothing(A);
	hear_acl(B, hb, false, 6, 0x77);
	hear_completed(A, ha, 1);
	hear_nothing(B);
}
END_TEST

/* B's host: 40 octets, 2 packets. */
static void begin_host_flow(void)
{
	radio_setup();
	tell(B, "01 31 0c 01 01");
	hear(B, "04 0e 04 01 31 0c 0c");
	tell_complete(B, "01 33 0c 07 28 00 00 02 00 00 00");
	tell_complete(B, "01 31 0c 01 01");
	join(A, B, &ha, &hb);
}

START_TEST(a_host_with_two_buffers_never_gets_a_third_packet)
{
	begin_host_flow();
	for (uint8_t i = 0; i < 4; i++)
		send_acl(A, ha, true, 40, i);
	hear_acl(B, hb, true, 40, 0);
	hear_acl(B, hb, true, 40, 1);
	hear_nothing(B);
	hear_completed(A, ha, 2);
	tell(B, "01 35 0c 05 01 %02x %02x 01 00", LE(hb));
	hear_acl(B, hb, true, 40, 2);
	hear_nothing(B);
	tell(B, "01 35 0c 05 01 %02x %02x 02 00", LE(hb));
	hear_acl(B, hb, true, 40, 3);
	hear_nothing(B);
	hear_completed(A, ha, 2);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->host_buffer_overruns, 2);
}
END_TEST

START_TEST(data_are_cut_to_the_host_s_buffers)
{
	begin_host_flow();
	send_acl(A, ha, true, 100, 9);
	hear_acl(B, hb, true, 40, 9);
	hear_acl(B, hb, false, 40, 9);
	hear_nothing(B);
	hear_nothing(A);
	tell(B, "01 35 0c 05 01 %02x %02x 02 00", LE(hb));
	hear_acl(B, hb, false, 20, 9);
	hear_completed(A, ha, 1);
}
END_TEST

START_TEST(host_number_of_completed_packets_needs_no_credit_and_no_answer)
{
	begin_host_flow();
	send_acl(A, ha, true, 40, 0);
	hear_acl(B, hb, true, 40, 0);
	tell(B, "01 09 10 00");
	tell(B, "01 35 0c 05 01 %02x %02x 01 00", LE(hb));
	hear(B, "04 0e 0a 01 09 10 00 *");
	hear_nothing(B);
	ck_assert_uint_eq(rt_vctl_get_stats(B)->commands_overrun, 0);
}
END_TEST

START_TEST(buffers_given_back_too_often_or_malformed_are_an_error)
{
	static const char *const malformed[] = {
		"00",
		"01 01",
		"04 01 01 00 01",
		"06 01 01 00 01 00 00",
		"05 02 01 00 01 00",
	};

	begin_host_flow();
	tell(B, "01 35 0c 05 01 %02x %02x 01 00", LE(hb));
	hear(B, "04 0e 04 01 35 0c 12");
	tell(B, "01 35 0c 05 01 ff 0e 01 00");
	hear_nothing(B);
	for (size_t i = 0; i < RT_ARRAY_SIZE(malformed); i++) {
		tell(B, "01 35 0c %s", malformed[i]);
		hear(B, "04 0e 04 01 35 0c 12");
	}
}
END_TEST

START_TEST(flow_control_is_not_changed_while_there_are_links)
{
	tell_complete(A, "01 33 0c 07 28 00 00 02 00 00 00");
	tell(A, "01 31 0c 01 01");
	hear(A, "04 0e 04 01 31 0c 0c");
}
END_TEST

START_TEST(the_end_of_a_link_comes_after_its_data)
{
	for (uint8_t i = 0; i < 3; i++)
		send_acl(A, ha, true, 10, i);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	for (uint8_t i = 0; i < 3; i++)
		hear_acl(B, hb, true, 10, i);
	hear(B, "04 05 04 00 %02x %02x 13", LE(hb));
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(data_after_disconnect_are_not_sent)
{
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, true);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	send_acl(A, ha, true, 10, 1);
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, false);
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 13", LE(hb));
	hear_nothing(B);
}
END_TEST

START_TEST(a_host_without_buffers_hears_of_the_end_all_the_same)
{
	begin_host_flow();
	for (uint8_t i = 0; i < 3; i++)
		send_acl(A, ha, true, 10, i);
	hear_acl(B, hb, true, 10, 0);
	hear_acl(B, hb, true, 10, 1);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 13", LE(hb));
	hear_nothing(B);
	/* Its buffers are free again (4.2). */
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	join(A, B, &ha, &hb);
	send_acl(A, ha, true, 10, 7);
	send_acl(A, ha, true, 10, 8);
	hear_acl(B, hb, true, 10, 7);
	hear_acl(B, hb, true, 10, 8);
}
END_TEST

START_TEST(buffers_are_free_again_when_a_link_ends)
{
	for (uint8_t i = 0; i < 8; i++)
		send_acl(A, ha, true, 10, i);
	rt_vctl_drop_links(A);
	hear(A, "04 05 04 00 %02x %02x 08", LE(ha));
	for (uint8_t i = 0; i < 8; i++)
		hear_acl(B, hb, true, 10, i);
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
	join(A, B, &ha, &hb);
	for (uint8_t i = 0; i < 8; i++)
		send_acl(A, ha, true, 10, i);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_overruns, 0);
}
END_TEST

START_TEST(data_out_of_range_wait_and_keep_their_order)
{
	const struct rt_air_options air = { .latency_us = 3000 };
	const struct rt_vctl_options options = { .acl_packets = 20 };

	restart(&options);
	radio_restart(&air, &options, 2);
	tell_status(A, 0, "01 05 04 0d 01 00 00 01 aa 00 18 cc 01 00 00 00 00");
	pass_ms(10);
	hear(B, "04 04 *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	pass_ms(10);
	hear(A, "04 03 0b 00 *");
	hear(B, "04 03 0b 00 *");
	for (uint8_t i = 0; i < 20; i++) {
		send_acl(A, ha, true, 10, i);
		pass_ms(1);
		rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, i % 5 > 2);
	}
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, false);
	pass_ms(3);
	for (uint8_t i = 0; i < 20; i++)
		hear_acl(B, hb, true, 10, i);
	hear_nothing(A);
	pass_ms(3);
	hear_completed(A, ha, 20);
}
END_TEST

START_TEST(latency_delays_data_and_completions)
{
	const struct rt_air_options air = { .latency_us = 2000 };
	uint64_t due_us;

	radio_restart(&air, NULL, 2);
	tell_status(A, 0, "01 05 04 0d 01 00 00 01 aa 00 18 cc 01 00 00 00 00");
	ck_assert(rt_air_next(radio.air, &due_us));
	ck_assert_uint_eq(due_us, 2000);
	pass_ms(3);
	hear_nothing(B);
	pass_ms(1);
	hear(B, "04 04 *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	pass_ms(4);
	hear(A, "04 03 0b 00 *");
	hear(B, "04 03 0b 00 *");
	send_acl(A, ha, true, 10, 1);
	pass_ms(1);
	hear_nothing(B);
	pass_ms(1);
	hear_acl(B, hb, true, 10, 1);
	pass_ms(1);
	hear_nothing(A);
	pass_ms(1);
	hear_completed(A, ha, 1);
	ck_assert(!rt_air_next(radio.air, &due_us));
}
END_TEST

START_TEST(seven_links_share_the_buffers)
{
	uint16_t handle[8], peer[8];

	radio_restart(NULL, NULL, 8);
	for (int i = 1; i < 8; i++)
		join(A, radio.v[i], &handle[i], &peer[i]);
	for (int i = 1; i < 8; i++)
		send_acl(A, handle[i], true, 10, (uint8_t)i);
	for (int i = 7; i > 0; i--) {
		hear_acl(radio.v[i], peer[i], true, 10, (uint8_t)i);
		hear_completed(A, handle[i], 1);
		hear_nothing(A);
	}
}
END_TEST

START_TEST(a_noisy_air_loses_whole_pdus_that_may_be_flushed)
{
	rt_vctl_set_loss(A, 1000);
	tell_complete(A, "01 28 0c 04 %02x %02x 40 00", LE(ha));
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x2000));
	hear_completed(A, ha, 1);
	hear(A, "04 11 02 %02x %02x", LE(ha));
	tell(A, "02 %02x %02x 01 00 43", LE(ha | 0x1000));
	hear_completed(A, ha, 1);
	hear_nothing(A);
	hear_nothing(B);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->acl_flushed, 2);

	/* What starts non-flushable arrives, and so does what follows it. */
	tell(A, "02 %02x %02x 01 00 44", LE(ha));
	hear(B, "02 %02x %02x 01 00 44", LE(hb | 0x2000));
	tell(A, "02 %02x %02x 01 00 45", LE(ha | 0x1000));
	hear(B, "02 %02x %02x 01 00 45", LE(hb | 0x1000));
}
END_TEST

START_TEST(a_noisy_air_loses_nothing_without_a_flush_timeout)
{
	rt_vctl_set_loss(A, 1000);
	tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x2000));
	hear(B, "02 %02x %02x 01 00 42", LE(hb | 0x2000));
	hear_completed(A, ha, 1);
	hear_nothing(A);
}
END_TEST

START_TEST(a_noisy_air_loses_its_share)
{
	rt_vctl_set_loss(A, 100);
	tell_complete(A, "01 28 0c 04 %02x %02x 40 00", LE(ha));
	for (int i = 0; i < 1000; i++) {
		enum rt_packet_type type;
		struct rt_bytes packet;

		tell(A, "02 %02x %02x 01 00 42", LE(ha | 0x2000));
		while (rt_vctl_tx(B, &type, &packet))
			;
		while (rt_vctl_tx(A, &type, &packet))
			;
	}
	ck_assert_uint_gt(rt_vctl_get_stats(A)->acl_flushed, 60);
	ck_assert_uint_lt(rt_vctl_get_stats(A)->acl_flushed, 140);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		data_arrive_and_are_completed_when_the_host_has_taken_them,
		both_kinds_of_start_become_a_flushable_start,
		more_packets_than_buffers_are_lost_and_counted,
		one_buffer_of_27_octets_carries_everything_piece_by_piece,
		data_too_long_for_the_buffers_or_malformed_are_ignored_and_counted,
		data_that_cross_the_end_of_their_link_are_not_malformed,
		data_are_cut_to_what_the_receiver_can_take,
		a_host_with_two_buffers_never_gets_a_third_packet,
		data_are_cut_to_the_host_s_buffers,
		host_number_of_completed_packets_needs_no_credit_and_no_answer,
		buffers_given_back_too_often_or_malformed_are_an_error,
		flow_control_is_not_changed_while_there_are_links,
		the_end_of_a_link_comes_after_its_data,
		data_after_disconnect_are_not_sent,
		a_host_without_buffers_hears_of_the_end_all_the_same,
		buffers_are_free_again_when_a_link_ends,
		data_out_of_range_wait_and_keep_their_order,
		latency_delays_data_and_completions,
		seven_links_share_the_buffers,
		a_noisy_air_loses_whole_pdus_that_may_be_flushed,
		a_noisy_air_loses_nothing_without_a_flush_timeout,
		a_noisy_air_loses_its_share,
	};

	return suite_run("vctl/acl", tests, RT_ARRAY_SIZE(tests), setup,
			 radio_teardown);
}
