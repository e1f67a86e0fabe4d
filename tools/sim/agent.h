/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_AGENT_H
#define RT_SIM_AGENT_H

#include "tools/sim/app.h"

/*
 * The user of a host, who is asked about pairings, and where its link keys are
 * kept.
 */

/* The store, for the host's options. */
void sim_agent_store(struct sim_app *app);

/* Makes it the host's agent, with a policy drawn at random. */
void sim_agent_begin(struct sim_app *app);

/* From now on the user agrees to everything at once. */
void sim_agent_agree(struct sim_app *app);

/* Answers what was put off. */
void sim_agent_answer(struct sim_app *app);

#endif
