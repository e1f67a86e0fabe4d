/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "api/service.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Connecting to a service that a search gave. */

static struct world *w;
static struct end end;
static struct rt_server *listener;
static struct rt_service *record;

static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&end, 0, sizeof(end));
	listener = NULL;
	record = NULL;
}

static void teardown(void)
{
	end_free(&end);
	rt_server_free(listener);
	rt_service_free(record);
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
static void publish(struct rt_uuid uuid, uint16_t port)
{
	record = rt_service_new(world_host(w, 1));
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(rt_service_set_classes(record, &uuid, 1), 0);
	if (port)
		ck_assert_int_eq(rt_service_set_port(record, RT_PROTOCOL_RFCOMM,
						     port),
				 0);
	ck_assert_int_eq(rt_service_register(record), 0);
}

/* A record as a search gives it. */
static struct rt_service *found_service(struct rt_addr addr,
					const struct rt_service *like)
{
	return rt_api_service_found(world_host(w, 0), addr,
				    rt_api_service_attributes(like));
}

START_TEST(a_found_service_is_connected_to_without_a_lookup)
{
	struct rt_service *service;

	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(own, 9);
	service = found_service(world_addr(w, 1), record);
	/* The socket takes the protocol of the service, whatever it had. */
	end_open(&end, world_host(w, 0), (enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_connect_service(end.s, service), 0);
	rt_api_service_destroy(service);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_str_eq(end.log, "CK+");
	ck_assert_int_eq(rt_socket_protocol(end.s), RT_PROTOCOL_RFCOMM);
	ck_assert_uint_eq(rt_socket_peer_port(end.s), 9);
}
END_TEST

START_TEST(a_found_service_without_a_port_is_looked_up_by_its_class)
{
	struct rt_service *service;

	listen(RT_PROTOCOL_RFCOMM, 9);
	publish(own, 0);
	service = found_service(world_addr(w, 1), record);
	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_RFCOMM, 9),
			 -EPERM);
	ck_assert_int_eq(rt_service_set_port(record, RT_PROTOCOL_RFCOMM, 9), 0);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_connect_service(end.s, service), 0);
	rt_api_service_destroy(service);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_str_eq(end.log, "LCK+");
}
END_TEST

START_TEST(a_service_that_leads_nowhere_is_an_operation_error)
{
	struct rt_service *empty = rt_service_new(world_host(w, 0));
	struct rt_service *service;

	publish(own, 9);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	/* One of this host, and one that says nothing. */
	ck_assert_int_eq(rt_socket_connect_service(end.s, empty), -EINVAL);
	service = found_service(world_addr(w, 1), empty);
	ck_assert_int_eq(rt_socket_connect_service(end.s, service), -EINVAL);
	rt_api_service_destroy(service);
	rt_service_free(empty);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	world_settle(w);
	ck_assert_str_eq(end.log, "E7");
}
END_TEST

START_TEST(a_busy_socket_keeps_its_protocol)
{
	struct rt_service *service;

	listen(RT_PROTOCOL_L2CAP, 0x1005);
	publish(own, 9);
	service = found_service(world_addr(w, 1), record);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 0x1005), 0);
	ck_assert_int_eq(rt_socket_connect_service(end.s, service), -EALREADY);
	ck_assert_int_eq(rt_socket_protocol(end.s), RT_PROTOCOL_L2CAP);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_int_eq(rt_socket_connect_service(end.s, service), -EISCONN);
	ck_assert_int_eq(rt_socket_protocol(end.s), RT_PROTOCOL_L2CAP);
	rt_api_service_destroy(service);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/connect_service");
	TCase *tc = tcase_create("connect_service");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
		tc, a_found_service_is_connected_to_without_a_lookup, 0, 3);
	tcase_add_test(
		tc, a_found_service_without_a_port_is_looked_up_by_its_class);
	tcase_add_test(tc, a_service_that_leads_nowhere_is_an_operation_error);
	tcase_add_test(tc, a_busy_socket_keeps_its_protocol);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
