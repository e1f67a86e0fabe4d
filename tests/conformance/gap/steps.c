/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/l2cap.h"
#include "tests/conformance/gap/tables.h"

#include <rawtooth/research.h>

/* Security mode 4, what is more than one step. */

#define PSM 0x1021
#define OTHER_PSM 0x1023

static const struct story both_yes_no = {
	.level = 2,
	.us = STORY_YES_NO,
	.peer = STORY_YES_NO,
};

/* What the lower tester has received on the signalling channel. */
static uint8_t answer[64];
static size_t answer_bytes;

static bool on_answer(const struct rt_tap_pdu *pdu, void *user_data)
{
	(void)user_data;
	if (pdu->sent || pdu->layer != RT_TAP_L2CAP || pdu->id != 0x0001 ||
	    pdu->bytes > sizeof(answer) || pdu->bytes < 1)
		return true;
	/* CONNECTION_RSP, or that of credit based channels. */
	if (pdu->data[0] == 0x03 || pdu->data[0] == 0x18) {
		memcpy(answer, pdu->data, pdu->bytes);
		answer_bytes = pdu->bytes;
	}
	return true;
}

/* The lower tester asks for a channel on a plain link of its own making. */
static void ask_in_the_clear(const struct story *s, const uint8_t *request,
			     size_t bytes)
{
	struct rt_host *peer;

	story_begin(s);
	story_listen(0, s, true);
	peer = world_host(story.w, 1);
	answer_bytes = 0;
	rt_host_set_tap(peer, on_answer, NULL);
	ck_assert_int_eq(rt_host_hold_link(peer, world_addr(story.w, 0), true),
			 0);
	world_run(story.w, RT_SECONDS(2));
	ck_assert(rt_host_has_link(peer, world_addr(story.w, 0)));
	ck_assert_int_eq(rt_host_send_raw(peer, world_addr(story.w, 0), 0x0001,
					  request, bytes),
			 0);
	world_run(story.w, RT_SECONDS(2));
}

static uint16_t le16_at(size_t at)
{
	ck_assert_uint_le(at + 2, answer_bytes);
	return (uint16_t)(answer[at] | answer[at + 1] << 8);
}

/* Refused, and the link is gone. */
static void check_dropped(void)
{
	ck_assert(!rt_host_has_link(world_host(story.w, 0),
				    world_addr(story.w, 1)));
	ck_assert(!rt_server_has_pending(story.server));
	rt_host_set_tap(world_host(story.w, 1), NULL, NULL);
	ck_assert_int_eq(rt_host_hold_link(world_host(story.w, 1),
					   world_addr(story.w, 0), false),
			 0);
	story_end();
}

static const uint8_t connection_req[] = {
	0x02, 0x7e, 0x04, 0x00, PSM & 0xff, PSM >> 8, 0x51, 0x00,
};

START_TEST(a_request_in_the_clear_is_blocked_and_the_link_dropped)
{
	ask_in_the_clear(&both_yes_no, connection_req, sizeof(connection_req));
	ck_assert_uint_eq(le16_at(8), 0x0003);
	check_dropped();
}
END_TEST

START_TEST(a_credit_request_in_the_clear_is_blocked_and_the_link_dropped)
{
	static const uint8_t request[] = {
		0x17, 0x7e, 0x0a, 0x00, PSM & 0xff, PSM >> 8, 0x40,
		0x00, 0x40, 0x00, 0x01, 0x00,	    0x51,     0x00,
	};
	struct story s = both_yes_no;

	s.credit = true;
	ask_in_the_clear(&s, request, sizeof(request));
	/* MTU, MPS, credits, result */
	ck_assert_uint_ge(le16_at(10), 0x0005);
	ck_assert_uint_le(le16_at(10), 0x0008);
	check_dropped();
}
END_TEST

START_TEST(sdp_is_open_in_the_clear)
{
	static const uint8_t request[] = { 0x02, 0x7e, 0x04, 0x00,
					   0x01, 0x00, 0x51, 0x00 };

	ask_in_the_clear(&both_yes_no, request, sizeof(request));
	ck_assert_uint_eq(le16_at(8), 0x0000);
	rt_host_set_tap(world_host(story.w, 1), NULL, NULL);
	ck_assert_int_eq(rt_host_hold_link(world_host(story.w, 1),
					   world_addr(story.w, 0), false),
			 0);
	story_end();
}
END_TEST

/*
 * A channel at level 2, by a key without proof; then another service wants
 * proof: a better key, on the same link.
 */
static void want_more(bool bonded)
{
	struct story s = both_yes_no;
	struct rt_server *other;
	struct end second;

	memset(&second, 0, sizeof(second));
	s.us = STORY_NOBODY;
	story_begin(&s);
	if (bonded)
		story_bond_them(false);
	s.we_connect = true;
	story_listen(1, &s, false);
	ck_assert(story_connect(0, &s, true));
	ck_assert(!story_security().authenticated);
	/* Now there is somebody at our side. */
	memset(&story.agent[0], 0, sizeof(story.agent[0]));
	agent_attach(&story.agent[0], world_host(story.w, 0),
		     AGENT_CONFIRM | AGENT_CONSENT);
	other = rt_server_new(world_host(story.w, 1), RT_PROTOCOL_L2CAP, NULL,
			      NULL);
	ck_assert_int_eq(rt_server_listen(other, OTHER_PSM), 0);
	end_open(&second, world_host(story.w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_security(second.s, RT_SECURITY_MITM), 0);
	ck_assert_int_eq(rt_socket_connect(second.s, world_addr(story.w, 1),
					   OTHER_PSM),
			 0);
	ck_assert_msg(world_run_until(story.w, end_is_connected, &second,
				      RT_SECONDS(50)),
		      "%s", second.error_string);
	ck_assert(story_security().authenticated);
	ck_assert_str_eq(story.requests, "ee");
	ck_assert_int_eq(rt_socket_state(story.client.s), RT_SOCKET_CONNECTED);
	end_free(&second);
	rt_server_free(other);
	story_end();
}

START_TEST(a_stronger_service_gets_a_stronger_key)
{
	want_more(false);
}
END_TEST

START_TEST(a_stronger_service_gets_a_stronger_bond)
{
	want_more(true);
}
END_TEST

/* The controllers agree on no key: encryption fails. */
static struct story without_encryption(unsigned int level)
{
	struct story s = both_yes_no;

	s.we_connect = true;
	s.level = level;
	s.before = STORY_AUTHENTICATED;
	return s;
}

static void refuse_encryption(void)
{
	const struct rt_vctl_security short_keys = { .key_size_max = 9 };
	const struct rt_vctl_security long_keys = { .key_size_min = 12 };

	rt_vctl_set_security(story.w->node[0].vctl, &short_keys);
	rt_vctl_set_security(story.w->node[1].vctl, &long_keys);
}

static void fail_to_encrypt(unsigned int level)
{
	const struct story s = without_encryption(level);

	story_begin(&s);
	story_bond_them(true);
	refuse_encryption();
	story_listen(1, &s, false);
	ck_assert(!story_connect(0, &s, true));
	ck_assert_str_eq(story.requests, "");
	ck_assert_str_ne(story.client.error_string, "");
	story_end();
}

START_TEST(without_encryption_nothing_is_asked_for_at_level_2)
{
	fail_to_encrypt(2);
}
END_TEST

START_TEST(without_encryption_nothing_is_asked_for_at_level_3)
{
	fail_to_encrypt(3);
}
END_TEST

START_TEST(without_encryption_nothing_is_asked_for_at_level_4)
{
	fail_to_encrypt(4);
}
END_TEST

/*
 * Connectionless data at the level, over a link that is plain, to a peer of
 * which we know by a channel to SDP that it takes them. Returns how many PDUs
 * have left.
 */
static unsigned int send_connectionless(const struct story *s)
{
	const struct rt_sec_need need = { .level = (uint8_t)s->level };
	static const uint8_t data[] = { 1, 2, 3 };
	struct rt_host *us = world_host(story.w, 0);
	int err;

	ck_assert_int_eq(rt_host_hold_link(us, world_addr(story.w, 1), true),
			 0);
	end_open(&story.client, us, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(story.client.s,
					   world_addr(story.w, 1), 0x0001),
			 0);
	ck_assert(world_run_until(story.w, end_is_connected, &story.client,
				  RT_SECONDS(10)));
	ck_assert_str_eq(story.requests, "p");
	err = rt_l2cap_ucd_send(us->l2cap, world_addr(story.w, 1), PSM, &need,
				rt_bytes(data, sizeof(data)));
	ck_assert(err == 0 || err == -EACCES);
	world_run(story.w, RT_SECONDS(40));
	if (rt_host_hold_link(us, world_addr(story.w, 1), false) < 0)
		ck_assert(!rt_host_has_link(us, world_addr(story.w, 1)));
	return story.ucd;
}

static void on_ucd(void *user, struct rt_addr peer, uint16_t psm,
		   struct rt_bytes data)
{
	(void)user;
	(void)peer;
	(void)psm;
	(void)data;
}

/* The lower tester takes connectionless data, and says so. */
static void take_connectionless(void)
{
	static const struct rt_l2cap_ucd_ops ops = { .rx = on_ucd };
	const struct rt_sec_need none = { .level = 1 };

	ck_assert_int_eq(rt_l2cap_ucd_listen(world_host(story.w, 1)->l2cap, PSM,
					     &none, &ops, NULL),
			 0);
}

static void fail_to_encrypt_connectionless(unsigned int level)
{
	const struct story s = without_encryption(level);

	story_begin(&s);
	story_bond_them(true);
	refuse_encryption();
	take_connectionless();
	ck_assert_uint_eq(send_connectionless(&s), 0);
	rt_l2cap_ucd_unlisten(world_host(story.w, 1)->l2cap, PSM);
	story_end();
}

START_TEST(a_datagram_leaves_once_the_link_is_encrypted)
{
	struct story s = both_yes_no;

	s.level = 3;
	story_begin(&s);
	story_bond_them(true);
	take_connectionless();
	ck_assert_uint_eq(send_connectionless(&s), 1);
	rt_l2cap_ucd_unlisten(world_host(story.w, 1)->l2cap, PSM);
	story_end();
}
END_TEST

START_TEST(without_encryption_no_datagram_leaves_at_level_2)
{
	fail_to_encrypt_connectionless(2);
}
END_TEST

START_TEST(without_encryption_no_datagram_leaves_at_level_3)
{
	fail_to_encrypt_connectionless(3);
}
END_TEST

START_TEST(without_encryption_no_datagram_leaves_at_level_4)
{
	fail_to_encrypt_connectionless(4);
}
END_TEST

START_TEST(no_datagram_of_level_4_leaves_with_weaker_encryption)
{
	struct story s = both_yes_no;

	s.level = 4;
	s.peer_host_has_no_sc = true;
	story_begin(&s);
	story_bond_them(true);
	take_connectionless();
	ck_assert_uint_eq(send_connectionless(&s), 0);
	rt_l2cap_ucd_unlisten(world_host(story.w, 1)->l2cap, PSM);
	story_end();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("GAP/SEC/SEM/BV-09-C", "I",
	       a_stronger_service_gets_a_stronger_key),
	TAGGED("GAP/SEC/SEM/BV-53-C", "I",
	       a_stronger_service_gets_a_stronger_bond),
	TAGGED("GAP/SEC/SEM/BV-10-C", "A",
	       a_request_in_the_clear_is_blocked_and_the_link_dropped),
	TAGGED("GAP/SEC/SEM/BV-10-C", "A", sdp_is_open_in_the_clear),
	TAGGED("GAP/SEC/SEM/BV-46-C", "A",
	       a_credit_request_in_the_clear_is_blocked_and_the_link_dropped),
	TAGGED("GAP/SEC/SEM/BI-24-C", "A",
	       a_request_in_the_clear_is_blocked_and_the_link_dropped),
	TAGGED("GAP/SEC/SEM/BI-25-C", "I",
	       without_encryption_nothing_is_asked_for_at_level_2),
	TAGGED("GAP/SEC/SEM/BI-26-C", "I",
	       without_encryption_nothing_is_asked_for_at_level_3),
	TAGGED("GAP/SEC/SEM/BI-27-C", "I",
	       without_encryption_nothing_is_asked_for_at_level_4),
	TAGGED("GAP/SEC/SEM/BI-28-C", "I",
	       a_datagram_leaves_once_the_link_is_encrypted),
	TAGGED("GAP/SEC/SEM/BI-28-C", "I",
	       without_encryption_no_datagram_leaves_at_level_2),
	TAGGED("GAP/SEC/SEM/BI-29-C", "I",
	       without_encryption_no_datagram_leaves_at_level_3),
	TAGGED("GAP/SEC/SEM/BI-30-C", "I",
	       without_encryption_no_datagram_leaves_at_level_4),
	TAGGED("GAP/SEC/SEM/BI-33-C", "I",
	       no_datagram_of_level_4_leaves_with_weaker_encryption),
};

const struct tagged_table steps_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
