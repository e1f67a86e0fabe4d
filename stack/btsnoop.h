/* SPDX-License-Identifier: MIT */
#ifndef RT_BTSNOOP_H
#define RT_BTSNOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/rd.h"

/*
 * The btsnoop capture format, as octets: who writes or reads the file is not
 * this file's affair. All numbers are big-endian.
 *
 * Datalink 2001 (Linux monitor, what btmon writes) names an adapter and an
 * opcode in each record; 1002 (H4) carries the packet with its H4 octet and a
 * direction bit.
 */

enum rt_btsnoop_datalink {
	RT_BTSNOOP_H4 = 1002,
	RT_BTSNOOP_MONITOR = 2001,
};

enum rt_btsnoop_opcode {
	RT_BTSNOOP_NEW_INDEX = 0,
	RT_BTSNOOP_DEL_INDEX = 1,
	RT_BTSNOOP_COMMAND = 2,
	RT_BTSNOOP_EVENT = 3,
	RT_BTSNOOP_ACL_TX = 4,
	RT_BTSNOOP_ACL_RX = 5,
	RT_BTSNOOP_SCO_TX = 6,
	RT_BTSNOOP_SCO_RX = 7,
	RT_BTSNOOP_OPEN_INDEX = 8,
	RT_BTSNOOP_CLOSE_INDEX = 9,
	RT_BTSNOOP_INDEX_INFO = 10,
	RT_BTSNOOP_SYSTEM_NOTE = 12,
	RT_BTSNOOP_ISO_TX = 18,
	RT_BTSNOOP_ISO_RX = 19,
};

#define RT_BTSNOOP_HEADER_BYTES 16
#define RT_BTSNOOP_RECORD_BYTES 24  /* header of a record */
#define RT_BTSNOOP_RECORD_MAX 65540 /* H4 octet, ACL header, 65535 octets */

struct rt_btsnoop_record {
	uint64_t time_us;	 /* since 1970-01-01 UTC; 0 for all before */
	uint16_t index;		 /* adapter; 0 with datalink 1002 */
	uint16_t opcode;	 /* enum rt_btsnoop_opcode */
	uint32_t original_bytes; /* of the packet as it was, data.len or more */
	uint32_t drops;
	struct rt_bytes data; /* the packet, without an H4 octet */
};

/* Writes the file header for the datalink to `ret`. */
void rt_btsnoop_header(enum rt_btsnoop_datalink datalink,
		       uint8_t ret[RT_BTSNOOP_HEADER_BYTES]);

/*
 * Writes the header of a record to `ret` (for datalink 1002 with the H4 octet
 * behind it, which counts as data). The caller appends record->data.
 *
 * Returns the octets written: 24, or 25 with the H4 octet; 0 for a record
 * that datalink 1002 cannot express, or is too long.
 */
size_t rt_btsnoop_record_header(enum rt_btsnoop_datalink datalink,
				const struct rt_btsnoop_record *record,
				uint8_t ret[RT_BTSNOOP_RECORD_BYTES + 1]);

/* The opcode of a packet by its type and direction. */
enum rt_btsnoop_opcode rt_btsnoop_opcode(enum rt_packet_type type,
					 bool from_controller);

/*
 * Writes the body of a NEW_INDEX record to `ret`. It opens a monitor capture,
 * so that btmon and Wireshark know the adapter's address and name, of which
 * seven octets are kept.
 */
void rt_btsnoop_new_index(struct rt_addr addr, const char *name,
			  uint8_t ret[16]);

/*
 * Writes the body of an INDEX_INFO record to `ret`: what is known of the
 * adapter once it is up. `manufacturer` is a company identifier.
 */
void rt_btsnoop_index_info(struct rt_addr addr, uint16_t manufacturer,
			   uint8_t ret[8]);

/*
 * Reads the file header. Returns 0 and sets *ret_datalink, or -EBADMSG: not a
 * btsnoop file, a version other than 1, or a datalink we do not know.
 */
int rt_btsnoop_read_header(
	struct rt_rd *r, enum rt_btsnoop_datalink *ret_datalink) RT_MUST_CHECK;

/*
 * Reads the next record; its data point into the reader's memory.
 *
 * Returns 1 with a record, 0 at the end, -EBADMSG for a record that is cut
 * short or impossible. A record of datalink 1002 has its H4 octet removed and
 * the opcode set by it.
 */
int rt_btsnoop_read(struct rt_rd *r, enum rt_btsnoop_datalink datalink,
		    struct rt_btsnoop_record *ret_record) RT_MUST_CHECK;

#endif
