/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_MESSAGE_H
#define RT_HCI_OS_MESSAGE_H

#include <stddef.h>

#include "stack/base.h"

/* Where a function that opens something says why it could not. */
struct rt_message {
	char *str; /* may be NULL if `bytes` is 0 */
	size_t bytes;
};

/*
 * Writes one sentence, cut to the room there is, without a full stop. Returns
 * `err`, so that it can stand in a return statement.
 */
int rt_message_fail(struct rt_message message, int err, const char *fmt, ...)
	RT_PRINTF(3, 4);

#endif
