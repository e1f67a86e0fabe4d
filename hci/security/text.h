/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_TEXT_H
#define RT_SEC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/rd.h"
#include "stack/wr.h"

/*
 * Text in files of keys: words, numbers and octets, over the sticky reader and
 * writer. A number has one form only, and no buffer holds a secret in between.
 */

/* The word must stand here; else the reader is bad. */
void rt_sec_text_word(struct rt_rd *r, const char *word);

/*
 * A decimal number of at most `digits` digits (9 or less), without sign and
 * leading zeros; else the reader is bad, and it is 0.
 */
uint32_t rt_sec_text_number(struct rt_rd *r, size_t digits);

/*
 * `count` octets, two hexadecimal digits each, the first octet first; lower
 * case is for `any_case` alone. Else the reader is bad, and they are zero.
 */
void rt_sec_text_octets(struct rt_rd *r, bool any_case, size_t count,
			uint8_t *ret_octets);

/* An address in upper case, parted by ':'; else the reader is bad. */
struct rt_addr rt_sec_text_addr(struct rt_rd *r);

/* Takes a line without its newline, which only the last one may lack. */
struct rt_bytes rt_sec_text_line(struct rt_rd *r);

/* Writes a word. */
void rt_sec_text_put_word(struct rt_wr *w, const char *word);

/* Writes a decimal number. */
void rt_sec_text_put_number(struct rt_wr *w, uint32_t number);

/* Writes octets in upper case hexadecimal, the first one first. */
void rt_sec_text_put_octets(struct rt_wr *w, const uint8_t *octets,
			    size_t count);

/* Writes an address in upper case, parted by ':'. */
void rt_sec_text_put_addr(struct rt_wr *w, struct rt_addr addr);

#endif
