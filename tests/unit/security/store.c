/* SPDX-License-Identifier: MIT */
/* The keys of a controller, as the layers above add, find and remove them. */
#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "tests/unit/security/sec_rig.h"

static struct rt_sec_key make(uint8_t last)
{
	return (struct rt_sec_key){
		.addr = rig_addr(last),
		.type = RT_SEC_KEY_P256,
		.key_bytes = 16,
		.key = { last, 1 },
	};
}

static int add(uint8_t last)
{
	const struct rt_sec_key key = make(last);

	return rt_sec_key_add(rig.hci, &key);
}

START_TEST(a_key_that_is_added_is_found_and_not_stored_again)
{
	sec_begin();
	ck_assert_ptr_null(rt_sec_key_find(rig.hci, rig_addr(3)));
	ck_assert_int_eq(add(3), 0);
	ck_assert_int_eq(add(2), 0);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(3))->key[0], 3);
	ck_assert_uint_eq(rt_sec_key_at(rig.hci, 0)->key[0], 2);
	ck_assert_uint_eq(rt_sec_key_at(rig.hci, 1)->key[0], 3);
	ck_assert_ptr_null(rt_sec_key_at(rig.hci, 2));
	ck_assert_uint_eq(sec_rig.stored, 0);
}
END_TEST

START_TEST(a_key_that_is_removed_leaves_the_store_too)
{
	sec_begin();
	ck_assert_int_eq(rt_sec_key_remove(rig.hci, rig_addr(3)), -ENOENT);
	ck_assert_uint_eq(sec_rig.stored, 0);
	ck_assert_int_eq(add(3), 0);
	ck_assert_int_eq(rt_sec_key_remove(rig.hci, rig_addr(3)), 0);
	ck_assert_uint_eq(sec_rig.stored, 1);
	ck_assert_ptr_null(rt_sec_key_find(rig.hci, rig_addr(3)));
	ck_assert_int_eq(rt_sec_key_remove(rig.hci, rig_addr(3)), -ENOENT);
	ck_assert_uint_eq(sec_rig.stored, 1);
}
END_TEST

START_TEST(another_set_of_keys_begins_without_a_word)
{
	sec_begin();
	ck_assert_int_eq(add(3), 0);
	ck_assert_int_eq(add(4), 0);
	rt_sec_keys_clear(rig.hci);
	ck_assert_ptr_null(rt_sec_key_at(rig.hci, 0));
	ck_assert_uint_eq(sec_rig.stored, 0);
}
END_TEST

/* SEC-08 */
START_TEST(a_key_for_our_own_address_is_refused)
{
	struct rt_sec_key key = make(3);

	sec_begin();
	key.addr = rt_hci_get_info(rig.hci)->addr;
	ck_assert(!rt_addr_is_zero(key.addr));
	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), -EINVAL);
	ck_assert_ptr_null(rt_sec_key_at(rig.hci, 0));
}
END_TEST

/* SEC-08, SEC-20 */
START_TEST(a_key_that_is_not_sound_is_refused)
{
	struct rt_sec_key key = make(3);

	sec_begin();
	memset(key.key, 0, sizeof(key.key));
	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), -EINVAL);
	key = make(3);
	key.key_bytes = 17;
	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), -EINVAL);
	ck_assert_ptr_null(rt_sec_key_at(rig.hci, 0));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_key_that_is_added_is_found_and_not_stored_again,
		a_key_that_is_removed_leaves_the_store_too,
		another_set_of_keys_begins_without_a_word,
		a_key_for_our_own_address_is_refused,
		a_key_that_is_not_sound_is_refused,
	};

	return suite_run("security/store", tests, RT_ARRAY_SIZE(tests),
			 rig_setup, rig_teardown);
}
