/* SPDX-License-Identifier: MIT */
#ifndef TEST_PAIR_RIG_H
#define TEST_PAIR_RIG_H

#include "tests/unit/security/sec_rig.h"

/*
 * The rig of security with a user who is asked about pairings, and with the
 * controller's part of them. The peer is rig_addr(1), on handle 0x0001.
 */

/* The address of the peer, and a link key, in hexadecimal. */
#define PEER "010100000000"
#define KEY "0102030405060708090a0b0c0d0e0f10"

struct pair_rig {
	/* Called in ops.ask, after it has been noted. */
	void (*on_ask)(const struct rt_sec_question *question);
	unsigned int asks;
	struct rt_sec_question question; /* the last one */
	unsigned int overs;
	unsigned int pairings;
	bool bonded; /* of the last one */
	struct rt_reason why;
	unsigned int stores;
	unsigned int removals;
	struct rt_sec_key key; /* the last one stored */
	unsigned int dones;
	struct rt_reason done_why;
	rt_handle bond;
};

extern struct pair_rig pair_rig;

/* sec_begin() with this IO capability; all else of the policy is zero. */
void pair_begin(enum rt_sec_io io);

/* Changes the policy. */
void pair_policy(const struct rt_sec_policy *policy);

/* pair_begin(), and an open link of ours to such a peer. */
void pair_open(enum rt_sec_io io, enum sec_peer peer);

/* The same with a link of the peer's. */
void pair_open_incoming(enum rt_sec_io io, enum sec_peer peer);

/* Nobody is there to be asked any more. */
void pair_without_user(void);

/* Services listen, the weakest of which needs this level. */
void pair_listen(uint8_t level);

/* Our request at this level makes us pair: up to the IO capability. */
struct sec_waiter *pair_initiate(uint8_t level);

/* Link Key Request. */
void pair_key_request(void);

/* IO Capability Request. */
void pair_io_request(void);

/* IO Capability Response. */
void pair_io_response(uint8_t io, uint8_t oob, uint8_t requirements);

/* User Confirmation Request. */
void pair_confirmation(uint32_t value);

/* User Passkey Request. */
void pair_passkey_request(void);

/* User Passkey Notification. */
void pair_passkey_shown(uint32_t value);

/* Keypress Notification. */
void pair_keypress(uint8_t type);

/* PIN Code Request. */
void pair_pin_request(void);

/* Remote OOB Data Request. */
void pair_oob_request(void);

/* Simple Pairing Complete. */
void pair_complete(uint8_t status);

/* Link Key Notification with a key in hexadecimal. */
void pair_key(const char *key, uint8_t type);

/* The next command must be the negative reply to Link Key Request. */
void pair_expect_no_key(void);

/* The next command must be the reply to IO Capability Request. */
void pair_expect_io(uint8_t io, uint8_t oob, uint8_t requirements);

/* The same with the negative one, for this reason. */
void pair_expect_no_io(uint8_t reason);

/* The next command must confirm the number. */
void pair_expect_confirmed(void);

/* The next command must refuse it. */
void pair_expect_not_confirmed(void);

/* The next command must be the reply to User Passkey Request. */
void pair_expect_passkey(uint32_t value);

/* The same with the negative one. */
void pair_expect_no_passkey(void);

/* The next command must be the reply to PIN Code Request. */
void pair_expect_pin(const char *hex);

/* The same with the negative one. */
void pair_expect_no_pin(void);

/* The next command must be the negative reply to Remote OOB Data Request. */
void pair_expect_no_oob(void);

/* The last question was of this kind, and it is the only one so far. */
void pair_expect_asked(enum rt_sec_question_kind kind);

/* So many pairings have ended, the last one well. */
void pair_expect_paired(unsigned int count, bool bonded);

/* So many have ended, the last one badly, for this reason of our own. */
void pair_expect_failed(unsigned int count, enum rt_sec_code code);

/* The same with a reason of HCI. */
void pair_expect_hci_failed(unsigned int count, uint8_t code);

/*
 * A pairing of the peer, with its IO capability and requirements, up to our
 * answer to that.
 */
void pair_respond(uint8_t io, uint8_t requirements);

/* Asks for a bond with rig_addr(1). */
int pair_bond(bool mitm, bool keep);

/* The bond is over, once, and well. */
void pair_expect_bonded(void);

/* The bond is over, once, and badly, for this reason of our own. */
void pair_expect_not_bonded(enum rt_sec_code code);

#endif
