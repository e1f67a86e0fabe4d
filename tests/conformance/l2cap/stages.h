/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_STAGES_H
#define TEST_L2CAP_STAGES_H

#include "tests/conformance/l2cap/script.h"

/* The life of a channel, as the tester sees it. */
enum stage {
	STAGE_LINK,	  /* a link, a listener, no channel */
	STAGE_CONNECTING, /* CONNECTION_REQ is out, or "pending" answered */
	STAGE_CONFIGURING,
	STAGE_HALF, /* our half is configured */
	STAGE_OPEN,
	STAGE_CLOSING, /* DISCONNECTION_REQ is out */
	STAGES,
};

/* Brings a channel into the stage; what we have sent is forgotten. */
void stage_reach(enum stage stage, bool we_initiate);

/* A valid command each, in hexadecimal; channel ids as of a first channel. */
extern const char *const stage_commands[];
extern const size_t stage_command_count;

#endif
