/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_RFCOMM_RIG_H
#define RT_TESTS_FUZZ_RFCOMM_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * An RFCOMM engine on a fake L2CAP for the fuzzers: users that take what they
 * get, a listener that accepts, and what must hold after each frame. What the
 * engine sends is checked by a reader of its own.
 */

/* How far a session has got. */
enum rig_stage {
	RIG_CHANNEL, /* the L2CAP channel is open */
	RIG_SESSION, /* the multiplexer works */
	RIG_PLAIN,   /* three DLCs without credits */
	RIG_CREDITS, /* three DLCs with credits: 2, 4 and one of the peer's */
	RIG_STAGES,
};

/*
 * Makes an engine with a session that has got so far. Bit 0 of `setup` says
 * whether we are the initiator, the others how far.
 */
void rig_open(uint8_t setup);

/* Frees it all; nothing may be left. */
void rig_close(void);

/* An SDU from the peer, as far as the MTU goes; then what always holds. */
void rig_rx(struct rt_bytes sdu);

/* A frame without its FCS from the peer: it gets the right one. */
void rig_rx_frame(struct rt_bytes frame);

/* The peer sends this information on DLCI 0. */
void rig_rx_mux(struct rt_bytes info);

/* Takes at most `max` frames of ours. `honest`: answers them. */
void rig_tx(size_t max, bool honest);

/* Time passes. */
void rig_wait(uint64_t us);

/* A user does something: which is in the two octets. */
void rig_act(uint8_t what, uint8_t who);

/* The L2CAP channel, or another one, does something. */
void rig_channel(uint8_t what);

#endif
