/* SPDX-License-Identifier: MIT */
#include "stack/btsnoop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wr.h"
#include "tests/unit/stack/suite.h"

#define EPOCH_US UINT64_C(0x00dcddb30f2f8000)

static const uint8_t packet[] = { 0x01, 0x02, 0x03, 0x04, 0x05 };

static const uint16_t packet_opcodes[] = {
	RT_BTSNOOP_COMMAND, RT_BTSNOOP_EVENT,  RT_BTSNOOP_ACL_TX,
	RT_BTSNOOP_ACL_RX,  RT_BTSNOOP_SCO_TX, RT_BTSNOOP_SCO_RX,
	RT_BTSNOOP_ISO_TX,  RT_BTSNOOP_ISO_RX,
};

static const enum rt_btsnoop_datalink datalinks[] = { RT_BTSNOOP_H4,
						      RT_BTSNOOP_MONITOR };

/* A file with a record for each kind of packet. */
static struct rt_bytes build_file(enum rt_btsnoop_datalink datalink,
				  uint8_t *buf, size_t cap)
{
	struct rt_btsnoop_record record = { .time_us = 1700000000000000 };
	struct rt_wr w = rt_wr_init(buf, cap);
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	size_t n;

	rt_btsnoop_header(datalink, header);
	rt_wr_put(&w, rt_bytes(header, RT_BTSNOOP_HEADER_BYTES));
	for (size_t i = 0; i < RT_ARRAY_SIZE(packet_opcodes); i++) {
		record.time_us++;
		record.opcode = packet_opcodes[i];
		record.original_bytes = 9;
		record.data = rt_bytes(packet, i % sizeof(packet));
		n = rt_btsnoop_record_header(datalink, &record, header);
		rt_wr_put(&w, rt_bytes(header, n));
		rt_wr_put(&w, record.data);
	}
	ck_assert(rt_wr_ok(&w));
	return rt_wr_bytes(&w);
}

/*
 * Reads a file to its end. Returns the number of records, or -EBADMSG; the
 * records before that are counted in *ret_count in any case.
 */
static int read_file(struct rt_bytes file, size_t *ret_count)
{
	struct rt_rd r = rt_rd_init(file);
	struct rt_btsnoop_record record;
	enum rt_btsnoop_datalink datalink;
	int more;

	*ret_count = 0;
	if (rt_btsnoop_read_header(&r, &datalink) < 0)
		return -EBADMSG;
	while ((more = rt_btsnoop_read(&r, datalink, &record)) > 0) {
		ck_assert_uint_le(record.data.len, record.original_bytes);
		(*ret_count)++;
	}
	return more < 0 ? more : (int)*ret_count;
}

START_TEST(a_file_header_names_its_version_and_datalink)
{
	static const uint8_t want[] = {
		'b', 't', 's', 'n', 'o', 'o', 'p', 0, 0, 0, 0, 1, 0, 0, 7, 0xd1
	};
	uint8_t header[RT_BTSNOOP_HEADER_BYTES];

	rt_btsnoop_header(RT_BTSNOOP_MONITOR, header);
	ck_assert_mem_eq(header, want, sizeof(want));
	rt_btsnoop_header(RT_BTSNOOP_H4, header);
	ck_assert_uint_eq(header[14], 0x03);
	ck_assert_uint_eq(header[15], 0xea);
}
END_TEST

START_TEST(a_monitor_record_names_its_adapter_and_opcode)
{
	static const uint8_t want[] = {
		0, 0, 0, 9, 0,	  0,	0,    5,    0,	  3,	0,    4,
		0, 0, 0, 2, 0x00, 0xdc, 0xdd, 0xb3, 0x0f, 0x2f, 0x80, 0x01,
	};
	const struct rt_btsnoop_record record = {
		.time_us = 1,
		.index = 3,
		.opcode = RT_BTSNOOP_ACL_TX,
		.original_bytes = 9,
		.drops = 2,
		.data = rt_bytes(packet, sizeof(packet)),
	};
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];

	ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, &record,
						   header),
			  sizeof(want));
	ck_assert_mem_eq(header, want, sizeof(want));
}
END_TEST

START_TEST(an_h4_record_has_a_direction_and_its_packet_type)
{
	/* For each of packet_opcodes[]: flags, H4 octet. */
	static const uint8_t want[][2] = { { 2, 1 }, { 3, 4 }, { 0, 2 },
					   { 1, 2 }, { 0, 3 }, { 1, 3 },
					   { 0, 5 }, { 1, 5 } };
	struct rt_btsnoop_record record = {
		.original_bytes = 5,
		.data = rt_bytes(packet, sizeof(packet)),
	};
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];

	for (size_t i = 0; i < RT_ARRAY_SIZE(want); i++) {
		record.opcode = packet_opcodes[i];
		ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_H4,
							   &record, header),
				  RT_BTSNOOP_RECORD_BYTES + 1);
		ck_assert_uint_eq(header[3], 6);
		ck_assert_uint_eq(header[7], 6);
		ck_assert_uint_eq(header[11], want[i][0]);
		ck_assert_uint_eq(header[24], want[i][1]);
	}
}
END_TEST

START_TEST(an_h4_file_has_no_record_for_what_is_no_packet)
{
	static const uint16_t others[] = {
		RT_BTSNOOP_NEW_INDEX,
		RT_BTSNOOP_DEL_INDEX,
		RT_BTSNOOP_OPEN_INDEX,
		RT_BTSNOOP_CLOSE_INDEX,
		RT_BTSNOOP_INDEX_INFO,
		RT_BTSNOOP_SYSTEM_NOTE,
		0xffff,
	};
	struct rt_btsnoop_record record = { .time_us = 0 };
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];

	for (size_t i = 0; i < RT_ARRAY_SIZE(others); i++) {
		record.opcode = others[i];
		ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_H4,
							   &record, header),
				  0);
		ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_MONITOR,
							   &record, header),
				  RT_BTSNOOP_RECORD_BYTES);
	}
}
END_TEST

START_TEST(the_longest_packet_has_a_record_and_one_octet_more_has_not)
{
	struct rt_btsnoop_record record = { .opcode = RT_BTSNOOP_ACL_RX };
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];

	record.data.len = RT_BTSNOOP_RECORD_MAX - 1;
	ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_H4, &record,
						   header),
			  RT_BTSNOOP_RECORD_BYTES + 1);
	record.data.len = RT_BTSNOOP_RECORD_MAX;
	ck_assert_uint_eq(
		rt_btsnoop_record_header(RT_BTSNOOP_H4, &record, header), 0);
	ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, &record,
						   header),
			  RT_BTSNOOP_RECORD_BYTES);
	record.data.len = RT_BTSNOOP_RECORD_MAX + 1;
	ck_assert_uint_eq(rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, &record,
						   header),
			  0);
}
END_TEST

START_TEST(records_survive_writing_and_reading)
{
	uint8_t buf[1024];
	struct rt_btsnoop_record record;
	enum rt_btsnoop_datalink datalink;
	struct rt_rd r;

	for (size_t d = 0; d < RT_ARRAY_SIZE(datalinks); d++) {
		r = rt_rd_init(build_file(datalinks[d], buf, sizeof(buf)));
		ck_assert_int_eq(rt_btsnoop_read_header(&r, &datalink), 0);
		ck_assert_int_eq(datalink, datalinks[d]);
		for (size_t i = 0; i < RT_ARRAY_SIZE(packet_opcodes); i++) {
			ck_assert_int_eq(rt_btsnoop_read(&r, datalink, &record),
					 1);
			ck_assert_uint_eq(record.time_us, 1700000000000001 + i);
			ck_assert_uint_eq(record.opcode, packet_opcodes[i]);
			ck_assert_uint_eq(record.index, 0);
			ck_assert_uint_eq(record.original_bytes, 9);
			ck_assert_uint_eq(record.data.len, i % sizeof(packet));
			ck_assert(record.data.len == 0 ||
				  memcmp(record.data.ptr, packet,
					 record.data.len) == 0);
		}
		ck_assert_int_eq(rt_btsnoop_read(&r, datalink, &record), 0);
		ck_assert_int_eq(rt_btsnoop_read(&r, datalink, &record), 0);
	}
}
END_TEST

START_TEST(a_file_cut_short_anywhere_is_refused_but_between_records)
{
	uint8_t buf[1024];
	struct rt_bytes file;
	uint8_t *part;
	size_t count;
	size_t ends;
	int n;

	for (size_t d = 0; d < RT_ARRAY_SIZE(datalinks); d++) {
		file = build_file(datalinks[d], buf, sizeof(buf));
		ends = 0;
		for (size_t len = 0; len < file.len; len++) {
			part = malloc(len ? len : 1);
			ck_assert_ptr_nonnull(part);
			memcpy(part, file.ptr, len);
			n = read_file(rt_bytes(part, len), &count);
			ck_assert_int_ge(n, -EBADMSG);
			ck_assert(n >= 0 || n == -EBADMSG);
			ck_assert_uint_lt(count, RT_ARRAY_SIZE(packet_opcodes));
			if (n >= 0)
				ends++;
			free(part);
		}
		ck_assert_uint_eq(ends, RT_ARRAY_SIZE(packet_opcodes));
	}
}
END_TEST

START_TEST(what_is_no_btsnoop_file_is_refused)
{
	uint8_t header[RT_BTSNOOP_HEADER_BYTES];
	enum rt_btsnoop_datalink datalink = RT_BTSNOOP_H4;
	struct rt_rd r;

	for (size_t i = 0; i < sizeof(header); i++) {
		rt_btsnoop_header(RT_BTSNOOP_MONITOR, header);
		header[i] ^= 0x20;
		r = rt_rd_init(rt_bytes(header, sizeof(header)));
		ck_assert_int_eq(rt_btsnoop_read_header(&r, &datalink),
				 -EBADMSG);
		ck_assert_int_eq(datalink, RT_BTSNOOP_H4);
	}
}
END_TEST

/* Reads one record made of 24 octets and `data`. */
static int read_one(enum rt_btsnoop_datalink datalink, uint32_t original,
		    uint32_t included, struct rt_bytes data,
		    struct rt_btsnoop_record *ret_record)
{
	/* An ACL packet, of which datalink 1002 only says that it came in. */
	const uint32_t flags =
		datalink == RT_BTSNOOP_MONITOR ? RT_BTSNOOP_ACL_TX : 1;
	uint8_t buf[64];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_rd r;

	rt_wr_be(&w, original, 4);
	rt_wr_be(&w, included, 4);
	rt_wr_be(&w, flags, 4);
	rt_wr_be(&w, 0, 4);
	rt_wr_be(&w, 0, 8);
	rt_wr_put(&w, data);
	r = rt_rd_init(rt_wr_bytes(&w));
	return rt_btsnoop_read(&r, datalink, ret_record);
}

START_TEST(an_impossible_record_is_refused_and_changes_nothing)
{
	static const uint8_t bad_type[] = { 6, 0, 0 };
	static const uint8_t no_type[] = { 0, 0, 0 };
	struct rt_btsnoop_record record = { .drops = 77 };

	/* Longer than any packet, than the original, than the file. */
	ck_assert_int_eq(read_one(RT_BTSNOOP_MONITOR, UINT32_MAX, UINT32_MAX,
				  rt_bytes(packet, 5), &record),
			 -EBADMSG);
	ck_assert_int_eq(read_one(RT_BTSNOOP_MONITOR, 4, 5, rt_bytes(packet, 5),
				  &record),
			 -EBADMSG);
	ck_assert_int_eq(read_one(RT_BTSNOOP_MONITOR, 6, 6, rt_bytes(packet, 5),
				  &record),
			 -EBADMSG);
	/* Without an H4 octet, or with one that is none. */
	ck_assert_int_eq(read_one(RT_BTSNOOP_H4, 0, 0, rt_bytes(packet, 0),
				  &record),
			 -EBADMSG);
	ck_assert_int_eq(read_one(RT_BTSNOOP_H4, 3, 3, rt_bytes(bad_type, 3),
				  &record),
			 -EBADMSG);
	ck_assert_int_eq(read_one(RT_BTSNOOP_H4, 3, 3, rt_bytes(no_type, 3),
				  &record),
			 -EBADMSG);
	ck_assert_uint_eq(record.drops, 77);
}
END_TEST

START_TEST(a_record_longer_than_any_packet_is_refused)
{
	static uint8_t buf[RT_BTSNOOP_RECORD_BYTES + RT_BTSNOOP_RECORD_MAX + 1];
	const struct rt_bytes whole = rt_bytes(buf, sizeof(buf));
	struct rt_btsnoop_record record;
	struct rt_rd r;

	for (uint32_t extra = 0; extra < 2; extra++) {
		struct rt_wr w = rt_wr_init(buf, sizeof(buf));

		rt_wr_be(&w, RT_BTSNOOP_RECORD_MAX + extra, 4);
		rt_wr_be(&w, RT_BTSNOOP_RECORD_MAX + extra, 4);
		r = rt_rd_init(whole);
		ck_assert_int_eq(rt_btsnoop_read(&r, RT_BTSNOOP_MONITOR,
						 &record),
				 extra == 0 ? 1 : -EBADMSG);
	}
}
END_TEST

START_TEST(a_time_before_1970_reads_as_0)
{
	struct rt_btsnoop_record record;

	ck_assert_int_eq(read_one(RT_BTSNOOP_MONITOR, 5, 5, rt_bytes(packet, 5),
				  &record),
			 1);
	ck_assert_uint_eq(record.time_us, 0);
}
END_TEST

START_TEST(a_record_that_was_cut_when_captured_says_so)
{
	static const uint8_t data[] = { 2, 1, 2, 3, 4 };
	struct rt_btsnoop_record record;

	ck_assert_int_eq(read_one(RT_BTSNOOP_H4, 100, 5,
				  rt_bytes(data, sizeof(data)), &record),
			 1);
	ck_assert_uint_eq(record.original_bytes, 99);
	ck_assert_uint_eq(record.data.len, 4);
	ck_assert_uint_eq(record.opcode, RT_BTSNOOP_ACL_RX);
}
END_TEST

START_TEST(garbage_behind_a_header_is_read_to_an_end)
{
	uint8_t buf[4096];
	uint64_t seed = 7;
	size_t count;

	for (size_t round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = (uint8_t)suite_random(&seed);
		rt_btsnoop_header(datalinks[round % 2], buf);
		/* Lengths that are possible, so that it goes on for a while. */
		for (size_t i = 16; i + 8 < sizeof(buf); i += 32) {
			memset(buf + i, 0, 8);
			buf[i + 3] = 8;
			buf[i + 7] = 8;
		}
		ck_assert_int_ge(read_file(rt_bytes(buf, sizeof(buf)), &count),
				 -EBADMSG);
		ck_assert_uint_le(count, sizeof(buf) / RT_BTSNOOP_RECORD_BYTES);
	}
}
END_TEST

START_TEST(an_adapter_is_described_in_the_octets_of_btmon)
{
	static const struct rt_addr addr = { { 1, 2, 3, 4, 5, 6 } };
	static const uint8_t want[16] = { 0, 0, 1,   2,	  3,   4,
					  5, 6, 'h', 'c', 'i', '0' };
	static const uint8_t want_info[8] = { 1, 2, 3, 4, 5, 6, 0xf1, 0x05 };
	uint8_t body[16];

	memset(body, 0xee, sizeof(body));
	rt_btsnoop_new_index(addr, "hci0", body);
	ck_assert_mem_eq(body, want, sizeof(want));
	rt_btsnoop_index_info(addr, 0x05f1, body);
	ck_assert_mem_eq(body, want_info, sizeof(want_info));
}
END_TEST

START_TEST(a_long_adapter_name_is_cut_and_ends_with_zero)
{
	static const struct rt_addr addr = { { 0 } };
	uint8_t body[16];

	rt_btsnoop_new_index(addr, "rawtooth0", body);
	ck_assert_mem_eq(body + 8, "rawtoot\0", 8);
}
END_TEST

/* Captures of other programs, and the records that capinfos counts in them. */
static const struct {
	const char *name;
	int records; /* -EBADMSG: a datalink we do not read */
} known[] = {
	{ "chsmartbulb_spp.btsnoop", 699 },
	{ "oppo_buds_multirfcomm.btsnoop", 2981 },
	{ "obd2_leafspy_stream.btsnoop", 7616 },
	{ "gen_bumble_sdp_rfcomm.btsnoop", 2027 },
	{ "xiaomi_huawei_cm70.btsnoop", 7803 },
	{ "btmon_a2dp_midstream.btsnoop", 1207 },
	{ "var_dev_chsmartbulb.monitor.btsnoop", 703 },
	{ "dsp408_spp_bulk.btsnoop", 16928 },
	{ "obd2_happyleaf_progress.btsnoop", 406 },
	{ "motog_lghbs730_a2dp.btsnoop", 3674 },
	{ "gen_bumble_ertm.btsnoop", 633 },
	{ "var_dev_chsmartbulb.h1.btsnoop", -EBADMSG },
	{ "gen_bumble_lecoc.btsnoop", 2039 },
	{ "headset_motoe2_hfp.btsnoop", 451 },
	{ "btmon_info_only.btsnoop", 369 },
	{ "qualcomm_debug_acl_only.btsnoop", 1011 },
	{ "mut_dev_b.btsnoop", 761 },
	{ "mut_dev_a.btsnoop", 705 },
	{ "kernel/l2test_ertm_nofcs_txwin2.btsnoop", 165 },
	{ "kernel/pair_numeric.btsnoop", 422 },
	{ "kernel/l2ping.btsnoop", 85 },
	{ "kernel/userchan.btsnoop", 51 },
	{ "kernel/sdp_search.btsnoop", 131 },
	{ "kernel/l2test_basic.btsnoop", 153 },
	{ "kernel/pair_justworks.btsnoop", 396 },
	{ "kernel/l2test_ertm.btsnoop", 258 },
	{ "kernel/rctest.btsnoop", 195 },
	{ "kernel/l2test_streaming.btsnoop", 153 },
	{ "kernel/rfcomm_tty.btsnoop", 175 },
	{ "kernel/pair_pin.btsnoop", 411 },
	{ "kernel/l2ping_sigmtu_reject.btsnoop", 137 },
};

/* Reads the file into fresh memory; a view of nothing if it is not there. */
static struct rt_bytes load(const char *folder, const char *name)
{
	char path[4096];
	uint8_t *data;
	long size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rbe");
	if (!f)
		return rt_bytes(NULL, 0);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	ck_assert_int_gt(size, 0);
	rewind(f);
	data = malloc((size_t)size);
	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(fread(data, 1, (size_t)size, f), (size_t)size);
	fclose(f);
	return rt_bytes(data, (size_t)size);
}

START_TEST(captures_of_other_programs_have_the_records_they_have)
{
	const char *folder = getenv("RAWTOOTH_CAPTURES");
	struct rt_bytes file;
	size_t found = 0;
	size_t count;

	if (!folder)
		return;
	for (size_t i = 0; i < RT_ARRAY_SIZE(known); i++) {
		file = load(folder, known[i].name);
		if (!file.ptr)
			continue;
		found++;
		ck_assert_msg(read_file(file, &count) == known[i].records,
			      "%s: %zu records, expected %d", known[i].name,
			      count, known[i].records);
		free((void *)(uintptr_t)file.ptr);
	}
	ck_assert_uint_gt(found, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_file_header_names_its_version_and_datalink,
		a_monitor_record_names_its_adapter_and_opcode,
		an_h4_record_has_a_direction_and_its_packet_type,
		an_h4_file_has_no_record_for_what_is_no_packet,
		the_longest_packet_has_a_record_and_one_octet_more_has_not,
		records_survive_writing_and_reading,
		a_file_cut_short_anywhere_is_refused_but_between_records,
		what_is_no_btsnoop_file_is_refused,
		an_impossible_record_is_refused_and_changes_nothing,
		a_record_longer_than_any_packet_is_refused,
		a_time_before_1970_reads_as_0,
		a_record_that_was_cut_when_captured_says_so,
		garbage_behind_a_header_is_read_to_an_end,
		an_adapter_is_described_in_the_octets_of_btmon,
		a_long_adapter_name_is_cut_and_ends_with_zero,
		captures_of_other_programs_have_the_records_they_have,
	};

	return suite_run("stack/btsnoop", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
