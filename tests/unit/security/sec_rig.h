/* SPDX-License-Identifier: MIT */
#ifndef TEST_SEC_RIG_H
#define TEST_SEC_RIG_H

#include "hci/security.h"
#include "tests/unit/hci/rig.h"

/*
 * The rig of hci with a layer above that asks rt_sec_ask(), and asks again
 * whenever something has changed, as L2CAP does. There is one link, with handle
 * 0x0001 to rig_addr(1); packets are written in hexadecimal as there.
 */

#define SEC_WAITERS_MAX 8

enum sec_peer {
	SEC_PEER_OLD, /* from before Secure Simple Pairing */
	SEC_PEER_SSP,
	SEC_PEER_SC, /* Secure Connections */
};

struct sec_waiter {
	struct rt_sec_request request;
	enum rt_sec_answer answer; /* the last one */
	struct rt_reason why;	   /* of NO */
	unsigned int asked;
};

struct sec_rig {
	struct rt_hci_link *link;
	unsigned int changed;
	unsigned int stored;
	struct rt_sec_key key; /* the last one stored */
	size_t waiter_count;
	struct sec_waiter waiters[SEC_WAITERS_MAX];
};

extern struct sec_rig sec_rig;

/* Hears of security, and remembers nothing yet. */
void sec_listen(void);

/* Brings a controller up that does Secure Connections too, and is listened to.
 */
void sec_begin(void);

/* A link of ours that has just opened: its features are being read. */
void sec_connect(void);

/* The same, made by the peer. */
void sec_accept(void);

/* The peer's features are read. */
void sec_features(enum sec_peer peer);

/* sec_begin(), sec_connect() and sec_features(). */
void sec_open(enum sec_peer peer);

/* sec_begin(), sec_accept() and sec_features(). */
void sec_open_incoming(enum sec_peer peer);

/* There is a key of the peer, of this type. */
void sec_store(enum rt_sec_key_type type, uint8_t key_bytes);

/* Asks for a connection of ours at this level; asks again when told to. */
struct sec_waiter *sec_ask(uint8_t level);

/* The same for a request of the peer. */
struct sec_waiter *sec_ask_incoming(uint8_t level);

/* Asks as `request` says; its peer is filled in. */
struct sec_waiter *sec_ask_for(const struct rt_sec_request *request);

/* Lets what is due happen. */
void sec_step(void);

/* So much later that a failure is forgotten. */
void sec_later(void);

/* The next command must be Authentication Requested, which is accepted. */
void sec_expect_authentication(void);

/* The controller asks for the key; the stored one is given. */
void sec_give_key(void);

/* Authentication Complete. */
void sec_authenticated(uint8_t status);

/* All of them. */
void sec_authenticate(void);

/* The next command must be Set Connection Encryption, which is accepted. */
void sec_expect_encryption(uint8_t enable);

/* Encryption Change: 1 is E0, 2 is AES-CCM. */
void sec_encrypted(uint8_t status, uint8_t enabled);

/* Encryption Key Refresh Complete. */
void sec_refreshed(uint8_t status);

/* The key size is asked for, and is this. */
void sec_size(uint8_t octets);

/*
 * Authentication, encryption and size for what is waited for; AES-CCM or E0.
 */
void sec_encrypt(uint8_t enabled, uint8_t octets);

/* The link is disconnected with 0x05 in a moment, and not before. */
void sec_expect_drop(void);

/* Nothing is sent, and the link stays. */
void sec_expect_quiet(void);

/* The waiter was told no, for this reason of our own. */
void sec_expect_no(const struct sec_waiter *waiter, enum rt_sec_code code);

/* The same, for this reason of HCI. */
void sec_expect_hci_no(const struct sec_waiter *waiter, uint8_t code);

/* The facts as they are told. */
struct rt_sec_facts sec_facts(void);

#endif
