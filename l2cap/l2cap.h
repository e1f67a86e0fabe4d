/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_H
#define RT_L2CAP_H

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
 * Logical Link Control and Adaptation Protocol (Core Vol 3 Part A):
 * connection-oriented channels on ACL links, Basic mode, with listeners by
 * PSM, and echo.
 *
 * Users name channels by handle. A handle goes stale when the channel has
 * closed; every function takes a stale one and says so.
 */

struct rt_hci;
struct rt_l2cap;

#define RT_L2CAP_PSM_SDP 0x0001
#define RT_L2CAP_PSM_RFCOMM 0x0003
#define RT_L2CAP_PSM_DYNAMIC 0x1001 /* the first of them */
#define RT_L2CAP_MTU_MIN 48
#define RT_L2CAP_MTU_DEFAULT 672
#define RT_L2CAP_HEADER_BYTES 4

/*
 * Codes of RT_LAYER_L2CAP in a reason. Below 0x100 the result of a connection
 * response (A:4.3); 0x100 + reason of a command reject (A:4.1); 0x200 + result
 * of a configuration response (A:4.5); the rest is ours.
 */
enum rt_l2cap_code {
	RT_L2CAP_PSM_NOT_SUPPORTED = 0x0002,
	RT_L2CAP_SECURITY_BLOCK = 0x0003,
	RT_L2CAP_NO_RESOURCES = 0x0004,
	RT_L2CAP_INVALID_SCID = 0x0006,
	RT_L2CAP_SCID_IN_USE = 0x0007,
	RT_L2CAP_REJECTED = 0x0100,	     /* + command reject reason */
	RT_L2CAP_CONFIG_FAILED = 0x0200,     /* + configuration result */
	RT_L2CAP_CONFIG_ROUNDS = 0x0300,     /* no agreement within the limit */
	RT_L2CAP_TIMEOUT_RTX = 0x0301,	     /* no answer to a request */
	RT_L2CAP_TIMEOUT_ERTX = 0x0302,	     /* "pending", and then nothing */
	RT_L2CAP_PEER_DISCONNECTED = 0x0303, /* DISCONNECTION_REQ */
	RT_L2CAP_CLOSED = 0x0304,	     /* by ourselves, in order */
	RT_L2CAP_BAD_PEER = 0x0305, /* broke a rule that ends a channel */
};

/* The name of such a code as the specification or btmon has it. */
const char *rt_l2cap_code_name(uint16_t code);

/* The errno, negative, that Linux gives for such a code. */
int rt_l2cap_code_errno(uint16_t code);

/* One sentence that helps the user with such a code; "" if there is none. */
const char *rt_l2cap_code_hint(uint16_t code);

struct rt_l2cap_params {
	const struct rt_l2cap_ops *ops; /* of the channel, or the listener's */
	void *user;
	uint16_t imtu; /* the most we receive; 0: 672 (A:5.1); 48 at least */
	uint16_t flush_timeout_ms; /* 0: infinite (A:5.2) */
};

struct rt_l2cap_info {
	struct rt_addr peer;
	bool incoming;
	bool open;
	uint16_t psm;
	uint16_t scid; /* our end's channel id */
	uint16_t dcid; /* the peer's; 0 while unknown */
	uint16_t imtu; /* the most we receive */
	uint16_t omtu; /* the most the peer receives */
};

/* What a channel tells its user. */
struct rt_l2cap_ops {
	/* Open: configured in both directions; data may flow. */
	void (*opened)(void *user, rt_handle chan);
	/*
	 * Gone, whatever the cause, and also if it never opened; the handle
	 * is stale when this returns. `completed` was called for all that was
	 * pulled. Once.
	 */
	void (*closed)(void *user, rt_handle chan, const struct rt_reason *why);
	/* An SDU, at most imtu octets; borrowed until the call returns. */
	void (*rx)(void *user, rt_handle chan, struct rt_bytes sdu);
	/*
	 * Fills the body of *pdu (and done.dlc, done.bytes) with the next SDU,
	 * at most `max` octets, and returns true; false if there is none.
	 */
	bool (*pull)(void *user, rt_handle chan, size_t max,
		     struct rt_pdu *pdu);
	/* A pulled SDU is with the peer's controller, or never will be. */
	void (*completed)(void *user, rt_handle chan,
			  const struct rt_done *done, bool written);
	/*
	 * Of a listener: a peer asks for a channel. Return 0 and set the
	 * channel's user with rt_l2cap_set_user(), or -EACCES (security
	 * block), -ENOBUFS (no resources) or -EAGAIN: the answer is "pending,
	 * authorization" until rt_l2cap_accept() or _close(). Listeners only:
	 * NULL elsewhere.
	 * A channel that was refused here gets no `closed`.
	 */
	int (*incoming)(void *user, rt_handle chan);
};

/*
 * Makes the engine on `hci` and becomes the user of its links. Returns 0 or
 * -ENOMEM.
 */
int rt_l2cap_new(struct rt_env *env, struct rt_hci *hci,
		 struct rt_l2cap **ret) RT_MUST_CHECK;

/*
 * Frees the engine and all channels at once, telling nobody. Call it before
 * rt_hci_free().
 */
void rt_l2cap_free(struct rt_l2cap *l2cap);

/* True if `psm` has the form of a PSM: low octet odd, high octet even. */
bool rt_l2cap_psm_is_valid(uint16_t psm);

/*
 * Opens a channel to `psm` of `addr`, over the link there is or a new one
 * (A:4.2). `params` is copied. Ends in opened or closed, never
 * before this returns.
 *
 * Returns 0 and a handle, or -EINVAL (address, PSM, MTU below 48), -ENETDOWN,
 * -EMLINK (links), -ENOSPC (channels), -ENOMEM.
 */
int rt_l2cap_connect(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		     const struct rt_l2cap_params *params,
		     rt_handle *ret_chan) RT_MUST_CHECK;

/*
 * Listens on a PSM, 0: the first free dynamic one. Channels of it get
 * `params`, with its ops and, until set otherwise, its user.
 *
 * Returns 0 and sets *ret_psm, or -EINVAL (not a PSM, MTU), -EADDRINUSE,
 * -ENOSPC (limit) or -ENOMEM.
 */
int rt_l2cap_listen(struct rt_l2cap *l2cap, uint16_t psm,
		    const struct rt_l2cap_params *params,
		    uint16_t *ret_psm) RT_MUST_CHECK;

/*
 * Stops listening. Channels that are not open yet and whose user is still the
 * listener's are refused; open ones live on.
 * The refused get no `closed`.
 */
void rt_l2cap_unlisten(struct rt_l2cap *l2cap, uint16_t psm);

/* Answers a channel whose `incoming` gave -EAGAIN. -ENOENT if stale. */
int rt_l2cap_accept(struct rt_l2cap *l2cap, rt_handle chan) RT_MUST_CHECK;

/*
 * Gives the channel another user (and other ops). From inside `incoming`, or
 * at any time. Does nothing if stale.
 */
void rt_l2cap_set_user(struct rt_l2cap *l2cap, rt_handle chan,
		       const struct rt_l2cap_ops *ops, void *user);

/*
 * Closes the channel with the peer: what was pulled leaves first, then
 * DISCONNECTION_REQ (A:4.6), or the link attempt is given up. `closed` follows
 * with RT_L2CAP_CLOSED, never before this returns. Does nothing if stale.
 */
void rt_l2cap_close(struct rt_l2cap *l2cap, rt_handle chan);

/*
 * The same, but the user is forgotten at once: no op is called for the channel
 * any more and the user's memory may go (rt_hci_link_disown).
 */
void rt_l2cap_abandon(struct rt_l2cap *l2cap, rt_handle chan);

/* The user has something to pull. Costs nothing if told twice or too early. */
void rt_l2cap_ready(struct rt_l2cap *l2cap, rt_handle chan);

/* Returns 0 and *ret_info, or -ENOENT if stale. */
int rt_l2cap_get_info(const struct rt_l2cap *l2cap, rt_handle chan,
		      struct rt_l2cap_info *ret_info) RT_MUST_CHECK;

struct rt_l2cap_echo_ops {
	/*
	 * The answer to an echo request (A:4.8): why->err is 0 and `data` what
	 * came back, or why says what failed. Once.
	 */
	void (*done)(void *user, const struct rt_reason *why,
		     struct rt_bytes data);
};

struct rt_l2cap_echo_params {
	const struct rt_l2cap_echo_ops *ops;
	void *user;
	struct rt_bytes data; /* copied */
	uint32_t timeout_ms;  /* not 0 */
};

/*
 * Sends ECHO_REQ with params->data, at most 44 octets (48, the least MTUsig,
 * less the header), over the link there is or a new one; timeout_ms is for the
 * answer, once the link is open.
 *
 * Returns 0 and a handle, or -EINVAL, -EMSGSIZE, -ENETDOWN, -EMLINK, -ENOSPC
 * or -ENOMEM.
 */
int rt_l2cap_echo(struct rt_l2cap *l2cap, struct rt_addr addr,
		  const struct rt_l2cap_echo_params *params,
		  rt_handle *ret_echo) RT_MUST_CHECK;

/* Forgets an echo; its ops are not called any more. */
void rt_l2cap_echo_cancel(struct rt_l2cap *l2cap, rt_handle echo);

/* True if no channel, echo or link of the engine exists. */
bool rt_l2cap_is_idle(const struct rt_l2cap *l2cap);

struct rt_l2cap_stats {
	uint32_t sig_malformed;	 /* C-frames or commands refused */
	uint32_t sig_unexpected; /* responses nobody waited for */
	uint32_t sig_dropped;	 /* replies beyond the limit */
	uint32_t rx_unknown_cid;
	uint32_t rx_oversized; /* SDUs longer than our MTU */
	uint32_t refused;      /* incoming channels we refused */
};

/* The figures as of now. */
const struct rt_l2cap_stats *rt_l2cap_get_stats(const struct rt_l2cap *l2cap);

#endif
