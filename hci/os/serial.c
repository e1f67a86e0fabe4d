/* SPDX-License-Identifier: MIT */
#include "hci/os/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "hci/os/stream.h"

static const struct baud {
	unsigned long rate;
	speed_t speed;
} bauds[] = {
	{ 9600, B9600 },       { 19200, B19200 },     { 38400, B38400 },
	{ 57600, B57600 },     { 115200, B115200 },   { 230400, B230400 },
	{ 460800, B460800 },   { 500000, B500000 },   { 576000, B576000 },
	{ 921600, B921600 },   { 1000000, B1000000 }, { 1152000, B1152000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 2500000, B2500000 },
	{ 3000000, B3000000 }, { 3500000, B3500000 }, { 4000000, B4000000 },
};

struct settings {
	char device[256];
	speed_t speed;
	bool rtscts;
};

static bool find_speed(const char *text, size_t len, speed_t *ret)
{
	char *end;
	unsigned long rate;

	if (len == 0 || text[0] < '0' || text[0] > '9')
		return false;
	rate = strtoul(text, &end, 10);
	if (end != text + len)
		return false;
	for (size_t i = 0; i < RT_ARRAY_SIZE(bauds); i++) {
		if (bauds[i].rate == rate) {
			*ret = bauds[i].speed;
			return true;
		}
	}
	return false;
}

static int parse(const char *spec, struct settings *s,
		 struct rt_message message)
{
	static const char rtscts[] = "rtscts";
	const char *p = strchrnul(spec, ',');
	size_t len = (size_t)(p - spec);

	if (len == 0 || len >= sizeof(s->device))
		return rt_message_fail(message, -EINVAL,
				       "a serial line is written "
				       "serial:/dev/ttyUSB0,115200[,rtscts]");
	memcpy(s->device, spec, len);
	while (*p == ',') {
		const char *word = p + 1;

		p = strchrnul(word, ',');
		len = (size_t)(p - word);
		if (len == strlen(rtscts) && memcmp(word, rtscts, len) == 0)
			s->rtscts = true;
		else if (!find_speed(word, len, &s->speed))
			return rt_message_fail(message, -EINVAL,
					       "\"%.*s\" is neither a baud "
					       "rate (115200, 921600, ...) nor "
					       "rtscts",
					       (int)len, word);
	}
	return 0;
}

static int explain(int err, const char *device, struct rt_message message)
{
	switch (err) {
	case ENOENT:
		return rt_message_fail(message, -err,
				       "there is no %s: is it plugged in?",
				       device);
	case EACCES:
		return rt_message_fail(message, -err,
				       "no permission to open %s: join its "
				       "group (often dialout)",
				       device);
	case EBUSY:
	case EWOULDBLOCK:
		return rt_message_fail(message, -EBUSY,
				       "%s is used by another program", device);
	case ENOTTY:
		return rt_message_fail(message, -err, "%s is no serial line",
				       device);
	default:
		return rt_message_fail(message, -err, "can't open %s: %s",
				       device, strerror(err));
	}
}

static void make_raw(struct termios *tio, const struct settings *s)
{
	cfmakeraw(tio);
	tio->c_cflag |= CLOCAL | CREAD;
	tio->c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
	if (s->rtscts)
		tio->c_cflag |= CRTSCTS;
	tio->c_cc[VMIN] = 1;
	tio->c_cc[VTIME] = 0;
	cfsetispeed(tio, s->speed);
	cfsetospeed(tio, s->speed);
}

static bool is_set(int fd, const struct settings *s)
{
	const tcflag_t flags = CSIZE | PARENB | CRTSCTS;
	const tcflag_t want = CS8 | (s->rtscts ? CRTSCTS : 0);
	struct termios tio;

	/* tcsetattr() is content if it could do a part of what was asked. */
	return tcgetattr(fd, &tio) == 0 && (tio.c_cflag & flags) == want &&
	       cfgetospeed(&tio) == s->speed;
}

static void restore(int fd, const void *saved)
{
	struct termios tio;

	memcpy(&tio, saved, sizeof(tio));
	(void)tcflush(fd, TCIOFLUSH);
	(void)tcsetattr(fd, TCSANOW, &tio);
	(void)ioctl(fd, TIOCNXCL);
}

/* Returns 0 or an errno. */
static int change(int fd, const struct settings *s, struct termios tio)
{
	make_raw(&tio, s);
	if (tcsetattr(fd, TCSANOW, &tio) < 0)
		return errno;
	if (!is_set(fd, s))
		return EINVAL;
	/* What came before we listened has lost its beginning. */
	return tcflush(fd, TCIOFLUSH) < 0 ? errno : 0;
}

/*
 * Takes the line and sets it up. Returns 0 or an errno, and then it is as it
 * was.
 */
static int set_up(int fd, const struct settings *s, struct termios *ret_old)
{
	int err;

	if (tcgetattr(fd, ret_old) < 0)
		return ENOTTY;
	/* The lock keeps out root as well, if it is polite. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || ioctl(fd, TIOCEXCL) < 0)
		return errno;
	err = change(fd, s, *ret_old);
	if (err)
		restore(fd, ret_old);
	return err;
}

int rt_serial_open(const char *spec, const char *name,
		   struct rt_transport **ret, struct rt_message message)
{
	struct settings s = { .speed = B115200 };
	struct termios old;
	int fd, err;

	err = parse(spec, &s, message);
	if (err < 0)
		return err;
	fd = open(s.device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return explain(errno, s.device, message);
	err = set_up(fd, &s, &old);
	if (err == EINVAL)
		err = rt_message_fail(message, -EINVAL,
				      "%s can't be set to this baud rate or "
				      "flow control",
				      s.device);
	else if (err)
		err = explain(err, s.device, message);
	if (err < 0) {
		close(fd);
		return err;
	}
	err = rt_stream_new(fd, RT_STREAM_SERIAL, name, ret);
	if (err < 0) {
		restore(fd, &old);
		close(fd);
		return explain(-err, s.device, message);
	}
	rt_stream_restore(*ret, restore, &old, sizeof(old));
	return 0;
}
