/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/bench.h"
#include "tests/unit/sdp/talk.h"

static int add(const char *hex, uint32_t *ret_handle)
{
	uint8_t octets[256];
	const size_t n = hex_read(hex, octets, sizeof(octets));

	return rt_sdp_add(bench.sdp, rt_bytes(octets, n), ret_handle);
}

START_TEST(handles_begin_at_00010001_and_are_not_used_again)
{
	uint32_t handle = 0;

	ck_assert_int_eq(add("09 0001 00", &handle), 0);
	ck_assert_uint_eq(handle, 0x00010001);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_int_eq(add("09 0001 00", &handle), 0);
	ck_assert_uint_eq(handle, 0x00010002);
}
END_TEST

START_TEST(what_is_no_list_of_attributes_is_not_published)
{
	static const char *const wrong[] = {
		"09 0001",
		"09 0002 00 09 0001 00",
		"09 0001 00 09 0001 00",
		"09 0000 0a 00010001",
		"08 01 00",
		"09 0001 35 02 08",
	};
	uint32_t handle = 7;

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(add(wrong[i], &handle), -EINVAL);
		ck_assert_uint_eq(handle, 7);
	}
	ck_assert(!rt_sdp_next(bench.sdp, 0, &handle, NULL));
}
END_TEST

START_TEST(records_are_listed_in_the_order_of_their_handles)
{
	const uint32_t first = bench_publish(1);
	const uint32_t second = bench_publish(2);
	const uint32_t third = bench_publish(3);
	struct rt_bytes attributes;
	struct rt_element value;
	uint64_t number;
	uint32_t handle;

	ck_assert(rt_sdp_next(bench.sdp, 0, &handle, &attributes));
	ck_assert_uint_eq(handle, first);
	ck_assert(rt_sdp_attribute_find(attributes, RT_SDP_RECORD_HANDLE,
					&value));
	ck_assert(rt_element_uint(&value, &number));
	ck_assert_uint_eq(number, first);
	rt_sdp_remove(bench.sdp, second);
	ck_assert(rt_sdp_next(bench.sdp, first, &handle, &attributes));
	ck_assert_uint_eq(handle, third);
	ck_assert(!rt_sdp_next(bench.sdp, third, &handle, &attributes));
	/* The place of an updated record stays. */
	ck_assert_int_eq(rt_sdp_update(bench.sdp, first, rt_bytes(NULL, 0)), 0);
	ck_assert(rt_sdp_next(bench.sdp, 0, &handle, &attributes));
	ck_assert_uint_eq(handle, first);
	ck_assert_uint_eq(attributes.len, 8);
}
END_TEST

START_TEST(only_a_record_that_is_there_is_updated)
{
	const uint32_t handle = bench_publish(1);
	const uint8_t broken[] = { 0x09, 0x00, 0x01 };
	struct rt_bytes attributes;
	uint32_t found;

	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle + 1,
				       rt_bytes(NULL, 0)),
			 -ENOENT);
	/* The server's own record is nobody else's. */
	ck_assert_int_eq(rt_sdp_update(bench.sdp, 0, rt_bytes(NULL, 0)),
			 -ENOENT);
	rt_sdp_remove(bench.sdp, 0);
	rt_sdp_remove(bench.sdp, handle + 1);
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle,
				       rt_bytes(broken, sizeof(broken))),
			 -EINVAL);
	ck_assert(rt_sdp_next(bench.sdp, 0, &found, &attributes));
	ck_assert_uint_gt(attributes.len, 8);
}
END_TEST

static void few(struct rt_limits *limits)
{
	limits->sdp_records = 3;
	limits->sdp_record_bytes = 100;
}

START_TEST(so_many_records_and_no_more)
{
	uint32_t handle = 0;

	bench_restart(few);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(add("09 0001 00", &handle), 0);
	ck_assert_int_eq(add("09 0001 00", &handle), -ENOSPC);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_int_eq(add("09 0001 00", &handle), 0);
}
END_TEST

/* CVE-2023-21273: a record that is full. */
START_TEST(so_many_octets_in_a_record_and_no_more)
{
	uint8_t octets[128] = { 0x09, 0x00, 0x01, 0x25, 95 };
	uint32_t handle = 0;

	bench_restart(few);
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 100), &handle),
			 0);
	octets[4] = 96;
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 101), &handle),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle,
				       rt_bytes(octets, 101)),
			 -EMSGSIZE);
}
END_TEST

static void narrow(struct rt_limits *limits)
{
	limits->sdp_bytes = 2 * (8 + 100);
}

START_TEST(so_many_octets_in_all_records_and_no_more)
{
	uint8_t octets[128] = { 0x09, 0x00, 0x01, 0x25, 95 };
	uint32_t handle = 0;

	bench_restart(narrow);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 100),
					    &handle),
				 0);
	ck_assert_int_eq(add("09 0001 00", &handle), -ENOSPC);
	/* One that takes the place of another needs only what is more. */
	ck_assert_int_eq(
		rt_sdp_update(bench.sdp, handle, rt_bytes(octets, 100)), 0);
	octets[4] = 96;
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle,
				       rt_bytes(octets, 101)),
			 -ENOSPC);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 100), &handle),
			 -EINVAL);
	octets[4] = 95;
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 100), &handle),
			 0);
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
	const uint32_t handle = bench_publish(5);
	struct rt_bytes before;
	struct rt_bytes after;
	uint32_t found;

	ck_assert(rt_sdp_next(bench.sdp, 0, &found, &before));
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(add("09 0001 00", &found), -ENOMEM);
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle, rt_bytes(NULL, 0)),
			 -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert(rt_sdp_next(bench.sdp, 0, &found, &after));
	ck_assert_ptr_eq(before.ptr, after.ptr);
	ck_assert(!rt_sdp_next(bench.sdp, found, &found, &after));
}
END_TEST

START_TEST(an_engine_without_memory_is_not_made_and_leaves_nothing)
{
	struct fake_env fake;
	struct rt_l2cap l2cap;
	struct rt_sdp *sdp = NULL;
	size_t n = 0;
	int err;

	do {
		fake_env_init(&fake);
		fake_init(&l2cap, &fake.env, RT_L2CAP_PSM_SDP);
		fake.allocs_left = n++;
		err = rt_sdp_new(&fake.env, &l2cap, &sdp);
		if (err) {
			ck_assert_int_eq(err, -ENOMEM);
			fake_env_assert_idle(&fake);
		}
	} while (err);
	ck_assert_uint_gt(n, 3);
	rt_sdp_free(sdp);
	fake_env_assert_idle(&fake);

	l2cap.listen_err = -EADDRINUSE;
	fake_env_init(&fake);
	ck_assert_int_eq(rt_sdp_new(&fake.env, &l2cap, &sdp), -EADDRINUSE);
	fake_env_assert_idle(&fake);
}
END_TEST

START_TEST(classes_are_told_once_each_and_not_the_servers_own)
{
	struct rt_uuid uuids[4];
	uint32_t handle;

	ck_assert_uint_eq(rt_sdp_classes(bench.sdp, uuids, 4), 0);
	bench_publish(1);
	bench_publish(2);
	ck_assert_int_eq(add("09 0001 35 06 19 1101 19 1103", &handle), 0);
	ck_assert_uint_eq(rt_sdp_classes(bench.sdp, uuids, 4), 2);
	ck_assert(rt_uuid_equal(uuids[0], rt_uuid_from_short(0x1101)));
	ck_assert(rt_uuid_equal(uuids[1], rt_uuid_from_short(0x1103)));
	ck_assert_uint_eq(rt_sdp_classes(bench.sdp, uuids, 1), 1);
}
END_TEST

static uint32_t database_state(void)
{
	const struct talk_request request = {
		.id = 4, .handle = 0, .max = 100, .ids = "09 0201"
	};
	struct talk_response response;
	struct rt_elements row;
	struct rt_element element;
	uint64_t value = 0;

	talk(&request, &response);
	row = talk_list(response.octets);
	ck_assert(rt_elements_next(&row, &element));
	ck_assert(rt_elements_next(&row, &element));
	ck_assert(rt_element_uint(&element, &value));
	return (uint32_t)value;
}

/* B:5.2.4 */
START_TEST(the_database_state_changes_when_a_record_comes_or_goes)
{
	uint32_t state;
	uint32_t handle;

	bench_accept(MTU);
	state = database_state();
	ck_assert_uint_eq(database_state(), state);
	handle = bench_publish(1);
	ck_assert_uint_ne(database_state(), state);
	state = database_state();
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle, rt_bytes(NULL, 0)),
			 0);
	ck_assert_uint_eq(database_state(), state);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_uint_ne(database_state(), state);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		handles_begin_at_00010001_and_are_not_used_again,
		what_is_no_list_of_attributes_is_not_published,
		records_are_listed_in_the_order_of_their_handles,
		only_a_record_that_is_there_is_updated,
		so_many_records_and_no_more,
		so_many_octets_in_a_record_and_no_more,
		so_many_octets_in_all_records_and_no_more,
		without_memory_nothing_changes,
		an_engine_without_memory_is_not_made_and_leaves_nothing,
		classes_are_told_once_each_and_not_the_servers_own,
		the_database_state_changes_when_a_record_comes_or_goes,
	};

	return suite_run("sdp/db", tests, RT_ARRAY_SIZE(tests), bench_setup,
			 bench_teardown);
}
