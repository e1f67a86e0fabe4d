/* SPDX-License-Identifier: MIT */
#ifndef TEST_SDP_ASKER_H
#define TEST_SDP_ASKER_H

#include "tests/unit/sdp/bench.h"

/* Who asks, and writes down what comes of it. */
struct asker {
	rt_handle query;
	size_t records;
	uint32_t handle[64];
	size_t bytes; /* of all attributes, one record after the other */
	uint8_t attributes[70000];
	unsigned int done;
	struct rt_reason why;
	/* Called at the end of each record and of done, if not NULL. */
	void (*then)(struct asker *asker);
};

extern const struct rt_sdp_query_ops asker_ops;

/* An asker that has heard nothing. */
void asker_init(struct asker *asker);

/* Asks device `n`. Returns what rt_sdp_query() gives. */
int asker_try(struct asker *asker, uint8_t n, const struct rt_sdp_query *query);

/* Asks device `n` for serial ports and all of their attributes. */
void asker_ask(struct asker *asker, uint8_t n);

/*
 * The channel that is being opened opens; the peer receives `mtu` octets. rx
 * and tx mean it.
 */
void asker_open(uint16_t mtu);

/* It is over, and all is well. */
void asker_assert_well(const struct asker *asker);

/* It is over, for this reason, and nothing was told. */
void asker_assert_failed(const struct asker *asker, enum rt_layer layer,
			 uint16_t code);

/* The request that asker_ask() sends, but for the continuation. */
#define ASKED "3503191101 03e1 35050a0000ffff"

#endif
