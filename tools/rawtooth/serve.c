/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/guard.h"

#define CLIENTS 16
#define BLOCK_BYTES 65535

enum kind {
	KIND_ECHO,
	KIND_SINK,
};

struct serving;

/* One connection. What could not be written yet waits in `block`. */
struct client {
	struct serving *serving;
	struct rt_socket *socket; /* NULL: free */
	char peer[RT_ADDR_STR_BYTES];
	uint64_t octets;
	size_t used, done;
	bool over;
	uint8_t block[BLOCK_BYTES];
};

struct serving {
	struct rt_tool *tool;
	enum kind kind;
	enum rt_protocol protocol;
	struct rt_guard guard;
	bool has_uuid;
	struct rt_uuid uuid;
	uint16_t port; /* 0: a free one */
	const char *name;
	bool discoverable;
	bool quiet;
	struct rt_server *server;
	struct client *clients[CLIENTS];
};

/* Sends what waits. True if nothing does any more. */
static bool flush(struct client *client)
{
	ptrdiff_t count;

	while (client->done < client->used) {
		count = rt_socket_write(client->socket,
					client->block + client->done,
					client->used - client->done);
		if (count < 0)
			return false;
		client->done += (size_t)count;
	}
	return true;
}

static void carry(struct client *client)
{
	ptrdiff_t count;

	while (flush(client)) {
		count = rt_socket_read(client->socket, client->block,
				       sizeof(client->block));
		if (count == -ENOBUFS) {
			rt_tool_error("datagrams of %s were lost",
				      client->peer);
			continue;
		}
		if (count <= 0)
			return;
		client->octets += (uint64_t)count;
		client->done = 0;
		client->used =
			client->serving->kind == KIND_ECHO ? (size_t)count : 0;
	}
}

static void on_data(struct rt_socket *socket, void *user_data)
{
	(void)socket;
	carry(user_data);
}

static void on_disconnected(struct rt_socket *socket, void *user_data)
{
	struct client *client = user_data;

	(void)socket;
	client->over = true;
}

static void on_error(struct rt_socket *socket, enum rt_socket_error error,
		     void *user_data)
{
	const struct client *client = user_data;

	if (error != RT_SOCKET_ERROR_REMOTE_HOST_CLOSED)
		rt_tool_error("the connection with %s was lost: %s",
			      client->peer, rt_socket_error_string(socket));
}

static void drop(struct client **slot)
{
	struct client *client = *slot;

	if (!client->serving->quiet)
		fprintf(stderr, "Disconnected from %s: %llu octets\n",
			client->peer, (unsigned long long)client->octets);
	rt_socket_free(client->socket);
	free(client);
	*slot = NULL;
}

static void take(struct serving *serving, struct client **slot)
{
	const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_disconnected = on_disconnected,
		.on_error = on_error,
		.on_readable = on_data,
		.on_writable = on_data,
	};
	struct client *client = calloc(1, sizeof(*client));

	if (!client) {
		rt_tool_error("out of memory");
		rt_socket_free(rt_server_next_pending(serving->server));
		return;
	}
	*slot = client;
	client->serving = serving;
	client->socket = rt_server_next_pending(serving->server);
	rt_addr_format(rt_socket_peer_address(client->socket), client->peer);
	rt_socket_set_callbacks(client->socket, &callbacks, client);
	if (!serving->quiet)
		fprintf(stderr, "Connection from %s\n", client->peer);
	carry(client);
}

static void look_after_clients(struct serving *serving)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct client **slot = &serving->clients[i];

		if (*slot && (*slot)->over)
			drop(slot);
		if (!*slot && rt_server_has_pending(serving->server))
			take(serving, slot);
	}
}

static int listen_on(struct serving *serving)
{
	int err;

	serving->server = rt_server_new(serving->tool->host, serving->protocol,
					NULL, NULL);
	if (!serving->server)
		return -ENOMEM;
	err = rt_guard_set_up_server(&serving->guard, serving->server);
	if (err == 0)
		err = rt_server_set_max_pending(serving->server, CLIENTS);
	if (err == 0 && serving->has_uuid)
		err = rt_server_listen_uuid(serving->server, serving->uuid,
					    serving->name);
	else if (err == 0)
		err = rt_server_listen(serving->server, serving->port);
	return err;
}

static void announce(const struct serving *serving)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char addr[RT_ADDR_STR_BYTES];
	char uuid[RT_UUID_STR_BYTES] = "";

	if (serving->quiet)
		return;
	rt_host_controller_info(serving->tool->host, &info);
	if (serving->has_uuid)
		rt_uuid_format(serving->uuid, uuid);
	fprintf(stderr, "Serving %s%s%s on %s %u of %s\n",
		serving->kind == KIND_ECHO ? "echo" : "sink",
		serving->has_uuid ? " as " : "", uuid,
		serving->protocol == RT_PROTOCOL_L2CAP ? "PSM" : "channel",
		rt_server_port(serving->server),
		rt_addr_format(info.addr, addr));
}

static void run_until_end(struct serving *serving)
{
	while (rt_tool_running(serving->tool)) {
		look_after_clients(serving);
		rt_tool_wait(serving->tool, NULL, 0, -1);
	}
	for (int i = 0; i < CLIENTS; i++) {
		if (serving->clients[i])
			drop(&serving->clients[i]);
	}
}

static int serve(struct serving *serving)
{
	int err;

	serving->tool->name = serving->name;
	if (rt_tool_start(serving->tool) < 0 ||
	    rt_person_start(&serving->guard.person, serving->tool, false) < 0)
		return RT_EXIT_FAILED;
	err = listen_on(serving);
	if (err < 0) {
		rt_tool_error("cannot serve: %s", strerror(-err));
	} else {
		rt_host_set_discoverable(serving->tool->host,
					 serving->discoverable);
		announce(serving);
		run_until_end(serving);
	}
	rt_server_free(serving->server);
	return err < 0 || rt_tool_explain_loss(serving->tool) ? RT_EXIT_FAILED
							      : RT_EXIT_OK;
}

enum {
	OPT_L2CAP = 0x100,
	OPT_HIDDEN,
};

static const struct option long_options[] = {
	{ "uuid", required_argument, NULL, 'U' },
	{ "name", required_argument, NULL, 'n' },
	{ "port", required_argument, NULL, 'P' },
	{ "l2cap", no_argument, NULL, OPT_L2CAP },
	{ "hidden", no_argument, NULL, OPT_HIDDEN },
	{ "quiet", no_argument, NULL, 'q' },
	RT_GUARD_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static int apply(struct serving *serving, int option, const char **ret_port)
{
	switch (option) {
	case 'U':
		if (rt_uuid_by_name(optarg, &serving->uuid) < 0) {
			rt_tool_error("there is no service \"%s\": it is spp "
				      "or the like, or a UUID",
				      optarg);
			return -EINVAL;
		}
		serving->has_uuid = true;
		return 0;
	case 'n':
		serving->name = optarg;
		return 0;
	case 'P':
		*ret_port = optarg;
		return 0;
	case OPT_L2CAP:
		serving->protocol = RT_PROTOCOL_L2CAP;
		return 0;
	case OPT_HIDDEN:
		serving->discoverable = false;
		return 0;
	case 'q':
		serving->quiet = true;
		return 0;
	}
	return rt_guard_apply(&serving->guard, option);
}

static int read_kind(int argc, char **argv, enum kind *ret_kind)
{
	if (argc == 1 && strcmp(argv[0], "echo") == 0)
		*ret_kind = KIND_ECHO;
	else if (argc == 1 && strcmp(argv[0], "sink") == 0)
		*ret_kind = KIND_SINK;
	else
		return rt_args_wrong(&rt_command_serve,
				     "it takes echo or sink");
	return RT_EXIT_OK;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct serving serving = {
		.tool = tool,
		.protocol = RT_PROTOCOL_RFCOMM,
		.discoverable = true,
	};
	const char *port = NULL;
	struct rt_args args;
	int option;
	int status;

	rt_args_init(&args, tool, &rt_command_serve, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&serving, option, &port) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	status = read_kind(argc - optind, argv + optind, &serving.kind);
	if (status != RT_EXIT_OK)
		return status;
	if (port && serving.has_uuid)
		return rt_args_wrong(&rt_command_serve,
				     "a service and a port exclude each other");
	if (port && rt_args_port(serving.protocol, port, &serving.port) < 0)
		return RT_EXIT_USAGE;
	return rt_tool_finish(tool, serve(&serving));
}

static const char help_text[] =
	"Kinds:\n"
	"  echo                sends back what it gets\n"
	"  sink                takes it and throws it away\n"
	"\n"
	"Options:\n"
	"  -U, --uuid UUID     publish a service: spp, 0x1101 or all of it;\n"
	"                      others find it, and its port, by SDP\n"
	"  -n, --name NAME     of the service, and ours to others\n"
	"  -P, --port PORT     a port without a record (default: a free one)\n"
	"      --l2cap         datagrams rather than RFCOMM\n"
	"      --hidden        do not let scans find us\n"
	"  -q, --quiet         no line for a connection\n" RT_GUARD_HELP "\n"
	"Up to 16 connections at once, until Ctrl-C.\n";

const struct rt_command rt_command_serve = {
	.name = "serve",
	.arguments = "[options] echo|sink",
	.summary = "Offers a service to other devices.",
	.help = help_text,
	.short_options = "U:n:P:q" RT_GUARD_SHORT,
	.long_options = long_options,
	.run = run,
};
