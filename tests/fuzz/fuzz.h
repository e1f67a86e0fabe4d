/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_H
#define RT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * The entry of every target, by libFuzzer's name for it. Runs one input and
 * returns 0; a finding is whatever a sanitizer or an assertion stops.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
