/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_RANDOM_H
#define RT_SIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Chance that a seed fixes. A generator is 64 bits of state, started at any
 * value (splitmix64).
 */

/* The next number. */
uint64_t sim_random(uint64_t *state);

/* A number below `n`, which is not 0. */
uint32_t sim_below(uint64_t *state, uint32_t n);

/* Fills `buf`. */
void sim_random_bytes(uint64_t *state, void *buf, size_t bytes);

/* A state of its own for use number `use` of a seed. */
uint64_t sim_random_split(uint64_t seed, uint64_t use);

#endif
