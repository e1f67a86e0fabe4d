/* SPDX-License-Identifier: MIT */
#include "tests/limits/crowd_rfcomm.h"

#include <stdarg.h>
#include <stdio.h>

#include "stack/rd.h"
#include "stack/wr.h"

#define PSM 3

void crowd_frame(struct crowd_chan *session, enum rt_rfcomm_frame_type type,
		 uint8_t dlci, uint8_t credits, struct rt_bytes info)
{
	const bool uih = type == RT_RFCOMM_UIH;
	const struct rt_rfcomm_head head = {
		.type = (uint8_t)type,
		.dlci = dlci,
		.cr = rt_rfcomm_frame_cr((uint8_t)type, true),
		.pf = !uih || credits > 0,
		.has_credits = uih && credits > 0,
		.credits = credits,
		.len = (uint16_t)info.len,
	};
	uint8_t buf[2000];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_rfcomm_frame_write_head(&w, &head);
	rt_wr_put(&w, info);
	rt_wr_u8(&w, rt_rfcomm_frame_head_fcs(&head));
	ck_assert(rt_wr_ok(&w));
	crowd_send(session->peer, session->dcid, rt_wr_bytes(&w));
}

void crowd_mcc(struct crowd_chan *session, const char *fmt, ...)
{
	char hex[256];
	uint8_t buf[sizeof(hex) / 2];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(hex, sizeof(hex), fmt, ap);
	va_end(ap);
	len = hex_read(hex, buf, sizeof(buf));
	crowd_frame(session, RT_RFCOMM_UIH, 0, 0, rt_bytes(buf, len));
}

struct crowd_chan *crowd_session(struct crowd_peer *peer)
{
	struct crowd_chan *session = crowd_open(peer, PSM, 2000);

	crowd_frame(session, RT_RFCOMM_SABM, 0, 0, rt_bytes(NULL, 0));
	crowd_expect(peer, session->scid, "03 73 01");
	return session;
}

bool crowd_dlc(struct crowd_chan *session, uint8_t channel, uint8_t credits,
	       uint8_t *ret_credits)
{
	const uint8_t dlci = (uint8_t)(channel << 1);
	const unsigned int address = (unsigned int)dlci << 2 | 3;
	const struct rt_rfcomm_head ua = {
		.type = RT_RFCOMM_UA,
		.dlci = dlci,
		.cr = true,
		.pf = true,
	};
	const struct crowd_pdu *pdu;
	char hex[12];
	bool open;

	crowd_mcc(session, "83 11 %02x f0 07 00 %02x%02x 00 %02x", dlci,
		  CROWD_RFCOMM_N1 & 0xff, CROWD_RFCOMM_N1 >> 8, credits);
	pdu = crowd_heard(session->peer, 0);
	if (ret_credits)
		*ret_credits = pdu->data[12];
	/* The answer is the PDU before MSC of the host, which follows it. */
	crowd_count_anew(session->peer);
	crowd_frame(session, RT_RFCOMM_SABM, dlci, 0, rt_bytes(NULL, 0));
	snprintf(hex, sizeof(hex), "%02x", address & 0xffU);
	pdu = crowd_heard(session->peer, session->peer->pdus - 1);
	open = pdu && pdu->data[1] == (ua.type | RT_RFCOMM_PF);
	if (!open)
		return false;
	crowd_mcc(session, "e3 05 %s 8d", hex);
	crowd_mcc(session, "e1 05 %s 8d", hex);
	return true;
}

void crowd_dlc_fill(struct crowd_chan *session, uint8_t channel)
{
	static const uint8_t octets[CROWD_RFCOMM_N1];
	const struct crowd_pdu *pdu;
	uint8_t credits = 0;

	ck_assert(crowd_dlc(session, channel, 7, &credits));
	ck_assert_uint_gt(credits, 0);
	/* The first frame with credits follows MSC. */
	pdu = crowd_heard(session->peer, 0);
	if (pdu->data[1] == 0xff)
		credits = (uint8_t)(credits + pdu->data[3]);
	while (credits-- > 0) {
		const size_t before = session->peer->heard;

		crowd_frame(session, RT_RFCOMM_UIH, (uint8_t)(2 * channel), 0,
			    rt_bytes(octets, sizeof(octets)));
		pdu = crowd_heard(session->peer, 0);
		if (session->peer->heard > before && pdu->data[1] == 0xff)
			credits = (uint8_t)(credits + pdu->data[3]);
	}
}
