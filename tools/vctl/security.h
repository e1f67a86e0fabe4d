/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_SECURITY_H
#define RT_VCTL_SECURITY_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/list.h"
#include "stack/timer.h"

/*
 * The inside of authentication, pairing and encryption; part of model.h.
 *
 * Each end of a link takes part in one authentication at a time, as its
 * initiator or its responder, with the PDUs of the link manager protocol as
 * frames. Where an end waits for its host, the host's answer wakes it by a
 * timer, so that the answer to the command comes first.
 */

struct rt_vctl;
struct rt_vctl_link;
struct rt_vctl_frame;

#define RT_VCTL_KEY_BYTES 16
#define RT_VCTL_PIN_BYTES 16

/* Types of link keys (Core Vol 4 Part E 7.7.24). */
enum rt_vctl_key_type {
	RT_VKEY_COMBINATION = 0x00,
	RT_VKEY_DEBUG = 0x03,
	RT_VKEY_P192 = 0x04, /* + 1: authenticated */
	RT_VKEY_P256 = 0x07, /* + 1: authenticated */
};

/* What an end of a link says to the other (Core Vol 2 Part C 4.2). */
enum rt_vctl_pdu {
	RT_VPDU_AU_RAND,
	RT_VPDU_SRES,
	RT_VPDU_AUTHENTICATED, /* for the other half of it; arg: status */
	RT_VPDU_IN_RAND,
	RT_VPDU_COMB_KEY,
	RT_VPDU_IO_CAP_REQ,
	RT_VPDU_IO_CAP_RES,
	RT_VPDU_PUBLIC_KEY,
	RT_VPDU_STAGE_1_FAILED,
	RT_VPDU_DHKEY_CHECK,
	RT_VPDU_KEYPRESS,     /* arg: what */
	RT_VPDU_NOT_ACCEPTED, /* arg: reason; ends the authentication */
	RT_VPDU_FORCED_SWITCH,
	RT_VPDU_ENC_REQ,
	RT_VPDU_ENC_ACCEPTED,
	RT_VPDU_ENC_START,
	RT_VPDU_ENC_NOT_ACCEPTED, /* arg: reason */
};

/* Where an end is in an authentication: what it waits for. */
enum rt_vctl_auth_state {
	RT_VAUTH_IDLE,
	RT_VAUTH_KEY,	     /* our host's link key */
	RT_VAUTH_RESPONSE,   /* initiator: the answer to our challenge */
	RT_VAUTH_CHALLENGE,  /* responder: paired, not challenged yet */
	RT_VAUTH_RESULT,     /* responder: whether our answer was right */
	RT_VAUTH_PIN,	     /* our host's PIN */
	RT_VAUTH_COMB_KEY,   /* initiator: the peer's PIN is there */
	RT_VAUTH_IO,	     /* our host's IO capabilities */
	RT_VAUTH_PEER_IO,    /* initiator: the peer's */
	RT_VAUTH_PUBLIC_KEY, /* the peer's */
	RT_VAUTH_STAGE_1,    /* our host; responder: and the peer's check */
	RT_VAUTH_CHECK,	     /* initiator: the peer's check */
};

/* Questions to a host. */
enum rt_vctl_question {
	RT_VASK_KEY,
	RT_VASK_PIN,
	RT_VASK_IO,
	RT_VASK_CONFIRM,
	RT_VASK_PASSKEY,
	RT_VASK_OOB,
};

/* Association models (Core Vol 2 Part H 7.2). */
enum rt_vctl_model {
	RT_VMODEL_NUMERIC, /* and just works: it is up to the host */
	RT_VMODEL_PASSKEY,
	RT_VMODEL_OOB,
};

enum rt_vctl_io_capability {
	RT_VIO_DISPLAY_ONLY,
	RT_VIO_DISPLAY_YES_NO,
	RT_VIO_KEYBOARD_ONLY,
	RT_VIO_NONE,
};

/* What a host says in IO Capability Request Reply. */
struct rt_vctl_io {
	uint8_t capability; /* enum rt_vctl_io_capability */
	uint8_t oob;	    /* bits: 1 P-192 data, 2 P-256; on the air 0 or 1 */
	uint8_t requirements; /* bit 0: protection against MITM */
};

/* Out of band data of the other side, for one curve. */
struct rt_vctl_oob {
	uint8_t hash[RT_VCTL_KEY_BYTES];
	uint8_t random[RT_VCTL_KEY_BYTES];
};

/* The authentication that an end takes part in. */
struct rt_vctl_auth {
	uint8_t state;	  /* enum rt_vctl_auth_state */
	bool requested;	  /* our host waits for Authentication Complete */
	bool initiator;	  /* what follows is ours, not the peer's */
	bool on_air;	  /* the peer knows of it */
	bool ssp;	  /* ends with Simple Pairing Complete */
	bool is_new;	  /* the key comes from a pairing */
	bool p256;	  /* the curve */
	bool debug;	  /* somebody's key is a debug key */
	bool passed;	  /* our side is content with stage 1 */
	bool failed;	  /* ... is not */
	bool checked;	  /* the peer's check is there */
	uint8_t first;	  /* enum rt_vctl_pdu: how it begins on the air */
	uint8_t asked;	  /* bits of questions that wait for an answer */
	uint8_t answered; /* ... that have one */
	uint8_t refused;  /* ... whose answer is negative */
	uint8_t refusal;  /* reason why the IO capabilities are refused */
	uint8_t model;	  /* enum rt_vctl_model */
	uint8_t key_type; /* enum rt_vctl_key_type of a new key */
	uint8_t pin_bytes;
	uint32_t passkey;
	struct rt_vctl_io own, peer;
	struct rt_vctl_oob oob[2]; /* P-192, P-256 */
	uint8_t pin[RT_VCTL_PIN_BYTES];
	uint8_t key[RT_VCTL_KEY_BYTES];
	uint8_t challenge[RT_VCTL_KEY_BYTES];
	uint8_t nonce[RT_VCTL_KEY_BYTES];
	uint8_t peer_nonce[RT_VCTL_KEY_BYTES];
	uint8_t peer_public[RT_VCTL_KEY_BYTES];
	uint8_t peer_check[RT_VCTL_KEY_BYTES];
};

enum rt_vctl_crypt_op {
	RT_VCRYPT_NONE,
	RT_VCRYPT_MODE, /* Set Connection Encryption */
	RT_VCRYPT_REFRESH,
};

/* One change of the encryption of a link. */
struct rt_vctl_crypt_change {
	uint8_t op;   /* enum rt_vctl_crypt_op */
	uint8_t mode; /* afterwards: 0 off, 1 E0, 2 AES-CCM */
	uint8_t key_size;
};

/* The encryption of an end. */
struct rt_vctl_crypt {
	uint8_t mode;
	uint8_t key_size;
	struct rt_vctl_crypt_change own;  /* that our host waits for */
	struct rt_vctl_crypt_change peer; /* that we have agreed to */
	bool sent;			  /* the peer knows of ours */
	struct rt_list held; /* our host's data, until it is done */
};

/* --- mix.c --- */

/* A digest that stands in for the functions of Core Vol 2 Part H 6, 7.7. */
struct rt_vctl_mix {
	uint64_t a;
	uint64_t b;
};

/* A digest of nothing but its purpose, a number. */
struct rt_vctl_mix rt_vctl_mix_init(uint64_t purpose);

/* Takes in octets. */
void rt_vctl_mix_put(struct rt_vctl_mix *mix, const void *data, size_t len);

/* The digest of all that was taken in. */
void rt_vctl_mix_end(const struct rt_vctl_mix *mix,
		     uint8_t ret[RT_VCTL_KEY_BYTES]);

/* The controller's public key on a curve; another one after each reset. */
void rt_vctl_public_key(const struct rt_vctl *vctl, bool p256,
			uint8_t ret[RT_VCTL_KEY_BYTES]);

/* The commitment to a public key in out of band data (7.2.2). */
void rt_vctl_commitment(const uint8_t public_key[RT_VCTL_KEY_BYTES],
			const uint8_t random[RT_VCTL_KEY_BYTES],
			uint8_t ret[RT_VCTL_KEY_BYTES]);

/* Octets from the air's generator. */
void rt_vctl_random(struct rt_vctl *vctl, uint8_t *ret, size_t len);

/*
 * A digest over what both ends know: nonces, addresses, passkey and PIN. Both
 * get the same, if they know the same.
 */
void rt_vctl_shared(const struct rt_vctl_link *link, uint64_t purpose,
		    uint8_t ret[RT_VCTL_KEY_BYTES]);

/* --- auth.c --- */

/* Prepares the timers of an end that was just made. */
void rt_vctl_auth_init(struct rt_vctl_link *link);

/* Stops them. */
void rt_vctl_auth_stop(struct rt_vctl_link *link);

/* Authentication Requested. Returns a status for the command. */
uint8_t rt_vctl_auth_request(struct rt_vctl_link *link);

/* True if an authentication is under way, or waits to be. */
bool rt_vctl_auth_busy(const struct rt_vctl_link *link);

/* Frames of authentication and pairing, as they arrive at `link`. */
void rt_vctl_auth_rx(struct rt_vctl_link *link,
		     const struct rt_vctl_frame *frame);

/* Ends what our host waits for, with `reason`: the link is gone. */
void rt_vctl_auth_abort(struct rt_vctl_link *link, uint8_t reason);

/*
 * Ends the authentication under way; the hosts hear of it as far as they are
 * concerned. `status` 0: there is a link key.
 */
void rt_vctl_auth_end(struct rt_vctl_link *link, uint8_t status);

/* The same, and tells the peer so. */
void rt_vctl_auth_reject(struct rt_vctl_link *link, uint8_t reason);

/* Our authentication has lost against one of the peer's. */
void rt_vctl_auth_lose(struct rt_vctl_link *link, uint8_t reason);

/*
 * The peer begins with `pdu`. True if we are its responder now, with all of
 * the last authentication forgotten.
 */
bool rt_vctl_auth_serve(struct rt_vctl_link *link, enum rt_vctl_pdu pdu);

/* Sends a PDU of the authentication under way. */
void rt_vctl_auth_send(struct rt_vctl_link *link, enum rt_vctl_pdu pdu,
		       uint8_t arg, const void *data, size_t len);

/* There is a key: challenges the peer. */
void rt_vctl_auth_challenge(struct rt_vctl_link *link);

/* Goes on soon, after the answer to the command in hand. */
void rt_vctl_auth_wake(struct rt_vctl_link *link);

/*
 * Asks the host, by an event with the peer's address and `params`. What it
 * has masked, or can't get, it refuses.
 */
void rt_vctl_auth_ask(struct rt_vctl_link *link, enum rt_vctl_question question,
		      struct rt_bytes params);

/*
 * The host's answer: the end goes on soon. Returns a status for the command;
 * what the answer consists of is to be stored if it is 0.
 */
uint8_t rt_vctl_auth_answer(struct rt_vctl_link *link,
			    enum rt_vctl_question question, bool refused);

/* --- pair.c --- */

/* True if both sides do Secure Simple Pairing, hosts included. */
bool rt_vctl_pair_is_ssp(const struct rt_vctl_link *link);

/* Initiator: begins Secure Simple Pairing. */
void rt_vctl_pair_begin(struct rt_vctl_link *link);

/* The host has answered: goes on. */
void rt_vctl_pair_step(struct rt_vctl_link *link);

/* Frames of Secure Simple Pairing, as they arrive at `link`. */
void rt_vctl_pair_rx(struct rt_vctl_link *link,
		     const struct rt_vctl_frame *frame);

/* Simple Pairing Complete. */
void rt_vctl_pair_complete(struct rt_vctl_link *link, uint8_t status);

/* Send Keypress Notification. Returns a status for the command. */
uint8_t rt_vctl_pair_keypress(struct rt_vctl_link *link, uint8_t what);

/* --- crypt.c --- */

/* Prepares an end that was just made. */
void rt_vctl_crypt_init(struct rt_vctl_link *link);

/* Stops its timer and frees what it holds. */
void rt_vctl_crypt_stop(struct rt_vctl_link *link);

/* True if both sides do Secure Connections, hosts included. */
bool rt_vctl_crypt_is_secure(const struct rt_vctl_link *link);

/* Set Connection Encryption. Returns a status for the command. */
uint8_t rt_vctl_crypt_set(struct rt_vctl_link *link, bool on);

/* Refresh Encryption Key. Returns a status for the command. */
uint8_t rt_vctl_crypt_refresh(struct rt_vctl_link *link);

/* True if encryption is about to change, by whomever. */
bool rt_vctl_crypt_is_changing(const struct rt_vctl_link *link);

/* True if a change is what our host waits for. */
bool rt_vctl_crypt_busy(const struct rt_vctl_link *link);

/* Data of our host: sent, or held until encryption has changed. */
void rt_vctl_crypt_data(struct rt_vctl_link *link, struct rt_vctl_frame *frame);

/* The roles were switched: encryption was paused meanwhile. */
void rt_vctl_crypt_switched(struct rt_vctl_link *link);

/* Frames of encryption, as they arrive at `link`. */
void rt_vctl_crypt_rx(struct rt_vctl_link *link,
		      const struct rt_vctl_frame *frame);

/* Ends what our host waits for, with `reason`: the link is gone. */
void rt_vctl_crypt_abort(struct rt_vctl_link *link, uint8_t reason);

#endif
