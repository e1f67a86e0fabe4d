/* SPDX-License-Identifier: MIT */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A peer that answers what it is sent as a peer should, accepts everything,
 * wants the same, and sends data back, as they came. It takes octets apart by
 * hand: it shares nothing with the engine.
 */

#define MODEL_CHANS 64
#define MODEL_FRAME_BYTES 80

struct model_frame {
	uint16_t cid;
	size_t len;
	uint8_t data[MODEL_FRAME_BYTES];
};

struct model {
	uint8_t ident;
	uint16_t last_cid;
	size_t count;
	struct {
		uint16_t ours;	 /* id of the engine */
		uint16_t theirs; /* id of the model */
		bool asked;	 /* has sent CONFIGURATION_REQ */
	} chan[MODEL_CHANS];
};

/*
 * Takes in a PDU of the engine, header and all. Returns how many frames it
 * answers, at most two, in `ret`.
 */
size_t model_react(struct model *model, const uint8_t *pdu, size_t len,
		   struct model_frame ret[2]);

/* CONNECTION_REQ of the model to a PSM. */
void model_connect(struct model *model, uint16_t psm, struct model_frame *ret);

#endif
