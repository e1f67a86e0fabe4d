/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_SEC_H
#define RT_SEC_SEC_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "hci/security/bond.h"
#include "hci/security/keys.h"
#include "hci/security/oob.h"
#include "stack/env.h"

/*
 * The security of one controller: what is not of a single link. Member `sec`
 * of struct rt_hci.
 */
struct rt_sec {
	const struct rt_sec_ops *ops; /* never NULL */
	void *user;
	struct rt_sec_policy policy;
	bool has_floor; /* some service listens */
	struct rt_sec_need floor;
	bool ssp;		 /* the controller does it for us */
	bool secure_connections; /* that too */
	bool size_missed;	 /* the last question for a key size */
	bool no_key_size;	 /* two in a row have been left unanswered */
	struct rt_sec_keys keys;
	struct rt_sec_bonds bonds; /* rt_sec_pair(), window, back-off */
	struct rt_sec_oobs oob;
};

/* Prepares it. Returns 0 or -ENOMEM. */
int rt_sec_init(struct rt_hci *hci) RT_MUST_CHECK;

/* Wipes and frees all of it; harmless after rt_sec_init() has failed. */
void rt_sec_fini(struct rt_hci *hci);

/* A bring-up begins: nothing is known of the controller. */
void rt_sec_bringup(struct rt_hci *hci);

/* The controller is down, its links are closed: what was under way is over. */
void rt_sec_engine_down(struct rt_hci *hci, const struct rt_reason *why);

/* The command with this opcode was not answered in time. */
void rt_sec_command_timeout(struct rt_hci *hci, uint16_t opcode);

/* The user's time for an answer, in milliseconds. */
uint32_t rt_sec_answer_ms(const struct rt_hci *hci);

/* A reason of layer SECURITY with the errno that belongs to the code. */
struct rt_reason rt_sec_reason(enum rt_sec_code code);

#endif
