/* SPDX-License-Identifier: MIT */
#include "tests/interop/cue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For reading and writing: so that neither open waits for the other side. */
int cue_open(struct cue *cue, const char *give, const char *take)
{
	cue->give = open(give, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	cue->take = open(take, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return cue->give < 0 || cue->take < 0 ? errno : 0;
}

void cue_give(const struct cue *cue, char letter)
{
	if (write(cue->give, &letter, 1) == 1)
		return;
	perror("cue");
	exit(1);
}

char cue_take(const struct cue *cue)
{
	char letter;

	return read(cue->take, &letter, 1) == 1 ? letter : 0;
}
