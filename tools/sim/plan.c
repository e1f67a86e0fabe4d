/* SPDX-License-Identifier: MIT */
#include "tools/sim/plan.h"

#include <string.h>

#include "tools/sim/random.h"

static const struct {
	const char *name;
	const char *text;
} features[] = {
#define X(id, name, what) { name, what },
	SIM_FEATURES(X)
#undef X
};

static const char *const roles[] = { "own", "model", "liar", "controller" };

const char *sim_feature_name(enum sim_feature feature)
{
	return features[feature].name;
}

const char *sim_feature_text(enum sim_feature feature)
{
	return features[feature].text;
}

enum sim_feature sim_feature_by_name(const char *name)
{
	for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++) {
		if (features[i].name && strcmp(features[i].name, name) == 0)
			return (enum sim_feature)i;
	}
	return SIM_FEATURE_COUNT;
}

const char *sim_role_name(enum sim_role role)
{
	return roles[role];
}

bool sim_plan_has(const struct sim_plan *plan, enum sim_feature feature)
{
	return (plan->features & SIM_BIT(feature)) != 0;
}

/* What only a hostile controller does. */
static const sim_features hostile =
	SIM_BIT(SIM_COMMAND_FAILS) | SIM_BIT(SIM_COMMAND_LOST) |
	SIM_BIT(SIM_COMPLETIONS_LOST) | SIM_BIT(SIM_EVENT_LATE) |
	SIM_BIT(SIM_EVENT_TWICE) | SIM_BIT(SIM_EVENT_LOST) |
	SIM_BIT(SIM_EVENT_SPOILT) | SIM_BIT(SIM_EVENT_MADE_UP) |
	SIM_BIT(SIM_ACL_MADE_UP) | SIM_BIT(SIM_ACL_SPOILT);

/* The specification forbids it, or it goes past the controllers' books. */
static const sim_features disorderly =
	hostile | SIM_BIT(SIM_COMPLETIONS) | SIM_BIT(SIM_MUTE) |
	SIM_BIT(SIM_HARDWARE) | SIM_BIT(SIM_RESET) | SIM_BIT(SIM_ENCRYPTION);

bool sim_plan_is_faithful(const struct sim_plan *plan)
{
	return plan->role == SIM_ROLE_OWN || plan->role == SIM_ROLE_MODEL;
}

bool sim_plan_is_orderly(const struct sim_plan *plan)
{
	return (plan->features & disorderly) == 0;
}

/* A number in a range, small ones as likely as large ones. */
static uint32_t spread(uint64_t *dice, uint32_t least, uint32_t most)
{
	uint32_t top = least;

	while (top < most && sim_below(dice, 3) > 0)
		top = top * 2 + 1;
	return least + sim_below(dice, (top < most ? top : most) - least + 1);
}

static enum sim_role draw_role(uint64_t *dice, unsigned int allowed)
{
	/* Own hosts among themselves are half of all stories. */
	static const enum sim_role usual[] = {
		SIM_ROLE_OWN,	     SIM_ROLE_OWN,   SIM_ROLE_OWN,
		SIM_ROLE_MODEL,	     SIM_ROLE_MODEL, SIM_ROLE_LIAR,
		SIM_ROLE_CONTROLLER,
	};
	enum sim_role role;

	if (allowed == 0)
		allowed = (1U << SIM_ROLES) - 1;
	do
		role = usual[sim_below(dice, RT_ARRAY_SIZE(usual))];
	while ((allowed & 1U << role) == 0);
	return role;
}

/* A part of all that may be: some stories have much of it, some little. */
static sim_features draw_part(uint64_t *dice, unsigned int of_eight)
{
	sim_features part = 0;

	for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++) {
		if (sim_below(dice, 8) < of_eight)
			part |= SIM_BIT(i);
	}
	return part;
}

static sim_features draw_features(uint64_t *dice, enum sim_role role)
{
	const sim_features deeds = SIM_BIT(SIM_DEEDS) - 1;
	sim_features drawn;

	drawn = draw_part(dice, 2 + sim_below(dice, 6)) & deeds;
	drawn |= draw_part(dice, sim_below(dice, 5)) & ~deeds;
	/* Without any of these nothing would happen. */
	drawn |= SIM_BIT(SIM_RFCOMM + sim_below(dice, SIM_CREDIT + 1)) |
		 SIM_BIT(SIM_TRANSFER);
	/* Memory that is short spoils everything else: not too often. */
	if (sim_below(dice, 4) > 0)
		drawn &= ~SIM_BIT(SIM_MEMORY);
	if (role != SIM_ROLE_CONTROLLER)
		drawn &= ~hostile;
	drawn &= ~SIM_BIT(SIM_LIES);
	if (role == SIM_ROLE_LIAR)
		drawn |= SIM_BIT(SIM_LIES);
	return drawn & ~SIM_BIT(SIM_DEEDS);
}

static uint32_t draw_personality(uint64_t *dice)
{
	static const enum rt_vctl_fault kinds[] = {
		RT_VCTL_MERGE_COMPLETIONS, RT_VCTL_ACL_BEFORE_EVENTS,
		RT_VCTL_NO_EXTENDED,	   RT_VCTL_UNKNOWN_COMMANDS,
		RT_VCTL_KEY_SIZE_FAILS,	   RT_VCTL_KEY_SIZE_UNKNOWN,
	};
	uint32_t personality = 0;

	if (sim_below(dice, 3) > 0)
		return 0;
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(kinds); i++) {
		if (sim_below(dice, 5) == 0)
			personality |= 1U << kinds[i];
	}
	return personality;
}

static void draw_controller(struct sim_plan *plan, uint64_t *dice,
			    unsigned int i)
{
	struct rt_vctl_options *controller = &plan->controller[i];

	if (sim_below(dice, 2) == 0)
		controller->acl_bytes = (uint16_t)(27 + sim_below(dice, 995));
	if (sim_below(dice, 2) == 0)
		controller->acl_packets = (uint16_t)(1 + sim_below(dice, 16));
	if (sim_below(dice, 2) == 0)
		controller->page_ms = sim_below(dice, 2000);
	if (sim_below(dice, 4) == 0)
		controller->supervision_ms =
			(uint16_t)(500 + sim_below(dice, 20000));
	if (sim_below(dice, 6) == 0)
		controller->security.no_ssp = true;
	if (sim_below(dice, 4) == 0)
		controller->security.no_secure_connections = true;
	if (sim_below(dice, 8) == 0)
		controller->security.key_size_max =
			(uint8_t)(1 + sim_below(dice, 16));
	plan->personality[i] = draw_personality(dice);
	if (sim_below(dice, 3) == 0)
		plan->session_hold_ms[i] = 100 + sim_below(dice, 3000);
}

static void draw_hosts(struct sim_plan *plan, uint64_t *dice)
{
	plan->hosts = 2;
	if (plan->role == SIM_ROLE_OWN || plan->role == SIM_ROLE_CONTROLLER) {
		while (plan->hosts < WORLD_HOSTS_MAX && sim_below(dice, 3) == 0)
			plan->hosts++;
		return;
	}
	plan->hosts = 1 + (sim_below(dice, 3) == 0);
	plan->peers = 1 + (sim_below(dice, 3) == 0);
}

void sim_plan_draw(struct sim_plan *plan, uint64_t seed,
		   const struct sim_options *options)
{
	uint64_t dice = sim_random_split(seed, 1);

	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->role = draw_role(&dice, options->roles);
	plan->features = draw_features(&dice, plan->role) & ~options->without;
	draw_hosts(plan, &dice);
	plan->faults_ms = 5000 + sim_below(&dice, 25000);
	if (options->faults_ms > 0)
		plan->faults_ms = options->faults_ms;
	plan->deed_ms = spread(&dice, 30, 1500);
	plan->fault_ms = spread(&dice, 1000, 30000);
	for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++)
		plan->permille[i] = spread(&dice, 1, 200);
	/* Drawn in any case: what is left out must not change the rest. */
	plan->latency_us = spread(&dice, 100, 200000);
	if (!sim_plan_has(plan, SIM_LATENCY))
		plan->latency_us = 0;
	for (unsigned int i = 0; i < WORLD_HOSTS_MAX; i++)
		draw_controller(plan, &dice, i);
}
