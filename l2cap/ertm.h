/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ERTM_H
#define RT_L2CAP_ERTM_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/chan.h"
#include "l2cap/control.h"
#include "l2cap/engine.h"
#include "l2cap/sar.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * Enhanced Retransmission mode (Core Vol 3 Part A 8.6): what a channel keeps.
 * Four files work on it:
 *
 * - ertm_tx.c, the transmitter: unacknowledged I-frames, polls;
 * - ertm_rx.c, the receiver: its states, what it asks for;
 * - ertm_queue.c: what was received, until the user has it;
 * - ertm.c, the mode: frames in and out, the user.
 *
 * The machines only note what has to be done: what is owed is sent when HCI
 * pulls, what is acknowledged or received is told when a frame has been dealt
 * with whole (ertm.c, settle()), and a failure closes the channel then.
 *
 * An ACL link keeps the order of frames. What the rules here make of a frame
 * rests on that.
 */

/*
 * An acknowledgement waits 200 ms for an I-frame to ride on, or until a quarter
 * of the window has come, eight frames at most (8.6.5 leaves it to us). Small
 * windows thus are acknowledged frame by frame, and no window stalls, nor does
 * a peer that can't keep many frames.
 */
#define RT_L2CAP_ERTM_ACK_MS 200
#define RT_L2CAP_ERTM_ACK_FRAMES_MAX 8

/* Without memory a frame, or an SDU, is tried again after this time. */
#define RT_L2CAP_ERTM_RETRY_MS 200

/*
 * Frames that may be missing at the same time, each alone; when one more is,
 * what follows it is treated as lost.
 */
#define RT_L2CAP_ERTM_SREJ_MAX 16

enum rt_l2cap_ertm_tx_state {
#define TX_STATE(name, next) RT_L2CAP_ERTM_##name,
#define TX_EVENT(name)
#define RX_STATE(name, next)
#define RX_EVENT(name)
#include "l2cap/ertm.def"
#undef TX_STATE
#undef TX_EVENT
#undef RX_STATE
#undef RX_EVENT
};

enum rt_l2cap_ertm_tx_event {
#define TX_STATE(name, next)
#define TX_EVENT(name) RT_L2CAP_ERTM_##name,
#define RX_STATE(name, next)
#define RX_EVENT(name)
#include "l2cap/ertm.def"
#undef TX_STATE
#undef TX_EVENT
#undef RX_STATE
#undef RX_EVENT
};

enum rt_l2cap_ertm_rx_state {
#define TX_STATE(name, next)
#define TX_EVENT(name)
#define RX_STATE(name, next) RT_L2CAP_ERTM_##name,
#define RX_EVENT(name)
#include "l2cap/ertm.def"
#undef TX_STATE
#undef TX_EVENT
#undef RX_STATE
#undef RX_EVENT
};

enum rt_l2cap_ertm_rx_event {
#define TX_STATE(name, next)
#define TX_EVENT(name)
#define RX_STATE(name, next)
#define RX_EVENT(name) RT_L2CAP_ERTM_RECV_##name,
#include "l2cap/ertm.def"
#undef TX_STATE
#undef TX_EVENT
#undef RX_STATE
#undef RX_EVENT
};

/* How long something has been so, in all. */
struct rt_l2cap_ertm_clock {
	bool on;
	uint64_t since_us;
	uint64_t total_us;
};

/* The transmitter; the names are those of 8.6.5. */
struct rt_l2cap_ertm_tx {
	enum rt_l2cap_ertm_tx_state state;
	uint16_t next_tx_seq;
	uint16_t expected_ack_seq;
	bool shrunk; /* the window has become smaller than what is in it */
	struct rt_list unacked;	  /* I-frames sent, in their order */
	struct rt_list again;	  /* of them to be sent again, as asked for */
	struct rt_list sdus;	  /* rt_l2cap_sdu.node: not all acknowledged */
	struct rt_list written;	  /* acknowledged: the user is to be told */
	struct rt_l2cap_sdu *cut; /* the last SDU, if part of it has not left */
	size_t cut_at;
	uint32_t retry_count; /* polls since we are in WAIT_F */
	bool remote_busy;
	bool rej_actioned;
	bool srej_actioned;
	uint16_t srej_save_req_seq;
	bool owes_poll;
	bool owes_final;
	bool final_is_frame; /* the answer is I-frame `final_seq`: SREJ, P=1 */
	uint16_t final_seq;
	struct rt_timer retransmission;
	struct rt_timer monitor;
	struct rt_l2cap_ertm_clock stalled;
	uint64_t frames;
	uint64_t retransmitted;
	uint64_t polls;
};

/* The receiver. */
struct rt_l2cap_ertm_rx {
	enum rt_l2cap_ertm_rx_state state;
	uint16_t expected_tx_seq;
	uint16_t buffer_seq; /* the first not taken out of `kept` */
	uint16_t acked_seq;  /* the last ReqSeq sent: begin of the window */
	struct rt_list kept; /* I-frames of [buffer_seq, expected_tx_seq) */
	uint16_t srej[RT_L2CAP_ERTM_SREJ_MAX]; /* missing, as asked for */
	uint8_t srej_count;
	uint8_t srej_owed; /* the last of them have not been asked for yet */
	bool owes_rej;
	bool owes_ack;
	bool local_busy;
	bool told_busy; /* RNR-SENT */
	bool no_memory; /* for the SDU that comes next */
	bool has_last;	/* `last` is the frame before this one */
	struct rt_l2cap_control last;
	bool has_fresh; /* buffer_seq is this payload, not in `kept` */
	struct rt_l2cap_control fresh_control;
	struct rt_bytes fresh;
	struct rt_l2cap_reassembly sdu;
	struct rt_timer ack;
	struct rt_l2cap_ertm_clock busy;
	uint64_t frames;
	uint64_t bad_fcs;
	uint64_t duplicates;
};

struct rt_l2cap_ertm {
	struct rt_l2cap_chan *chan;
	uint16_t seq_max;	/* 63 or 16383 */
	uint16_t failed;	/* enum rt_l2cap_code: to be closed; 0: not */
	struct rt_timer resume; /* room, or memory, may be there again */
	struct rt_l2cap_ertm_tx tx;
	struct rt_l2cap_ertm_rx rx;
};

/* Steps from sequence number `from` to `to`. */
static inline uint16_t rt_l2cap_ertm_steps(const struct rt_l2cap_ertm *e,
					   uint16_t from, uint16_t to)
{
	return (uint16_t)(to - from) & e->seq_max;
}

/* The sequence number behind `seq`. */
static inline uint16_t rt_l2cap_ertm_next(const struct rt_l2cap_ertm *e,
					  uint16_t seq)
{
	return (uint16_t)(seq + 1) & e->seq_max;
}

/* Starts or stops a clock; nothing happens if it is so already. */
void rt_l2cap_ertm_clock_set(struct rt_l2cap_ertm_clock *clock, bool on,
			     uint64_t now_us);

/* The channel shall be closed with this reason; the first one counts. */
void rt_l2cap_ertm_fail(struct rt_l2cap_ertm *e, uint16_t code);

/*
 * Fills *pdu with a frame. *control tells what it is; ReqSeq is filled in,
 * except for SREJ, and what it acknowledges counts as acknowledged. The body
 * of an I-frame is in *pdu, and the SDU length too if it is a start.
 */
void rt_l2cap_ertm_put(struct rt_l2cap_ertm *e,
		       struct rt_l2cap_control *control, struct rt_pdu *pdu);

/*
 * Does what the machines have noted: tells the user, closes a channel that has
 * failed, sets timers, wakes the link. The user may end the channel: the last
 * thing to be done with it.
 */
void rt_l2cap_ertm_settle(struct rt_l2cap_ertm *e);

/* Memory was missing: tries again after a while. */
void rt_l2cap_ertm_retry(struct rt_l2cap_ertm *e);

/*
 * What must hold of an ERTM channel between steps: windows, sequence numbers,
 * buffers, and that timers are armed exactly where something is waited for.
 * Returns NULL, or the sentence that is not true. Channels in another mode, or
 * not open, always pass.
 */
const char *rt_l2cap_ertm_check(const struct rt_l2cap_chan *chan);

#endif
