/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/couple.h"

/* Sniff mode (Core Vol 2 Part C 4.5.3; Vol 4 Part E 7.2.2, 7.2.3). */

#define SNIFF "01 03 08 0a "
#define EXIT "01 04 08 02 "
#define CHANGED "04 14 06 "
#define USUAL " 20 03 90 01 04 00 01 00" /* 800 to 400 slots */

static void setup(void)
{
	couple_setup_old();
	tell_complete(A, "01 0d 08 04 %02x %02x 05 00", LE(couple.a));
	tell_complete(B, "01 0d 08 04 %02x %02x 05 00", LE(couple.b));
}

static void begin(struct rt_vctl *v, uint16_t handle)
{
	tell_status(v, 0, SNIFF "%02x %02x" USUAL, LE(handle));
}

START_TEST(either_side_begins_and_ends_it_and_both_hear_it)
{
	begin(A, couple.a);
	hear(A, CHANGED "00 %02x %02x 02 20 03", LE(couple.a));
	hear(B, CHANGED "00 %02x %02x 02 20 03", LE(couple.b));
	send_acl(A, couple.a, true, 10, 1);
	hear_acl(B, couple.b, true, 10, 1);
	hear(A, "04 13 *");
	tell_status(B, 0, EXIT "%02x %02x", LE(couple.b));
	hear(A, CHANGED "00 %02x %02x 00 00 00", LE(couple.a));
	hear(B, CHANGED "00 %02x %02x 00 00 00", LE(couple.b));
	begin(B, couple.b);
	hear(A, CHANGED "00 %02x %02x 02 20 03", LE(couple.a));
}
END_TEST

START_TEST(the_mode_that_there_is_is_not_asked_for_again)
{
	tell_status(A, 0x0c, EXIT "%02x %02x", LE(couple.a));
	begin(A, couple.a);
	hear(A, CHANGED "*");
	hear(B, CHANGED "*");
	tell_status(A, 0x0c, SNIFF "%02x %02x" USUAL, LE(couple.a));
	tell_status(B, 0x0c, SNIFF "%02x %02x" USUAL, LE(couple.b));
	tell_status(B, 0x0c, "01 0b 08 07 " ADDR_A " 00");
}
END_TEST

START_TEST(the_link_policies_of_both_sides_count)
{
	tell_complete(B, "01 0d 08 04 %02x %02x 01 00", LE(couple.b));
	tell_status(B, 0x0c, SNIFF "%02x %02x" USUAL, LE(couple.b));
	begin(A, couple.a);
	hear(A, CHANGED "24 %02x %02x 00 00 00", LE(couple.a));
	hear_nothing(B);
}
END_TEST

START_TEST(impossible_intervals_are_refused)
{
	static const char *const wrong[] = {
		"21 03 90 01 04 00 01 00", "20 03 91 01 04 00 01 00",
		"20 03 22 03 04 00 01 00", "20 03 00 00 04 00 01 00",
		"20 03 90 01 00 00 01 00", "20 03 90 01 00 80 01 00",
		"20 03 90 01 04 00 00 80",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++)
		tell_status(A, 0x12, SNIFF "%02x %02x %s", LE(couple.a),
			    wrong[i]);
	tell_status(A, 0x02, SNIFF "ff 0e" USUAL);
	tell_status(A, 0x02, EXIT "ff 0e");
	hear_nothing(A);
}
END_TEST

START_TEST(a_disconnection_ends_a_request_first)
{
	const struct rt_air_options slow = { .latency_us = 1000 };

	couple_make(COUPLE_OLD, &slow, NULL, NULL);
	tell_complete(A, "01 0d 08 04 %02x %02x 05 00", LE(couple.a));
	begin(A, couple.a);
	rt_vctl_drop_links(A);
	hear(A, CHANGED "08 %02x %02x 00 00 00", LE(couple.a));
	hear(A, "04 05 04 00 %02x %02x 08", LE(couple.a));
	hear(B, "04 05 04 00 %02x %02x 08", LE(couple.b));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		either_side_begins_and_ends_it_and_both_hear_it,
		the_mode_that_there_is_is_not_asked_for_again,
		the_link_policies_of_both_sides_count,
		impossible_intervals_are_refused,
		a_disconnection_ends_a_request_first,
	};

	return suite_run("vctl/sniff", tests, RT_ARRAY_SIZE(tests), setup,
			 radio_teardown);
}
