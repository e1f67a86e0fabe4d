/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of a transfer: a program on AF_BLUETOOTH sockets.
 *
 *   peer rfcomm|l2cap listen PORT [options]
 *   peer rfcomm|l2cap connect ADDRESS PORT [options]
 *   peer pattern COUNT SIZE
 *     -s FILE   send the file's octets
 *     -r FILE   write what is received there
 *     -n COUNT  octets to receive before the end
 *     -m SIZE   octets a write (for L2CAP: a datagram), 672 unless told
 *     -c        close when everything was sent and received;
 *               without it: wait for the other side to close
 *
 * Pattern writes to the output what l2test and rctest send and look for:
 * COUNT units of SIZE octets with their number and their size in them.
 *
 * Says "ready" when it listens, "connected" when it is connected and at the
 * end "sent S received R closed by us" or "... by peer". Ends with 1 after
 * any error, which is named, and after 200 s.
 *
 * The structures of the addresses are the kernel's, written out here so that
 * the program needs no header of BlueZ.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROTO_L2CAP 0
#define PROTO_RFCOMM 3
#define LIMIT_MS 200000
#define SDU_MAX 65535

struct address_rfcomm {
	uint16_t family;
	uint8_t bdaddr[6];
	uint8_t channel;
};

struct address_l2cap {
	uint16_t family;
	uint8_t psm[2];
	uint8_t bdaddr[6];
	uint16_t cid;
	uint8_t bdaddr_type;
};

struct peer {
	bool rfcomm;
	bool closes;
	int fd;
	int source;
	int sink;
	size_t unit;
	size_t out_len;
	unsigned long long expected;
	unsigned long long sent;
	unsigned long long received;
	uint8_t out[SDU_MAX];
	uint8_t in[SDU_MAX];
};

static void fail(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void parse_address(const char *text, uint8_t *ret_bdaddr)
{
	unsigned int octet[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &octet[5], &octet[4],
		   &octet[3], &octet[2], &octet[1], &octet[0]) != 6) {
		errno = EINVAL;
		fail(text);
	}
	for (int i = 0; i < 6; i++)
		ret_bdaddr[i] = (uint8_t)octet[i];
}

/* Calls bind() or connect() with the address of the peer's protocol. */
static int with_address(const struct peer *peer, const char *address, int port,
			int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct address_rfcomm rfcomm = { .family = AF_BLUETOOTH };
	struct address_l2cap l2cap = { .family = AF_BLUETOOTH };
	uint8_t bdaddr[6] = { 0 };

	if (address)
		parse_address(address, bdaddr);
	if (peer->rfcomm) {
		rfcomm.channel = (uint8_t)port;
		memcpy(rfcomm.bdaddr, bdaddr, sizeof(bdaddr));
		return call(peer->fd, (const struct sockaddr *)&rfcomm,
			    sizeof(rfcomm));
	}
	l2cap.psm[0] = (uint8_t)(port & 0xff);
	l2cap.psm[1] = (uint8_t)(port >> 8);
	memcpy(l2cap.bdaddr, bdaddr, sizeof(bdaddr));
	return call(peer->fd, (const struct sockaddr *)&l2cap, sizeof(l2cap));
}

/*
 * L2CAP in Basic mode has no flow control: what comes faster than this
 * program reads is lost where the buffer is full.
 */
static void widen(const struct peer *peer)
{
	int size = 8 << 20;

	if (peer->rfcomm)
		return;
	if (setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		fail("SO_RCVBUFFORCE");
}

static void make_socket(struct peer *peer)
{
	if (peer->rfcomm)
		peer->fd = socket(AF_BLUETOOTH, SOCK_STREAM, PROTO_RFCOMM);
	else
		peer->fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET, PROTO_L2CAP);
	if (peer->fd < 0)
		fail("socket");
	widen(peer);
}

static void do_listen(struct peer *peer, int port)
{
	struct pollfd ready;
	int fd;

	make_socket(peer);
	if (with_address(peer, NULL, port, bind) < 0)
		fail("bind");
	if (listen(peer->fd, 1) < 0)
		fail("listen");
	puts("ready");
	ready = (struct pollfd){ .fd = peer->fd, .events = POLLIN };
	if (poll(&ready, 1, LIMIT_MS) != 1) {
		errno = ETIMEDOUT;
		fail("accept");
	}
	fd = accept(peer->fd, NULL, NULL);
	if (fd < 0)
		fail("accept");
	close(peer->fd);
	peer->fd = fd;
	widen(peer);
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Not blocking: a connect() that blocks may sleep through its own failure. */
static void do_connect(struct peer *peer, const char *address, int port)
{
	struct pollfd ready;
	socklen_t len = sizeof(errno);
	int err = 0;

	make_socket(peer);
	fcntl(peer->fd, F_SETFL, O_NONBLOCK);
	if (with_address(peer, address, port, connect) < 0 &&
	    errno != EINPROGRESS)
		fail("connect");
	ready = (struct pollfd){ .fd = peer->fd, .events = POLLOUT };
	if (poll(&ready, 1, LIMIT_MS) != 1) {
		errno = ETIMEDOUT;
		fail("connect");
	}
	if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		fail("getsockopt");
	if (err) {
		errno = err;
		fail("connect");
	}
}

/* The next unit to send is in out[]; out_len is 0 at the end of the file. */
static void fill(struct peer *peer)
{
	ssize_t n;

	if (peer->source < 0 || peer->out_len > 0)
		return;
	n = read(peer->source, peer->out, peer->unit);
	if (n < 0)
		fail("read");
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
		fail("send");
	}
	memmove(peer->out, peer->out + n, peer->out_len - (size_t)n);
	peer->out_len -= (size_t)n;
	peer->sent += (unsigned long long)n;
}

/* False at the end of what the other side sends. */
static bool receive_some(struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->in, sizeof(peer->in), 0);

	if (n < 0) {
		if (errno == EAGAIN)
			return true;
		/* The kernel's RFCOMM says so when the other side closed. */
		if (errno == ECONNRESET && peer->rfcomm)
			return false;
		fail("recv");
	}
	if (n == 0)
		return false;
	if (peer->sink >= 0 && write(peer->sink, peer->in, (size_t)n) != n)
		fail("write");
	peer->received += (unsigned long long)n;
	return true;
}

/*
 * What is queued would be thrown away by close(). For Bluetooth the kernel
 * answers TIOCOUTQ with the room that is left rather than with what is queued.
 */
static bool nothing_queued(const struct peer *peer)
{
	socklen_t len = sizeof(int);
	int limit = 0;
	int room = 0;

	if (getsockopt(peer->fd, SOL_SOCKET, SO_SNDBUF, &limit, &len) < 0 ||
	    ioctl(peer->fd, TIOCOUTQ, &room) < 0)
		fail("TIOCOUTQ");
	return room >= limit;
}

static bool may_close(const struct peer *peer)
{
	return peer->closes && peer->source < 0 && peer->out_len == 0 &&
	       peer->received >= peer->expected && nothing_queued(peer);
}

/* True when the other side ended it. */
static bool transfer(struct peer *peer)
{
	struct pollfd ready = { .fd = peer->fd };
	long end = now_ms() + LIMIT_MS;

	while (now_ms() < end) {
		fill(peer);
		if (may_close(peer))
			return false;
		ready.events = POLLIN;
		if (peer->out_len > 0)
			ready.events |= POLLOUT;
		if (poll(&ready, 1, peer->closes ? 20 : 1000) < 0)
			fail("poll");
		if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) &&
		    !receive_some(peer))
			return true;
		if (ready.revents & POLLOUT && peer->out_len > 0)
			send_some(peer);
	}
	errno = ETIMEDOUT;
	fail("transfer");
	return false;
}

static void parse_options(struct peer *peer, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:r:n:m:c")) != -1) {
		if (opt == 's')
			peer->source = open(optarg, O_RDONLY);
		else if (opt == 'r')
			peer->sink = open(optarg, O_WRONLY | O_CREAT | O_TRUNC,
					  0644);
		else if (opt == 'n')
			peer->expected = strtoull(optarg, NULL, 10);
		else if (opt == 'm')
			peer->unit = strtoul(optarg, NULL, 10);
		else if (opt == 'c')
			peer->closes = true;
		else
			exit(2);
		if ((opt == 's' && peer->source < 0) ||
		    (opt == 'r' && peer->sink < 0))
			fail(optarg);
	}
	if (peer->unit == 0 || peer->unit > SDU_MAX)
		peer->unit = SDU_MAX;
}

static struct peer peer = {
	.fd = -1,
	.source = -1,
	.sink = -1,
	.unit = 672,
};

static int write_pattern(unsigned long count, unsigned long size)
{
	if (size < 6 || size > SDU_MAX) {
		errno = EINVAL;
		fail("pattern");
	}
	memset(peer.out, 0x7f, size);
	peer.out[4] = (uint8_t)(size & 0xff);
	peer.out[5] = (uint8_t)(size >> 8);
	for (unsigned long i = 0; i < count; i++) {
		for (int octet = 0; octet < 4; octet++)
			peer.out[octet] = (uint8_t)(i >> 8 * octet);
		if (fwrite(peer.out, 1, size, stdout) != size)
			fail("write");
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool by_peer;
	int at = 4;

	if (argc == 4 && strcmp(argv[1], "pattern") == 0)
		return write_pattern(strtoul(argv[2], NULL, 10),
				     strtoul(argv[3], NULL, 10));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 4 || (strcmp(argv[2], "connect") == 0 && argc < 5)) {
		fputs("usage: peer rfcomm|l2cap listen PORT [options]\n"
		      "       peer rfcomm|l2cap connect ADDRESS PORT "
		      "[options]\n"
		      "       peer pattern COUNT SIZE\n",
		      stderr);
		return 2;
	}
	if (strcmp(argv[2], "connect") == 0)
		at = 5;
	peer.rfcomm = strcmp(argv[1], "rfcomm") == 0;
	parse_options(&peer, argc - at + 1, argv + at - 1);
	if (at == 5)
		do_connect(&peer, argv[3], atoi(argv[4]));
	else
		do_listen(&peer, atoi(argv[3]));
	puts("connected");
	by_peer = transfer(&peer);
	if (close(peer.fd) < 0)
		fail("close");
	printf("sent %llu received %llu closed by %s\n", peer.sent,
	       peer.received, by_peer ? "peer" : "us");
	return 0;
}
