/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_POLICY_H
#define RT_HCI_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/hci.h"
#include "stack/env.h"

/*
 * What users want of a link: its supervision timeout, sniff mode, our role, how
 * long it is kept unused (Core Vol 4 Part E 7.2, 7.3.41). Wishes are kept from
 * the start and carried out when the link is open, one after the other, and
 * not while it is being authenticated or encrypted. What the controller or the
 * peer refuses is counted and left as it is: no link ends because of it.
 */

struct rt_hci_policy {
	uint8_t role;		    /* enum rt_hci_role: as it is */
	uint8_t wanted_role;	    /* enum rt_hci_role */
	uint8_t sniff;		    /* enum rt_hci_sniff: wanted */
	uint8_t mode;		    /* of the link (7.7.20) */
	uint8_t busy;		    /* what is under way; private to the file */
	uint8_t owes;		    /* bits, private to the file */
	bool sniff_refused;	    /* so that it is not asked for again */
	uint16_t settings;	    /* link policy settings that were written */
	uint16_t supervision_slots; /* wanted; 0: as it is */
	uint32_t idle_ms;	    /* wanted; 0: as the options say */
	uint32_t traffic;	    /* packets, both ways */
	uint32_t traffic_before;    /* when it was last looked at */
	struct rt_timer timer;
};

/* Prepares a link that nobody has wishes for. */
void rt_hci_policy_init(struct rt_hci_link *link);

/* The link goes. */
void rt_hci_policy_fini(struct rt_hci_link *link);

/* The link is open: what was wanted before is asked for. */
void rt_hci_policy_opened(struct rt_hci_link *link);

/* We page, or accept as `role`: what we are if nothing else is said. */
void rt_hci_policy_begins(struct rt_hci_link *link, enum rt_hci_role role);

/* Whether a peer that we page may become central (7.1.5). */
bool rt_hci_policy_allows_switch(const struct rt_hci_link *link);

/* True if an incoming link is to be accepted as central (7.1.8). */
bool rt_hci_policy_accepts_as_central(const struct rt_hci_link *link);

/* How long the link is kept without a user. */
uint32_t rt_hci_policy_idle_ms(const struct rt_hci_link *link);

/* A packet is sent (`ours`) or has come: a link in sniff mode is woken up. */
void rt_hci_policy_traffic(struct rt_hci_link *link, bool ours);

/* Default Link Policy Settings (7.2.12): what the controller is able to. */
uint16_t rt_hci_policy_default_settings(const struct rt_hci *hci);

/* Handles Role Change (7.7.18). */
void rt_hci_policy_on_role_change(struct rt_hci *hci, const void *evt);

/* Handles Mode Change (7.7.20). */
void rt_hci_policy_on_mode_change(struct rt_hci *hci, const void *evt);

#endif
