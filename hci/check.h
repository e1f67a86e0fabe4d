/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_CHECK_H
#define RT_HCI_CHECK_H

#include "hci/hci.h"

/*
 * What holds between any two steps of the engine, for tests to ask after each.
 * Nothing in the engine calls it. Not from inside an op, a tap or a timer.
 */

/*
 * Looks at commands and their credits, at links, their states, timers and
 * security, and at whose packets the controller holds.
 *
 * Returns NULL, or a sentence that names what does not hold.
 */
const char *rt_hci_check(const struct rt_hci *hci);

#endif
