/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/rawtooth/tool.h"

/* Our blocked signals and the ignored SIGPIPE are not the program's. */
static void set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t defaults;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &defaults);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *command, const posix_spawn_file_actions_t *files,
		 pid_t *ret_pid)
{
	char shell[] = "sh";
	char option[] = "-c";
	char *text = strdup(command);
	char *argv[] = { shell, option, text, NULL };
	posix_spawnattr_t attributes;
	int err;

	if (!text)
		return -ENOMEM;
	err = -posix_spawnattr_init(&attributes);
	if (err == 0) {
		set_signals(&attributes);
		err = -posix_spawn(ret_pid, "/bin/sh", files, &attributes, argv,
				   environ);
		posix_spawnattr_destroy(&attributes);
	}
	free(text);
	return err;
}

int rt_child_start(const char *command, int fd, struct rt_child *ret_child)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int err;

	err = -posix_spawn_file_actions_init(&files);
	if (err < 0)
		return err;
	err = -posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	if (err == 0)
		err = -posix_spawn_file_actions_adddup2(&files, fd,
							STDOUT_FILENO);
	if (err == 0)
		err = -posix_spawn_file_actions_addclose(&files, fd);
	if (err == 0)
		err = spawn(command, &files, &pid);
	posix_spawn_file_actions_destroy(&files);
	if (err == 0)
		*ret_child = (struct rt_child){ .pid = pid };
	return err;
}

int rt_child_run(char *const argv[], struct rt_child *ret_child)
{
	posix_spawnattr_t attributes;
	pid_t pid;
	int err = -posix_spawnattr_init(&attributes);

	if (err < 0)
		return err;
	set_signals(&attributes);
	err = -posix_spawnp(&pid, argv[0], NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	if (err == 0)
		*ret_child = (struct rt_child){ .pid = pid };
	return err;
}

bool rt_child_has_ended(struct rt_child *child)
{
	pid_t pid = 0;

	if (child->pid > 0)
		pid = waitpid(child->pid, &child->status, WNOHANG);
	if (pid < 0)
		child->status = 255 << 8; /* how it ended nobody knows */
	if (pid != 0)
		child->pid = 0;
	return child->pid == 0;
}

void rt_child_terminate(const struct rt_child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
}

bool rt_child_succeeded(const struct rt_child *child, const char *command)
{
	if (WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0)
		return true;
	if (WIFSIGNALED(child->status))
		rt_tool_error("\"%s\" was ended by signal %d", command,
			      WTERMSIG(child->status));
	else
		rt_tool_error("\"%s\" ended with status %d", command,
			      WEXITSTATUS(child->status));
	return false;
}
