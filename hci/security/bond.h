/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_BOND_H
#define RT_SEC_BOND_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "hci/security/backoff.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * Bonds that our user asks for (Core Vol 3 Part C 6.5), and the window in which
 * peers may ask for one: rt_sec_pair() and rt_sec_open_window(). How they
 * pair is in pairing.h, whose end tells rt_sec_bond_secured().
 */

struct rt_hci_link;

enum rt_sec_bond_step {
	RT_SEC_BOND_LINKING,  /* as long as the link takes to open, or not */
	RT_SEC_BOND_DUE,      /* the link is open */
	RT_SEC_BOND_SECURING, /* until rt_sec_bond_secured() */
	RT_SEC_BOND_OVER,     /* the end is to be told */
};

/* One rt_sec_pair() that is under way. */
struct rt_sec_bond {
	struct rt_list node; /* of rt_sec_bonds.list */
	struct rt_hci *hci;
	rt_handle handle;
	struct rt_sec_pair_params params;
	enum rt_sec_bond_step step;
	struct rt_hci_link *link; /* NULL: gone */
	bool held;		  /* the link, by us */
	bool made;		  /* the key, and it is stored */
	struct rt_timer timer;	  /* of DUE and OVER: not from inside */
	struct rt_reason why;	  /* of OVER */
};

/* Peers may pair until `until_us`. */
struct rt_sec_window {
	bool open;
	struct rt_addr addr; /* zero: any */
	uint64_t until_us;
};

/* Member `bonds` of rt_sec. */
struct rt_sec_bonds {
	struct rt_slots slots; /* of rt_sec_bond */
	struct rt_list list;
	struct rt_sec_window window;
	struct rt_sec_backoff backoff;
};

/* Prepares it. Returns 0 or -ENOMEM. */
int rt_sec_bonds_init(struct rt_hci *hci) RT_MUST_CHECK;

/* Frees all of it, telling nobody. Links are still there, or gone. */
void rt_sec_bonds_fini(struct rt_hci *hci);

/* The controller is down, its links are closed: bonds that wait have failed. */
void rt_sec_bonds_down(struct rt_hci *hci, const struct rt_reason *why);

/* The rt_sec_pair() that is under way with the peer, or NULL. */
const struct rt_sec_bond *rt_sec_bond_find(const struct rt_hci *hci,
					   struct rt_addr addr);

/* A link has opened that a bond may wait for. */
void rt_sec_bond_link_up(struct rt_hci_link *link);

/* rt_sec_link_secure() has ended: why->err 0, or not. */
void rt_sec_bond_secured(struct rt_hci_link *link, const struct rt_reason *why);

/*
 * A key of the link's peer was made and stored. That is what a bond is for
 * (C:6.5): it does not fail any more if the link goes.
 */
void rt_sec_bond_made(struct rt_hci_link *link);

/* A link has gone. */
void rt_sec_bond_link_down(struct rt_hci_link *link,
			   const struct rt_reason *why);

/* True if a window is open that lets the peer pair. */
bool rt_sec_window_admits(const struct rt_hci *hci, struct rt_addr addr);

/* True if a window is open for this very peer. */
bool rt_sec_window_names(const struct rt_hci *hci, struct rt_addr addr);

/* A pairing with the peer has succeeded: a window for it closes. */
void rt_sec_window_used(struct rt_hci *hci, struct rt_addr addr);

#endif
