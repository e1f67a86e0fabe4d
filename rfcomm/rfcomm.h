/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_H
#define RT_RFCOMM_H

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
 * RFCOMM 1.2 over TS 07.10 (3GPP TS 27.010): multiplexer sessions on L2CAP
 * PSM 3, one a peer, and data link connections on them with credit based flow
 * control.
 *
 * Users name DLCs by handle. A handle goes stale when the DLC has closed; every
 * function takes a stale one and says so.
 */

struct rt_l2cap;
struct rt_l2cap_gate;
struct rt_l2cap_tap;
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
	RT_RFCOMM_GATE_REFUSED = 9, /* by our own gate */
	/* The gate, or our user, said "wait", and then nothing. */
	RT_RFCOMM_GATE_TIMEOUT = 10,
	RT_RFCOMM_BEGUN_ANEW = 11,    /* SABM once more, after data */
	RT_RFCOMM_INSECURE_DATA = 12, /* data came while the gate said "wait" */
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
	 * DLC's user with rt_rfcomm_set_user(), or -ECONNREFUSED: DM, or
	 * -EAGAIN: no answer until rt_rfcomm_accept() or _close(), and DM 15 s
	 * after SABM came. The gate has said yes before. Listeners only: NULL
	 * elsewhere.
	 */
	int (*incoming)(void *user, rt_handle dlc);
};

/* Modem signals of one side, as MSC carries them (T:5.4.6.3.7). */
struct rt_rfcomm_modem {
	uint8_t signals; /* RT_RFCOMM_RTC, _RTR, _IC, _DV */
	bool has_break;
	uint8_t break_units; /* of 200 ms, 0 to 15; 0: of no stated length */
};

#define RT_RFCOMM_RTC 0x04 /* ready to communicate: DTR, the peer's DSR */
#define RT_RFCOMM_RTR 0x08 /* ready to receive: RTS, the peer's CTS */
#define RT_RFCOMM_IC 0x40  /* incoming call: RI */
#define RT_RFCOMM_DV 0x80  /* data valid: DCD */

/* Settings of the emulated line, in the codes of RPN (T:5.4.6.3.9). */
struct rt_rfcomm_line {
	uint8_t baud; /* 0: 2400 to 8: 230400 */
	uint8_t bits; /* data bits - 5, stop bits << 2, parity << 3, type << 4
		       */
	uint8_t flow; /* RT_RFCOMM_LINE_... */
	uint8_t xon;
	uint8_t xoff;
};

#define RT_RFCOMM_LINE_XONXOFF_IN 0x01
#define RT_RFCOMM_LINE_XONXOFF_OUT 0x02
#define RT_RFCOMM_LINE_RTR_IN 0x04
#define RT_RFCOMM_LINE_RTR_OUT 0x08
#define RT_RFCOMM_LINE_RTC_IN 0x10
#define RT_RFCOMM_LINE_RTC_OUT 0x20

/* Errors of the line, as RLS carries them (T:5.4.6.3.10); any of the three. */
#define RT_RFCOMM_RLS_ERROR 0x01 /* set if one of these is */
#define RT_RFCOMM_RLS_OVERRUN 0x02
#define RT_RFCOMM_RLS_PARITY 0x04
#define RT_RFCOMM_RLS_FRAMING 0x08

/*
 * What a DLC tells its user of the serial port that it emulates. The user is
 * that of the DLC's ops. Any member may be NULL. None is called before `opened`
 * or once we close; what the peer said before `opened` follows it.
 */
struct rt_rfcomm_port_ops {
	/* The peer's signals are others than before, or it sent a break. */
	void (*modem)(void *user, rt_handle dlc,
		      const struct rt_rfcomm_modem *peer);
	/* The line's settings are others than before: the peer's RPN. */
	void (*line)(void *user, rt_handle dlc,
		     const struct rt_rfcomm_line *line);
	/* The peer reports an error of its line (RLS). */
	void (*line_status)(void *user, rt_handle dlc, uint8_t status);
	/*
	 * Our RPN (set_line, query_line) is over. `err` is 0 and `line` what
	 * the peer says that it has now, or -ETIMEDOUT, -EOPNOTSUPP (NSC).
	 * -EPROTO: the answer made no sense. With an error, `line` is what it
	 * was. Not called if the DLC ends first.
	 */
	void (*line_answered)(void *user, rt_handle dlc, int err,
			      const struct rt_rfcomm_line *line);
};

struct rt_rfcomm_params {
	const struct rt_rfcomm_ops *ops; /* of the DLC, or the listener's */
	const struct rt_rfcomm_port_ops *port_ops; /* may be NULL */
	void *user;
	/*
	 * N1, the octets of information in a frame, that we propose, or answer
	 * with at most: 23 to 32767; 0: 1011. With header, credit octet and
	 * FCS that fills the 1021 octets of a 3-DH5 packet. PSM 3 is opened
	 * with an MTU of 1017, or of N1 + 6 for the longest N1 that a DLC or a
	 * listener asks for; what holds in the end is the least of what both
	 * sides want and what fits both MTUs. On a session that is open
	 * already, its MTUs hold.
	 */
	uint16_t frame_bytes;
	size_t room_bytes;    /* receive room at the start, see set_room */
	uint32_t credits_max; /* frames granted at most; 0: the limit */
	uint8_t signals;      /* ours at the start; 0: RTC, RTR and DV */
	/*
	 * Asked of the link, see rt_rfcomm_set_gate(). The L2CAP channel of a
	 * session that we open asks for that of the DLC which opens it, PSM 3
	 * for the weakest of those that listen.
	 */
	struct rt_sec_need security;
};

struct rt_rfcomm_info {
	struct rt_addr peer;
	bool incoming;
	bool open;
	bool suspended;	 /* by the gate, see rt_rfcomm_gate_changed() */
	uint8_t channel; /* server channel, 1 to 30 */
	uint8_t dlci;
	uint16_t frame_bytes; /* N1 as agreed */
	bool credit_flow;
	bool msc_missing;    /* opened by T2: the peer sent no MSC */
	uint32_t tx_credits; /* frames we may send */
	uint32_t rx_credits; /* frames the peer may send */
	uint64_t tx_frames, rx_frames;
	uint64_t tx_bytes, rx_bytes;
	uint64_t stalled_us;	     /* with data to send, and not allowed to */
	uint64_t stalled_credits_us; /* of it: no credits */
	uint64_t stalled_peer_us;    /* of it: FC bit or FCOFF of the peer */
	uint32_t stalls;	     /* times that it came to that */
	struct rt_rfcomm_modem ours;
	struct rt_rfcomm_modem peers; /* signals 0 before its first MSC */
	struct rt_rfcomm_line line;
};

/*
 * How long a session stays open for the next DLC after its last one was closed,
 * where it is up to us (R:5.2.2); 0: it closes at once, which is the default.
 * Where the peer closed it, we wait for the peer to close the session too: 2 s,
 * or 20 s if it opened the session, or the hold if that is longer. Sessions
 * that are held already begin anew.
 */
void rt_rfcomm_set_idle_hold(struct rt_rfcomm *rfcomm, uint32_t hold_ms);

/*
 * Makes the engine on `l2cap` and listens on PSM 3. Returns 0, -EADDRINUSE or
 * -ENOMEM.
 */
int rt_rfcomm_new(struct rt_env *env, struct rt_l2cap *l2cap,
		  struct rt_rfcomm **ret) RT_MUST_CHECK;

/*
 * Prepares for the end: no DLC and no session is taken or opened any more, and
 * sessions without a DLC close now rather than wait for their peers. The user
 * closes its DLCs, and goes on with the steps until rt_rfcomm_is_idle(): then
 * all that the peers were owed has been sent, the answer to a last DISC too.
 */
void rt_rfcomm_shutdown(struct rt_rfcomm *rfcomm);

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
 * to 32767, signals), -ESHUTDOWN (after rt_rfcomm_shutdown()), -EADDRINUSE (a
 * DLC with that peer's channel exists), -ENOSPC (limit), -ENOMEM, or what
 * rt_l2cap_connect() returns.
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

/*
 * Stops listening; DLCs that were set up live on. Those whose user is still the
 * listener's, and that it has not accepted, are refused and get no `closed`.
 */
void rt_rfcomm_unlisten(struct rt_rfcomm *rfcomm, uint8_t channel);

/*
 * Answers a DLC whose `incoming` gave -EAGAIN: UA, if the gate still says yes,
 * or as soon as it does. -ENOENT if stale.
 */
int rt_rfcomm_accept(struct rt_rfcomm *rfcomm, rt_handle dlc) RT_MUST_CHECK;

/*
 * Gives the DLC another user, also for its port_ops, which stay. Does nothing
 * if stale.
 */
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

/*
 * Sets our modem signals, and sends MSC if they are others or there is a break;
 * what was not answered yet is merged. Before the DLC is open it is kept until
 * MSC is sent anyway. Returns 0, -EINVAL (other bits, break over 15) or
 * -ENOENT.
 */
int rt_rfcomm_set_modem(struct rt_rfcomm *rfcomm, rt_handle dlc,
			const struct rt_rfcomm_modem *modem) RT_MUST_CHECK;

/*
 * Proposes settings for the line by RPN (T:5.4.6.3.9); line_answered follows.
 *
 * Returns 0, -EINVAL (a value without a meaning), -EBUSY (one is under way),
 * -ENOTCONN (not open), -ENOENT, -ENOSPC (too many frames wait) or -ENOMEM.
 */
int rt_rfcomm_set_line(struct rt_rfcomm *rfcomm, rt_handle dlc,
		       const struct rt_rfcomm_line *line) RT_MUST_CHECK;

/* Asks for the peer's settings by RPN of one octet. Returns as set_line. */
int rt_rfcomm_query_line(struct rt_rfcomm *rfcomm, rt_handle dlc) RT_MUST_CHECK;

/*
 * Reports errors of our line by RLS; its answer is waited for and dropped.
 * Returns 0, -EINVAL (other bits), -EAGAIN (one waits for its answer),
 * -ENOTCONN, -ENOENT, -ENOSPC (too many frames wait) or -ENOMEM.
 */
int rt_rfcomm_send_line_status(struct rt_rfcomm *rfcomm, rt_handle dlc,
			       uint8_t status) RT_MUST_CHECK;

struct rt_rfcomm_test_params {
	/*
	 * The answer to TEST: `err` is 0 and `data` what came back, whatever
	 * that is; or -ETIMEDOUT, -EOPNOTSUPP (NSC), -ECONNRESET (the session
	 * is gone). Once.
	 */
	void (*done)(void *user, int err, struct rt_bytes data);
	void *user;
	struct rt_bytes data; /* copied */
};

/*
 * Sends TEST (T:5.4.6.3.4) on the open session with `addr`.
 *
 * Returns 0, -ENOTCONN (no open session), -EMSGSIZE (does not fit into one
 * frame of the session), -EBUSY (one is under way), -ENOSPC (too many frames
 * wait) or -ENOMEM.
 */
int rt_rfcomm_test(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		   const struct rt_rfcomm_test_params *params) RT_MUST_CHECK;

/*
 * Forgets a test; its `done` is not called any more. Should its answer come
 * all the same, it is taken for that of the next one: compare what came back.
 */
void rt_rfcomm_test_cancel(struct rt_rfcomm *rfcomm, struct rt_addr addr);

/*
 * For research: sends a frame as it is, FCS included, on the L2CAP channel of
 * the session with `addr`, behind the control frames that wait. The engine
 * takes no notice of what it says.
 *
 * Returns 0, -ENOTCONN (no open L2CAP channel), -EMSGSIZE (over the peer's
 * MTU), -ENOSPC (limit of queued frames) or -ENOMEM.
 */
int rt_rfcomm_send_raw(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		       struct rt_bytes frame) RT_MUST_CHECK;

/*
 * For research: the same for a multiplexer message, which gets its frame and
 * its FCS around it. `type` has 6 bits, or it is -EINVAL.
 */
int rt_rfcomm_send_raw_mcc(struct rt_rfcomm *rfcomm, struct rt_addr addr,
			   uint8_t type, bool command,
			   struct rt_bytes value) RT_MUST_CHECK;

/*
 * For research: hands a frame to the engine as if the session's peer had sent
 * it. Not from an op or a tap. Returns 0 or -ENOTCONN.
 */
int rt_rfcomm_inject(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		     struct rt_bytes frame) RT_MUST_CHECK;

/*
 * Sets who sees every frame, in both directions, before it is acted on or
 * sent; NULL: nobody. The `cid` that it is told is the frame's DLCI, and the
 * payload the frame with its FCS. Rules as for rt_l2cap_set_tap(), with
 * rt_rfcomm_send_raw() as the one call that it may make.
 */
void rt_rfcomm_set_tap(struct rt_rfcomm *rfcomm, const struct rt_l2cap_tap *tap,
		       void *user);

/*
 * Sets the security gate; NULL: none, which allows all. It is asked with the
 * server channel and the need of the DLC, whatever the L2CAP channel has: when
 * SABM of a peer has come, before our user hears of it; and before ours leaves.
 * A peer whom it wants to wait gets no answer, for 15 s at most, then DM.
 */
void rt_rfcomm_set_gate(struct rt_rfcomm *rfcomm,
			const struct rt_l2cap_gate *gate, void *user);

/*
 * What the gate would say about `addr` is different now: it is asked again, as
 * by rt_l2cap_gate_changed(), which is to be called first: there a session's
 * channel stops as a whole. "No" ends a DLC with the gate's reason or with
 * RT_RFCOMM_GATE_REFUSED, and DISC. "Wait" suspends it for 5 s at most, then
 * RT_RFCOMM_GATE_TIMEOUT: no data, signals or credits are sent, and one that
 * gets data ends with RT_RFCOMM_INSECURE_DATA: nobody knows who sent them, and
 * without them there would be a hole that nobody is told of. Multiplexer
 * commands of the peer are answered. Calls no op.
 */
void rt_rfcomm_gate_changed(struct rt_rfcomm *rfcomm, struct rt_addr addr);

/* True if no DLC and no session exists, and no test is under way. */
bool rt_rfcomm_is_idle(const struct rt_rfcomm *rfcomm);

struct rt_rfcomm_stats {
	uint32_t frames_malformed;
	uint32_t frames_bad_fcs;
	uint32_t frames_unexpected;
	uint32_t mcc_malformed;
	uint32_t mcc_unsupported;  /* answered with NSC */
	uint32_t refused;	   /* DLCs we answered with DM */
	uint32_t frames_suspended; /* with data, to suspended DLCs */
};

/* The figures as of now. */
const struct rt_rfcomm_stats *rt_rfcomm_get_stats(const struct rt_rfcomm *r);

#endif
