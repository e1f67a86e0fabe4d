/* SPDX-License-Identifier: MIT */
#ifndef TEST_SDP_TALK_H
#define TEST_SDP_TALK_H

#include "stack/base.h"
#include "tests/unit/sdp/bench.h"

/*
 * SDP as a peer speaks it, with a writer and a reader of the tests' own:
 * requests for our server, and what came back.
 */

struct talk_request {
	uint8_t id;	     /* 2, 4 or 6 */
	const char *pattern; /* elements, in hexadecimal; 2 and 6 */
	uint32_t handle;     /* 4 */
	uint16_t max;
	const char *ids; /* elements, in hexadecimal; 4 and 6 */
	uint8_t cont_len;
	uint8_t cont[255];
};

struct talk_response {
	uint8_t id;
	uint16_t tid;
	uint16_t code;		/* 1 */
	uint16_t total;		/* 3 */
	struct rt_bytes octets; /* handles, or lists; in bench.got */
	struct rt_bytes cont;
};

/* Writes the request to `buf`, which holds 1024 octets. Returns its octets. */
size_t talk_write(const struct talk_request *request, uint16_t tid,
		  uint8_t *buf);

/* Takes what we have sent next; it must be a well-formed response. */
void talk_read(struct talk_response *ret);

/* Sends the request and takes the response. */
void talk(const struct talk_request *request, struct talk_response *ret);

/* The same, for a response that must be an error with this code. */
void talk_refused(const struct talk_request *request, uint16_t code);

/*
 * Sends the request, and on as long as there is a continuation, and puts all
 * parts together in `buf`. Returns the octets, and how many responses it took.
 */
size_t talk_whole(const struct talk_request *request, uint8_t *buf, size_t cap,
		  size_t *ret_responses);

/* The only element in octets is a sequence: what it holds. */
struct rt_elements talk_list(struct rt_bytes octets);

#endif
