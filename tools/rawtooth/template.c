/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/template.h"

#include <errno.h>
#include <string.h>

#include "stack/hex.h"
#include "tools/rawtooth/tool.h"

#define NOWHERE SIZE_MAX
#define UIH 0xef
#define POLL_FINAL 0x10
#define ADDRESS_EA_CR 0x03 /* what the address of DLCI 0 has of another's */
#define LENGTH_SHORT_MAX 127

struct output {
	const struct rt_template_values *values;
	const char *text; /* all of it, for messages */
	struct rt_template_packet *packet;
	size_t len_at; /* NOWHERE: there is none */
	size_t fcs_at;
};

static int complain(const struct output *out, const char *why)
{
	rt_tool_error("\"%s\": %s", out->text, why);
	return -EINVAL;
}

static int put(struct output *out, uint8_t octet)
{
	if (out->packet->bytes == RT_TEMPLATE_BYTES)
		return complain(out, "more than 65535 octets");
	out->packet->data[out->packet->bytes++] = octet;
	return 0;
}

static int put_le16(struct output *out, uint16_t value)
{
	const int err = put(out, (uint8_t)value);

	return err < 0 ? err : put(out, (uint8_t)(value >> 8));
}

static int put_cid(struct output *out, uint16_t cid)
{
	if (!out->values->has_cids)
		return complain(out, "channel ids are those of --psm");
	return put_le16(out, cid);
}

static int put_address(struct output *out, uint8_t mask)
{
	if (!out->values->has_address)
		return complain(out, "an address is that of --channel");
	return put(out, out->values->address & mask);
}

/* Leaves room for what is known only when all the rest is. */
static int put_later(struct output *out, size_t *at)
{
	if (*at != NOWHERE)
		return complain(out, "{len} and {fcs} may stand there once");
	*at = out->packet->bytes;
	return out->values->frame ? put(out, 0) : put_le16(out, 0);
}

static int put_name(struct output *out, const char *name, size_t length)
{
	static const char *const names[] = { "scid",	 "dcid",    "ident",
					     "address0", "address", "len",
					     "fcs" };
	size_t i = 0;

	while (i < sizeof(names) / sizeof(names[0]) &&
	       (strlen(names[i]) != length ||
		strncmp(names[i], name, length) != 0))
		i++;
	switch (i) {
	case 0:
		return put_cid(out, out->values->scid);
	case 1:
		return put_cid(out, out->values->dcid);
	case 2:
		return put(out, out->values->ident);
	case 3:
		return put_address(out, ADDRESS_EA_CR);
	case 4:
		return put_address(out, 0xff);
	case 5:
		return put_later(out, &out->len_at);
	case 6:
		return put_later(out, &out->fcs_at);
	}
	return complain(out, "the names are scid, dcid, ident, address, "
			     "address0, len and fcs");
}

/* Takes one octet, name or separator off `text`. Returns what follows. */
static const char *take(struct output *out, const char *text, int *err)
{
	const char *end;
	int high, low;

	if (*text == ' ' || *text == ':')
		return text + 1;
	if (*text == '{') {
		end = strchr(text, '}');
		if (!end) {
			*err = complain(out, "a { without a }");
			return text;
		}
		*err = put_name(out, text + 1, (size_t)(end - text - 1));
		return end + 1;
	}
	high = rt_hex_digit(text[0]);
	low = high < 0 ? -1 : rt_hex_digit(text[1]);
	if (high < 0 || low < 0) {
		*err = complain(out, "hexadecimal digits come in pairs");
		return text;
	}
	*err = put(out, (uint8_t)(high << 4 | low));
	return text + 2;
}

static int fill_len(struct output *out)
{
	const size_t own = out->values->frame ? 1 : 2;
	size_t follow;

	if (out->len_at == NOWHERE)
		return 0;
	follow = out->packet->bytes - out->len_at - own;
	if (out->fcs_at != NOWHERE && out->fcs_at > out->len_at)
		follow -= own;
	if (!out->values->frame) {
		out->packet->data[out->len_at] = (uint8_t)follow;
		out->packet->data[out->len_at + 1] = (uint8_t)(follow >> 8);
		return 0;
	}
	if (follow > LENGTH_SHORT_MAX)
		return complain(out, "{len} goes to 127; write two octets");
	/* TS 07.10 5.2.1.5: the lowest bit says that no octet follows. */
	out->packet->data[out->len_at] = (uint8_t)(follow << 1 | 1);
	return 0;
}

/* Core Vol 3 Part A 3.3.5: x^16 + x^15 + x^2 + 1, lowest bit first. */
static uint16_t crc16(uint16_t crc, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001
						 : crc >> 1);
	}
	return crc;
}

/* TS 07.10 Annex B: x^8 + x^2 + x + 1, lowest bit first. */
static uint8_t crc8(const uint8_t *data, size_t bytes)
{
	uint8_t crc = 0xff;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0xe0 : crc >> 1);
	}
	return (uint8_t)(0xff - crc);
}

/* It covers the header; of UIH without the length (TS 07.10 5.2.1.6). */
static int fill_frame_fcs(const struct output *out)
{
	size_t covered = 2;

	if (out->fcs_at < 3)
		return complain(out,
				"{fcs} is for address, control and length");
	if ((out->packet->data[1] & ~POLL_FINAL) != UIH)
		covered = out->packet->data[2] & 1 ? 3 : 4;
	if (covered > out->fcs_at)
		covered = out->fcs_at;
	out->packet->data[out->fcs_at] = crc8(out->packet->data, covered);
	return 0;
}

static int fill_fcs(const struct output *out)
{
	uint8_t header[4];
	size_t length;
	uint16_t crc;

	if (out->fcs_at == NOWHERE)
		return 0;
	if (out->values->frame)
		return fill_frame_fcs(out);
	length = out->fcs_at + 2;
	header[0] = (uint8_t)length;
	header[1] = (uint8_t)(length >> 8);
	header[2] = (uint8_t)out->values->cid;
	header[3] = (uint8_t)(out->values->cid >> 8);
	crc = crc16(0, header, sizeof(header));
	crc = crc16(crc, out->packet->data, out->fcs_at);
	out->packet->data[out->fcs_at] = (uint8_t)crc;
	out->packet->data[out->fcs_at + 1] = (uint8_t)(crc >> 8);
	return 0;
}

int rt_template_expand(const char *text,
		       const struct rt_template_values *values,
		       struct rt_template_packet *ret_packet)
{
	struct output out = {
		.values = values,
		.text = text,
		.packet = ret_packet,
		.len_at = NOWHERE,
		.fcs_at = NOWHERE,
	};
	int err = 0;

	ret_packet->bytes = 0;
	while (*text != '\0' && err == 0)
		text = take(&out, text, &err);
	if (err == 0)
		err = fill_len(&out);
	return err < 0 ? err : fill_fcs(&out);
}
