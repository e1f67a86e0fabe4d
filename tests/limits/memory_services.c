/* SPDX-License-Identifier: MIT */
#include "tests/limits/memory.h"

#include <string.h>

#include "l2cap/sdp/server.h"
#include "rfcomm/dlc.h"
#include "rfcomm/session.h"
#include "stack/wr.h"
#include "tests/limits/crowd_rfcomm.h"

/* Doors of RFCOMM and SDP. */

#define CHANNEL 1
#define CONTROLLER_PACKETS 8
#define MTU 2000 /* of the crowd's sessions */

/* What the controller has, which is ours until it is sent; and one more. */
static size_t in_controller(size_t payload)
{
	return (CONTROLLER_PACKETS + 1) * limits_packet_bytes(payload);
}

static size_t session_bytes(void)
{
	return limits_link_bytes() + limits_replies_bytes() +
	       limits_chan_bytes() + sizeof(struct rt_rfcomm_session);
}

static size_t dlc_bytes(void)
{
	return session_bytes() + sizeof(struct rt_rfcomm_dlc) +
	       limits_pending_bytes(true) + in_controller(64);
}

static void fill_dlc(struct crowd *crowd)
{
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_RFCOMM, CHANNEL, 1);
	struct crowd_chan *session;

	crowd_idle(crowd);
	session = crowd_session(crowd_join(crowd));
	crowd_dlc_fill(session, CHANNEL);
	ck_assert(!session->over);
	ck_assert_uint_gt(crowd->peak_bytes, 65536);
	rt_server_free(server);
}

/* TEST as long as can be, and no answer is taken. */
static void test_on(struct crowd *crowd)
{
	static uint8_t octets[1000];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	struct rt_server *server =
		crowd_serve(crowd, RT_PROTOCOL_RFCOMM, CHANNEL, 1);
	struct crowd_chan *session;

	crowd_idle(crowd);
	session = crowd_session(crowd_join(crowd));
	rt_wr_u8(&w, 0x23);
	rt_wr_u8(&w, (uint8_t)((sizeof(octets) - 3) << 1));
	rt_wr_u8(&w, (sizeof(octets) - 3) >> 7);
	session->peer->slow = true;
	for (int i = 0; i < 100; i++)
		crowd_frame(session, RT_RFCOMM_UIH, 0, 0,
			    rt_bytes(octets, sizeof(octets)));
	rt_server_free(server);
}

static size_t test_bytes(void)
{
	return session_bytes() + in_controller(1010) +
	       rt_limits_default.mcc_replies * limits_packet_bytes(1010);
}

/* Every DLC there could be comes and goes, and no answer is taken. */
static void come_and_go(struct crowd *crowd)
{
	struct rt_server *server[RT_RFCOMM_CHANNEL_MAX];
	struct crowd_chan *session;

	for (uint8_t i = 0; i < RT_RFCOMM_CHANNEL_MAX; i++)
		server[i] = crowd_serve(crowd, RT_PROTOCOL_RFCOMM,
					(uint16_t)(i + 1), 1);
	crowd_idle(crowd);
	session = crowd_session(crowd_join(crowd));
	session->peer->slow = true;
	for (int n = 0; n < 20; n++) {
		for (uint8_t i = 1; i <= RT_RFCOMM_CHANNEL_MAX; i++) {
			const uint8_t dlci = (uint8_t)(2 * i);

			crowd_frame(session, RT_RFCOMM_SABM, dlci, 0,
				    rt_bytes(NULL, 0));
			crowd_frame(session, RT_RFCOMM_DISC, dlci, 0,
				    rt_bytes(NULL, 0));
		}
	}
	for (uint8_t i = 0; i < RT_RFCOMM_CHANNEL_MAX; i++)
		rt_server_free(server[i]);
}

/* Thirty DLCs of which none has opened, and frames of each class (tx.c). */
static size_t come_and_go_bytes(void)
{
	const size_t dlcs = rt_limits_default.dlcs_session;
	const size_t frames =
		9 * dlcs + 8 + 2 * dlcs + 1 + rt_limits_default.mcc_replies;

	return session_bytes() + in_controller(16) +
	       frames * limits_packet_bytes(16) +
	       dlcs * (sizeof(struct rt_rfcomm_dlc) +
		       limits_pending_bytes(false));
}

/* Four channels, on each of which a request is answered in vain. */
static void ask_on(struct crowd *crowd, uint16_t mtu)
{
	struct crowd_peer *peer = crowd_join(crowd);
	struct crowd_chan *chan[4];

	for (size_t i = 0; i < RT_ARRAY_SIZE(chan); i++)
		chan[i] = crowd_open(peer, 0x0001, mtu);
	peer->slow = true;
	/* What fills the controller, so that the rest waits. */
	for (int i = 0; i < 2 * CONTROLLER_PACKETS; i++)
		crowd_say(peer, 0x0001, "08 01 0000");
	for (int i = 0; i < 3; i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(chan); k++)
			crowd_say(peer, chan[k]->dcid,
				  "06 0001 000f 3503 191002 ffff "
				  "3505 0a0000ffff 00");
	}
}

static size_t sdp_bytes(size_t answer)
{
	return limits_link_bytes() + 2 * limits_replies_bytes() +
	       rt_limits_default.sdp_connections *
		       (limits_chan_bytes() + sizeof(struct rt_sdp_conn) +
			limits_packet_bytes(answer));
}

/* A record with so much text. NULL: there is no room for it. */
static struct rt_service *publish(struct crowd *crowd, size_t text_bytes)
{
	static const struct rt_uuid uuid = { { 0xaa, 0xbb, 1 } };
	static uint8_t text[4096];
	struct rt_service *service = rt_service_new(crowd_host(crowd));

	ck_assert_ptr_nonnull(service);
	text[0] = 0x26;
	text[1] = (uint8_t)(text_bytes >> 8);
	text[2] = (uint8_t)text_bytes;
	ck_assert_int_eq(rt_service_set_classes(service, &uuid, 1), 0);
	ck_assert_int_eq(rt_service_set_attribute(service, 0x300, text,
						  3 + text_bytes),
			 0);
	if (rt_service_register(service) == 0)
		return service;
	rt_service_free(service);
	return NULL;
}

/* A few services, as most programs have. */
static void ask_for_little(struct crowd *crowd)
{
	struct rt_service *service[4];

	for (size_t i = 0; i < RT_ARRAY_SIZE(service); i++) {
		service[i] = publish(crowd, 200);
		ck_assert_ptr_nonnull(service[i]);
	}
	crowd_idle(crowd);
	ask_on(crowd, 0);
	for (size_t i = 0; i < RT_ARRAY_SIZE(service); i++)
		rt_service_free(service[i]);
}

static size_t little_bytes(void)
{
	return sdp_bytes(672);
}

/* As much as we may publish, asked for at once with the largest MTU. */
static void ask_for_all(struct crowd *crowd)
{
	struct rt_service *service[32];
	size_t count = 0;

	while (count < RT_ARRAY_SIZE(service) &&
	       (service[count] = publish(crowd, 3900)))
		count++;
	ck_assert_uint_gt(count, 10);
	ck_assert_uint_lt(count, RT_ARRAY_SIZE(service));
	crowd_idle(crowd);
	ask_on(crowd, 65535);
	for (size_t i = 0; i < count; i++)
		rt_service_free(service[i]);
}

static size_t all_bytes(void)
{
	return sdp_bytes(rt_limits_default.sdp_bytes);
}

const struct limits_door limits_doors_services[] = {
	{ "RFCOMM: a stream that nobody reads", dlc_bytes, fill_dlc, false },
	{ "RFCOMM: tests of 1000 octets, answers untaken", test_bytes, test_on,
	  false },
	{ "RFCOMM: 30 channels come and go, likewise", come_and_go_bytes,
	  come_and_go, false },
	{ "SDP: 4 requests, answers untaken", little_bytes, ask_for_little,
	  false },
	{ "SDP: the same, 56 KiB published", all_bytes, ask_for_all, true },
	{ NULL, NULL, NULL, false },
};
