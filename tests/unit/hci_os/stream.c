/* SPDX-License-Identifier: MIT */
#include "hci/os/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hci/os/h4.h"
#include "tests/unit/hci_os/sink.h"
#include "tests/unit/stack/suite.h"

/* H4 over sockets: whole packets out, whole packets in, one end. */

static struct rt_transport *t;
static int far; /* the controller's end; -1 if it is closed */

static void setup(void)
{
	int fd[2];

	heard_reset();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd),
			 0);
	far = fd[1];
	ck_assert_int_eq(rt_stream_new(fd[0], RT_STREAM_SOCKET, "unix:/x", &t),
			 0);
}

static void hang_up(void)
{
	close(far);
	far = -1;
}

static void teardown(void)
{
	int fd = t->fd;

	t->ops->close(t);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	if (far >= 0)
		hang_up();
}

static void from_far(const void *octets, size_t len)
{
	ck_assert_int_eq(send(far, octets, len, 0), (ssize_t)len);
}

static void at_far(const void *octets, size_t len)
{
	uint8_t buf[64];

	ck_assert_int_eq(recv(far, buf, len, MSG_WAITALL), (ssize_t)len);
	ck_assert_mem_eq(buf, octets, len);
}

static int receive(void)
{
	return t->ops->receive(t, &sink);
}

START_TEST(the_transport_has_no_limits_of_its_own)
{
	ck_assert_str_eq(t->name, "unix:/x");
	ck_assert_uint_eq(t->acl_bytes_max, 0);
	ck_assert_uint_eq(t->acl_rx_packets_max, 0);
	ck_assert_int_eq(fcntl(t->fd, F_GETFD), FD_CLOEXEC);
	ck_assert(fcntl(t->fd, F_GETFL) & O_NONBLOCK);
}
END_TEST

START_TEST(a_packet_in_slices_is_sent_as_one)
{
	const struct rt_packet p = {
		.type = RT_PACKET_ACL,
		.count = 4,
		.len = 9,
		.slice = { { (const uint8_t *)"\x2a\x20\x05\x00", 4 },
			   { (const uint8_t *)"abc", 3 },
			   { NULL, 0 },
			   { (const uint8_t *)"de", 2 } },
	};

	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	at_far("\x02\x2a\x20\x05\x00"
	       "abcde",
	       10);
}
END_TEST

START_TEST(packets_of_a_turn_leave_together)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);
	uint8_t buf[64];

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(recv(far, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(t->ops->flush(t), 0);
	ck_assert_int_eq(recv(far, buf, sizeof(buf), MSG_DONTWAIT), 12);
}
END_TEST

START_TEST(no_more_is_kept_back_than_a_batch)
{
	static uint8_t acl[4 + 1021] = { 0x01, 0x20, 0xfd, 0x03 };
	struct rt_packet p = packet_of(RT_PACKET_ACL, acl, sizeof(acl));
	int queued = 0;

	for (int i = 0; i < 17; i++)
		ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(ioctl(far, FIONREAD, &queued), 0);
	ck_assert_int_ge(queued, 16 * 1026);
}
END_TEST

START_TEST(what_comes_is_delivered_packet_by_packet)
{
	ck_assert_int_eq(receive(), 0);
	from_far("\x04\x0e\x04\x01\x03\x0c\x00\x02\x01\x20\x02", 11);
	ck_assert_int_eq(receive(), 0);
	heard_last(1, 4, "\x0e\x04\x01\x03\x0c\x00", 6);
	from_far("\x00xy", 3);
	ck_assert_int_eq(receive(), 0);
	heard_last(2, 2, "\x01\x20\x02\x00xy", 6);
}
END_TEST

START_TEST(an_end_within_a_packet_delivers_what_was_whole_and_is_final)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	from_far("\x04\xff\x01\x42\x04\xff\x01", 7);
	hang_up();
	ck_assert_int_eq(receive(), 0);
	heard_last(1, 4, "\xff\x01\x42", 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(receive(), -EPIPE);
		ck_assert_int_eq(t->ops->send(t, &p), -EPIPE);
		ck_assert_int_eq(t->ops->flush(t), -EPIPE);
	}
	ck_assert_uint_eq(heard.packets, 1);
}
END_TEST

START_TEST(a_write_to_nobody_is_an_error_and_no_signal)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);

	hang_up();
	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), -EPIPE);
	ck_assert_int_eq(t->ops->send(t, &p), -EPIPE);
	ck_assert_int_eq(receive(), -EPIPE);
}
END_TEST

START_TEST(lost_framing_is_the_end_after_the_packets_before_it)
{
	from_far("\x04\xff\x01\x42\x04\xff\x00\x01\x04\xff\x00", 11);
	ck_assert_int_eq(receive(), -EILSEQ);
	ck_assert_uint_eq(heard.packets, 2);
	ck_assert_int_eq(receive(), -EILSEQ);
	ck_assert_int_eq(t->ops->flush(t), -EILSEQ);
	ck_assert_uint_eq(heard.packets, 2);
	ck_assert_uint_eq(heard.resyncs, 0);
}
END_TEST

/* Fills the socket with packets of `len` octets of data. Returns how many. */
static unsigned fill(size_t len)
{
	static uint8_t acl[4 + 65535];
	struct rt_packet p = packet_of(RT_PACKET_ACL, acl, 4 + len);
	unsigned n = 0;
	int err;

	acl[2] = (uint8_t)len;
	acl[3] = (uint8_t)(len >> 8);
	for (;;) {
		memset(acl + 4, (int)n, len);
		err = t->ops->send(t, &p);
		if (err < 0)
			break;
		n++;
	}
	ck_assert_int_eq(err, -EAGAIN);
	return n;
}

START_TEST(a_full_socket_takes_whole_packets_or_none)
{
	const size_t lens[] = { 0, 1, 27, 1021, 20000, 65535 };
	const int tiny = 1;
	static uint8_t packet[5 + 65535];

	for (size_t i = 0; i < RT_ARRAY_SIZE(lens); i++) {
		size_t len = lens[i];
		unsigned n;

		setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny));
		n = fill(len);
		ck_assert_uint_gt(n, 0);
		for (unsigned k = 0; k < n; k++) {
			size_t have = 0;

			while (have < 5 + len) {
				ssize_t r = recv(far, packet + have,
						 5 + len - have, MSG_DONTWAIT);
				int err = t->ops->flush(t);

				ck_assert(err == 0 || err == -EAGAIN);
				if (r > 0)
					have += (size_t)r;
			}
			ck_assert_uint_eq(packet[0], 2);
			for (size_t x = 5; x < 5 + len; x++)
				ck_assert_uint_eq(packet[x], (uint8_t)k);
		}
		ck_assert_int_eq(t->ops->flush(t), 0);
		ck_assert_int_eq(recv(far, packet, 1, MSG_DONTWAIT), -1);
	}
}
END_TEST

START_TEST(nothing_is_sent_before_the_rest_of_the_last_packet)
{
	const int tiny = 1;
	uint8_t acl[4 + 3000] = { 0x01, 0x20, 0xb8, 0x0b };
	struct rt_packet big = packet_of(RT_PACKET_ACL, acl, sizeof(acl));
	struct rt_packet reset =
		packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);
	static uint8_t all[65536];
	size_t have = 0;
	unsigned n = 0;

	setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny));
	while (t->ops->send(t, &big) == 0)
		n++;
	ck_assert_int_eq(t->ops->send(t, &reset), -EAGAIN);
	while (have < n * 3005U) {
		ssize_t r =
			recv(far, all + have, sizeof(all) - have, MSG_DONTWAIT);

		if (r > 0)
			have += (size_t)r;
		ck_assert_int_ne(t->ops->flush(t), -EPIPE);
	}
	ck_assert_uint_eq(have, n * 3005U);
	ck_assert_int_eq(t->ops->send(t, &reset), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	at_far("\x01\x03\x0c\x00", 4);
}
END_TEST

START_TEST(only_a_read_that_filled_the_buffer_says_that_there_may_be_more)
{
	/* Events without parameters, three octets each. */
	static uint8_t events[3 * 65536];
	unsigned full = 0;
	int queued, r;

	for (size_t i = 0; i < sizeof(events); i += 3) {
		events[i] = 0x04;
		events[i + 1] = 0xff;
	}
	ck_assert_int_eq(send(far, events, sizeof(events), MSG_DONTWAIT),
			 (ssize_t)sizeof(events));
	do {
		ck_assert_int_eq(ioctl(t->fd, FIONREAD, &queued), 0);
		r = receive();
		ck_assert_int_eq(r, queued >= 2 * RT_H4_PACKET_BYTES);
		full += (unsigned)r;
	} while (queued > 0);
	ck_assert_uint_eq(full, 1);
	ck_assert_uint_eq(heard.packets, 65536);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_transport_has_no_limits_of_its_own,
		a_packet_in_slices_is_sent_as_one,
		packets_of_a_turn_leave_together,
		no_more_is_kept_back_than_a_batch,
		what_comes_is_delivered_packet_by_packet,
		an_end_within_a_packet_delivers_what_was_whole_and_is_final,
		a_write_to_nobody_is_an_error_and_no_signal,
		lost_framing_is_the_end_after_the_packets_before_it,
		a_full_socket_takes_whole_packets_or_none,
		nothing_is_sent_before_the_rest_of_the_last_packet,
		only_a_read_that_filled_the_buffer_says_that_there_may_be_more,
	};

	return suite_run("hci_os/stream", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
