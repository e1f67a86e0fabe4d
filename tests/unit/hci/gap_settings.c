/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "hci/gap.h"
#include "tests/unit/hci/rig.h"

/* How others find us: access codes, class of device, services. */

/* A controller that is up, and a class of device without any bits. */
static void begin(void)
{
	rig_bring_up();
	rt_hci_set_class(rig.hci, 0);
	rig_expect("01 240c 03 000000");
	rig_complete(0x0c24);
}

static void expect_eir(const char *start)
{
	char hex[1024];
	size_t n =
		(size_t)snprintf(hex, sizeof(hex), "01 520c f1 00 %s", start);

	for (size_t i = strlen(start) / 2; i < 240; i++)
		n += (size_t)snprintf(hex + n, sizeof(hex) - n, "00");
	rig_expect(hex);
	rig_complete(0x0c52);
}

START_TEST(limited_sets_class_and_access_codes_before_the_scan)
{
	begin();
	rt_hci_set_scan(rig.hci, true, true);
	rt_gap_set_limited(rig.hci, true);
	rig_expect("01 240c 03 002000");
	rig_complete(0x0c24);
	rig_expect("01 3a0c 07 02 008b9e 338b9e");
	rig_complete(0x0c3a);
	rig_expect("01 1a0c 01 03");
	rig_complete(0x0c1a);
	rig_expect_none();
	ck_assert_uint_eq(rt_gap_class_of_device(rig.hci), 0x002000);
	rt_gap_set_limited(rig.hci, true);
	rig_expect_none();
	rt_gap_set_limited(rig.hci, false);
	rig_expect("01 240c 03 000000");
	rig_complete(0x0c24);
	rig_expect("01 3a0c 04 01 338b9e");
	rig_complete(0x0c3a);
	rig_expect_none();
}
END_TEST

START_TEST(a_controller_with_one_access_code_gets_the_limited_one)
{
	rig_bring_up();
	rt_gap_set_limited(rig.hci, true);
	rig_expect_command(0x0c24);
	rig_complete(0x0c24);
	rig_expect_command(0x0c3a);
	rig_inject("04 0e 04 01 3a0c 12");
	rig_expect("01 3a0c 04 01 008b9e");
	rig_complete(0x0c3a);
	rig_expect_none();
}
END_TEST

START_TEST(a_limited_host_is_limited_after_a_new_bring_up)
{
	rt_gap_set_limited(rig.hci, true);
	rig_bring_up();
	rig_expect_none();
	rt_gap_set_limited(rig.hci, false);
	rig_expect_command(0x0c24);
	rig_complete(0x0c24);
	rig_expect("01 3a0c 04 01 338b9e");
	rig_complete(0x0c3a);
}
END_TEST

START_TEST(services_stand_in_eir_and_class)
{
	struct rt_uuid uuids[] = {
		rt_uuid_from_short(0x1101),
		rt_uuid_from_short(0x1105),
		rt_uuid_from_short(0x1101),
	};

	begin();
	ck_assert_int_eq(rt_hci_set_name(rig.hci, "a"), 0);
	rt_gap_set_services(rig.hci, uuids, RT_ARRAY_SIZE(uuids));
	rig_expect_command(0x0c13);
	rig_complete(0x0c13);
	expect_eir("020961050301110511");
	rig_expect("01 240c 03 000010");
	rig_complete(0x0c24);
	rig_expect_none();
	/* The class stays: it is not told again. */
	rt_gap_set_services(rig.hci, uuids + 1, 1);
	expect_eir("02096103030511");
	rig_expect_none();
	rt_hci_set_class(rig.hci, 0x020c);
	rig_expect("01 240c 03 0c0210");
	rig_complete(0x0c24);
	rt_gap_set_services(rig.hci, NULL, 0);
	expect_eir("020961");
	rig_expect("01 240c 03 0c0200");
	rig_complete(0x0c24);
	rig_expect_none();
}
END_TEST

START_TEST(one_service_more_than_is_kept_makes_the_list_incomplete)
{
	struct rt_uuid uuids[RT_GAP_SERVICES_MAX + 1];

	rig_bring_up();
	for (uint32_t i = 0; i < RT_ARRAY_SIZE(uuids); i++)
		uuids[i] = rt_uuid_from_short(0x2000 + i);
	ck_assert_int_eq(rt_hci_set_name(rig.hci, ""), 0);
	for (size_t n = RT_GAP_SERVICES_MAX; n <= RT_ARRAY_SIZE(uuids); n++) {
		struct rt_packet packet;

		rt_gap_set_services(rig.hci, uuids, n);
		if (n == RT_GAP_SERVICES_MAX) {
			rig_expect_command(0x0c13);
			rig_complete(0x0c13);
		}
		ck_assert(rt_hci_tx(rig.hci, &packet));
		ck_assert_uint_eq(packet.slice[0].ptr[4],
				  1 + 2 * RT_GAP_SERVICES_MAX);
		ck_assert_uint_eq(packet.slice[0].ptr[5],
				  n > RT_GAP_SERVICES_MAX ? 0x02 : 0x03);
		rig_complete(0x0c52);
	}
}
END_TEST

static const struct rig_case cases[] = {
	{ &limited_sets_class_and_access_codes_before_the_scan, 1 },
	{ &a_controller_with_one_access_code_gets_the_limited_one, 1 },
	{ &a_limited_host_is_limited_after_a_new_bring_up, 1 },
	{ &services_stand_in_eir_and_class, 1 },
	{ &one_service_more_than_is_kept_makes_the_list_incomplete, 1 },
};

int main(void)
{
	return rig_run("hci gap settings", cases, RT_ARRAY_SIZE(cases));
}
