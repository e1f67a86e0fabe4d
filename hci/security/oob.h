/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_OOB_H
#define RT_SEC_OOB_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "stack/list.h"

/*
 * Out of band data (Core Vol 2 Part H 7.2.2): what was received from peers, and
 * reading what is ours. All of it is secret, and wiped when it goes.
 */

/* Member `oob` of rt_sec. */
struct rt_sec_oobs {
	struct rt_list peers; /* at most limits.oob_peers */
	uint32_t count;
	/* rt_sec_read_local_oob() under way, or NULL */
	void (*done)(void *user, const struct rt_sec_oob *oob,
		     const struct rt_reason *why);
	void *user;
};

/* Prepares it. */
void rt_sec_oobs_init(struct rt_hci *hci);

/* Wipes and frees all of it, telling nobody. */
void rt_sec_oobs_fini(struct rt_hci *hci);

/* The controller is down: what was being read has failed. */
void rt_sec_oobs_down(struct rt_hci *hci, const struct rt_reason *why);

/*
 * What we tell the controller about data that we have of the peer: bit 0 for
 * P-192, bit 1 for P-256, which only Secure Connections use (7.1.29).
 */
uint8_t rt_sec_oob_flags(const struct rt_hci *hci, struct rt_addr addr);

#endif
