/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"

/*
 * HCI-13: a link is to be disconnected, and the controller refuses, or agrees
 * and does not do it. Whoever has a channel on it is told that it is gone,
 * once.
 */

#define LIMIT_US 22000000 /* for a Disconnection Complete */
#define UNKNOWN_CONNECTION 0x02
#define PSM 0x1005

static struct rt_hci_link *link_1;

/* A link that is being disconnected, with a PDU that is not sent. */
static void begin(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	link_1 = rig_connect(1, 1);
	rig_connect(2, 2);
	rt_hci_link_disconnect(link_1, 0x13);
	rig_expect("01 0604 03 0100 13");
	rig_send(link_1, 7, 20);
	rig_expect_none();
}

/* It is gone when the time is up, and not before; the other one is not. */
static void expect_gone_in_time(void)
{
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_pass_us(LIMIT_US - 1);
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_pass_us(1);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_int_eq(rig.links[0].why.err, -ETIMEDOUT);
	ck_assert_uint_eq(rig.links[1].downs, 0);
	/* Late, it is about nobody. */
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_uint_eq(rig.downs, 0);
	hci_forget_links();
	hci_expect_works();
}

START_TEST(a_disconnect_that_is_refused_ends_the_link_all_the_same)
{
	for (unsigned int status = 1; status < 256; status++) {
		begin();
		rig_status(0x0406, (uint8_t)status);
		if (status != UNKNOWN_CONNECTION) {
			expect_gone_in_time();
			continue;
		}
		/* It was gone already. */
		ck_assert_uint_eq(rig.links[0].downs, 1);
		ck_assert_int_eq(rig.links[0].why.err, 0);
		hci_forget_links();
		hci_expect_works();
	}
}
END_TEST

START_TEST(a_disconnect_that_has_failed_ends_the_link_all_the_same)
{
	for (unsigned int status = 0; status < 256; status++) {
		begin();
		rig_status(0x0406, 0);
		/* 0: it is silent. */
		if (status > 0)
			rig_inject("04 05 04 %02x 0100 16", status);
		expect_gone_in_time();
	}
}
END_TEST

/* The same by Command Complete, which is no answer to it. */
START_TEST(a_disconnect_that_is_answered_wrongly_ends_the_link_all_the_same)
{
	static const char *const answers[] = { "04 0e 04 01 0604 00",
					       "04 0e 04 01 0604 0c",
					       "04 0e 03 01 0604" };

	for (size_t i = 0; i < RT_ARRAY_SIZE(answers); i++) {
		begin();
		rig_inject("%s", answers[i]);
		expect_gone_in_time();
	}
}
END_TEST

/* Somebody wants the peer again, before the link is gone. */
START_TEST(a_new_link_waits_for_the_end_of_the_old_one)
{
	begin();
	rig_status(0x0406, 0x0c);
	ck_assert_ptr_ne(rig_want(1), link_1);
	rig_expect_none();
	rig_pass_us(LIMIT_US);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 3, 1);
	ck_assert_uint_eq(rig.links[2].ups, 1);
	hci_forget_links();
	hci_expect_works();
}
END_TEST

/* --- whole hosts --- */

/* How the controller of host 0 takes Disconnect. */
enum answer {
	REFUSES,
	DOES_NOTHING,
	ANSWERS, /* as it should: what else is there would show */
	ANSWERS_END,
};

struct scene {
	struct world *w;
	struct rt_server *server;
	struct end client[2];
	struct end taken[2];
	enum answer answer;
	unsigned int refused;
};

static uint8_t data[500];

static struct rt_bytes refuse(struct world *w,
			      const struct world_packet *packet, void *arg)
{
	static const uint8_t yes[] = { 0x0f, 4, 0x00, 1, 0x06, 0x04 };
	static const uint8_t no[] = { 0x0f, 4, 0x0c, 1, 0x06, 0x04 };
	const uint8_t *octets = packet->octets.ptr;
	struct scene *scene = arg;

	if (packet->node != 0 || packet->type != RT_PACKET_COMMAND ||
	    octets[0] != 0x06 || octets[1] != 0x04)
		return packet->octets;
	scene->refused++;
	if (scene->answer == ANSWERS)
		return packet->octets;
	rt_vctl_inject_event(w->node[0].vctl,
			     scene->answer == REFUSES
				     ? rt_bytes(no, sizeof(no))
				     : rt_bytes(yes, sizeof(yes)));
	return (struct rt_bytes){ .ptr = NULL };
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct scene *scene = user_data;
	struct rt_socket *s = rt_server_next_pending(server);

	for (int i = 0; i < 2; i++) {
		if (scene->taken[i].s)
			continue;
		end_attach(&scene->taken[i], s);
		return;
	}
	rt_socket_free(s);
}

/* Two channels on a link whose data come in pieces of 27 octets. */
static void begin_hosts(struct scene *scene, enum answer answer)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	const struct world_options options = {
		.seed = 13,
		.latency_us = 1250,
		.acl_bytes = 27,
	};

	memset(scene, 0, sizeof(*scene));
	scene->answer = answer;
	scene->w = world_new(&options);
	scene->server = rt_server_new(world_host(scene->w, 1),
				      RT_PROTOCOL_L2CAP, &callbacks, scene);
	ck_assert_int_eq(rt_server_set_max_pending(scene->server, 4), 0);
	/* It is for us to end the link. */
	ck_assert_int_eq(rt_server_set_option(scene->server,
					      RT_OPTION_IDLE_HOLD_MS, 120000),
			 0);
	ck_assert_int_eq(rt_server_listen(scene->server, PSM), 0);
	world_settle(scene->w);
	for (int i = 0; i < 2; i++) {
		end_open(&scene->client[i], world_host(scene->w, 0),
			 RT_PROTOCOL_L2CAP);
		ck_assert_int_eq(rt_socket_connect(scene->client[i].s,
						   world_addr(scene->w, 1),
						   PSM),
				 0);
	}
	world_run(scene->w, RT_SECONDS(5));
	ck_assert_uint_eq(scene->client[0].connected, 1);
	ck_assert_uint_eq(scene->client[1].connected, 1);
	scene->w->meddle = refuse;
	scene->w->meddle_arg = scene;
}

static void expect_sockets_closed(struct scene *scene)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(rt_socket_state(scene->client[i].s),
				 RT_SOCKET_UNCONNECTED);
		ck_assert_uint_eq(scene->client[i].disconnected, 1);
		ck_assert_uint_le(scene->client[i].errors, 1);
	}
}

/* The controller is good again, and the link that it has kept ends. */
static void expect_hosts_work(struct scene *scene)
{
	struct end again = { .s = NULL };

	scene->w->meddle = NULL;
	for (int i = 0; i < 2; i++) {
		end_free(&scene->client[i]);
		end_free(&scene->taken[i]);
	}
	rt_vctl_drop_links(scene->w->node[0].vctl);
	world_run(scene->w, RT_SECONDS(30));
	end_open(&again, world_host(scene->w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_connect(again.s, world_addr(scene->w, 1), PSM), 0);
	ck_assert(world_run_until(scene->w, end_is_connected, &again,
				  RT_SECONDS(20)));
	end_free(&again);
	end_free(&scene->taken[0]);
}

static void finish(struct scene *scene)
{
	rt_server_free(scene->server);
	world_run(scene->w, RT_SECONDS(30));
	world_finish(scene->w);
}

/*
 * There is no memory for a PDU of the peer: the link must go, with channels
 * that are open.
 */
START_TEST(channels_of_a_link_that_cannot_be_disconnected_are_closed)
{
	for (int answer = 0; answer < ANSWERS_END; answer++) {
		struct world_memory *memory;
		struct scene scene;

		begin_hosts(&scene, (enum answer)answer);
		memory = &scene.w->node[0].memory;
		memory->fail_at = memory->asked + 1;
		ck_assert_int_eq(rt_socket_write(scene.taken[0].s, data,
						 sizeof(data)),
				 (int)sizeof(data));
		world_run(scene.w, RT_SECONDS(30));
		ck_assert_uint_eq(memory->failed, 1);
		ck_assert_uint_ge(scene.refused, 1);
		expect_sockets_closed(&scene);
		ck_assert_uint_eq(scene.client[0].errors, 1);
		ck_assert_uint_eq(scene.client[1].errors, 1);
		expect_hosts_work(&scene);
		finish(&scene);
	}
}
END_TEST

/* The host shuts down all the same, in time. */
START_TEST(a_host_shuts_down_though_its_links_cannot_be_disconnected)
{
	for (int answer = 0; answer < ANSWERS_END; answer++) {
		struct scene scene;

		begin_hosts(&scene, (enum answer)answer);
		rt_host_shutdown(world_host(scene.w, 0));
		world_run(scene.w, RT_SECONDS(25));
		ck_assert_int_eq(rt_host_state(world_host(scene.w, 0)),
				 RT_HOST_DOWN);
		ck_assert_uint_ge(scene.refused, 1);
		expect_sockets_closed(&scene);
		for (int i = 0; i < 2; i++) {
			end_free(&scene.client[i]);
			end_free(&scene.taken[i]);
		}
		finish(&scene);
	}
}
END_TEST

/* Nobody uses the link any more, and it does not go. */
START_TEST(a_link_that_nobody_uses_is_gone_in_the_end)
{
	for (int answer = 0; answer < ANSWERS_END; answer++) {
		struct rt_addr addr;
		struct scene scene;

		begin_hosts(&scene, (enum answer)answer);
		rt_socket_close(scene.client[0].s);
		rt_socket_close(scene.client[1].s);
		world_run(scene.w, RT_SECONDS(30));
		ck_assert_uint_ge(scene.refused, 1);
		expect_sockets_closed(&scene);
		ck_assert_uint_eq(
			rt_host_connected(world_host(scene.w, 0), &addr, 1), 0);
		expect_hosts_work(&scene);
		finish(&scene);
	}
}
END_TEST

static const struct tagged rig_rows[] = {
	TAGGED("HCI-13", "A",
	       a_disconnect_that_is_refused_ends_the_link_all_the_same),
	TAGGED("HCI-13", "A",
	       a_disconnect_that_has_failed_ends_the_link_all_the_same),
	TAGGED("HCI-13", "A",
	       a_disconnect_that_is_answered_wrongly_ends_the_link_all_the_same),
	TAGGED("HCI-13", "A", a_new_link_waits_for_the_end_of_the_old_one),
};

static const struct tagged rows[] = {
	TAGGED("HCI-13", "I",
	       channels_of_a_link_that_cannot_be_disconnected_are_closed),
	TAGGED("HCI-13", "I",
	       a_host_shuts_down_though_its_links_cannot_be_disconnected),
	TAGGED("HCI-13", "I", a_link_that_nobody_uses_is_gone_in_the_end),
};

const struct tagged_table hci_disconnects_table = HCI_RIG_TABLE(rig_rows);

const struct tagged_table hci_gone_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
