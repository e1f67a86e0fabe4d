/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_ECFC_FUZZ_H
#define TEST_L2CAP_ECFC_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/l2cap/bench.h"

/* Both sides of the credit-based channels in ecfc_fuzz.c. */

#define FUZZ_CHANS 24

struct fuzz_chan {
	rt_handle handle;
	bool there;
	bool opened;
	size_t room; /* as we have told */
	unsigned int pulled;
	unsigned int completed;
	unsigned int rest; /* of the SDU that the peer is sending */
};

extern struct fuzz_chan fuzz_chans[FUZZ_CHANS];

/* A number below `n`; the same seed gives the same numbers. */
unsigned int fuzz_roll(unsigned int n);

/* The peer does something. */
void fuzz_peer_acts(void);

/*
 * The peer answers a C-frame of ours, mostly as it should. `len` counts the
 * header, and is 16 at least.
 */
void fuzz_peer_answers(const uint8_t *pdu, size_t len);

#endif
