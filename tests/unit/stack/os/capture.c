/* SPDX-License-Identifier: MIT */
#include "stack/os/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/stack/suite.h"

#define T0 UINT64_C(1700000000000000)

static const struct rt_addr addr = { { 6, 5, 4, 3, 2, 1 } };

static char folder[32];
static char path[64];
static struct rt_capture *capture;
static struct rlimit file_limit;
static uint8_t file[4 << 20];

/* What reading a capture back has found. */
static struct rt_btsnoop_record records[4096];
static size_t record_count;

static void setup(void)
{
	strcpy(folder, "/tmp/rawtooth-capture-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &file_limit), 0);
	/* A file too long is to be an error, not a signal. */
	signal(SIGXFSZ, SIG_IGN);
	snprintf(path, sizeof(path), "%s/file.btsnoop", folder);
}

static void teardown(void)
{
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &file_limit), 0);
	unlink(path);
	rmdir(folder);
}

static void open_capture(enum rt_btsnoop_datalink datalink)
{
	ck_assert_int_eq(rt_capture_open(path, datalink, &capture), 0);
}

/* Reads the file back; it must be whole. Returns its datalink. */
static enum rt_btsnoop_datalink read_back(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, file, sizeof(file));
	enum rt_btsnoop_datalink datalink;
	struct rt_rd r;
	int more;

	ck_assert_int_ge(len, 0);
	close(fd);
	r = rt_rd_init(rt_bytes(file, (size_t)len));
	ck_assert_int_eq(rt_btsnoop_read_header(&r, &datalink), 0);
	record_count = 0;
	do {
		ck_assert_uint_lt(record_count, RT_ARRAY_SIZE(records));
		more = rt_btsnoop_read(&r, datalink, &records[record_count]);
		record_count += more > 0;
	} while (more > 0);
	ck_assert_int_eq(more, 0);
	return datalink;
}

static void assert_opcodes(const uint16_t *opcodes, size_t count)
{
	ck_assert_uint_eq(record_count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(records[i].opcode, opcodes[i]);
}

#define OPCODES(...)                                      \
	assert_opcodes((const uint16_t[]){ __VA_ARGS__ }, \
		       sizeof((const uint16_t[]){ __VA_ARGS__ }) / 2)

static void add_packet(uint64_t time_us, enum rt_packet_type type,
		       bool from_controller, struct rt_bytes data)
{
	const struct rt_packet packet = {
		.type = (uint8_t)type,
		.count = 1,
		.len = data.len,
		.slice = { data },
	};

	rt_capture_packet(capture, time_us, from_controller, &packet);
}

/* From now on writing beyond this many octets of a file fails. */
static void fill_disk_at(rlim_t bytes)
{
	struct rlimit limit = file_limit;

	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void add_reset(uint64_t time_us)
{
	add_packet(time_us, RT_PACKET_COMMAND, false,
		   rt_bytes("\x03\x0c\x00", 3));
}

START_TEST(a_new_capture_has_a_header_at_once)
{
	struct stat st;

	open_capture(RT_BTSNOOP_MONITOR);
	ck_assert_int_eq(read_back(), RT_BTSNOOP_MONITOR);
	ck_assert_uint_eq(record_count, 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(rt_capture_close(capture), 0);
}
END_TEST

START_TEST(an_old_file_is_emptied)
{
	open_capture(RT_BTSNOOP_H4);
	add_reset(T0);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	open_capture(RT_BTSNOOP_H4);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	ck_assert_int_eq(read_back(), RT_BTSNOOP_H4);
	ck_assert_uint_eq(record_count, 0);
}
END_TEST

START_TEST(a_capture_of_a_known_adapter_begins_with_its_address)
{
	open_capture(RT_BTSNOOP_MONITOR);
	rt_capture_adapter(capture, T0, addr, 0x05f1, "hci7");
	add_reset(T0 + 5);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	OPCODES(RT_BTSNOOP_NEW_INDEX, RT_BTSNOOP_OPEN_INDEX,
		RT_BTSNOOP_INDEX_INFO, RT_BTSNOOP_COMMAND);
	ck_assert_uint_eq(records[0].data.len, 16);
	ck_assert_mem_eq(records[0].data.ptr + 2, addr.b, 6);
	ck_assert_mem_eq(records[0].data.ptr + 8, "hci7\0\0\0\0", 8);
	ck_assert_uint_eq(records[1].data.len, 0);
	ck_assert_mem_eq(records[2].data.ptr, addr.b, 6);
	ck_assert_mem_eq(records[2].data.ptr + 6, "\xf1\x05", 2);
	ck_assert_uint_eq(records[2].time_us, T0);
	ck_assert_uint_eq(records[3].time_us, T0 + 5);
	ck_assert_mem_eq(records[3].data.ptr, "\x03\x0c\x00", 3);
}
END_TEST

START_TEST(an_address_known_late_stands_in_a_record_of_its_own)
{
	static const uint8_t zeros[6];

	open_capture(RT_BTSNOOP_MONITOR);
	add_reset(T0);
	rt_capture_adapter(capture, T0 + 1, addr, 2, "hci0");
	add_reset(T0 + 2);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	OPCODES(RT_BTSNOOP_NEW_INDEX, RT_BTSNOOP_OPEN_INDEX, RT_BTSNOOP_COMMAND,
		RT_BTSNOOP_INDEX_INFO, RT_BTSNOOP_COMMAND);
	ck_assert_mem_eq(records[0].data.ptr + 2, zeros, 6);
	ck_assert_mem_eq(records[3].data.ptr, addr.b, 6);
}
END_TEST

START_TEST(an_h4_capture_has_packets_only)
{
	open_capture(RT_BTSNOOP_H4);
	rt_capture_adapter(capture, T0, addr, 2, "hci0");
	add_reset(T0);
	add_packet(T0, RT_PACKET_ACL, true, rt_bytes("\x01\x20\x00\x00", 4));
	ck_assert_int_eq(rt_capture_close(capture), 0);
	ck_assert_int_eq(read_back(), RT_BTSNOOP_H4);
	OPCODES(RT_BTSNOOP_COMMAND, RT_BTSNOOP_ACL_RX);
	ck_assert_uint_eq(records[1].data.len, 4);
	ck_assert_uint_eq(records[1].original_bytes, 4);
}
END_TEST

START_TEST(every_kind_of_packet_has_its_direction)
{
	open_capture(RT_BTSNOOP_H4);
	add_packet(T0, RT_PACKET_COMMAND, false, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_EVENT, true, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_ACL, false, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_ACL, true, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_SCO, false, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_SCO, true, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_ISO, false, rt_bytes("abc", 3));
	add_packet(T0, RT_PACKET_ISO, true, rt_bytes("abc", 3));
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	OPCODES(RT_BTSNOOP_COMMAND, RT_BTSNOOP_EVENT, RT_BTSNOOP_ACL_TX,
		RT_BTSNOOP_ACL_RX, RT_BTSNOOP_SCO_TX, RT_BTSNOOP_SCO_RX,
		RT_BTSNOOP_ISO_TX, RT_BTSNOOP_ISO_RX);
}
END_TEST

START_TEST(the_slices_of_a_packet_become_one_record)
{
	const struct rt_packet packet = {
		.type = RT_PACKET_ACL,
		.count = 3,
		.len = 6,
		.slice = { rt_bytes("ab", 2), rt_bytes("", 0),
			   rt_bytes("cdef", 4) },
	};

	open_capture(RT_BTSNOOP_H4);
	rt_capture_packet(capture, T0, false, &packet);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	ck_assert_uint_eq(record_count, 1);
	ck_assert_uint_eq(records[0].data.len, 6);
	ck_assert_mem_eq(records[0].data.ptr, "abcdef", 6);
}
END_TEST

START_TEST(times_never_go_back)
{
	open_capture(RT_BTSNOOP_H4);
	add_reset(T0 + 100);
	add_reset(T0 + 300);
	/* The clock is set back by an hour, and runs on. */
	add_reset(T0 + 301 - RT_SECONDS(3600));
	add_reset(T0 + 351 - RT_SECONDS(3600));
	/* It is set forward again. */
	add_reset(T0 + 500);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	ck_assert_uint_eq(record_count, 5);
	ck_assert_uint_eq(records[0].time_us, T0 + 100);
	ck_assert_uint_eq(records[1].time_us, T0 + 300);
	ck_assert_uint_eq(records[2].time_us, T0 + 300);
	ck_assert_uint_eq(records[3].time_us, T0 + 350);
	ck_assert_uint_gt(records[4].time_us, T0 + 350);
}
END_TEST

START_TEST(records_reach_the_file_with_a_flush)
{
	open_capture(RT_BTSNOOP_H4);
	add_reset(T0);
	read_back();
	ck_assert_uint_eq(record_count, 0);
	ck_assert_int_eq(rt_capture_flush(capture), 0);
	read_back();
	ck_assert_uint_eq(record_count, 1);
	ck_assert_int_eq(rt_capture_flush(capture), 0);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	ck_assert_uint_eq(record_count, 1);
}
END_TEST

START_TEST(more_than_the_buffer_holds_is_written_meanwhile)
{
	static uint8_t octets[1024];
	struct stat st;

	open_capture(RT_BTSNOOP_MONITOR);
	for (size_t i = 0; i < 1000; i++) {
		memset(octets, (int)i & 0xff, sizeof(octets));
		add_packet(T0 + i, RT_PACKET_ACL, true,
			   rt_bytes(octets, i % sizeof(octets)));
	}
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, 100000);
	read_back();
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	ck_assert_uint_eq(record_count, 1002);
	for (size_t i = 0; i < 1000; i++) {
		ck_assert_uint_eq(records[i + 2].data.len, i % sizeof(octets));
		if (i % sizeof(octets) > 0)
			ck_assert_uint_eq(records[i + 2].data.ptr[0], i & 0xff);
	}
}
END_TEST

START_TEST(the_longest_packet_is_captured_whole)
{
	static uint8_t octets[4 + 65535];

	memset(octets, 0x5a, sizeof(octets));
	open_capture(RT_BTSNOOP_H4);
	add_reset(T0);
	add_packet(T0, RT_PACKET_ACL, true, rt_bytes(octets, sizeof(octets)));
	add_reset(T0);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	read_back();
	OPCODES(RT_BTSNOOP_COMMAND, RT_BTSNOOP_ACL_RX, RT_BTSNOOP_COMMAND);
	ck_assert_uint_eq(records[1].data.len, sizeof(octets));
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_told)
{
	struct rt_capture *none = NULL;

	ck_assert_int_eq(rt_capture_open("/nonexistent/file",
					 RT_BTSNOOP_MONITOR, &none),
			 -ENOENT);
	ck_assert_int_eq(rt_capture_open(folder, RT_BTSNOOP_MONITOR, &none),
			 -EISDIR);
	ck_assert_int_eq(rt_capture_open("/dev/full", RT_BTSNOOP_MONITOR,
					 &none),
			 -ENOSPC);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(rt_capture_open(path, RT_BTSNOOP_MONITOR, &none),
			 -EINVAL);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(a_full_disk_ends_the_capture_and_is_told_once)
{
	struct stat st;

	open_capture(RT_BTSNOOP_H4);
	add_reset(T0);
	ck_assert_int_eq(rt_capture_flush(capture), 0);
	fill_disk_at(100);
	for (size_t i = 0; i < 4; i++)
		add_reset(T0 + i);
	ck_assert_int_eq(rt_capture_flush(capture), -EFBIG);
	add_reset(T0);
	ck_assert_int_eq(rt_capture_flush(capture), 0);
	ck_assert_int_eq(rt_capture_close(capture), 0);
	/* What was written in part is taken back. */
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 16 + 24 + 4);
	read_back();
	ck_assert_uint_eq(record_count, 1);
}
END_TEST

START_TEST(a_full_disk_found_by_a_packet_is_told_by_the_close)
{
	static uint8_t octets[60000];

	open_capture(RT_BTSNOOP_H4);
	fill_disk_at(100);
	for (size_t i = 0; i < 10; i++)
		add_packet(T0, RT_PACKET_ACL, true,
			   rt_bytes(octets, sizeof(octets)));
	ck_assert_int_eq(rt_capture_close(capture), -EFBIG);
	read_back();
	ck_assert_uint_eq(record_count, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_new_capture_has_a_header_at_once,
		an_old_file_is_emptied,
		a_capture_of_a_known_adapter_begins_with_its_address,
		an_address_known_late_stands_in_a_record_of_its_own,
		an_h4_capture_has_packets_only,
		every_kind_of_packet_has_its_direction,
		the_slices_of_a_packet_become_one_record,
		times_never_go_back,
		records_reach_the_file_with_a_flush,
		more_than_the_buffer_holds_is_written_meanwhile,
		the_longest_packet_is_captured_whole,
		a_file_that_cannot_be_made_is_told,
		a_full_disk_ends_the_capture_and_is_told_once,
		a_full_disk_found_by_a_packet_is_told_by_the_close,
	};

	return suite_run("stack/os/capture", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
