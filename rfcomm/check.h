/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_CHECK_H
#define RT_RFCOMM_CHECK_H

#include "rfcomm/flow.h"
#include "rfcomm/rfcomm.h"

/*
 * What holds between any two steps of an engine, for tests to ask after each.
 * Nothing in the engine calls it. Not from inside an op, a tap or a timer.
 */

/*
 * Looks at everything that the engine holds: credits add up and stay below
 * their limit, DLCs and sessions are where their states say, each state that
 * waits has its timer and no other has one, DLCIs, handles and peers are
 * unique.
 *
 * Returns NULL, or a sentence that names what does not hold.
 */
const char *rt_rfcomm_check(const struct rt_rfcomm *rfcomm);

/*
 * The credits of a DLC in all, to be compared with those of its other end.
 * Returns 0, or -ENOENT if stale.
 */
int rt_rfcomm_check_credits(const struct rt_rfcomm *rfcomm, rt_handle dlc,
			    struct rt_rfcomm_credits *ret_total) RT_MUST_CHECK;

#endif
