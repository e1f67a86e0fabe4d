/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_RFCOMM_MAKE_H
#define RT_TESTS_FUZZ_RFCOMM_MAKE_H

#include <stddef.h>
#include <stdint.h>

#define RFCOMM_MADE_MAX 64 /* octets of a frame that is made here */

/* A multiplexer message of right length. Returns its length. */
size_t rfcomm_make_message(uint64_t *state, uint8_t *p);

/* A frame that is right, without FCS. Returns its length. */
size_t rfcomm_make_frame(uint64_t *state, uint8_t *p);

#endif
