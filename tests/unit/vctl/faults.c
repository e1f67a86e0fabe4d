/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/radio.h"
#include "tools/vctl/transport.h"

#include <errno.h>

/* Controllers that do wrong, on purpose; and the transport in process. */

#define ADDR_0 "00 00 00 01 aa 00"
#define ADDR_1 "01 00 00 01 aa 00"
#define CREATE "01 05 04 0d "
#define CREATE_REST " 18 cc 01 00 00 00 00"

#define A (radio.v[0])
#define B (radio.v[1])

static uint16_t ha, hb;

START_TEST(a_mute_controller_takes_everything_and_says_nothing)
{
	rt_vctl_set_fault(A, RT_VCTL_MUTE, true);
	tell(A, "01 03 0c 00");
	tell(A, "01 09 10 00");
	hear_nothing(A);
	rt_vctl_set_fault(A, RT_VCTL_MUTE, false);
	hear_nothing(A);
	tell_complete(A, "01 03 0c 00");
}
END_TEST

START_TEST(a_controller_without_completions_is_still_as_good_as_its_data)
{
	join(A, B, &ha, &hb);
	rt_vctl_set_fault(A, RT_VCTL_NO_COMPLETIONS, true);
	send_acl(A, ha, true, 10, 1);
	hear_acl(B, hb, true, 10, 1);
	pass_ms(60000);
	hear_nothing(A);
	rt_vctl_set_fault(A, RT_VCTL_NO_COMPLETIONS, false);
	hear(A, "04 13 05 01 %02x %02x 01 00", LE(ha));
}
END_TEST

START_TEST(merged_completions_come_late_in_one_event)
{
	uint16_t h2, hc;

	radio_restart(NULL, NULL, 3);
	join(A, B, &ha, &hb);
	join(A, radio.v[2], &h2, &hc);
	rt_vctl_set_fault(A, RT_VCTL_MERGE_COMPLETIONS, true);
	hear_nothing(A);
	for (uint8_t i = 0; i < 3; i++) {
		send_acl(A, ha, true, 10, i);
		hear_acl(B, hb, true, 10, i);
	}
	send_acl(A, h2, true, 10, 9);
	hear_acl(radio.v[2], hc, true, 10, 9);
	hear_nothing(A);
	pass_ms(50);
	hear(A, "04 13 09 02 %02x %02x 03 00 %02x %02x 01 00", LE(ha), LE(h2));
	hear_nothing(A);
	send_acl(A, ha, true, 10, 1);
	hear_acl(B, hb, true, 10, 1);
	hear_nothing(A);
	pass_ms(50);
	hear(A, "04 13 05 01 %02x %02x 01 00", LE(ha));
}
END_TEST

START_TEST(surplus_completions_are_more_than_were_sent)
{
	join(A, B, &ha, &hb);
	rt_vctl_set_fault(A, RT_VCTL_SURPLUS_COMPLETIONS, true);
	send_acl(A, ha, true, 10, 1);
	hear_acl(B, hb, true, 10, 1);
	hear(A, "04 13 05 01 %02x %02x 04 00", LE(ha));
}
END_TEST

START_TEST(data_overtake_the_connection_complete_event)
{
	join(A, B, &ha, &hb);
	radio_restart(NULL, NULL, 2);
	rt_vctl_set_fault(B, RT_VCTL_ACL_BEFORE_EVENTS, true);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST);
	hear(B, "04 04 *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	hear_nothing(B);
	hear(A, "04 03 0b 00 *");
	send_acl(A, ha, true, 10, 1);
	hear_acl(B, hb, true, 10, 1);
	hear(B, "04 03 0b 00 %02x %02x " ADDR_0 " 01 00", LE(hb));
}
END_TEST

START_TEST(without_data_the_event_is_held_for_5_ms_only)
{
	uint64_t due_us;

	rt_vctl_set_fault(B, RT_VCTL_ACL_BEFORE_EVENTS, true);
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST);
	hear(B, "04 04 *");
	tell_status(B, 0, "01 09 04 07 " ADDR_0 " 01");
	hear_nothing(B);
	ck_assert(rt_air_next(radio.air, &due_us));
	ck_assert_uint_eq(due_us, 5000);
	pass_ms(5);
	hear(B, "04 03 0b 00 *");
}
END_TEST

START_TEST(an_old_controller_has_no_extended_anything)
{
	rt_vctl_set_fault(B, RT_VCTL_NO_EXTENDED, true);
	tell(B, "01 03 10 00");
	hear(B, "04 0e 0c 01 03 10 00 af 00 00 3e 80 05 40 01");
	tell_status(B, 0x01, "01 04 10 01 00");
	tell_status(B, 0x01, "01 45 0c 01 01");
	tell_status(B, 0x01, "01 51 0c 00");
	tell_status(B, 0x01, "01 55 0c 00");
	tell_status(B, 0x01, "01 79 0c 00");
	join(A, B, &ha, &hb);
	tell_status(A, 0, "01 1b 04 02 %02x %02x", LE(ha));
	hear(A, "04 0b 0b 00 %02x %02x af 00 00 3e 80 05 40 01", LE(ha));
	tell_status(A, 0, "01 1c 04 03 %02x %02x 00", LE(ha));
	hear(A, "04 23 0d 1a %02x %02x 00 00 00 00 00 00 00 00 00 00", LE(ha));
	tell_status(B, 0x01, "01 1c 04 03 %02x %02x 00", LE(hb));
}
END_TEST

START_TEST(a_poor_controller_knows_only_the_old_commands)
{
	static const char *const gone[] = {
		"02 10 00",
		"08 04 06 00 00 00 01 aa 00",
		"0f 08 02 00 00",
		"33 0c 07 28 00 00 02 00 00 00",
		"37 0c 04 00 00 00 00",
		"45 0c 01 01",
	};
	static const char *const there[] = {
		"03 0c 00", "01 10 00",	   "03 10 00",	     "05 10 00",
		"09 10 00", "1a 0c 01 02", "18 0c 02 00 20",
	};

	rt_vctl_set_fault(A, RT_VCTL_UNKNOWN_COMMANDS, true);
	for (size_t i = 0; i < RT_ARRAY_SIZE(gone); i++)
		tell_status(A, 0x01, "01 %s", gone[i]);
	for (size_t i = 0; i < RT_ARRAY_SIZE(there); i++)
		tell_complete(A, "01 %s", there[i]);
	join(A, B, &ha, &hb);
	ck_assert_uint_eq(rt_vctl_get_stats(A)->commands_unknown,
			  RT_ARRAY_SIZE(gone));
}
END_TEST

START_TEST(injected_packets_are_sent_as_they_stand)
{
	rt_vctl_inject_event(A, rt_bytes("\x10\x01\x42", 3));
	rt_vctl_inject_event(A, rt_bytes("\xff", 1));
	rt_vctl_inject_acl(A, rt_bytes("\x2a\x20\x01\x00x", 5));
	rt_vctl_inject_acl(A, rt_bytes(NULL, 0));
	hear(A, "04 10 01 42");
	hear(A, "04 ff");
	hear(A, "02 2a 20 01 00 78");
	hear(A, "02");
	hear_nothing(A);
}
END_TEST

START_TEST(a_host_that_reads_nothing_stops_answering_pages)
{
	for (int i = 0; i < 300; i++) {
		tell(A, CREATE ADDR_1 CREATE_REST);
		tell(A, "01 08 04 06 " ADDR_1);
		tell_complete(A, "01 03 0c 00");
	}
	for (int i = 0; i < 200; i++)
		rt_vctl_inject_event(B, rt_bytes("\x10\x01\x42", 3));
	tell_status(A, 0, CREATE ADDR_1 CREATE_REST);
	pass_ms(5120);
	hear(A, "04 03 0b 04 *");
}
END_TEST

/* --- transport --- */

static int received;
static uint8_t last_code;

static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	ck_assert_ptr_eq(user, &received);
	ck_assert_int_eq(type, RT_PACKET_EVENT);
	last_code = packet.ptr[0];
	received++;
}

static void on_resync(void *user)
{
	(void)user;
	ck_abort_msg("nothing to resync");
}

static const struct rt_transport_sink sink = {
	.packet = on_packet,
	.resync = on_resync,
	.user = &received,
};

START_TEST(a_transport_carries_packets_in_process)
{
	struct rt_transport *t = rt_vctl_transport_new(A);
	struct rt_packet reset = {
		.type = RT_PACKET_COMMAND,
		.count = 3,
		.len = 3,
		.slice = { { (const uint8_t *)"\x03", 1 },
			   { NULL, 0 },
			   { (const uint8_t *)"\x0c\x00", 2 } },
	};

	received = 0;
	ck_assert_str_eq(t->name, "virtual:00:AA:01:00:00:00");
	ck_assert_int_eq(t->fd, -1);
	ck_assert_int_eq(t->ops->receive(t, &sink), 0);
	ck_assert_int_eq(t->ops->send(t, &reset), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	ck_assert_int_eq(t->ops->receive(t, &sink), 0);
	ck_assert_int_eq(received, 1);
	ck_assert_uint_eq(last_code, 0x0e);
	t->ops->close(t);
}
END_TEST

START_TEST(a_transport_delivers_a_bounded_amount_at_once)
{
	struct rt_transport *t = rt_vctl_transport_new(A);

	received = 0;
	for (int i = 0; i < 100; i++)
		rt_vctl_inject_event(A, rt_bytes("\x10\x01\x42", 3));
	ck_assert_int_eq(t->ops->receive(t, &sink), 1);
	ck_assert_int_lt(received, 100);
	ck_assert_int_eq(t->ops->receive(t, &sink), 0);
	ck_assert_int_eq(received, 100);
	t->ops->close(t);
}
END_TEST

START_TEST(an_unplugged_transport_fails_for_good)
{
	struct rt_transport *t = rt_vctl_transport_new(A);
	struct rt_packet none = { .type = RT_PACKET_COMMAND };

	rt_vctl_transport_fail(t, -ENODEV);
	rt_vctl_free(A);
	radio.v[0] = NULL;
	ck_assert_int_eq(t->ops->send(t, &none), -ENODEV);
	ck_assert_int_eq(t->ops->flush(t), -ENODEV);
	ck_assert_int_eq(t->ops->receive(t, &sink), -ENODEV);
	t->ops->close(t);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_mute_controller_takes_everything_and_says_nothing,
		a_controller_without_completions_is_still_as_good_as_its_data,
		merged_completions_come_late_in_one_event,
		surplus_completions_are_more_than_were_sent,
		data_overtake_the_connection_complete_event,
		without_data_the_event_is_held_for_5_ms_only,
		an_old_controller_has_no_extended_anything,
		a_poor_controller_knows_only_the_old_commands,
		injected_packets_are_sent_as_they_stand,
		a_host_that_reads_nothing_stops_answering_pages,
		a_transport_carries_packets_in_process,
		a_transport_delivers_a_bounded_amount_at_once,
		an_unplugged_transport_fails_for_good,
	};

	return suite_run("vctl/faults", tests, RT_ARRAY_SIZE(tests),
			 radio_setup, radio_teardown);
}
