/* SPDX-License-Identifier: MIT */
#ifndef RT_API_POST_H
#define RT_API_POST_H

#include <pthread.h>
#include <stdbool.h>

#include "stack/base.h"

/* Calls that other threads want made in the thread of the loop. */
#define RT_API_POSTS_MAX 256

struct rt_api_post {
	void (*fn)(void *arg);
	void *arg;
};

struct rt_api_posts {
	pthread_mutex_t lock;
	unsigned int first;
	unsigned int count;
	struct rt_api_post item[RT_API_POSTS_MAX];
};

/* Prepares an empty queue. Returns 0 or a negative errno. */
int rt_api_posts_init(struct rt_api_posts *posts) RT_MUST_CHECK;

/* Forgets what is queued. Nobody may post any more. */
void rt_api_posts_fini(struct rt_api_posts *posts);

/* Adds a call, from any thread. Returns 0 or -EAGAIN: it is full. */
int rt_api_posts_add(struct rt_api_posts *posts,
		     struct rt_api_post post) RT_MUST_CHECK;

/* Takes the oldest call. False if there is none. */
bool rt_api_posts_take(struct rt_api_posts *posts,
		       struct rt_api_post *ret_post) RT_MUST_CHECK;

#endif
