/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/user_mutate.h"

#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/user.h"

/* Ports, of both protocols, that inputs agree on. */
static size_t put_port(uint64_t *state, uint8_t *p)
{
	static const uint16_t ports[] = { 1, 1, 2, 0x1001, 0x1001, 0x1003, 0 };
	const uint16_t port = ports[mutate_below(state, RT_ARRAY_SIZE(ports))];

	p[0] = (uint8_t)port;
	p[1] = (uint8_t)(port >> 8);
	return 2;
}

static size_t put_random(uint64_t *state, uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)mutate_below(state, 256);
	return n;
}

/* An option of sockets and servers with a value that it can have, mostly. */
static size_t put_option(uint64_t *state, uint8_t *p)
{
	static const struct {
		uint8_t option;
		uint16_t value;
	} options[] = {
		{ RT_OPTION_MTU, 100 },
		{ RT_OPTION_MTU, 2000 },
		{ RT_OPTION_FRAME_BYTES, 50 },
		{ RT_OPTION_LINGER_MS, 1 },
		{ RT_OPTION_WRITE_QUEUE_BYTES, 1024 },
		{ RT_OPTION_READ_QUEUE_BYTES, 1024 },
		{ RT_OPTION_FLUSH_TIMEOUT_MS, 50 },
		{ RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
		{ RT_OPTION_MODE, RT_SOCKET_MODE_STREAMING },
		{ RT_OPTION_MODE, RT_SOCKET_MODE_CREDIT },
		{ RT_OPTION_MODE_REQUIRED, 1 },
		{ RT_OPTION_FCS, RT_FCS_NONE },
		{ RT_OPTION_WINDOW, 2 },
		{ RT_OPTION_EXTENDED_WINDOW, 1 },
		{ RT_OPTION_MAX_TRANSMIT, 1 },
		{ RT_OPTION_RETRANSMISSION_MS, 100 },
		{ RT_OPTION_MPS, 48 },
		{ RT_OPTION_CREDITS_MAX, 1 },
		{ RT_OPTION_MODEM_SIGNALS, 0x0c },
		{ RT_OPTION_BREAK, 3 },
		{ RT_OPTION_BONDED_ONLY, 1 },
		{ RT_OPTION_SUPERVISION_MS, 1000 },
		{ RT_OPTION_SNIFF, RT_SNIFF_PREFER },
		{ RT_OPTION_ROLE, RT_ROLE_CENTRAL },
		{ RT_OPTION_ROLE, RT_ROLE_PERIPHERAL },
		{ RT_OPTION_IDLE_HOLD_MS, 100 },
	};
	const size_t i = mutate_below(state, RT_ARRAY_SIZE(options));

	p[0] = options[i].option;
	p[1] = (uint8_t)options[i].value;
	p[2] = (uint8_t)(options[i].value >> 8);
	p[3] = 0;
	p[4] = 0;
	return 5;
}

static size_t put_element(uint64_t *state, uint8_t *p)
{
	static const uint8_t elements[][6] = {
		{ 0x35, 3, 0x19, 0x11, 0x01 },
		{ 0x25, 3, 'a', 'b', 'c' },
		{ 0x0a, 0, 0, 0, 1 },
		{ 0x28, 1 },
		{ 0x08, 7 },
	};
	static const uint8_t sizes[] = { 5, 5, 5, 2, 2 };
	const size_t i = mutate_below(state, RT_ARRAY_SIZE(sizes));

	p[0] = (uint8_t)mutate_below(state, 16);
	p[1] = (uint8_t)(mutate_below(state, 8) == 0);
	memcpy(p + 2, elements[i], sizes[i]);
	return 2 + (size_t)sizes[i];
}

/* Arguments behind the number of the object. */
static size_t put_arguments(uint64_t *state, uint8_t what, uint8_t *p)
{
	switch ((enum user_act)what) {
	case USER_SOCKET_NEW:
	case USER_SERVER_NEW:
		p[0] = (uint8_t)(1 + mutate_below(state, 2));
		return 1;
	case USER_CONNECT:
		p[0] = 0;
		return 1 + put_port(state, p + 1);
	case USER_CONNECT_UUID:
		p[0] = 0;
		p[1] = (uint8_t)mutate_below(state, 3);
		p[2] = 0;
		return 3;
	case USER_LISTEN:
		return put_port(state, p);
	case USER_LISTEN_UUID:
		p[0] = (uint8_t)mutate_below(state, 3);
		p[1] = (uint8_t)mutate_below(state, 2);
		return 2;
	case USER_WRITE:
	case USER_WRITEV:
		p[0] = (uint8_t)mutate_below(state, 256);
		p[1] = (uint8_t)mutate_below(state, 5);
		p[2] = 3;
		return 3;
	case USER_READ:
		p[0] = (uint8_t)mutate_below(state, 4);
		p[1] = 0xff;
		p[2] = 0xff;
		return 3;
	case USER_OPTION:
	case USER_SERVER_OPTION:
		return put_option(state, p);
	case USER_SERVICE_SET:
		return put_element(state, p);
	case USER_SECURITY:
		p[0] = (uint8_t)(mutate_below(state, 16) * 2);
		p[1] = 0;
		return 2;
	case USER_POLICY:
		p[0] = (uint8_t)(mutate_below(state, 256) | 1);
		p[1] = (uint8_t)mutate_below(state, 4);
		return 2;
	default:
		return put_random(state, p, 4);
	}
}

size_t user_make_act(uint64_t *state, uint8_t *ret_what, uint8_t *args)
{
	static const uint8_t often[] = {
		USER_SOCKET_NEW, USER_SOCKET_NEW, USER_CONNECT,
		USER_CONNECT,	 USER_CONNECT,	  USER_CONNECT,
		USER_SERVER_NEW, USER_LISTEN,	  USER_LISTEN,
		USER_TAKE,	 USER_TAKE,	  USER_WRITE,
		USER_WRITE,	 USER_READ,	  USER_LISTEN_UUID,
		USER_OPTION,	 USER_POLICY,	  USER_AGENT,
	};
	const uint8_t what = mutate_below(state, 2)
				     ? often[mutate_below(state, sizeof(often))]
				     : (uint8_t)mutate_below(state, USER_ACTS);
	size_t n = 0;

	*ret_what = what;
	if (what < USER_PAIR) {
		/* Few of them, so that acts meet. */
		args[n++] = (uint8_t)mutate_below(state, 3);
		return n + put_arguments(state, what, args + n);
	}
	if (what == USER_THEN) {
		n = 1 + put_random(state, args + 1, 3);
		args[0] = (uint8_t)mutate_below(state, USER_THEN);
		args[1] %= 3;
		return n;
	}
	/* Mostly about the peer; what is asked of it, runs. */
	n = put_arguments(state, what, args);
	if (what == USER_ASK_NAME || what == USER_ECHO || what == USER_SEARCH ||
	    what == USER_PAIR || what == USER_INQUIRE)
		args[0] &= 0x4c;
	return n;
}
