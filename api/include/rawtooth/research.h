/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_RESEARCH_H
#define RAWTOOTH_RESEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * For research and conformance tests: octets of one's own on a live link, and
 * a look at, and a hand in, what passes. Whoever uses this can break the rules
 * of the protocols, and the peer. So <rawtooth/rawtooth.h> does not include it.
 */

struct rt_host;

/* Where a PDU passes. */
enum rt_tap_layer {
	RT_TAP_L2CAP,  /* payload of an L2CAP PDU; `id` is its channel id */
	RT_TAP_RFCOMM, /* a frame, with its FCS; `id` is its DLCI */
};

struct rt_tap_pdu {
	size_t size; /* of this structure */
	enum rt_tap_layer layer;
	struct rt_addr peer;
	bool sent; /* by us */
	uint16_t id;
	const uint8_t *data; /* borrowed until the call returns */
	size_t bytes;
};

/*
 * A tap: called for every PDU from inside the stack, before it acts on what
 * has come, and before what it sends leaves. False drops the PDU. To change
 * it, drop it and send or inject another; to delay it, keep a copy and do the
 * same later.
 *
 * It runs inside of other calls: of this library it may call
 * rt_host_send_raw(), rt_host_send_frame() and rt_host_send_mcc() and nothing
 * else; what injects gives -EBUSY there. To inject, do so from a callback, or
 * from rt_host_post(). What is sent or injected passes no tap.
 *
 * An RFCOMM frame passes twice: as the payload of an L2CAP PDU, and as a frame.
 */
typedef bool rt_tap_fn(const struct rt_tap_pdu *pdu, void *user_data);

/* Sets the host's tap; NULL: none. */
RT_API void rt_host_set_tap(struct rt_host *host, rt_tap_fn *tap,
			    void *user_data);

/*
 * Opens a link to `addr` and keeps it until it is let go, used or not; the peer
 * may close it all the same. Returns
 * 0 (the link may come later: rt_host_has_link()), -EINVAL, -EBUSY (in a tap),
 * -ENETDOWN, -EMLINK, -ENOSPC or -ENOMEM.
 */
RT_API_CHECK int rt_host_hold_link(struct rt_host *host, struct rt_addr addr,
				   bool hold);

/* True if the link with `addr` is open. */
RT_API bool rt_host_has_link(const struct rt_host *host, struct rt_addr addr);

/*
 * Sends an L2CAP PDU with this payload on a channel id of the open link with
 * `addr`. Returns 0, -EINVAL (no octets at NULL), -ENOTCONN, -EMSGSIZE (over
 * 65535), -ENOSPC (too many wait) or -ENOMEM.
 */
RT_API_CHECK int rt_host_send_raw(struct rt_host *host, struct rt_addr addr,
				  uint16_t cid, const void *data, size_t bytes);

/*
 * Hands a PDU to the stack as if the peer had sent it. Returns 0, -EINVAL,
 * -EBUSY (in a tap) or -ENOTCONN.
 */
RT_API_CHECK int rt_host_inject(struct rt_host *host, struct rt_addr addr,
				uint16_t cid, const void *data, size_t bytes);

/*
 * Sends an RFCOMM frame, with its FCS, on the open session with `addr`. Returns
 * as rt_host_send_raw(); -EMSGSIZE if it is over the session's MTU.
 */
RT_API_CHECK int rt_host_send_frame(struct rt_host *host, struct rt_addr addr,
				    const void *frame, size_t bytes);

/*
 * Sends a multiplexer message on that session: a type of 6 bits, command or
 * response, and its value.
 */
RT_API_CHECK int rt_host_send_mcc(struct rt_host *host, struct rt_addr addr,
				  uint8_t type, bool command, const void *value,
				  size_t bytes);

/*
 * Hands a frame to the RFCOMM of the session with `addr`. Returns as
 * rt_host_inject().
 */
RT_API_CHECK int rt_host_inject_frame(struct rt_host *host, struct rt_addr addr,
				      const void *frame, size_t bytes);

struct rt_socket;

/*
 * The channel ids of a connected L2CAP socket: ours, the peer's. Returns 0,
 * -EOPNOTSUPP (not L2CAP) or -ENOTCONN.
 */
RT_API_CHECK int rt_socket_channel_ids(const struct rt_socket *s,
				       uint16_t *ret_ours, uint16_t *ret_peers);

#ifdef __cplusplus
}
#endif

#endif
