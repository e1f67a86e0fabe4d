/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_L2CAP_SIGNALLING_H
#define RT_TESTS_FUZZ_L2CAP_SIGNALLING_H

#include "stack/rd.h"

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
	STEP_UCD,
	STEP_GATE,
	STEPS,
};

#define STEPS_MAX 60 /* in an input */

/* The first octet of STEP_COMMANDS: how many but one, and one of these. */
#define FRAME_LIES 0xe0
#define FRAME_CUT 0xc0	 /* an octet follows: so many are missing */
#define FRAME_OTHER 0xe0 /* two follow: where, and what it is instead */

/* Nobody listens, and the gate allows what none would. */
void ucd_begin(void);

/* Connectionless data or a raw PDU; takes what it needs of the input. */
void ucd_step(struct rt_rd *in);

/* The gate changes its mind, as an octet of the input says. */
void ucd_change_gate(struct rt_rd *in);

#endif
