/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_TEXT_H
#define RT_TOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Text that came from outside (names of devices above all) on its way to a
 * terminal or into JSON, and numbers as people read them.
 */

/* Octets of a quantity that rt_text_bytes() or rt_text_rate() writes. */
#define RT_TEXT_BYTES 32

/*
 * Prints UTF-8 so that a terminal can't be made to do anything: control and
 * direction characters appear as \xNN or \uNNNN, octets that are not UTF-8 as
 * U+FFFD.
 */
void rt_text_print(FILE *file, const char *str);

/*
 * Prints a JSON string with its quotes (RFC 8259 section 7); octets that are
 * not UTF-8 become U+FFFD. NULL prints null.
 */
void rt_text_json(FILE *file, const char *str);

/*
 * Writes a quantity of octets to `str`, which holds RT_TEXT_BYTES: "812 B",
 * "64.0 KiB", "1.5 MiB". Returns `str`.
 */
char *rt_text_bytes(uint64_t bytes, char *str);

/*
 * Writes a rate to `str`, which holds RT_TEXT_BYTES: "31.4 kB/s", in thousands
 * as the Bluetooth tools do. Returns `str`.
 */
char *rt_text_rate(uint64_t bytes, uint64_t elapsed_us, char *str);

#endif
