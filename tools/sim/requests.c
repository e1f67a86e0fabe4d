/* SPDX-License-Identifier: MIT */
#include "tools/sim/requests.h"

#include "tools/sim/deeds.h"
#include "tools/sim/random.h"
#include "tools/sim/run.h"

static void is_over(struct sim_request *request, const void *object)
{
	struct sim_app *app = request->app;

	if (object != request->object)
		sim_fail(app->run, "app %u: a request that was freed ends",
			 app->index);
	if (request->done)
		sim_fail(app->run, "app %u: a request ends twice", app->index);
	request->done = true;
}

static void on_inquiry_done(struct rt_inquiry *inquiry,
			    const struct rt_error_info *info, void *user_data)
{
	(void)info;
	is_over(user_data, inquiry);
}

static void on_name_done(struct rt_name_request *request, const char *name,
			 const struct rt_error_info *info, void *user_data)
{
	(void)name;
	(void)info;
	is_over(user_data, request);
}

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	(void)data;
	(void)bytes;
	(void)info;
	is_over(user_data, echo);
}

static void on_search_done(struct rt_service_search *search,
			   const struct rt_error_info *info, void *user_data)
{
	(void)info;
	is_over(user_data, search);
}

static void on_pairing_done(struct rt_pairing *pairing,
			    const struct rt_error_info *info, void *user_data)
{
	(void)info;
	is_over(user_data, pairing);
}

void sim_requests_free(struct sim_app *app)
{
	rt_inquiry_free(app->inquiry.object);
	rt_name_request_free(app->name.object);
	rt_echo_free(app->echo.object);
	rt_service_search_free(app->search.object);
	rt_pairing_free(app->pairing.object);
	app->inquiry.object = app->name.object = app->echo.object =
		app->search.object = app->pairing.object = NULL;
}

/* Room for a request: one that is over goes, and sometimes one that is not. */
static bool may_begin(struct sim_app *app, struct sim_request *request,
		      void (*free)(struct sim_request *request))
{
	if (request->object && !request->done && sim_below(&app->dice, 4) > 0)
		return false;
	free(request);
	request->app = app;
	request->object = NULL;
	request->done = false;
	return true;
}

static void free_inquiry(struct sim_request *request)
{
	rt_inquiry_free(request->object);
}

static void free_name(struct sim_request *request)
{
	rt_name_request_free(request->object);
}

static void free_echo(struct sim_request *request)
{
	rt_echo_free(request->object);
}

static void free_search(struct sim_request *request)
{
	rt_service_search_free(request->object);
}

static void free_pairing(struct sim_request *request)
{
	rt_pairing_free(request->object);
}

/* Says what a start returned; without an object nothing will end. */
static void begun(struct sim_app *app, struct sim_request *request,
		  const char *what, int err)
{
	sim_say(app->run, "app %u %s: %d", app->index, what, err);
	request->done = err != 0;
	if ((err == 0) != (request->object != NULL))
		sim_fail(app->run, "app %u: a start that is neither",
			 app->index);
}

void sim_request_inquiry(struct sim_app *app)
{
	static const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_done = on_inquiry_done,
	};
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &app->inquiry,
		.seconds = 1 + sim_below(&app->dice, 10),
		.limited = sim_below(&app->dice, 4) == 0,
		.names = sim_below(&app->dice, 2) == 0,
	};
	struct rt_inquiry *inquiry = NULL;
	int err;

	if (!may_begin(app, &app->inquiry, free_inquiry))
		return;
	err = rt_inquiry_start_with(app->node->host, &options, &inquiry);
	app->inquiry.object = inquiry;
	begun(app, &app->inquiry, "inquires", err);
}

void sim_request_name(struct sim_app *app)
{
	static const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name_done,
	};
	struct rt_name_request *request = NULL;
	int err;

	if (!may_begin(app, &app->name, free_name))
		return;
	err = rt_name_request_start(app->node->host, sim_deed_somebody(app),
				    &callbacks, &app->name, &request);
	app->name.object = request;
	begun(app, &app->name, "asks for a name", err);
}

void sim_request_echo(struct sim_app *app)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	static const uint8_t data[44] = { 1, 2, 3 };
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &app->echo,
		.data = data,
		.bytes = sim_below(&app->dice, sizeof(data) + 1),
		.timeout_ms = sim_below(&app->dice, 5000),
	};
	struct rt_echo *echo = NULL;
	int err;

	if (!may_begin(app, &app->echo, free_echo))
		return;
	err = rt_echo_start(app->node->host, sim_deed_somebody(app), &options,
			    &echo);
	app->echo.object = echo;
	begun(app, &app->echo, "sends an echo", err);
}

void sim_request_search(struct sim_app *app)
{
	static const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_done = on_search_done,
	};
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &app->search,
		.addr = sim_below(&app->dice, 6) > 0
				? sim_deed_somebody(app)
				: (struct rt_addr){ { 0 } },
		.seconds = 2,
		.minimal = sim_below(&app->dice, 2) == 0,
	};
	struct rt_service_search *search = NULL;
	int err;

	if (!may_begin(app, &app->search, free_search))
		return;
	err = rt_service_search_start(app->node->host, &options, &search);
	app->search.object = search;
	begun(app, &app->search, "searches for services", err);
}

void sim_request_pairing(struct sim_app *app)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_pairing_done,
		.user_data = &app->pairing,
		.mitm = sim_below(&app->dice, 3) == 0,
		.keep = sim_below(&app->dice, 2) == 0,
	};
	struct rt_pairing *pairing = NULL;
	int err;

	if (!may_begin(app, &app->pairing, free_pairing))
		return;
	err = rt_pairing_start(app->node->host, sim_deed_somebody(app),
			       &options, &pairing);
	app->pairing.object = pairing;
	begun(app, &app->pairing, "pairs", err);
}

bool sim_requests_are_over(const struct sim_app *app)
{
	const struct sim_request *const all[] = { &app->inquiry, &app->name,
						  &app->echo, &app->search,
						  &app->pairing };

	for (unsigned int i = 0; i < RT_ARRAY_SIZE(all); i++) {
		if (all[i]->object && !all[i]->done)
			return false;
	}
	return true;
}
