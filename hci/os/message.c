/* SPDX-License-Identifier: MIT */
#include "hci/os/message.h"

#include <stdarg.h>
#include <stdio.h>

int rt_message_fail(struct rt_message message, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message.str, message.bytes, fmt, args);
	va_end(args);
	return err;
}
