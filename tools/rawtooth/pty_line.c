/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <termios.h>

#include "tools/rawtooth/pty.h"

/*
 * Settings of a serial line, as termios has them and as RFCOMM has them. Linux
 * lets no pseudo terminal have other than 8 data bits, or a parity.
 */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct speed {
	speed_t speed;
	uint32_t baud;
};

/* Those that both have: 7200 is RFCOMM's alone, and many are termios'. */
static const struct speed speeds[] = {
	{ B2400, 2400 },     { B4800, 4800 },	  { B9600, 9600 },
	{ B19200, 19200 },   { B38400, 38400 },	  { B57600, 57600 },
	{ B115200, 115200 }, { B230400, 230400 },
};

bool rt_pty_get_line(const struct rt_pty *pty, struct rt_line *line)
{
	struct termios settings;
	uint32_t baud = 0;

	if (tcgetattr(pty->fd, &settings) < 0)
		return false;
	for (size_t i = 0; i < COUNT(speeds); i++) {
		if (cfgetospeed(&settings) == speeds[i].speed)
			baud = speeds[i].baud;
	}
	if (baud == 0)
		return false;
	line->baud = baud;
	line->stop_bits = settings.c_cflag & CSTOPB ? 2 : 1;
	line->rtscts = settings.c_cflag & CRTSCTS;
	line->xonxoff = settings.c_iflag & (IXON | IXOFF);
	line->xon = settings.c_cc[VSTART];
	line->xoff = settings.c_cc[VSTOP];
	return true;
}

void rt_pty_set_line(const struct rt_pty *pty, const struct rt_line *line)
{
	struct termios settings;

	if (tcgetattr(pty->fd, &settings) < 0)
		return;
	for (size_t i = 0; i < COUNT(speeds); i++) {
		if (speeds[i].baud != line->baud)
			continue;
		(void)cfsetispeed(&settings, speeds[i].speed);
		(void)cfsetospeed(&settings, speeds[i].speed);
	}
	settings.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
	if (line->stop_bits == 2)
		settings.c_cflag |= CSTOPB;
	if (line->rtscts)
		settings.c_cflag |= CRTSCTS;
	/*
	 * Not XON and XOFF: on a pseudo terminal they would act, in octets
	 * that are not meant for it.
	 */
	(void)tcsetattr(pty->fd, TCSANOW, &settings);
}

bool rt_pty_heeds_carrier(const struct rt_pty *pty)
{
	struct termios settings;

	return tcgetattr(pty->fd, &settings) == 0 &&
	       !(settings.c_cflag & CLOCAL);
}
