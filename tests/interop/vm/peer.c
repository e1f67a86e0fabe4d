/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of a transfer: a program on AF_BLUETOOTH sockets.
 *
 *   peer rfcomm|l2cap listen PORT [options]
 *   peer rfcomm|l2cap connect ADDRESS PORT [options]
 *     -s FILE   send the file's octets
 *     -r FILE   write what is received there
 *     -n COUNT  octets to receive before the end
 *     -v SEED   what is received must be `numbered` of that seed, with the
 *               boundaries of its units where there are any
 *     -m SIZE   octets a write, 672 unless told; for L2CAP a datagram, for
 *               -v a unit
 *     -c        close when everything was sent and received;
 *               without it: wait for the other side to close
 *     -t SEC    the longest it may take, 200 unless told
 *     -M basic|ertm|streaming|credit   mode of L2CAP
 *     -U MTU -W WINDOW -T TRANSMISSIONS -F   of that mode; -F: no FCS
 *     -k        L2CAP as a stream: the mode is not only preferred
 *   peer churn|cross ...   many connections: see rounds.c
 *   peer pattern COUNT SIZE
 *   peer numbered SEED SIZE TOTAL
 *
 * Pattern writes to the output what l2test and rctest send and look for:
 * COUNT units of SIZE octets with their number and their size in them.
 * Numbered writes TOTAL octets of ../pattern.h.
 *
 * Says "ready" when it listens, "connected" when it is connected and at the
 * end "sent S received R closed by us" or "... by peer". Ends with 1 after
 * any error, which is named, and when time is up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/interop/pattern.h"
#include "tests/interop/vm/kernel.h"
#include "tests/interop/vm/rounds.h"
#include "tests/interop/vm/settings.h"

#define SDU_MAX 65535
/* The kernel acknowledges in ERTM after 200 ms, and not when it closes. */
#define ACK_MS 500

struct peer {
	struct kernel_socket kind;
	bool closes;
	bool verifies;
	bool end_seen; /* recv() has said 0 before */
	int limit_ms;
	int fd;
	int source;
	int sink;
	size_t out_len;
	unsigned long long expected;
	unsigned long long sent;
	unsigned long long received;
	long heard_ms; /* when something was received last */
	struct pattern pattern;
	uint8_t out[SDU_MAX];
	uint8_t in[SDU_MAX];
};

static void do_listen(struct peer *peer, int port)
{
	int fd = kernel_listen(&peer->kind, port);

	puts("ready");
	peer->fd = kernel_accept(fd, peer->limit_ms);
	if (peer->fd < 0) {
		errno = ETIMEDOUT;
		kernel_fail("accept");
	}
	close(fd);
}

static void do_connect(struct peer *peer, const char *address, int port)
{
	peer->fd = kernel_begin(&peer->kind, address, port);
	if (peer->fd < 0)
		kernel_fail("connect");
	errno = kernel_connected(peer->fd, peer->limit_ms);
	if (errno)
		kernel_fail("connect");
}

/* The next unit to send is in out[]; out_len is 0 at the end of the file. */
static void fill(struct peer *peer)
{
	ssize_t n;

	if (peer->source < 0 || peer->out_len > 0)
		return;
	n = read(peer->source, peer->out, peer->pattern.unit_bytes);
	if (n < 0)
		kernel_fail("read");
	peer->out_len = (size_t)n;
	if (n == 0) {
		close(peer->source);
		peer->source = -1;
	}
}

static void send_some(struct peer *peer)
{
	ssize_t n = send(peer->fd, peer->out, peer->out_len, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno == EAGAIN)
			return;
		kernel_fail("send");
	}
	memmove(peer->out, peer->out + n, peer->out_len - (size_t)n);
	peer->out_len -= (size_t)n;
	peer->sent += (unsigned long long)n;
}

static void verify(const struct peer *peer, size_t bytes)
{
	const bool has_units = !peer->kind.rfcomm && !peer->kind.stream;
	const unsigned long long at = peer->received;

	if (at + bytes <= peer->expected &&
	    (!has_units ||
	     bytes == pattern_unit(&peer->pattern, at, peer->expected)) &&
	    pattern_is(&peer->pattern, at, peer->in, bytes))
		return;
	fprintf(stderr, "peer: %zu octets at %llu are not as sent\n", bytes,
		at);
	exit(1);
}

/* False at the end of what the other side sends. */
static bool receive_some(struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->in, sizeof(peer->in), 0);

	if (n < 0) {
		if (errno == EAGAIN)
			return true;
		/* The kernel's RFCOMM says so when the other side closed. */
		if (errno == ECONNRESET && peer->kind.rfcomm)
			return false;
		kernel_fail("recv");
	}
	/*
	 * The kernel's L2CAP says the end once before the datagrams that are
	 * still queued, as it looks at the socket's error first, and once more
	 * behind them.
	 */
	if (n == 0 && !peer->kind.rfcomm && !peer->end_seen) {
		peer->end_seen = true;
		return true;
	}
	if (n == 0)
		return false;
	if (peer->verifies)
		verify(peer, (size_t)n);
	if (peer->sink >= 0 && write(peer->sink, peer->in, (size_t)n) != n)
		kernel_fail("write");
	peer->received += (unsigned long long)n;
	peer->heard_ms = kernel_now_ms();
	return true;
}

static bool may_close(const struct peer *peer)
{
	if (peer->kind.mode == KERNEL_ERTM &&
	    kernel_now_ms() < peer->heard_ms + ACK_MS)
		return false;
	return peer->closes && peer->source < 0 && peer->out_len == 0 &&
	       peer->received >= peer->expected && kernel_has_sent(peer->fd);
}

/* True when the other side ended it. */
static bool transfer(struct peer *peer)
{
	struct pollfd ready = { .fd = peer->fd };
	long end = kernel_now_ms() + peer->limit_ms;

	while (kernel_now_ms() < end) {
		fill(peer);
		if (may_close(peer))
			return false;
		ready.events = POLLIN;
		if (peer->out_len > 0)
			ready.events |= POLLOUT;
		if (poll(&ready, 1, peer->closes ? 20 : 1000) < 0)
			kernel_fail("poll");
		if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) &&
		    !receive_some(peer))
			return true;
		if (ready.revents & POLLOUT && peer->out_len > 0)
			send_some(peer);
	}
	fprintf(stderr, "peer: sent %llu received %llu\n", peer->sent,
		peer->received);
	errno = ETIMEDOUT;
	kernel_fail("transfer");
}

static bool parse_mode(struct peer *peer, const char *text)
{
	static const struct {
		const char *name;
		enum kernel_mode mode;
	} modes[] = {
		{ "basic", KERNEL_BASIC },
		{ "ertm", KERNEL_ERTM },
		{ "streaming", KERNEL_STREAMING },
		{ "credit", KERNEL_CREDIT },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(text, modes[i].name) != 0)
			continue;
		peer->kind.options = true;
		peer->kind.mode = modes[i].mode;
		return true;
	}
	return false;
}

static bool parse_mode_option(struct peer *peer, int opt)
{
	switch (opt) {
	case 'M':
		return parse_mode(peer, optarg);
	case 'U':
		peer->kind.mtu = (uint16_t)atoi(optarg);
		return true;
	case 'W':
		peer->kind.window = (uint16_t)atoi(optarg);
		return true;
	case 'T':
		peer->kind.max_transmit = (uint8_t)atoi(optarg);
		return true;
	case 'F':
		peer->kind.fcs = false;
		return true;
	case 'k':
		peer->kind.stream = true;
		return true;
	}
	return false;
}

static bool parse_option(struct peer *peer, int opt)
{
	switch (opt) {
	case 's':
		peer->source = open(optarg, O_RDONLY);
		return peer->source >= 0;
	case 'r':
		peer->sink = open(optarg, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		return peer->sink >= 0;
	case 'n':
		peer->expected = strtoull(optarg, NULL, 10);
		return true;
	case 'v':
		peer->verifies = true;
		peer->pattern.seed = (uint32_t)strtoul(optarg, NULL, 10);
		return true;
	case 'm':
		peer->pattern.unit_bytes = strtoul(optarg, NULL, 10);
		return true;
	case 'c':
		peer->closes = true;
		return true;
	case 't':
		peer->limit_ms = atoi(optarg) * 1000;
		return true;
	}
	return parse_mode_option(peer, opt);
}

static void parse_options(struct peer *peer, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:r:n:v:m:ct:M:U:W:T:Fk")) != -1) {
		if (parse_option(peer, opt))
			continue;
		fprintf(stderr, "peer: -%c %s: no\n", opt,
			optarg ? optarg : "");
		exit(2);
	}
	if (peer->pattern.unit_bytes == 0 || peer->pattern.unit_bytes > SDU_MAX)
		peer->pattern.unit_bytes = SDU_MAX;
}

static struct peer peer = {
	.kind = { .mtu = 672, .fcs = true, .max_transmit = 3, .window = 63 },
	.limit_ms = 200000,
	.fd = -1,
	.source = -1,
	.sink = -1,
	.pattern = { .unit_bytes = 672 },
};

static int write_out(size_t bytes)
{
	if (fwrite(peer.out, 1, bytes, stdout) != bytes)
		kernel_fail("write");
	return fflush(stdout);
}

static int write_pattern(unsigned long count, unsigned long size)
{
	if (size < 6 || size > SDU_MAX) {
		errno = EINVAL;
		kernel_fail("pattern");
	}
	memset(peer.out, 0x7f, size);
	peer.out[4] = (uint8_t)(size & 0xff);
	peer.out[5] = (uint8_t)(size >> 8);
	for (unsigned long i = 0; i < count; i++) {
		for (int octet = 0; octet < 4; octet++)
			peer.out[octet] = (uint8_t)(i >> 8 * octet);
		if (write_out(size) != 0)
			return 1;
	}
	return 0;
}

static int write_numbered(uint32_t seed, size_t size, uint64_t total)
{
	const struct pattern pattern = { .seed = seed, .unit_bytes = size };
	uint64_t at = 0;

	while (at < total) {
		const size_t bytes =
			total - at < SDU_MAX ? (size_t)(total - at) : SDU_MAX;

		pattern_fill(&pattern, at, peer.out, bytes);
		if (write_out(bytes) != 0)
			return 1;
		at += bytes;
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: peer rfcomm|l2cap listen PORT [options]\n"
	      "       peer rfcomm|l2cap connect ADDRESS PORT [options]\n"
	      "       peer churn connect ADDRESS CHANNEL ROUNDS SEED\n"
	      "       peer churn listen CHANNEL ROUNDS SEED\n"
	      "       peer cross ADDRESS CHANNEL ROUNDS SEED GIVE TAKE\n"
	      "       peer pattern COUNT SIZE\n"
	      "       peer numbered SEED SIZE TOTAL\n",
	      stderr);
	return 2;
}

static int run_transfer(int argc, char **argv)
{
	const bool connects = strcmp(argv[2], "connect") == 0;
	const int at = connects ? 5 : 4;
	bool by_peer;

	if (argc < at)
		return usage();
	peer.kind.rfcomm = strcmp(argv[1], "rfcomm") == 0;
	parse_options(&peer, argc - at + 1, argv + at - 1);
	if (connects)
		do_connect(&peer, argv[3], atoi(argv[4]));
	else
		do_listen(&peer, atoi(argv[3]));
	puts("connected");
	by_peer = transfer(&peer);
	if (close(peer.fd) < 0)
		kernel_fail("close");
	printf("sent %llu received %llu closed by %s\n", peer.sent,
	       peer.received, by_peer ? "peer" : "us");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return usage();
	if (strcmp(argv[1], "pattern") == 0)
		return write_pattern(strtoul(argv[2], NULL, 10),
				     strtoul(argv[3], NULL, 10));
	if (strcmp(argv[1], "numbered") == 0 && argc == 5)
		return write_numbered((uint32_t)strtoul(argv[2], NULL, 10),
				      strtoul(argv[3], NULL, 10),
				      strtoull(argv[4], NULL, 10));
	if (strcmp(argv[1], "settings") == 0)
		return settings_make(argc - 2, argv + 2);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[1], "churn") == 0 && strcmp(argv[2], "connect") == 0 &&
	    argc == 7)
		return rounds_churn(argv[3], atoi(argv[4]), atoi(argv[5]),
				    (uint32_t)atoi(argv[6]));
	if (strcmp(argv[1], "churn") == 0 && argc == 6)
		return rounds_churn(NULL, atoi(argv[3]), atoi(argv[4]),
				    (uint32_t)atoi(argv[5]));
	if (strcmp(argv[1], "cross") == 0 && argc == 8)
		return rounds_cross(argv + 2);
	if (strcmp(argv[1], "rfcomm") == 0 || strcmp(argv[1], "l2cap") == 0)
		return run_transfer(argc, argv);
	return usage();
}
