/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_LINK_H
#define RT_SEC_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "hci/security/pairing.h"
#include "stack/env.h"

/*
 * The security of one link: what is known of it, and the one sequence that
 * changes it: remote features, authentication, encryption, key size. What
 * pairing asks and answers meanwhile is in pairing.h.
 *
 * Who asks for more than there is, becomes a want of the link. Each time a
 * step of the sequence is over, what is missing next is found out anew from
 * the facts, whoever has changed them: the peer does as we do.
 */

struct rt_hci;
struct rt_hci_link;

enum rt_sec_step {
#define STATE(NAME, stay_ms, next) RT_SEC_STEP_##NAME,
#include "hci/security/link.def"
#undef STATE
};

/* Member of rt_hci_link. */
struct rt_sec_link {
	uint8_t step;		/* enum rt_sec_step */
	struct rt_timer timer;	/* longest stay in it */
	struct rt_timer look;	/* ops.changed is owed */
	struct rt_timer expect; /* the peer should have encrypted */
	struct rt_timer drop; /* 0x05 when our refusal has had time to leave */
	struct rt_reason dropped; /* why; layer NONE: it is not */

	/* Of the encryption that there is, and its key. */
	struct rt_sec_facts facts;
	struct {
		uint8_t type; /* KEY_NONE: there is none */
		bool bonded;
		bool consented;
	} next;			 /* key, of the next encryption */
	bool refreshes;		 /* both controllers pause encryption */
	bool sizing;		 /* the key size is being read */
	bool size_again;	 /* it has changed meanwhile */
	bool authenticated;	 /* by us, and not plain again since */
	bool switched;		 /* roles, during authentication */
	bool expects_encryption; /* authenticated by the peer: it encrypts */
	bool impatient; /* the peer has had its time to pair and encrypt */

	bool wanted; /* what follows is */
	bool ours;   /* not by the peer alone */
	bool no_pairing;
	bool new_key;  /* the key there is will not do */
	bool made_key; /* there is another since: a third is of no use */
	uint8_t tries; /* that the peer has crossed */
	struct rt_sec_need need;	/* of all that wait */
	bool securing;			/* rt_sec_link_secure() */
	struct rt_sec_need secure_need; /* its part */

	struct rt_reason refused; /* rt_sec_link_fail(), while we try */
	struct rt_reason failed;  /* the answer, until then */
	uint64_t failed_until_us;
	struct rt_sec_need failed_need; /* that could not be met */
	struct rt_sec_pairing pairing;
};

/* Prepares the security of a new link. */
void rt_sec_link_init(struct rt_hci_link *link);

/* Stops its timers: the link's memory goes. */
void rt_sec_link_fini(struct rt_hci_link *link);

/*
 * A link has opened: begins to find out what the peer can. `encryption` is that
 * of Connection Complete: peers of security mode 3 have it by then.
 */
void rt_sec_link_up(struct rt_hci_link *link, uint8_t encryption);

/* A link has gone, before the layer above hears of it. */
void rt_sec_link_down(struct rt_hci_link *link, const struct rt_reason *why);

/* True while it authenticates, pairs or encrypts: it does not end unused. */
bool rt_sec_link_is_busy(const struct rt_hci_link *link);

/*
 * Brings the link as far as `need` wants it, with a new key if `new_key`. The
 * end is rt_sec_bond_secured() and ops.changed.
 */
void rt_sec_link_secure(struct rt_hci_link *link,
			const struct rt_sec_need *need, bool new_key);

/*
 * The link is authenticated with this key from now on: one that was stored and
 * offered, or one just made. Encryption is to follow; on a link that is
 * encrypted already, the key is in use from the next refresh on.
 */
void rt_sec_link_key_used(struct rt_hci_link *link, uint8_t key_type,
			  bool bonded, bool consented);

/*
 * The pairing can't give what is needed, or was refused by us, or has failed
 * though the peer began it: what waits gets this reason, rather than what the
 * controller will say.
 */
void rt_sec_link_fail(struct rt_hci_link *link, const struct rt_reason *why);

/* The stored key of a peer is gone: looks again at its link. */
void rt_sec_link_key_gone(struct rt_hci *hci, struct rt_addr addr);

/* ops.changed follows, not from inside: something else has changed. */
void rt_sec_link_look_again(struct rt_hci_link *link);

/* Handlers of events, of the table in hci/event.c. */

/* Authentication Complete (7.7.6). */
void rt_sec_link_on_authentication(struct rt_hci *hci, const void *evt);

/* Encryption Change (7.7.8). */
void rt_sec_link_on_encryption(struct rt_hci *hci, const void *evt);

/* Encryption Change v2 (7.7.8), which brings the key size. */
void rt_sec_link_on_encryption_v2(struct rt_hci *hci, const void *evt);

/* Encryption Key Refresh Complete (7.7.39). */
void rt_sec_link_on_refresh(struct rt_hci *hci, const void *evt);

/* Read Remote Supported Features Complete (7.7.11). */
void rt_sec_link_on_features(struct rt_hci *hci, const void *evt);

/* Read Remote Extended Features Complete (7.7.34). */
void rt_sec_link_on_extended_features(struct rt_hci *hci, const void *evt);

/* Role Change (7.7.18), which matters during authentication. */
void rt_sec_link_on_role_change(struct rt_hci *hci, const void *evt);

/* Between the files of this part. */

/* The one place where the step changes: checks that it may, logs it. */
void rt_sec_link_enter(struct rt_hci_link *link, enum rt_sec_step to);

/* The open link of an event; NULL, and counted, if there is none. */
struct rt_hci_link *rt_sec_link_of(struct rt_hci *hci, uint16_t handle);

/* The facts, with what is stored for the peer by now. */
struct rt_sec_facts rt_sec_link_facts(const struct rt_hci_link *link);

/* Adds to what is wanted of the link, by us or the peer, and begins with it. */
void rt_sec_link_want(struct rt_hci_link *link, const struct rt_sec_need *need,
		      bool no_pairing, bool ours);

/* The step is over: on with what is missing, and ops.changed. Tail position. */
void rt_sec_link_step_over(struct rt_hci_link *link);

/* Facts have changed beside the step: the same, if none is under way. */
void rt_sec_link_facts_changed(struct rt_hci_link *link);

/* What is wanted can't be had, for `why`: tells it. In tail position. */
void rt_sec_link_give_up(struct rt_hci_link *link, const struct rt_reason *why);

/* The peer is at it: waits for its turn, but not for ever. Tail position. */
void rt_sec_link_cross(struct rt_hci_link *link, uint8_t status);

/* True for the errors of procedures that cross the peer's. */
bool rt_sec_link_is_crossing(uint8_t status);

/* Refuses the link as it is: it is disconnected with 0x05 in a moment. */
void rt_sec_link_drop(struct rt_hci_link *link, enum rt_sec_code code);

/* True if the peer authenticates, pairs, or is about to encrypt. */
bool rt_sec_link_peer_is_at_it(const struct rt_hci_link *link);

/* ops.changed follows when the peer has had its time. */
void rt_sec_link_wait_for_peer(struct rt_hci_link *link);

/* The code for what the facts lack, ask.c. */
enum rt_sec_code rt_sec_link_lack(const struct rt_sec_need *need,
				  const struct rt_sec_facts *facts);

/* Sends Authentication Requested, authenticate.c. Tail position. */
void rt_sec_link_authenticate(struct rt_hci_link *link);

/* Starts to read the peer's features, features.c. */
void rt_sec_link_read_features(struct rt_hci_link *link);

/* It has taken too long. In tail position. */
void rt_sec_link_features_timeout(struct rt_hci_link *link);

/* Sends Set Connection Encryption, encrypt.c. */
void rt_sec_link_encrypt(struct rt_hci_link *link);

/* Has encryption go on with the next key. */
void rt_sec_link_refresh(struct rt_hci_link *link);

/* Reads the key size; false if this controller can't tell it. */
bool rt_sec_link_read_size(struct rt_hci_link *link);

#endif
