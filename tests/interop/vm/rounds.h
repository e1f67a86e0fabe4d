/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_ROUNDS_H
#define RT_INTEROP_ROUNDS_H

#include <stdint.h>

/*
 * Many short RFCOMM connections on the kernel's side. Both return the
 * program's exit status, having said what went wrong.
 */

/*
 * Closes connections at random moments, from 0 to 150 ms after it connected to
 * `channel` of `address` (so that some never stand) or took one there (address
 * NULL); `rounds` times, or as often as the other side wants. In between both
 * sides send patterns, and verify. One transfer in full, on `channel` + 1, is
 * the end.
 */
int rounds_churn(const char *address, int channel, int rounds, uint32_t seed);

/*
 * Connects to `channel` of `address` when the other side does the same here:
 * args are ADDRESS CHANNEL ROUNDS SEED GIVE TAKE (see ../cue.h). Takes "g":
 * connect after a random moment, whatever comes of it; "n": connect, which
 * must succeed; gives "d" when that is over. "e" is the end.
 */
int rounds_cross(char **args);

#endif
