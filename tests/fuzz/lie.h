/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_LIE_H
#define RT_TESTS_FUZZ_LIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/sim/world.h"

/*
 * A controller, or a peer behind it, that tells the truth but for one packet:
 * a step of an input says what happens to which of the packets that the host
 * gets next.
 */

#define LIE_PACKET_MAX 1100 /* longer ones are left alone */

enum lie_what {
	LIE_NONE,
	LIE_DROP,
	LIE_TWICE,
	LIE_OCTET,     /* one is other: all lengths stay */
	LIE_CUT,       /* the end is missing; the lengths are right */
	LIE_CUT_INNER, /* ... but for those within an ACL packet */
	LIE_CUT_OUTER, /* ... but for HCI's own */
	LIE_LONGER,    /* an octet too much; the lengths are right */
	LIE_LONGER_OUTER /* ... but for HCI's own */,
	LIE_LATE,  /* it comes after the one that follows, or at the end */
	LIE_AGAIN, /* the one before comes once more, behind it */
	LIES,
};

/* As an input has it: LIE_BYTES octets. */
#define LIE_BYTES 4

struct lie {
	uint8_t what;  /* modulo LIES */
	uint8_t which; /* of the packets to come; the low bits: how it is put
			  right afterwards, see lie.c */
	uint8_t where; /* octet */
	uint8_t value; /* that it differs by */
};

struct lie_packet {
	size_t len; /* 0: there is none */
	enum rt_packet_type type;
	uint8_t octets[LIE_PACKET_MAX];
};

struct liar {
	struct lie lie;
	unsigned int left; /* packets to come before the one that is meant */
	bool armed;
	struct lie_packet late;
	struct lie_packet last; /* the packet before */
	unsigned int told;	/* lies, in all */
};

/* Arms the next lie; LIE_NONE disarms. `p` has LIE_BYTES octets. */
void liar_arm(struct liar *liar, const uint8_t p[LIE_BYTES]);

/* As world_hooks.meddle, for packets from a controller to its host. */
bool liar_meddle(struct liar *liar, struct world_node *node,
		 enum rt_packet_type type, struct rt_bytes packet);

/* Hands over what is kept back, and forgets a lie that was not told. */
void liar_rest(struct liar *liar, struct world_node *node);

#endif
