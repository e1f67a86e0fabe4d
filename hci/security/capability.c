/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/check.h"
#include "hci/security/pairing.h"

/*
 * The exchange of IO capabilities (Core Vol 2 Part F 4.2.9; Vol 4 Part E
 * 7.7.40, 7.7.41). Who pairs is asked first and told then; the other side is
 * told first.
 */

#define REQUIREMENTS_MAX 5 /* (7.1.29) */
#define REQUIRES_MITM 0x01

/* Why the peer may not pair with us, or FINE (Vol 3 Part C 4.3). */
static enum rt_sec_code peer_hindrance(const struct rt_hci_link *link)
{
	const struct rt_hci *hci = link->hci;
	const struct rt_sec_pairing *p = &link->sec.pairing;

	if (rt_sec_pairing_is_ours(link) ||
	    rt_sec_window_admits(hci, link->addr) || hci->sec.policy.bondable)
		return RT_SEC_CODE_FINE;
	if (p->peer_bonding != RT_SEC_BONDING_NONE)
		return RT_SEC_CODE_NOT_BONDABLE;
	if (hci->sec.ops->ask ||
	    (hci->sec.has_floor && rt_sec_need_level(&hci->sec.floor) <= 1))
		return RT_SEC_CODE_FINE;
	return RT_SEC_CODE_NOT_BONDABLE;
}

/* Ours, from what the peer has said. */
static void set_our_part(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_bond *bond =
		rt_sec_bond_find(link->hci, link->addr);

	p->bonding = p->peer_bonding;
	if (bond && p->bonding == RT_SEC_BONDING_NONE)
		p->bonding = bond->params.keep ? RT_SEC_BONDING_GENERAL
					       : RT_SEC_BONDING_DEDICATED;
	p->mitm = rt_sec_pairing_wants_mitm(link) ||
		  (p->peer_mitm && p->io != RT_SEC_IO_NONE);
}

static void say_no(struct rt_hci *hci, struct rt_addr addr, uint8_t reason)
{
	const struct rt_hci_cmd_io_capability_request_negative_reply no = {
		.addr = addr,
		.reason = reason,
	};

	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_io_capability_request_negative_reply_msg, &no);
}

static void refuse(struct rt_hci_link *link, enum rt_sec_code code)
{
	rt_sec_pairing_refuse(link, code);
	say_no(link->hci, link->addr,
	       code == RT_SEC_CODE_BACK_OFF ? RT_HCI_ERR_REPEATED_ATTEMPTS
					    : RT_HCI_ERR_PAIRING_NOT_ALLOWED);
	rt_sec_pairing_expect(link);
}

static void tell_ours(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_hci_cmd_io_capability_request_reply reply = {
		.addr = link->addr,
		.io = p->io,
		.oob = p->oob,
		.requirements = (uint8_t)(p->bonding << 1 | p->mitm),
	};

	p->tried = true;
	rt_hci_cmdq_reply(link->hci,
			  &rt_hci_cmd_io_capability_request_reply_msg, &reply);
	rt_sec_pairing_expect(link);
}

void rt_sec_pairing_on_io_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_io_capability_request *request = evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, request->addr);
	struct rt_sec_pairing *p;
	enum rt_sec_code code;

	if (!link) {
		say_no(hci, request->addr, RT_HCI_ERR_PAIRING_NOT_ALLOWED);
		return;
	}
	p = &link->sec.pairing;
	/* Twice, or from a peer that has not said anything. */
	if (!p->active || p->tried || p->legacy ||
	    (!p->initiated && !p->peer_known)) {
		hci->stats.events_unexpected++;
		say_no(hci, request->addr, RT_HCI_ERR_PAIRING_NOT_ALLOWED);
		return;
	}
	p->ssp = true;
	p->io = rt_sec_pairing_io(hci);
	p->oob = rt_sec_oob_flags(hci, link->addr);
	code = rt_sec_pairing_hindrance(link, rt_sec_pairing_level(link));
	if (code == RT_SEC_CODE_FINE && !p->initiated) {
		set_our_part(link);
		code = peer_hindrance(link);
		if (code == RT_SEC_CODE_FINE &&
		    rt_sec_pairing_model(link) == RT_SEC_MODEL_JUST_WORKS)
			code = rt_sec_pairing_unproven(link);
	}
	if (code != RT_SEC_CODE_FINE)
		refuse(link, code);
	else
		tell_ours(link);
}

void rt_sec_pairing_on_io_response(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_io_capability_response *response = evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, response->addr);
	struct rt_sec_pairing *p;

	if (!link)
		return;
	p = &link->sec.pairing;
	if ((p->active && (p->peer_known || p->legacy)) ||
	    response->io > RT_SEC_IO_NONE ||
	    response->requirements > REQUIREMENTS_MAX) {
		hci->stats.events_unexpected++;
		return;
	}
	if (!p->active)
		rt_sec_pairing_begin_peer(link);
	p->ssp = true;
	p->peer_known = true;
	p->peer_io = response->io;
	p->peer_oob = response->oob != 0;
	p->peer_mitm = response->requirements & REQUIRES_MITM;
	p->peer_bonding = response->requirements >> 1;
	rt_sec_pairing_expect(link);
}
