/* SPDX-License-Identifier: MIT */
#include "api/os/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/os/key_file_os.h"
#include "api/os/runtime.h"
#include "stack/limits.h"

#define DIR_MODE 0700
#define FILE_MODE 0600
#define OTHERS 0077
#define FILE_BYTES_MAX (1 << 20)
#define TRIES 3
#define NO_DIR (-1)

#define NAME_BYTES 32	/* "AA:BB:CC:DD:EE:FF.keys" */
#define UNIQUE_BYTES 8	/* random octets in the name of a temporary */
#define BESIDE_BYTES 64 /* ".AA:BB:CC:DD:EE:FF.keys.0011223344556677" */

/* One load or save. */
struct job {
	const struct rt_key_file_os *os;
	char *message;
	int dir; /* its descriptor, or NO_DIR */
	char path[PATH_MAX];
	char name[NAME_BYTES];
	char beside[BESIDE_BYTES]; /* the name of the temporary */
};

/* The path of the directory. */
static int find_dir(struct job *job, const char *dir)
{
	const char *state = secure_getenv("XDG_STATE_HOME");
	const char *home = secure_getenv("HOME");
	const size_t cap = sizeof(job->path);
	int len = -1;

	/* Relative paths are ignored: XDG Base Directory Specification. */
	if (dir)
		len = snprintf(job->path, cap, "%s", dir);
	else if (state && state[0] == '/')
		len = snprintf(job->path, cap, "%s/rawtooth", state);
	else if (home && home[0] == '/')
		len = snprintf(job->path, cap, "%s/.local/state/rawtooth",
			       home);
	if (len < 0) {
		rt_api_runtime_explain(job->message,
				       "there is no place for link keys: set "
				       "HOME or XDG_STATE_HOME");
		return -ENOENT;
	}
	if (len == 0 || (size_t)len >= cap) {
		rt_api_runtime_explain(job->message,
				       "the path of the link keys is empty or "
				       "too long");
		return len == 0 ? -ENOENT : -ENAMETOOLONG;
	}
	return 0;
}

static void explain_nothing(const struct job *job)
{
	if (job->message)
		job->message[0] = '\0';
}

static int begin(struct job *job, const char *dir, struct rt_addr adapter)
{
	char str[RT_ADDR_STR_BYTES];

	explain_nothing(job);
	if (rt_addr_is_zero(adapter)) {
		rt_api_runtime_explain(job->message,
				       "link keys need the adapter's address");
		return -EINVAL;
	}
	snprintf(job->name, sizeof(job->name), "%s.keys",
		 rt_addr_format(adapter, str));
	return find_dir(job, dir);
}

/* A system call has failed with errno; `what` was to be done. */
static int failed(const struct job *job, const char *what)
{
	const int err = -errno;

	rt_api_runtime_explain(job->message, "can't %s %s in %s: %s", what,
			       job->name, job->path, strerror(-err));
	return err;
}

static int open_at(const struct job *job, int dir, const char *path, int flags)
{
	int fd;

	do {
		fd = job->os->open(dir, path, flags | O_CLOEXEC, FILE_MODE);
	} while (fd < 0 && errno == EINTR);
	return fd;
}

/* Creates the directory, and those above it that are missing. */
static int make_dir(struct job *job)
{
	char *p = job->path;
	char kept;
	int err = 0;

	while (*p && err == 0) {
		p += strspn(p, "/");
		p += strcspn(p, "/");
		kept = *p;
		*p = '\0';
		/* The umask may have taken rights that we need. */
		if (job->os->mkdir(job->path, DIR_MODE) == 0)
			err = job->os->chmod(job->path, DIR_MODE);
		else if (errno != EEXIST)
			err = -1;
		*p = kept;
	}
	return err;
}

/* Owner and mode of the directory or (`path` is empty) of the file in it. */
static int check_owner(const struct job *job, const struct stat *st,
		       unsigned int mode, const char *file)
{
	if (st->st_uid != geteuid()) {
		rt_api_runtime_explain(job->message,
				       "%s%s belongs to another user: link "
				       "keys there are not to be trusted",
				       job->path, file);
		return -EPERM;
	}
	if (st->st_mode & OTHERS) {
		rt_api_runtime_explain(job->message,
				       "others have access to the link keys: "
				       "chmod %o '%s%s'",
				       mode, job->path, file);
		return -EPERM;
	}
	return 0;
}

/* Opens the directory. It is NO_DIR after a failure if it is not there. */
static int open_dir(struct job *job)
{
	struct stat st;
	int err;

	job->dir = open_at(job, AT_FDCWD, job->path,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (job->dir < 0) {
		job->dir = errno == ENOENT ? NO_DIR : AT_FDCWD;
		return failed(job, "open the directory of");
	}
	err = job->os->fstat(job->dir, &st) < 0
		      ? failed(job, "look at the directory of")
		      : check_owner(job, &st, DIR_MODE, "");
	if (err < 0)
		job->os->close(job->dir);
	return err;
}

static int open_or_make_dir(struct job *job)
{
	const int err = open_dir(job);

	if (err == 0 || job->dir != NO_DIR)
		return err;
	if (make_dir(job) < 0)
		return failed(job, "make the directory of");
	return open_dir(job);
}

static int check_file(const struct job *job, const struct stat *st)
{
	char file[NAME_BYTES + 1];

	snprintf(file, sizeof(file), "/%s", job->name);
	if (!S_ISREG(st->st_mode)) {
		rt_api_runtime_explain(job->message,
				       "%s%s is not a file: move it away",
				       job->path, file);
		return -EINVAL;
	}
	if (st->st_size > FILE_BYTES_MAX) {
		rt_api_runtime_explain(job->message,
				       "%s%s is too large for link keys: move "
				       "it away",
				       job->path, file);
		return -EFBIG;
	}
	return check_owner(job, st, FILE_MODE, file);
}

/* Reads up to `cap` octets. Returns how many, or -1. */
static ssize_t read_all(const struct job *job, int fd, char *text, size_t cap)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < cap && n != 0) {
		n = job->os->read(fd, text + len, cap - len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			len += (size_t)n;
	}
	return (ssize_t)len;
}

static const char *trouble(int err)
{
	switch (err) {
	case -EPROTO:
		return "is of a later version of rawtooth: use that one, or "
		       "move the file away";
	case -ESTALE:
		return "holds the keys of another adapter: give it the name of "
		       "that one, or move it away";
	default:
		return "is damaged: restore it, or move it away and pair again";
	}
}

/* Reads the open file, and tells its keys. */
static int load_file(const struct job *job, int fd, struct rt_addr adapter,
		     void (*key)(void *user, const struct rt_sec_key *key),
		     void *user)
{
	struct stat st;
	ssize_t len;
	size_t cap;
	char *text;
	int err;

	if (job->os->fstat(fd, &st) < 0)
		return failed(job, "look at");
	err = check_file(job, &st);
	if (err < 0)
		return err;
	cap = (size_t)st.st_size + 1; /* so that the end is seen */
	text = malloc(cap);
	if (!text) {
		errno = ENOMEM;
		return failed(job, "read");
	}
	len = read_all(job, fd, text, cap);
	if (len < 0)
		err = failed(job, "read");
	else
		err = rt_sec_file_read(adapter, rt_bytes(text, (size_t)len),
				       key, user);
	if (len >= 0 && err < 0)
		rt_api_runtime_explain(job->message, "%s/%s %s", job->path,
				       job->name, trouble(err));
	rt_sec_wipe(text, cap);
	free(text);
	return err;
}

int rt_key_file_load_by(const struct rt_key_file_os *os, const char *dir,
			struct rt_addr adapter,
			void (*key)(void *user, const struct rt_sec_key *key),
			void *user, char *message)
{
	struct job job = { .os = os };
	int err;
	int fd;

	job.message = message;
	err = begin(&job, dir, adapter);
	if (err < 0)
		return err;
	err = open_dir(&job);
	if (err < 0 && job.dir == NO_DIR) {
		explain_nothing(&job);
		return 0; /* nothing has been stored yet */
	}
	if (err < 0)
		return err;
	/* Not to wait for the other end of a pipe. */
	fd = open_at(&job, job.dir, job.name,
		     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0) {
		err = load_file(&job, fd, adapter, key, user);
		os->close(fd);
	} else if (errno == ELOOP) {
		err = failed(&job, "follow the link that is there instead of");
	} else if (errno != ENOENT) {
		err = failed(&job, "open");
	}
	os->close(job.dir);
	return err;
}

/* Removes an entry that a save of this adapter's keys has left. */
static void clean_one(void *user, const char *name)
{
	const struct job *job = user;
	char prefix[BESIDE_BYTES];
	size_t len;

	snprintf(prefix, sizeof(prefix), ".%s.", job->name);
	len = strlen(prefix);
	if (strncmp(name, prefix, len) == 0 &&
	    strlen(name) == len + (size_t)2 * UNIQUE_BYTES)
		job->os->unlink(job->dir, name);
}

/* Names the temporary so that no other process has the same. */
static int name_beside(struct job *job)
{
	uint64_t unique = 0;
	ssize_t n;

	do {
		n = job->os->random(&unique, sizeof(unique));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(unique))
		return -1;
	snprintf(job->beside, sizeof(job->beside), ".%s.%016llx", job->name,
		 (unsigned long long)unique);
	return 0;
}

/* Writes all of it and brings it to the disk. */
static int fill(const struct job *job, int fd, struct rt_bytes text)
{
	ssize_t n;
	int err;

	if (job->os->fchmod(fd, FILE_MODE) < 0)
		return -1;
	while (text.len > 0) {
		n = job->os->write(fd, text.ptr, text.len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		if (n > 0)
			text = rt_bytes(text.ptr + n, text.len - (size_t)n);
	}
	do {
		err = job->os->fsync(fd);
	} while (err < 0 && errno == EINTR);
	return err;
}

/*
 * Puts the text in the place of the file. Returns 0, -1 and errno, or 1 if
 * another save has removed our temporary, taking it for a leftover.
 */
static int replace(struct job *job, struct rt_bytes text)
{
	bool taken = false;
	int kept;
	int err;
	int fd;

	if (name_beside(job) < 0)
		return -1;
	fd = open_at(job, job->dir, job->beside,
		     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	err = fill(job, fd, text);
	kept = errno;
	/* What close could tell, fsync has told. */
	job->os->close(fd);
	errno = kept;
	if (err == 0) {
		err = job->os->rename(job->dir, job->beside, job->name);
		taken = err < 0 && errno == ENOENT;
	}
	if (err == 0)
		return 0;
	kept = errno;
	job->os->unlink(job->dir, job->beside);
	errno = kept;
	return taken ? 1 : -1;
}

/* Brings the rename to the disk. */
static int settle(const struct job *job)
{
	int err;

	do {
		err = job->os->fsync(job->dir);
	} while (err < 0 && errno == EINTR);
	/* Some file systems have nothing to bring there. */
	return err < 0 && errno != EINVAL ? -1 : 0;
}

static int save_text(struct job *job, struct rt_bytes text)
{
	int err = open_or_make_dir(job);

	if (err < 0)
		return err;
	/* If it can't be listed, leftovers stay: that spoils nothing. */
	job->os->list(job->dir, clean_one, job);
	err = 1;
	for (int i = 0; i < TRIES && err > 0; i++)
		err = replace(job, text);
	if (err > 0)
		errno = EBUSY;
	if (err != 0)
		err = failed(job, "write");
	else if (settle(job) < 0)
		err = failed(job, "bring to the disk");
	job->os->close(job->dir);
	return err;
}

static void ignore(void *user, const struct rt_sec_key *key)
{
	(void)user;
	(void)key;
}

/* Writes the text, and reads it as the next load will. */
static int compose(const struct job *job, struct rt_addr adapter,
		   const struct rt_sec_key *keys, size_t count, char *text,
		   size_t *ret_len)
{
	const size_t len = rt_sec_file_write(adapter, keys, count, text);

	*ret_len = len;
	if (rt_sec_file_read(adapter, rt_bytes(text, len), ignore, NULL) == 0)
		return 0;
	rt_api_runtime_explain(job->message,
			       "these link keys can't be stored: one is not "
			       "sound, or is there twice");
	return -EINVAL;
}

int rt_key_file_save_by(const struct rt_key_file_os *os, const char *dir,
			struct rt_addr adapter, const struct rt_sec_key *keys,
			size_t count, char *message)
{
	struct job job = { .os = os };
	size_t len = 0;
	char *text;
	int err;

	job.message = message;
	err = begin(&job, dir, adapter);
	if (err < 0)
		return err;
	if (count > rt_limits_default.bonded_keys) {
		errno = ENOSPC;
		return failed(&job, "store so many keys as");
	}
	text = malloc(RT_SEC_FILE_BYTES(count));
	if (!text) {
		errno = ENOMEM;
		return failed(&job, "write");
	}
	err = compose(&job, adapter, keys, count, text, &len);
	if (err == 0)
		err = save_text(&job, rt_bytes(text, len));
	rt_sec_wipe(text, len);
	free(text);
	return err;
}

int rt_key_file_load(const char *dir, struct rt_addr adapter,
		     void (*key)(void *user, const struct rt_sec_key *key),
		     void *user, char *message)
{
	return rt_key_file_load_by(&rt_key_file_os_real, dir, adapter, key,
				   user, message);
}

int rt_key_file_save(const char *dir, struct rt_addr adapter,
		     const struct rt_sec_key *keys, size_t count, char *message)
{
	return rt_key_file_save_by(&rt_key_file_os_real, dir, adapter, keys,
				   count, message);
}
