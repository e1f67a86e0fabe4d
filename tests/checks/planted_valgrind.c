/* SPDX-License-Identifier: MIT */
/* What tests/regress/valgrind.sh must find, and a row in which nothing is. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "stack/base.h"
#include "tests/support/tagged.h"

#define OCTETS 16

/* Through these the compiler does not see what becomes of the memory. */
static uint8_t *volatile octets;
static volatile unsigned int seen;

START_TEST(octets_that_are_written_and_freed)
{
	octets = calloc(1, OCTETS);
	ck_assert_ptr_nonnull(octets);
	ck_assert_uint_eq(octets[OCTETS - 1], 0);
	free(octets);
	octets = NULL;
}
END_TEST

START_TEST(an_octet_that_is_read_and_was_never_written)
{
	octets = malloc(OCTETS);
	ck_assert_ptr_nonnull(octets);
	if (octets[OCTETS - 1] == 1)
		seen++;
	free(octets);
	octets = NULL;
}
END_TEST

START_TEST(octets_that_are_never_freed)
{
	octets = calloc(1, OCTETS);
	ck_assert_ptr_nonnull(octets);
	octets = NULL;
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("CLEAN", "A", octets_that_are_written_and_freed),
	TAGGED("UNWRITTEN", "A", an_octet_that_is_read_and_was_never_written),
	TAGGED("LOST", "A", octets_that_are_never_freed),
};

int main(int argc, char **argv)
{
	const struct tagged_table table = {
		.rows = rows,
		.count = RT_ARRAY_SIZE(rows),
	};
	const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, 1);
}
