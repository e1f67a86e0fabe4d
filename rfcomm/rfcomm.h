/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_H
#define RT_RFCOMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/pdu.h"
#include "stack/reason.h"
#include "stack/slots.h"

/*
 * RFCOMM 1.2 over TS 07.10 (3GPP TS 27.010): multiplexer sessions on L2CAP
 * PSM 3, one a peer, and data link connections on them with credit based flow
 * control.
 *
 * Users name DLCs by handle. A handle goes stale when the DLC has closed; every
 * function takes a stale one and says so.
 */

struct rt_l2cap;
struct rt_rfcomm;

#define RT_RFCOMM_CHANNEL_MAX 30

/* Codes of RT_LAYER_RFCOMM in a reason. */
enum rt_rfcomm_code {
	RT_RFCOMM_CLOSED = 1,	    /* by ourselves, in order */
	RT_RFCOMM_PEER_DISC = 2,    /* the peer sent DISC */
	RT_RFCOMM_REFUSED = 3,	    /* DM: no such server channel */
	RT_RFCOMM_TIMEOUT_T1 = 4,   /* SABM or DISC was not answered */
	RT_RFCOMM_TIMEOUT_T2 = 5,   /* a multiplexer command was not */
	RT_RFCOMM_BAD_PEER = 6,	    /* broke a rule that ends a DLC */
	RT_RFCOMM_SESSION_LOST = 7, /* the L2CAP channel closed under it */
	RT_RFCOMM_CREDITS = 8,	    /* the peer sent without credits */
};

/* The name of such a code. */
const char *rt_rfcomm_code_name(uint16_t code);

/* The errno, negative, that Linux gives for such a code. */
int rt_rfcomm_code_errno(uint16_t code);

/* One sentence that helps the user with such a code; "" if there is none. */
const char *rt_rfcomm_code_hint(uint16_t code);

/* What a DLC tells its user. */
struct rt_rfcomm_ops {
	/*
	 * Open: SABM answered by UA and modem status exchanged both ways (or
	 * T2 after ours was answered, for peers that never send theirs).
	 */
	void (*opened)(void *user, rt_handle dlc);
	/*
	 * Gone, whatever the cause, and also if it never opened; the handle
	 * is stale when this returns, and not before. `completed` was called
	 * for all that was pulled. Once.
	 */
	void (*closed)(void *user, rt_handle dlc, const struct rt_reason *why);
	/*
	 * Octets of the stream; borrowed until the call returns. Never more
	 * in all than the credits granted for the room announced with
	 * rt_rfcomm_set_room().
	 */
	void (*rx)(void *user, rt_handle dlc, struct rt_bytes data);
	/*
	 * Fills the body of *pdu and done.bytes with the next octets, at most
	 * `max`, and returns true; false if there are none.
	 */
	bool (*pull)(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu);
	/* Pulled octets are with the peer's controller, or never will be. */
	void (*completed)(void *user, rt_handle dlc, const struct rt_done *done,
			  bool written);
	/*
	 * Of a listener: a peer asks for a DLC (SABM). Return 0 and set the
	 * DLC's user with rt_rfcomm_set_user(), or -ECONNREFUSED: DM.
	 * Listeners only: NULL elsewhere.
	 */
	int (*incoming)(void *user, rt_handle dlc);
};

struct rt_rfcomm_params {
	const struct rt_rfcomm_ops *ops; /* of the DLC, or the listener's */
	void *user;
	uint16_t frame_bytes; /* N1 to propose; 0: fills baseband packets */
	size_t room_bytes;    /* receive room at the start, see set_room */
};

struct rt_rfcomm_info {
	struct rt_addr peer;
	bool incoming;
	bool open;
	uint8_t channel; /* server channel, 1 to 30 */
	uint8_t dlci;
	uint16_t frame_bytes; /* N1 as agreed */
	bool credit_flow;
	bool msc_missing;    /* opened by T2: the peer sent no MSC */
	uint32_t tx_credits; /* frames we may send */
	uint32_t rx_credits; /* frames the peer may send */
	uint64_t tx_frames, rx_frames;
	uint64_t tx_bytes, rx_bytes;
	uint64_t stalled_us; /* with data to send and no credits */
};

/*
 * Makes the engine on `l2cap` and listens on PSM 3. Returns 0, -EADDRINUSE or
 * -ENOMEM.
 */
int rt_rfcomm_new(struct rt_env *env, struct rt_l2cap *l2cap,
		  struct rt_rfcomm **ret) RT_MUST_CHECK;

/*
 * Frees the engine, its sessions and DLCs at once, telling nobody. Call it
 * before rt_l2cap_free(), and not from an op.
 */
void rt_rfcomm_free(struct rt_rfcomm *rfcomm);

/*
 * Opens a DLC to server channel 1 to 30 of `addr`, on the session there is or
 * a new one (R:5.2.1). `params` is copied. Ends in opened or closed, never
 * before this returns.
 *
 * Returns 0 and a handle, or -EINVAL (channel, address, frame size outside 23
 * to 32767), -EADDRINUSE (a DLC with that peer's channel exists), -ENOSPC
 * (limit), -ENOMEM, or what rt_l2cap_connect() returns.
 */
int rt_rfcomm_connect(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		      uint8_t channel, const struct rt_rfcomm_params *params,
		      rt_handle *ret_dlc) RT_MUST_CHECK;

/*
 * Listens on a server channel, 0: the first free one.
 *
 * Returns 0 and sets *ret_channel, or -EINVAL, -EADDRINUSE, -ENOSPC (none is
 * free) or -ENOMEM.
 */
int rt_rfcomm_listen(struct rt_rfcomm *rfcomm, uint8_t channel,
		     const struct rt_rfcomm_params *params,
		     uint8_t *ret_channel) RT_MUST_CHECK;

/* Stops listening; DLCs that were set up live on. */
void rt_rfcomm_unlisten(struct rt_rfcomm *rfcomm, uint8_t channel);

/* Gives the DLC another user. Does nothing if stale. */
void rt_rfcomm_set_user(struct rt_rfcomm *rfcomm, rt_handle dlc,
			const struct rt_rfcomm_ops *ops, void *user);

/*
 * Closes the DLC with the peer: what was pulled leaves first, then DISC. If it
 * was the last of its session, the session closes too. `closed` follows with
 * RT_RFCOMM_CLOSED, never before this returns. Does nothing if stale.
 */
void rt_rfcomm_close(struct rt_rfcomm *rfcomm, rt_handle dlc);

/*
 * The same, but the user is forgotten at once: no op is called any more. What
 * was pulled stays in place until the handle is stale; other DLCs share the
 * channel, so it can't be taken back.
 */
void rt_rfcomm_abandon(struct rt_rfcomm *rfcomm, rt_handle dlc);

/* The user has something to pull. Costs nothing if told twice or too early. */
void rt_rfcomm_ready(struct rt_rfcomm *rfcomm, rt_handle dlc);

/*
 * Tells how many octets the user can take now, beyond what it has been given.
 * Credits are granted for whole frames of N1 that fit, up to the limit; what
 * was granted is not taken back.
 */
void rt_rfcomm_set_room(struct rt_rfcomm *rfcomm, rt_handle dlc,
			size_t room_bytes);

/* Returns 0 and *ret_info, or -ENOENT if stale. */
int rt_rfcomm_get_info(const struct rt_rfcomm *rfcomm, rt_handle dlc,
		       struct rt_rfcomm_info *ret_info) RT_MUST_CHECK;

/* True if no DLC and no session exists. */
bool rt_rfcomm_is_idle(const struct rt_rfcomm *rfcomm);

struct rt_rfcomm_stats {
	uint32_t frames_malformed;
	uint32_t frames_bad_fcs;
	uint32_t frames_unexpected;
	uint32_t mcc_malformed;
	uint32_t mcc_unsupported; /* answered with NSC */
	uint32_t refused;	  /* DLCs we answered with DM */
};

/* The figures as of now. */
const struct rt_rfcomm_stats *rt_rfcomm_get_stats(const struct rt_rfcomm *r);

#endif
