/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_PEERS_H
#define RT_SIM_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/sim/model/model.h"
#include "tools/sim/stream.h"
#include "tools/sim/world.h"

/*
 * Model peers in a story: they serve what applications of ours connect to,
 * connect to their servers, and say when a host of ours does what the
 * specification does not allow.
 */

#define SIM_PEER_CHANS 16

struct sim_run;

/* A channel of a model on which it says something of its own. */
struct sim_peer_chan {
	uint32_t chan; /* 0: none */
	uint64_t budget;
	uint16_t sdu_max; /* 0: a stream */
	bool close_after;
	struct sim_stream *out;
	struct sim_stream *in;
	uint8_t head[SIM_STREAM_HEADER];
	size_t head_bytes;
};

struct sim_peer {
	struct sim_run *run;
	struct world_node *node;
	struct model *model;
	uint64_t dice;
	uint64_t deed_us;
	bool no_features; /* Basic mode only */
	struct sim_peer_chan chan[SIM_PEER_CHANS];
};

/* Adds the model as the next node of the world. */
void sim_peer_add(struct sim_peer *peer, struct sim_run *run);

/* Time has come to world.now_us. True if something was done. */
bool sim_peer_advance(struct sim_peer *peer);

/* It is honest from now on, and does nothing of its own accord. */
void sim_peer_quieten(struct sim_peer *peer);

/* The model is freed. */
void sim_peer_end(struct sim_peer *peer);

#endif
