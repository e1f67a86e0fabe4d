/* SPDX-License-Identifier: MIT */
#include "hci/security/pairing.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/check.h"
#include "hci/security/question.h"
#include "hci/timers.h"

/* What is told to the owner when a pairing is over. */
struct outcome {
	bool talked;  /* ops.ask_over is owed */
	bool pairing; /* else it was an authentication alone */
	bool bonded;
	struct rt_reason why;
};

static const struct rt_reason good = { .phase = RT_PHASE_PAIR };

struct rt_hci_link *rt_sec_pairing_link(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, addr);

	if (link && rt_hci_link_state(link) == RT_HCI_LINK_OPEN &&
	    link->sec.dropped.layer == RT_LAYER_NONE)
		return link;
	hci->stats.events_unexpected++;
	return NULL;
}

uint8_t rt_sec_pairing_io(const struct rt_hci *hci)
{
	return (uint8_t)(hci->sec.ops->ask ? hci->sec.policy.io
					   : RT_SEC_IO_NONE);
}

static uint8_t level_by_policy(const struct rt_hci *hci,
			       const struct rt_sec_need *need)
{
	const uint8_t level = rt_sec_need_level(need);

	if (level > 0 && hci->sec.policy.secure_connections_only)
		return RT_SEC_LEVEL_MAX;
	return level;
}

uint8_t rt_sec_pairing_level(const struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_need least = { .level = 1 };
	const bool known = p->initiated || rt_sec_pairing_is_ours(link);

	return level_by_policy(link->hci, known ? &p->need : &least);
}

bool rt_sec_pairing_is_ours(const struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;

	if (rt_sec_bond_find(link->hci, link->addr))
		return true;
	return p->ours && (p->initiated || (p->crossed && link->sec.wanted));
}

bool rt_sec_pairing_is_asked(const struct rt_hci_link *link)
{
	return rt_sec_bond_find(link->hci, link->addr) ||
	       rt_sec_window_names(link->hci, link->addr);
}

bool rt_sec_pairing_backs_off(struct rt_hci *hci, struct rt_addr addr,
			      struct rt_reason *ret_why)
{
	if (!rt_sec_backoff_waits(hci->env, &hci->sec.bonds.backoff, addr))
		return false;
	*ret_why = rt_sec_reason(RT_SEC_CODE_BACK_OFF);
	return true;
}

/* Of a peer that is known to have no Secure Simple Pairing, or we have none. */
static enum rt_sec_code legacy_hindrance(const struct rt_hci *hci,
					 uint8_t level)
{
	if (!hci->sec.policy.legacy)
		return RT_SEC_CODE_LEGACY_OFF;
	if (level >= RT_SEC_LEVEL_MAX)
		return RT_SEC_CODE_NOT_SECURE_CONNECTIONS;
	if (level >= 3)
		return RT_SEC_CODE_NOT_AUTHENTICATED;
	return hci->sec.ops->ask ? RT_SEC_CODE_FINE : RT_SEC_CODE_NO_AGENT;
}

enum rt_sec_code rt_sec_pairing_hindrance(const struct rt_hci_link *link,
					  uint8_t level)
{
	struct rt_hci *hci = link->hci;
	const struct rt_sec_facts *facts = &link->sec.facts;

	if (rt_sec_backoff_waits(hci->env, &hci->sec.bonds.backoff, link->addr))
		return RT_SEC_CODE_BACK_OFF;
	if (facts->features_known && !facts->ssp)
		return legacy_hindrance(hci, level);
	if (level >= RT_SEC_LEVEL_MAX && !hci->sec.secure_connections)
		return RT_SEC_CODE_NOT_SECURE_CONNECTIONS;
	if (level < 3 || rt_sec_oob_flags(hci, link->addr) != 0)
		return RT_SEC_CODE_FINE;
	if (hci->sec.policy.io == RT_SEC_IO_NONE)
		return RT_SEC_CODE_NOT_AUTHENTICATED;
	return hci->sec.ops->ask ? RT_SEC_CODE_FINE : RT_SEC_CODE_NO_AGENT;
}

enum rt_sec_code rt_sec_pairing_judge(const struct rt_hci_link *link,
				      uint8_t type)
{
	const struct rt_sec_key *old = rt_sec_key_find(link->hci, link->addr);

	if (!old)
		return RT_SEC_CODE_FINE;
	switch (rt_sec_keys_judge(old, type, rt_sec_pairing_is_asked(link))) {
	case RT_SEC_REPLACE_YES:
		return RT_SEC_CODE_FINE;
	case RT_SEC_REPLACE_WEAKER:
		return RT_SEC_CODE_WEAKER_KEY;
	case RT_SEC_REPLACE_UNASKED:
		break;
	}
	return RT_SEC_CODE_ALREADY_BONDED;
}

enum rt_sec_model rt_sec_pairing_model(const struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_side us = {
		.io = p->io,
		.oob = p->oob != 0,
		.mitm = p->mitm,
	};
	const struct rt_sec_side peer = {
		.io = p->peer_io,
		.oob = p->peer_oob,
		.mitm = p->peer_mitm,
	};

	return rt_sec_model_of(&us, &peer);
}

enum rt_sec_code rt_sec_pairing_unproven(const struct rt_hci_link *link)
{
	if (rt_sec_pairing_level(link) >= 3)
		return RT_SEC_CODE_NOT_AUTHENTICATED;
	/* The best that can come out; the key itself is looked at later. */
	return rt_sec_pairing_judge(link, link->hci->sec.secure_connections
						  ? RT_SEC_KEY_P256
						  : RT_SEC_KEY_P192);
}

/* The controller owes a step, or our user an answer. */
static void on_wait(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, sec.pairing.wait);

	if (rt_sec_question_on_time(link))
		return;
	rt_sec_pairing_drop(link, RT_SEC_CODE_TIMEOUT);
}

void rt_sec_pairing_expect(struct rt_hci_link *link)
{
	rt_env_arm(link->hci->env, &link->sec.pairing.wait,
		   RT_MS(RT_HCI_PAIRING_MS));
}

void rt_sec_pairing_refuse(struct rt_hci_link *link, enum rt_sec_code code)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	char str[RT_ADDR_STR_BYTES];

	if (p->refused.layer != RT_LAYER_NONE)
		return;
	p->refused = rt_sec_reason(code);
	p->refused.frame = link->hci->frame;
	rt_log(link->hci->env, RT_LOG_INFO, "link %s pairing refused: %s",
	       rt_addr_format(link->addr, str),
	       rt_sec_code_name((uint16_t)code));
}

/* Forgets all, but for what the wait for the peer's pairing needs. */
static void reset(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_timer wait = p->wait;

	rt_sec_wipe(p, sizeof(*p));
	p->wait = wait;
	p->offered = RT_SEC_KEY_NONE;
	p->new_type = RT_SEC_KEY_NONE;
}

void rt_sec_pairing_init(struct rt_hci_link *link)
{
	rt_timer_init(&link->sec.pairing.wait, on_wait);
	reset(link);
}

void rt_sec_pairing_fini(struct rt_hci_link *link)
{
	rt_env_stop(link->hci->env, &link->sec.pairing.wait);
	rt_sec_wipe(&link->sec.pairing.number,
		    sizeof(link->sec.pairing.number));
}

bool rt_sec_pairing_has_mitm(uint8_t type)
{
	return type == RT_SEC_KEY_P192_MITM || type == RT_SEC_KEY_P256_MITM;
}

static bool suffices(const struct rt_sec_key *key, uint8_t level)
{
	if (level >= RT_SEC_LEVEL_MAX)
		return key->type == RT_SEC_KEY_P256_MITM;
	return level < 3 || rt_sec_pairing_has_mitm(key->type);
}

bool rt_sec_pairing_wants_mitm(const struct rt_hci_link *link)
{
	const struct rt_sec_key *key = rt_sec_key_find(link->hci, link->addr);

	return rt_sec_pairing_level(link) >= 3 ||
	       (key && rt_sec_pairing_has_mitm(key->type) &&
		rt_sec_pairing_io(link->hci) != RT_SEC_IO_NONE);
}

/* A bond that there is shall not be lost, nor get weaker. */
static void set_our_part(struct rt_hci_link *link, const struct rt_sec_key *key)
{
	const struct rt_sec_bond *bond =
		rt_sec_bond_find(link->hci, link->addr);
	struct rt_sec_pairing *p = &link->sec.pairing;

	p->bonding = RT_SEC_BONDING_NONE;
	if (bond && !bond->params.keep)
		p->bonding = RT_SEC_BONDING_DEDICATED;
	else if (bond || key || rt_sec_pairing_level(link) >= 2)
		p->bonding = RT_SEC_BONDING_GENERAL;
	p->mitm = rt_sec_pairing_wants_mitm(link);
}

bool rt_sec_pairing_begin(struct rt_hci_link *link,
			  const struct rt_sec_need *need, bool new_key,
			  struct rt_reason *ret_why)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_key *key = rt_sec_key_find(link->hci, link->addr);
	const uint8_t level = level_by_policy(link->hci, need);
	const bool stored_only = link->sec.no_pairing || need->bonded_only;
	const bool pairs =
		new_key || !key || (!suffices(key, level) && !stored_only);
	const enum rt_sec_code code =
		pairs ? rt_sec_pairing_hindrance(link, level)
		      : RT_SEC_CODE_FINE;

	if (code != RT_SEC_CODE_FINE) {
		*ret_why = rt_sec_reason(code);
		return false;
	}
	if (p->active) /* the peer's: the controller sorts it out */
		return true;
	reset(link);
	p->active = true;
	p->initiated = true;
	p->ours = link->sec.ours;
	p->new_key = pairs;
	p->need = *need;
	set_our_part(link, key);
	return true;
}

void rt_sec_pairing_begin_peer(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_pairing before = *p;

	reset(link);
	p->active = true;
	if (!before.crossed || !link->sec.wanted)
		return;
	p->crossed = true;
	p->ours = before.ours;
	p->need = before.need;
}

/* Ours has met the peer's: what we wanted is remembered, if it was ours. */
static void leave_to_peer(struct rt_hci_link *link)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	const bool ours = p->ours;
	const struct rt_sec_need need = p->need;

	if (!p->initiated)
		return;
	rt_env_stop(link->hci->env, &p->wait);
	reset(link);
	p->crossed = true;
	p->ours = ours;
	p->need = need;
}

bool rt_sec_pairing_is_loss(const struct rt_reason *why)
{
	if (why->layer != RT_LAYER_HCI)
		return false;
	switch (why->code) {
	case RT_HCI_ERR_CONNECTION_TIMEOUT:
	case RT_HCI_ERR_REMOTE_USER:
	case RT_HCI_ERR_REMOTE_LOW_RESOURCES:
	case RT_HCI_ERR_REMOTE_POWER_OFF:
	case RT_HCI_ERR_LOCAL_HOST:
		return true;
	}
	return false;
}

static struct rt_reason best_reason(const struct rt_hci_link *link,
				    uint8_t status)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_reason why =
		rt_hci_engine_reason(RT_PHASE_PAIR, status);

	if (p->refused.layer != RT_LAYER_NONE)
		return p->refused;
	/* The link went when the key was made, and both have it. */
	if (p->new_type != RT_SEC_KEY_NONE && rt_sec_pairing_is_loss(&why))
		return good;
	if (status != RT_HCI_ERR_SUCCESS)
		return why;
	/* Authenticated with a key of the controller's own, if at all. */
	if (p->initiated && p->new_key && p->new_type == RT_SEC_KEY_NONE)
		return rt_sec_reason(RT_SEC_CODE_NOT_AUTHENTICATED);
	return good;
}

/* Guesses, and dialogues that annoy, count; what nobody has tried does not. */
static void count(struct rt_hci_link *link, const struct rt_reason *why)
{
	struct rt_hci *hci = link->hci;
	const bool cancelled = why->layer == RT_LAYER_SECURITY &&
			       why->code == RT_SEC_CODE_CANCELLED;

	if (link->sec.pairing.tried && !cancelled)
		rt_sec_backoff_failed(hci->env, &hci->sec.bonds.backoff,
				      link->addr);
}

/* It is over: nothing of it is left, but for what is told. */
static void conclude(struct rt_hci_link *link, uint8_t status,
		     struct outcome *ret_outcome)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	struct rt_hci *hci = link->hci;
	struct outcome outcome = {
		.talked = p->talk != RT_SEC_TALK_NONE,
		.pairing = p->ssp || p->legacy,
		.why = best_reason(link, status),
	};
	const uint8_t offered = p->initiated && p->new_type == RT_SEC_KEY_NONE
					? p->offered
					: RT_SEC_KEY_NONE;

	outcome.bonded = outcome.why.err == 0 && p->stored;
	if (outcome.pairing && outcome.why.err != 0)
		count(link, &outcome.why);
	rt_env_stop(hci->env, &p->wait);
	reset(link);
	if (outcome.pairing && outcome.why.err == 0) {
		rt_sec_backoff_clear(hci->env, &hci->sec.bonds.backoff,
				     link->addr);
		rt_sec_window_used(hci, link->addr);
	}
	if (outcome.why.err == 0 && offered != RT_SEC_KEY_NONE)
		rt_sec_link_key_used(link, offered, true, true);
	*ret_outcome = outcome;
}

/* In tail position. */
static void tell(struct rt_hci *hci, struct rt_addr addr,
		 const struct outcome *outcome)
{
	if (outcome->talked)
		hci->sec.ops->ask_over(hci->sec.user, addr);
	if (outcome->pairing)
		hci->sec.ops->paired(hci->sec.user, addr, outcome->bonded,
				     &outcome->why);
}

void rt_sec_pairing_end(struct rt_hci_link *link, uint8_t status,
			struct rt_reason *ret_why)
{
	struct outcome outcome = { .why = good };
	const bool open = rt_hci_link_state(link) == RT_HCI_LINK_OPEN;
	const bool failed = status != RT_HCI_ERR_SUCCESS;

	if (failed)
		outcome.why = rt_hci_engine_reason(RT_PHASE_PAIR, status);
	if (!link->sec.pairing.active) {
		*ret_why = outcome.why;
		return;
	}
	if (open && !link->sec.pairing.initiated) {
		/* Of our request, not of the pairing that the peer began. */
		*ret_why = outcome.why;
		return;
	}
	if (open && rt_sec_link_is_crossing(status) &&
	    link->sec.pairing.refused.layer == RT_LAYER_NONE) {
		const bool talked = link->sec.pairing.talk != RT_SEC_TALK_NONE;

		leave_to_peer(link);
		*ret_why = outcome.why;
		if (talked)
			link->hci->sec.ops->ask_over(link->hci->sec.user,
						     link->addr);
		return;
	}
	conclude(link, status, &outcome);
	*ret_why = outcome.why;
	tell(link->hci, link->addr, &outcome);
}

void rt_sec_pairing_finish(struct rt_hci_link *link, uint8_t status)
{
	struct outcome outcome;

	conclude(link, status, &outcome);
	if (outcome.why.err != 0)
		rt_sec_link_fail(link, &outcome.why);
	tell(link->hci, link->addr, &outcome);
}

void rt_sec_pairing_drop(struct rt_hci_link *link, enum rt_sec_code code)
{
	struct outcome outcome;

	rt_sec_pairing_refuse(link, code);
	rt_sec_link_drop(link, code);
	conclude(link, RT_HCI_ERR_AUTHENTICATION_FAILURE, &outcome);
	tell(link->hci, link->addr, &outcome);
}

void rt_sec_pairing_cancel(struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;

	if (!p->active)
		return;
	/* What others wait for as well goes on, if it asks nothing. */
	if (p->talk != RT_SEC_TALK_ASKING && rt_hci_link_is_used(link))
		return;
	rt_sec_pairing_refuse(link, RT_SEC_CODE_CANCELLED);
	rt_sec_question_withdraw(link);
}

static bool may_be_offered(const struct rt_hci_link *link,
			   const struct rt_sec_key *key)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;
	const struct rt_sec_policy *policy = &link->hci->sec.policy;

	if (p->active && p->initiated && p->new_key)
		return false;
	if (policy->secure_connections_only &&
	    key->type != RT_SEC_KEY_P256_MITM)
		return false;
	if (key->type == RT_SEC_KEY_DEBUG)
		return policy->debug_keys;
	return key->type != RT_SEC_KEY_LOCAL_UNIT &&
	       key->type != RT_SEC_KEY_REMOTE_UNIT;
}

static void offer(struct rt_hci_link *link, const struct rt_sec_key *key)
{
	struct rt_sec_pairing *p = &link->sec.pairing;
	struct rt_hci_cmd_link_key_request_reply reply = { .addr = key->addr };

	memcpy(reply.key.b, key->key, sizeof(reply.key.b));
	rt_hci_cmdq_reply(link->hci, &rt_hci_cmd_link_key_request_reply_msg,
			  &reply);
	rt_sec_wipe(&reply, sizeof(reply));
	if (p->active && p->initiated) {
		p->offered = key->type;
		return;
	}
	/*
	 * Nobody tells us how the peer's authentication has ended. If it has
	 * failed, a plain link can't be encrypted; one that is, goes on with
	 * the key that it has.
	 */
	if (rt_hci_link_state(link) == RT_HCI_LINK_OPEN &&
	    link->sec.facts.encryption == RT_SEC_PLAIN)
		rt_sec_link_key_used(link, key->type, true, true);
}

void rt_sec_pairing_on_link_key_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_link_key_request *request = evt;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, request->addr);
	const struct rt_sec_key *key = rt_sec_key_find(hci, request->addr);
	const struct rt_hci_cmd_link_key_request_negative_reply no = {
		.addr = request->addr,
	};

	/* Peers of security mode 3 want it before the link is complete. */
	if (!link)
		hci->stats.events_unexpected++;
	if (link && key && may_be_offered(link, key))
		offer(link, key);
	else
		rt_hci_cmdq_reply(
			hci, &rt_hci_cmd_link_key_request_negative_reply_msg,
			&no);
}

void rt_sec_pairing_on_complete(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_simple_pairing_complete *complete = evt;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, complete->addr);

	if (!link || !link->sec.pairing.active || !link->sec.pairing.ssp) {
		hci->stats.events_unexpected++;
		return;
	}
	if (complete->status != RT_HCI_ERR_SUCCESS &&
	    !link->sec.pairing.initiated) {
		rt_sec_pairing_finish(link, complete->status);
		return;
	}
	/* The link key or Authentication Complete follows. */
	rt_sec_question_over(link);
}
