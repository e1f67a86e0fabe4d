/* SPDX-License-Identifier: MIT */
#ifndef TEST_HEX_H
#define TEST_HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * Octets from hexadecimal, with spaces between them or not. Returns how many.
 * What is no such text, or has more than `cap`, fails the test.
 */
size_t hex_read(const char *hex, uint8_t *buf, size_t cap);

/* The octets with a space between them; cut to what `cap` has room for. */
void hex_write(const uint8_t *octets, size_t len, char *str, size_t cap);

#endif
