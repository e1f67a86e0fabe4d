/* SPDX-License-Identifier: MIT */
#include "tools/sim/proof.h"

#include <string.h>

#include "tools/sim/random.h"
#include "tools/sim/run.h"

#define CHANNEL 9
#define BYTES 65536
#define BYTES_MODEL                                              \
	16384 /* what its echo has room for without flow control \
	       */
#define LIMIT_US RT_SECONDS(900) /* with small buffers far away */

/* One transfer, from the socket that connects to the other one. */
struct proof {
	struct sim_run *run;
	uint64_t seed;
	struct rt_server *server; /* NULL: a model peer echoes */
	struct rt_socket *client;
	struct rt_socket *taken;
	size_t bytes;
	size_t sent;
	size_t received;
	enum rt_socket_error error;
	char text[256];
};

static uint8_t octet(const struct proof *proof, size_t at)
{
	return (uint8_t)(proof->seed + at * 7 + at / 251);
}

static void push(struct proof *proof)
{
	uint8_t buf[2000];
	ptrdiff_t n;
	size_t bytes;

	while (proof->sent < proof->bytes) {
		bytes = RT_MIN(sizeof(buf), proof->bytes - proof->sent);
		for (size_t i = 0; i < bytes; i++)
			buf[i] = octet(proof, proof->sent + i);
		n = rt_socket_write(proof->client, buf, bytes);
		if (n <= 0)
			return;
		proof->sent += (size_t)n;
	}
}

static void pull(struct proof *proof, struct rt_socket *s)
{
	uint8_t buf[2000];
	ptrdiff_t n;

	while ((n = rt_socket_read(s, buf, sizeof(buf))) > 0) {
		for (ptrdiff_t i = 0; i < n; i++) {
			if (buf[i] == octet(proof, proof->received++))
				continue;
			sim_fail(proof->run, "after it all, octet %zu is wrong",
				 proof->received - 1);
		}
	}
}

static void on_connected(struct rt_socket *s, void *user_data)
{
	(void)s;
	push(user_data);
}

static void on_writable(struct rt_socket *s, void *user_data)
{
	(void)s;
	push(user_data);
}

static void on_readable(struct rt_socket *s, void *user_data)
{
	pull(user_data, s);
}

static void on_error(struct rt_socket *s, enum rt_socket_error error,
		     void *user_data)
{
	struct proof *proof = user_data;

	proof->error = error;
	strncpy(proof->text, rt_socket_error_string(s),
		sizeof(proof->text) - 1);
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	static const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_readable = on_readable,
	};
	struct proof *proof = user_data;

	if (proof->taken)
		return;
	proof->taken = rt_server_next_pending(server);
	rt_socket_set_callbacks(proof->taken, &callbacks, proof);
	pull(proof, proof->taken);
}

static bool is_done(void *arg)
{
	const struct proof *proof = arg;

	return proof->received == proof->bytes || proof->error != 0;
}

static void serve(struct proof *proof, struct rt_host *host)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	int err;

	proof->server =
		rt_server_new(host, RT_PROTOCOL_RFCOMM, &callbacks, proof);
	if (!proof->server)
		sim_fail(proof->run, "after it all, a server can't be made");
	err = rt_server_listen(proof->server, CHANNEL);
	if (err != 0)
		sim_fail(proof->run, "after it all, a server can't listen: %s",
			 strerror(-err));
}

static void prove(struct sim_run *run, const struct world_node *from,
		  const struct world_node *to)
{
	static const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_connected = on_connected,
		.on_writable = on_writable,
		.on_readable = on_readable,
		.on_error = on_error,
	};
	struct proof proof = {
		.run = run,
		.seed = run->plan.seed,
		.bytes = to->host ? BYTES : BYTES_MODEL,
	};
	int err;

	sim_say(run, "proof: %u connects to %u", from->index, to->index);
	if (to->host)
		serve(&proof, to->host);
	/* The controller shall know that it is connectable. */
	world_run(run->w, RT_SECONDS(1));
	proof.client = rt_socket_new(from->host, RT_PROTOCOL_RFCOMM);
	if (!proof.client)
		sim_fail(run, "after it all, a socket can't be made");
	rt_socket_set_callbacks(proof.client, &callbacks, &proof);
	err = rt_socket_connect(proof.client, to->addr, CHANNEL);
	if (err != 0)
		sim_fail(run, "after it all, a connect returns %s",
			 strerror(-err));
	if (!world_run_until(run->w, is_done, &proof, LIMIT_US))
		sim_fail(run, "after it all, %u to %u hangs at octet %zu",
			 from->index, to->index, proof.received);
	if (proof.received < proof.bytes)
		sim_fail(run, "after it all, %u can't connect to %u: %s",
			 from->index, to->index, proof.text);
	rt_socket_free(proof.client);
	rt_socket_free(proof.taken);
	rt_server_free(proof.server);
}

static void forget_key(struct sim_run *run, unsigned int i, unsigned int k)
{
	const struct world *w = run->w;
	const int err = rt_host_unpair(w->node[i].host, w->node[k].addr);

	sim_say(run, "proof: %u forgets its key of %u: %d", i, k, err);
}

/* Keys of which one side has lost its half would stand in the way. */
static void forget_keys(struct sim_run *run)
{
	const struct world *w = run->w;

	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		for (unsigned int k = 0; k < w->count; k++)
			forget_key(run, i, k);
	}
	for (unsigned int i = 0; i < run->plan.peers; i++) {
		for (unsigned int k = 0; k < run->plan.hosts; k++)
			model_forget_key(run->peer[i].model, w->node[k].addr);
	}
}

static bool all_in(struct sim_run *run, enum rt_host_state state)
{
	for (unsigned int i = 0; i < run->plan.hosts; i++) {
		if (rt_host_state(run->w->node[i].host) != state)
			return false;
	}
	return true;
}

static bool all_off(void *run)
{
	return all_in(run, RT_HOST_OFF);
}

static bool all_up(void *run)
{
	return all_in(run, RT_HOST_UP);
}

/* What a controller said of itself when it lied is asked for again. */
static void switch_off_and_on(struct sim_run *run)
{
	static const enum rt_host_mode modes[] = { RT_HOST_MODE_OFF,
						   RT_HOST_MODE_CONNECTABLE };

	for (unsigned int k = 0; k < RT_ARRAY_SIZE(modes); k++) {
		for (unsigned int i = 0; i < run->plan.hosts; i++)
			(void)!rt_host_set_mode(run->w->node[i].host, modes[k]);
		if (!world_run_until(run->w, k == 0 ? all_off : all_up, run,
				     RT_SECONDS(60)))
			sim_fail(run, "after it all, hosts can't be switched "
				      "off and on");
	}
}

void sim_proof(struct sim_run *run)
{
	const struct world *w = run->w;

	for (unsigned int i = 0; i < run->plan.hosts; i++)
		sim_app_end(&run->app[i]);
	/* A pairing that is under way ends first. */
	world_run(run->w, RT_SECONDS(20));
	forget_keys(run);
	if (run->plan.role == SIM_ROLE_CONTROLLER)
		switch_off_and_on(run);
	/* Devices that failed to pair too often have to wait. */
	world_run(run->w, RT_SECONDS(330));
	for (unsigned int i = 0; i < run->plan.hosts; i++)
		prove(run, &w->node[i], &w->node[(i + 1) % w->count]);
}
