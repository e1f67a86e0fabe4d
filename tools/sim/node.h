/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_NODE_H
#define RT_SIM_NODE_H

#include "tools/sim/world.h"

/* What world.c and node.c know of each other. */

/* A step of one node. True if anything has happened. */
bool world_node_step(struct world_node *node);

/* True, and sets *ret_due_us, if the node waits for a time. */
bool world_node_next(const struct world_node *node, uint64_t *ret_due_us);

#endif
