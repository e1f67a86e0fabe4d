/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_MUTATE_H
#define RT_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The mutator of targets whose input is a few octets and then records: what,
 * how many octets follow, and these. It takes records away, doubles and moves
 * them, and puts new ones in. Nine of ten new records are right in every
 * octet; of the tenth exactly one thing is not.
 *
 * A target that wants it defines `mutate_grammar` and links mutate.c. Without
 * a fuzzer, replay.c makes inputs by the same grammar.
 */

#define MUTATE_BODY_MAX 255
#define MUTATE_RECORD_MAX (2 + MUTATE_BODY_MAX)

struct mutate_grammar {
	size_t head; /* octets before the first record */
	/* Writes a record that is right, and returns its length. */
	size_t (*make)(uint64_t *state, uint8_t record[MUTATE_RECORD_MAX]);
	/* Makes one thing in the body of a record wrong; its new length. */
	size_t (*lie)(uint64_t *state, uint8_t record[MUTATE_RECORD_MAX],
		      size_t len);
};

/* Of the target. */
extern const struct mutate_grammar mutate_grammar;

/* The next number below `n`, which is not 0, of a seeded row. */
uint32_t mutate_below(uint64_t *state, uint32_t n);

/* The entry of libFuzzer: one change by the grammar. Returns the new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);

/* libFuzzer's own changes, which know no grammar; or those of replay.c. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/*
 * A lie that fits any record: an octet of the body behind the first `skip` is
 * other, or the end of it is missing, or an octet too much is there.
 */
size_t mutate_lie_in_body(uint64_t *state, uint8_t *record, size_t len,
			  size_t skip);

#endif
