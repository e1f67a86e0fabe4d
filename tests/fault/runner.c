/* SPDX-License-Identifier: MIT */
#include "tests/fault/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_BYTES 256
#define FAILED_MAX 200 /* then it is clear that something is wrong */

void *runner_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* In a process of its own. */
static void play_on(const struct runner *runner, void *shared, uint64_t *next)
{
	static const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	do {
		alarm(runner->seconds);
	} while (runner->play(shared, *next) && ++*next);
	exit(EXIT_SUCCESS);
}

uint64_t runner_run(const struct runner *runner, void *shared)
{
	uint64_t *next = runner_shared(sizeof(*next));
	char name[NAME_BYTES];
	uint64_t failed = 0;
	int status = -1;
	pid_t pid;

	if (!next)
		return 1;
	while (status != 0 && failed < FAILED_MAX) {
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			play_on(runner, shared, next);
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			failed++;
			break;
		}
		if (status == 0)
			break;
		failed++;
		runner->name(shared, *next, name, sizeof(name));
		printf("%s\n", name);
		++*next;
	}
	munmap(next, sizeof(*next));
	return failed;
}
