/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * Whatever an application does in whatever callback is legal. One run for
 * each pair of them, on a connection that carries data and is then closed.
 */

#define DATA_BYTES 20000

enum deed {
	FREE_SELF,
	FREE_OTHER, /* socket of the same host */
	FREE_ALL,
	CLOSE,
	ABORT,
	RECONNECT,
	SHUT_DOWN,
	FREE_HOST,
	DEEDS,
};

/* Callbacks of the client: end.h has the letters. */
static const char *const moments[] = { "C", "K", "+", "r", "w",
				       "b", "X", "U", "-", "E" };

#define MOMENTS (sizeof(moments) / sizeof(moments[0]))

struct story {
	struct world *w;
	struct pair pair;
	struct end other;
	char moment;
	enum deed deed;
	bool done;
	bool host_freed;
};

static void free_all(struct story *story)
{
	end_free(&story->other);
	end_free(&story->pair.client);
}

static void reconnect(struct story *story)
{
	struct end *client = &story->pair.client;
	int err;

	rt_socket_abort(client->s);
	err = rt_socket_connect(client->s, world_addr(story->w, 1),
				story->pair.port);
	ck_assert_int_eq(err, 0);
}

static void free_host(struct story *story)
{
	struct world_node *node = &story->w->node[0];

	story->pair.client.s = NULL;
	story->other.s = NULL;
	story->host_freed = true;
	/* It goes when the callback has returned. */
	rt_host_free_core(node->host);
	node->host = NULL;
}

static void then(struct end *end, char what)
{
	struct story *story = end->user;

	if (story->done || what != story->moment)
		return;
	story->done = true;
	switch (story->deed) {
	case FREE_SELF:
		end_free(end);
		break;
	case FREE_OTHER:
		end_free(&story->other);
		break;
	case FREE_ALL:
		free_all(story);
		break;
	case CLOSE:
		rt_socket_close(end->s);
		break;
	case ABORT:
		rt_socket_abort(end->s);
		break;
	case RECONNECT:
		reconnect(story);
		break;
	case SHUT_DOWN:
		rt_host_shutdown(world_host(story->w, 0));
		break;
	case FREE_HOST:
		free_host(story);
		break;
	case DEEDS:
		break;
	}
}

static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };

static void tell(enum rt_protocol protocol, char moment, enum deed deed)
{
	const struct world_options options = { .seed = deed,
					       .latency_us = 1250 };
	static uint8_t data[DATA_BYTES];
	static uint8_t rx[2][DATA_BYTES];
	struct story story = { .moment = moment, .deed = deed };
	struct pair *pair = &story.pair;

	story.w = world_new(&options);
	pair_init(pair, story.w, protocol);
	ck_assert_int_eq(rt_server_set_max_pending(pair->listener, 8), 0);
	end_open(&story.other, world_host(story.w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect(story.other.s, nobody, pair->port),
			 0);
	ck_assert_int_eq(rt_socket_set_option(pair->client.s,
					      RT_OPTION_WRITE_QUEUE_BYTES,
					      1024),
			 0);
	pair->client.then = then;
	pair->client.user = &story;
	pair->client.tx = pair->server.tx = data;
	pair->client.tx_bytes = pair->server.tx_bytes = DATA_BYTES;
	pair->client.rx = rx[0];
	pair->server.rx = rx[1];
	pair->client.rx_cap = pair->server.rx_cap = DATA_BYTES;
	pair->client.piece = pair->server.piece = 500;
	/* An error, where one is asked for, and an end of both kinds. */
	pair->server.close_when_sent = moment == 'E';
	pair->client.close_when_sent = moment != 'E';
	ck_assert_int_eq(rt_socket_connect(pair->client.s,
					   world_addr(story.w, 1), pair->port),
			 0);
	world_run(story.w, RT_SECONDS(120));
	ck_assert_msg(story.done, "%c never came: %s", moment,
		      pair->client.log);
	if (story.host_freed)
		ck_assert_uint_eq(story.w->node[0].memory.live, 0);
	end_free(&story.other);
	pair_free(pair);
	world_finish(story.w);
}

START_TEST(any_deed_in_any_callback_is_legal)
{
	const char moment = moments[_i / 2][0];
	const enum rt_protocol protocol =
		_i % 2 ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM;

	for (int deed = 0; deed < DEEDS; deed++)
		tell(protocol, moment, (enum deed)deed);
}
END_TEST

struct host_story {
	struct world *w;
	struct rt_server *server;
	int deed;
	bool done;
};

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct host_story *story = user_data;

	story->done = true;
	switch (story->deed) {
	case 0:
		rt_server_free(server);
		story->server = NULL;
		break;
	case 1:
		rt_server_close(server);
		break;
	case 2:
		rt_socket_free(rt_server_next_pending(server));
		ck_assert_ptr_null(rt_server_next_pending(server));
		break;
	case 3:
		rt_host_free_core(
			rt_socket_host(rt_server_next_pending(server)));
		story->w->node[1].host = NULL;
		story->server = NULL;
		break;
	default:
		break; /* leaves it pending */
	}
}

START_TEST(a_server_may_end_in_its_callback)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	struct host_story story = { .deed = _i };
	struct end client = { .s = NULL };

	story.w = world_new(NULL);
	story.server = rt_server_new(world_host(story.w, 1), RT_PROTOCOL_RFCOMM,
				     &callbacks, &story);
	ck_assert_int_eq(rt_server_listen(story.server, 1), 0);
	end_open(&client, world_host(story.w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(client.s, world_addr(story.w, 1), 1),
			 0);
	world_run(story.w, RT_SECONDS(60));
	ck_assert(story.done);
	if (_i != 3)
		ck_assert_str_eq(client.log, _i < 3 ? "CK+E2XU-" : "CK+");
	end_free(&client);
	rt_server_free(story.server);
	world_finish(story.w);
}
END_TEST

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	struct rt_inquiry **mine = user_data;
	const struct rt_addr addr = device->addr;

	if (!*mine)
		return;
	*mine = NULL;
	rt_inquiry_free(inquiry);
	ck_assert_mem_eq(&addr, &device->addr, sizeof(addr));
}

START_TEST(an_inquiry_may_end_in_its_callback)
{
	static const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
	};
	struct world *w = world_new(NULL);
	struct rt_inquiry *inquiry;

	rt_host_set_discoverable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 5, false,
					  &callbacks, &inquiry, &inquiry),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_ptr_null(inquiry);
	/* The device found is remembered: pages to it are shorter. */
	w->node[0].memory_idle++;
	world_finish(w);
}
END_TEST

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	char *copy = user_data;

	ck_assert_int_eq(info->err, 0);
	rt_name_request_free(request);
	strcpy(copy, name);
}

START_TEST(a_name_request_may_end_in_its_callback)
{
	static const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name,
	};
	struct world *w = world_new(NULL);
	struct rt_name_request *request;
	char name[256] = "";

	ck_assert_int_eq(rt_host_set_name(world_host(w, 1), "Gr\xc3\xbc\xc3\x9f"
							    "e"),
			 0);
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_name_request_start(world_host(w, 0),
					       world_addr(w, 1), &callbacks,
					       name, &request),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_str_eq(name, "Gr\xc3\xbc\xc3\x9f"
			       "e");
	world_finish(w);
}
END_TEST

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	bool *done = user_data;

	ck_assert_int_eq(info->err, 0);
	rt_echo_free(echo);
	ck_assert_uint_eq(bytes, 5);
	ck_assert_mem_eq(data, "hello", 5);
	*done = true;
}

START_TEST(an_echo_may_end_in_its_callback)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	bool done = false;
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &done,
		.data = "hello",
		.bytes = 5,
	};
	struct world *w = world_new(NULL);
	struct rt_echo *echo;

	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_echo_start(world_host(w, 0), world_addr(w, 1),
				       &options, &echo),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert(done);
	world_finish(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/callbacks");
	TCase *tc = tcase_create("callbacks");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, any_deed_in_any_callback_is_legal, 0,
			    2 * (int)MOMENTS);
	tcase_add_loop_test(tc, a_server_may_end_in_its_callback, 0, 5);
	tcase_add_test(tc, an_inquiry_may_end_in_its_callback);
	tcase_add_test(tc, a_name_request_may_end_in_its_callback);
	tcase_add_test(tc, an_echo_may_end_in_its_callback);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
