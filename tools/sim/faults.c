/* SPDX-License-Identifier: MIT */
#include "tools/sim/faults.h"

#include <errno.h>
#include <string.h>

#include "tools/sim/random.h"
#include "tools/sim/run.h"

static uint32_t below(struct sim_run *run, uint32_t n)
{
	return sim_below(&run->faults.dice, n);
}

static void took_place(struct sim_run *run, enum sim_feature feature,
		       unsigned int index)
{
	run->faults.count++;
	sim_say(run, "fault: %s at %u", sim_feature_name(feature), index);
}

/* A node with a controller; NULL if the one drawn has none. */
static struct world_node *draw_node(struct sim_run *run)
{
	struct world_node *node = &run->w->node[below(run, run->w->count)];

	return node->vctl ? node : NULL;
}

/* One of ours; NULL likewise. */
static struct world_node *draw_host(struct sim_run *run)
{
	struct world_node *node = &run->w->node[below(run, run->plan.hosts)];

	return node->vctl && node->host ? node : NULL;
}

/* --- the deeds ---------------------------------------------------------- */

static bool drop(struct sim_run *run, struct world_node *node)
{
	(void)run;
	rt_vctl_drop_links(node->vctl);
	return true;
}

static bool out_of_range(struct sim_run *run, struct world_node *node)
{
	rt_vctl_set_fault(node->vctl, RT_VCTL_OUT_OF_RANGE, true);
	run->faults.node[node->index].back_us =
		run->w->now_us + 1 + below(run, 25000000);
	return true;
}

static bool mute(struct sim_run *run, struct world_node *node)
{
	rt_vctl_set_fault(node->vctl, RT_VCTL_MUTE, true);
	run->faults.node[node->index].speaks_us =
		run->w->now_us + 1 + below(run, 8000000);
	return true;
}

static bool hardware(struct sim_run *run, struct world_node *node)
{
	const uint8_t event[] = { 0x10, 0x01, (uint8_t)below(run, 256) };

	rt_vctl_inject_event(node->vctl, rt_bytes(event, sizeof(event)));
	return true;
}

/* It forgets everything, and says so by a Command Complete for Reset. */
static bool reset(struct sim_run *run, struct world_node *node)
{
	const uint8_t command[] = { 0x03, 0x0c, 0x00 };

	(void)run;
	world_to_controller(node, RT_PACKET_COMMAND,
			    rt_bytes(command, sizeof(command)));
	return true;
}

static bool unplug(struct sim_run *run, struct world_node *node)
{
	sim_meddle_forget(run, node);
	world_unplug(run->w, node->index, -ENODEV);
	run->faults.node[node->index].plugged_us =
		run->w->now_us + 1 + below(run, 5000000);
	return true;
}

static bool restart(struct sim_run *run, struct world_node *node)
{
	sim_app_forget(&run->app[node->index]);
	world_free_host(run->w, node->index);
	sim_faults_restart(run, node->index);
	return true;
}

static bool make_up_event(struct sim_run *run, struct world_node *node)
{
	uint8_t buf[300];
	const size_t bytes = sim_meddle_make_up(run, node, true, buf);

	rt_vctl_inject_event(node->vctl, rt_bytes(buf, bytes));
	return true;
}

static bool make_up_acl(struct sim_run *run, struct world_node *node)
{
	uint8_t buf[300];
	const size_t bytes = sim_meddle_make_up(run, node, false, buf);

	rt_vctl_inject_acl(node->vctl, rt_bytes(buf, bytes));
	return true;
}

static bool change_encryption(struct sim_run *run, struct world_node *node)
{
	const struct world_node *peer = draw_node(run);

	if (!peer || peer == node)
		return false;
	if (below(run, 2) == 0)
		return rt_vctl_fake_encryption(node->vctl, peer->addr,
					       below(run, 3) == 0 ? 0x06 : 0,
					       (uint8_t)below(run, 3));
	return rt_vctl_fake_refresh(node->vctl, peer->addr,
				    below(run, 3) == 0 ? 0x06 : 0,
				    (uint8_t)below(run, 17));
}

static bool change_key_size(struct sim_run *run, struct world_node *node)
{
	rt_vctl_set_key_size_answer(node->vctl, (uint8_t)below(run, 17));
	return true;
}

/* As after a repair: the host has forgotten one it was paired with. */
static bool lose_key(struct sim_run *run, struct world_node *node)
{
	const struct world_node *peer = draw_node(run);

	return peer && peer != node &&
	       rt_host_unpair(node->host, peer->addr) == 0;
}

static bool take_memory(struct sim_run *run, struct world_node *node)
{
	node->memory.fail_permille = 1 + below(run, 300);
	run->faults.node[node->index].memory_us =
		run->w->now_us + 1 + below(run, 500000);
	return true;
}

static bool sleep_a_while(struct sim_run *run, struct world_node *node)
{
	const uint32_t most_us = below(run, 10) == 0 ? 30000000 : 500000;

	node->asleep_us = run->w->now_us + 1 + below(run, most_us);
	return true;
}

static const struct {
	enum sim_feature feature;
	bool any_node; /* else hosts of ours only */
	bool (*deed)(struct sim_run *run, struct world_node *node);
} deeds[] = {
	{ SIM_DROP, true, drop },
	{ SIM_OUT_OF_RANGE, true, out_of_range },
	{ SIM_MUTE, false, mute },
	{ SIM_HARDWARE, false, hardware },
	{ SIM_RESET, false, reset },
	{ SIM_UNPLUG, false, unplug },
	{ SIM_RESTART, false, restart },
	{ SIM_EVENT_MADE_UP, false, make_up_event },
	{ SIM_ACL_MADE_UP, false, make_up_acl },
	{ SIM_ENCRYPTION, false, change_encryption },
	{ SIM_KEY_SIZE, false, change_key_size },
	{ SIM_KEY_LOST, false, lose_key },
	{ SIM_MEMORY, false, take_memory },
	{ SIM_CLOCK, false, sleep_a_while },
};

/* --- what comes back ---------------------------------------------------- */

void sim_faults_restart(struct sim_run *run, unsigned int index)
{
	run->faults.node[index].plugged_us =
		run->w->now_us + 1 + below(run, 3000000);
}

/* A controller again, perhaps another one, and a host on it. */
static void plug_in(struct sim_run *run, unsigned int index)
{
	struct world_node *node = &run->w->node[index];
	struct sim_app *app = &run->app[index];
	struct rt_vctl_options controller = run->plan.controller[index];
	struct rt_host_options options;

	sim_say(run, "host %u is there again", index);
	if (!app->gone) {
		sim_app_end(app);
		sim_app_forget(app);
	}
	world_free_host(run->w, index);
	sim_meddle_forget(run, node);
	if (node->memory.live > 0)
		sim_fail(run, "host %u has left memory behind", index);
	node->memory.fail_permille = 0;
	if (!node->vctl) {
		controller.addr = node->addr;
		if (below(run, 4) == 0)
			controller.addr.b[1] = (uint8_t)(below(run, 250) + 2);
		world_plug_in(node, &controller);
		sim_run_set_personality(run, index);
	}
	sim_app_host_options(app, &options);
	world_restart_host(node, &options);
	sim_app_begin(app);
}

/* True if the time that was set has come, and forgets it. */
static bool is_due(const struct sim_run *run, uint64_t *due_us)
{
	if (*due_us == 0 || *due_us > run->w->now_us)
		return false;
	*due_us = 0;
	return true;
}

static bool bring_back(struct sim_run *run, unsigned int i)
{
	struct world_node *node = &run->w->node[i];
	bool any = false;

	if (is_due(run, &run->faults.node[i].plugged_us)) {
		plug_in(run, i);
		any = true;
	}
	if (is_due(run, &run->faults.node[i].back_us) && node->vctl) {
		rt_vctl_set_fault(node->vctl, RT_VCTL_OUT_OF_RANGE, false);
		any = true;
	}
	if (is_due(run, &run->faults.node[i].speaks_us) && node->vctl) {
		rt_vctl_set_fault(node->vctl, RT_VCTL_MUTE, false);
		any = true;
	}
	if (is_due(run, &run->faults.node[i].memory_us)) {
		node->memory.fail_permille = 0;
		any = true;
	}
	return any;
}

/* --- time --------------------------------------------------------------- */

static void next_deed(struct sim_run *run, enum sim_feature feature)
{
	run->faults.due_us[feature] =
		run->w->now_us + 1 + below(run, 2000 * run->plan.fault_ms);
}

void sim_faults_init(struct sim_run *run)
{
	struct sim_faults *faults = &run->faults;

	memset(faults, 0, sizeof(*faults));
	faults->dice = sim_random_split(run->plan.seed, 2);
	rt_list_init(&faults->held);
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(deeds); i++)
		next_deed(run, deeds[i].feature);
}

static bool advance_deed(struct sim_run *run, unsigned int i)
{
	const enum sim_feature feature = deeds[i].feature;
	struct world_node *node;

	if (!sim_plan_has(&run->plan, feature) ||
	    run->faults.due_us[feature] > run->w->now_us)
		return false;
	next_deed(run, feature);
	node = deeds[i].any_node ? draw_node(run) : draw_host(run);
	if (!node)
		return false;
	took_place(run, feature, node->index);
	return deeds[i].deed(run, node);
}

bool sim_faults_advance(struct sim_run *run)
{
	bool any = sim_meddle_advance(run);

	for (unsigned int i = 0; i < run->w->count; i++)
		any = bring_back(run, i) || any;
	if (run->phase != SIM_PHASE_FAULTS)
		return any;
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(deeds); i++)
		any = advance_deed(run, i) || any;
	return any;
}

bool sim_faults_next(const struct sim_run *run, uint64_t *ret_due_us)
{
	const struct sim_faults *faults = &run->faults;
	uint64_t due_us = UINT64_MAX;

	if (!rt_list_empty(&faults->held))
		due_us = sim_meddle_next(run);
	for (unsigned int i = 0; i < run->w->count; i++) {
		const uint64_t all[] = { faults->node[i].back_us,
					 faults->node[i].speaks_us,
					 faults->node[i].plugged_us,
					 faults->node[i].memory_us };

		for (unsigned int k = 0; k < RT_ARRAY_SIZE(all); k++) {
			if (all[k] != 0)
				due_us = RT_MIN(due_us, all[k]);
		}
	}
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(deeds); i++) {
		if (run->phase == SIM_PHASE_FAULTS &&
		    sim_plan_has(&run->plan, deeds[i].feature))
			due_us = RT_MIN(due_us,
					faults->due_us[deeds[i].feature]);
	}
	*ret_due_us = due_us;
	return due_us != UINT64_MAX;
}

void sim_faults_stop(struct sim_run *run)
{
	const uint64_t now_us = run->w->now_us;

	for (unsigned int i = 0; i < run->w->count; i++) {
		struct world_node *node = &run->w->node[i];

		node->asleep_us = 0;
		run->faults.node[i].back_us = now_us;
		run->faults.node[i].speaks_us = now_us;
		run->faults.node[i].memory_us = now_us;
		if (run->faults.node[i].plugged_us != 0)
			run->faults.node[i].plugged_us = now_us;
		if (node->vctl)
			rt_vctl_set_key_size_answer(node->vctl, 0);
	}
}
