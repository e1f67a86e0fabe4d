/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_USER_MUTATE_H
#define RT_TESTS_FUZZ_USER_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Makes an act that a sensible application does: sets *ret_what (enum
 * user_act) and writes its arguments, at most 40 octets. Returns how many.
 */
size_t user_make_act(uint64_t *state, uint8_t *ret_what, uint8_t *args);

#endif
