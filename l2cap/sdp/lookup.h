/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_LOOKUP_H
#define RT_SDP_LOOKUP_H

#include "l2cap/sdp/engine.h"
#include "l2cap/sdp/request.h"

/*
 * A query that is under way: what is asked, what has come of the answer so
 * far, and what its user is told. It knows nothing of channels.
 */

struct rt_sdp_client;

/* The most requests for one answer; the limit may be lower. */
#define RT_SDP_ROUNDS_MAX 64

/* So often does a lookup begin anew because the records changed. */
#define RT_SDP_RESTARTS_MAX 3

struct rt_sdp_lookup {
	struct rt_list node; /* of the client's queue */
	struct rt_grave grave;
	struct rt_sdp *sdp;
	struct rt_sdp_client *client; /* NULL: in no queue */
	rt_handle handle;	      /* 0: over */
	const struct rt_sdp_query_ops *ops;
	void *user;
	uint64_t began_us;
	struct rt_sdp_request request;
	uint8_t continuation[RT_SDP_CONTINUATION_MAX];
	uint64_t seen[RT_SDP_ROUNDS_MAX]; /* continuation states, hashed */
	uint32_t rounds;		  /* parts that have come */
	uint32_t restarts;
	uint8_t *answer; /* the parts in a row */
	size_t bytes;
	size_t cap;
};

/* What a response has brought. */
enum rt_sdp_progress {
	RT_SDP_ASK_ON, /* another request has to follow */
	RT_SDP_WHOLE,
	RT_SDP_FAILED,
};

/*
 * Makes a lookup with a handle. Returns 0, -EINVAL (as rt_sdp_query()), -ENOSPC
 * or -ENOMEM.
 */
int rt_sdp_lookup_new(struct rt_sdp *sdp, const struct rt_sdp_query *query,
		      const struct rt_sdp_query_ops *ops, void *user,
		      struct rt_sdp_lookup **ret) RT_MUST_CHECK;

/* Forgets what has come of the answer. */
void rt_sdp_lookup_restart(struct rt_sdp_lookup *lookup);

/*
 * Takes in a response whose transaction id is that of the last request.
 * *ret_why is set if it has failed.
 */
enum rt_sdp_progress rt_sdp_lookup_take(struct rt_sdp_lookup *lookup,
					const struct rt_sdp_pdu *pdu,
					struct rt_reason *ret_why);

/* A reason with a code of enum rt_sdp_code. */
struct rt_reason rt_sdp_lookup_reason(const struct rt_sdp_lookup *lookup,
				      uint16_t code, bool by_packet);

/* A reason of our own making: an errno, negative. */
struct rt_reason rt_sdp_lookup_reason_errno(const struct rt_sdp_lookup *lookup,
					    int err);

/* Tells the user of a whole answer, record by record, and ends the lookup. */
void rt_sdp_lookup_tell(struct rt_sdp_lookup *lookup);

/* Tells the user that it is over. Does nothing if it was over already. */
void rt_sdp_lookup_end(struct rt_sdp_lookup *lookup,
		       const struct rt_reason *why);

/* The same without a word. */
void rt_sdp_lookup_forget(struct rt_sdp_lookup *lookup);

/* Frees it at once; nobody else may know it. */
void rt_sdp_lookup_free(struct rt_sdp_lookup *lookup);

#endif
