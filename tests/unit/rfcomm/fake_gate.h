/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_FAKE_GATE_H
#define TEST_RFCOMM_FAKE_GATE_H

#include "tests/unit/rfcomm/bench.h"

/* The security gate of DLCs, played by the test. */

struct fake_gate {
	enum rt_l2cap_verdict verdict;
	struct rt_reason why; /* of a "no" */
	unsigned int asked;
	uint8_t strict; /* this server channel gets `verdict`; 0: all */
	struct rt_l2cap_gate_request request; /* the last */
};

extern struct fake_gate gate;

/* Sets it, as it is from the start, before the bench's engine. */
void gate_setup(void);

/* It says this from now on, and that there is something new to be heard. */
void says(enum rt_l2cap_verdict verdict);

/* It says that authentication has to be waited for. */
void waits(void);

/* It says yes, and what follows from that is done. */
void allows(void);

#endif
