/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "rfcomm/check.h"
#include "rfcomm/line.h"
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/pair.h"
#include "tests/unit/stack/suite.h"

/*
 * Two engines use the serial port of a DLC at both ends, by chance and under
 * fixed seeds, while it carries data: signals and settings end up the same at
 * both ends, each question is answered once, and no credit is lost.
 */

#define SEEDS 30
#define ACTS 120
#define ROOM 5000

struct end {
	size_t host;
	rt_handle dlc;
	bool opened;
	unsigned int asked; /* RPN of ours */
	unsigned int answered;
	unsigned int tests;
	unsigned int tests_done;
	unsigned int breaks; /* sent */
	unsigned int breaks_heard;
	uint8_t heard; /* the last signals told */
	struct rt_rfcomm_line line;
	size_t left; /* octets to send */
	size_t received;
};

static struct end ends[2];

static struct rt_rfcomm *engine_of(const struct end *end)
{
	return pair.host[end->host].rfcomm;
}

static void on_opened(void *user, rt_handle dlc)
{
	struct end *end = user;

	ck_assert_uint_eq(end->dlc, dlc);
	end->opened = true;
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct end *end = user;

	(void)dlc;
	(void)why;
	end->opened = false;
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct end *end = user;

	end->received += data.len;
	rt_rfcomm_set_room(engine_of(end), dlc, ROOM);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	static const uint8_t zeros[2000];
	struct end *end = user;

	(void)dlc;
	if (end->left == 0)
		return false;
	pdu->body[0] = rt_bytes(zeros, RT_MIN(max, end->left));
	pdu->done.bytes = (uint32_t)pdu->body[0].len;
	end->left -= pdu->body[0].len;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	(void)user;
	(void)dlc;
	(void)done;
	(void)written;
}

static int on_incoming(void *user, rt_handle dlc)
{
	struct end *end = user;

	end->dlc = dlc;
	return 0;
}

static void on_modem(void *user, rt_handle dlc,
		     const struct rt_rfcomm_modem *peer)
{
	struct end *end = user;

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(end->opened);
	/* Not told for nothing. */
	ck_assert(peer->signals != end->heard || peer->has_break);
	end->heard = peer->signals;
	end->breaks_heard += peer->has_break;
}

static void on_line(void *user, rt_handle dlc,
		    const struct rt_rfcomm_line *line)
{
	struct end *end = user;

	(void)dlc;
	ck_assert(end->opened);
	end->line = *line;
}

static void on_line_answered(void *user, rt_handle dlc, int err,
			     const struct rt_rfcomm_line *line)
{
	struct end *end = user;

	(void)dlc;
	ck_assert_int_eq(err, 0);
	end->answered++;
	end->line = *line;
}

static const struct rt_rfcomm_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static const struct rt_rfcomm_port_ops port_ops = {
	.modem = on_modem,
	.line = on_line,
	.line_answered = on_line_answered,
};

static void tested(void *user, int err, struct rt_bytes data)
{
	struct end *end = user;

	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(data.len, 300);
	end->tests_done++;
}

/* No credit is lost or made on the way. */
static void check_credits(void)
{
	struct rt_rfcomm_credits total[2];

	for (size_t i = 0; i < 2; i++) {
		if (rt_rfcomm_check_credits(engine_of(&ends[i]), ends[i].dlc,
					    &total[i]))
			return;
	}
	for (size_t i = 0; i < 2; i++) {
		uint32_t frames;
		uint32_t credits;

		pair_in_flight(1 - i, 2, &frames, &credits);
		ck_assert_uint_eq(total[i].granted,
				  total[1 - i].given + credits);
		ck_assert_uint_eq(total[i].used, total[1 - i].taken + frames);
	}
}

static void open_both(void)
{
	struct rt_rfcomm_params params = {
		.ops = &ops,
		.port_ops = &port_ops,
		.user = &ends[1],
		.room_bytes = ROOM,
	};
	uint8_t channel;

	ck_assert_int_eq(
		rt_rfcomm_listen(pair.host[1].rfcomm, 1, &params, &channel), 0);
	params.user = &ends[0];
	ck_assert_int_eq(rt_rfcomm_connect(pair.host[0].rfcomm, pair_addr(1), 1,
					   &params, &ends[0].dlc),
			 0);
	pair_run_us(RT_SECONDS(5));
	ck_assert(ends[0].opened && ends[1].opened);
}

static void set_modem(struct end *end)
{
	const struct rt_rfcomm_modem modem = {
		.signals = (uint8_t)(pair_random(256) & 0xcc),
		.has_break = pair_random(4) == 0,
		.break_units = (uint8_t)pair_random(16),
	};

	end->breaks += modem.has_break;
	ck_assert_int_eq(rt_rfcomm_set_modem(engine_of(end), end->dlc, &modem),
			 0);
}

static void ask_line(struct end *end)
{
	const struct rt_rfcomm_line line = {
		.baud = (uint8_t)pair_random(9),
		.bits = (uint8_t)pair_random(0x40),
		.flow = (uint8_t)pair_random(0x40),
	};
	const int err =
		pair_random(3)
			? rt_rfcomm_set_line(engine_of(end), end->dlc, &line)
			: rt_rfcomm_query_line(engine_of(end), end->dlc);

	ck_assert(err == 0 || err == -EBUSY);
	end->asked += err == 0;
	ck_assert_uint_le(end->asked - end->answered, 1);
}

static void test_peer(struct end *end)
{
	static const uint8_t octets[300];
	const struct rt_rfcomm_test_params params = {
		.done = tested,
		.user = end,
		.data = rt_bytes(octets, sizeof(octets)),
	};
	const int err = rt_rfcomm_test(engine_of(end), pair_addr(1 - end->host),
				       &params);

	ck_assert(err == 0 || err == -EBUSY);
	end->tests += err == 0;
}

static void act(struct end *end)
{
	int err;

	switch (pair_random(6)) {
	case 0:
	case 1:
		set_modem(end);
		return;
	case 2:
		ask_line(end);
		return;
	case 3:
		test_peer(end);
		return;
	case 4:
		err = rt_rfcomm_send_line_status(engine_of(end), end->dlc, 3);
		ck_assert(err == 0 || err == -EAGAIN);
		return;
	default:
		end->left += pair_random(20000);
		rt_rfcomm_ready(engine_of(end), end->dlc);
		return;
	}
}

static struct rt_rfcomm_info info_of(const struct end *end)
{
	struct rt_rfcomm_info info;

	ck_assert_int_eq(rt_rfcomm_get_info(engine_of(end), end->dlc, &info),
			 0);
	return info;
}

static void run(uint64_t seed)
{
	pair_setup(seed);
	pair.lazy = true;
	pair.check = check_credits;
	pair.latency_us = 1000 + pair_random(40000);
	for (size_t i = 0; i < 2; i++)
		ends[i] = (struct end){ .host = i };
	open_both();
	for (int i = 0; i < ACTS; i++) {
		act(&ends[pair_random(2)]);
		if (pair_random(2))
			pair_run_us(pair_random(80000));
	}
	pair_run_us(RT_SECONDS(30));
	for (size_t i = 0; i < 2; i++) {
		const struct rt_rfcomm_info info = info_of(&ends[i]);
		const struct rt_rfcomm_info other = info_of(&ends[1 - i]);

		ck_assert_uint_eq(info.peers.signals, other.ours.signals);
		ck_assert_uint_eq(ends[i].heard, other.ours.signals);
		ck_assert_uint_eq(ends[i].asked, ends[i].answered);
		ck_assert_uint_eq(ends[i].tests, ends[i].tests_done);
		ck_assert_uint_gt(ends[i].breaks_heard, 0);
		ck_assert_uint_le(ends[i].breaks_heard, ends[1 - i].breaks);
		ck_assert_uint_eq(ends[i].left, 0);
		ck_assert_uint_eq(info.rx_bytes, other.tx_bytes);
	}
}

START_TEST(signals_end_up_the_same_and_questions_are_answered_once)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		run(seed);
		for (size_t i = 0; i < 2; i++)
			rt_rfcomm_close(engine_of(&ends[i]), ends[i].dlc);
		pair_run_us(RT_SECONDS(30));
		ck_assert(pair_is_idle());
		pair_teardown();
	}
}
END_TEST

/* With one question at a time both ends agree on the line. */
START_TEST(settings_end_up_the_same)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		pair_setup(seed);
		for (size_t i = 0; i < 2; i++)
			ends[i] = (struct end){
				.host = i,
				.line = rt_rfcomm_line_default,
			};
		open_both();
		for (int i = 0; i < 10; i++) {
			ask_line(&ends[pair_random(2)]);
			pair_run_us(RT_SECONDS(1));
			ck_assert_mem_eq(&ends[0].line, &ends[1].line,
					 sizeof(ends[0].line));
		}
		rt_rfcomm_close(engine_of(&ends[0]), ends[0].dlc);
		pair_run_us(RT_SECONDS(30));
		pair_teardown();
	}
}
END_TEST

/* A link that dies under it: each test is told, no question is. */
START_TEST(what_is_under_way_when_the_link_dies_ends)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.code = 0x08,
		.err = -ETIMEDOUT,
	};
	unsigned int answered;

	pair_setup(1);
	for (size_t i = 0; i < 2; i++)
		ends[i] = (struct end){ .host = i };
	open_both();
	ask_line(&ends[0]);
	set_modem(&ends[0]);
	answered = ends[0].answered;
	pair_cut(&why);
	pair_run_us(RT_RFCOMM_T2_US);
	ck_assert(!ends[0].opened && !ends[1].opened);
	ck_assert_uint_eq(ends[0].answered, answered);
	ck_assert(pair_is_idle());
	pair_teardown();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		signals_end_up_the_same_and_questions_are_answered_once,
		settings_end_up_the_same,
		what_is_under_way_when_the_link_dies_ends,
	};

	return suite_run("ports", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
