/* SPDX-License-Identifier: MIT */
#include "hci/security/bond.h"

#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/pairing.h"

#define WINDOW_MAX_MS 120000

int rt_sec_bonds_init(struct rt_hci *hci)
{
	struct rt_sec_bonds *bonds = &hci->sec.bonds;
	int err;

	rt_list_init(&bonds->list);
	err = rt_slots_init(hci->env, &bonds->slots,
			    (uint16_t)hci->env->limits.links);
	if (err < 0)
		return err;
	err = rt_sec_backoff_init(hci->env, &bonds->backoff);
	if (err < 0)
		rt_slots_fini(hci->env, &bonds->slots);
	return err;
}

static void release(struct rt_sec_bond *bond)
{
	if (bond->held)
		rt_hci_link_unhold(bond->link);
	bond->held = false;
}

static void destroy(struct rt_sec_bond *bond)
{
	struct rt_hci *hci = bond->hci;

	rt_env_stop(hci->env, &bond->timer);
	rt_slots_del(&hci->sec.bonds.slots, bond->handle);
	rt_list_del(&bond->node);
	rt_env_free(hci->env, bond);
}

void rt_sec_bonds_fini(struct rt_hci *hci)
{
	struct rt_sec_bonds *bonds = &hci->sec.bonds;

	while (!rt_list_empty(&bonds->list))
		destroy(RT_LIST_FIRST(&bonds->list, struct rt_sec_bond, node));
	if (bonds->slots.slot)
		rt_slots_fini(hci->env, &bonds->slots);
	rt_sec_backoff_fini(hci->env, &bonds->backoff);
}

/* The end is told from the timer, not from inside. */
static void finish(struct rt_sec_bond *bond, const struct rt_reason *why)
{
	if (bond->step == RT_SEC_BOND_OVER)
		return;
	bond->step = RT_SEC_BOND_OVER;
	bond->why = *why;
	rt_env_arm(bond->hci->env, &bond->timer, 0);
}

static void succeed(struct rt_sec_bond *bond)
{
	const struct rt_reason good = { .phase = RT_PHASE_PAIR };

	finish(bond, &good);
}

static void fail(struct rt_sec_bond *bond, const struct rt_reason *why)
{
	/* A link that was closed in order has left this undone. */
	const struct rt_reason cancelled = rt_sec_reason(RT_SEC_CODE_CANCELLED);

	finish(bond, why->err != 0 ? why : &cancelled);
}

void rt_sec_bonds_down(struct rt_hci *hci, const struct rt_reason *why)
{
	struct rt_sec_bond *bond;

	RT_LIST_EACH (bond, &hci->sec.bonds.list, node)
		fail(bond, why);
}

static struct rt_sec_bond *find(const struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_sec_bond *bond;

	RT_LIST_EACH (bond, &hci->sec.bonds.list, node) {
		if (bond->step != RT_SEC_BOND_OVER &&
		    rt_addr_equal(bond->params.addr, addr))
			return bond;
	}
	return NULL;
}

const struct rt_sec_bond *rt_sec_bond_find(const struct rt_hci *hci,
					   struct rt_addr addr)
{
	return find(hci, addr);
}

static struct rt_sec_bond *by_link(const struct rt_hci_link *link)
{
	struct rt_sec_bond *bond;

	RT_LIST_EACH (bond, &link->hci->sec.bonds.list, node) {
		if (bond->link == link)
			return bond;
	}
	return NULL;
}

void rt_sec_bond_made(struct rt_hci_link *link)
{
	struct rt_sec_bond *bond = by_link(link);

	if (bond && bond->step == RT_SEC_BOND_SECURING)
		bond->made = true;
}

static void secure(struct rt_sec_bond *bond)
{
	const struct rt_sec_pair_params *params = &bond->params;
	const struct rt_sec_need need = {
		.level = params->fips	? 4
			 : params->mitm ? 3
					: 2,
		.bonded_only = true,
	};

	/* On a link that closes meanwhile, its end is ours. */
	bond->step = RT_SEC_BOND_SECURING;
	if (rt_hci_link_state(bond->link) != RT_HCI_LINK_OPEN)
		return;
	rt_sec_link_secure(bond->link, &need, true);
}

/* Lets go of a link that nobody needs any more. */
static void leave(struct rt_sec_bond *bond)
{
	struct rt_hci_link *link = bond->link;

	if (!link)
		return;
	release(bond);
	bond->link = NULL;
	if (!bond->params.keep && !rt_hci_link_is_used(link))
		rt_hci_link_disconnect(link, RT_HCI_ERR_REMOTE_USER);
}

/* In tail position. */
static void tell(struct rt_sec_bond *bond)
{
	const struct rt_sec_pair_params params = bond->params;
	const struct rt_reason why = bond->why;

	leave(bond);
	destroy(bond);
	params.done(params.user, &why);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_sec_bond *bond =
		RT_CONTAINER_OF(timer, struct rt_sec_bond, timer);

	switch (bond->step) {
	case RT_SEC_BOND_LINKING:
	case RT_SEC_BOND_SECURING:
		return;
	case RT_SEC_BOND_DUE:
		secure(bond);
		return;
	case RT_SEC_BOND_OVER:
		tell(bond);
		return;
	}
}

/* The link is open: goes on, from the timer. */
static void hold(struct rt_sec_bond *bond)
{
	bond->step = RT_SEC_BOND_DUE;
	bond->held = true;
	rt_hci_link_hold(bond->link);
	rt_env_arm(bond->hci->env, &bond->timer, 0);
}

void rt_sec_bond_link_up(struct rt_hci_link *link)
{
	struct rt_sec_bond *bond = by_link(link);

	if (bond && bond->step == RT_SEC_BOND_LINKING)
		hold(bond);
}

void rt_sec_bond_secured(struct rt_hci_link *link, const struct rt_reason *why)
{
	struct rt_sec_bond *bond = by_link(link);

	if (!bond || bond->step != RT_SEC_BOND_SECURING)
		return;
	if (why->err == 0 || (bond->made && rt_sec_pairing_is_loss(why)))
		succeed(bond);
	else
		fail(bond, why);
}

void rt_sec_bond_link_down(struct rt_hci_link *link,
			   const struct rt_reason *why)
{
	struct rt_sec_bond *bond = by_link(link);

	if (!bond)
		return;
	release(bond);
	bond->link = NULL;
	if (bond->made)
		succeed(bond);
	else
		fail(bond, why);
}

static int check(const struct rt_hci *hci,
		 const struct rt_sec_pair_params *params)
{
	if (!params->done)
		return -EINVAL;
	if (!rt_hci_is_up(hci))
		return -ENETDOWN;
	if (rt_addr_is_zero(params->addr) ||
	    rt_addr_equal(params->addr, hci->info.addr))
		return -EINVAL;
	if (find(hci, params->addr))
		return -EBUSY;
	if (!rt_sec_keys_has_room(hci->env, &hci->sec.keys, params->addr))
		return -ENOSPC;
	return 0;
}

/* Gives the bond a handle and a link, or frees it. */
static int begin(struct rt_sec_bond *bond)
{
	struct rt_hci *hci = bond->hci;
	const struct rt_hci_link *link =
		rt_hci_link_by_addr(hci, bond->params.addr);
	const bool known = link && link->known;
	int err = rt_slots_add(&hci->sec.bonds.slots, bond, &bond->handle);

	if (err < 0) {
		rt_env_free(hci->env, bond);
		return -EMLINK;
	}
	rt_list_append(&hci->sec.bonds.list, &bond->node);
	err = rt_hci_link_connect(hci, bond->params.addr, &bond->link);
	if (err < 0) {
		destroy(bond);
		return err;
	}
	/* The layer above hears of a new one when it opens, or never. */
	bond->link->known = known;
	if (rt_hci_link_state(bond->link) == RT_HCI_LINK_OPEN)
		hold(bond);
	return 0;
}

int rt_sec_pair(struct rt_hci *hci, const struct rt_sec_pair_params *params,
		rt_handle *ret_pair)
{
	struct rt_sec_bond *bond;
	int err = check(hci, params);

	if (err < 0)
		return err;
	bond = rt_env_alloc(hci->env, sizeof(*bond));
	if (!bond)
		return -ENOMEM;
	bond->hci = hci;
	bond->params = *params;
	bond->step = RT_SEC_BOND_LINKING;
	rt_timer_init(&bond->timer, on_timer);
	err = begin(bond);
	if (err < 0)
		return err;
	*ret_pair = bond->handle;
	return 0;
}

/* What is under way on the link is given up, unless others need it. */
static void cancel_link(struct rt_sec_bond *bond)
{
	struct rt_hci_link *link = bond->link;
	const struct rt_reason why = rt_sec_reason(RT_SEC_CODE_CANCELLED);

	release(bond);
	bond->link = NULL;
	switch (bond->step) {
	case RT_SEC_BOND_LINKING:
		if (!rt_hci_link_is_used(link))
			rt_hci_link_cancel(link);
		return;
	case RT_SEC_BOND_SECURING:
		rt_sec_pairing_cancel(link);
		if (!rt_hci_link_is_used(link))
			rt_sec_link_fail(link, &why);
		break;
	case RT_SEC_BOND_DUE:
	case RT_SEC_BOND_OVER:
		break;
	}
	if (!rt_hci_link_is_used(link))
		rt_hci_link_disconnect(link, RT_HCI_ERR_REMOTE_USER);
}

void rt_sec_pair_cancel(struct rt_hci *hci, rt_handle pair)
{
	struct rt_sec_bond *bond = rt_slots_get(&hci->sec.bonds.slots, pair);

	if (!bond)
		return;
	if (bond->link)
		cancel_link(bond);
	destroy(bond);
}

void rt_sec_open_window(struct rt_hci *hci, struct rt_addr addr,
			uint32_t window_ms)
{
	const uint32_t ms = RT_MIN(window_ms, WINDOW_MAX_MS);

	hci->sec.bonds.window = (struct rt_sec_window){
		.open = ms > 0,
		.addr = addr,
		.until_us = hci->env->now_us + RT_MS(ms),
	};
}

static bool is_open(const struct rt_hci *hci)
{
	const struct rt_sec_window *window = &hci->sec.bonds.window;

	return window->open && hci->env->now_us < window->until_us;
}

bool rt_sec_window_admits(const struct rt_hci *hci, struct rt_addr addr)
{
	return rt_sec_window_names(hci, addr) ||
	       (is_open(hci) && rt_addr_is_zero(hci->sec.bonds.window.addr));
}

bool rt_sec_window_names(const struct rt_hci *hci, struct rt_addr addr)
{
	return is_open(hci) && rt_addr_equal(hci->sec.bonds.window.addr, addr);
}

void rt_sec_window_used(struct rt_hci *hci, struct rt_addr addr)
{
	if (rt_sec_window_admits(hci, addr))
		hci->sec.bonds.window.open = false;
}
