/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_HCI_ANSWERS_H
#define RT_TESTS_FUZZ_HCI_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

/* Commands that we send, and how to make an engine of the bed send each. */
struct provocation {
	uint16_t opcode;
	void (*provoke)(void); /* NULL: the bring-up sends it */
};

/* All of them, in the order of their opcodes. */
extern const struct provocation provocations[];
extern const size_t provocation_count;

#endif
