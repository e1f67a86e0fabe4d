/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/conformance/gap/tables.h"

#include <rawtooth/research.h>

/* Bonding (Core Vol 3 Part C 6.5), and being non-bondable (4.3). */

static const struct story strangers = {
	.us = STORY_YES_NO,
	.peer = STORY_YES_NO,
};

static void check_key(unsigned int side, uint8_t type)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	ck_assert_int_eq(
		rt_host_next_key(world_host(story.w, side), none, &key), 0);
	ck_assert_uint_eq(key.type, type);
	ck_assert(rt_addr_equal(key.addr, world_addr(story.w, !side)));
}

START_TEST(a_device_without_ssp_is_bonded_by_pin_and_let_go)
{
	const struct story s = { .old = true };

	story_begin(&s);
	story_bond_them(false);
	check_key(0, 0);
	check_key(1, 0);
	story_end();
}
END_TEST

START_TEST(a_device_is_bonded_and_let_go)
{
	const struct story s = { .us = STORY_NOBODY };

	story_begin(&s);
	story_bond_them(false);
	check_key(0, 7);
	check_key(1, 7);
	story_end();
}
END_TEST

START_TEST(a_device_is_bonded_with_proof_and_let_go)
{
	story_begin(&strangers);
	story_bond_them(true);
	check_key(0, 8);
	check_key(1, 8);
	story_end();
}
END_TEST

/* A connection at the level bonds on its own link. */
static void bond_by_connecting(unsigned int level, uint8_t type)
{
	struct story s = strangers;

	s.level = level;
	s.we_connect = true;
	if (level == 2)
		s.us = STORY_NOBODY;
	story_begin(&s);
	story_listen(1, &s, false);
	ck_assert(story_connect(0, &s, true));
	ck_assert_str_eq(story.requests, "e");
	ck_assert(story_security().bonded);
	check_key(0, type);
	check_key(1, type);
	story_end();
}

START_TEST(a_connection_bonds_on_its_own_link)
{
	bond_by_connecting(2, 7);
}
END_TEST

START_TEST(a_connection_bonds_with_proof_on_its_own_link)
{
	bond_by_connecting(3, 8);
}
END_TEST

static void do_not_bond(void)
{
	const struct rt_pairing_policy policy = { .size = sizeof(policy) };

	ck_assert_int_eq(
		rt_host_set_pairing_policy(world_host(story.w, 0), &policy), 0);
	rt_host_set_agent(world_host(story.w, 0), NULL, NULL);
}

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	*(struct rt_error_info *)user_data = *info;
}

START_TEST(who_is_not_bondable_refuses_dedicated_bonding)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };
	struct rt_error_info info = { .err = 1 };
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.user_data = &info,
	};
	struct rt_pairing *pairing;

	story_begin(&strangers);
	do_not_bond();
	ck_assert_int_eq(rt_pairing_start(world_host(story.w, 1),
					  world_addr(story.w, 0), &options,
					  &pairing),
			 0);
	world_run(story.w, RT_SECONDS(40));
	rt_pairing_free(pairing);
	ck_assert_int_lt(info.err, 0);
	ck_assert_str_eq(info.layer, "HCI");
	ck_assert_uint_eq(info.code, 0x18); /* Pairing Not Allowed */
	for (unsigned int i = 0; i < 2; i++)
		ck_assert_int_lt(rt_host_next_key(world_host(story.w, i), none,
						  &key),
				 0);
	story_end();
}
END_TEST

START_TEST(who_is_not_bondable_still_pairs_without_a_bond)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };
	struct story s = strangers;

	s.level = 1;
	story_begin(&s);
	do_not_bond();
	story_listen(0, &s, true);
	ck_assert(story_connect(1, &s, false));
	ck_assert(story_security().encrypted);
	ck_assert(!story_security().bonded);
	for (unsigned int i = 0; i < 2; i++)
		ck_assert_int_lt(rt_host_next_key(world_host(story.w, i), none,
						  &key),
				 0);
	story_end();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("GAP/IDLE/BON/BV-02-C", "I",
	       a_device_without_ssp_is_bonded_by_pin_and_let_go),
	TAGGED("GAP/IDLE/BON/BV-03-C", "I", a_device_is_bonded_and_let_go),
	TAGGED("GAP/IDLE/BON/BV-04-C", "I",
	       a_device_is_bonded_with_proof_and_let_go),
	TAGGED("GAP/IDLE/BON/BV-05-C", "I", a_connection_bonds_on_its_own_link),
	TAGGED("GAP/IDLE/BON/BV-06-C", "I",
	       a_connection_bonds_with_proof_on_its_own_link),
	TAGGED("GAP/MOD/NBON/BV-02-C", "A",
	       who_is_not_bondable_refuses_dedicated_bonding),
	TAGGED("GAP/MOD/NBON/BV-03-C", "A",
	       who_is_not_bondable_still_pairs_without_a_bond),
};

const struct tagged_table bond_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
