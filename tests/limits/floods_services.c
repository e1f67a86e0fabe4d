/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stack/wr.h"
#include "tests/limits/crowd_rfcomm.h"

/* Frames of RFCOMM, requests to SDP. */

#define CHANNEL 1
#define DLCI 2
#define OTHER_DLCI 40
#define SDP_MTU 672

/* --- RFCOMM ------------------------------------------------------------- */

static void begin_session(struct flood *flood)
{
	flood->server =
		crowd_serve(flood->crowd, RT_PROTOCOL_RFCOMM, CHANNEL, 1);
	flood->peer = crowd_join(flood->crowd);
	flood->chan = crowd_session(flood->peer);
}

static void begin_dlc(struct flood *flood)
{
	begin_session(flood);
	ck_assert(crowd_dlc(flood->chan, CHANNEL, 7, NULL));
}

/* A frame of the peer, the session's initiator. */
static void frame(struct flood *flood, uint8_t type, uint8_t dlci,
		  struct rt_bytes info)
{
	const struct rt_rfcomm_head head = {
		.type = type,
		.dlci = dlci,
		.cr = rt_rfcomm_frame_cr(type, true),
		.pf = type != RT_RFCOMM_UIH,
		.len = (uint16_t)info.len,
	};
	struct rt_wr w = rt_wr_init(flood->frame, sizeof(flood->frame));

	rt_rfcomm_frame_write_head(&w, &head);
	rt_wr_put(&w, info);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(&head));
	flood->frame_bytes = rt_wr_bytes(&w).len;
	flood_data(flood, 0);
}

static void command(struct flood *flood, uint8_t type, uint8_t dlci)
{
	frame(flood, type, dlci, rt_bytes(NULL, 0));
}

static void mcc(struct flood *flood, const char *hex)
{
	uint8_t buf[64];
	const size_t len = hex_read(hex, buf, sizeof(buf));

	frame(flood, RT_RFCOMM_UIH, 0, rt_bytes(buf, len));
}

static void msc(struct flood *flood, unsigned int n)
{
	mcc(flood, n % 2 ? "e3 05 0b 8d" : "e3 05 0b 81");
}

static void test(struct flood *flood, unsigned int n)
{
	static uint8_t octets[1000] = { 0x23, (uint8_t)(997 << 1), 997 >> 7 };

	(void)n;
	frame(flood, RT_RFCOMM_UIH, 0, rt_bytes(octets, sizeof(octets)));
}

static void unsupported(struct flood *flood, unsigned int n)
{
	(void)n;
	mcc(flood, "43 01");
}

static void rpn(struct flood *flood, unsigned int n)
{
	mcc(flood, n % 2 ? "93 11 0b 03 03 00 11 13 7f 3f"
			 : "93 11 0b 07 03 00 11 13 7f 3f");
}

static void rls(struct flood *flood, unsigned int n)
{
	(void)n;
	mcc(flood, "53 05 0b 03");
}

static void pn(struct flood *flood, unsigned int n)
{
	(void)n;
	mcc(flood, "83 11 02 f0 07 00 f3 03 00 07");
}

static void pn_nowhere(struct flood *flood, unsigned int n)
{
	(void)n;
	mcc(flood, "83 11 28 f0 07 00 f3 03 00 07");
}

static void hold(struct flood *flood, unsigned int n)
{
	mcc(flood, n % 2 ? "a3 01" : "63 01");
}

static void sabm_nowhere(struct flood *flood, unsigned int n)
{
	(void)n;
	command(flood, RT_RFCOMM_SABM, OTHER_DLCI);
}

static void data_nowhere(struct flood *flood, unsigned int n)
{
	(void)n;
	command(flood, RT_RFCOMM_UIH, OTHER_DLCI);
}

static void come_and_go(struct flood *flood, unsigned int n)
{
	command(flood, n % 2 ? RT_RFCOMM_DISC : RT_RFCOMM_SABM, DLCI);
}

static void damaged(struct flood *flood, unsigned int n)
{
	(void)n;
	memcpy(flood->frame, "\x03\xef\x01\x00", 4);
	flood->frame_bytes = 4;
	flood_data(flood, 0);
}

/* Credits for us, with nothing else: up to any number. */
static void credits(struct flood *flood, unsigned int n)
{
	const struct rt_rfcomm_head head = {
		.type = RT_RFCOMM_UIH,
		.dlci = DLCI,
		.cr = true,
		.pf = true,
		.has_credits = true,
		.credits = 255,
	};
	struct rt_wr w = rt_wr_init(flood->frame, sizeof(flood->frame));

	(void)n;
	rt_rfcomm_frame_write_head(&w, &head);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(&head));
	flood->frame_bytes = rt_wr_bytes(&w).len;
	flood_data(flood, 0);
}

/* --- SDP ---------------------------------------------------------------- */

static void begin_sdp(struct flood *flood)
{
	flood->peer = crowd_join(flood->crowd);
	flood->chan = crowd_open(flood->peer, 0x0001, 0);
}

static struct rt_service *new_service(struct flood *flood)
{
	static const struct rt_uuid uuid = { { 0xaa, 0xbb, 1 } };
	struct rt_service *service = rt_service_new(crowd_host(flood->crowd));

	ck_assert_int_eq(rt_service_set_classes(service, &uuid, 1), 0);
	return service;
}

/* As many services as a program may have. */
static void begin_many_sdp(struct flood *flood)
{
	static const char text[] = "\x25\x0cSerial port 0";

	for (size_t i = 0; i < RT_ARRAY_SIZE(flood->service); i++) {
		flood->service[i] = new_service(flood);
		ck_assert_int_eq(rt_service_set_attribute(flood->service[i],
							  0x0100, text, 14),
				 0);
		ck_assert_int_eq(rt_service_register(flood->service[i]), 0);
	}
	begin_sdp(flood);
}

/* As much as a record may have, in the smallest attributes there are. */
static void begin_full_sdp(struct flood *flood)
{
	struct rt_service *service = new_service(flood);
	uint16_t id = 0x300;
	int err = 0;

	while (err == 0)
		err = rt_service_set_attribute(service, id++, "\x00", 1);
	ck_assert_int_eq(err, -EMSGSIZE);
	/* Room for what is added to it. */
	for (uint16_t i = 0; i < 10; i++)
		ck_assert_int_eq(rt_service_set_attribute(service, 0x300 + i,
							  NULL, 0),
				 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	flood->service[0] = service;
	begin_sdp(flood);
}

/* A request whose parameters are in hexadecimal. */
static void ask(struct flood *flood, uint8_t id, const char *hex)
{
	struct rt_wr w = rt_wr_init(flood->frame, 5);
	const size_t len =
		hex_read(hex, flood->frame + 5, sizeof(flood->frame) - 5);

	rt_wr_u8(&w, id);
	rt_wr_be(&w, 1, 2);
	rt_wr_be(&w, len, 2);
	flood->frame_bytes = 5 + len;
	flood_data(flood, 0);
}

static void search(struct flood *flood, unsigned int n)
{
	(void)n;
	ask(flood, 0x02,
	    "3524 191000 191000 191000 191000 191000 191000 "
	    "191000 191000 191000 191000 191000 191000 ffff 00");
}

/*
 * All attributes of all that can be browsed to, asked for as laboriously as it
 * may be: by twelve UUIDs, and 63 ranges in which there is nothing.
 */
static void attributes(struct flood *flood, unsigned int n)
{
	char hex[2 * 400] = "3524 191002 191002 191002 191002 191002 191002 "
			    "191002 191002 191002 191002 191002 191002 "
			    "ffff 3601 40";
	size_t len = strlen(hex);

	(void)n;
	for (unsigned int i = 0; i < 63; i++)
		len += (size_t)snprintf(hex + len, sizeof(hex) - len,
					"0aff%02xff%02x", i, i);
	snprintf(hex + len, sizeof(hex) - len, "0a0000ffff 00");
	ask(flood, 0x06, hex);
}

static void forged(struct flood *flood, unsigned int n)
{
	(void)n;
	ask(flood, 0x06,
	    "3503 191000 ffff 3505 0a0000ffff 0b 0102030405060708090a0b");
}

static void nested(struct flood *flood, unsigned int n)
{
	char hex[2 * 700] = "";

	(void)n;
	for (unsigned int i = 0; i < 220; i++)
		strcat(hex, "36ffff");
	ask(flood, 0x02, hex);
}

static void junk(struct flood *flood, unsigned int n)
{
	(void)n;
	memset(flood->frame, 0xff, 672);
	flood->frame_bytes = 672;
	flood_data(flood, 0);
}

const struct flood_kind flood_kinds_services[] = {
	FLOOD("RFCOMM: modem signals", begin_dlc, msc),
	FLOOD("RFCOMM: tests of 1000 octets", begin_dlc, test),
	FLOOD("RFCOMM: unknown commands", begin_dlc, unsupported),
	FLOOD("RFCOMM: settings of the port", begin_dlc, rpn),
	FLOOD("RFCOMM: errors of the line", begin_dlc, rls),
	FLOOD("RFCOMM: negotiations", begin_session, pn),
	FLOOD("RFCOMM: negotiations for nobody", begin_session, pn_nowhere),
	FLOOD("RFCOMM: all stopped and let go", begin_dlc, hold),
	FLOOD("RFCOMM: connections to nobody", begin_session, sabm_nowhere),
	FLOOD("RFCOMM: data for nobody", begin_session, data_nowhere),
	FLOOD_BUT("RFCOMM: a channel comes and goes", begin_session,
		  come_and_go, .requests = 2),
	FLOOD("RFCOMM: frames with a wrong FCS", begin_dlc, damaged),
	FLOOD("RFCOMM: credits without end", begin_dlc, credits),
	FLOOD("SDP: searches for 12 UUIDs", begin_sdp, search),
	/* What an application publishes is walked over for each answer. */
	FLOOD_BUT("SDP: all of 8 services, in 64 ranges", begin_many_sdp,
		  attributes, .asked_for = SDP_MTU),
	FLOOD_BUT("SDP: a record of 1000 attributes, likewise", begin_full_sdp,
		  attributes, .asked_for = SDP_MTU, .steps = 130000),
	FLOOD("SDP: forged continuations", begin_sdp, forged),
	FLOOD("SDP: 220 sequences in one another", begin_sdp, nested),
	FLOOD("SDP: junk", begin_sdp, junk),
	{ .name = NULL },
};
