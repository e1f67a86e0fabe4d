/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/user.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/rfcomm/bench.h"

#define USERS_MAX 64

/* Who was told something since the setup; the teardown looks at them. */
static struct user *users[USERS_MAX];
static size_t user_count;

void users_forget(void)
{
	user_count = 0;
}

void users_assert_heard(void)
{
	for (size_t i = 0; i < user_count; i++)
		ck_assert_str_eq(users[i]->log, "");
}

const char *bench_errno_name(int err)
{
	switch (-err) {
	case 0:
		return "0";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case EOPNOTSUPP:
		return "EOPNOTSUPP";
	case EPROTO:
		return "EPROTO";
	case ECONNRESET:
		return "ECONNRESET";
	}
	return "?";
}

static void note(struct user *user, const char *fmt, ...) RT_PRINTF(2, 3);

/* Appends to the user's log, and does what it wants to do then. */
static void note(struct user *user, const char *fmt, ...)
{
	size_t len = strlen(user->log);
	char *start;
	va_list args;
	size_t i;

	for (i = 0; i < user_count && users[i] != user; i++)
		;
	if (i == user_count) {
		ck_assert_uint_lt(user_count, USERS_MAX);
		users[user_count++] = user;
	}
	if (len > 0)
		len += (size_t)snprintf(user->log + len,
					sizeof(user->log) - len, " ");
	ck_assert_uint_lt(len, sizeof(user->log));
	start = user->log + len;
	va_start(args, fmt);
	vsnprintf(start, sizeof(user->log) - len, fmt, args);
	va_end(args);
	if (user->on && strncmp(start, user->on, strlen(user->on)) == 0)
		user->then(user);
}

static void on_opened(void *user, rt_handle dlc)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	note(u, "opened");
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct user *u = user;
	struct rt_rfcomm_info info;

	ck_assert_uint_eq(u->dlc, dlc);
	u->why = *why;
	/* The figures can be had for the last time. */
	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, dlc, &info), 0);
	ck_assert(!info.open);
	note(u, "closed");
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct user *u = user;
	char hex[400] = "";

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert_uint_gt(data.len, 0);
	u->received += data.len;
	if (u->quiet)
		return;
	for (size_t i = 0; i < data.len && i < 100; i++)
		snprintf(hex + 2 * i, 3, "%02X", data.ptr[i]);
	note(u, "rx:%s", hex);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	struct user *u = user;
	size_t n = RT_MIN(max, u->out_len);
	size_t first;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->out_max > 0)
		n = RT_MIN(n, u->out_max);
	if (n == 0)
		return false;
	/* In two slices, as a ring has it. */
	first = (n + 1) / 2;
	pdu->body[0] = rt_bytes(u->out, first);
	pdu->body[1] = rt_bytes(u->out + first, n - first);
	pdu->done.bytes = (uint32_t)n;
	u->out += n;
	u->out_len -= n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert_uint_eq(done->dlc, dlc);
	if (!u->quiet)
		note(u, "%s:%u", written ? "written" : "lost", done->bytes);
}

static int on_incoming(void *user, rt_handle dlc)
{
	struct user *u = user;

	u->dlc = dlc;
	if ((u->answer == 0 || u->answer == -EAGAIN) && u->adopter) {
		u->adopter->dlc = dlc;
		rt_rfcomm_set_user(bench.rfcomm, dlc, &user_ops, u->adopter);
	}
	note(u, "incoming");
	return u->answer;
}

const struct rt_rfcomm_ops user_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

const struct rt_rfcomm_ops listener_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static void on_modem(void *user, rt_handle dlc,
		     const struct rt_rfcomm_modem *peer)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->quiet)
		return;
	if (peer->has_break)
		note(u, "modem:%02X+break%u", peer->signals, peer->break_units);
	else
		note(u, "modem:%02X", peer->signals);
}

static void on_line(void *user, rt_handle dlc,
		    const struct rt_rfcomm_line *line)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->quiet)
		return;
	note(u, "line:%02X%02X%02X%02X%02X", line->baud, line->bits, line->flow,
	     line->xon, line->xoff);
}

static void on_line_status(void *user, rt_handle dlc, uint8_t status)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->quiet)
		return;
	note(u, "status:%02X", status);
}

static void on_line_answered(void *user, rt_handle dlc, int err,
			     const struct rt_rfcomm_line *line)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->quiet)
		return;
	note(u, "answered:%s:%02X%02X%02X%02X%02X", bench_errno_name(err),
	     line->baud, line->bits, line->flow, line->xon, line->xoff);
}

const struct rt_rfcomm_port_ops user_port_ops = {
	.modem = on_modem,
	.line = on_line,
	.line_status = on_line_status,
	.line_answered = on_line_answered,
};

void told(struct user *user, const char *what)
{
	ck_assert_str_eq(user->log, what);
	user->log[0] = '\0';
}

void told_closed(struct user *user, uint16_t code, enum rt_phase phase)
{
	told(user, "closed");
	ck_assert_int_eq(user->why.layer, RT_LAYER_RFCOMM);
	ck_assert_str_eq(rt_rfcomm_code_name(user->why.code),
			 rt_rfcomm_code_name(code));
	ck_assert_int_eq(user->why.err, rt_rfcomm_code_errno(code));
	ck_assert_int_eq(user->why.phase, phase);
}

static struct rt_rfcomm_params params_of(struct user *user, size_t room)
{
	return (struct rt_rfcomm_params){
		.security = user->need,
		.ops = &user_ops,
		.port_ops = user->port ? &user_port_ops : NULL,
		.user = user,
		.frame_bytes = user->frame_bytes,
		.room_bytes = room,
		.credits_max = user->credits_max,
		.signals = user->signals,
	};
}

int connect_to(struct user *user, uint8_t channel, size_t room)
{
	const struct rt_rfcomm_params params = params_of(user, room);

	return rt_rfcomm_connect(bench.rfcomm, bench_addr(1), channel, &params,
				 &user->dlc);
}

void listen_on(struct user *user, struct user *adopter, uint8_t channel,
	       size_t room)
{
	struct rt_rfcomm_params params = params_of(user, room);
	uint8_t got;

	params.ops = &listener_ops;
	user->adopter = adopter;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, channel, &params, &got),
			 0);
	ck_assert_uint_eq(got, channel);
}

void write_out(struct user *user, const void *octets, size_t len)
{
	user->out = octets;
	user->out_len = len;
	rt_rfcomm_ready(bench.rfcomm, user->dlc);
}

struct rt_rfcomm_info info_of(const struct user *user)
{
	struct rt_rfcomm_info info;

	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, user->dlc, &info), 0);
	return info;
}
