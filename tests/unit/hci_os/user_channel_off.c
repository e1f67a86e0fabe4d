/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/os/open.h"
#include "hci/os/user_channel.h"
#include "tests/unit/stack/suite.h"

/* A build without libbluetooth. */

static const char refusal[] =
	"this program was built without the HCI user channel "
	"(RAWTOOTH_USER_CHANNEL=OFF); let another open it and use fd:N";

START_TEST(without_libbluetooth_every_way_to_a_device_says_so)
{
	static const char *const specs[] = { "hci0", "hci-socket:1", "2" };
	struct rt_transport *t = NULL;
	char text[256];

	for (size_t i = 0; i < RT_ARRAY_SIZE(specs); i++) {
		ck_assert_int_eq(rt_transport_open(specs[i], &t, text,
						   sizeof(text)),
				 -EOPNOTSUPP);
		ck_assert_str_eq(text, refusal);
		ck_assert_int_eq(rt_transport_take(specs[i], &t, text,
						   sizeof(text)),
				 -EOPNOTSUPP);
	}
	ck_assert_ptr_null(t);
}
END_TEST

START_TEST(without_libbluetooth_there_is_no_list)
{
	struct rt_user_channel_device device;
	char text[256];
	const struct rt_message message = { text, sizeof(text) };

	ck_assert_int_eq(rt_user_channel_list(&device, 1, message),
			 -EOPNOTSUPP);
	ck_assert_str_eq(text, refusal);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		without_libbluetooth_every_way_to_a_device_says_so,
		without_libbluetooth_there_is_no_list,
	};

	return suite_run("hci_os/user_channel_off", tests, RT_ARRAY_SIZE(tests),
			 NULL, NULL);
}
