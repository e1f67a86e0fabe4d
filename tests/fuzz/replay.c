/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without a fuzzer: over inputs made from a fixed seed:
 * random octets, and where the target has a grammar (mutate.h), every other one
 * by that; over the files it is given, and each of them with a few changes by
 * the grammar, which follow from the file. This is how every build tests with
 * what a fuzzer once found.
 *
 *	fuzz_TARGET [-r ROUNDS] [-c COPIES of a file, changed] [-s SEED]
 *		    [FILE ...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stack/base.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"

#define INPUT_MAX 65536
#define MADE_MAX 1000  /* octets of an input that is made up */
#define CHANGES_MAX 60 /* that make one by the grammar */
#define FILE_CHANGES_MAX 6

#pragma weak LLVMFuzzerCustomMutator

static uint8_t input[INPUT_MAX];
static uint64_t state;

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

static void run_changed(size_t size, size_t max, uint32_t changes)
{
	while (changes-- > 0)
		size = LLVMFuzzerCustomMutator(input, size, max,
					       below(UINT32_MAX));
	run(size);
}

static int run_file(const char *path, unsigned long copies)
{
	static uint8_t original[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(original, 1, sizeof(original), file);
	fclose(file);
	memcpy(input, original, size);
	run(size);
	if (!LLVMFuzzerCustomMutator)
		return 0;
	/* The same copies, whatever other files there are. */
	for (size_t i = 0; i < size; i++)
		state = (state ^ original[i]) * UINT64_C(0x100000001b3);
	while (copies-- > 0) {
		memcpy(input, original, size);
		run_changed(size, RT_MIN(size + MADE_MAX, INPUT_MAX),
			    1 + below(FILE_CHANGES_MAX));
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0;
	unsigned long copies = 0;
	uint64_t seed = 1;
	int opt;

	while ((opt = getopt(argc, argv, "r:c:s:")) != -1) {
		if (opt == 'r')
			rounds = strtoul(optarg, NULL, 10);
		else if (opt == 'c')
			copies = strtoul(optarg, NULL, 10);
		else if (opt == 's')
			seed = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	state = seed;
	for (unsigned long i = 0; i < rounds; i++) {
		if (LLVMFuzzerCustomMutator && i % 2 == 1)
			run_changed(0, MADE_MAX, 1 + below(CHANGES_MAX));
		else
			run_random();
	}
	for (int i = optind; i < argc; i++) {
		state = seed;
		if (run_file(argv[i], copies) < 0)
			return EXIT_FAILURE;
	}
	printf("%lu made up, %d from files\n", rounds, argc - optind);
	return EXIT_SUCCESS;
}
