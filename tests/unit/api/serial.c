/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* The serial port that an RFCOMM socket is, seen from both ends. */

static struct world *w;
static struct pair pair;

/* What one end has heard. */
static struct heard {
	unsigned int modem;
	uint8_t signals;
	unsigned int breaks;
	unsigned int units;
	unsigned int line;
	unsigned int status;
	uint8_t errors;
	unsigned int answers;
	int err;
	struct rt_line answer;
} heard;

static bool in_call;

static void on_modem_changed(struct rt_socket *s, uint8_t signals,
			     void *user_data)
{
	(void)s;
	(void)user_data;
	ck_assert(!in_call);
	heard.modem++;
	heard.signals = signals;
}

static void on_break(struct rt_socket *s, unsigned int units, void *user_data)
{
	(void)s;
	(void)user_data;
	heard.breaks++;
	heard.units = units;
}

static void on_line_changed(struct rt_socket *s, void *user_data)
{
	(void)s;
	(void)user_data;
	heard.line++;
}

static void on_line_status(struct rt_socket *s, uint8_t errors, void *user_data)
{
	(void)s;
	(void)user_data;
	heard.status++;
	heard.errors = errors;
}

static void on_line_answered(struct rt_socket *s, int err,
			     const struct rt_line *line, void *user_data)
{
	(void)s;
	(void)user_data;
	ck_assert(!in_call);
	heard.answers++;
	heard.err = err;
	heard.answer = *line;
}

static const struct rt_serial_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_modem_changed = on_modem_changed,
	.on_break = on_break,
	.on_line_changed = on_line_changed,
	.on_line_status = on_line_status,
	.on_line_answered = on_line_answered,
};

static const struct rt_line some_line = {
	.baud = 115200,
	.data_bits = 7,
	.stop_bits = 2,
	.parity = RT_PARITY_EVEN,
	.rtscts = true,
	.xon = 0x11,
	.xoff = 0x13,
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&pair, 0, sizeof(pair));
	memset(&heard, 0, sizeof(heard));
	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
}

static void teardown(void)
{
	pair_free(&pair);
	world_finish(w);
}

static int64_t peer_signals(const struct rt_socket *s)
{
	int64_t value = -1;

	ck_assert_int_eq(rt_socket_get_option(s, RT_OPTION_PEER_MODEM_SIGNALS,
					      &value),
			 0);
	return value;
}

static void set_signals(struct rt_socket *s, uint8_t signals)
{
	in_call = true;
	ck_assert_int_eq(
		rt_socket_set_option(s, RT_OPTION_MODEM_SIGNALS, signals), 0);
	in_call = false;
}

static bool is_same(const struct rt_line *a, const struct rt_line *b)
{
	return a->baud == b->baud && a->data_bits == b->data_bits &&
	       a->stop_bits == b->stop_bits && a->parity == b->parity &&
	       a->rtscts == b->rtscts && a->xonxoff == b->xonxoff &&
	       a->xon == b->xon && a->xoff == b->xoff;
}

START_TEST(signals_are_set_before_a_connection_and_are_no_change)
{
	set_signals(pair.client.s, RT_MODEM_RTR | RT_MODEM_IC);
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.server.s, &callbacks);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(peer_signals(pair.server.s),
			 RT_MODEM_RTR | RT_MODEM_IC);
	ck_assert_int_eq(peer_signals(pair.client.s),
			 RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_DV);
	ck_assert_uint_eq(heard.modem, 0);
}
END_TEST

START_TEST(a_change_of_signals_is_heard_once)
{
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.client.s, &callbacks);
	set_signals(pair.server.s, RT_MODEM_RTR);
	ck_assert_uint_eq(heard.modem, 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.modem, 1);
	ck_assert_uint_eq(heard.signals, RT_MODEM_RTR);
	set_signals(pair.server.s, RT_MODEM_RTR);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.modem, 1);
	set_signals(pair.server.s, RT_MODEM_RTC | RT_MODEM_IC);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.modem, 2);
	ck_assert_int_eq(peer_signals(pair.client.s),
			 RT_MODEM_RTC | RT_MODEM_IC);
}
END_TEST

START_TEST(signals_are_those_of_msc_and_no_others)
{
	pair_connect(&pair);
	for (int64_t value = 0; value < 0x100; value++) {
		const bool good = !(value & ~INT64_C(0xcc));

		ck_assert_int_eq(rt_socket_set_option(pair.client.s,
						      RT_OPTION_MODEM_SIGNALS,
						      value),
				 good ? 0 : -EINVAL);
	}
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_PEER_MODEM_SIGNALS, 0),
			 -EINVAL);
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(peer_signals(pair.server.s), 0xcc);
}
END_TEST

START_TEST(a_break_is_heard_with_its_length)
{
	int64_t value;

	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_BREAK,
					      3),
			 -ENOTCONN);
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.server.s, &callbacks);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_BREAK,
					      16),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_get_option(pair.client.s, RT_OPTION_BREAK,
					      &value),
			 -EINVAL);
	ck_assert_int_eq(
		rt_socket_set_option(pair.client.s, RT_OPTION_BREAK, _i), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.breaks, 1);
	ck_assert_uint_eq(heard.units, (unsigned int)_i);
	ck_assert_uint_eq(heard.modem, 0);
}
END_TEST

START_TEST(settings_of_the_line_reach_the_peer)
{
	struct rt_line line;

	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.client.s, &callbacks);
	rt_socket_set_serial_callbacks(pair.server.s, &callbacks);
	in_call = true;
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line), 0);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line), -EBUSY);
	in_call = false;
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.line, 1);
	ck_assert_uint_eq(heard.answers, 1);
	ck_assert_int_eq(heard.err, 0);
	ck_assert(is_same(&heard.answer, &some_line));
	ck_assert_int_eq(rt_socket_get_line(pair.server.s, &line), 0);
	ck_assert(is_same(&line, &some_line));
	ck_assert_int_eq(rt_socket_get_line(pair.client.s, &line), 0);
	ck_assert(is_same(&line, &some_line));
}
END_TEST

START_TEST(settings_can_be_asked_for)
{
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.client.s, &callbacks);
	ck_assert_int_eq(rt_socket_query_line(pair.client.s), 0);
	ck_assert_int_eq(rt_socket_query_line(pair.client.s), -EBUSY);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.answers, 1);
	ck_assert_int_eq(heard.err, 0);
	/* TS 07.10 5.4.6.3.9: what a port has that nobody has set. */
	ck_assert_uint_eq(heard.answer.baud, 9600);
	ck_assert_uint_eq(heard.answer.data_bits, 8);
	ck_assert_uint_eq(heard.answer.stop_bits, 1);
	ck_assert_int_eq(heard.answer.parity, RT_PARITY_NONE);
	ck_assert_int_eq(rt_socket_query_line(pair.client.s), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.answers, 2);
}
END_TEST

static void cross(const struct rt_line *line)
{
	struct rt_line got;

	ck_assert_int_eq(rt_socket_set_line(pair.client.s, line), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(rt_socket_get_line(pair.server.s, &got), 0);
	ck_assert(is_same(&got, line));
}

START_TEST(every_setting_crosses_as_it_is)
{
	static const uint32_t bauds[] = { 2400,	 4800,	7200,	9600,  19200,
					  38400, 57600, 115200, 230400 };
	struct rt_line line = some_line;

	pair_connect(&pair);
	for (size_t i = 0; i < RT_ARRAY_SIZE(bauds); i++) {
		line.baud = bauds[i];
		cross(&line);
	}
	for (int i = 0; i < 40; i++) {
		line.data_bits = (uint8_t)(5 + i % 4);
		line.stop_bits = (uint8_t)(1 + i / 4 % 2);
		line.parity = (enum rt_parity)(i / 8);
		cross(&line);
	}
	for (int i = 0; i < 4; i++) {
		line.rtscts = i & 1;
		line.xonxoff = i & 2;
		line.xon = (uint8_t)i;
		line.xoff = (uint8_t)(0x80 + i);
		cross(&line);
	}
}
END_TEST

START_TEST(settings_that_no_line_has_are_refused)
{
	struct rt_line line = some_line;

	pair_connect(&pair);
	switch (_i) {
	case 0:
		line.baud = 300;
		break;
	case 1:
		line.data_bits = 4;
		break;
	case 2:
		line.data_bits = 9;
		break;
	case 3:
		line.stop_bits = 0;
		break;
	case 4:
		line.stop_bits = 3;
		break;
	default:
		line.parity = (enum rt_parity)5;
	}
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &line), -EINVAL);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, NULL), -EINVAL);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
}
END_TEST

START_TEST(errors_of_the_line_are_told)
{
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.server.s, &callbacks);
	ck_assert_int_eq(rt_socket_send_line_status(pair.client.s, 0x01),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_send_line_status(pair.client.s,
						    RT_LINE_OVERRUN |
							    RT_LINE_FRAMING),
			 0);
	ck_assert_int_eq(rt_socket_send_line_status(pair.client.s,
						    RT_LINE_PARITY),
			 -EBUSY);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.status, 1);
	ck_assert_uint_eq(heard.errors, RT_LINE_OVERRUN | RT_LINE_FRAMING);
	/* That there are none is no news. */
	ck_assert_int_eq(rt_socket_send_line_status(pair.client.s, 0), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.status, 1);
}
END_TEST

START_TEST(only_a_connected_rfcomm_socket_is_a_serial_port)
{
	struct end end = { .s = NULL };
	struct rt_line line;

	ck_assert_int_eq(rt_socket_get_line(pair.client.s, &line), -ENOTCONN);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line),
			 -ENOTCONN);
	ck_assert_int_eq(rt_socket_query_line(pair.client.s), -ENOTCONN);
	ck_assert_int_eq(rt_socket_send_line_status(pair.client.s, 0),
			 -ENOTCONN);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_get_line(end.s, &line), -EOPNOTSUPP);
	ck_assert_int_eq(rt_socket_set_line(end.s, &some_line), -EOPNOTSUPP);
	ck_assert_int_eq(rt_socket_query_line(end.s), -EOPNOTSUPP);
	ck_assert_int_eq(rt_socket_send_line_status(end.s, 0), -EOPNOTSUPP);
	end_free(&end);
}
END_TEST

/* Before a program has taken the connection, and without callbacks at all. */
START_TEST(what_the_peer_does_waits_for_who_takes_the_connection)
{
	pair.server.s = pair.client.s; /* so that nobody takes it */
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert(world_run_until(w, end_is_connected, &pair.client,
				  RT_SECONDS(10)));
	pair.server.s = NULL;
	set_signals(pair.client.s, RT_MODEM_IC);
	ck_assert_int_eq(
		rt_socket_set_option(pair.client.s, RT_OPTION_BREAK, 2), 0);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line), 0);
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(heard.modem, 0);
	end_attach(&pair.server, rt_server_next_pending(pair.listener));
	rt_socket_set_serial_callbacks(pair.server.s, &callbacks);
	world_settle(w);
	ck_assert_uint_eq(heard.modem, 1);
	ck_assert_uint_eq(heard.signals, RT_MODEM_IC);
	ck_assert_uint_eq(heard.breaks, 1);
	ck_assert_uint_eq(heard.line, 1);
}
END_TEST

static void free_in_callback(struct rt_socket *s, uint8_t signals,
			     void *user_data)
{
	(void)signals;
	(void)user_data;
	heard.modem++;
	ck_assert_ptr_eq(s, pair.server.s);
	end_free(&pair.server);
}

START_TEST(a_socket_may_be_freed_when_it_tells_of_signals)
{
	static const struct rt_serial_callbacks freeing = {
		.size = sizeof(freeing),
		.on_modem_changed = free_in_callback,
	};

	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.server.s, &freeing);
	set_signals(pair.client.s, 0);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line), 0);
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(heard.modem, 1);
	ck_assert_ptr_null(pair.server.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
}
END_TEST

/* A flood of changes neither fills memory nor hides the end. */
START_TEST(changes_between_two_callbacks_are_one)
{
	pair_connect(&pair);
	pair.server.paused = true;
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(rt_socket_set_option(pair.client.s,
						      RT_OPTION_BREAK, i % 16),
				 0);
		set_signals(pair.client.s, i & 1 ? RT_MODEM_IC : 0);
		world_run(w, RT_MS(10));
	}
	rt_socket_close(pair.client.s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(10)));
	ck_assert_str_eq(pair.server.log, "E2XU-");
}
END_TEST

START_TEST(an_answer_is_not_heard_of_when_the_connection_ends_first)
{
	pair_connect(&pair);
	rt_socket_set_serial_callbacks(pair.client.s, &callbacks);
	ck_assert_int_eq(rt_socket_set_line(pair.client.s, &some_line), 0);
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(heard.answers, 0);
	/* The next connection may ask. */
	end_free(&pair.server);
	pair.client.connected = 0;
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_query_line(pair.client.s), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.answers, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/serial");
	TCase *tc = tcase_create("serial");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
		       signals_are_set_before_a_connection_and_are_no_change);
	tcase_add_test(tc, a_change_of_signals_is_heard_once);
	tcase_add_test(tc, signals_are_those_of_msc_and_no_others);
	tcase_add_loop_test(tc, a_break_is_heard_with_its_length, 0, 16);
	tcase_add_test(tc, settings_of_the_line_reach_the_peer);
	tcase_add_test(tc, settings_can_be_asked_for);
	tcase_add_test(tc, every_setting_crosses_as_it_is);
	tcase_add_loop_test(tc, settings_that_no_line_has_are_refused, 0, 6);
	tcase_add_test(tc, errors_of_the_line_are_told);
	tcase_add_test(tc, only_a_connected_rfcomm_socket_is_a_serial_port);
	tcase_add_test(tc,
		       what_the_peer_does_waits_for_who_takes_the_connection);
	tcase_add_test(tc, a_socket_may_be_freed_when_it_tells_of_signals);
	tcase_add_test(tc, changes_between_two_callbacks_are_one);
	tcase_add_test(
		tc, an_answer_is_not_heard_of_when_the_connection_ends_first);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
