/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_STORY_H
#define RT_INTEROP_STORY_H

#include "tests/interop/pattern.h"

/*
 * What both sides of a story of many RFCOMM connections agree on. "We" are the
 * side under test, "they" the other one: the kernel, or one of us in its part.
 */

/* What each side sends. */
#define STORY_UNIT_BYTES 127
extern const struct pattern story_our_pattern;
extern const struct pattern story_their_pattern;

/*
 * A random moment to cut a connection: before it stands as often as long after.
 */
long story_cut_ms(uint64_t *random);

/* Each way, on the connection after those, which nobody cuts. */
#define STORY_LAST_BYTES 20000

/* A random moment to connect, for connects to cross. */
long story_jitter_ms(uint64_t *random);

/* Sent, echoed and compared on each connection that stands. */
#define STORY_ECHO_BYTES 100
/* Of the L2CAP channel that keeps the link up. */
#define STORY_PSM 4113
/* Letters of cue.h. */
#define STORY_CROSS 'g'
#define STORY_ALONE 'n'
#define STORY_DONE 'd'
#define STORY_END 'e'

#endif
