/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"

/* Inquiry and remote names. */

#define ADDR_0 "00 00 00 01 aa 00"
#define ADDR_1 "01 00 00 01 aa 00"
#define ADDR_2 "02 00 00 01 aa 00"
#define ADDR_9 "09 00 00 01 aa 00"
#define INQUIRE "01 01 04 05 33 8b 9e "

#define A (radio.v[0])
#define B (radio.v[1])
#define C (radio.v[2])

static void setup(void)
{
	const struct rt_vctl_options options = { .rssi = -42 };

	radio_restart(NULL, &options, 3);
	tell_complete(B, "01 1a 0c 01 01");
	tell_complete(B, "01 24 0c 03 0c 02 5a");
}

START_TEST(an_inquiry_finds_those_who_inquiry_scan)
{
	tell_status(A, 0, INQUIRE "08 00");
	hear(A, "04 02 0f 01 " ADDR_1 " 01 00 00 0c 02 5a .. ..");
	hear_nothing(A);
	pass_ms(10239);
	hear_nothing(A);
	pass_ms(1);
	hear(A, "04 01 01 00");
	hear_nothing(B);
}
END_TEST

START_TEST(mode_1_gives_the_rssi)
{
	tell_complete(A, "01 45 0c 01 01");
	tell_status(A, 0, INQUIRE "01 00");
	hear(A, "04 22 0f 01 " ADDR_1 " 01 00 0c 02 5a .. .. d6");
}
END_TEST

static void write_eir(struct rt_vctl *v)
{
	char zeros[235 * 3 + 1];

	memset(zeros, 0, sizeof(zeros));
	for (int i = 0; i < 235; i++)
		strcpy(zeros + 3 * i, " 00");
	tell_complete(v, "01 52 0c f1 00 04 09 61 62 63%s", zeros);
}

START_TEST(mode_2_gives_the_extended_response_of_those_who_have_one)
{
	tell_complete(C, "01 1a 0c 01 01");
	write_eir(C);
	tell_complete(A, "01 45 0c 01 02");
	tell_complete(A, "01 01 0c 08 ff ff ff ff ff ff ff 3d");
	tell_status(A, 0, INQUIRE "01 00");
	hear(A, "04 22 0f 01 " ADDR_1 " 01 00 0c 02 5a .. .. d6");
	hear(A, "04 2f ff 01 " ADDR_2
		" 01 00 00 00 00 .. .. d6 04 09 61 62 63 00 *");
	hear_nothing(A);
}
END_TEST

START_TEST(extended_results_are_masked_by_default)
{
	write_eir(B);
	tell_complete(A, "01 45 0c 01 02");
	tell_status(A, 0, INQUIRE "01 00");
	hear_nothing(A);
}
END_TEST

START_TEST(the_number_of_responses_ends_the_inquiry)
{
	tell_complete(C, "01 1a 0c 01 03");
	tell_status(A, 0, INQUIRE "30 01");
	hear(A, "04 02 0f 01 " ADDR_1 " *");
	hear(A, "04 01 01 00");
	hear_nothing(A);
	pass_ms(60000);
	hear_nothing(A);
}
END_TEST

START_TEST(an_inquiry_is_cancelled_without_inquiry_complete)
{
	tell_complete(B, "01 1a 0c 01 00");
	tell_status(A, 0, INQUIRE "08 00");
	tell_status(A, 0x0c, INQUIRE "08 00");
	tell(A, "01 02 04 00");
	hear(A, "04 0e 04 01 02 04 00");
	pass_ms(60000);
	hear_nothing(A);
	tell(A, "01 02 04 00");
	hear(A, "04 0e 04 01 02 04 0c");
}
END_TEST

START_TEST(only_the_access_codes_that_a_device_listens_to_find_it)
{
	tell_status(A, 0, "01 01 04 05 00 8b 9e 01 00");
	hear_nothing(A);
	tell_complete(B, "01 3a 0c 07 02 33 8b 9e 00 8b 9e");
	hear(A, "04 02 0f 01 " ADDR_1 " *");
	pass_ms(1280);
	hear(A, "04 01 01 00");
	tell_complete(B, "01 3a 0c 04 01 00 8b 9e");
	tell_status(A, 0, INQUIRE "01 00");
	hear_nothing(A);
}
END_TEST

START_TEST(a_device_with_two_access_codes_is_found_by_either)
{
	tell_complete(B, "01 3a 0c 07 02 33 8b 9e 00 8b 9e");
	tell_complete(C, "01 1a 0c 01 01");
	tell_status(A, 0, "01 01 04 05 00 8b 9e 01 00");
	hear(A, "04 02 0f 01 " ADDR_1 " *");
	hear_nothing(A);
	pass_ms(1280);
	hear(A, "04 01 01 00");
	tell_status(A, 0, INQUIRE "01 00");
	hear(A, "04 02 0f 01 " ADDR_1 " *");
	hear(A, "04 02 0f 01 " ADDR_2 " *");
	pass_ms(1280);
	hear(A, "04 01 01 00");
	/* The limited code alone; and more than there is room for. */
	tell_complete(B, "01 3a 0c 0a 03 00 8b 9e 01 8b 9e 33 8b 9e");
	tell_status(A, 0, INQUIRE "01 00");
	hear(A, "04 02 0f 01 " ADDR_2 " *");
	hear_nothing(A);
}
END_TEST

START_TEST(who_begins_to_scan_during_the_inquiry_is_found_once)
{
	tell_status(A, 0, INQUIRE "08 00");
	hear(A, "04 02 0f 01 " ADDR_1 " *");
	pass_ms(1000);
	tell_complete(C, "01 1a 0c 01 01");
	hear(A, "04 02 0f 01 " ADDR_2 " *");
	tell_complete(C, "01 1a 0c 01 00");
	tell_complete(C, "01 1a 0c 01 01");
	hear_nothing(A);
}
END_TEST

START_TEST(an_inquiry_with_impossible_parameters_is_refused)
{
	tell_status(A, 0x12, "01 01 04 05 40 8b 9e 08 00");
	tell_status(A, 0x12, "01 01 04 05 ff 8a 9e 08 00");
	tell_status(A, 0x12, INQUIRE "00 00");
	tell_status(A, 0x12, INQUIRE "31 00");
	hear_nothing(A);
}
END_TEST

START_TEST(who_is_out_of_range_is_not_found)
{
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, true);
	tell_status(A, 0, INQUIRE "08 00");
	hear_nothing(A);
	rt_vctl_set_fault(B, RT_VCTL_OUT_OF_RANGE, false);
	hear(A, "04 02 0f 01 " ADDR_1 " *");
}
END_TEST

START_TEST(a_name_is_asked_for_without_a_link)
{
	const struct rt_vctl_options options = { .name = "Caf\xc3\xa9" };
	struct rt_vctl *v = rt_vctl_new(radio.air, &options);

	tell_complete(v, "01 1a 0c 01 02");
	tell_status(A, 0, "01 19 04 0a 03 00 00 01 aa 00 01 00 00 00");
	hear(A, "04 07 ff 00 03 00 00 01 aa 00 43 61 66 c3 a9 00 *");
	hear_nothing(A);
	hear_nothing(v);
}
END_TEST

START_TEST(a_name_is_asked_for_over_a_link)
{
	uint16_t ha, hc;

	join(A, C, &ha, &hc);
	tell_complete(C, "01 1a 0c 01 00");
	tell_status(A, 0, "01 19 04 0a " ADDR_2 " 01 00 00 00");
	hear(A, "04 07 ff 00 " ADDR_2 " 56 69 72 74 75 61 6c 20 43 6f 6e 74 72"
		" 6f 6c 6c 65 72 20 33 00 *");
	hear_nothing(C);
}
END_TEST

START_TEST(asking_somebody_absent_for_the_name_ends_with_page_timeout)
{
	tell_status(A, 0, "01 19 04 0a " ADDR_9 " 01 00 00 00");
	pass_ms(5119);
	hear_nothing(A);
	pass_ms(1);
	hear(A, "04 07 ff 04 " ADDR_9 " *");
}
END_TEST

START_TEST(a_name_request_is_cancelled)
{
	tell_status(A, 0, "01 19 04 0a " ADDR_9 " 01 00 00 00");
	tell(A, "01 1a 04 06 " ADDR_1);
	hear(A, "04 0e 0a 01 1a 04 02 " ADDR_1);
	tell(A, "01 1a 04 06 " ADDR_9);
	hear(A, "04 0e 0a 01 1a 04 00 " ADDR_9);
	hear(A, "04 07 ff 02 " ADDR_9 " *");
	pass_ms(60000);
	hear_nothing(A);
}
END_TEST

START_TEST(a_name_that_is_written_is_the_one_that_is_heard)
{
	char rest[246 * 3 + 1];

	for (int i = 0; i < 246; i++)
		strcpy(rest + 3 * i, " 61");
	tell_complete(C, "01 13 0c f8 c3 a4%s", rest);
	tell(C, "01 14 0c 00");
	hear(C, "04 0e fc 01 14 0c 00 c3 a4%s", rest);
	tell_status(A, 0, "01 19 04 0a " ADDR_2 " 01 00 00 00");
	hear(A, "04 07 ff 00 " ADDR_2 " c3 a4%s", rest);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_inquiry_finds_those_who_inquiry_scan,
		mode_1_gives_the_rssi,
		mode_2_gives_the_extended_response_of_those_who_have_one,
		extended_results_are_masked_by_default,
		the_number_of_responses_ends_the_inquiry,
		an_inquiry_is_cancelled_without_inquiry_complete,
		only_the_access_codes_that_a_device_listens_to_find_it,
		a_device_with_two_access_codes_is_found_by_either,
		who_begins_to_scan_during_the_inquiry_is_found_once,
		an_inquiry_with_impossible_parameters_is_refused,
		who_is_out_of_range_is_not_found,
		a_name_is_asked_for_without_a_link,
		a_name_is_asked_for_over_a_link,
		asking_somebody_absent_for_the_name_ends_with_page_timeout,
		a_name_request_is_cancelled,
		a_name_that_is_written_is_the_one_that_is_heard,
	};

	return suite_run("vctl/inquiry", tests, RT_ARRAY_SIZE(tests), setup,
			 radio_teardown);
}
