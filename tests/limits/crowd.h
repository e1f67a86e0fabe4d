/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CROWD_H
#define RT_TESTS_CROWD_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "api/host.h"
#include "tests/support/hex.h"
#include "tools/sim/world.h"

/*
 * A whole host on a virtual controller, and peers that exist as packets only:
 * the crowd stands between host and controller, makes up the events and the
 * data of any number of peers, and keeps what the host sends to them. A peer
 * is as honest as the test wants it: what is left to the crowd is answered
 * well, and at once.
 *
 * Peers are from before Secure Simple Pairing: they get in without encryption.
 */

#define CROWD_PEERS 16
#define CROWD_CHANS 32
#define CROWD_PDUS 64	     /* of the host, remembered for a peer */
#define CROWD_PDU_BYTES 1100 /* of such a PDU, remembered */
#define CROWD_EVENTS 64

struct crowd;

struct crowd_pdu {
	uint16_t cid;
	size_t len; /* of all of it */
	uint8_t data[CROWD_PDU_BYTES];
};

/* A channel that the peer has asked for. */
struct crowd_chan {
	struct crowd_peer *peer;
	uint16_t scid;	 /* the peer's end */
	uint16_t dcid;	 /* the host's end; 0: none */
	uint16_t result; /* of the last CONNECTION_RSP */
	uint16_t mtu;	 /* the host takes; 0: never said */
	bool asked;	 /* the host has agreed to the peer's half */
	bool agreed;	 /* the peer has agreed to the host's */
	bool over;
};

struct crowd_peer {
	struct crowd *crowd;
	struct rt_addr addr;
	uint16_t handle;
	bool linked;
	bool refused; /* by HCI, for `reason` */
	uint8_t reason;
	bool mute; /* answers nothing by itself */
	bool slow; /* its controller keeps what the host sends */
	uint8_t ident;
	uint32_t features; /* of L2CAP */
	unsigned int chan_count;
	struct crowd_chan chan[CROWD_CHANS];
	/* What the host has sent since crowd_count_anew(). */
	size_t pdus;
	size_t octets; /* with L2CAP headers */
	size_t responses;
	/* The last PDUs; `heard` of all that ever came. */
	size_t heard;
	size_t looked_at;
	struct crowd_pdu pdu[CROWD_PDUS];
	unsigned int owed; /* completions */
	size_t rx_len;
	uint8_t rx[65536 + 4];
};

struct crowd {
	struct world *w;
	struct world_hooks hooks; /* of whoever wants to see packets too */
	bool hold_setup;	  /* accepted links don't come up */
	bool hold_key_size;	  /* see crowd_tell_key_size() */
	bool remembers;		  /* devices of inquiries, to its end */
	size_t idle_bytes;	  /* the host's memory, see crowd_idle() */
	size_t peak_bytes;
	size_t disconnections;	 /* of channels, asked for by the host */
	size_t links_ended;	 /* by the host */
	size_t commands;	 /* of the host, all of them */
	struct rt_bytes command; /* the last of the host */
	uint8_t command_octets[260];
	unsigned int event_count;
	struct {
		size_t len;
		uint8_t data[260];
	} event[CROWD_EVENTS];
	struct crowd_peer peer[CROWD_PEERS];
};

/* A host that is up. `options` may be NULL; memory and the like are ours. */
struct crowd *crowd_new(const struct rt_host_options *options);

/* Everybody goes; the host shuts down and must leave nothing behind. */
void crowd_free(struct crowd *crowd);

/* The host. */
struct rt_host *crowd_host(const struct crowd *crowd);

/* A server of the host that listens. */
struct rt_server *crowd_serve(struct crowd *crowd, enum rt_protocol protocol,
			      uint16_t port, unsigned int max_pending);

/* Lets virtual time pass. */
void crowd_run(struct crowd *crowd, uint64_t us);

/* --- memory ------------------------------------------------------------- */

/* What the host holds now is its own affair: octets count from here on. */
void crowd_idle(struct crowd *crowd);

/* Octets that the host holds beyond that. */
size_t crowd_live(const struct crowd *crowd);

/* --- links -------------------------------------------------------------- */

/* A peer pages the host. Look at `linked` and `refused`. */
struct crowd_peer *crowd_page(struct crowd *crowd);

/* The same; it must be let in. */
struct crowd_peer *crowd_join(struct crowd *crowd);

/* The link that was accepted while `hold_setup` comes up. */
void crowd_come_up(struct crowd_peer *peer);

/* The peer ends its link. */
void crowd_leave(struct crowd_peer *peer);

/* The size of the link's key, which was asked for under `hold_key_size`. */
void crowd_tell_key_size(struct crowd_peer *peer);

/* An event with these octets, in hexadecimal. */
void crowd_event(struct crowd *crowd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* --- data --------------------------------------------------------------- */

/*
 * One ACL packet; `flags` is 0 for the first of a PDU that can't be flushed,
 * 1 for a continuing one, 2 for a first one. The host has dealt with it when
 * this returns, but time has not passed.
 */
void crowd_acl(struct crowd_peer *peer, unsigned int flags,
	       struct rt_bytes data);

/* A PDU, in as many packets as it takes; nothing has left yet. */
void crowd_put(struct crowd_peer *peer, uint16_t cid, struct rt_bytes payload);

/* The same, and the host answers. */
void crowd_send(struct crowd_peer *peer, uint16_t cid, struct rt_bytes payload);

/* The same in hexadecimal. */
void crowd_say(struct crowd_peer *peer, uint16_t cid, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Counts what the host sends from here on. */
void crowd_count_anew(struct crowd_peer *peer);

/* The PDU that came `back` before the last one, 0 for that; NULL: none. */
const struct crowd_pdu *crowd_heard(const struct crowd_peer *peer, size_t back);

/*
 * The last PDU must begin with these octets on the channel id; ".." stands
 * for any octet.
 */
void crowd_expect(const struct crowd_peer *peer, uint16_t cid, const char *hex);

/* Completes what `slow` has kept. */
void crowd_complete(struct crowd_peer *peer);

/* --- channels ----------------------------------------------------------- */

/* CONNECTION_REQ for the PSM, and its answer; nothing is configured. */
struct crowd_chan *crowd_ask(struct crowd_peer *peer, uint16_t psm);

/* Configures the peer's half; `options` in hexadecimal, may be "". */
void crowd_configure(struct crowd_chan *chan, const char *options);

/* A channel that opens with an MTU of the peer, 0: the default. */
struct crowd_chan *crowd_open(struct crowd_peer *peer, uint16_t psm,
			      uint16_t mtu);

/* The peer disconnects it. */
void crowd_close(struct crowd_chan *chan);

#endif
