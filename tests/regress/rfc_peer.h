/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFC_PEER_H
#define TEST_RFC_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/conformance/rfcomm/script.h"

/*
 * An honest peer that answers whatever we send, so that a test can stop it
 * after any number of frames and do something else there.
 */

/* Takes the next frame of ours and answers it. False if there is none. */
bool peer_answers(void);

/* The same for all there are, at most `max`. Returns how many there were. */
size_t peer_answers_some(size_t max);

/* Opens our L2CAP channel if it waits for it. False if none does. */
bool peer_opens_channel(void);

/*
 * Lets all end: users close, a silent peer, time passes. Nothing may be left.
 * What users are told is not looked at.
 */
void end_all(void);

/*
 * How far a session and its DLC 2, of script.a, have got; the peer says nothing
 * more.
 */
enum stage {
	STAGE_CHANNEL, /* the L2CAP channel is open; SABM is out, or is due */
	STAGE_SESSION, /* the multiplexer works; PN is out, or is due */
	STAGE_PN,      /* PN is answered; SABM is out, or is due */
	STAGE_SABM,    /* connected, our MSC is out */
	STAGE_MSC,     /* ours is answered, theirs is due */
	STAGE_OPEN,
	STAGE_DISC,   /* our DISC is out */
	STAGE_DISC_0, /* our DISC on DLCI 0 is out */
};
#define STAGES 8

/* Gets there, in a fresh engine. Our frames are taken. */
void reach(bool we_initiate, enum stage stage);

/*
 * The peer is honest from now on: all ends, and the next DLC of script.b opens
 * and ends too.
 */
void recover(void);

/* Forgets what the users of the script were told. */
void forget_told(void);

/* What the engine holds, to be compared later. */
struct snapshot {
	uint32_t live;
	size_t live_bytes;
	uint64_t due_us; /* of the next timer; 0: none */
	size_t chans;
	bool has_dlc;
	struct rt_rfcomm_info info; /* of the DLC of script.a */
};

/* Takes one. */
void snapshot_take(struct snapshot *snapshot);

/* Fails unless everything is as it was; `what` says after what. */
void snapshot_compare(const struct snapshot *before, const char *what);

#endif
