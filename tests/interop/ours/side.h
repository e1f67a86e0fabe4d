/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_SIDE_H
#define RT_INTEROP_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

/*
 * Our side of a story: one host with a loop, whose memory is counted, so that
 * it can tell at the end whether anything is left.
 */
struct side {
	struct rt_host *host;
	struct rt_addr addr; /* its own */
	size_t live;	     /* allocations not freed */
	size_t idle;	     /* of them those of a host that does nothing */
	int frame_bytes;     /* RFCOMM's, to propose; 0: as ever */
};

/* Ends the program with 1, having said why. */
_Noreturn void side_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Milliseconds of a clock that only goes forward. */
long side_now_ms(void);

/* Opens the controller and waits until it is up. */
void side_open(struct side *side, const char *device);

/*
 * One turn of the loop: waits until there is work, or something to take from
 * `fd` (-1: nothing), at most `limit_ms`; then works.
 */
void side_turn(struct side *side, int fd, long limit_ms);

/*
 * Waits, when all sockets and servers are freed, until nothing is left: no
 * memory but that of an idle host, no timer. Then shuts the host down.
 */
void side_finish(struct side *side);

#endif
