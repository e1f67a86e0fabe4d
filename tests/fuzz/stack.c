/* SPDX-License-Identifier: MIT */
/*
 * A whole host, 0, from the moment its controller is switched on, against a
 * controller and a peer that lie (F-16). The peer is a host as well, so that
 * everything is valid by default; in each step one packet to the victim may be
 * changed, lost or put elsewhere, or an unasked one comes. stack.h has the
 * layout of an input.
 */
#include "tests/fuzz/stack.h"

#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "hci/engine.h"
#include "hci/link.h"
#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/link.h"
#include "rfcomm/check.h"
#include "stack/wr.h"
#include "tests/fuzz/fields.h"
#include "tests/fuzz/fuzz.h"

#define CALM_S 400
#define PSM 0x1001
#define PACKETS_MAX 100000 /* of a step: far more than any story has */

static struct {
	struct world *w;
	struct liar liar;
	struct user user[2];
} now;

static struct world_node *victim(void)
{
	return &now.w->node[0];
}

static bool meddle(void *user, struct world_node *node, bool from_controller,
		   enum rt_packet_type type, struct rt_bytes packet)
{
	(void)user;
	if (node->index != 0 || !from_controller)
		return false;
	return liar_meddle(&now.liar, node, type, packet);
}

static void stepped(void *user, struct world_node *node)
{
	const char *wrong = rt_l2cap_check(node->host->l2cap);

	(void)user;
	user_must(!wrong, wrong);
	wrong = rt_rfcomm_check(node->host->rfcomm);
	user_must(!wrong, wrong);
}

/* What a peer knows of the victim's first link, and channel number `which`. */
static struct known look(uint8_t which)
{
	struct known known = {
		.handle = 0x0eff,
		.addr = now.w->node[1].addr,
		.ours = (uint16_t)(0x40 + which % 8),
		.peers = (uint16_t)(0x40 + which % 8),
		.psm = PSM,
	};
	const struct rt_hci_link *link = NULL;
	const struct rt_l2cap_link *above = NULL;
	const struct rt_l2cap_chan *chan;

	if (victim()->host)
		link = RT_LIST_FIRST(&victim()->host->hci->links,
				     struct rt_hci_link, node);
	if (link)
		above = rt_hci_link_user(link);
	if (link)
		known.handle = link->handle & 0x0fff;
	if (!above)
		return known;
	RT_LIST_EACH (chan, &above->chans, node) {
		known.ours = chan->scid;
		known.peers = chan->dcid;
		if (which-- % 4 == 0)
			break;
	}
	return known;
}

static void send_acl(uint16_t flags, struct rt_bytes data)
{
	uint8_t buf[FIELDS_COMMAND_MAX + 20];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)(look(0).handle | (flags & 3) << 12));
	rt_wr_le16(&w, (uint16_t)data.len);
	rt_wr_put(&w, data);
	world_to_host(victim(), RT_PACKET_ACL, rt_wr_bytes(&w));
}

static void send_pdu(uint16_t cid, struct rt_bytes payload)
{
	uint8_t buf[FIELDS_COMMAND_MAX + 10];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)payload.len);
	rt_wr_le16(&w, cid);
	rt_wr_put(&w, payload);
	send_acl(2, rt_wr_bytes(&w));
}

static void send_event(struct rt_rd *r)
{
	uint8_t buf[FIELDS_EVENT_MAX];
	const uint8_t number = rt_rd_u8(r);
	const struct known known = look(0);
	const size_t len = fields_event(&known, number, r, buf);

	world_to_host(victim(), RT_PACKET_EVENT, rt_bytes(buf, len));
}

static void send_command(struct rt_rd *r)
{
	uint8_t buf[FIELDS_COMMAND_MAX];
	const uint8_t number = rt_rd_u8(r);
	const uint8_t ident = rt_rd_u8(r);
	const struct known known = look(ident);
	const size_t len =
		fields_command(&known, number, 1 + ident % 8, r, buf);

	send_pdu(1, rt_bytes(buf, len));
}

/* The victim's controller is pulled out, and one is put in. */
static void replug(uint8_t how)
{
	const struct rt_vctl_options vctl_options = { .acl_packets = 4 };
	const struct rt_host_options options = { .size = sizeof(options) };

	world_unplug(now.w, 0, how & 1 ? -ENODEV : -EPIPE);
	world_settle(now.w);
	user_free(&now.user[0]);
	world_free_host(now.w, 0);
	victim()->vctl = rt_vctl_new(now.w->air, &vctl_options);
	user_must(victim()->vctl, "memory");
	victim()->addr = rt_vctl_addr(victim()->vctl);
	world_restart_host(victim(), &options);
	user_init(&now.user[0], victim(), now.w->node[1].addr);
	now.user[1].peer = victim()->addr;
}

static void step(uint8_t what, struct rt_rd *r)
{
	const unsigned int act = (what & 0x7fU) % STEPS;
	struct rt_bytes rest;
	uint8_t octet;

	if (act < USER_ACTS) {
		user_act(&now.user[what & STEP_OTHER ? 1 : 0], (uint8_t)act, r);
		return;
	}
	switch ((enum step)act) {
	case STEP_TIME:
		world_run(now.w, UINT64_C(1000) << rt_rd_u8(r) % 17);
		return;
	case STEP_EVENT:
		send_event(r);
		return;
	case STEP_RAW_EVENT:
		world_to_host(victim(), RT_PACKET_EVENT, rt_rd_rest(r));
		return;
	case STEP_RAW_DATA:
		octet = rt_rd_u8(r);
		send_acl(octet, rt_rd_rest(r));
		return;
	case STEP_COMMAND:
		send_command(r);
		return;
	case STEP_DATA:
		octet = rt_rd_u8(r);
		rest = rt_rd_rest(r);
		send_pdu(look(octet).ours, rest);
		return;
	case STEP_FAULT:
		octet = rt_rd_u8(r);
		if (victim()->vctl)
			rt_vctl_set_fault(
				victim()->vctl,
				(enum rt_vctl_fault)(octet % RT_VCTL_FAULTS),
				rt_rd_u8(r) & 1);
		return;
	case STEP_DROP:
		rt_vctl_drop_links(victim()->vctl);
		return;
	case STEP_REPLUG:
		replug(rt_rd_u8(r));
		return;
	case STEPS:
		return;
	}
}

static void play(uint8_t what, struct rt_bytes body)
{
	struct rt_rd r = rt_rd_init(body);
	const uint64_t packets = now.w->packets;
	uint8_t lie[LIE_BYTES];

	for (size_t i = 0; i < LIE_BYTES; i++)
		lie[i] = rt_rd_u8(&r);
	liar_arm(&now.liar, lie);
	step(what, &r);
	world_settle(now.w);
	user_must(now.w->packets - packets < PACKETS_MAX, "there is an end");
}

/* Everybody is honest from now on: all comes to an end in its time. */
static void calm_down(void)
{
	liar_rest(&now.liar, victim());
	for (int fault = 0; fault < RT_VCTL_FAULTS; fault++)
		rt_vctl_set_fault(victim()->vctl, (enum rt_vctl_fault)fault,
				  false);
	world_run(now.w, RT_SECONDS(CALM_S));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	const struct world_hooks hooks = {
		.meddle = meddle,
		.stepped = stepped,
	};
	const struct world_options options = {
		.seed = 1,
		.down = true,
		.hooks = &hooks,
	};

	memset(&now.liar, 0, sizeof(now.liar));
	now.w = world_new(&options);
	for (unsigned int i = 0; i < 2; i++)
		user_init(&now.user[i], &now.w->node[i], world_addr(now.w, !i));
	for (int i = 0; i < STEPS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	calm_down();
	for (unsigned int i = 0; i < 2; i++) {
		user_check(&now.user[i], true);
		user_free(&now.user[i]);
	}
	user_end_world(now.w);
	return 0;
}
