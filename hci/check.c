/* SPDX-License-Identifier: MIT */
#include "hci/check.h"

#include <stdbool.h>

#include "hci/engine.h"
#include "hci/link.h"
#include "hci/timers.h"

static uint32_t count(const struct rt_list *list)
{
	const struct rt_list *it;
	uint32_t n = 0;

	for (it = list->next; it != list; it = it->next)
		n++;
	return n;
}

static const char *check_commands(const struct rt_hci *hci)
{
	const struct rt_hci_cmdq *q = &hci->cmdq;
	const struct rt_hci_cmd *cmd;
	const struct rt_hci_cmd *other;
	uint32_t unanswered = 0;

	if (count(&q->free) != q->free_count ||
	    q->free_count + count(&q->waiting) + count(&q->sent) !=
		    hci->env->limits.commands_queued)
		return "a command is free, waits or has been sent";
	RT_LIST_EACH (cmd, &q->sent, node) {
		if (!cmd->acked)
			unanswered++;
		RT_LIST_EACH (other, &q->sent, node) {
			if (other != cmd && other->msg == cmd->msg)
				return "no opcode is outstanding twice";
		}
	}
	if (unanswered != q->unanswered)
		return "commands without an answer are counted";
	if (unanswered > 0 && !q->timer.armed)
		return "a command without an answer has a time limit";
	return NULL;
}

/* How long a link may stay in a step; 0: for ever. */
static uint32_t stay_ms(enum rt_hci_link_step step)
{
	switch (step) {
#define STATE(NAME, stay, next)       \
	case RT_HCI_LINK_STEP_##NAME: \
		return stay;
#define WHY(NAME, text)
#include "hci/link.def"
#undef STATE
#undef WHY
	}
	return 0;
}

static bool has_handle(const struct rt_hci_link *link)
{
	return link->step == RT_HCI_LINK_STEP_OPEN ||
	       link->step == RT_HCI_LINK_STEP_DRAINING ||
	       link->step == RT_HCI_LINK_STEP_DISCONNECTING;
}

/* There may be a new one to its peer already. */
static bool is_ending(const struct rt_hci_link *link)
{
	return link->step == RT_HCI_LINK_STEP_DRAINING ||
	       link->step == RT_HCI_LINK_STEP_DISCONNECTING;
}

static const char *check_packets(const struct rt_hci_link *link)
{
	const struct rt_hci_link_tx *tx = &link->tx;
	uint32_t packets = 0;

	if (tx->sent_count > RT_HCI_SENT_MAX)
		return "PDUs that a controller holds fit its buffers";
	for (uint16_t i = 0; i < tx->sent_count; i++)
		packets += tx->sent[(tx->sent_first + i) % RT_HCI_SENT_MAX]
				   .packets;
	if (packets != tx->packets)
		return "packets that the controller holds belong to PDUs";
	return NULL;
}

static const char *check_security(const struct rt_hci_link *link)
{
	const struct rt_sec_link *sec = &link->sec;

	if (link->step != RT_HCI_LINK_STEP_OPEN)
		return NULL;
	if ((sec->step != RT_SEC_STEP_IDLE) != sec->timer.armed)
		return "a step of security has a time limit, and idleness none";
	if (sec->facts.key_bytes > RT_SEC_KEY_SIZE_MAX)
		return "an encryption key has 16 octets at most";
	return NULL;
}

/* No two links have one peer, or one handle. */
static const char *check_names(const struct rt_hci *hci,
			       const struct rt_hci_link *link)
{
	const struct rt_hci_link *other;

	RT_LIST_EACH (other, &hci->links, node) {
		if (other == link)
			continue;
		if (has_handle(link) && has_handle(other) &&
		    link->handle == other->handle)
			return "handles of open links are unique";
		if (!is_ending(link) && !is_ending(other) &&
		    rt_addr_equal(link->addr, other->addr))
			return "there is one link to a peer";
	}
	return NULL;
}

static const char *check_link(const struct rt_hci *hci,
			      const struct rt_hci_link *link)
{
	const enum rt_hci_link_step step = (enum rt_hci_link_step)link->step;
	const char *wrong;

	if (link->hci != hci)
		return "a link is on its engine";
	if (step == RT_HCI_LINK_STEP_CLOSED)
		return "closed links are not seen between steps";
	if (stay_ms(step) > 0 && !link->timer.armed)
		return "a link that waits has a time limit";
	if (!has_handle(link) && link->tx.packets > 0)
		return "only open links have packets in the controller";
	wrong = check_names(hci, link);
	if (!wrong)
		wrong = check_packets(link);
	return wrong ? wrong : check_security(link);
}

const char *rt_hci_check(const struct rt_hci *hci)
{
	const struct rt_hci_link *link;
	uint32_t packets = 0;
	uint32_t links = 0;
	const char *wrong;

	RT_LIST_EACH (link, &hci->links, node) {
		wrong = check_link(hci, link);
		if (wrong)
			return wrong;
		packets += link->tx.packets;
		links++;
	}
	if (links != hci->link_count)
		return "links are counted";
	if (packets > hci->info.acl_packets)
		return "the controller holds no more packets than it has room";
	return check_commands(hci);
}
