/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_MODEL_H
#define TEST_RFCOMM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A peer for the engine that shares no code with it: the least that RFCOMM
 * asks of one, with habits drawn by chance. It gives no credits at first, or
 * late, or 255 at a time; knows neither credits nor PN nor MSC; says stop and
 * go; answers when it likes. What the engine sends must be right in every
 * octet, and never more than it was allowed.
 */

#define MODEL_DLCS 2
#define MODEL_QUEUE 64
#define MODEL_FRAME_MAX 1200

enum model_state {
	MODEL_NONE,
	MODEL_PN_SENT,
	MODEL_SABM_SENT,
	MODEL_UP,
	MODEL_DISC_SENT,
	MODEL_DOWN,
};

struct model_dlc {
	enum model_state state;
	bool ours; /* we open it */
	uint8_t dlci;
	uint16_t n1;
	bool credits;
	bool msc_owed;	      /* our MSC is not sent yet */
	bool msc_sent;	      /* some MSC of ours */
	bool theirs_answered; /* we have answered an MSC of the engine */
	bool fc;	      /* what our last MSC said */
	bool fc_known;	      /* the engine has answered it */
	bool fc_theirs;
	uint32_t tx;	  /* frames we may send */
	uint32_t granted; /* frames the engine may send, as far as we know */
	size_t length;	  /* of the stream that we send */
	size_t sent;
	size_t received;
	bool disc_seen; /* the engine has closed it */
};

struct model_frame {
	size_t len;
	uint8_t octets[MODEL_FRAME_MAX];
};

struct model {
	uint64_t random;
	bool initiator; /* of the session */
	bool open;	/* the multiplexer */
	bool closed;	/* it was */
	bool honest;	/* from now on: generous, and quick */
	/* Habits. */
	bool knows_pn;
	bool knows_credits;
	bool knows_msc; /* sends its own */
	bool starts_stopped;
	bool stops; /* by FC or FCOFF, at times */
	uint8_t k;
	uint8_t grant; /* at a time */
	uint32_t lazy; /* one tick in so many does something */
	uint16_t n1;
	bool off;	/* our FCOFF */
	bool off_known; /* was answered */
	bool off_theirs;
	struct model_dlc dlc[MODEL_DLCS];
	struct model_frame queue[MODEL_QUEUE]; /* to the engine */
	size_t head, count;
	void (*log)(const char *what, const uint8_t *octets, size_t len);
};

/* The octet at a place of a stream; `from_model` says which. */
uint8_t model_octet(uint8_t dlci, bool from_model, size_t at);

/* A number below n. */
uint32_t model_chance(struct model *model, uint32_t n);

/* Draws a peer from a seed: dlc[0] is the engine's, dlc[1] ours. */
void model_init(struct model *model, uint64_t seed);

/* The L2CAP channel is open. */
void model_start(struct model *model);

/* A frame from the engine. */
void model_rx(struct model *model, const uint8_t *octets, size_t len);

/* Something may happen. */
void model_tick(struct model *model);

/* We open our DLC. */
void model_connect(struct model *model);

/* We close a DLC that is up. */
void model_disc(struct model *model, struct model_dlc *dlc);

/* The same by DM, which asks for no answer. */
void model_dm(struct model *model, struct model_dlc *dlc);

/* We close the session. */
void model_disc_0(struct model *model);

/* The next frame to the engine; NULL if there is none. */
const struct model_frame *model_next(const struct model *model);

/* It has been delivered. */
void model_delivered(struct model *model);

/* Frames with information, and credits, that the engine has not got yet. */
void model_in_flight(const struct model *model, const struct model_dlc *dlc,
		     uint32_t *ret_frames, uint32_t *ret_credits);

#endif
