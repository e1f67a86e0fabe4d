/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_ERTM_BENCH_H
#define TEST_L2CAP_ERTM_BENCH_H

#include <stdbool.h>

#include "l2cap/chan.h"
#include "l2cap/ertm.h"
#include "tests/unit/l2cap/bench.h"

/*
 * A channel in ERTM or Streaming mode on the bench, and the words for it.
 * Frames are written as
 *
 *	I5 r2		I-frame, TxSeq 5, ReqSeq 2, unsegmented, no payload
 *	I5 r2 F start : 0600 0102
 *	RR r3 P		also REJ, RNR, SREJ
 *
 * and coded by a hand other than that of l2cap/control.c; FCS is added where
 * it was agreed on. After each word rt_l2cap_ertm_check() must be content.
 *
 * The user's SDUs stand in memory of their own until they are completed, so
 * that an earlier end of their life is found.
 */

struct ertm_bench {
	struct user user; /* its log; `on`, `then` */
	struct rt_l2cap_chan *chan;
	struct ertm_sdu *first; /* to be pulled, in their order */
	struct ertm_sdu *held;	/* pulled, not completed */
	bool rfcomm_like; /* SDUs have a head, a tail, and memory of theirs */
};

extern struct ertm_bench eb;

/*
 * ERTM without FCS: windows of 8, MPS 48, MaxTransmit 3, the default timers.
 */
struct rt_l2cap_agreed ertm_agreed(void);

/* bench_setup() for these tests. */
void ertm_setup(void);

/* bench_teardown() for these tests. */
void ertm_teardown(void);

/* Ends everything and begins anew, in a test of many cases. */
void ertm_anew(void);

/* Opens a channel, our id 0x0040, the peer's 0x0041, as agreed. */
void ertm_open(struct rt_l2cap_agreed agreed);

/* The same as ertm_agreed() has it. */
void ertm_open_default(void);

/* The same with this window for what we receive. */
void ertm_open_window(uint16_t window);

/* What was agreed on is another thing now: begins anew. */
void ertm_reopen(struct rt_l2cap_agreed agreed);

/* The user has another SDU, in hexadecimal. */
void ertm_write(const char *hex);

/* The same, `n` octets that count up from 0. */
void ertm_write_octets(size_t n);

/* The user has so much room. */
void ertm_room(size_t bytes);

/* The peer sends a frame. */
void rx_frame(const char *text);

/* The peer sends I-frame `tx_seq` with one octet, its own number. */
void ertm_rx_i(unsigned int tx_seq);

/* The same with a wrong FCS. */
void rx_bad_fcs(const char *text);

/* What we must send next. */
void tx_frame(const char *text);

/* Throws the next frame away. Returns its octets, 0 if there is none. */
size_t tx_discard_one(void);

/* We must have no frame to send. */
void tx_no_frame(void);

/* Milliseconds pass. */
void ertm_wait_ms(uint64_t ms);

/* What the user has been told: "rx:0102 written:5 lost:3 closed". */
void ertm_told(const char *what);

/* We must disconnect now; the user is told the code. */
void ertm_failed(uint16_t code);

/* Asserts that the machines are in these states: "XMIT RECV". */
void ertm_in(const char *states);

/* What is known of the channel. */
struct rt_l2cap_info ertm_info(void);

/* Codes a frame at the peer. Returns its octets. */
size_t ertm_code(const char *text, bool extended, uint8_t *buf);

/* Its FCS as 3.3.5 draws it: a shift register. */
uint16_t ertm_fcs(uint16_t cid, const uint8_t *payload, size_t len);

#endif
