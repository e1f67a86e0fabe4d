/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/link.h"

/*
 * Authentication (Core Vol 4 Part E 7.1.15, 7.7.6), which is pairing where
 * there is no key, or another is wanted.
 */

#define SWITCHES_MAX 3

/* Authentication has ended, or was not begun. In tail position. */
static void on_result(struct rt_hci_link *link, uint8_t status)
{
	struct rt_sec_link *sec = &link->sec;
	const bool made =
		sec->new_key || sec->pairing.new_type != RT_SEC_KEY_NONE;
	const struct rt_reason refused = sec->refused;
	struct rt_reason why = { 0 };

	sec->refused = (struct rt_reason){ 0 };
	rt_sec_pairing_end(link, status, &why);
	if (rt_sec_link_is_crossing(status)) {
		rt_sec_link_cross(link, status);
		return;
	}
	if (status != RT_HCI_ERR_SUCCESS || why.err != 0) {
		sec->authenticated = false;
		if (why.layer == RT_LAYER_NONE)
			why = rt_hci_engine_reason(RT_PHASE_PAIR, status);
		rt_sec_link_give_up(link, refused.layer ? &refused : &why);
		return;
	}
	/*
	 * Roles that switch while we challenge can hide that we never did: the
	 * old central authenticates, the new one is believed (CVE-2020-10135).
	 */
	if (sec->switched && ++sec->tries > SWITCHES_MAX) {
		rt_sec_link_drop(link, RT_SEC_CODE_DOWNGRADE);
		return;
	}
	sec->authenticated = !sec->switched;
	if (made) {
		sec->made_key = true;
		sec->new_key = false;
	}
	rt_sec_link_step_over(link);
}

static void on_authenticate_status(struct rt_hci *hci, void *ctx,
				   const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status != RT_HCI_ERR_SUCCESS &&
	    link->sec.step == RT_SEC_STEP_AUTHENTICATING)
		on_result(link, answer->status);
}

void rt_sec_link_on_authentication(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_authentication_complete *complete = evt;
	struct rt_hci_link *link = rt_sec_link_of(hci, complete->handle);

	if (!link)
		return;
	if (link->sec.step == RT_SEC_STEP_AUTHENTICATING)
		on_result(link, complete->status);
	else
		hci->stats.events_unexpected++;
}

/*
 * There is no key, or it does not suffice, and what is wanted is the stored one
 * and no other: a pairing would be behind the user's back.
 */
static bool pairs_in_vain(const struct rt_hci_link *link)
{
	const struct rt_sec_link *sec = &link->sec;

	if (sec->securing || !(sec->no_pairing || sec->need.bonded_only))
		return false;
	return sec->new_key ||
	       !rt_sec_keys_find(&link->hci->sec.keys, link->addr);
}

void rt_sec_link_authenticate(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;
	const struct rt_hci_cmd_authentication_requested request = {
		.handle = link->handle,
	};
	struct rt_reason why;

	if (pairs_in_vain(link)) {
		why = rt_sec_reason(RT_SEC_CODE_NOT_BONDED);
		rt_sec_link_give_up(link, &why);
		return;
	}
	if (!rt_sec_pairing_begin(link, &sec->need, sec->new_key, &why)) {
		rt_sec_link_give_up(link, &why);
		return;
	}
	sec->switched = false;
	rt_sec_link_enter(link, RT_SEC_STEP_AUTHENTICATING);
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_authentication_requested_msg,
			 &request, on_authenticate_status, link);
}
