/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CASE_H
#define RT_TESTS_CASE_H

#include "tests/fault/event.h"
#include "tests/fault/flow.h"

/* One flow, one event, one place where it happens: that is a case. */

/* The flow when nothing happens. */
struct reference {
	uint64_t packets;   /* between the host and its controller */
	uint16_t handle[2]; /* of their link */
	size_t asked;	    /* allocations of the host, in all */
	char outcome[512];
};

enum verdict {
	CASE_ENDED,	/* the flow came to another end than its own */
	CASE_WENT_ON,	/* as if nothing had happened */
	CASE_UNREACHED, /* no allocation came that could have failed */
	CASE_VERDICTS,
};

/* Plays the flow without an event, which must succeed. */
void case_reference(const struct flow *flow, struct reference *ret_reference);

/* Plays it with the event behind the packet `at`, and asserts what holds. */
enum verdict case_play(const struct flow *flow, const struct event *event,
		       uint64_t at, const struct reference *reference);

#endif
