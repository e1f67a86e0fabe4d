/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_H
#define RT_HCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/pdu.h"
#include "stack/reason.h"

/*
 * Host Controller Interface, BR/EDR (Core Vol 4 Part E): one controller, its
 * command queue, its bring-up, its ACL links and its buffers.
 *
 * The engine does no I/O. Its owner calls rt_hci_rx() with what arrives and
 * rt_hci_tx() for what is to be sent, and runs the environment's timers. Both
 * hand each packet to the environment's tap and count its frames; nobody else
 * does.
 *
 * Life: rt_hci_new() - rt_hci_start() - ops.up - links - rt_hci_stop() -
 * rt_hci_free(). A command that times out, a Hardware Error event or a lost
 * framing closes every link and brings the controller up anew: ops.down, then
 * ops.up again. A transport that failed ends it: rt_hci_lost(). While there are
 * links, a controller that has said nothing for a while is sent a command, so
 * that one that has died does not go unnoticed.
 */

struct rt_hci;
struct rt_hci_link;

/* What the controller told during bring-up. */
struct rt_hci_info {
	struct rt_addr addr;
	uint8_t hci_version;
	uint16_t hci_revision;
	uint8_t lmp_version;
	uint16_t lmp_subversion;
	uint16_t manufacturer;
	uint8_t commands[64];	/* Read Local Supported Commands */
	uint8_t features[3][8]; /* LMP feature pages 0 to 2 */
	uint8_t feature_page_max;
	uint16_t acl_bytes;   /* data length of its ACL buffers, as used */
	uint16_t acl_packets; /* number of its ACL buffers, as used */
	uint8_t sco_bytes;
	uint16_t sco_packets;
	bool host_flow_control; /* controller-to-host, ACL */
};

struct rt_hci_options {
	const char *name;	     /* local name, UTF-8, at most 248 octets */
	uint32_t class_of_device;    /* 24 bits (Assigned Numbers, baseband) */
	uint16_t page_timeout_slots; /* 0x0001-0xFFFF of 0.625 ms; 0: 0x2000 */
	uint16_t supervision_slots;  /* central's links; 0: leave as it is */
	uint16_t acl_bytes_max;	     /* of the transport; 0: none */
	uint16_t acl_rx_packets_max; /* of the transport; 0: none */
	uint32_t idle_ms;	     /* a link without users; 0: 2000 */
	uint32_t watch_ms; /* silence of a controller with links; 0: 20000 */
};

/* What the engine tells its owner. */
struct rt_hci_ops {
	/* The controller is ready; rt_hci_get_info() is valid. */
	void (*up)(void *user);
	/*
	 * The controller is not usable (any more); links were closed before
	 * this. `final`: it will not come back by itself. The end of
	 * rt_hci_stop() is one, with why->err 0, or -ETIMEDOUT if the last
	 * Reset was not answered.
	 */
	void (*down)(void *user, const struct rt_reason *why, bool final);
};

/* What the engine tells the layer above about links: L2CAP. */
struct rt_hci_link_ops {
	/* A link is open, ours or the peer's. */
	void (*up)(void *user, struct rt_hci_link *link);
	/*
	 * A link has closed or could not be opened. The pointer is valid until
	 * the end of the step. `completed` was called for all that was unsent.
	 */
	void (*down)(void *user, struct rt_hci_link *link,
		     const struct rt_reason *why);
	/*
	 * Is a PDU wanted, whose payload on the channel id will have *len
	 * octets? One that is not is discarded and counted without being
	 * stored. *len may be made smaller: then its first octets are stored
	 * and handed up, and the others are not. Asked once a PDU.
	 */
	bool (*want)(void *user, struct rt_hci_link *link, uint16_t cid,
		     uint16_t *len);
	/*
	 * A whole L2CAP PDU with its header, or as much of it as was wanted;
	 * the length field is that of all of it. The view is valid until the
	 * call returns.
	 */
	void (*rx)(void *user, struct rt_hci_link *link, struct rt_bytes pdu);
	/*
	 * Fills *pdu with the next L2CAP PDU to send, header and all, and
	 * returns true; false if there is none (rt_hci_link_ready() was called
	 * too often, which is allowed).
	 */
	bool (*pull)(void *user, struct rt_hci_link *link, struct rt_pdu *pdu);
	/*
	 * A PDU has been sent by the controller (`written`), or never will be:
	 * flushed, or the link has closed. Called once for each PDU pulled, in
	 * their order. The body's octets may be reused from now on.
	 */
	void (*completed)(void *user, struct rt_hci_link *link,
			  const struct rt_done *done, bool written);
};

/*
 * Makes an engine in `env`; `options` is copied. `ops` and `user` hear of the
 * controller. Returns 0 or -ENOMEM, -EINVAL for options out of range.
 */
int rt_hci_new(struct rt_env *env, const struct rt_hci_options *options,
	       const struct rt_hci_ops *ops, void *user,
	       struct rt_hci **ret) RT_MUST_CHECK;

/*
 * Sets who hears of links. To be called once, before rt_hci_start(); without
 * it links come and go and nobody hears of them.
 */
void rt_hci_set_link_ops(struct rt_hci *hci, const struct rt_hci_link_ops *ops,
			 void *user);

/*
 * Begins the bring-up: HCI Reset and what follows. Ends in up or down. Commands
 * that the controller has left unanswered before are tried again.
 */
void rt_hci_start(struct rt_hci *hci);

/*
 * Shuts down in order: disconnects links, stops scans and inquiry, resets the
 * controller (Core Vol 4 Part E 7.3.2). rt_hci_is_idle() tells when it is
 * done, at the latest after 3 s.
 */
void rt_hci_stop(struct rt_hci *hci);

/* True when nothing is under way and no link is open. */
bool rt_hci_is_idle(const struct rt_hci *hci);

/* The transport has failed: everything closes, ops.down with `final`. */
void rt_hci_lost(struct rt_hci *hci, int err);

/* The transport lost its framing: links close, HCI Reset, bring-up anew. */
void rt_hci_resync(struct rt_hci *hci);

/*
 * Frees the engine and all it holds at once, telling nobody. Not to be called
 * from one of its callbacks.
 */
void rt_hci_free(struct rt_hci *hci);

/* A packet from the controller; `packet` is borrowed until the call returns. */
void rt_hci_rx(struct rt_hci *hci, enum rt_packet_type type,
	       struct rt_bytes packet);

/*
 * The next packet for the controller: commands first, then ACL data while the
 * controller has free buffers. Its slices are valid until the next call of
 * any function of this engine. False if there is none.
 */
bool rt_hci_tx(struct rt_hci *hci, struct rt_packet *ret_packet) RT_MUST_CHECK;

/* True while the controller is up. */
bool rt_hci_is_up(const struct rt_hci *hci);

/* What the controller told; valid from the first ops.up on. */
const struct rt_hci_info *rt_hci_get_info(const struct rt_hci *hci);

/* The specification's name of an HCI error code: "Page Timeout". */
const char *rt_hci_error_name(uint8_t code);

/* The errno, negative, that Linux has for an HCI error code; 0 for 0. */
int rt_hci_error_errno(uint8_t code);

/* One sentence that helps the user with an HCI error code; "" if none. */
const char *rt_hci_error_hint(uint8_t code);

/*
 * Which scans the controller shall do from now on, also after a new bring-up:
 * page scan = connectable, inquiry scan = discoverable (7.3.18).
 */
void rt_hci_set_scan(struct rt_hci *hci, bool connectable, bool discoverable);

/*
 * Sets the local name, UTF-8 of at most 248 octets, and the EIR with it
 * (7.3.11, 7.3.56). -EINVAL if it is longer, or no UTF-8.
 */
int rt_hci_set_name(struct rt_hci *hci, const char *name) RT_MUST_CHECK;

/* Sets the class of device, 24 bits (7.3.26). */
void rt_hci_set_class(struct rt_hci *hci, uint32_t class_of_device);

enum rt_hci_link_state {
	RT_HCI_LINK_CONNECTING, /* paging, or accepting */
	RT_HCI_LINK_OPEN,
	RT_HCI_LINK_DISCONNECTING, /* Disconnect sent */
	RT_HCI_LINK_CLOSED,	   /* gone at the end of the step */
};

/*
 * The link to `addr`: the one there is, or a new one that is paged for, which
 * ends in link_ops.up (never called for one that is open already: look at its
 * state) or down. A link that is disconnecting does not count: a new one is
 * made, which pages when the old one has closed.
 *
 * Returns 0, -ENETDOWN (controller not up), -EINVAL (address zero or our
 * own), -EMLINK (limit of links) or -ENOMEM.
 */
int rt_hci_link_connect(struct rt_hci *hci, struct rt_addr addr,
			struct rt_hci_link **ret_link) RT_MUST_CHECK;

/*
 * Gives a link up that is still being opened: Create Connection Cancel
 * (7.1.7). link_ops.down follows, or up if it was too late; nothing else is
 * undone.
 */
void rt_hci_link_cancel(struct rt_hci_link *link);

/*
 * Closes the link with an HCI reason, usually 0x13 (7.1.6). What was pulled is
 * sent first if the controller still takes it. link_ops.down follows.
 */
void rt_hci_link_disconnect(struct rt_hci_link *link, uint8_t reason);

/*
 * Tells whether the layer above uses the link. One that is unused for the
 * idle time is disconnected with reason 0x13. A new link counts as unused:
 * ours from when it opened, the peer's with ten times the idle time.
 */
void rt_hci_link_set_used(struct rt_hci_link *link, bool used);

/*
 * There is something to pull for this link. Costs nothing if told twice;
 * forgotten if the link is not open.
 */
void rt_hci_link_ready(struct rt_hci_link *link);

/*
 * The memory behind the PDUs of this channel goes away: the rest of one that
 * is being sent is copied (cut off if there is no memory), and `completed` is
 * not called for the channel any more.
 */
void rt_hci_link_disown(struct rt_hci_link *link, rt_handle chan);

/*
 * After how many milliseconds the controller gives up a PDU marked `flushable`
 * that it could not send (7.3.30); 0, and at first: never. At most 1279 are
 * heeded, as many as the controller can be told.
 *
 * A controller without non-flushable packets (Core Vol 2 Part C 3.3, feature
 * 54), would give up everything: it is told nothing.
 */
void rt_hci_link_set_flush(struct rt_hci_link *link, uint32_t flush_timeout_ms);

enum rt_hci_sniff {
	RT_HCI_SNIFF_LEAVE, /* as controller and peer like it */
	RT_HCI_SNIFF_NEVER,
	RT_HCI_SNIFF_ALLOW,  /* if the peer asks for it */
	RT_HCI_SNIFF_PREFER, /* we ask for it while the link is quiet */
};

enum rt_hci_role {
	RT_HCI_ROLE_LEAVE, /* wanted: no wish */
	RT_HCI_ROLE_CENTRAL,
	RT_HCI_ROLE_PERIPHERAL,
};

/*
 * Wishes for a link, in any state: carried out when it is open, counted in
 * policy_refused if the controller or the peer does not agree. What is wished
 * for last holds.
 *
 * The supervision timeout (7.3.41) in slots of 0.625 ms; 0: as it is. It can be
 * set by the central only, and is as soon as we are.
 */
void rt_hci_link_set_supervision(struct rt_hci_link *link, uint16_t slots);

/* Sniff mode (7.2.2, 7.2.3, 7.2.10). Sending data ends one that we prefer. */
void rt_hci_link_set_sniff(struct rt_hci_link *link, enum rt_hci_sniff sniff);

/*
 * Our role (7.2.8); one that was asked for and is reached is kept against the
 * peer (7.2.10).
 */
void rt_hci_link_switch_role(struct rt_hci_link *link, enum rt_hci_role role);

/* How long the link is kept unused; 0: as the options say. */
void rt_hci_link_set_idle(struct rt_hci_link *link, uint32_t idle_ms);

/* Our role, CENTRAL or PERIPHERAL; before the link is open, the likely one. */
enum rt_hci_role rt_hci_link_role(const struct rt_hci_link *link);

/*
 * As what links of peers are accepted from now on (7.1.8): LEAVE and PERIPHERAL
 * leave the role to them.
 */
void rt_hci_set_accept_role(struct rt_hci *hci, enum rt_hci_role role);

/* The link to `addr` that is open or being opened, or NULL. */
struct rt_hci_link *rt_hci_link_find(struct rt_hci *hci, struct rt_addr addr);

/*
 * Walks over the open links: the first (`link` NULL) or the one after `link`;
 * NULL: there are no more.
 */
const struct rt_hci_link *rt_hci_link_next(const struct rt_hci *hci,
					   const struct rt_hci_link *link);

/* Where the link stands. */
enum rt_hci_link_state rt_hci_link_state(const struct rt_hci_link *link);

/* The peer's address. */
struct rt_addr rt_hci_link_addr(const struct rt_hci_link *link);

/* The connection handle, 0x0000-0x0EFF; 0xFFFF while there is none. */
uint16_t rt_hci_link_handle(const struct rt_hci_link *link);

/* True if the peer opened the link. */
bool rt_hci_link_is_incoming(const struct rt_hci_link *link);

/* The class of device that the peer paged us with; 0 if we paged. */
uint32_t rt_hci_link_class(const struct rt_hci_link *link);

/* Sets a pointer of the layer above, which is never followed. */
void rt_hci_link_set_user(struct rt_hci_link *link, void *user);

/* The pointer that was set; NULL at first. */
void *rt_hci_link_user(const struct rt_hci_link *link);

/* Figures of the engine, for tools and tests. All counters only grow. */
struct rt_hci_stats {
	uint64_t acl_tx_packets;
	uint64_t acl_tx_bytes;
	uint64_t acl_rx_packets;
	uint64_t acl_rx_bytes;
	uint32_t acl_free; /* controller buffers free now */
	uint32_t events_malformed;
	uint32_t events_unexpected; /* well-formed, but nobody waits for it */
	uint32_t acl_malformed;
	uint32_t acl_unknown_handle;
	uint32_t acl_orphans;	/* continuation without a start, and so on */
	uint32_t acl_oversized; /* longer than the layer above wants */
	uint32_t completed_surplus; /* completed packets never sent */
	uint32_t completed_overdue; /* written off by the watchdog */
	uint32_t commands_timed_out;
	uint32_t resets;	 /* bring-ups after the first */
	uint32_t policy_refused; /* wishes for links, by controller or peer */
	uint64_t stalled_us;	 /* with data to send and no free buffer */
};

/* The figures as of now. */
const struct rt_hci_stats *rt_hci_get_stats(const struct rt_hci *hci);

#endif
