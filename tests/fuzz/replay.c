/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without a fuzzer: over the files it is given, and over
 * inputs made from a fixed seed: random octets, and where the target has a
 * grammar (mutate.h), every other one by that. This is how every build tests
 * with what a fuzzer once found.
 *
 *	fuzz_TARGET [-r ROUNDS] [-s SEED] [FILE ...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"

#define INPUT_MAX 65536
#define MADE_MAX 1000  /* octets of an input that is made up */
#define CHANGES_MAX 60 /* that make one by the grammar */

#pragma weak LLVMFuzzerCustomMutator

static uint8_t input[INPUT_MAX];
static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
	/* splitmix64 */
	uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
	if (size == 0 || (size < max && below(4) == 0))
		data[size++] = (uint8_t)below(256);
	else if (below(4) == 0)
		size--;
	else
		data[below((uint32_t)size)] ^= (uint8_t)(1 + below(255));
	return size;
}

/* In memory of its own size, so that a sanitizer sees its end. */
static void run(size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	memcpy(exact, input, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void run_random(void)
{
	const size_t size = below(400);

	for (size_t i = 0; i < size; i++)
		input[i] = (uint8_t)below(256);
	run(size);
}

static void run_by_grammar(void)
{
	size_t size = 0;

	for (uint32_t n = 1 + below(CHANGES_MAX); n > 0; n--)
		size = LLVMFuzzerCustomMutator(input, size, MADE_MAX,
					       below(UINT32_MAX));
	run(size);
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
	run(size);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0;
	int opt;

	while ((opt = getopt(argc, argv, "r:s:")) != -1) {
		if (opt == 'r')
			rounds = strtoul(optarg, NULL, 10);
		else if (opt == 's')
			state = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	for (unsigned long i = 0; i < rounds; i++) {
		if (LLVMFuzzerCustomMutator && i % 2 == 1)
			run_by_grammar();
		else
			run_random();
	}
	for (int i = optind; i < argc; i++) {
		if (run_file(argv[i]) < 0)
			return EXIT_FAILURE;
	}
	printf("%lu made up, %d from files\n", rounds, argc - optind);
	return EXIT_SUCCESS;
}
