/* SPDX-License-Identifier: MIT */
#include "hci/error.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/timers.h"
#include "tests/unit/hci/rig.h"

struct row {
	uint8_t code;
	int err;
};

/* As the kernel has it. */
static const struct row rows[] = {
	{ 0x00, 0 },
	{ 0x01, EBADRQC },
	{ 0x02, ENOTCONN },
	{ 0x03, EIO },
	{ 0x04, EHOSTDOWN },
	{ 0x05, EACCES },
	{ 0x06, EBADE },
	{ 0x07, ENOMEM },
	{ 0x08, ETIMEDOUT },
	{ 0x09, EMLINK },
	{ 0x0a, EMLINK },
	{ 0x0b, EALREADY },
	{ 0x0c, EBUSY },
	{ 0x0d, ECONNREFUSED },
	{ 0x0e, ECONNREFUSED },
	{ 0x0f, ECONNREFUSED },
	{ 0x10, ETIMEDOUT },
	{ 0x11, EOPNOTSUPP },
	{ 0x12, EINVAL },
	{ 0x13, ECONNRESET },
	{ 0x14, ECONNRESET },
	{ 0x15, ECONNRESET },
	{ 0x16, ECONNABORTED },
	{ 0x17, ELOOP },
	{ 0x18, EACCES },
	{ 0x19, EPROTO },
	{ 0x1a, EPROTONOSUPPORT },
	{ 0x1b, ECONNREFUSED },
	{ 0x1e, EPROTO },
	{ 0x20, EOPNOTSUPP },
	{ 0x23, EPROTO },
	{ 0x24, EPROTO },
	{ 0x25, EPROTO },
	{ 0x27, EOPNOTSUPP },
	{ 0x29, EOPNOTSUPP },
	{ 0x3c, EHOSTDOWN },
};

START_TEST(errors_have_the_kernels_errno)
{
	size_t next = 0;

	for (unsigned int code = 0; code <= 0xff; code++) {
		int want = -ENOSYS;

		if (next < RT_ARRAY_SIZE(rows) && rows[next].code == code)
			want = -rows[next++].err;
		ck_assert_msg(rt_hci_error_errno((uint8_t)code) == want,
			      "code 0x%02x", code);
	}
	ck_assert_uint_eq(next, RT_ARRAY_SIZE(rows));
}
END_TEST

START_TEST(errors_have_a_name_and_a_hint_or_none)
{
	for (unsigned int code = 0; code <= 0xff; code++) {
		ck_assert_ptr_nonnull(rt_hci_error_name((uint8_t)code));
		ck_assert_uint_gt(strlen(rt_hci_error_name((uint8_t)code)), 0);
		ck_assert_ptr_nonnull(rt_hci_error_hint((uint8_t)code));
	}
	ck_assert_str_eq(rt_hci_error_name(0x04), "Page Timeout");
	ck_assert_str_eq(rt_hci_error_name(0x13),
			 "Remote User Terminated Connection");
	ck_assert_str_eq(rt_hci_error_name(0x48), "Insufficient Channels");
	ck_assert_str_eq(rt_hci_error_name(0xff), "Reserved Error Code");
	ck_assert_str_eq(rt_hci_error_hint(0x04),
			 "the peer is off, out of range, not connectable, "
			 "or busy");
	ck_assert_str_eq(rt_hci_error_hint(0x00), "");
	ck_assert_str_eq(rt_hci_error_hint(0xff), "");
}
END_TEST

START_TEST(messages_have_opcodes_and_lengths_of_the_specification)
{
	const struct rt_codec_msg *msg;

	ck_assert_uint_eq(rt_hci_cmd_create_connection_msg.code, 0x0405);
	ck_assert_str_eq(rt_hci_cmd_create_connection_msg.name,
			 "CREATE_CONNECTION");
	msg = rt_codec_find(&rt_hci_cmd_table, 0x0c03);
	ck_assert_ptr_eq(msg, &rt_hci_cmd_reset_msg);
	msg = rt_codec_find(&rt_hci_evt_table, 0x05);
	ck_assert_ptr_eq(msg, &rt_hci_evt_disconnection_complete_msg);
	msg = rt_codec_find(&rt_hci_ret_table, 0x1005);
	ck_assert_ptr_eq(msg, &rt_hci_ret_read_buffer_size_msg);
	ck_assert_ptr_null(rt_codec_find(&rt_hci_evt_table, 0x3e));
}
END_TEST

START_TEST(codes_stand_once_in_their_table)
{
	const struct rt_codec_table *const tables[] = { &rt_hci_cmd_table,
							&rt_hci_evt_table,
							&rt_hci_ret_table };

	for (size_t t = 0; t < RT_ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++)
			ck_assert_ptr_eq(rt_codec_find(tables[t],
						       tables[t]->msg[i]->code),
					 tables[t]->msg[i]);
	}
}
END_TEST

START_TEST(time_limits_are_explained_in_sentences)
{
	static const char *const sentences[] = {
#define X(name, ms, sentence) sentence,
		RT_HCI_TIMERS(X)
#undef X
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(sentences); i++)
		ck_assert_int_eq(sentences[i][strlen(sentences[i]) - 1], '.');
}
END_TEST

static const struct rig_case cases[] = {
	{ &errors_have_the_kernels_errno, 1 },
	{ &errors_have_a_name_and_a_hint_or_none, 1 },
	{ &messages_have_opcodes_and_lengths_of_the_specification, 1 },
	{ &codes_stand_once_in_their_table, 1 },
	{ &time_limits_are_explained_in_sentences, 1 },
};

int main(void)
{
	return rig_run("hci error", cases, RT_ARRAY_SIZE(cases));
}
