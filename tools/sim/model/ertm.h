/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_ERTM_H
#define RT_SIM_ERTM_H

#include "tools/sim/model/parts.h"

/*
 * Frames of Enhanced Retransmission and Streaming mode (Core Vol 3 Part A 3.3,
 * 8.6, 8.7), with a control field of two octets: what ertm_tx.c and ertm_rx.c
 * share.
 */

#define CTRL_BYTES 2
#define FCS_BYTES 2
#define SDU_LENGTH_BYTES 2
#define SEQ_MASK 63U

#define CTRL_S 0x0001U
#define CTRL_P 0x0010U
#define CTRL_F 0x0080U
#define CTRL_S_RESERVED 0xc062U

#define S_RR 0U
#define S_REJ 1U
#define S_RNR 2U
#define S_SREJ 3U

#define SAR_WHOLE 0U
#define SAR_START 1U
#define SAR_END 2U
#define SAR_MIDDLE 3U

/* How far `to` is ahead of `from`, modulo 64. */
static inline uint8_t model_ertm_ahead(unsigned int from, unsigned int to)
{
	return (uint8_t)((to - from) & SEQ_MASK);
}

/* Frames that the peer has not acknowledged. */
static inline uint8_t model_ertm_unacked(const struct model_ertm *e)
{
	return model_ertm_ahead(e->expected_ack, e->next_tx);
}

/*
 * Takes an acknowledgement of all frames before `seq`. False if it is of
 * frames that are not under way.
 */
bool model_ertm_acknowledge(struct model *m, struct model_chan *chan,
			    uint8_t seq);

/* Marks what is unacknowledged from `seq` on to be sent again. */
void model_ertm_send_again(struct model_chan *chan, uint8_t seq);

/* Marks one frame. False if it is not under way. */
bool model_ertm_send_one_again(struct model_chan *chan, uint8_t seq);

/* Sends a poll, and waits for its answer. */
void model_ertm_poll(struct model *m, struct model_chan *chan);

/* The retransmission timer runs while something can be lost. */
void model_ertm_watch(struct model *m, struct model_chan *chan);

/* Says to the peer that we can or cannot take more, if that has changed. */
void model_ertm_look_at_room(struct model *m, struct model_chan *chan);

#endif
