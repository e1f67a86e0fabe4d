/* SPDX-License-Identifier: MIT */
#include "tools/sim/random.h"

uint64_t sim_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t sim_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((sim_random(state) >> 32) * n >> 32);
}

void sim_random_bytes(uint64_t *state, void *buf, size_t bytes)
{
	uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)sim_random(state);
}

uint64_t sim_random_split(uint64_t seed, uint64_t use)
{
	uint64_t state = seed + use * UINT64_C(0xd1342543de82ef95);

	return sim_random(&state);
}
