/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_INSIDE_H
#define RT_SIM_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/sim/model/bytes.h"
#include "tools/sim/model/model.h"
#include "tools/sim/model/ring.h"

/*
 * The inside of a model, shared by its files. All objects are slots of arrays
 * in `struct model`: a pointer to one is good until the slot is freed, and
 * whoever calls something that may free it looks at its state anew.
 *
 * Nothing is sent by the call that wants it sent: what waits is pulled by
 * model_tx(), a link at a time. So a command may come from inside of any
 * callback.
 */

#define LINKS_MAX 7
#define CHANS_MAX 48
#define DLCS_MAX 48
#define QUERIES_MAX 4
#define KEYS_MAX 16
#define COMMANDS_MAX 24
#define REQUESTS_MAX 56
#define CLOSED_MAX 24
#define HISTORY 254

#define PDU_MAX (MODEL_SDU_MAX + 16)
#define OUTBOX_BYTES 24576
#define TX_RING_BYTES 32768 /* of an L2CAP channel */
/* Whoever echoes without credits takes what comes until its FC bit is seen. */
#define DLC_RING_BYTES 262144
#define WINDOW_MAX 8
#define MPS_MAX 1010
#define ACL_MAX 2048
#define QUERY_BYTES 16384

#define CID_SIGNALLING 0x0001
#define CID_DYNAMIC 0x0040
#define CIDS 1024 /* that we use, one after the other */
#define PSM_SDP 0x0001
#define PSM_RFCOMM 0x0003
#define SIG_MTU 48
#define MTU_MIN 48
#define MTU_DEFAULT 672
#define N1_DEFAULT 127

/* Signalling (Core Vol 3 Part A 4) */
#define SIG_REJECT 0x01
#define SIG_CONNECT_REQ 0x02
#define SIG_CONNECT_RSP 0x03
#define SIG_CONFIG_REQ 0x04
#define SIG_CONFIG_RSP 0x05
#define SIG_DISCONNECT_REQ 0x06
#define SIG_DISCONNECT_RSP 0x07
#define SIG_ECHO_REQ 0x08
#define SIG_ECHO_RSP 0x09
#define SIG_INFO_REQ 0x0a
#define SIG_INFO_RSP 0x0b
#define REJECT_UNKNOWN 0
#define REJECT_CID 2
#define INFO_FEATURES 2
#define INFO_FIXED 3
#define RESULT_CONFIG_PENDING 4

/* Numbers of channels: a count, what it is, the slot. */
#define NUMBER_CHAN 0x00U
#define NUMBER_DLC 0x40U
#define NUMBER_QUERY 0x80U
#define NUMBER_TYPE 0xc0U
#define NUMBER_SLOT 0x3fU

/* What kind of PDU is about to be sent: which lies go with it. */
#define KIND_SIG 0x01U
#define KIND_FRAME 0x02U  /* any frame with a control field */
#define KIND_IFRAME 0x04U /* besides FRAME */
#define KIND_RFCOMM 0x08U
#define KIND_SDP 0x10U
#define KIND_BASIC 0x20U
#define KIND_ANY 0x3fU
#define KIND_LIE 0x80U /* a lie already */

struct model_link;
struct model_chan;

/* --- HCI --- */

struct model_command {
	uint16_t bytes;
	uint8_t data[3 + 255];
};

/* A command that the controller has not answered. */
struct model_asked {
	uint16_t opcode;
	uint16_t handle;
};

struct model_key {
	struct rt_addr addr;
	uint8_t key[16];
	uint8_t type;
	bool used; /* the slot */
	bool kept; /* beyond the link */
};

/* --- links --- */

enum model_link_state {
	LINK_FREE,
	LINK_WANTED, /* another page is under way */
	LINK_PAGING,
	LINK_ACCEPTING, /* the peer pages us */
	LINK_OPEN,
	LINK_CLOSING,
};

enum model_sec_state {
	SEC_NONE,
	SEC_WANTED, /* refused for now: again soon */
	SEC_AUTH,
	SEC_CRYPT,
};

enum { LINK_SETUP, LINK_IDLE, LINK_SEC, LINK_INFO, LINK_MUX, LINK_TIMERS };

/* How a PDU is cut into packets, if not as it should. */
enum model_trick {
	TRICK_NONE,
	TRICK_CRUMBS, /* an octet a packet */
	TRICK_ORPHAN, /* it begins with a continuation */
	TRICK_EMPTY,  /* a packet of no octets goes first */
	TRICK_TWICE,  /* its beginning goes first, and is left alone */
	TRICK_DROP,   /* the link ends behind its beginning */
};

/* A signalling request of ours until it is answered. */
struct model_request {
	uint8_t code; /* 0: a free slot */
	uint8_t id;
	uint8_t sends;
	uint16_t scid; /* of the channel it is about; 0: the link */
	uint64_t due_us;
	uint8_t bytes;
	uint8_t command[SIG_MTU];
};

/* A channel id that was ours. */
struct model_closed {
	uint16_t cid;
	bool peer_knows; /* it may send nothing there any more */
};

enum model_mux_state {
	MUX_NONE,
	MUX_CHAN, /* our L2CAP channel is being opened */
	MUX_WAIT, /* the peer's is open: its SABM is due */
	MUX_SABM,
	MUX_OPEN,
	MUX_DISC,
	MUX_END, /* DISC answered: L2CAP is being closed */
};

/* An RFCOMM session. */
struct model_mux {
	enum model_mux_state state;
	struct model_chan *chan; /* that carries it */
	bool initiator;
	bool pn_seen;	     /* whether there are credits has been settled */
	bool credits;	     /* there are */
	bool peer_off;	     /* FCOFF */
	uint8_t turn;	     /* of DLCs */
	uint8_t awaited[64]; /* answers to messages of ours, by type */
	uint64_t used;	     /* DLCIs that there have been */
	uint64_t closed;     /* those of which the peer knows that they ended */
	uint64_t late;	     /* those that ended before an answer came */
	/* A channel to PSM 3 of the peer's that waits until ours is decided. */
	uint16_t parked_scid;
	uint16_t refused_scid; /* of the last that was: it may come again */
	uint8_t parked_id;
};

struct model_link {
	enum model_link_state state;
	struct rt_addr addr;
	uint16_t handle;
	bool incoming;
	bool paging;   /* Create Connection is under way */
	bool spoiled;  /* we have lied on it */
	bool unwanted; /* it is to end */
	bool encrypted;
	enum model_sec_state sec;
	uint8_t sec_tries;
	uint8_t peer_auth; /* bonding that its IO capability asked for */
	uint8_t our_auth;
	bool peer_io_known;
	bool key_was_old;     /* the key given was a stored one */
	uint16_t outstanding; /* ACL packets the controller has */
	uint64_t due[LINK_TIMERS];

	/* The PDU that comes in, in `rx`. */
	size_t rx_len; /* octets there; 0: none has begun */
	size_t rx_all; /* with the header; 0: not known yet */

	/* The PDU that goes out, in `tx`. */
	size_t tx_len;
	size_t tx_at;
	enum model_trick trick; /* on the way to the controller */
	bool rx_drop;		/* what comes in is too long to be kept */
	uint8_t turn;		/* of channels */

	/* PDUs that wait, ready-made: kind, channel id, octets. */
	struct model_ring outbox;

	/* Signalling. */
	struct model_request request[REQUESTS_MAX];
	uint32_t peer_features;
	uint16_t next_cid;
	uint8_t next_id;
	bool info_asked, info_known;
	/* What the peer's requests were called: for reuse and repetition. */
	uint32_t peer_count;
	uint32_t peer_at[256];
	uint32_t peer_hash[256];
	struct model_closed closed[CLOSED_MAX];
	uint8_t closed_at;
	uint64_t cids_used[CIDS / 64]; /* of those from CID_DYNAMIC on */
	uint8_t resent[256 / 8]; /* identifiers that may be answered twice */

	struct model_mux mux;

	/* Memory that is written before it is read. */
	uint8_t rx[PDU_MAX];
	uint8_t tx[PDU_MAX];
	uint8_t outbox_memory[OUTBOX_BYTES];
};

/* --- L2CAP channels --- */

enum model_chan_state {
	CHAN_FREE,
	CHAN_LINK, /* waits for the link, its security, features */
	CHAN_CONNECT,
	CHAN_CONFIG,
	CHAN_OPEN,
	CHAN_DISCONNECT,
};

enum model_chan_kind { CHAN_USER, CHAN_MUX, CHAN_SERVER, CHAN_CLIENT };

enum { CHAN_LIFE, CHAN_RETRANS, CHAN_MONITOR, CHAN_ACK, CHAN_TIMERS };

/* What one side asks for in its configuration requests. */
struct model_conf {
	uint16_t mtu;
	enum model_mode mode;
	uint8_t window;
	uint8_t transmits;
	uint16_t mps;
	bool has_rfc;
	bool no_fcs;
};

/* An I-frame that has been sent and not acknowledged. */
struct model_slot {
	uint16_t bytes;
	uint16_t sdu_bytes; /* in a first part */
	uint8_t sar;
	uint8_t sends;
	bool again;
};

struct model_ertm {
	/* what we send */
	uint8_t next_tx;
	uint8_t expected_ack;
	struct model_slot slot[WINDOW_MAX];
	size_t sdu_left; /* of the SDU that is being cut up */
	bool sdu_started;
	bool remote_busy;
	bool wait_f;
	uint8_t polls;
	bool rej_done; /* REJ, SREJ acted on since the poll */
	bool srej_done;
	uint8_t srej_seq;
	bool owe_poll, owe_final, owe_ack, owe_reject, owe_rnr;
	bool final_with; /* the next frame sent again carries F */
	/* what we receive */
	uint8_t expected_tx;
	uint8_t acked; /* the last ReqSeq that we sent */
	uint8_t since_ack;
	bool rejecting;
	bool local_busy;
	bool rnr_sent;
	uint8_t finals_due; /* polls that the peer has not answered */
	bool dropped;	    /* a frame for which we were too busy */
	uint8_t seen[64];   /* times that a frame came: MaxTransmit */
};

struct model_chan {
	enum model_chan_state state;
	enum model_chan_kind kind;
	struct model_link *link;
	uint32_t number; /* 0: of no interest to the owner */
	bool incoming;
	bool told;    /* opened */
	bool closing; /* when all is sent */
	bool paused;
	bool starved;	 /* model_send() fell short */
	bool given_up;	 /* to be closed as soon as it is connected */
	bool peer_knows; /* that it has ended */
	uint16_t psm, scid, dcid;
	const struct model_service *service;
	enum model_end why;
	uint64_t due[CHAN_TIMERS];

	struct model_conf ours, theirs;
	bool ours_done, theirs_done;
	bool theirs_begun;  /* parts of a request have come */
	bool fcs_forbidden; /* the peer does not know that option */
	uint8_t refusals, rounds;
	uint32_t retrans_us, monitor_us;
	uint8_t tx_window;
	bool fcs;

	uint8_t *memory;      /* of the slot: ring, SDU, frames */
	struct model_ring tx; /* SDUs, each with its length in front */
	size_t queued;	      /* octets of theirs */
	uint8_t *sdu;
	size_t sdu_len, sdu_all;
	uint8_t *frames; /* WINDOW_MAX of MPS_MAX */
	struct model_ertm ertm;
	uint64_t source_at;
	struct model_query *query;
	uint8_t sdp_cont[20]; /* the continuation that the peer was given */
	uint32_t sdp_hash;    /* of the request it belongs to */
	uint8_t sdp_cont_len;
};

/* --- RFCOMM --- */

enum model_dlc_state {
	DLC_FREE,
	DLC_WAIT, /* for the session */
	DLC_PN,
	DLC_SABM,
	DLC_ASKED, /* the peer's PN is answered: its SABM is due */
	DLC_MSC,
	DLC_OPEN,
	DLC_DISC,
};

struct model_dlc {
	enum model_dlc_state state;
	struct model_link *link;
	uint32_t number;
	uint8_t dlci;
	uint8_t channel;
	bool incoming;
	bool told;
	bool closing;
	bool paused;
	bool starved;
	bool msc_acked, msc_seen;
	bool fc;       /* the peer's FC bit, where there are no credits */
	bool fc_sent;  /* ours */
	bool withhold; /* credits: a lie */
	const struct model_service *service;
	enum model_end why;
	uint16_t n1;
	uint32_t tx_credits;
	uint32_t rx_credits; /* granted and not used */
	uint64_t due_us;
	uint8_t *memory;
	struct model_ring tx;
	uint64_t source_at;
};

/* --- SDP --- */

struct model_query {
	uint32_t number; /* 0: a free slot */
	struct model_chan *chan;
	uint16_t uuid;
	uint16_t tid;
	uint8_t cont[17]; /* length and octets */
	bool waiting;	  /* for a response */
	uint16_t asked;	  /* MaximumAttributeByteCount of that */
	unsigned int parts;
	size_t bytes;
	uint8_t *lists; /* QUERY_BYTES */
	uint64_t due_us;
};

/* --- the model --- */

struct model {
	struct model_options options;
	struct model_events events;
	char name[32];
	uint64_t random;
	uint64_t now_us;
	uint64_t next_due_us; /* nothing is due before */
	bool due_stale;	      /* and maybe later */
	bool quiet;	      /* nothing to send since the last look */
	bool kick;	      /* the owner has asked for something */
	uint32_t numbers;
	struct model_stats stats;

	/* hci.c */
	bool up;
	unsigned int step; /* of the bring-up */
	struct rt_addr addr;
	uint8_t command_credits;
	struct model_command command[COMMANDS_MAX];
	unsigned int command_at, command_count;
	struct model_asked asked[COMMANDS_MAX];
	unsigned int asked_count;
	uint64_t command_due_us;
	uint16_t acl_bytes, acl_packets, acl_free;
	struct model_key key[KEYS_MAX];
	unsigned int key_at;

	uint8_t out[4 + ACL_MAX];
	unsigned int link_turn;
	struct model_link *link[LINKS_MAX]; /* made when first used */
	struct model_chan chan[CHANS_MAX];
	struct model_dlc dlc[DLCS_MAX];
	struct model_query query[QUERIES_MAX];
	uint8_t scratch[PDU_MAX];

	uint32_t lie_count[MODEL_LIE_COUNT];
	uint64_t lies_from_us; /* PDUs added since then */
	unsigned int lies_added;
};

#endif
