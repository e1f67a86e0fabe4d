/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <string.h>

#include "l2cap/ertm_queue.h"
#include "stack/wr.h"

/* Doors of L2CAP channels: data that nobody reads, or that never end. */

#define PSM 0x1001
#define MTU 672
#define WINDOW 63
#define FEATURES 0xa8 /* ERTM, FCS, fixed channels */
#define QUEUE 65536   /* RT_OPTION_READ_QUEUE_BYTES */

#define UNSEGMENTED 0
#define START 1
#define CONTINUATION 3

static uint8_t octets[MTU];

static struct rt_server *serve(struct crowd *crowd,
			       enum rt_l2cap_socket_mode mode)
{
	struct rt_server *server =
		rt_server_new(crowd_host(crowd), RT_PROTOCOL_L2CAP, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MODE, mode), 0);
	if (mode != RT_SOCKET_MODE_BASIC)
		ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_FCS,
						      RT_FCS_NONE),
				 0);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
	crowd_idle(crowd);
	return server;
}

/* SDUs go on whether or not anybody reads. */
static void send_on(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_BASIC);
	struct crowd_chan *chan = crowd_open(crowd_join(crowd), PSM, 0);

	for (int i = 0; i < 200; i++)
		crowd_send(chan->peer, chan->dcid, rt_bytes(octets, MTU));
	rt_server_free(server);
}

static size_t channel_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       limits_pending_bytes(true);
}

/* SDUs of no octets have a mark each in the queue, and fill it too. */
static void send_nothing_on(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_BASIC);
	struct crowd_chan *chan = crowd_open(crowd_join(crowd), PSM, 0);

	for (int i = 0; i < 20000; i++)
		crowd_put(chan->peer, chan->dcid, rt_bytes(octets, 0));
	world_settle(crowd->w);
	rt_server_free(server);
}

/* The host is content with the channel, and the peer has not said so yet. */
static void send_early(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_BASIC);
	struct crowd_chan *chan = crowd_ask(crowd_join(crowd), PSM);

	ck_assert(chan->agreed && !chan->asked);
	for (size_t i = 0; i < 50; i++)
		crowd_send(chan->peer, chan->dcid, rt_bytes(octets, 100 + i));
	rt_server_free(server);
}

static size_t early_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       limits_pending_bytes(false) + MTU + 4 * limits_packet_bytes(0);
}

static struct crowd_chan *open_ertm(struct crowd *crowd)
{
	struct crowd_peer *peer = crowd_join(crowd);
	struct crowd_chan *chan;

	peer->features = FEATURES;
	chan = crowd_ask(peer, PSM);
	ck_assert_uint_eq(chan->result, 0);
	crowd_configure(chan, "0409 03 3f 03 0000 0000 f203 0501 00");
	ck_assert(chan->asked && chan->agreed);
	return chan;
}

static void send_i(struct crowd_chan *chan, unsigned int tx_seq,
		   unsigned int sar, size_t len)
{
	uint8_t buf[4 + MTU];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)((tx_seq & 63) << 1 | sar << 14));
	if (sar == START)
		rt_wr_le16(&w, MTU);
	rt_wr_put(&w, rt_bytes(octets, len));
	crowd_send(chan->peer, chan->dcid, rt_wr_bytes(&w));
}

/* Whole SDUs: first the queue of the reader fills, then the window. */
static void fill_window(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_ERTM);
	struct crowd_chan *chan = open_ertm(crowd);
	const unsigned int fit = QUEUE / (MTU + 4);

	for (unsigned int i = 0; i < fit + WINDOW; i++)
		send_i(chan, i, UNSEGMENTED, MTU);
	ck_assert(!chan->over);
	/* The queue, or we have not seen the worst. */
	ck_assert_uint_gt(crowd->peak_bytes, QUEUE + WINDOW * MTU);
	rt_server_free(server);
}

static size_t ertm_bytes(void)
{
	const size_t frame = sizeof(struct rt_l2cap_ertm_kept) + MTU;

	/* An SDU is put together beside what is kept. */
	return limits_link_bytes() + limits_replies_bytes() +
	       limits_pending_bytes(true) + sizeof(struct rt_l2cap_ertm) + MTU +
	       WINDOW * frame;
}

/* Every second frame is missing. */
static void leave_gaps(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_ERTM);
	struct crowd_chan *chan = open_ertm(crowd);

	for (unsigned int i = 1; i < WINDOW; i += 2)
		send_i(chan, i, UNSEGMENTED, MTU);
	ck_assert(!chan->over);
	rt_server_free(server);
}

/* The parts of an SDU that lacks its end. */
static void begin_sdu(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_ERTM);
	struct crowd_chan *chan = open_ertm(crowd);

	send_i(chan, 0, START, 1);
	for (unsigned int i = 1; i < MTU - 1; i++)
		send_i(chan, i, CONTINUATION, 1);
	ck_assert(!chan->over);
	rt_server_free(server);
}

/* Credits are used up with SDUs that nobody reads, and one begins. */
static void spend_credits(struct crowd *crowd)
{
	struct rt_server *server = serve(crowd, RT_SOCKET_MODE_CREDIT);
	struct crowd_peer *peer = crowd_join(crowd);
	const struct crowd_pdu *pdu;
	unsigned int credits;
	uint16_t dcid;

	crowd_say(peer, 0x0001, "17 01 0a00 0110 a002 a002 0100 0001");
	crowd_expect(peer, 0x0001, "18 01 0a00 a002 .... ....");
	pdu = crowd_heard(peer, 0);
	credits = pdu->data[8] + 256U * pdu->data[9];
	dcid = (uint16_t)(pdu->data[12] | pdu->data[13] << 8);
	octets[0] = (MTU - 2) & 0xff;
	octets[1] = (MTU - 2) >> 8;
	while (credits-- > 0 && crowd->disconnections == 0) {
		const size_t before = peer->heard;

		crowd_send(peer, dcid, rt_bytes(octets, MTU));
		if (peer->heard > before &&
		    crowd_heard(peer, 0)->data[0] == 0x16)
			credits += crowd_heard(peer, 0)->data[6] +
				   256U * crowd_heard(peer, 0)->data[7];
	}
	ck_assert_uint_eq(crowd->disconnections, 0);
	ck_assert_uint_gt(crowd->peak_bytes, QUEUE);
	memset(octets, 0, 2);
	rt_server_free(server);
}

static size_t credit_bytes(void)
{
	return channel_bytes() + MTU + 512;
}

const struct limits_door limits_doors_data[] = {
	{ "datagrams that nobody reads", channel_bytes, send_on, false },
	{ "empty datagrams that nobody reads", channel_bytes, send_nothing_on,
	  false },
	{ "data before the channel is open", early_bytes, send_early, false },
	{ "ERTM: queue and window full", ertm_bytes, fill_window, false },
	{ "ERTM: every second frame missing", ertm_bytes, leave_gaps, false },
	{ "ERTM: an SDU without an end", ertm_bytes, begin_sdu, false },
	{ "credit based: all credits used", credit_bytes, spend_credits,
	  false },
	{ NULL, NULL, NULL, false },
};
