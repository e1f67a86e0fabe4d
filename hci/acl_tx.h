/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_ACL_TX_H
#define RT_HCI_ACL_TX_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/bringup.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/pdu.h"

/*
 * ACL data to the controller. A PDU is pulled from the layer above when the
 * controller has a buffer free, and leaves in fragments that fill its buffers
 * (Core Vol 4 Part E 4.1.1), link by link in turn. Number Of Completed Packets
 * (7.7.19) gives buffers back; each link remembers which of its packets
 * belong to which PDU, so that the layer above hears when one has left.
 */

struct rt_hci;
struct rt_hci_link;

/* A PDU that has been pulled and is not completed. */
struct rt_hci_sent {
	struct rt_done done;
	struct rt_pkt *owned; /* its octets, if they are its own */
	uint32_t packets;     /* of it that the controller holds */
	bool whole;	      /* all of it has been handed to the controller */
	bool silent;	      /* nobody wants to hear of it */
};

/* One is on its way in pieces, each other one fills at least one buffer. */
#define RT_HCI_SENT_MAX (RT_HCI_ACL_PACKETS_MAX + 1)

struct rt_hci_link_tx {
	struct rt_list node; /* of rt_hci.acl_tx.ready */
	bool busy;	     /* `pdu` is not whole in the controller yet */
	struct rt_pdu pdu;
	uint32_t pdu_sent; /* octets of it */
	bool continuing;   /* its first fragment has been sent */
	uint32_t packets;  /* of the link that the controller holds */
	struct rt_hci_sent sent[RT_HCI_SENT_MAX];
	uint16_t sent_first;
	uint16_t sent_count;
	struct rt_timer timer; /* since the controller last completed one */
};

struct rt_hci_acl_tx {
	struct rt_list ready; /* links that may have something to send */
	bool stalled;
	uint64_t stalled_since_us;
	uint8_t header[4]; /* of the last packet */
};

/* Prepares the part of the engine. */
void rt_hci_acl_tx_init(struct rt_hci *hci);

/* Prepares the part of a link. */
void rt_hci_acl_tx_link_init(struct rt_hci_link *link);

/*
 * The link has closed: its buffers are free again, and what is not completed
 * is told as not written.
 */
void rt_hci_acl_tx_link_close(struct rt_hci_link *link);

/* Frees what the link holds, telling nobody. */
void rt_hci_acl_tx_link_free(struct rt_hci_link *link);

/* True if nothing that was pulled is on its way. */
bool rt_hci_acl_tx_is_idle(const struct rt_hci_link *link);

/* The next ACL packet, if there are one and a buffer for it. */
bool rt_hci_acl_tx_pull(struct rt_hci *hci,
			struct rt_packet *ret_packet) RT_MUST_CHECK;

/* Handles Number Of Completed Packets (7.7.19). */
void rt_hci_acl_tx_on_completed(struct rt_hci *hci, const void *evt);

#endif
