/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_FRAMES_H
#define TEST_L2CAP_FRAMES_H

#include "tests/conformance/l2cap/script.h"

/*
 * I- and S-frames (A:3.3) in the words of the specification. The tester writes
 * and reads control fields and frame check sequences by itself; lt.extended
 * and lt.fcs say which there are.
 */

/* Bits beside the sequence numbers. */
enum {
	UNSEGMENTED = 0,
	START = 1, /* a SDU length precedes the text */
	END = 2,
	CONTINUATION = 3,
	SAR_MASK = 3,
	F = 4,
	P = 8,
};

/* Supervisory functions. */
enum lt_function {
	RR,
	REJ,
	RNR,
	SREJ,
};

struct lt_frame {
	bool supervisory;
	enum lt_function function;
	unsigned int tx; /* TxSeq */
	unsigned int req;
	unsigned int bits;
	const uint8_t *text; /* information, SDU length and all */
	size_t len;
};

/* The frame check sequence of `len` octets, going on from `fcs`; first 0. */
uint16_t lt_crc(uint16_t fcs, const uint8_t *data, size_t len);

/*
 * Writes a PDU's payload, whose channel id counts in the FCS, to `buf`, which
 * has room for it. Returns its octets.
 */
size_t lt_write_frame(uint16_t cid, const struct lt_frame *frame, uint8_t *buf);

/* Reads one that we have sent; fails if its FCS is wrong. */
struct lt_frame lt_read_frame(const struct lt_pdu *pdu);

/* The tester sends an I-frame; `hex` is its text, SDU length and all. */
void lt_i(unsigned int tx, unsigned int req, unsigned int bits,
	  const char *hex);

/* The same with octets from `from` on of those that app_received_bytes() knows;
 * `sdu` is the SDU length of a START. */
void lt_i_bytes(unsigned int tx, unsigned int bits, size_t from, size_t bytes,
		size_t sdu);

/* The tester sends an S-frame. */
void lt_s(enum lt_function function, unsigned int req, unsigned int bits);

/* We must send this I-frame next; `hex` is all of its text. */
void expect_i(unsigned int tx, unsigned int req, unsigned int bits,
	      const char *hex);

/* The same, whatever the text. */
struct lt_frame expect_i_any(unsigned int tx, unsigned int req,
			     unsigned int bits);

/* We must send this S-frame next. */
void expect_s(enum lt_function function, unsigned int req, unsigned int bits);

/* Within `ms`, we must acknowledge up to `req` and send nothing else. */
void expect_ack(unsigned int req, uint64_t ms);

/* We must send nothing for so long. */
void lt_quiet(uint64_t ms);

#endif
