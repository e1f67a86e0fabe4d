/* SPDX-License-Identifier: MIT */
#include "l2cap/policy.h"

#include "l2cap/peer.h"
#include "tests/unit/stack/suite.h"

/*
 * The table of modes, cell by cell, against what the specification wants of
 * it: written down here once more, in other words.
 */

static const enum rt_l2cap_wish wishes[] = {
	RT_L2CAP_WISH_BASIC,
	RT_L2CAP_WISH_ERTM_PREFERRED,
	RT_L2CAP_WISH_ERTM_REQUIRED,
	RT_L2CAP_WISH_STREAMING_PREFERRED,
	RT_L2CAP_WISH_STREAMING_REQUIRED,
	RT_L2CAP_WISH_KEEP_ERTM,
	RT_L2CAP_WISH_KEEP_STREAMING,
};

static enum rt_l2cap_policy request(enum rt_l2cap_wish wish, uint8_t mode)
{
	return rt_l2cap_policy_on_request(wish, mode);
}

static enum rt_l2cap_policy refusal(enum rt_l2cap_wish wish, uint8_t mode)
{
	return rt_l2cap_policy_on_refusal(wish, mode);
}

START_TEST(a_wish_is_a_mode_and_whether_it_must_be)
{
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_BASIC, true),
			 RT_L2CAP_WISH_BASIC);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_BASIC, false),
			 RT_L2CAP_WISH_BASIC);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_CREDIT, false),
			 RT_L2CAP_WISH_BASIC);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_ERTM, true),
			 RT_L2CAP_WISH_ERTM_REQUIRED);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_ERTM, false),
			 RT_L2CAP_WISH_ERTM_PREFERRED);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_STREAMING, true),
			 RT_L2CAP_WISH_STREAMING_REQUIRED);
	ck_assert_int_eq(rt_l2cap_policy_wish(RT_L2CAP_MODE_STREAMING, false),
			 RT_L2CAP_WISH_STREAMING_PREFERRED);
	ck_assert_int_eq(rt_l2cap_policy_keep(RT_L2CAP_MODE_BASIC),
			 RT_L2CAP_WISH_BASIC);
	ck_assert_int_eq(rt_l2cap_policy_keep(RT_L2CAP_MODE_CREDIT),
			 RT_L2CAP_WISH_BASIC);
	ck_assert_int_eq(rt_l2cap_policy_keep(RT_L2CAP_MODE_ERTM),
			 RT_L2CAP_WISH_KEEP_ERTM);
	ck_assert_int_eq(rt_l2cap_policy_keep(RT_L2CAP_MODE_STREAMING),
			 RT_L2CAP_WISH_KEEP_STREAMING);
}
END_TEST

/* The mode asked of a peer with these features; -1: none. */
static int asked(enum rt_l2cap_wish wish, uint32_t features)
{
	enum rt_l2cap_mode mode;

	return rt_l2cap_policy_ask(wish, features, &mode) ? (int)mode : -1;
}

START_TEST(a_mode_that_the_peer_lacks_is_not_asked_for)
{
	const uint32_t ertm = RT_L2CAP_FEATURE_ERTM;
	const uint32_t streaming = RT_L2CAP_FEATURE_STREAMING;

	ck_assert_int_eq(asked(RT_L2CAP_WISH_BASIC, 0), 0);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_BASIC, UINT32_MAX), 0);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_ERTM_PREFERRED, ertm), 3);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_ERTM_PREFERRED, ~ertm), 0);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_ERTM_REQUIRED, ertm), 3);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_ERTM_REQUIRED, ~ertm), -1);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_STREAMING_PREFERRED, streaming),
			 4);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_STREAMING_PREFERRED, ~streaming),
			 0);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_STREAMING_REQUIRED, streaming), 4);
	ck_assert_int_eq(asked(RT_L2CAP_WISH_STREAMING_REQUIRED, ~streaming),
			 -1);
}
END_TEST

START_TEST(the_own_mode_is_always_accepted_and_asked_for_again)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(wishes); i++) {
		const int mode = asked(wishes[i], UINT32_MAX);

		ck_assert_int_eq(request(wishes[i], (uint8_t)mode),
				 RT_L2CAP_POLICY_ACCEPT);
		ck_assert_int_eq(refusal(wishes[i], (uint8_t)mode),
				 RT_L2CAP_POLICY_AGAIN);
	}
}
END_TEST

START_TEST(modes_that_we_do_not_have_are_never_taken)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(wishes); i++) {
		for (unsigned int mode = 0; mode <= 0xff; mode++) {
			if (mode == 0 || mode == 3 || mode == 4)
				continue;
			ck_assert_int_eq(request(wishes[i], (uint8_t)mode),
					 RT_L2CAP_POLICY_REFUSE);
			ck_assert_int_eq(refusal(wishes[i], (uint8_t)mode),
					 RT_L2CAP_POLICY_CLOSE);
		}
	}
}
END_TEST

START_TEST(what_must_be_is_not_given_up)
{
	ck_assert_int_eq(request(RT_L2CAP_WISH_ERTM_REQUIRED, 0),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_ERTM_REQUIRED, 4),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_ERTM_REQUIRED, 0),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_ERTM_REQUIRED, 4),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_STREAMING_REQUIRED, 0),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_STREAMING_REQUIRED, 3),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_STREAMING_REQUIRED, 0),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_STREAMING_REQUIRED, 3),
			 RT_L2CAP_POLICY_CLOSE);
}
END_TEST

START_TEST(what_may_be_yields_to_basic_and_streaming_to_ertm)
{
	ck_assert_int_eq(request(RT_L2CAP_WISH_ERTM_PREFERRED, 0),
			 RT_L2CAP_POLICY_ACCEPT);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_ERTM_PREFERRED, 0),
			 RT_L2CAP_POLICY_FOLLOW);
	ck_assert_int_eq(request(RT_L2CAP_WISH_ERTM_PREFERRED, 4),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_ERTM_PREFERRED, 4),
			 RT_L2CAP_POLICY_CLOSE);
	for (uint8_t mode = 0; mode <= 3; mode = (uint8_t)(mode + 3)) {
		ck_assert_int_eq(request(RT_L2CAP_WISH_STREAMING_PREFERRED,
					 mode),
				 RT_L2CAP_POLICY_ACCEPT);
		ck_assert_int_eq(refusal(RT_L2CAP_WISH_STREAMING_PREFERRED,
					 mode),
				 RT_L2CAP_POLICY_FOLLOW);
	}
}
END_TEST

START_TEST(basic_and_open_channels_stay_as_they_are)
{
	ck_assert_int_eq(request(RT_L2CAP_WISH_BASIC, 3),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_BASIC, 4),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_BASIC, 3),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_KEEP_ERTM, 0),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_KEEP_ERTM, 0),
			 RT_L2CAP_POLICY_CLOSE);
	ck_assert_int_eq(request(RT_L2CAP_WISH_KEEP_STREAMING, 3),
			 RT_L2CAP_POLICY_REFUSE);
	ck_assert_int_eq(refusal(RT_L2CAP_WISH_KEEP_STREAMING, 3),
			 RT_L2CAP_POLICY_CLOSE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_wish_is_a_mode_and_whether_it_must_be,
		a_mode_that_the_peer_lacks_is_not_asked_for,
		the_own_mode_is_always_accepted_and_asked_for_again,
		modes_that_we_do_not_have_are_never_taken,
		what_must_be_is_not_given_up,
		what_may_be_yields_to_basic_and_streaming_to_ertm,
		basic_and_open_channels_stay_as_they_are,
	};

	return suite_run("l2cap/policy", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
