/* SPDX-License-Identifier: MIT */
#include "hci/policy.h"

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/timers.h"

/* Link policy settings (7.2.10). */
#define SETTING_ROLE_SWITCH 0x0001
#define SETTING_SNIFF 0x0004

/* Roles on the wire (7.1.8, 7.2.8). */
#define WIRE_CENTRAL 0x00
#define WIRE_PERIPHERAL 0x01

#define MODE_ACTIVE 0x00
#define MODE_SNIFF 0x02

/* The sniff mode that we ask for: slots of 0.625 ms, even numbers (7.2.2). */
#define SNIFF_MIN_SLOTS 400
#define SNIFF_MAX_SLOTS 800
#define SNIFF_ATTEMPT 4
#define SNIFF_TIMEOUT 1

/* The part of a supervision timeout that a sniff interval may be. */
#define SNIFFS_IN_SUPERVISION 4

enum busy {
	BUSY_NOT,
	BUSY_ROLE,  /* Role Change is due */
	BUSY_SNIFF, /* Mode Change is due */
};

enum owed {
	OWES_SUPERVISION = 1,
	OWES_ROLE = 2,
	OWES_SETTINGS = 4,
	OWES_EXIT = 8, /* Exit Sniff Mode */
};

static void advance(struct rt_hci_link *link);

static bool is_open(const struct rt_hci_link *link)
{
	return link->step == RT_HCI_LINK_STEP_OPEN;
}

static void refused(struct rt_hci_link *link, const char *what, uint8_t status)
{
	struct rt_hci *hci = link->hci;
	char str[RT_ADDR_STR_BYTES];

	hci->stats.policy_refused++;
	rt_log(hci->env, RT_LOG_INFO, "link %s: %s refused: %s",
	       rt_addr_format(link->addr, str), what,
	       rt_hci_error_name(status));
}

static void arm(struct rt_hci_link *link, uint32_t ms)
{
	rt_env_arm(link->hci->env, &link->policy.timer, RT_MS(ms));
}

/* Nothing is under way any more: goes on with what is owed. */
static void settle(struct rt_hci_link *link)
{
	link->policy.busy = BUSY_NOT;
	rt_env_stop(link->hci->env, &link->policy.timer);
	advance(link);
}

static void on_settings(struct rt_hci *hci, void *ctx,
			const struct rt_hci_answer *answer)
{
	(void)hci;
	if (answer->status != RT_HCI_ERR_SUCCESS)
		refused(ctx, "link policy", answer->status);
}

static void on_supervision(struct rt_hci *hci, void *ctx,
			   const struct rt_hci_answer *answer)
{
	(void)hci;
	if (answer->status != RT_HCI_ERR_SUCCESS)
		refused(ctx, "supervision timeout", answer->status);
}

static void on_role_status(struct rt_hci *hci, void *ctx,
			   const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status == RT_HCI_ERR_SUCCESS ||
	    link->policy.busy != BUSY_ROLE)
		return;
	refused(link, "role", answer->status);
	settle(link);
}

static void on_sniff_status(struct rt_hci *hci, void *ctx,
			    const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status == RT_HCI_ERR_SUCCESS ||
	    link->policy.busy != BUSY_SNIFF)
		return;
	link->policy.sniff_refused = true;
	refused(link, "sniff mode", answer->status);
	settle(link);
}

static void send_supervision(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_write_link_supervision_timeout timeout = {
		.handle = link->handle,
		.slots = link->policy.supervision_slots,
	};

	link->policy.owes &= (uint8_t)~OWES_SUPERVISION;
	rt_hci_cmdq_send(link->hci,
			 &rt_hci_cmd_write_link_supervision_timeout_msg,
			 &timeout, on_supervision, link);
}

uint16_t rt_hci_policy_default_settings(const struct rt_hci *hci)
{
	int settings = 0;

	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_ROLE_SWITCH))
		settings |= SETTING_ROLE_SWITCH;
	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_SNIFF))
		settings |= SETTING_SNIFF;
	return (uint16_t)settings;
}

/* What the link is to allow by what is wanted. */
static uint16_t wanted_settings(const struct rt_hci_link *link)
{
	const struct rt_hci_policy *policy = &link->policy;
	unsigned int settings = rt_hci_policy_default_settings(link->hci);

	/* The role that was asked for stays: the peer shall not take it. */
	if (policy->wanted_role != RT_HCI_ROLE_LEAVE &&
	    policy->role == policy->wanted_role)
		settings &= ~(unsigned int)SETTING_ROLE_SWITCH;
	if (policy->sniff == RT_HCI_SNIFF_NEVER)
		settings &= ~(unsigned int)SETTING_SNIFF;
	return (uint16_t)settings;
}

static void send_settings(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_write_link_policy_settings settings = {
		.handle = link->handle,
		.settings = wanted_settings(link),
	};

	link->policy.owes &= (uint8_t)~OWES_SETTINGS;
	if (settings.settings == link->policy.settings)
		return;
	link->policy.settings = settings.settings;
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_write_link_policy_settings_msg,
			 &settings, on_settings, link);
}

static void send_role(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_switch_role role = {
		.addr = link->addr,
		.role = link->policy.wanted_role == RT_HCI_ROLE_CENTRAL
				? WIRE_CENTRAL
				: WIRE_PERIPHERAL,
	};

	link->policy.owes &= (uint8_t)~OWES_ROLE;
	link->policy.busy = BUSY_ROLE;
	arm(link, RT_HCI_POLICY_MS);
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_switch_role_msg, &role,
			 on_role_status, link);
}

static void send_sniff(struct rt_hci_link *link)
{
	const uint16_t supervision = link->policy.supervision_slots;
	struct rt_hci_cmd_sniff_mode sniff = {
		.handle = link->handle,
		.max_slots = SNIFF_MAX_SLOTS,
		.min_slots = SNIFF_MIN_SLOTS,
		.attempt = SNIFF_ATTEMPT,
		.timeout = SNIFF_TIMEOUT,
	};

	/* Below the supervision timeout (7.2.2), and even. */
	if (supervision > 0 &&
	    supervision / SNIFFS_IN_SUPERVISION < SNIFF_MAX_SLOTS)
		sniff.max_slots = (uint16_t)RT_MAX(
			supervision / SNIFFS_IN_SUPERVISION & ~1, 2);
	sniff.min_slots = RT_MIN(sniff.min_slots, sniff.max_slots);
	link->policy.busy = BUSY_SNIFF;
	arm(link, RT_HCI_POLICY_MS);
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_sniff_mode_msg, &sniff,
			 on_sniff_status, link);
}

static void send_exit(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_exit_sniff_mode out = {
		.handle = link->handle,
	};

	link->policy.owes &= (uint8_t)~OWES_EXIT;
	if (link->policy.mode != MODE_SNIFF)
		return;
	link->policy.busy = BUSY_SNIFF;
	arm(link, RT_HCI_POLICY_MS);
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_exit_sniff_mode_msg, &out,
			 on_sniff_status, link);
}

static bool wants_sniff(const struct rt_hci_link *link)
{
	return link->policy.sniff == RT_HCI_SNIFF_PREFER &&
	       link->policy.mode == MODE_ACTIVE && !link->policy.sniff_refused;
}

/* Sends what is owed and possible now. Roles change in active mode only. */
static void advance(struct rt_hci_link *link)
{
	struct rt_hci_policy *policy = &link->policy;

	if (!is_open(link) || policy->busy != BUSY_NOT)
		return;
	if (policy->owes & OWES_SUPERVISION &&
	    policy->role == RT_HCI_ROLE_CENTRAL)
		send_supervision(link);
	if (policy->owes & OWES_EXIT)
		send_exit(link);
	if (policy->owes & OWES_ROLE && policy->role == policy->wanted_role)
		policy->owes &= (uint8_t)~OWES_ROLE;
	if (policy->busy != BUSY_NOT)
		return;
	if (policy->owes & OWES_ROLE) {
		if (!rt_sec_link_is_busy(link) && policy->mode == MODE_ACTIVE)
			send_role(link);
		else
			arm(link, RT_HCI_POLICY_AGAIN_MS);
		return;
	}
	if (policy->owes & OWES_SETTINGS)
		send_settings(link);
	if (wants_sniff(link))
		arm(link, RT_HCI_QUIET_MS);
}

/* The link has been quiet for a while, or not. */
static void on_quiet(struct rt_hci_link *link)
{
	struct rt_hci_policy *policy = &link->policy;
	const bool quiet = policy->traffic == policy->traffic_before;

	policy->traffic_before = policy->traffic;
	if (quiet && !rt_sec_link_is_busy(link))
		send_sniff(link);
	else
		arm(link, RT_HCI_QUIET_MS);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, policy.timer);

	if (!is_open(link))
		return;
	if (link->policy.busy != BUSY_NOT) {
		refused(link, "change", RT_HCI_ERR_ACCEPT_TIMEOUT);
		link->policy.sniff_refused = true;
		settle(link);
	} else if (link->policy.owes & OWES_ROLE) {
		advance(link);
	} else if (wants_sniff(link)) {
		on_quiet(link);
	}
}

void rt_hci_policy_init(struct rt_hci_link *link)
{
	struct rt_hci_policy *policy = &link->policy;

	rt_timer_init(&policy->timer, on_timer);
	policy->role = RT_HCI_ROLE_CENTRAL;
	policy->supervision_slots = link->hci->options.supervision_slots;
	policy->settings = rt_hci_policy_default_settings(link->hci);
	if (policy->supervision_slots > 0)
		policy->owes = OWES_SUPERVISION;
}

void rt_hci_policy_fini(struct rt_hci_link *link)
{
	rt_env_stop(link->hci->env, &link->policy.timer);
}

void rt_hci_policy_opened(struct rt_hci_link *link)
{
	advance(link);
}

void rt_hci_policy_begins(struct rt_hci_link *link, enum rt_hci_role role)
{
	link->policy.role = (uint8_t)role;
}

bool rt_hci_policy_allows_switch(const struct rt_hci_link *link)
{
	return rt_hci_engine_has_feature(link->hci,
					 RT_HCI_FEATURE_ROLE_SWITCH) &&
	       link->policy.wanted_role != RT_HCI_ROLE_CENTRAL;
}

bool rt_hci_policy_accepts_as_central(const struct rt_hci_link *link)
{
	const uint8_t wanted = link->policy.wanted_role
				       ? link->policy.wanted_role
				       : link->hci->accept_role;

	return wanted == RT_HCI_ROLE_CENTRAL &&
	       rt_hci_engine_has_feature(link->hci, RT_HCI_FEATURE_ROLE_SWITCH);
}

uint32_t rt_hci_policy_idle_ms(const struct rt_hci_link *link)
{
	return link->policy.idle_ms ? link->policy.idle_ms
				    : link->hci->options.idle_ms;
}

void rt_hci_policy_traffic(struct rt_hci_link *link, bool ours)
{
	struct rt_hci_policy *policy = &link->policy;

	policy->traffic++;
	if (!ours || policy->mode != MODE_SNIFF ||
	    policy->sniff != RT_HCI_SNIFF_PREFER)
		return;
	policy->owes |= OWES_EXIT;
	advance(link);
}

void rt_hci_policy_on_role_change(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_role_change *change = evt;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, change->addr);

	if (link && change->status == RT_HCI_ERR_SUCCESS) {
		link->policy.role = change->role == WIRE_CENTRAL
					    ? RT_HCI_ROLE_CENTRAL
					    : RT_HCI_ROLE_PERIPHERAL;
		if (link->policy.wanted_role != RT_HCI_ROLE_LEAVE)
			link->policy.owes |= OWES_SETTINGS;
	} else if (link && link->policy.busy == BUSY_ROLE) {
		refused(link, "role", change->status);
	}
	if (link && link->policy.busy == BUSY_ROLE)
		settle(link);
	else if (link)
		advance(link);
	rt_sec_link_on_role_change(hci, evt);
}

void rt_hci_policy_on_mode_change(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_mode_change *change = evt;
	struct rt_hci_link *link = rt_hci_link_by_handle(hci, change->handle);
	struct rt_hci_policy *policy;

	if (!link) {
		hci->stats.events_unexpected++;
		return;
	}
	policy = &link->policy;
	if (change->status == RT_HCI_ERR_SUCCESS) {
		policy->mode = change->mode;
		policy->traffic_before = policy->traffic;
	} else if (policy->busy == BUSY_SNIFF) {
		policy->sniff_refused = true;
		refused(link, "sniff mode", change->status);
	}
	if (policy->busy == BUSY_SNIFF)
		settle(link);
	else
		advance(link);
}

void rt_hci_link_set_supervision(struct rt_hci_link *link, uint16_t slots)
{
	link->policy.supervision_slots = slots;
	link->policy.owes &= (uint8_t)~OWES_SUPERVISION;
	if (slots > 0)
		link->policy.owes |= OWES_SUPERVISION;
	advance(link);
}

void rt_hci_link_set_sniff(struct rt_hci_link *link, enum rt_hci_sniff sniff)
{
	link->policy.sniff = (uint8_t)sniff;
	link->policy.sniff_refused = false;
	link->policy.owes |= OWES_SETTINGS;
	if (sniff == RT_HCI_SNIFF_NEVER && link->policy.mode == MODE_SNIFF)
		link->policy.owes |= OWES_EXIT;
	advance(link);
}

void rt_hci_link_switch_role(struct rt_hci_link *link, enum rt_hci_role role)
{
	link->policy.wanted_role = (uint8_t)role;
	link->policy.owes &= (uint8_t)~OWES_ROLE;
	if (role != RT_HCI_ROLE_LEAVE)
		link->policy.owes |= OWES_ROLE;
	link->policy.owes |= OWES_SETTINGS;
	advance(link);
}

enum rt_hci_role rt_hci_link_role(const struct rt_hci_link *link)
{
	return (enum rt_hci_role)link->policy.role;
}

void rt_hci_set_accept_role(struct rt_hci *hci, enum rt_hci_role role)
{
	hci->accept_role = (uint8_t)role;
}
