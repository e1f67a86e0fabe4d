/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_HCI_BED_H
#define RT_TESTS_FUZZ_HCI_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/gap.h"
#include "hci/hci.h"
#include "hci/security.h"
#include "tests/fuzz/lie.h"
#include "tests/unit/stack/fake_env.h"
#include "tools/sim/world.h"

/*
 * Engines of hci, with nothing above them, on virtual controllers: number 0 is
 * the victim, whose owner and whose layer above hold it to its contract; the
 * others are honest peers of it.
 */

#define BED_ENGINES_MAX 5
#define BED_LINKS 16
#define BED_PDU_BYTES 1500 /* that we want, on most channel ids */
#define BED_CID_SMALL 0x0041
#define BED_PDU_SMALL 100 /* that we want on this one */

struct bed_link {
	struct rt_hci_link *link; /* NULL: no entry */
	bool up;
	unsigned int pulled;  /* and not completed */
	unsigned int to_send; /* PDUs */
	uint16_t bytes;	      /* of each */
};

struct bed_engine {
	struct world_node *node;
	struct fake_env fake;
	struct rt_env *env;
	struct rt_hci *hci;
	struct bed_link link[BED_LINKS];
	bool answers; /* questions of security, with yes, by itself */
	bool asked;
	struct rt_sec_question question;
	/* Requests that are under way, to be told of once. */
	bool inquires;
	rt_handle name; /* 0: none */
	rt_handle pair;
	unsigned int oobs;
	unsigned int dones;  /* all of those that have ended */
	bool up, final_down; /* as ops.up and ops.down have it */
	uint8_t tx[1 + 4 + 1024];
};

struct hci_bed {
	struct world *w;
	unsigned int count;
	struct bed_engine engine[BED_ENGINES_MAX];
	struct liar liar;
	uint16_t last_opcode; /* that the victim has sent */
	/*
	 * Told of each packet from the victim's controller before the liar;
	 * true: it was dealt with.
	 */
	bool (*meddle)(enum rt_packet_type type, struct rt_bytes packet);
	/* Told of each command of the victim; true: the controller misses it.
	 */
	bool (*command)(uint16_t opcode, struct rt_bytes packet);
	/* Told of each PDU that the victim's layer above gets. */
	void (*pdu)(struct rt_hci_link *link, struct rt_bytes pdu);
	/* Told of each device that an inquiry of the victim finds. */
	void (*device)(const struct rt_gap_device *device);
};

extern struct hci_bed bed;

/* Engines, not started yet; the world is `down`. */
void bed_begin(unsigned int count);

/* Starts all of them, and waits until they are up; the victim, `wait` s. */
void bed_start(unsigned int wait);

/* All that can happen without time passing. */
void bed_settle(void);

/* Time passes. */
void bed_wait(uint64_t us);

/*
 * All calm down; the victim is stopped, must come to rest in the time it has,
 * and is freed. Nothing may be left.
 */
void bed_end(void);

/* What always must hold does. */
void bed_check(void);

/* Stops the fuzzer if it does not hold. */
void bed_must(bool ok, const char *what);

/* The address of engine `i`. */
struct rt_addr bed_addr(unsigned int i);

/* The entry of the victim's link number `n` of those there are, or NULL. */
struct bed_link *bed_link(struct bed_engine *e, unsigned int n);

/* The entry of the link, or NULL. */
struct bed_link *bed_find(struct bed_engine *e, const struct rt_hci_link *link);

/*
 * The owner of an engine does something: what, and what it takes. hci_act.c
 * has the list.
 */
void bed_act(unsigned int engine, uint8_t what, uint8_t a, uint8_t b);

/* How many different things there are. */
unsigned int bed_acts(void);

#endif
