/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/engine.h"
#include "hci/link.h"
#include "hci/security/pairing.h"

/*
 * What becomes of a link key that the controller has made (Core Vol 4 Part E
 * 7.7.24): used, and stored if both sides want that; or refused, and the link
 * with it.
 */

static bool is_zero(const uint8_t key[RT_SEC_KEY_BYTES])
{
	static const uint8_t zero[RT_SEC_KEY_BYTES];

	return rt_sec_equal(key, zero, sizeof(zero));
}

/* True if what both have done can have made a key of this type. */
static bool fits(const struct rt_sec_pairing *p, uint8_t type)
{
	switch (type) {
	case RT_SEC_KEY_COMBINATION:
		return p->legacy && p->pin_bytes > 0;
	case RT_SEC_KEY_DEBUG:
	case RT_SEC_KEY_P192:
	case RT_SEC_KEY_P192_MITM:
	case RT_SEC_KEY_P256:
	case RT_SEC_KEY_P256_MITM:
		return p->ssp && p->tried && p->peer_known;
	}
	/* Unit keys serve for all peers of a device: nobody's proof. */
	return false;
}

/* Why the key is refused, or FINE. */
static enum rt_sec_code
fault_of(const struct rt_hci_link *link,
	 const struct rt_hci_evt_link_key_notification *made)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const uint8_t level = rt_sec_pairing_level(link);

	if (is_zero(made->key.b) || !p->active || !fits(p, made->type))
		return RT_SEC_CODE_BAD_KEY;
	if (made->type == RT_SEC_KEY_DEBUG && !link->hci->sec.policy.debug_keys)
		return RT_SEC_CODE_DEBUG_KEY;
	if (p->refused.layer != RT_LAYER_NONE)
		return RT_SEC_CODE_REFUSED;
	if (level >= 3 && !rt_sec_pairing_has_mitm(made->type))
		return RT_SEC_CODE_NOT_AUTHENTICATED;
	if (level >= RT_SEC_LEVEL_MAX && made->type != RT_SEC_KEY_P256_MITM)
		return RT_SEC_CODE_NOT_SECURE_CONNECTIONS;
	return rt_sec_pairing_judge(link, made->type);
}

/* Change Connection Link Key (7.1.18): the same bond, of the same type. */
static void change(struct rt_hci_link *link,
		   const uint8_t key[RT_SEC_KEY_BYTES])
{
	struct rt_hci *hci = link->hci;
	const struct rt_sec_key *old = rt_sec_key_find(hci, link->addr);
	struct rt_sec_key changed;

	if (!old || !link->sec.facts.bonded)
		return;
	changed = *old;
	memcpy(changed.key, key, sizeof(changed.key));
	if (rt_sec_keys_add(hci->env, &hci->sec.keys, &changed) == 0)
		hci->sec.ops->store(hci->sec.user, link->addr, &changed);
	rt_sec_wipe(&changed, sizeof(changed));
}

static bool is_to_be_stored(const struct rt_sec_pairing *p)
{
	if (!p->consented)
		return false;
	return p->legacy || (p->bonding != RT_SEC_BONDING_NONE &&
			     p->peer_bonding != RT_SEC_BONDING_NONE);
}

/* Tells the owner about the key in tail position. */
static void take(struct rt_hci_link *link,
		 const struct rt_hci_evt_link_key_notification *made)
{
	struct rt_hci *hci = link->hci;
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_addr addr = link->addr;
	struct rt_sec_key key = {
		.addr = addr,
		.type = made->type,
		.pin_bytes = p->pin_bytes,
	};
	bool stored = false;
	int err = 0;

	memcpy(key.key, made->key.b, sizeof(key.key));
	/* Who has our data from elsewhere, or has given us his, is meant. */
	if (p->ssp && rt_sec_pairing_model(link) == RT_SEC_MODEL_OOB)
		p->consented = true;
	if (is_to_be_stored(p)) {
		err = rt_sec_keys_add(hci->env, &hci->sec.keys, &key);
		stored = err == 0;
	}
	/* A bond that can't be kept is none; the link may use the key. */
	if (err < 0)
		p->refused = (struct rt_reason){ .layer = RT_LAYER_API,
						 .phase = RT_PHASE_PAIR,
						 .err = err };
	p->new_type = key.type;
	p->stored = stored;
	rt_sec_link_key_used(link, key.type, stored, p->consented);
	if (stored) {
		rt_sec_bond_made(link);
		hci->sec.ops->store(hci->sec.user, addr, &key);
	}
	rt_sec_wipe(&key, sizeof(key));
}

/*
 * Some controllers give the key of a PIN the type of what Secure Simple Pairing
 * would have made. It is as good as the PIN, whatever they say.
 */
static uint8_t type_of(const struct rt_sec_pairing *p, uint8_t type)
{
	const bool by_pin = p->legacy && p->pin_bytes > 0 && !p->ssp;

	switch (type) {
	case RT_SEC_KEY_P192:
	case RT_SEC_KEY_P192_MITM:
	case RT_SEC_KEY_P256:
	case RT_SEC_KEY_P256_MITM:
		return by_pin ? RT_SEC_KEY_COMBINATION : type;
	}
	return type;
}

/* In tail position. */
static void judge(struct rt_hci_link *link,
		  const struct rt_hci_evt_link_key_notification *made)
{
	const enum rt_sec_code code = fault_of(link, made);

	if (code != RT_SEC_CODE_FINE) {
		rt_sec_pairing_drop(link, code);
		return;
	}
	take(link, made);
	if (link->sec.pairing.active && !link->sec.pairing.initiated)
		rt_sec_pairing_finish(link, 0);
	else if (link->sec.pairing.active)
		rt_sec_pairing_expect(link);
}

void rt_sec_pairing_on_link_key(struct rt_hci *hci, const void *evt)
{
	struct rt_hci_evt_link_key_notification made =
		*(const struct rt_hci_evt_link_key_notification *)evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, made.addr);

	if (!link)
		return;
	if (made.type == RT_SEC_KEY_CHANGED && !is_zero(made.key.b) &&
	    !link->sec.pairing.active) {
		change(link, made.key.b);
	} else {
		made.type = type_of(&link->sec.pairing, made.type);
		judge(link, &made);
	}
	rt_sec_wipe(&made, sizeof(made));
}
