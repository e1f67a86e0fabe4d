/* SPDX-License-Identifier: MIT */
#include "stack/os/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/os/fd.h"
#include "stack/wr.h"

/* Room for the longest record. */
#define BUFFER_BYTES (RT_BTSNOOP_RECORD_BYTES + RT_BTSNOOP_RECORD_MAX)

struct rt_capture {
	int fd;
	enum rt_btsnoop_datalink datalink;
	bool named;  /* the records that open a monitor capture are written */
	bool ended;  /* by an error; nothing is written any more */
	int error;   /* to be reported; 0: none, or reported */
	off_t bytes; /* of the file: whole records */
	uint64_t last_us;  /* time of the last record */
	uint64_t shift_us; /* by which the clock has been set back */
	struct rt_wr buffer;
	uint8_t memory[BUFFER_BYTES];
};

static void end(struct rt_capture *capture, int err)
{
	capture->ended = true;
	capture->error = err;
	/* Takes back half a record; a device has no length to set. */
	if (ftruncate(capture->fd, capture->bytes) < 0)
		return;
}

static void empty_buffer(struct rt_capture *capture)
{
	capture->buffer = rt_wr_init(capture->memory, sizeof(capture->memory));
}

static void write_buffer(struct rt_capture *capture)
{
	const struct rt_bytes view = rt_wr_bytes(&capture->buffer);
	int err;

	if (capture->ended || view.len == 0)
		return;
	err = rt_fd_write_all(capture->fd, view);
	if (err < 0)
		end(capture, err);
	else
		capture->bytes += (off_t)view.len;
	empty_buffer(capture);
}

static int take_error(struct rt_capture *capture)
{
	const int err = capture->error;

	capture->error = 0;
	return err;
}

/* The time of a record, which is not before that of the last one. */
static uint64_t stamp(struct rt_capture *capture, uint64_t time_us)
{
	if (time_us + capture->shift_us < capture->last_us)
		capture->shift_us = capture->last_us - time_us;
	capture->last_us = time_us + capture->shift_us;
	return capture->last_us;
}

/* Buffers a record whose data are the slices of `packet`. */
static void add_record(struct rt_capture *capture, uint64_t time_us,
		       enum rt_btsnoop_opcode opcode,
		       const struct rt_packet *packet)
{
	const struct rt_btsnoop_record record = {
		.time_us = stamp(capture, time_us),
		.opcode = (uint16_t)opcode,
		.original_bytes = (uint32_t)packet->len,
		.data = rt_bytes(NULL, packet->len),
	};
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	size_t header_bytes;

	if (capture->ended)
		return;
	header_bytes =
		rt_btsnoop_record_header(capture->datalink, &record, header);
	if (header_bytes == 0)
		return;
	if (header_bytes + packet->len > rt_wr_room(&capture->buffer))
		write_buffer(capture);
	rt_wr_put(&capture->buffer, rt_bytes(header, header_bytes));
	for (size_t i = 0; i < packet->count; i++)
		rt_wr_put(&capture->buffer, packet->slice[i]);
}

/* Buffers a record that is not a packet. */
static void add_note(struct rt_capture *capture, uint64_t time_us,
		     enum rt_btsnoop_opcode opcode, struct rt_bytes body)
{
	const struct rt_packet packet = {
		.count = 1,
		.len = body.len,
		.slice = { body },
	};

	add_record(capture, time_us, opcode, &packet);
}

/* Buffers the records with which a monitor capture begins, once. */
static void add_opening(struct rt_capture *capture, uint64_t time_us,
			struct rt_addr addr, const char *name)
{
	uint8_t body[16];

	if (capture->named || capture->datalink != RT_BTSNOOP_MONITOR)
		return;
	capture->named = true;
	rt_btsnoop_new_index(addr, name, body);
	add_note(capture, time_us, RT_BTSNOOP_NEW_INDEX,
		 rt_bytes(body, sizeof(body)));
	add_note(capture, time_us, RT_BTSNOOP_OPEN_INDEX, rt_bytes(NULL, 0));
}

/* Empties a file; a device, such as /dev/null, has nothing to be emptied of. */
static int empty_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return ftruncate(fd, 0) < 0 ? -errno : 0;
}

static int open_file(const char *path, int *ret_fd)
{
	int err;
	int fd;

	/* O_NONBLOCK: a pipe that nobody reads is to fail, not to wait. */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		  0600);
	if (fd < 0)
		return errno == ENXIO ? -EINVAL : -errno;
	err = empty_file(fd);
	if (err < 0) {
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

int rt_capture_open(const char *path, enum rt_btsnoop_datalink datalink,
		    struct rt_capture **ret_capture)
{
	struct rt_capture *capture = calloc(1, sizeof(*capture));
	uint8_t header[RT_BTSNOOP_HEADER_BYTES];
	int err;

	if (!capture)
		return -ENOMEM;
	err = open_file(path, &capture->fd);
	if (err < 0) {
		free(capture);
		return err;
	}
	capture->datalink = datalink;
	empty_buffer(capture);
	rt_btsnoop_header(datalink, header);
	rt_wr_put(&capture->buffer, rt_bytes(header, sizeof(header)));
	/* At once: a file that cannot be written is told from the start. */
	err = rt_capture_flush(capture);
	if (err < 0) {
		close(capture->fd);
		free(capture);
		return err;
	}
	*ret_capture = capture;
	return 0;
}

void rt_capture_packet(struct rt_capture *capture, uint64_t time_us,
		       bool from_controller, const struct rt_packet *packet)
{
	const struct rt_addr unknown = { { 0 } };

	add_opening(capture, time_us, unknown, "hci0");
	add_record(capture, time_us,
		   rt_btsnoop_opcode((enum rt_packet_type)packet->type,
				     from_controller),
		   packet);
}

void rt_capture_adapter(struct rt_capture *capture, uint64_t time_us,
			struct rt_addr addr, uint16_t manufacturer,
			const char *name)
{
	uint8_t body[8];

	if (capture->datalink != RT_BTSNOOP_MONITOR)
		return;
	add_opening(capture, time_us, addr, name);
	rt_btsnoop_index_info(addr, manufacturer, body);
	add_note(capture, time_us, RT_BTSNOOP_INDEX_INFO,
		 rt_bytes(body, sizeof(body)));
}

int rt_capture_flush(struct rt_capture *capture)
{
	write_buffer(capture);
	return take_error(capture);
}

int rt_capture_close(struct rt_capture *capture)
{
	int err = rt_capture_flush(capture);

	if (close(capture->fd) < 0 && err == 0 && !capture->ended)
		err = -errno;
	free(capture);
	return err;
}
