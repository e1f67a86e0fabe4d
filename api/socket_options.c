/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>

#include "api/host.h"
#include "l2cap/l2cap.h"

/* What can be set on a socket or a server, and figures. */

#define LINGER_MS_MAX INT64_C(86400000) /* a day */
#define QUEUE_BYTES_MIN 1024
#define QUEUE_BYTES_MAX INT64_C(16777216)
#define FRAME_BYTES_MIN 23    /* TS 07.10 5.7.2: N1 */
#define FRAME_BYTES_MAX 32767 /* RFCOMM 5.5.3 */
#define FLUSH_MS_MAX 1279     /* Core Vol 4 Part E 6.19: 0x7FF of 0.625 ms */

#define HINT_OPTION \
	"the option is unknown or out of range, or the connection has begun"

/*
 * The layer's own choice of a frame size is for queues of at least this; for
 * smaller ones half of the queue, so that two frames are on their way.
 */
#define QUEUE_BYTES_ROOMY 16384

const struct rt_api_options rt_api_options_default = {
	.mtu = RT_L2CAP_MTU_DEFAULT,
	.linger_ms = 20000,
	.write_queue_bytes = 65536,
	.read_queue_bytes = 65536,
};

struct option_row {
	enum rt_option option;
	enum rt_protocol protocol; /* UNKNOWN: any */
	int64_t min;
	int64_t max;
};

static const struct option_row option_rows[] = {
	{ RT_OPTION_MTU, RT_PROTOCOL_L2CAP, RT_L2CAP_MTU_MIN, UINT16_MAX },
	{ RT_OPTION_FRAME_BYTES, RT_PROTOCOL_RFCOMM, FRAME_BYTES_MIN,
	  FRAME_BYTES_MAX },
	{ RT_OPTION_LINGER_MS, RT_PROTOCOL_UNKNOWN, 0, LINGER_MS_MAX },
	{ RT_OPTION_WRITE_QUEUE_BYTES, RT_PROTOCOL_UNKNOWN, QUEUE_BYTES_MIN,
	  QUEUE_BYTES_MAX },
	{ RT_OPTION_READ_QUEUE_BYTES, RT_PROTOCOL_UNKNOWN, QUEUE_BYTES_MIN,
	  QUEUE_BYTES_MAX },
	{ RT_OPTION_FLUSH_TIMEOUT_MS, RT_PROTOCOL_L2CAP, 0, FLUSH_MS_MAX },
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

static void store(struct rt_api_options *options, enum rt_option option,
		  int64_t value)
{
	switch (option) {
	case RT_OPTION_MTU:
		options->mtu = (uint16_t)value;
		break;
	case RT_OPTION_FRAME_BYTES:
		options->frame_bytes = (uint16_t)value;
		break;
	case RT_OPTION_LINGER_MS:
		options->linger_ms = (uint32_t)value;
		break;
	case RT_OPTION_WRITE_QUEUE_BYTES:
		options->write_queue_bytes = (uint32_t)value;
		break;
	case RT_OPTION_READ_QUEUE_BYTES:
		options->read_queue_bytes = (uint32_t)value;
		break;
	case RT_OPTION_FLUSH_TIMEOUT_MS:
		options->flush_timeout_ms = (uint16_t)value;
		break;
	}
}

static int64_t load(const struct rt_api_options *options, enum rt_option option)
{
	switch (option) {
	case RT_OPTION_MTU:
		return options->mtu;
	case RT_OPTION_FRAME_BYTES:
		return options->frame_bytes;
	case RT_OPTION_LINGER_MS:
		return options->linger_ms;
	case RT_OPTION_WRITE_QUEUE_BYTES:
		return options->write_queue_bytes;
	case RT_OPTION_READ_QUEUE_BYTES:
		return options->read_queue_bytes;
	case RT_OPTION_FLUSH_TIMEOUT_MS:
		return options->flush_timeout_ms;
	}
	return 0;
}

int rt_api_options_set(struct rt_api_options *options,
		       enum rt_protocol protocol, enum rt_option option,
		       int64_t value)
{
	const struct option_row *row;
	int err = find_row(option, protocol, &row);

	if (err < 0)
		return err;
	if (value < row->min || value > row->max)
		return -EINVAL;
	store(options, option, value);
	return 0;
}

size_t rt_api_options_rx_bytes(const struct rt_api_options *options,
			       enum rt_protocol protocol)
{
	/* At least one datagram must fit. */
	if (protocol == RT_PROTOCOL_L2CAP)
		return RT_MAX(options->read_queue_bytes, options->mtu);
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

int rt_socket_set_option(struct rt_socket *s, enum rt_option option,
			 int64_t value)
{
	struct rt_api_options options = s->options;
	int err = rt_api_options_set(&options, s->protocol, option, value);

	if (err == 0 && s->state != RT_SOCKET_UNCONNECTED &&
	    option != RT_OPTION_LINGER_MS)
		err = -EISCONN;
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err, HINT_OPTION);
	s->options = options;
	return 0;
}

int rt_socket_get_option(const struct rt_socket *s, enum rt_option option,
			 int64_t *ret_value)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	const struct option_row *row;
	int err = find_row(option, s->protocol, &row);

	if (err < 0)
		return err;
	*ret_value = load(&s->options, option);
	if (s->state != RT_SOCKET_CONNECTED)
		return 0;
	if (option == RT_OPTION_MTU || option == RT_OPTION_FRAME_BYTES) {
		rt_socket_get_stats(s, &stats);
		*ret_value = stats.rx_mtu;
	}
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
