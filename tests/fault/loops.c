/* SPDX-License-Identifier: MIT */
#include "tests/fault/loops.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "hci/transport.h"
#include "stack/rd.h"
#include "tests/fault/calls.h"

#define START_US RT_SECONDS(1000)
#define ROUNDS_MAX 1000 /* at one instant; then time goes on all the same */
#define BUSY_US RT_MS(100)
#define REFUSALS_MAX 3

void loops_tell(struct loops *loops, int err)
{
	ck_assert_int_lt(err, 0);
	loops->told++;
}

/* --- the controllers' side ------------------------------------------------ */

static bool read_host(struct loops_node *node)
{
	uint8_t octets[RT_VCTL_H4_BYTES];
	enum rt_packet_type type;
	struct rt_bytes packet;
	struct rt_rd r;
	ssize_t n = -1;
	bool any = false;
	int got;

	if (node->fd >= 0)
		n = read(node->fd, octets, sizeof(octets));
	if (n <= 0)
		return false;
	r = rt_rd_init(rt_bytes(octets, (size_t)n));
	while ((got = rt_vctl_h4_next(&node->rx, &r, &type, &packet)) > 0) {
		rt_vctl_rx(node->vctl, type, packet);
		any = true;
	}
	/* A host that sends half a packet has lost its way for good. */
	ck_assert_int_eq(got, 0);
	return any;
}

static bool write_host(struct loops_node *node)
{
	struct pollfd poll_fd = { .fd = node->fd, .events = POLLOUT };
	enum rt_packet_type type;
	struct rt_bytes packet;
	uint8_t h4[1 + 4 + 2000];
	bool any = false;

	while (node->fd >= 0 && rt_vctl_has_tx(node->vctl) &&
	       poll(&poll_fd, 1, 0) == 1 &&
	       !(poll_fd.revents & (POLLERR | POLLHUP)) &&
	       rt_vctl_tx(node->vctl, &type, &packet)) {
		ck_assert_uint_lt(packet.len, sizeof(h4));
		h4[0] = (uint8_t)type;
		memcpy(h4 + 1, packet.ptr, packet.len);
		if (write(node->fd, h4, 1 + packet.len) < 0)
			return any;
		any = true;
	}
	return any;
}

/* --- the loops ------------------------------------------------------------ */

static void dispatch(struct loops_node *node)
{
	int err;

	calls.counted = true;
	err = rt_host_dispatch(node->host);
	calls.counted = false;
	node->refusals = err == 0 ? 0 : node->refusals + 1;
	if (err < 0)
		loops_tell(node->loops, err);
}

/* Who has something to do; whoever is refused again and again gives it up. */
static void look(const struct loops *loops, struct pollfd fds[2 * LOOPS_HOSTS])
{
	for (int i = 0; i < LOOPS_HOSTS; i++) {
		const struct loops_node *node = &loops->node[i];
		const bool alive = node->host && node->refusals < REFUSALS_MAX;

		fds[2 * i] =
			(struct pollfd){ .fd = node->fd, .events = POLLIN };
		fds[2 * i + 1] = (struct pollfd){
			.fd = alive ? rt_host_fd(node->host) : -1,
			.events = POLLIN,
		};
	}
	ck_assert_int_ge(poll(fds, 2 * LOOPS_HOSTS, 0), 0);
}

static bool turn(struct loops *loops)
{
	struct pollfd fds[2 * LOOPS_HOSTS];
	bool any = false;

	rt_air_advance(loops->air, calls.now_us);
	look(loops, fds);
	for (int i = 0; i < LOOPS_HOSTS; i++) {
		struct loops_node *node = &loops->node[i];

		if (fds[2 * i].revents)
			any = read_host(node) || any;
		any = write_host(node) || any;
		if (!fds[2 * i + 1].revents)
			continue;
		any = true;
		dispatch(node);
	}
	return any;
}

/* The instant at which somebody has something to do. */
static uint64_t next_due(const struct loops *loops)
{
	uint64_t due_us = UINT64_MAX;
	uint64_t it;

	if (calls_next_timer(&it))
		due_us = it;
	if (rt_air_next(loops->air, &it) && it < due_us)
		due_us = it;
	return due_us;
}

bool loops_run_until(struct loops *loops, bool (*done)(void *arg), void *arg,
		     uint64_t limit_us)
{
	const uint64_t end_us = calls.now_us + limit_us;
	unsigned int rounds = 0;
	uint64_t due_us;

	for (;;) {
		if (done && done(arg))
			return true;
		if (turn(loops) && ++rounds < ROUNDS_MAX)
			continue;
		due_us = rounds < ROUNDS_MAX ? next_due(loops)
					     : calls.now_us + BUSY_US;
		rounds = RT_MIN(rounds, ROUNDS_MAX - 10);
		if (due_us > end_us)
			break;
		calls_set_clock(RT_MAX(due_us, calls.now_us + 1));
	}
	calls_set_clock(end_us);
	turn(loops);
	return done && done(arg);
}

void loops_run(struct loops *loops, uint64_t us)
{
	(void)loops_run_until(loops, NULL, NULL, us);
}

bool loops_is_up(const struct loops *loops, unsigned int i)
{
	return loops->node[i].host &&
	       rt_host_state(loops->node[i].host) == RT_HOST_UP;
}

struct rt_addr loops_addr(const struct loops *loops, unsigned int i)
{
	return rt_vctl_addr(loops->node[i].vctl);
}

/* --- opening and closing -------------------------------------------------- */

static void on_state(struct rt_host *host, enum rt_host_state state,
		     void *user_data)
{
	struct loops_node *node = user_data;
	struct rt_error_info info = { .size = sizeof(info) };
	char text[160];

	if (state != RT_HOST_RECOVERING && state != RT_HOST_DOWN)
		return;
	rt_host_error_info(host, &info);
	if (info.err == 0)
		return; /* it has recovered since */
	ck_assert_str_ne(rt_error_format(&info, text, sizeof(text)), "");
	loops_tell(node->loops, info.err);
}

static void on_log(enum rt_level level, const char *line, void *user_data)
{
	struct loops_node *node = user_data;

	if (getenv("RAWTOOTH_TEST_LOG"))
		fprintf(stderr, "%10llu host %td <%d> %s\n",
			(unsigned long long)calls.now_us,
			node - node->loops->node, level, line);
	/* What an application could not have asked for in another way. */
	if (level == RT_LEVEL_ERROR)
		node->loops->told++;
}

static const struct rt_host_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state,
	.on_log = on_log,
};

static void node_random(void *ctx, void *buf, size_t bytes)
{
	uint64_t *state = ctx;
	uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i++) {
		*state = *state * UINT64_C(6364136223846793005) + 1;
		p[i] = (uint8_t)(*state >> 56);
	}
}

static void nonblocking(int fd)
{
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* Listens at an address; the line is accepted when the host has opened it. */
static int listen_at(const struct sockaddr *addr, socklen_t bytes)
{
	const int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, addr, bytes), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	nonblocking(fd);
	return fd;
}

static int listen_unix(const struct loops *loops, char *spec, size_t cap)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/hci", loops->dir);
	snprintf(spec, cap, "unix:%s", addr.sun_path);
	unlink(addr.sun_path);
	return listen_at((const void *)&addr, sizeof(addr));
}

static int listen_tcp(char *spec, size_t cap)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t bytes = sizeof(addr);
	const int fd = listen_at((const void *)&addr, sizeof(addr));

	ck_assert_int_eq(getsockname(fd, (void *)&addr, &bytes), 0);
	snprintf(spec, cap, "tcp-client:127.0.0.1:%u", ntohs(addr.sin_port));
	return fd;
}

static int make_pair(int type, int *ret_theirs, char *spec, size_t cap)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
	snprintf(spec, cap, "fd:%d", fds[1]);
	*ret_theirs = fds[1];
	return fds[0];
}

/* As somebody left it who used it before. */
static void play_terminal(struct termios *tio)
{
	memset(tio, 0, sizeof(*tio));
	tio->c_iflag = ICRNL;
	tio->c_lflag = ICANON | ECHO;
	tio->c_cflag = CS7 | PARENB;
	cfsetispeed(tio, B9600);
	cfsetospeed(tio, B9600);
}

static int open_terminal(char *spec, size_t cap)
{
	char unused[32];
	int theirs;
	const int fd = make_pair(SOCK_STREAM, &theirs, unused, sizeof(unused));

	calls.terminal = theirs;
	calls.terminal_open = -1;
	calls.exclusive = false;
	play_terminal(&calls.tio);
	snprintf(spec, cap, "serial:%s,115200,rtscts", CALLS_TERMINAL);
	return fd;
}

bool loops_terminal_is_as_it_was(void)
{
	struct termios was;

	play_terminal(&was);
	return memcmp(&was, &calls.tio, sizeof(was)) == 0 && !calls.exclusive;
}

/* The near end of a line, or who listens for it; its name; the far end. */
static int make_line(const struct loops *loops, enum loops_line line,
		     int *ret_theirs, char *spec, size_t cap)
{
	*ret_theirs = -1;
	switch (line) {
	case LOOPS_STREAM:
		return make_pair(SOCK_STREAM, ret_theirs, spec, cap);
	case LOOPS_PACKETS:
		return make_pair(SOCK_SEQPACKET, ret_theirs, spec, cap);
	case LOOPS_UNIX:
		return listen_unix(loops, spec, cap);
	case LOOPS_TCP:
		return listen_tcp(spec, cap);
	case LOOPS_SERIAL:
		return open_terminal(spec, cap);
	}
	return -1;
}

static int open_host(struct loops_node *node, const char *spec, bool files,
		     char *message)
{
	static uint64_t random[LOOPS_HOSTS];
	const struct loops *loops = node->loops;
	const long i = node - loops->node;
	char keys[96];
	char snoop[96];
	const struct rt_host_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = node,
		.random = node_random,
		.ctx = &random[i],
		.key_dir = files ? keys : NULL,
		.forget_keys = !files,
		.snoop = files ? snoop : NULL,
	};
	int err;

	random[i] = (uint64_t)i;
	snprintf(keys, sizeof(keys), "%s/keys%ld", loops->dir, i);
	snprintf(snoop, sizeof(snoop), "%s/snoop%ld", loops->dir, i);
	calls.counted = true;
	err = rt_host_open(spec, &options, &node->host, message);
	calls.counted = false;
	return err;
}

static bool is_dialled(enum loops_line line)
{
	return line == LOOPS_UNIX || line == LOOPS_TCP;
}

bool loops_open(struct loops *loops, unsigned int i, enum loops_line line,
		bool files)
{
	struct loops_node *node = &loops->node[i];
	char message[RT_MESSAGE_BYTES] = "";
	char spec[128];
	int theirs;
	int near = make_line(loops, line, &theirs, spec, sizeof(spec));
	const int err = open_host(node, spec, files, message);

	node->line = line;
	node->fd = near;
	if (err == 0 && is_dialled(line)) {
		node->fd = accept4(near, NULL, NULL, SOCK_CLOEXEC);
		ck_assert_int_ge(node->fd, 0);
		close(near);
	}
	nonblocking(node->fd);
	if (err == 0)
		return true;
	node->host = NULL;
	ck_assert_str_ne(message, "");
	loops_tell(loops, err);
	/* It is still ours. */
	if (theirs >= 0)
		ck_assert_int_eq(close(theirs), 0);
	if (line == LOOPS_SERIAL && calls.terminal >= 0)
		ck_assert_int_eq(close(calls.terminal), 0);
	loops_close(loops, i);
	return false;
}

void loops_close(struct loops *loops, unsigned int i)
{
	struct loops_node *node = &loops->node[i];

	calls.counted = true;
	rt_host_close(node->host);
	calls.counted = false;
	node->host = NULL;
	/* Its last Reset. */
	while (read_host(node))
		;
	if (node->fd >= 0)
		close(node->fd);
	node->fd = -1;
	node->rx.len = 0;
}

struct loops *loops_new(void)
{
	const struct rt_air_options air = { .seed = 7, .latency_us = 1250 };
	struct loops *loops = calloc(1, sizeof(*loops));

	ck_assert_ptr_nonnull(loops);
	calls_set_clock(START_US);
	snprintf(loops->dir, sizeof(loops->dir), "/tmp/rawtooth-fault-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(loops->dir));
	loops->air = rt_air_new(&air);
	ck_assert_ptr_nonnull(loops->air);
	rt_air_advance(loops->air, calls.now_us);
	for (int i = 0; i < LOOPS_HOSTS; i++) {
		loops->node[i].loops = loops;
		loops->node[i].fd = -1;
		loops->node[i].vctl = rt_vctl_new(loops->air, NULL);
		ck_assert_ptr_nonnull(loops->node[i].vctl);
	}
	return loops;
}

/* Removes a directory with the files in it. */
static void remove_all(const char *path)
{
	char name[512];
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		snprintf(name, sizeof(name), "%s/%.255s", path, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove(name);
	}
	if (dir)
		closedir(dir);
	remove(path);
}

void loops_free(struct loops *loops)
{
	char keys[96];

	for (unsigned int i = 0; i < LOOPS_HOSTS; i++) {
		loops_close(loops, i);
		snprintf(keys, sizeof(keys), "%s/keys%u", loops->dir, i);
		remove_all(keys);
	}
	rt_air_free(loops->air);
	remove_all(loops->dir);
	free(loops);
}
