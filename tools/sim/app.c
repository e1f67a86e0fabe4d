/* SPDX-License-Identifier: MIT */
#include "tools/sim/app.h"

#include <errno.h>
#include <string.h>

#include "tools/sim/agent.h"
#include "tools/sim/deeds.h"
#include "tools/sim/end.h"
#include "tools/sim/random.h"
#include "tools/sim/requests.h"
#include "tools/sim/run.h"

void sim_app_init(struct sim_app *app, struct sim_run *run, unsigned int index)
{
	memset(app, 0, sizeof(*app));
	app->run = run;
	app->index = index;
	app->node = &run->w->node[index];
	app->dice = sim_random_split(run->plan.seed, 100 + index);
	for (unsigned int i = 0; i < SIM_ENDS; i++)
		app->end[i].app = app;
	sim_agent_store(app);
}

void sim_app_host_options(struct sim_app *app,
			  struct rt_host_options *ret_options)
{
	*ret_options = (struct rt_host_options){
		.size = sizeof(*ret_options),
		.session_hold_ms = app->run->plan.session_hold_ms[app->index],
		.key_store = &app->store,
	};
}

static void next_deed(struct sim_app *app)
{
	const uint32_t mean_us = app->run->plan.deed_ms * 1000;

	app->deed_us =
		app->run->w->now_us + 1 + sim_below(&app->dice, 2 * mean_us);
}

void sim_app_begin(struct sim_app *app)
{
	app->gone = !app->node->host;
	if (app->gone)
		return;
	sim_agent_begin(app);
	sim_deed_serve(app);
	rt_host_set_discoverable(app->node->host, true);
	next_deed(app);
}

bool sim_app_advance(struct sim_app *app, uint64_t now_us)
{
	if (app->gone || now_us < app->deed_us ||
	    app->run->phase != SIM_PHASE_FAULTS)
		return false;
	next_deed(app);
	sim_deed(app);
	return true;
}

static void agree_and_read(struct sim_app *app)
{
	sim_agent_agree(app);
	for (unsigned int i = 0; i < SIM_ENDS; i++) {
		struct sim_end *end = &app->end[i];

		if (!end->s)
			continue;
		sim_end_read(end);
		if (end->s)
			sim_end_write(end);
	}
	for (unsigned int i = 0; i < SIM_SERVERS; i++)
		sim_deed_take(&app->server[i]);
}

void sim_app_quieten(struct sim_app *app)
{
	int err;

	if (app->gone || rt_host_state(app->node->host) == RT_HOST_DOWN)
		return;
	if (rt_host_mode(app->node->host) == RT_HOST_MODE_OFF) {
		err = rt_host_set_mode(app->node->host,
				       RT_HOST_MODE_CONNECTABLE);
		if (err != 0)
			sim_fail(app->run,
				 "host %u can't be switched on again: %s",
				 app->index, strerror(-err));
	}
	agree_and_read(app);
}

bool sim_app_is_quiet(const struct sim_app *app)
{
	if (app->gone)
		return true;
	if (rt_host_state(app->node->host) != RT_HOST_UP ||
	    !sim_requests_are_over(app))
		return false;
	for (unsigned int i = 0; i < SIM_ENDS; i++) {
		if (!sim_end_is_quiet(&app->end[i]))
			return false;
	}
	return true;
}

void sim_app_fail_busy(const struct sim_app *app)
{
	if (app->gone || !app->node->host)
		sim_fail(app->run, "host %u does not come back", app->index);
	if (rt_host_state(app->node->host) != RT_HOST_UP)
		sim_fail(app->run, "host %u is in state %d and stays there",
			 app->index, rt_host_state(app->node->host));
	if (!sim_requests_are_over(app))
		sim_fail(app->run, "app %u: a request does not end",
			 app->index);
	for (unsigned int i = 0; i < SIM_ENDS; i++) {
		if (!sim_end_is_quiet(&app->end[i]))
			sim_fail(app->run, "app %u end %u: stays in state %d",
				 app->index, i, rt_socket_state(app->end[i].s));
	}
	sim_fail(app->run, "app %u is busy with nothing", app->index);
}

void sim_app_end(struct sim_app *app)
{
	for (unsigned int i = 0; i < SIM_ENDS; i++)
		sim_end_free(&app->end[i]);
	for (unsigned int i = 0; i < SIM_SERVERS; i++) {
		rt_server_free(app->server[i].server);
		app->server[i].server = NULL;
	}
	sim_requests_free(app);
	rt_service_free(app->service);
	app->service = NULL;
}

void sim_app_forget(struct sim_app *app)
{
	for (unsigned int i = 0; i < SIM_ENDS; i++)
		app->end[i].s = NULL;
	for (unsigned int i = 0; i < SIM_SERVERS; i++)
		app->server[i].server = NULL;
	app->inquiry.object = app->name.object = app->echo.object =
		app->search.object = app->pairing.object = NULL;
	app->service = NULL;
	memset(&app->asked, 0, sizeof(app->asked));
	app->gone = true;
}
