/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_STREAM_H
#define RT_SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the two ends of connections say to each other: octets that tell where
 * they come from, so that whoever reads them knows whether anything is
 * missing, comes twice, comes late, or belongs to somebody else.
 *
 * A stream begins with its id; every other octet follows from id and place. A
 * datagram has id, number, size, and octets that follow from these.
 */

#define SIM_STREAM_HEADER 4
#define SIM_DATAGRAM_HEADER 10

/* One direction of one connection. */
struct sim_stream {
	uint32_t id;
	unsigned int from; /* index of the host that sends */
	bool datagrams;
	bool may_gap;	     /* datagrams may be missing */
	uint64_t sent;	     /* octets, or datagrams, taken by a write */
	uint64_t received;   /* octets; the number of the next datagram */
	const void *reader;  /* who has begun to read it */
	bool ended_in_order; /* by its sender, without an error */
	bool read_to_end;    /* by its reader, who was told of that end */
};

struct sim_streams {
	struct sim_stream **stream;
	uint32_t count;
	uint64_t octets; /* received and found right */
};

/* Makes a new one. NULL if there is no memory. */
struct sim_stream *sim_stream_new(struct sim_streams *streams,
				  unsigned int from, bool datagrams);

/* Fills `buf` with what the stream goes on with, from octet `at` on. */
void sim_stream_fill(const struct sim_stream *stream, uint64_t at, uint8_t *buf,
		     size_t bytes);

/* Makes its next datagram, of at least SIM_DATAGRAM_HEADER octets. */
void sim_stream_datagram(const struct sim_stream *stream, uint8_t *buf,
			 size_t bytes);

/*
 * The stream that begins like this, which nobody has read yet or the same
 * `reader` has. NULL if there is none.
 */
struct sim_stream *sim_stream_find(const struct sim_streams *streams,
				   const uint8_t *buf, size_t bytes,
				   const void *reader);

/*
 * Octets, or a datagram, that have come. Returns NULL, or a sentence that says
 * what is wrong with them. `gap`: the reader knows that some are missing here.
 */
const char *sim_stream_take(struct sim_streams *streams,
			    struct sim_stream *stream, const uint8_t *buf,
			    size_t bytes, bool gap);

/*
 * When all is over: NULL, or a stream that its sender ended in order, and that
 * has not arrived as a whole.
 */
const struct sim_stream *sim_streams_check(const struct sim_streams *streams);

/* Frees all. */
void sim_streams_free(struct sim_streams *streams);

#endif
