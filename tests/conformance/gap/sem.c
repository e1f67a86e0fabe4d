/* SPDX-License-Identifier: MIT */
#include "tests/conformance/gap/tables.h"

/*
 * Security modes 2 and 4 (Core Vol 3 Part C 5.2): who gets a channel with
 * which key. The tap of a story sees to it that nothing of ours is asked for
 * before the link is as it has to be.
 */

#define STORY(name, ...)                                   \
	START_TEST(name)                                   \
	{                                                  \
		const struct story told = { __VA_ARGS__ }; \
                                                           \
		story_tell(&told);                         \
	}                                                  \
	END_TEST

/* clang-format off */

STORY(mode_2_authenticates_when_the_service_is_asked_for,
	.level = 2, .old = true, .connects = true, .key_type = 0)

STORY(an_encrypted_peer_is_let_in,
	.level = 2, .before = STORY_JUST_WORKS, .connects = true,
	.key_type = 7, .aes = true)

STORY(we_pair_and_encrypt_before_we_ask,
	.we_connect = true, .level = 2, .connects = true, .key_type = 7,
	.aes = true)

STORY(we_encrypt_with_the_bond_before_we_ask,
	.we_connect = true, .level = 2, .before = STORY_JUST_WORKS,
	.connects = true, .key_type = 7, .aes = true)

STORY(without_means_for_a_proof_we_do_not_ask,
	.we_connect = true, .level = 3, .peer = STORY_YES_NO,
	.connects = false)

STORY(a_bond_without_proof_is_not_enough_where_none_can_be_had,
	.we_connect = true, .level = 3, .peer = STORY_YES_NO,
	.before = STORY_JUST_WORKS, .connects = false)

STORY(with_means_for_a_proof_we_get_it_first,
	.we_connect = true, .level = 3, .connects = true, .key_type = 8,
	.aes = true, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(an_authenticated_bond_is_used,
	.we_connect = true, .level = 3, .before = STORY_AUTHENTICATED,
	.connects = true, .key_type = 8, .aes = true, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(a_stored_key_authenticates_and_encrypts_first,
	.we_connect = true, .level = 2, .before = STORY_AUTHENTICATED,
	.connects = true, .key_type = 8, .aes = true, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(sc_only_refuses_a_controller_without,
	.level = 2, .sc_only = true, .peer_has_no_sc = true,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(sc_only_refuses_a_host_without,
	.level = 2, .sc_only = true, .peer_host_has_no_sc = true,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(sc_only_takes_a_peer_with,
	.level = 2, .sc_only = true, .before = STORY_AUTHENTICATED,
	.connects = true, .key_type = 8, .aes = true, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(sc_only_takes_a_peer_with_by_credits,
	.level = 2, .sc_only = true, .before = STORY_AUTHENTICATED,
	.credit = true, .connects = true, .key_type = 8, .aes = true,
	.us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_3_is_enough_where_not_sc_only,
	.level = 3, .peer_has_no_sc = true, .before = STORY_AUTHENTICATED,
	.connects = true, .key_type = 5, .aes = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(level_3_is_enough_where_not_sc_only_by_credits,
	.level = 3, .peer_has_no_sc = true, .before = STORY_AUTHENTICATED,
	.credit = true, .connects = true, .key_type = 5, .aes = false,
	.us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_refuses_a_weaker_key,
	.level = 4, .peer_has_no_sc = true, .before = STORY_AUTHENTICATED,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_refuses_a_weaker_key_by_credits,
	.level = 4, .peer_has_no_sc = true, .before = STORY_AUTHENTICATED,
	.credit = true, .connects = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(sc_only_gives_up_a_controller_without,
	.we_connect = true, .level = 2, .sc_only = true,
	.peer_has_no_sc = true, .connects = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(sc_only_gives_up_a_host_without,
	.we_connect = true, .level = 2, .sc_only = true,
	.peer_host_has_no_sc = true, .connects = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(sc_only_connects_to_a_peer_with,
	.we_connect = true, .level = 2, .sc_only = true, .connects = true,
	.key_type = 8, .aes = true, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(sc_only_connects_to_a_peer_with_by_its_bond,
	.we_connect = true, .level = 2, .sc_only = true,
	.before = STORY_AUTHENTICATED, .connects = true, .key_type = 8,
	.aes = true, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_3_connects_to_a_peer_without_sc,
	.we_connect = true, .level = 3, .peer_has_no_sc = true,
	.connects = true, .key_type = 5, .aes = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(level_3_connects_to_a_peer_without_sc_by_its_bond,
	.we_connect = true, .level = 3, .peer_has_no_sc = true,
	.before = STORY_AUTHENTICATED, .connects = true, .key_type = 5,
	.aes = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_gives_up_below_it,
	.we_connect = true, .level = 4, .peer_has_no_sc = true,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(mode_2_refuses_a_short_key,
	.level = 2, .old = true, .min_key = 7, .key_max = 6,
	.connects = false)

STORY(mode_2_gives_up_a_short_key,
	.we_connect = true, .level = 2, .old = true, .min_key = 7,
	.key_max = 6, .connects = false)

STORY(level_1_refuses_a_short_key,
	.level = 1, .min_key = 7, .key_max = 6, .connects = false)

STORY(level_1_gives_up_a_short_key,
	.we_connect = true, .level = 1, .min_key = 7, .key_max = 6,
	.connects = false)

STORY(level_2_refuses_a_short_key,
	.level = 2, .min_key = 7, .key_max = 6, .connects = false)

STORY(level_2_gives_up_a_short_key,
	.we_connect = true, .level = 2, .min_key = 7, .key_max = 6,
	.connects = false)

STORY(level_3_refuses_a_short_key,
	.level = 3, .min_key = 7, .key_max = 6, .connects = false,
	.us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_3_gives_up_a_short_key,
	.we_connect = true, .level = 3, .min_key = 7, .key_max = 6,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_refuses_a_short_key,
	.level = 4, .min_key = 0, .key_max = 15, .connects = false,
	.us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_gives_up_a_short_key,
	.we_connect = true, .level = 4, .min_key = 0, .key_max = 15,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(a_policy_of_128_bits_refuses_fewer_at_level_1,
	.level = 1, .min_key = 16, .key_max = 15, .connects = false)

STORY(a_policy_of_128_bits_gives_up_fewer_at_level_1,
	.we_connect = true, .level = 1, .min_key = 16, .key_max = 15,
	.connects = false)

STORY(a_policy_of_128_bits_refuses_fewer_at_level_2,
	.level = 2, .min_key = 16, .key_max = 15, .connects = false)

STORY(a_policy_of_128_bits_gives_up_fewer_at_level_2,
	.we_connect = true, .level = 2, .min_key = 16, .key_max = 15,
	.connects = false)

STORY(a_policy_of_128_bits_refuses_fewer_at_level_3,
	.level = 3, .min_key = 16, .key_max = 15, .connects = false,
	.us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(a_policy_of_128_bits_gives_up_fewer_at_level_3,
	.we_connect = true, .level = 3, .min_key = 16, .key_max = 15,
	.connects = false, .us = STORY_YES_NO, .peer = STORY_YES_NO)

STORY(level_4_refuses_encryption_that_is_not_sc,
	.level = 4, .peer_host_has_no_sc = true,
	.before = STORY_AUTHENTICATED, .connects = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

STORY(level_4_gives_up_encryption_that_is_not_sc,
	.we_connect = true, .level = 4, .peer_host_has_no_sc = true,
	.before = STORY_AUTHENTICATED, .connects = false, .us = STORY_YES_NO,
	.peer = STORY_YES_NO)

/* clang-format on */

static const struct tagged rows[] = {
	TAGGED("GAP/SEC/SEM/BV-02-C", "A",
	       mode_2_authenticates_when_the_service_is_asked_for),
	TAGGED("GAP/SEC/SEM/BV-04-C", "A", an_encrypted_peer_is_let_in),
	TAGGED("GAP/SEC/SEM/BV-05-C", "I", we_pair_and_encrypt_before_we_ask),
	TAGGED("GAP/SEC/SEM/BV-50-C", "I",
	       we_encrypt_with_the_bond_before_we_ask),
	TAGGED("GAP/SEC/SEM/BV-06-C", "I",
	       without_means_for_a_proof_we_do_not_ask),
	TAGGED("GAP/SEC/SEM/BV-51-C", "I",
	       a_bond_without_proof_is_not_enough_where_none_can_be_had),
	TAGGED("GAP/SEC/SEM/BV-07-C", "I",
	       with_means_for_a_proof_we_get_it_first),
	TAGGED("GAP/SEC/SEM/BV-52-C", "I", an_authenticated_bond_is_used),
	TAGGED("GAP/SEC/SEM/BV-08-C", "I",
	       a_stored_key_authenticates_and_encrypts_first),
	TAGGED("GAP/SEC/SEM/BV-11-C", "A",
	       sc_only_refuses_a_controller_without),
	TAGGED("GAP/SEC/SEM/BV-12-C", "A", sc_only_refuses_a_host_without),
	TAGGED("GAP/SEC/SEM/BV-13-C", "A", sc_only_takes_a_peer_with),
	TAGGED("GAP/SEC/SEM/BV-47-C", "A",
	       sc_only_takes_a_peer_with_by_credits),
	TAGGED("GAP/SEC/SEM/BV-14-C", "A", level_3_is_enough_where_not_sc_only),
	TAGGED("GAP/SEC/SEM/BV-48-C", "A",
	       level_3_is_enough_where_not_sc_only_by_credits),
	TAGGED("GAP/SEC/SEM/BV-15-C", "A", level_4_refuses_a_weaker_key),
	TAGGED("GAP/SEC/SEM/BV-49-C", "A",
	       level_4_refuses_a_weaker_key_by_credits),
	TAGGED("GAP/SEC/SEM/BV-16-C", "I",
	       sc_only_gives_up_a_controller_without),
	TAGGED("GAP/SEC/SEM/BV-17-C", "I", sc_only_gives_up_a_host_without),
	TAGGED("GAP/SEC/SEM/BV-18-C", "I", sc_only_connects_to_a_peer_with),
	TAGGED("GAP/SEC/SEM/BV-54-C", "I",
	       sc_only_connects_to_a_peer_with_by_its_bond),
	TAGGED("GAP/SEC/SEM/BV-19-C", "I",
	       level_3_connects_to_a_peer_without_sc),
	TAGGED("GAP/SEC/SEM/BV-55-C", "I",
	       level_3_connects_to_a_peer_without_sc_by_its_bond),
	TAGGED("GAP/SEC/SEM/BV-20-C", "I", level_4_gives_up_below_it),
	TAGGED("GAP/SEC/SEM/BI-01-C", "A", mode_2_refuses_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-05-C", "I", mode_2_gives_up_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-11-C", "A", level_1_refuses_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-12-C", "I", level_1_gives_up_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-02-C", "A", level_2_refuses_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-06-C", "I", level_2_gives_up_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-03-C", "A", level_3_refuses_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-07-C", "I", level_3_gives_up_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-04-C", "A", level_4_refuses_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-08-C", "I", level_4_gives_up_a_short_key),
	TAGGED("GAP/SEC/SEM/BI-14-C", "A",
	       a_policy_of_128_bits_refuses_fewer_at_level_1),
	TAGGED("GAP/SEC/SEM/BI-17-C", "I",
	       a_policy_of_128_bits_gives_up_fewer_at_level_1),
	TAGGED("GAP/SEC/SEM/BI-15-C", "A",
	       a_policy_of_128_bits_refuses_fewer_at_level_2),
	TAGGED("GAP/SEC/SEM/BI-18-C", "I",
	       a_policy_of_128_bits_gives_up_fewer_at_level_2),
	TAGGED("GAP/SEC/SEM/BI-16-C", "A",
	       a_policy_of_128_bits_refuses_fewer_at_level_3),
	TAGGED("GAP/SEC/SEM/BI-19-C", "I",
	       a_policy_of_128_bits_gives_up_fewer_at_level_3),
	TAGGED("GAP/SEC/SEM/BI-31-C", "A",
	       level_4_refuses_encryption_that_is_not_sc),
	TAGGED("GAP/SEC/SEM/BI-32-C", "I",
	       level_4_gives_up_encryption_that_is_not_sc),
};

const struct tagged_table sem_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
