/* SPDX-License-Identifier: MIT */
#include "tests/interop/vm/settings.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/interop/vm/kernel.h"

#define BTPROTO_HCI 1
#define HCI_CHANNEL_CONTROL 3
#define HCI_DEV_NONE 0xffff
#define EVENT_COMPLETE 0x0001
#define EVENT_STATUS 0x0002
#define HEADER_BYTES 6 /* code, controller, length */

struct sockaddr_of_hci {
	unsigned short family;
	unsigned short device;
	unsigned short channel;
};

static const struct {
	const char *name;
	uint16_t opcode;
} names[] = {
	{ "powered", 0x0005 },	   { "discoverable", 0x0006 },
	{ "connectable", 0x0007 }, { "bondable", 0x0009 },
	{ "ssp", 0x000b },	   { "io", 0x0018 },
	{ "secure", 0x002d },
};

static int open_control(void)
{
	const struct sockaddr_of_hci addr = {
		.family = AF_BLUETOOTH,
		.device = HCI_DEV_NONE,
		.channel = HCI_CHANNEL_CONTROL,
	};
	const int fd =
		socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		kernel_fail("management interface");
	return fd;
}

/* The status of the answer to the command; other events pass by. */
static uint8_t wait_for_answer(int fd, uint16_t opcode)
{
	uint8_t event[512];
	ssize_t count;
	uint16_t code, of;

	for (;;) {
		count = read(fd, event, sizeof(event));
		if (count < 0)
			kernel_fail("management event");
		if (count < HEADER_BYTES + 3)
			continue;
		code = (uint16_t)(event[0] | event[1] << 8);
		of = (uint16_t)(event[6] | event[7] << 8);
		if ((code == EVENT_COMPLETE || code == EVENT_STATUS) &&
		    of == opcode)
			return event[8];
	}
}

static int make(int fd, const char *setting)
{
	const char *equals = strchr(setting, '=');
	uint8_t command[HEADER_BYTES + 1] = { 0 };
	uint8_t status = 0xff;

	for (size_t i = 0; equals && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		const size_t length = strlen(names[i].name);

		if (length != (size_t)(equals - setting) ||
		    memcmp(names[i].name, setting, length) != 0)
			continue;
		command[0] = (uint8_t)names[i].opcode;
		command[1] = (uint8_t)(names[i].opcode >> 8);
		command[4] = 1; /* octets that follow */
		command[6] = (uint8_t)atoi(equals + 1);
		if (write(fd, command, sizeof(command)) !=
		    (ssize_t)sizeof(command))
			kernel_fail("management command");
		status = wait_for_answer(fd, names[i].opcode);
	}
	if (status != 0)
		fprintf(stderr, "%s: refused with 0x%02x\n", setting, status);
	return status == 0 ? 0 : 1;
}

int settings_make(int count, char **settings)
{
	const int fd = open_control();
	int failed = 0;

	for (int i = 0; i < count; i++)
		failed |= make(fd, settings[i]);
	close(fd);
	return failed;
}
