/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/l2cap/talk.h"

/*
 * The FCS option (Core Vol 3 Part A 5.5): frames are without one only if both
 * sides have said so. What is not said means 16 bits. See talk.h.
 */

#define NONE " 0501 00"
#define BITS " 0501 01"

/*
 * We say `ours` in our request, and the peer `theirs` in its own, which comes
 * first if it is `responder`. Frames must have an FCS or not.
 */
static void agree(const char *ours, const char *theirs, bool responder,
		  bool fcs)
{
	char req[120];
	char peer[120];

	snprintf(req, sizeof(req), ERTM_OURS "%s", ours);
	snprintf(peer, sizeof(peer), ERTM_THEIRS "%s", theirs);
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, req);
	if (!responder)
		rx_rsp(3, 0, ERTM_YES);
	rx_req(0x11, peer);
	tx_rsp(0x11, 0, ERTM_OK);
	if (responder)
		rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(info_of(&talk.user).fcs == fcs);
}

static void agree_both(enum rt_l2cap_fcs wanted, const char *ours,
		       const char *theirs, bool fcs)
{
	talk_restart();
	talk.params.fcs = wanted;
	agree(ours, theirs, false, fcs);
	talk_restart();
	talk.params.fcs = wanted;
	agree(ours, theirs, true, fcs);
}

/* L2CAP/FOC/BV-01-C, BV-05-C */
START_TEST(FOC_BV_01_05_none_and_none_is_none)
{
	agree_both(RT_L2CAP_FCS_NONE, NONE, NONE, false);
}
END_TEST

/* L2CAP/FOC/BV-02-C, BV-05-C */
START_TEST(FOC_BV_02_05_none_and_16_bits_is_16_bits)
{
	agree_both(RT_L2CAP_FCS_NONE, NONE, BITS, true);
}
END_TEST

/* L2CAP/FOC/BV-03-C, BV-05-C */
START_TEST(FOC_BV_03_05_none_and_nothing_said_is_16_bits)
{
	agree_both(RT_L2CAP_FCS_NONE, NONE, "", true);
}
END_TEST

/* L2CAP/FOC/BV-04-C, BV-07-C */
START_TEST(FOC_BV_04_07_16_bits_said_is_16_bits)
{
	agree_both(RT_L2CAP_FCS_16BIT, BITS, NONE, true);
	agree_both(RT_L2CAP_FCS_16BIT, BITS, BITS, true);
	agree_both(RT_L2CAP_FCS_16BIT, BITS, "", true);
}
END_TEST

/* L2CAP/FOC/BV-06-C, BV-08-C */
START_TEST(FOC_BV_06_08_nothing_said_is_16_bits)
{
	agree_both(RT_L2CAP_FCS_OMIT, "", NONE, true);
	agree_both(RT_L2CAP_FCS_OMIT, "", BITS, true);
	agree_both(RT_L2CAP_FCS_OMIT, "", "", true);
}
END_TEST

START_TEST(the_option_is_not_sent_to_a_peer_without_the_feature)
{
	talk.params.fcs = RT_L2CAP_FCS_NONE;
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring("18000000");
	tx_req(3, ERTM_OURS);
}
END_TEST

START_TEST(the_option_is_not_sent_in_basic_mode_and_means_nothing_there)
{
	talk.params.fcs = RT_L2CAP_FCS_NONE;
	talk_connected();
	tx_req(3, "0102 a002");
	rx_rsp(3, 0, "");
	rx_req(0x11, "0501 77");
	tx_rsp(0x11, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
	ck_assert(!info_of(&talk.user).fcs);
}
END_TEST

START_TEST(a_peer_that_wants_16_bits_gets_them)
{
	talk.params.fcs = RT_L2CAP_FCS_NONE;
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS NONE);
	rx_rsp(3, 1, "0501 01");
	tx_req(4, ERTM_OURS BITS);
	rx_rsp(4, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS NONE);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(info_of(&talk.user).fcs);
}
END_TEST

START_TEST(a_peer_that_does_not_know_the_option_has_16_bits)
{
	talk.params.fcs = RT_L2CAP_FCS_NONE;
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS NONE);
	rx_rsp(3, 3, "0501 05"); /* as Linux writes it */
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS NONE);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(info_of(&talk.user).fcs);
}
END_TEST

START_TEST(other_types_of_fcs_are_refused)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, ERTM_THEIRS " 0501 02");
	tx_rsp(0x11, 1, "0501 01");
	rx_req(0x12, ERTM_THEIRS " 0501 ff");
	tx_rsp(0x12, 1, "0501 01");
	rx_req(0x13, ERTM_THEIRS BITS);
	tx_rsp(0x13, 0, ERTM_OK);
}
END_TEST

START_TEST(what_the_peer_said_last_counts)
{
	talk.params.fcs = RT_L2CAP_FCS_NONE;
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS NONE);
	rx_req(0x11, ERTM_THEIRS BITS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_req(0x12, ERTM_THEIRS NONE);
	tx_rsp(0x12, 0, ERTM_OK);
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(!info_of(&talk.user).fcs);

	/* An open channel does not change it. */
	rx_req(0x13, "0501 01");
	tx_rsp(0x13, 1, "0501 00");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		FOC_BV_01_05_none_and_none_is_none,
		FOC_BV_02_05_none_and_16_bits_is_16_bits,
		FOC_BV_03_05_none_and_nothing_said_is_16_bits,
		FOC_BV_04_07_16_bits_said_is_16_bits,
		FOC_BV_06_08_nothing_said_is_16_bits,
		the_option_is_not_sent_to_a_peer_without_the_feature,
		the_option_is_not_sent_in_basic_mode_and_means_nothing_there,
		a_peer_that_wants_16_bits_gets_them,
		a_peer_that_does_not_know_the_option_has_16_bits,
		other_types_of_fcs_are_refused,
		what_the_peer_said_last_counts,
	};

	return suite_run("l2cap/fcs_option", tests, RT_ARRAY_SIZE(tests),
			 talk_setup, bench_teardown);
}
