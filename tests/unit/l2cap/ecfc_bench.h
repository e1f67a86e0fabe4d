/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_ECFC_BENCH_H
#define TEST_L2CAP_ECFC_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/unit/l2cap/bench.h"

/*
 * Credit-based channels with address 1 on PSM 0x1001, MTU 100, MPS 64, of
 * which each gives 3 credits: ours (ask_), and those of a peer (offer_).
 */

/* The figures of the engine. */
const struct rt_l2cap_stats *stats(void);

/* The user of all channels of ours; it may have several. */
extern struct user ask_user;
extern rt_handle ask_chans[5];
extern const struct rt_l2cap_params ask_params;

/* Makes an idle engine. */
void ask_setup(void);

/* Asks for so many channels. Returns as rt_l2cap_connect_many(). */
int ask_for(size_t count);

/* The request for so many channels is sent; identifier 01. */
void ask_sent(size_t count);

/* What is known of a channel, which must be there. */
struct rt_l2cap_info ask_info(size_t i);

/* True if a channel is there. */
bool ask_is_there(size_t i);

#define OFFER_USERS 6

/* The listener, and the user of its channels. */
extern struct user offer_user;
extern struct rt_l2cap_params offer_params;

/*
 * What it says to the channels that a peer asks for, one after the other, a
 * letter each: y(es), n(o), f(ull), l(ater), x: closes it itself.
 */
extern const char *offer_answers;
extern size_t offer_count;
extern rt_handle offer_chans[OFFER_USERS];

/* Makes an engine with the listener, and a link that the peer has opened. */
void offer_setup(void);

/* Ends it, and makes another one. */
void offer_restart(void);

/* What is known of a channel, which must be there. */
struct rt_l2cap_info offer_info(size_t i);

/* The peer's request must get this answer, which refuses `n` channels. */
void offer_refused(const char *req, const char *rsp, uint32_t n);

#endif
