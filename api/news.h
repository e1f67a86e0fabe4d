/* SPDX-License-Identifier: MIT */
#ifndef RT_API_NEWS_H
#define RT_API_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * What an object has to tell its user, in the order in which it happened: a
 * small fixed ring. Memory can't run out here, so the end of a connection can
 * always be told.
 *
 * Kinds that merge stand in the ring once, at the place of the first: something
 * to read is told before the close that came after it. Of the other kinds one
 * that repeats the last is dropped. A ring that is full loses its oldest item;
 * only an owner that never drains events can bring that about.
 */
#define RT_API_NEWS_MAX 32

struct rt_api_news_item {
	uint8_t kind;
	uint8_t value;
};

struct rt_api_news {
	uint8_t first;
	uint8_t count;
	struct rt_api_news_item item[RT_API_NEWS_MAX];
};

/* Adds an item at the end. */
void rt_api_news_add(struct rt_api_news *news, uint8_t kind, uint8_t value);

/* Adds an item of a kind that merges, unless one is there. */
void rt_api_news_merge(struct rt_api_news *news, uint8_t kind);

/* Takes the oldest item. False if there is none. */
bool rt_api_news_take(struct rt_api_news *news,
		      struct rt_api_news_item *ret_item) RT_MUST_CHECK;

/* Removes the newest item if it is this one. False if it is not. */
bool rt_api_news_undo(struct rt_api_news *news, uint8_t kind, uint8_t value);

/* Forgets the items of one kind. */
void rt_api_news_drop(struct rt_api_news *news, uint8_t kind);

/* Forgets everything. */
void rt_api_news_clear(struct rt_api_news *news);

/* True if there is an item of this kind. */
bool rt_api_news_has(const struct rt_api_news *news, uint8_t kind);

/* True if there is nothing to tell. */
bool rt_api_news_empty(const struct rt_api_news *news);

#endif
