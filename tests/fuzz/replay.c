/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without a fuzzer: over the files it is given, and over
 * octets made from a fixed seed. This is how every build tests with what a
 * fuzzer once found.
 *
 *	fuzz_TARGET [-r ROUNDS] [FILE ...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536

static uint8_t input[INPUT_MAX];

static uint64_t next(uint64_t *state)
{
	/* splitmix64 */
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void run_random(unsigned long rounds)
{
	uint64_t state = 1;
	size_t size;

	for (unsigned long i = 0; i < rounds; i++) {
		size = next(&state) % 400;
		for (size_t k = 0; k < size; k++)
			input[k] = (uint8_t)next(&state);
		LLVMFuzzerTestOneInput(input, size);
	}
}

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(input, 1, sizeof(input), file);
	fclose(file);
	LLVMFuzzerTestOneInput(input, size);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0;
	int opt;

	while ((opt = getopt(argc, argv, "r:")) != -1) {
		if (opt != 'r')
			return 2;
		rounds = strtoul(optarg, NULL, 10);
	}
	run_random(rounds);
	for (int i = optind; i < argc; i++) {
		if (run_file(argv[i]) < 0)
			return EXIT_FAILURE;
	}
	printf("%lu made up, %d from files\n", rounds, argc - optind);
	return EXIT_SUCCESS;
}
