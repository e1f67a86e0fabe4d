/* SPDX-License-Identifier: MIT */
#ifndef TEST_HCI_OS_SINK_H
#define TEST_HCI_OS_SINK_H

#include <check.h>
#include <stdint.h>

#include "hci/transport.h"

/* What a transport has delivered. */

#define HEARD_MAX 4096

struct heard {
	unsigned packets;
	unsigned resyncs;
	size_t total; /* octets of all packets, types included */
	uint32_t sum; /* over them, with their order */
	uint8_t last_type;
	size_t last_len;
	uint8_t last[HEARD_MAX]; /* the first octets of the last packet */
	/* Called with each loss of framing; may be NULL. */
	void (*on_resync)(void);
};

extern struct heard heard;

extern const struct rt_transport_sink sink;

/* Forgets everything. */
void heard_reset(void);

/* The last packet delivered was this one, `n` in all. */
void heard_last(unsigned n, uint8_t type, const void *octets, size_t len);

/* A packet for send(), whose octets stay the caller's. */
struct rt_packet packet_of(uint8_t type, const void *octets, size_t len);

#endif
