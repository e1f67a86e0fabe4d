/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/limits.h"
#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* What can be set on a socket and on a server. */

static struct world *w;
static struct end end;

static void setup(void)
{
	w = world_new(NULL);
	memset(&end, 0, sizeof(end));
}

static void teardown(void)
{
	end_free(&end);
	world_finish(w);
}

struct row {
	enum rt_protocol protocol;
	enum rt_option option;
	int64_t initial;
	int64_t least;
	int64_t most;
};

static const struct row rows[] = {
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MTU, 672, 48, 65535 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_FLUSH_TIMEOUT_MS, 0, 0, 1279 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_LINGER_MS, 20000, 0, 86400000 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MODE, RT_SOCKET_MODE_BASIC,
	  RT_SOCKET_MODE_BASIC, RT_SOCKET_MODE_CREDIT },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MODE_REQUIRED, 0, 0, 1 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_FCS, RT_FCS_DEFAULT, RT_FCS_DEFAULT,
	  RT_FCS_16BIT },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_WINDOW, 63, 1, 63 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_EXTENDED_WINDOW, 0, 0, 1 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MAX_TRANSMIT, 3, 0, 255 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_RETRANSMISSION_MS, 2000, 100, 65535 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MONITOR_MS, 12000, 100, 65535 },
	{ RT_PROTOCOL_RFCOMM, RT_OPTION_CREDITS_MAX, 32, 1, 255 },
	{ RT_PROTOCOL_RFCOMM, RT_OPTION_READ_QUEUE_BYTES, 65536, 1024,
	  16777216 },
	{ RT_PROTOCOL_RFCOMM, RT_OPTION_WRITE_QUEUE_BYTES, 65536, 1024,
	  16777216 },
};

#define ROWS (int)RT_ARRAY_SIZE(rows)

static int64_t get(enum rt_option option)
{
	int64_t value = -1;

	ck_assert_int_eq(rt_socket_get_option(end.s, option, &value), 0);
	return value;
}

START_TEST(an_option_has_its_default_and_its_limits)
{
	const struct row *row = &rows[_i];

	end_open(&end, world_host(w, 0), row->protocol);
	ck_assert_int_eq(get(row->option), row->initial);
	ck_assert_int_eq(rt_socket_set_option(end.s, row->option,
					      row->least - 1),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, row->option,
					      row->most + 1),
			 -EINVAL);
	ck_assert_int_eq(get(row->option), row->initial);
	ck_assert_int_eq(rt_socket_set_option(end.s, row->option, row->most),
			 0);
	ck_assert_int_eq(get(row->option), row->most);
	ck_assert_int_eq(rt_socket_set_option(end.s, row->option, row->least),
			 0);
	ck_assert_int_eq(get(row->option), row->least);
}
END_TEST

START_TEST(a_server_takes_the_options_of_its_protocol)
{
	const struct row *row = &rows[_i];
	struct rt_server *server =
		rt_server_new(world_host(w, 0), row->protocol, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_option(server, row->option,
					      row->least - 1),
			 -EINVAL);
	ck_assert_int_eq(rt_server_set_option(server, row->option, row->least),
			 0);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	ck_assert_int_eq(rt_server_set_option(server, row->option, row->least),
			 row->option == RT_OPTION_LINGER_MS ? 0 : -EISCONN);
	rt_server_free(server);
}
END_TEST

START_TEST(the_default_of_the_credits_is_the_limit_of_the_layer)
{
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(get(RT_OPTION_CREDITS_MAX),
			 rt_limits_default.rfcomm_credits);
}
END_TEST

START_TEST(an_option_of_the_other_protocol_is_refused)
{
	int64_t value = 7;

	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_WINDOW, 8),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_get_option(end.s, RT_OPTION_MODE, &value),
			 -EINVAL);
	end_free(&end);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MODEM_SIGNALS,
					      RT_MODEM_RTC),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_BREAK, 1),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, (enum rt_option)1000, 1),
			 -ENOSYS);
	ck_assert_int_eq(rt_socket_get_option(end.s, (enum rt_option)1000,
					      &value),
			 -ENOSYS);
	ck_assert_int_eq(value, 7);
}
END_TEST

START_TEST(a_window_over_63_needs_the_extended_one)
{
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_WINDOW, 64),
			 -EINVAL);
	ck_assert_int_eq(
		rt_socket_set_option(end.s, RT_OPTION_EXTENDED_WINDOW, 1), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_WINDOW, 1024),
			 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_WINDOW, 1025),
			 -EINVAL);
	ck_assert_int_eq(get(RT_OPTION_WINDOW), 1024);
	ck_assert_int_eq(
		rt_socket_set_option(end.s, RT_OPTION_EXTENDED_WINDOW, 0), 0);
	ck_assert_int_eq(get(RT_OPTION_WINDOW), 63);
}
END_TEST

START_TEST(the_frame_payload_is_the_layers_choice_or_48_and_more)
{
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(get(RT_OPTION_MPS), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MPS, 47),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MPS, 48), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MPS, 65531), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MPS, 65532),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MPS, 0), 0);
}
END_TEST

/* Core Vol 3 Part A 4.25: MTU and MPS are 64 at least. */
START_TEST(credit_based_channels_have_64_octets_and_more)
{
	const enum rt_option option = _i ? RT_OPTION_MPS : RT_OPTION_MTU;

	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MODE,
					      RT_SOCKET_MODE_CREDIT),
			 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, option, 63), 0);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), PAIR_PSM),
			 -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(rt_socket_error_string(end.s), "64 or more"));
	ck_assert_int_eq(rt_socket_set_option(end.s, option, 64), 0);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), PAIR_PSM),
			 0);
}
END_TEST

START_TEST(only_some_options_can_be_set_once_connected)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_CREDITS_MAX, 3),
			 -EISCONN);
	ck_assert_int_eq(
		rt_socket_set_option(pair.client.s, RT_OPTION_LINGER_MS, 5), 0);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_MODEM_SIGNALS, 0),
			 0);
	pair_free(&pair);
}
END_TEST

/* Core Vol 3 Part A 4.2: dynamic PSMs begin with 0x1001. */
START_TEST(a_server_without_a_psm_gets_a_dynamic_one)
{
	struct rt_server *servers[3];

	for (int i = 0; i < 3; i++) {
		servers[i] = rt_server_new(world_host(w, 0), RT_PROTOCOL_L2CAP,
					   NULL, NULL);
		ck_assert_ptr_nonnull(servers[i]);
	}
	ck_assert_int_eq(rt_server_listen(servers[0], 0x1003), 0);
	ck_assert_int_eq(rt_server_listen(servers[1], 0), 0);
	ck_assert_int_eq(rt_server_listen(servers[2], 0), 0);
	ck_assert_uint_eq(rt_server_port(servers[1]), 0x1001);
	ck_assert_uint_eq(rt_server_port(servers[2]), 0x1005);
	for (int i = 0; i < 3; i++)
		rt_server_free(servers[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/options");
	TCase *tc = tcase_create("options");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, an_option_has_its_default_and_its_limits, 0,
			    ROWS);
	tcase_add_loop_test(tc, a_server_takes_the_options_of_its_protocol, 0,
			    ROWS);
	tcase_add_test(tc,
		       the_default_of_the_credits_is_the_limit_of_the_layer);
	tcase_add_test(tc, an_option_of_the_other_protocol_is_refused);
	tcase_add_test(tc, a_window_over_63_needs_the_extended_one);
	tcase_add_test(tc,
		       the_frame_payload_is_the_layers_choice_or_48_and_more);
	tcase_add_loop_test(tc, credit_based_channels_have_64_octets_and_more,
			    0, 2);
	tcase_add_test(tc, only_some_options_can_be_set_once_connected);
	tcase_add_test(tc, a_server_without_a_psm_gets_a_dynamic_one);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
