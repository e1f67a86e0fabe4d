/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/sdp.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/*
 * SDP over the whole stack: host 0 asks host 1, on channels and a link that
 * are set up for it; and everything that can end that, at every packet.
 */

#define RECORDS 12
#define NAME_BYTES 200
/* More packets than a query and the end of its link take. */
#define PACKETS_MAX 120

struct story {
	struct world *w;
	rt_handle query;
	size_t records;
	size_t bytes;
	unsigned int done;
	struct rt_reason why;
	int act;
	bool acted;
};

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	struct story *story = user;

	ck_assert_uint_eq(story->done, 0);
	ck_assert_uint_eq(handle, 0x00010001 + story->records);
	story->records++;
	story->bytes += attributes.len;
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct story *story = user;

	ck_assert_uint_eq(story->done, 0);
	story->done++;
	story->why = *why;
}

static const struct rt_sdp_query_ops ops = { .record = on_record,
					     .done = on_done };

static bool is_done(void *story)
{
	return ((struct story *)story)->done > 0;
}

/* Records that take several responses. Returns the octets of all. */
static size_t publish(struct rt_sdp *sdp)
{
	uint8_t octets[NAME_BYTES + 64];
	uint8_t name[NAME_BYTES];
	struct rt_element_writer w;
	uint32_t handle;

	memset(name, 'n', sizeof(name));
	w = rt_element_writer_init(octets, sizeof(octets));
	rt_element_put_uint(&w, 2, RT_SDP_CLASS_ID_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uuid(&w, rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT));
	rt_element_end(&w);
	rt_element_put_uint(&w, 2, RT_SDP_SERVICE_NAME);
	rt_element_put_text(&w, RT_ELEMENT_TEXT, name, sizeof(name));
	ck_assert(rt_element_writer_done(&w));
	for (int i = 0; i < RECORDS; i++)
		ck_assert_int_eq(
			rt_sdp_add(sdp, rt_bytes(w.buf, w.len), &handle), 0);
	return RECORDS * (w.len + 8);
}

static void begin(struct story *story, const struct world_options *options)
{
	const struct rt_uuid uuid = rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT);
	struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = &uuid,
		.uuid_count = 1,
	};

	*story = (struct story){ .w = world_new(options) };
	rt_host_set_connectable(world_host(story->w, 1), true);
	world_settle(story->w);
	publish(world_host(story->w, 1)->sdp);
	query.addr = world_addr(story->w, 1);
	ck_assert_int_eq(rt_sdp_query(world_host(story->w, 0)->sdp, &query,
				      &ops, story, &story->query),
			 0);
}

/* Withdraws the records, which are no leftovers, and ends the world. */
static void finish(struct story *story)
{
	const struct rt_host *host = world_host(story->w, 1);
	struct rt_bytes attributes;
	uint32_t handle;

	while (host && rt_sdp_next(host->sdp, 0, &handle, &attributes))
		rt_sdp_remove(host->sdp, handle);
	world_finish(story->w);
}

START_TEST(a_service_is_found_on_a_link_of_its_own)
{
	const struct world_options options = { .name = "sdp", .seed = 1 };
	struct story story;

	begin(&story, &options);
	ck_assert(world_run_until(story.w, is_done, &story, RT_SECONDS(20)));
	ck_assert_int_eq(story.why.err, 0);
	ck_assert_uint_eq(story.records, RECORDS);
	ck_assert_uint_eq(story.bytes, RECORDS * (8 + 8 + 5 + NAME_BYTES));
	world_run(story.w, RT_SECONDS(3));
	ck_assert(rt_sdp_is_idle(world_host(story.w, 0)->sdp));
	finish(&story);
}
END_TEST

START_TEST(a_device_that_is_not_there_is_said_to_be_so)
{
	const struct world_options options = { .seed = 2 };
	struct story story;

	begin(&story, &options);
	world_unplug(story.w, 1, -EIO);
	ck_assert(world_run_until(story.w, is_done, &story, RT_SECONDS(20)));
	ck_assert_int_eq(story.why.layer, RT_LAYER_HCI);
	ck_assert_int_eq(story.why.phase, RT_PHASE_PAGE);
	ck_assert_uint_eq(story.records, 0);
	finish(&story);
}
END_TEST

enum act {
	CANCEL,
	CLIENT_UNPLUGGED,
	SERVER_UNPLUGGED,
	CLIENT_STOPS,
	SERVER_STOPS,
	SERVER_IS_FREED,
	SERVER_CHANGES,
	ACTS,
};

static void act(struct world *w, void *arg)
{
	struct story *story = arg;
	uint32_t handle;

	story->acted = true;
	switch ((enum act)story->act) {
	case CANCEL:
		rt_sdp_cancel(world_host(w, 0)->sdp, story->query);
		return;
	case CLIENT_UNPLUGGED:
		world_unplug(w, 0, -EIO);
		return;
	case SERVER_UNPLUGGED:
		world_unplug(w, 1, -EIO);
		return;
	case CLIENT_STOPS:
		rt_host_shutdown(world_host(w, 0));
		return;
	case SERVER_STOPS:
		rt_host_shutdown(world_host(w, 1));
		return;
	case SERVER_IS_FREED:
		world_free_host(w, 1);
		return;
	case SERVER_CHANGES:
		ck_assert_int_eq(rt_sdp_add(world_host(w, 1)->sdp,
					    rt_bytes(NULL, 0), &handle),
				 0);
		return;
	case ACTS:
		return;
	}
}

/* Returns whether there was a packet of that number. */
static bool tell(int which, uint64_t packet)
{
	const struct world_options options = { .seed = packet };
	struct story story;
	bool acted;

	begin(&story, &options);
	story.act = which;
	story.w->arg = &story;
	story.w->then = act;
	story.w->at_packet = story.w->packets + packet;
	world_run(story.w, RT_SECONDS(60));
	acted = story.acted;
	if (which == CANCEL && acted)
		ck_assert(story.done <= 1);
	else
		ck_assert_uint_eq(story.done, 1);
	if (story.done && story.why.err == 0)
		ck_assert_uint_eq(story.records, RECORDS);
	else
		ck_assert_uint_eq(story.records, 0);
	if (which == SERVER_CHANGES || !acted)
		ck_assert_int_eq(story.why.err, 0);
	finish(&story);
	return acted;
}

/* AOSP A-375404242: torn down while its results are taken in. */
START_TEST(a_query_ends_once_whatever_ends_it_at_any_packet)
{
	uint64_t packet = 1;

	while (tell(_i, packet)) {
		packet++;
		ck_assert_uint_lt(packet, PACKETS_MAX);
	}
	ck_assert_uint_gt(packet, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/sdp");
	TCase *tcase = tcase_create("sdp");

	tcase_add_test(tcase, a_service_is_found_on_a_link_of_its_own);
	tcase_add_test(tcase, a_device_that_is_not_there_is_said_to_be_so);
	tcase_add_loop_test(tcase,
			    a_query_ends_once_whatever_ends_it_at_any_packet, 0,
			    ACTS);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
