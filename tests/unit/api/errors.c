/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/error.h"
#include "hci/hci.h"
#include "hci/security.h"
#include "l2cap/l2cap.h"
#include "l2cap/sdp.h"
#include "rfcomm/rfcomm.h"
#include "tests/support/suite.h"

/* Every error has a class, and a sentence that helps. */

#define CODES 0x500

static int errno_of(enum rt_layer layer, uint16_t code)
{
	switch (layer) {
	case RT_LAYER_HCI:
		return rt_hci_error_errno((uint8_t)code);
	case RT_LAYER_L2CAP:
		return rt_l2cap_code_errno(code);
	case RT_LAYER_RFCOMM:
		return rt_rfcomm_code_errno(code);
	case RT_LAYER_SDP:
		return rt_sdp_code_errno(code);
	case RT_LAYER_SECURITY:
		return rt_sec_code_errno(code);
	case RT_LAYER_NONE:
	case RT_LAYER_TRANSPORT:
	case RT_LAYER_API:
		break;
	}
	return -(int)code;
}

START_TEST(every_error_has_a_hint)
{
	struct rt_error_info info;
	struct rt_reason why;

	for (uint16_t code = 1; code < (_i == RT_LAYER_HCI ? 256 : CODES);
	     code++) {
		why = (struct rt_reason){
			.layer = (uint8_t)_i,
			.code = code,
			.err = errno_of((enum rt_layer)_i, code),
		};
		rt_api_error_describe(&why, NULL, &info);
		if (why.err == 0)
			continue;
		ck_assert_msg(info.hint[0], "%s 0x%x has no hint", info.layer,
			      code);
		if (_i != RT_LAYER_API && _i != RT_LAYER_TRANSPORT)
			ck_assert_msg(info.code_name[0], "%s 0x%x has no name",
				      info.layer, code);
		/* A hint stands in a line of text. */
		ck_assert_ptr_null(strchr(info.hint, '\n'));
	}
}
END_TEST

START_TEST(security_is_a_matter_of_permissions)
{
	static const struct rt_reason whys[] = {
		{ .layer = RT_LAYER_HCI, .code = 0x05, .err = -EACCES },
		{ .layer = RT_LAYER_HCI, .code = 0x06, .err = -EBADE },
		{ .layer = RT_LAYER_HCI, .code = 0x18, .err = -EACCES },
		{ .layer = RT_LAYER_HCI, .code = 0x25, .err = -EPROTO },
		{ .layer = RT_LAYER_HCI, .code = 0x2f, .err = -ENOSYS },
		{ .layer = RT_LAYER_L2CAP,
		  .code = RT_L2CAP_SECURITY_BLOCK,
		  .err = -EACCES },
		{ .layer = RT_LAYER_SECURITY,
		  .code = RT_SEC_CODE_TIMEOUT,
		  .err = -ETIMEDOUT },
		{ .layer = RT_LAYER_SECURITY,
		  .code = RT_SEC_CODE_REFUSED,
		  .err = -EACCES },
	};

	ck_assert_int_eq(rt_api_error_class(&whys[_i]),
			 RT_SOCKET_ERROR_MISSING_PERMISSIONS);
}
END_TEST

START_TEST(a_key_that_the_peer_lost_says_to_pair_again)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.phase = RT_PHASE_PAIR,
		.code = _i ? 0x06 : 0x05,
		.err = _i ? -EBADE : -EACCES,
	};
	struct rt_api_error error;

	rt_api_error_from_reason(&error, &why);
	ck_assert_ptr_nonnull(strstr(error.text, "pair"));
	ck_assert_ptr_nonnull(strstr(error.text, "again"));
}
END_TEST

START_TEST(another_class_and_sentence_can_be_given)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_SDP,
		.phase = RT_PHASE_LOOKUP,
		.code = RT_SDP_NO_RESOURCES,
		.err = -EBUSY,
	};
	struct rt_api_error error;

	rt_api_error_from_reason(&error, &why);
	ck_assert_int_eq(error.code, RT_SOCKET_ERROR_NETWORK);
	rt_api_error_explain(&error, RT_SOCKET_ERROR_SERVICE_NOT_FOUND,
			     "because it is so");
	ck_assert_int_eq(error.code, RT_SOCKET_ERROR_SERVICE_NOT_FOUND);
	ck_assert_str_eq(error.text,
			 "insufficient resources: because it is so");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/errors");
	TCase *tc = tcase_create("errors");

	tcase_add_loop_test(tc, every_error_has_a_hint, RT_LAYER_TRANSPORT,
			    RT_LAYER_API + 1);
	tcase_add_loop_test(tc, security_is_a_matter_of_permissions, 0, 8);
	tcase_add_loop_test(tc, a_key_that_the_peer_lost_says_to_pair_again, 0,
			    2);
	tcase_add_test(tc, another_class_and_sentence_can_be_given);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
