/* SPDX-License-Identifier: MIT */
#include "tools/sim/stream.h"

#include <stdlib.h>
#include <string.h>

#include "tools/sim/random.h"

/* Ids are not small numbers: none begins like another's octets by chance. */
#define ID_FIRST 0x5e000000U

struct sim_stream *sim_stream_new(struct sim_streams *streams,
				  unsigned int from, bool datagrams)
{
	const size_t bytes = (streams->count + 1) * sizeof(void *);
	struct sim_stream **all = realloc(streams->stream, bytes);
	struct sim_stream *stream = calloc(1, sizeof(*stream));

	if (all)
		streams->stream = all;
	if (!all || !stream) {
		free(stream);
		return NULL;
	}
	stream->id = ID_FIRST + streams->count;
	stream->from = from;
	stream->datagrams = datagrams;
	streams->stream[streams->count++] = stream;
	return stream;
}

static void put32(uint8_t *buf, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		buf[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *buf)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++)
		number = number << 8 | buf[i];
	return number;
}

/* Eight octets of the pattern at a time, number `block`. */
static void pattern(uint32_t id, uint64_t block, uint8_t octets[8])
{
	uint64_t state = (uint64_t)id << 32 ^ block;
	const uint64_t word = sim_random(&state);

	memcpy(octets, &word, 8);
}

static void fill_pattern(uint32_t id, uint64_t at, uint8_t *buf, size_t bytes)
{
	uint8_t octets[8];
	size_t skip = at % 8;
	size_t n;

	while (bytes > 0) {
		pattern(id, at / 8, octets);
		n = 8 - skip < bytes ? 8 - skip : bytes;
		memcpy(buf, octets + skip, n);
		buf += n;
		at += n;
		bytes -= n;
		skip = 0;
	}
}

void sim_stream_fill(const struct sim_stream *stream, uint64_t at, uint8_t *buf,
		     size_t bytes)
{
	uint8_t header[SIM_STREAM_HEADER];

	fill_pattern(stream->id, at, buf, bytes);
	put32(header, stream->id);
	for (uint64_t i = at; i < sizeof(header) && i - at < bytes; i++)
		buf[i - at] = header[i];
}

static void make_datagram(uint32_t id, uint32_t number, uint8_t *buf,
			  size_t bytes)
{
	fill_pattern(id, (uint64_t)number << 16, buf, bytes);
	put32(buf, id);
	put32(buf + 4, number);
	buf[8] = (uint8_t)(bytes >> 8);
	buf[9] = (uint8_t)bytes;
}

void sim_stream_datagram(const struct sim_stream *stream, uint8_t *buf,
			 size_t bytes)
{
	make_datagram(stream->id, (uint32_t)stream->sent, buf, bytes);
}

struct sim_stream *sim_stream_find(const struct sim_streams *streams,
				   const uint8_t *buf, size_t bytes,
				   const void *reader)
{
	struct sim_stream *stream;
	uint32_t index;

	if (bytes < SIM_STREAM_HEADER)
		return NULL;
	index = get32(buf) - ID_FIRST;
	if (index >= streams->count)
		return NULL;
	stream = streams->stream[index];
	if (stream->reader && stream->reader != reader)
		return NULL;
	stream->reader = reader;
	return stream;
}

static const char *take_octets(struct sim_stream *stream, const uint8_t *buf,
			       size_t bytes)
{
	uint8_t expected[512];
	size_t n;

	while (bytes > 0) {
		n = bytes < sizeof(expected) ? bytes : sizeof(expected);
		sim_stream_fill(stream, stream->received, expected, n);
		if (memcmp(buf, expected, n) != 0)
			return "a stream's octets are not those that were sent";
		stream->received += n;
		buf += n;
		bytes -= n;
	}
	if (stream->received > stream->sent)
		return "a stream has more octets than were sent";
	return NULL;
}

static const char *take_datagram(struct sim_stream *stream, const uint8_t *buf,
				 size_t bytes, bool gap)
{
	uint8_t expected[65536];
	uint32_t number;

	if (bytes < SIM_DATAGRAM_HEADER || bytes > sizeof(expected))
		return "a datagram has a size that none was sent with";
	number = get32(buf + 4);
	make_datagram(stream->id, number, expected, bytes);
	if (memcmp(buf, expected, bytes) != 0)
		return "a datagram's octets are not those that were sent";
	if (number < stream->received)
		return "a datagram comes twice, or behind a later one";
	if (number > stream->received && !gap && !stream->may_gap)
		return "a datagram is missing";
	if (number >= stream->sent)
		return "a datagram was not sent yet";
	stream->received = number + 1;
	return NULL;
}

const char *sim_stream_take(struct sim_streams *streams,
			    struct sim_stream *stream, const uint8_t *buf,
			    size_t bytes, bool gap)
{
	streams->octets += bytes;
	if (stream->datagrams)
		return take_datagram(stream, buf, bytes, gap);
	return take_octets(stream, buf, bytes);
}

const struct sim_stream *sim_streams_check(const struct sim_streams *streams)
{
	for (uint32_t i = 0; i < streams->count; i++) {
		const struct sim_stream *stream = streams->stream[i];

		if (stream->ended_in_order && stream->read_to_end &&
		    !stream->may_gap && stream->received != stream->sent)
			return stream;
	}
	return NULL;
}

void sim_streams_free(struct sim_streams *streams)
{
	for (uint32_t i = 0; i < streams->count; i++)
		free(streams->stream[i]);
	free(streams->stream);
}
