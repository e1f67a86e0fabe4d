/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "hci/engine.h"
#include "hci/link.h"
#include "l2cap/chan.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/mode.h"
#include "tools/sim/faults.h"
#include "tools/sim/random.h"
#include "tools/sim/run.h"

/* Codes of events (Core Vol 4 Part E 7.7). */
#define COMMAND_COMPLETE 0x0e
#define COMMAND_STATUS 0x0f
#define COMPLETED_PACKETS 0x13

/* A frame that takes the place of one that is lost: for nobody. */
#define CID_NOBODY 0xfffe

/*
 * So many frames may overtake one: sequence numbers have six bits, and what is
 * very late can't be told from something new.
 */
#define FRAMES_MAX 8

#define PIECE_US 1000 /* until it is seen again whether a PDU is whole */

struct held {
	struct rt_list node; /* of sim_faults.held */
	struct world_node *owner;
	uint64_t since_us;
	uint64_t due_us;
	unsigned int frames; /* that may still overtake it */
	bool from_controller;
	enum rt_packet_type type;
	size_t bytes;
	uint8_t octets[];
};

static bool chance(struct sim_run *run, enum sim_feature feature)
{
	return sim_plan_has(&run->plan, feature) &&
	       sim_below(&run->faults.dice, 1000) < run->plan.permille[feature];
}

static void took_place(struct sim_run *run, const struct world_node *node,
		       enum sim_feature feature)
{
	run->faults.count++;
	sim_say(run, "fault: %s at %u", sim_feature_name(feature), node->index);
}

static void insert(struct sim_run *run, struct held *held)
{
	struct rt_list *before = &run->faults.held;
	const struct held *it;

	/* Behind all that are due no later. */
	while (before->prev != &run->faults.held) {
		it = RT_CONTAINER_OF(before->prev, struct held, node);
		if (it->due_us <= held->due_us)
			break;
		before = before->prev;
	}
	rt_list_append(before, &held->node);
}

static void hold(struct sim_run *run, struct world_node *owner,
		 bool from_controller, enum rt_packet_type type,
		 struct rt_bytes packet, uint32_t delay_us)
{
	struct held *held = malloc(sizeof(*held) + packet.len);

	if (!held)
		sim_fail(run, "the machine is out of memory");
	held->owner = owner;
	held->since_us = run->w->now_us;
	held->frames = FRAMES_MAX;
	held->due_us = run->w->now_us + delay_us;
	held->from_controller = from_controller;
	held->type = type;
	held->bytes = packet.len;
	memcpy(held->octets, packet.ptr, packet.len);
	insert(run, held);
}

/* The channel that a whole PDU in one packet is for; NULL: none of these. */
static const struct rt_l2cap_chan *frame_chan(const struct world_node *node,
					      struct rt_bytes acl)
{
	const struct rt_l2cap_chan *chan;
	const struct rt_l2cap_link *link;
	uint16_t handle;
	uint16_t cid;

	if (acl.len < 8 || (acl.ptr[1] & 0x10) != 0 ||
	    acl.len != 8U + acl.ptr[4] + 256U * acl.ptr[5])
		return NULL;
	handle = (uint16_t)((acl.ptr[0] | acl.ptr[1] << 8) & 0x0fff);
	cid = (uint16_t)(acl.ptr[6] | acl.ptr[7] << 8);
	RT_LIST_EACH (link, &node->host->l2cap->links, node) {
		if (!link->hci || link->hci->handle != handle)
			continue;
		chan = rt_l2cap_chan_by_scid(link, cid);
		if (chan && (chan->mode == &rt_l2cap_ertm_ops ||
			     chan->mode == &rt_l2cap_streaming_ops))
			return chan;
	}
	return NULL;
}

/* Channel ids are used again: a frame is not for whoever has it next. */
static bool is_outdated(const struct held *held)
{
	const struct rt_l2cap_chan *chan;

	if (held->type != RT_PACKET_ACL)
		return false;
	if (!held->owner->host)
		return true;
	chan = frame_chan(held->owner, rt_bytes(held->octets, held->bytes));
	return !chan || chan->since_us > held->since_us;
}

/* A frame can't come between two pieces of another: it waits for their end. */
static bool is_in_the_way(const struct held *held)
{
	const struct world_node *node = held->owner;
	const struct rt_hci_link *link;

	if (held->type != RT_PACKET_ACL || !node->host)
		return false;
	RT_LIST_EACH (link, &node->host->hci->links, node) {
		/* What the host puts aside may end within a frame too. */
		if ((link->rx.active || !rt_list_empty(&link->held.packets)) &&
		    link->handle ==
			    ((held->octets[0] | held->octets[1] << 8) & 0x0fff))
			return true;
	}
	return false;
}

static void hand_over(const struct held *held)
{
	const struct rt_bytes packet = rt_bytes(held->octets, held->bytes);

	if (is_outdated(held))
		return;
	if (held->from_controller)
		world_to_host(held->owner, held->type, packet);
	else
		world_to_controller(held->owner, held->type, packet);
}

bool sim_meddle_advance(struct sim_run *run)
{
	struct held *held;
	bool any = false;

	while (!rt_list_empty(&run->faults.held)) {
		held = RT_CONTAINER_OF(run->faults.held.next, struct held,
				       node);
		if (held->due_us > run->w->now_us)
			break;
		rt_list_del(&held->node);
		if (is_in_the_way(held)) {
			held->due_us = run->w->now_us + PIECE_US;
			insert(run, held);
			continue;
		}
		hand_over(held);
		free(held);
		any = true;
	}
	return any;
}

uint64_t sim_meddle_next(const struct sim_run *run)
{
	return RT_CONTAINER_OF(run->faults.held.next, struct held, node)
		->due_us;
}

void sim_meddle_forget(struct sim_run *run, const struct world_node *node)
{
	struct rt_list *it = run->faults.held.next;
	struct held *held;

	while (it != &run->faults.held) {
		held = RT_CONTAINER_OF(it, struct held, node);
		it = it->next;
		if (node && held->owner != node)
			continue;
		rt_list_del(&held->node);
		free(held);
	}
}

/* --- octets that change ------------------------------------------------- */

/* Another octet, another end, or more of it; event headers stay right. */
static size_t spoil(struct sim_run *run, bool event, uint8_t *buf,
		    struct rt_bytes packet)
{
	uint64_t *dice = &run->faults.dice;
	const size_t header = event ? 2 : 4;
	size_t bytes = RT_MIN(packet.len, 290);

	memcpy(buf, packet.ptr, bytes);
	switch (sim_below(dice, 4)) {
	case 0:
		bytes = sim_below(dice, (uint32_t)bytes + 1);
		break;
	case 1:
		buf[bytes++] = (uint8_t)sim_random(dice);
		break;
	default:
		if (bytes > 0)
			buf[sim_below(dice, (uint32_t)bytes)] =
				(uint8_t)sim_random(dice);
	}
	/* Mostly the length in front is that of the packet. */
	if (bytes < header || sim_below(dice, 4) == 0)
		return bytes;
	if (event) {
		buf[1] = (uint8_t)(bytes - header);
	} else {
		buf[2] = (uint8_t)(bytes - header);
		buf[3] = (uint8_t)((bytes - header) >> 8);
	}
	return bytes;
}

/* The handle of a link that is there, mostly. */
static uint16_t some_handle(struct sim_run *run, const struct world_node *node)
{
	const struct rt_hci_link *link;

	if (node->host && sim_below(&run->faults.dice, 8) > 0) {
		RT_LIST_EACH (link, &node->host->hci->links, node) {
			if (sim_below(&run->faults.dice, 2) == 0)
				return link->handle & 0x0fff;
		}
	}
	return (uint16_t)sim_below(&run->faults.dice, 0x1000);
}

size_t sim_meddle_make_up(struct sim_run *run, struct world_node *node,
			  bool event, uint8_t buf[300])
{
	static const uint8_t codes[] = { 0x03, 0x04, 0x05, 0x06, 0x08, 0x0e,
					 0x0f, 0x10, 0x12, 0x13, 0x14, 0x16,
					 0x17, 0x18, 0x1b, 0x22, 0x30, 0x31,
					 0x32, 0x33, 0x36, 0x3e };
	uint64_t *dice = &run->faults.dice;
	const uint16_t handle = some_handle(run, node);
	size_t bytes = sim_below(dice, event ? 40 : 60);

	sim_random_bytes(dice, buf, bytes + 9);
	if (event) {
		buf[0] = codes[sim_below(dice, RT_ARRAY_SIZE(codes))];
		buf[1] = (uint8_t)bytes;
		/* Where most have their status and handle. */
		buf[2] = sim_below(dice, 2) ? 0 : buf[2];
		buf[3] = (uint8_t)handle;
		buf[4] = (uint8_t)(handle >> 8);
		return bytes + 2;
	}
	buf[0] = (uint8_t)handle;
	buf[1] = (uint8_t)(handle >> 8 | 0x20);
	buf[2] = (uint8_t)(bytes + 4);
	buf[3] = 0;
	buf[4] = (uint8_t)bytes;
	buf[5] = 0;
	/* A channel that may be there. */
	buf[6] = sim_below(dice, 2) ? 1 : (uint8_t)(0x40 + (buf[6] & 7));
	buf[7] = 0;
	return bytes + 8;
}

/* --- events ------------------------------------------------------------- */

/* Where the status of an answer to a command is; 0: it has none. */
static size_t status_at(struct rt_bytes event)
{
	if (event.ptr[0] == COMMAND_STATUS && event.len >= 6)
		return 2;
	if (event.ptr[0] == COMMAND_COMPLETE && event.len >= 6)
		return 5;
	return 0;
}

static bool meddle_answer(struct sim_run *run, struct world_node *node,
			  struct rt_bytes event)
{
	uint8_t buf[260];
	const size_t at = status_at(event);

	if (at == 0)
		return false;
	if (chance(run, SIM_COMMAND_LOST)) {
		took_place(run, node, SIM_COMMAND_LOST);
		/* For ever, or until nobody waits any more. */
		if (sim_below(&run->faults.dice, 2) == 0)
			hold(run, node, true, RT_PACKET_EVENT, event,
			     sim_below(&run->faults.dice, 10000000));
		return true;
	}
	if (!chance(run, SIM_COMMAND_FAILS))
		return false;
	took_place(run, node, SIM_COMMAND_FAILS);
	memcpy(buf, event.ptr, event.len);
	buf[at] = (uint8_t)(1 + sim_below(&run->faults.dice, 0x45));
	world_to_host(node, RT_PACKET_EVENT, rt_bytes(buf, event.len));
	return true;
}

static bool meddle_completions(struct sim_run *run, struct world_node *node,
			       struct rt_bytes event)
{
	if (event.ptr[0] != COMPLETED_PACKETS)
		return false;
	if (chance(run, SIM_COMPLETIONS_LOST)) {
		took_place(run, node, SIM_COMPLETIONS_LOST);
		return true;
	}
	if (!chance(run, SIM_COMPLETIONS))
		return false;
	took_place(run, node, SIM_COMPLETIONS);
	/* Late, after the link's end perhaps. */
	hold(run, node, true, RT_PACKET_EVENT, event,
	     sim_below(&run->faults.dice, 3000000));
	return true;
}

static bool meddle_event(struct sim_run *run, struct world_node *node,
			 struct rt_bytes event)
{
	uint8_t buf[300];
	size_t bytes;

	if (meddle_completions(run, node, event) ||
	    meddle_answer(run, node, event))
		return true;
	if (chance(run, SIM_EVENT_LOST)) {
		took_place(run, node, SIM_EVENT_LOST);
		return true;
	}
	if (chance(run, SIM_EVENT_LATE)) {
		took_place(run, node, SIM_EVENT_LATE);
		hold(run, node, true, RT_PACKET_EVENT, event,
		     sim_below(&run->faults.dice, 2000000));
		return true;
	}
	if (chance(run, SIM_EVENT_TWICE)) {
		took_place(run, node, SIM_EVENT_TWICE);
		hold(run, node, true, RT_PACKET_EVENT, event,
		     sim_below(&run->faults.dice, 100000));
		return false;
	}
	if (!chance(run, SIM_EVENT_SPOILT))
		return false;
	took_place(run, node, SIM_EVENT_SPOILT);
	bytes = spoil(run, true, buf, event);
	world_to_host(node, RT_PACKET_EVENT, rt_bytes(buf, bytes));
	return true;
}

/* --- frames of ERTM and Streaming --------------------------------------- */

/* The host gets a packet all the same: controllers count packets. */
static void lose_frame(struct world_node *node, struct rt_bytes acl)
{
	uint8_t buf[8];

	memcpy(buf, acl.ptr, sizeof(buf));
	buf[2] = 4;
	buf[3] = buf[4] = buf[5] = 0;
	buf[6] = CID_NOBODY & 0xff;
	buf[7] = CID_NOBODY >> 8;
	world_to_host(node, RT_PACKET_ACL, rt_bytes(buf, sizeof(buf)));
}

/* Another frame comes: what it may not overtake goes first. */
static void count_frame(struct sim_run *run, const struct world_node *node)
{
	struct rt_list *it = run->faults.held.next;
	struct held *held;

	while (it != &run->faults.held) {
		held = RT_CONTAINER_OF(it, struct held, node);
		it = it->next;
		if (held->owner != node || held->type != RT_PACKET_ACL)
			continue;
		if (held->frames > 0)
			held->frames--;
		if (held->frames > 0 || is_in_the_way(held))
			continue;
		rt_list_del(&held->node);
		hand_over(held);
		free(held);
	}
}

/* Streaming mode has no defence against frames that come late. */
static bool meddle_frame(struct sim_run *run, struct world_node *node,
			 struct rt_bytes acl)
{
	const struct rt_l2cap_chan *chan = frame_chan(node, acl);
	uint8_t buf[2048];

	if (!chan)
		return false;
	count_frame(run, node);
	if (chance(run, SIM_FRAME_LOST)) {
		took_place(run, node, SIM_FRAME_LOST);
		lose_frame(node, acl);
		return true;
	}
	if (chan->mode == &rt_l2cap_ertm_ops && chance(run, SIM_FRAME_LATE)) {
		took_place(run, node, SIM_FRAME_LATE);
		hold(run, node, true, RT_PACKET_ACL, acl,
		     sim_below(&run->faults.dice, 500000));
		return true;
	}
	if (chan->mode == &rt_l2cap_ertm_ops && chance(run, SIM_FRAME_TWICE)) {
		took_place(run, node, SIM_FRAME_TWICE);
		hold(run, node, true, RT_PACKET_ACL, acl,
		     sim_below(&run->faults.dice, 500000));
		return false;
	}
	if (!chan->agreed.fcs || acl.len > sizeof(buf) ||
	    !chance(run, SIM_FRAME_SPOILT))
		return false;
	took_place(run, node, SIM_FRAME_SPOILT);
	memcpy(buf, acl.ptr, acl.len);
	/* One bit: the FCS sees every such error. */
	buf[8 + sim_below(&run->faults.dice, (uint32_t)acl.len - 8)] ^=
		(uint8_t)(1U << sim_below(&run->faults.dice, 8));
	world_to_host(node, RT_PACKET_ACL, rt_bytes(buf, acl.len));
	return true;
}

static bool meddle_data(struct sim_run *run, struct world_node *node,
			struct rt_bytes acl)
{
	uint8_t buf[300];
	size_t bytes;

	if (chance(run, SIM_ACL_SPOILT)) {
		took_place(run, node, SIM_ACL_SPOILT);
		bytes = spoil(run, false, buf, acl);
		world_to_host(node, RT_PACKET_ACL, rt_bytes(buf, bytes));
		return true;
	}
	return meddle_frame(run, node, acl);
}

bool sim_meddle(struct sim_run *run, struct world_node *node,
		bool from_controller, enum rt_packet_type type,
		struct rt_bytes packet)
{
	if (run->phase != SIM_PHASE_FAULTS || !from_controller || !node->host)
		return false;
	if (type == RT_PACKET_EVENT)
		return meddle_event(run, node, packet);
	if (type == RT_PACKET_ACL)
		return meddle_data(run, node, packet);
	return false;
}
