/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_FAULTS_H
#define RT_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/list.h"
#include "tools/sim/plan.h"
#include "tools/sim/world.h"

/*
 * What goes wrong in a story: deeds of fate at random times (faults.c), and
 * packets that are lost, held, doubled or changed between a host and its
 * controller (meddle.c).
 */

struct sim_run;

struct sim_faults {
	uint64_t dice;
	uint64_t due_us[SIM_FEATURE_COUNT]; /* of the next deed of its kind */
	struct {
		uint64_t back_us;    /* in range again */
		uint64_t speaks_us;  /* not mute any more */
		uint64_t plugged_us; /* plugged in, or a host made, again */
		uint64_t memory_us;  /* memory is there again */
	} node[WORLD_HOSTS_MAX];
	struct rt_list held; /* packets that come later, by time */
	uint64_t count;	     /* that took place */
};

/* Before the story begins. */
void sim_faults_init(struct sim_run *run);

/* Time has come to world.now_us. True if something was done. */
bool sim_faults_advance(struct sim_run *run);

/* True, and sets *ret_due_us, if something will be. */
bool sim_faults_next(const struct sim_run *run, uint64_t *ret_due_us);

/* Nothing goes wrong any more; what was taken away comes back. */
void sim_faults_stop(struct sim_run *run);

/* The host of the node is freed now, or was; it comes back. */
void sim_faults_restart(struct sim_run *run, unsigned int index);

/* See world_hooks.meddle. */
bool sim_meddle(struct sim_run *run, struct world_node *node,
		bool from_controller, enum rt_packet_type type,
		struct rt_bytes packet);

/* Hands over what was held until now. True if there was something. */
bool sim_meddle_advance(struct sim_run *run);

/* When the first of what is held is due; there is something. */
uint64_t sim_meddle_next(const struct sim_run *run);

/* Forgets what is held for or from a node; all of them: NULL. */
void sim_meddle_forget(struct sim_run *run, const struct world_node *node);

/* Octets of an event or packet that nobody has sent, at most 300. */
size_t sim_meddle_make_up(struct sim_run *run, struct world_node *node,
			  bool event, uint8_t buf[300]);

#endif
