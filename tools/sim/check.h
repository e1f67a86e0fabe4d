/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_CHECK_H
#define RT_SIM_CHECK_H

struct rt_host;

/*
 * What holds between any two steps of a host, for the simulator and tests to
 * ask after each. Nothing in the host calls it. Not from inside a callback.
 */

/*
 * Looks at all layers of the host, and at what they have to do with each
 * other: nothing open is less secure than it has to be, no object of one layer
 * hangs on one of another that is gone, and what a peer can make us keep is
 * bounded.
 *
 * Returns NULL, or what does not hold, to follow on "that".
 */
const char *rt_check_invariants(const struct rt_host *host);

#endif
