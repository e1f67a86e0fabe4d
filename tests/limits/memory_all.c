/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <string.h>

#include "hci/gap.h"
#include "l2cap/sdp/server.h"
#include "rfcomm/dlc.h"
#include "rfcomm/session.h"
#include "tests/limits/crowd_rfcomm.h"

/* Several doors at once, many connections, and what is heard in inquiries. */

#define PSM 0x1001
#define CHANNEL 1
#define CONTROLLER_PACKETS 8

static uint8_t octets[CROWD_RFCOMM_N1];

/* One peer: a stream, SDP, half-open channels, answers untaken, a fragment. */
static void do_all(struct crowd *crowd)
{
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_RFCOMM, CHANNEL, 1);
	static const uint8_t start[1021] = { 0xff, 0xff, 0x01, 0x00 };
	struct crowd_chan *session;
	struct crowd_chan *sdp[4];
	struct crowd_peer *peer;

	crowd_idle(crowd);
	peer = crowd_join(crowd);
	session = crowd_session(peer);
	crowd_dlc_fill(session, CHANNEL);
	for (int i = 0; i < 4; i++)
		sdp[i] = crowd_open(peer, 0x0001, 0);
	for (int i = 0; i < 16; i++)
		crowd_ask(peer, 0x0001);
	peer->slow = true;
	for (int n = 0; n < 100; n++) {
		crowd_say(peer, 0x0001, "0a 01 0200 0200 ee 02 0000");
		for (int i = 0; i < 4; i++)
			crowd_say(peer, sdp[i]->dcid,
				  "06 0001 000f 3503 191000 ffff "
				  "3505 0a0000ffff 00");
		crowd_mcc(session, "23 11 0102030405060708");
		crowd_event(crowd, "31 06 010000 0000c0");
		crowd_event(crowd, "17 06 010000 0000c0");
	}
	crowd_acl(peer, 2, rt_bytes(start, sizeof(start)));
	ck_assert(!session->over);
	ck_assert_uint_gt(crowd->peak_bytes, 65536);
	rt_server_free(server);
}

static size_t all_bytes(void)
{
	const size_t packets = CONTROLLER_PACKETS + 1 + 8;

	return limits_link_bytes() + 2 * limits_replies_bytes() +
	       limits_chan_bytes() + sizeof(struct rt_rfcomm_session) +
	       sizeof(struct rt_rfcomm_dlc) + limits_pending_bytes(true) +
	       packets * limits_packet_bytes(64) +
	       4 * (limits_chan_bytes() + sizeof(struct rt_sdp_conn) +
		    limits_packet_bytes(672)) +
	       rt_limits_default.channels_half_open *
		       limits_pending_bytes(false) +
	       4 + rt_limits_default.sig_mtu + 1;
}

/* The application wants to hear of 16 connections, and takes none. */
static void fill_backlog(struct crowd *crowd)
{
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_L2CAP, PSM,
			    (unsigned int)rt_limits_default.backlog);
	struct crowd_peer *peer;

	crowd_idle(crowd);
	peer = crowd_join(crowd);
	for (int i = 0; i < 16; i++) {
		struct crowd_chan *chan = crowd_open(peer, PSM, 0);

		for (int n = 0; n < 120; n++)
			crowd_send(peer, chan->dcid, rt_bytes(octets, 672));
	}
	rt_server_free(server);
}

static size_t backlog_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       rt_limits_default.backlog * limits_pending_bytes(true);
}

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)device;
	(void)user_data;
}

/* Extended inquiry results of more devices than there are. */
static void pretend(struct crowd *crowd)
{
	const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
	};
	char hex[2 * 257 + 1] = "";
	struct rt_inquiry *inquiry;

	crowd_idle(crowd);
	ck_assert_int_eq(rt_inquiry_start(crowd_host(crowd), 10, false,
					  &callbacks, NULL, &inquiry),
			 0);
	world_settle(crowd->w);
	/* A name of 200 octets. */
	for (size_t i = 0; i < 240; i++)
		strcat(hex, i == 0    ? "c9"
			    : i == 1  ? "09"
			    : i < 202 ? "41"
				      : "00");
	for (unsigned int i = 0; i < 1000; i++)
		crowd_event(crowd,
			    "2f ff 01 %02x%02x020000c1 0100 0c025a 0000 c4 %s",
			    i & 0xff, i >> 8, hex);
	crowd->remembers = true;
	rt_inquiry_free(inquiry);
	crowd_run(crowd, RT_SECONDS(60));
}

static size_t pretend_bytes(void)
{
	/* In HCI, and for the application; a few pointers and marks beside. */
	return 2 * rt_limits_default.inquiry_results *
		       (sizeof(struct rt_gap_device) + 64) +
	       1024;
}

const struct limits_door limits_doors_all[] = {
	{ "all of this at once", all_bytes, do_all, false },
	{ "a backlog of 16, read queues full", backlog_bytes, fill_backlog,
	  true },
	{ "an inquiry that hears 1000 devices", pretend_bytes, pretend, true },
	{ NULL, NULL, NULL, false },
};
