/* SPDX-License-Identifier: MIT */
/*
 * Stories of several RFCOMM connections of one host; the other side is
 * `peer` of ../vm or another process of this program.
 *
 *   several DEVICE us|them dlcs connect ADDRESS CHANNEL COUNT OCTETS
 *   several DEVICE us|them dlcs listen CHANNEL COUNT OCTETS
 *   several DEVICE us|them churn connect ADDRESS CHANNEL ROUNDS SEED
 *   several DEVICE us|them churn listen CHANNEL SEED
 *   several DEVICE us|them cross ADDRESS CHANNEL OWN ROUNDS SEED GIVE TAKE
 *
 * "us" is the side under test, "them" plays the other one's part. FRAME in the
 * environment is the frame size to propose, RAWTOOTH_SNOOP a capture file. Says
 * "ready ADDRESS" when it listens, and at the end "idle" when nothing is left
 * in the host. Ends with 1 after what must not be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/interop/ours/stories.h"

static struct rt_addr parse_address(const char *text)
{
	struct rt_addr addr;

	if (rt_addr_parse(text, &addr) != 0)
		side_fail("%s is no address", text);
	return addr;
}

static void say_ready(const struct side *side)
{
	char text[RT_ADDR_STR_BYTES];

	printf("ready %s\n", rt_addr_format(side->addr, text));
}

/* Both stories have a side that connects and one that listens. */
static bool read_plan(struct plan *plan, int argc, char **argv)
{
	char **at = argv + 5;

	if (argc < 6)
		return false;
	plan->connects = strcmp(argv[4], "connect") == 0;
	if (plan->connects)
		plan->addr = parse_address(*at++);
	if (argv + argc - at < 2)
		return false;
	plan->channel = atoi(*at++);
	plan->count = (unsigned int)atoi(*at++);
	plan->number = *at ? strtoul(*at, NULL, 10) : plan->count;
	return true;
}

static bool tell(struct side *side, int argc, char **argv)
{
	struct plan plan = { .them = strcmp(argv[2], "them") == 0 };

	if (strcmp(argv[3], "cross") == 0 && argc == 11) {
		plan.addr = parse_address(argv[4]);
		plan.channel = atoi(argv[5]);
		plan.own_channel = atoi(argv[6]);
		plan.count = (unsigned int)atoi(argv[7]);
		plan.number = strtoul(argv[8], NULL, 10);
		plan.give = argv[9];
		plan.take = argv[10];
		say_ready(side);
		story_cross(side, &plan);
		return true;
	}
	if (!read_plan(&plan, argc, argv))
		return false;
	if (strcmp(argv[3], "dlcs") == 0)
		story_dlcs(side, &plan, say_ready);
	else if (strcmp(argv[3], "churn") == 0)
		story_churn(side, &plan, say_ready);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct side side;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 6) {
		fputs("usage: several DEVICE us|them STORY ...\n", stderr);
		return 2;
	}
	side_open(&side, argv[1]);
	if (getenv("FRAME"))
		side.frame_bytes = atoi(getenv("FRAME"));
	if (!tell(&side, argc, argv)) {
		fputs("several: what is meant?\n", stderr);
		return 2;
	}
	side_finish(&side);
	return 0;
}
