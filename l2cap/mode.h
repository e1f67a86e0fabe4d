/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_MODE_H
#define RT_L2CAP_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/l2cap.h"
#include "stack/base.h"
#include "stack/list.h"
#include "stack/pdu.h"

/*
 * What the mode of a channel does with its data (Core Vol 3 Part A 2.4): one
 * table a mode, chosen when the channel has been configured. Basic mode stands
 * in basic.c, the others in files of their names.
 *
 * A mode gets SDUs from the user and gives them to it by the functions at the
 * end, which look after rooms, completions and users that have gone. It keeps
 * its state in memory of its own (chan->mode_state).
 */

struct rt_l2cap_chan;

/* What both sides have agreed on, or what stands in its stead. */
struct rt_l2cap_agreed {
	enum rt_l2cap_mode mode;
	bool fcs;
	bool extended;
	uint16_t tx_window;   /* the peer's receive window: we may send */
	uint16_t rx_window;   /* ours */
	uint8_t max_transmit; /* of our frames, as the peer wants; 0: no end */
	uint16_t tx_mps;      /* octets of an SDU in a frame of ours, at most */
	uint16_t rx_mps;      /* of the peer's */
	uint16_t tx_credits;  /* CREDIT: at the start */
	uint16_t rx_credits;
	uint32_t retransmission_ms; /* our timers; not 0 */
	uint32_t monitor_ms;
};

struct rt_l2cap_mode_ops {
	/*
	 * The channel opens, or has been configured anew with values that the
	 * mode can take on while it works (`chan->agreed`). Returns 0, or
	 * -ENOMEM: the channel is disconnected.
	 */
	int (*begin)(struct rt_l2cap_chan *chan);
	/*
	 * The channel leaves OPEN and CONFIG for good: stops timers, frees,
	 * and hands what it pulled and still holds to rt_l2cap_sdu_unsent().
	 * Calls nobody. Once for all calls of `begin`.
	 */
	void (*end)(struct rt_l2cap_chan *chan);
	/* The payload of a PDU to the channel, not over chan->rx_limit. */
	void (*rx)(struct rt_l2cap_chan *chan, struct rt_bytes payload);
	/* Fills *pdu with the next PDU; false if there is none now. */
	bool (*pull)(struct rt_l2cap_chan *chan, struct rt_pdu *pdu);
	/*
	 * The channel is suspended (suspend.h): nothing is pulled from now on;
	 * no timer may run that waits for the peer. May be NULL.
	 */
	void (*suspend)(struct rt_l2cap_chan *chan);
	/*
	 * It goes on, and will be pulled. Both calls may come from inside one
	 * of the user's: they call nobody. May be NULL.
	 */
	void (*resume)(struct rt_l2cap_chan *chan);
	/* What came while it was suspended is sent again, or not promised. */
	bool may_lose;
	/*
	 * The peer closes the channel: what the user has no room for yet goes
	 * to it all the same. The user may end the channel. May be NULL.
	 */
	void (*flush)(struct rt_l2cap_chan *chan);
	/* The user has more room than before, or less. May be NULL. */
	void (*room)(struct rt_l2cap_chan *chan);
	/* Fills in what the mode knows of *ret_info. May be NULL. */
	void (*info)(const struct rt_l2cap_chan *chan,
		     struct rt_l2cap_info *ret_info);
};

/* An SDU that a mode holds until the peer has it. */
struct rt_l2cap_sdu {
	struct rt_list node;
	struct rt_pdu pdu; /* the body, in the user's memory */
	bool written;	   /* the peer has it, the user has not been told */
};

extern const struct rt_l2cap_mode_ops rt_l2cap_basic_ops;
extern const struct rt_l2cap_mode_ops rt_l2cap_ertm_ops;
extern const struct rt_l2cap_mode_ops rt_l2cap_streaming_ops;
extern const struct rt_l2cap_mode_ops rt_l2cap_credit_ops;

/*
 * Gets the next SDU, of at most omtu octets, from the user: true, and its body
 * stays in place until rt_l2cap_sdu_completed(); false if there is none.
 */
bool rt_l2cap_sdu_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu);

/*
 * The same for a mode that holds SDUs: in memory of the mode's, with the
 * channel's handle in done.chan.
 *
 * Returns 1 and sets *ret_sdu; 0 if there is none, or if the user ended the
 * channel as it handed one over: chan->mode_state is NULL then; or -ENOMEM.
 */
int rt_l2cap_sdu_take(struct rt_l2cap_chan *chan,
		      struct rt_l2cap_sdu **ret_sdu) RT_MUST_CHECK;

/*
 * An SDU that was pulled is with the peer (`written`), or never will be. Calls
 * the user: to be called last, or with the channel looked up anew by handle.
 */
void rt_l2cap_sdu_completed(struct rt_l2cap_chan *chan,
			    const struct rt_done *done, bool written);

/*
 * The mode ends and still has this SDU, which never got to the peer unless it
 * is `written`: the user is told when the channel closes. It is freed then.
 */
void rt_l2cap_sdu_unsent(struct rt_l2cap_chan *chan, struct rt_l2cap_sdu *sdu);

/* Gives an SDU to the user; the same warning. */
void rt_l2cap_sdu_deliver(struct rt_l2cap_chan *chan, struct rt_bytes sdu);

/* The same for one without room, as the peer has closed the channel. */
void rt_l2cap_sdu_deliver_last(struct rt_l2cap_chan *chan, struct rt_bytes sdu);

/* Octets of SDUs that the user can take now; SIZE_MAX: no end. */
size_t rt_l2cap_sdu_room(const struct rt_l2cap_chan *chan);

/*
 * The mode has something to send now (an acknowledgement, a retransmission, or
 * an SDU that it may go on with): it will be pulled.
 */
void rt_l2cap_mode_ready(struct rt_l2cap_chan *chan);

/*
 * The mode gives the channel up: DISCONNECTION_REQ, reason enum rt_l2cap_code.
 * The mode's `end` has been called when this returns.
 */
void rt_l2cap_mode_fail(struct rt_l2cap_chan *chan, uint16_t code);

#endif
