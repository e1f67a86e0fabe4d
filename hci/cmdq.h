/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_CMDQ_H
#define RT_HCI_CMDQ_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/msg.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * The command queue (Core Vol 4 Part E 4.4).
 *
 * A command waits for a credit, is sent, and is answered by Command Complete
 * or Command Status with its opcode. No opcode is outstanding twice, and no
 * more commands are outstanding than the last Num_HCI_Command_Packets said.
 * All memory is taken at the start: to send a command cannot fail. What does
 * not fit, or is not answered in time, is the controller's fault and leads to
 * its reset.
 */

struct rt_hci;

struct rt_hci_answer {
	uint8_t status;	     /* HCI error code */
	struct rt_bytes ret; /* return parameters; empty for Command Status */
};

typedef void rt_hci_cmd_done(struct rt_hci *hci, void *ctx,
			     const struct rt_hci_answer *answer);

struct rt_hci_cmd {
	struct rt_list node;
	const struct rt_codec_msg *msg;
	rt_hci_cmd_done *done; /* NULL: nobody waits */
	void *ctx;
	uint64_t sent_us;
	bool acked; /* answered, perhaps only by a Command Status before it */
	uint8_t len;
	uint8_t parameters[RT_HCI_PARAMETERS_MAX];
};

struct rt_hci_cmdq {
	struct rt_hci_cmd *memory; /* limits.commands_queued of them */
	struct rt_list free;
	struct rt_list waiting;
	struct rt_list sent; /* the oldest first */
	uint32_t free_count;
	uint32_t unanswered; /* of those sent */
	uint32_t credits;
	uint64_t progress_us; /* when the first of `waiting` became it */
	bool overflow;
	struct rt_timer timer;
	uint8_t packet[3 + RT_HCI_PARAMETERS_MAX]; /* the last one sent */
	size_t packet_bytes; /* of it that are not wiped */
};

/* Takes the memory of the queue. Returns 0 or -ENOMEM. */
int rt_hci_cmdq_init(struct rt_hci *hci) RT_MUST_CHECK;

/* Gives the memory back. */
void rt_hci_cmdq_fini(struct rt_hci *hci);

/* Forgets all commands and has one credit: the state before HCI Reset. */
void rt_hci_cmdq_clear(struct rt_hci *hci);

/*
 * Queues a command; `parameters` is the structure that `msg` describes, NULL
 * if it has none. `done` is called with the answer, once, unless the queue is
 * cleared first; NULL: nobody wants it. `ctx` identifies the sender.
 */
void rt_hci_cmdq_send(struct rt_hci *hci, const struct rt_codec_msg *msg,
		      const void *parameters, rt_hci_cmd_done *done, void *ctx);

/*
 * Queues a command that answers an event and whose outcome does not matter.
 * It is dropped if half of the queue is taken, so that a flood of events does
 * not keep our own commands out.
 */
void rt_hci_cmdq_reply(struct rt_hci *hci, const struct rt_codec_msg *msg,
		       const void *parameters);

/*
 * Takes back the commands of `ctx` that have not been sent yet. Returns
 * whether there were any.
 */
bool rt_hci_cmdq_unsend(struct rt_hci *hci, const void *ctx);

/* Takes back what is not sent, and drops the answers to what is. */
void rt_hci_cmdq_forget(struct rt_hci *hci, const void *ctx);

/* True if no command waits or is outstanding. */
bool rt_hci_cmdq_is_idle(const struct rt_hci *hci);

/* The next command to send, if there is one and a credit for it. */
bool rt_hci_cmdq_pull(struct rt_hci *hci,
		      struct rt_packet *ret_packet) RT_MUST_CHECK;

/* Handles Command Complete (7.7.14); `evt` is the structure of it. */
void rt_hci_cmdq_on_complete(struct rt_hci *hci, const void *evt);

/* Handles Command Status (7.7.15). */
void rt_hci_cmdq_on_status(struct rt_hci *hci, const void *evt);

#endif
