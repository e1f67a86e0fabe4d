/* SPDX-License-Identifier: MIT */
#include "hci/os/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/hci_os/sink.h"
#include "tests/unit/stack/suite.h"

/* Serial lines, on pseudo terminals. */

static char device[64], spec[128], text[256];
static int controller; /* the other end of the line */
static struct rt_transport *t;
static const struct rt_message message = { text, sizeof(text) };

static void setup(void)
{
	heard_reset();
	t = NULL;
	text[0] = 0;
	controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	ck_assert_int_ge(controller, 0);
	ck_assert_int_eq(grantpt(controller), 0);
	ck_assert_int_eq(unlockpt(controller), 0);
	ck_assert_int_eq(ptsname_r(controller, device, sizeof(device)), 0);
}

static void teardown(void)
{
	if (t)
		t->ops->close(t);
	if (controller >= 0)
		close(controller);
}

static int open_line(const char *options)
{
	snprintf(spec, sizeof(spec), "%s%s", device, options);
	return rt_serial_open(spec, "serial:x", &t, message);
}

static void from_controller(const void *octets, size_t len)
{
	ck_assert_int_eq(write(controller, octets, len), (ssize_t)len);
}

static void at_controller(const void *octets, size_t len)
{
	uint8_t buf[64];

	ck_assert_int_eq(read(controller, buf, sizeof(buf)), (ssize_t)len);
	ck_assert_mem_eq(buf, octets, len);
}

static int receive(void)
{
	return t->ops->receive(t, &sink);
}

static void send_reset(void)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
}

START_TEST(all_256_octets_pass_both_ways)
{
	uint8_t event[258] = { 0x04, 0xff, 0xff };
	uint8_t command[3 + 255] = { 0x00, 0xfc, 0xff };
	struct rt_packet p =
		packet_of(RT_PACKET_COMMAND, command, sizeof(command));
	uint8_t buf[512];

	ck_assert_int_eq(open_line(""), 0);
	for (unsigned i = 0; i < 255; i++) {
		event[3 + i] = (uint8_t)i;
		command[3 + i] = (uint8_t)(i + 1);
	}
	from_controller(event, sizeof(event));
	ck_assert_int_eq(receive(), 0);
	heard_last(1, 4, event + 1, sizeof(event) - 1);
	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	ck_assert_int_eq(read(controller, buf, sizeof(buf)), 259);
	ck_assert_mem_eq(buf + 1, command, sizeof(command));
}
END_TEST

START_TEST(the_line_gets_the_speed_that_is_asked_for)
{
	static const struct {
		const char *options;
		speed_t speed;
		bool rtscts;
	} lines[] = {
		{ "", B115200, false },
		{ ",9600", B9600, false },
		{ ",921600,rtscts", B921600, true },
		{ ",rtscts,3000000", B3000000, true },
	};
	struct termios tio;

	for (size_t i = 0; i < RT_ARRAY_SIZE(lines); i++) {
		ck_assert_int_eq(open_line(lines[i].options), 0);
		ck_assert_int_eq(tcgetattr(t->fd, &tio), 0);
		ck_assert_uint_eq(cfgetospeed(&tio), lines[i].speed);
		ck_assert_uint_eq(cfgetispeed(&tio), lines[i].speed);
		ck_assert_int_eq(!!(tio.c_cflag & CRTSCTS), lines[i].rtscts);
		ck_assert_uint_eq(tio.c_cflag & (CSIZE | PARENB | CSTOPB), CS8);
		ck_assert_uint_eq(tio.c_lflag & (ICANON | ECHO | ISIG), 0);
		ck_assert_str_eq(t->name, "serial:x");
		t->ops->close(t);
		t = NULL;
	}
}
END_TEST

START_TEST(the_line_gets_its_settings_back)
{
	struct termios before, after;
	int fd = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);

	ck_assert_int_eq(tcgetattr(fd, &before), 0);
	ck_assert_int_eq(open_line(",2000000,rtscts"), 0);
	t->ops->close(t);
	t = NULL;
	ck_assert_int_eq(tcgetattr(fd, &after), 0);
	ck_assert_uint_eq(after.c_cflag, before.c_cflag);
	ck_assert_uint_eq(after.c_lflag, before.c_lflag);
	ck_assert_uint_eq(after.c_iflag, before.c_iflag);
	ck_assert_uint_eq(cfgetospeed(&after), cfgetospeed(&before));
	close(fd);
}
END_TEST

START_TEST(a_line_is_opened_by_one_program_at_a_time)
{
	struct rt_transport *second;
	char want[128];

	ck_assert_int_eq(open_line(""), 0);
	ck_assert_int_eq(rt_serial_open(device, "x", &second, message), -EBUSY);
	snprintf(want, sizeof(want), "%s is used by another program", device);
	ck_assert_str_eq(text, want);
	t->ops->close(t);
	ck_assert_int_eq(open_line(""), 0);
}
END_TEST

START_TEST(lost_framing_is_found_again_by_reset)
{
	ck_assert_int_eq(open_line(""), 0);
	from_controller("\x04\xff\x01\x42\x99\x04\xff\x00", 8);
	ck_assert_int_eq(receive(), 0);
	heard_last(1, 4, "\xff\x01\x42", 3);
	ck_assert_uint_eq(heard.resyncs, 1);
	/* What looks like packets is none, not even the right answer. */
	from_controller("\x04\x05\x04\x00\x2a\x00\x13", 7);
	ck_assert_int_eq(receive(), 0);
	from_controller("\x04\x0e\x04\x01\x03\x0c\x00", 7);
	ck_assert_int_eq(receive(), 0);
	ck_assert_uint_eq(heard.packets, 1);
	send_reset();
	at_controller("\x01\x03\x0c\x00", 4);
	from_controller("\x04\x05\x04\x00\x2a\x00\x13\x04\x0e", 9);
	ck_assert_int_eq(receive(), 0);
	ck_assert_uint_eq(heard.packets, 1);
	from_controller("\x04\x01\x03\x0c\x00\x04\xff\x00", 8);
	ck_assert_int_eq(receive(), 0);
	heard_last(3, 4, "\xff\x00", 2);
	ck_assert_uint_eq(heard.resyncs, 1);
	ck_assert_int_eq(receive(), 0);
}
END_TEST

START_TEST(what_was_waiting_before_the_line_was_opened_is_not_heard)
{
	int fd = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios tio;

	ck_assert_int_eq(tcgetattr(fd, &tio), 0);
	cfmakeraw(&tio);
	ck_assert_int_eq(tcsetattr(fd, TCSANOW, &tio), 0);
	from_controller("\x13\x04\xff", 3);
	ck_assert_int_eq(open_line(""), 0);
	from_controller("\x04\xff\x00", 3);
	ck_assert_int_eq(receive(), 0);
	heard_last(1, 4, "\xff\x00", 2);
	ck_assert_uint_eq(heard.resyncs, 0);
	close(fd);
}
END_TEST

START_TEST(a_line_that_goes_away_is_the_end)
{
	ck_assert_int_eq(open_line(""), 0);
	ck_assert_int_eq(receive(), 0);
	close(controller);
	controller = -1;
	ck_assert_int_lt(receive(), 0);
	ck_assert_int_lt(receive(), 0);
	ck_assert_int_lt(t->ops->flush(t), 0);
}
END_TEST

START_TEST(what_is_no_serial_line_is_explained)
{
	static const struct {
		const char *spec;
		int err;
		const char *text;
	} bad[] = {
		{ "/dev/null", -ENOTTY, "/dev/null is no serial line" },
		{ "/dev/nonexistent,115200", -ENOENT,
		  "there is no /dev/nonexistent: is it plugged in?" },
		{ "", -EINVAL,
		  "a serial line is written "
		  "serial:/dev/ttyUSB0,115200[,rtscts]" },
		{ ",115200", -EINVAL,
		  "a serial line is written "
		  "serial:/dev/ttyUSB0,115200[,rtscts]" },
		{ "/dev/null,", -EINVAL,
		  "\"\" is neither a baud rate (115200, 921600, ...) nor "
		  "rtscts" },
		{ "/dev/null,115201", -EINVAL,
		  "\"115201\" is neither a baud rate (115200, 921600, ...) "
		  "nor rtscts" },
		{ "/dev/null,115200,rts", -EINVAL,
		  "\"rts\" is neither a baud rate (115200, 921600, ...) nor "
		  "rtscts" },
		{ "/dev/null,-9600", -EINVAL,
		  "\"-9600\" is neither a baud rate (115200, 921600, ...) "
		  "nor rtscts" },
		{ "/dev/null,9600x,rtscts", -EINVAL,
		  "\"9600x\" is neither a baud rate (115200, 921600, ...) "
		  "nor rtscts" },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		ck_assert_int_eq(rt_serial_open(bad[i].spec, "x", &t, message),
				 bad[i].err);
		ck_assert_str_eq(text, bad[i].text);
		ck_assert_ptr_null(t);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		all_256_octets_pass_both_ways,
		the_line_gets_the_speed_that_is_asked_for,
		the_line_gets_its_settings_back,
		a_line_is_opened_by_one_program_at_a_time,
		lost_framing_is_found_again_by_reset,
		what_was_waiting_before_the_line_was_opened_is_not_heard,
		a_line_that_goes_away_is_the_end,
		what_is_no_serial_line_is_explained,
	};

	return suite_run("hci_os/serial", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
