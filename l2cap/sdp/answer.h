/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_ANSWER_H
#define RT_SDP_ANSWER_H

#include "l2cap/sdp/db.h"
#include "l2cap/sdp/request.h"
#include "stack/wr.h"

/*
 * The whole answer to a request: the handles (Core Vol 3 Part B 4.5.2), the
 * attribute list (4.6.2) or the lists (4.7.2) that the responses carry in
 * parts. It is never in memory: each part is made from the records anew.
 */

/* The octets [skip, skip + room) of a row of octets that passes by. */
struct rt_sdp_window {
	struct rt_wr *w; /* where they go */
	size_t skip;
	size_t room;
	size_t total; /* octets that have passed */
};

/* An answer that has been measured. */
struct rt_sdp_answer {
	const struct rt_sdp_request *request;
	const struct rt_sdp_record *record; /* ATTRIBUTES: whose they are */
	size_t lists_bytes; /* SEARCH_ATTRIBUTES: without the outer header */
	size_t bytes;
};

/*
 * Measures the answer to a request. A record that has none of the attributes
 * asked for gives an empty list to ATTRIBUTES, and nothing to
 * SEARCH_ATTRIBUTES. For ATTRIBUTES, `record` is the one that was named.
 *
 * What each record has to say is noted in it: the answer can be written until
 * another one is measured, or a record changes. Each record is walked over
 * once for that, so that a peer has little work done by asking.
 */
void rt_sdp_answer_measure(struct rt_sdp_db *db,
			   const struct rt_sdp_request *request,
			   struct rt_sdp_record *record,
			   struct rt_sdp_answer *ret_answer);

/* Lets the whole of it pass by the window. */
void rt_sdp_answer_write(const struct rt_sdp_db *db,
			 const struct rt_sdp_answer *answer,
			 struct rt_sdp_window *window);

#endif
