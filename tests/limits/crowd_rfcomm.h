/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CROWD_RFCOMM_H
#define RT_TESTS_CROWD_RFCOMM_H

#include "rfcomm/frame.h"
#include "tests/limits/crowd.h"

/* RFCOMM sessions that peers of the crowd have opened. */

#define CROWD_RFCOMM_N1 1011

/* The session on a channel of PSM 3; the host has answered SABM. */
struct crowd_chan *crowd_session(struct crowd_peer *peer);

/* A frame with its FCS; `credits` above 0 ride on it. */
void crowd_frame(struct crowd_chan *session, enum rt_rfcomm_frame_type type,
		 uint8_t dlci, uint8_t credits, struct rt_bytes info);

/* A UIH on DLCI 0 in hexadecimal. */
void crowd_mcc(struct crowd_chan *session, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * PN with so many credits for the host, SABM, and MSC both ways for a server
 * channel. True if it opens. *ret_credits, if not NULL, is what the host has
 * granted for a start.
 */
bool crowd_dlc(struct crowd_chan *session, uint8_t channel, uint8_t credits,
	       uint8_t *ret_credits);

/* Opens a DLC to it, and uses up all credits that the host ever grants. */
void crowd_dlc_fill(struct crowd_chan *session, uint8_t channel);

#endif
