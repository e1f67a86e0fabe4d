/* SPDX-License-Identifier: MIT */
#include "stack/ring.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

#define CAP 16
#define MODEL_STEPS 50000

static struct fake_env fake;
static struct rt_ring ring;

static void setup(void)
{
	fake_env_init(&fake);
	ck_assert_int_eq(rt_ring_init(&fake.env, &ring, CAP), 0);
}

static void teardown(void)
{
	rt_ring_fini(&fake.env, &ring);
	rt_ring_fini(&fake.env, &ring);
	fake_env_assert_idle(&fake);
}

static void put(const char *text)
{
	ck_assert(rt_ring_put(&ring, rt_bytes(text, strlen(text))));
}

/* Asserts that the unsent octets [from, from + strlen(text)) are the text. */
static void assert_unsent(size_t from, const char *text)
{
	struct rt_bytes part[2];
	char got[CAP + 1] = { 0 };

	rt_ring_unsent(&ring, from, strlen(text), part);
	ck_assert_uint_eq(part[0].len + part[1].len, strlen(text));
	if (part[0].len > 0)
		memcpy(got, part[0].ptr, part[0].len);
	if (part[1].len > 0)
		memcpy(got + part[0].len, part[1].ptr, part[1].len);
	ck_assert_str_eq(got, text);
}

START_TEST(octets_come_out_in_the_order_in_which_they_went_in)
{
	char got[8] = { 0 };

	put("abc");
	put("def");
	ck_assert_uint_eq(rt_ring_take(&ring, got, 2), 2);
	ck_assert_str_eq(got, "ab");
	ck_assert_uint_eq(rt_ring_take(&ring, got, sizeof(got)), 4);
	ck_assert_mem_eq(got, "cdef", 4);
	ck_assert_uint_eq(rt_ring_take(&ring, got, sizeof(got)), 0);
}
END_TEST

START_TEST(a_ring_holds_its_capacity_and_not_one_octet_more)
{
	uint8_t octets[CAP + 1] = { 0 };

	ck_assert_uint_eq(rt_ring_room(&ring), CAP);
	ck_assert(!rt_ring_put(&ring, rt_bytes(octets, CAP + 1)));
	ck_assert_uint_eq(rt_ring_room(&ring), CAP);
	ck_assert(rt_ring_put(&ring, rt_bytes(octets, CAP)));
	ck_assert_uint_eq(rt_ring_room(&ring), 0);
	ck_assert(!rt_ring_put(&ring, rt_bytes(octets, 1)));
	ck_assert(rt_ring_put(&ring, rt_bytes(NULL, 0)));
	ck_assert_uint_eq(rt_ring_unsent_bytes(&ring), CAP);
}
END_TEST

START_TEST(octets_wrap_around_the_end_of_the_memory)
{
	struct rt_bytes part[2];
	char got[12];

	put("0123456789");
	ck_assert_uint_eq(rt_ring_take(&ring, got, 10), 10);
	put("ABCDEFGHIJ");
	rt_ring_unsent(&ring, 0, 10, part);
	ck_assert_uint_eq(part[0].len, 6);
	ck_assert_uint_eq(part[1].len, 4);
	assert_unsent(0, "ABCDEFGHIJ");
	assert_unsent(5, "FGH");
	assert_unsent(6, "GHI");
	assert_unsent(7, "HIJ");
	ck_assert_uint_eq(rt_ring_take(&ring, got, sizeof(got)), 10);
	ck_assert_mem_eq(got, "ABCDEFGHIJ", 10);
}
END_TEST

START_TEST(a_range_that_ends_with_the_memory_is_one_view)
{
	struct rt_bytes part[2];

	put("0123456789ABCDEF");
	rt_ring_unsent(&ring, 4, 12, part);
	ck_assert_uint_eq(part[0].len, 12);
	ck_assert_uint_eq(part[1].len, 0);
	rt_ring_unsent(&ring, 16, 0, part);
	ck_assert_uint_eq(part[0].len, 0);
	ck_assert_uint_eq(part[1].len, 0);
}
END_TEST

START_TEST(a_range_that_begins_with_the_memory_is_one_view)
{
	struct rt_bytes part[2];
	char got[CAP];

	put("0123456789ABCDEF");
	rt_ring_mark(&ring, 8);
	rt_ring_release(&ring, 8);
	put("abcd");
	rt_ring_mark(&ring, 8);
	rt_ring_unsent(&ring, 0, 4, part);
	ck_assert_uint_eq(part[0].len, 4);
	ck_assert_mem_eq(part[0].ptr, "abcd", 4);
	ck_assert_uint_eq(part[1].len, 0);
	rt_ring_release(&ring, 8);
	rt_ring_unsent(&ring, 1, 3, part);
	ck_assert_uint_eq(part[0].len, 3);
	ck_assert_uint_eq(part[1].len, 0);
	ck_assert_uint_eq(rt_ring_take(&ring, got, sizeof(got)), 4);
}
END_TEST

START_TEST(marked_octets_keep_their_room_until_they_are_released)
{
	put("0123456789");
	rt_ring_mark(&ring, 4);
	ck_assert_uint_eq(rt_ring_unsent_bytes(&ring), 6);
	ck_assert_uint_eq(rt_ring_room(&ring), 6);
	assert_unsent(0, "456789");
	rt_ring_release(&ring, 3);
	ck_assert_uint_eq(rt_ring_unsent_bytes(&ring), 6);
	ck_assert_uint_eq(rt_ring_room(&ring), 9);
	assert_unsent(0, "456789");
	rt_ring_mark(&ring, 6);
	rt_ring_release(&ring, 7);
	ck_assert_uint_eq(rt_ring_room(&ring), CAP);
	ck_assert_uint_eq(rt_ring_unsent_bytes(&ring), 0);
}
END_TEST

START_TEST(peeking_takes_nothing)
{
	char got[CAP] = { 0 };

	put("abcdef");
	rt_ring_mark(&ring, 2);
	ck_assert_uint_eq(rt_ring_peek(&ring, got, 3), 3);
	ck_assert_mem_eq(got, "cde", 3);
	ck_assert_uint_eq(rt_ring_peek(&ring, got, sizeof(got)), 4);
	ck_assert_mem_eq(got, "cdef", 4);
	ck_assert_uint_eq(rt_ring_unsent_bytes(&ring), 4);
}
END_TEST

START_TEST(a_ring_without_memory_is_refused)
{
	struct rt_ring none = { .cap = 9 };

	fake.allocs_left = 0;
	ck_assert_int_eq(rt_ring_init(&fake.env, &none, 4), -ENOMEM);
	ck_assert_uint_eq(none.cap, 9);
}
END_TEST

START_TEST(a_ring_of_no_capacity_is_always_full)
{
	struct rt_ring none;
	uint8_t octet = 0;

	ck_assert_int_eq(rt_ring_init(&fake.env, &none, 0), 0);
	ck_assert_uint_eq(rt_ring_room(&none), 0);
	ck_assert(!rt_ring_put(&none, rt_bytes(&octet, 1)));
	ck_assert_uint_eq(rt_ring_take(&none, &octet, 1), 0);
	rt_ring_fini(&fake.env, &none);
}
END_TEST

START_TEST(a_ring_that_grows_keeps_what_it_has)
{
	char got[CAP + 1] = { 0 };

	put("0123456789ab");
	rt_ring_mark(&ring, 8);
	rt_ring_release(&ring, 8);
	put("cdefghijkl");
	rt_ring_mark(&ring, 2);
	ck_assert_int_eq(rt_ring_grow(&fake.env, &ring, 3 * CAP), 0);
	ck_assert_uint_eq(rt_ring_room(&ring), 3 * CAP - 14);
	assert_unsent(0, "abcdefghijkl");
	rt_ring_release(&ring, 2);
	ck_assert_uint_eq(rt_ring_take(&ring, got, CAP), 12);
	ck_assert_str_eq(got, "abcdefghijkl");
}
END_TEST

START_TEST(without_memory_it_stays_as_it_is)
{
	put("0123");
	fake.allocs_left = 0;
	ck_assert_int_eq(rt_ring_grow(&fake.env, &ring, 3 * CAP), -ENOMEM);
	ck_assert_uint_eq(rt_ring_room(&ring), CAP - 4);
	assert_unsent(0, "0123");
}
END_TEST

START_TEST(memory_is_freed_once)
{
	struct rt_ring zeroed = { .data = NULL };

	rt_ring_fini(&fake.env, &zeroed);
	ck_assert_uint_eq(fake.env.live, 1);
	rt_ring_fini(&fake.env, &ring);
	ck_assert_uint_eq(fake.env.live, 0);
}
END_TEST

/*
 * The model: octets are numbered as they are put, and each carries its number.
 */
struct model {
	uint64_t seed;
	size_t put;
	size_t marked;
	size_t released;
};

static void model_put(struct model *m)
{
	uint8_t octets[CAP + 2];
	const size_t n = suite_random(&m->seed) % (CAP + 3);
	const bool fits = m->put + n - m->released <= CAP;

	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(m->put + i);
	ck_assert_int_eq(rt_ring_put(&ring, rt_bytes(octets, n)), fits);
	if (fits)
		m->put += n;
}

static void model_look(struct model *m)
{
	const size_t unsent = m->put - m->marked;
	const size_t from = suite_random(&m->seed) % (unsent + 1);
	const size_t n = suite_random(&m->seed) % (unsent - from + 1);
	struct rt_bytes part[2];
	size_t at = m->marked + from;

	rt_ring_unsent(&ring, from, n, part);
	ck_assert_uint_eq(part[0].len + part[1].len, n);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < part[k].len; i++)
			ck_assert_uint_eq(part[k].ptr[i], (uint8_t)at++);
	}
}

static void model_step(struct model *m)
{
	uint8_t octets[CAP];
	size_t n;

	switch (suite_random(&m->seed) % 5) {
	case 0:
		model_put(m);
		break;
	case 1:
		n = suite_random(&m->seed) % (m->put - m->marked + 1);
		rt_ring_mark(&ring, n);
		m->marked += n;
		break;
	case 2:
		n = suite_random(&m->seed) % (m->marked - m->released + 1);
		rt_ring_release(&ring, n);
		m->released += n;
		break;
	case 3:
		model_look(m);
		break;
	case 4:
		if (m->marked != m->released)
			break;
		n = rt_ring_take(&ring, octets,
				 suite_random(&m->seed) % (CAP + 1));
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(octets[i], (uint8_t)(m->marked + i));
		m->marked += n;
		m->released += n;
		break;
	}
}

START_TEST(a_ring_behaves_like_an_endless_row_of_numbered_octets)
{
	struct model m = { .seed = 42 };

	for (size_t i = 0; i < MODEL_STEPS; i++) {
		model_step(&m);
		ck_assert_uint_eq(rt_ring_room(&ring),
				  CAP - (m.put - m.released));
		ck_assert_uint_eq(rt_ring_unsent_bytes(&ring),
				  m.put - m.marked);
	}
	ck_assert_uint_gt(m.released, MODEL_STEPS / 10);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		octets_come_out_in_the_order_in_which_they_went_in,
		a_ring_holds_its_capacity_and_not_one_octet_more,
		octets_wrap_around_the_end_of_the_memory,
		a_range_that_ends_with_the_memory_is_one_view,
		a_range_that_begins_with_the_memory_is_one_view,
		marked_octets_keep_their_room_until_they_are_released,
		peeking_takes_nothing,
		a_ring_without_memory_is_refused,
		a_ring_of_no_capacity_is_always_full,
		a_ring_that_grows_keeps_what_it_has,
		without_memory_it_stays_as_it_is,
		memory_is_freed_once,
		a_ring_behaves_like_an_endless_row_of_numbered_octets,
	};

	return suite_run("stack/ring", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
