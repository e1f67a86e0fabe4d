/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "tools/rawtooth/tool.h"

#define NUMBER_MAX 255
#define SPEED_DEFAULT B9600 /* of RFCOMM's ports (TS 07.10 5.4.6.3.9) */
#define SLAVES "/dev/pts/"

static int complain(const char *what, const char *why)
{
	const int err = errno;

	rt_tool_error("%s: %s%s", what, why, strerror(err));
	return -err;
}

/* ---- the name ---------------------------------------------------------- */

/* The directory must be ours alone: others could put links there. */
static int check_private(const char *directory)
{
	struct stat st;

	if (lstat(directory, &st) < 0)
		return complain(directory, "");
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	rt_tool_error("%s: not a directory of ours alone", directory);
	return -EPERM;
}

static int make_directory(char *directory, size_t cap)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int length;

	if (runtime && runtime[0] == '/')
		length = snprintf(directory, cap, "%s/rawtooth", runtime);
	else
		length = snprintf(directory, cap, "/tmp/rawtooth-%u",
				  (unsigned int)geteuid());
	if ((size_t)length >= cap) {
		errno = ENAMETOOLONG;
		return complain("XDG_RUNTIME_DIR", "");
	}
	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return complain(directory, "");
	return check_private(directory);
}

/* FNV-1a: names of sockets are short, those of files are not. */
static uint64_t hash(const char *text)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		sum = (sum ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return sum;
}

/*
 * Holds the name by an abstract socket: it goes with the process, however that
 * ends, and leaves no file behind. Returns a descriptor or a negative errno.
 */
static int take_lock(const struct stat *directory, const char *base)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length;
	int err;

	if (fd < 0)
		return -errno;
	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1,
		 "rawtooth-tty-%jx-%jx-%" PRIx64, (uintmax_t)directory->st_dev,
		 (uintmax_t)directory->st_ino, hash(base));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			     strlen(addr.sun_path + 1));
	if (bind(fd, (const struct sockaddr *)&addr, length) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Where in `link` the last part of the path begins. */
static const char *base_of(const char *link)
{
	const char *slash = strrchr(link, '/');

	return slash ? slash + 1 : link;
}

static int stat_directory(const char *link, struct stat *st)
{
	char directory[PATH_MAX];
	const size_t length = (size_t)(base_of(link) - link);

	if (length == 0)
		strcpy(directory, ".");
	else
		snprintf(directory, sizeof(directory), "%.*s", (int)length,
			 link);
	return stat(directory, st) < 0 ? complain(directory, "") : 0;
}

/* Leaves a link beside the name, in `temporary` of PATH_MAX octets. */
static int make_link(const struct rt_pty *pty, const char *target,
		     char *temporary)
{
	if (snprintf(temporary, PATH_MAX, "%s.%d", pty->link, (int)getpid()) >=
	    PATH_MAX) {
		errno = ENAMETOOLONG;
		return complain(pty->link, "");
	}
	if (symlink(target, temporary) < 0)
		return complain(temporary, "cannot make a link: ");
	return 0;
}

/* Better found out now than when somebody has connected. */
static int try_link(const struct rt_pty *pty)
{
	char temporary[PATH_MAX];
	const int err = make_link(pty, SLAVES, temporary);

	if (err == 0)
		unlink(temporary);
	return err;
}

/* Nothing there, or a link to a pseudo terminal, which nobody holds. */
static int check_free(const char *link)
{
	char target[sizeof(SLAVES)] = "";
	struct stat st;

	if (lstat(link, &st) < 0)
		return errno == ENOENT ? 0 : complain(link, "");
	if (S_ISLNK(st.st_mode) &&
	    readlink(link, target, sizeof(target) - 1) > 0 &&
	    strcmp(target, SLAVES) == 0)
		return 0;
	rt_tool_error("%s: exists, and is not a link to a pseudo terminal",
		      link);
	return -EEXIST;
}

/* Returns 0, -EADDRINUSE without a message, or another errno after one. */
static int reserve(struct rt_pty *pty)
{
	struct stat directory;
	int err = stat_directory(pty->link, &directory);

	if (err < 0)
		return err;
	pty->lock = take_lock(&directory, base_of(pty->link));
	if (pty->lock < 0) {
		err = pty->lock;
		pty->lock = -1;
		if (err == -EADDRINUSE)
			return err;
		rt_tool_error("%s: %s", pty->link, strerror(-err));
		return err;
	}
	err = check_free(pty->link);
	return err < 0 ? err : try_link(pty);
}

static int reserve_number(struct rt_pty *pty, const char *directory, int number)
{
	if (snprintf(pty->link, sizeof(pty->link), "%s/rfcomm%d", directory,
		     number) >= (int)sizeof(pty->link))
		return -ENAMETOOLONG;
	return reserve(pty);
}

static int say_in_use(const struct rt_pty *pty, int err)
{
	if (err == -EADDRINUSE)
		rt_tool_error("%s: in use by another rawtooth", pty->link);
	return err;
}

int rt_pty_reserve(struct rt_pty *pty, const char *link, int number)
{
	char directory[PATH_MAX - 16];
	int err;

	if (link) {
		snprintf(pty->link, sizeof(pty->link), "%s", link);
		return say_in_use(pty, reserve(pty));
	}
	err = make_directory(directory, sizeof(directory));
	if (err < 0)
		return err;
	if (number >= 0)
		return say_in_use(pty, reserve_number(pty, directory, number));
	err = -EADDRINUSE;
	for (number = 0; err == -EADDRINUSE && number <= NUMBER_MAX; number++)
		err = reserve_number(pty, directory, number);
	return say_in_use(pty, err);
}

/* Whatever has been made of it since, if it is not ours it stays. */
static bool is_ours(const struct rt_pty *pty)
{
	char target[sizeof(pty->slave)] = "";

	return readlink(pty->link, target, sizeof(target) - 1) > 0 &&
	       strcmp(target, pty->slave) == 0;
}

int rt_pty_publish(struct rt_pty *pty)
{
	char temporary[PATH_MAX];
	const int err = make_link(pty, pty->slave, temporary);

	if (err < 0)
		return err;
	/* One name for all times: there is no moment without it. */
	if (rename(temporary, pty->link) < 0) {
		complain(pty->link, "cannot make a link: ");
		unlink(temporary);
		return -EIO;
	}
	pty->published = true;
	return 0;
}

/* ---- the pseudo terminal ----------------------------------------------- */

/*
 * Opening the other end and closing it again also brings the pair into the
 * state in which nobody has it open; a fresh one is in none.
 */
void rt_pty_reset(struct rt_pty *pty)
{
	const int fd = open(pty->slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios settings;

	if (fd < 0)
		return;
	if (tcgetattr(fd, &settings) == 0) {
		cfmakeraw(&settings);
		settings.c_cflag |= CLOCAL;
		(void)cfsetispeed(&settings, SPEED_DEFAULT);
		(void)cfsetospeed(&settings, SPEED_DEFAULT);
		(void)tcsetattr(fd, TCSAFLUSH, &settings);
	}
	close(fd);
	(void)rt_pty_get_line(pty, &pty->fresh);
}

static int open_pair(struct rt_pty *pty)
{
	pty->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (pty->fd < 0)
		return complain("/dev/ptmx", "");
	if (grantpt(pty->fd) < 0 || unlockpt(pty->fd) < 0 ||
	    ptsname_r(pty->fd, pty->slave, sizeof(pty->slave)) != 0)
		return complain("/dev/ptmx", "no pseudo terminal: ");
	return 0;
}

static int watch_opens(struct rt_pty *pty)
{
	pty->opens = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (pty->opens >= 0 &&
	    inotify_add_watch(pty->opens, pty->slave, IN_OPEN | IN_CLOSE) >= 0)
		return 0;
	return complain(pty->slave, "cannot see who opens it: ");
}

static void close_pair(struct rt_pty *pty)
{
	if (pty->fd >= 0)
		close(pty->fd);
	if (pty->opens >= 0)
		close(pty->opens);
	pty->fd = -1;
	pty->opens = -1;
}

int rt_pty_open(struct rt_pty *pty)
{
	int err = open_pair(pty);

	if (err == 0)
		err = watch_opens(pty);
	if (err < 0)
		close_pair(pty);
	else
		rt_pty_reset(pty);
	return err;
}

int rt_pty_hang_up(struct rt_pty *pty)
{
	struct rt_pty old = *pty;
	int err;

	/* The new one first: its number can't be that of the old one. */
	err = rt_pty_open(pty);
	if (err == 0 && pty->published)
		err = rt_pty_publish(pty);
	close_pair(&old);
	return err;
}

void rt_pty_withdraw(struct rt_pty *pty)
{
	if (pty->published && is_ours(pty))
		unlink(pty->link);
	pty->published = false;
}

void rt_pty_close(struct rt_pty *pty)
{
	rt_pty_withdraw(pty);
	close_pair(pty);
	if (pty->lock >= 0)
		close(pty->lock);
	pty->lock = -1;
}

static void read_opens(const struct rt_pty *pty)
{
	char events[1024];

	while (read(pty->opens, events, sizeof(events)) > 0)
		;
}

enum rt_pty_users rt_pty_look(struct rt_pty *pty)
{
	struct pollfd fd = { .fd = pty->fd, .events = POLLIN };

	/* Read first: what happens from here on is told anew. */
	read_opens(pty);
	if (pty->fd < 0 || poll(&fd, 1, 0) < 0)
		return RT_PTY_NOBODY;
	if (!(fd.revents & POLLHUP))
		return RT_PTY_OPEN;
	return fd.revents & POLLIN ? RT_PTY_LEFT : RT_PTY_NOBODY;
}

bool rt_pty_is_drained(const struct rt_pty *pty)
{
	const int fd = open(pty->slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int bytes = 0;

	if (fd < 0)
		return true;
	/*
	 * What was written is put where it can be read, and counted, by a
	 * worker of the kernel's. Asking whether there is something waits for
	 * that worker; what it had no room for may follow a moment later, so
	 * that the count alone says nothing.
	 */
	if (poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & POLLIN)
		bytes = 1;
	else if (ioctl(fd, FIONREAD, &bytes) < 0)
		bytes = 0;
	close(fd);
	return bytes == 0;
}

ptrdiff_t rt_pty_read(const struct rt_pty *pty, void *buf, size_t bytes)
{
	const ssize_t count = read(pty->fd, buf, bytes);

	return count < 0 ? -errno : count;
}

ptrdiff_t rt_pty_write(const struct rt_pty *pty, const void *buf, size_t bytes)
{
	const ssize_t count = write(pty->fd, buf, bytes);

	if (count == 0)
		return -EAGAIN;
	return count < 0 ? -errno : count;
}
