/* SPDX-License-Identifier: MIT */
#ifndef RT_API_QUEUE_H
#define RT_API_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"
#include "stack/ring.h"

/*
 * What a socket has received and its program has not read, or has written and
 * the controller has not sent: the octets of a stream, or datagrams.
 *
 * Datagrams stand in the ring behind a mark of four octets each, so that many
 * small ones can't use more memory than the limit.
 */
#define RT_API_QUEUE_MARK_BYTES 4
/* For as many marks there is room beside the octets of datagrams. */
#define RT_API_QUEUE_MARKS 64

struct rt_api_queue {
	struct rt_ring ring;
	bool datagrams;
	bool gap;      /* datagrams were lost behind the last one held */
	bool gap_told; /* the gap in front of the first one has been told */
	size_t bytes;  /* of the user: without marks */
};

/*
 * Prepares a queue for `limit` octets, or datagrams of `limit` octets in all,
 * marks but the first counted. Returns 0 or -ENOMEM.
 */
int rt_api_queue_init(struct rt_env *env, struct rt_api_queue *q, size_t limit,
		      bool datagrams) RT_MUST_CHECK;

/* Frees the memory; safe on a zeroed queue. */
void rt_api_queue_fini(struct rt_env *env, struct rt_api_queue *q);

/* True if there is memory behind the queue. */
bool rt_api_queue_ready(const struct rt_api_queue *q);

/* True if half of the room, or more, is free. */
bool rt_api_queue_half_empty(const struct rt_api_queue *q);

/* The longest datagram, or piece of a stream, that an empty queue takes. */
size_t rt_api_queue_max(const struct rt_api_queue *q);

/* Octets of a stream that can be put now. */
size_t rt_api_queue_room(const struct rt_api_queue *q);

/* True if `bytes` octets, as one datagram if it is for those, can be put now.
 */
bool rt_api_queue_fits(const struct rt_api_queue *q, size_t bytes);

/*
 * Makes the queue longer until a datagram of `bytes` octets fits. Returns 0 or
 * -ENOMEM.
 */
int rt_api_queue_stretch(struct rt_env *env, struct rt_api_queue *q,
			 size_t bytes) RT_MUST_CHECK;

/* Begins a datagram of `bytes` octets, which fits; nothing for a stream. */
void rt_api_queue_begin(struct rt_api_queue *q, size_t bytes);

/* Puts octets, which fit: of the stream, or of the datagram begun. */
void rt_api_queue_put(struct rt_api_queue *q, struct rt_bytes view);

/* Notes that a datagram was lost here. */
void rt_api_queue_lose(struct rt_api_queue *q);

/* Octets of the first datagram, or -EAGAIN. */
ptrdiff_t rt_api_queue_first_bytes(const struct rt_api_queue *q) RT_MUST_CHECK;

/*
 * Copies out up to `bytes` octets, or the first datagram, and removes them if
 * `take`. Returns how many; -EAGAIN, -EMSGSIZE, or -ENOBUFS for a gap, once.
 */
ptrdiff_t rt_api_queue_read(struct rt_api_queue *q, void *buf, size_t bytes,
			    bool take) RT_MUST_CHECK;

/* Octets of a stream up to and with the first '\n'; 0 if there is none. */
size_t rt_api_queue_line_bytes(const struct rt_api_queue *q);

/*
 * The next octets to be sent, at most `max`, or the next datagram, which stay
 * in place until rt_api_queue_sent().
 *
 * Returns how many; -EAGAIN if there are none, -EMSGSIZE if the datagram is
 * longer than `max`, which leaves it alone.
 */
ptrdiff_t rt_api_queue_pull(struct rt_api_queue *q, size_t max,
			    struct rt_bytes ret_body[2]) RT_MUST_CHECK;

/* Releases what one pull has given: `bytes` octets. */
void rt_api_queue_sent(struct rt_api_queue *q, size_t bytes);

#endif
