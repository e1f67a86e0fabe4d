/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_DUO_H
#define RT_TESTS_DUO_H

#include "tests/support/end.h"
#include "tests/unit/model/peer.h"

/* A host of ours and a model: what suites about both share. */

#define CHANNEL 5 /* of the model's: a sink */
#define CHANNEL_ECHO 6
#define PSM 0x1005 /* of the model's: a sink, in the mode of the test */
#define HOST_CHANNEL 9
#define HOST_PSM 0x1011
#define BYTES 65536
#define SDU 1000

/* A mode as both sides name it. */
struct mode {
	enum rt_l2cap_socket_mode ours;
	enum model_mode theirs;
	int fcs;
	unsigned int window;
	uint16_t mps;
};

/* The test's one world. */
struct duo {
	struct world *w;
	struct peer peer;
	struct end client, server;
	struct rt_server *listener;
	uint8_t sent[2][BYTES], got[2][BYTES];
};

extern struct duo duo;

/* Makes the world; `mode` and `behaviour` may be NULL. */
void duo_begin(const struct mode *mode, const struct model_behaviour *behaviour,
	       uint64_t seed, uint32_t latency_us);

/*
 * Frees the sockets, waits until all is quiet, and asserts that host, model and
 * controllers are in order.
 */
void duo_end(void);

/* The host listens. */
void duo_listen(enum rt_protocol protocol, uint16_t port,
		const struct mode *mode);

/* A socket of the host connects to the model, as far as it gets. */
void duo_begin_connect(enum rt_protocol protocol, uint16_t port,
		       const struct mode *mode);

/* The same, and both sides are connected when it returns. */
void duo_host_connects(enum rt_protocol protocol, uint16_t port,
		       const struct mode *mode);

/* The channel that the model has asked for is open on both sides. */
struct peer_chan *duo_model_connects(uint32_t number);

/* BYTES each way, in pieces; 0: of any size. Both ends are to have them all. */
void duo_talk(struct end *of_host, struct peer_chan *of_model, size_t piece);

/* Sets an option of the socket, or if that is NULL, of the listener. */
void duo_set(struct rt_socket *s, enum rt_option option, int64_t value);

/* Sets what the mode says, likewise. */
void duo_set_mode(struct rt_socket *s, const struct mode *mode);

/* True if the client is connected, and the model has told of it. */
bool duo_is_accepted(void *arg);

/* True if the host's server has a socket, and the channel is open. */
bool duo_is_served(void *chan);

#endif
