/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/hci_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/link.h"

#define LIMIT_S 100 /* for a step that must come to an end */

struct hci_bed bed;

static const uint8_t zeros[2048];

void bed_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

struct rt_addr bed_addr(unsigned int i)
{
	return world_addr(bed.w, i % bed.count);
}

struct bed_link *bed_find(struct bed_engine *e, const struct rt_hci_link *link)
{
	for (size_t i = 0; link && i < BED_LINKS; i++) {
		if (e->link[i].link == link)
			return &e->link[i];
	}
	return NULL;
}

struct bed_link *bed_link(struct bed_engine *e, unsigned int n)
{
	for (size_t i = 0; i < BED_LINKS; i++) {
		struct bed_link *known = &e->link[(n + i) % BED_LINKS];

		if (known->link)
			return known;
	}
	return NULL;
}

/* --- what an engine tells ------------------------------------------------ */

static struct bed_link *remember(struct bed_engine *e, struct rt_hci_link *link)
{
	struct bed_link *known = bed_find(e, link);

	for (size_t i = 0; !known && i < BED_LINKS; i++) {
		if (!e->link[i].link)
			known = &e->link[i];
	}
	bed_must(known, "there are not that many links");
	known->link = link;
	return known;
}

static void on_link_up(void *user, struct rt_hci_link *link)
{
	struct bed_link *known = remember(user, link);

	bed_must(!known->up, "a link is up once");
	bed_must(rt_hci_link_state(link) == RT_HCI_LINK_OPEN, "up is open");
	known->up = true;
	rt_hci_link_set_used(link, true);
}

static void on_link_down(void *user, struct rt_hci_link *link,
			 const struct rt_reason *why)
{
	struct bed_link *known = bed_find(user, link);

	bed_must(known, "only links that we know go down, and once");
	bed_must(known->pulled == 0, "all is completed before down");
	bed_must(why->layer != RT_LAYER_NONE, "an end has a reason");
	memset(known, 0, sizeof(*known));
}

static bool on_want(void *user, struct rt_hci_link *link, uint16_t cid,
		    uint16_t *len)
{
	bed_must(bed_find(user, link), "limits of links that we know");
	return *len <= (cid == BED_CID_SMALL ? BED_PDU_SMALL : BED_PDU_BYTES);
}

static void on_rx(void *user, struct rt_hci_link *link, struct rt_bytes pdu)
{
	struct bed_engine *e = user;

	bed_must(bed_find(e, link), "data of links that we know");
	bed_must(pdu.len >= 4 && pdu.len == 4U + pdu.ptr[0] + 256U * pdu.ptr[1],
		 "a PDU is as long as it says");
	if (e == &bed.engine[0] && bed.pdu)
		bed.pdu(link, pdu);
}

static bool on_pull(void *user, struct rt_hci_link *link, struct rt_pdu *pdu)
{
	struct bed_link *known = bed_find(user, link);
	uint8_t *head;

	bed_must(known && known->up, "pulled from links that are up");
	if (known->to_send == 0)
		return false;
	known->to_send--;
	known->pulled++;
	head = rt_pdu_push(pdu, 4);
	head[0] = (uint8_t)known->bytes;
	head[1] = (uint8_t)(known->bytes >> 8);
	head[2] = 0x40;
	head[3] = 0;
	pdu->body[0] = rt_bytes(zeros, known->bytes);
	pdu->flushable = known->bytes & 1;
	pdu->done = (struct rt_done){ .chan = 1, .bytes = known->bytes };
	return true;
}

static void on_completed(void *user, struct rt_hci_link *link,
			 const struct rt_done *done, bool written)
{
	struct bed_link *known = bed_find(user, link);

	(void)written;
	bed_must(known && known->pulled > 0 && done->chan == 1,
		 "completed what was pulled");
	known->pulled--;
}

static const struct rt_hci_link_ops link_ops = {
	.up = on_link_up,
	.down = on_link_down,
	.want = on_want,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

static void on_up(void *user)
{
	struct bed_engine *e = user;

	bed_must(!e->up && rt_hci_is_up(e->hci), "up once");
	e->up = true;
}

static void on_down(void *user, const struct rt_reason *why, bool final)
{
	struct bed_engine *e = user;

	(void)why;
	bed_must(!rt_hci_is_up(e->hci), "down is not up");
	for (size_t i = 0; i < BED_LINKS; i++)
		bed_must(!e->link[i].link, "links go down before it");
	e->up = false;
	e->final_down = final;
}

static const struct rt_hci_ops ops = { .up = on_up, .down = on_down };

static void on_changed(void *user, struct rt_addr addr)
{
	(void)user;
	(void)addr;
}

static void on_ask(void *user, const struct rt_sec_question *question)
{
	struct bed_engine *e = user;

	bed_must(question->number <= RT_SEC_PASSKEY_MAX, "six digits");
	e->asked = true;
	e->question = *question;
}

static void on_ask_over(void *user, struct rt_addr addr)
{
	struct bed_engine *e = user;

	if (rt_addr_equal(e->question.addr, addr))
		e->asked = false;
}

static void on_paired(void *user, struct rt_addr addr, bool bonded,
		      const struct rt_reason *why)
{
	struct bed_engine *e = user;

	(void)why;
	bed_must(!bonded || rt_sec_key_find(e->hci, addr), "bonds have keys");
}

static void on_store(void *user, struct rt_addr addr,
		     const struct rt_sec_key *key)
{
	struct bed_engine *e = user;

	bed_must(!key || rt_addr_equal(key->addr, addr), "keys of the peer");
	bed_must(!key || !rt_addr_equal(addr, e->node->addr), "not ours");
	bed_must(!key || memcmp(key->key, zeros, 16) != 0, "no zero keys");
}

static const struct rt_sec_ops sec_ops = {
	.changed = on_changed,
	.ask = on_ask,
	.ask_over = on_ask_over,
	.paired = on_paired,
	.store = on_store,
};

/* --- the doors of an engine ---------------------------------------------- */

/* An honest user says yes, and types what the other side shows. */
static void answer(struct bed_engine *e)
{
	const uint8_t pin[] = { '0', '0', '0', '0' };
	uint32_t number = e->question.number;

	for (unsigned int i = 0; i < bed.count; i++) {
		const struct bed_engine *other = &bed.engine[i];

		if (other != e && other->asked &&
		    other->question.kind == RT_SEC_SHOW_PASSKEY)
			number = other->question.number;
	}
	e->asked = e->question.kind == RT_SEC_SHOW_PASSKEY;
	if (e->question.kind == RT_SEC_ASK_PIN)
		(void)!rt_sec_answer_pin(e->hci, e->question.addr,
					 rt_bytes(pin, sizeof(pin)));
	else if (!e->asked)
		(void)!rt_sec_answer(e->hci, e->question.addr, true, number);
}

static void engine_advance(void *peer, uint64_t now_us)
{
	struct bed_engine *e = peer;

	rt_env_reap(e->env);
	e->env->now_us = now_us;
	while (rt_timers_run(&e->env->timers, now_us) > 0)
		;
	if (e->asked && e->answers)
		answer(e);
}

static void engine_rx(void *peer, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	struct bed_engine *e = peer;
	uint8_t *exact = malloc(packet.len ? packet.len : 1);

	bed_must(exact, "memory");
	if (packet.len > 0)
		memcpy(exact, packet.ptr, packet.len);
	rt_hci_rx(e->hci, type, rt_bytes(exact, packet.len));
	free(exact);
	rt_env_reap(e->env);
}

static bool engine_tx(void *peer, enum rt_packet_type *ret_type,
		      struct rt_bytes *ret_packet)
{
	struct bed_engine *e = peer;
	struct rt_packet packet;
	size_t len = 0;

	if (!rt_hci_tx(e->hci, &packet)) {
		rt_env_reap(e->env);
		return false;
	}
	bed_must(packet.len <= sizeof(e->tx), "no packet is that long");
	for (size_t i = 0; i < packet.count; i++) {
		if (packet.slice[i].len > 0)
			memcpy(e->tx + len, packet.slice[i].ptr,
			       packet.slice[i].len);
		len += packet.slice[i].len;
	}
	bed_must(len == packet.len, "a packet is the sum of its slices");
	*ret_type = (enum rt_packet_type)packet.type;
	*ret_packet = rt_bytes(e->tx, len);
	return true;
}

static bool engine_next_timer(void *peer, uint64_t *ret_due_us)
{
	const struct bed_engine *e = peer;

	return rt_timers_next(&e->env->timers, ret_due_us);
}

static const struct world_peer_ops peer_ops = {
	.advance = engine_advance,
	.rx = engine_rx,
	.tx = engine_tx,
	.next_timer = engine_next_timer,
};

/* --- between the victim and its controller ------------------------------- */

static bool look_at_command(struct rt_bytes packet)
{
	bed_must(packet.len >= 3 && packet.len == 3U + packet.ptr[2],
		 "a command is as long as it says");
	bed.last_opcode = (uint16_t)(packet.ptr[0] | packet.ptr[1] << 8);
	return bed.command && bed.command(bed.last_opcode, packet);
}

static bool meddle(void *user, struct world_node *node, bool from_controller,
		   enum rt_packet_type type, struct rt_bytes packet)
{
	(void)user;
	if (node->index != 0)
		return false;
	if (!from_controller)
		return type == RT_PACKET_COMMAND && look_at_command(packet);
	if (bed.meddle && bed.meddle(type, packet))
		return true;
	return liar_meddle(&bed.liar, node, type, packet);
}

/* --- life ---------------------------------------------------------------- */

static void add_engine(struct bed_engine *e)
{
	/* The victim's transport could lose packets: it counts them. */
	const struct rt_hci_options options = {
		.name = "bed",
		.acl_rx_packets_max = bed.count == 0 ? 16 : 0,
	};

	fake_env_init(&e->fake);
	e->env = &e->fake.env;
	e->env->now_us = bed.w->now_us;
	e->fake.next_random = (uint8_t)(64 * bed.count);
	bed_must(rt_hci_new(e->env, &options, &ops, e, &e->hci) == 0,
		 "an engine");
	rt_hci_set_link_ops(e->hci, &link_ops, e);
	rt_sec_set_ops(e->hci, &sec_ops, e);
	rt_hci_set_scan(e->hci, true, true);
	e->node = world_add_peer(bed.w, NULL, &peer_ops, e);
	bed.count++;
}

void bed_begin(unsigned int count)
{
	const struct world_hooks hooks = { .meddle = meddle };
	const struct world_options options = {
		.seed = 1,
		.empty = true,
		.hooks = &hooks,
	};

	memset(&bed, 0, sizeof(bed));
	bed.w = world_new(&options);
	for (unsigned int i = 0; i < count; i++)
		add_engine(&bed.engine[i]);
}

static bool is_started(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < bed.count; i++) {
		if (!bed.engine[i].up && !bed.engine[i].final_down)
			return false;
	}
	return true;
}

void bed_start(unsigned int wait)
{
	for (unsigned int i = 0; i < bed.count; i++)
		rt_hci_start(bed.engine[i].hci);
	(void)world_run_until(bed.w, is_started, NULL, RT_SECONDS(wait));
	bed_check();
}

/* Commands: each in one list, no opcode outstanding twice. */
static void check_commands(const struct rt_hci_cmdq *q)
{
	const struct rt_hci_cmd *cmd;
	const struct rt_hci_cmd *other;
	uint32_t count = q->free_count;
	uint32_t unanswered = 0;

	RT_LIST_EACH (cmd, &q->waiting, node)
		count++;
	RT_LIST_EACH (cmd, &q->sent, node) {
		count++;
		unanswered += !cmd->acked;
		RT_LIST_EACH (other, &q->sent, node)
			bed_must(other == cmd || other->msg != cmd->msg,
				 "no opcode is outstanding twice");
	}
	bed_must(count == bed.engine[0].env->limits.commands_queued,
		 "no command is lost");
	bed_must(unanswered == q->unanswered, "unanswered commands add up");
}

void bed_check(void)
{
	const struct rt_hci *hci = bed.engine[0].hci;
	const struct rt_hci_link *link;
	uint32_t held = 0;

	check_commands(&hci->cmdq);
	if (!rt_hci_is_up(hci))
		return;
	/* I5: what the controller has, and what is free, is all there is. */
	RT_LIST_EACH (link, &hci->links, node)
		held += link->tx.packets;
	bed_must(held + hci->stats.acl_free == hci->info.acl_packets,
		 "buffers of the controller add up");
}

void bed_settle(void)
{
	world_settle(bed.w);
	bed_check();
}

void bed_wait(uint64_t us)
{
	world_run(bed.w, us);
	bed_check();
}

static bool is_idle(void *arg)
{
	const struct bed_engine *e = arg;

	return rt_hci_is_idle(e->hci);
}

static void end_engine(struct bed_engine *e)
{
	for (size_t i = 0; i < BED_LINKS; i++)
		bed_must(!e->link[i].link, "no link is left");
	bed_must(!e->inquires && e->name == 0 && e->pair == 0 && e->oobs == 0,
		 "what was asked for was answered");
	rt_hci_free(e->hci);
	rt_env_reap(e->env);
	fake_env_assert_idle(&e->fake);
}

void bed_end(void)
{
	struct bed_engine *victim = &bed.engine[0];

	bed.meddle = NULL;
	bed.command = NULL;
	liar_rest(&bed.liar, victim->node);
	bed_wait(RT_SECONDS(LIMIT_S));
	for (unsigned int i = 0; i < bed.count; i++)
		rt_hci_stop(bed.engine[i].hci);
	bed_must(world_run_until(bed.w, is_idle, victim, RT_SECONDS(3)),
		 "it stops within 3 s");
	bed_wait(RT_SECONDS(10));
	for (unsigned int i = 0; i < bed.count; i++)
		end_engine(&bed.engine[i]);
	world_free(bed.w);
}
