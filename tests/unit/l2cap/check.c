/* SPDX-License-Identifier: MIT */
#include "l2cap/check.h"

#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/echo.h"
#include "l2cap/link.h"
#include "tests/unit/l2cap/talk.h"

/*
 * rt_l2cap_check() has to find what is wrong: each rule is broken by hand, and
 * mended again before anything else happens.
 */

static struct rt_l2cap_chan *chan(void)
{
	struct rt_l2cap_chan *c =
		rt_slots_get(&bench.l2cap->chans, talk.user.chan);

	ck_assert_ptr_nonnull(c);
	return c;
}

static struct rt_l2cap_link *link_of(void)
{
	return rt_hci_link_user(bench.link);
}

/* Must be found now; the sentence begins with `what`. */
static void finds(const char *what)
{
	const char *wrong = rt_l2cap_check(bench.l2cap);

	ck_assert_msg(wrong && strncmp(wrong, what, strlen(what)) == 0,
		      "found: %s; wanted: %s", wrong ? wrong : "nothing", what);
}

/* Changes a field, has it found, and changes it back. */
#define BREAK(field, value, what)                                \
	do {                                                     \
		__typeof__(field) kept_ = (field);               \
                                                                 \
		(field) = (value);                               \
		finds(what);                                     \
		(field) = kept_;                                 \
		ck_assert_ptr_null(rt_l2cap_check(bench.l2cap)); \
	} while (0)

static void basic_open(void)
{
	talk_connected();
	talk_features("00000000");
	tx_req(3, "0102 a002");
	rx_rsp(3, 0, "");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}

START_TEST(an_open_channel_has_all_that_it_needs)
{
	basic_open();
	BREAK(chan()->timer.armed, true, "OPEN has no timer");
	BREAK(chan()->opened, false, "an open channel has a mode");
	BREAK(chan()->mode, NULL, "an open channel has a mode");
	BREAK(chan()->omtu, 0, "an open channel has an MTU");
	BREAK(chan()->rx_limit, 0, "an open channel has an MTU");
	BREAK(chan()->early_count, 1, "what came early");
	BREAK(chan()->state, RT_L2CAP_CHAN_NEW, "a mode ends");
	BREAK(chan()->state, (enum rt_l2cap_chan_state)99, "a mode ends");
}
END_TEST

START_TEST(channels_are_where_they_are_looked_for)
{
	struct rt_l2cap_link *other;

	basic_open();
	other = link_of();
	BREAK(chan()->link, NULL, "a channel is on its link");
	BREAK(chan()->l2cap, NULL, "a channel is on its link");
	BREAK(chan()->handle, 0, "a channel is found by its handle");
	BREAK(bench.l2cap->chans.used, 2, "every channel is on a link");
	BREAK(bench.l2cap->echoes.used, 1, "every echo is on a link");
	BREAK(other->l2cap, NULL, "a link has");
	BREAK(other->hci, NULL, "a link has");
	BREAK(other->reply_count, 1, "queued answers are counted");
}
END_TEST

START_TEST(channel_ids_are_dynamic_known_and_unique)
{
	struct user second = { .answer = 0 };

	basic_open();
	BREAK(chan()->scid, 0x3f, "our channel ids are dynamic");
	BREAK(chan()->dcid, 0, "the peer's id of a connected channel");
	BREAK(chan()->dcid, 0x3f, "the peer's channel ids are dynamic");
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	tx_discard();
	rx("03 04 0800 4200 4100 0000 0000");
	tx_discard();
	BREAK(chan()->scid, 0x41, "our channel ids are unique");
	BREAK(chan()->dcid, 0x42, "the peer's channel ids are unique");
}
END_TEST

START_TEST(a_configuration_has_what_ends_it)
{
	talk_connected();
	BREAK(chan()->timer.armed, false, "CONFIG is ended by");
	BREAK(chan()->req.timer.armed, false, "a request has its timer");
	BREAK(chan()->req.link, NULL, "a request is on its link");
	talk_features("00000000");
	tx_req(3, "0102 a002");
	BREAK(chan()->req.ident, 0, "a request is sent with an identifier");
	rx_rsp(3, 4, "");
	BREAK(chan()->timer.armed, true, "CONFIG is ended by");
	rx_req(0x11, "");
	tx_discard();
	BREAK(chan()->config.ours_done, true, "a channel opens when");
}
END_TEST

START_TEST(a_channel_that_waits_for_features_waits_for_somebody)
{
	struct rt_l2cap_link *link;

	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_connected();
	link = link_of();
	rt_env_stop(bench.env, &link->peer.req.timer);
	finds("a request has its timer");
	rt_l2cap_req_stop(&link->peer.req);
	finds("our half of a configuration");
}
END_TEST

START_TEST(a_request_has_its_timer_and_its_identifier)
{
	struct user second = { .answer = 0 };
	struct rt_l2cap_req *req;

	link_in();
	ck_assert_int_eq(connect_to(&talk.user, 0x1001), 0);
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	tx_discard();
	req = &chan()->req;
	BREAK(req->ident, 3, "identifiers of requests under way are unique");
	BREAK(chan()->timer.armed, true, "a request is ended by its own timer");
	rt_l2cap_req_stop(req);
	finds("a request has its timer");
}
END_TEST

static enum rt_l2cap_verdict check(void *user,
				   const struct rt_l2cap_gate_request *request,
				   struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	(void)request;
	return RT_L2CAP_WAIT_AUTHENTICATION;
}

START_TEST(the_gate_and_the_link_are_not_waited_for_without_end)
{
	const struct rt_l2cap_gate gate = { .check = check };

	ck_assert_int_eq(connect_to(&talk.user, 0x1001), 0);
	BREAK(chan()->timer.armed, true, "WAIT_LINK is ended by HCI");
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	fake_link_up(bench.link);
	BREAK(chan()->timer.armed, false, "a wait has its timer");
	rt_l2cap_close(bench.l2cap, talk.user.chan);
	ck_assert_int_eq(chan()->state, RT_L2CAP_CHAN_DRAIN);
	BREAK(chan()->timer.armed, false, "DRAIN waits for");
	BREAK(chan()->state, RT_L2CAP_CHAN_NEW, "NEW and CLOSED");
	BREAK(chan()->state, RT_L2CAP_CHAN_CLOSED, "NEW and CLOSED");
	BREAK(chan()->state, (enum rt_l2cap_chan_state)99, "a channel is in");
}
END_TEST

START_TEST(a_suspended_channel_has_a_need_and_its_timer)
{
	const struct rt_l2cap_gate gate = { .check = check };

	to_open(&talk.user);
	chan()->params.security.level = 2;
	BREAK(chan()->suspended, true, "a suspension has its timer");
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	ck_assert(chan()->suspended);
	BREAK(chan()->suspended, false, "a suspension has its timer");
	BREAK(chan()->suspension.armed, false, "a suspension has its timer");
	BREAK(chan()->params.security.level, 0, "only channels with a need");
	rt_list_append(&chan()->link->ready, &chan()->ready);
	finds("a suspended channel sends nothing");
	rt_list_del(&chan()->ready);
}
END_TEST

static void on_done(void *user, const struct rt_reason *why,
		    struct rt_bytes data)
{
	(void)user;
	(void)why;
	(void)data;
}

START_TEST(an_echo_is_on_its_link_and_has_its_timer)
{
	const struct rt_l2cap_echo_ops ops = { .done = on_done };
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.timeout_ms = 1000,
	};
	struct rt_l2cap_echo *echo;
	rt_handle handle;

	ck_assert_int_eq(
		rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &handle), 0);
	echo = rt_slots_get(&bench.l2cap->echoes, handle);
	BREAK(echo->link, NULL, "an echo is on its link");
}
END_TEST

START_TEST(only_open_channels_are_served)
{
	struct rt_l2cap_link *link;

	talk_connected();
	link = link_of();
	rt_list_append(&link->ready, &chan()->ready);
	finds("only open channels");
	rt_list_del(&chan()->ready);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_open_channel_has_all_that_it_needs,
		channels_are_where_they_are_looked_for,
		channel_ids_are_dynamic_known_and_unique,
		a_configuration_has_what_ends_it,
		a_channel_that_waits_for_features_waits_for_somebody,
		a_request_has_its_timer_and_its_identifier,
		the_gate_and_the_link_are_not_waited_for_without_end,
		a_suspended_channel_has_a_need_and_its_timer,
		an_echo_is_on_its_link_and_has_its_timer,
		only_open_channels_are_served,
	};

	return suite_run("l2cap/check", tests, RT_ARRAY_SIZE(tests), talk_setup,
			 bench_teardown);
}
