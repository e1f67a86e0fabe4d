/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "hci/gap.h"
#include "tests/support/end.h"
#include "tests/support/tagged.h"
#include "tools/sim/world.h"

/*
 * Modes, idle procedures and link establishment. Host 0 is under test, host 1
 * is the tester, on the same air.
 */

#define IUT 0
#define TESTER 1

#define TGAP_100_US INT64_C(10240000) /* general and limited inquiry */
#define TGAP_103_US INT64_C(30720000) /* discoverable at least */
#define TGAP_104_US INT64_C(60000000) /* limited discoverable */

static struct world *w;

static struct {
	unsigned int count;
	struct rt_addr addr;
	uint32_t class_of_device;
	char name[250];
	unsigned int done;
	uint64_t done_us;
} heard;

static void setup(void)
{
	const struct world_options options = { .seed = 6, .hosts = 2 };

	w = world_new(&options);
	memset(&heard, 0, sizeof(heard));
	ck_assert_int_eq(rt_host_set_name(world_host(w, 0), "under test"), 0);
	ck_assert_int_eq(rt_host_set_name(world_host(w, 1), "tester"), 0);
	world_settle(w);
}

static void teardown(void)
{
	/* Devices that were found are remembered. */
	w->node[IUT].memory_idle += 1;
	w->node[TESTER].memory_idle += 1;
	world_finish(w);
}

static void set_mode(unsigned int who, enum rt_host_mode mode)
{
	ck_assert_int_eq(rt_host_set_mode(world_host(w, who), mode), 0);
	world_settle(w);
}

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)user_data;
	heard.count++;
	heard.addr = device->addr;
	heard.class_of_device = device->class_of_device;
	snprintf(heard.name, sizeof(heard.name), "%s", device->name);
}

static void on_done(struct rt_inquiry *inquiry,
		    const struct rt_error_info *info, void *user_data)
{
	(void)inquiry;
	(void)user_data;
	ck_assert_int_eq(info->err, 0);
	heard.done++;
	heard.done_us = w->now_us;
}

static const struct rt_inquiry_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_device = on_device,
	.on_done = on_done,
};

/* An inquiry of the tester. Returns whether it finds the IUT. */
static bool tester_finds(bool limited, unsigned int seconds)
{
	struct rt_inquiry *inquiry;

	memset(&heard, 0, sizeof(heard));
	ck_assert_int_eq(rt_inquiry_start(world_host(w, TESTER), seconds,
					  limited, &callbacks, NULL, &inquiry),
			 0);
	world_run(w, RT_SECONDS(seconds + 2));
	ck_assert_uint_eq(heard.done, 1);
	rt_inquiry_free(inquiry);
	return heard.count > 0;
}

/* The tester pages the IUT. Returns whether there is a link. */
static bool makes_link(unsigned int who, unsigned int to)
{
	struct end end = { .s = NULL };
	struct rt_link_info info = { .size = sizeof(info) };
	bool made;

	end_open(&end, world_host(w, who), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, to), 0x1001),
			 0);
	world_run(w, RT_SECONDS(1));
	made = rt_host_link_info(world_host(w, who), world_addr(w, to),
				 &info) == 0;
	ck_assert(!made || !info.incoming);
	end_free(&end);
	world_run(w, RT_SECONDS(30));
	return made;
}

/* MOD/NDIS/BV-01: not a word for TGAP(103). */
START_TEST(non_discoverable_answers_no_inquiry)
{
	set_mode(IUT, RT_HOST_MODE_CONNECTABLE);
	ck_assert(!tester_finds(false, TGAP_103_US / 1000000 + 1));
	ck_assert(!tester_finds(true, TGAP_103_US / 1000000 + 1));
}
END_TEST

/* MOD/LDIS/BV-01: the LIAC, and bit 13. */
START_TEST(limited_discoverable_answers_the_liac)
{
	set_mode(IUT, RT_HOST_MODE_LIMITED);
	ck_assert(tester_finds(true, 2));
	ck_assert_uint_ne(heard.class_of_device & RT_GAP_CLASS_LIMITED, 0);
}
END_TEST

/* MOD/LDIS/BV-02: the GIAC as well. */
START_TEST(limited_discoverable_answers_the_giac)
{
	set_mode(IUT, RT_HOST_MODE_LIMITED);
	ck_assert(tester_finds(false, 2));
	ck_assert_uint_ne(heard.class_of_device & RT_GAP_CLASS_LIMITED, 0);
}
END_TEST

/* MOD/LDIS/BV-03: until TGAP(104) is over, and no longer. */
START_TEST(limited_discoverable_ends_by_itself)
{
	set_mode(IUT, RT_HOST_MODE_CONNECTABLE);
	set_mode(IUT, RT_HOST_MODE_LIMITED);
	world_run(w, TGAP_103_US);
	ck_assert(tester_finds(true, 2));
	world_run(w, TGAP_104_US - TGAP_103_US);
	ck_assert(!tester_finds(true, 2));
	ck_assert(!tester_finds(false, 2));
	ck_assert_uint_eq(rt_host_class_of_device(world_host(w, IUT)) &
				  RT_GAP_CLASS_LIMITED,
			  0);
}
END_TEST

/* MOD/GDIS/BV-01 */
START_TEST(general_discoverable_answers_the_giac)
{
	set_mode(IUT, RT_HOST_MODE_DISCOVERABLE);
	ck_assert(tester_finds(false, 2));
	ck_assert_uint_eq(heard.class_of_device & RT_GAP_CLASS_LIMITED, 0);
	world_run(w, TGAP_103_US + TGAP_104_US);
	ck_assert(tester_finds(false, 2));
}
END_TEST

/* MOD/GDIS/BV-02: not the LIAC, also after having been limited. */
START_TEST(general_discoverable_does_not_answer_the_liac)
{
	set_mode(IUT, RT_HOST_MODE_LIMITED);
	set_mode(IUT, RT_HOST_MODE_DISCOVERABLE);
	ck_assert(!tester_finds(true, 2));
	ck_assert(tester_finds(false, 2));
}
END_TEST

/* MOD/NCON/BV-01 */
START_TEST(non_connectable_answers_no_page)
{
	set_mode(IUT, RT_HOST_MODE_CONNECTABLE);
	set_mode(IUT, RT_HOST_MODE_NOT_CONNECTABLE);
	ck_assert(!makes_link(TESTER, IUT));
}
END_TEST

/* MOD/CON/BV-01: whether it can be discovered or not. */
START_TEST(connectable_answers_pages)
{
	set_mode(IUT, RT_HOST_MODE_CONNECTABLE);
	ck_assert(makes_link(TESTER, IUT));
	set_mode(IUT, RT_HOST_MODE_DISCOVERABLE);
	ck_assert(makes_link(TESTER, IUT));
}
END_TEST

/* An inquiry of the IUT with what it does by itself. */
static void inquire(bool limited, bool names)
{
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.limited = limited,
		.names = names,
	};
	const uint64_t start_us = w->now_us;
	struct rt_inquiry *inquiry;

	ck_assert_int_eq(rt_inquiry_start_with(world_host(w, IUT), &options,
					       &inquiry),
			 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_uint_ge(heard.done_us - start_us, TGAP_100_US);
	ck_assert_uint_ge(heard.count, 1);
	ck_assert(rt_addr_equal(heard.addr, world_addr(w, TESTER)));
	rt_inquiry_free(inquiry);
}

/* IDLE/GIN/BV-01: TGAP(100) at least, and the answer is heard. */
START_TEST(a_general_inquiry_finds_within_its_time)
{
	set_mode(TESTER, RT_HOST_MODE_DISCOVERABLE);
	inquire(false, false);
}
END_TEST

/* IDLE/LIN/BV-01 */
START_TEST(a_limited_inquiry_finds_the_limited)
{
	set_mode(TESTER, RT_HOST_MODE_LIMITED);
	inquire(true, false);
	ck_assert_uint_ne(heard.class_of_device & RT_GAP_CLASS_LIMITED, 0);
}
END_TEST

/* IDLE/DNDIS/BV-01: the name stands in the inquiry response. */
START_TEST(the_name_stands_in_the_inquiry_response)
{
	set_mode(IUT, RT_HOST_MODE_DISCOVERABLE);
	ck_assert(tester_finds(false, 2));
	ck_assert_str_eq(heard.name, "under test");
}
END_TEST

/* IDLE/DED/BV-02: an inquiry, then a name request to what it found. */
START_TEST(device_discovery_asks_for_names)
{
	rt_vctl_set_fault(w->node[TESTER].vctl, RT_VCTL_NO_EXTENDED, true);
	set_mode(TESTER, RT_HOST_MODE_DISCOVERABLE);
	inquire(false, true);
	ck_assert_uint_eq(heard.count, 2);
	ck_assert_str_eq(heard.name, "tester");
}
END_TEST

/* EST/LIE/BV-02 */
START_TEST(a_link_is_established_to_a_connectable_device)
{
	set_mode(TESTER, RT_HOST_MODE_CONNECTABLE);
	ck_assert(makes_link(IUT, TESTER));
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("GAP/MOD/NDIS/BV-01-C", "A",
	       non_discoverable_answers_no_inquiry),
	TAGGED("GAP/MOD/LDIS/BV-01-C", "A",
	       limited_discoverable_answers_the_liac),
	TAGGED("GAP/MOD/LDIS/BV-02-C", "A",
	       limited_discoverable_answers_the_giac),
	TAGGED("GAP/MOD/LDIS/BV-03-C", "A",
	       limited_discoverable_ends_by_itself),
	TAGGED("GAP/MOD/GDIS/BV-01-C", "A",
	       general_discoverable_answers_the_giac),
	TAGGED("GAP/MOD/GDIS/BV-02-C", "A",
	       general_discoverable_does_not_answer_the_liac),
	TAGGED("GAP/MOD/NCON/BV-01-C", "A", non_connectable_answers_no_page),
	TAGGED("GAP/MOD/CON/BV-01-C", "A", connectable_answers_pages),
	TAGGED("GAP/IDLE/GIN/BV-01-C", "I",
	       a_general_inquiry_finds_within_its_time),
	TAGGED("GAP/IDLE/LIN/BV-01-C", "I",
	       a_limited_inquiry_finds_the_limited),
	TAGGED("GAP/IDLE/DNDIS/BV-01-C", "A",
	       the_name_stands_in_the_inquiry_response),
	TAGGED("GAP/IDLE/DED/BV-02-C", "I", device_discovery_asks_for_names),
	TAGGED("GAP/EST/LIE/BV-02-C", "I",
	       a_link_is_established_to_a_connectable_device),
};

int main(int argc, char **argv)
{
	static const struct tagged_table table = {
		.rows = rows,
		.count = RT_ARRAY_SIZE(rows),
		.setup = setup,
		.teardown = teardown,
	};
	const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
