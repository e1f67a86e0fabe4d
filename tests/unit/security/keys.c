/* SPDX-License-Identifier: MIT */
#include "hci/security/keys.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/stack/suite.h"

/*
 * Memory that is never given back, so that what was freed can be looked at:
 * `used` octets of it have been given out.
 */
static uint8_t memory[256 * 1024];
static size_t used;
static size_t allocs_left;
static struct rt_env env;
static struct rt_sec_keys keys;

static void *give(void *ctx, size_t bytes)
{
	void *ptr = &memory[used];

	(void)ctx;
	if (allocs_left == 0 || bytes > sizeof(memory) - used)
		return NULL;
	allocs_left--;
	used += (bytes + 15) / 16 * 16;
	return ptr;
}

static void take(void *ctx, void *ptr)
{
	(void)ctx;
	(void)ptr;
}

static void fill(void *ctx, void *buf, size_t bytes)
{
	(void)ctx;
	memset(buf, 0, bytes);
}

static void setup(void)
{
	const struct rt_env_hooks hooks = { .alloc = give,
					    .free = take,
					    .random = fill };

	memset(memory, 0, sizeof(memory));
	used = 0;
	allocs_left = SIZE_MAX;
	rt_env_init(&env, &hooks, 0);
	rt_sec_keys_init(&keys);
}

static void teardown(void)
{
	rt_sec_keys_fini(&env, &keys);
	ck_assert_uint_eq(env.live, 0);
	ck_assert_uint_eq(env.live_bytes, 0);
}

/* A sound key of the peer `number`, its 16 octets being this number. */
static struct rt_sec_key make(unsigned int number)
{
	struct rt_sec_key key = {
		.addr = { { 1, 0, 0, 0, (uint8_t)number,
			    (uint8_t)(number >> 8) } },
		.type = RT_SEC_KEY_P192,
		.key_bytes = 16,
	};

	for (size_t i = 0; i < sizeof(key.key); i += 2) {
		key.key[i] = (uint8_t)(0x80 | number >> 8);
		key.key[i + 1] = (uint8_t)number;
	}
	return key;
}

static int add(unsigned int number)
{
	const struct rt_sec_key key = make(number);

	return rt_sec_keys_add(&env, &keys, &key);
}

static const struct rt_sec_key *find(unsigned int number)
{
	return rt_sec_keys_find(&keys, make(number).addr);
}

static int drop(unsigned int number)
{
	return rt_sec_keys_remove(&keys, make(number).addr);
}

/* How often the octets of a key stand anywhere in memory given out. */
static unsigned int copies(unsigned int number)
{
	const struct rt_sec_key key = make(number);
	unsigned int count = 0;

	for (size_t i = 0; i + sizeof(key.key) <= sizeof(memory); i++)
		count += memcmp(&memory[i], key.key, sizeof(key.key)) == 0;
	return count;
}

START_TEST(what_was_added_is_found)
{
	ck_assert_ptr_null(find(1));
	ck_assert_int_eq(add(1), 0);
	ck_assert_int_eq(add(2), 0);
	ck_assert_mem_eq(find(1)->key, make(1).key, 16);
	ck_assert_mem_eq(find(2)->key, make(2).key, 16);
	ck_assert_ptr_null(find(3));
}
END_TEST

START_TEST(keys_stand_in_the_order_of_printed_addresses)
{
	for (unsigned int i = 0; i < 100; i++)
		ck_assert_int_eq(add(1 + i * 37 % 100), 0);
	for (unsigned int i = 1; i < 100; i++)
		ck_assert_int_lt(
			rt_sec_keys_compare(rt_sec_keys_at(&keys, i - 1)->addr,
					    rt_sec_keys_at(&keys, i)->addr),
			0);
	ck_assert_ptr_nonnull(rt_sec_keys_at(&keys, 99));
	ck_assert_ptr_null(rt_sec_keys_at(&keys, 100));
	ck_assert_ptr_null(rt_sec_keys_at(&keys, SIZE_MAX));
}
END_TEST

START_TEST(addresses_compare_as_they_are_printed)
{
	const struct rt_addr low = { { 0xff, 0, 0, 0, 0, 0x01 } };
	const struct rt_addr high = { { 0x00, 0, 0, 0, 0, 0x02 } };

	ck_assert_int_lt(rt_sec_keys_compare(low, high), 0);
	ck_assert_int_gt(rt_sec_keys_compare(high, low), 0);
	ck_assert_int_eq(rt_sec_keys_compare(low, low), 0);
}
END_TEST

START_TEST(a_peer_has_one_key_the_last)
{
	struct rt_sec_key key = make(1);

	ck_assert_int_eq(add(1), 0);
	key.key[0] = 0x55;
	ck_assert_int_eq(rt_sec_keys_add(&env, &keys, &key), 0);
	ck_assert_uint_eq(keys.count, 1);
	ck_assert_uint_eq(find(1)->key[0], 0x55);
	ck_assert_uint_eq(copies(1), 0);
}
END_TEST

START_TEST(a_key_may_be_put_where_it_stands)
{
	ck_assert_int_eq(add(1), 0);
	ck_assert_int_eq(rt_sec_keys_add(&env, &keys, find(1)), 0);
	ck_assert_mem_eq(find(1)->key, make(1).key, 16);
}
END_TEST

START_TEST(at_the_limit_none_is_evicted)
{
	const unsigned int limit = env.limits.bonded_keys;

	ck_assert_uint_eq(limit, 256);
	for (unsigned int i = 1; i <= limit; i++) {
		ck_assert(rt_sec_keys_has_room(&env, &keys, make(i).addr));
		ck_assert_int_eq(add(i), 0);
	}
	ck_assert(!rt_sec_keys_has_room(&env, &keys, make(limit + 1).addr));
	ck_assert_int_eq(add(limit + 1), -ENOSPC);
	ck_assert_uint_eq(keys.count, limit);
	for (unsigned int i = 1; i <= limit; i++)
		ck_assert_ptr_nonnull(find(i));
	/* One that is there may still be replaced. */
	ck_assert(rt_sec_keys_has_room(&env, &keys, make(limit).addr));
	ck_assert_int_eq(add(limit), 0);
	ck_assert_int_eq(drop(7), 0);
	ck_assert_int_eq(add(limit + 1), 0);
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
	unsigned int count;

	for (count = 1; count <= 8; count++)
		ck_assert_int_eq(add(count), 0);
	allocs_left = 0;
	ck_assert_int_eq(add(count), -ENOMEM);
	ck_assert_uint_eq(keys.count, 8);
	for (unsigned int i = 1; i <= 8; i++)
		ck_assert_mem_eq(find(i)->key, make(i).key, 16);
	allocs_left = 1;
	ck_assert_int_eq(add(count), 0);
}
END_TEST

START_TEST(what_was_removed_is_nowhere_in_memory)
{
	for (unsigned int i = 1; i <= 20; i++)
		ck_assert_int_eq(add(i), 0);
	ck_assert_uint_eq(copies(5), 1);
	ck_assert_int_eq(drop(5), 0);
	ck_assert_int_eq(drop(5), -ENOENT);
	ck_assert_ptr_null(find(5));
	ck_assert_uint_eq(copies(5), 0);
	ck_assert_int_eq(drop(20), 0);
	ck_assert_uint_eq(copies(20), 0);
	/* Nor has the move of those behind it left a second one. */
	for (unsigned int i = 6; i <= 19; i++)
		ck_assert_uint_eq(copies(i), 1);
}
END_TEST

START_TEST(memory_that_was_outgrown_holds_no_key)
{
	for (unsigned int i = 1; i <= 256; i++)
		ck_assert_int_eq(add(i), 0);
	ck_assert_uint_gt(used, 256 * sizeof(struct rt_sec_key));
	for (unsigned int i = 1; i <= 256; i++)
		ck_assert_uint_eq(copies(i), 1);
}
END_TEST

START_TEST(the_end_leaves_no_key_in_memory)
{
	for (unsigned int i = 1; i <= 30; i++)
		ck_assert_int_eq(add(i), 0);
	rt_sec_keys_fini(&env, &keys);
	for (unsigned int i = 1; i <= 30; i++)
		ck_assert_uint_eq(copies(i), 0);
	ck_assert_int_eq(add(1), 0);
}
END_TEST

START_TEST(emptying_leaves_no_key_in_memory)
{
	for (unsigned int i = 1; i <= 30; i++)
		ck_assert_int_eq(add(i), 0);
	rt_sec_keys_empty(&keys);
	ck_assert_ptr_null(rt_sec_keys_at(&keys, 0));
	for (unsigned int i = 1; i <= 30; i++)
		ck_assert_uint_eq(copies(i), 0);
	ck_assert_int_eq(add(1), 0);
}
END_TEST

/* SEC-08, SEC-20 */
START_TEST(a_key_that_is_not_sound_is_refused)
{
	const struct rt_sec_key good = make(1);
	struct rt_sec_key key;

	for (unsigned int type = 0; type <= 255; type++) {
		key = good;
		key.type = (uint8_t)type;
		ck_assert_int_eq(rt_sec_key_is_sound(&key),
				 type <= 8 && type != 6);
	}
	for (unsigned int bytes = 0; bytes <= 255; bytes++) {
		key = good;
		key.key_bytes = (uint8_t)bytes;
		ck_assert_int_eq(rt_sec_key_is_sound(&key),
				 bytes == 0 || (bytes >= 7 && bytes <= 16));
	}
	for (unsigned int bytes = 0; bytes <= 255; bytes++) {
		key = good;
		key.pin_bytes = (uint8_t)bytes;
		ck_assert_int_eq(rt_sec_key_is_sound(&key), bytes == 0);
		key.type = RT_SEC_KEY_COMBINATION;
		ck_assert_int_eq(rt_sec_key_is_sound(&key), bytes <= 16);
	}
	key = good;
	memset(key.key, 0, sizeof(key.key));
	ck_assert_int_eq(rt_sec_keys_add(&env, &keys, &key), -EINVAL);
	key = good;
	memset(&key.addr, 0, sizeof(key.addr));
	ck_assert_int_eq(rt_sec_keys_add(&env, &keys, &key), -EINVAL);
	ck_assert_uint_eq(keys.count, 0);
}
END_TEST

/*
 * A line an old type, a column a new one, 0 to 8: y replaces, w is weaker, a
 * replaces if it was asked for.
 */
static const char *const judgement[] = {
	[0] = "ywwwayyay", /* combination */
	[1] = "yyywayyay", /* local unit */
	[2] = "yyywayyay", /* remote unit */
	[3] = "yyyaayyay", /* debug */
	[4] = "wwwwayyay", /* P-192 */
	[5] = "wwwwwyywy", /* P-192 with MITM protection */
	[7] = "wwwwwwyay", /* P-256 */
	[8] = "wwwwwwywy", /* P-256 with MITM protection */
};

static char judged(const struct rt_sec_key *old, unsigned int type)
{
	const enum rt_sec_replace asked =
		rt_sec_keys_judge(old, (uint8_t)type, true);
	const enum rt_sec_replace unasked =
		rt_sec_keys_judge(old, (uint8_t)type, false);

	if (asked == RT_SEC_REPLACE_WEAKER && unasked == RT_SEC_REPLACE_WEAKER)
		return 'w';
	if (asked != RT_SEC_REPLACE_YES)
		return '?';
	return unasked == RT_SEC_REPLACE_YES ? 'y' : 'a';
}

/* SEC-04, SEC-13, SEC-21 */
START_TEST(a_bond_is_replaced_as_the_table_says)
{
	struct rt_sec_key old = make(1);

	for (size_t i = 0; i < RT_ARRAY_SIZE(judgement); i++) {
		if (!judgement[i])
			continue;
		old.type = (uint8_t)i;
		for (unsigned int type = 0; type <= 8; type++)
			ck_assert_msg(judged(&old, type) == judgement[i][type],
				      "%u over %zu: %c", type, i,
				      judged(&old, type));
		for (unsigned int type = 9; type <= 255; type++)
			ck_assert_int_eq(judged(&old, type), 'w');
	}
}
END_TEST

START_TEST(the_first_key_of_a_peer_is_kept_whatever_kind_it_is)
{
	for (unsigned int type = 0; type <= 255; type++)
		ck_assert_int_eq(judged(NULL, type),
				 type <= 8 && type != 6 ? 'y' : 'w');
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_was_added_is_found,
		keys_stand_in_the_order_of_printed_addresses,
		addresses_compare_as_they_are_printed,
		a_peer_has_one_key_the_last,
		a_key_may_be_put_where_it_stands,
		at_the_limit_none_is_evicted,
		without_memory_nothing_changes,
		what_was_removed_is_nowhere_in_memory,
		memory_that_was_outgrown_holds_no_key,
		the_end_leaves_no_key_in_memory,
		emptying_leaves_no_key_in_memory,
		a_key_that_is_not_sound_is_refused,
		a_bond_is_replaced_as_the_table_says,
		the_first_key_of_a_peer_is_kept_whatever_kind_it_is,
	};

	return suite_run("security/keys", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
