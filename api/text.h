/* SPDX-License-Identifier: MIT */
#ifndef RT_API_TEXT_H
#define RT_API_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "stack/base.h"

/*
 * Text of other devices, made fit for programs: valid UTF-8 that ends at a
 * zero.
 */

/* How the octets of a text are meant (IANA MIBenum, Core Vol 3 Part B 5.1.8).
 */
#define RT_API_TEXT_LATIN1 4
#define RT_API_TEXT_UTF8 106

/*
 * Writes `text` up to its first zero to `str`, which holds `cap` octets, as
 * UTF-8 with a terminating zero: what is invalid becomes U+FFFD, what does not
 * fit is left away by whole characters. ISO 8859-1 is converted; any other
 * encoding is taken for UTF-8. `str` may be NULL if `cap` is 0.
 *
 * Returns the octets that all of it needs, without the zero.
 */
size_t rt_api_text_copy(struct rt_bytes text, unsigned int encoding, char *str,
			size_t cap);

/* True if all of it is valid UTF-8. */
bool rt_api_text_is_utf8(struct rt_bytes text);

#endif
