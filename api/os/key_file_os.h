/* SPDX-License-Identifier: MIT */
#ifndef RT_KEY_FILE_OS_H
#define RT_KEY_FILE_OS_H

#include <sys/stat.h>
#include <sys/types.h>

#include <rawtooth/security.h>

#include "hci/security.h"
#include "stack/base.h"

/*
 * The system calls of key files, as a table, so that tests can let each of
 * them fail, or be the last one: a second implementation is theirs. Values and
 * errno are those of the calls, whose names the members have.
 */
struct rt_key_file_os {
	int (*open)(int dir, const char *path, int flags, mode_t mode);
	int (*close)(int fd);
	int (*mkdir)(const char *path, mode_t mode);
	int (*chmod)(const char *path, mode_t mode);
	int (*fchmod)(int fd, mode_t mode);
	int (*fstat)(int fd, struct stat *ret_stat);
	ssize_t (*read)(int fd, void *buf, size_t bytes);
	ssize_t (*write)(int fd, const void *buf, size_t bytes);
	int (*fsync)(int fd);
	int (*rename)(int dir, const char *from, const char *to);
	int (*unlink)(int dir, const char *name);
	ssize_t (*random)(void *buf, size_t bytes);
	/* Calls `name` for each entry of the directory. */
	int (*list)(int dir, void (*name)(void *user, const char *name),
		    void *user);
};

/* The kernel's. */
extern const struct rt_key_file_os rt_key_file_os_real;

/* rt_key_file_load() by other system calls. */
int rt_key_file_load_by(const struct rt_key_file_os *os, const char *dir,
			struct rt_addr adapter,
			void (*key)(void *user, const struct rt_sec_key *key),
			void *user, char *message) RT_MUST_CHECK;

/* rt_key_file_save() by other system calls. */
int rt_key_file_save_by(const struct rt_key_file_os *os, const char *dir,
			struct rt_addr adapter, const struct rt_sec_key *keys,
			size_t count, char *message) RT_MUST_CHECK;

#endif
