/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_L2CAP_BED_H
#define RT_TESTS_FUZZ_L2CAP_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/l2cap.h"
#include "stack/rd.h"
#include "tests/unit/l2cap/bench.h"

/*
 * The engine on the bench, with users that hold it to its contract, and a
 * note of what a peer could know: so that inputs can be valid by default.
 */

#define BED_CHANS 16

struct bed {
	/* Channels that the engine and the peer have talked of. */
	size_t pairs;
	struct {
		uint16_t ours;
		uint16_t peers;
	} pair[BED_CHANS];
	uint8_t ident[0x20]; /* of our last request with each code */
	uint16_t asked[5];   /* channel ids of the peer's last credit request */
	uint32_t replies;    /* C-frames of ours since bed_pull() began */

	/* Users. */
	size_t chans;
	struct {
		rt_handle handle;
		bool there;
		bool opened;
		uint32_t pulled; /* and not completed */
	} chan[BED_CHANS];
	uint32_t to_send;
	rt_handle echo;
};

extern struct bed bed;

/* Begins with an idle engine and a link. */
void bed_begin(void);

/*
 * Everybody falls silent: each channel is open or gone in the end. Then the
 * link goes; nothing may be left.
 */
void bed_end(void);

/* Listens on a PSM in the mode. */
void bed_listen(uint16_t psm, enum rt_l2cap_mode mode, bool required);

/* Connects to it; `count` is for CREDIT. */
void bed_connect(uint16_t psm, enum rt_l2cap_mode mode, bool required,
		 size_t count);

/* Takes what we send, notes it, and completes it. */
void bed_pull(void);

/* The peer sends a PDU. What must always hold does, afterwards. */
void bed_rx(uint16_t cid, const uint8_t *data, size_t len);

/* The link breaks; another takes its place. */
void bed_break(void);

/* Ends the program unless it holds. */
void bed_must(bool ok, const char *what);

/* What must always hold does. */
void bed_check(void);

#endif
