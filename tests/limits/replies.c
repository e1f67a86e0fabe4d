/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <stdio.h>

#include "tests/support/suite.h"

/*
 * What one packet is answered by: few PDUs, and not many more octets than have
 * come. A peer that can make us send more than it sends can make us deaf.
 */

#define PACKETS 40

/* What leaves for a packet of the flood. */
static void one_packet(struct flood *flood, unsigned int n, size_t *ret_most)
{
	const struct flood_kind *kind = flood->kind;
	const size_t commands = flood->crowd->commands;
	size_t octets = 0;
	size_t pdus = 0;

	if (flood->peer)
		crowd_count_anew(flood->peer);
	flood_send(flood, n);
	world_settle(flood->crowd->w);
	if (flood->peer) {
		pdus = flood->peer->pdus;
		octets = flood->peer->octets;
		ck_assert_msg(flood->peer->responses <= FLOOD_REPLIES,
			      "%s: %zu answers", kind->name,
			      flood->peer->responses);
	}
	ck_assert_msg(pdus <= FLOOD_REPLIES + kind->requests, "%s: %zu PDUs",
		      kind->name, pdus);
	ck_assert_msg(octets <= FLOOD_FACTOR * flood->packet_bytes +
					FLOOD_OCTETS + kind->asked_for,
		      "%s: %zu octets for %zu", kind->name, octets,
		      flood->packet_bytes);
	ck_assert_msg(flood->crowd->commands - commands <= FLOOD_REPLIES,
		      "%s: %zu commands", kind->name,
		      flood->crowd->commands - commands);
	ret_most[0] = RT_MAX(ret_most[0], pdus);
	ret_most[1] = RT_MAX(ret_most[1], octets);
	ret_most[2] = RT_MAX(ret_most[2], flood->crowd->commands - commands);
}

START_TEST(one_packet_is_answered_by_little)
{
	const struct flood_kind *kind = flood_kind((size_t)_i);
	size_t most[3] = { 0 };
	struct flood flood;

	flood_begin(&flood, kind);
	for (unsigned int n = 0; n < PACKETS; n++) {
		/* Some of them cost the link, and that is an answer too. */
		if (flood.peer && !flood.peer->linked &&
		    !flood.crowd->hold_setup)
			break;
		one_packet(&flood, n, most);
	}
	printf("%-42s %6zu %4zu %6zu %4zu\n", kind->name, flood.packet_bytes,
	       most[0], most[1], most[2]);
	fflush(stdout);
	flood_end(&flood);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/replies");
	TCase *tc = tcase_create("replies");
	int count = 0;

	while (flood_kind((size_t)count))
		count++;
	printf("%-42s %6s %4s %6s %4s\n", "", "octets", "PDUs", "octets",
	       "cmds");
	fflush(stdout);
	tcase_add_loop_test(tc, one_packet_is_answered_by_little, 0, count);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
