/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_PACKET_SOCKET_H
#define RT_TESTS_FUZZ_PACKET_SOCKET_H

/* An input of packet_socket: octets of the receive buffer (2), then records. */
enum record {
	RECORD_PACKET, /* the kernel has this packet, type octet and all */
	RECORD_LONG,   /* ... one of this type, with so many octets (4) */
	RECORD_ERROR,  /* the next read fails: number of the table */
	RECORD_RECEIVE,
	RECORD_SEND,	   /* type, octets of up to six slices */
	RECORD_SEND_ERROR, /* the next write fails: number of the table */
	RECORDS,
};

#define HEAD_BYTES 2
#define RECORDS_MAX 200 /* in an input */

#endif
