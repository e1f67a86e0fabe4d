/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_UTF8_H
#define RT_HCI_GAP_UTF8_H

#include <stddef.h>

#include "stack/base.h"

/*
 * Names of devices are UTF-8 (Core Vol 3 Part C 3.2.2), or should be.
 */

/*
 * Copies `view` up to its first zero to `str` as valid UTF-8 with a
 * terminating zero, at most `cap` octets in all: what is invalid becomes
 * U+FFFD, what does not fit is cut off between characters.
 */
void rt_gap_utf8_copy(struct rt_bytes view, char *str, size_t cap);

/* Octets of the longest beginning of `str` with whole characters, up to max. */
size_t rt_gap_utf8_fit(const char *str, size_t max);

#endif
