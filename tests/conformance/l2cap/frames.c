/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"

#include <stdio.h>
#include <string.h>

uint16_t lt_crc(uint16_t fcs, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		fcs ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0xa001
						 : fcs >> 1);
	}
	return fcs;
}

/* The length and channel id in front of a payload count, too. */
static uint16_t crc_of(uint16_t cid, const uint8_t *payload, size_t len)
{
	const uint8_t header[] = {
		(uint8_t)(len + 2),
		(uint8_t)((len + 2) >> 8),
		(uint8_t)cid,
		(uint8_t)(cid >> 8),
	};

	return lt_crc(lt_crc(0, header, sizeof(header)), payload, len);
}

static uint32_t standard_control(const struct lt_frame *f)
{
	const uint32_t common = f->req << 8 | (f->bits & F ? 0x80u : 0);

	if (!f->supervisory)
		return common | f->tx << 1 | (f->bits & SAR_MASK) << 14;
	return common | 1 | (uint32_t)f->function << 2 |
	       (f->bits & P ? 0x10u : 0);
}

static uint32_t extended_control(const struct lt_frame *f)
{
	const uint32_t common = f->req << 2 | (f->bits & F ? 2u : 0);

	if (!f->supervisory)
		return common | f->tx << 18 | (f->bits & SAR_MASK) << 16;
	return common | 1 | (uint32_t)f->function << 16 |
	       (f->bits & P ? 1u << 18 : 0);
}

size_t lt_write_frame(uint16_t cid, const struct lt_frame *frame, uint8_t *buf)
{
	const size_t width = lt.extended ? 4 : 2;
	const uint32_t control =
		lt.extended ? extended_control(frame) : standard_control(frame);
	size_t len = 0;
	uint16_t fcs;

	for (; len < width; len++)
		buf[len] = (uint8_t)(control >> 8 * len);
	if (frame->len > 0)
		memcpy(buf + len, frame->text, frame->len);
	len += frame->len;
	if (!lt.fcs)
		return len;
	fcs = crc_of(cid, buf, len);
	buf[len++] = (uint8_t)fcs;
	buf[len++] = (uint8_t)(fcs >> 8);
	return len;
}

static void read_standard(uint32_t c, struct lt_frame *f)
{
	f->supervisory = c & 1;
	f->req = c >> 8 & 0x3f;
	f->bits = c & 0x80 ? F : 0;
	if (f->supervisory) {
		LT_MUST((c & 0xc062) == 0); /* reserved */
		f->function = (enum lt_function)(c >> 2 & 3);
		f->bits |= c & 0x10 ? P : 0;
		return;
	}
	f->tx = c >> 1 & 0x3f;
	f->bits |= c >> 14 & SAR_MASK;
}

static void read_extended(uint32_t c, struct lt_frame *f)
{
	f->supervisory = c & 1;
	f->req = c >> 2 & 0x3fff;
	f->bits = c & 2 ? F : 0;
	if (f->supervisory) {
		LT_MUST(c >> 19 == 0); /* reserved */
		f->function = (enum lt_function)(c >> 16 & 3);
		f->bits |= c & 1u << 18 ? P : 0;
		return;
	}
	f->tx = c >> 18;
	f->bits |= c >> 16 & SAR_MASK;
}

struct lt_frame lt_read_frame(const struct lt_pdu *pdu)
{
	const size_t width = lt.extended ? 4 : 2;
	size_t len = pdu->len;
	struct lt_frame f = { .tx = 0 };
	uint32_t control = 0;
	uint16_t fcs;

	LT_MUST(len >= (width + (lt.fcs ? 2 : 0)));
	if (lt.fcs) {
		len -= 2;
		fcs = crc_of(pdu->cid, pdu->data, len);
		ck_assert_uint_eq(pdu->data[len] | pdu->data[len + 1] << 8,
				  fcs);
	}
	for (size_t i = 0; i < width; i++)
		control |= (uint32_t)pdu->data[i] << 8 * i;
	if (lt.extended)
		read_extended(control, &f);
	else
		read_standard(control, &f);
	f.text = pdu->data + width;
	f.len = len - width;
	if (f.supervisory)
		LT_MUST(f.len == 0);
	return f;
}

static void send_frame(const struct lt_frame *f)
{
	uint8_t buf[LT_PDU_BYTES + 10];
	const size_t len = lt_write_frame(lt.iut, f, buf);

	fake_link_rx(bench.link, lt.iut, buf, len);
	rt_env_reap(bench.env);
}

void lt_i(unsigned int tx, unsigned int req, unsigned int bits, const char *hex)
{
	uint8_t text[LT_PDU_BYTES];
	const size_t len = hex_read(hex, text, sizeof(text));
	const struct lt_frame f = {
		.tx = tx,
		.req = req,
		.bits = bits,
		.text = text,
		.len = len,
	};

	send_frame(&f);
}

void lt_i_bytes(unsigned int tx, unsigned int bits, size_t from, size_t bytes,
		size_t sdu)
{
	uint8_t text[LT_PDU_BYTES];
	struct lt_frame f = { .tx = tx, .bits = bits, .text = text };

	if ((bits & SAR_MASK) == START) {
		text[f.len++] = (uint8_t)sdu;
		text[f.len++] = (uint8_t)(sdu >> 8);
	}
	for (size_t i = 0; i < bytes; i++)
		text[f.len++] = lt_octet(from + i);
	send_frame(&f);
}

void lt_s(enum lt_function function, unsigned int req, unsigned int bits)
{
	const struct lt_frame f = {
		.supervisory = true,
		.function = function,
		.req = req,
		.bits = bits,
	};

	send_frame(&f);
}

static const char *describe(const struct lt_frame *f)
{
	static const char *const functions[] = { "RR", "REJ", "RNR", "SREJ" };
	static char text[100];

	snprintf(text, sizeof(text), "%s TxSeq %u ReqSeq %u SAR %u%s%s, %zu",
		 f->supervisory ? functions[f->function] : "I", f->tx, f->req,
		 f->bits & SAR_MASK, f->bits & F ? " F" : "",
		 f->bits & P ? " P" : "", f->len);
	return text;
}

struct lt_frame expect_i_any(unsigned int tx, unsigned int req,
			     unsigned int bits)
{
	const struct lt_frame f = lt_read_frame(lt_expect_pdu(lt.cid));

	ck_assert_msg(!f.supervisory && f.tx == tx && f.req == req &&
			      f.bits == bits,
		      "sent %s; wanted I TxSeq %u ReqSeq %u bits %u",
		      describe(&f), tx, req, bits);
	return f;
}

void expect_i(unsigned int tx, unsigned int req, unsigned int bits,
	      const char *hex)
{
	const struct lt_frame f = expect_i_any(tx, req, bits);
	uint8_t text[LT_PDU_BYTES];
	const size_t len = hex_read(hex, text, sizeof(text));

	LT_MUST(f.len == len);
	ck_assert(memcmp(f.text, text, len) == 0);
}

void expect_s(enum lt_function function, unsigned int req, unsigned int bits)
{
	const struct lt_frame f = lt_read_frame(lt_expect_pdu(lt.cid));

	ck_assert_msg(f.supervisory && f.function == function && f.req == req &&
			      f.bits == bits,
		      "sent %s; wanted S %d ReqSeq %u bits %u", describe(&f),
		      function, req, bits);
}

void expect_ack(unsigned int req, uint64_t ms)
{
	struct lt_frame f;

	lt_wait(ms);
	do {
		f = lt_read_frame(lt_expect_pdu(lt.cid));
		ck_assert_msg(f.supervisory && f.function == RR && f.bits == 0,
			      "sent %s; wanted RR up to %u", describe(&f), req);
	} while (f.req != req);
	lt_nothing();
}

void lt_quiet(uint64_t ms)
{
	lt_wait(ms);
	lt_nothing();
}
