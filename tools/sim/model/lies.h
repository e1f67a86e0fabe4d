/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_LIES_H
#define RT_SIM_LIES_H

#include "tools/sim/model/parts.h"

/*
 * A PDU that is about to leave, and may leave as something else. What a lie
 * changes is the octets: the model's own state is not touched, so that it stays
 * in order while it confuses the peer.
 */
struct lie {
	struct model *m;
	struct model_link *link;
	unsigned int kind;
	uint8_t *p; /* the payload, with room up to PDU_MAX */
	size_t n;
};

#define PDU_HEAD 4
#define PAYLOAD_MAX (PDU_MAX - PDU_HEAD)

/* A number below `n`. */
static inline uint32_t model_lie_random(const struct lie *lie, uint32_t n)
{
	return model_random(lie->m) % n;
}

/* One of these numbers. */
#define LIE_PICK(lie, ...)                                     \
	(((const uint16_t[]){ __VA_ARGS__ })[model_lie_random( \
		lie, sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))])

/* The payload has so many octets from now on, and the header says so. */
void model_lie_resize(struct lie *lie, size_t n);

/* Another PDU goes behind this one. */
void model_lie_add(const struct lie *lie, uint16_t cid,
		   struct rt_bytes payload);

/* The channel that the PDU is for; NULL: none. */
struct model_chan *model_lie_chan(const struct lie *lie);

/*
 * Each tells one lie of its layer, about this PDU or besides it. False if that
 * does not go with this PDU.
 */
bool model_lie_about_signalling(struct lie *lie, enum model_lie which);

/* Likewise, about configuration. */
bool model_lie_about_config(struct lie *lie, enum model_lie which);

/* Likewise. */
bool model_lie_about_frame(struct lie *lie, enum model_lie which);

/* Likewise. */
bool model_lie_about_rfcomm(struct lie *lie, enum model_lie which);

/* Likewise. */
bool model_lie_about_sdp(struct lie *lie, enum model_lie which);

#endif
