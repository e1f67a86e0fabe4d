/* SPDX-License-Identifier: MIT */
#ifndef TEST_FAKE_HCI_H
#define TEST_FAKE_HCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/hci.h"

/*
 * What L2CAP uses of hci/hci.h, without a controller: links come up and go
 * down, PDUs arrive, and are pulled and completed, when the test says so.
 *
 * It keeps the rules of the header and fails the test if L2CAP breaks them: it
 * pulls only after rt_hci_link_ready(); the body of a PDU must stay as it is
 * until it is completed; a C-frame has at most 48 octets and no identifier 0.
 * PDUs that arrive stand in memory of their own, so that a read past the end
 * is found.
 */

#define FAKE_HCI_PAGE_TIMEOUT 0x04
#define FAKE_HCI_CONNECTION_TIMEOUT 0x08
#define FAKE_HCI_REMOTE_USER 0x13

struct fake_pdu {
	bool disowned;
	struct rt_done done;
	struct rt_pdu pdu;
	uint8_t *seen; /* as it was pulled */
	size_t seen_len;
};

#define FAKE_IN_FLIGHT_MAX 64

struct rt_hci_link {
	struct rt_hci_link *next;
	struct rt_hci *hci;
	struct rt_addr addr;
	enum rt_hci_link_state state;
	bool incoming;
	bool used;
	bool ready;
	uint32_t flush_ms; /* rt_hci_link_set_flush() */
	int cancels;	   /* rt_hci_link_cancel() */
	int reason;	   /* rt_hci_link_disconnect(); -1: not called */
	void *user;
	struct fake_pdu sent[FAKE_IN_FLIGHT_MAX];
	size_t sent_count;
};

struct rt_hci {
	struct rt_env *env;
	const struct rt_hci_link_ops *ops;
	void *user;
	struct rt_hci_link *links;
	int connect_result; /* of rt_hci_link_connect() for a new link */
	size_t oversized;   /* PDUs longer than L2CAP wanted */
	bool busy;	    /* inside an op: a further one would be nested */
	bool raw;	    /* PDUs may be written by hand: no rules */
};

/* Prepares a controller that is up. */
void fake_hci_init(struct rt_hci *hci, struct rt_env *env);

/* Frees the links. */
void fake_hci_fini(struct rt_hci *hci);

/* The newest link to the address that is not closed, or NULL. */
struct rt_hci_link *fake_hci_find(struct rt_hci *hci, struct rt_addr addr);

/* A link that the peer opens; it is up when this returns. */
struct rt_hci_link *fake_hci_incoming(struct rt_hci *hci, struct rt_addr addr);

/* The link that was asked for opens. */
void fake_link_up(struct rt_hci_link *link);

/* The link closes, or could not be opened, with an HCI error. */
void fake_link_down(struct rt_hci_link *link, uint8_t code);

/* A PDU arrives: header of its payload's length, channel id, payload. */
void fake_link_rx(struct rt_hci_link *link, uint16_t cid,
		  const uint8_t *payload, size_t len);

/*
 * Pulls the next PDU, of which at most `cap` octets are copied to `buf`.
 * Returns its octets, 0 if there is none.
 */
size_t fake_link_pull(struct rt_hci_link *link, uint8_t *buf, size_t cap);

/* The controller has sent, or flushed, the `n` oldest PDUs pulled. */
void fake_link_complete(struct rt_hci_link *link, size_t n, bool written);

/* The same for all C-frames pulled; SDUs stay with the controller. */
void fake_link_complete_signalling(struct rt_hci_link *link);

#endif
