/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_STAGES_H
#define TEST_RFCOMM_STAGES_H

#include "tests/unit/rfcomm/bench.h"

/*
 * Each takes the user's DLC to server channel 1 of the peer (DLCI 2) to a
 * state; the session is opened on the way, and nothing is left unsaid.
 */

/* PN is out. */
void to_pn_sent(struct user *user);

/* SABM is out. */
void to_sabm_sent(struct user *user);

/* UA has come, and our MSC is out. */
void to_msc(struct user *user);

/* The user has been told that it is open. */
void to_open(struct user *user);

/* The user has closed it, and DISC is out. */
void to_disc_sent(struct user *user);

enum { PN_SENT, SABM_SENT, MSC, OPEN, DISC_SENT, STAGES };
typedef void stage_fn(struct user *user);

/* The same in a table, for tests that go through all of them. */
extern stage_fn *const stages[STAGES];

#endif
