/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rawtooth/doors.h>

void user_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

void user_called(struct user *user)
{
	user_must(user->inside == 0, "callbacks come from no call");
	user->callbacks++;
}

void user_answered(struct user *user)
{
	struct rt_rd r = rt_rd_init(rt_bytes(user->then, user->then_bytes));
	uint8_t what;

	if (user->then_bytes == 0)
		return;
	user->then_bytes = 0;
	what = rt_rd_u8(&r);
	if (what % USER_ACTS != USER_THEN)
		user_act(user, what, &r);
}

struct rt_addr user_addr(const struct user *user, uint8_t which)
{
	const struct rt_addr zero = { { 0 } };

	switch (which % 8) {
	case 5:
		return user->nobody;
	case 6:
		return user->node->addr;
	case 7:
		return zero;
	default:
		return user->peer;
	}
}

struct rt_uuid user_uuid(uint8_t which)
{
	static const uint16_t shorts[] = { 0x1101, 0x1002, 0x0100, 0x0003,
					   0x1124, 0x110a, 0 };
	struct rt_uuid uuid = { { which, 1, 2, 3, 4, 5, 6, 7, 8 } };

	if (which < RT_ARRAY_SIZE(shorts) - 1)
		return rt_uuid_from_short(shorts[which]);
	if (which == 0xff)
		memset(&uuid, 0, sizeof(uuid));
	return uuid;
}

void user_init(struct user *user, struct world_node *node, struct rt_addr peer)
{
	memset(user, 0, sizeof(*user));
	user->node = node;
	user->peer = peer;
	user->nobody = (struct rt_addr){ { 9, 9, 9, 9, 9, 9 } };
	for (size_t i = 0; i < USER_SOCKETS; i++)
		user->socket[i].user = user;
	for (size_t i = 0; i < USER_SERVERS; i++)
		user->server[i].user = user;
}

static void plan(struct user *user, struct rt_rd *r)
{
	const struct rt_bytes rest = rt_rd_rest(r);

	user->then_bytes = RT_MIN(rest.len, sizeof(user->then));
	if (user->then_bytes > 0)
		memcpy(user->then, rest.ptr, user->then_bytes);
}

void user_act(struct user *user, uint8_t what, struct rt_rd *r)
{
	const enum user_act act = (enum user_act)(what % USER_ACTS);

	if (!user->node->host)
		return;
	user->inside++;
	if (act == USER_THEN)
		plan(user, r);
	else if (act >= USER_INQUIRE)
		user_act_host(user, act, r);
	else if (act >= USER_PAIR)
		user_act_security(user, act, r);
	else if (act >= USER_SERVICE_NEW)
		user_act_service(user, act, r);
	else if (act >= USER_SERVER_NEW)
		user_act_server(user, act, r);
	else
		user_act_socket(user, act, r);
	user->inside--;
}

void user_check(const struct user *user, bool calm)
{
	user_must(!user->inquires && !user->names && !user->echoes &&
			  !user->searches && !user->pairs && user->oobs == 0,
		  "what was asked for has ended");
	for (size_t i = 0; calm && i < USER_SOCKETS; i++) {
		const struct user_socket *us = &user->socket[i];
		enum rt_socket_state state;

		if (!us->s)
			continue;
		state = rt_socket_state(us->s);
		user_must(state == RT_SOCKET_CONNECTED ||
				  state == RT_SOCKET_UNCONNECTED,
			  "sockets are connected or not in the end");
		user_must(us->blind || us->connected ==
					       (state == RT_SOCKET_CONNECTED),
			  "and their users know");
	}
}

void user_free(struct user *user)
{
	user->then_bytes = 0;
	if (!user->node->host)
		return;
	user->inside++;
	for (size_t i = 0; i < USER_SOCKETS; i++) {
		rt_socket_free(user->socket[i].s);
		user->socket[i].s = NULL;
	}
	for (size_t i = 0; i < USER_SERVERS; i++) {
		rt_server_free(user->server[i].server);
		user->server[i].server = NULL;
	}
	for (size_t i = 0; i < USER_SERVICES; i++) {
		rt_service_free(user->service[i]);
		user->service[i] = NULL;
	}
	rt_inquiry_free(user->inquiry);
	rt_name_request_free(user->name);
	rt_echo_free(user->echo);
	rt_service_search_free(user->search);
	rt_pairing_free(user->pairing);
	rt_host_set_agent(user->node->host, NULL, NULL);
	rt_host_set_tap(user->node->host, NULL, NULL);
	user->inquiry = NULL;
	user->name = NULL;
	user->echo = NULL;
	user->search = NULL;
	user->pairing = NULL;
	user->inside--;
}

static bool all_down(void *arg)
{
	const struct world *w = arg;

	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host &&
		    rt_host_state(w->node[i].host) != RT_HOST_DOWN)
			return false;
	}
	return true;
}

void user_end_world(struct world *w)
{
	uint64_t due_us;

	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host)
			rt_host_shutdown(w->node[i].host);
	}
	user_must(world_run_until(w, all_down, w, RT_SECONDS(25)),
		  "a host is down within 25 s");
	for (unsigned int i = 0; i < w->count; i++) {
		if (!w->node[i].host)
			continue;
		user_must(rt_host_is_idle(w->node[i].host), "and idle");
		user_must(!rt_host_next_timer(w->node[i].host, &due_us),
			  "and waits for nothing");
	}
	world_free(w);
}
