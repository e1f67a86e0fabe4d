/* SPDX-License-Identifier: MIT */
/*
 * Works with a terminal as its users do: the kernel's /dev/rfcommN, or one of
 * ours.
 *
 *   tty shell PATH      a shell on it, with line editing as on any terminal
 *   tty session PATH    types to such a shell at the other end, reads what it
 *                       answers, and leaves it
 *   tty set PATH WORD... sets and clears modem lines: +dtr -dtr +rts -rts
 *   tty await PATH LIST waits until the lines that the other end drives are
 *                       those of the list, of "cts dsr cd ri", and no others
 *   tty hold PATH       has it open until it is hung up
 *
 * Ends with 1 after what went wrong, or 60 s.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 60000
#define LINES 500
#define ROOM 65536

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "tty: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Opened without waiting for a carrier; what it does then it does in order. */
static int open_tty(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		fail(path);
	return fd;
}

static void make_raw(int fd)
{
	struct termios termios;

	if (tcgetattr(fd, &termios) < 0)
		fail("tcgetattr");
	cfmakeraw(&termios);
	termios.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(fd, TCSANOW, &termios) < 0)
		fail("tcsetattr");
}

/* Without echo, so that a session sees the answers alone. */
static void make_cooked(int fd)
{
	struct termios termios;

	if (tcgetattr(fd, &termios) < 0)
		fail("tcgetattr");
	termios.c_iflag |= ICRNL;
	termios.c_oflag |= OPOST | ONLCR;
	termios.c_lflag |= ICANON | ISIG;
	termios.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	termios.c_cflag |= CREAD;
	if (tcsetattr(fd, TCSANOW, &termios) < 0)
		fail("tcsetattr");
}

static int run_shell(const char *path)
{
	int fd;

	setsid();
	fd = open_tty(path);
	make_cooked(fd);
	if (ioctl(fd, TIOCSCTTY, 0) < 0)
		fail("TIOCSCTTY");
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	setenv("PS1", "prompt ", 1);
	execl("/bin/sh", "sh", "-i", (char *)NULL);
	return 1;
}

/* --- a session ------------------------------------------------------------ */

struct session {
	int fd;
	char heard[ROOM];
	size_t bytes;
	size_t read; /* of them gone through */
};

static void type(const struct session *session, const char *line)
{
	size_t left = strlen(line);
	ssize_t n;

	while (left > 0) {
		n = write(session->fd, line, left);
		if (n < 0)
			fail("write");
		line += n;
		left -= (size_t)n;
	}
}

/* Reads on until the text comes, and goes past it. */
static void expect(struct session *session, const char *text)
{
	const long end = now_ms() + LIMIT_MS;
	struct pollfd ready = { .fd = session->fd, .events = POLLIN };
	const char *found;
	ssize_t n;

	while (!(found = strstr(session->heard + session->read, text))) {
		if (poll(&ready, 1, (int)(end - now_ms())) <= 0 ||
		    session->bytes == ROOM - 1) {
			fprintf(stderr, "waited in vain for \"%s\" in:\n%s\n",
				text, session->heard + session->read);
			exit(1);
		}
		n = read(session->fd, session->heard + session->bytes,
			 ROOM - 1 - session->bytes);
		if (n <= 0)
			fail("read");
		session->bytes += (size_t)n;
	}
	session->read = (size_t)(found - session->heard) + strlen(text);
}

static int run_session(const char *path)
{
	static struct session session;
	char line[64];

	session.fd = open_tty(path);
	make_raw(session.fd);
	expect(&session, "prompt ");
	type(&session, "echo $((6 * 7))-is-it\n");
	expect(&session, "42-is-it");
	type(&session, "read x; echo got-$x\n");
	type(&session, "hello\n");
	expect(&session, "got-hello");
	snprintf(line, sizeof(line), "i=0; while [ $i -lt %d ]; do ", LINES);
	type(&session, line);
	type(&session, "echo line-$i-of-many-that-come-at-once; "
		       "i=$((i + 1)); done\n");
	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line),
			 "line-%d-of-many-that-come-at-once\r\n", i);
		expect(&session, line);
	}
	type(&session, "tty && echo a-terminal-$((2 * 2))\n");
	expect(&session, "a-terminal-4");
	type(&session, "exit\n");
	printf("a session of %zu octets\n", session.bytes);
	return 0;
}

/* --- modem lines ---------------------------------------------------------- */

static const struct {
	const char *name;
	int bit;
	bool is_ours;
} lines[] = {
	{ "dtr", TIOCM_DTR, true },  { "rts", TIOCM_RTS, true },
	{ "cts", TIOCM_CTS, false }, { "dsr", TIOCM_DSR, false },
	{ "cd", TIOCM_CD, false },   { "ri", TIOCM_RI, false },
};

#define NAMES (sizeof(lines) / sizeof(lines[0]))

static int bit_of(const char *name)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(lines[i].name, name) == 0)
			return lines[i].bit;
	}
	errno = EINVAL;
	fail(name);
}

static int set_lines(const char *path, char **words)
{
	const int fd = open_tty(path);
	int bit;

	for (; *words; words++) {
		bit = bit_of(*words + 1);
		if (ioctl(fd, **words == '+' ? TIOCMBIS : TIOCMBIC, &bit) < 0)
			fail("TIOCMBIS");
	}
	return 0;
}

static int await_lines(const char *path, const char *list)
{
	const int fd = open_tty(path);
	const long end = now_ms() + LIMIT_MS;
	char text[64];
	int bits = 0;

	while (now_ms() < end) {
		text[0] = '\0';
		if (ioctl(fd, TIOCMGET, &bits) < 0)
			fail("TIOCMGET");
		for (size_t i = 0; i < NAMES; i++) {
			if (lines[i].is_ours || !(bits & lines[i].bit))
				continue;
			if (text[0])
				strcat(text, " ");
			strcat(text, lines[i].name);
		}
		if (strcmp(text, list) == 0)
			return 0;
		usleep(50000);
	}
	fprintf(stderr, "tty: the lines are \"%s\", not \"%s\"\n", text, list);
	return 1;
}

static int hold(const char *path)
{
	const int fd = open_tty(path);
	char buf[256];
	ssize_t n;

	make_raw(fd);
	puts("open");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	puts("hung up");
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[1], "shell") == 0)
		return run_shell(argv[2]);
	if (argc == 3 && strcmp(argv[1], "session") == 0)
		return run_session(argv[2]);
	if (argc == 3 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2]);
	if (argc >= 4 && strcmp(argv[1], "set") == 0)
		return set_lines(argv[2], argv + 3);
	if (argc == 4 && strcmp(argv[1], "await") == 0)
		return await_lines(argv[2], argv[3]);
	fputs("usage: tty shell|session|hold PATH\n"
	      "       tty set PATH WORD...\n"
	      "       tty await PATH LIST\n",
	      stderr);
	return 2;
}
