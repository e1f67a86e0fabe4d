/* SPDX-License-Identifier: MIT */
#include "l2cap/element.h"

#include "stack/base.h"
#include "tests/unit/sdp/bench.h"

static void assert_written(const struct rt_element_writer *w, const char *hex)
{
	uint8_t want[64];
	const size_t n = hex_read(hex, want, sizeof(want));

	ck_assert(rt_element_writer_done(w));
	ck_assert_uint_eq(w->len, n);
	ck_assert_mem_eq(w->buf, want, n);
	/* All of it together makes a row that can be read. */
	for (size_t at = 0; at < n;) {
		struct rt_elements row = rt_elements_of(w->buf + at, n - at);
		struct rt_element element;

		ck_assert(rt_elements_next(&row, &element));
		at = n - row.left;
	}
}

/* One of everything. */
static void put_all(struct rt_element_writer *w)
{
	static const uint8_t big[16] = { 1, [15] = 2 };
	static const uint8_t raw[] = { 0x35, 0x02, 0x28, 0x01 };

	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	rt_element_put_nil(w);
	rt_element_put_uint(w, 2, 0x1234);
	rt_element_put_int(w, 4, -2);
	rt_element_put_int128(w, RT_ELEMENT_INT, big);
	rt_element_begin(w, RT_ELEMENT_ALTERNATIVE);
	rt_element_put_uuid(w, rt_uuid_from_short(0x1101));
	rt_element_put_bool(w, true);
	rt_element_end(w);
	rt_element_put_text(w, RT_ELEMENT_URL, "a:", 2);
	rt_element_put_raw(w, raw, sizeof(raw));
	rt_element_end(w);
}

#define ALL                                                          \
	"35 29 00 09 1234 12 fffffffe 14 01000000 00000000 00000000" \
	"00000002 3d 05 19 1101 28 01 45 02 613a 35 02 28 01"

START_TEST(what_is_written_is_what_the_specification_says)
{
	uint8_t buf[64];
	struct rt_element_writer w = rt_element_writer_init(buf, sizeof(buf));

	put_all(&w);
	assert_written(&w, ALL);
	ck_assert(rt_element_is_valid(buf, w.len));
}
END_TEST

START_TEST(nothing_is_written_beyond_the_end)
{
	uint8_t buf[64];
	struct rt_element_writer w = rt_element_writer_init(buf, sizeof(buf));
	size_t whole;

	put_all(&w);
	whole = w.len;
	for (size_t cap = 0; cap <= sizeof(buf); cap++) {
		memset(buf, 0xa5, sizeof(buf));
		w = rt_element_writer_init(buf, cap);
		put_all(&w);
		ck_assert_int_eq(rt_element_writer_done(&w), cap >= whole);
		for (size_t i = cap; i < sizeof(buf); i++)
			ck_assert_uint_eq(buf[i], 0xa5);
	}
	w = rt_element_writer_init(NULL, 0);
	put_all(&w);
	ck_assert(!rt_element_writer_done(&w));
}
END_TEST

START_TEST(a_header_is_the_shortest_that_holds_the_length)
{
	static const struct {
		size_t bytes;
		size_t header;
	} rows[] = {
		{ 0, 2 },     { 1, 2 },	    { 255, 2 },	  { 256, 3 },
		{ 65535, 3 }, { 65536, 5 }, { 70000, 5 },
	};
	static uint8_t text[70000];
	static uint8_t buf[70100];
	struct rt_element_writer w;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		memset(text, (int)('a' + i), sizeof(text));
		w = rt_element_writer_init(buf, sizeof(buf));
		rt_element_put_text(&w, RT_ELEMENT_TEXT, text, rows[i].bytes);
		ck_assert(rt_element_writer_done(&w));
		ck_assert_uint_eq(w.len, rows[i].header + rows[i].bytes);
		ck_assert(rt_element_is_valid(buf, w.len));
	}
}
END_TEST

START_TEST(a_sequence_moves_up_when_its_length_needs_more_octets)
{
	static const size_t sizes[] = { 0,     200,   250,   251,   252,
					253,   254,   65520, 65530, 65531,
					65532, 65533, 65540 };
	static uint8_t buf[66000];
	static const uint8_t text[65540] = { 't' };
	struct rt_element_writer w;
	struct rt_elements row;
	struct rt_element element;
	size_t inner;

	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		w = rt_element_writer_init(buf, sizeof(buf));
		rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
		rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
		rt_element_put_text(&w, RT_ELEMENT_TEXT, text, sizes[i]);
		rt_element_end(&w);
		rt_element_put_uint(&w, 1, 0x5a);
		rt_element_end(&w);
		ck_assert(rt_element_writer_done(&w));
		ck_assert(rt_element_is_valid(buf, w.len));
		row = rt_elements_of(buf, w.len);
		ck_assert(rt_elements_next(&row, &element));
		row = rt_elements_in(&element);
		ck_assert(rt_elements_next(&row, &element));
		inner = element.bytes;
		ck_assert(rt_elements_next(&row, &element));
		ck_assert_uint_eq(element.value[0], 0x5a);
		ck_assert_uint_ge(inner, sizes[i] + 2);
	}
}
END_TEST

START_TEST(numbers_have_to_fit)
{
	static const struct {
		size_t bytes;
		int64_t least, most;
	} rows[] = {
		{ 1, INT8_MIN, INT8_MAX },
		{ 2, INT16_MIN, INT16_MAX },
		{ 4, INT32_MIN, INT32_MAX },
	};
	uint8_t buf[16];
	struct rt_element_writer w;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		w = rt_element_writer_init(buf, sizeof(buf));
		rt_element_put_int(&w, rows[i].bytes, rows[i].least);
		rt_element_put_int(&w, rows[i].bytes, rows[i].most);
		ck_assert(!w.failed);
		rt_element_put_int(&w, rows[i].bytes, rows[i].most + 1);
		ck_assert(w.failed);
		w = rt_element_writer_init(buf, sizeof(buf));
		rt_element_put_int(&w, rows[i].bytes, rows[i].least - 1);
		ck_assert(w.failed);
		w = rt_element_writer_init(buf, sizeof(buf));
		rt_element_put_uint(&w, rows[i].bytes,
				    (uint64_t)rows[i].most * 2 + 1);
		ck_assert(!w.failed);
		rt_element_put_uint(&w, rows[i].bytes,
				    (uint64_t)rows[i].most * 2 + 2);
		ck_assert(w.failed);
	}
	w = rt_element_writer_init(buf, sizeof(buf));
	rt_element_put_int(&w, 8, INT64_MIN);
	ck_assert(rt_element_writer_done(&w));
}
END_TEST

/* Each of these breaks a rule of the header. */
static void break_rule(struct rt_element_writer *w, int which)
{
	static const uint8_t broken[] = { 0x35, 0x05, 0x00 };
	static const uint8_t number[16] = { 0 };

	switch (which) {
	case 0:
		rt_element_put_uint(w, 3, 1);
		return;
	case 1:
		rt_element_put_int(w, 0, 0);
		return;
	case 2:
		rt_element_put_text(w, RT_ELEMENT_UINT, "a", 1);
		return;
	case 3:
		rt_element_put_int128(w, RT_ELEMENT_UUID, number);
		return;
	case 4:
		rt_element_begin(w, RT_ELEMENT_TEXT);
		return;
	case 5:
		rt_element_end(w);
		return;
	case 6:
		rt_element_put_raw(w, broken, sizeof(broken));
		return;
	default:
		rt_element_begin(w, RT_ELEMENT_SEQUENCE);
		return;
	}
}

START_TEST(a_writer_that_was_used_wrongly_is_not_done)
{
	uint8_t buf[64];
	struct rt_element_writer w;

	for (int i = 0; i < 8; i++) {
		w = rt_element_writer_init(buf, sizeof(buf));
		break_rule(&w, i);
		rt_element_put_nil(&w);
		ck_assert(!rt_element_writer_done(&w));
	}
}
END_TEST

START_TEST(a_writer_goes_eight_deep_and_no_deeper)
{
	static const uint8_t sequence[] = { 0x35, 0x00 };
	uint8_t buf[64];
	struct rt_element_writer w = rt_element_writer_init(buf, sizeof(buf));

	for (int i = 0; i < RT_ELEMENT_DEPTH_MAX - 1; i++)
		rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_raw(&w, sequence, sizeof(sequence));
	ck_assert(!w.failed);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	ck_assert(!w.failed);
	for (int i = 0; i < RT_ELEMENT_DEPTH_MAX; i++)
		rt_element_end(&w);
	ck_assert(rt_element_writer_done(&w));
	ck_assert(rt_element_is_valid(buf, w.len));

	w = rt_element_writer_init(buf, sizeof(buf));
	for (int i = 0; i < RT_ELEMENT_DEPTH_MAX; i++)
		rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	ck_assert(!w.failed);
	rt_element_put_raw(&w, sequence, sizeof(sequence));
	ck_assert(w.failed);
	w.failed = false;
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	ck_assert(w.failed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_is_written_is_what_the_specification_says,
		nothing_is_written_beyond_the_end,
		a_header_is_the_shortest_that_holds_the_length,
		a_sequence_moves_up_when_its_length_needs_more_octets,
		numbers_have_to_fit,
		a_writer_that_was_used_wrongly_is_not_done,
		a_writer_goes_eight_deep_and_no_deeper,
	};

	return suite_run("sdp/element_write", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
