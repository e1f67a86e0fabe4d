/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_TEST_H
#define RT_RFCOMM_TEST_H

#include <stdbool.h>

#include "rfcomm/engine.h"
#include "rfcomm/session.h"

/*
 * TEST of our own (T:5.4.6.3.4), one at a time with a peer. It does not belong
 * to the session, which may go first: `done` is called all the same, from a
 * timer and so never from inside a call.
 */

/* Frees all tests, telling nobody. */
void rt_rfcomm_test_free_all(struct rt_rfcomm *rfcomm);

/* The session with `peer` is not open any more. */
void rt_rfcomm_test_lost(struct rt_rfcomm *rfcomm, struct rt_addr peer);

/*
 * The answer has come: `err` is 0 and `data` what came back, or -EOPNOTSUPP.
 * False if no test waits for it.
 */
bool rt_rfcomm_test_answered(struct rt_rfcomm_session *session, int err,
			     struct rt_bytes data) RT_MUST_CHECK;

#endif
