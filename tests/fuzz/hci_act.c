/* SPDX-License-Identifier: MIT */
/* What the owner of an engine may do, and the layer above. */
#include <string.h>

#include "hci/engine.h"
#include "tests/fuzz/hci_bed.h"

static void result(void *user, const struct rt_gap_device *device)
{
	const struct bed_engine *e = user;

	bed_must(e->inquires, "results of an inquiry that runs");
	bed_must(device->eir_bytes <= 240, "an EIR has 240 octets");
	bed_must(strlen(device->name) <= RT_GAP_NAME_BYTES, "names end");
	if (e == &bed.engine[0] && bed.device)
		bed.device(device);
}

static void inquiry_done(void *user, const struct rt_reason *why)
{
	struct bed_engine *e = user;

	(void)why;
	bed_must(e->inquires, "an inquiry is over once");
	e->inquires = false;
	e->dones++;
}

static const struct rt_gap_inquiry_ops inquiry_ops = { result, inquiry_done };

static void name_done(void *user, const char *name, const struct rt_reason *why)
{
	struct bed_engine *e = user;

	bed_must(e->name != 0, "a name is told once");
	bed_must(!name || why->err == 0, "a name, or a reason");
	e->name = 0;
	e->dones++;
}

static const struct rt_gap_name_ops name_ops = { name_done };

static void pair_done(void *user, const struct rt_reason *why)
{
	struct bed_engine *e = user;

	(void)why;
	bed_must(e->pair != 0, "a pairing is over once");
	e->pair = 0;
	e->dones++;
}

static void oob_done(void *user, const struct rt_sec_oob *oob,
		     const struct rt_reason *why)
{
	struct bed_engine *e = user;

	bed_must(e->oobs > 0 && (!oob || why->err == 0), "data are told once");
	e->oobs--;
	e->dones++;
}

/* --- links --------------------------------------------------------------- */

static void act_connect(struct bed_engine *e, uint8_t a, uint8_t b)
{
	struct rt_hci_link *link;

	(void)b;
	if (rt_hci_link_connect(e->hci, bed_addr(a), &link) < 0)
		return;
	/* It may be there already. */
	for (size_t i = 0; !bed_find(e, link) && i < BED_LINKS; i++) {
		if (!e->link[i].link)
			e->link[i].link = link;
	}
	bed_must(bed_find(e, link), "there are not that many links");
	rt_hci_link_set_used(link, true);
}

static void act_end(struct bed_engine *e, uint8_t a, uint8_t b)
{
	struct bed_link *known = bed_link(e, a);

	if (!known)
		return;
	if (!known->up)
		rt_hci_link_cancel(known->link);
	else if (b & 1)
		rt_hci_link_disconnect(known->link, 0x13);
	else
		rt_hci_link_set_used(known->link, b & 2);
}

static void act_send(struct bed_engine *e, uint8_t a, uint8_t b)
{
	struct bed_link *known = bed_link(e, a);

	if (!known)
		return;
	known->to_send += 1 + (b & 15U);
	known->bytes = (uint16_t)(b * 8);
	rt_hci_link_ready(known->link);
}

static void act_disown(struct bed_engine *e, uint8_t a, uint8_t b)
{
	struct bed_link *known = bed_link(e, a);

	(void)b;
	if (!known)
		return;
	rt_hci_link_disown(known->link, 1);
	known->pulled = 0;
}

static void act_policy(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct bed_link *known = bed_link(e, a);

	if (!known) {
		rt_hci_set_accept_role(e->hci, (enum rt_hci_role)(b % 3));
		return;
	}
	switch (b >> 4 & 7) {
	case 0:
	case 1:
		rt_hci_link_set_sniff(known->link, (enum rt_hci_sniff)(b & 3));
		return;
	case 2:
	case 3:
		rt_hci_link_switch_role(known->link, (enum rt_hci_role)(b % 3));
		return;
	case 4:
		rt_hci_link_set_supervision(known->link, (uint16_t)(b * 100));
		return;
	case 5:
		rt_hci_link_set_flush(known->link, b * 5U);
		return;
	default:
		rt_hci_link_set_idle(known->link, b * 10U);
		return;
	}
}

/* --- finding and being found --------------------------------------------- */

static void act_inquire(struct bed_engine *e, uint8_t a, uint8_t b)
{
	if (a & 1) {
		rt_gap_inquiry_stop(e->hci);
		e->inquires = false;
		return;
	}
	if (rt_gap_inquiry_start(e->hci, a & 2 ? RT_GAP_LIAC : RT_GAP_GIAC,
				 (uint8_t)(1 + (b & 3)), &inquiry_ops, e) == 0)
		e->inquires = true;
}

static void act_name(struct bed_engine *e, uint8_t a, uint8_t b)
{
	if (e->name == 0) {
		(void)!rt_gap_name_request(e->hci, bed_addr(a), &name_ops, e,
					   &e->name);
	} else if (b & 1) {
		rt_gap_name_cancel(e->hci, e->name);
		e->name = 0;
	}
}

static void act_settings(struct bed_engine *e, uint8_t a, uint8_t b)
{
	static const char *const names[] = { "", "a", "Bedside \xc3\xa4",
					     "\xff\xfe no UTF-8" };
	const struct rt_uuid uuids[3] = {
		rt_uuid_from_short(0x1101),
		rt_uuid_from_short(0x12345678),
		{ { 0x11, 0x22, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, b } },
	};

	switch (a % 5) {
	case 0:
		rt_hci_set_scan(e->hci, b & 1, b & 2);
		return;
	case 1:
		(void)!rt_hci_set_name(e->hci, names[b % 4]);
		return;
	case 2:
		rt_hci_set_class(e->hci, b * 0x10203U & 0xffffff);
		return;
	case 3:
		rt_gap_set_services(e->hci, uuids, b & 3);
		return;
	default:
		rt_gap_set_limited(e->hci, b & 1);
		return;
	}
}

/* --- security ------------------------------------------------------------ */

static void act_sec_policy(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_sec_policy policy = {
		.io = (enum rt_sec_io)(a & 3),
		.bondable = b & 1,
		.legacy = b & 2,
		.secure_connections_only = (b & 0x1c) == 0x1c,
		.debug_keys = b & 0x20,
		.answer_ms = b & 0x40 ? 1000 : 0,
	};
	const struct rt_sec_need floor = { .level = b >> 6 & 1 };

	e->answers = !(b & 0x80);
	(void)!rt_sec_set_policy(e->hci, &policy);
	rt_sec_set_floor(e->hci, a & 4 ? &floor : NULL);
}

static void act_ask(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_sec_request request = {
		.peer = bed_addr(a),
		.need = { .level = b % 5, .bonded_only = b & 0x10 },
		.incoming = b & 0x20,
		.established = b & 0x40,
		.no_pairing = b & 0x80,
	};
	struct rt_sec_facts facts;
	struct rt_reason why;

	if (rt_sec_get_facts(e->hci, request.peer, &facts))
		(void)rt_sec_ask(e->hci, &request, &why);
}

static void act_answer(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const uint8_t pin[16] = { '0', '0', '0', '0', b };

	switch (b & 3) {
	case 0:
		(void)!rt_sec_answer(e->hci, e->question.addr, a & 1,
				     e->question.number);
		return;
	case 1:
		(void)!rt_sec_answer(e->hci, bed_addr(a), true, b * 4000U);
		return;
	case 2:
		(void)!rt_sec_answer_pin(e->hci, e->question.addr,
					 rt_bytes(pin, b >> 2 & 15));
		return;
	default:
		rt_sec_open_window(e->hci, bed_addr(a), b * 500U);
		return;
	}
}

static void act_pair(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_sec_pair_params params = {
		.addr = bed_addr(a),
		.mitm = b & 1,
		.fips = b & 2,
		.keep = b & 4,
		.done = pair_done,
		.user = e,
	};

	if (b & 8) {
		rt_sec_pair_cancel(e->hci, e->pair);
		e->pair = 0;
	} else if (e->pair == 0) {
		(void)!rt_sec_pair(e->hci, &params, &e->pair);
	}
}

static void act_key(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_sec_key key = {
		.addr = bed_addr(a),
		.type = b % 9,
		.key_bytes = b >> 4,
		.key = { 1, 2, 3, b },
	};

	if (b & 8)
		(void)!rt_sec_key_remove(e->hci, key.addr);
	else
		(void)!rt_sec_key_add(e->hci, &key);
}

static void act_oob(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_sec_oob oob = {
		.has_192 = b & 1,
		.has_256 = b & 2,
		.c192 = { 1 },
		.c256 = { 2 },
	};

	if (b & 4)
		rt_sec_clear_peer_oob(e->hci, bed_addr(a));
	else if (b & 8)
		(void)!rt_sec_set_peer_oob(e->hci, bed_addr(a), &oob);
	else if (rt_sec_read_local_oob(e->hci, oob_done, e) == 0)
		e->oobs++;
}

/* --- the controller ------------------------------------------------------ */

static void act_engine(struct bed_engine *e, uint8_t a, uint8_t b)
{
	if ((a & 7) == 0)
		rt_hci_stop(e->hci);
	else if ((a & 7) == 1)
		rt_hci_resync(e->hci);
	else if ((a & 7) == 2 && e->hci->state == RT_HCI_STATE_OFF)
		rt_hci_start(e->hci);
	else if (e->node->vctl && (a & 7) == 3)
		rt_vctl_drop_links(e->node->vctl);
	else if (e->node->vctl)
		rt_vctl_set_fault(e->node->vctl,
				  (enum rt_vctl_fault)(b % RT_VCTL_FAULTS),
				  a & 8);
}

static void act_vctl(struct bed_engine *e, uint8_t a, uint8_t b)
{
	const struct rt_vctl_security security = {
		.no_ssp = (a & 3) == 3,
		.no_secure_connections = a & 4,
		.key_size_max = (uint8_t)(1 + (b >> 4)),
	};

	rt_vctl_set_security(e->node->vctl, &security);
}

static void (*const acts[])(struct bed_engine *e, uint8_t a, uint8_t b) = {
	act_connect, act_connect, act_end,    act_send,	    act_disown,
	act_policy,  act_inquire, act_name,   act_settings, act_sec_policy,
	act_ask,     act_ask,	  act_answer, act_pair,	    act_key,
	act_oob,     act_engine,  act_vctl,
};

void bed_act(unsigned int engine, uint8_t what, uint8_t a, uint8_t b)
{
	acts[what % RT_ARRAY_SIZE(acts)](&bed.engine[engine % bed.count], a, b);
}

unsigned int bed_acts(void)
{
	return RT_ARRAY_SIZE(acts);
}
