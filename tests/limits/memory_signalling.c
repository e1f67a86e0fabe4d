/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <string.h>

#include "stack/wr.h"

/* Doors of L2CAP signalling. */

#define PSM 0x1001
#define FRAME_BYTES 672

/* As many of a command as fit into a C-frame. */
static struct rt_bytes repeat(uint8_t *frame, const char *command)
{
	uint8_t one[64];
	const size_t len = hex_read(command, one, sizeof(one));
	struct rt_wr w = rt_wr_init(frame, FRAME_BYTES);

	while (rt_wr_room(&w) >= len)
		rt_wr_put(&w, rt_bytes(one, len));
	return rt_wr_bytes(&w);
}

/* Floods with what has to be answered, and takes no answer. */
static void flood(struct crowd *crowd, const char *command)
{
	struct crowd_peer *peer = crowd_join(crowd);
	uint8_t frame[FRAME_BYTES];
	const struct rt_bytes frames = repeat(frame, command);

	peer->slow = true;
	for (int i = 0; i < 50; i++)
		crowd_send(peer, 0x0001, frames);
}

static size_t flood_bytes(void)
{
	/* What the controller holds of answers is still ours, too. */
	return limits_link_bytes() + 2 * limits_replies_bytes() +
	       limits_packet_bytes(48);
}

static void echo_on(struct crowd *crowd)
{
	flood(crowd, "08 01 0000");
}

static void inform_on(struct crowd *crowd)
{
	flood(crowd, "0a 01 0200 0200");
}

static void misuse_codes(struct crowd *crowd)
{
	flood(crowd, "ee 01 0000");
}

/* Requests for channels, which are left as they are. */
static void open_halves(struct crowd *crowd, unsigned int max_pending)
{
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, PSM, max_pending);
	struct crowd_peer *peer;

	crowd_idle(crowd);
	peer = crowd_join(crowd);
	for (int i = 0; i < 16; i++)
		crowd_ask(peer, PSM);
	for (int i = 0; i < 8; i++)
		crowd_ask(peer, 0x0001);
	crowd_ask(peer, 0x0003);
	rt_server_free(server);
}

static void open_some_halves(struct crowd *crowd)
{
	open_halves(crowd, 1);
}

static void open_many_halves(struct crowd *crowd)
{
	open_halves(crowd, rt_limits_default.backlog);
}

static size_t halves_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       rt_limits_default.channels_half_open *
		       limits_pending_bytes(false);
}

/* A configuration in parts, of which each is as long as it can be. */
static void configure_on(struct crowd *crowd)
{
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, PSM, 1);
	uint8_t frame[FRAME_BYTES];
	struct rt_wr w = rt_wr_init(frame, sizeof(frame));
	struct crowd_peer *peer;
	struct crowd_chan *chan;

	crowd_idle(crowd);
	peer = crowd_join(crowd);
	chan = crowd_ask(peer, PSM);
	rt_wr_u8(&w, 0x04);
	rt_wr_u8(&w, 0x77);
	rt_wr_le16(&w, FRAME_BYTES - 4);
	rt_wr_le16(&w, chan->dcid);
	rt_wr_le16(&w, 1);
	while (rt_wr_room(&w) >= 2)
		rt_wr_le16(&w, 0x0077);
	for (int i = 0; i < 50; i++)
		crowd_send(peer, 0x0001, rt_wr_bytes(&w));
	rt_server_free(server);
}

static size_t configure_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       limits_pending_bytes(false);
}

const struct limits_door limits_doors_signalling[] = {
	{ "echo requests, 168 a frame, answers untaken", flood_bytes, echo_on,
	  false },
	{ "information requests, likewise", flood_bytes, inform_on, false },
	{ "unknown commands, likewise", flood_bytes, misuse_codes, false },
	{ "channels left half open", halves_bytes, open_some_halves, false },
	{ "the same, with a backlog of 16", halves_bytes, open_many_halves,
	  false },
	{ "a configuration in parts without end", configure_bytes, configure_on,
	  false },
	{ NULL, NULL, NULL, false },
};
