/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_HCI_RIG_H
#define REGRESS_HCI_RIG_H

#include "tests/unit/hci/rig.h"

/*
 * What the rows share that are played on the rig of unit/hci: one engine, and
 * a controller that is as hostile as its script.
 */

/*
 * Forgets all and makes an engine anew, which has not been started; `options`
 * NULL: those of the rig.
 */
void hci_fresh(const struct rt_hci_options *options);

/* Answers what is asked and lets the time pass until the engine is up. */
void hci_recover(void);

/*
 * Nothing is to be sent, and the engine is up: a link can be made, carries a
 * PDU both ways, and goes. Links are forgotten for which this was the end.
 */
void hci_expect_works(void);

/*
 * Begins an inquiry: what is told of it is counted in hci_told. Names and EIRs
 * that are too long fail the test.
 */
void hci_inquire(void);

/* The same for a name request of rig_addr(9). */
void hci_ask_name(void);

extern unsigned int hci_told;
extern struct rt_gap_device hci_device; /* the last one told of */
extern size_t hci_uuids;		/* in its EIR */
extern size_t hci_name_bytes;		/* of the last name told */

/* Forgets the links of the rig's list that are gone. */
void hci_forget_links(void);

/* What an engine is like: that of which a bad event may change nothing. */
struct hci_print {
	struct rt_hci_stats stats; /* without events_malformed */
	unsigned int ups;
	unsigned int downs;
	unsigned int finals;
	unsigned int told;
	size_t links;
	size_t completed;
	size_t live_bytes;
	uint32_t commands_free;
	uint32_t credits;
	uint64_t due_us; /* of the next timer */
	uint8_t state;
	uint8_t step; /* of the link with handle 1, as what follows */
	uint8_t role;
	uint8_t mode;
	uint8_t encryption;
	uint8_t key_bytes;
	uint8_t pairing;
};

/* Takes one; memory between the members is zero. */
void hci_print_take(struct hci_print *ret_print);

/* Whether two are the same. */
bool hci_print_equal(const struct hci_print *a, const struct hci_print *b);

/* The table of a file whose rows are in `rows`. */
#define HCI_RIG_TABLE(rows_)                                    \
	{                                                       \
		.rows = (rows_), .count = RT_ARRAY_SIZE(rows_), \
		.setup = rig_setup, .teardown = rig_teardown,   \
	}

#endif
