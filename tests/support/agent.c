/* SPDX-License-Identifier: MIT */
#include "tests/support/agent.h"

#include <check.h>
#include <string.h>

static void note(struct agent *agent, char what)
{
	const size_t n = strlen(agent->log);

	ck_assert_uint_lt(n + 1, sizeof(agent->log));
	agent->log[n] = what;
}

static void then(struct agent *agent, char what)
{
	if (agent->then)
		agent->then(agent, what);
}

static void answer(struct agent *agent, struct rt_addr addr)
{
	agent->addr = addr;
	if (!agent->mute)
		ck_assert_int_eq(
			rt_host_answer(agent->host, addr, !agent->refuse), 0);
}

static void on_confirm(struct rt_host *host, struct rt_addr addr,
		       uint32_t number, void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_eq(host, agent->host);
	note(agent, 'C');
	agent->number = number;
	answer(agent, addr);
	then(agent, 'C');
}

static void on_consent(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_eq(host, agent->host);
	note(agent, 'J');
	answer(agent, addr);
	then(agent, 'J');
}

static void on_passkey(struct rt_host *host, struct rt_addr addr,
		       void *user_data)
{
	struct agent *agent = user_data;

	note(agent, 'P');
	agent->addr = addr;
	if (agent->refuse || agent->mute)
		answer(agent, addr);
	else
		ck_assert_int_eq(
			rt_host_answer_passkey(host, addr, agent->passkey), 0);
	then(agent, 'P');
}

static void on_show_passkey(struct rt_host *host, struct rt_addr addr,
			    uint32_t number, unsigned int typed,
			    void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_eq(host, agent->host);
	note(agent, 'S');
	agent->addr = addr;
	agent->number = number;
	agent->typed = typed;
	then(agent, 'S');
}

static void on_pin(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	struct agent *agent = user_data;

	note(agent, 'N');
	agent->addr = addr;
	if (agent->refuse || agent->mute)
		answer(agent, addr);
	else
		ck_assert_int_eq(rt_host_answer_pin(host, addr, agent->pin,
						    agent->pin_bytes),
				 0);
	then(agent, 'N');
}

static void on_authorize(struct rt_host *host, uint32_t id,
			 struct rt_server *server, struct rt_addr addr,
			 void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_nonnull(server);
	note(agent, 'A');
	agent->addr = addr;
	agent->id = id;
	if (!agent->mute)
		ck_assert_int_eq(rt_host_authorize(host, id, !agent->refuse),
				 0);
	then(agent, 'A');
}

static void on_over(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_eq(host, agent->host);
	agent->addr = addr;
	note(agent, 'o');
	then(agent, 'o');
}

static void on_paired(struct rt_host *host, struct rt_addr addr, bool bonded,
		      const struct rt_error_info *info, void *user_data)
{
	struct agent *agent = user_data;

	ck_assert_ptr_eq(host, agent->host);
	agent->addr = addr;
	agent->err = info->err;
	rt_error_format(info, agent->text, sizeof(agent->text));
	note(agent, info->err < 0 ? '-' : bonded ? '+' : 't');
	then(agent, '+');
}

void agent_attach(struct agent *agent, struct rt_host *host,
		  unsigned int members)
{
	const struct rt_agent callbacks = {
		.size = sizeof(callbacks),
		.on_confirm = members & AGENT_CONFIRM ? on_confirm : NULL,
		.on_consent = members & AGENT_CONSENT ? on_consent : NULL,
		.on_passkey = members & AGENT_PASSKEY ? on_passkey : NULL,
		.on_show_passkey =
			members & AGENT_SHOW ? on_show_passkey : NULL,
		.on_pin = members & AGENT_PIN ? on_pin : NULL,
		.on_authorize = members & AGENT_AUTHORIZE ? on_authorize : NULL,
		.on_over = on_over,
		.on_paired = on_paired,
	};

	agent->host = host;
	rt_host_set_agent(host, &callbacks, agent);
}

void agent_allow_bonds(struct rt_host *host, bool just_works)
{
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = just_works,
	};

	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), 0);
}

bool agent_has_paired(void *user)
{
	const struct agent *agent = user;

	return strpbrk(agent->log, "+t-") != NULL;
}
