/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_LIMITS_FLOODS_H
#define RT_TESTS_LIMITS_FLOODS_H

#include "tests/limits/crowd.h"

/*
 * Kinds of packets that a hostile peer, or controller, may send without end:
 * what one of them sets off, in answers and in work, is bounded.
 */

/* Answers to one packet at most. */
#define FLOOD_REPLIES 8
/* Octets that leave for one packet: so often what has come, and this. */
#define FLOOD_FACTOR 2
#define FLOOD_OCTETS 128
/*
 * Basic blocks of the engines that one packet makes run. A C-frame of 168
 * commands, of four octets each, takes most of them: some eighty a command.
 */
#define FLOOD_STEPS 16000

#define FLOOD_SERVICES 8

struct flood_kind;

/* A host that is being flooded. */
struct flood {
	const struct flood_kind *kind;
	struct crowd *crowd;
	struct crowd_peer *peer; /* NULL: it is the controller */
	struct crowd_chan *chan;
	struct rt_server *server;
	struct rt_inquiry *inquiry;
	struct rt_service *service[FLOOD_SERVICES];
	size_t packet_bytes; /* of the last one, as HCI has it */
	uint8_t frame[2048];
	size_t frame_bytes;
};

struct flood_kind {
	const char *name;
	/* Gets to where it begins, and fills flood->frame, perhaps. */
	void (*begin)(struct flood *flood);
	/* One packet, number `n`; nothing has left for it yet. */
	void (*send)(struct flood *flood, unsigned int n);
	/* Requests of our own that it may set off beside the answers. */
	unsigned int requests;
	/* What a peer has asked for, beyond FLOOD_FACTOR and _OCTETS. */
	size_t asked_for;
	/* Steps at most, where it is more than FLOOD_STEPS; 0: it is not. */
	uint64_t steps;
};

/* A row: FLOOD("name", begin, send), FLOOD_BUT(..., .requests = 2). */
#define FLOOD(name_, begin_, send_)                                  \
	{                                                            \
		.name = (name_), .begin = (begin_), .send = (send_), \
	}
#define FLOOD_BUT(name_, begin_, send_, ...)                         \
	{                                                            \
		.name = (name_), .begin = (begin_), .send = (send_), \
		__VA_ARGS__                                          \
	}

/* Kind number `i`; NULL: there are no more. */
const struct flood_kind *flood_kind(size_t i);

/* A host, and who floods it. */
void flood_begin(struct flood *flood, const struct flood_kind *kind);

/* One packet, straight to the host. */
void flood_send(struct flood *flood, unsigned int n);

/* All goes. */
void flood_end(struct flood *flood);

/* Fills the frame with as many copies of a command as fit into `bytes`. */
void flood_fill(struct flood *flood, size_t bytes, const char *hex);

/* `send` for kinds whose packet is the frame, as a C-frame. */
void flood_signal(struct flood *flood, unsigned int n);

/* The same on the channel. */
void flood_data(struct flood *flood, unsigned int n);

/* An event of these octets. */
void flood_event(struct flood *flood, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Lists that end with a name of NULL. */
extern const struct flood_kind flood_kinds_signalling[];
extern const struct flood_kind flood_kinds_data[];
extern const struct flood_kind flood_kinds_services[];
extern const struct flood_kind flood_kinds_hci[];

#endif
