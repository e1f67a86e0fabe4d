/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_H4_H
#define RT_HCI_OS_H4_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/transport.h"

/*
 * H4, UART transport layer (Core Vol 4 Part A): packets out of a stream of
 * octets. There is no checksum and no frame mark; an octet that is no packet
 * type says that the framing is lost, and no later octet can be trusted to
 * begin a packet: what looks like a header may be a peer's payload.
 *
 * A stream that can't lose octets is finished then. On a serial line the host
 * sends HCI Reset, and everything is thrown away up to exactly the octets of
 * its Command Complete event (2.4 there: Reset is the way back).
 */

/* Type octet, ACL header, 65535 octets of data. */
#define RT_H4_PACKET_BYTES (1 + 4 + 65535)

enum rt_h4_state {
	RT_H4_FRAMED,
	RT_H4_LOST,    /* ask for a Reset; nothing that comes counts */
	RT_H4_WAITING, /* Reset is sent; its answer is looked for */
};

struct rt_h4 {
	bool resyncs; /* a serial line; if false the first loss is the end */
	enum rt_h4_state state;
	size_t len; /* octets in `buf` that are not used yet */
	uint8_t buf[2 * RT_H4_PACKET_BYTES];
};

/* Prepares a framer at the start of a packet. */
void rt_h4_init(struct rt_h4 *h4, bool resyncs);

/* Where the next octets are to be read to; at least RT_H4_PACKET_BYTES. */
uint8_t *rt_h4_room(struct rt_h4 *h4, size_t *ret_bytes);

/*
 * `n` octets have been read to rt_h4_room(): delivers the packets that are
 * whole now, and tells the sink of a loss.
 *
 * Returns 0, or -EILSEQ: the framing is lost for good. Packets before that
 * have been delivered.
 */
int rt_h4_fed(struct rt_h4 *h4, size_t n,
	      const struct rt_transport_sink *sink) RT_MUST_CHECK;

/* A packet has been sent: an HCI Reset begins the way back. */
void rt_h4_sent(struct rt_h4 *h4, const struct rt_packet *packet);

#endif
