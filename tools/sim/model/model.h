/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_MODEL_H
#define RT_SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "tools/sim/model/lie.h"
#include "tools/vctl/vctl.h"

/*
 * A model peer: a small host of its own on a virtual controller, written from
 * the Bluetooth specification and sharing nothing with the stack, so that two
 * mistakes that cancel cannot hide. It connects and is connected to, and holds
 * everything that it is sent against the specification: what it says about
 * that is `violation`.
 *
 * It does no I/O and keeps no clock. Its owner brings packets and the time,
 * and takes packets, until there is nothing to do:
 *
 *	model_advance(m, now);
 *	while (rt_vctl_tx(vctl, &type, &packet))
 *		model_rx(m, type, packet);
 *	while (model_tx(m, &type, &packet))
 *		rt_vctl_rx(vctl, type, packet);
 *
 * The same calls with the same options give the same packets.
 */

struct model;

#define MODEL_SERVICES_MAX 8

/* The longest SDU in either direction. */
#define MODEL_SDU_MAX 8192

/* What a service does with a connection, besides telling its owner. */
enum model_role {
	MODEL_SINK,   /* nothing: the owner may send */
	MODEL_ECHO,   /* sends back what it gets */
	MODEL_SOURCE, /* sends octets of model_pattern() from 0 on */
};

enum model_mode {
	MODEL_BASIC,
	MODEL_ERTM,
	MODEL_STREAMING,
};

/* Something that others may connect to. */
struct model_service {
	uint16_t psm;	 /* of an L2CAP service; 0: RFCOMM */
	uint8_t channel; /* RFCOMM server channel, 1 to 30 */
	enum model_role role;
	enum model_mode mode;  /* L2CAP: no other one will do */
	uint16_t mtu;	       /* L2CAP: of what it receives; 0: 672 */
	uint32_t source_bytes; /* SOURCE: so many, then nothing more */
	bool close_when_sent;  /* SOURCE: then closes */
};

/* Why something is over, or never began. */
enum model_end {
	MODEL_END_OURS,	    /* model_close() */
	MODEL_END_PEER,	    /* the peer closed it */
	MODEL_END_REFUSED,  /* the peer did not want it */
	MODEL_END_TIMEOUT,  /* the peer owed an answer for too long */
	MODEL_END_PROTOCOL, /* the peer broke the rules of the protocol */
	MODEL_END_SECURITY, /* no authentication or encryption */
	MODEL_END_NO_LINK,  /* the page failed */
	MODEL_END_LINK,	    /* the link ended */
	MODEL_END_RESET,    /* the controller was reset, the model spoiled */
};

struct model_chan_info {
	struct rt_addr peer;
	bool rfcomm;
	bool incoming;
	uint16_t port; /* PSM or server channel */
	enum model_mode mode;
	uint16_t tx_max; /* octets of an SDU, or an RFCOMM frame, to the peer */
	uint16_t rx_max; /* and of one that the peer may send */
};

/* What became of model_sdp_search(). */
struct model_sdp_result {
	bool ok;	    /* an answer came, whole and well formed */
	enum model_end end; /* else: why not */
	uint16_t error;	    /* code of an error response; 0: there was none */
	unsigned int records;
	uint8_t rfcomm_channel; /* of the first record with one; 0: none */
	uint16_t psm;		/* of the first record, likewise */
	unsigned int parts;	/* responses that it took */
	struct rt_bytes lists;	/* attribute lists, as they came; borrowed */
};

/*
 * Called from inside of model_rx(), model_tx() and model_advance(). From there
 * the model's commands may be called, but not those three, model_new() and
 * model_free(). Each may be NULL. A channel is known by its number, which is
 * never used again; it has exactly one of `failed`, or `opened` and `closed`.
 */
struct model_events {
	/* The controller has been brought up, the first time or anew. */
	void (*up)(void *user);
	void (*link_up)(void *user, struct rt_addr peer);
	void (*link_down)(void *user, struct rt_addr peer, uint8_t reason);
	void (*opened)(void *user, uint32_t chan,
		       const struct model_chan_info *info);
	/* Octets of a stream, or one SDU; borrowed. */
	void (*received)(void *user, uint32_t chan, struct rt_bytes data);
	/* model_send() may take more than when it last fell short. */
	void (*writable)(void *user, uint32_t number);
	void (*closed)(void *user, uint32_t chan, enum model_end why);
	void (*failed)(void *user, uint32_t chan, enum model_end why);
	void (*sdp_result)(void *user, uint32_t query,
			   const struct model_sdp_result *result);
	/*
	 * The peer has sent what the specification does not allow: one line of
	 * text, with the layer in front, borrowed. `peer` is whose it was.
	 */
	void (*violation)(void *user, struct rt_addr peer, const char *what);
};

/* What an honest host may do in one way or another. All zero: as most do. */
struct model_behaviour {
	bool no_security;  /* connects without encrypting the link first */
	bool bonding;	   /* asks for a key that is kept */
	bool no_features;  /* claims neither ERTM nor Streaming nor FCS */
	bool no_fcs;	   /* ERTM, Streaming: asks to go without FCS */
	bool no_credits;   /* RFCOMM: from before credit based flow control */
	uint8_t credits;   /* RFCOMM: frames granted at once; 0: 10 */
	uint16_t n1;	   /* RFCOMM: frame size it proposes; 0: 1000 */
	uint8_t window;	   /* ERTM: of frames it receives, to 63; 0: 16 */
	uint16_t mps;	   /* ERTM, Streaming: 0: 1000; 48 to 1010 */
	uint8_t transmits; /* ERTM: MaxTransmit it asks for; 0: 3 */
	uint32_t ack_ms;   /* ERTM: delay of acknowledgements; 0: 20 */
	uint16_t sdp_part; /* SDP server: octets a part; 0: all that fit */
	uint16_t sdp_ask;  /* SDP client: octets it asks for; 0: 65535 */
	uint32_t idle_ms;  /* keeps an unused link that it made; 0: 2500 */
	uint32_t patience_ms; /* for answers; 0: 60000 */
	/*
	 * The air, or whoever stands in between, loses frames: that one is
	 * missing, or comes again, is no violation. Noisy: it also doubles and
	 * damages them, and nothing that a peer sends is a violation.
	 */
	bool lossy;
	bool noisy;
};

struct model_options {
	uint64_t seed;
	const char *name; /* NULL: "Model"; borrowed while model_new() runs */
	struct model_behaviour behaviour;
	struct model_service service[MODEL_SERVICES_MAX];
	unsigned int service_count;
	/* SDP: has one Serial Port record for this server channel; 0: none. */
	uint8_t record_channel;
	const struct model_events
		*events; /* borrowed for as long as it lives */
	void *user;
	struct model_lies lies; /* see lie.h; all zero: it is honest */
};

/* --- doors --- */

/*
 * Makes a model, whose first packet is HCI Reset. NULL if there is no memory
 * or the options are not possible.
 */
struct model *model_new(const struct model_options *options, uint64_t now_us);

/* Frees it, and tells nobody. NULL is allowed. */
void model_free(struct model *m);

/* A packet from its controller, borrowed. */
void model_rx(struct model *m, enum rt_packet_type type,
	      struct rt_bytes packet);

/*
 * The next packet for its controller, valid until the next call of the three
 * doors. False if there is none that the controller could take now.
 */
bool model_tx(struct model *m, enum rt_packet_type *ret_type,
	      struct rt_bytes *ret_packet);

/* Sets the time, which never goes back, and does what is due. */
void model_advance(struct model *m, uint64_t now_us);

/* True, and sets *ret_due_us, if something will be due. */
bool model_next_timer(struct model *m, uint64_t *ret_due_us);

/* --- commands --- */

/*
 * Connects to an RFCOMM server channel: the link, authentication and
 * encryption, and the session are made where they are missing. Returns the
 * channel's number; 0 if there is no room.
 */
uint32_t model_connect_rfcomm(struct model *m, struct rt_addr addr,
			      uint8_t channel);

/*
 * Connects to a PSM, in this mode or not at all. `mtu` is of what we receive,
 * 48 to MODEL_SDU_MAX; 0: 672. Returns as model_connect_rfcomm().
 */
uint32_t model_connect_l2cap(struct model *m, struct rt_addr addr, uint16_t psm,
			     enum model_mode mode, uint16_t mtu);

/*
 * Asks for all records with this UUID, and all their attributes. `sdp_result`
 * comes once. Returns the query's number; 0 if there is no room.
 */
uint32_t model_sdp_search(struct model *m, struct rt_addr addr, uint16_t uuid);

/*
 * Sends octets of a stream, or one SDU. Returns how many were taken: of an SDU
 * all or none. 0 also if the channel is not open or the SDU too long.
 */
size_t model_send(struct model *m, uint32_t number, struct rt_bytes data);

/* Octets that model_send() would take now. */
size_t model_room(const struct model *m, uint32_t number);

/* Octets taken that have not been sent, or in ERTM not been acknowledged. */
size_t model_unsent(const struct model *m, uint32_t number);

/*
 * Reads no more, or goes on: the peer of an RFCOMM channel gets no credits,
 * that of an ERTM channel hears "receiver not ready". In other modes, nothing.
 */
void model_pause(struct model *m, uint32_t number, bool paused);

/* Closes when all has been sent. `closed` or `failed` follows. */
void model_close(struct model *m, uint32_t number);

/* Ends the link with whatever is on it, if there is one. */
void model_disconnect_link(struct model *m, struct rt_addr addr);

/* Forgets the link key of a device, as if it had never been paired with. */
void model_forget_key(struct model *m, struct rt_addr addr);

/*
 * Changes what it lies about, at any time. Without lies it is honest: links on
 * which it has lied end, and what comes after is right.
 */
void model_set_lies(struct model *m, const struct model_lies *lies);

/* --- figures --- */

struct model_stats {
	uint64_t rx_packets, tx_packets;
	uint64_t rx_bytes, tx_bytes; /* of users' data */
	uint32_t violations;
	uint32_t lies;
	uint32_t links, chans; /* there are now */
	uint32_t pairings;
	uint32_t dropped; /* SDUs that an echo in Basic mode had no room for */
	uint32_t retransmitted; /* I-frames */
	uint32_t stumbled; /* what an honest model must never see of itself */
};

/* Figures of the model. */
const struct model_stats *model_get_stats(const struct model *m);

/* How often it has told this lie. */
uint32_t model_lie_count(const struct model *m, enum model_lie lie);

/* The address of its controller; zero until it is up. */
struct rt_addr model_addr(const struct model *m);

/* True if the controller has been brought up. */
bool model_is_up(const struct model *m);

/* True if there is no link and nothing is under way. */
bool model_is_idle(const struct model *m);

/* Octet number `at` of what a SOURCE sends. */
uint8_t model_pattern(uint64_t at);

#endif
