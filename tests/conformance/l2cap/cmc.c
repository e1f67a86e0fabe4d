/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

/*
 * The choice of the mode (A:5.4): L2CAP/CMC. A device that requires its mode
 * ("state 2") rather closes the channel; one that only prefers it follows.
 */

#define BASIC "0409 00 00 00 0000 0000 0000"
#define ERTM "0409 03 08 03 0000 0000 6400"
#define STREAMING "0409 04 00 00 0000 0000 6400"

#define MODE_ERTM RT_L2CAP_MODE_ERTM
#define MODE_STREAMING RT_L2CAP_MODE_STREAMING

/* A channel whose IUT has asked for the mode. */
static void ask_for(enum rt_l2cap_mode mode, bool required, bool we_initiate)
{
	lt_mode(mode, required);
	lt_connect(we_initiate);
	lt_expect_conf_req();
	ck_assert_uint_eq(lt.want.has_rfc ? lt.want.mode : 0, mode);
}

/* It opens, with this mode proposed by the tester for the other half. */
static void opens(enum rt_l2cap_mode mode, const char *proposal)
{
	lt_agree();
	lt_configure("%s", proposal);
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(mode);
	lt_nothing();
}

START_TEST(ertm_is_asked_for)
{
	ask_for(MODE_ERTM, true, true);
	ck_assert_uint_ge(lt.want.tx_window, 1);
	ck_assert_uint_le(lt.want.tx_window, 63);
	ck_assert_uint_ge(lt.want.max_transmit, 1);
	ck_assert_uint_ge(lt.want.mps, 1);
	opens(MODE_ERTM, ERTM);
}
END_TEST

START_TEST(ertm_is_agreed_to)
{
	ask_for(MODE_ERTM, true, false);
	lt_configure("%s", ERTM);
	ck_assert_uint_eq(lt.result, 0);
	ck_assert(lt.reply.has_rfc);
	ck_assert_uint_eq(lt.reply.mode, 3);
	ck_assert_uint_ge(lt.reply.retransmission_ms, 1);
	ck_assert_uint_ge(lt.reply.monitor_ms, 1);
	lt_agree();
	lt_is_open(MODE_ERTM);
}
END_TEST

START_TEST(streaming_is_asked_for)
{
	ask_for(MODE_STREAMING, true, true);
	ck_assert_uint_eq(lt.want.tx_window, 0);
	ck_assert_uint_eq(lt.want.max_transmit, 0);
	ck_assert_uint_eq(lt.want.retransmission_ms, 0);
	ck_assert_uint_eq(lt.want.monitor_ms, 0);
	opens(MODE_STREAMING, STREAMING);
}
END_TEST

START_TEST(streaming_is_agreed_to)
{
	ask_for(MODE_STREAMING, true, false);
	lt_configure("%s", STREAMING);
	ck_assert_uint_eq(lt.result, 0);
	ck_assert(lt.reply.has_rfc);
	ck_assert_uint_eq(lt.reply.mode, 4);
	lt_agree();
	lt_is_open(MODE_STREAMING);
}
END_TEST

/* The tester finds a preferred mode unacceptable and names Basic. */
static void falls_back(enum rt_l2cap_mode mode)
{
	ask_for(mode, false, true);
	lt_answer(1, BASIC);
	lt_expect_conf_req();
	ck_assert(!lt.want.has_rfc || lt.want.mode == 0);
	opens(RT_L2CAP_MODE_BASIC, "");
}

START_TEST(ertm_that_is_rejected_is_followed_by_basic)
{
	falls_back(MODE_ERTM);
}
END_TEST

START_TEST(streaming_that_is_rejected_is_followed_by_basic)
{
	falls_back(MODE_STREAMING);
}
END_TEST

/* The IUT has seen the tester's own request and is to ask for that mode. */
static void follows(enum rt_l2cap_mode mode, const char *proposal)
{
	ck_assert_uint_eq(lt.result, 0);
	if (!lt_has(CONF_REQ))
		lt_answer(1, "%s", proposal);
	lt_expect_conf_req();
	ck_assert_uint_eq(lt.want.has_rfc ? lt.want.mode : 0, mode);
	lt_agree();
	lt_is_open(mode);
}

START_TEST(ertm_gives_way_to_a_peer_that_asks_for_basic)
{
	ask_for(MODE_ERTM, false, WE_INITIATE);
	lt_configure("%s", "");
	follows(RT_L2CAP_MODE_BASIC, BASIC);
}
END_TEST

START_TEST(streaming_gives_way_to_a_peer_that_asks_for_basic)
{
	ask_for(MODE_STREAMING, false, WE_INITIATE);
	lt_configure("%s", BASIC);
	follows(RT_L2CAP_MODE_BASIC, BASIC);
}
END_TEST

/* The tester asks a Basic IUT for another mode, and then follows. */
static void basic_is_named(const char *proposal)
{
	lt_configure("%s", proposal);
	ck_assert_uint_eq(lt.result, 1);
	ck_assert(lt.reply.has_rfc);
	ck_assert_uint_eq(lt.reply.mode, 0);
}

START_TEST(a_peer_that_wants_ertm_is_told_basic)
{
	ask_for(RT_L2CAP_MODE_BASIC, false, false);
	basic_is_named(ERTM);
	opens(RT_L2CAP_MODE_BASIC, "");
}
END_TEST

START_TEST(a_peer_that_wants_streaming_is_told_basic)
{
	ask_for(RT_L2CAP_MODE_BASIC, false, false);
	basic_is_named(STREAMING);
	opens(RT_L2CAP_MODE_BASIC, BASIC);
}
END_TEST

/* A preferred mode that the peer's features lack is not tried. */
static void is_not_tried(enum rt_l2cap_mode mode, uint32_t lacking)
{
	lt.features = FEATURES_ALL & ~lacking;
	lt_mode(mode, false);
	lt_connect(true);
	ck_assert(lt.informed & 1u << 2);
	lt_expect_conf_req();
	ck_assert(!lt.want.has_rfc || lt.want.mode == 0);
	ck_assert(!lt.want.has_fcs);
	opens(RT_L2CAP_MODE_BASIC, "");
}

START_TEST(ertm_that_the_peer_lacks_is_not_tried)
{
	is_not_tried(MODE_ERTM, FEATURE_ERTM);
}
END_TEST

START_TEST(streaming_that_the_peer_lacks_is_not_tried)
{
	is_not_tried(MODE_STREAMING, FEATURE_STREAMING | FEATURE_ERTM);
}
END_TEST

/* A required one that it lacks neither: the application is told. */
static void fails(enum rt_l2cap_mode mode, uint32_t lacking)
{
	lt.features = FEATURES_ALL & ~lacking;
	lt_mode(mode, true);
	app_connect();
	if (lt_has(CONN_REQ)) {
		lt_expect(CONN_REQ);
		lt.iut = lt_le16(&lt.last, 2);
		lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000",
			LE(LT_CID), LE(lt.iut));
		ck_assert(!lt_has(CONF_REQ));
		lt_is_gone();
	}
	lt_wait(1000);
	ck_assert_uint_eq(APP->opened, 0);
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_MODE_REFUSED);
}

START_TEST(ertm_that_is_required_and_lacking_fails)
{
	fails(MODE_ERTM, FEATURE_ERTM);
}
END_TEST

START_TEST(streaming_that_is_required_and_lacking_fails)
{
	fails(MODE_STREAMING, FEATURE_STREAMING);
}
END_TEST

START_TEST(streaming_follows_a_peer_that_answers_ertm)
{
	ask_for(MODE_STREAMING, false, true);
	lt_answer(1, ERTM);
	lt_expect_conf_req();
	ck_assert_uint_eq(lt.want.mode, 3);
	opens(MODE_ERTM, ERTM);
}
END_TEST

START_TEST(streaming_follows_a_peer_that_asks_for_ertm)
{
	ask_for(MODE_STREAMING, false, WE_INITIATE);
	lt_configure(ERTM);
	follows(MODE_ERTM, ERTM);
}
END_TEST

START_TEST(a_rejection_of_required_ertm_closes)
{
	ask_for(MODE_ERTM, true, true);
	lt_answer(1, BASIC);
	lt_is_closed(RT_L2CAP_MODE_REFUSED);
}
END_TEST

START_TEST(a_rejection_of_required_streaming_closes)
{
	ask_for(MODE_STREAMING, true, true);
	lt_answer(1, BASIC);
	lt_is_closed(RT_L2CAP_MODE_REFUSED);
}
END_TEST

/* The tester wants Basic and stays with it: closed, at the second at last. */
static void basic_is_refused(const char *proposal)
{
	lt_ask(CONF_REQ, "%04x 0000 %s", LE(lt.iut), proposal);
	if (!lt_has(DISC_REQ)) {
		lt_expect(CONF_RSP);
		ck_assert_uint_ne(lt_le16(&lt.last, 4), 0);
		lt_ask(CONF_REQ, "%04x 0000 %s", LE(lt.iut), proposal);
	}
	lt_is_closed(RT_L2CAP_MODE_REFUSED);
}

START_TEST(a_peer_that_asks_for_basic_where_ertm_is_required_is_left)
{
	ask_for(MODE_ERTM, true, WE_INITIATE);
	basic_is_refused(BASIC);
}
END_TEST

START_TEST(a_peer_that_asks_for_nothing_where_ertm_is_required_is_left)
{
	ask_for(MODE_ERTM, true, WE_INITIATE);
	basic_is_refused("");
}
END_TEST

START_TEST(a_peer_that_asks_for_basic_where_streaming_is_required_is_left)
{
	ask_for(MODE_STREAMING, true, WE_INITIATE);
	basic_is_refused(BASIC);
}
END_TEST

START_TEST(a_peer_that_repeats_ertm_is_left)
{
	ask_for(RT_L2CAP_MODE_BASIC, false, false);
	basic_is_named(ERTM);
	lt_ask(CONF_REQ, "%04x 0000 %s", LE(lt.iut), ERTM);
	lt_is_gone();
}
END_TEST

START_TEST(a_peer_that_rejects_basic_is_left)
{
	ask_for(RT_L2CAP_MODE_BASIC, false, true);
	lt_answer(1, ERTM);
	lt_is_gone();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/CMC/BV-01-C", "I", ertm_is_asked_for),
	TAGGED("L2CAP/CMC/BV-02-C", "A", ertm_is_agreed_to),
	TAGGED("L2CAP/CMC/BV-03-C", "I",
	       ertm_that_is_rejected_is_followed_by_basic),
	TAGGED("L2CAP/CMC/BV-04-C", "I", streaming_is_asked_for),
	TAGGED("L2CAP/CMC/BV-05-C", "A", streaming_is_agreed_to),
	TAGGED("L2CAP/CMC/BV-06-C", "I",
	       streaming_that_is_rejected_is_followed_by_basic),
	TAGGED("L2CAP/CMC/BV-07-C", "IA",
	       ertm_gives_way_to_a_peer_that_asks_for_basic),
	TAGGED("L2CAP/CMC/BV-08-C", "IA",
	       streaming_gives_way_to_a_peer_that_asks_for_basic),
	TAGGED("L2CAP/CMC/BV-09-C", "A", a_peer_that_wants_ertm_is_told_basic),
	TAGGED("L2CAP/CMC/BV-09-C", "A",
	       a_peer_that_wants_streaming_is_told_basic),
	TAGGED("L2CAP/CMC/BV-10-C", "I", ertm_that_the_peer_lacks_is_not_tried),
	TAGGED("L2CAP/CMC/BV-11-C", "I",
	       streaming_that_the_peer_lacks_is_not_tried),
	TAGGED("L2CAP/CMC/BV-12-C", "I",
	       ertm_that_is_required_and_lacking_fails),
	TAGGED("L2CAP/CMC/BV-13-C", "I",
	       streaming_that_is_required_and_lacking_fails),
	TAGGED("L2CAP/CMC/BV-14-C", "I",
	       streaming_follows_a_peer_that_answers_ertm),
	TAGGED("L2CAP/CMC/BV-15-C", "IA",
	       streaming_follows_a_peer_that_asks_for_ertm),
	TAGGED("L2CAP/CMC/BI-01-C", "I", a_rejection_of_required_ertm_closes),
	TAGGED("L2CAP/CMC/BI-02-C", "IA",
	       a_peer_that_asks_for_basic_where_ertm_is_required_is_left),
	TAGGED("L2CAP/CMC/BI-02-C", "IA",
	       a_peer_that_asks_for_nothing_where_ertm_is_required_is_left),
	TAGGED("L2CAP/CMC/BI-03-C", "I",
	       a_rejection_of_required_streaming_closes),
	TAGGED("L2CAP/CMC/BI-04-C", "IA",
	       a_peer_that_asks_for_basic_where_streaming_is_required_is_left),
	TAGGED("L2CAP/CMC/BI-05-C", "A", a_peer_that_repeats_ertm_is_left),
	TAGGED("L2CAP/CMC/BI-06-C", "I", a_peer_that_rejects_basic_is_left),
};

const struct tagged_table cmc_table = LT_TABLE(rows);
