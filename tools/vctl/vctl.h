/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_H
#define RT_VCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"

/*
 * Virtual BR/EDR controllers on one virtual air, under injected time. They
 * have their own small decoder and share no table with the stack: two
 * mistakes that cancel would be invisible.
 *
 * The air does no I/O and keeps no clock. Its owner hands in packets of hosts
 * and the time, and takes packets for hosts, until there is nothing to do.
 *
 * Pairing, authentication and encryption are faithful in what hosts see: which
 * event comes when, with which parameters and reasons. The cryptography is a
 * stand-in: keys, numbers and commitments come from the air's generator, and
 * data are not really encrypted. See README.md.
 */

struct rt_air;
struct rt_vctl;

struct rt_air_options {
	uint64_t seed; /* of all that is random */
	/*
	 * Latency of a packet between two controllers and of a completion, in
	 * microseconds; 0: everything happens at once, as soon as the other
	 * side can take it.
	 */
	uint32_t latency_us;
};

/*
 * What a controller can do for security. All zero: everything, as one of
 * version 5 does. Without Secure Simple Pairing (before 2.1) there is neither
 * Secure Connections nor any command or event of theirs: only PINs. Without
 * Secure Connections (before 4.1): P-192 keys and E0 only.
 */
struct rt_vctl_security {
	bool no_ssp;
	bool no_secure_connections;
	uint8_t key_size_max; /* of encryption keys, 1 to 16; 0: 16 */
	/* What it agrees to, until Set Min Encryption Key Size; 0: 1 */
	uint8_t key_size_min;
};

struct rt_vctl_options {
	struct rt_addr addr;	 /* zero: 00:AA:01:00:00:00 and up */
	const char *name;	 /* NULL: "Virtual Controller n" */
	uint16_t acl_bytes;	 /* 27 to 1021 or more; 0: 1021 */
	uint16_t acl_packets;	 /* 0: 8 */
	uint16_t supervision_ms; /* 0: 20000 */
	uint32_t page_ms;	 /* time that a page takes; 0: at once */
	int8_t rssi;		 /* that others see in inquiry; 0: -60 */
	struct rt_vctl_security security;
};

/* Makes an air. NULL if there is no memory. `options` may be NULL. */
struct rt_air *rt_air_new(const struct rt_air_options *options);

/* Frees the air with all its controllers. */
void rt_air_free(struct rt_air *air);

/* Sets the time and does what is due. Time never goes back. */
void rt_air_advance(struct rt_air *air, uint64_t now_us);

/* True, and sets *ret_due_us, if something is due at a later time. */
bool rt_air_next(const struct rt_air *air, uint64_t *ret_due_us);

/*
 * Adds a controller, powered on and reset. `options` may be NULL. NULL if
 * there is no memory or the address is taken.
 */
struct rt_vctl *rt_vctl_new(struct rt_air *air,
			    const struct rt_vctl_options *options);

/*
 * Takes the controller off the air, as if its battery died: peers notice by
 * their supervision timeout.
 */
void rt_vctl_free(struct rt_vctl *vctl);

/* The controller's address. */
struct rt_addr rt_vctl_addr(const struct rt_vctl *vctl);

/*
 * A packet from the host. Malformed ones are answered as a controller does,
 * or ignored and counted. `packet` is borrowed until the call returns.
 */
void rt_vctl_rx(struct rt_vctl *vctl, enum rt_packet_type type,
		struct rt_bytes packet);

/*
 * The next packet for the host; it is valid until the next call for this
 * controller. Events come before ACL data, as on a wire they might not: see
 * rt_vctl_set_fault(). False if there is none.
 */
bool rt_vctl_tx(struct rt_vctl *vctl, enum rt_packet_type *ret_type,
		struct rt_bytes *ret_packet);

/* True if rt_vctl_tx() would give a packet. */
bool rt_vctl_has_tx(const struct rt_vctl *vctl);

/* What a controller does wrong, for tests. */
enum rt_vctl_fault {
	RT_VCTL_MUTE,		/* it takes all, and says nothing to its host */
	RT_VCTL_OUT_OF_RANGE,	/* on the air: nobody hears it, nor it them */
	RT_VCTL_NO_COMPLETIONS, /* no Number Of Completed Packets */
	RT_VCTL_MERGE_COMPLETIONS,   /* one event for many packets, late */
	RT_VCTL_SURPLUS_COMPLETIONS, /* more than were sent */
	RT_VCTL_ACL_BEFORE_EVENTS,   /* data overtake Connection Complete */
	RT_VCTL_NO_EXTENDED,	     /* no extended features, no EIR, no RSSI */
	RT_VCTL_UNKNOWN_COMMANDS,    /* Unknown HCI Command for optional ones */
	/*
	 * Read Encryption Key Size: fails with Unspecified Error; is an Unknown
	 * HCI Command; is never answered, and its credit never comes back. See
	 * also rt_vctl_set_key_size_answer().
	 */
	RT_VCTL_KEY_SIZE_FAILS,
	RT_VCTL_KEY_SIZE_UNKNOWN,
	RT_VCTL_KEY_SIZE_UNANSWERED,
	/*
	 * Link Key Notification: says that the key is all zeros; that it is a
	 * debug combination key (type 0x03). Both controllers still use the
	 * real one.
	 */
	RT_VCTL_ZERO_KEY,
	RT_VCTL_DEBUG_KEY,
	/*
	 * Encryption starts without a link key, whichever side asks for it. It
	 * takes one of the two controllers with this fault.
	 */
	RT_VCTL_ENCRYPT_ANYHOW,
	/*
	 * The peer of a BIAS attack (CVE-2020-10135): challenged, it doesn't
	 * answer. It makes itself the central (Role Change on both sides,
	 * whatever the link policies), rejects the challenge (Authentication
	 * Complete 0x23 at the other host), challenges the other side and is
	 * content with any answer. From then on it encrypts without a key.
	 */
	RT_VCTL_SWITCH_WHEN_CHALLENGED,
	RT_VCTL_FAULTS,
};

/* Switches a fault on or off. */
void rt_vctl_set_fault(struct rt_vctl *vctl, enum rt_vctl_fault fault, bool on);

/*
 * A noisy air: so many of a thousand L2CAP PDUs that the host lets the
 * controller flush don't get through in time. It takes an automatic flush
 * timeout on the link and a packet that starts flushable (Core Vol 2 Part B
 * 7.6.3, Vol 4 Part E 4.1); nothing else is ever lost on a link. The host gets
 * Flush Occurred, and the packets count as completed.
 */
void rt_vctl_set_loss(struct rt_vctl *vctl, unsigned int permille);

/* Sends an event as it stands: for hostile controllers. */
void rt_vctl_inject_event(struct rt_vctl *vctl, struct rt_bytes event);

/* Sends ACL data to the host as it stands. */
void rt_vctl_inject_acl(struct rt_vctl *vctl, struct rt_bytes packet);

/*
 * Other abilities from now on, as after an update or from an impostor. Links
 * and settings that are there stay as they are; to be used before the host
 * resets the controller, or while nothing is under way.
 */
void rt_vctl_set_security(struct rt_vctl *vctl,
			  const struct rt_vctl_security *security);

/*
 * What Read Encryption Key Size answers for an encrypted link, whatever the
 * size: any octet. 0: the truth again.
 */
void rt_vctl_set_key_size_answer(struct rt_vctl *vctl, uint8_t size);

/*
 * Uses another address for the pages to come, as an impostor does: the other
 * host hears of it in Connection Request, and may even find its own there. The
 * link is a real one. Zero: the controller's own again. Who pages the alias
 * does not find this controller.
 */
void rt_vctl_set_alias(struct rt_vctl *vctl, struct rt_addr alias);

/*
 * Encryption Change for the link to `peer`, that nobody has asked for. With
 * status 0 this side (not the other one) takes the link to be in that mode:
 * 0 off, 1 E0, 2 AES-CCM. False if there is no such link.
 */
bool rt_vctl_fake_encryption(struct rt_vctl *vctl, struct rt_addr peer,
			     uint8_t status, uint8_t mode);

/*
 * Encryption Key Refresh Complete for the link to `peer`, that nobody has
 * asked for. With status 0 and `key_size` > 0 the key has that size from then
 * on, on this side. False if there is no such link.
 */
bool rt_vctl_fake_refresh(struct rt_vctl *vctl, struct rt_addr peer,
			  uint8_t status, uint8_t key_size);

/* Breaks all links of the controller: both sides see Connection Timeout. */
void rt_vctl_drop_links(struct rt_vctl *vctl);

struct rt_vctl_stats {
	uint64_t acl_from_host;
	uint64_t acl_to_host;
	uint32_t acl_overruns; /* more packets than buffers: host's mistake */
	uint32_t acl_malformed;
	uint32_t acl_flushed; /* packets that the air did not carry */
	uint32_t commands;
	uint32_t commands_unknown;
	uint32_t commands_overrun;     /* sent without a command credit */
	uint32_t host_buffer_overruns; /* we would have overrun the host */
	uint32_t links;		       /* open now */
	uint32_t commands_malformed;   /* lengths that do not fit */
	uint32_t unexpected; /* packets of types that hosts don't send */
};

/* Figures of the controller. */
const struct rt_vctl_stats *rt_vctl_get_stats(const struct rt_vctl *vctl);

#endif
