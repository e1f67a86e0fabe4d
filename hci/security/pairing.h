/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_PAIRING_H
#define RT_SEC_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "hci/security/bond.h"
#include "hci/security/model.h"
#include "stack/env.h"

/*
 * Pairing on one link: what the controller asks of us and what we answer, by
 * the policy, the user's answers and the keys there are (Core Vol 3 Part C
 * 5.2.2.6, 6.5; Vol 4 Part E 7.1.10 to 7.1.36).
 *
 * One that we began (Authentication Requested) ends with Authentication
 * Complete. One that the peer began shows itself by its first question, and
 * ends with its link key, a Simple Pairing Complete that tells of a failure, or
 * with time. Either ends with the link.
 */

struct rt_hci;
struct rt_hci_link;

/* What we and the peer want with the key (7.1.29, requirements / 2). */
enum rt_sec_bonding {
	RT_SEC_BONDING_NONE = 0,
	RT_SEC_BONDING_DEDICATED = 1,
	RT_SEC_BONDING_GENERAL = 2,
};

/* Where the talk with our user stands. */
enum rt_sec_talk {
	RT_SEC_TALK_NONE,
	RT_SEC_TALK_ASKING,   /* a question waits for its answer */
	RT_SEC_TALK_SHOWING,  /* a passkey is displayed */
	RT_SEC_TALK_ANSWERED, /* ops.ask_over is owed */
};

/* Member of rt_sec_link. */
struct rt_sec_pairing {
	bool active;	/* from the first event or our request to the end */
	bool initiated; /* by us */
	bool crossed;	/* ours has met the peer's, which goes on */
	bool ours;	/* a user of ours wants it, which is consent */
	bool ssp;	/* an exchange of IO capabilities has begun */
	bool legacy;	/* a PIN was asked for */
	bool new_key;	/* the stored key is not offered */
	struct rt_sec_need need; /* what is to be reached; of ours only */

	bool tried;	 /* our IO capability or PIN was given; next are set */
	uint8_t io;	 /* enum rt_sec_io, as we said */
	uint8_t oob;	 /* bits of OOB_Data_Present: P-192, P-256 */
	bool mitm;	 /* we said that we want protection */
	uint8_t bonding; /* enum rt_sec_bonding, our part */

	bool peer_known; /* the next are */
	uint8_t peer_io;
	bool peer_oob;
	bool peer_mitm;
	uint8_t peer_bonding;

	bool questioned;      /* the one question of its model has come */
	bool consented;	      /* by the user, an agent or a policy */
	uint8_t talk;	      /* enum rt_sec_talk */
	uint8_t question;     /* enum rt_sec_question_kind */
	uint8_t keypresses;   /* while SHOWING */
	uint32_t number;      /* while SHOWING */
	uint8_t pin_bytes;    /* of the PIN that was given */
	struct rt_timer wait; /* for an answer, or the controller's next step */

	uint8_t offered;	  /* type of the stored key we gave; KEY_NONE */
	uint8_t new_type;	  /* of the key just made; KEY_NONE */
	bool stored;		  /* the key just made was stored */
	struct rt_reason refused; /* why we said no; layer NONE: we did not */
};

/* Prepares the pairing of a new link. */
void rt_sec_pairing_init(struct rt_hci_link *link);

/*
 * Authentication Requested is about to leave for the need. `new_key`: pair even
 * if there is a key. Returns false, with *ret_why, if it is of no use to try:
 * back-off, nobody to ask, an IO capability that can't give the level.
 */
bool rt_sec_pairing_begin(struct rt_hci_link *link,
			  const struct rt_sec_need *need, bool new_key,
			  struct rt_reason *ret_why);

/*
 * Authentication has ended with an HCI status, or the link has gone with one.
 * Fills *ret_why with the best reason known; err 0 for success. Counts for the
 * back-off, ends questions, and tells ops.paired if it was a pairing. Of one
 * that has crossed the peer's, it is remembered what we wanted. In tail
 * position.
 */
void rt_sec_pairing_end(struct rt_hci_link *link, uint8_t status,
			struct rt_reason *ret_why);

/*
 * Our user gives it up: what is asked is refused. One that asks nothing goes on
 * if others use the link. Calls nobody back.
 */
void rt_sec_pairing_cancel(struct rt_hci_link *link);

/* Stops its timer: the link's memory goes. */
void rt_sec_pairing_fini(struct rt_hci_link *link);

/* True, with the reason, while the peer has to wait after failures. */
bool rt_sec_pairing_backs_off(struct rt_hci *hci, struct rt_addr addr,
			      struct rt_reason *ret_why);

/* Handlers of events, of the table in hci/event.c. */

/* Link Key Request (7.7.23). */
void rt_sec_pairing_on_link_key_request(struct rt_hci *hci, const void *evt);

/* Link Key Notification (7.7.24). */
void rt_sec_pairing_on_link_key(struct rt_hci *hci, const void *evt);

/* PIN Code Request (7.7.22). */
void rt_sec_pairing_on_pin_request(struct rt_hci *hci, const void *evt);

/* IO Capability Request (7.7.40). */
void rt_sec_pairing_on_io_request(struct rt_hci *hci, const void *evt);

/* IO Capability Response (7.7.41). */
void rt_sec_pairing_on_io_response(struct rt_hci *hci, const void *evt);

/* User Confirmation Request (7.7.42). */
void rt_sec_pairing_on_confirmation(struct rt_hci *hci, const void *evt);

/* User Passkey Request (7.7.43). */
void rt_sec_pairing_on_passkey_request(struct rt_hci *hci, const void *evt);

/* User Passkey Notification (7.7.48). */
void rt_sec_pairing_on_passkey_shown(struct rt_hci *hci, const void *evt);

/* Keypress Notification (7.7.49). */
void rt_sec_pairing_on_keypress(struct rt_hci *hci, const void *evt);

/* Remote OOB Data Request (7.7.44). */
void rt_sec_pairing_on_oob_request(struct rt_hci *hci, const void *evt);

/* Simple Pairing Complete (7.7.45). */
void rt_sec_pairing_on_complete(struct rt_hci *hci, const void *evt);

/* Between the files of this part. */

/* No refusal: what else a function that judges returns is our reason. */
#define RT_SEC_CODE_FINE ((enum rt_sec_code)0)

/*
 * The link of an event about `addr`, if pairing may go on there: it is open,
 * and not about to be dropped. Else NULL, and the event is counted.
 */
struct rt_hci_link *rt_sec_pairing_link(struct rt_hci *hci,
					struct rt_addr addr);

/* A pairing that the peer begins: active from now on, all else unknown. */
void rt_sec_pairing_begin_peer(struct rt_hci_link *link);

/* The controller owes the next step from now on, within PAIRING. */
void rt_sec_pairing_expect(struct rt_hci_link *link);

/* We have said no, and why; the first reason stays. */
void rt_sec_pairing_refuse(struct rt_hci_link *link, enum rt_sec_code code);

/*
 * A pairing that the peer began has ended with an HCI status; also tells those
 * who wait for the link, if it has failed. In tail position.
 */
void rt_sec_pairing_finish(struct rt_hci_link *link, uint8_t status);

/*
 * The link can't stay as it is: it is dropped for `code`, and the pairing has
 * failed with it. In tail position.
 */
void rt_sec_pairing_drop(struct rt_hci_link *link, enum rt_sec_code code);

/* The level that must be reached, by what is wanted and the policy. */
uint8_t rt_sec_pairing_level(const struct rt_hci_link *link);

/* What our user can do: nothing if nobody asks him. */
uint8_t rt_sec_pairing_io(const struct rt_hci *hci);

/* True if our user wants this pairing: by a request or a window for it. */
bool rt_sec_pairing_is_asked(const struct rt_hci_link *link);

/* True if we want it, or wanted it when it crossed the peer's. */
bool rt_sec_pairing_is_ours(const struct rt_hci_link *link);

/* Why we should not even begin to pair for this level, or FINE. */
enum rt_sec_code rt_sec_pairing_hindrance(const struct rt_hci_link *link,
					  uint8_t level);

/* True for reasons that only say that the link has gone. */
bool rt_sec_pairing_is_loss(const struct rt_reason *why);

/* What both sides have said leads to this. */
enum rt_sec_model rt_sec_pairing_model(const struct rt_hci_link *link);

/* True if we ask for MITM protection ourselves. */
bool rt_sec_pairing_wants_mitm(const struct rt_hci_link *link);

/* True for keys with MITM protection. */
bool rt_sec_pairing_has_mitm(uint8_t type);

/* Why a key without MITM protection will not do, or FINE. */
enum rt_sec_code rt_sec_pairing_unproven(const struct rt_hci_link *link);

/* Why a key of this type may not take the place of the stored one, or FINE. */
enum rt_sec_code rt_sec_pairing_judge(const struct rt_hci_link *link,
				      uint8_t type);

#endif
