/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_TALK_H
#define TEST_L2CAP_TALK_H

#include "l2cap/mode.h"
#include "tests/unit/l2cap/bench.h"

/*
 * Words for tests of what is configured: a channel of ours with the ids 0x0040
 * here and 0x0041 at the peer. The features are asked for with identifier 02,
 * and our first CONFIGURATION_REQ has 03. Options are written as they stand in
 * a PDU; lengths and ids in front of them are filled in.
 */

/* Features: ERTM, Streaming, FCS. Fixed channels would be one request more. */
#define TALK_FEATURES "38000000"

/* ERTM and Streaming with an MTU of 672, as we ask for them and the peer. */
#define ERTM_OURS "0102 a002 0409 03 3f 03 0000 0000 a002"
#define STREAMING_OURS "0102 a002 0409 04 00 00 0000 0000 a002"
#define ERTM_THEIRS "0409 03 3f 03 0000 0000 f203"
#define STREAMING_THEIRS "0409 04 00 00 0000 0000 f203"
#define BASIC_THEIRS "0409 00 00 00 0000 0000 0000"

/* The peer's agreement to ERTM_OURS, and ours to ERTM_THEIRS. */
#define ERTM_YES "0409 03 3f 03 d007 e02e f203"
#define ERTM_OK "0409 03 3f 03 d007 e02e a002"

struct talk {
	struct user user;
	struct rt_l2cap_params params;
};

extern struct talk talk;

/* As bench_setup(), with params all default. */
void talk_setup(void);

/* Begins anew in the middle of a test. */
void talk_restart(void);

/* Sets the mode of the params. */
void talk_want(enum rt_l2cap_mode mode, bool required);

/* Makes a channel of talk.params, in CONFIG; the features are not told yet. */
void talk_connected(void);

/* The peer tells its features: four octets. */
void talk_features(const char *mask);

/* Both. */
void talk_configuring(const char *mask);

/* We must send a request with these options. */
void tx_req(unsigned int ident, const char *options);

/* We must answer with this result and these options. */
void tx_rsp(unsigned int ident, unsigned int result, const char *options);

/* The peer sends a request. */
void rx_req(unsigned int ident, const char *options);

/* The peer answers. */
void rx_rsp(unsigned int ident, unsigned int result, const char *options);

/* The channel must be taken down, with this identifier and for this reason. */
void talk_ends(unsigned int ident, uint16_t code);

/* It must have opened just now, in the mode; nothing more is sent. */
void talk_opens(enum rt_l2cap_mode mode);

/* What has been agreed on. */
const struct rt_l2cap_agreed *agreed(void);

#endif
