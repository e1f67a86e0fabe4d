/* SPDX-License-Identifier: MIT */
#include "hci/bringup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hci/security.h"
#include "tests/unit/hci/rig.h"

#define HEX_64_FF                          \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff"

static const struct rt_hci_options bounded = {
	.name = "rig",
	.acl_rx_packets_max = 20,
};

START_TEST(a_controller_with_everything_is_set_up_in_order)
{
	const struct rt_hci_options options = {
		.name = "rig",
		.class_of_device = 0x5a020c,
		.page_timeout_slots = 0x1000,
		.acl_rx_packets_max = 20,
	};

	rig_renew(&options);
	rt_hci_set_scan(rig.hci, true, true);
	rt_hci_start(rig.hci);
	rig_expect("01 030c 00");
	rig_expect_none();
	rig_complete(0x0c03);
	rig_expect("01 0110 00");
	rig_inject("04 0e 0c 01 0110 00 0b 0201 0b 05f1 0403");
	rig_expect("01 0210 00");
	rig_inject("04 0e 44 01 0210 00 " HEX_64_FF);
	rig_expect("01 0310 00");
	rig_inject("04 0e 0c 01 0310 00 bffe8ffed83f5b87");
	rig_expect("01 0410 01 01");
	rig_inject("04 0e 0e 01 0410 00 01 02 0100000000000000");
	rig_expect("01 0410 01 02");
	rig_inject("04 0e 0e 01 0410 00 02 02 0303000000000000");
	rig_expect("01 0510 00");
	rig_inject("04 0e 0b 01 0510 00 fd03 40 0400 0800");
	rig_expect("01 0910 00");
	rig_inject("04 0e 0a 01 0910 00 112233445566");
	rig_expect("01 010c 08 ffe4ee0206c03f0c");
	rig_complete(0x0c01);
	rig_expect("01 560c 01 01");
	rig_complete(0x0c56);
	rig_expect("01 7a0c 01 01");
	rig_complete(0x0c7a);
	rig_expect("01 840c 01 07");
	rig_complete(0x0c84);
	rig_expect("01 330c 07 fd03 00 1400 0000");
	rig_complete(0x0c33);
	rig_expect("01 310c 01 01");
	rig_complete(0x0c31);
	rig_expect_command(0x0c13);
	rig_complete(0x0c13);
	rig_expect("01 240c 03 0c025a");
	rig_complete(0x0c24);
	rig_expect("01 180c 02 0010");
	rig_complete(0x0c18);
	rig_expect("01 450c 01 02");
	rig_complete(0x0c45);
	rig_expect_command(0x0c52);
	rig_complete(0x0c52);
	rig_expect("01 0f08 02 0500");
	rig_complete(0x080f);
	rig_expect("01 1a0c 01 03");
	ck_assert_uint_eq(rig.ups, 0);
	rig_complete(0x0c1a);
	ck_assert_uint_eq(rig.ups, 1);
	rig_expect_none();
}
END_TEST

START_TEST(what_the_controller_tells_is_known)
{
	const struct rt_hci_info *info = rt_hci_get_info(rig.hci);
	const struct rt_addr addr = { { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 } };

	rig_bring_up();
	ck_assert_uint_eq(info->hci_version, 11);
	ck_assert_uint_eq(info->hci_revision, 0x0201);
	ck_assert_uint_eq(info->lmp_version, 11);
	ck_assert_uint_eq(info->manufacturer, 0xf105);
	ck_assert_uint_eq(info->lmp_subversion, 0x0403);
	ck_assert(rt_addr_equal(info->addr, addr));
	ck_assert_uint_eq(info->acl_bytes, 1021);
	ck_assert_uint_eq(info->acl_packets, 4);
	ck_assert_uint_eq(info->sco_bytes, 64);
	ck_assert_uint_eq(info->sco_packets, 8);
	ck_assert_uint_eq(info->feature_page_max, 2);
	ck_assert_uint_eq(info->features[1][0], 1);
	ck_assert(!info->host_flow_control);
	ck_assert_uint_eq(rig_stats()->acl_free, 4);
}
END_TEST

/* Reset, version, commands, features and pages 1 and 2, buffers, address, mask
 */
#define STEPS_BEFORE_SECURITY 9

static void begin_with(const struct rig_answer *answers)
{
	rig.answers = answers;
	rt_hci_start(rig.hci);
	for (int i = 0; i < STEPS_BEFORE_SECURITY; i++)
		rig_answer_one();
}

START_TEST(key_sizes_in_events_are_wanted_from_5_3_on)
{
	static const struct rig_answer answers[] = {
		{ 0x1001, "00 0c 0102 0c 05f1 0304" },
		{ 0, NULL },
	};

	begin_with(answers);
	rig_expect("01 630c 08 0000000200000000");
	rig_complete(0x0c63);
	rig_expect("01 560c 01 01");
	rig_complete(0x0c56);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

START_TEST(secure_connections_take_the_controller_and_the_policy)
{
	static const struct rig_answer answers[] = {
		{ 0x1004, "00 02 02 0001000000000000" },
		{ 0, NULL },
	};
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_NONE,
		.no_secure_connections = _i == 1,
	};

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	begin_with(_i == 2 ? rig.answers : answers);
	rig_expect("01 560c 01 01");
	rig_complete(0x0c56);
	if (_i == 0) {
		rig_expect("01 7a0c 01 01");
		rig_complete(0x0c7a);
	}
	rig_expect("01 840c 01 07");
	rig_complete(0x0c84);
}
END_TEST

START_TEST(secure_connections_take_simple_pairing)
{
	static const struct rig_answer answers[] = {
		{ 0x1004, "00 02 02 0001000000000000" },
		{ 0x0c56, "11" },
		{ 0, NULL },
	};

	begin_with(answers);
	rig_answer_one();
	rig_expect("01 840c 01 07");
	rig_complete(0x0c84);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

/* Octet 17 bit 6, 22.2, 32.3 and 45.7 of the supported commands. */
START_TEST(a_controller_without_commands_for_security_comes_up)
{
	static const struct rig_answer answers[] = {
		{ 0x1001, "00 0c 0102 0c 05f1 0304" },
		{ 0x1002, "00 ffffffffffffffffffffffffffffffff"
			  "ffbfffffffff00fbffffffffffffffff"
			  "f7ffffffffffffffffffffffff7fffff"
			  "ffffffffffffffffffffffffffffffff" },
		{ 0x1004, "00 02 02 0001000000000000" },
		{ 0, NULL },
	};

	begin_with(answers);
	rig_expect_command(0x0c13);
	rig_complete(0x0c13);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

/* Expects a command whose parameters are these and zeros up to `len`. */
static void expect_padded(const char *start, size_t len)
{
	char hex[1024];
	size_t octets = 0;
	size_t n = (size_t)snprintf(hex, sizeof(hex), "%s", start);

	for (const char *p = start; *p; p++)
		octets += *p != ' ';
	for (size_t i = octets / 2; i < len; i++)
		n += (size_t)snprintf(hex + n, sizeof(hex) - n, "00");
	rig_expect(hex);
}

START_TEST(name_and_eir_carry_the_local_name)
{
	rig_bring_up();
	ck_assert_int_eq(rt_hci_set_name(rig.hci, "B\xc3\xa4r"), 0);
	expect_padded("01 130c f8 42c3a472", 4 + 248);
	rig_complete(0x0c13);
	expect_padded("01 520c f1 00 05 09 42c3a472", 4 + 241);
	rig_complete(0x0c52);
	rig_expect_none();
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
	char name[250];
	struct rt_hci *hci = NULL;
	struct rt_hci_options options = { .name = name };

	memset(name, 'x', 249);
	name[249] = '\0';
	ck_assert_int_eq(rt_hci_new(rig.env, &options, NULL, NULL, &hci),
			 -EINVAL);
	name[248] = '\0';
	ck_assert_int_eq(rt_hci_new(rig.env, &options, NULL, NULL, &hci), 0);
	ck_assert_int_eq(rt_hci_set_name(hci, name), 0);
	name[248] = 'x';
	ck_assert_int_eq(rt_hci_set_name(hci, name), -EINVAL);
	rt_hci_free(hci);
	options = (struct rt_hci_options){ .class_of_device = 0x1000000 };
	ck_assert_int_eq(rt_hci_new(rig.env, &options, NULL, NULL, &hci),
			 -EINVAL);
	options = (struct rt_hci_options){ .acl_bytes_max = 26 };
	ck_assert_int_eq(rt_hci_new(rig.env, &options, NULL, NULL, &hci),
			 -EINVAL);
}
END_TEST

START_TEST(an_answer_with_octets_behind_is_taken)
{
	rig.answers = (const struct rig_answer[]){
		{ 0x1001, "00 0b 0102 0b 05f1 0304 aabbcc" },
		{ 0x1005, "00 fd03 40 0400 0800 00" },
		{ 0, NULL },
	};
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

struct buffers {
	const char *ret;
	bool good;
	uint16_t bytes;
	uint16_t packets;
};

static const struct buffers buffers[] = {
	{ "00 0000 00 0800 0000", false, 0, 0 },
	{ "00 0100 00 0800 0000", false, 0, 0 },
	{ "00 0400 00 0800 0000", false, 0, 0 },
	{ "00 1a00 00 0800 0000", false, 0, 0 },
	{ "00 1b00 00 0100 0000", true, 27, 1 },
	{ "00 fd03 00 0000 0000", false, 0, 0 },
	{ "00 fd03 00 0100 0000", true, 1021, 1 },
	{ "00 fd03 00 4000 0000", true, 1021, 64 },
	{ "00 fd03 00 4100 0000", true, 1021, 64 },
	{ "00 ffff 00 ffff 0000", true, 65535, 64 },
};

START_TEST(impossible_buffers_are_refused_and_too_many_cut_down)
{
	const struct buffers *row = &buffers[_i];
	struct rig_answer answers[] = { { 0x1005, row->ret }, { 0, NULL } };

	rig.answers = answers;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, row->good);
	ck_assert_uint_eq(rig.finals, !row->good);
	if (!row->good) {
		ck_assert_int_eq(rig.why.err, -EPROTO);
		return;
	}
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->acl_bytes, row->bytes);
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->acl_packets, row->packets);
	ck_assert_uint_eq(rig_stats()->acl_free, row->packets);
}
END_TEST

START_TEST(the_transport_bounds_the_buffers)
{
	const struct rt_hci_options options = { .acl_bytes_max = 192 };

	rig_renew(&options);
	rig_bring_up();
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->acl_bytes, 192);
}
END_TEST

START_TEST(an_address_of_zeros_is_refused)
{
	rig.answers = (const struct rig_answer[]){
		{ 0x1009, "00 000000000000" },
		{ 0, NULL },
	};
	rig_bring_up();
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_int_eq(rig.why.err, -EADDRNOTAVAIL);
}
END_TEST

START_TEST(commands_that_the_controller_lacks_are_not_sent)
{
	/* Only Reset and the informational commands. */
	rig.answers = (const struct rig_answer[]){
		{ 0x1002, "00 0000000000800000000000000000b802"
			  "00000000000000000000000000000000"
			  "00000000000000000000000000000000"
			  "00000000000000000000000000000000" },
		{ 0x0c01, NULL },
		{ 0x0c33, NULL },
		{ 0x0c31, NULL },
		{ 0x0c13, NULL },
		{ 0x0c24, NULL },
		{ 0x0c18, NULL },
		{ 0x0c45, NULL },
		{ 0x0c52, NULL },
		{ 0x080f, NULL },
		{ 0x0c1a, NULL },
		{ 0x1004, NULL },
		{ 0, NULL },
	};
	rig_renew(&bounded);
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

START_TEST(an_old_controller_gets_the_plain_settings)
{
	rig.answers = (const struct rig_answer[]){
		{ 0x1002, "01" }, { 0x1003, "00 0000000000000000" },
		{ 0x0c45, NULL }, { 0x0c52, NULL },
		{ 0x1004, NULL }, { 0x0c01, NULL },
		{ 0, NULL },
	};
	rt_hci_start(rig.hci);
	rig_answer_all();
	/* The mask is without the events of features. */
	rig_inject("04 0e 04 01 010c 00");
	rig_expect_command(0x0c13);
	rig_complete(0x0c13);
	rig_expect_command(0x0c24);
	rig_complete(0x0c24);
	rig_expect("01 180c 02 0020");
	rig_complete(0x0c18);
	rig_expect("01 0f08 02 0000");
	rig_complete(0x080f);
	rig_expect("01 1a0c 01 00");
	rig_complete(0x0c1a);
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

START_TEST(inquiry_with_rssi_is_mode_1)
{
	rig.answers = (const struct rig_answer[]){
		{ 0x1003, "00 0000004000000000" },
		{ 0x0c45, NULL },
		{ 0, NULL },
	};
	rig_bring_up();
	rig.answers = (const struct rig_answer[]){ { 0, NULL } };
	ck_assert_uint_eq(rig.ups, 0);
	rig_complete(0x0c45);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
}
END_TEST

/* There is room for the pages 0 to 2, and nobody asks for 0 this way. */
static const char *const wrong_pages[] = {
	"00 00 ff ffffffffffffffff",
	"00 03 ff ffffffffffffffff",
	"00 04 ff ffffffffffffffff",
	"00 ff ff ffffffffffffffff",
};

START_TEST(an_extended_page_with_a_wrong_number_is_not_believed)
{
	rig.answers = (const struct rig_answer[]){
		{ 0x1004, wrong_pages[_i] },
		{ 0, NULL },
	};
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->feature_page_max, 0);
}
END_TEST

START_TEST(a_peer_that_calls_during_the_bring_up_is_rejected)
{
	rt_hci_start(rig.hci);
	rig_expect("01 030c 00");
	rig_complete(0x0c03);
	rig_connection_request(1);
	rig_expect_command(0x1001);
	rig_inject("04 0e 0c 01 0110 00 0b 0201 0b 05f1 0403");
	rig_expect("01 0a04 07 010100000000 0d");
	rig_status(0x040a, 0);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rig.link_count, 0);
}
END_TEST

START_TEST(settings_are_written_when_they_change_and_merge)
{
	rig_bring_up();
	rt_hci_set_scan(rig.hci, true, false);
	rt_hci_set_scan(rig.hci, true, true);
	rt_hci_set_scan(rig.hci, false, true);
	rt_hci_set_class(rig.hci, 0xff000001);
	rig_expect("01 240c 03 010000");
	rig_complete(0x0c24);
	rig_expect("01 1a0c 01 01");
	rig_complete(0x0c1a);
	rig_expect_none();
	rt_hci_set_scan(rig.hci, false, true);
	rig_expect_none();
	rt_hci_resync(rig.hci);
	rig_expect("01 030c 00");
	rig.answers = (const struct rig_answer[]){ { 0x0c24, NULL },
						   { 0x0c1a, NULL },
						   { 0, NULL } };
	rig_complete(0x0c03);
	rig_answer_all();
	rig_complete(0x0c24);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
	rig_complete(0x0c1a);
	ck_assert_uint_eq(rig.ups, 2);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_controller_with_everything_is_set_up_in_order, 1 },
	{ &key_sizes_in_events_are_wanted_from_5_3_on, 1 },
	{ &secure_connections_take_the_controller_and_the_policy, 3 },
	{ &secure_connections_take_simple_pairing, 1 },
	{ &a_controller_without_commands_for_security_comes_up, 1 },
	{ &what_the_controller_tells_is_known, 1 },
	{ &name_and_eir_carry_the_local_name, 1 },
	{ &options_out_of_range_are_refused, 1 },
	{ &an_answer_with_octets_behind_is_taken, 1 },
	{ &impossible_buffers_are_refused_and_too_many_cut_down,
	  RT_ARRAY_SIZE(buffers) },
	{ &the_transport_bounds_the_buffers, 1 },
	{ &an_address_of_zeros_is_refused, 1 },
	{ &commands_that_the_controller_lacks_are_not_sent, 1 },
	{ &an_old_controller_gets_the_plain_settings, 1 },
	{ &inquiry_with_rssi_is_mode_1, 1 },
	{ &an_extended_page_with_a_wrong_number_is_not_believed,
	  RT_ARRAY_SIZE(wrong_pages) },
	{ &a_peer_that_calls_during_the_bring_up_is_rejected, 1 },
	{ &settings_are_written_when_they_change_and_merge, 1 },
};

int main(void)
{
	return rig_run("hci bringup", cases, RT_ARRAY_SIZE(cases));
}
