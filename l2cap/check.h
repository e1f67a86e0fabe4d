/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CHECK_H
#define RT_L2CAP_CHECK_H

#include "l2cap/l2cap.h"

/*
 * What holds between any two steps of an engine, for tests to ask after each.
 * Nothing in the engine calls it. Not from inside an op, a tap or a timer.
 */

/*
 * Looks at everything that the engine holds: channels are where their states
 * say, each wait has a timer that ends it, and ids, handles and identifiers
 * are unique and in their ranges.
 *
 * Returns NULL, or a sentence that names what does not hold.
 */
const char *rt_l2cap_check(const struct rt_l2cap *l2cap);

#endif
