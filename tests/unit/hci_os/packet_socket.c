/* SPDX-License-Identifier: MIT */
#include "hci/os/packet_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/hci_os/sink.h"
#include "tests/unit/stack/suite.h"

/* A user channel's reading and writing, on a seqpacket socket. */

static struct rt_transport *t;
static int far;

static void open_pair(bool lossy)
{
	int fd[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	far = fd[1];
	ck_assert_int_eq(rt_packet_socket_new(fd[0], lossy, "hci0", &t), 0);
}

static void setup(void)
{
	heard_reset();
	open_pair(true);
}

static void hang_up(void)
{
	if (far >= 0)
		close(far);
	far = -1;
}

static void teardown(void)
{
	int fd = t->fd;

	t->ops->close(t);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	hang_up();
}

static void from_far(const void *octets, size_t len)
{
	ck_assert_int_eq(send(far, octets, len, 0), (ssize_t)len);
}

static int receive(void)
{
	return t->ops->receive(t, &sink);
}

START_TEST(one_write_carries_one_packet)
{
	const struct rt_packet p = {
		.type = RT_PACKET_ACL,
		.count = 3,
		.len = 6,
		.slice = { { (const uint8_t *)"\x2a\x20\x02\x00", 4 },
			   { (const uint8_t *)"a", 1 },
			   { (const uint8_t *)"b", 1 } },
	};
	uint8_t buf[64];

	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(recv(far, buf, sizeof(buf), 0), 7);
		ck_assert_mem_eq(buf,
				 "\x02\x2a\x20\x02\x00"
				 "ab",
				 7);
	}
}
END_TEST

START_TEST(the_largest_packet_has_1028_octets)
{
	uint8_t acl[4 + RT_PACKET_SOCKET_ACL_BYTES] = { 1, 0x20, 0xff, 3 };
	struct rt_packet p = packet_of(RT_PACKET_ACL, acl, sizeof(acl));
	uint8_t buf[2048];

	ck_assert_uint_eq(t->acl_bytes_max, 1023);
	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(recv(far, buf, sizeof(buf), 0), 1028);
}
END_TEST

START_TEST(one_read_delivers_one_packet_and_receive_a_bounded_number)
{
	for (int i = 0; i < 100; i++)
		from_far("\x04\xff\x01\x42", 4);
	from_far("\x02\x01\x20\x01\x00z", 6);
	ck_assert_int_eq(receive(), 1);
	ck_assert_uint_lt(heard.packets, 101);
	ck_assert_int_eq(receive(), 0);
	heard_last(101, 2, "\x01\x20\x01\x00z", 5);
	ck_assert_int_eq(receive(), 0);
	ck_assert_uint_eq(heard.packets, 101);
}
END_TEST

START_TEST(types_that_are_not_for_hosts_are_skipped)
{
	for (unsigned type = 0; type <= 0xff; type++) {
		uint8_t octets[] = { (uint8_t)type, 0x00, 0x00, 0x00, 0x00 };

		from_far(octets, sizeof(octets));
		while (receive() > 0)
			;
	}
	ck_assert_uint_eq(heard.packets, 4);
}
END_TEST

START_TEST(packets_of_any_length_are_handed_on_as_they_are)
{
	static uint8_t octets[2000] = { 0x04 };

	for (size_t n = 1; n <= sizeof(octets); n++) {
		from_far(octets, n);
		ck_assert_int_eq(receive(), 0);
		ck_assert_uint_eq(heard.last_len, n - 1);
	}
	ck_assert_uint_eq(heard.packets, sizeof(octets));
}
END_TEST

START_TEST(a_packet_longer_than_any_is_the_end_and_not_cut)
{
	static uint8_t octets[1 + 4 + 65535 + 2] = { 0x02 };

	from_far(octets, sizeof(octets) - 2);
	ck_assert_int_eq(receive(), 0);
	ck_assert_uint_eq(heard.last_len, 4 + 65535);
	from_far(octets, sizeof(octets) - 1);
	ck_assert_int_eq(receive(), -EMSGSIZE);
	ck_assert_int_eq(receive(), -EMSGSIZE);
	ck_assert_uint_eq(heard.packets, 1);
}
END_TEST

START_TEST(the_first_error_is_final)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	hang_up();
	ck_assert_int_eq(receive(), -EPIPE);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(receive(), -EPIPE);
		ck_assert_int_eq(t->ops->send(t, &p), -EPIPE);
		ck_assert_int_eq(t->ops->flush(t), -EPIPE);
	}
}
END_TEST

START_TEST(an_error_met_while_writing_is_final_for_reading_too)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	from_far("\x04\xff\x01\x42", 4);
	hang_up();
	ck_assert_int_eq(t->ops->send(t, &p), -EPIPE);
	ck_assert_int_eq(receive(), -EPIPE);
	ck_assert_uint_eq(heard.packets, 0);
}
END_TEST

START_TEST(a_full_socket_takes_no_packet_and_keeps_none)
{
	uint8_t acl[4 + 1000] = { 1, 0x20, 0xe8, 3 };
	struct rt_packet p = packet_of(RT_PACKET_ACL, acl, sizeof(acl));
	uint8_t buf[2048];
	unsigned sent = 0;

	while (t->ops->send(t, &p) == 0)
		ck_assert_uint_lt(++sent, 100000);
	ck_assert_int_eq(t->ops->send(t, &p), -EAGAIN);
	ck_assert_int_eq(t->ops->flush(t), 0);
	for (unsigned i = 0; i < sent; i++)
		ck_assert_int_eq(recv(far, buf, sizeof(buf), MSG_DONTWAIT),
				 1005);
	ck_assert_int_eq(recv(far, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(t->ops->send(t, &p), 0);
}
END_TEST

START_TEST(only_a_socket_that_loses_packets_has_a_limit)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	ck_assert_int_eq(getsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len),
			 0);
	ck_assert_uint_eq(t->acl_rx_packets_max,
			  rt_packet_socket_capacity(bytes));
	ck_assert_uint_ge(t->acl_rx_packets_max, 46);
	teardown();
	open_pair(false);
	ck_assert_uint_eq(t->acl_rx_packets_max, 0);
}
END_TEST

START_TEST(the_limit_is_well_below_what_was_measured)
{
	/* 212992 octets were seen to hold 167 packets of 192 octets. */
	ck_assert_uint_eq(rt_packet_socket_capacity(212992), 46);
	ck_assert_uint_eq(rt_packet_socket_capacity(2 * 8388608), 3640);
	ck_assert_uint_eq(rt_packet_socket_capacity(0), 1);
	ck_assert_uint_eq(rt_packet_socket_capacity(-1), 1);
	ck_assert_uint_eq(rt_packet_socket_capacity(0x7fffffff), 0xffff);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		one_write_carries_one_packet,
		the_largest_packet_has_1028_octets,
		one_read_delivers_one_packet_and_receive_a_bounded_number,
		types_that_are_not_for_hosts_are_skipped,
		packets_of_any_length_are_handed_on_as_they_are,
		a_packet_longer_than_any_is_the_end_and_not_cut,
		the_first_error_is_final,
		an_error_met_while_writing_is_final_for_reading_too,
		a_full_socket_takes_no_packet_and_keeps_none,
		only_a_socket_that_loses_packets_has_a_limit,
		the_limit_is_well_below_what_was_measured,
	};

	return suite_run("hci_os/packet_socket", tests, RT_ARRAY_SIZE(tests),
			 setup, teardown);
}
