/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_SDP_LOWER_H
#define CONFORMANCE_SDP_LOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/sdp/bench.h"

/*
 * The lower tester of the SDP test suite: a client that builds its requests
 * octet by octet and fetches an answer to its end, whatever the size of the
 * parts. Our server has one record with every universal attribute.
 */

/* UUIDs in requests are of 16, 32 and 128 bits; each test uses all three. */
enum lower_uuid {
	LOWER_UUID16,
	LOWER_UUID32,
	LOWER_UUID128,
	LOWER_UUIDS,
};

#define LOWER_CLASS 0x1101  /* of our record */
#define LOWER_ABSENT 0x1234 /* of none */
#define LOWER_SERVER 0x1000 /* of the server's own */
#define LOWER_BROWSE 0x1002 /* public browse root */
#define LOWER_NO_ATTRIBUTE 0x0abc
#define LOWER_MAX 0xffff /* no limit of the tester's */

extern uint32_t lower_handle; /* of our record */

struct lower_answer {
	uint8_t octets[8192];
	size_t bytes;
	unsigned int parts;
	uint16_t total;		  /* handles, as the server counts them */
	uint8_t continuation[17]; /* of the last part, its length first */
};

/* Publishes the record and opens the tester's channel. */
void lower_setup(void);

/* Closes, and wants nothing to be left. */
void lower_teardown(void);

/*
 * The element of an attribute of our record as it was published; octets of it.
 */
size_t lower_value(uint16_t id, uint8_t *buf);

/* ServiceSearch, to its end. */
void lower_search(enum lower_uuid size, uint32_t uuid, uint16_t max,
		  struct lower_answer *ret);

/* ServiceAttribute for a range, to its end. */
void lower_attributes(uint32_t handle, uint16_t first, uint16_t last,
		      uint16_t max, struct lower_answer *ret);

/* ServiceSearchAttribute, to its end. */
void lower_search_attributes(enum lower_uuid size, uint32_t uuid,
			     uint16_t first, uint16_t last, uint16_t max,
			     struct lower_answer *ret);

/* A number of 16 bits as SDP has it, big endian. */
uint16_t lower_get16(const uint8_t *p);

/* True if the handle is among those of a search. */
bool lower_has(const struct lower_answer *answer, uint32_t handle);

/*
 * Sends a PDU; its parameter length is `length`, or right if that is negative.
 * Returns the code of the error response, or 0 for another response, which is
 * in bench.got.
 */
uint16_t lower_error(uint8_t id, const uint8_t *params, size_t bytes,
		     int length);

/* The parameters of a search, without a continuation; octets of them. */
size_t lower_search_params(enum lower_uuid size, uint32_t uuid, uint16_t max,
			   uint8_t *buf);

/* The same of an attribute request. */
size_t lower_attribute_params(uint32_t handle, uint16_t first, uint16_t last,
			      uint16_t max, uint8_t *buf);

/* The same of both in one. */
size_t lower_search_attribute_params(enum lower_uuid size, uint32_t uuid,
				     uint16_t first, uint16_t last,
				     uint16_t max, uint8_t *buf);

#endif
