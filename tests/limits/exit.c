/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/limits/crowd_rfcomm.h"
#include "tests/support/suite.h"
#include "tools/vctl/model.h"

/*
 * A host that ends with everything open: channels are closed with who answers,
 * the controller is left as after a reset, and nothing is left of ours.
 */

#define PSM 0x1001
#define PEERS 4
#define CHANNELS 16
#define ALL (PEERS * CHANNELS)

#define HCI_RESET 0x0c03

struct story {
	struct crowd *crowd;
	struct rt_server *server[PEERS];
	struct crowd_peer *peer[PEERS];
	struct rt_socket *s[ALL];
	uint64_t now_us;	 /* it was shut down */
	unsigned int packets;	 /* from then on, from the host */
	unsigned int free_after; /* so many of them; 0: not before the end */
	bool freed;
};

/* 64 channels, each of which is a socket's. */
static void begin(struct story *story)
{
	memset(story, 0, sizeof(*story));
	story->crowd = crowd_new(NULL);
	for (uint16_t i = 0; i < PEERS; i++)
		story->server[i] =
			crowd_serve(story->crowd, RT_PROTOCOL_L2CAP,
				    (uint16_t)(PSM + 2 * i), CHANNELS);
	for (unsigned int i = 0; i < PEERS; i++)
		story->peer[i] = crowd_join(story->crowd);
	for (unsigned int i = 0; i < ALL; i++) {
		const unsigned int n = i / CHANNELS;

		crowd_open(story->peer[n], (uint16_t)(PSM + 2 * n), 0);
		story->s[i] = rt_server_next_pending(story->server[n]);
		ck_assert_ptr_nonnull(story->s[i]);
	}
}

static void shut_down(struct story *story)
{
	story->now_us = story->crowd->w->now_us;
	rt_host_shutdown(crowd_host(story->crowd));
}

static bool is_down(void *host)
{
	return rt_host_state(host) == RT_HOST_DOWN;
}

static uint16_t last_command(const struct crowd *crowd)
{
	ck_assert_uint_ge(crowd->command.len, 3);
	return (uint16_t)(crowd->command.ptr[0] | crowd->command.ptr[1] << 8);
}

/* As after a reset: nobody can find it, reach it, or is connected. */
static void expect_reset(const struct rt_vctl *vctl)
{
	ck_assert_uint_eq(vctl->set.scan_enable, 0);
	ck_assert(!vctl->inquiry.active && !vctl->page.active);
	ck_assert_uint_eq(rt_vctl_get_stats(vctl)->links, 0);
}

static void end(struct story *story)
{
	if (story->freed) {
		world_free(story->crowd->w);
		free(story->crowd);
		return;
	}
	for (unsigned int i = 0; i < ALL; i++)
		rt_socket_free(story->s[i]);
	for (unsigned int i = 0; i < PEERS; i++)
		rt_server_free(story->server[i]);
	crowd_free(story->crowd);
}

START_TEST(peers_that_answer_are_left_in_order_within_100_ms)
{
	struct story story;

	begin(&story);
	shut_down(&story);
	ck_assert(world_run_until(story.crowd->w, is_down,
				  crowd_host(story.crowd), RT_SECONDS(25)));
	ck_assert_uint_le(story.crowd->w->now_us - story.now_us, RT_MS(100));
	ck_assert_uint_eq(story.crowd->disconnections, ALL);
	ck_assert_uint_eq(story.crowd->links_ended, PEERS);
	ck_assert_uint_eq(last_command(story.crowd), HCI_RESET);
	expect_reset(story.crowd->w->node[0].vctl);
	end(&story);
}
END_TEST

/* Each was asked, and nobody is waited for any longer than was promised. */
START_TEST(peers_that_do_not_answer_are_left_within_25_s)
{
	struct story story;

	begin(&story);
	for (unsigned int i = 0; i < PEERS; i++)
		story.peer[i]->mute = true;
	crowd_count_anew(story.peer[0]);
	shut_down(&story);
	ck_assert(world_run_until(story.crowd->w, is_down,
				  crowd_host(story.crowd), RT_SECONDS(25)));
	ck_assert_uint_ge(story.peer[0]->pdus, CHANNELS);
	ck_assert_uint_eq(story.crowd->links_ended, PEERS);
	ck_assert_uint_eq(last_command(story.crowd), HCI_RESET);
	expect_reset(story.crowd->w->node[0].vctl);
	end(&story);
}
END_TEST

static void count_packet(void *user, struct world_node *node,
			 bool from_controller, enum rt_packet_type type,
			 struct rt_bytes packet)
{
	struct story *story = user;

	(void)type;
	(void)packet;
	if (from_controller || ++story->packets != story->free_after)
		return;
	/* Fails if it leaves memory behind. */
	world_free_host(node->world, node->index);
	story->freed = true;
}

/* Shut down, and freed with that packet if it comes to it. */
static void free_after(struct story *story, unsigned int packets)
{
	begin(story);
	story->free_after = packets;
	story->crowd->hooks.packet = count_packet;
	story->crowd->hooks.user = story;
	shut_down(story);
	world_settle(story->crowd->w);
	/* It takes no time at all. */
	if (story->freed)
		ck_assert_uint_eq(story->crowd->w->now_us, story->now_us);
}

START_TEST(a_host_may_be_freed_at_any_packet_of_its_end)
{
	unsigned int packets = 1;
	bool freed = true;

	for (; freed; packets += 11) {
		struct story story;

		free_after(&story, packets);
		freed = story.freed;
		end(&story);
	}
	/* A request for each channel, and an end for each link. */
	ck_assert_uint_gt(packets, ALL + PEERS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/exit");
	TCase *tc = tcase_create("exit");

	tcase_add_test(tc, peers_that_answer_are_left_in_order_within_100_ms);
	tcase_add_test(tc, peers_that_do_not_answer_are_left_within_25_s);
	tcase_add_test(tc, a_host_may_be_freed_at_any_packet_of_its_end);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
