/* SPDX-License-Identifier: MIT */
#ifndef TEST_HCI_EVERYTHING_H
#define TEST_HCI_EVERYTHING_H

#include "tests/unit/hci/rig.h"

/*
 * A controller that is busy with everything at once: links in every state, an
 * inquiry, and a name request behind it.
 */

#define EVERYTHING_LINKS 6

struct everything {
	unsigned int inquiries_done;
	unsigned int names_done;
	struct rt_reason inquiry_why;
	struct rt_reason name_why;
};

extern struct everything everything;

/*
 * Brings the rig up and begins everything. The links 1 to 6 are OPEN,
 * DISCONNECTING, DRAINING, PAGING, WAIT and ACCEPTING.
 */
void everything_begin(void);

/* All of it must be over, once. */
void everything_expect_gone(void);

/* Operations of an inquiry and a name request that only note the end. */
extern const struct rt_gap_inquiry_ops everything_inquiry_ops;
extern const struct rt_gap_name_ops everything_name_ops;

#endif
