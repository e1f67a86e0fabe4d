/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/names.h"
#include "api/news.h"
#include "api/queue.h"
#include "tests/support/suite.h"

/* The parts that sockets are made of, each by itself. */

static void *alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return calloc(1, bytes);
}

static void release(void *ctx, void *ptr)
{
	(void)ctx;
	free(ptr);
}

static void fill(void *ctx, void *buf, size_t bytes)
{
	(void)ctx;
	memset(buf, 0, bytes);
}

static struct rt_env env;
static struct rt_api_queue q;

static void setup(void)
{
	static const struct rt_env_hooks hooks = {
		.alloc = alloc,
		.free = release,
		.random = fill,
	};

	rt_env_init(&env, &hooks, 0);
	memset(&q, 0, sizeof(q));
}

static void teardown(void)
{
	rt_api_queue_fini(&env, &q);
	rt_api_queue_fini(&env, &q);
	ck_assert_uint_eq(env.live, 0);
}

static bool put(const char *text)
{
	const size_t n = strlen(text);

	if (!rt_api_queue_fits(&q, n))
		return false;
	rt_api_queue_begin(&q, n);
	rt_api_queue_put(&q, rt_bytes(text, n));
	return true;
}

START_TEST(a_queue_takes_a_datagram_of_its_whole_limit)
{
	char text[101];

	memset(text, 'x', 100);
	text[100] = '\0';
	ck_assert_int_eq(rt_api_queue_init(&env, &q, 100, true), 0);
	ck_assert_uint_eq(rt_api_queue_max(&q), 100);
	ck_assert(!rt_api_queue_fits(&q, 101));
	ck_assert(put(text));
	ck_assert(!rt_api_queue_fits(&q, 0));
	ck_assert_int_eq(rt_api_queue_first_bytes(&q), 100);
}
END_TEST

START_TEST(a_datagram_of_no_octets_takes_room)
{
	uint8_t octet;

	ck_assert_int_eq(rt_api_queue_init(&env, &q, 8, true), 0);
	for (int i = 0; i < 3; i++)
		ck_assert(put(""));
	ck_assert(!put(""));
	ck_assert_uint_eq(q.bytes, 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rt_api_queue_read(&q, &octet, 1, true), 0);
	ck_assert_int_eq(rt_api_queue_read(&q, &octet, 1, true), -EAGAIN);
}
END_TEST

START_TEST(a_gap_is_told_once_where_it_is)
{
	char buf[8];

	ck_assert_int_eq(rt_api_queue_init(&env, &q, 64, true), 0);
	ck_assert(put("a"));
	rt_api_queue_lose(&q);
	rt_api_queue_lose(&q);
	ck_assert(put("b"));
	rt_api_queue_lose(&q);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, true), 1);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, false), -ENOBUFS);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, false), 1);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, true), 1);
	ck_assert_int_eq(buf[0], 'b');
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, true), -ENOBUFS);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, true), -EAGAIN);
}
END_TEST

START_TEST(a_gap_before_the_first_datagram_is_told)
{
	char buf[8];

	ck_assert_int_eq(rt_api_queue_init(&env, &q, 64, true), 0);
	rt_api_queue_lose(&q);
	ck_assert(put("a"));
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 0, true), -ENOBUFS);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 0, true), -EMSGSIZE);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 1, true), 1);
}
END_TEST

START_TEST(datagrams_leave_in_order_and_are_released_in_order)
{
	struct rt_bytes body[2];

	ck_assert_int_eq(rt_api_queue_init(&env, &q, 32, true), 0);
	for (int round = 0; round < 50; round++) {
		ck_assert(put("one"));
		ck_assert(put("three"));
		ck_assert_int_eq(rt_api_queue_pull(&q, 2, body), -EMSGSIZE);
		ck_assert_int_eq(rt_api_queue_pull(&q, 3, body), 3);
		ck_assert_uint_eq(body[0].len + body[1].len, 3);
		ck_assert_int_eq(rt_api_queue_pull(&q, 99, body), 5);
		ck_assert_int_eq(rt_api_queue_pull(&q, 99, body), -EAGAIN);
		ck_assert_uint_eq(q.bytes, 8);
		rt_api_queue_sent(&q, 3);
		ck_assert_uint_eq(q.bytes, 5);
		rt_api_queue_sent(&q, 5);
		ck_assert_uint_eq(q.ring.used, 0);
	}
}
END_TEST

START_TEST(a_stream_leaves_in_pieces)
{
	struct rt_bytes body[2];
	char buf[8];

	ck_assert_int_eq(rt_api_queue_init(&env, &q, 10, false), 0);
	ck_assert_uint_eq(rt_api_queue_max(&q), 10);
	ck_assert(put("0123456789"));
	ck_assert_uint_eq(rt_api_queue_room(&q), 0);
	ck_assert_int_eq(rt_api_queue_pull(&q, 4, body), 4);
	ck_assert_int_eq(rt_api_queue_pull(&q, 99, body), 6);
	ck_assert(!rt_api_queue_half_empty(&q));
	rt_api_queue_sent(&q, 4);
	rt_api_queue_sent(&q, 6);
	ck_assert(rt_api_queue_half_empty(&q));
	ck_assert(put("ab\ncd"));
	ck_assert_uint_eq(rt_api_queue_line_bytes(&q), 3);
	ck_assert_int_eq(rt_api_queue_first_bytes(&q), -EAGAIN);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 8, false), 5);
	ck_assert_int_eq(rt_api_queue_read(&q, buf, 3, true), 3);
	ck_assert_uint_eq(rt_api_queue_line_bytes(&q), 0);
}
END_TEST

static struct rt_api_news news;

static void expect(int kind, int value)
{
	struct rt_api_news_item item;

	ck_assert(rt_api_news_take(&news, &item));
	ck_assert_int_eq(item.kind, kind);
	ck_assert_int_eq(item.value, value);
}

START_TEST(news_keep_their_order_and_merge_at_the_first)
{
	struct rt_api_news_item item;

	memset(&news, 0, sizeof(news));
	rt_api_news_add(&news, 1, 5);
	rt_api_news_merge(&news, 2);
	rt_api_news_add(&news, 1, 6);
	rt_api_news_add(&news, 1, 6);
	rt_api_news_merge(&news, 2);
	ck_assert(rt_api_news_has(&news, 2));
	expect(1, 5);
	expect(2, 0);
	ck_assert(!rt_api_news_has(&news, 2));
	expect(1, 6);
	ck_assert(rt_api_news_empty(&news));
	ck_assert(!rt_api_news_take(&news, &item));
}
END_TEST

START_TEST(news_that_nobody_fetches_lose_the_oldest)
{
	memset(&news, 0, sizeof(news));
	for (int i = 0; i < RT_API_NEWS_MAX + 3; i++)
		rt_api_news_add(&news, 1, (uint8_t)i);
	for (int i = 3; i < RT_API_NEWS_MAX + 3; i++)
		expect(1, i);
	ck_assert(rt_api_news_empty(&news));
}
END_TEST

START_TEST(news_can_be_taken_back)
{
	memset(&news, 0, sizeof(news));
	ck_assert(!rt_api_news_undo(&news, 1, 1));
	for (uint8_t i = 0; i < 5; i++) {
		rt_api_news_add(&news, 1, i);
		rt_api_news_add(&news, 2, i);
	}
	ck_assert(!rt_api_news_undo(&news, 2, 3));
	ck_assert(rt_api_news_undo(&news, 2, 4));
	rt_api_news_drop(&news, 2);
	for (uint8_t i = 0; i < 5; i++)
		expect(1, i);
	rt_api_news_add(&news, 3, 3);
	rt_api_news_clear(&news);
	ck_assert(rt_api_news_empty(&news));
}
END_TEST

START_TEST(names_heard_long_ago_make_room)
{
	static struct rt_api_names names;
	struct rt_addr addr = { { 1 } };
	char name[16];

	ck_assert_str_eq(rt_api_names_get(&names, addr), "");
	for (uint8_t i = 0; i < RT_API_NAMES_MAX; i++) {
		addr.b[5] = i;
		snprintf(name, sizeof(name), "number %d", i);
		rt_api_names_put(&names, addr, name, true);
	}
	addr.b[5] = 0;
	rt_api_names_put(&names, addr, "again", true);
	addr.b[5] = 200;
	rt_api_names_put(&names, addr, "new", true);
	ck_assert_str_eq(rt_api_names_get(&names, addr), "new");
	addr.b[5] = 0;
	ck_assert_str_eq(rt_api_names_get(&names, addr), "again");
	addr.b[5] = 1;
	ck_assert_str_eq(rt_api_names_get(&names, addr), "");
	addr.b[5] = 2;
	ck_assert_str_eq(rt_api_names_get(&names, addr), "number 2");
}
END_TEST

struct class_case {
	int err;
	enum rt_socket_error expected;
};

START_TEST(reasons_have_the_classes_of_qt)
{
	static const struct class_case cases[] = {
		{ 0, RT_SOCKET_ERROR_REMOTE_HOST_CLOSED },
		{ -ECONNRESET, RT_SOCKET_ERROR_REMOTE_HOST_CLOSED },
		{ -EHOSTDOWN, RT_SOCKET_ERROR_HOST_NOT_FOUND },
		{ -EHOSTUNREACH, RT_SOCKET_ERROR_HOST_NOT_FOUND },
		{ -ECONNREFUSED, RT_SOCKET_ERROR_SERVICE_NOT_FOUND },
		{ -EACCES, RT_SOCKET_ERROR_MISSING_PERMISSIONS },
		{ -EPERM, RT_SOCKET_ERROR_MISSING_PERMISSIONS },
		{ -ETIMEDOUT, RT_SOCKET_ERROR_NETWORK },
		{ -EIO, RT_SOCKET_ERROR_NETWORK },
	};
	const struct rt_reason why = { .layer = RT_LAYER_HCI,
				       .err = cases[_i].err };

	ck_assert_int_eq(rt_api_error_class(&why), cases[_i].expected);
}
END_TEST

START_TEST(an_error_is_a_sentence)
{
	struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.phase = RT_PHASE_PAGE,
		.code = 0x04,
		.err = -EHOSTDOWN,
		.frame = 7,
		.elapsed_us = 5125000,
	};
	struct rt_error_info info;
	struct rt_api_error error;
	char text[200];

	rt_api_error_describe(&why, NULL, &info);
	ck_assert_str_eq(info.layer, "HCI");
	ck_assert_str_eq(info.code_name, "Page Timeout");
	ck_assert_str_eq(info.phase, "page");
	ck_assert_uint_eq(info.frame, 7);
	ck_assert_uint_eq(info.elapsed_us, 5125000);
	ck_assert_str_eq(rt_error_format(&info, text, sizeof(text)),
			 "page timeout after 5.12 s: the peer is off, out of "
			 "range, not connectable, or busy");
	ck_assert_str_eq(rt_error_format(&info, text, 5), "page");
	ck_assert_str_eq(rt_error_format(&info, text, 1), "");
	rt_api_error_from_reason(&error, &why);
	rt_api_error_add_unsent(&error, 0);
	ck_assert_ptr_null(strstr(error.text, "octets"));
	rt_api_error_add_unsent(&error, 12);
	ck_assert_ptr_nonnull(strstr(error.text, "(12 octets were not sent)"));
}
END_TEST

START_TEST(every_reason_has_words)
{
	struct rt_api_error error;
	struct rt_reason why;

	for (int layer = RT_LAYER_NONE; layer <= RT_LAYER_API; layer++) {
		for (int code = 0; code < 0x400; code++) {
			why = (struct rt_reason){
				.layer = (uint8_t)layer,
				.phase = (uint8_t)(code % 9),
				.code = (uint16_t)code,
				.err = -code,
			};
			rt_api_error_from_reason(&error, &why);
			ck_assert_str_ne(error.text, "");
		}
	}
}
END_TEST

START_TEST(an_error_of_a_short_structure_is_formatted)
{
	struct rt_error_info info = {
		.size = offsetof(struct rt_error_info, err),
		.code_name = "PSM Not There",
		.hint = (const char *)1, /* beyond the size: not looked at */
	};
	char text[64];

	ck_assert_str_eq(rt_error_format(&info, text, sizeof(text)),
			 "PSM not there");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/parts");
	TCase *tc = tcase_create("parts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_queue_takes_a_datagram_of_its_whole_limit);
	tcase_add_test(tc, a_datagram_of_no_octets_takes_room);
	tcase_add_test(tc, a_gap_is_told_once_where_it_is);
	tcase_add_test(tc, a_gap_before_the_first_datagram_is_told);
	tcase_add_test(tc, datagrams_leave_in_order_and_are_released_in_order);
	tcase_add_test(tc, a_stream_leaves_in_pieces);
	tcase_add_test(tc, news_keep_their_order_and_merge_at_the_first);
	tcase_add_test(tc, news_that_nobody_fetches_lose_the_oldest);
	tcase_add_test(tc, news_can_be_taken_back);
	tcase_add_test(tc, names_heard_long_ago_make_room);
	tcase_add_loop_test(tc, reasons_have_the_classes_of_qt, 0, 9);
	tcase_add_test(tc, an_error_is_a_sentence);
	tcase_add_test(tc, every_reason_has_words);
	tcase_add_test(tc, an_error_of_a_short_structure_is_formatted);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
