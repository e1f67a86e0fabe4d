/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/host.h"
#include "hci/hci.h"
#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"

/*
 * Controllers that do one thing wrong all the time: connections of whole hosts
 * go on over them as if nothing were.
 */

#define SENT 3000 /* octets of a story, each way */
#define CONNECTION_COMPLETE 0x03
#define COMPLETED_PACKETS 0x13

/* What the host's controller has done: that the fault is one shows here. */
struct seen {
	unsigned int links;
	unsigned int early;  /* data while there is no link */
	unsigned int merged; /* completions of several packets */
};

static struct seen seen;

static struct rt_bytes look(struct world *w, const struct world_packet *packet,
			    void *arg)
{
	const uint8_t *octets = packet->octets.ptr;

	(void)w;
	(void)arg;
	if (packet->node != STAGE_HOST || !packet->from_controller)
		return packet->octets;
	if (packet->type == RT_PACKET_ACL) {
		seen.early += seen.links == 0;
		return packet->octets;
	}
	seen.links += octets[0] == CONNECTION_COMPLETE;
	if (octets[0] == COMPLETED_PACKETS && octets[2] == 1 && octets[5] > 1)
		seen.merged++;
	return packet->octets;
}

static void set_fault(struct stage *stage, enum rt_vctl_fault fault)
{
	memset(&seen, 0, sizeof(seen));
	stage->w->meddle = look;
	rt_vctl_set_fault(stage->w->node[STAGE_HOST].vctl, fault, true);
}

/* The fault has had its chance. */
static void expect_seen(const struct stage *stage, enum rt_vctl_fault fault)
{
	const struct rt_hci_stats *stats =
		rt_hci_get_stats(stage_host(stage)->hci);

	ck_assert_uint_gt(seen.links, 0);
	if (fault == RT_VCTL_SURPLUS_COMPLETIONS)
		ck_assert_uint_gt(stats->completed_surplus, 0);
	if (fault == RT_VCTL_MERGE_COMPLETIONS)
		ck_assert_uint_gt(seen.merged, 0);
	ck_assert_uint_eq(stats->acl_unknown_handle, 0);
	ck_assert_uint_eq(stats->resets, 0);
}

/* The connection that a story makes is made, used and closed. */
static void expect_connects(enum rt_vctl_fault fault)
{
	struct stage stage;

	stage_open(&stage, stage_story("connect"), NULL);
	set_fault(&stage, fault);
	stage_play(&stage);
	ck_assert_str_eq(stage.client[0].log, "LCK+XU-");
	ck_assert_uint_eq(stage.client[0].written, SENT);
	ck_assert_uint_eq(rt_socket_bytes_available(stage.peers_taken[1].s),
			  SENT);
	expect_seen(&stage, fault);
	stage_end(&stage);
}

static void expect_is_connected(enum rt_vctl_fault fault)
{
	struct stage stage;

	stage_open(&stage, stage_story("be connected"), NULL);
	set_fault(&stage, fault);
	stage_play(&stage);
	ck_assert_uint_eq(stage.taken.written, SENT);
	ck_assert_uint_eq(rt_socket_bytes_available(stage.taken.s), SENT);
	ck_assert_uint_eq(stage.taken.disconnected, 1);
	expect_seen(&stage, fault);
	stage_end(&stage);
}

/* HCI-07: more packets are said to be done than were sent. */
START_TEST(a_connection_lives_with_completions_that_are_too_many)
{
	expect_connects(RT_VCTL_SURPLUS_COMPLETIONS);
	expect_is_connected(RT_VCTL_SURPLUS_COMPLETIONS);
}
END_TEST

/* HCI-08: many at once, late. */
START_TEST(a_connection_lives_with_completions_that_come_late)
{
	expect_connects(RT_VCTL_MERGE_COMPLETIONS);
	expect_is_connected(RT_VCTL_MERGE_COMPLETIONS);
}
END_TEST

static int replied; /* 1: not yet */

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *octets, size_t bytes, void *user_data)
{
	(void)octets;
	(void)bytes;
	(void)user_data;
	replied = info->err;
	rt_echo_free(echo);
}

/*
 * HCI-14: data overtake the event that says that there is a link. They are the
 * peer's first, which nothing has gone before: an echo request.
 */
START_TEST(a_link_lives_with_data_that_overtake_it)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
	};
	struct rt_echo *echo;
	struct stage stage;

	stage_open(&stage, stage_story("be connected"), NULL);
	rt_host_set_connectable(stage_host(&stage), true);
	world_settle(stage.w);
	set_fault(&stage, RT_VCTL_ACL_BEFORE_EVENTS);
	replied = 1;
	ck_assert_int_eq(rt_echo_start(world_host(stage.w, STAGE_PEER),
				       world_addr(stage.w, STAGE_HOST),
				       &options, &echo),
			 0);
	/* Nobody has to send it twice. */
	world_run(stage.w, RT_MS(500));
	ck_assert_int_eq(replied, 0);
	ck_assert_uint_gt(seen.early, 0);
	expect_seen(&stage, RT_VCTL_ACL_BEFORE_EVENTS);
	stage_end(&stage);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-07", "A",
	       a_connection_lives_with_completions_that_are_too_many),
	TAGGED("HCI-08", "A",
	       a_connection_lives_with_completions_that_come_late),
	TAGGED("HCI-14", "A", a_link_lives_with_data_that_overtake_it),
};

const struct tagged_table hci_faults_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
