/* SPDX-License-Identifier: MIT */
#include "api/agent.h"

#include <errno.h>
#include <string.h>

#include "api/error.h"
#include "api/host.h"
#include "api/server.h"

/* A peer can cause notes, so there is an end to them. */
#define NOTES_MAX 64

enum note_kind {
	NOTE_QUESTION, /* or a passkey to show */
	NOTE_AUTHORIZE,
	NOTE_OVER,
	NOTE_PAIRED,
};

struct note {
	struct rt_list node;
	enum note_kind kind;
	struct rt_addr addr;
	struct rt_sec_question question;
	uint32_t id; /* AUTHORIZE */
	bool bonded; /* PAIRED */
	struct rt_reason why;
};

struct authorization {
	struct rt_list node;
	uint32_t id;
	struct rt_server *server;
	rt_handle handle;
	struct rt_addr addr;
};

static struct note *add_note(struct rt_host *host, enum note_kind kind,
			     struct rt_addr addr)
{
	struct rt_api_agent *agent = &host->agent;
	struct note *note;

	if (agent->note_count >= NOTES_MAX)
		return NULL;
	note = rt_env_alloc(&host->env, sizeof(*note));
	if (!note)
		return NULL;
	note->kind = kind;
	note->addr = addr;
	agent->note_count++;
	rt_list_append(&agent->notes, &note->node);
	rt_ready_raise(&host->env, &agent->ready, 1);
	return note;
}

static void free_note(struct rt_host *host, struct note *note)
{
	rt_list_del(&note->node);
	host->agent.note_count--;
	rt_sec_wipe(note, sizeof(*note));
	rt_env_free(&host->env, note);
}

static void free_authorization(struct rt_host *host,
			       struct authorization *authorization)
{
	rt_list_del(&authorization->node);
	rt_env_free(&host->env, authorization);
}

static void drop_pins(struct rt_host *host)
{
	struct rt_api_agent *agent = &host->agent;

	if (agent->pins)
		rt_sec_wipe(agent->pins,
			    agent->policy.pin_count * sizeof(*agent->pins));
	rt_env_free(&host->env, agent->pins);
	agent->pins = NULL;
	agent->policy.pins = NULL;
	agent->policy.pin_count = 0;
}

void rt_api_agent_init(struct rt_host *host)
{
	struct rt_api_agent *agent = &host->agent;

	rt_ready_init(&agent->ready, RT_API_AGENT);
	rt_list_init(&agent->notes);
	rt_list_init(&agent->authorizations);
}

void rt_api_agent_end(struct rt_host *host)
{
	struct rt_api_agent *agent = &host->agent;

	while (!rt_list_empty(&agent->notes))
		free_note(host,
			  RT_LIST_FIRST(&agent->notes, struct note, node));
	while (!rt_list_empty(&agent->authorizations))
		free_authorization(host,
				   RT_LIST_FIRST(&agent->authorizations,
						 struct authorization, node));
}

void rt_api_agent_fini(struct rt_host *host)
{
	rt_api_agent_end(host);
	rt_ready_cancel(&host->agent.ready);
	drop_pins(host);
}

/* What this side can do: as the policy says, or as the agent's members show. */
static enum rt_sec_io io_of(const struct rt_api_agent *agent)
{
	const struct rt_agent *callbacks = &agent->callbacks;

	switch (agent->policy.io) {
	case RT_IO_DISPLAY:
		return RT_SEC_IO_DISPLAY_ONLY;
	case RT_IO_DISPLAY_YES_NO:
		return RT_SEC_IO_DISPLAY_YES_NO;
	case RT_IO_KEYBOARD:
		return RT_SEC_IO_KEYBOARD_ONLY;
	case RT_IO_NONE:
		break;
	}
	if (callbacks->on_confirm)
		return RT_SEC_IO_DISPLAY_YES_NO;
	if (callbacks->on_passkey)
		return RT_SEC_IO_KEYBOARD_ONLY;
	if (callbacks->on_show_passkey)
		return RT_SEC_IO_DISPLAY_ONLY;
	return RT_SEC_IO_NONE;
}

static int apply_policy(struct rt_host *host)
{
	const struct rt_api_agent *agent = &host->agent;
	const struct rt_sec_policy policy = {
		.io = io_of(agent),
		.bondable = agent->policy.bondable,
		.legacy = agent->policy.legacy,
		.no_secure_connections = agent->policy.no_secure_connections,
		.secure_connections_only =
			agent->policy.secure_connections_only,
		.debug_keys = agent->policy.debug_keys,
		.answer_ms = agent->policy.answer_ms,
	};

	return rt_sec_set_policy(host->hci, &policy);
}

void rt_host_set_agent(struct rt_host *host, const struct rt_agent *agent,
		       void *user_data)
{
	rt_api_host_enter(host);
	rt_api_copy_in(&host->agent.callbacks, sizeof(host->agent.callbacks),
		       agent);
	host->agent.user_data = user_data;
	/* Its values were accepted before; only the capability is another. */
	if (apply_policy(host) < 0)
		return;
	rt_api_host_touch(host);
}

static bool pins_are_good(const struct rt_pairing_policy *policy)
{
	if (policy->pin_count > 0 && !policy->pins)
		return false;
	for (size_t i = 0; i < policy->pin_count; i++) {
		const struct rt_pin *pin = &policy->pins[i];

		if (pin->pin_bytes < 1 || pin->pin_bytes > sizeof(pin->pin) ||
		    pin->prefix_octets > sizeof(pin->addr.b))
			return false;
	}
	return true;
}

static int copy_pins(struct rt_host *host,
		     const struct rt_pairing_policy *policy,
		     struct rt_pin **ret_pins)
{
	struct rt_pin *pins = NULL;

	if (policy->pin_count > 0) {
		pins = rt_env_alloc(&host->env,
				    policy->pin_count * sizeof(*pins));
		if (!pins)
			return -ENOMEM;
		memcpy(pins, policy->pins, policy->pin_count * sizeof(*pins));
	}
	*ret_pins = pins;
	return 0;
}

int rt_host_set_pairing_policy(struct rt_host *host,
			       const struct rt_pairing_policy *policy)
{
	struct rt_api_agent *agent = &host->agent;
	struct rt_pairing_policy own;
	struct rt_pin *pins;
	int err;

	rt_api_copy_in(&own, sizeof(own), policy);
	if ((unsigned int)own.io > RT_IO_KEYBOARD || own.pin_count > 1024 ||
	    !pins_are_good(&own))
		return -EINVAL;
	rt_api_host_enter(host);
	err = copy_pins(host, &own, &pins);
	if (err < 0)
		return err;
	drop_pins(host);
	agent->policy = own;
	agent->policy.pins = agent->pins = pins;
	err = apply_policy(host);
	rt_api_host_touch(host);
	return err;
}

/* The fixed PIN for the address: that of the longest prefix, or NULL. */
static const struct rt_pin *pin_for(const struct rt_pairing_policy *policy,
				    struct rt_addr addr)
{
	const struct rt_pin *best = NULL;

	for (size_t i = 0; i < policy->pin_count; i++) {
		const struct rt_pin *pin = &policy->pins[i];
		const size_t skip = sizeof(addr.b) - pin->prefix_octets;

		if (memcmp(&pin->addr.b[skip], &addr.b[skip],
			   pin->prefix_octets) != 0)
			continue;
		if (!best || pin->prefix_octets > best->prefix_octets)
			best = pin;
	}
	return best;
}

/* An answer that nobody waits for any more is none. */
static void answer(struct rt_host *host, struct rt_addr addr, bool yes)
{
	if (rt_sec_answer(host->hci, addr, yes, 0) < 0)
		return;
}

static void answer_pin(struct rt_host *host, struct rt_addr addr)
{
	const struct rt_pin *pin = pin_for(&host->agent.policy, addr);

	if (!pin || rt_sec_answer_pin(host->hci, addr,
				      rt_bytes(pin->pin, pin->pin_bytes)) < 0)
		answer(host, addr, false);
}

static void answer_by_policy(struct rt_host *host,
			     const struct rt_sec_question *question)
{
	switch (question->kind) {
	case RT_SEC_ASK_CONSENT:
		answer(host, question->addr,
		       host->agent.policy.accept_just_works);
		break;
	case RT_SEC_ASK_PIN:
		answer_pin(host, question->addr);
		break;
	case RT_SEC_ASK_CONFIRM:
	case RT_SEC_ASK_PASSKEY:
		answer(host, question->addr, false);
		break;
	case RT_SEC_SHOW_PASSKEY:
		break;
	}
}

static bool agent_hears(const struct rt_agent *callbacks,
			enum rt_sec_question_kind kind)
{
	switch (kind) {
	case RT_SEC_ASK_CONFIRM:
		return callbacks->on_confirm;
	case RT_SEC_ASK_CONSENT:
		return callbacks->on_consent;
	case RT_SEC_ASK_PASSKEY:
		return callbacks->on_passkey;
	case RT_SEC_ASK_PIN:
		return callbacks->on_pin;
	case RT_SEC_SHOW_PASSKEY:
		return callbacks->on_show_passkey;
	}
	return false;
}

/* The question about the peer that the application has not heard yet. */
static struct note *unheard(struct rt_host *host, struct rt_addr addr)
{
	struct note *note;

	RT_LIST_EACH (note, &host->agent.notes, node) {
		if (note->kind == NOTE_QUESTION &&
		    rt_addr_equal(note->addr, addr))
			return note;
	}
	return NULL;
}

void rt_api_agent_ask(void *user, const struct rt_sec_question *question)
{
	struct rt_host *host = user;
	struct note *note;

	if (!agent_hears(&host->agent.callbacks, question->kind) ||
	    (question->kind == RT_SEC_ASK_PIN &&
	     pin_for(&host->agent.policy, question->addr))) {
		answer_by_policy(host, question);
		return;
	}
	note = unheard(host, question->addr);
	if (!note)
		note = add_note(host, NOTE_QUESTION, question->addr);
	if (note)
		note->question = *question;
	else if (question->kind != RT_SEC_SHOW_PASSKEY)
		answer(host, question->addr, false);
}

void rt_api_agent_ask_over(void *user, struct rt_addr addr)
{
	struct rt_host *host = user;
	struct note *note = unheard(host, addr);

	if (note)
		free_note(host, note);
	else if (host->agent.callbacks.on_over)
		add_note(host, NOTE_OVER, addr);
}

void rt_api_agent_paired(void *user, struct rt_addr addr, bool bonded,
			 const struct rt_reason *why)
{
	struct rt_host *host = user;
	struct note *note;

	if (!host->agent.callbacks.on_paired)
		return;
	note = add_note(host, NOTE_PAIRED, addr);
	if (!note)
		return;
	note->bonded = bonded;
	note->why = *why;
}

int rt_api_agent_authorize(struct rt_host *host, struct rt_server *server,
			   rt_handle handle, struct rt_addr peer)
{
	struct rt_api_agent *agent = &host->agent;
	struct authorization *authorization;
	struct note *note;

	if (!agent->callbacks.on_authorize)
		return -EACCES;
	authorization = rt_env_alloc(&host->env, sizeof(*authorization));
	if (!authorization)
		return -ENOMEM;
	note = add_note(host, NOTE_AUTHORIZE, peer);
	if (!note) {
		rt_env_free(&host->env, authorization);
		return -ENOMEM;
	}
	if (++agent->last_id == 0)
		agent->last_id = 1;
	authorization->id = note->id = agent->last_id;
	authorization->server = server;
	authorization->handle = handle;
	authorization->addr = peer;
	rt_list_append(&agent->authorizations, &authorization->node);
	return 0;
}

static struct authorization *find_id(const struct rt_host *host, uint32_t id)
{
	struct authorization *it;

	RT_LIST_EACH (it, &host->agent.authorizations, node) {
		if (it->id == id)
			return it;
	}
	return NULL;
}

static void drop_note(struct rt_host *host, uint32_t id)
{
	struct note *note;

	RT_LIST_EACH (note, &host->agent.notes, node) {
		if (note->kind == NOTE_AUTHORIZE && note->id == id) {
			free_note(host, note);
			return;
		}
	}
}

static struct authorization *find_of(const struct rt_host *host,
				     const struct rt_server *server,
				     rt_handle handle)
{
	struct authorization *it;

	RT_LIST_EACH (it, &host->agent.authorizations, node) {
		if (it->server == server &&
		    (handle == 0 || it->handle == handle))
			return it;
	}
	return NULL;
}

void rt_api_agent_forget(struct rt_host *host, const struct rt_server *server,
			 rt_handle handle)
{
	struct authorization *it;

	while ((it = find_of(host, server, handle))) {
		drop_note(host, it->id);
		free_authorization(host, it);
	}
}

int rt_host_authorize(struct rt_host *host, uint32_t id, bool yes)
{
	struct authorization *authorization = find_id(host, id);
	struct rt_server *server;
	rt_handle handle;

	if (!authorization)
		return -ENOENT;
	rt_api_host_enter(host);
	server = authorization->server;
	handle = authorization->handle;
	drop_note(host, id);
	free_authorization(host, authorization);
	rt_api_server_authorized(server, handle, yes);
	rt_api_host_touch(host);
	return 0;
}

int rt_host_answer(struct rt_host *host, struct rt_addr addr, bool yes)
{
	int err;

	rt_api_host_enter(host);
	err = rt_sec_answer(host->hci, addr, yes, 0);
	rt_api_host_touch(host);
	return err;
}

int rt_host_answer_passkey(struct rt_host *host, struct rt_addr addr,
			   uint32_t number)
{
	int err;

	rt_api_host_enter(host);
	err = rt_sec_answer(host->hci, addr, true, number);
	rt_api_host_touch(host);
	return err;
}

int rt_host_answer_pin(struct rt_host *host, struct rt_addr addr,
		       const void *pin, size_t bytes)
{
	int err;

	if (!pin)
		return -EINVAL;
	rt_api_host_enter(host);
	err = rt_sec_answer_pin(host->hci, addr, rt_bytes(pin, bytes));
	rt_api_host_touch(host);
	return err;
}

static void tell_question(struct rt_host *host, const struct note *note)
{
	const struct rt_agent *agent = &host->agent.callbacks;
	const struct rt_sec_question *q = &note->question;
	void *user_data = host->agent.user_data;

	/* The agent may be another one than when this was asked. */
	if (!agent_hears(agent, q->kind)) {
		answer_by_policy(host, q);
		return;
	}
	switch (q->kind) {
	case RT_SEC_ASK_CONFIRM:
		agent->on_confirm(host, q->addr, q->number, user_data);
		break;
	case RT_SEC_ASK_CONSENT:
		agent->on_consent(host, q->addr, user_data);
		break;
	case RT_SEC_ASK_PASSKEY:
		agent->on_passkey(host, q->addr, user_data);
		break;
	case RT_SEC_ASK_PIN:
		agent->on_pin(host, q->addr, user_data);
		break;
	case RT_SEC_SHOW_PASSKEY:
		agent->on_show_passkey(host, q->addr, q->number, q->keypresses,
				       user_data);
		break;
	}
}

static void tell_authorize(struct rt_host *host, const struct note *note)
{
	const struct authorization *authorization = find_id(host, note->id);
	const struct rt_agent *agent = &host->agent.callbacks;

	if (!authorization)
		return;
	if (!agent->on_authorize) {
		if (rt_host_authorize(host, note->id, false) < 0)
			return;
		return;
	}
	agent->on_authorize(host, note->id, authorization->server, note->addr,
			    host->agent.user_data);
}

static void tell_paired(struct rt_host *host, const struct note *note)
{
	const struct rt_agent *agent = &host->agent.callbacks;
	struct rt_error_info info;

	if (!agent->on_paired)
		return;
	rt_api_error_describe(&note->why, NULL, &info);
	agent->on_paired(host, note->addr, note->bonded, &info,
			 host->agent.user_data);
}

void rt_api_agent_deliver(struct rt_host *host)
{
	struct rt_api_agent *agent = &host->agent;
	struct note note;

	if (rt_list_empty(&agent->notes))
		return;
	note = *RT_LIST_FIRST(&agent->notes, struct note, node);
	free_note(host, RT_LIST_FIRST(&agent->notes, struct note, node));
	if (!rt_list_empty(&agent->notes))
		rt_ready_raise(&host->env, &agent->ready, 1);
	switch (note.kind) {
	case NOTE_QUESTION:
		tell_question(host, &note);
		break;
	case NOTE_AUTHORIZE:
		tell_authorize(host, &note);
		break;
	case NOTE_OVER:
		if (agent->callbacks.on_over)
			agent->callbacks.on_over(host, note.addr,
						 agent->user_data);
		break;
	case NOTE_PAIRED:
		tell_paired(host, &note);
		break;
	}
	rt_sec_wipe(&note, sizeof(note));
}
