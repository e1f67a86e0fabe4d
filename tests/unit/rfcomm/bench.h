/* SPDX-License-Identifier: MIT */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/rfcomm.h"
#include "tests/support/hex.h"
#include "tests/support/fake_l2cap.h"
#include "tests/unit/rfcomm/user.h"
#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

/*
 * The engine on a fake L2CAP, and the words in which the tests speak: what the
 * peer sends (`rx`), what we must send next (`tx`), frames in hexadecimal
 * without their FCS, and what a user of DLCs must have been told (`told`).
 *
 * Frames here are checked by an FCS computed bit by bit, not by the table of
 * the engine.
 */

#define MTU 1017 /* of both sides, unless a test says otherwise */
#define N1 1011	 /* what follows from it */

struct bench {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_rfcomm *rfcomm;
	rt_handle chan; /* the one that rx and tx mean */
};

extern struct bench bench;

/* Makes an idle engine. */
void bench_setup(void);

/* The same with limits other than the default; called after bench_setup(). */
void bench_restart(void (*change)(struct rt_limits *limits));

/*
 * Frees the engine. Fails if a user was told something the test did not look
 * at through `told`, or something is allocated or armed afterwards.
 */
void bench_teardown(void);

/* What always holds, holds. After each rx, tx and step anyway. */
void bench_check(void);

/* Address number `n`, 1 or more. */
struct rt_addr bench_addr(uint8_t n);

/* Runs the timers that are due, and what follows at once. Frees the dead. */
void bench_step(void);

/* Lets time pass, timer by timer. */
void bench_wait_us(uint64_t us);

/* The FCS of a frame that has none yet, by its control octet. */
uint8_t bench_fcs(const uint8_t *frame, size_t len);

/* The peer sends a frame; the FCS is added. */
void rx(const char *hex);

/* The peer sends these octets as they are. */
void rx_raw(const char *hex);

/* The peer sends a UIH frame with `len` octets of 'x'; credits: 0 for none. */
void rx_data(uint8_t address, uint8_t credits, size_t len);

/* What we must send next; the FCS is added. */
void tx(const char *hex);

/* We must have nothing to send. */
void tx_nothing(void);

/* Throws away what we send now. Returns how many frames that were. */
size_t tx_discard(void);

/* Takes what we send next to `buf`, without FCS. Returns its length, or 0. */
size_t tx_take(uint8_t *buf, size_t cap);

/* A session that the peer opened. We are the responder. */
void session_in(void);

/* A session that opens for DLCs that wait already. We are the initiator. */
void session_out(void);

/*
 * A DLC of ours to `channel` of the peer, open, both with `credits`, room for
 * `room` octets; session_out() for the first.
 */
void dlc_out(struct user *user, uint8_t channel, size_t room, uint8_t credits);

/* A DLC of the peer's to our channel, which listens with `room`; session_in().
 */
void dlc_in(uint8_t channel, uint8_t credits);

/* The reason of an L2CAP channel that closed. */
struct rt_reason l2cap_reason(uint16_t code, int err);

/* A page timeout. */
struct rt_reason page_timeout(void);

/* Both say the same. */
void same_reason(const struct rt_reason *a, const struct rt_reason *b);

/* The L2CAP channel of rx and tx closes in order, as we have asked for. */
void l2cap_closes(void);

#endif
