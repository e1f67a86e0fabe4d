/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_STACK_H
#define RT_TESTS_FUZZ_STACK_H

#include "tests/fuzz/lie.h"
#include "tests/fuzz/user.h"

/*
 * An input of stack: records alone. The body of each begins with the lie of
 * its step (lie.h).
 */
enum step {
	/* All below are acts of a user (user.h), with their arguments. */
	STEP_TIME = USER_ACTS, /* so many powers of two of a millisecond */
	STEP_EVENT,	       /* number (fields.h), free fields */
	STEP_RAW_EVENT,	       /* an event, header and all */
	STEP_RAW_DATA,	       /* boundary flag; ACL data on the link */
	STEP_COMMAND,	       /* number (fields.h), identifier, free fields */
	STEP_DATA,	       /* on a channel of the link */
	STEP_FAULT,	       /* of the controller; on */
	STEP_DROP,	       /* the links */
	STEP_REPLUG,	       /* the controller is gone; another one */
	STEPS,
};

#define STEP_OTHER 0x80 /* of the first octet: the peer's user */
#define STEPS_MAX 64	/* in an input */

#endif
