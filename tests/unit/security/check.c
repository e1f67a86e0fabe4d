/* SPDX-License-Identifier: MIT */
/*
 * The gate's rule against a second table, written from what is wrong with a
 * link rather than from the order in which it is asked: all defects are found
 * each by itself, and the one that ranks first is the verdict.
 */
#include "hci/security/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/stack/suite.h"

#define BIT(verdict) (1u << (verdict))

/* From the first to be told. */
static const enum rt_sec_verdict ranking[] = {
	RT_SEC_NEEDS_FEATURES,	RT_SEC_NEEDS_ENCRYPTION, RT_SEC_BLOCK_DEBUG_KEY,
	RT_SEC_BLOCK_DOWNGRADE, RT_SEC_NEEDS_KEY_SIZE,	 RT_SEC_BLOCK_KEY_SIZE,
	RT_SEC_NEEDS_KEY,	RT_SEC_NEEDS_BOND,
};

/* Key types that will do, a line a level. */
static const char *const types_of_level[] = {
	"0 1 2 3 4 5 6 7 8 255", "0 1 2 3 4 5 6 7 8", "0 4 5 7 8", "5 8", "8",
};

/* Octets of the encryption key: lines are levels, columns asked for 0, 7, 16 */
static const uint8_t octets[5][3] = {
	{ 0, 0, 0 }, { 7, 7, 16 }, { 16, 7, 16 }, { 16, 7, 16 }, { 16, 16, 16 },
};

static bool listed(const char *list, unsigned int number)
{
	char word[8];
	char padded[64];

	snprintf(word, sizeof(word), " %u ", number);
	snprintf(padded, sizeof(padded), " %s ", list);
	return strstr(padded, word) != NULL;
}

/* What an encrypted link of level 1 to 4 lacks. */
static unsigned int defects(const struct rt_sec_need *need,
			    const struct rt_sec_facts *f)
{
	const unsigned int column = need->min_key_bytes == 0   ? 0
				    : need->min_key_bytes == 7 ? 1
							       : 2;
	const bool aes = f->encryption == RT_SEC_AES_CCM;
	unsigned int bits = 0;

	bits |= f->key_type == 3 ? BIT(RT_SEC_BLOCK_DEBUG_KEY) : 0;
	bits |= f->stored_sc && !aes ? BIT(RT_SEC_BLOCK_DOWNGRADE) : 0;
	bits |= f->key_bytes ? 0 : BIT(RT_SEC_NEEDS_KEY_SIZE);
	if (f->key_bytes < octets[need->level][column])
		bits |= BIT(RT_SEC_BLOCK_KEY_SIZE);
	if (!listed(types_of_level[need->level], f->key_type))
		bits |= BIT(RT_SEC_NEEDS_KEY);
	bits |= need->level == 4 && !aes ? BIT(RT_SEC_NEEDS_KEY) : 0;
	bits |= need->level > 1 && !f->consented ? BIT(RT_SEC_NEEDS_KEY) : 0;
	bits |= need->bonded_only && !f->bonded ? BIT(RT_SEC_NEEDS_BOND) : 0;
	return bits;
}

static enum rt_sec_verdict expected(const struct rt_sec_need *need,
				    const struct rt_sec_facts *f)
{
	const bool plain = f->encryption == RT_SEC_PLAIN;
	const bool excused = plain && !f->ssp && need->level == 1;
	unsigned int bits =
		plain ? BIT(RT_SEC_NEEDS_ENCRYPTION) : defects(need, f);

	if (excused)
		bits = 0;
	if (!f->features_known)
		bits |= BIT(RT_SEC_NEEDS_FEATURES);
	for (size_t i = 0; need->level && i < RT_ARRAY_SIZE(ranking); i++) {
		if (bits & BIT(ranking[i]))
			return ranking[i];
	}
	return RT_SEC_ALLOW;
}

static size_t rows;
static size_t seen[16];

static void compare(const struct rt_sec_need *need,
		    const struct rt_sec_facts *f)
{
	const enum rt_sec_verdict ours = rt_sec_check(need, f);
	const enum rt_sec_verdict theirs = expected(need, f);

	rows++;
	seen[ours]++;
	if (ours == theirs)
		return;
	ck_abort_msg("level %u, min %u, bonded only %d; encryption %u, type %u,"
		     " size %u, bonded %d, stored SC %d, SSP %d, features %d, "
		     "consented %d: %d, not %d",
		     need->level, need->min_key_bytes, need->bonded_only,
		     f->encryption, f->key_type, f->key_bytes, f->bonded,
		     f->stored_sc, f->ssp, f->features_known, f->consented,
		     (int)ours, (int)theirs);
}

/* All rows of one level, encryption, type and size. */
static void compare_flags(struct rt_sec_need need, struct rt_sec_facts f)
{
	static const uint8_t mins[] = { 0, 7, 16 };

	for (unsigned int bits = 0; bits < 64; bits++) {
		need.bonded_only = bits & 1;
		f.bonded = bits >> 1 & 1;
		f.stored_sc = bits >> 2 & 1;
		f.ssp = bits >> 3 & 1;
		f.features_known = bits >> 4 & 1;
		f.consented = bits >> 5 & 1;
		for (size_t i = 0; i < RT_ARRAY_SIZE(mins); i++) {
			need.min_key_bytes = mins[i];
			compare(&need, &f);
		}
	}
}

START_TEST(every_row_is_judged_as_the_second_table_says)
{
	static const uint8_t types[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 255 };
	static const uint8_t sizes[] = { 0, 1, 6, 7, 8, 15, 16 };
	const size_t cells = RT_ARRAY_SIZE(types) * RT_ARRAY_SIZE(sizes);
	struct rt_sec_need need = { 0 };
	struct rt_sec_facts f = { 0 };

	for (need.level = 0; need.level <= 4; need.level++) {
		for (f.encryption = 0; f.encryption <= 2; f.encryption++) {
			for (size_t i = 0; i < cells; i++) {
				f.key_type = types[i % RT_ARRAY_SIZE(types)];
				f.key_bytes = sizes[i / RT_ARRAY_SIZE(types)];
				compare_flags(need, f);
			}
		}
	}
	ck_assert_uint_eq(rows, 5 * 3 * cells * 64 * 3);
	/* Each verdict is given somewhere: no row is empty of meaning. */
	ck_assert_uint_gt(seen[RT_SEC_ALLOW], 0);
	for (size_t i = 0; i < RT_ARRAY_SIZE(ranking); i++)
		ck_assert_uint_gt(seen[ranking[i]], 0);
}
END_TEST

/* A link that lacks nothing. */
static struct rt_sec_facts best(void)
{
	return (struct rt_sec_facts){
		.features_known = true,
		.ssp = true,
		.encryption = RT_SEC_AES_CCM,
		.key_type = RT_SEC_KEY_P256_MITM,
		.key_bytes = 16,
		.bonded = true,
		.stored_sc = true,
		.consented = true,
	};
}

/* The verdict for keys of `key_bytes`. */
static enum rt_sec_verdict sized(uint8_t level, uint8_t min, uint8_t key_bytes)
{
	const struct rt_sec_need need = { .level = level,
					  .min_key_bytes = min };
	struct rt_sec_facts f = best();

	f.key_bytes = key_bytes;
	return rt_sec_check(&need, &f);
}

/* SEC-01, SEC-17 */
START_TEST(level_1_takes_keys_of_7_octets_and_not_of_6)
{
	ck_assert_int_eq(sized(1, 0, 1), RT_SEC_BLOCK_KEY_SIZE);
	ck_assert_int_eq(sized(1, 0, 6), RT_SEC_BLOCK_KEY_SIZE);
	ck_assert_int_eq(sized(1, 0, 7), RT_SEC_ALLOW);
	ck_assert_int_eq(sized(1, 0, 8), RT_SEC_ALLOW);
	ck_assert_int_eq(sized(1, 0, 16), RT_SEC_ALLOW);
}
END_TEST

/* SEC-17 */
START_TEST(levels_2_and_3_take_keys_of_16_octets_and_not_of_15)
{
	for (uint8_t level = 2; level <= 3; level++) {
		ck_assert_int_eq(sized(level, 0, 7), RT_SEC_BLOCK_KEY_SIZE);
		ck_assert_int_eq(sized(level, 0, 15), RT_SEC_BLOCK_KEY_SIZE);
		ck_assert_int_eq(sized(level, 0, 16), RT_SEC_ALLOW);
	}
}
END_TEST

START_TEST(an_application_can_ask_for_less_but_never_below_7)
{
	for (uint8_t level = 1; level <= 3; level++) {
		for (uint8_t min = 1; min <= 7; min++) {
			ck_assert_int_eq(sized(level, min, 6),
					 RT_SEC_BLOCK_KEY_SIZE);
			ck_assert_int_eq(sized(level, min, 7), RT_SEC_ALLOW);
		}
		ck_assert_int_eq(sized(level, 8, 7), RT_SEC_BLOCK_KEY_SIZE);
		ck_assert_int_eq(sized(level, 8, 8), RT_SEC_ALLOW);
	}
}
END_TEST

START_TEST(more_than_16_octets_asked_for_are_16)
{
	for (uint8_t level = 1; level <= 4; level++) {
		ck_assert_int_eq(sized(level, 17, 16), RT_SEC_ALLOW);
		ck_assert_int_eq(sized(level, 255, 16), RT_SEC_ALLOW);
		ck_assert_int_eq(sized(level, 255, 15), RT_SEC_BLOCK_KEY_SIZE);
	}
}
END_TEST

START_TEST(level_4_takes_keys_of_16_octets_whatever_was_asked_for)
{
	for (unsigned int min = 0; min <= 255; min++) {
		ck_assert_int_eq(sized(4, (uint8_t)min, 15),
				 RT_SEC_BLOCK_KEY_SIZE);
		ck_assert_int_eq(sized(4, (uint8_t)min, 16), RT_SEC_ALLOW);
	}
}
END_TEST

/* SEC-18 */
START_TEST(a_key_size_that_is_not_known_opens_nothing_above_level_0)
{
	ck_assert_int_eq(sized(0, 0, 0), RT_SEC_ALLOW);
	for (uint8_t level = 1; level <= 4; level++)
		ck_assert_int_eq(sized(level, 7, 0), RT_SEC_NEEDS_KEY_SIZE);
}
END_TEST

START_TEST(a_level_above_4_counts_as_4)
{
	struct rt_sec_need need = { .level = 4 };
	struct rt_sec_facts f = best();

	for (unsigned int level = 5; level <= 255; level++) {
		need.level = (uint8_t)level;
		ck_assert_uint_eq(rt_sec_need_level(&need), 4);
		ck_assert_uint_eq(rt_sec_need_key_bytes(&need), 16);
		f.key_type = RT_SEC_KEY_P256_MITM;
		ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_ALLOW);
		f.key_type = RT_SEC_KEY_P192_MITM;
		ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_NEEDS_KEY);
	}
}
END_TEST

START_TEST(a_need_of_all_zeros_asks_for_nothing)
{
	const struct rt_sec_need need = { 0 };
	const struct rt_sec_facts nothing = { .key_type = RT_SEC_KEY_NONE };

	ck_assert_int_eq(rt_sec_check(&need, &nothing), RT_SEC_ALLOW);
	ck_assert_uint_eq(rt_sec_need_key_bytes(&need), 0);
}
END_TEST

/* SEC-02 */
START_TEST(a_bond_of_secure_connections_is_not_served_over_e0)
{
	const struct rt_sec_need need = { .level = 1 };
	struct rt_sec_facts f = best();

	f.encryption = RT_SEC_E0;
	ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_BLOCK_DOWNGRADE);
	f.stored_sc = false;
	ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_ALLOW);
}
END_TEST

/* SEC-11 */
START_TEST(a_temporary_key_opens_no_service_for_bonded_peers)
{
	const struct rt_sec_need need = { .level = 2, .bonded_only = true };
	struct rt_sec_facts f = best();

	ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_ALLOW);
	f.bonded = false;
	ck_assert_int_eq(rt_sec_check(&need, &f), RT_SEC_NEEDS_BOND);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_row_is_judged_as_the_second_table_says,
		level_1_takes_keys_of_7_octets_and_not_of_6,
		levels_2_and_3_take_keys_of_16_octets_and_not_of_15,
		an_application_can_ask_for_less_but_never_below_7,
		more_than_16_octets_asked_for_are_16,
		level_4_takes_keys_of_16_octets_whatever_was_asked_for,
		a_key_size_that_is_not_known_opens_nothing_above_level_0,
		a_level_above_4_counts_as_4,
		a_need_of_all_zeros_asks_for_nothing,
		a_bond_of_secure_connections_is_not_served_over_e0,
		a_temporary_key_opens_no_service_for_bonded_peers,
	};

	return suite_run("security/check", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
