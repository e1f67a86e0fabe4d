/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_SCRIPT_H
#define TEST_RFCOMM_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/timers.h"
#include "tests/support/tagged.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Scripts of frames that are the same for both roles. A script says who sends
 * what on which DLCI; the C/R bits follow from who opened the session:
 *
 *	peer("SABM 2");			we("UA 2");
 *	peer("MCC E3 05 0B 8D");	a multiplexer message, a UIH on DLCI 0
 *	peer("UIH 2 41 42");		information in hexadecimal
 *	peer("UIH+5 2 41 42");		the same with five credits
 *
 * Whoever opens the session opens the first DLC too, so that it is DLCI 2 in
 * both roles.
 */

struct script {
	bool initiator; /* we opened the session */
	struct user a, b;
	struct user listener;
	/* What the user of a serial port was told last, and how often. */
	unsigned int modems, lines, statuses, answers;
	struct rt_rfcomm_modem modem;
	struct rt_rfcomm_line line;
	uint8_t status;
	int answer_err;
};

extern struct script script;

/* Before each test: an idle engine on the bench. */
void script_setup(void);

/* After it: bench_teardown(). */
void script_teardown(void);

/*
 * Builds the frame of the words `what`, without FCS, as we or the peer would
 * send it. Returns its length.
 */
size_t script_frame(bool ours, const char *what, uint8_t *buf, size_t cap);

/* The peer sends this frame. */
void peer(const char *what);

/* The peer sends octets that nobody corrects, FCS included. */
void peer_octets(const uint8_t *octets, size_t len);

/* The same, but the FCS is added. */
void peer_frame(uint8_t *frame, size_t len);

/* The peer sends data on a DLC: `len` octets, credits or 0. */
void peer_data(uint8_t dlci, uint8_t credits, size_t len);

/* We must send this frame next. */
void we(const char *what);

/* We must send data on a DLC next: `len` octets, credits or 0. */
void we_data(uint8_t dlci, uint8_t credits, size_t len);

/*
 * Opens a session. Where we are the initiator there is a DLC that asks for it:
 * that of script.a to channel 1, whose PN has been sent.
 */
void open_session(bool we_initiate);

/*
 * Opens a session and DLCI 2 for script.a, with credit based flow control: the
 * peer gives `credits` of them, and we have room for `room` octets.
 */
void open_dlc(bool we_initiate, size_t room, uint8_t credits);

/* The same without credits, with N1 = 100; the peer's MSC is `signals`. */
void open_dlc_without_credits(bool we_initiate, size_t room, uint8_t signals);

/* The same with the calls of a serial port: script.modems and so on. */
void open_port(bool we_initiate);

/* The DLC of script.a is open and works both ways, with room and credits. */
void works(void);

/* Starts a DLC of ours to the peer's channel; `user` gets it. */
void connect_port(struct user *user, uint8_t channel, size_t room);

/* We close a session without a DLC; nothing is there afterwards. */
void wind_up(void);

/* DISC on DLCI 0 is answered: the initiator, we or the peer, closes L2CAP. */
void channel_goes(void);

#endif
