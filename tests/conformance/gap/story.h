/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_GAP_STORY_H
#define CONFORMANCE_GAP_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/agent.h"
#include "tests/support/pair.h"
#include "tests/support/tagged.h"

/*
 * Stories of two hosts: we are host 0, the lower tester is host 1. A tap at
 * ours writes down each CONNECTION_REQ and whether the link was encrypted then.
 */

/* What a person at a side can do: number comparison, or nothing. */
enum story_person {
	STORY_NOBODY, /* NoInputNoOutput, and says yes to just works */
	STORY_YES_NO, /* DisplayYesNo, and says yes */
};

enum story_bond {
	STORY_STRANGERS,
	STORY_JUST_WORKS,
	STORY_AUTHENTICATED,
};

struct story {
	bool we_connect;
	unsigned int level; /* ours: 1 to 4 */
	uint8_t min_key;    /* ours: 0, or 7 to 16 */
	enum story_person us, peer;
	enum story_bond before; /* a bond from an earlier link */
	bool sc_only;		/* our policy */
	bool peer_has_no_sc;	/* in its controller */
	bool peer_host_has_no_sc;
	bool old;	 /* neither has Secure Simple Pairing: a PIN */
	uint8_t key_max; /* of the peer's controller; 0: 16 */
	uint8_t key_min; /* of the peer's controller: more than ours gives */
	bool credit;	 /* enhanced credit based channels */

	bool connects;	  /* what has to come of it */
	uint8_t key_type; /* of a connection; 0: any */
	bool aes;
};

/* Tells the story, and checks its end. */
void story_tell(const struct story *story);

/* The world of a story that is told step by step. */
struct story_world {
	struct world *w;
	struct agent agent[2];
	struct rt_server *server;
	struct end client;
	char requests[32]; /* e encrypted, p plain: CONNECTION_REQs of ours */
	unsigned int ucd;  /* connectionless PDUs of ours */
};

extern struct story_world story;

/* Makes two hosts with what `s` says of controllers and people. */
void story_begin(const struct story *s);

/* Ends it. */
void story_end(void);

/* They bond; both people have to be of the right kind. */
void story_bond_them(bool authenticated);

/* A server of a side, at the level. */
void story_listen(unsigned int side, const struct story *s, bool ours);

/* The other side connects to it; true if it could. */
bool story_connect(unsigned int side, const struct story *s, bool ours);

/* How the link is protected. */
struct rt_security_info story_security(void);

#endif
