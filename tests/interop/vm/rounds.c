/* SPDX-License-Identifier: MIT */
#include "tests/interop/vm/rounds.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/interop/cue.h"
#include "tests/interop/story.h"
#include "tests/interop/vm/kernel.h"

#define RFCOMM_MS 60000 /* the kernel gives up after 30 s, or 40 s */
#define BUSY_MS 10000

static const struct kernel_socket rfcomm = { .rfcomm = true };
static const struct kernel_socket l2cap = { .rfcomm = false };

/* --- one connection that sends and verifies ------------------------------ */

struct flow {
	int fd;
	bool over; /* the other side has closed */
	uint64_t sent;
	uint64_t received;
	uint64_t most; /* to send */
};

static void send_some(struct flow *flow)
{
	uint8_t buf[STORY_UNIT_BYTES];
	size_t bytes = sizeof(buf);
	ssize_t n;

	if (flow->most - flow->sent < bytes)
		bytes = (size_t)(flow->most - flow->sent);
	if (bytes == 0)
		return;
	pattern_fill(&story_their_pattern, flow->sent, buf, bytes);
	n = send(flow->fd, buf, bytes, MSG_NOSIGNAL);
	if (n > 0)
		flow->sent += (uint64_t)n;
	else if (errno != EAGAIN)
		flow->over = true;
}

static void receive_some(struct flow *flow)
{
	uint8_t buf[4096];
	ssize_t n = recv(flow->fd, buf, sizeof(buf), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		flow->over = true;
		return;
	}
	if (!pattern_is(&story_our_pattern, flow->received, buf, (size_t)n)) {
		fprintf(stderr, "peer: %zd octets at %llu are not as sent\n", n,
			(unsigned long long)flow->received);
		exit(1);
	}
	flow->received += (uint64_t)n;
}

/* Lets data flow for a time, or until all that is expected has come. */
static void let_flow(struct flow *flow, long ms, uint64_t expected)
{
	struct pollfd ready = { .fd = flow->fd };
	const long end = kernel_now_ms() + ms;
	long left = ms;

	while (left > 0 && !flow->over) {
		if (flow->received >= expected && flow->sent >= flow->most &&
		    kernel_has_sent(flow->fd))
			return;
		ready.events = POLLIN;
		if (flow->sent < flow->most)
			ready.events |= POLLOUT;
		if (poll(&ready, 1, left < 20 ? (int)left : 20) < 0)
			kernel_fail("poll");
		if (ready.revents & (POLLIN | POLLHUP | POLLERR))
			receive_some(flow);
		if (ready.revents & POLLOUT)
			send_some(flow);
		left = end - kernel_now_ms();
	}
}

/* The kernel is still busy with the DLC that was closed before. */
static int begin(const char *address, int channel)
{
	const long end = kernel_now_ms() + BUSY_MS;
	int fd;

	do {
		fd = kernel_begin(&rfcomm, address, channel);
		if (fd >= 0 || errno != EBUSY)
			return fd;
		usleep(10000);
	} while (kernel_now_ms() < end);
	return -1;
}

/*
 * A connect that finds the kernel taking its session down goes down with it,
 * and has not left the kernel.
 */
static bool was_unlucky(int err)
{
	return err == ECONNRESET;
}

/* --- churn --------------------------------------------------------------- */

struct churn {
	const char *address;
	int channel;
	int rounds;
	uint64_t random;
	int stood; /* rounds in which the connection came to stand */
	uint64_t sent;
	uint64_t received;
};

static void cut(struct churn *churn, int fd, long ms)
{
	struct flow flow = { .fd = fd, .most = UINT64_MAX };

	churn->stood++;
	let_flow(&flow, ms, UINT64_MAX);
	churn->sent += flow.sent;
	churn->received += flow.received;
	close(fd);
}

static void connect_and_cut(struct churn *churn)
{
	const long end = kernel_now_ms() + story_cut_ms(&churn->random);
	int fd = begin(churn->address, churn->channel);
	int err;

	if (fd < 0)
		kernel_fail("connect");
	err = kernel_connected(fd, (int)(end - kernel_now_ms() > 0
						 ? end - kernel_now_ms()
						 : 0));
	if (err == 0) {
		cut(churn, fd, end - kernel_now_ms());
		return;
	}
	if (err != ETIMEDOUT)
		printf("a connect failed: %s\n", strerror(err));
	close(fd);
}

/* Takes connections on the one channel until one comes on the other. */
static int accept_and_cut(struct churn *churn, int last)
{
	int fd = kernel_listen(&rfcomm, churn->channel);
	struct pollfd ready[2] = { { .fd = fd, .events = POLLIN },
				   { .fd = last, .events = POLLIN } };

	int conn;

	puts("ready");
	while (poll(ready, 2, RFCOMM_MS) > 0 && !ready[1].revents) {
		conn = kernel_accept(fd, 0);
		if (conn >= 0)
			cut(churn, conn, story_cut_ms(&churn->random));
	}
	close(fd);
	return kernel_accept(last, 0);
}

static int finish(int fd)
{
	struct flow flow = { .fd = fd, .most = STORY_LAST_BYTES };

	if (fd < 0)
		kernel_fail("the last connection");
	let_flow(&flow, RFCOMM_MS, STORY_LAST_BYTES);
	close(fd);
	if (flow.sent == STORY_LAST_BYTES && flow.received == STORY_LAST_BYTES)
		return 0;
	fprintf(stderr, "peer: at last sent %llu received %llu\n",
		(unsigned long long)flow.sent,
		(unsigned long long)flow.received);
	return 1;
}

static int connect_at_last(const struct churn *churn)
{
	int fd;

	for (int i = 0; i < 10; i++) {
		fd = begin(churn->address, churn->channel + 1);
		if (fd < 0)
			break;
		errno = kernel_connected(fd, RFCOMM_MS);
		if (errno == 0)
			return fd;
		close(fd);
		if (!was_unlucky(errno))
			break;
	}
	kernel_fail("the last connect");
}

int rounds_churn(const char *address, int channel, int rounds, uint32_t seed)
{
	struct churn churn = { address, channel, rounds, seed, 0, 0, 0 };
	int last;

	if (address) {
		for (int i = 0; i < rounds; i++)
			connect_and_cut(&churn);
		last = connect_at_last(&churn);
	} else {
		last = accept_and_cut(&churn,
				      kernel_listen(&rfcomm, channel + 1));
	}
	printf("%d connections cut, sent %llu received %llu\n", churn.stood,
	       (unsigned long long)churn.sent,
	       (unsigned long long)churn.received);
	return finish(last);
}

/* --- crossing ------------------------------------------------------------ */

#define TAKEN 4

struct cross {
	const char *address;
	int channel;
	uint64_t random;
	struct cue cue;
	int listener;
	int holder; /* an L2CAP channel that keeps the link up */
	int taken[TAKEN];

	int own; /* our attempt, or -1 */
	bool stands;
	bool must;
	long begun_ms;
	size_t echoed;
};

static void attempt_over(struct cross *cross, int err)
{
	printf("attempt %s after %ld ms\n", err ? strerror(err) : "good",
	       kernel_now_ms() - cross->begun_ms);
	if (cross->own >= 0)
		close(cross->own);
	cross->own = -1;
	if (err && cross->must) {
		errno = err;
		kernel_fail("an attempt alone");
	}
	cue_give(&cross->cue, STORY_DONE);
}

static void attempt(struct cross *cross, bool must)
{
	cross->must = must;
	cross->stands = false;
	cross->echoed = 0;
	cross->begun_ms = kernel_now_ms();
	cross->own =
		must ? begin(cross->address, cross->channel)
		     : kernel_begin(&rfcomm, cross->address, cross->channel);
	if (cross->own < 0)
		attempt_over(cross, errno);
}

static void work_on_own(struct cross *cross)
{
	uint8_t buf[STORY_ECHO_BYTES];
	ssize_t n;
	int err;

	if (!cross->stands) {
		err = kernel_connected(cross->own, 0);
		if (cross->must && was_unlucky(err)) {
			close(cross->own);
			attempt(cross, true);
			return;
		}
		if (err) {
			attempt_over(cross, err);
			return;
		}
		cross->stands = true;
		pattern_fill(&story_their_pattern, 0, buf, sizeof(buf));
		if (send(cross->own, buf, sizeof(buf), MSG_NOSIGNAL) < 0)
			attempt_over(cross, errno);
		return;
	}
	n = recv(cross->own, buf, sizeof(buf), 0);
	if (n <= 0) {
		attempt_over(cross, n < 0 ? errno : ECONNRESET);
		return;
	}
	if (!pattern_is(&story_their_pattern, cross->echoed, buf, (size_t)n)) {
		fputs("peer: the echo is not what was sent\n", stderr);
		exit(1);
	}
	cross->echoed += (size_t)n;
	if (cross->echoed == sizeof(buf))
		attempt_over(cross, 0);
}

static void echo(int *fd)
{
	uint8_t buf[STORY_ECHO_BYTES];
	ssize_t n = recv(*fd, buf, sizeof(buf), 0);

	if (n > 0 && send(*fd, buf, (size_t)n, MSG_NOSIGNAL) == n)
		return;
	if (n < 0 && errno == EAGAIN)
		return;
	close(*fd);
	*fd = -1;
}

static void take_connection(struct cross *cross)
{
	int fd = kernel_accept(cross->listener, 0);

	for (size_t i = 0; i < TAKEN; i++) {
		if (cross->taken[i] >= 0)
			continue;
		cross->taken[i] = fd;
		return;
	}
	close(fd);
}

/* False at the end of the story. */
static bool obey(struct cross *cross)
{
	const char letter = cue_take(&cross->cue);

	if (letter == STORY_CROSS) {
		usleep((useconds_t)story_jitter_ms(&cross->random) * 1000);
		attempt(cross, false);
	} else if (letter == STORY_ALONE) {
		attempt(cross, true);
	}
	return letter != STORY_END;
}

static bool turn(struct cross *cross)
{
	struct pollfd fds[3 + TAKEN] = {
		{ .fd = cross->cue.take, .events = POLLIN },
		{ .fd = cross->listener, .events = POLLIN },
		{ .fd = cross->own,
		  .events = cross->stands ? POLLIN : POLLOUT },
	};

	for (size_t i = 0; i < TAKEN; i++)
		fds[3 + i] = (struct pollfd){ cross->taken[i], POLLIN, 0 };
	if (poll(fds, 3 + TAKEN, RFCOMM_MS) <= 0) {
		errno = ETIMEDOUT;
		kernel_fail(cross->own >= 0 ? "an attempt" : "a cue");
	}
	for (size_t i = 0; i < TAKEN; i++) {
		if (fds[3 + i].revents)
			echo(&cross->taken[i]);
	}
	if (fds[2].revents)
		work_on_own(cross);
	if (fds[1].revents)
		take_connection(cross);
	return !fds[0].revents || obey(cross);
}

int rounds_cross(char **args)
{
	struct cross cross = {
		.address = args[0],
		.channel = atoi(args[1]),
		.random = (uint64_t)atoi(args[3]) + 1,
		.taken = { -1, -1, -1, -1 },
		.own = -1,
	};
	int fd = kernel_listen(&l2cap, STORY_PSM);

	cross.listener = kernel_listen(&rfcomm, cross.channel);
	errno = cue_open(&cross.cue, args[4], args[5]);
	if (errno)
		kernel_fail("cue");
	puts("ready");
	cross.holder = kernel_accept(fd, RFCOMM_MS);
	if (cross.holder < 0)
		kernel_fail("accept");
	while (turn(&cross))
		;
	return 0;
}
