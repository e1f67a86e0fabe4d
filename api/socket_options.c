/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/l2cap.h"

/* What can be set on a socket or a server, and figures. */

#define LINGER_MS_MAX INT64_C(86400000) /* a day */
#define QUEUE_BYTES_MIN 1024
#define QUEUE_BYTES_MAX INT64_C(16777216)
#define FRAME_BYTES_MIN 23    /* TS 07.10 5.7.2: N1 */
#define FRAME_BYTES_MAX 32767 /* RFCOMM 5.5.3 */
#define FLUSH_MS_MAX 1279     /* Core Vol 4 Part E 6.19: 0x7FF of 0.625 ms */

#define WINDOW_EXTENDED_MAX 1024
#define TIMER_MS_MIN 100
#define MPS_MIN 48
#define MPS_MAX 65531 /* with the header of an I-frame a PDU of 65535 */
#define CREDITS_MAX_DEFAULT 32
#define BREAK_UNITS_MAX 15
#define KEY_BYTES_MIN 7
#define KEY_BYTES_MAX 16
#define SUPERVISION_MS_MIN 100
#define SUPERVISION_MS_MAX 40959 /* 0xFFFF of 0.625 ms */
#define IDLE_HOLD_MS_MAX INT64_C(86400000)
#define SECURITY_FLAGS                                            \
	(RT_SECURITY_AUTHORIZATION | RT_SECURITY_AUTHENTICATION | \
	 RT_SECURITY_ENCRYPTION | RT_SECURITY_SECURE | RT_SECURITY_MITM)
#define SIGNALS (RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_IC | RT_MODEM_DV)

#define HINT_SECURITY \
	"the flags of security are unknown, or the connection has begun"
#define HINT_OPTION \
	"the option is unknown or out of range, or the connection has begun"

/*
 * The layer's own choice of a frame size is for queues of at least this; for
 * smaller ones half of the queue, so that two frames are on their way.
 */
#define QUEUE_BYTES_ROOMY 16384

const struct rt_api_options rt_api_options_default = {
	.linger_ms = 20000,
	.write_queue_bytes = 65536,
	.read_queue_bytes = 65536,
	.mtu = RT_L2CAP_MTU_DEFAULT,
	.mode = RT_SOCKET_MODE_BASIC,
	.fcs = RT_FCS_DEFAULT,
	.window = RT_L2CAP_WINDOW_MAX,
	.max_transmit = RT_L2CAP_MAX_TRANSMIT_DEFAULT,
	.retransmission_ms = RT_L2CAP_RETRANSMISSION_MS_DEFAULT,
	.monitor_ms = RT_L2CAP_MONITOR_MS_DEFAULT,
	.credits_max = CREDITS_MAX_DEFAULT,
	.modem_signals = RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_DV,
};

/* The member of an option that nothing is stored of. */
#define NOWHERE SIZE_MAX

struct option_row {
	enum rt_option option;
	enum rt_protocol protocol; /* UNKNOWN: any */
	bool zero;		   /* 0 is allowed beside what follows */
	int64_t min;
	int64_t max;
	size_t member;
};

#define MEMBER(name) offsetof(struct rt_api_options, name)

static const struct option_row option_rows[] = {
	{ RT_OPTION_MTU, RT_PROTOCOL_L2CAP, false, RT_L2CAP_MTU_MIN, UINT16_MAX,
	  MEMBER(mtu) },
	{ RT_OPTION_FRAME_BYTES, RT_PROTOCOL_RFCOMM, false, FRAME_BYTES_MIN,
	  FRAME_BYTES_MAX, MEMBER(frame_bytes) },
	{ RT_OPTION_LINGER_MS, RT_PROTOCOL_UNKNOWN, false, 0, LINGER_MS_MAX,
	  MEMBER(linger_ms) },
	{ RT_OPTION_WRITE_QUEUE_BYTES, RT_PROTOCOL_UNKNOWN, false,
	  QUEUE_BYTES_MIN, QUEUE_BYTES_MAX, MEMBER(write_queue_bytes) },
	{ RT_OPTION_READ_QUEUE_BYTES, RT_PROTOCOL_UNKNOWN, false,
	  QUEUE_BYTES_MIN, QUEUE_BYTES_MAX, MEMBER(read_queue_bytes) },
	{ RT_OPTION_FLUSH_TIMEOUT_MS, RT_PROTOCOL_L2CAP, false, 0, FLUSH_MS_MAX,
	  MEMBER(flush_timeout_ms) },
	{ RT_OPTION_MODE, RT_PROTOCOL_L2CAP, false, RT_SOCKET_MODE_BASIC,
	  RT_SOCKET_MODE_CREDIT, MEMBER(mode) },
	{ RT_OPTION_MODE_REQUIRED, RT_PROTOCOL_L2CAP, false, 0, 1,
	  MEMBER(mode_required) },
	{ RT_OPTION_FCS, RT_PROTOCOL_L2CAP, false, RT_FCS_DEFAULT, RT_FCS_16BIT,
	  MEMBER(fcs) },
	{ RT_OPTION_WINDOW, RT_PROTOCOL_L2CAP, false, 1, WINDOW_EXTENDED_MAX,
	  MEMBER(window) },
	{ RT_OPTION_EXTENDED_WINDOW, RT_PROTOCOL_L2CAP, false, 0, 1,
	  MEMBER(extended_window) },
	{ RT_OPTION_MAX_TRANSMIT, RT_PROTOCOL_L2CAP, false, 0, UINT8_MAX,
	  MEMBER(max_transmit) },
	{ RT_OPTION_RETRANSMISSION_MS, RT_PROTOCOL_L2CAP, false, TIMER_MS_MIN,
	  UINT16_MAX, MEMBER(retransmission_ms) },
	{ RT_OPTION_MONITOR_MS, RT_PROTOCOL_L2CAP, false, TIMER_MS_MIN,
	  UINT16_MAX, MEMBER(monitor_ms) },
	{ RT_OPTION_MPS, RT_PROTOCOL_L2CAP, true, MPS_MIN, MPS_MAX,
	  MEMBER(mps) },
	{ RT_OPTION_CREDITS_MAX, RT_PROTOCOL_RFCOMM, false, 1, UINT8_MAX,
	  MEMBER(credits_max) },
	{ RT_OPTION_MODEM_SIGNALS, RT_PROTOCOL_RFCOMM, false, 0, UINT8_MAX,
	  MEMBER(modem_signals) },
	{ RT_OPTION_PEER_MODEM_SIGNALS, RT_PROTOCOL_RFCOMM, false, 0, -1,
	  NOWHERE },
	{ RT_OPTION_BREAK, RT_PROTOCOL_RFCOMM, false, 0, BREAK_UNITS_MAX,
	  NOWHERE },
	{ RT_OPTION_FIPS, RT_PROTOCOL_UNKNOWN, false, 0, 1, MEMBER(fips) },
	{ RT_OPTION_MIN_KEY_BYTES, RT_PROTOCOL_UNKNOWN, true, KEY_BYTES_MIN,
	  KEY_BYTES_MAX, MEMBER(min_key_bytes) },
	{ RT_OPTION_BONDED_ONLY, RT_PROTOCOL_UNKNOWN, false, 0, 1,
	  MEMBER(bonded_only) },
	{ RT_OPTION_SUPERVISION_MS, RT_PROTOCOL_UNKNOWN, true,
	  SUPERVISION_MS_MIN, SUPERVISION_MS_MAX, MEMBER(supervision_ms) },
	{ RT_OPTION_SNIFF, RT_PROTOCOL_UNKNOWN, false, RT_SNIFF_LEAVE,
	  RT_SNIFF_PREFER, MEMBER(sniff) },
	{ RT_OPTION_ROLE, RT_PROTOCOL_UNKNOWN, false, RT_ROLE_LEAVE,
	  RT_ROLE_PERIPHERAL, MEMBER(role) },
	{ RT_OPTION_IDLE_HOLD_MS, RT_PROTOCOL_UNKNOWN, false, 0,
	  IDLE_HOLD_MS_MAX, MEMBER(idle_hold_ms) },
};

/* Returns 0 if the option is known and of this protocol. */
static int find_row(enum rt_option option, enum rt_protocol protocol,
		    const struct option_row **ret_row)
{
	const struct option_row *row;

	for (size_t i = 0; i < RT_ARRAY_SIZE(option_rows); i++) {
		row = &option_rows[i];
		if (row->option != option)
			continue;
		if (row->protocol != RT_PROTOCOL_UNKNOWN &&
		    row->protocol != protocol)
			return -EINVAL;
		*ret_row = row;
		return 0;
	}
	return -ENOSYS;
}

static void store(struct rt_api_options *options, const struct option_row *row,
		  int64_t value)
{
	const uint32_t number = (uint32_t)value;

	memcpy((char *)options + row->member, &number, sizeof(number));
}

static int64_t load(const struct rt_api_options *options,
		    const struct option_row *row)
{
	uint32_t number;

	memcpy(&number, (const char *)options + row->member, sizeof(number));
	return number;
}

static bool is_in_range(const struct option_row *row, int64_t value)
{
	return (row->zero && value == 0) ||
	       (value >= row->min && value <= row->max);
}

/* What can't be said by a row: options that depend on others. */
static bool go_together(struct rt_api_options *options, enum rt_option changed)
{
	if (options->window > RT_L2CAP_WINDOW_MAX &&
	    !options->extended_window) {
		if (changed == RT_OPTION_WINDOW)
			return false;
		options->window = RT_L2CAP_WINDOW_MAX;
	}
	return !(options->modem_signals & ~(uint32_t)SIGNALS);
}

static int check(enum rt_protocol protocol, enum rt_option option,
		 int64_t value, const struct option_row **ret_row)
{
	const struct option_row *row;
	int err = find_row(option, protocol, &row);

	if (err < 0)
		return err;
	if (!is_in_range(row, value))
		return -EINVAL;
	*ret_row = row;
	return 0;
}

int rt_api_options_set(struct rt_api_options *options,
		       enum rt_protocol protocol, enum rt_option option,
		       int64_t value)
{
	struct rt_api_options changed = *options;
	const struct option_row *row;
	int err = check(protocol, option, value, &row);

	if (err < 0)
		return err;
	if (row->member == NOWHERE)
		return -EINVAL;
	store(&changed, row, value);
	if (!go_together(&changed, option))
		return -EINVAL;
	*options = changed;
	return 0;
}

int rt_api_options_set_security(struct rt_api_options *options,
				unsigned int flags)
{
	if (flags & ~(unsigned int)SECURITY_FLAGS)
		return -EINVAL;
	options->security = flags;
	return 0;
}

struct rt_sec_need rt_api_options_need(const struct rt_api_options *options)
{
	const unsigned int flags = options->security;
	struct rt_sec_need need = {
		.level = 1,
		.min_key_bytes = (uint8_t)options->min_key_bytes,
		.bonded_only = options->bonded_only,
	};

	if (flags & (RT_SECURITY_AUTHENTICATION | RT_SECURITY_ENCRYPTION))
		need.level = 2;
	if (flags & (RT_SECURITY_SECURE | RT_SECURITY_MITM))
		need.level = 3;
	if (options->fips)
		need.level = 4;
	return need;
}

bool rt_api_options_at_any_time(enum rt_option option)
{
	return option == RT_OPTION_LINGER_MS ||
	       option == RT_OPTION_MODEM_SIGNALS;
}

bool rt_api_options_fit_credit(const struct rt_api_options *options)
{
	if (options->mode != RT_SOCKET_MODE_CREDIT)
		return true;
	return options->mtu >= RT_L2CAP_CREDIT_MTU_MIN &&
	       (options->mps == 0 || options->mps >= RT_L2CAP_CREDIT_MTU_MIN);
}

size_t rt_api_options_rx_bytes(const struct rt_api_options *options,
			       enum rt_protocol protocol)
{
	/* At least one datagram must fit. */
	if (protocol == RT_PROTOCOL_L2CAP)
		return RT_MAX(options->read_queue_bytes, options->mtu) +
		       RT_API_QUEUE_MARKS * RT_API_QUEUE_MARK_BYTES;
	return options->read_queue_bytes;
}

uint16_t rt_api_options_frame_bytes(const struct rt_api_options *options)
{
	const uint32_t half = options->read_queue_bytes / 2;

	if (options->frame_bytes)
		return (uint16_t)RT_MIN(options->frame_bytes,
					options->read_queue_bytes);
	return half < QUEUE_BYTES_ROOMY / 2 ? (uint16_t)half : 0;
}

static int set_option(struct rt_socket *s, enum rt_option option, int64_t value)
{
	struct rt_api_options options = s->options;
	int err = rt_api_options_set(&options, s->protocol, option, value);

	if (err == 0 && s->state != RT_SOCKET_UNCONNECTED &&
	    !rt_api_options_at_any_time(option))
		err = -EISCONN;
	if (err == 0 && option == RT_OPTION_MODEM_SIGNALS)
		err = rt_api_serial_set_signals(s, (uint8_t)value);
	if (err == 0)
		s->options = options;
	return err;
}

int rt_socket_set_security(struct rt_socket *s, unsigned int flags)
{
	struct rt_api_options options = s->options;
	int err = rt_api_options_set_security(&options, flags);

	if (err == 0 && s->state != RT_SOCKET_UNCONNECTED)
		err = -EISCONN;
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err,
							   HINT_SECURITY);
	s->options = options;
	return 0;
}

unsigned int rt_socket_security_flags(const struct rt_socket *s)
{
	return s->options.security;
}

static int send_break(struct rt_socket *s, int64_t units)
{
	const struct option_row *row;
	int err = check(s->protocol, RT_OPTION_BREAK, units, &row);

	return err < 0 ? err : rt_api_serial_break(s, (uint8_t)units);
}

int rt_socket_set_option(struct rt_socket *s, enum rt_option option,
			 int64_t value)
{
	int err;

	if (option == RT_OPTION_BREAK)
		err = send_break(s, value);
	else
		err = set_option(s, option, value);
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, HINT_OPTION);
	return 0;
}

int rt_socket_get_option(const struct rt_socket *s, enum rt_option option,
			 int64_t *ret_value)
{
	const struct option_row *row;
	int64_t value = 0;
	int err = find_row(option, s->protocol, &row);

	if (err < 0)
		return err;
	if (option == RT_OPTION_BREAK)
		return -EINVAL;
	if (row->member != NOWHERE)
		value = load(&s->options, row);
	if (s->state == RT_SOCKET_CONNECTED)
		(void)rt_api_conn_get_agreed(s->conn, option, &value);
	*ret_value = value;
	return 0;
}

void rt_socket_get_stats(const struct rt_socket *s,
			 struct rt_socket_stats *ret_stats)
{
	struct rt_socket_stats stats = s->stats;

	if (s->conn)
		rt_api_conn_get_stats(s->conn, &stats);
	rt_api_copy_out(ret_stats, &stats, sizeof(stats));
}
