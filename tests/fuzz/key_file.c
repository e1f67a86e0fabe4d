/* SPDX-License-Identifier: MIT */
/*
 * Files of keys, ours and BlueZ's, of any content (F-13, SEC-20). What is
 * accepted is written again: our own file octet by octet as it was, for a set
 * of keys has one text only, and BlueZ's with the same key in it.
 */
#include <check.h>
#include <string.h>

#include "hci/security.h"
#include "hci/security/keyfile.h"
#include "hci/security/keys.h"
#include "tests/fuzz/fuzz.h"

static const struct rt_addr adapter = { { 0xff, 0xee, 0xdd, 0xcc, 0xbb,
					  0xaa } };

struct heard {
	size_t count;
	struct rt_sec_key keys[RT_SEC_FILE_KEYS_MAX];
};

static void on_key(void *user, const struct rt_sec_key *key)
{
	struct heard *heard = user;

	ck_assert_uint_lt(heard->count, RT_SEC_FILE_KEYS_MAX);
	ck_assert(rt_sec_key_is_sound(key));
	ck_assert(!rt_addr_equal(key->addr, adapter));
	heard->keys[heard->count++] = *key;
}

/*
 * The sum is put right first where the last line is one: else no input would
 * ever be let in.
 */
static size_t write_sum(char *text, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	const size_t line = strlen("crc32 00000000\n");
	uint32_t sum = 0xffffffff;

	if (size < line || memcmp(text + size - line, "crc32 ", 6) != 0)
		return size;
	for (size_t i = 0; i < size - line; i++) {
		sum ^= (uint8_t)text[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum & 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
	}
	for (size_t i = 0; i < 8; i++)
		text[size - 9 + i] = digits[~sum >> (28 - 4 * i) & 0x0f];
	return size;
}

static void read_ours(const char *text, size_t size)
{
	static char again[RT_SEC_FILE_BYTES(RT_SEC_FILE_KEYS_MAX)];
	static struct heard heard;
	size_t len;
	int err;

	heard.count = 0;
	err = rt_sec_file_read(adapter, rt_bytes(text, size), on_key, &heard);
	if (err < 0) {
		ck_assert_uint_eq(heard.count, 0);
		return;
	}
	len = rt_sec_file_write(adapter, heard.keys, heard.count, again);
	ck_assert_uint_eq(len, size);
	ck_assert_mem_eq(again, text, size);
}

static void read_bluez(const char *text, size_t size)
{
	const struct rt_addr addr = { { 1, 2, 3, 4, 5, 6 } };
	char again[RT_SEC_BLUEZ_BYTES];
	struct rt_sec_key key;
	struct rt_sec_key copy;
	size_t len;

	if (rt_sec_bluez_read(rt_bytes(text, size), addr, &key) < 0)
		return;
	ck_assert(rt_sec_key_is_sound(&key));
	len = rt_sec_bluez_write(&key, again);
	ck_assert_int_eq(rt_sec_bluez_read(rt_bytes(again, len), addr, &copy),
			 0);
	ck_assert_mem_eq(&copy, &key, sizeof(key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[65536];

	if (size > sizeof(text))
		return 0;
	read_ours((const char *)data, size);
	read_bluez((const char *)data, size);
	if (size > 0)
		memcpy(text, data, size);
	read_ours(text, write_sum(text, size));
	return 0;
}
