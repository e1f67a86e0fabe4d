/* SPDX-License-Identifier: MIT */
#include "tests/fault/calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "stack/base.h"

#define TIMERS 16
#define DESCRIPTORS 512

struct calls calls;

/* Descriptors of timers, and when they are due; 0: not armed. */
static struct {
	int fd;
	uint64_t due_us;
} timers[TIMERS];

static const char *const names[] = {
#define CALL(name, class) #name,
#include "tests/fault/calls.def"
#undef CALL
};

const char *calls_name(enum call call)
{
	return names[call];
}

bool calls_is_data(enum call call)
{
	static const bool is_data[] = {
#define DATA true
#define WHOLE false
#define CALL(name, class) class,
#include "tests/fault/calls.def"
#undef CALL
#undef DATA
#undef WHOLE
	};

	return is_data[call];
}

static void write_down(enum call call, const void *site)
{
	struct calls_log *log = calls.log;

	if (!log || log->count == CALLS_LOG_MAX)
		return;
	log->row[log->count].call = call;
	log->row[log->count++].site = (uintptr_t)site;
}

/*
 * Counts a call. Returns 0 if it is to be made, CALL_SHORT, CALL_ZERO, or the
 * errno with which it fails, which is set as well.
 */
static int verdict(enum call call, const void *site)
{
	const bool again = calls.failed && calls.for_good && calls.kind == call;

	if (!calls.counted)
		return 0;
	write_down(call, site);
	calls.made++;
	if (calls.made != calls.at && !again)
		return 0;
	calls.failed = true;
	calls.kind = call;
	if (calls.what > 0)
		errno = calls.what;
	return calls.what;
}

/* clang-format off */

#define SITE __builtin_return_address(0)
#define FAILS(name) (verdict(CALL_##name, SITE) > 0)

/* Declares the real one and ours, and begins ours. */
#define WRAP(result, name, ...)                     \
	result __real_##name(__VA_ARGS__);          \
	result __wrap_##name(__VA_ARGS__);          \
	result __wrap_##name(__VA_ARGS__)

/* One that is made or fails. */
#define WHOLE(name, params, args)                   \
	WRAP(int, name, params)                     \
	{                                           \
		return FAILS(name)                  \
			       ? -1                 \
			       : __real_##name(args); \
	}
#define P(...) __VA_ARGS__

/* One that moves octets. */
#define DATA(name, params, few, all)                \
	WRAP(ssize_t, name, params)                 \
	{                                           \
		switch (verdict(CALL_##name, SITE)) { \
		case 0:                             \
			return __real_##name(all);  \
		case CALL_SHORT:                    \
			return __real_##name(few);  \
		case CALL_ZERO:                     \
			return 0;                   \
		default:                            \
			return -1;                  \
		}                                   \
	}

/* clang-format on */

/* --- data ----------------------------------------------------------------- */

/* What a counter of the system takes is never cut. */
static size_t few(size_t bytes)
{
	return bytes > sizeof(uint64_t) ? 1 : bytes;
}

DATA(read, P(int fd, void *buf, size_t bytes), P(fd, buf, few(bytes)),
     P(fd, buf, bytes))
DATA(write, P(int fd, const void *buf, size_t bytes), P(fd, buf, few(bytes)),
     P(fd, buf, bytes))
DATA(recv, P(int fd, void *buf, size_t bytes, int flags),
     P(fd, buf, few(bytes), flags), P(fd, buf, bytes, flags))
DATA(send, P(int fd, const void *buf, size_t bytes, int flags),
     P(fd, buf, few(bytes), flags), P(fd, buf, bytes, flags))

WRAP(ssize_t, recvmsg, int fd, struct msghdr *msg, int flags)
{
	return FAILS(recvmsg) ? -1 : __real_recvmsg(fd, msg, flags);
}

WRAP(ssize_t, sendmsg, int fd, const struct msghdr *msg, int flags)
{
	return FAILS(sendmsg) ? -1 : __real_sendmsg(fd, msg, flags);
}

WRAP(ssize_t, getrandom, void *buf, size_t bytes, unsigned int flags)
{
	return FAILS(getrandom) ? -1 : __real_getrandom(buf, bytes, flags);
}

/* --- files and descriptors ------------------------------------------------ */

/* The mode that follows O_CREAT. */
static mode_t mode_in(int flags, va_list args)
{
	return flags & O_CREAT ? va_arg(args, mode_t) : 0;
}

static bool is_played(int fd)
{
	return fd >= 0 && fd == calls.terminal_open;
}

static int open_played(void)
{
	calls.terminal_open = calls.terminal;
	calls.terminal = -1;
	return calls.terminal_open;
}

WRAP(int, open, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_in(flags, args);
	va_end(args);
	if (FAILS(open))
		return -1;
	return strcmp(path, CALLS_TERMINAL) == 0
		       ? open_played()
		       : __real_open(path, flags, mode);
}

WRAP(int, openat, int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_in(flags, args);
	va_end(args);
	return FAILS(openat) ? -1 : __real_openat(dir, path, flags, mode);
}

static void forget_timer(int fd)
{
	for (size_t i = 0; i < TIMERS; i++) {
		if (timers[i].fd == fd)
			timers[i].fd = 0;
	}
}

/* A descriptor is gone in any case. */
WRAP(int, close, int fd)
{
	const int fails = verdict(CALL_close, SITE);
	int err;

	forget_timer(fd);
	if (is_played(fd))
		calls.terminal_open = -1;
	err = __real_close(fd);
	if (fails <= 0)
		return err;
	errno = fails;
	return -1;
}

WHOLE(dup, P(int fd), P(fd))

WRAP(int, fcntl, int fd, int command, ...)
{
	va_list args;
	long value;

	va_start(args, command);
	value = va_arg(args, long);
	va_end(args);
	return FAILS(fcntl) ? -1 : __real_fcntl(fd, command, value);
}

WHOLE(fstat, P(int fd, struct stat *st), P(fd, st))
WHOLE(ftruncate, P(int fd, off_t bytes), P(fd, bytes))

/* The disk is not what is tested, and slow. */
WRAP(int, fsync, int fd)
{
	(void)fd;
	return FAILS(fsync) ? -1 : 0;
}

WHOLE(mkdir, P(const char *path, mode_t mode), P(path, mode))
WHOLE(chmod, P(const char *path, mode_t mode), P(path, mode))
WHOLE(fchmod, P(int fd, mode_t mode), P(fd, mode))
WHOLE(renameat, P(int from, const char *old, int to, const char *path),
      P(from, old, to, path))
WHOLE(unlinkat, P(int dir, const char *path, int flags), P(dir, path, flags))

WRAP(DIR *, fdopendir, int fd)
{
	return FAILS(fdopendir) ? NULL : __real_fdopendir(fd);
}

/* --- terminals ------------------------------------------------------------ */

WRAP(int, ioctl, int fd, unsigned long request, ...)
{
	va_list args;
	void *value;

	va_start(args, request);
	value = va_arg(args, void *);
	va_end(args);
	if (FAILS(ioctl))
		return -1;
	if (!is_played(fd))
		return __real_ioctl(fd, request, value);
	calls.exclusive = request == TIOCEXCL;
	return 0;
}

WRAP(int, isatty, int fd)
{
	return FAILS(isatty) ? 0 : is_played(fd) || __real_isatty(fd);
}

WRAP(int, flock, int fd, int what)
{
	if (FAILS(flock))
		return -1;
	return is_played(fd) ? 0 : __real_flock(fd, what);
}

WRAP(int, tcgetattr, int fd, struct termios *tio)
{
	if (FAILS(tcgetattr))
		return -1;
	if (!is_played(fd))
		return __real_tcgetattr(fd, tio);
	*tio = calls.tio;
	return 0;
}

WRAP(int, tcsetattr, int fd, int when, const struct termios *tio)
{
	if (FAILS(tcsetattr))
		return -1;
	if (!is_played(fd))
		return __real_tcsetattr(fd, when, tio);
	calls.tio = *tio;
	return 0;
}

WRAP(int, tcflush, int fd, int which)
{
	if (FAILS(tcflush))
		return -1;
	return is_played(fd) ? 0 : __real_tcflush(fd, which);
}

/* --- sockets -------------------------------------------------------------- */

WHOLE(socket, P(int family, int type, int protocol), P(family, type, protocol))
WHOLE(socketpair, P(int family, int type, int protocol, int *fds),
      P(family, type, protocol, fds))
WHOLE(connect, P(int fd, const struct sockaddr *addr, socklen_t bytes),
      P(fd, addr, bytes))
WHOLE(setsockopt,
      P(int fd, int level, int name, const void *value, socklen_t bytes),
      P(fd, level, name, value, bytes))
WHOLE(getsockopt, P(int fd, int level, int name, void *value, socklen_t *bytes),
      P(fd, level, name, value, bytes))
WHOLE(poll, P(struct pollfd *fds, nfds_t count, int ms), P(fds, count, ms))

WRAP(int, getaddrinfo, const char *node, const char *service,
     const struct addrinfo *hints, struct addrinfo **ret)
{
	return FAILS(getaddrinfo)
		       ? EAI_SYSTEM
		       : __real_getaddrinfo(node, service, hints, ret);
}

/* --- the loop's ----------------------------------------------------------- */

WHOLE(epoll_create1, P(int flags), P(flags))
WHOLE(epoll_ctl, P(int epoll, int op, int fd, struct epoll_event *event),
      P(epoll, op, fd, event))
WHOLE(epoll_wait, P(int epoll, struct epoll_event *events, int max, int ms),
      P(epoll, events, max, ms))
WHOLE(eventfd, P(unsigned int value, int flags), P(value, flags))
WHOLE(timerfd_create, P(clockid_t clock, int flags), P(clock, flags))

WRAP(int, pthread_mutex_init, pthread_mutex_t *mutex,
     const pthread_mutexattr_t *attr)
{
	const int err = verdict(CALL_pthread_mutex_init, SITE);

	return err > 0 ? err : __real_pthread_mutex_init(mutex, attr);
}

/* Makes the descriptor readable now, or not until then. */
static int go_off(int fd, bool now);

static int set_timer(int fd, uint64_t due_us)
{
	size_t i = 0;
	bool now;

	while (i < TIMERS && timers[i].fd != fd)
		i++;
	for (size_t k = 0; i == TIMERS && k < TIMERS; k++) {
		if (timers[k].fd == 0)
			i = k;
	}
	if (i == TIMERS)
		abort();
	now = due_us != 0 && due_us <= calls.now_us;
	timers[i].fd = fd;
	timers[i].due_us = now ? 0 : due_us;
	return go_off(fd, now);
}

WRAP(int, timerfd_settime, int fd, int flags, const struct itimerspec *spec,
     struct itimerspec *old)
{
	uint64_t due_us;

	if (FAILS(timerfd_settime))
		return -1;
	if (flags != TFD_TIMER_ABSTIME || old)
		abort();
	due_us = RT_SECONDS(spec->it_value.tv_sec) +
		 (uint64_t)spec->it_value.tv_nsec / 1000;
	/* A nanosecond means at once. */
	if (due_us == 0 && spec->it_value.tv_nsec > 0)
		due_us = 1;
	return set_timer(fd, due_us);
}

static int go_off(int fd, bool now)
{
	const struct itimerspec spec = { .it_value.tv_nsec = now };

	return __real_timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

WRAP(int, clock_gettime, clockid_t clock, struct timespec *ret)
{
	(void)clock;
	ret->tv_sec = (time_t)(calls.now_us / 1000000);
	ret->tv_nsec = (long)(calls.now_us % 1000000) * 1000;
	return 0;
}

void calls_set_clock(uint64_t now_us)
{
	calls.now_us = now_us;
	for (size_t i = 0; i < TIMERS; i++) {
		if (timers[i].fd == 0 || timers[i].due_us == 0 ||
		    timers[i].due_us > now_us)
			continue;
		if (go_off(timers[i].fd, true) < 0)
			abort();
		timers[i].due_us = 0;
	}
}

bool calls_next_timer(uint64_t *ret_due_us)
{
	bool any = false;

	for (size_t i = 0; i < TIMERS; i++) {
		if (timers[i].fd == 0 || timers[i].due_us == 0)
			continue;
		if (!any || timers[i].due_us < *ret_due_us)
			*ret_due_us = timers[i].due_us;
		any = true;
	}
	return any;
}

unsigned int calls_count_descriptors(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		n += __real_fcntl(fd, F_GETFD, 0L) >= 0;
	return n;
}

/* --- memory --------------------------------------------------------------- */

WRAP(void *, calloc, size_t count, size_t bytes)
{
	void *ptr = __real_calloc(count, bytes);

	calls.live += ptr != NULL;
	return ptr;
}

WRAP(void *, malloc, size_t bytes)
{
	void *ptr = __real_malloc(bytes);

	calls.live += ptr != NULL;
	return ptr;
}

WRAP(char *, strdup, const char *str)
{
	char *ptr = __real_strdup(str);

	calls.live += ptr != NULL;
	return ptr;
}

WRAP(void, free, void *ptr)
{
	calls.live -= ptr != NULL;
	__real_free(ptr);
}
