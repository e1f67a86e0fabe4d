/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"

/* How links end: disconnection, supervision, resets. */

#define ADDR_0 "00 00 00 01 aa 00"
#define ADDR_1 "01 00 00 01 aa 00"
#define CREATE "01 05 04 0d "
#define CREATE_REST " 18 cc 01 00 00 00 "

#define A (radio.v[0])
#define B (radio.v[1])

static uint16_t ha, hb;

START_TEST(disconnect_tells_each_side_its_own_reason)
{
	static const uint8_t reasons[] = { 0x05, 0x13, 0x14, 0x15,
					   0x1a, 0x29, 0x3b };

	for (size_t i = 0; i < sizeof(reasons); i++) {
		join(A, B, &ha, &hb);
		tell_status(B, 0, "01 06 04 03 %02x %02x %02x", LE(hb),
			    reasons[i]);
		hear(B, "04 05 04 00 %02x %02x 16", LE(hb));
		hear(A, "04 05 04 00 %02x %02x %02x", LE(ha), reasons[i]);
		hear_nothing(A);
		hear_nothing(B);
		ck_assert_uint_eq(rt_vctl_get_stats(A)->links, 0);
	}
}
END_TEST

START_TEST(disconnect_with_a_wrong_reason_or_handle_is_refused)
{
	join(A, B, &ha, &hb);
	tell_status(A, 0x12, "01 06 04 03 %02x %02x 08", LE(ha));
	tell_status(A, 0x02, "01 06 04 03 %02x %02x 13", LE(hb));
	hear_nothing(B);
}
END_TEST

START_TEST(two_that_disconnect_at_once_both_did_it_themselves)
{
	const struct rt_air_options air = { .latency_us = 1000 };

	/* The handles of a first link are always the same. */
	join(A, B, &ha, &hb);
	radio_restart(&air, NULL, 2);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	pass_ms(10);
	hear(B, "04 04 *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	pass_ms(10);
	hear(A, "04 03 0b 00 *");
	hear(B, "04 03 0b 00 *");
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	tell_status(B, 0, "01 06 04 03 %02x %02x 13", LE(hb));
	tell_status(A, 0x0c, "01 06 04 03 %02x %02x 13", LE(ha));
	pass_ms(10);
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 16", LE(hb));
	pass_ms(60000);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(out_of_range_both_sides_time_out_after_the_supervision_timeout)
{
	join(A, B, &ha, &hb);
	tell(A, "01 36 0c 02 %02x %02x", LE(ha));
	hear(A, "04 0e 08 01 36 0c 00 %02x %02x 00 7d", LE(ha));
	rt_vctl_set_fault(A, RT_VCTL_OUT_OF_RANGE, true);
	pass_ms(19999);
	hear_nothing(A);
	hear_nothing(B);
	pass_ms(1);
	hear(A, "04 05 04 00 %02x %02x 08", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
}
END_TEST

START_TEST(who_comes_back_in_time_keeps_the_link)
{
	join(A, B, &ha, &hb);
	rt_vctl_set_fault(A, RT_VCTL_OUT_OF_RANGE, true);
	tell_status(A, 0, "01 1b 04 02 %02x %02x", LE(ha));
	pass_ms(19999);
	hear_nothing(A);
	rt_vctl_set_fault(A, RT_VCTL_OUT_OF_RANGE, false);
	hear(A, "04 0b 0b 00 %02x %02x *", LE(ha));
	pass_ms(60000);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(the_central_sets_the_supervision_timeout_of_both)
{
	join(A, B, &ha, &hb);
	tell(B, "01 37 0c 04 %02x %02x 40 06", LE(hb));
	hear(B, "04 0e 06 01 37 0c 0c %02x %02x", LE(hb));
	tell_complete(B, "01 01 0c 08 ff ff ff ff ff ff bf 3d");
	tell_complete(A, "01 37 0c 04 %02x %02x 40 06", LE(ha));
	hear(B, "04 38 04 %02x %02x 40 06", LE(hb));
	rt_vctl_free(A);
	radio.v[0] = NULL;
	pass_ms(999);
	hear_nothing(B);
	pass_ms(1);
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
}
END_TEST

START_TEST(a_supervision_timeout_of_zero_never_ends)
{
	join(A, B, &ha, &hb);
	tell_complete(A, "01 37 0c 04 %02x %02x 00 00", LE(ha));
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, true);
	pass_ms(3600000);
	hear_nothing(A);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	pass_ms(29999);
	hear_nothing(A);
	pass_ms(1);
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
}
END_TEST

START_TEST(what_was_asked_of_a_lost_peer_is_answered_with_the_reason)
{
	join(A, B, &ha, &hb);
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, true);
	tell_status(A, 0, "01 1b 04 02 %02x %02x", LE(ha));
	tell_status(A, 0x0c, "01 1b 04 02 %02x %02x", LE(ha));
	tell_status(A, 0, "01 19 04 0a " ADDR_1 " 01 00 00 00");
	pass_ms(20000);
	hear(A, "04 0b 0b 08 %02x %02x 00 00 00 00 00 00 00 00", LE(ha));
	hear(A, "04 07 ff 08 " ADDR_1 " *");
	hear(A, "04 05 04 00 %02x %02x 08", LE(ha));
}
END_TEST

START_TEST(after_a_reset_the_peer_waits_for_its_supervision_timeout)
{
	join(A, B, &ha, &hb);
	tell_complete(A, "01 03 0c 00");
	hear_nothing(A);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->links, 0);
	pass_ms(19999);
	hear_nothing(B);
	pass_ms(1);
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
}
END_TEST

START_TEST(one_that_was_reset_and_pages_again_replaces_its_old_link)
{
	join(A, B, &ha, &hb);
	tell_complete(A, "01 03 0c 00");
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
	hear(B, "04 04 0a " ADDR_0 " *");
}
END_TEST

START_TEST(who_resets_before_the_other_host_was_asked_was_never_there)
{
	const struct rt_air_options air = { .latency_us = 1000 };

	radio_restart(&air, NULL, 2);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	pass_ms(1);
	tell_complete(A, "01 03 0c 00");
	pass_ms(60000);
	hear_nothing(B);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	pass_ms(2);
	hear(B, "04 04 0a *");
}
END_TEST

START_TEST(links_being_set_up_break_as_well)
{
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 04 0a *");
	rt_vctl_drop_links(B);
	hear(A, "04 03 0b 08 00 00 " ADDR_1 " 01 00");
	hear(B, "04 03 0b 08 00 00 " ADDR_0 " 01 00");
}
END_TEST

START_TEST(an_initiator_that_vanishes_is_missed_when_it_is_accepted)
{
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST "00");
	hear(B, "04 04 0a *");
	rt_vctl_free(A);
	radio.v[0] = NULL;
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	pass_ms(19999);
	hear_nothing(B);
	pass_ms(1);
	hear(B, "04 03 0b 08 00 00 " ADDR_0 " 01 00");
	ck_assert_uint_eq(rt_vctl_get_stats(B)->links, 0);
}
END_TEST

START_TEST(links_that_break_break_for_both)
{
	join(A, B, &ha, &hb);
	rt_vctl_drop_links(A);
	hear(A, "04 05 04 00 %02x %02x 08", LE(ha));
	hear(B, "04 05 04 00 %02x %02x 08", LE(hb));
	join(A, B, &ha, &hb);
}
END_TEST

START_TEST(masked_events_are_not_sent)
{
	join(A, B, &ha, &hb);
	tell_complete(A, "01 01 0c 08 00 00 00 00 00 00 00 00");
	tell_status(B, 0, "01 06 04 03 %02x %02x 13", LE(hb));
	hear(B, "04 05 04 00 %02x %02x 16", LE(hb));
	hear_nothing(A);
	tell_status(A, 0x02, "01 06 04 03 %02x %02x 13", LE(ha));
}
END_TEST

static void set_event_mask(struct rt_vctl *v, uint64_t mask)
{
	char text[64] = "";

	for (int i = 0; i < 8; i++)
		snprintf(text + 3 * i, 4, " %02x",
			 (unsigned)(mask >> (8 * i) & 0xff));
	tell_complete(v, "01 01 0c 08%s", text);
}

START_TEST(each_bit_of_the_event_mask_stands_for_one_event)
{
	const uint64_t end = UINT64_C(1) << 4, name = UINT64_C(1) << 6;

	join(A, B, &ha, &hb);
	set_event_mask(A, name);
	tell_status(A, 0, "01 1b 04 02 %02x %02x", LE(ha));
	tell_status(A, 0, "01 19 04 0a " ADDR_1 " 01 00 00 00");
	hear(A, "04 07 ff 00 " ADDR_1 " *");
	hear_nothing(A);
	set_event_mask(A, ~name);
	tell_status(A, 0, "01 19 04 0a " ADDR_1 " 01 00 00 00");
	hear_nothing(A);
	set_event_mask(A, end);
	set_event_mask(B, ~end);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(ha));
	hear(A, "04 05 04 00 %02x %02x 16", LE(ha));
	hear_nothing(B);
}
END_TEST

START_TEST(a_controller_that_dies_leaves_nothing_armed)
{
	uint64_t due_us;

	join(A, B, &ha, &hb);
	rt_vctl_set_fault(A, RT_VCTL_MERGE_COMPLETIONS, true);
	rt_vctl_set_fault(B, RT_VCTL_MERGE_COMPLETIONS, true);
	send_acl(A, ha, true, 10, 1);
	hear_acl(B, hb, true, 10, 1);
	tell_status(A, 0, "01 01 04 05 33 8b 9e 30 00");
	tell_status(A, 0, "01 19 04 0a 09 00 00 01 aa 00 01 00 00 00");
	rt_vctl_free(A);
	rt_vctl_free(B);
	radio.v[0] = NULL;
	radio.v[1] = NULL;
	ck_assert(!rt_air_next(radio.air, &due_us));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		disconnect_tells_each_side_its_own_reason,
		disconnect_with_a_wrong_reason_or_handle_is_refused,
		two_that_disconnect_at_once_both_did_it_themselves,
		out_of_range_both_sides_time_out_after_the_supervision_timeout,
		who_comes_back_in_time_keeps_the_link,
		the_central_sets_the_supervision_timeout_of_both,
		a_supervision_timeout_of_zero_never_ends,
		what_was_asked_of_a_lost_peer_is_answered_with_the_reason,
		after_a_reset_the_peer_waits_for_its_supervision_timeout,
		one_that_was_reset_and_pages_again_replaces_its_old_link,
		who_resets_before_the_other_host_was_asked_was_never_there,
		links_being_set_up_break_as_well,
		an_initiator_that_vanishes_is_missed_when_it_is_accepted,
		links_that_break_break_for_both,
		masked_events_are_not_sent,
		each_bit_of_the_event_mask_stands_for_one_event,
		a_controller_that_dies_leaves_nothing_armed,
	};

	return suite_run("vctl/ends", tests, RT_ARRAY_SIZE(tests), radio_setup,
			 radio_teardown);
}
