/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_CREDIT_H
#define TEST_L2CAP_CREDIT_H

#include "tests/conformance/l2cap/script.h"

/*
 * The lower tester's words for enhanced credit based channels (A:4.22 to 4.28,
 * 10): requests of several channels, K-frames, credits.
 */

#define CREDIT_CHANS 5
#define CREDIT_MTU 200
#define CREDIT_MPS 64

struct credit {
	/* What the tester says of itself. */
	uint16_t mtu;
	uint16_t mps;
	uint16_t credits;
	/* What the IUT has said. */
	uint16_t iut_mtu;
	uint16_t iut_mps;
	uint16_t iut_credits;
	size_t count; /* channels of the last request */
	uint16_t iut[2 * CREDIT_CHANS];
	uint16_t cid[2 * CREDIT_CHANS];
	uint16_t result;
};

extern struct credit credit;

/* Around each test. */
void credit_setup(void);

/* The application asks for so many channels; the request is taken. */
void credit_ask(size_t count);

/* The tester answers it: a result, and channel ids from `first` on, or 0. */
void credit_respond(uint16_t result, uint16_t first);

/* The tester asks for so many channels, with its ids from `first` on; the last
 * answer is taken. */
void credit_request(size_t count, uint16_t first);

/* Channels of both sides, open. */
void credit_open(bool we_initiate, size_t count);

/* The tester sends a K-frame on channel `i`: `sdu` octets in all if it is the
 * first of an SDU, -1 if not, and `bytes` from `from` on. */
void credit_k(size_t i, int sdu, size_t from, size_t bytes);

/* Takes K-frames of channel `i` that make up an SDU of app_send_bytes().
 * Returns how many. */
size_t credit_expect_sdu(size_t i, size_t bytes);

/* The tester gives credits. */
void credit_give(size_t i, uint16_t credits);

/* We must disconnect channel `i`. */
void credit_is_disconnected(size_t i);

/* The tester asks for other values on channels `first` to `first + count - 1`.
 * Returns the result. */
uint16_t credit_reconfigure(uint16_t mtu, uint16_t mps, size_t first,
			    size_t count);

#endif
