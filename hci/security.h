/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_SECURITY_H
#define RT_HCI_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/hci.h"
#include "stack/addr.h"
#include "stack/base.h"
#include "stack/reason.h"
#include "stack/slots.h"

/*
 * Security of links (Core Vol 3 Part C 5, security mode 4; HCI part: Vol 4
 * Part E 7.1, 7.7): pairing, link keys, encryption, and the one question that
 * the layers above ask before they let anything through: rt_sec_ask().
 *
 * Cryptography is the controller's; secrets that pass here are wiped when they
 * are not needed any more and never logged.
 */

#define RT_SEC_LEVEL_MAX 4
#define RT_SEC_KEY_BYTES 16	/* of a link key */
#define RT_SEC_KEY_SIZE_MAX 16	/* octets of an encryption key */
#define RT_SEC_KEY_SIZE_FLOOR 7 /* the least that is ever accepted */
#define RT_SEC_PIN_BYTES_MAX 16
#define RT_SEC_PASSKEY_MAX 999999

/*
 * What a service, or a connection of ours, asks of its link. All zero asks for
 * nothing, which is for SDP alone.
 */
struct rt_sec_need {
	uint8_t level; /* 0 to 4 (C:5.2.2.8) */
	/*
	 * Octets of the encryption key, 7 to 16; 0: 16 from level 2 on, and 7
	 * at level 1. Level 4 has 16 in any case.
	 */
	uint8_t min_key_bytes;
	bool bonded_only; /* the link key must be one that is stored */
};

enum rt_sec_encryption {
	RT_SEC_PLAIN = 0,
	RT_SEC_E0 = 1,
	RT_SEC_AES_CCM = 2, /* Secure Connections */
};

/* Link key types (Vol 4 Part E 7.7.24). */
enum rt_sec_key_type {
	RT_SEC_KEY_COMBINATION = 0, /* legacy pairing */
	RT_SEC_KEY_LOCAL_UNIT = 1,
	RT_SEC_KEY_REMOTE_UNIT = 2,
	RT_SEC_KEY_DEBUG = 3,
	RT_SEC_KEY_P192 = 4,
	RT_SEC_KEY_P192_MITM = 5,
	RT_SEC_KEY_CHANGED = 6, /* never kept: it keeps the type it had */
	RT_SEC_KEY_P256 = 7,
	RT_SEC_KEY_P256_MITM = 8,
	RT_SEC_KEY_NONE = 0xff, /* no link key is known */
};

/* What is known of a link. */
struct rt_sec_facts {
	bool features_known;
	bool ssp;	    /* both hosts do Secure Simple Pairing */
	uint8_t encryption; /* enum rt_sec_encryption */
	uint8_t key_type;   /* enum rt_sec_key_type: of the key in use */
	uint8_t key_bytes;  /* of the encryption key; 0: not known */
	bool bonded;	    /* the key in use is stored */
	bool stored_sc; /* a P-256 key was stored when this encryption began */
	/*
	 * The user, an agent or a policy of ours has agreed to the pairing that
	 * made the key. Without it the key serves level 1 alone.
	 */
	bool consented;
};

enum rt_sec_verdict {
	RT_SEC_ALLOW,
	/* Not yet; what is missing first: */
	RT_SEC_NEEDS_FEATURES,	 /* to know what the peer can */
	RT_SEC_NEEDS_ENCRYPTION, /* authentication, then encryption */
	RT_SEC_NEEDS_KEY_SIZE,	 /* to be read */
	RT_SEC_NEEDS_KEY,	 /* another link key: stronger, or agreed to */
	RT_SEC_NEEDS_BOND,	 /* a link key that is stored */
	/* Never with this link: */
	RT_SEC_BLOCK_KEY_SIZE,
	RT_SEC_BLOCK_DEBUG_KEY,
	RT_SEC_BLOCK_DOWNGRADE, /* it was Secure Connections, and is not now */
};

/*
 * Whether a link with these facts meets the need: looks at nothing else, and
 * changes nothing. In this order:
 *
 * - level 0: ALLOW
 * - features not known: NEEDS_FEATURES
 * - plain: level 1 with a peer without SSP: ALLOW; else NEEDS_ENCRYPTION
 * - debug key: BLOCK_DEBUG_KEY
 * - stored_sc, and not AES-CCM: BLOCK_DOWNGRADE
 * - key size not known: NEEDS_KEY_SIZE; below the minimum: BLOCK_KEY_SIZE
 * - key type: level 1 any but NONE; level 2 COMBINATION or P-192 or P-256 of
 *   either kind; level 3 the two with MITM; level 4 P256_MITM; else NEEDS_KEY
 * - level 4 without AES-CCM: NEEDS_KEY
 * - level 2 and above, not consented: NEEDS_KEY
 * - bonded_only, not bonded: NEEDS_BOND
 * - ALLOW
 */
enum rt_sec_verdict rt_sec_check(const struct rt_sec_need *need,
				 const struct rt_sec_facts *facts);

/*
 * Codes of RT_LAYER_SECURITY in a reason. What the controller said instead is
 * a reason of RT_LAYER_HCI: 0x05 Authentication Failure, 0x06 PIN or Key
 * Missing, ...
 */
enum rt_sec_code {
	RT_SEC_CODE_NOT_ENCRYPTED = 1, /* the peer asked on a plain link */
	RT_SEC_CODE_KEY_TOO_SHORT = 2,
	RT_SEC_CODE_KEY_SIZE_UNKNOWN = 3,  /* the controller can't tell */
	RT_SEC_CODE_NOT_AUTHENTICATED = 4, /* no MITM protection possible */
	RT_SEC_CODE_NOT_BONDED = 5,
	RT_SEC_CODE_NOT_SECURE_CONNECTIONS = 6,
	RT_SEC_CODE_DOWNGRADE = 7,
	RT_SEC_CODE_DEBUG_KEY = 8,
	RT_SEC_CODE_BAD_KEY = 9,     /* zero, or from our own address */
	RT_SEC_CODE_WEAKER_KEY = 10, /* than the one that is stored */
	RT_SEC_CODE_REFUSED = 11,    /* by our user or policy */
	RT_SEC_CODE_NO_AGENT = 12,   /* nobody here to ask */
	RT_SEC_CODE_NO_ANSWER = 13,  /* from our user, in time */
	RT_SEC_CODE_TIMEOUT = 14,    /* from the controller or the peer */
	RT_SEC_CODE_BACK_OFF = 15,   /* too many failures; wait */
	RT_SEC_CODE_LEGACY_OFF = 16, /* the peer has no SSP; PINs are off */
	RT_SEC_CODE_ENCRYPTION_LOST = 17,
	RT_SEC_CODE_ALREADY_BONDED = 18, /* just works may not replace a bond */
	RT_SEC_CODE_NOT_BONDABLE = 19,
	RT_SEC_CODE_CANCELLED = 20,
};

/* The name of such a code. */
const char *rt_sec_code_name(uint16_t code);

/* The errno, negative, that fits such a code: mostly -EACCES. */
int rt_sec_code_errno(uint16_t code);

/* One sentence that helps the user with such a code; "" if there is none. */
const char *rt_sec_code_hint(uint16_t code);

/* IO capabilities (7.7.41). */
enum rt_sec_io {
	RT_SEC_IO_DISPLAY_ONLY = 0,
	RT_SEC_IO_DISPLAY_YES_NO = 1,
	RT_SEC_IO_KEYBOARD_ONLY = 2,
	RT_SEC_IO_NONE = 3, /* NoInputNoOutput */
};

/* How we behave in pairings. All zero but `io` is the default. */
struct rt_sec_policy {
	enum rt_sec_io io; /* what our user can do; RT_SEC_IO_NONE: no one is
			      there to look or to type */
	bool bondable;	   /* peers may bond with us */
	bool legacy;	   /* PIN pairing, with peers that lack SSP */
	bool no_secure_connections;   /* act as a host that has none; from the
					 next bring-up on (7.3.92) */
	bool secure_connections_only; /* every need above level 0 is level 4 */
	bool debug_keys;	      /* accept them; for protocol analyzers */
	uint32_t answer_ms; /* our user's time for an answer; 0: 25000 */
};

/* A stored link key. */
struct rt_sec_key {
	struct rt_addr addr;
	uint8_t type;	   /* enum rt_sec_key_type, neither CHANGED nor NONE */
	uint8_t key_bytes; /* longest encryption key seen: less is a downgrade;
			      0: none yet */
	uint8_t pin_bytes; /* of a COMBINATION key; 0: not known */
	uint8_t key[RT_SEC_KEY_BYTES]; /* as HCI carries it */
};

enum rt_sec_question_kind {
	RT_SEC_ASK_CONFIRM,  /* is `number` what the other side shows? */
	RT_SEC_ASK_CONSENT,  /* pair without any proof (just works)? */
	RT_SEC_ASK_PASSKEY,  /* six digits that the other side shows */
	RT_SEC_ASK_PIN,	     /* 1 to 16 octets */
	RT_SEC_SHOW_PASSKEY, /* no question: `number` is to be typed there */
};

struct rt_sec_question {
	enum rt_sec_question_kind kind;
	struct rt_addr addr;
	uint32_t number;    /* 0 to 999999 */
	bool bonding;	    /* the key is to be stored */
	bool initiated;	    /* we began the pairing */
	uint8_t level;	    /* what will be reached at least: 1 to 4 */
	uint8_t keypresses; /* SHOW_PASSKEY: digits typed there so far */
};

/* What security tells its owner. */
struct rt_sec_ops {
	/* What rt_sec_ask() says about the peer may be different now. */
	void (*changed)(void *user, struct rt_addr addr);
	/*
	 * A question, to be answered by rt_sec_answer() or rt_sec_answer_pin()
	 * at once or within the policy's time; a second one about the same peer
	 * replaces the first.
	 */
	void (*ask)(void *user, const struct rt_sec_question *question);
	/* The question or display is over: answered, too late, or moot. */
	void (*ask_over)(void *user, struct rt_addr addr);
	/*
	 * A pairing has ended, begun by either side: why->err is 0 or it
	 * failed. `bonded`: its key is stored.
	 */
	void (*paired)(void *user, struct rt_addr addr, bool bonded,
		       const struct rt_reason *why);
	/* A key is new or different, to be kept; or (NULL) to be removed. */
	void (*store)(void *user, struct rt_addr addr,
		      const struct rt_sec_key *key);
};

/* Sets who hears, once, before rt_hci_start(); without it all is refused. */
void rt_sec_set_ops(struct rt_hci *hci, const struct rt_sec_ops *ops,
		    void *user);

/*
 * Sets the policy, at any time; pairings under way go on as they began.
 * ops.changed follows for each open link. -EINVAL for values out of range; an
 * answer may take 60 s at most.
 */
int rt_sec_set_policy(struct rt_hci *hci,
		      const struct rt_sec_policy *policy) RT_MUST_CHECK;

/* The policy as it is. */
const struct rt_sec_policy *rt_sec_get_policy(const struct rt_hci *hci);

/*
 * The weakest need among those services that listen, or none do (NULL): only
 * if its level is 1 or less, peers may pair without our user's consent, for
 * temporary keys that serve level 1 alone.
 */
void rt_sec_set_floor(struct rt_hci *hci, const struct rt_sec_need *floor);

struct rt_sec_request {
	struct rt_addr peer;
	struct rt_sec_need need;
	bool incoming;	  /* the peer wants it */
	bool established; /* it was allowed, and the link may have changed */
	/*
	 * Of ours, for RT_SEC_NEEDS_*: do not pair, only use the key there is.
	 */
	bool no_pairing;
};

enum rt_sec_answer {
	RT_SEC_YES,
	RT_SEC_WAIT, /* ops.changed follows, 30 s after answer_ms at most */
	RT_SEC_NO,
};

/*
 * May this pass on the open link with the peer? Starts what is missing:
 * authentication, pairing, encryption, reading the key size. Answers are never
 * given by calling back from inside.
 *
 * NO fills *ret_why (if not NULL). It is also the answer to an incoming request
 * on a plain link although both hosts do SSP, whose link is then dropped with
 * 0x05 (C:5.2.2.2.1), unless the peer is about to encrypt it; to what was
 * tried and failed, for 100 ms from the `changed` on that tells of the failure,
 * so that who has waited may ask at leisure; and to any request while a peer
 * with too many failures has to wait.
 */
enum rt_sec_answer rt_sec_ask(struct rt_hci *hci,
			      const struct rt_sec_request *request,
			      struct rt_reason *ret_why);

/* What is known of the link with the peer. False if there is no open link. */
bool rt_sec_get_facts(const struct rt_hci *hci, struct rt_addr peer,
		      struct rt_sec_facts *ret_facts);

/*
 * Answers CONFIRM and CONSENT (`number` is not looked at) and PASSKEY; `yes`
 * false refuses any question. -ENOENT if nothing is asked about the peer,
 * -EINVAL if the number is not one.
 */
int rt_sec_answer(struct rt_hci *hci, struct rt_addr addr, bool yes,
		  uint32_t number) RT_MUST_CHECK;

/*
 * Answers PIN: 1 to 16 octets, which may be zero. -EINVAL, -ENOENT. Six digits
 * are refused (-EINVAL) for a peer that has SSP: they could be a passkey.
 */
int rt_sec_answer_pin(struct rt_hci *hci, struct rt_addr addr,
		      struct rt_bytes pin) RT_MUST_CHECK;

/* Out of band data of one curve (7.1.34, 7.3.60). */
struct rt_sec_oob {
	bool has_192, has_256;
	uint8_t c192[16], r192[16];
	uint8_t c256[16], r256[16];
};

/*
 * Gives what was received from a peer out of band; used by its pairings, until
 * it is cleared. Returns 0, -EINVAL (zero address, no data), -ENOSPC (limit) or
 * -ENOMEM.
 */
int rt_sec_set_peer_oob(struct rt_hci *hci, struct rt_addr addr,
			const struct rt_sec_oob *oob) RT_MUST_CHECK;

/* Forgets and wipes it. */
void rt_sec_clear_peer_oob(struct rt_hci *hci, struct rt_addr addr);

/*
 * Asks the controller for data of ours to give away (7.3.60, 7.3.95); they are
 * good for one pairing. `done` is called once, with NULL and the reason if it
 * failed. Returns 0, -ENETDOWN, -EBUSY or -EOPNOTSUPP (a controller without
 * Secure Simple Pairing).
 */
int rt_sec_read_local_oob(struct rt_hci *hci,
			  void (*done)(void *user, const struct rt_sec_oob *oob,
				       const struct rt_reason *why),
			  void *user) RT_MUST_CHECK;

struct rt_sec_pair_params {
	struct rt_addr addr;
	bool mitm; /* only with protection: an authenticated key */
	bool fips; /* only a P-256 authenticated one */
	bool keep; /* general bonding: the link stays; else dedicated */
	/* Over: why->err is 0, or it failed. Once, never from inside. */
	void (*done)(void *user, const struct rt_reason *why);
	void *user;
};

/*
 * Bonds with a device (C:6.5): links, pairs even if there is a key, and, for
 * dedicated bonding, lets go of a link that nobody uses. This is also the
 * consent to replace a bond that there is.
 *
 * Returns 0 and a handle, -EBUSY (one with this peer is under way), -EINVAL,
 * -ENETDOWN, -EMLINK, -ENOSPC (no room for another key) or -ENOMEM.
 */
int rt_sec_pair(struct rt_hci *hci, const struct rt_sec_pair_params *params,
		rt_handle *ret_pair) RT_MUST_CHECK;

/* Gives it up; `done` is not called. Stale: does nothing. */
void rt_sec_pair_cancel(struct rt_hci *hci, rt_handle pair);

/*
 * Lets a peer (`addr`, or zero: any) pair with us for a while (0: no longer),
 * though the policy is not bondable. Only if the window names it, a peer may
 * replace a bond by just works. It ends with the first pairing that succeeds,
 * after 120 s at most. Our user is asked all the same.
 */
void rt_sec_open_window(struct rt_hci *hci, struct rt_addr addr,
			uint32_t window_ms);

/*
 * Takes a key that was stored, or one from elsewhere. An older one of the peer
 * is replaced. ops.store is not called.
 *
 * Returns 0, -EINVAL (zero key or address, our own address, type, sizes),
 * -ENOSPC (limit; none is ever evicted) or -ENOMEM.
 */
int rt_sec_key_add(struct rt_hci *hci,
		   const struct rt_sec_key *key) RT_MUST_CHECK;

/*
 * Forgets the peer's key: ops.store with NULL. Channels of links that need it
 * are asked for again. -ENOENT if there is none.
 */
int rt_sec_key_remove(struct rt_hci *hci, struct rt_addr addr) RT_MUST_CHECK;

/* Forgets and wipes all keys without a word: another controller, another set.
 */
void rt_sec_keys_clear(struct rt_hci *hci);

/*
 * The key of a peer, or NULL. It lives until keys change; wipe copies with
 * rt_sec_wipe().
 */
const struct rt_sec_key *rt_sec_key_find(const struct rt_hci *hci,
					 struct rt_addr addr);

/* The key at `index` in order of address, or NULL: there are no more. */
const struct rt_sec_key *rt_sec_key_at(const struct rt_hci *hci, size_t index);

/* Overwrites octets so that no compiler leaves it out. */
void rt_sec_wipe(void *ptr, size_t bytes);

/* True if the octets are equal; takes the same time whatever they are. */
bool rt_sec_equal(const void *a, const void *b, size_t bytes);

#define RT_SEC_FILE_BYTES(count) (256 + (size_t)(count)*128)

/* Room for the text of so many keys. */
#define RT_SEC_FILE_BYTES(count) (256 + (size_t)(count)*128)

/*
 * Writes keys as the text of a key file: one line a key, sorted by address,
 * with version and checksum, without a terminating zero. `text` holds
 * RT_SEC_FILE_BYTES(count) octets. Returns those written. A set of keys has one
 * text; keys that are not sound, or there twice, give one that is refused.
 */
size_t rt_sec_file_write(struct rt_addr adapter, const struct rt_sec_key *keys,
			 size_t count, char *text);

/*
 * Reads such a text, and calls `key` for each key if all of it is sound.
 * Returns 0, or -EBADMSG (malformed, cut off, checksum, over 256 keys), -EPROTO
 * (a later version) or -ESTALE (for another adapter): nothing has been told.
 */
int rt_sec_file_read(struct rt_addr adapter, struct rt_bytes text,
		     void (*key)(void *user, const struct rt_sec_key *key),
		     void *user) RT_MUST_CHECK;

/*
 * The form that BlueZ keeps in /var/lib/bluetooth/ADAPTER/DEVICE/info: section
 * [LinkKey] with Key, Type and PINLength; other sections are passed over.
 * -ENOENT if it has no link key, -EBADMSG if it is malformed, or lacks Key or
 * Type, or has one twice. The address is not in it: the caller's.
 */
int rt_sec_bluez_read(struct rt_bytes text, struct rt_addr addr,
		      struct rt_sec_key *ret_key) RT_MUST_CHECK;

#define RT_SEC_BLUEZ_BYTES 128
/* Writes it to `text`, which holds RT_SEC_BLUEZ_BYTES; returns the octets. */
size_t rt_sec_bluez_write(const struct rt_sec_key *key, char *text);

#endif
