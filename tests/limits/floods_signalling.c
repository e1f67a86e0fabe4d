/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include "stack/wr.h"

/* C-frames, each as full as it may be. */

#define PSM 0x1001
#define MTUSIG 672

static void join(struct flood *flood, const char *command)
{
	flood->peer = crowd_join(flood->crowd);
	flood_fill(flood, MTUSIG, command);
}

static void echoes(struct flood *flood)
{
	join(flood, "08 01 0000");
}

static void unknown(struct flood *flood)
{
	join(flood, "ee 01 0000");
}

static void truncated(struct flood *flood)
{
	join(flood, "06 01 0200 4000");
}

static void information(struct flood *flood)
{
	join(flood, "0a 01 0200 0200");
}

static void nowhere(struct flood *flood)
{
	join(flood, "02 01 0400 0920 4000");
}

static void unsolicited(struct flood *flood)
{
	join(flood, "03 01 0800 4000 4000 0000 0000");
}

static void disconnections(struct flood *flood)
{
	join(flood, "06 01 0400 4000 4000");
}

static void configurations(struct flood *flood)
{
	join(flood, "04 01 0400 4000 0000");
}

static void credit_based(struct flood *flood)
{
	join(flood, "17 01 1200 0110 a002 a002 0100 "
		    "4000 4100 4200 4300 4400");
}

static void too_long(struct flood *flood)
{
	flood->peer = crowd_join(flood->crowd);
	flood_fill(flood, 1012, "08 01 0000");
}

static void serve(struct flood *flood)
{
	flood->server = crowd_serve(flood->crowd, RT_PROTOCOL_L2CAP, PSM, 16);
	flood->peer = crowd_join(flood->crowd);
}

/* Another channel id each time: all are new. */
static void connect(struct flood *flood, unsigned int n)
{
	struct rt_wr w = rt_wr_init(flood->frame, MTUSIG);

	for (unsigned int i = 0; i < MTUSIG / 8; i++) {
		rt_wr_u8(&w, 0x02);
		rt_wr_u8(&w, (uint8_t)(1 + i));
		rt_wr_le16(&w, 4);
		rt_wr_le16(&w, PSM);
		rt_wr_le16(&w, (uint16_t)(0x1000 + 100 * n + i));
	}
	flood->frame_bytes = rt_wr_bytes(&w).len;
	flood_signal(flood, n);
}

static void half_open(struct flood *flood)
{
	serve(flood);
	flood->chan = crowd_ask(flood->peer, PSM);
}

/* Options that nobody knows, of two octets each. */
static void options(struct flood *flood, unsigned int n)
{
	struct rt_wr w = rt_wr_init(flood->frame, MTUSIG);

	rt_wr_u8(&w, 0x04);
	rt_wr_u8(&w, (uint8_t)(1 + n % 255));
	rt_wr_le16(&w, MTUSIG - 4);
	rt_wr_le16(&w, flood->chan->dcid);
	rt_wr_le16(&w, 0);
	while (rt_wr_room(&w) >= 2)
		rt_wr_le16(&w, 0x0070);
	flood->frame_bytes = rt_wr_bytes(&w).len;
	flood_signal(flood, n);
}

/* An MTU that can't be, over and over. */
static void negotiations(struct flood *flood, unsigned int n)
{
	struct rt_wr w = rt_wr_init(flood->frame, MTUSIG);

	for (unsigned int i = 0; i < MTUSIG / 12; i++) {
		rt_wr_u8(&w, 0x04);
		rt_wr_u8(&w, (uint8_t)(1 + i));
		rt_wr_le16(&w, 8);
		rt_wr_le16(&w, flood->chan->dcid);
		rt_wr_le16(&w, 0);
		rt_wr_le16(&w, 0x0201);
		rt_wr_le16(&w, 47);
	}
	flood->frame_bytes = rt_wr_bytes(&w).len;
	flood_signal(flood, n);
}

static void rejects(struct flood *flood)
{
	join(flood, "01 01 0200 0000");
}

const struct flood_kind flood_kinds_signalling[] = {
	FLOOD("168 echo requests", echoes, flood_signal),
	FLOOD("168 unknown commands", unknown, flood_signal),
	FLOOD("112 information requests", information, flood_signal),
	FLOOD("112 truncated disconnection requests", truncated, flood_signal),
	FLOOD("84 disconnection requests for nothing", disconnections,
	      flood_signal),
	FLOOD("84 configuration requests for nothing", configurations,
	      flood_signal),
	FLOOD("84 connection requests for nobody", nowhere, flood_signal),
	/* We configure each of eight, and ask for features and channels. */
	FLOOD_BUT("84 connection requests for a server", serve, connect,
		  .requests = 10),
	FLOOD("30 credit based connection requests", credit_based,
	      flood_signal),
	FLOOD_BUT("a configuration of 330 unknown options", half_open, options,
		  .requests = 2),
	FLOOD_BUT("56 configurations that can't be", half_open, negotiations,
		  .requests = 2),
	FLOOD("56 connection responses to nothing", unsolicited, flood_signal),
	FLOOD("112 command rejects of nothing", rejects, flood_signal),
	FLOOD("a frame of 1012 octets", too_long, flood_signal),
	{ .name = NULL },
};
