/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * Another key for the encryption of a link that carries data, as after each
 * switch of roles: at any packet, on either side. Not an octet is lost.
 */

#define DATA_BYTES 20000
#define PIECE_BYTES 600

struct story {
	struct world *w;
	struct pair pair;
	unsigned int side;
	bool refreshed;
	uint8_t rx[2][DATA_BYTES];
};

static uint8_t data[DATA_BYTES];

static void refresh(struct world *w, void *arg)
{
	struct story *story = arg;

	story->refreshed = rt_vctl_fake_refresh(
		w->node[story->side].vctl, world_addr(w, !story->side), 0, 16);
}

static void choose_mode(struct pair *pair, enum rt_l2cap_socket_mode mode)
{
	rt_server_close(pair->listener);
	ck_assert_int_eq(
		rt_server_set_option(pair->listener, RT_OPTION_MODE, mode), 0);
	ck_assert_int_eq(rt_server_listen(pair->listener, pair->port), 0);
	ck_assert_int_eq(
		rt_socket_set_option(pair->client.s, RT_OPTION_MODE, mode), 0);
}

/* False if the data were through before the packet `at`. */
static bool tell(enum rt_protocol protocol, enum rt_l2cap_socket_mode mode,
		 unsigned int side, uint64_t at)
{
	const struct world_options options = { .seed = 5, .latency_us = 1250 };
	static struct story story;
	struct pair *pair = &story.pair;

	memset(&story, 0, sizeof(story));
	story.w = world_new(&options);
	story.side = side;
	pair_init(pair, story.w, protocol);
	if (protocol == RT_PROTOCOL_L2CAP)
		choose_mode(pair, mode);
	pair_connect(pair);
	world_run(story.w, RT_MS(100));
	pair->client.rx = story.rx[0];
	pair->server.rx = story.rx[1];
	pair->client.rx_cap = pair->server.rx_cap = DATA_BYTES;
	pair->client.piece = pair->server.piece = PIECE_BYTES;
	story.w->then = refresh;
	story.w->arg = &story;
	story.w->at_packet = story.w->packets + at;
	end_send(&pair->client, data, DATA_BYTES);
	end_send(&pair->server, data, DATA_BYTES);
	ck_assert_msg(
		world_run_until(story.w, pair_is_full, pair, RT_SECONDS(60)),
		"host %u, packet %u: %zu and %zu octets have come", side,
		(unsigned int)at, pair->client.rx_bytes, pair->server.rx_bytes);
	ck_assert_mem_eq(story.rx[0], data, DATA_BYTES);
	ck_assert_mem_eq(story.rx[1], data, DATA_BYTES);
	ck_assert_str_eq(pair->client.log, "CK+");
	ck_assert_str_eq(pair->server.log, "");
	pair_free(pair);
	world_finish(story.w);
	return story.refreshed;
}

static const struct kind {
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
} kinds[] = {
	{ RT_PROTOCOL_RFCOMM, RT_SOCKET_MODE_BASIC },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_BASIC },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_ERTM },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_CREDIT },
};

START_TEST(a_key_that_is_refreshed_costs_no_data)
{
	const struct kind *kind = &kinds[_i / 2];
	uint64_t at = 1;

	for (size_t i = 0; i < DATA_BYTES; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	while (tell(kind->protocol, kind->mode, (unsigned int)_i % 2, at))
		at++;
	ck_assert_uint_gt(at, 60);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/refresh");
	TCase *tc = tcase_create("refresh");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_key_that_is_refreshed_costs_no_data, 0,
			    2 * (int)RT_ARRAY_SIZE(kinds));
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
