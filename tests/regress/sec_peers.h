/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_SEC_PEERS_H
#define REGRESS_SEC_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tests/support/tagged.h"
#include "tools/sim/world.h"

/*
 * A victim, host 0, and an attacker, host 1, each with a controller that may
 * be as hostile as it likes. The victim is as a host is that nobody has
 * configured; the attacker agrees to everything.
 */

#define SEC_PSM 0x1021
#define SEC_VICTIM 0
#define SEC_ATTACKER 1

struct sec_peers {
	struct world *w;
	struct agent agent[2];
	struct rt_server *server[2];
	struct end client[2]; /* of each side */
};

extern struct sec_peers sec_peers;

/* Both hosts are up; around each test. */
void sec_peers_setup(void);

/* Lets them go; nothing may be left. */
void sec_peers_teardown(void);

/* Time passes. */
void sec_peers_run(unsigned int seconds);

/* Lets the victim bond with whoever comes, with or without a proof. */
void sec_peers_trust(bool just_works);

/* The victim's user compares numbers, and says yes. */
void sec_peers_look(void);

/* The attacker's user does so; else it has nobody. */
void sec_peers_attacker_looks(void);

/* `by` bonds with the other one: 0 or the error. Waits until the link goes. */
int sec_peers_bond(unsigned int by, bool mitm);

/* A server of a side, with RT_SECURITY_* flags. */
struct rt_server *sec_peers_serve(unsigned int side, unsigned int flags);

/* The victim connects (I) or is connected to (A), with the victim's flags. */
bool sec_peers_connect(bool we_initiate, unsigned int flags,
		       unsigned int min_key_bytes);

/* The victim's socket of sec_peers_connect(), if it connected. */
struct rt_socket *sec_peers_socket(bool we_initiate);

/* Frees sockets and servers of sec_peers_connect(); the link goes. */
void sec_peers_hang_up(void);

/* True if the victim has a key of the attacker; *ret_key may be NULL. */
bool sec_peers_has_key(struct rt_link_key *ret_key);

/* True if there is a link. */
bool sec_peers_linked(void);

/* The victim's error of its own connection: its name, and a hint. */
void sec_peers_expect_error(const char *code_name);

/* A fault of a controller. */
void sec_peers_fault(unsigned int side, enum rt_vctl_fault fault);

/* Abilities of the attacker's controller from now on. */
void sec_peers_change(const struct rt_vctl_security *security);

extern const struct tagged_table sec_key_table;	 /* sec_key.c */
extern const struct tagged_table sec_pair_table; /* sec_pair.c */
extern const struct tagged_table sec_gate_table; /* sec_gate.c */

/* The table of a file whose rows are in `rows`. */
#define SEC_TABLE(rows_)                                                  \
	{                                                                 \
		.rows = (rows_), .count = RT_ARRAY_SIZE(rows_),           \
		.setup = sec_peers_setup, .teardown = sec_peers_teardown, \
	}

#endif
