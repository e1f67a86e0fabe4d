/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_PROOF_H
#define RT_SIM_PROOF_H

struct sim_run;

/*
 * After everything has ended: each host must be able to connect to the next
 * one and carry data, as if nothing had happened. Fails the story otherwise.
 */
void sim_proof(struct sim_run *run);

#endif
