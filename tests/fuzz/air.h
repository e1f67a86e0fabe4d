/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_AIR_H
#define RT_TESTS_FUZZ_AIR_H

/*
 * An input of air: mode and FCS, window, transmissions of a frame, MPS; then
 * records.
 */
enum record {
	RECORD_DECIDE, /* one octet for each frame to come, either way */
	RECORD_WRITE,  /* end, datagrams */
	RECORD_PAUSE,  /* end: reads no more, or again */
	RECORD_TIME,   /* so many powers of two of a millisecond */
	RECORD_CLOSE,  /* end */
	RECORD_STREAM, /* end, octets on the RFCOMM connection, unharmed */
	RECORDS,
};

/* A decision: the low bits; the others say when, or which bit. */
enum decision {
	DECIDE_PASS = 3, /* and all below */
	DECIDE_DROP,
	DECIDE_TWICE,
	DECIDE_LATE, /* so many frames later, or at the end */
	DECIDE_SPOIL,
};

#define DECISION_MASK 7
#define HEAD_BYTES 4
#define RECORDS_MAX 64 /* in an input */

#endif
