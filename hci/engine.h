/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_ENGINE_H
#define RT_HCI_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/acl_rx.h"
#include "hci/acl_tx.h"
#include "hci/bringup.h"
#include "hci/cmdq.h"
#include "hci/gap/inquiry.h"
#include "hci/gap/name.h"
#include "hci/hci.h"
#include "hci/msg.h"
#include "hci/security/sec.h"
#include "hci/settings.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * The engine of one controller: what its parts share, and its life from
 * bring-up to the last reset. Each part keeps its own structure in here and
 * is written down in a file pair of its own.
 */

enum rt_hci_state {
#define STATE(NAME, stay_ms, next) RT_HCI_STATE_##NAME,
#include "hci/engine.def"
#undef STATE
};

struct rt_hci {
	struct rt_env *env;
	struct rt_hci_options options; /* without the name */
	const struct rt_hci_ops *ops;
	void *user;
	const struct rt_hci_link_ops *link_ops;
	void *link_user;

	uint8_t state;	       /* enum rt_hci_state */
	struct rt_timer timer; /* longest stay in it */
	struct rt_timer watch; /* over the controller, while there are links */
	uint64_t heard_us;     /* when it last said something */
	bool announced;	       /* ops.up was called, and ops.down not since */
	uint32_t resets;       /* unanswered in a row */
	uint32_t bringups;     /* begun since the controller was up */
	uint32_t frame;	       /* the packet that is being handled, or 0 */
	bool exclusive;	       /* it can't page while it does something else */

	struct rt_hci_info info;
	struct rt_hci_stats stats;
	struct rt_hci_bringup bringup;
	struct rt_hci_settings settings;
	struct rt_hci_cmdq cmdq;
	struct rt_list links; /* of rt_hci_link.node, not closed */
	uint32_t link_count;
	uint8_t accept_role; /* enum rt_hci_role: of links that peers make */
	struct rt_hci_acl_tx acl_tx;
	struct rt_hci_acl_rx acl_rx;
	struct rt_gap_inquiry inquiry;
	struct rt_gap_names names;
	struct rt_sec sec;
};

/* The bring-up has ended well: the controller is up. */
void rt_hci_engine_up(struct rt_hci *hci);

/*
 * The controller can't be used: everything closes with `why`, and it is not
 * tried again.
 */
void rt_hci_engine_end(struct rt_hci *hci, const struct rt_reason *why);

/*
 * The controller has lost its way: everything closes with `why`, and it is
 * brought up anew.
 */
void rt_hci_engine_fault(struct rt_hci *hci, const struct rt_reason *why);

/* A link has opened, or gone: the controller is watched or not. */
void rt_hci_engine_watch(struct rt_hci *hci);

/* The command with this opcode was not answered in time; 0: none was taken. */
void rt_hci_engine_command_timeout(struct rt_hci *hci, uint16_t opcode);

/* A Reset is complete that nobody has sent. */
void rt_hci_engine_stray_reset(struct rt_hci *hci);

/* Handles the Hardware Error event (7.7.16). */
void rt_hci_engine_on_hardware_error(struct rt_hci *hci, const void *evt);

/* A reason of layer HCI with the errno that belongs to the code. */
struct rt_reason rt_hci_engine_reason(enum rt_phase phase, uint8_t code);

/* True if bit `feature` of LMP feature page 0 is set. */
bool rt_hci_engine_has_feature(const struct rt_hci *hci,
			       enum rt_hci_feature feature);

#endif
