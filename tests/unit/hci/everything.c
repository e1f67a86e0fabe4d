/* SPDX-License-Identifier: MIT */
#include "tests/unit/hci/everything.h"

struct everything everything;

static void on_result(void *user, const struct rt_gap_device *device)
{
	(void)user;
	(void)device;
}

static void on_done(void *user, const struct rt_reason *why)
{
	(void)user;
	everything.inquiries_done++;
	everything.inquiry_why = *why;
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	(void)user;
	ck_assert_ptr_null(name);
	everything.names_done++;
	everything.name_why = *why;
}

const struct rt_gap_inquiry_ops everything_inquiry_ops = { on_result, on_done };
const struct rt_gap_name_ops everything_name_ops = { on_name };

static void ask_name(uint8_t last)
{
	rt_handle handle;

	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(last),
					     &everything_name_ops, NULL,
					     &handle),
			 0);
}

static void inquire(void)
{
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &everything_inquiry_ops, NULL),
			 0);
}

void everything_begin(void)
{
	everything = (struct everything){ 0 };
	rig_bring_up();
	rig_connect(1, 1); /* OPEN */
	rig_connect(2, 2); /* DISCONNECTING */
	rt_hci_link_disconnect(rig.links[1].link, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_connect(3, 3); /* DRAINING */
	rig_send(rig.links[2].link, 9, 100);
	rig_expect_acl(0x0003, 0, 100);
	rt_hci_link_disconnect(rig.links[2].link, 0x13);
	rig_want(4); /* PAGING */
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_want(5);		   /* WAIT */
	rig_connection_request(6); /* ACCEPTING */
	rig_want(6);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	ck_assert_uint_eq(rig.link_count, EVERYTHING_LINKS);
	inquire();
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	ask_name(1);
	rig_expect_none();
}

void everything_expect_gone(void)
{
	for (size_t i = 0; i < EVERYTHING_LINKS; i++)
		ck_assert_uint_eq(rig.links[i].downs, 1);
	ck_assert_uint_eq(everything.inquiries_done, 1);
	ck_assert_uint_eq(everything.names_done, 1);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(!rig.completed[0].written);
}
