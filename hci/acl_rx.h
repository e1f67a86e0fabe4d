/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_ACL_RX_H
#define RT_HCI_ACL_RX_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * ACL data from the controller (Core Vol 4 Part E 5.4.2): fragments are made
 * whole L2CAP PDUs again (Core Vol 3 Part A 7.2), by handle. A PDU in one
 * fragment is handed up as it is; else there is one allocation, of the size
 * that the L2CAP header announces and the layer above wants.
 */

struct rt_hci;
struct rt_hci_link;

#define RT_HCI_ACL_HEADER_BYTES 4
#define RT_HCI_EARLY_BYTES_MAX 8192

/* A link's PDU that is not complete yet. */
struct rt_hci_link_rx {
	bool active;
	uint8_t header[4]; /* of L2CAP: it can be split, too */
	uint32_t got;	   /* octets so far */
	uint32_t total;	   /* octets with the header; 0: not known yet */
	uint32_t keep;	   /* of them, in `buf`; the others are counted */
	uint8_t *buf;	   /* NULL: none are kept */
	uint32_t consumed; /* packets to be reported to the controller */
};

/*
 * A link's packets that wait until the size of a key is known (Core Vol 4
 * Part E 7.5.6). The key may be a new one for an old connection: the layers
 * above let nothing pass meanwhile, and must not lose it either.
 */
struct rt_hci_link_held {
	struct rt_list packets; /* the oldest first */
	uint32_t bytes;		/* of memory */
	struct rt_timer timer;	/* the size is known */
};

/* Packets for handles that are not known yet. */
struct rt_hci_acl_rx {
	struct rt_list early; /* the oldest first */
	uint32_t early_count;
	uint32_t early_bytes;
	struct rt_timer timer;
	uint8_t packet[3 + 255]; /* Host Number Of Completed Packets */
};

/* Prepares the part of the engine. */
void rt_hci_acl_rx_init(struct rt_hci *hci);

/* Handles an ACL packet. */
void rt_hci_acl_rx(struct rt_hci *hci, struct rt_bytes packet);

/* Handles what came for the handle before its Connection Complete. */
void rt_hci_acl_rx_replay_early(struct rt_hci *hci, uint16_t handle);

/* Drops all early packets without counting them. */
void rt_hci_acl_rx_forget_early(struct rt_hci *hci);

/* Prepares what a link holds. */
void rt_hci_acl_rx_link_init(struct rt_hci_link *link);

/* The size of the link's key is known, or will not be: what waits goes up. */
void rt_hci_acl_rx_link_sized(struct rt_hci_link *link);

/* Hands up all that the link holds, at once. */
void rt_hci_acl_rx_link_release(struct rt_hci_link *link);

/* Frees what a link holds. */
void rt_hci_acl_rx_link_fini(struct rt_hci_link *link);

/*
 * Host Number Of Completed Packets (7.3.40) for what was consumed since the
 * last one; false if there is nothing to report. It needs no credit and is
 * not answered.
 */
bool rt_hci_acl_rx_pull_consumed(struct rt_hci *hci,
				 struct rt_packet *ret_packet) RT_MUST_CHECK;

#endif
