/* SPDX-License-Identifier: MIT */
#include "tools/sim/agent.h"

#include <errno.h>
#include <string.h>

#include "tools/sim/random.h"
#include "tools/sim/run.h"

enum question {
	ASKS_YES_OR_NO,
	ASKS_PASSKEY,
	ASKS_PIN,
};

#define PASSKEY 123456 /* what users of this world like to type */

static const char pin[] = "0123456789abcdef";

/* --- the store ---------------------------------------------------------- */

static struct rt_link_key *find(struct sim_app *app, struct rt_addr addr)
{
	for (unsigned int i = 0; i < app->key_count; i++) {
		if (rt_addr_equal(app->key[i].addr, addr))
			return &app->key[i];
	}
	return NULL;
}

static void check_adapter(const struct sim_app *app, struct rt_addr adapter)
{
	/* A hostile controller may have said anything of itself. */
	if (app->run->plan.role != SIM_ROLE_CONTROLLER &&
	    !rt_addr_equal(adapter, app->node->addr))
		sim_fail(app->run, "host %u uses keys of another adapter",
			 app->index);
}

static int load(void *ctx, struct rt_addr adapter,
		void (*add)(void *arg, const struct rt_link_key *key),
		void *arg)
{
	struct sim_app *app = ctx;

	check_adapter(app, adapter);
	for (unsigned int i = 0; i < app->key_count; i++)
		add(arg, &app->key[i]);
	return 0;
}

static int save(void *ctx, struct rt_addr adapter,
		const struct rt_link_key *key)
{
	static const uint8_t zero[16];
	struct sim_app *app = ctx;
	struct rt_link_key *old = find(app, key->addr);

	check_adapter(app, adapter);
	if (memcmp(key->key, zero, sizeof(zero)) == 0)
		sim_fail(app->run, "host %u stores a key of zeros", app->index);
	if (key->type == 3)
		sim_fail(app->run, "host %u stores a debug key", app->index);
	sim_say(app->run, "app %u stores a key of type %u", app->index,
		key->type);
	if (!old && app->key_count == SIM_KEYS)
		return -ENOSPC;
	if (!old)
		old = &app->key[app->key_count++];
	*old = *key;
	return 0;
}

static int forget(void *ctx, struct rt_addr adapter, struct rt_addr addr)
{
	struct sim_app *app = ctx;
	struct rt_link_key *old = find(app, addr);

	check_adapter(app, adapter);
	if (!old)
		return -ENOENT;
	*old = app->key[--app->key_count];
	return 0;
}

void sim_agent_store(struct sim_app *app)
{
	app->store = (struct rt_key_store){
		.size = sizeof(app->store),
		.load = load,
		.save = save,
		.remove = forget,
		.ctx = app,
	};
}

/* --- the user ----------------------------------------------------------- */

/* The question may be out of date by now: that is no mistake of ours. */
static void check_answer(const struct sim_app *app, int err)
{
	if (err != 0 && err != -ENOENT && err != -EINVAL && err != -ENOTCONN &&
	    err != -ENETDOWN && err != -ENOMEM)
		sim_fail(app->run, "an answer fails: %s", strerror(-err));
}

static void answer(struct sim_app *app, bool yes)
{
	struct rt_host *host = app->node->host;
	const struct rt_addr addr = app->asked;
	int err = 0;

	memset(&app->asked, 0, sizeof(app->asked));
	switch ((enum question)app->question) {
	case ASKS_YES_OR_NO:
		err = rt_host_answer(host, addr, yes);
		break;
	case ASKS_PASSKEY:
		err = rt_host_answer_passkey(host, addr,
					     yes ? PASSKEY : PASSKEY + 1);
		break;
	case ASKS_PIN:
		err = rt_host_answer_pin(host, addr, pin, yes ? 16 : 0);
		break;
	}
	check_answer(app, err);
}

static void ask(struct sim_app *app, struct rt_addr addr,
		enum question question)
{
	const bool refusing = sim_plan_has(&app->run->plan, SIM_REFUSING) &&
			      app->run->phase == SIM_PHASE_FAULTS;
	const uint32_t mood = refusing ? sim_below(&app->dice, 6) : 9;

	sim_say(app->run, "app %u is asked", app->index);
	app->asked = addr;
	app->question = question;
	if (mood == 0)
		answer(app, false);
	else if (mood > 2)
		answer(app, true);
	/* Else it is put off, until the next deed or for ever. */
}

void sim_agent_answer(struct sim_app *app)
{
	static const struct rt_addr nobody;

	if (!rt_addr_equal(app->asked, nobody))
		answer(app, sim_below(&app->dice, 2) == 0);
}

static void on_confirm(struct rt_host *host, struct rt_addr addr,
		       uint32_t shown, void *user_data)
{
	(void)host;
	(void)shown;
	ask(user_data, addr, ASKS_YES_OR_NO);
}

static void on_consent(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	(void)host;
	ask(user_data, addr, ASKS_YES_OR_NO);
}

static void on_passkey(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	(void)host;
	ask(user_data, addr, ASKS_PASSKEY);
}

static void on_pin(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	(void)host;
	ask(user_data, addr, ASKS_PIN);
}

static void on_authorize(struct rt_host *host, uint32_t id,
			 struct rt_server *server, struct rt_addr addr,
			 void *user_data)
{
	struct sim_app *app = user_data;

	(void)server;
	(void)addr;
	check_answer(app,
		     rt_host_authorize(host, id, sim_below(&app->dice, 4) > 0));
}

static const struct rt_agent agent = {
	.size = sizeof(agent),
	.on_confirm = on_confirm,
	.on_consent = on_consent,
	.on_passkey = on_passkey,
	.on_pin = on_pin,
	.on_authorize = on_authorize,
};

static void set_policy(struct sim_app *app, bool agree)
{
	struct rt_pairing_policy policy = { .size = sizeof(policy) };
	int err;

	policy.io = (enum rt_io)sim_below(&app->dice, RT_IO_KEYBOARD + 1);
	policy.bondable = agree || sim_below(&app->dice, 3) > 0;
	policy.accept_just_works = agree || sim_below(&app->dice, 3) > 0;
	policy.legacy = agree || sim_below(&app->dice, 3) > 0;
	policy.no_secure_connections = sim_below(&app->dice, 5) == 0;
	err = rt_host_set_pairing_policy(app->node->host, &policy);
	if (err < 0 && err != -ENOMEM)
		sim_fail(app->run, "a policy is refused: %s", strerror(-err));
}

void sim_agent_begin(struct sim_app *app)
{
	set_policy(app, app->run->phase != SIM_PHASE_FAULTS);
	rt_host_set_agent(app->node->host, &agent, app);
}

void sim_agent_agree(struct sim_app *app)
{
	set_policy(app, true);
}
