/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/hci_tables.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"

/*
 * HCI-11: the controller is reset under 0 to 64 L2CAP channels in all states
 * that there are. Each of them is closed once.
 */

#define PSM 0x1005
#define PEERS 4
#define CHANNELS 64 /* of a host, and 16 of a link: stack/limits.h */
#define CHANNELS_LINK 16
#define WHENS 12
#define QUEUE 4096 /* octets; less than is sent */

/* What an application does with a channel once it is open. */
enum use {
	LEAVE,
	SEND,
	CLOSE,
	SEND_AND_CLOSE,
	USES,
};

/* A channel: its end at host 0, and what the peer has of it. */
struct channel {
	struct end ours;
	struct end theirs;
	enum use use;
	bool by_us; /* we connect */
	bool asked;
	bool closed; /* by us */
	bool late;   /* begun when all was over */
};

struct scene {
	struct world *w;
	unsigned int peers;
	struct rt_server *server[1 + PEERS];
	struct channel channel[CHANNELS];
	unsigned int count;
	bool broken;
};

static uint8_t data[8000];

static void use(struct end *end, char what)
{
	struct channel *channel = end->user;

	if (what != '+')
		return;
	end->piece = 600;
	if (channel->use == SEND || channel->use == SEND_AND_CLOSE)
		end_send(end, data, sizeof(data));
	if (channel->use == CLOSE || channel->use == SEND_AND_CLOSE) {
		channel->closed = true;
		rt_socket_close(end->s);
	}
}

/* The controller has been reset, and is up again. */
static bool is_over(const struct scene *scene)
{
	return scene->broken && strchr(scene->w->node[0].states, 'R') != NULL &&
	       rt_host_state(world_host(scene->w, 0)) == RT_HOST_UP;
}

/* What comes is the end of a channel that has none there. */
static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct scene *scene = user_data;
	const bool here = server == scene->server[0];
	struct rt_socket *s = rt_server_next_pending(server);

	for (unsigned int i = 0; i < scene->count; i++) {
		struct channel *channel = &scene->channel[i];
		struct end *end = here ? &channel->ours : &channel->theirs;

		if (channel->by_us == here || end->s)
			continue;
		end_attach(end, s);
		channel->late = channel->late || (here && is_over(scene));
		if (here)
			use(end, '+');
		return;
	}
	rt_socket_free(s);
}

static void serve(struct scene *scene, unsigned int i)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};

	scene->server[i] = rt_server_new(world_host(scene->w, i),
					 RT_PROTOCOL_L2CAP, &callbacks, scene);
	ck_assert_ptr_nonnull(scene->server[i]);
	ck_assert_int_eq(
		rt_server_set_max_pending(scene->server[i], CHANNELS_LINK), 0);
	ck_assert_int_eq(rt_server_set_option(scene->server[i],
					      RT_OPTION_WRITE_QUEUE_BYTES,
					      QUEUE),
			 0);
	ck_assert_int_eq(rt_server_set_option(scene->server[i],
					      RT_OPTION_READ_QUEUE_BYTES,
					      QUEUE),
			 0);
	ck_assert_int_eq(rt_server_listen(scene->server[i], PSM), 0);
}

static void connect_channel(struct scene *scene, unsigned int i)
{
	struct channel *channel = &scene->channel[i];
	const unsigned int peer = 1 + i % scene->peers;
	struct end *end = channel->by_us ? &channel->ours : &channel->theirs;

	channel->late = channel->by_us && scene->broken;
	end_open(end, world_host(scene->w, channel->by_us ? 0 : peer),
		 RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_option(
				 end->s, RT_OPTION_WRITE_QUEUE_BYTES, QUEUE),
			 0);
	ck_assert_int_eq(
		rt_socket_set_option(end->s, RT_OPTION_READ_QUEUE_BYTES, QUEUE),
		0);
	channel->asked =
		rt_socket_connect(
			end->s, world_addr(scene->w, channel->by_us ? peer : 0),
			PSM) == 0;
}

/* So many channels are wanted, by us and by the peers in turn. */
static void begin(struct scene *scene, unsigned int count)
{
	const unsigned int peers = (count + CHANNELS_LINK - 1) / CHANNELS_LINK;
	struct world_options options = { .seed = 11, .latency_us = 1250 };

	memset(scene, 0, sizeof(*scene));
	scene->count = count;
	scene->peers = RT_MAX(peers, 1U);
	options.hosts = 1 + scene->peers;
	scene->w = world_new(&options);
	for (unsigned int i = 0; i <= scene->peers; i++)
		serve(scene, i);
	world_settle(scene->w);
	for (unsigned int i = 0; i < count; i++) {
		struct channel *channel = &scene->channel[i];

		channel->by_us = i / scene->peers % 2 == 0;
		channel->use = (enum use)(i / scene->peers / 2 % USES);
		channel->ours.then = use;
		channel->ours.user = channel;
	}
}

/* Four of a link at once; more would be refused, until these are open. */
static void connect_all(struct scene *scene)
{
	for (unsigned int i = 0; i < scene->count; i++) {
		if (i == 4 * scene->peers)
			world_run(scene->w, RT_SECONDS(1));
		else if (i > 4 * scene->peers)
			world_run(scene->w, RT_MS(20));
		connect_channel(scene, i);
	}
}

static void break_down(struct world *w, void *arg)
{
	static const uint8_t event[] = { 0x10, 1, 0 };
	struct scene *scene = arg;

	scene->broken = true;
	rt_vctl_inject_event(w->node[0].vctl, rt_bytes(event, sizeof(event)));
}

static unsigned int count_letters(const char *log, char letter)
{
	unsigned int count = 0;

	for (; *log; log++)
		count += *log == letter;
	return count;
}

/* An end of ours has had one end. */
static void expect_closed_once(const struct channel *channel)
{
	const struct end *end = &channel->ours;
	const char *log = end->log;
	bool good;

	if (!end->s || (channel->by_us && !channel->asked))
		return;
	if (channel->late) {
		if (rt_socket_state(end->s) != RT_SOCKET_CONNECTED &&
		    end->disconnected + end->errors == 0)
			ck_abort_msg("%s", log);
		return;
	}
	good = rt_socket_state(end->s) == RT_SOCKET_UNCONNECTED &&
	       count_letters(log, 'U') == 1 && end->errors <= 1;
	if (channel->by_us)
		good = good && end->disconnected == end->connected;
	else
		good = good && end->disconnected == 1;
	/* It has ended by an error, unless we have closed it. */
	if (!good || (end->errors == 0 && !channel->closed))
		ck_abort_msg("%s", log);
}

static void free_all(struct scene *scene)
{
	for (unsigned int i = 0; i < scene->count; i++) {
		end_free(&scene->channel[i].ours);
		end_free(&scene->channel[i].theirs);
	}
	world_run(scene->w, RT_SECONDS(30));
}

/* As many channels as there were can be opened again, all of ours. */
static void expect_works(struct scene *scene)
{
	const unsigned int count = RT_MIN(scene->count, 8U);

	memset(scene->channel, 0, sizeof(scene->channel));
	for (unsigned int i = 0; i < count; i++) {
		scene->channel[i].by_us = true;
		connect_channel(scene, i);
		ck_assert(scene->channel[i].asked);
	}
	world_run(scene->w, RT_SECONDS(10));
	for (unsigned int i = 0; i < count; i++)
		ck_assert_str_eq(scene->channel[i].ours.log, "CK+");
	free_all(scene);
}

static void finish(struct scene *scene)
{
	for (unsigned int i = 0; i <= scene->peers; i++)
		rt_server_free(scene->server[i]);
	world_run(scene->w, RT_SECONDS(30));
	world_finish(scene->w);
}

/* Packets that so many channels take, from the first connect on. */
static uint64_t count_packets(unsigned int count)
{
	static struct scene scene;
	uint64_t before;
	uint64_t packets;

	begin(&scene, count);
	before = scene.w->packets;
	connect_all(&scene);
	world_run(scene.w, RT_SECONDS(15));
	packets = scene.w->packets - before;
	for (unsigned int i = 0; i < count; i++) {
		const struct channel *channel = &scene.channel[i];

		/* In peace all that is asked for is there. */
		ck_assert_msg(channel->asked, "%u of %u", i, count);
		ck_assert_msg(channel->closed ||
				      (channel->ours.s &&
				       rt_socket_state(channel->ours.s) ==
					       RT_SOCKET_CONNECTED),
			      "%u of %u: %s", i, count, channel->ours.log);
	}
	free_all(&scene);
	finish(&scene);
	return packets;
}

/* False if there are fewer packets. */
static bool try_reset(unsigned int count, uint64_t packet)
{
	static struct scene scene;

	begin(&scene, count);
	scene.w->at_packet = scene.w->packets + packet;
	scene.w->then = break_down;
	scene.w->arg = &scene;
	connect_all(&scene);
	world_run(scene.w, RT_SECONDS(15));
	if (!scene.broken)
		break_down(scene.w, &scene);
	world_run(scene.w, RT_SECONDS(60));
	ck_assert_str_eq(scene.w->node[0].states, "URU");
	for (unsigned int i = 0; i < count; i++)
		expect_closed_once(&scene.channel[i]);
	free_all(&scene);
	expect_works(&scene);
	finish(&scene);
	return scene.broken;
}

START_TEST(a_reset_closes_each_of_0_to_64_channels_once)
{
	for (unsigned int count = 0; count <= CHANNELS; count++) {
		const uint64_t packets = count_packets(count);

		for (uint64_t when = 1; when <= WHENS; when++)
			try_reset(count, packets * when / WHENS + 1);
	}
}
END_TEST

/* Few, at each packet of their lives. */
START_TEST(a_reset_at_any_packet_closes_each_channel_once)
{
	for (unsigned int count = 1; count <= 8; count += 7) {
		const uint64_t packets = count_packets(count);

		for (uint64_t packet = 1; packet <= packets + 1; packet++)
			try_reset(count, packet);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-11", "A", a_reset_closes_each_of_0_to_64_channels_once),
	TAGGED("HCI-11", "A", a_reset_at_any_packet_closes_each_channel_once),
};

const struct tagged_table hci_channels_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
