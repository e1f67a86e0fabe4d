/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <errno.h>

#include "tests/unit/hci/rig.h"

static void begin(void)
{
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}

START_TEST(a_peer_that_disconnects_is_told_with_its_reason)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rig_pass_us(1000);
	rig_disconnection_complete(1, 0x13);
	rig_expect_down(known, 0x13, -ECONNRESET);
	ck_assert_uint_eq(known->why.phase, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(known->why.elapsed_us, 1000);
	ck_assert_uint_eq(rt_hci_link_handle(known->link), 1);
}
END_TEST

START_TEST(supervision_loss_is_a_timeout)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_accept(1, 1));
	rig_disconnection_complete(1, 0x08);
	rig_expect_down(known, 0x08, -ETIMEDOUT);
}
END_TEST

START_TEST(disconnect_ends_with_its_completion)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rt_hci_link_disconnect(known->link, 0x13);
	rt_hci_link_disconnect(known->link, 0x05);
	ck_assert_int_eq(rt_hci_link_state(known->link),
			 RT_HCI_LINK_DISCONNECTING);
	rig_expect("01 0604 03 0100 13");
	rig_expect_none();
	rig_status(0x0406, 0);
	ck_assert_uint_eq(known->downs, 0);
	rig_disconnection_complete(1, 0x16);
	rig_expect_down(known, 0x16, 0);
	rt_hci_link_disconnect(known->link, 0x13);
	rt_hci_link_cancel(known->link);
	rt_hci_link_ready(known->link);
	rt_hci_link_set_used(known->link, false);
	rt_hci_link_disown(known->link, 1);
	rig_expect_none();
}
END_TEST

START_TEST(disconnect_of_a_link_that_is_gone_is_done)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rt_hci_link_disconnect(known->link, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0x02);
	rig_expect_down(known, 0x16, 0);
}
END_TEST

START_TEST(disconnect_that_fails_ends_by_its_timer)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rt_hci_link_disconnect(known->link, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0x0c);
	rig_inject("04 05 04 0c 0100 16");
	rig_pass_us(21999999);
	ck_assert_uint_eq(known->downs, 0);
	rig_pass_us(1);
	rig_expect_down(known, 0x08, -ETIMEDOUT);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 1);
}
END_TEST

START_TEST(disconnect_waits_for_what_was_pulled)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rig_send(known->link, 7, 2000);
	rig_send(known->link, 7, 100);
	rig_expect_acl(0x0001, 0, 1021);
	rt_hci_link_disconnect(known->link, 0x13);
	/* The rest of the PDU, but not the next one. */
	rig_expect_acl(0x1001, 1021, 979);
	rig_expect_none();
	rig_completed(1, 1);
	rig_expect_none();
	rig_completed(1, 1);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(rig.completed[0].written);
	rig_expect("01 0604 03 0100 13");
}
END_TEST

START_TEST(disconnect_does_not_wait_for_ever)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rig_send(known->link, 7, 100);
	rig_expect_acl(0x0001, 0, 100);
	rt_hci_link_disconnect(known->link, 0x13);
	rig_expect_none();
	rig_pass_us(1999999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(!rig.completed[0].written);
	ck_assert_uint_eq(known->downs, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 4);
}
END_TEST

START_TEST(a_new_link_waits_for_the_old_one_to_close)
{
	struct rt_hci_link *old;
	struct rt_hci_link *link;

	begin();
	old = rig_connect(1, 1);
	rt_hci_link_disconnect(old, 0x13);
	link = rig_want(1);
	ck_assert_ptr_ne(link, old);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_expect_none();
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig_link(old)->downs, 1);
	ck_assert_uint_eq(rig_link(link)->downs, 0);
	rig_reap();
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(rig_link(link)->ups, 1);
}
END_TEST

START_TEST(a_peer_may_call_while_its_old_link_closes)
{
	struct rt_hci_link *old;

	begin();
	old = rig_connect(1, 1);
	rt_hci_link_disconnect(old, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	rig_connection_complete(0, 2, 1);
	ck_assert_uint_eq(rig.link_count, 2);
	ck_assert_uint_eq(rig.links[1].ups, 1);
	ck_assert_uint_eq(rig.links[1].downs, 0);
}
END_TEST

/* There is never more than one link to a device. */
START_TEST(a_new_link_ends_the_old_one_whose_end_was_lost)
{
	struct rt_hci_link *old;

	begin();
	old = rig_connect(1, 1);
	rt_hci_link_disconnect(old, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_connection_complete(0, 2, 1);
	rig_expect_down(&rig.links[0], 0x16, 0);
	ck_assert_uint_eq(rig.link_count, 2);
	ck_assert_uint_eq(rig.links[1].ups, 1);
	/* Then it comes after all. */
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_uint_eq(rig.links[1].downs, 0);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 1);
}
END_TEST

START_TEST(a_new_link_ends_the_old_one_with_what_was_to_leave_first)
{
	struct rt_hci_link *old;

	begin();
	old = rig_connect(1, 1);
	rig_send(old, 7, 100);
	rig_take_acl();
	rt_hci_link_disconnect(old, 0x13);
	rig_expect_none();
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 2, 1);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_int_ne(rig.links[0].why.err, 0);
	ck_assert_uint_eq(rig.links[1].ups, 1);
}
END_TEST

START_TEST(an_unused_link_is_disconnected)
{
	struct rt_hci_link *link;

	begin();
	link = rig_connect(1, 1);
	rig_expect_none();
	rig_pass_us(100000000);
	rig_expect_none();
	rt_hci_link_set_used(link, false);
	rig_pass_us(1999999);
	rt_hci_link_set_used(link, true);
	rt_hci_link_set_used(link, false);
	rig_pass_us(1999999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0604 03 0100 13");
}
END_TEST

START_TEST(a_link_that_nobody_ever_used_is_disconnected)
{
	const struct rt_hci_options options = { .idle_ms = 100 };

	rig_renew(&options);
	begin();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	rig_connection_request(2);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 2, 2);
	rig_pass_us(99999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	/* The peer's has ten times as long. */
	rig_pass_us(899999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0604 03 0200 13");
}
END_TEST

START_TEST(a_link_used_before_it_opened_stays)
{
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	rt_hci_link_set_used(link, true);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	rig_pass_us(100000000);
	rig_expect_none();
}
END_TEST

START_TEST(the_supervision_timeout_is_written_on_our_links)
{
	const struct rt_hci_options options = { .supervision_slots = 0x1234 };

	rig_renew(&options);
	begin();
	rig_connect(1, 1);
	rig_expect("01 370c 04 0100 3412");
	rig_inject("04 0e 06 01 370c 00 0100");
	rig_accept(2, 2);
	rig_expect_none();
}
END_TEST

START_TEST(a_flush_timeout_is_written_when_it_changes)
{
	struct rt_hci_link *link;

	begin();
	link = rig_connect(1, 1);
	rt_hci_link_set_flush(link, 0);
	rig_expect_none();
	rt_hci_link_set_flush(link, 100); /* of 0.625 ms */
	rig_expect("01 280c 04 0100 a000");
	rig_inject("04 0e 06 01 280c 00 0100");
	rt_hci_link_set_flush(link, 100);
	rig_expect_none();
	rt_hci_link_set_flush(link, 5000); /* 1279.375 ms are the most */
	rig_expect("01 280c 04 0100 ff07");
	rig_inject("04 0e 06 01 280c 00 0100");
	rt_hci_link_set_flush(link, 0);
	rig_expect("01 280c 04 0100 0000");
	rig_inject("04 0e 06 01 280c 0c 0100"); /* nobody minds */
	rig_expect_none();
}
END_TEST

START_TEST(a_controller_that_would_flush_everything_is_told_no_timeout)
{
	rig.answers =
		(const struct rig_answer[]){ { 0x1003, "00 bffe8ffed83f1b87" },
					     { 0, NULL } };
	rig_bring_up();
	rt_hci_link_set_flush(rig_connect(1, 1), 100);
	rig_expect_none();
}
END_TEST

START_TEST(a_link_that_nobody_asked_for_is_disconnected)
{
	begin();
	rig_connection_complete(0, 5, 5);
	rig_expect("01 0604 03 0500 13");
	rig_status(0x0406, 0);
	/* Of another kind, too. */
	rig_inject("04 03 0b 00 0600 060100000000 00 00");
	rig_expect("01 0604 03 0600 13");
	rig_status(0x0406, 0);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 2);
	ck_assert_uint_eq(rig.link_count, 0);
}
END_TEST

START_TEST(handles_that_cannot_be_are_not_taken)
{
	struct rig_link *known;

	begin();
	rig_connect(1, 1);
	known = rig_link(rig_want(2));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 0x0f00, 2);
	rig_connection_complete(0, 0xffff, 2);
	rig_connection_complete(0, 1, 2);
	rig_connection_complete(0, 1, 3);
	ck_assert_uint_eq(known->ups, 0);
	ck_assert_uint_eq(known->downs, 0);
	ck_assert_uint_eq(rig_stats()->events_malformed, 2);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 2);
	rig_expect_none();
	rig_connection_complete(0, 2, 2);
	ck_assert_uint_eq(known->ups, 1);
}
END_TEST

START_TEST(a_link_can_be_wanted_again_from_its_end)
{
	begin();
	rig_connect(1, 1);
	rig.on_down = NULL;
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	rig_connect(1, 1);
}
END_TEST

static void want_again(struct rt_hci_link *link)
{
	struct rt_hci_link *again;

	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rt_hci_link_addr(link),
					     &again),
			 0);
	ck_assert_ptr_ne(again, link);
	rig.on_down = NULL;
	rig.links[rig.link_count++].link = again;
}

START_TEST(a_link_can_be_wanted_again_while_its_end_is_told)
{
	begin();
	rig_connect(1, 1);
	rig.on_down = want_again;
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(rig.links[1].ups, 1);
}
END_TEST

static void disconnect_at_once(struct rt_hci_link *link)
{
	rt_hci_link_disconnect(link, 0x13);
}

START_TEST(a_link_can_be_disconnected_while_it_is_told_up)
{
	begin();
	rig.on_up = disconnect_at_once;
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig.links[0].downs, 1);
}
END_TEST

START_TEST(a_peer_is_refused_when_there_is_no_memory_for_it)
{
	begin();
	rig.fake.allocs_left = 0;
	rig_connection_request(1);
	rig_expect("01 0a04 07 010100000000 0d");
}
END_TEST

START_TEST(role_changes_are_harmless)
{
	begin();
	rig_connect(1, 1);
	rig_inject("04 12 08 00 010100000000 00");
	rig_inject("04 12 08 21 990100000000 77");
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->events_unexpected, 0);
}
END_TEST

static void unused_at_once(struct rt_hci_link *link)
{
	rt_hci_link_set_used(link, false);
}

START_TEST(to_say_unused_twice_changes_nothing)
{
	struct rt_hci_link *link;

	begin();
	rig.on_up = unused_at_once;
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	link = rig.links[0].link;
	for (int i = 0; i < 20; i++) {
		rig_expect_none();
		rt_hci_link_set_used(link, false);
		rig_pass_us(1000000);
	}
	rig_expect("01 0604 03 0100 13");
}
END_TEST

START_TEST(a_local_end_that_we_did_not_ask_for_is_not_in_order)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_connect(1, 1));
	rig_disconnection_complete(1, 0x16);
	rig_expect_down(known, 0x16, -ECONNABORTED);
	known = rig_link(rig_connect(2, 2));
	rig_disconnection_complete(2, 0x00);
	rig_expect_down(known, 0x1f, -ENOSYS);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_peer_that_disconnects_is_told_with_its_reason, 1 },
	{ &supervision_loss_is_a_timeout, 1 },
	{ &disconnect_ends_with_its_completion, 1 },
	{ &disconnect_of_a_link_that_is_gone_is_done, 1 },
	{ &disconnect_that_fails_ends_by_its_timer, 1 },
	{ &disconnect_waits_for_what_was_pulled, 1 },
	{ &disconnect_does_not_wait_for_ever, 1 },
	{ &a_new_link_waits_for_the_old_one_to_close, 1 },
	{ &a_peer_may_call_while_its_old_link_closes, 1 },
	{ &a_new_link_ends_the_old_one_whose_end_was_lost, 1 },
	{ &a_new_link_ends_the_old_one_with_what_was_to_leave_first, 1 },
	{ &an_unused_link_is_disconnected, 1 },
	{ &a_link_that_nobody_ever_used_is_disconnected, 1 },
	{ &a_link_used_before_it_opened_stays, 1 },
	{ &the_supervision_timeout_is_written_on_our_links, 1 },
	{ &a_flush_timeout_is_written_when_it_changes, 1 },
	{ &a_controller_that_would_flush_everything_is_told_no_timeout, 1 },
	{ &a_link_that_nobody_asked_for_is_disconnected, 1 },
	{ &handles_that_cannot_be_are_not_taken, 1 },
	{ &a_link_can_be_wanted_again_from_its_end, 1 },
	{ &a_link_can_be_wanted_again_while_its_end_is_told, 1 },
	{ &a_link_can_be_disconnected_while_it_is_told_up, 1 },
	{ &a_peer_is_refused_when_there_is_no_memory_for_it, 1 },
	{ &role_changes_are_harmless, 1 },
	{ &to_say_unused_twice_changes_nothing, 1 },
	{ &a_local_end_that_we_did_not_ask_for_is_not_in_order, 1 },
};

int main(void)
{
	return rig_run("hci link end", cases, RT_ARRAY_SIZE(cases));
}
