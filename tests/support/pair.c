/* SPDX-License-Identifier: MIT */
#include "tests/support/pair.h"

#include <check.h>

/* Takes the first connection; those after it wait. */
static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct pair *pair = user_data;

	if (pair->server.s)
		return;
	end_attach(&pair->server, rt_server_next_pending(server));
	ck_assert_ptr_nonnull(pair->server.s);
	end_push(&pair->server);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

void pair_init(struct pair *pair, struct world *w, enum rt_protocol protocol)
{
	pair->w = w;
	pair->protocol = protocol;
	pair->port = protocol == RT_PROTOCOL_RFCOMM ? PAIR_CHANNEL : PAIR_PSM;
	pair->listener =
		rt_server_new(world_host(w, 1), protocol, &callbacks, pair);
	ck_assert_ptr_nonnull(pair->listener);
	ck_assert_int_eq(rt_server_listen(pair->listener, pair->port), 0);
	end_open(&pair->client, world_host(w, 0), protocol);
}

void pair_connect(struct pair *pair)
{
	ck_assert_int_eq(rt_socket_connect(pair->client.s,
					   world_addr(pair->w, 1), pair->port),
			 0);
	ck_assert(world_run_until(pair->w, pair_is_connected, pair,
				  RT_SECONDS(60)));
}

void pair_free(struct pair *pair)
{
	end_free(&pair->client);
	end_free(&pair->server);
	rt_server_free(pair->listener);
	pair->listener = NULL;
}

bool pair_is_connected(void *arg)
{
	const struct pair *pair = arg;

	return pair->client.connected > 0 && pair->server.s;
}

bool pair_is_full(void *arg)
{
	struct pair *pair = arg;

	return end_is_full(&pair->client) && end_is_full(&pair->server);
}

bool pair_is_unconnected(void *arg)
{
	struct pair *pair = arg;

	return end_is_unconnected(&pair->client) &&
	       (!pair->server.s || end_is_unconnected(&pair->server));
}
