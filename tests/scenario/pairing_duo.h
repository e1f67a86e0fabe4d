/* SPDX-License-Identifier: MIT */
#ifndef TEST_PAIRING_DUO_H
#define TEST_PAIRING_DUO_H

#include <check.h>

#include "hci/hci.h"
#include "hci/security.h"
#include "tests/unit/stack/fake_env.h"
#include "tools/vctl/vctl.h"

/*
 * Two engines of hci with their users, each on a virtual controller, on one
 * air, in virtual time.
 */

/* What a user does who is asked. */
struct duo_user {
	bool refuses;
	bool silent;	 /* never answers */
	const char *pin; /* NULL: has none, and refuses */
	bool mistypes;	 /* a passkey */
	uint32_t agreed; /* passkey that both type */
};

struct duo_side {
	struct fake_env fake;
	struct rt_hci *hci;
	struct rt_vctl *vctl;
	struct rt_addr addr;
	struct duo_user user;
	bool pending; /* a question that is to be answered */
	struct rt_sec_question question;
	unsigned int asks;
	unsigned int overs;
	unsigned int pairings;
	bool bonded; /* of the last one */
	struct rt_reason why;
	unsigned int stores;
	unsigned int dones;
	struct rt_reason done_why;
	rt_handle bond;
	/* One request that waits, as of a channel. */
	struct rt_sec_request request;
	enum rt_sec_answer answer;
	struct rt_reason answer_why;
};

struct duo {
	struct rt_air *air;
	struct duo_side side[2];
};

extern struct duo duo;

/* Two controllers that can do everything, and engines that are up. */
void duo_setup(void);

/* The same, where the second controller has no Secure Simple Pairing. */
void duo_setup_old(void);

/* Frees all; nothing may be left. */
void duo_teardown(void);

/* Runs until nothing is to do now, and then as long as `ms`. */
void duo_run(uint64_t ms);

/* Sets IO capability, and all else of the policy that these tests vary. */
void duo_policy(int side, enum rt_sec_io io, bool bondable, bool legacy);

/* Asks for a bond of side 0 with side 1, and runs for a minute. */
void duo_bond(bool mitm, bool keep);

/* Closes the link. */
void duo_disconnect(void);

/* Makes a link from side 0, and asks for this level; runs for a minute. */
void duo_connect(uint8_t level);

/* Both have a key of the other, and the same. */
void duo_expect_same_keys(enum rt_sec_key_type type);

/* Neither has a key. */
void duo_expect_no_keys(void);

#endif
