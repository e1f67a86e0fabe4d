/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_LIMITS_MEMORY_H
#define RT_TESTS_LIMITS_MEMORY_H

#include "tests/limits/crowd.h"

/*
 * A door at which a peer does its worst. `attack` does it on a fresh host and
 * frees what it has made of servers; the crowd writes down the worst moment.
 */
struct limits_door {
	const char *name;
	/* What the limits come to, in octets. */
	size_t (*bound)(void);
	void (*attack)(struct crowd *crowd);
	/*
	 * More than a stranger may have: the application has asked for more
	 * than the default, or it takes a controller that does not answer.
	 */
	bool beyond;
};

/* What a peer may have that the application does not know. */
#define LIMITS_STRANGER_BYTES 131072

/* What seven links may have that the application uses, and the host itself. */
#define LIMITS_BUSY_BYTES 1048576

/* Lists that end with a name of NULL. */
extern const struct limits_door limits_doors_link[];
extern const struct limits_door limits_doors_signalling[];
extern const struct limits_door limits_doors_data[];
extern const struct limits_door limits_doors_services[];
extern const struct limits_door limits_doors_all[];

/* A link that is open. */
size_t limits_link_bytes(void);

/* A control packet. */
size_t limits_packet_bytes(size_t payload);

/* All answers that may wait on a link. */
size_t limits_replies_bytes(void);

/* A channel of L2CAP, and what it has under way. */
size_t limits_chan_bytes(void);

/* A connection that nobody has taken yet, with its read queue if it is open. */
size_t limits_pending_bytes(bool open);

#endif
