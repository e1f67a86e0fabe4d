/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_LINK_H
#define RT_HCI_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/acl_rx.h"
#include "hci/acl_tx.h"
#include "hci/hci.h"
#include "hci/policy.h"
#include "hci/security/link.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * An ACL link: its states, from both sides' wish to have it to its end. What
 * runs over it is in acl_rx and acl_tx; how it is set up, in link_setup.c.
 */

#define RT_HCI_HANDLE_MAX 0x0eff
#define RT_HCI_HANDLE_NONE 0xffff

enum rt_hci_link_step {
#define STATE(NAME, stay_ms, next) RT_HCI_LINK_STEP_##NAME,
#define WHY(NAME, text)
#include "hci/link.def"
#undef STATE
#undef WHY
};

enum rt_hci_link_why {
#define STATE(NAME, stay_ms, next)
#define WHY(NAME, text) RT_HCI_LINK_WHY_##NAME,
#include "hci/link.def"
#undef STATE
#undef WHY
};

struct rt_hci_link {
	struct rt_list node; /* of rt_hci.links; the oldest first */
	struct rt_grave grave;
	struct rt_hci *hci;
	struct rt_addr addr;
	uint16_t handle;
	uint8_t step; /* enum rt_hci_link_step */
	bool incoming;
	bool known;	      /* to the layer above */
	bool used;	      /* by the layer above */
	uint32_t holds;	      /* by parts of this one */
	bool create_pending;  /* Create Connection sent, not completed */
	bool again;	      /* CANCELLING, but wanted after all */
	uint8_t verdict;      /* CANCELLING: why; 0: the user wants it */
	uint8_t reason;	      /* of Disconnect; 0: none wanted */
	uint16_t flush_slots; /* automatic flush timeout; 0: none */
	uint32_t class_of_device;
	uint64_t since_us;     /* when the phase of a reason was begun */
	struct rt_timer timer; /* longest stay in the step */
	struct rt_timer idle;
	struct rt_hci_link_rx rx;
	struct rt_hci_link_held held;
	struct rt_hci_link_tx tx;
	struct rt_sec_link sec;
	struct rt_hci_policy policy;
	void *user;
};

/* Hears of links while nobody else does. */
extern const struct rt_hci_link_ops rt_hci_link_nobody;

/*
 * A new link that waits for its turn to page, or NULL: no memory. The limit
 * of links is the caller's affair.
 */
struct rt_hci_link *rt_hci_link_new(struct rt_hci *hci, struct rt_addr addr);

/*
 * The one place where a link changes its state: checks that it may, logs it
 * and arms the state's timer.
 */
void rt_hci_link_enter(struct rt_hci_link *link, enum rt_hci_link_step to,
		       enum rt_hci_link_why why);

/* The link is open, as Connection Complete says: tells the layer above. */
void rt_hci_link_opened(struct rt_hci_link *link, uint16_t handle,
			uint8_t encryption);

/*
 * The link is gone, for `why`, whose phase, frame and elapsed time are filled
 * in: retires what is unsent and tells the layer above. The memory goes at
 * the end of the step.
 */
void rt_hci_link_close(struct rt_hci_link *link, const struct rt_reason *why);

/* The same with an HCI error code as the reason. */
void rt_hci_link_close_code(struct rt_hci_link *link, uint8_t code);

/* The link with the handle, open or closing; NULL if there is none. */
struct rt_hci_link *rt_hci_link_by_handle(struct rt_hci *hci, uint16_t handle);

/* The link to `addr` that is open or being opened; NULL if there is none. */
struct rt_hci_link *rt_hci_link_by_addr(struct rt_hci *hci,
					struct rt_addr addr);

/* Something of this layer uses the link: it does not end for being unused. */
void rt_hci_link_hold(struct rt_hci_link *link);

/* It does not use it any more; once for each rt_hci_link_hold(). */
void rt_hci_link_unhold(struct rt_hci_link *link);

/* True if somebody uses the link, here or above. */
bool rt_hci_link_is_used(const struct rt_hci_link *link);

/* How many links are in this state. */
uint32_t rt_hci_link_count(const struct rt_hci *hci,
			   enum rt_hci_link_step step);

/* What was pulled has left the controller: a link that drains goes on. */
void rt_hci_link_drained(struct rt_hci_link *link);

/* Closes all links at once. */
void rt_hci_link_close_all(struct rt_hci *hci, const struct rt_reason *why);

/* Disconnects or gives up all links, in order. */
void rt_hci_link_disconnect_all(struct rt_hci *hci);

/* Frees all links, telling nobody. */
void rt_hci_link_free_all(struct rt_hci *hci);

/* Handles Disconnection Complete (7.7.5). */
void rt_hci_link_on_disconnection(struct rt_hci *hci, const void *evt);

/* Setting up, link_setup.c. */

/* Pages for the next link that waits, if the controller is free for it. */
void rt_hci_link_poll(struct rt_hci *hci);

/* True while the controller pages, or is told to stop it. */
bool rt_hci_link_is_paging(const struct rt_hci *hci);

/* Gives up a link that is being opened by us; `verdict` is why, or 0. */
void rt_hci_link_give_up(struct rt_hci_link *link, uint8_t verdict,
			 enum rt_hci_link_why why);

/* A link has been in a state before OPEN for too long. */
void rt_hci_link_setup_timeout(struct rt_hci_link *link);

/* Handles Connection Request (7.7.4). */
void rt_hci_link_on_request(struct rt_hci *hci, const void *evt);

/* Handles Connection Complete (7.7.3). */
void rt_hci_link_on_complete(struct rt_hci *hci, const void *evt);

#endif
