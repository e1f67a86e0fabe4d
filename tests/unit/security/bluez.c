/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hci/security.h"
#include "tests/unit/stack/suite.h"

static const struct rt_addr addr = { { 6, 5, 4, 3, 2, 1 } };
static struct rt_sec_key key;

static int read_text(const char *text)
{
	const size_t len = strlen(text);
	/* An allocation of its own, so that sanitizers see one octet more. */
	char *copy = malloc(len + (len == 0));
	struct rt_sec_key before;
	int err;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	memset(&key, 0x77, sizeof(key));
	before = key;
	err = rt_sec_bluez_read(rt_bytes(copy, len), addr, &key);
	free(copy);
	if (err < 0)
		ck_assert_mem_eq(&key, &before, sizeof(key));
	return err;
}

#define KEY "Key=00112233445566778899AABBCCDDEEFF\n"

START_TEST(a_file_of_bluez_is_read)
{
	ck_assert_int_eq(read_text("[General]\n"
				   "Name=A phone\n"
				   "Class=0x5a020c\n"
				   "SupportedTechnologies=BR/EDR;\n"
				   "\n"
				   "[LinkKey]\n" KEY "Type=4\n"
				   "PINLength=0\n"
				   "\n"
				   "[DeviceID]\n"
				   "Source=1\n"),
			 0);
	ck_assert_mem_eq(&key.addr, &addr, sizeof(addr));
	ck_assert_uint_eq(key.type, RT_SEC_KEY_P192);
	ck_assert_uint_eq(key.key_bytes, 0);
	ck_assert_uint_eq(key.pin_bytes, 0);
	for (size_t i = 0; i < sizeof(key.key); i++)
		ck_assert_uint_eq(key.key[i], 0x11 * i);
}
END_TEST

START_TEST(keys_come_back_as_they_were)
{
	static const uint8_t types[] = { 0, 1, 2, 3, 4, 5, 7, 8 };
	struct rt_sec_key old = { .addr = addr };
	struct rt_sec_key new;
	char text[RT_SEC_BLUEZ_BYTES];
	size_t len;

	memset(old.key, 0xc3, sizeof(old.key));
	for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
		old.type = types[i];
		old.pin_bytes = types[i] < 3 ? 16 : 0;
		len = rt_sec_bluez_write(&old, text);
		ck_assert_uint_gt(len, 0);
		ck_assert_int_eq(
			rt_sec_bluez_read(rt_bytes(text, len), addr, &new), 0);
		ck_assert_mem_eq(&new, &old, sizeof(old));
	}
}
END_TEST

START_TEST(the_text_is_that_of_bluez)
{
	static const char text[] = "[LinkKey]\n"
				   "Key=00112233445566778899AABBCCDDEEFF\n"
				   "Type=0\n"
				   "PINLength=4\n";
	char ours[RT_SEC_BLUEZ_BYTES];

	ck_assert_int_eq(read_text(text), 0);
	ck_assert_uint_eq(rt_sec_bluez_write(&key, ours), strlen(text));
	ck_assert_mem_eq(ours, text, strlen(text));
}
END_TEST

START_TEST(blanks_comments_case_and_the_old_prefix_make_no_difference)
{
	static const char *const texts[] = {
		"[LinkKey]\r\nKey=00112233445566778899aabbccddeeff\r\n"
		"Type=4\r\n",
		"[LinkKey]\nKey=0x00112233445566778899AABBCCDDEEFF\nType=4",
		"# a comment\n[LinkKey]\n\n# one more\n" KEY "Type = 4\n"
		"Other=thing\n",
		"[LinkKey] \nPINLength=0\nType=4\n" KEY,
		"[LinkKey]\n" KEY "[Other]\nType=8\n[LinkKey]\nType=4\n",
		/* Left over from a PIN before. */
		"[LinkKey]\n" KEY "Type=4\nPINLength=4\n",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(texts); i++) {
		ck_assert_msg(read_text(texts[i]) == 0, "%s", texts[i]);
		ck_assert_uint_eq(key.type, 4);
		ck_assert_uint_eq(key.pin_bytes, 0);
		ck_assert_uint_eq(key.key[15], 0xff);
	}
}
END_TEST

START_TEST(a_file_without_a_link_key_has_none)
{
	static const char *const texts[] = {
		"",
		"[General]\nName=Some [LinkKey]\n" KEY "Type=4\n",
		"[LongTermKey]\n" KEY "EncSize=16\n",
		"[LinkKey]\n",
		"[LinkKey]\nType=4\nPINLength=0\n",
		"[linkkey]\n" KEY "Type=4\n",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(texts); i++)
		ck_assert_msg(read_text(texts[i]) == -ENOENT, "%s", texts[i]);
}
END_TEST

/* SEC-20 */
START_TEST(what_is_malformed_or_out_of_range_is_refused)
{
	static const char *const texts[] = {
		"[LinkKey]\n" KEY, /* which type? */
		"[LinkKey]\n" KEY "Type=6\n",
		"[LinkKey]\n" KEY "Type=9\n",
		"[LinkKey]\n" KEY "Type=256\n",
		"[LinkKey]\n" KEY "Type=-1\n",
		"[LinkKey]\n" KEY "Type=\n",
		"[LinkKey]\n" KEY "Type=4x\n",
		"[LinkKey]\n" KEY "Type=0\nPINLength=17\n",
		"[LinkKey]\n" KEY "Type=4\nPINLength=17\n",
		"[LinkKey]\n" KEY "Type=4\nType=4\n",
		"[LinkKey]\n" KEY KEY "Type=4\n",
		"[LinkKey]\n" KEY "Type=4\nno sense\n",
		"[LinkKey]\nKey=\nType=4\n",
		"[LinkKey]\nKey=00112233445566778899AABBCCDDEEF\nType=4\n",
		"[LinkKey]\nKey=00112233445566778899AABBCCDDEEFF0\nType=4\n",
		"[LinkKey]\nKey=00112233445566778899AABBCCDDEEFG\nType=4\n",
		"[LinkKey]\nKey=0x00112233445566778899AABBCCDDEE\nType=4\n",
		"[LinkKey]\nKey=00000000000000000000000000000000\nType=4\n",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(texts); i++)
		ck_assert_msg(read_text(texts[i]) == -EBADMSG, "%s", texts[i]);
}
END_TEST

START_TEST(a_file_of_more_than_a_megabyte_is_refused)
{
	static char text[(1 << 20) + 1];
	static const char head[] = "[LinkKey]\n" KEY "Type=4\n";

	memset(text, '\n', sizeof(text));
	memcpy(text, head, strlen(head));
	ck_assert_int_eq(rt_sec_bluez_read(rt_bytes(text, sizeof(text) - 1),
					   addr, &key),
			 0);
	ck_assert_int_eq(rt_sec_bluez_read(rt_bytes(text, sizeof(text)), addr,
					   &key),
			 -EBADMSG);
}
END_TEST

START_TEST(no_device_has_the_zero_address)
{
	static const char text[] = "[LinkKey]\n" KEY "Type=4\n";
	const struct rt_addr zero = { { 0 } };

	ck_assert_int_eq(rt_sec_bluez_read(rt_bytes(text, strlen(text)), zero,
					   &key),
			 -EBADMSG);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_file_of_bluez_is_read,
		keys_come_back_as_they_were,
		the_text_is_that_of_bluez,
		blanks_comments_case_and_the_old_prefix_make_no_difference,
		a_file_without_a_link_key_has_none,
		what_is_malformed_or_out_of_range_is_refused,
		a_file_of_more_than_a_megabyte_is_refused,
		no_device_has_the_zero_address,
	};

	return suite_run("security/bluez", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
