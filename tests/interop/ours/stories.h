/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_STORIES_H
#define RT_INTEROP_STORIES_H

#include "tests/interop/ours/flow.h"
#include "tests/interop/story.h"

/* What a story was asked to do. */
struct plan {
	bool them; /* plays the other side's part */
	bool connects;
	struct rt_addr addr;
	int channel;
	int own_channel;
	unsigned int count;   /* of DLCs, or rounds */
	unsigned long number; /* of octets, or the seed */
	const char *give;
	const char *take;
};

/*
 * `count` DLCs at once on as many channels from `channel` on, on each of them
 * `number` octets each way. The seed of each pattern is the story's plus the
 * DLC's number. The side that connects closes.
 */
void story_dlcs(struct side *side, const struct plan *plan,
		void (*ready)(const struct side *side));

/*
 * Connections that "them" cuts at random moments, on `channel`; then one
 * transfer in full on the next channel. What comes before each cut is verified.
 */
void story_churn(struct side *side, const struct plan *plan,
		 void (*ready)(const struct side *side));

/*
 * Both sides connect to the other at the same time, on a link that is up:
 * every attempt ends, and the ones after it, by one side alone, succeed.
 */
void story_cross(struct side *side, const struct plan *plan);

#endif
