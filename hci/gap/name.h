/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_NAME_H
#define RT_HCI_GAP_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/gap.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * Remote names (Core Vol 4 Part E 7.1.19): a queue of requests, of which the
 * first is under way. The controller pages for it, so it waits for inquiry and
 * pages to be over, and they for it.
 */

struct rt_gap_name;

struct rt_gap_names {
	struct rt_slots slots;
	struct rt_list waiting;	    /* of rt_gap_name */
	struct rt_gap_name *active; /* NULL: none, or forgotten by its user */
	bool busy;		    /* the controller has a request of ours */
	struct rt_addr addr;	    /* of the device it asks */
	bool cancelling;
	struct rt_timer timer;
};

/* Prepares the part of the engine. Returns 0 or -ENOMEM. */
int rt_gap_name_init(struct rt_hci *hci) RT_MUST_CHECK;

/* Frees what it holds, telling nobody. */
void rt_gap_name_fini(struct rt_hci *hci);

/* Queues the next request, if nothing excludes it. */
void rt_gap_name_poll(struct rt_hci *hci);

/* Ends all requests with the reason. */
void rt_gap_name_close(struct rt_hci *hci, const struct rt_reason *why);

/* True if there is no request and the controller has none. */
bool rt_gap_name_is_idle(const struct rt_hci *hci);

/* True while the controller has a request. */
bool rt_gap_name_is_busy(const struct rt_hci *hci);

/* Handles Remote Name Request Complete (7.7.7). */
void rt_gap_name_on_complete(struct rt_hci *hci, const void *evt);

#endif
