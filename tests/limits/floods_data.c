/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <string.h>

#include "stack/wr.h"

/* Fragments, datagrams, frames of ERTM. */

#define PSM 0x1001
#define FEATURES 0xa8 /* ERTM, FCS, fixed channels */

static void join(struct flood *flood)
{
	flood->peer = crowd_join(flood->crowd);
	memset(flood->frame, 0, sizeof(flood->frame));
}

static void to_nobody(struct flood *flood, unsigned int n)
{
	flood->frame_bytes = 1013;
	flood->packet_bytes = 8 + flood->frame_bytes;
	crowd_put(flood->peer, (uint16_t)(0x40 + n),
		  rt_bytes(flood->frame, flood->frame_bytes));
}

static void connectionless(struct flood *flood, unsigned int n)
{
	(void)n;
	flood->frame_bytes = 1013;
	flood->packet_bytes = 8 + flood->frame_bytes;
	crowd_put(flood->peer, 0x0002,
		  rt_bytes(flood->frame, flood->frame_bytes));
}

/* The first octets of a PDU that goes on for 64 KiB. */
static void starts(struct flood *flood, unsigned int n)
{
	(void)n;
	flood->frame[0] = 0xff;
	flood->frame[1] = 0xff;
	flood->frame[2] = 0x01;
	flood->packet_bytes = 4 + 5;
	crowd_acl(flood->peer, 2, rt_bytes(flood->frame, 5));
}

static void continuations(struct flood *flood, unsigned int n)
{
	(void)n;
	flood->packet_bytes = 4 + 1;
	crowd_acl(flood->peer, 1, rt_bytes(flood->frame, 1));
}

static void empty(struct flood *flood, unsigned int n)
{
	(void)n;
	flood->packet_bytes = 4;
	crowd_acl(flood->peer, 2, rt_bytes(flood->frame, 0));
}

static void listen_in(struct flood *flood, enum rt_l2cap_socket_mode mode)
{
	struct rt_server *server = rt_server_new(crowd_host(flood->crowd),
						 RT_PROTOCOL_L2CAP, NULL, NULL);

	flood->server = server;
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MODE, mode), 0);
	ck_assert_int_eq(
		rt_server_set_option(server, RT_OPTION_FCS, RT_FCS_NONE), 0);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
}

static void basic(struct flood *flood)
{
	listen_in(flood, RT_SOCKET_MODE_BASIC);
	join(flood);
	flood->chan = crowd_open(flood->peer, PSM, 0);
	flood->frame_bytes = 672;
}

static void basic_empty(struct flood *flood)
{
	basic(flood);
	flood->frame_bytes = 0;
}

static void ertm(struct flood *flood)
{
	listen_in(flood, RT_SOCKET_MODE_ERTM);
	join(flood);
	flood->peer->features = FEATURES;
	flood->chan = crowd_ask(flood->peer, PSM);
	crowd_configure(flood->chan, "0409 03 3f 03 0000 0000 f203 0501 00");
	ck_assert(flood->chan->asked && flood->chan->agreed);
}

static void frame(struct flood *flood, unsigned int control, size_t payload)
{
	flood->frame[0] = (uint8_t)control;
	flood->frame[1] = (uint8_t)(control >> 8);
	flood->frame_bytes = 2 + payload;
	flood_data(flood, 0);
}

static void polls(struct flood *flood, unsigned int n)
{
	(void)n;
	frame(flood, 0x0011, 0);
}

static void rejects(struct flood *flood, unsigned int n)
{
	(void)n;
	frame(flood, 0x0005, 0);
}

static void selective(struct flood *flood, unsigned int n)
{
	(void)n;
	frame(flood, 0x000d, 0);
}

/* The same I-frame, over and over: the first is good. */
static void repeated(struct flood *flood, unsigned int n)
{
	(void)n;
	frame(flood, 0x0000, 500);
}

/* Every second one is missing. */
static void gaps(struct flood *flood, unsigned int n)
{
	frame(flood, (2 * n + 1) % 62 << 1, 500);
}

static void in_order(struct flood *flood, unsigned int n)
{
	frame(flood, n % 64 << 1, 500);
}

const struct flood_kind flood_kinds_data[] = {
	FLOOD("data for no channel", join, to_nobody),
	FLOOD("connectionless data", join, connectionless),
	FLOOD("first fragments alone", join, starts),
	FLOOD("continuing fragments alone", join, continuations),
	FLOOD("fragments of nothing", join, empty),
	FLOOD("datagrams that nobody reads", basic, flood_data),
	FLOOD("empty datagrams, likewise", basic_empty, flood_data),
	FLOOD("ERTM: polls", ertm, polls),
	FLOOD("ERTM: rejects of nothing", ertm, rejects),
	FLOOD("ERTM: selective rejects of nothing", ertm, selective),
	FLOOD("ERTM: one frame again and again", ertm, repeated),
	FLOOD("ERTM: every second frame", ertm, gaps),
	FLOOD("ERTM: frames that nobody reads", ertm, in_order),
	{ .name = NULL },
};
