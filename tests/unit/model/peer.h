/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_PEER_H
#define RT_TESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/sim/world.h"
#include "tools/sim/model/model.h"

/*
 * A model on a controller of a world, and a record of what it tells. What it
 * finds wrong fails the test at the end, unless the test has looked at it.
 */

#define PEER_CHANS 16

struct peer_chan {
	uint32_t number;
	struct model_chan_info info;
	bool open;
	unsigned int opened, closed, failed;
	enum model_end why;
	/* What it sends, as fast as it is taken. */
	const uint8_t *tx;
	size_t tx_bytes, tx_at;
	size_t piece; /* of an SDU; 0: whatever is taken */
	bool close_when_sent;
	/* What has come: kept, and SDUs counted. */
	uint8_t *rx;
	size_t rx_cap, rx_bytes;
	unsigned int sdus;
};

struct peer {
	struct world *w;
	struct model *m;
	unsigned int node;
	struct rt_addr addr;
	struct peer_chan chan[PEER_CHANS];
	unsigned int chans;
	unsigned int links_up, links_down, ups;
	unsigned int results;
	struct model_sdp_result result;
	uint8_t *rx_default; /* for channels that others open */
	size_t rx_default_cap;
	unsigned int violations;
	char violation[4096]; /* all of them, a line each */
	bool blame_is_fatal;
	/* More channels than there are records: those it has forgotten. */
	bool forgetful;
};

/*
 * Makes a model with these options, whose events and user are the peer's, on a
 * new controller, and runs until it is up.
 */
void peer_init(struct peer *peer, struct world *w,
	       const struct model_options *options);

/* Frees it. Asserts that no violation is unaccounted for. */
void peer_finish(struct peer *peer);

/* The channel with this number, a new record if there is none. */
struct peer_chan *peer_chan(struct peer *peer, uint32_t number);

/* The first channel that somebody else has opened; NULL: there is none. */
struct peer_chan *peer_accepted(struct peer *peer);

/* Gives a channel something to send, from now on. */
void peer_send(struct peer *peer, struct peer_chan *chan, const void *data,
	       size_t bytes);

/* Keeps what comes, up to so many octets; freed by the test. */
void peer_keep(struct peer_chan *chan, void *buf, size_t bytes);

/* True if the channel is open. For world_run_until(). */
bool peer_chan_is_open(void *chan);

/* True if it has all that it was to keep. */
bool peer_chan_is_full(void *chan);

/* True if it is over. */
bool peer_chan_is_over(void *chan);

/* True if nothing is under way. */
bool peer_is_idle(void *peer);

/* True if a search has ended. */
bool peer_has_result(void *peer);

#endif
