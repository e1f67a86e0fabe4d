/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_REQUEST_H
#define RT_SDP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/sdp.h"
#include "l2cap/sdp/pdu.h"

/*
 * The requests of the three transactions (Core Vol 3 Part B 4.5 to 4.7), read
 * for the server and written for the client.
 */

/* Ranges of attribute ids that we answer; a client needs one, or a few. */
#define RT_SDP_REQUEST_RANGES_MAX 64

/* The least MaximumAttributeByteCount (B:4.6.1). */
#define RT_SDP_BYTES_MIN 7

/* A service search pattern (B:2.6.1). */
struct rt_sdp_pattern {
	size_t count;
	struct rt_uuid uuid[RT_SDP_UUIDS_MAX];
};

/*
 * A list of attribute ids and ranges of them (B:4.6.1). In a request that was
 * read they ascend and don't overlap, whatever the peer has sent.
 */
struct rt_sdp_ids {
	size_t count;
	struct rt_sdp_range range[RT_SDP_REQUEST_RANGES_MAX];
};

struct rt_sdp_request {
	enum rt_sdp_transaction transaction;
	struct rt_sdp_pattern pattern; /* SEARCH* */
	struct rt_sdp_ids ids;	       /* ATTRIBUTES* */
	uint32_t handle;	       /* ATTRIBUTES */
	uint16_t max;		       /* handles, or octets of an answer */
	struct rt_bytes before;	       /* parameters before the continuation */
	struct rt_bytes continuation;
};

/*
 * Reads a request. Returns 0, or the code of the error response: of enum
 * rt_sdp_code. *ret_request is undefined then.
 */
uint16_t rt_sdp_request_read(const struct rt_sdp_pdu *pdu,
			     struct rt_sdp_request *ret_request);

/* Writes a request; `before` is not looked at. */
void rt_sdp_request_write(struct rt_wr *w, uint16_t tid,
			  const struct rt_sdp_request *request);

/* The id of the response to it. */
uint8_t rt_sdp_request_response_id(enum rt_sdp_transaction transaction);

/* True if each UUID of the pattern is in the record (B:2.6). */
bool rt_sdp_pattern_matches(const struct rt_sdp_pattern *pattern,
			    struct rt_bytes attributes);

/* True if the list, of a request that was read, asks for this attribute. */
bool rt_sdp_ids_have(const struct rt_sdp_ids *ids, uint16_t id);

#endif
