/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * The main job: a file over RFCOMM and over L2CAP between two hosts, both
 * ways at once, with generous controllers and with the smallest.
 */

#define FILE_BYTES (1024 * 1024)

struct buffers {
	uint16_t bytes;
	uint16_t packets;
};

static const struct buffers buffers[] = {
	{ 1021, 8 },
	{ 192, 1 },
	{ 27, 1 },
};

static void give_files(struct pair *pair, size_t bytes)
{
	uint8_t *forth = malloc(bytes);
	uint8_t *back = malloc(bytes);

	ck_assert(forth && back);
	world_random_bytes(pair->w, forth, bytes);
	world_random_bytes(pair->w, back, bytes);
	pair->client.rx = calloc(1, bytes);
	pair->server.rx = calloc(1, bytes);
	ck_assert(pair->client.rx && pair->server.rx);
	pair->client.rx_cap = bytes;
	pair->server.rx_cap = bytes;
	if (pair->protocol == RT_PROTOCOL_L2CAP) {
		pair->client.piece = 672;
		pair->server.piece = 672;
	}
	pair->client.tx = forth;
	pair->server.tx = back;
	pair->client.tx_bytes = bytes;
	pair->server.tx_bytes = bytes;
}

static void check_and_free_files(struct pair *pair, size_t bytes)
{
	ck_assert_mem_eq(pair->server.rx, pair->client.tx, bytes);
	ck_assert_mem_eq(pair->client.rx, pair->server.tx, bytes);
	ck_assert_uint_eq(pair->client.written, bytes);
	ck_assert_uint_eq(pair->server.written, bytes);
	ck_assert_uint_eq(pair->client.gaps, 0);
	ck_assert_uint_eq(pair->server.gaps, 0);
	free(pair->client.rx);
	free(pair->server.rx);
	free((void *)(uintptr_t)pair->client.tx);
	free((void *)(uintptr_t)pair->server.tx);
}

static void exchange(enum rt_protocol protocol, const struct buffers *size,
		     const char *name)
{
	const struct world_options options = {
		.name = name,
		.seed = 7,
		.latency_us = 1250,
		.acl_bytes = size->bytes,
		.acl_packets = size->packets,
	};
	struct world *w = world_new(&options);
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, protocol);
	give_files(&pair, FILE_BYTES);
	pair_connect(&pair);
	ck_assert(world_run_until(w, pair_is_full, &pair, RT_SECONDS(3600)));
	rt_socket_close(pair.client.s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(10)));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	check_and_free_files(&pair, FILE_BYTES);
	pair_free(&pair);
	world_finish(w);
}

START_TEST(a_file_crosses_rfcomm_both_ways)
{
	exchange(RT_PROTOCOL_RFCOMM, &buffers[_i],
		 _i == 0 ? "rfcomm_file" : NULL);
}
END_TEST

START_TEST(a_file_crosses_l2cap_both_ways)
{
	exchange(RT_PROTOCOL_L2CAP, &buffers[_i],
		 _i == 0 ? "l2cap_file" : NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/transfer");
	TCase *tc = tcase_create("transfer");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_file_crosses_rfcomm_both_ways, 0, 3);
	tcase_add_loop_test(tc, a_file_crosses_l2cap_both_ways, 0, 3);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
