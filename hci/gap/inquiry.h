/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_INQUIRY_H
#define RT_HCI_GAP_INQUIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/gap.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * Inquiry (Core Vol 3 Part C 6.1, Vol 4 Part E 7.1.1): at most one, whose
 * results are merged by address in a table that forgets the device it has not
 * heard of for the longest time. The table outlives the inquiry: paging takes
 * the clock offset from it.
 */

enum rt_gap_inquiry_phase {
	RT_GAP_INQUIRY_IDLE,
	RT_GAP_INQUIRY_STARTING, /* Inquiry queued or sent */
	RT_GAP_INQUIRY_RUNNING,
	RT_GAP_INQUIRY_CANCELLING, /* Inquiry Cancel queued or sent */
};

struct rt_gap_inquiry {
	uint8_t phase; /* enum rt_gap_inquiry_phase: of the controller */
	bool wanted;   /* by the user, whose ops are set */
	bool has_run;  /* at all; it can be interrupted */
	uint32_t lap;
	uint64_t end_us; /* when it is over by itself */
	const struct rt_gap_inquiry_ops *ops;
	void *user;
	struct rt_timer timer;
	struct rt_list found; /* the one heard of last is the last */
	uint32_t found_count;
	uint32_t round; /* number of the inquiry */
};

/* Prepares the part of the engine. */
void rt_gap_inquiry_init(struct rt_hci *hci);

/* Frees what it holds, telling nobody. */
void rt_gap_inquiry_fini(struct rt_hci *hci);

/* Queues what is due: Inquiry, when nothing excludes it. */
void rt_gap_inquiry_poll(struct rt_hci *hci);

/* Ends the inquiry with the reason. A controller that is lost is not told. */
void rt_gap_inquiry_close(struct rt_hci *hci, const struct rt_reason *why);

/* True if there is none, and the controller does none. */
bool rt_gap_inquiry_is_idle(const struct rt_hci *hci);

/* True while the controller inquires, or is just being told to or not to. */
bool rt_gap_inquiry_is_running(const struct rt_hci *hci);

/*
 * Makes way for a page: the controller stops inquiring, and takes up what is
 * left of the time when the page is over.
 */
void rt_gap_inquiry_interrupt(struct rt_hci *hci);

/* Handles Inquiry Complete (7.7.1). */
void rt_gap_inquiry_on_complete(struct rt_hci *hci, const void *evt);

/* Handles Inquiry Result (7.7.2). */
void rt_gap_inquiry_on_result(struct rt_hci *hci, const void *evt);

/* Handles Inquiry Result With RSSI (7.7.33). */
void rt_gap_inquiry_on_result_rssi(struct rt_hci *hci, const void *evt);

/* Handles Extended Inquiry Result (7.7.38). */
void rt_gap_inquiry_on_result_extended(struct rt_hci *hci, const void *evt);

#endif
