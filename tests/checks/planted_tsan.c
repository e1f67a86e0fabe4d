/* SPDX-License-Identifier: MIT */
/* The build with the thread sanitizer finds two threads without a lock. */
#include <pthread.h>
#include <stddef.h>

static int count;

static void *add(void *arg)
{
	(void)arg;
	count++;
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, add, NULL) != 0)
		return 1;
	count++;
	pthread_join(thread, NULL);
	return count != 2;
}
