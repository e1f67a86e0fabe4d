/* SPDX-License-Identifier: MIT */
#include "tools/sim/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "hci/engine.h"
#include "hci/security.h"
#include "tools/sim/check.h"
#include "tools/sim/proof.h"
#include "tools/sim/random.h"

/* Everything that is under way has ended after so long. */
#define QUIET_US RT_SECONDS(120)

/* --- telling ------------------------------------------------------------ */

void sim_fail(struct sim_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(run->what, sizeof(run->what), fmt, ap);
	va_end(ap);
	longjmp(run->end, 1);
}

static double seconds(const struct sim_run *run)
{
	return (double)(run->w->now_us - run->start_us) / 1e6;
}

void sim_say(struct sim_run *run, const char *fmt, ...)
{
	va_list ap;

	if (!run->options->log)
		return;
	printf("%11.6f ", seconds(run));
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* --- what the world calls ----------------------------------------------- */

static void on_broken(void *user, const char *what)
{
	sim_fail(user, "%s", what);
}

static void on_state(void *user, struct world_node *node,
		     enum rt_host_state state)
{
	static const char *const states[] = { "STARTING", "UP",	  "RECOVERING",
					      "STOPPING", "DOWN", "OFF" };

	sim_say(user, "host %u is %s", node->index, states[state]);
}

static void on_log(void *user, const struct world_node *node,
		   enum rt_level level, const char *line)
{
	(void)level;
	sim_say(user, "host %u: %s", node->index, line);
}

static void mix(struct sim_run *run, uint64_t word)
{
	run->trace = (run->trace ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	run->trace ^= run->trace >> 32;
}

static void mix_octets(struct sim_run *run, struct rt_bytes octets)
{
	uint64_t word;
	size_t at = 0;

	for (; at + 8 <= octets.len; at += 8) {
		memcpy(&word, octets.ptr + at, 8);
		mix(run, word);
	}
	word = octets.len;
	if (octets.len > at)
		memcpy(&word, octets.ptr + at, octets.len - at);
	mix(run, word);
}

static void on_packet(void *user, struct world_node *node, bool from_controller,
		      enum rt_packet_type type, struct rt_bytes packet)
{
	struct sim_run *run = user;

	mix(run, run->w->now_us);
	mix(run, node->index << 16 | (unsigned int)type << 1 | from_controller);
	mix_octets(run, packet);
}

static bool on_meddle(void *user, struct world_node *node, bool from_controller,
		      enum rt_packet_type type, struct rt_bytes packet)
{
	return sim_meddle(user, node, from_controller, type, packet);
}

/* What a controller that keeps to the rules has to say of its host. */
static void check_controller(struct sim_run *run, const struct world_node *node)
{
	const struct rt_vctl_stats *stats;

	if (!node->vctl || !sim_plan_is_orderly(&run->plan))
		return;
	stats = rt_vctl_get_stats(node->vctl);
	/* What is not completed for 30 s is written off, and sent anew. */
	if (stats->acl_overruns > 0 &&
	    node->host->hci->stats.completed_overdue == 0)
		sim_fail(run, "host %u sent more than there was room for",
			 node->index);
	if (stats->acl_malformed > 0 || stats->commands_malformed > 0 ||
	    stats->unexpected > 0)
		sim_fail(run, "host %u sent malformed packets", node->index);
	if (stats->commands_overrun > 0)
		sim_fail(run, "host %u sent a command without credit",
			 node->index);
}

static void on_stepped(void *user, struct world_node *node)
{
	struct sim_run *run = user;
	const char *wrong = rt_check_invariants(node->host);

	run->steps++;
	if (wrong)
		sim_fail(run, "host %u: it does not hold that %s", node->index,
			 wrong);
	check_controller(run, node);
}

static bool on_advanced(void *user)
{
	struct sim_run *run = user;
	bool any = sim_faults_advance(run);

	for (unsigned int i = 0; i < run->plan.hosts; i++)
		any = sim_app_advance(&run->app[i], run->w->now_us) || any;
	for (unsigned int i = 0; i < run->plan.peers; i++)
		any = sim_peer_advance(&run->peer[i]) || any;
	return any;
}

static bool on_next(void *user, uint64_t *ret_due_us)
{
	const struct sim_run *run = user;
	uint64_t due_us = UINT64_MAX;
	uint64_t it;

	if (sim_faults_next(run, &it))
		due_us = it;
	if (run->phase == SIM_PHASE_FAULTS) {
		for (unsigned int i = 0; i < run->plan.hosts; i++) {
			if (!run->app[i].gone)
				due_us = RT_MIN(due_us, run->app[i].deed_us);
		}
		for (unsigned int i = 0; i < run->plan.peers; i++)
			due_us = RT_MIN(due_us, run->peer[i].deed_us);
	}
	*ret_due_us = due_us;
	return due_us != UINT64_MAX;
}

/* --- the story ---------------------------------------------------------- */

void sim_run_set_personality(struct sim_run *run, unsigned int index)
{
	struct rt_vctl *vctl = run->w->node[index].vctl;

	for (unsigned int fault = 0; fault < RT_VCTL_FAULTS; fault++) {
		if (run->plan.personality[index] & 1U << fault)
			rt_vctl_set_fault(vctl, (enum rt_vctl_fault)fault,
					  true);
	}
	if (sim_plan_has(&run->plan, SIM_FLUSH))
		rt_vctl_set_loss(vctl, run->plan.permille[SIM_FLUSH]);
}

static void make_world(struct sim_run *run)
{
	const struct world_hooks hooks = {
		.broken = on_broken,
		.state = on_state,
		.log = run->options->log ? on_log : NULL,
		.packet = on_packet,
		.meddle = on_meddle,
		.stepped = on_stepped,
		.advanced = on_advanced,
		.next = on_next,
		.user = run,
	};
	const struct world_options options = {
		.seed = run->plan.seed,
		.latency_us = run->plan.latency_us,
		.capture_path = run->options->capture,
		.empty = true,
		.hooks = &hooks,
	};
	struct rt_host_options host_options;

	run->w = world_new(&options);
	run->start_us = run->w->now_us;
	sim_faults_init(run);
	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		sim_app_init(&run->app[i], run, i);
		sim_app_host_options(&run->app[i], &host_options);
		world_add_host(run->w, &run->plan.controller[i], &host_options);
		sim_run_set_personality(run, i);
		sim_app_begin(&run->app[i]);
	}
	for (unsigned int i = 0; i < run->plan.peers; i++)
		sim_peer_add(&run->peer[i], run);
}

/*
 * A host that gave up its controller is started again by its user: once, for
 * what has gone wrong before may be found out only now.
 */
static void restart_the_dead(struct sim_run *run)
{
	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		const struct rt_host *host = run->w->node[i].host;

		if (run->faults.node[i].plugged_us != 0 || run->restarted[i] ||
		    (host && rt_host_state(host) != RT_HOST_DOWN))
			continue;
		run->restarted[i] = true;
		run->faults.node[i].plugged_us = run->w->now_us + 1;
	}
}

/*
 * With keys too small for any service, or of no size that can be read, a
 * controller gets nowhere: its host gets another one.
 */
static void mend_controller(struct sim_run *run, unsigned int i)
{
	const uint32_t hopeless =
		1U << RT_VCTL_KEY_SIZE_FAILS | 1U << RT_VCTL_KEY_SIZE_UNKNOWN;
	struct rt_vctl *vctl = run->w->node[i].vctl;
	struct rt_vctl_options *controller = &run->plan.controller[i];
	bool exchange = (run->plan.personality[i] & hopeless) != 0;

	if (controller->security.key_size_max > 0 &&
	    controller->security.key_size_max < RT_SEC_KEY_SIZE_FLOOR)
		exchange = true;
	run->plan.personality[i] &= ~hopeless;
	if (exchange)
		controller->security.key_size_max = 0;
	if (!vctl)
		return;
	rt_vctl_set_loss(vctl, 0);
	rt_vctl_set_fault(vctl, RT_VCTL_KEY_SIZE_FAILS, false);
	rt_vctl_set_fault(vctl, RT_VCTL_KEY_SIZE_UNKNOWN, false);
	if (!exchange)
		return;
	rt_vctl_set_security(vctl, &controller->security);
	if (i < run->plan.hosts)
		run->faults.node[i].plugged_us = run->w->now_us;
}

static bool is_quiet(void *arg)
{
	struct sim_run *run = arg;

	restart_the_dead(run);
	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		if (!run->w->node[i].host || !sim_app_is_quiet(&run->app[i]))
			return false;
	}
	return true;
}

static void say_who_is_not_quiet(struct sim_run *run)
{
	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		if (!sim_app_is_quiet(&run->app[i]))
			sim_app_fail_busy(&run->app[i]);
	}
	sim_fail(run, "a host does not come back");
}

static void quieten(struct sim_run *run)
{
	run->phase = SIM_PHASE_QUIET;
	sim_say(run, "nothing goes wrong any more");
	sim_faults_stop(run);
	for (unsigned int i = 0; i < run->plan.peers; i++)
		sim_peer_quieten(&run->peer[i]);
	for (unsigned int i = 0; i < run->w->count; i++)
		mend_controller(run, i);
	for (unsigned int i = 0; i < run->plan.hosts; i++)
		sim_app_quieten(&run->app[i]);
	if (!world_run_until(run->w, is_quiet, run, QUIET_US))
		say_who_is_not_quiet(run);
}

static void tell(struct sim_run *run)
{
	const struct sim_stream *cut;

	make_world(run);
	world_run(run->w, RT_MS(run->plan.faults_ms));
	quieten(run);
	run->phase = SIM_PHASE_PROOF;
	sim_proof(run);
	run->phase = SIM_PHASE_OVER;
	cut = sim_streams_check(&run->streams);
	if (cut)
		sim_fail(run,
			 "host %u sent %llu on stream %08x before an orderly "
			 "end, and %llu have arrived",
			 cut->from, (unsigned long long)cut->sent, cut->id,
			 (unsigned long long)cut->received);
}

static void fill_result(const struct sim_run *run, struct sim_result *result)
{
	result->trace = run->trace;
	result->virtual_us = run->w->now_us - run->start_us;
	result->steps = run->steps;
	result->packets = run->w->packets;
	result->opened = run->opened;
	result->octets = run->streams.octets;
	result->faults = run->faults.count;
	result->features = run->plan.features;
	result->role = run->plan.role;
}

void sim_run_seed(uint64_t seed, const struct sim_options *options,
		  struct sim_result *ret_result)
{
	struct sim_run *run = calloc(1, sizeof(*run));

	memset(ret_result, 0, sizeof(*ret_result));
	if (!run)
		abort();
	run->options = options;
	sim_plan_draw(&run->plan, seed, options);
	if (setjmp(run->end) == 0) {
		tell(run);
		fill_result(run, ret_result);
		sim_meddle_forget(run, NULL);
		world_finish(run->w);
	} else {
		ret_result->failed = true;
		if (run->w)
			fill_result(run, ret_result);
		ret_result->failed_us = ret_result->virtual_us;
		memcpy(ret_result->what, run->what, sizeof(run->what));
		return;
	}
	for (unsigned int i = 0; i < run->plan.peers; i++)
		sim_peer_end(&run->peer[i]);
	sim_streams_free(&run->streams);
	free(run);
}
