/* SPDX-License-Identifier: MIT */
#include "hci/security/keyfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/security.h"
#include "stack/limits.h"
#include "tests/unit/stack/suite.h"

static const struct rt_addr adapter = { { 0xff, 0xee, 0xdd, 0xcc, 0xbb,
					  0xaa } };

/* Of one key, as rt_sec_file_write() has it. */
static const char sample[] =
	"rawtooth-keys 1 adapter AA:BB:CC:DD:EE:FF keys 1\n"
	"11:22:33:44:55:66 type 4 size 16 pin 0 "
	"key 00112233445566778899AABBCCDDEEFF\n"
	"crc32 00000000\n";

static struct rt_sec_key read_keys[RT_SEC_FILE_KEYS_MAX + 1];
static size_t read_count;

static void on_key(void *user, const struct rt_sec_key *key)
{
	ck_assert_ptr_eq(user, read_keys);
	ck_assert_uint_lt(read_count, RT_ARRAY_SIZE(read_keys));
	read_keys[read_count++] = *key;
}

static int read_text(const char *text, size_t len)
{
	/* An allocation of its own, so that sanitizers see one octet more. */
	char *copy = malloc(len + (len == 0));
	int err;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	read_count = 0;
	err = rt_sec_file_read(adapter, rt_bytes(copy, len), on_key, read_keys);
	free(copy);
	if (err < 0)
		ck_assert_uint_eq(read_count, 0);
	return err;
}

/* CRC-32 again, a table instead of bits: of zlib's crc32() by definition. */
static uint32_t sum_of(const char *text, size_t len)
{
	uint32_t table[256];
	uint32_t sum = 0xffffffff;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^
				   (0xedb88320 & (0 - (table[i] & 1)));
	}
	for (size_t i = 0; i < len; i++)
		sum = table[(sum ^ (uint8_t)text[i]) & 0xff] ^ sum >> 8;
	return ~sum;
}

/* Reads a text whose last line is put right first. */
static int read_summed(const char *text)
{
	char copy[1024];
	char *last;

	snprintf(copy, sizeof(copy), "%s", text);
	last = strstr(copy, "crc32 ");
	ck_assert_ptr_nonnull(last);
	snprintf(last + 6, 10, "%08lX\n",
		 (unsigned long)sum_of(copy, (size_t)(last - copy)));
	return read_text(copy, strlen(copy));
}

/* The sample with `what`, which stands in it once, replaced by `by`. */
static int read_changed(const char *what, const char *by)
{
	const char *at = strstr(sample, what);
	char text[1024];

	ck_assert_ptr_nonnull(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - sample), sample, by,
		 at + strlen(what));
	return read_summed(text);
}

static struct rt_sec_key make(unsigned int number)
{
	struct rt_sec_key key = {
		.addr = { { 0x66, 0x55, 0x44, 0x33, (uint8_t)(number >> 8),
			    (uint8_t)number } },
		.type = RT_SEC_KEY_P256_MITM,
		.key_bytes = 16,
		.key = { 1, 2, (uint8_t)number },
	};

	return key;
}

START_TEST(a_sum_is_that_of_ieee_802_3)
{
	ck_assert_uint_eq(sum_of("123456789", 9), 0xcbf43926);
}
END_TEST

START_TEST(the_format_is_the_one_written_down)
{
	struct rt_sec_key key = {
		.addr = { { 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 } },
		.type = RT_SEC_KEY_P192,
		.key_bytes = 16,
	};
	char text[RT_SEC_FILE_BYTES(1)];
	size_t len;

	for (size_t i = 0; i < sizeof(key.key); i++)
		key.key[i] = (uint8_t)(0x11 * i);
	len = rt_sec_file_write(adapter, &key, 1, text);
	ck_assert_uint_eq(len, strlen(sample));
	ck_assert_mem_eq(text, sample, len - 9);
	ck_assert_int_eq(read_text(text, len), 0);
	ck_assert_uint_eq(read_count, 1);
	ck_assert_mem_eq(&read_keys[0], &key, sizeof(key));
	ck_assert_int_eq(read_summed(sample), 0);
}
END_TEST

START_TEST(a_set_of_no_keys_is_a_file_too)
{
	char text[RT_SEC_FILE_BYTES(0)];
	const size_t len = rt_sec_file_write(adapter, NULL, 0, text);

	ck_assert_int_eq(read_text(text, len), 0);
	ck_assert_uint_eq(read_count, 0);
}
END_TEST

START_TEST(any_order_of_keys_gives_the_same_file)
{
	struct rt_sec_key keys[] = { make(3), make(1), make(2) };
	const struct rt_sec_key sorted[] = { make(1), make(2), make(3) };
	char text[RT_SEC_FILE_BYTES(3)];
	char other[RT_SEC_FILE_BYTES(3)];
	const size_t len = rt_sec_file_write(adapter, keys, 3, text);

	ck_assert_uint_eq(rt_sec_file_write(adapter, sorted, 3, other), len);
	ck_assert_mem_eq(text, other, len);
	ck_assert_int_eq(read_text(text, len), 0);
	ck_assert_mem_eq(read_keys, sorted, sizeof(sorted));
}
END_TEST

START_TEST(keys_of_every_kind_come_back_as_they_were)
{
	static const uint8_t types[] = { 0, 1, 2, 3, 4, 5, 7, 8 };
	static const uint8_t sizes[] = { 0, 7, 9, 10, 16 };
	struct rt_sec_key key;
	char text[RT_SEC_FILE_BYTES(1)];
	size_t len;

	for (size_t i = 0; i < RT_ARRAY_SIZE(types); i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(sizes); k++) {
			key = make(1);
			key.type = types[i];
			key.key_bytes = sizes[k];
			key.pin_bytes = types[i] < 3 ? (uint8_t)(4 * k) : 0;
			len = rt_sec_file_write(adapter, &key, 1, text);
			ck_assert_int_eq(read_text(text, len), 0);
			ck_assert_mem_eq(read_keys, &key, sizeof(key));
		}
	}
}
END_TEST

START_TEST(as_many_keys_as_the_limit_are_read_and_one_more_is_not)
{
	static struct rt_sec_key keys[RT_SEC_FILE_KEYS_MAX + 1];
	static char text[RT_SEC_FILE_BYTES(RT_SEC_FILE_KEYS_MAX + 1)];
	size_t len;

	ck_assert_uint_eq(RT_SEC_FILE_KEYS_MAX, rt_limits_default.bonded_keys);
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(keys); i++) {
		keys[i] = make(i + 1);
		/* As long as lines can be. */
		keys[i].type = RT_SEC_KEY_COMBINATION;
		keys[i].pin_bytes = 16;
	}
	len = rt_sec_file_write(adapter, keys, RT_SEC_FILE_KEYS_MAX, text);
	ck_assert_uint_lt(len, RT_SEC_FILE_BYTES(RT_SEC_FILE_KEYS_MAX));
	ck_assert_int_eq(read_text(text, len), 0);
	ck_assert_uint_eq(read_count, RT_SEC_FILE_KEYS_MAX);
	len = rt_sec_file_write(adapter, keys, RT_SEC_FILE_KEYS_MAX + 1, text);
	ck_assert_int_eq(read_text(text, len), -EBADMSG);
}
END_TEST

START_TEST(a_file_cut_off_anywhere_is_refused)
{
	const struct rt_sec_key keys[] = { make(1), make(2) };
	char text[RT_SEC_FILE_BYTES(2)];
	const size_t len = rt_sec_file_write(adapter, keys, 2, text);

	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(read_text(text, i), -EBADMSG);
	ck_assert_int_eq(read_text(text, len), 0);
}
END_TEST

START_TEST(any_bit_that_is_flipped_is_found)
{
	const struct rt_sec_key keys[] = { make(1), make(2) };
	char text[RT_SEC_FILE_BYTES(2)];
	const size_t len = rt_sec_file_write(adapter, keys, 2, text);
	int err;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		err = read_text(text, len);
		/* The version stands before all else, as the next one wants. */
		ck_assert(err == -EBADMSG || (err == -EPROTO && bit / 8 == 14));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}
END_TEST

START_TEST(nothing_may_stand_behind_the_last_line)
{
	const struct rt_sec_key key = make(1);
	char text[RT_SEC_FILE_BYTES(1)];
	const size_t len = rt_sec_file_write(adapter, &key, 1, text);

	text[len] = '\n';
	ck_assert_int_eq(read_text(text, len + 1), -EBADMSG);
	text[len] = '\0';
	ck_assert_int_eq(read_text(text, len + 1), -EBADMSG);
}
END_TEST

START_TEST(a_later_version_and_another_adapter_are_told_apart_from_damage)
{
	ck_assert_int_eq(read_changed("keys 1 ", "keys 2 "), -EPROTO);
	ck_assert_int_eq(read_changed("keys 1 ", "keys 999999999 "), -EPROTO);
	ck_assert_int_eq(read_changed("keys 1 ", "keys 0 "), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1 ", "keys 01 "), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1 ", "keys 1000000000 "), -EBADMSG);
	ck_assert_int_eq(read_changed("EE:FF", "EE:FE"), -ESTALE);
	ck_assert_int_eq(read_changed("rawtooth", "Rawtooth"), -EBADMSG);
}
END_TEST

START_TEST(a_form_that_we_do_not_write_is_refused)
{
	ck_assert_int_eq(read_changed("AA:BB", "aa:BB"), -EBADMSG);
	ck_assert_int_eq(read_changed("AA:BB", "AA-BB"), -EBADMSG);
	ck_assert_int_eq(read_changed("66 type", "66  type"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4", "type 04"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4", "type +4"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4", "type "), -EBADMSG);
	ck_assert_int_eq(read_changed("AABBCC", "aabbcc"), -EBADMSG);
	ck_assert_int_eq(read_changed("EEFF", "EEF"), -EBADMSG);
	ck_assert_int_eq(read_changed("EEFF", "EEFF0"), -EBADMSG);
	ck_assert_int_eq(read_changed("EEFF", "EEFG"), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1\n", "keys 1\r\n"), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1\n", "keys 1\n\n"), -EBADMSG);
}
END_TEST

START_TEST(the_count_of_keys_must_be_true)
{
	ck_assert_int_eq(read_changed("keys 1\n", "keys 0\n"), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1\n", "keys 2\n"), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1\n", "keys 257\n"), -EBADMSG);
	ck_assert_int_eq(read_changed("keys 1\n", "keys 4294967297\n"),
			 -EBADMSG);
}
END_TEST

/* SEC-20 */
START_TEST(a_key_that_is_not_sound_spoils_the_file)
{
	ck_assert_int_eq(read_changed("type 4", "type 6"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4", "type 9"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4", "type 260"), -EBADMSG);
	ck_assert_int_eq(read_changed("size 16", "size 6"), -EBADMSG);
	ck_assert_int_eq(read_changed("size 16", "size 7"), 0);
	ck_assert_int_eq(read_changed("size 16", "size 17"), -EBADMSG);
	ck_assert_int_eq(read_changed("size 16", "size 272"), -EBADMSG);
	ck_assert_int_eq(read_changed("pin 0", "pin 4"), -EBADMSG);
	ck_assert_int_eq(read_changed("type 4 size 16 pin 0",
				      "type 0 size 0 pin 17"),
			 -EBADMSG);
	ck_assert_int_eq(read_changed("00112233445566778899AABBCCDDEEFF",
				      "00000000000000000000000000000000"),
			 -EBADMSG);
	ck_assert_int_eq(read_changed("11:22:33:44:55:66", "00:00:00:00:00:00"),
			 -EBADMSG);
}
END_TEST

/* SEC-08 */
START_TEST(a_key_for_the_adapter_itself_is_refused)
{
	ck_assert_int_eq(read_changed("11:22:33:44:55:66", "AA:BB:CC:DD:EE:FF"),
			 -EBADMSG);
}
END_TEST

START_TEST(a_peer_stands_in_a_file_once)
{
	const struct rt_sec_key keys[] = { make(1), make(2), make(1) };
	char text[RT_SEC_FILE_BYTES(3)];
	const size_t len = rt_sec_file_write(adapter, keys, 3, text);

	ck_assert_int_eq(read_text(text, len), -EBADMSG);
	ck_assert_int_eq(
		read_summed("rawtooth-keys 1 adapter AA:BB:CC:DD:EE:FF keys 2\n"
			    "11:22:33:44:55:66 type 4 size 16 pin 0 "
			    "key 00112233445566778899AABBCCDDEEFF\n"
			    "11:22:33:44:55:66 type 4 size 16 pin 0 "
			    "key 00112233445566778899AABBCCDDEEFF\n"
			    "crc32 00000000\n"),
		-EBADMSG);
}
END_TEST

START_TEST(nothing_at_all_is_no_set_of_no_keys)
{
	ck_assert_int_eq(read_text("", 0), -EBADMSG);
	ck_assert_int_eq(rt_sec_file_read(adapter, rt_bytes(NULL, 0), on_key,
					  read_keys),
			 -EBADMSG);
}
END_TEST

START_TEST(a_megabyte_is_refused_unread)
{
	static char text[1 << 20];

	memset(text, '1', sizeof(text));
	memcpy(text, sample, strlen(sample));
	ck_assert_int_eq(read_text(text, sizeof(text)), -EBADMSG);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_sum_is_that_of_ieee_802_3,
		the_format_is_the_one_written_down,
		a_set_of_no_keys_is_a_file_too,
		any_order_of_keys_gives_the_same_file,
		keys_of_every_kind_come_back_as_they_were,
		as_many_keys_as_the_limit_are_read_and_one_more_is_not,
		a_file_cut_off_anywhere_is_refused,
		any_bit_that_is_flipped_is_found,
		nothing_may_stand_behind_the_last_line,
		a_later_version_and_another_adapter_are_told_apart_from_damage,
		a_form_that_we_do_not_write_is_refused,
		the_count_of_keys_must_be_true,
		a_key_that_is_not_sound_spoils_the_file,
		a_key_for_the_adapter_itself_is_refused,
		a_peer_stands_in_a_file_once,
		nothing_at_all_is_no_set_of_no_keys,
		a_megabyte_is_refused_unread,
	};

	return suite_run("security/keyfile", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
