/* SPDX-License-Identifier: MIT */
#include "tests/fault/system.h"

#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stack/base.h"
#include "tests/fault/calls.h"
#include "tests/support/end.h"

#define CHANNEL 5
#define PSM 0x1001
#define DATA_BYTES 3000
#define PIECE_BYTES 500

/* Two hosts that bond, and what passes between them. */
struct bond {
	struct loops *loops;
	enum rt_protocol protocol;
	struct rt_server *server;
	struct end client;
	struct end end; /* of the server */
	int fd;		/* the client's exported descriptor; -1: closed */
	size_t fd_sent;
	size_t fd_got;
	bool fd_ended;
	uint8_t fd_rx[DATA_BYTES + 1];
	uint8_t rx[DATA_BYTES + 1];
};

static uint8_t data[DATA_BYTES];

static bool both_up_or_one_down(void *arg)
{
	const struct loops *loops = arg;

	for (unsigned int i = 0; i < LOOPS_HOSTS; i++) {
		const struct rt_host *host = loops->node[i].host;

		if (host && rt_host_state(host) != RT_HOST_UP &&
		    rt_host_state(host) != RT_HOST_DOWN)
			return false;
	}
	return true;
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct bond *bond = user_data;

	end_attach(&bond->end, rt_server_next_pending(server));
	end_push(&bond->end);
}

static const struct rt_server_callbacks server_callbacks = {
	.size = sizeof(server_callbacks),
	.on_new_connection = on_new_connection,
};

/* What the application asks for; it is told what is refused. */
static bool accept_from(struct bond *bond, int err)
{
	if (err < 0)
		loops_tell(bond->loops, err);
	return err >= 0;
}

static uint16_t port_of(const struct bond *bond)
{
	return bond->protocol == RT_PROTOCOL_RFCOMM ? CHANNEL : PSM;
}

/* Reliable in either protocol, and with a key that is stored. */
static int choose(struct bond *bond)
{
	int err = rt_server_set_security(bond->server, RT_SECURITY_ENCRYPTION);

	if (err == 0)
		err = rt_socket_set_security(bond->client.s,
					     RT_SECURITY_ENCRYPTION);
	if (err < 0 || bond->protocol == RT_PROTOCOL_RFCOMM)
		return err;
	err = rt_server_set_option(bond->server, RT_OPTION_MODE,
				   RT_SOCKET_MODE_ERTM);
	return err < 0 ? err
		       : rt_socket_set_option(bond->client.s, RT_OPTION_MODE,
					      RT_SOCKET_MODE_ERTM);
}

static int begin_bond(struct bond *bond)
{
	struct loops *loops = bond->loops;
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = true,
	};
	int err = 0;

	for (int i = 0; i < LOOPS_HOSTS && err == 0; i++)
		err = rt_host_set_pairing_policy(loops->node[i].host, &policy);
	bond->server = rt_server_new(loops->node[1].host, bond->protocol,
				     &server_callbacks, bond);
	bond->client.s = rt_socket_new(loops->node[0].host, bond->protocol);
	ck_assert(bond->server && bond->client.s);
	end_attach(&bond->client, bond->client.s);
	if (err == 0)
		err = choose(bond);
	if (err == 0)
		err = rt_server_listen(bond->server, port_of(bond));
	if (err == 0)
		err = rt_socket_connect(bond->client.s, loops_addr(loops, 1),
					port_of(bond));
	return err;
}

static bool is_connected(void *arg)
{
	const struct bond *bond = arg;

	return (bond->client.connected && bond->end.s) || bond->client.errors;
}

/* Moves what the exported descriptor takes and gives. */
static void pump(struct bond *bond)
{
	ssize_t n;

	if (bond->fd < 0)
		return;
	if (bond->fd_sent < DATA_BYTES) {
		n = send(bond->fd, data + bond->fd_sent,
			 RT_MIN(DATA_BYTES - bond->fd_sent,
				(size_t)PIECE_BYTES),
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			bond->fd_sent += (size_t)n;
	}
	n = recv(bond->fd, bond->fd_rx + bond->fd_got,
		 sizeof(bond->fd_rx) - bond->fd_got, MSG_DONTWAIT);
	if (n > 0)
		bond->fd_got += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		bond->fd_ended = true;
}

static bool is_carried(void *arg)
{
	struct bond *bond = arg;

	pump(bond);
	return (bond->end.rx_bytes == DATA_BYTES &&
		bond->fd_got == DATA_BYTES) ||
	       bond->fd_ended;
}

/* Data both ways, over the descriptor on the client's side. */
static bool carry(struct bond *bond)
{
	bond->end.rx = bond->rx;
	bond->end.rx_cap = DATA_BYTES;
	end_pull(&bond->end);
	calls.counted = true;
	bond->fd = rt_socket_descriptor(bond->client.s);
	calls.counted = false;
	if (!accept_from(bond, bond->fd))
		return false;
	bond->end.piece = PIECE_BYTES;
	calls.counted = true;
	end_send(&bond->end, data, DATA_BYTES);
	calls.counted = false;
	loops_run_until(bond->loops, is_carried, bond, RT_SECONDS(60));
	return bond->fd_got == DATA_BYTES && bond->end.rx_bytes == DATA_BYTES;
}

static void check_data(const struct bond *bond)
{
	ck_assert_uint_le(bond->fd_got, DATA_BYTES);
	ck_assert_mem_eq(bond->fd_rx, data, bond->fd_got);
	ck_assert_mem_eq(bond->rx, data, bond->end.rx_bytes);
}

static bool has_ended(void *arg)
{
	const struct bond *bond = arg;

	return bond->end.disconnected > 0;
}

static bool play_bond(struct bond *bond)
{
	int err;

	calls.counted = true;
	err = begin_bond(bond);
	calls.counted = false;
	if (!accept_from(bond, err))
		return false;
	loops_run_until(bond->loops, is_connected, bond, RT_SECONDS(100));
	if (!bond->client.connected || !bond->end.s)
		return false;
	if (!carry(bond))
		return false;
	close(bond->fd);
	bond->fd = -1;
	return loops_run_until(bond->loops, has_ended, bond, RT_SECONDS(60));
}

static void end_bond(struct bond *bond)
{
	struct loops *loops = bond->loops;

	check_data(bond);
	for (int i = 0; i < 2; i++) {
		const struct end *end = i ? &bond->end : &bond->client;

		ck_assert_uint_le(end->connected, 1);
		ck_assert_uint_le(end->errors, 1);
		/* The close of the other side is no news of a fault. */
		if (end->errors &&
		    end->error != RT_SOCKET_ERROR_REMOTE_HOST_CLOSED) {
			ck_assert_str_ne(end->error_string, "");
			loops->told++;
		}
	}
	/* The client's descriptor ends only if its socket does. */
	if (bond->fd_ended && bond->fd >= 0)
		ck_assert_uint_gt(
			bond->client.errors + bond->client.disconnected, 0);
	if (bond->fd >= 0)
		close(bond->fd);
	calls.counted = true;
	end_free(&bond->client);
	end_free(&bond->end);
	rt_server_free(bond->server);
	calls.counted = false;
}

/* What is wrong with the keys, if anything is, is told. */
static void ask_for_keys(struct loops *loops)
{
	char message[RT_MESSAGE_BYTES];
	int err;

	for (int i = 0; i < LOOPS_HOSTS; i++) {
		if (!loops->node[i].host)
			continue;
		err = rt_host_key_store_error(loops->node[i].host, message);
		if (err == 0)
			continue;
		ck_assert_str_ne(message, "");
		loops_tell(loops, err);
	}
}

static bool has_key(const struct loops *loops, unsigned int i)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	return rt_host_next_key(loops->node[i].host, none, &key) == 0;
}

/* The key is there for the next host on the same controller. */
static bool find_keys(struct loops *loops)
{
	bool found = true;

	for (unsigned int i = 0; i < LOOPS_HOSTS; i++) {
		if (!loops_open(loops, i, LOOPS_STREAM, true))
			return false;
	}
	loops_run_until(loops, both_up_or_one_down, loops, RT_SECONDS(100));
	for (unsigned int i = 0; i < LOOPS_HOSTS; i++)
		found = loops_is_up(loops, i) && has_key(loops, i) && found;
	ask_for_keys(loops);
	return found;
}

static uint64_t capture_gaps(const struct loops *loops)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };
	uint64_t failed = 0;

	for (int i = 0; i < LOOPS_HOSTS; i++) {
		rt_host_get_stats(loops->node[i].host, &stats);
		failed += stats.capture_failed;
	}
	return failed;
}

/* Bonds, carries data, closes. */
static bool tell_bond(struct loops *loops, enum rt_protocol protocol,
		      bool files)
{
	struct bond bond = { .loops = loops, .protocol = protocol, .fd = -1 };
	bool fine;

	for (size_t i = 0; i < DATA_BYTES; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);

	for (unsigned int i = 0; i < LOOPS_HOSTS; i++) {
		if (!loops_open(loops, i, LOOPS_STREAM, files)) {
			/* Another may be open. */
			loops_close(loops, 0);
			return false;
		}
	}
	loops_run_until(loops, both_up_or_one_down, loops, RT_SECONDS(100));
	fine = loops_is_up(loops, 0) && loops_is_up(loops, 1) &&
	       play_bond(&bond);
	end_bond(&bond);
	loops_run(loops, RT_SECONDS(5));
	ask_for_keys(loops);
	fine = fine && capture_gaps(loops) == 0;
	for (unsigned int i = 0; i < LOOPS_HOSTS; i++)
		loops_close(loops, i);
	return fine;
}

/* With captures and keys, which are there the next time. */
static bool tell_all(struct loops *loops)
{
	const bool fine = tell_bond(loops, RT_PROTOCOL_RFCOMM, true);

	return find_keys(loops) && fine;
}

static bool tell_datagrams(struct loops *loops)
{
	return tell_bond(loops, RT_PROTOCOL_L2CAP, false);
}

/* One host on a line: it comes up, has a new name, and goes. */
static bool tell_line(struct loops *loops, enum loops_line line)
{
	bool fine;

	if (!loops_open(loops, 0, line, false))
		return false;
	loops_run_until(loops, both_up_or_one_down, loops, RT_SECONDS(100));
	fine = loops_is_up(loops, 0);
	calls.counted = true;
	if (fine)
		fine = rt_host_set_name(loops->node[0].host, "another") == 0;
	calls.counted = false;
	loops_run(loops, RT_SECONDS(10));
	return fine && loops_is_up(loops, 0);
}

static bool tell_packets(struct loops *loops)
{
	return tell_line(loops, LOOPS_PACKETS);
}

static bool tell_unix(struct loops *loops)
{
	return tell_line(loops, LOOPS_UNIX);
}

static bool tell_tcp(struct loops *loops)
{
	return tell_line(loops, LOOPS_TCP);
}

/* It gets its settings back, unless that very call is the one that fails. */
static bool tell_serial(struct loops *loops)
{
	const bool fine = tell_line(loops, LOOPS_SERIAL);

	loops_close(loops, 0);
	if (!calls.failed ||
	    (calls.kind != CALL_tcsetattr && calls.kind != CALL_ioctl))
		ck_assert(loops_terminal_is_as_it_was());
	return fine;
}

const struct system_story system_stories[] = {
	{ "all", tell_all, false },
	{ "datagrams", tell_datagrams, true },
	{ "packets", tell_packets, false },
	{ "unix", tell_unix, false },
	{ "tcp", tell_tcp, false },
	{ "serial", tell_serial, false },
};

const size_t system_story_count = RT_ARRAY_SIZE(system_stories);
