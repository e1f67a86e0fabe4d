/* SPDX-License-Identifier: MIT */
#include "api/serial.h"

#include <errno.h>

#include "api/host.h"
#include "api/socket.h"
#include "rfcomm/rfcomm.h"

#define HINT_NOT_SERIAL "only an RFCOMM socket is a serial port"
#define HINT_NOT_CONNECTED "the socket is not connected"
#define HINT_BUSY "the peer has not answered to the settings before"
#define HINT_LINE "a serial line has no such settings"
#define HINT_STATUS "the errors of a line are overrun, parity and framing"
#define HINT_LAYER "the settings could not be sent"

#define SIGNALS (RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_IC | RT_MODEM_DV)
#define ERRORS (RT_LINE_OVERRUN | RT_LINE_PARITY | RT_LINE_FRAMING)

/* Of TS 07.10 5.4.6.3.9, in the order of the codes. */
static const uint32_t bauds[] = {
	2400, 4800, 7200, 9600, 19200, 38400, 57600, 115200, 230400,
};

#define DATA_BITS_MIN 5
#define DATA_BITS_MASK 0x03
#define STOP_BITS 0x04
#define PARITY 0x08
#define PARITY_SHIFT 4
#define PARITY_MASK 0x03

/* ---- between the codes of RPN and the user's words --------------------- */

static bool encode_baud(uint32_t baud, uint8_t *ret_code)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(bauds); i++) {
		if (bauds[i] != baud)
			continue;
		*ret_code = (uint8_t)i;
		return true;
	}
	return false;
}

static bool encode_parity(enum rt_parity parity, uint8_t *ret_bits)
{
	switch (parity) {
	case RT_PARITY_NONE:
		*ret_bits = 0;
		return true;
	case RT_PARITY_ODD:
		*ret_bits = PARITY;
		return true;
	case RT_PARITY_EVEN:
		*ret_bits = PARITY | 1 << PARITY_SHIFT;
		return true;
	case RT_PARITY_MARK:
		*ret_bits = PARITY | 2 << PARITY_SHIFT;
		return true;
	case RT_PARITY_SPACE:
		*ret_bits = PARITY | 3 << PARITY_SHIFT;
		return true;
	}
	return false;
}

static enum rt_parity decode_parity(uint8_t bits)
{
	static const enum rt_parity parities[] = {
		RT_PARITY_ODD,
		RT_PARITY_EVEN,
		RT_PARITY_MARK,
		RT_PARITY_SPACE,
	};

	if (!(bits & PARITY))
		return RT_PARITY_NONE;
	return parities[bits >> PARITY_SHIFT & PARITY_MASK];
}

static bool encode(const struct rt_line *line, struct rt_rfcomm_line *ret_wire)
{
	struct rt_rfcomm_line wire = { .xon = line->xon, .xoff = line->xoff };

	if (!encode_baud(line->baud, &wire.baud) ||
	    !encode_parity(line->parity, &wire.bits))
		return false;
	if (line->data_bits < DATA_BITS_MIN ||
	    line->data_bits > DATA_BITS_MIN + DATA_BITS_MASK)
		return false;
	if (line->stop_bits < 1 || line->stop_bits > 2)
		return false;
	wire.bits |= (uint8_t)(line->data_bits - DATA_BITS_MIN);
	if (line->stop_bits == 2)
		wire.bits |= STOP_BITS;
	if (line->rtscts)
		wire.flow |= RT_RFCOMM_LINE_RTR_IN | RT_RFCOMM_LINE_RTR_OUT;
	if (line->xonxoff)
		wire.flow |=
			RT_RFCOMM_LINE_XONXOFF_IN | RT_RFCOMM_LINE_XONXOFF_OUT;
	*ret_wire = wire;
	return true;
}

static struct rt_line decode(const struct rt_rfcomm_line *wire)
{
	const uint8_t rtr = RT_RFCOMM_LINE_RTR_IN | RT_RFCOMM_LINE_RTR_OUT;
	const uint8_t chars =
		RT_RFCOMM_LINE_XONXOFF_IN | RT_RFCOMM_LINE_XONXOFF_OUT;
	struct rt_line line = {
		.data_bits = (uint8_t)((wire->bits & DATA_BITS_MASK) +
				       DATA_BITS_MIN),
		.stop_bits = wire->bits & STOP_BITS ? 2 : 1,
		.parity = decode_parity(wire->bits),
		.rtscts = wire->flow & rtr,
		.xonxoff = wire->flow & chars,
		.xon = wire->xon,
		.xoff = wire->xoff,
	};

	if (wire->baud < RT_ARRAY_SIZE(bauds))
		line.baud = bauds[wire->baud];
	return line;
}

/* ---- what the peer does ------------------------------------------------ */

/* Signals that come while the connection opens are no change. */
static bool hears(const struct rt_api_conn *conn)
{
	return conn->sock && conn->sock->state != RT_SOCKET_CONNECTING;
}

static void on_modem(void *user, rt_handle dlc,
		     const struct rt_rfcomm_modem *peer)
{
	struct rt_api_conn *conn = user;
	struct rt_api_serial *serial;

	(void)dlc;
	if (!hears(conn))
		return;
	serial = &conn->sock->serial;
	if (serial->signals != peer->signals) {
		serial->signals = peer->signals;
		rt_api_socket_tell(conn->sock, RT_API_SOCKET_MODEM, 0);
	}
	if (peer->has_break) {
		serial->break_units = peer->break_units;
		rt_api_socket_tell(conn->sock, RT_API_SOCKET_BREAK, 0);
	}
}

static void on_line(void *user, rt_handle dlc,
		    const struct rt_rfcomm_line *line)
{
	struct rt_api_conn *conn = user;

	(void)dlc;
	(void)line;
	if (hears(conn))
		rt_api_socket_tell(conn->sock, RT_API_SOCKET_LINE, 0);
}

static void on_line_status(void *user, rt_handle dlc, uint8_t status)
{
	struct rt_api_conn *conn = user;

	(void)dlc;
	if (!hears(conn) || !(status & ERRORS))
		return;
	conn->sock->serial.errors |= status & ERRORS;
	rt_api_socket_tell(conn->sock, RT_API_SOCKET_LINE_STATUS, 0);
}

static void on_line_answered(void *user, rt_handle dlc, int err,
			     const struct rt_rfcomm_line *line)
{
	struct rt_api_conn *conn = user;
	struct rt_api_serial *serial;

	(void)dlc;
	if (!hears(conn) || !conn->sock->serial.asked)
		return;
	serial = &conn->sock->serial;
	serial->answer_err = err;
	serial->answer = (struct rt_line){ .baud = 0 };
	if (err == 0)
		serial->answer = decode(line);
	rt_api_socket_tell(conn->sock, RT_API_SOCKET_LINE_ANSWERED, 0);
}

const struct rt_rfcomm_port_ops rt_api_serial_ops = {
	.modem = on_modem,
	.line = on_line,
	.line_status = on_line_status,
	.line_answered = on_line_answered,
};

/* ---- what the application hears ---------------------------------------- */

void rt_api_serial_begin(struct rt_api_serial *serial)
{
	const struct rt_serial_callbacks callbacks = serial->callbacks;

	*serial = (struct rt_api_serial){ .callbacks = callbacks };
}

void rt_api_serial_opened(struct rt_socket *s)
{
	struct rt_rfcomm_info info;

	if (s->protocol == RT_PROTOCOL_RFCOMM &&
	    rt_rfcomm_get_info(s->host->rfcomm, s->conn->handle, &info) == 0)
		s->serial.signals = info.peers.signals;
}

void rt_api_serial_tell_modem(struct rt_socket *s)
{
	if (s->serial.callbacks.on_modem_changed)
		s->serial.callbacks.on_modem_changed(s, s->serial.signals,
						     s->user_data);
}

void rt_api_serial_tell_break(struct rt_socket *s)
{
	if (s->serial.callbacks.on_break)
		s->serial.callbacks.on_break(s, s->serial.break_units,
					     s->user_data);
}

void rt_api_serial_tell_line(struct rt_socket *s)
{
	if (s->serial.callbacks.on_line_changed)
		s->serial.callbacks.on_line_changed(s, s->user_data);
}

void rt_api_serial_tell_status(struct rt_socket *s)
{
	const uint8_t errors = s->serial.errors;

	s->serial.errors = 0;
	if (errors && s->serial.callbacks.on_line_status)
		s->serial.callbacks.on_line_status(s, errors, s->user_data);
}

void rt_api_serial_tell_answer(struct rt_socket *s)
{
	const struct rt_line line = s->serial.answer;

	s->serial.asked = false;
	if (s->serial.callbacks.on_line_answered)
		s->serial.callbacks.on_line_answered(s, s->serial.answer_err,
						     &line, s->user_data);
}

void rt_socket_set_serial_callbacks(struct rt_socket *s,
				    const struct rt_serial_callbacks *callbacks)
{
	rt_api_copy_in(&s->serial.callbacks, sizeof(s->serial.callbacks),
		       callbacks);
}

/* ---- what the application asks for ------------------------------------- */

static int set_modem(struct rt_socket *s, const struct rt_rfcomm_modem *modem)
{
	int err;

	rt_api_host_enter(s->host);
	err = rt_rfcomm_set_modem(s->host->rfcomm, s->conn->handle, modem);
	rt_api_host_touch(s->host);
	return err;
}

int rt_api_serial_set_signals(struct rt_socket *s, uint8_t signals)
{
	const struct rt_rfcomm_modem modem = { .signals = signals };

	if (signals & ~SIGNALS)
		return -EINVAL;
	return s->conn ? set_modem(s, &modem) : 0;
}

int rt_api_serial_break(struct rt_socket *s, uint8_t units)
{
	const struct rt_rfcomm_modem modem = {
		.signals = (uint8_t)s->options.modem_signals,
		.has_break = true,
		.break_units = units,
	};

	if (s->state != RT_SOCKET_CONNECTED)
		return -ENOTCONN;
	return set_modem(s, &modem);
}

static int check(const struct rt_socket *s, const char **ret_hint)
{
	if (s->protocol != RT_PROTOCOL_RFCOMM) {
		*ret_hint = HINT_NOT_SERIAL;
		return -EOPNOTSUPP;
	}
	if (s->state != RT_SOCKET_CONNECTED) {
		*ret_hint = HINT_NOT_CONNECTED;
		return -ENOTCONN;
	}
	return 0;
}

int rt_socket_get_line(const struct rt_socket *s, struct rt_line *ret_line)
{
	struct rt_rfcomm_info info;
	const char *hint;
	int err = check(s, &hint);

	if (err == 0)
		err = rt_rfcomm_get_info(s->host->rfcomm, s->conn->handle,
					 &info);
	if (err == 0)
		*ret_line = decode(&info.line);
	return err;
}

/* Asks for the settings, or (not NULL) proposes them. */
static int ask(struct rt_socket *s, const struct rt_rfcomm_line *wire)
{
	struct rt_rfcomm *rfcomm = s->host->rfcomm;
	const rt_handle dlc = s->conn->handle;
	int err;

	if (s->serial.asked)
		return (int)rt_api_socket_refuse_operation(s, -EBUSY,
							   HINT_BUSY);
	rt_api_host_enter(s->host);
	if (wire)
		err = rt_rfcomm_set_line(rfcomm, dlc, wire);
	else
		err = rt_rfcomm_query_line(rfcomm, dlc);
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, HINT_LAYER);
	s->serial.asked = true;
	rt_api_host_touch(s->host);
	return 0;
}

int rt_socket_set_line(struct rt_socket *s, const struct rt_line *line)
{
	struct rt_rfcomm_line wire;
	const char *hint = HINT_LINE;
	int err = check(s, &hint);

	if (err == 0 && (!line || !encode(line, &wire)))
		err = -EINVAL;
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, hint);
	return ask(s, &wire);
}

int rt_socket_query_line(struct rt_socket *s)
{
	const char *hint;
	int err = check(s, &hint);

	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, hint);
	return ask(s, NULL);
}

int rt_socket_send_line_status(struct rt_socket *s, uint8_t errors)
{
	const char *hint = HINT_STATUS;
	int err = check(s, &hint);

	if (err == 0 && (errors & ~ERRORS))
		err = -EINVAL;
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, hint);
	rt_api_host_enter(s->host);
	if (errors)
		errors |= RT_RFCOMM_RLS_ERROR;
	err = rt_rfcomm_send_line_status(s->host->rfcomm, s->conn->handle,
					 errors);
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(
			s, err == -EAGAIN ? -EBUSY : err, HINT_BUSY);
	rt_api_host_touch(s->host);
	return 0;
}
