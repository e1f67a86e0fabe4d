/* SPDX-License-Identifier: MIT */
#include "hci/security/link.h"

#include <assert.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/check.h"
#include "hci/timers.h"

#define TRIES_MAX 3 /* for a peer whose procedures cross ours */

struct step {
	const char *name;
	uint32_t stay_ms;
	uint32_t next;
};

#define B(NAME) (1U << RT_SEC_STEP_##NAME)

static const struct step steps[] = {
#define STATE(NAME, stay, after) \
	[RT_SEC_STEP_##NAME] = { #NAME, (stay), (after) },
#include "hci/security/link.def"
#undef STATE
};

static uint64_t stay_us(const struct rt_hci_link *link)
{
	const struct rt_sec_link *sec = &link->sec;
	uint64_t ms = steps[sec->step].stay_ms;

	if (sec->step == RT_SEC_STEP_AUTHENTICATING ||
	    (sec->step == RT_SEC_STEP_BUSY && sec->pairing.active))
		ms += rt_sec_answer_ms(link->hci);
	return RT_MS(ms);
}

void rt_sec_link_enter(struct rt_hci_link *link, enum rt_sec_step to)
{
	struct rt_sec_link *sec = &link->sec;
	struct rt_env *env = link->hci->env;
	char str[RT_ADDR_STR_BYTES];

	if (sec->step == to && to == RT_SEC_STEP_IDLE)
		return;
	assert(steps[sec->step].next & 1U << to);
	rt_log(env, RT_LOG_DEBUG, "link %s security %s -> %s",
	       rt_addr_format(link->addr, str), steps[sec->step].name,
	       steps[to].name);
	sec->step = (uint8_t)to;
	if (to == RT_SEC_STEP_IDLE)
		rt_env_stop(env, &sec->timer);
	else
		rt_env_arm(env, &sec->timer, stay_us(link));
}

static bool is_dropped(const struct rt_hci_link *link)
{
	return link->sec.dropped.layer != RT_LAYER_NONE;
}

static bool is_open(const struct rt_hci_link *link)
{
	return rt_hci_link_state(link) == RT_HCI_LINK_OPEN;
}

struct rt_hci_link *rt_sec_link_of(struct rt_hci *hci, uint16_t handle)
{
	struct rt_hci_link *link = rt_hci_link_by_handle(hci, handle);

	if (!link)
		hci->stats.events_unexpected++;
	return link && is_open(link) ? link : NULL;
}

struct rt_sec_facts rt_sec_link_facts(const struct rt_hci_link *link)
{
	const struct rt_sec *all = &link->hci->sec;
	const struct rt_sec_link *sec = &link->sec;
	const struct rt_sec_key *key = rt_sec_keys_find(&all->keys, link->addr);
	struct rt_sec_facts facts = sec->facts;

	/* One made meanwhile says nothing of the encryption there is. */
	facts.stored_sc = key && sec->next.type == RT_SEC_KEY_NONE &&
			  (key->type == RT_SEC_KEY_P256 ||
			   key->type == RT_SEC_KEY_P256_MITM);
	/* The user wants them, and they prove nothing, like just works. */
	if (facts.key_type == RT_SEC_KEY_DEBUG && all->policy.debug_keys)
		facts.key_type = RT_SEC_KEY_P192;
	return facts;
}

/* Tells what is owed. */
static void tell(struct rt_hci_link *link)
{
	const struct rt_sec *sec = &link->hci->sec;

	rt_env_stop(link->hci->env, &link->sec.look);
	sec->ops->changed(sec->user, link->addr);
}

/* rt_sec_link_secure() has ended, well or for `why`. */
static void end_securing(struct rt_hci_link *link, const struct rt_reason *why)
{
	if (!link->sec.securing)
		return;
	link->sec.securing = false;
	rt_sec_bond_secured(link, why);
}

/* Nothing is wanted any more. */
static void rest(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;

	sec->wanted = false;
	sec->ours = false;
	sec->no_pairing = false;
	sec->new_key = false;
	sec->made_key = false;
	sec->tries = 0;
	sec->refused = (struct rt_reason){ 0 };
	if (sec->step != RT_SEC_STEP_FEATURES &&
	    sec->step != RT_SEC_STEP_EXTENDED)
		rt_sec_link_enter(link, RT_SEC_STEP_IDLE);
}

/* Something is different: what has failed may work now. */
static void forget_failure(struct rt_hci_link *link)
{
	link->sec.failed = (struct rt_reason){ 0 };
}

/* All that is wanted is there. */
static void succeed(struct rt_hci_link *link)
{
	const struct rt_reason good = { .phase = RT_PHASE_PAIR };

	rest(link);
	forget_failure(link);
	end_securing(link, &good);
}

static void set_failed(struct rt_hci_link *link, const struct rt_reason *why)
{
	const struct rt_sec_facts facts = rt_sec_link_facts(link);
	const struct rt_reason good = { .phase = RT_PHASE_PAIR };
	struct rt_sec_link *sec = &link->sec;
	const bool secured =
		!sec->new_key &&
		rt_sec_check(&sec->secure_need, &facts) == RT_SEC_ALLOW;

	sec->failed = *why;
	sec->failed.phase = RT_PHASE_PAIR;
	if (sec->failed.frame == 0)
		sec->failed.frame = link->hci->frame;
	sec->failed_until_us = link->hci->env->now_us + RT_MS(RT_HCI_FAILED_MS);
	sec->failed_need = sec->wanted ? sec->need : (struct rt_sec_need){ 0 };
	rest(link);
	end_securing(link, secured ? &good : &sec->failed);
}

void rt_sec_link_give_up(struct rt_hci_link *link, const struct rt_reason *why)
{
	set_failed(link, why);
	tell(link);
}

void rt_sec_link_drop(struct rt_hci_link *link, enum rt_sec_code code)
{
	struct rt_sec_link *sec = &link->sec;
	char str[RT_ADDR_STR_BYTES];

	if (is_dropped(link))
		return;
	sec->dropped = rt_sec_reason(code);
	sec->dropped.frame = link->hci->frame;
	rt_log(link->hci->env, RT_LOG_WARNING, "link %s is dropped: %s",
	       rt_addr_format(link->addr, str),
	       rt_sec_code_name((uint16_t)code));
	rt_env_arm(link->hci->env, &sec->drop, RT_MS(RT_HCI_REFUSAL_MS));
	rt_sec_link_look_again(link);
	set_failed(link, &sec->dropped);
}

void rt_sec_link_look_again(struct rt_hci_link *link)
{
	if (is_open(link))
		rt_env_arm(link->hci->env, &link->sec.look, 0);
}

bool rt_sec_link_is_crossing(uint8_t status)
{
	return status == RT_HCI_ERR_COMMAND_DISALLOWED ||
	       status == RT_HCI_ERR_LMP_COLLISION ||
	       status == RT_HCI_ERR_DIFFERENT_COLLISION;
}

bool rt_sec_link_peer_is_at_it(const struct rt_hci_link *link)
{
	const struct rt_sec_link *sec = &link->sec;

	if (sec->impatient)
		return false;
	return sec->expects_encryption ||
	       (sec->pairing.active && !sec->pairing.initiated);
}

void rt_sec_link_wait_for_peer(struct rt_hci_link *link)
{
	uint64_t ms = RT_HCI_ENCRYPT_SOON_MS;

	if (link->sec.expect.armed)
		return;
	if (link->sec.pairing.active)
		ms = RT_HCI_AUTHENTICATE_MS + rt_sec_answer_ms(link->hci);
	rt_env_arm(link->hci->env, &link->sec.expect, RT_MS(ms));
}

void rt_sec_link_cross(struct rt_hci_link *link, uint8_t status)
{
	const struct rt_reason why =
		rt_hci_engine_reason(RT_PHASE_PAIR, status);

	if (++link->sec.tries > TRIES_MAX)
		rt_sec_link_give_up(link, &why);
	else
		rt_sec_link_enter(link, RT_SEC_STEP_BUSY);
}

static void on_expect(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, sec.expect);

	link->sec.expects_encryption = false;
	link->sec.impatient = true;
	tell(link);
}

static void on_drop(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, sec.drop);

	rt_hci_link_disconnect(link, RT_HCI_ERR_AUTHENTICATION_FAILURE);
}

static void on_look(struct rt_timer *timer)
{
	tell(RT_CONTAINER_OF(timer, struct rt_hci_link, sec.look));
}

/* Another key is needed: made, or there since and not in use yet. */
static void renew_key(struct rt_hci_link *link, const struct rt_reason *why)
{
	struct rt_sec_link *sec = &link->sec;

	if (sec->made_key) {
		rt_sec_link_give_up(link, why);
		return;
	}
	/* Encrypted by the controller's own doing: which key may come out. */
	sec->new_key =
		sec->facts.key_type != RT_SEC_KEY_NONE || sec->authenticated;
	rt_sec_link_authenticate(link);
}

static void size_key(struct rt_hci_link *link, const struct rt_reason *why)
{
	if (link->sec.sizing || rt_sec_link_read_size(link))
		rt_sec_link_enter(link, RT_SEC_STEP_IDLE);
	else
		rt_sec_link_give_up(link, why);
}

static void take_next_step(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;
	const struct rt_sec_facts facts = rt_sec_link_facts(link);
	const struct rt_reason why =
		rt_sec_reason(rt_sec_link_lack(&sec->need, &facts));

	switch (rt_sec_check(&sec->need, &facts)) {
	case RT_SEC_ALLOW:
		succeed(link);
		return;
	case RT_SEC_NEEDS_FEATURES:
		rt_sec_link_read_features(link);
		return;
	case RT_SEC_NEEDS_ENCRYPTION:
		if (sec->authenticated)
			rt_sec_link_encrypt(link);
		else
			rt_sec_link_authenticate(link);
		return;
	case RT_SEC_NEEDS_KEY_SIZE:
		size_key(link, &why);
		return;
	case RT_SEC_NEEDS_KEY:
		renew_key(link, &why);
		return;
	case RT_SEC_NEEDS_BOND:
	case RT_SEC_BLOCK_KEY_SIZE:
	case RT_SEC_BLOCK_DEBUG_KEY:
	case RT_SEC_BLOCK_DOWNGRADE:
		break;
	}
	rt_sec_link_give_up(link, &why);
}

/* Looks at what is missing, and does it. */
static void on_due(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;

	if (!sec->wanted || !is_open(link) || is_dropped(link)) {
		rt_sec_link_enter(link, RT_SEC_STEP_IDLE);
	} else if (!sec->facts.features_known) {
		rt_sec_link_read_features(link);
	} else if (rt_sec_link_peer_is_at_it(link)) {
		rt_sec_link_wait_for_peer(link);
		rt_sec_link_cross(link, RT_HCI_ERR_LMP_COLLISION);
	} else if (sec->facts.encryption != RT_SEC_PLAIN &&
		   sec->next.type != RT_SEC_KEY_NONE) {
		rt_sec_link_refresh(link);
	} else if (sec->new_key) {
		rt_sec_link_authenticate(link);
	} else {
		take_next_step(link);
	}
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, sec.timer);
	const struct rt_reason why = rt_sec_reason(RT_SEC_CODE_TIMEOUT);

	switch ((enum rt_sec_step)link->sec.step) {
	case RT_SEC_STEP_IDLE:
		return;
	case RT_SEC_STEP_FEATURES:
	case RT_SEC_STEP_EXTENDED:
		rt_sec_link_features_timeout(link);
		return;
	case RT_SEC_STEP_DUE:
		on_due(link);
		return;
	case RT_SEC_STEP_AUTHENTICATING:
		/* A controller that lost its way would refuse the next one. */
		rt_sec_link_drop(link, RT_SEC_CODE_TIMEOUT);
		return;
	case RT_SEC_STEP_ENCRYPTING:
	case RT_SEC_STEP_REFRESHING:
		link->sec.authenticated = false;
		rt_sec_link_give_up(link, &why);
		return;
	case RT_SEC_STEP_BUSY:
		rt_sec_link_enter(link, RT_SEC_STEP_DUE);
		return;
	}
}

static struct rt_sec_need merge(const struct rt_sec_need *a,
				const struct rt_sec_need *b)
{
	return (struct rt_sec_need){
		.level = RT_MAX(rt_sec_need_level(a), rt_sec_need_level(b)),
		.min_key_bytes = RT_MAX(rt_sec_need_key_bytes(a),
					rt_sec_need_key_bytes(b)),
		.bonded_only = a->bonded_only || b->bonded_only,
	};
}

void rt_sec_link_want(struct rt_hci_link *link, const struct rt_sec_need *need,
		      bool no_pairing, bool ours)
{
	struct rt_sec_link *sec = &link->sec;
	const struct rt_sec_need nothing = { 0 };

	sec->need = merge(sec->wanted ? &sec->need : &nothing, need);
	sec->no_pairing = no_pairing && (!sec->wanted || sec->no_pairing);
	sec->ours = ours || (sec->wanted && sec->ours);
	sec->wanted = true;
	if (sec->step == RT_SEC_STEP_IDLE && !sec->sizing)
		rt_sec_link_enter(link, RT_SEC_STEP_DUE);
}

void rt_sec_link_step_over(struct rt_hci_link *link)
{
	rt_sec_link_enter(link, link->sec.wanted ? RT_SEC_STEP_DUE
						 : RT_SEC_STEP_IDLE);
	tell(link);
}

void rt_sec_link_facts_changed(struct rt_hci_link *link)
{
	const struct rt_sec_link *sec = &link->sec;

	if (sec->wanted &&
	    (sec->step == RT_SEC_STEP_IDLE || sec->step == RT_SEC_STEP_BUSY))
		rt_sec_link_enter(link, RT_SEC_STEP_DUE);
	tell(link);
}

void rt_sec_link_secure(struct rt_hci_link *link,
			const struct rt_sec_need *need, bool new_key)
{
	struct rt_sec_link *sec = &link->sec;

	forget_failure(link);
	sec->securing = true;
	sec->secure_need = *need;
	sec->new_key = sec->new_key || new_key;
	rt_sec_link_want(link, need, false, true);
}

void rt_sec_link_key_used(struct rt_hci_link *link, uint8_t key_type,
			  bool bonded, bool consented)
{
	struct rt_sec_link *sec = &link->sec;
	struct rt_sec_facts *facts = &sec->facts;
	const bool same = facts->key_type == key_type &&
			  facts->bonded == bonded &&
			  facts->consented == consented;

	if (sec->step == RT_SEC_STEP_BUSY)
		rt_env_arm(link->hci->env, &sec->timer, RT_MS(RT_HCI_TURN_MS));
	if (facts->encryption != RT_SEC_PLAIN) {
		sec->next.type = same ? RT_SEC_KEY_NONE : key_type;
		sec->next.bonded = bonded;
		sec->next.consented = consented;
		return;
	}
	facts->key_type = key_type;
	facts->bonded = bonded;
	facts->consented = consented;
	if (sec->step == RT_SEC_STEP_AUTHENTICATING)
		return;
	sec->expects_encryption = true;
	sec->impatient = false;
	rt_env_arm(link->hci->env, &sec->expect, RT_MS(RT_HCI_ENCRYPT_SOON_MS));
}

void rt_sec_link_fail(struct rt_hci_link *link, const struct rt_reason *why)
{
	if (link->sec.step == RT_SEC_STEP_AUTHENTICATING) {
		link->sec.refused = *why;
		return;
	}
	link->sec.impatient = false;
	set_failed(link, why);
	rt_sec_link_look_again(link);
}

void rt_sec_link_key_gone(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, addr);

	if (!link)
		return;
	link->sec.facts.bonded = false;
	link->sec.next.bonded = false;
	forget_failure(link);
	rt_sec_link_look_again(link);
}

void rt_sec_link_on_role_change(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_role_change *change = evt;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, change->addr);
	char str[RT_ADDR_STR_BYTES];

	rt_log(hci->env, RT_LOG_DEBUG, "link %s role %u: %s",
	       rt_addr_format(change->addr, str), change->role,
	       rt_hci_error_name(change->status));
	if (link && change->status == RT_HCI_ERR_SUCCESS)
		link->sec.switched = true;
}

void rt_sec_link_init(struct rt_hci_link *link)
{
	struct rt_sec_link *sec = &link->sec;

	rt_timer_init(&sec->timer, on_timer);
	rt_timer_init(&sec->look, on_look);
	rt_timer_init(&sec->expect, on_expect);
	rt_timer_init(&sec->drop, on_drop);
	sec->facts.key_type = RT_SEC_KEY_NONE;
	sec->next.type = RT_SEC_KEY_NONE;
	rt_sec_pairing_init(link);
}

static void stop_timers(struct rt_hci_link *link)
{
	struct rt_env *env = link->hci->env;

	rt_env_stop(env, &link->sec.timer);
	rt_env_stop(env, &link->sec.look);
	rt_env_stop(env, &link->sec.expect);
	rt_env_stop(env, &link->sec.drop);
}

void rt_sec_link_fini(struct rt_hci_link *link)
{
	stop_timers(link);
	rt_sec_pairing_fini(link);
}

void rt_sec_link_up(struct rt_hci_link *link, uint8_t encryption)
{
	struct rt_sec_facts *facts = &link->sec.facts;

	if (encryption != 0) {
		facts->encryption = RT_SEC_E0;
		(void)rt_sec_link_read_size(link);
	}
	if (link->hci->sec.ssp)
		rt_sec_link_read_features(link);
	else
		facts->features_known = true;
	rt_sec_bond_link_up(link);
}

void rt_sec_link_down(struct rt_hci_link *link, const struct rt_reason *why)
{
	struct rt_reason ignored;
	uint8_t status = RT_HCI_ERR_UNSPECIFIED;

	if (why->layer == RT_LAYER_HCI)
		status = (uint8_t)why->code;
	link->sec.securing = false;
	if (link->sec.pairing.active)
		rt_sec_pairing_end(link, status, &ignored);
	rt_sec_bond_link_down(link, why);
	stop_timers(link);
}

bool rt_sec_link_is_busy(const struct rt_hci_link *link)
{
	switch ((enum rt_sec_step)link->sec.step) {
	case RT_SEC_STEP_IDLE:
	case RT_SEC_STEP_FEATURES:
	case RT_SEC_STEP_EXTENDED:
		return link->sec.pairing.active || link->sec.sizing ||
		       link->sec.expects_encryption;
	case RT_SEC_STEP_DUE:
	case RT_SEC_STEP_AUTHENTICATING:
	case RT_SEC_STEP_ENCRYPTING:
	case RT_SEC_STEP_REFRESHING:
	case RT_SEC_STEP_BUSY:
		break;
	}
	return true;
}
