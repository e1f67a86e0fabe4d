/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/fuzz/user.h"

/* --- callbacks ----------------------------------------------------------- */

static struct user_socket *called(struct rt_socket *s, void *user_data)
{
	struct user_socket *us = user_data;

	user_called(us->user);
	user_must(us->s == s, "no callbacks of sockets that were freed");
	return us;
}

static void on_state(struct rt_socket *s, enum rt_socket_state state,
		     void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_must(state <= RT_SOCKET_LISTENING, "a state");
	user_answered(us->user);
}

static void on_connected(struct rt_socket *s, void *user_data)
{
	struct user_socket *us = called(s, user_data);

	user_must(us->blind || (us->connects > 0 && !us->connected),
		  "connected once, and as asked for");
	us->connected = true;
	us->connects = 0;
	user_answered(us->user);
}

static void on_disconnected(struct rt_socket *s, void *user_data)
{
	struct user_socket *us = called(s, user_data);

	user_must(us->blind || us->connected, "disconnected once");
	us->connected = false;
	user_answered(us->user);
}

static void on_error(struct rt_socket *s, enum rt_socket_error error,
		     void *user_data)
{
	const struct user_socket *us = called(s, user_data);
	struct rt_error_info info = { .size = sizeof(info) };
	char str[160];

	user_must(error > RT_SOCKET_ERROR_NONE &&
			  error <= RT_SOCKET_ERROR_MISSING_PERMISSIONS,
		  "an error");
	rt_socket_error_info(s, &info);
	(void)rt_error_format(&info, str, sizeof(str));
	user_answered(us->user);
}

static void on_readable(struct rt_socket *s, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_answered(us->user);
}

static void on_writable(struct rt_socket *s, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_answered(us->user);
}

static void on_written(struct rt_socket *s, size_t bytes, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_must(bytes > 0, "something was written");
	user_answered(us->user);
}

static const struct rt_socket_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state,
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_error = on_error,
	.on_readable = on_readable,
	.on_writable = on_writable,
	.on_bytes_written = on_written,
};

static void on_modem(struct rt_socket *s, uint8_t signals, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_must((signals & ~(RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_IC |
			       RT_MODEM_DV)) == 0,
		  "modem signals");
	user_answered(us->user);
}

static void on_break(struct rt_socket *s, unsigned int units, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_must(units < 16, "units of a break");
	user_answered(us->user);
}

static void on_line_changed(struct rt_socket *s, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_answered(us->user);
}

static void on_line_status(struct rt_socket *s, uint8_t errors, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	(void)errors;
	user_answered(us->user);
}

static void on_line_answered(struct rt_socket *s, int err,
			     const struct rt_line *line, void *user_data)
{
	const struct user_socket *us = called(s, user_data);

	user_must(err <= 0 && (err < 0 || line), "an answer");
	user_answered(us->user);
}

static const struct rt_serial_callbacks serial_callbacks = {
	.size = sizeof(serial_callbacks),
	.on_modem_changed = on_modem,
	.on_break = on_break,
	.on_line_changed = on_line_changed,
	.on_line_status = on_line_status,
	.on_line_answered = on_line_answered,
};

/* --- acts ---------------------------------------------------------------- */

static void put(struct user_socket *us, struct rt_socket *s)
{
	rt_socket_free(us->s);
	us->s = s;
	us->connects = 0;
	us->connected = false;
	us->blind = false;
	if (!s)
		return;
	rt_socket_set_callbacks(s, &callbacks, us);
	rt_socket_set_serial_callbacks(s, &serial_callbacks);
}

void user_take(struct user *user, uint8_t place, struct rt_socket *s)
{
	struct user_socket *us = &user->socket[place % USER_SOCKETS];

	put(us, s);
	us->connected = s;
}

static void connect(struct user_socket *us, enum user_act what, struct rt_rd *r)
{
	const struct user *user = us->user;
	const uint8_t which = rt_rd_u8(r);
	const uint16_t port = rt_rd_le16(r);
	const struct rt_service *service;
	int ret;

	switch (what) {
	case USER_CONNECT_UUID:
		ret = rt_socket_connect_uuid(us->s, user_addr(user, which),
					     user_uuid((uint8_t)port));
		break;
	case USER_CONNECT_SERVICE:
		service = user->service[which % USER_SERVICES];
		if (!service)
			return;
		ret = rt_socket_connect_service(us->s, service);
		break;
	default:
		ret = rt_socket_connect(us->s, user_addr(user, which), port);
		break;
	}
	user_must(ret <= 0, "0 or an error");
	us->connects += ret == 0;
}

static void write_some(struct user_socket *us, enum user_act what,
		       struct rt_rd *r)
{
	static const uint8_t octets[UINT16_MAX] = "octets";
	const size_t bytes = rt_rd_le16(r);
	const struct rt_iovec iov[] = {
		{ octets, bytes / 3 },
		{ NULL, 0 },
		{ octets, bytes - bytes / 3 },
	};
	ptrdiff_t n;

	if (what == USER_WRITEV)
		n = rt_socket_writev(us->s, iov, rt_rd_u8(r) % 4);
	else
		n = rt_socket_write(us->s, bytes == UINT16_MAX ? NULL : octets,
				    bytes);
	user_must(n <= (ptrdiff_t)bytes, "no more than was given");
}

static void read_some(struct user_socket *us, struct rt_rd *r)
{
	static uint8_t buf[UINT16_MAX + 1];
	const uint8_t how = rt_rd_u8(r);
	const size_t bytes = rt_rd_le16(r);
	ptrdiff_t n;

	switch (how % 4) {
	case 0:
		n = rt_socket_read(us->s, buf, bytes);
		break;
	case 1:
		n = rt_socket_peek(us->s, buf, bytes);
		break;
	case 2:
		n = rt_socket_read_line(us->s, (char *)buf, bytes);
		break;
	default:
		n = rt_socket_next_datagram_bytes(us->s);
		user_must(n <= UINT16_MAX, "octets of a datagram");
		return;
	}
	user_must(n <= (ptrdiff_t)bytes, "no more than there is room for");
}

/* Queues are memory: those of a fuzzer are small. */
static int64_t some_value(uint8_t option, uint32_t value)
{
	if (option == RT_OPTION_WRITE_QUEUE_BYTES ||
	    option == RT_OPTION_READ_QUEUE_BYTES)
		return value & 0xffff;
	return (int32_t)value;
}

static void set_option(struct user_socket *us, struct rt_rd *r)
{
	const uint8_t option = rt_rd_u8(r);
	int64_t value = some_value(option, rt_rd_le32(r));
	int64_t got;
	int ret = rt_socket_set_option(us->s, (enum rt_option)option, value);

	if (ret < 0 || option == RT_OPTION_BREAK)
		return;
	user_must(rt_socket_get_option(us->s, (enum rt_option)option, &got) ==
			  0,
		  "what can be set can be read");
}

static void look(struct user_socket *us)
{
	struct rt_error_info info = { .size = sizeof(info) };
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	struct rt_security_info security = { .size = sizeof(security) };
	struct rt_line line;
	uint16_t cid[2];
	int64_t value;

	user_must(rt_socket_host(us->s) == us->user->node->host, "its host");
	rt_socket_error_info(us->s, &info);
	rt_socket_get_stats(us->s, &stats);
	(void)!rt_socket_security(us->s, &security);
	(void)!rt_socket_get_line(us->s, &line);
	(void)!rt_socket_channel_ids(us->s, &cid[0], &cid[1]);
	(void)!rt_socket_descriptor(us->s);
	for (int i = 0; i <= RT_OPTION_IDLE_HOLD_MS + 1; i++)
		(void)!rt_socket_get_option(us->s, (enum rt_option)i, &value);
	user_must(strlen(rt_socket_error_string(us->s)) < 1000 &&
			  strlen(rt_socket_local_name(us->s)) <= 248 &&
			  strlen(rt_socket_peer_name(us->s)) <= 248,
		  "strings end");
	user_must(!rt_socket_can_read_line(us->s) ||
			  rt_socket_bytes_available(us->s) > 0,
		  "a line has octets");
	(void)rt_socket_bytes_to_write(us->s);
	(void)rt_socket_local_address(us->s);
	(void)rt_socket_peer_address(us->s);
	(void)rt_socket_local_port(us->s);
	(void)rt_socket_peer_port(us->s);
	(void)rt_socket_error(us->s);
	(void)rt_socket_protocol(us->s);
	(void)rt_socket_security_flags(us->s);
}

static void serial(struct user_socket *us, struct rt_rd *r)
{
	static const uint32_t bauds[] = { 2400, 9600, 115200, 230400, 0, 1200 };
	const uint8_t what = rt_rd_u8(r);
	const uint8_t value = rt_rd_u8(r);
	const struct rt_line line = {
		.baud = bauds[value % RT_ARRAY_SIZE(bauds)],
		.data_bits = (uint8_t)(4 + value % 6),
		.stop_bits = (uint8_t)(value % 4),
		.parity = (enum rt_parity)(value % 6),
		.rtscts = value & 1,
		.xonxoff = value & 2,
		.xon = 0x11,
		.xoff = value & 4 ? 0x11 : 0x13,
	};

	switch (what % 3) {
	case 0:
		(void)!rt_socket_set_line(us->s, &line);
		return;
	case 1:
		(void)!rt_socket_query_line(us->s);
		return;
	default:
		(void)!rt_socket_send_line_status(us->s, value);
		return;
	}
}

static void act_on_socket(struct user_socket *us, enum user_act what,
			  struct rt_rd *r)
{
	switch (what) {
	case USER_CONNECT:
	case USER_CONNECT_UUID:
	case USER_CONNECT_SERVICE:
		connect(us, what, r);
		return;
	case USER_WRITE:
	case USER_WRITEV:
		write_some(us, what, r);
		return;
	case USER_READ:
		read_some(us, r);
		return;
	case USER_CLOSE:
		rt_socket_close(us->s);
		return;
	case USER_ABORT:
		rt_socket_abort(us->s);
		us->connects = 0;
		return;
	case USER_FREE:
		put(us, NULL);
		return;
	case USER_OPTION:
		set_option(us, r);
		return;
	case USER_LOOK:
		look(us);
		return;
	case USER_SECURITY:
		(void)!rt_socket_set_security(us->s, rt_rd_le16(r));
		return;
	case USER_LINE:
		serial(us, r);
		return;
	default:
		us->blind = true;
		rt_socket_set_callbacks(
			us->s, rt_rd_u8(r) & 1 ? &callbacks : NULL, us);
		return;
	}
}

void user_act_socket(struct user *user, enum user_act what, struct rt_rd *r)
{
	struct user_socket *us = &user->socket[rt_rd_u8(r) % USER_SOCKETS];

	if (what == USER_SOCKET_NEW)
		put(us, rt_socket_new(user->node->host,
				      (enum rt_protocol)(rt_rd_u8(r) % 4)));
	else if (us->s)
		act_on_socket(us, what, r);
}
