/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_L2CAP_SIGNALLING_H
#define RT_TESTS_FUZZ_L2CAP_SIGNALLING_H

/* The steps of an input of l2cap_signalling. */
enum step {
	STEP_COMMANDS,
	STEP_COMMANDS_2, /* the same: it is what matters most */
	STEP_COMMANDS_3,
	STEP_COMMANDS_4,
	STEP_RAW,
	STEP_DATA,
	STEP_USER,
	STEP_TIME,
	STEP_CONNECT,
	STEP_BREAK,
	STEPS,
};

#define STEPS_MAX 60 /* in an input */

/* The first octet of STEP_COMMANDS: how many but one, and one of these. */
#define FRAME_LIES 0xe0
#define FRAME_CUT 0xc0	 /* an octet follows: so many are missing */
#define FRAME_OTHER 0xe0 /* two follow: where, and what it is instead */

#endif
