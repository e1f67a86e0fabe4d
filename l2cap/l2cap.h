/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_H
#define RT_L2CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/security.h"
#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/pdu.h"
#include "stack/reason.h"
#include "stack/slots.h"

/*
 * Logical Link Control and Adaptation Protocol (Core Vol 3 Part A):
 * connection-oriented channels on ACL links in Basic, Enhanced Retransmission,
 * Streaming and Enhanced Credit Based Flow Control mode, with listeners by
 * PSM; unicast connectionless data; echo.
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
	RT_L2CAP_BAD_PEER = 0x0305,	/* broke a rule that ends a channel */
	RT_L2CAP_MODE_REFUSED = 0x0306, /* the mode that was required */
	RT_L2CAP_MAX_TRANSMIT =
		0x0307,		     /* ERTM: the peer acknowledges nothing */
	RT_L2CAP_NO_MEMORY = 0x0308, /* ours, for what was agreed */
	RT_L2CAP_GATE_REFUSED = 0x0309,	 /* by our own gate */
	RT_L2CAP_GATE_TIMEOUT = 0x030a,	 /* it said "wait", and then nothing */
	RT_L2CAP_INSECURE_DATA = 0x030b, /* data came while it said "wait" */
	RT_L2CAP_CREDIT_RESULT = 0x0400, /* + result of A:4.26 */
};

/* The name of such a code as the specification or btmon has it. */
const char *rt_l2cap_code_name(uint16_t code);

/* The errno, negative, that Linux gives for such a code. */
int rt_l2cap_code_errno(uint16_t code);

/* One sentence that helps the user with such a code; "" if there is none. */
const char *rt_l2cap_code_hint(uint16_t code);

/* How a channel carries its SDUs (A:2.4); the values of A:5.4. */
enum rt_l2cap_mode {
	RT_L2CAP_MODE_BASIC = 0,
	RT_L2CAP_MODE_ERTM = 3,
	RT_L2CAP_MODE_STREAMING = 4,
	/* Enhanced Credit Based Flow Control: not negotiated (A:4.25). */
	RT_L2CAP_MODE_CREDIT = 0x80,
};

/* What we say about the FCS of ERTM and Streaming (A:5.5). */
enum rt_l2cap_fcs {
	RT_L2CAP_FCS_OMIT,  /* nothing, which means 16 bits */
	RT_L2CAP_FCS_NONE,  /* none, if the peer wants none either */
	RT_L2CAP_FCS_16BIT, /* 16 bits, said */
};

#define RT_L2CAP_MAX_TRANSMIT_DEFAULT 3
#define RT_L2CAP_MAX_TRANSMIT_INFINITE 0x100
#define RT_L2CAP_RETRANSMISSION_MS_DEFAULT 2000
#define RT_L2CAP_MONITOR_MS_DEFAULT 12000
#define RT_L2CAP_WINDOW_MAX 63 /* of the standard control field */
#define RT_L2CAP_WINDOW_EXTENDED_MAX 16383
#define RT_L2CAP_CREDIT_MTU_MIN 64     /* MTU and MPS (A:4.25) */
#define RT_L2CAP_CREDIT_CHANNELS_MAX 5 /* a request (A:4.25) */

struct rt_l2cap_params {
	const struct rt_l2cap_ops *ops; /* of the channel, or the listener's */
	void *user;
	uint16_t imtu; /* the most we receive; 0: 672 (A:5.1); 48 at least */
	uint16_t flush_timeout_ms; /* 0: infinite (A:5.2) */

	/*
	 * ERTM and Streaming: the mode, and whether the channel shall rather
	 * not be than be in another one. If not required, the choice is that
	 * of l2cap/policy.def. Only Basic and the mode itself are ever agreed
	 * to, and ERTM where Streaming was wanted.
	 */
	enum rt_l2cap_mode mode;
	bool mode_required;
	enum rt_l2cap_fcs fcs;
	/*
	 * I-frames that we receive before an acknowledgement is due; 0: 63.
	 * Above 63 the extended window is offered (A:5.7), and has to be
	 * allowed by `extended_window`; at most limits.ertm_window.
	 */
	uint16_t window;
	bool extended_window;
	uint16_t max_transmit;	    /* told to the peer; 0: 3; or INFINITE */
	uint16_t mps;		    /* the most a frame carries to us; 0: fits
				       baseband packets */
	uint16_t retransmission_ms; /* 0: 2000; at least 100 */
	uint16_t monitor_ms;	    /* 0: 12000; at least 100 */

	uint16_t credits; /* CREDIT: granted at the start; 0: by the room */
	/*
	 * As rt_l2cap_set_room(), from the start: the first credits are those
	 * of this room. 0: it has no end.
	 */
	size_t room_bytes;

	/* All modes: asked of the link, see rt_l2cap_gate. */
	struct rt_sec_need security;

	/*
	 * Channels of ours, Basic, ERTM and Streaming: the peer gets no second
	 * request for the PSM while one for a channel that was given up is
	 * without its answer.
	 */
	bool one_at_a_time;
};

/* What a gate is asked about. */
struct rt_l2cap_gate_request {
	struct rt_addr peer;
	uint16_t psm;
	uint8_t channel; /* RFCOMM server channel, psm is 3 then; 0: none */
	struct rt_sec_need need; /* of the listener, or of our channel */
	bool incoming;
	bool connectionless;
	bool established; /* it was allowed; the link may have changed since */
};

enum rt_l2cap_verdict {
	RT_L2CAP_ALLOW,
	RT_L2CAP_WAIT_AUTHENTICATION, /* rt_l2cap_gate_changed() follows */
	RT_L2CAP_WAIT_AUTHORIZATION,  /* the same */
	RT_L2CAP_NO_AUTHENTICATION,
	RT_L2CAP_NO_AUTHORIZATION,
	RT_L2CAP_KEY_TOO_SHORT,
	RT_L2CAP_NO_ENCRYPTION,
};

/*
 * The security gate: one question, asked before a CONNECTION_REQ or
 * connectionless data of ours leaves, before one of the peer's is admitted,
 * and before connectionless data is delivered. It calls nothing of L2CAP and
 * of RFCOMM. Waiting channels of ours are kept back, and the peer is told
 * "pending", until rt_l2cap_gate_changed() makes it be asked again. For a NO
 * it may say why, in *ret_why, which is all zero before; a channel of ours
 * ends with that reason, or with RT_L2CAP_GATE_REFUSED.
 *
 * Without a gate connection-oriented channels are allowed, and connectionless
 * data is not.
 */
struct rt_l2cap_gate {
	enum rt_l2cap_verdict (*check)(
		void *user, const struct rt_l2cap_gate_request *request,
		struct rt_reason *ret_why);
};

/*
 * A tap sees each PDU, payload without the L2CAP header: received ones before
 * the stack acts on them, ours before they leave. False takes it out of the
 * stack's hands: it is dropped. So a tap can see, drop, change (drop, and
 * inject or send another), delay (the same later), answer (drop and send). It
 * may call rt_l2cap_send_raw() and nothing else of the stack.
 */
struct rt_l2cap_tap {
	bool (*pdu)(void *user, struct rt_addr peer, bool sent, uint16_t cid,
		    struct rt_bytes payload);
};

struct rt_l2cap_info {
	struct rt_addr peer;
	bool incoming;
	bool open;
	bool suspended; /* by the gate, see rt_l2cap_gate_changed() */
	uint16_t psm;
	uint16_t scid; /* our end's channel id */
	uint16_t dcid; /* the peer's; 0 while unknown */
	uint16_t imtu; /* the most we receive */
	uint16_t omtu; /* the most the peer receives */
	enum rt_l2cap_mode mode;
	bool fcs;	      /* frames carry one */
	bool extended;	      /* control field of four octets */
	uint16_t tx_window;   /* I-frames that may be unacknowledged: ours */
	uint16_t rx_window;   /* the peer's */
	uint16_t tx_mps;      /* octets of an SDU in a frame of ours, at most */
	uint16_t rx_mps;      /* of the peer's */
	uint8_t max_transmit; /* of our I-frames; 0: no end */
	uint32_t tx_credits;  /* CREDIT: frames we may send */
	uint32_t rx_credits;  /* the peer may send */
	uint64_t tx_frames;   /* with data: B-, I- or K-frames, once each */
	uint64_t rx_frames;
	uint64_t retransmitted; /* I-frames sent again */
	uint64_t rx_bad_fcs;
	uint64_t rx_duplicates;	  /* I-frames that had been received */
	uint64_t rx_lost;	  /* Streaming: SDUs, or parts of them */
	uint64_t polls;		  /* of ours, without an answer in time */
	uint64_t stalled_peer_us; /* the window is full, RNR, no credits */
	uint64_t busy_us;	  /* our user had no room */
};

/* What a channel tells its user. */
struct rt_l2cap_ops {
	/* Open: configured in both directions; data may flow. */
	void (*opened)(void *user, rt_handle chan);
	/*
	 * Gone, whatever the cause, and also if it never opened. The handle is
	 * good for rt_l2cap_get_info() until this returns, and stale for all
	 * else. `completed` was called for all that was pulled. Once.
	 */
	void (*closed)(void *user, rt_handle chan, const struct rt_reason *why);
	/* An SDU, at most imtu octets; borrowed until the call returns. */
	void (*rx)(void *user, rt_handle chan, struct rt_bytes sdu);
	/*
	 * CREDIT: the same, which has waited for room; now the peer closes, and
	 * there is no later. No more in all than there ever was room for. May
	 * be NULL: it is lost.
	 */
	void (*rx_last)(void *user, rt_handle chan, struct rt_bytes sdu);
	/*
	 * Fills the body of *pdu (and done.dlc, done.bytes) with the next SDU,
	 * at most `max` octets, and returns true; false if there is none.
	 */
	bool (*pull)(void *user, rt_handle chan, size_t max,
		     struct rt_pdu *pdu);
	/*
	 * A pulled SDU has been sent by our controller, in ERTM acknowledged by
	 * the peer (`written`), or never will be.
	 */
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
 * (A:4.2; in CREDIT mode A:4.25). `params` is copied. Ends in opened or closed,
 * never before this returns.
 *
 * Returns 0 and a handle, or -EINVAL (address, PSM, a value in `params` that is
 * out of its range), -ENETDOWN, -EMLINK (links), -ENOSPC (channels), -ENOMEM.
 */
int rt_l2cap_connect(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		     const struct rt_l2cap_params *params,
		     rt_handle *ret_chan) RT_MUST_CHECK;

/*
 * Listens on a PSM, 0: the first free dynamic one. Channels of it get
 * `params`, with its ops and, until set otherwise, its user.
 *
 * Returns 0 and sets *ret_psm, or -EINVAL (not a PSM, `params`), -EADDRINUSE,
 * -ENOSPC (limit) or -ENOMEM.
 */
int rt_l2cap_listen(struct rt_l2cap *l2cap, uint16_t psm,
		    const struct rt_l2cap_params *params,
		    uint16_t *ret_psm) RT_MUST_CHECK;

/*
 * Changes what channels of a PSM get from now on; those that there are keep
 * what they have.
 *
 * Returns 0, -EINVAL (`params`) or -ENOENT (nobody listens).
 */
int rt_l2cap_relisten(struct rt_l2cap *l2cap, uint16_t psm,
		      const struct rt_l2cap_params *params) RT_MUST_CHECK;

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
 * Closes the channel with the peer: DISCONNECTION_REQ (A:4.6), or the link
 * attempt is given up. What was pulled leaves first in Basic mode; in the
 * others the rest of an SDU, and in ERTM what the peer has not acknowledged, is
 * completed as not written: who wants it there waits for `completed`. `closed`
 * follows with RT_L2CAP_CLOSED, never before this returns. Does nothing if
 * stale.
 */
void rt_l2cap_close(struct rt_l2cap *l2cap, rt_handle chan);

/*
 * The same, but the user is forgotten at once: no op is called for the channel
 * any more and the user's memory may go (rt_hci_link_disown).
 */
void rt_l2cap_abandon(struct rt_l2cap *l2cap, rt_handle chan);

/*
 * Tells how many octets of SDUs the user can take now, beyond what it has been
 * given. Without room for the longest SDU, ERTM holds the peer up by RNR, and
 * CREDIT grants nothing; Basic and Streaming take no notice, they have no way
 * to. Without this call the room has no end.
 */
void rt_l2cap_set_room(struct rt_l2cap *l2cap, rt_handle chan,
		       size_t room_bytes);

/*
 * Opens 1 to 5 channels in CREDIT mode by one request (A:4.25). Each ends in
 * opened or closed on its own.
 *
 * Returns 0 and `count` handles, or as rt_l2cap_connect().
 */
int rt_l2cap_connect_many(struct rt_l2cap *l2cap, struct rt_addr addr,
			  uint16_t psm, const struct rt_l2cap_params *params,
			  size_t count, rt_handle *ret_chans) RT_MUST_CHECK;

/*
 * Changes what we receive on open CREDIT channels of one link (A:4.27): a
 * larger MTU, and an MPS that may be smaller on a single channel only. The
 * info tells when the peer has agreed.
 *
 * Returns 0, -EINVAL (no such count, another mode or link, values), -EBUSY (one
 * is under way) or -ENOENT.
 */
int rt_l2cap_reconfigure(struct rt_l2cap *l2cap, const rt_handle *chans,
			 size_t count, uint16_t mtu,
			 uint16_t mps) RT_MUST_CHECK;

/* Sets the gate; NULL: none. */
void rt_l2cap_set_gate(struct rt_l2cap *l2cap, const struct rt_l2cap_gate *gate,
		       void *user);

/*
 * What the gate would say about `addr` is different now: it is asked again for
 * all that waits, on a fresh stack, and at once for what it has allowed with a
 * need above level 0. Of these, "no" ends a channel: DISCONNECTION_REQ leaves
 * next. "Wait" suspends it, from this very call on: nothing of it is sent, not
 * even retransmissions, acknowledgements and credits, and what it receives is
 * dropped and counted. It goes on with the next "yes", or ends after 5 s with
 * RT_L2CAP_GATE_TIMEOUT. In ERTM what was dropped is sent again, and Streaming
 * has promised nothing; in Basic and CREDIT mode there would be a hole that
 * nobody is told of: the channel ends with RT_L2CAP_INSECURE_DATA.
 *
 * What HCI has pulled before is with the controller, or on its way, and leaves.
 * Signalling goes on. Calls no op.
 */
void rt_l2cap_gate_changed(struct rt_l2cap *l2cap, struct rt_addr addr);

/*
 * A need that each link meets which meets one of the two, as strong as that
 * can be.
 */
struct rt_sec_need rt_l2cap_weaker_need(const struct rt_sec_need *a,
					const struct rt_sec_need *b);

/*
 * The weakest need above level 0 of all that listens, connectionless or not,
 * in *ret_need; false if nothing does.
 */
bool rt_l2cap_weakest_need(const struct rt_l2cap *l2cap,
			   struct rt_sec_need *ret_need);

/* Who receives unicast connectionless data of a PSM (A:3.2, 7.7). */
struct rt_l2cap_ucd_ops {
	/* Data; borrowed until the call returns. */
	void (*rx)(void *user, struct rt_addr peer, uint16_t psm,
		   struct rt_bytes data);
};

/*
 * Receives connectionless data sent to a PSM, which the peers are told by a
 * feature bit as long as anybody does; `need` is asked of the link for each.
 * Returns 0, -EINVAL (PSM, `need`), -EADDRINUSE,
 * -ENOSPC (limit) or -ENOMEM.
 */
int rt_l2cap_ucd_listen(struct rt_l2cap *l2cap, uint16_t psm,
			const struct rt_sec_need *need,
			const struct rt_l2cap_ucd_ops *ops,
			void *user) RT_MUST_CHECK;

/* Receives no more. */
void rt_l2cap_ucd_unlisten(struct rt_l2cap *l2cap, uint16_t psm);

/*
 * Sends connectionless data over an open link, once the gate allows it. Sent
 * once and not acknowledged.
 *
 * Returns 0, -EINVAL (PSM, `need`), -ENOTCONN (no open link), -EMSGSIZE (over
 * the peer's connectionless MTU, 48 until it told), -EOPNOTSUPP (the peer has
 * said that it takes none, or has not said yet), -EACCES (the gate), -ENOSPC or
 * -ENOMEM.
 */
int rt_l2cap_ucd_send(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		      const struct rt_sec_need *need,
		      struct rt_bytes data) RT_MUST_CHECK;

/*
 * For research: sends a PDU on a channel id of the open link with `addr`,
 * behind the signalling that waits. The stack takes no notice of what it says;
 * no tap sees it. Returns 0, -ENOTCONN, -EMSGSIZE (over 65535), -ENOSPC (limit)
 * or -ENOMEM.
 */
int rt_l2cap_send_raw(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t cid,
		      struct rt_bytes payload) RT_MUST_CHECK;

/*
 * For research: hands a PDU to the stack as if the peer had sent it; no tap
 * sees it. Not from an op or a tap. Returns 0 or -ENOTCONN.
 */
int rt_l2cap_inject(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t cid,
		    struct rt_bytes payload) RT_MUST_CHECK;

/* Sets the tap; NULL: none. */
void rt_l2cap_set_tap(struct rt_l2cap *l2cap, const struct rt_l2cap_tap *tap,
		      void *user);

/* Opens an otherwise unused link for rt_l2cap_send_raw(), or closes it. */
int rt_l2cap_hold_link(struct rt_l2cap *l2cap, struct rt_addr addr,
		       bool hold) RT_MUST_CHECK;

/* True if the link with `addr` is open. */
bool rt_l2cap_link_up(const struct rt_l2cap *l2cap, struct rt_addr addr);

/* The user has something to pull. Costs nothing if told twice or too early. */
void rt_l2cap_ready(struct rt_l2cap *l2cap, rt_handle chan);

/*
 * Returns 0 and *ret_info, or -ENOENT if stale. When the channel has been open
 * and is not any more, and in `closed`: the figures of its end.
 */
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
	uint32_t rx_oversized;	 /* SDUs longer than our MTU */
	uint32_t rx_ucd_refused; /* connectionless data for nobody */
	uint32_t rx_suspended;	 /* payloads to suspended channels */
	uint32_t refused;	 /* incoming channels we refused */
};

/* The figures as of now. */
const struct rt_l2cap_stats *rt_l2cap_get_stats(const struct rt_l2cap *l2cap);

#endif
