/* SPDX-License-Identifier: MIT */
#include "api/news.h"

static struct rt_api_news_item *at(struct rt_api_news *news, uint8_t index)
{
	return &news->item[(news->first + index) % RT_API_NEWS_MAX];
}

static void append(struct rt_api_news *news, uint8_t kind, uint8_t value)
{
	if (news->count == RT_API_NEWS_MAX) {
		news->first = (uint8_t)((news->first + 1) % RT_API_NEWS_MAX);
		news->count--;
	}
	*at(news, news->count) = (struct rt_api_news_item){ kind, value };
	news->count++;
}

void rt_api_news_add(struct rt_api_news *news, uint8_t kind, uint8_t value)
{
	const struct rt_api_news_item *last;

	if (news->count > 0) {
		last = at(news, (uint8_t)(news->count - 1));
		if (last->kind == kind && last->value == value)
			return;
	}
	append(news, kind, value);
}

bool rt_api_news_has(const struct rt_api_news *news, uint8_t kind)
{
	for (uint8_t i = 0; i < news->count; i++) {
		if (news->item[(news->first + i) % RT_API_NEWS_MAX].kind ==
		    kind)
			return true;
	}
	return false;
}

void rt_api_news_merge(struct rt_api_news *news, uint8_t kind)
{
	if (!rt_api_news_has(news, kind))
		append(news, kind, 0);
}

bool rt_api_news_take(struct rt_api_news *news,
		      struct rt_api_news_item *ret_item)
{
	if (news->count == 0)
		return false;
	*ret_item = *at(news, 0);
	news->first = (uint8_t)((news->first + 1) % RT_API_NEWS_MAX);
	news->count--;
	return true;
}

bool rt_api_news_undo(struct rt_api_news *news, uint8_t kind, uint8_t value)
{
	const struct rt_api_news_item *last;

	if (news->count == 0)
		return false;
	last = at(news, (uint8_t)(news->count - 1));
	if (last->kind != kind || last->value != value)
		return false;
	news->count--;
	return true;
}

void rt_api_news_drop(struct rt_api_news *news, uint8_t kind)
{
	struct rt_api_news_item item;
	uint8_t kept = 0;

	for (uint8_t i = 0; i < news->count; i++) {
		item = *at(news, i);
		if (item.kind != kind)
			*at(news, kept++) = item;
	}
	news->count = kept;
}

void rt_api_news_clear(struct rt_api_news *news)
{
	news->count = 0;
}

bool rt_api_news_empty(const struct rt_api_news *news)
{
	return news->count == 0;
}
