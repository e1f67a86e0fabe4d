/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/regress/hci_tables.h"
#include "tests/support/end.h"
#include "tests/support/wire.h"

/*
 * HCI-22: the transport is closed, and the controller opened again by another
 * one, from inside the delivery of packets: hosts with their loops.
 */

#define PSM 0x1021
#define CALLBACKS_MAX 40

static struct wire *wire;
static struct end client;
static struct end taken;
static struct rt_server *server;
static unsigned int count;
static unsigned int at; /* the callback in which it happens */
static bool reopens;

static uint8_t data[3000];

/* Another connection to the controller of host 0, and a host on it. */
static void open_again(void)
{
	const struct rt_host_options options = {
		.size = sizeof(options),
		.forget_keys = true,
	};
	struct wire_node *node = &wire->node[0];
	char message[RT_MESSAGE_BYTES];
	char spec[32];
	int fds[2];
	int err;

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	node->fd = fds[0];
	node->rx.len = 0;
	snprintf(spec, sizeof(spec), "fd:%d", fds[1]);
	err = rt_host_open(spec, &options, &node->host, message);
	ck_assert_msg(err == 0, "%s", message);
}

/* The client's callbacks. */
static void then(struct end *end, char what)
{
	struct wire_node *node = &wire->node[0];

	(void)what;
	if (++count != at)
		return;
	close(node->fd);
	node->fd = -1;
	rt_host_close(node->host);
	node->host = NULL;
	end->s = NULL;
	if (reopens)
		open_again();
}

static void on_new_connection(struct rt_server *from, void *user_data)
{
	(void)user_data;
	if (taken.s)
		rt_socket_free(rt_server_next_pending(from));
	else
		end_attach(&taken, rt_server_next_pending(from));
}

static bool is_up(void *arg)
{
	(void)arg;
	return rt_host_state(wire->node[0].host) == RT_HOST_UP;
}

/* The host that there is now connects, as the first one did. */
static void connect_client(void)
{
	memset(&client, 0, sizeof(client));
	client.tx = data;
	client.tx_bytes = sizeof(data);
	client.piece = 600;
	client.close_when_sent = true;
	client.then = then;
	end_open(&client, wire->node[0].host, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1), PSM),
			 0);
}

static bool client_is_over(void *arg)
{
	(void)arg;
	return !client.s ||
	       (client.disconnected > 0 &&
		rt_socket_state(client.s) == RT_SOCKET_UNCONNECTED);
}

/* False if there were fewer callbacks. */
static bool try_callback(void)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	bool reached;

	count = 0;
	memset(&taken, 0, sizeof(taken));
	wire = wire_new(NULL);
	server = rt_server_new(wire->node[1].host, RT_PROTOCOL_L2CAP,
			       &callbacks, NULL);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
	wire_run(wire, 2);
	connect_client();
	ck_assert(wire_run_until(wire, client_is_over, NULL));
	wire_run(wire, 2);
	reached = count >= at;
	if (reached && reopens) {
		ck_assert(wire_run_until(wire, is_up, NULL));
		at = 0;
		end_free(&taken);
		connect_client();
		ck_assert(wire_run_until(wire, client_is_over, NULL));
		ck_assert_uint_eq(client.connected, 1);
	}
	end_free(&client);
	end_free(&taken);
	rt_server_free(server);
	wire_free(wire);
	return reached;
}

START_TEST(a_controller_may_be_closed_and_opened_in_any_callback)
{
	unsigned int tried = 0;
	unsigned int before;

	/* What a library opens once is open then. */
	at = 1;
	try_callback();
	before = wire_count_descriptors();
	for (int how = 0; how < 2; how++) {
		reopens = how > 0;
		for (unsigned int i = 1; i < CALLBACKS_MAX; i++) {
			at = i;
			if (!try_callback())
				break;
			tried++;
			ck_assert_uint_eq(wire_count_descriptors(), before);
		}
	}
	/* C, K, +, some b and w, X, U, -, each time. */
	ck_assert_uint_ge(tried, 12);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-22", "A",
	       a_controller_may_be_closed_and_opened_in_any_callback),
};

const struct tagged_table hci_reopen_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
