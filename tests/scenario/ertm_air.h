/* SPDX-License-Identifier: MIT */
#ifndef TEST_SCENARIO_ERTM_AIR_H
#define TEST_SCENARIO_ERTM_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/engine.h"
#include "l2cap/l2cap.h"
#include "tests/unit/l2cap/fake_hci.h"
#include "tests/unit/stack/fake_env.h"

/*
 * Two L2CAP engines and a virtual air between them, which delays frames, loses
 * some, repeats some at once and, where there is an FCS, spoils some. Like an
 * ACL link it never lets one frame overtake another. Signalling gets through:
 * a real link loses frames by flush, and only those that may be flushed.
 *
 * On either side a user writes a given number of octets, in SDUs of every
 * length, and reads what comes: at once, or now and then, as long as there is
 * room. It checks each SDU octet for octet. Everything follows from the seed.
 */

struct air_side_plan {
	struct rt_l2cap_params params; /* ops and user are filled in */
	uint32_t bytes;		       /* to be written */
	uint32_t room;		       /* octets that a reader holds; 0: any */
	uint32_t pause_ms;	       /* a reader's longest rest */
};

struct air_plan {
	uint64_t seed;
	struct air_side_plan side[2];
	uint32_t loss;	    /* of 1000 data frames */
	uint32_t repeats;   /* of 1000 */
	uint32_t spoilt;    /* of 1000, where frames have an FCS */
	uint32_t delay_us;  /* of a frame behind the one before it, at most */
	uint32_t spike_us;  /* now and then */
	uint32_t in_flight; /* frames a way: the controller's buffers */
	/* From this instant on: 1 lets no S-frame to side 0, 2 no frame. */
	uint64_t silent_us;
	int silence;
	/* S-frames to side 0 wait until this instant. */
	uint64_t lump_us;
	bool log;
};

/* A SDU that was pulled and is not completed. */
struct air_sdu {
	struct air_sdu *next;
	size_t len;
	uint8_t octets[];
};

struct air_side {
	const struct air_side_plan *plan;
	struct rt_hci hci;
	struct rt_hci_link *link;
	struct rt_l2cap *l2cap;
	rt_handle chan;
	bool open;
	bool closed;
	struct rt_reason why;
	uint64_t content;     /* random state: what it writes */
	uint64_t expected;    /* the same of the other side */
	uint32_t left;	      /* to be written */
	uint32_t left_to_get; /* to be received */
	struct air_sdu *held;
	uint32_t queued;     /* octets received, not read */
	uint64_t read_at_us; /* the reader wakes up; UINT64_MAX: no need */
	struct rt_l2cap_info info; /* as of the end */
};

struct air_frame {
	struct air_frame *next;
	uint64_t due_us;
	bool lost;
	uint16_t cid;
	size_t len;
	uint8_t payload[];
};

/* What is on its way to a side. */
struct air_way {
	struct air_frame *first;
	struct air_frame **end;
	uint64_t last_due_us;
	uint32_t count;
};

struct air {
	struct fake_env fake;
	const struct air_plan *plan;
	struct air_side side[2];
	struct air_way to[2];
	uint64_t random;
	uint64_t steps;
	uint64_t progress_us; /* when an octet was last received or read */
	uint64_t excuse_us;   /* until then a loss may hold everything up */
	bool ended;
};

/* Opens the channel from side 0 to side 1; both ends are open. */
void air_begin(struct air *air, const struct air_plan *plan);

/*
 * Runs until everything was received, acknowledged and read, or an end has
 * closed. Fails if nothing moves for longer than the timers allow.
 */
void air_run(struct air *air);

/* Closes the channel, if it is open, and looks at what is left over. */
void air_end(struct air *air);

/* A number below `n` that follows from the seed. */
uint32_t air_below(struct air *air, uint32_t n);

#endif
