/* SPDX-License-Identifier: MIT */
#include "stack/rd.h"
#include "stack/wr.h"

#include <stdlib.h>

#include "tests/unit/stack/suite.h"

#define ALL_BYTES 36

static const struct rt_addr addr = { { 1, 2, 3, 4, 5, 6 } };
static const uint8_t octets[] = { 0xaa, 0xbb, 0xcc };

/* One of each, and what it looks like on the wire. */
static void write_all(struct rt_wr *w)
{
	rt_wr_u8(w, 0x12);
	rt_wr_le16(w, 0x3456);
	rt_wr_le24(w, 0x789abc);
	rt_wr_le32(w, 0xdef01234);
	rt_wr_le(w, UINT64_C(0x1122334455667788), 8);
	rt_wr_be(w, UINT64_C(0x99aabbccddeeff00), 8);
	rt_wr_be(w, 0x4321, 2);
	rt_wr_put(w, rt_bytes(octets, 2));
	rt_wr_addr(w, addr);
}

static const uint8_t all[ALL_BYTES] = {
	0x12,						/* u8 */
	0x56, 0x34,					/* le16 */
	0xbc, 0x9a, 0x78,				/* le24 */
	0x34, 0x12, 0xf0, 0xde,				/* le32 */
	0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* le of 8 */
	0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, /* be of 8 */
	0x43, 0x21,					/* be of 2 */
	0xaa, 0xbb,					/* put */
	1,    2,    3,	  4,	5,    6,		/* addr */
};

/* Reads what write_all() writes; a bad reader gives zeros. */
static void read_all(struct rt_rd *r)
{
	struct rt_bytes view;
	struct rt_addr a;

	ck_assert_uint_eq(rt_rd_u8(r), rt_rd_ok(r) ? 0x12 : 0);
	ck_assert_uint_eq(rt_rd_le16(r), rt_rd_ok(r) ? 0x3456 : 0);
	ck_assert_uint_eq(rt_rd_le24(r), rt_rd_ok(r) ? 0x789abc : 0);
	ck_assert_uint_eq(rt_rd_le32(r), rt_rd_ok(r) ? 0xdef01234 : 0);
	ck_assert_uint_eq(rt_rd_le(r, 8),
			  rt_rd_ok(r) ? UINT64_C(0x1122334455667788) : 0);
	ck_assert_uint_eq(rt_rd_be(r, 8),
			  rt_rd_ok(r) ? UINT64_C(0x99aabbccddeeff00) : 0);
	ck_assert_uint_eq(rt_rd_be(r, 2), rt_rd_ok(r) ? 0x4321 : 0);
	view = rt_rd_take(r, 2);
	ck_assert_uint_eq(view.len, rt_rd_ok(r) ? 2 : 0);
	ck_assert(!rt_rd_ok(r) || memcmp(view.ptr, octets, 2) == 0);
	a = rt_rd_addr(r);
	ck_assert(rt_rd_ok(r) ? rt_addr_equal(a, addr) : rt_addr_is_zero(a));
}

START_TEST(what_is_written_has_the_order_of_the_wire)
{
	uint8_t buf[ALL_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	write_all(&w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_uint_eq(rt_wr_room(&w), 0);
	ck_assert_ptr_eq(rt_wr_bytes(&w).ptr, buf);
	ck_assert_uint_eq(rt_wr_bytes(&w).len, ALL_BYTES);
	ck_assert_mem_eq(buf, all, ALL_BYTES);
}
END_TEST

START_TEST(what_was_written_is_read_back)
{
	struct rt_rd r = rt_rd_init(rt_bytes(all, sizeof(all)));

	read_all(&r);
	ck_assert(rt_rd_ok(&r));
	ck_assert(rt_rd_done(&r));
	ck_assert_uint_eq(rt_rd_left(&r), 0);
}
END_TEST

START_TEST(a_reader_cut_short_anywhere_turns_bad_and_gives_zeros)
{
	uint8_t *part;
	struct rt_rd r;

	for (size_t n = 0; n < ALL_BYTES; n++) {
		/* Of its own size, so that a sanitizer sees one octet more. */
		part = malloc(n ? n : 1);
		ck_assert_ptr_nonnull(part);
		memcpy(part, all, n);
		r = rt_rd_init(rt_bytes(part, n));
		read_all(&r);
		ck_assert(!rt_rd_ok(&r));
		ck_assert(!rt_rd_done(&r));
		ck_assert_uint_eq(rt_rd_left(&r), 0);
		free(part);
	}
}
END_TEST

START_TEST(a_writer_cut_short_anywhere_turns_bad_and_stays_inside)
{
	uint8_t buf[ALL_BYTES + 1];
	struct rt_wr w;

	for (size_t n = 0; n < ALL_BYTES; n++) {
		memset(buf, 0xee, sizeof(buf));
		w = rt_wr_init(buf, n);
		write_all(&w);
		ck_assert(!rt_wr_ok(&w));
		ck_assert_uint_eq(rt_wr_bytes(&w).len, 0);
		ck_assert_uint_eq(rt_wr_room(&w), 0);
		for (size_t i = n; i < sizeof(buf); i++)
			ck_assert_uint_eq(buf[i], 0xee);
	}
}
END_TEST

START_TEST(a_bad_reader_stays_bad)
{
	struct rt_rd r = rt_rd_init(rt_bytes(octets, 1));

	ck_assert_uint_eq(rt_rd_le16(&r), 0);
	ck_assert(!rt_rd_ok(&r));
	ck_assert_uint_eq(rt_rd_u8(&r), 0);
	ck_assert_uint_eq(rt_rd_rest(&r).len, 0);
	ck_assert_uint_eq(rt_rd_take(&r, 0).len, 0);
	ck_assert(!rt_rd_ok(&r));
}
END_TEST

START_TEST(a_bad_writer_stays_bad)
{
	uint8_t buf[3] = { 0 };
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, 1);
	rt_wr_le32(&w, 2);
	ck_assert(!rt_wr_ok(&w));
	rt_wr_u8(&w, 3);
	ck_assert(!rt_wr_ok(&w));
	ck_assert_ptr_null(rt_wr_take(&w, 0));
	ck_assert_uint_eq(buf[1], 0);
}
END_TEST

START_TEST(a_write_that_does_not_fit_writes_no_octet)
{
	uint8_t buf[5] = { 0 };
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, 0x0101);
	rt_wr_le32(&w, 0xffffffff);
	ck_assert(!rt_wr_ok(&w));
	for (size_t i = 2; i < sizeof(buf); i++)
		ck_assert_uint_eq(buf[i], 0);
}
END_TEST

START_TEST(lengths_near_the_end_of_the_numbers_do_not_wrap)
{
	uint8_t buf[4];
	struct rt_rd r = rt_rd_init(rt_bytes(octets, sizeof(octets)));
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	ck_assert_uint_eq(rt_rd_u8(&r), 0xaa);
	ck_assert_uint_eq(rt_rd_take(&r, SIZE_MAX).len, 0);
	ck_assert(!rt_rd_ok(&r));
	rt_wr_u8(&w, 0);
	ck_assert_ptr_null(rt_wr_take(&w, SIZE_MAX));
	ck_assert(!rt_wr_ok(&w));
}
END_TEST

START_TEST(the_rest_is_what_has_not_been_read)
{
	struct rt_rd r = rt_rd_init(rt_bytes(octets, sizeof(octets)));
	struct rt_bytes rest;

	ck_assert_uint_eq(rt_rd_u8(&r), 0xaa);
	ck_assert(!rt_rd_done(&r));
	ck_assert_uint_eq(rt_rd_left(&r), 2);
	rest = rt_rd_rest(&r);
	ck_assert_ptr_eq(rest.ptr, octets + 1);
	ck_assert_uint_eq(rest.len, 2);
	ck_assert(rt_rd_done(&r));
	ck_assert_uint_eq(rt_rd_rest(&r).len, 0);
	ck_assert(rt_rd_done(&r));
}
END_TEST

START_TEST(nothing_at_all_can_be_read_and_written)
{
	struct rt_rd r = rt_rd_init(rt_bytes(NULL, 0));
	struct rt_wr w = rt_wr_init(NULL, 0);

	ck_assert(rt_rd_done(&r));
	ck_assert_uint_eq(rt_rd_rest(&r).len, 0);
	ck_assert(rt_rd_done(&r));
	rt_wr_put(&w, rt_bytes(NULL, 0));
	ck_assert(rt_wr_ok(&w));
	ck_assert_uint_eq(rt_wr_bytes(&w).len, 0);
	rt_wr_u8(&w, 0);
	ck_assert(!rt_wr_ok(&w));
	ck_assert_uint_eq(rt_rd_u8(&r), 0);
	ck_assert(!rt_rd_ok(&r));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_is_written_has_the_order_of_the_wire,
		what_was_written_is_read_back,
		a_reader_cut_short_anywhere_turns_bad_and_gives_zeros,
		a_writer_cut_short_anywhere_turns_bad_and_stays_inside,
		a_bad_reader_stays_bad,
		a_bad_writer_stays_bad,
		a_write_that_does_not_fit_writes_no_octet,
		lengths_near_the_end_of_the_numbers_do_not_wrap,
		the_rest_is_what_has_not_been_read,
		nothing_at_all_can_be_read_and_written,
	};

	return suite_run("stack/bytes", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
