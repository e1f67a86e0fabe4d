/* SPDX-License-Identifier: MIT */
#include "hci/os/user_channel.h"

#include <errno.h>

/* In a build without libbluetooth. */

static int refuse(struct rt_message message)
{
	return rt_message_fail(message, -EOPNOTSUPP,
			       "this program was built without the HCI user "
			       "channel (RAWTOOTH_USER_CHANNEL=OFF); let "
			       "another open it and use fd:N");
}

int rt_user_channel_open(uint16_t index, bool take, struct rt_message message)
{
	(void)index;
	(void)take;
	return refuse(message);
}

int rt_user_channel_list(struct rt_user_channel_device *ret, size_t max,
			 struct rt_message message)
{
	(void)ret;
	(void)max;
	return refuse(message);
}
