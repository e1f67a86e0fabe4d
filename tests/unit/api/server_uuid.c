/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/sdp.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Servers that are found by a UUID. */

static struct world *w;
static struct rt_server *server;
static struct end end;

static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&end, 0, sizeof(end));
	server = NULL;
}

static void teardown(void)
{
	end_free(&end);
	rt_server_free(server);
	world_finish(w);
}

static void new_server(enum rt_protocol protocol)
{
	server = rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	ck_assert_ptr_nonnull(server);
}

/* The attributes behind the record handle; they must be these octets. */
static void check_record(const void *octets, size_t bytes)
{
	static uint8_t all[4096];
	const ptrdiff_t n =
		rt_service_encode(rt_server_service(server), all, sizeof(all));

	ck_assert_int_eq(n, (ptrdiff_t)bytes + 2);
	ck_assert_uint_eq(all[0], 0x35);
	ck_assert_mem_eq(all + 2, octets, bytes);
}

#define BROWSE_AND_LANGUAGE                                                  \
	9, 0, 5, 0x35, 3, 0x19, 0x10, 2, 9, 0, 6, 0x35, 9, 9, 0x65, 0x6e, 9, \
		0, 106, 9, 1, 0
#define PROFILE 9, 0, 9, 0x35, 8, 0x35, 6, 0x19, 0x11, 1, 9, 1, 2
#define NAME 9, 1, 0, 0x25, 4, 'P', 'o', 'r', 't'

/* TP/DEVRC/SPP: the record of the Serial Port Profile 1.2, 6.1 */
START_TEST(the_record_of_the_serial_port)
{
	static const uint8_t record[] = {
		9,	 0,
		1,	 0x35,
		3,	 0x19,
		0x11,	 1,
		9,	 0,
		4,	 0x35,
		12,	 0x35,
		3,	 0x19,
		1,	 0,
		0x35,	 5,
		0x19,	 0,
		3,	 8,
		1,	 BROWSE_AND_LANGUAGE,
		PROFILE, NAME,
	};

	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_ptr_null(rt_server_service(server));
	ck_assert_int_eq(rt_server_listen_uuid(
				 server, rt_uuid_from_short(0x1101), "Port"),
			 0);
	ck_assert_uint_eq(rt_server_port(server), 1);
	check_record(record, sizeof(record));
}
END_TEST

START_TEST(the_record_of_an_rfcomm_service_of_ones_own)
{
	static const uint8_t record[] = {
		9,
		0,
		1,
		0x35,
		20,
		0x1c,
		0xaa,
		0xbb,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		9,
		10,
		11,
		12,
		13,
		14,
		0x19,
		0x11,
		1,
		9,
		0,
		4,
		0x35,
		12,
		0x35,
		3,
		0x19,
		1,
		0,
		0x35,
		5,
		0x19,
		0,
		3,
		8,
		1,
		BROWSE_AND_LANGUAGE,
		PROFILE,
		NAME,
	};

	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "Port"), 0);
	check_record(record, sizeof(record));
}
END_TEST

START_TEST(the_record_of_an_l2cap_service)
{
	static const uint8_t record[] = {
		9,    0,  1,	0x35, 17, 0x1c, 0xaa, 0xbb, 1,
		2,    3,  4,	5,    6,  7,	8,    9,    10,
		11,   12, 13,	14,   9,  0,	4,    0x35, 8,
		0x35, 6,  0x19, 1,    0,  9,	0x10, 1,    BROWSE_AND_LANGUAGE,
		NAME,
	};

	new_server(RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "Port"), 0);
	ck_assert_uint_eq(rt_server_port(server), 0x1001);
	check_record(record, sizeof(record));
}
END_TEST

START_TEST(without_a_name_it_is_the_hosts)
{
	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, NULL), 0);
	ck_assert_str_eq(rt_service_name(rt_server_service(server)),
			 "rawtooth");
}
END_TEST

/* Listens by UUID, is found, and not any more once it is closed. */
START_TEST(a_server_is_found_until_it_is_closed)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;

	new_server(protocol);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	end_open(&end, world_host(w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, world_addr(w, 1), own),
			 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(20)));
	ck_assert_str_eq(end.log, "LCK+");
	end_free(&end);
	world_run(w, RT_SECONDS(30));
	rt_server_close(server);
	ck_assert_ptr_null(rt_server_service(server));
	memset(&end, 0, sizeof(end));
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	end_open(&end, world_host(w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect_uuid(end.s, world_addr(w, 1), own),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_str_eq(end.log, "LUE4");
	/* It can listen again. */
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
}
END_TEST

START_TEST(a_server_that_listens_is_not_disturbed)
{
	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "first"), 0);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "second"),
			 -EALREADY);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	ck_assert(rt_server_is_listening(server));
	ck_assert_str_eq(rt_service_name(rt_server_service(server)), "first");
	rt_server_close(server);
	ck_assert_int_eq(rt_server_listen(server, 3), 0);
	ck_assert_ptr_null(rt_server_service(server));
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), -EALREADY);
	ck_assert_uint_eq(rt_server_port(server), 3);
}
END_TEST

START_TEST(what_cannot_be_listened_for_is_refused)
{
	const struct rt_uuid none = { { 0 } };

	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, none, "x"), -EINVAL);
	ck_assert_int_ne(rt_server_error(server), RT_SERVER_ERROR_NONE);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "\xff"), -EINVAL);
	ck_assert(!rt_server_is_listening(server));
	rt_server_free(server);
	new_server(RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"),
			 -EPROTONOSUPPORT);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_UNSUPPORTED_PROTOCOL);
}
END_TEST

START_TEST(without_room_for_its_record_a_server_does_not_listen)
{
	struct rt_service *services[64];

	for (int i = 0; i < 64; i++) {
		services[i] = rt_service_new(world_host(w, 1));
		ck_assert_int_eq(rt_service_set_classes(services[i], &own, 1),
				 0);
		ck_assert_int_eq(rt_service_register(services[i]), 0);
	}
	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), -ENOSPC);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_ptr_null(rt_server_service(server));
	for (int i = 0; i < 64; i++)
		rt_service_free(services[i]);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	ck_assert_uint_eq(rt_server_port(server), 1);
}
END_TEST

START_TEST(its_record_can_be_changed_while_it_listens)
{
	struct rt_service *service;

	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	service = rt_server_service(server);
	ck_assert(rt_service_is_registered(service));
	ck_assert_int_eq(rt_service_set_description(service, "y"), 0);
	ck_assert_str_eq(rt_service_description(service), "y");
	if (_i == 0)
		return;
	/* Whoever frees it all the same has a server without a record. */
	rt_service_free(service);
	ck_assert_ptr_null(rt_server_service(server));
	ck_assert(rt_server_is_listening(server));
}
END_TEST

START_TEST(a_host_that_ends_withdraws_it)
{
	new_server(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	if (_i == 2) {
		world_free_host(w, 1);
		server = NULL;
		return;
	}
	if (_i == 0)
		rt_host_shutdown(world_host(w, 1));
	else
		world_unplug(w, 1, -ENODEV);
	world_settle(w);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_ptr_null(rt_server_service(server));
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), -ENETDOWN);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	struct world_memory *memory = &w->node[1].memory;
	size_t failures = 0;
	int err = -ENOMEM;

	new_server(RT_PROTOCOL_RFCOMM);
	for (size_t i = 1; err < 0; i++) {
		memory->fail_at = memory->asked + i;
		err = rt_server_listen_uuid(server, own, "x");
		if (err == 0)
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert(!rt_server_is_listening(server));
		ck_assert_ptr_null(rt_server_service(server));
		failures++;
	}
	memory->fail_at = 0;
	ck_assert_uint_ge(failures, 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/server_uuid");
	TCase *tc = tcase_create("server_uuid");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_record_of_the_serial_port);
	tcase_add_test(tc, the_record_of_an_rfcomm_service_of_ones_own);
	tcase_add_test(tc, the_record_of_an_l2cap_service);
	tcase_add_test(tc, without_a_name_it_is_the_hosts);
	tcase_add_loop_test(tc, a_server_is_found_until_it_is_closed,
			    RT_PROTOCOL_L2CAP, RT_PROTOCOL_RFCOMM + 1);
	tcase_add_test(tc, a_server_that_listens_is_not_disturbed);
	tcase_add_test(tc, what_cannot_be_listened_for_is_refused);
	tcase_add_test(tc,
		       without_room_for_its_record_a_server_does_not_listen);
	tcase_add_loop_test(tc, its_record_can_be_changed_while_it_listens, 0,
			    2);
	tcase_add_loop_test(tc, a_host_that_ends_withdraws_it, 0, 3);
	tcase_add_test(tc, every_allocation_may_fail);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
