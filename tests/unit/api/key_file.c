/* SPDX-License-Identifier: MIT */
#include "api/os/key_file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/os/key_file_os.h"
#include "tests/support/suite.h"

static const struct rt_addr adapter = { { 0xff, 0xee, 0xdd, 0xcc, 0xbb,
					  0xaa } };
static char base[64];
static char dir[96];
static char file[160];
static char message[RT_MESSAGE_BYTES];
static struct rt_sec_key told[8];
static size_t told_count;

static void on_key(void *user, const struct rt_sec_key *key)
{
	(void)user;
	ck_assert_uint_lt(told_count, RT_ARRAY_SIZE(told));
	told[told_count++] = *key;
}

static struct rt_sec_key make(uint8_t number)
{
	return (struct rt_sec_key){
		.addr = { { number, 1, 1, 1, 1, 1 } },
		.type = RT_SEC_KEY_P256,
		.key_bytes = 16,
		.key = { number, 2, 3 },
	};
}

static int save(uint8_t first, uint8_t count)
{
	struct rt_sec_key keys[8] = { { .type = 0 } };

	for (uint8_t i = 0; i < count; i++)
		keys[i] = make((uint8_t)(first + i));
	return rt_key_file_save(dir, adapter, keys, count, message);
}

static int load(void)
{
	told_count = 0;
	message[0] = 'x';
	return rt_key_file_load(dir, adapter, on_key, NULL, message);
}

/* Fails unless the file holds these keys. */
static void assert_keys(uint8_t first, uint8_t count)
{
	struct rt_sec_key key;

	ck_assert_msg(load() == 0, "%s", message);
	ck_assert_str_eq(message, "");
	ck_assert_uint_eq(told_count, count);
	for (uint8_t i = 0; i < count; i++) {
		key = make((uint8_t)(first + i));
		ck_assert_mem_eq(&told[i], &key, sizeof(key));
	}
}

static void assert_refused(int err, const char *words)
{
	ck_assert_int_eq(load(), err);
	ck_assert_uint_eq(told_count, 0);
	ck_assert_msg(strstr(message, words) != NULL, "%s", message);
}

/* Entries of the directory, and removes them if `clear`. */
static size_t entries(const char *path, bool clear)
{
	const int fd =
		open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(stream);
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (clear)
			ck_assert_int_eq(
				unlinkat(dirfd(stream), entry->d_name, 0), 0);
	}
	closedir(stream);
	return count;
}

static void setup(void)
{
	snprintf(base, sizeof(base), "/tmp/rawtooth-keys-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/keys", base);
	snprintf(file, sizeof(file), "%s/AA:BB:CC:DD:EE:FF.keys", dir);
}

static void teardown(void)
{
	struct stat st;

	/* Never through a link: what it points to is not this test's. */
	if (lstat(dir, &st) == 0 && S_ISDIR(st.st_mode)) {
		entries(dir, true);
		ck_assert_int_eq(rmdir(dir), 0);
	}
	ck_assert_int_eq(rmdir(base), 0);
}

static unsigned int mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(what_was_saved_is_loaded)
{
	ck_assert_int_eq(save(1, 3), 0);
	assert_keys(1, 3);
	ck_assert_int_eq(save(2, 1), 0);
	assert_keys(2, 1);
	ck_assert_int_eq(save(1, 0), 0);
	assert_keys(1, 0);
	ck_assert_uint_eq(entries(dir, false), 1);
}
END_TEST

START_TEST(where_nothing_was_stored_there_are_no_keys)
{
	assert_keys(1, 0);
	/* Looking has created nothing. */
	ck_assert_int_eq(access(dir, F_OK), -1);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	assert_keys(1, 0);
	ck_assert_uint_eq(entries(dir, false), 0);
}
END_TEST

START_TEST(adapters_have_files_of_their_own)
{
	const struct rt_addr other = { { 1, 2, 3, 4, 5, 6 } };
	const struct rt_sec_key key = make(7);

	ck_assert_int_eq(save(1, 1), 0);
	ck_assert_int_eq(rt_key_file_save(dir, other, &key, 1, NULL), 0);
	assert_keys(1, 1);
	told_count = 0;
	ck_assert_int_eq(rt_key_file_load(dir, other, on_key, NULL, NULL), 0);
	ck_assert_uint_eq(told_count, 1);
	ck_assert_uint_eq(told[0].key[0], 7);
}
END_TEST

START_TEST(modes_are_exact_whatever_the_umask)
{
	static const mode_t masks[] = { 0, 022, 077, 0277, 0777 };
	mode_t before;

	for (size_t i = 0; i < RT_ARRAY_SIZE(masks); i++) {
		before = umask(masks[i]);
		ck_assert_int_eq(save(1, 1), 0);
		umask(before);
		ck_assert_uint_eq(mode_of(dir), 0700);
		ck_assert_uint_eq(mode_of(file), 0600);
		entries(dir, true);
		ck_assert_int_eq(rmdir(dir), 0);
	}
}
END_TEST

START_TEST(a_file_that_others_may_read_or_write_is_refused)
{
	ck_assert_int_eq(save(1, 1), 0);
	for (mode_t bit = 1; bit <= 040; bit <<= 1) {
		ck_assert_int_eq(chmod(file, 0600 | bit), 0);
		assert_refused(-EPERM, "chmod 600 '");
	}
	ck_assert_int_eq(chmod(file, 0600), 0);
	assert_keys(1, 1);
}
END_TEST

START_TEST(a_directory_that_others_may_enter_is_refused)
{
	ck_assert_int_eq(save(1, 1), 0);
	for (mode_t bit = 1; bit <= 040; bit <<= 1) {
		ck_assert_int_eq(chmod(dir, 0700 | bit), 0);
		assert_refused(-EPERM, "chmod 700 '");
		ck_assert_int_eq(save(2, 1), -EPERM);
	}
	ck_assert_int_eq(chmod(dir, 0700), 0);
	assert_keys(1, 1);
}
END_TEST

START_TEST(a_link_in_place_of_the_file_is_not_followed)
{
	char target[192];

	ck_assert_int_eq(save(1, 1), 0);
	snprintf(target, sizeof(target), "%s/elsewhere", dir);
	ck_assert_int_eq(rename(file, target), 0);
	ck_assert_int_eq(symlink(target, file), 0);
	assert_refused(-ELOOP, "link");
	/* Saving puts a file there, and leaves alone what it pointed to. */
	ck_assert_int_eq(save(2, 1), 0);
	assert_keys(2, 1);
	ck_assert_int_eq(rename(target, file), 0);
	assert_keys(1, 1);
}
END_TEST

START_TEST(a_link_in_place_of_the_directory_is_not_followed)
{
	char target[96];

	snprintf(target, sizeof(target), "%s/elsewhere", base);
	ck_assert_int_eq(mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink(target, dir), 0);
	ck_assert_int_lt(load(), 0);
	ck_assert_str_ne(message, "");
	ck_assert_int_lt(save(1, 1), 0);
	ck_assert_str_ne(message, "");
	ck_assert_uint_eq(entries(target, false), 0);
	ck_assert_int_eq(unlink(dir), 0);
	ck_assert_int_eq(rmdir(target), 0);
}
END_TEST

START_TEST(what_is_not_a_file_is_refused)
{
	ck_assert_int_eq(save(1, 0), 0);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	assert_refused(-EINVAL, "not a file");
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	assert_refused(-EINVAL, "not a file");
	ck_assert_int_eq(save(1, 1), -EISDIR);
	ck_assert_int_eq(rmdir(file), 0);
}
END_TEST

static void put(const char *text)
{
	FILE *stream = fopen(file, "w");

	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
}

START_TEST(a_damaged_file_is_an_error_and_never_a_set_of_no_keys)
{
	ck_assert_int_eq(save(1, 1), 0);
	ck_assert_int_eq(truncate(file, 60), 0);
	assert_refused(-EBADMSG, "damaged");
	put("");
	assert_refused(-EBADMSG, "damaged");
	put("rawtooth-keys 2 and so on");
	assert_refused(-EPROTO, "later version");
}
END_TEST

START_TEST(the_keys_of_another_adapter_are_refused)
{
	const struct rt_addr other = { { 1, 2, 3, 4, 5, 6 } };
	const struct rt_sec_key key = make(7);
	char theirs[160];

	ck_assert_int_eq(rt_key_file_save(dir, other, &key, 1, NULL), 0);
	snprintf(theirs, sizeof(theirs), "%s/06:05:04:03:02:01.keys", dir);
	ck_assert_int_eq(rename(theirs, file), 0);
	assert_refused(-ESTALE, "another adapter");
}
END_TEST

START_TEST(a_file_too_large_is_not_even_read)
{
	ck_assert_int_eq(save(1, 1), 0);
	ck_assert_int_eq(truncate(file, (1 << 20) + 1), 0);
	assert_refused(-EFBIG, "too large");
	ck_assert_int_eq(truncate(file, 1 << 20), 0);
	assert_refused(-EBADMSG, "damaged");
}
END_TEST

START_TEST(keys_that_could_not_be_read_again_are_not_written)
{
	struct rt_sec_key keys[2] = { make(1), make(1) };
	const struct rt_addr zero = { { 0 } };

	ck_assert_int_eq(save(5, 1), 0);
	ck_assert_int_eq(rt_key_file_save(dir, adapter, keys, 2, message),
			 -EINVAL);
	ck_assert_str_ne(message, "");
	keys[0].type = RT_SEC_KEY_CHANGED;
	ck_assert_int_eq(rt_key_file_save(dir, adapter, keys, 1, message),
			 -EINVAL);
	ck_assert_int_eq(rt_key_file_save(dir, zero, keys, 0, message),
			 -EINVAL);
	ck_assert_int_eq(rt_key_file_save(dir, adapter, keys, 257, message),
			 -ENOSPC);
	assert_keys(5, 1);
}
END_TEST

START_TEST(what_a_crash_left_goes_with_the_next_save_and_nothing_else)
{
	static const char *const names[] = {
		".AA:BB:CC:DD:EE:FF.keys.0011223344556677",
		".AA:BB:CC:DD:EE:FF.keys.ffeeddccbbaa9988",
		".AA:BB:CC:DD:EE:FF.keys.mine", /* stays, as do the next */
		".AA:BB:CC:DD:EE:FE.keys.0011223344556677",
		"AA:BB:CC:DD:EE:FF.keys~",
	};
	char path[192];

	ck_assert_int_eq(save(1, 1), 0);
	for (size_t i = 0; i < RT_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	assert_keys(1, 1);
	ck_assert_uint_eq(entries(dir, false), 6);
	ck_assert_int_eq(save(2, 1), 0);
	ck_assert_uint_eq(entries(dir, false), 4);
	for (size_t i = 2; i < RT_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		ck_assert_int_eq(access(path, F_OK), 0);
	}
}
END_TEST

START_TEST(the_directory_is_that_of_the_users_state)
{
	char path[192];
	const struct rt_sec_key key = make(1);

	ck_assert_int_eq(setenv("HOME", base, 1), 0);
	ck_assert_int_eq(setenv("XDG_STATE_HOME", dir, 1), 0);
	ck_assert_int_eq(rt_key_file_save(NULL, adapter, &key, 1, message), 0);
	snprintf(path, sizeof(path), "%s/rawtooth", dir);
	ck_assert_uint_eq(entries(path, true), 1);
	ck_assert_int_eq(rmdir(path), 0);
	/* A path that is not absolute counts as none. */
	ck_assert_int_eq(setenv("XDG_STATE_HOME", "state", 1), 0);
	ck_assert_int_eq(rt_key_file_save(NULL, adapter, &key, 1, message), 0);
	told_count = 0;
	ck_assert_int_eq(rt_key_file_load(NULL, adapter, on_key, NULL, message),
			 0);
	ck_assert_uint_eq(told_count, 1);
	snprintf(path, sizeof(path), "%s/.local/state/rawtooth", base);
	ck_assert_uint_eq(entries(path, true), 1);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(mode_of(path), 0700);
		ck_assert_int_eq(rmdir(path), 0);
		*strrchr(path, '/') = '\0';
	}
	ck_assert_int_eq(unsetenv("XDG_STATE_HOME"), 0);
	ck_assert_int_eq(unsetenv("HOME"), 0);
	ck_assert_int_eq(rt_key_file_load(NULL, adapter, on_key, NULL, message),
			 -ENOENT);
	ck_assert_ptr_nonnull(strstr(message, "XDG_STATE_HOME"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/key_file");
	TCase *tc = tcase_create("key_file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_saved_is_loaded);
	tcase_add_test(tc, where_nothing_was_stored_there_are_no_keys);
	tcase_add_test(tc, adapters_have_files_of_their_own);
	tcase_add_test(tc, modes_are_exact_whatever_the_umask);
	tcase_add_test(tc, a_file_that_others_may_read_or_write_is_refused);
	tcase_add_test(tc, a_directory_that_others_may_enter_is_refused);
	tcase_add_test(tc, a_link_in_place_of_the_file_is_not_followed);
	tcase_add_test(tc, a_link_in_place_of_the_directory_is_not_followed);
	tcase_add_test(tc, what_is_not_a_file_is_refused);
	tcase_add_test(tc,
		       a_damaged_file_is_an_error_and_never_a_set_of_no_keys);
	tcase_add_test(tc, the_keys_of_another_adapter_are_refused);
	tcase_add_test(tc, a_file_too_large_is_not_even_read);
	tcase_add_test(tc, keys_that_could_not_be_read_again_are_not_written);
	tcase_add_test(
		tc, what_a_crash_left_goes_with_the_next_save_and_nothing_else);
	tcase_add_test(tc, the_directory_is_that_of_the_users_state);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
