/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/regress/hci_tables.h"
#include "tests/support/pair.h"

/*
 * HCI-19: our controller dies of what somebody sent it: it falls silent, it
 * starts anew without a word, or it says that it is broken.
 */

#define PSM 0x1005
#define PEERS 2
#define REINIT_US RT_SECONDS(5)

/* Host 0 has a server, which peer 1 has come to, and a client with peer 2. */
struct scene {
	struct world *w;
	struct rt_server *server;
	struct rt_server *others;
	struct end client;
	struct end taken;
	struct end peer;
};

static uint8_t data[20000];

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct end *end = user_data;

	if (end->s)
		rt_socket_free(rt_server_next_pending(server));
	else
		end_attach(end, rt_server_next_pending(server));
}

static struct rt_server *serve(struct world *w, unsigned int i,
			       struct end *taken)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	struct rt_server *server = rt_server_new(
		world_host(w, i), RT_PROTOCOL_L2CAP, &callbacks, taken);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
	return server;
}

static void connect_ends(struct scene *scene, struct end *end,
			 unsigned int from, unsigned int to)
{
	end_open(end, world_host(scene->w, from), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_connect(end->s, world_addr(scene->w, to), PSM), 0);
	ck_assert(world_run_until(scene->w, end_is_connected, end,
				  RT_SECONDS(20)));
}

static struct end others_taken;

static void begin(struct scene *scene)
{
	const struct world_options options = {
		.seed = 19,
		.hosts = 1 + PEERS,
		.latency_us = 1250,
	};

	memset(scene, 0, sizeof(*scene));
	memset(&others_taken, 0, sizeof(others_taken));
	scene->w = world_new(&options);
	scene->server = serve(scene->w, 0, &scene->taken);
	scene->others = serve(scene->w, 2, &others_taken);
	world_settle(scene->w);
	connect_ends(scene, &scene->peer, 1, 0);
	connect_ends(scene, &scene->client, 0, 2);
	world_run(scene->w, RT_SECONDS(1));
	ck_assert_ptr_nonnull(scene->taken.s);
	scene->client.piece = 600;
}

static bool is_recovering(void *arg)
{
	return rt_host_state(world_host(arg, 0)) == RT_HOST_RECOVERING;
}

static bool is_up(void *arg)
{
	return rt_host_state(world_host(arg, 0)) == RT_HOST_UP;
}

/* All is over, once; the host is up again soon, and its server listens. */
static void expect_reborn(struct scene *scene)
{
	const uint64_t start_us = scene->w->now_us;

	world_settle(scene->w);
	ck_assert_uint_eq(scene->client.disconnected, 1);
	ck_assert_uint_eq(scene->client.errors, 1);
	ck_assert_uint_eq(scene->taken.disconnected, 1);
	ck_assert_uint_eq(scene->taken.errors, 1);
	ck_assert(world_run_until(scene->w, is_up, scene->w, REINIT_US));
	ck_assert_uint_le(scene->w->now_us - start_us, REINIT_US);
	ck_assert(rt_server_is_listening(scene->server));
	ck_assert_str_eq(scene->w->node[0].states, "URU");
	/* The peers find out by their supervision timeout. */
	world_run(scene->w, RT_SECONDS(60));
	ck_assert_uint_eq(scene->client.disconnected, 1);
	ck_assert_uint_eq(scene->taken.disconnected, 1);
}

/* It can be reached, and reaches others, as before. */
static void expect_works(struct scene *scene)
{
	uint8_t got[10];

	end_free(&scene->client);
	end_free(&scene->taken);
	end_free(&scene->peer);
	end_free(&others_taken);
	memset(&scene->client, 0, sizeof(scene->client));
	memset(&scene->peer, 0, sizeof(scene->peer));
	connect_ends(scene, &scene->peer, 1, 0);
	connect_ends(scene, &scene->client, 0, 2);
	ck_assert_int_eq(rt_socket_write(scene->peer.s, "hello", 5), 5);
	world_run(scene->w, RT_SECONDS(1));
	ck_assert_ptr_nonnull(scene->taken.s);
	ck_assert_int_eq(rt_socket_read(scene->taken.s, got, sizeof(got)), 5);
}

static void finish(struct scene *scene)
{
	end_free(&scene->client);
	end_free(&scene->taken);
	end_free(&scene->peer);
	end_free(&others_taken);
	rt_server_free(scene->server);
	rt_server_free(scene->others);
	world_run(scene->w, RT_SECONDS(30));
	world_finish(scene->w);
}
/* Data are on their way, or nothing is. */
static void make_busy(struct scene *scene, bool busy)
{
	if (!busy)
		return;
	end_send(&scene->client, data, sizeof(data));
	end_send(&scene->peer, data, 600);
}

/*
 * It falls silent, and is back after so long as if nothing had been. Without
 * anything to say nobody misses it for 20 s.
 */
static void try_mute(uint64_t mute_us, bool busy)
{
	struct scene scene;
	const uint64_t notice_us = RT_SECONDS(20 + 2);
	uint64_t start_us;

	begin(&scene);
	start_us = scene.w->now_us;
	make_busy(&scene, busy);
	rt_vctl_set_fault(scene.w->node[0].vctl, RT_VCTL_MUTE, true);
	ck_assert(world_run_until(scene.w, is_recovering, scene.w, notice_us));
	ck_assert_uint_le(scene.w->now_us - start_us, notice_us);
	world_run(scene.w, mute_us);
	rt_vctl_set_fault(scene.w->node[0].vctl, RT_VCTL_MUTE, false);
	expect_reborn(&scene);
	expect_works(&scene);
	finish(&scene);
}

START_TEST(a_controller_that_falls_silent_is_missed_and_brought_back)
{
	static const uint64_t mutes_us[] = { 0, RT_MS(1), RT_SECONDS(1),
					     RT_SECONDS(3) };

	for (size_t i = 0; i < RT_ARRAY_SIZE(mutes_us); i++) {
		try_mute(mutes_us[i], false);
		try_mute(mutes_us[i], true);
	}
}
END_TEST

/* A command is under way when it happens: 2 s are enough to see it. */
START_TEST(a_controller_that_falls_silent_at_a_command_is_missed_at_once)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	struct end other = { .s = NULL };
	struct scene scene;

	begin(&scene);
	rt_vctl_set_fault(scene.w->node[0].vctl, RT_VCTL_MUTE, true);
	end_open(&other, world_host(scene.w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(other.s, nobody, PSM), 0);
	ck_assert(world_run_until(scene.w, is_recovering, scene.w,
				  RT_SECONDS(2)));
	rt_vctl_set_fault(scene.w->node[0].vctl, RT_VCTL_MUTE, false);
	expect_reborn(&scene);
	ck_assert_uint_eq(other.errors, 1);
	end_free(&other);
	expect_works(&scene);
	finish(&scene);
}
END_TEST

/* It never comes back: the host says so, and everything has ended once. */
START_TEST(a_controller_that_stays_silent_is_given_up)
{
	struct rt_error_info info = { .size = sizeof(info) };
	struct scene scene;

	begin(&scene);
	make_busy(&scene, true);
	rt_vctl_set_fault(scene.w->node[0].vctl, RT_VCTL_MUTE, true);
	world_run(scene.w, RT_SECONDS(40));
	ck_assert_str_eq(scene.w->node[0].states, "URD");
	rt_host_error_info(world_host(scene.w, 0), &info);
	ck_assert_int_eq(info.err, -ETIMEDOUT);
	ck_assert_uint_eq(scene.client.disconnected, 1);
	ck_assert_uint_eq(scene.taken.disconnected, 1);
	ck_assert(!rt_server_is_listening(scene.server));
	finish(&scene);
}
END_TEST

static const uint8_t reset_complete[] = { 0x0e, 4, 1, 0x03, 0x0c, 0 };
static const uint8_t hardware_error[] = { 0x10, 1, 0 };

/* So many of the same event, one after the other. */
static void try_event(const uint8_t *event, size_t bytes, int times, bool busy)
{
	struct scene scene;

	begin(&scene);
	make_busy(&scene, busy);
	for (int i = 0; i < times; i++)
		rt_vctl_inject_event(scene.w->node[0].vctl,
				     rt_bytes(event, bytes));
	expect_reborn(&scene);
	expect_works(&scene);
	finish(&scene);
}

START_TEST(a_controller_that_starts_anew_by_itself_is_brought_up)
{
	for (int times = 1; times <= 3; times++) {
		try_event(reset_complete, sizeof(reset_complete), times, false);
		try_event(reset_complete, sizeof(reset_complete), times, true);
	}
}
END_TEST

START_TEST(a_controller_that_says_it_is_broken_is_brought_up)
{
	for (int times = 1; times <= 3; times++) {
		try_event(hardware_error, sizeof(hardware_error), times, false);
		try_event(hardware_error, sizeof(hardware_error), times, true);
	}
}
END_TEST

/* Again and again; a server that listened goes on listening. */
START_TEST(a_controller_may_die_often)
{
	struct scene scene;

	begin(&scene);
	for (int i = 0; i < 20; i++) {
		memset(scene.w->node[0].states, 0,
		       sizeof(scene.w->node[0].states));
		rt_vctl_inject_event(scene.w->node[0].vctl,
				     i % 2 ? rt_bytes(reset_complete,
						      sizeof(reset_complete))
					   : rt_bytes(hardware_error,
						      sizeof(hardware_error)));
		ck_assert(world_run_until(scene.w, is_up, scene.w, REINIT_US));
		ck_assert_str_eq(scene.w->node[0].states, "RU");
		ck_assert(rt_server_is_listening(scene.server));
		/* The peers' sockets end by their supervision timeout. */
		world_run(scene.w, RT_SECONDS(25));
		expect_works(&scene);
	}
	finish(&scene);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-19", "A",
	       a_controller_that_falls_silent_is_missed_and_brought_back),
	TAGGED("HCI-19", "A",
	       a_controller_that_falls_silent_at_a_command_is_missed_at_once),
	TAGGED("HCI-19", "A", a_controller_that_stays_silent_is_given_up),
	TAGGED("HCI-19", "A",
	       a_controller_that_starts_anew_by_itself_is_brought_up),
	TAGGED("HCI-19", "A",
	       a_controller_that_says_it_is_broken_is_brought_up),
	TAGGED("HCI-19", "A", a_controller_may_die_often),
};

const struct tagged_table hci_death_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
