/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/lies.h"
#include "tools/sim/model/rfcomm.h"

/* Lies about RFCOMM frames and messages. */

#define TEST_BYTES 1000
#define NO_CREDIT_MAX 40

/* --- frames --- */

static struct model_dlc *some_dlc(const struct lie *lie)
{
	uint32_t first = model_lie_random(lie, DLCS_MAX);

	for (uint32_t i = 0; i < DLCS_MAX; i++) {
		struct model_dlc *dlc = &lie->m->dlc[(first + i) % DLCS_MAX];

		if (dlc->state == DLC_OPEN && dlc->link == lie->link)
			return dlc;
	}
	return NULL;
}

static void add_frame(const struct lie *lie, const struct frame *frame)
{
	const struct model_mux *mux = &lie->link->mux;
	size_t n = model_rfcomm_put(mux, lie->m->scratch, frame);

	model_lie_add(lie, mux->chan->dcid, rt_bytes(lie->m->scratch, n));
}

static void add_control(const struct lie *lie, unsigned int type, uint8_t dlci)
{
	const struct frame frame = { .dlci = dlci,
				     .type = (uint8_t)type,
				     .pf = true };

	add_frame(lie, &frame);
}

static void add_data(const struct lie *lie, uint8_t dlci, size_t n)
{
	uint8_t data[MODEL_SDU_MAX];
	const struct frame frame = {
		.dlci = dlci,
		.type = FRAME_UIH,
		.info = rt_bytes(data, RT_MIN(n, sizeof(data))),
	};

	memset(data, 0x5a, frame.info.len);
	add_frame(lie, &frame);
}

static bool is_uih(const struct lie *lie)
{
	return (lie->p[1] & ~FRAME_PF) == FRAME_UIH;
}

/* The FCS fits what the frame begins with. */
static void seal(struct lie *lie)
{
	lie->p[lie->n - 1] = model_crc8(rt_bytes(lie->p, is_uih(lie) ? 2 : 3));
}

static bool length(struct lie *lie)
{
	lie->p[2] = (uint8_t)LIE_PICK(lie, 0x00, 0x01, 0xff, lie->p[2] ^ 0x02U);
	if (!is_uih(lie))
		seal(lie);
	return true;
}

static bool over_n1(const struct lie *lie)
{
	const struct model_dlc *dlc = some_dlc(lie);

	if (!dlc)
		return false;
	add_data(lie, dlc->dlci, dlc->n1 + 1U + model_lie_random(lie, 50));
	return true;
}

static bool no_credit(const struct lie *lie)
{
	const struct model_dlc *dlc = some_dlc(lie);

	if (!dlc)
		return false;
	for (uint32_t i = 0; i < RT_MIN(dlc->tx_credits + 3, NO_CREDIT_MAX);
	     i++)
		add_data(lie, dlc->dlci, 8);
	return true;
}

static bool credits(const struct lie *lie)
{
	const struct model_dlc *dlc = some_dlc(lie);
	struct frame frame = { .type = FRAME_UIH,
			       .has_credits = true,
			       .credits = 255 };

	if (!dlc)
		return false;
	frame.dlci = dlc->dlci;
	for (unsigned int i = 0; i < 4; i++)
		add_frame(lie, &frame);
	return true;
}

static bool withhold(const struct lie *lie)
{
	struct model_dlc *dlc = some_dlc(lie);

	if (!dlc || dlc->withhold)
		return false;
	dlc->withhold = true;
	return true;
}

/* --- messages --- */

static void add_message(const struct lie *lie, uint8_t octet,
			struct rt_bytes value)
{
	uint8_t buf[3 + TEST_BYTES];
	struct model_out out = model_out(buf, sizeof(buf));
	struct frame frame = { .type = FRAME_UIH };

	model_out_u8(&out, octet);
	if (value.len > 127)
		model_out_le16(&out, (unsigned int)value.len << 1);
	else
		model_out_u8(&out, (unsigned int)value.len << 1 | 1);
	model_out_put(&out, value);
	frame.info = model_out_bytes(&out);
	add_frame(lie, &frame);
}

static bool pn(const struct lie *lie)
{
	uint8_t value[8] = { 0 };

	value[0] = (uint8_t)LIE_PICK(lie, 0, 1, 2, 3, 14, 15, 62, 63);
	value[1] = (uint8_t)LIE_PICK(lie, 0x00, 0xf0, 0xe0, 0x51, 0xff);
	value[2] = (uint8_t)model_lie_random(lie, 256);
	model_put_le16(value + 4, LIE_PICK(lie, 0, 1, 22, 0x7fff, 0xffff));
	value[7] = (uint8_t)model_lie_random(lie, 256);
	add_message(lie, model_lie_random(lie, 2) ? 0x83 : 0x81,
		    rt_bytes(value, 8));
	return true;
}

static bool message(const struct lie *lie)
{
	static const uint8_t octets[] = {
		0x83, 0x81, 0xe3, 0xe1, 0x93, 0x91, 0x53, 0x51,
		0xa3, 0x63, 0xc3, 0x11, 0x13, 0x00, 0xff, 0x82,
	};
	uint8_t value[12];
	size_t n = model_lie_random(lie, sizeof(value));

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)model_lie_random(lie, 256);
	add_message(lie, octets[model_lie_random(lie, sizeof(octets))],
		    rt_bytes(value, n));
	return true;
}

static bool test(const struct lie *lie)
{
	uint8_t value[TEST_BYTES];

	memset(value, 0x5a, sizeof(value));
	add_message(lie, 0x23, rt_bytes(value, sizeof(value)));
	return true;
}

static bool dlci(const struct lie *lie)
{
	uint8_t it = (uint8_t)LIE_PICK(lie, 1, 62, 63, 3, 2, 61);
	uint8_t value[8] = { it, 0xf0, 7, 0, 100, 0, 0, 7 };

	if (model_lie_random(lie, 2))
		add_message(lie, 0x83, rt_bytes(value, sizeof(value)));
	else
		add_control(lie, FRAME_SABM, it);
	return true;
}

static bool unsolicited(const struct lie *lie)
{
	uint8_t it = (uint8_t)LIE_PICK(lie, 0, 2, 3, 14, 15, 61);
	uint8_t value[2] = { (uint8_t)(it << 2 | 3), 0x8d };

	switch (model_lie_random(lie, 3)) {
	case 0:
		add_control(lie, FRAME_UA, it);
		return true;
	case 1:
		add_control(lie, FRAME_DM, it);
		return true;
	default:
		add_message(lie, 0xe1, rt_bytes(value, sizeof(value)));
		return true;
	}
}

/* All but users' data stay away. */
static bool mute(struct lie *lie)
{
	if (is_uih(lie) && lie->p[0] >> 2 != 0)
		return false;
	lie->link->tx_len = 0;
	return true;
}

static bool besides(const struct lie *lie, enum model_lie which)
{
	switch (which) {
	case MODEL_LIE_RFC_OVER_N1:
		return over_n1(lie);
	case MODEL_LIE_RFC_NO_CREDIT:
		return no_credit(lie);
	case MODEL_LIE_RFC_CREDITS:
		return credits(lie);
	case MODEL_LIE_RFC_WITHHOLD:
		return withhold(lie);
	case MODEL_LIE_RFC_DLCI:
		return dlci(lie);
	case MODEL_LIE_RFC_DISC_0:
		add_control(lie, FRAME_DISC, 0);
		return true;
	case MODEL_LIE_RFC_PN:
		return pn(lie);
	case MODEL_LIE_RFC_MCC:
		return message(lie);
	case MODEL_LIE_RFC_TEST:
		return test(lie);
	default:
		return unsolicited(lie);
	}
}

bool model_lie_about_rfcomm(struct lie *lie, enum model_lie which)
{
	const struct model_chan *chan = lie->link->mux.chan;

	if (!chan || lie->n < 4)
		return false;
	switch (which) {
	case MODEL_LIE_RFC_FCS:
		lie->p[lie->n - 1] ^= 0x55;
		return true;
	case MODEL_LIE_RFC_CR:
		lie->p[0] ^= 2;
		seal(lie);
		return true;
	case MODEL_LIE_RFC_LENGTH:
		return length(lie);
	case MODEL_LIE_RFC_MUTE:
		return mute(lie);
	default:
		return besides(lie, which);
	}
}
