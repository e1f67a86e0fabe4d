/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/l2cap.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Connecting by UUID: SERVICE_LOOKUP, then CONNECTING. */

#define PAGE_MS 400

static struct world *w;
static struct end end;
static struct rt_server *listener;
static struct rt_service *records[4];

static const struct rt_addr zero = { { 0 } };
static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	const struct world_options options = {
		.seed = 6,
		.page_ms = PAGE_MS,
		.latency_us = 1250,
	};

	w = world_new(&options);
	memset(&end, 0, sizeof(end));
	listener = NULL;
	memset(records, 0, sizeof(records));
}

static void setup_down(void)
{
	const struct world_options options = { .seed = 7, .down = true };

	w = world_new(&options);
	memset(&end, 0, sizeof(end));
	listener = NULL;
	memset(records, 0, sizeof(records));
}

static void teardown(void)
{
	end_free(&end);
	rt_server_free(listener);
	for (size_t i = 0; i < RT_ARRAY_SIZE(records); i++)
		rt_service_free(records[i]);
	world_finish(w);
}

/* Host 1 listens on a port. */
static void listen(enum rt_protocol protocol, uint16_t port)
{
	listener = rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	ck_assert_ptr_nonnull(listener);
	ck_assert_int_eq(rt_server_listen(listener, port), 0);
}

/* Host 1 publishes a record; port 0: one without a way to connect. */
static void publish(size_t i, struct rt_uuid uuid, enum rt_protocol protocol,
		    uint16_t port, uint16_t version)
{
	const uint8_t profile[] = { 0x35,
				    8,
				    0x35,
				    6,
				    0x19,
				    0x11,
				    1,
				    9,
				    (uint8_t)(version >> 8),
				    (uint8_t)version };
	struct rt_service *service = rt_service_new(world_host(w, 1));

	ck_assert_ptr_nonnull(service);
	ck_assert_int_eq(rt_service_set_classes(service, &uuid, 1), 0);
	if (port)
		ck_assert_int_eq(rt_service_set_port(service, protocol, port),
				 0);
	if (version)
		ck_assert_int_eq(rt_service_set_attribute(
					 service, RT_ATTRIBUTE_PROFILE_LIST,
					 profile, sizeof(profile)),
				 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	records[i] = service;
}

static int connect_to(struct rt_uuid uuid)
{
	return rt_socket_connect_uuid(end.s, world_addr(w, 1), uuid);
}

struct way {
	enum rt_protocol of_socket;
	enum rt_protocol of_record;
	uint16_t port;
};

START_TEST(a_service_is_looked_up_and_then_connected_to)
{
	static const struct way ways[] = {
		{ RT_PROTOCOL_RFCOMM, RT_PROTOCOL_RFCOMM, 9 },
		{ RT_PROTOCOL_L2CAP, RT_PROTOCOL_L2CAP, 0x1007 },
		{ RT_PROTOCOL_UNKNOWN, RT_PROTOCOL_RFCOMM, 9 },
		{ RT_PROTOCOL_UNKNOWN, RT_PROTOCOL_L2CAP, 0x1007 },
	};
	const struct way *way = &ways[_i];
	const uint64_t begin_us = w->now_us;

	listen(way->of_record, way->port);
	publish(0, own, way->of_record, way->port, 0);
	end_open(&end, world_host(w, 0), way->of_socket);
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_SERVICE_LOOKUP);
	ck_assert(
		rt_addr_equal(rt_socket_peer_address(end.s), world_addr(w, 1)));
	ck_assert_uint_eq(rt_socket_peer_port(end.s), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_str_eq(end.log, "LCK+");
	ck_assert_uint_eq(rt_socket_peer_port(end.s), way->port);
	ck_assert_int_eq(rt_socket_protocol(end.s), way->of_record);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_NONE);
	/* Over one link: it was paged once. */
	ck_assert_uint_lt(w->now_us - begin_us, RT_MS(2 * PAGE_MS));
}
END_TEST

START_TEST(no_record_is_service_not_found)
{
	rt_host_set_connectable(world_host(w, 1), true);
	end_open(&end, world_host(w, 0), (enum rt_protocol)_i);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(end.log, "LUE4");
	ck_assert_ptr_nonnull(strstr(end.error_string, "has no service"));
	ck_assert(rt_addr_equal(rt_socket_peer_address(end.s), zero));
}
END_TEST

START_TEST(a_record_without_a_usable_protocol_is_told_apart)
{
	struct rt_error_info info = { .size = sizeof(info) };

	listen(RT_PROTOCOL_L2CAP, 0x1007);
	/* None at all, or one that the socket does not have. */
	publish(0, own, RT_PROTOCOL_L2CAP, _i ? 0x1007 : 0, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(end.log, "LUE4");
	ck_assert_ptr_nonnull(strstr(end.error_string, "not by a protocol"));
	rt_socket_error_info(end.s, &info);
	ck_assert_str_eq(info.phase, "service lookup");
	ck_assert_int_eq(info.err, -EPROTONOSUPPORT);
	ck_assert_uint_gt(info.elapsed_us, 0);
}
END_TEST

START_TEST(a_device_without_sdp_is_told_apart)
{
	rt_host_set_connectable(world_host(w, 1), true);
	rt_l2cap_unlisten(world_host(w, 1)->l2cap, RT_L2CAP_PSM_SDP);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(end.log, "LUE4");
	ck_assert_ptr_nonnull(strstr(end.error_string, "refuses to tell"));
}
END_TEST

/* An SDP server of our own making. */
static struct rt_socket *fake;
static const uint8_t *answer;
static size_t answer_bytes;

static void on_request(struct rt_socket *s, void *user_data)
{
	uint8_t request[672];
	uint8_t response[64];
	ptrdiff_t n = rt_socket_read(s, request, sizeof(request));

	(void)user_data;
	ck_assert(n > 5);
	if (!answer)
		return;
	memcpy(response, answer, answer_bytes);
	memcpy(response + 1, request + 1, 2); /* transaction id */
	ck_assert_int_eq(rt_socket_write(s, response, answer_bytes),
			 (ptrdiff_t)answer_bytes);
}

static const struct rt_socket_callbacks fake_callbacks = {
	.size = sizeof(fake_callbacks),
	.on_readable = on_request,
};

static void on_new_connection(struct rt_server *server, void *user_data)
{
	(void)user_data;
	fake = rt_server_next_pending(server);
	ck_assert_ptr_nonnull(fake);
	rt_socket_set_callbacks(fake, &fake_callbacks, NULL);
}

/* Host 1 answers every request of SDP by the same octets. */
static void serve_fake(const void *octets, size_t bytes)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};

	answer = octets;
	answer_bytes = bytes;
	rt_l2cap_unlisten(world_host(w, 1)->l2cap, RT_L2CAP_PSM_SDP);
	listener = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP,
				 &callbacks, NULL);
	ck_assert_int_eq(rt_server_listen(listener, RT_L2CAP_PSM_SDP), 0);
}

START_TEST(a_device_that_refuses_sdp_is_told_apart)
{
	static const uint8_t error[] = { 1, 0, 0, 0, 2, 0, 3 };
	struct rt_error_info info = { .size = sizeof(info) };

	serve_fake(error, sizeof(error));
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(end.log, "LUE4");
	ck_assert_ptr_nonnull(strstr(end.error_string, "refuses to tell"));
	rt_socket_error_info(end.s, &info);
	ck_assert_str_eq(info.layer, "SDP");
	ck_assert_uint_eq(info.code, 3);
	rt_socket_free(fake);
}
END_TEST

START_TEST(an_answer_that_makes_no_sense_is_a_network_error)
{
	static const uint8_t garbage[] = { 7, 0, 0, 0, 5, 0, 9, 0xff, 0, 0 };

	serve_fake(garbage, sizeof(garbage));
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(60));
	ck_assert_str_eq(end.log, "LUE5");
	rt_socket_free(fake);
}
END_TEST

START_TEST(no_answer_is_a_network_error_in_the_end)
{
	serve_fake(NULL, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_str_eq(end.log, "L");
	world_run(w, RT_SECONDS(40));
	ck_assert_str_eq(end.log, "LUE5");
	ck_assert_ptr_nonnull(strstr(end.error_string, "30 s"));
	rt_socket_free(fake);
}
END_TEST

START_TEST(a_device_that_is_not_there_is_host_not_found)
{
	end_open(&end, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, nobody, own), 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_str_eq(end.log, "LUE3");
	ck_assert_ptr_nonnull(strstr(end.error_string, "page timeout"));
	ck_assert_int_eq(rt_socket_protocol(end.s), RT_PROTOCOL_UNKNOWN);
}
END_TEST

START_TEST(what_refuses_the_connection_is_found_behind_the_lookup)
{
	/* Strangers may come, but not to the port that is published. */
	listen(RT_PROTOCOL_RFCOMM, 3);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_str_eq(end.log, "LCUE4");
}
END_TEST

START_TEST(the_best_record_is_taken)
{
	listen(RT_PROTOCOL_RFCOMM, 5);
	publish(0, own, RT_PROTOCOL_RFCOMM, 4, 0x0100);
	/* The highest version, and of two the lower handle. */
	publish(1, own, RT_PROTOCOL_RFCOMM, 5, 0x0102);
	publish(2, own, RT_PROTOCOL_RFCOMM, 6, 0x0102);
	/* Not by this protocol, whatever the version. */
	publish(3, own, RT_PROTOCOL_L2CAP, 0x1007, 0x0200);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_uint_eq(rt_socket_peer_port(end.s), 5);
}
END_TEST

START_TEST(bad_arguments_send_nothing)
{
	const uint64_t packets = w->packets;
	const struct rt_uuid none = { { 0 } };

	end_open(&end, world_host(w, 0), (enum rt_protocol)_i);
	ck_assert_int_eq(connect_to(none), -EINVAL);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, zero, own), -EINVAL);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, world_addr(w, 0), own),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
	world_run(w, RT_SECONDS(1));
	ck_assert_str_eq(end.log, "E7");
	ck_assert_uint_eq(w->packets, packets);
}
END_TEST

START_TEST(a_busy_socket_is_not_disturbed)
{
	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert_int_eq(connect_to(own), -EALREADY);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 9),
			 -EALREADY);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_int_eq(connect_to(own), -EISCONN);
	world_settle(w);
	ck_assert_str_eq(end.log, "LE7CK+E7");
}
END_TEST

START_TEST(no_data_while_a_service_is_looked_up)
{
	uint8_t octet;

	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert_int_eq(rt_socket_write(end.s, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_read(end.s, &octet, 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_FRAME_BYTES,
					      100),
			 -EISCONN);
	ck_assert_int_eq(rt_socket_set_security(end.s, 0), -EISCONN);
}
END_TEST

START_TEST(one_query_more_than_the_limit_is_refused)
{
	struct rt_socket *sockets[33];

	for (int i = 0; i < 33; i++) {
		sockets[i] =
			rt_socket_new(world_host(w, 0), RT_PROTOCOL_RFCOMM);
		ck_assert_ptr_nonnull(sockets[i]);
		ck_assert_int_eq(rt_socket_connect_uuid(sockets[i], nobody,
							own),
				 i < 32 ? 0 : -ENOSPC);
	}
	ck_assert_int_eq(rt_socket_error(sockets[32]), RT_SOCKET_ERROR_NETWORK);
	for (int i = 0; i < 33; i++)
		rt_socket_free(sockets[i]);
}
END_TEST

static bool is_closing(void *arg)
{
	(void)arg;
	return rt_socket_state(end.s) == RT_SOCKET_CLOSING;
}

START_TEST(a_lookup_during_closing_waits_for_the_close)
{
	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	rt_socket_free(rt_server_next_pending(listener));
	rt_socket_close(end.s);
	if (rt_socket_state(end.s) != RT_SOCKET_CLOSING)
		ck_assert(world_run_until(w, is_closing, NULL, RT_SECONDS(1)));
	ck_assert_int_eq(connect_to(own), 0);
	ck_assert_int_eq(connect_to(own), -EALREADY);
	end.connected = 0;
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(30)));
	ck_assert_ptr_nonnull(strstr(end.log, "U-LCK+"));
}
END_TEST

/* From its first packet to its last: given up at each of them. */
START_TEST(a_lookup_may_be_given_up_at_any_moment)
{
	static void (*const deeds[])(struct rt_socket *) = {
		rt_socket_close,
		rt_socket_abort,
		rt_socket_free,
	};
	uint64_t first;
	unsigned int begun = 0;
	char *log = end.log;

	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	for (uint64_t packets = 0; packets < 60; packets++) {
		memset(&end, 0, sizeof(end));
		end_open(&end, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
		first = w->packets;
		ck_assert_int_eq(connect_to(own), 0);
		while (w->packets < first + packets && !end.connected)
			world_run(w, 200);
		if (end.connected) {
			end_free(&end);
			break;
		}
		begun++;
		deeds[_i](end.s);
		if (_i == 2)
			end.s = NULL;
		else
			ck_assert_int_eq(rt_socket_state(end.s),
					 RT_SOCKET_UNCONNECTED);
		world_run(w, RT_SECONDS(10));
		ck_assert_msg(!end.connected && !end.errors, "%s", log);
		if (_i < 2 && log[0])
			ck_assert_int_eq(log[strlen(log) - 1], 'U');
		end_free(&end);
		world_run(w, RT_SECONDS(30));
		while (rt_server_has_pending(listener))
			rt_socket_free(rt_server_next_pending(listener));
	}
	ck_assert_uint_gt(begun, 20);
}
END_TEST

START_TEST(a_lookup_ends_with_its_host_or_its_peer)
{
	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, RT_MS(PAGE_MS + 9));
	ck_assert_str_eq(end.log, "L");
	if (_i == 0)
		rt_host_shutdown(world_host(w, 0));
	else if (_i == 1)
		world_unplug(w, 0, -ENODEV);
	else
		world_unplug(w, 1, -ENODEV);
	world_run(w, RT_SECONDS(40));
	ck_assert_str_eq(end.log, "LUE5");
	ck_assert_int_eq(connect_to(own), _i < 2 ? -ENETDOWN : 0);
}
END_TEST

START_TEST(a_host_that_is_freed_takes_its_lookups_along)
{
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(connect_to(own), 0);
	world_run(w, _i ? RT_MS(PAGE_MS + 5) : 0);
	world_free_host(w, 0);
	end.s = NULL;
}
END_TEST

START_TEST(a_lookup_waits_for_the_controller_to_come_up)
{
	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(0, own, RT_PROTOCOL_RFCOMM, 9, 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_STARTING);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, w->node[1].addr, own),
			 0);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_SERVICE_LOOKUP);
	if (_i == 0) {
		ck_assert(world_run_until(w, end_is_connected, &end,
					  RT_SECONDS(30)));
		ck_assert_str_eq(end.log, "LCK+");
	} else if (_i == 1) {
		rt_socket_close(end.s);
		world_run(w, RT_SECONDS(30));
		ck_assert_str_eq(end.log, "");
	} else {
		world_unplug(w, 0, -ENODEV);
		world_settle(w);
		ck_assert_str_eq(end.log, "LUE5");
	}
}
END_TEST

static void add_found(TCase *tc)
{
	tcase_add_loop_test(tc, a_service_is_looked_up_and_then_connected_to, 0,
			    4);
	tcase_add_loop_test(tc, no_record_is_service_not_found, 0, 3);
	tcase_add_loop_test(
		tc, a_record_without_a_usable_protocol_is_told_apart, 0, 2);
	tcase_add_test(tc, a_device_without_sdp_is_told_apart);
	tcase_add_test(tc, a_device_that_refuses_sdp_is_told_apart);
	tcase_add_test(tc, an_answer_that_makes_no_sense_is_a_network_error);
	tcase_add_test(tc, no_answer_is_a_network_error_in_the_end);
	tcase_add_test(tc, a_device_that_is_not_there_is_host_not_found);
	tcase_add_test(tc,
		       what_refuses_the_connection_is_found_behind_the_lookup);
	tcase_add_test(tc, the_best_record_is_taken);
}

int main(void)
{
	Suite *suite = suite_create("unit/api/lookup");
	TCase *tc = tcase_create("lookup");
	TCase *down = tcase_create("down");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	add_found(tc);
	tcase_add_loop_test(tc, bad_arguments_send_nothing, 0, 3);
	tcase_add_test(tc, a_busy_socket_is_not_disturbed);
	tcase_add_test(tc, no_data_while_a_service_is_looked_up);
	tcase_add_test(tc, one_query_more_than_the_limit_is_refused);
	tcase_add_test(tc, a_lookup_during_closing_waits_for_the_close);
	tcase_add_loop_test(tc, a_lookup_may_be_given_up_at_any_moment, 0, 3);
	tcase_add_loop_test(tc, a_lookup_ends_with_its_host_or_its_peer, 0, 3);
	tcase_add_loop_test(tc, a_host_that_is_freed_takes_its_lookups_along, 0,
			    2);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(down, setup_down, teardown);
	tcase_add_loop_test(down, a_lookup_waits_for_the_controller_to_come_up,
			    0, 3);
	suite_add_tcase(suite, down);
	return suite_run(suite);
}
