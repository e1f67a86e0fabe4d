/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"
#include "tests/unit/api/contract/contract.h"

/* Rows about servers. */

#define CLIENTS 3

static struct world *w;
static struct rt_server *server;
static struct end ends[CLIENTS];
static unsigned int told;
static struct agent agent;

static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	const struct world_options options = { .seed = 3, .hosts = 4 };

	w = world_new(&options);
	memset(ends, 0, sizeof(ends));
	memset(&agent, 0, sizeof(agent));
	server = NULL;
	told = 0;
}

static void teardown(void)
{
	for (int i = 0; i < CLIENTS; i++)
		end_free(&ends[i]);
	rt_server_free(server);
	world_finish(w);
}

static void on_new_connection(struct rt_server *srv, void *user_data)
{
	ck_assert_ptr_eq(srv, server);
	(void)user_data;
	told++;
}

static void new_server(enum rt_protocol protocol)
{
	const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};

	server = rt_server_new(world_host(w, 0), protocol, &callbacks, NULL);
	ck_assert_ptr_nonnull(server);
}

/* Client `i`, on host i + 1, connects to the server. */
static void connect_client(int i)
{
	end_open(&ends[i], world_host(w, (unsigned int)i + 1),
		 RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(
		rt_socket_connect_uuid(ends[i].s, world_addr(w, 0), own), 0);
	world_run(w, RT_SECONDS(5));
}

CONTRACT(any_port, "server/listen(address,port): port 0 takes a free one")
{
	new_server((enum rt_protocol)_i);
	ck_assert_uint_eq(rt_server_port(server), 0);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	ck_assert(rt_server_is_listening(server));
	ck_assert_uint_ne(rt_server_port(server), 0);
}
END_TEST

CONTRACT(taken, "server/listen(address,port): it listens already, or the port "
		"is taken: an error, the first one undisturbed")
{
	struct rt_server *other;

	new_server((enum rt_protocol)_i);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	ck_assert_int_eq(rt_server_listen(server, 0), -EALREADY);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	other = rt_server_new(world_host(w, 0), (enum rt_protocol)_i, NULL,
			      NULL);
	ck_assert_int_eq(rt_server_listen(other, rt_server_port(server)),
			 -EADDRINUSE);
	ck_assert_int_eq(rt_server_error(other),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	rt_server_free(other);
	connect_client(0);
	ck_assert_uint_eq(ends[0].connected, 1);
}
END_TEST

CONTRACT(by_uuid, "server/listen(uuid,name): a free port and a published "
		  "record; closing the server withdraws it")
{
	new_server((enum rt_protocol)_i);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "a name"), 0);
	ck_assert_str_eq(rt_service_name(rt_server_service(server)), "a name");
	connect_client(0);
	ck_assert_uint_eq(ends[0].connected, 1);
	rt_server_close(server);
	rt_host_set_connectable(world_host(w, 0), true);
	connect_client(1);
	ck_assert_int_eq(ends[1].error, RT_SOCKET_ERROR_SERVICE_NOT_FOUND);
}
END_TEST

CONTRACT(pending, "server/nextPendingConnection, hasPendingConnections, "
		  "maxPendingConnections: above the limit the peer is refused")
{
	struct rt_socket *s;

	new_server((enum rt_protocol)_i);
	ck_assert_uint_eq(rt_server_max_pending(server), 1);
	ck_assert(!rt_server_has_pending(server));
	ck_assert_ptr_null(rt_server_next_pending(server));
	ck_assert_int_eq(rt_server_set_max_pending(server, 2), 0);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	for (int i = 0; i < CLIENTS; i++)
		connect_client(i);
	ck_assert_uint_eq(told, 2);
	ck_assert_uint_eq(ends[0].connected + ends[1].connected, 2);
	ck_assert_uint_eq(ends[2].connected, 0);
	ck_assert_uint_eq(ends[2].errors, 1);
	for (int i = 0; i < 2; i++) {
		ck_assert(rt_server_has_pending(server));
		s = rt_server_next_pending(server);
		ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_CONNECTED);
		ck_assert(rt_addr_equal(rt_socket_peer_address(s),
					world_addr(w, (unsigned int)i + 1)));
		rt_socket_free(s);
	}
	ck_assert(!rt_server_has_pending(server));
}
END_TEST

CONTRACT(errors, "server/error: unsupported protocol, powered off, input or "
		 "output")
{
	new_server(RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_NONE);
	ck_assert_int_eq(rt_server_listen(server, 0), -EPROTONOSUPPORT);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_UNSUPPORTED_PROTOCOL);
	rt_server_free(server);
	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	if (_i == 0)
		rt_host_shutdown(world_host(w, 0));
	else
		world_unplug(w, 0, -ENODEV);
	world_settle(w);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_int_eq(rt_server_error(server),
			 _i == 0 ? RT_SERVER_ERROR_POWERED_OFF
				 : RT_SERVER_ERROR_INPUT_OUTPUT);
}
END_TEST

CONTRACT(security, "server/setSecurityFlags: before it listens; unknown flags "
		   "are refused")
{
	new_server((enum rt_protocol)_i);
	ck_assert_int_eq(rt_server_set_security(server, 32), -EINVAL);
	ck_assert_int_eq(rt_server_set_security(server, RT_SECURITY_MITM), 0);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	ck_assert_int_eq(rt_server_set_security(server, 0), -EISCONN);
}
END_TEST

/* How often the agent has been asked. */
static unsigned int questions(void)
{
	unsigned int n = 0;

	for (const char *it = agent.log; *it; it++)
		n += *it == 'A';
	return n;
}

CONTRACT(authorization, "server/setSecurityFlags: AUTHORIZATION asks the agent "
			"for each connection")
{
	const bool yes = _i & 1;

	new_server(_i & 2 ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	agent_attach(&agent, world_host(w, 0), AGENT_AUTHORIZE);
	agent.refuse = !yes;
	ck_assert_int_eq(
		rt_server_set_security(server, RT_SECURITY_AUTHORIZATION), 0);
	ck_assert_int_eq(rt_server_set_max_pending(server, 2), 0);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	for (int i = 0; i < 2; i++) {
		connect_client(i);
		ck_assert_uint_eq(ends[i].connected, yes ? 1 : 0);
		ck_assert_uint_eq(ends[i].errors, yes ? 0 : 1);
	}
	/* For each of them also a pairing that nobody is asked about. */
	ck_assert_uint_eq(questions(), 2);
	ck_assert_uint_eq(told, yes ? 2 : 0);
}
END_TEST

CONTRACT(nobody_to_ask, "server/setSecurityFlags: AUTHORIZATION without "
			"anybody to ask refuses")
{
	new_server(_i & 1 ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_server_set_security(server, RT_SECURITY_AUTHORIZATION), 0);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	connect_client(0);
	ck_assert_uint_eq(ends[0].errors, 1);
	ck_assert_uint_eq(told, 0);
}
END_TEST

/* The answer that never comes, and the ends that come before it. */
CONTRACT(unanswered, "server/setSecurityFlags: no answer in time is a no; "
		     "whoever leaves before is forgotten")
{
	new_server(_i & 1 ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	agent_attach(&agent, world_host(w, 0), AGENT_AUTHORIZE);
	agent.mute = true;
	ck_assert_int_eq(
		rt_server_set_security(server, RT_SECURITY_AUTHORIZATION), 0);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	connect_client(0);
	ck_assert_uint_eq(ends[0].connected + ends[0].errors, 0);
	switch (_i / 2) {
	case 0:
		break;
	case 1:
		rt_socket_abort(ends[0].s);
		break;
	case 2:
		rt_server_close(server);
		break;
	}
	world_run(w, RT_SECONDS(100));
	ck_assert_uint_eq(ends[0].connected, 0);
	ck_assert_uint_eq(ends[0].errors, _i / 2 == 1 ? 0 : 1);
	ck_assert_uint_eq(told, 0);
	ck_assert_int_eq(rt_host_authorize(world_host(w, 0), agent.id, true),
			 -ENOENT);
}
END_TEST

static const struct contract_row rows[] = {
	ROW_BOTH(any_port),	     ROW_BOTH(taken),
	ROW_BOTH(by_uuid),	     ROW_BOTH(pending),
	ROW_TIMES(errors, 2),	     ROW_BOTH(security),
	ROW_TIMES(authorization, 4), ROW_TIMES(nobody_to_ask, 2),
	ROW_TIMES(unanswered, 6),
};

int main(void)
{
	return contract_run("unit/api/contract/server", rows,
			    RT_ARRAY_SIZE(rows), setup, teardown);
}
