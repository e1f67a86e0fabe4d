/* SPDX-License-Identifier: MIT */
#include "api/os/post.h"

#include <errno.h>

int rt_api_posts_init(struct rt_api_posts *posts)
{
	posts->first = 0;
	posts->count = 0;
	return -pthread_mutex_init(&posts->lock, NULL);
}

void rt_api_posts_fini(struct rt_api_posts *posts)
{
	pthread_mutex_destroy(&posts->lock);
}

int rt_api_posts_add(struct rt_api_posts *posts, struct rt_api_post post)
{
	int err = -EAGAIN;

	pthread_mutex_lock(&posts->lock);
	if (posts->count < RT_API_POSTS_MAX) {
		posts->item[(posts->first + posts->count) % RT_API_POSTS_MAX] =
			post;
		posts->count++;
		err = 0;
	}
	pthread_mutex_unlock(&posts->lock);
	return err;
}

bool rt_api_posts_take(struct rt_api_posts *posts, struct rt_api_post *ret_post)
{
	bool found = false;

	pthread_mutex_lock(&posts->lock);
	if (posts->count > 0) {
		*ret_post = posts->item[posts->first];
		posts->first = (posts->first + 1) % RT_API_POSTS_MAX;
		posts->count--;
		found = true;
	}
	pthread_mutex_unlock(&posts->lock);
	return found;
}
