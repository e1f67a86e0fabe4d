/* SPDX-License-Identifier: MIT */
/*
 * Loads and saves of keys whose n-th system call fails, or is the last one
 * before the process is killed, for every n there is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/os/key_file.h"
#include "api/os/key_file_os.h"
#include "tests/support/suite.h"

enum call {
	CALL_NONE,
	CALL_OPEN,
	CALL_CLOSE,
	CALL_MKDIR,
	CALL_CHMOD,
	CALL_FCHMOD,
	CALL_FSTAT,
	CALL_READ,
	CALL_WRITE,
	CALL_FSYNC,
	CALL_RENAME,
	CALL_UNLINK,
	CALL_RANDOM,
	CALL_LIST,
};

static struct {
	unsigned int calls; /* so far */
	unsigned int at;    /* the one that fails; 0: none */
	int err;	    /* with this; 0: the process is killed */
	bool for_good;	    /* and all of the kind after it */
	enum call hit;	    /* what failed */
	bool renamed;	    /* before the fault */
	bool foreign;	    /* files are another user's */
} fault;

/* Counts a call. True if it is to fail, with errno set. */
static bool fails(enum call call)
{
	const bool again = fault.for_good && fault.hit == call;

	fault.calls++;
	if (!again && fault.calls != fault.at)
		return false;
	if (fault.err == 0)
		raise(SIGKILL);
	fault.hit = call;
	errno = fault.err;
	return true;
}

static int do_open(int dir, const char *path, int flags, mode_t mode)
{
	ck_assert(flags & O_CLOEXEC);
	ck_assert(flags & O_NOFOLLOW);
	ck_assert(!(flags & O_CREAT) == !(flags & O_EXCL));
	return fails(CALL_OPEN)
		       ? -1
		       : rt_key_file_os_real.open(dir, path, flags, mode);
}

/* Closed twice, a number may be that of somebody else's file by then. */
static int do_close(int fd)
{
	ck_assert_msg(close(fd) == 0, "%d is not open", fd);
	return fails(CALL_CLOSE) ? -1 : 0;
}

static int do_mkdir(const char *path, mode_t mode)
{
	return fails(CALL_MKDIR) ? -1 : mkdir(path, mode);
}

static int do_chmod(const char *path, mode_t mode)
{
	return fails(CALL_CHMOD) ? -1 : chmod(path, mode);
}

static int do_fchmod(int fd, mode_t mode)
{
	return fails(CALL_FCHMOD) ? -1 : fchmod(fd, mode);
}

static int do_fstat(int fd, struct stat *ret_stat)
{
	const int err = fails(CALL_FSTAT) ? -1 : fstat(fd, ret_stat);

	if (err == 0 && fault.foreign && S_ISREG(ret_stat->st_mode))
		ret_stat->st_uid++;
	return err;
}

static ssize_t do_read(int fd, void *buf, size_t bytes)
{
	if (fails(CALL_READ))
		return -1;
	return read(fd, buf, bytes > 10 ? bytes / 2 : bytes);
}

static ssize_t do_write(int fd, const void *buf, size_t bytes)
{
	if (fails(CALL_WRITE))
		return -1;
	return write(fd, buf, bytes > 10 ? bytes / 2 : bytes);
}

static int do_fsync(int fd)
{
	return fails(CALL_FSYNC) ? -1 : fsync(fd);
}

static int do_rename(int dir, const char *from, const char *to)
{
	int err;

	if (fails(CALL_RENAME))
		return -1;
	err = renameat(dir, from, dir, to);
	fault.renamed = err == 0;
	return err;
}

static int do_unlink(int dir, const char *name)
{
	return fails(CALL_UNLINK) ? -1 : unlinkat(dir, name, 0);
}

static ssize_t do_random(void *buf, size_t bytes)
{
	if (fails(CALL_RANDOM))
		return -1;
	return rt_key_file_os_real.random(buf, bytes);
}

static int do_list(int dir, void (*name)(void *user, const char *name),
		   void *user)
{
	return fails(CALL_LIST) ? -1
				: rt_key_file_os_real.list(dir, name, user);
}

static const struct rt_key_file_os faulty = {
	.open = do_open,
	.close = do_close,
	.mkdir = do_mkdir,
	.chmod = do_chmod,
	.fchmod = do_fchmod,
	.fstat = do_fstat,
	.read = do_read,
	.write = do_write,
	.fsync = do_fsync,
	.rename = do_rename,
	.unlink = do_unlink,
	.random = do_random,
	.list = do_list,
};

static const struct rt_addr adapter = { { 0xff, 0xee, 0xdd, 0xcc, 0xbb,
					  0xaa } };
static char base[64];
static char dir[96];
static char message[RT_MESSAGE_BYTES];
static uint8_t told; /* the key in the file; 0: none */
static int descriptors;

/* Descriptors that are open. */
static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void on_key(void *user, const struct rt_sec_key *key)
{
	(void)user;
	told = key->key[0];
}

static int save(uint8_t number)
{
	const struct rt_sec_key key = {
		.addr = { { 1, 1, 1, 1, 1, 1 } },
		.type = RT_SEC_KEY_P192,
		.key = { number },
	};

	message[0] = '\0';
	return rt_key_file_save_by(&faulty, dir, adapter, &key, 1, message);
}

static int load(void)
{
	told = 0;
	message[0] = '\0';
	return rt_key_file_load_by(&faulty, dir, adapter, on_key, NULL,
				   message);
}

/* From now on the n-th call fails; 0: none. */
static void set_fault(unsigned int n, int err)
{
	memset(&fault, 0, sizeof(fault));
	fault.at = n;
	fault.err = err;
}

/* The key in the file, by sound system calls. */
static uint8_t stored(void)
{
	set_fault(0, 0);
	ck_assert_msg(load() == 0, "%s", message);
	return told;
}

/* Removes what the directory holds. Returns how many there were. */
static size_t empty(bool clear)
{
	const int fd =
		open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t count = 0;

	if (!stream)
		return 0;
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (clear)
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
	return count;
}

static void clear(void)
{
	empty(true);
	rmdir(dir);
}

static void setup(void)
{
	snprintf(base, sizeof(base), "/tmp/rawtooth-keys-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/keys", base);
	set_fault(0, 0);
	descriptors = count_descriptors();
}

static void teardown(void)
{
	ck_assert_int_eq(count_descriptors(), descriptors);
	clear();
	ck_assert_int_eq(rmdir(base), 0);
}

/* True if a process that saves was killed before its n-th call. */
static bool killed_while_saving(unsigned int n, uint8_t number)
{
	const pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		set_fault(n, 0);
		_exit(save(number) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return true;
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	return false;
}

START_TEST(a_process_killed_at_any_call_leaves_the_old_keys_or_the_new)
{
	bool seen_old = false;
	bool seen_new = false;
	unsigned int n;
	uint8_t after;

	ck_assert_int_eq(save(1), 0);
	for (n = 1; killed_while_saving(n, 2); n++) {
		after = stored();
		ck_assert_msg(after == 1 || after == 2, "call %u: %u", n,
			      after);
		/* Once it is there it does not go again. */
		ck_assert(after == 2 || !seen_new);
		seen_old = seen_old || after == 1;
		seen_new = seen_new || after == 2;
		if (after == 2)
			continue;
		/* The next save removes what was left. */
		ck_assert_int_eq(save(1), 0);
		ck_assert_uint_eq(empty(false), 1);
	}
	ck_assert(seen_old && seen_new);
	ck_assert_uint_gt(n, 12);
	ck_assert_uint_eq(stored(), 2);
}
END_TEST

START_TEST(a_process_killed_at_its_very_first_save_leaves_no_half_file)
{
	uint8_t after;

	for (unsigned int n = 1; killed_while_saving(n, 2); n++) {
		/* A directory whose mode is not set yet has nothing in it. */
		chmod(dir, 0700);
		after = stored();
		ck_assert(after == 0 || after == 2);
		ck_assert_int_eq(save(3), 0);
		ck_assert_uint_eq(empty(false), 1);
		clear();
	}
	ck_assert_uint_eq(stored(), 2);
}
END_TEST

static const int errors[] = { EIO,    ENOSPC, EDQUOT, EROFS,  EACCES,
			      EPERM,  EMFILE, ENFILE, ENOMEM, ELOOP,
			      ENOENT, EEXIST, EINVAL, EAGAIN, EINTR };

/* Saving goes on without these calls, or has done its work. */
static bool is_harmless(enum call call, int err)
{
	switch (call) {
	case CALL_CLOSE:
	case CALL_LIST:
	case CALL_UNLINK:
		return true;
	case CALL_OPEN:
		/* No directory: it is made. No file beside: tried again. */
		return err == EINTR || err == ENOENT;
	case CALL_READ:
	case CALL_WRITE:
	case CALL_RANDOM:
		return err == EINTR;
	case CALL_FSYNC:
		return err == EINTR || (err == EINVAL && fault.renamed);
	case CALL_RENAME:
		return err == ENOENT;
	case CALL_MKDIR:
		return err == EEXIST;
	case CALL_NONE:
	case CALL_CHMOD:
	case CALL_FCHMOD:
	case CALL_FSTAT:
		break;
	}
	return false;
}

/* One save over the key 1 whose n-th call fails; false: there is none. */
static bool save_with_fault(unsigned int n, int error)
{
	bool renamed;
	int err;

	set_fault(n, error);
	err = save(2);
	if (fault.hit == CALL_NONE) {
		ck_assert_int_eq(err, 0);
		return false;
	}
	renamed = fault.renamed;
	if (err == 0 && !is_harmless(fault.hit, error))
		ck_abort_msg("call %u, of kind %d: %s was lost", n,
			     (int)fault.hit, strerror(error));
	if (err < 0)
		ck_assert_str_ne(message, "");
	ck_assert(err < 0 || renamed);
	ck_assert_uint_eq(stored(), renamed ? 2 : 1);
	ck_assert_uint_eq(empty(false), 1);
	return true;
}

START_TEST(a_save_that_fails_leaves_the_old_keys_and_nothing_beside)
{
	const int error = errors[_i];
	unsigned int n = 0;

	do {
		ck_assert_int_eq(save(1), 0);
		n++;
	} while (save_with_fault(n, error));
	ck_assert_uint_gt(n, 12);
}
END_TEST

START_TEST(a_first_save_that_fails_says_so)
{
	const int error = errors[_i];
	int err;

	for (unsigned int n = 1;; n++) {
		clear();
		set_fault(n, error);
		err = save(2);
		if (fault.hit == CALL_NONE)
			break;
		if (err == 0)
			ck_assert_uint_eq(stored(), 2);
		else
			ck_assert_str_ne(message, "");
	}
	ck_assert_int_eq(err, 0);
}
END_TEST

START_TEST(a_disk_that_stays_full_costs_no_key)
{
	const int error = errors[_i];

	if (error == EINTR)
		return; /* is waited for as long as it comes */
	for (unsigned int n = 1;; n++) {
		ck_assert_int_eq(save(1), 0);
		set_fault(n, error);
		fault.for_good = true;
		if (save(2) == 0 && fault.hit == CALL_NONE)
			break;
		ck_assert_uint_eq(stored(), fault.renamed ? 2 : told);
		ck_assert(told == 1 || told == 2);
	}
}
END_TEST

START_TEST(a_load_that_fails_tells_no_key_and_says_so)
{
	const int error = errors[_i];
	int err;

	ck_assert_int_eq(save(1), 0);
	for (unsigned int n = 1;; n++) {
		set_fault(n, error);
		err = load();
		if (fault.hit == CALL_NONE)
			break;
		if (err < 0) {
			ck_assert_uint_eq(told, 0);
			ck_assert_str_ne(message, "");
		} else if (told == 0) {
			/* As if there were no directory, or no file. */
			ck_assert_int_eq(error, ENOENT);
			ck_assert_int_eq(fault.hit, CALL_OPEN);
		} else {
			ck_assert(fault.hit == CALL_CLOSE || error == EINTR);
		}
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(a_rename_that_failed_to_reach_the_disk_is_told)
{
	unsigned int syncs = 0;

	ck_assert_int_eq(save(1), 0);
	for (unsigned int n = 1;; n++) {
		set_fault(n, EIO);
		if (save(2) == 0 && fault.hit == CALL_NONE)
			break;
		if (fault.hit == CALL_FSYNC && fault.renamed) {
			syncs++;
			ck_assert_ptr_nonnull(strstr(message, "disk"));
		}
		ck_assert_int_eq((set_fault(0, 0), save(1)), 0);
	}
	ck_assert_uint_eq(syncs, 1);
}
END_TEST

START_TEST(the_file_of_another_user_is_refused)
{
	ck_assert_int_eq(save(1), 0);
	fault.foreign = true;
	ck_assert_int_eq(load(), -EPERM);
	ck_assert_uint_eq(told, 0);
	ck_assert_ptr_nonnull(strstr(message, "another user"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/key_file_faults");
	TCase *tc = tcase_create("faults");
	const int count = (int)RT_ARRAY_SIZE(errors);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc,
		a_process_killed_at_any_call_leaves_the_old_keys_or_the_new);
	tcase_add_test(
		tc,
		a_process_killed_at_its_very_first_save_leaves_no_half_file);
	tcase_add_loop_test(
		tc, a_save_that_fails_leaves_the_old_keys_and_nothing_beside, 0,
		count);
	tcase_add_loop_test(tc, a_first_save_that_fails_says_so, 0, count);
	tcase_add_loop_test(tc, a_disk_that_stays_full_costs_no_key, 0, count);
	tcase_add_loop_test(tc, a_load_that_fails_tells_no_key_and_says_so, 0,
			    count);
	tcase_add_test(tc, a_rename_that_failed_to_reach_the_disk_is_told);
	tcase_add_test(tc, the_file_of_another_user_is_refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
