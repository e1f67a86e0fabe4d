/* SPDX-License-Identifier: MIT */
#include "stack/list.h"

#include "tests/unit/stack/suite.h"

struct entry {
	int number;
	struct rt_list node;
};

static struct rt_list head;
static struct entry entries[3];

static void setup(void)
{
	rt_list_init(&head);
	for (int i = 0; i < 3; i++) {
		entries[i].number = i;
		rt_list_init(&entries[i].node);
	}
}

static void append_all(void)
{
	for (int i = 0; i < 3; i++)
		rt_list_append(&head, &entries[i].node);
}

/* Writes the numbers on the list, in order, as digits. */
static unsigned int digits(void)
{
	unsigned int n = 9;
	struct entry *e;

	RT_LIST_EACH (e, &head, node)
		n = n * 10 + (unsigned int)e->number;
	return n;
}

START_TEST(an_empty_list_has_no_first_entry)
{
	ck_assert(rt_list_empty(&head));
	ck_assert_ptr_null(RT_LIST_FIRST(&head, struct entry, node));
	ck_assert_uint_eq(digits(), 9);
}
END_TEST

START_TEST(entries_stand_in_the_order_of_appending)
{
	append_all();
	ck_assert(!rt_list_empty(&head));
	ck_assert_ptr_eq(RT_LIST_FIRST(&head, struct entry, node), &entries[0]);
	ck_assert_uint_eq(digits(), 9012);
}
END_TEST

START_TEST(any_entry_can_be_removed)
{
	for (int i = 0; i < 3; i++) {
		setup();
		append_all();
		rt_list_del(&entries[i].node);
		ck_assert(rt_list_empty(&entries[i].node));
		ck_assert_uint_eq(digits(), i == 0 ? 912 : i == 1 ? 902 : 901);
	}
}
END_TEST

START_TEST(removing_an_entry_twice_does_no_harm)
{
	append_all();
	rt_list_del(&entries[1].node);
	rt_list_del(&entries[1].node);
	ck_assert_uint_eq(digits(), 902);
	rt_list_append(&head, &entries[1].node);
	ck_assert_uint_eq(digits(), 9021);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_empty_list_has_no_first_entry,
		entries_stand_in_the_order_of_appending,
		any_entry_can_be_removed,
		removing_an_entry_twice_does_no_harm,
	};

	return suite_run("stack/list", tests, RT_ARRAY_SIZE(tests), setup,
			 NULL);
}
