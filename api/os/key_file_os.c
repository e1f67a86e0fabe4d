/* SPDX-License-Identifier: MIT */
#include "api/os/key_file_os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static int real_open(int dir, const char *path, int flags, mode_t mode)
{
	return openat(dir, path, flags, mode);
}

static int real_rename(int dir, const char *from, const char *to)
{
	return renameat(dir, from, dir, to);
}

static int real_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

static ssize_t real_random(void *buf, size_t bytes)
{
	return getrandom(buf, bytes, 0);
}

static int real_list(int dir, void (*name)(void *user, const char *name),
		     void *user)
{
	/* Of its own, as reading moves the place in it. */
	const int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(stream)))
		name(user, entry->d_name);
	closedir(stream);
	return 0;
}

const struct rt_key_file_os rt_key_file_os_real = {
	.open = real_open,
	.close = close,
	.mkdir = mkdir,
	.chmod = chmod,
	.fchmod = fchmod,
	.fstat = fstat,
	.read = read,
	.write = write,
	.fsync = fsync,
	.rename = real_rename,
	.unlink = real_unlink,
	.random = real_random,
	.list = real_list,
};
