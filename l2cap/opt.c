/* SPDX-License-Identifier: MIT */
#include "l2cap/opt.h"

#include <errno.h>
#include <string.h>

#include "stack/rd.h"

#define RT_CODEC_FILE "l2cap/opt.def"
#define RT_CODEC_NAME(name) rt_l2cap_opt_##name
#define RT_CODEC_CODE(NAME) RT_L2CAP_OPT_##NAME
#define RT_CODEC_TABLE rt_l2cap_opt_table
#include "stack/codec_tables.h"

#define HINT 0x80
#define HEADER_BYTES 2

/* Where an option of a type has its place in struct rt_l2cap_opts. */
struct place {
	const struct rt_codec_msg *desc;
	size_t value;
	size_t has;
};

#define PLACE(name)                                                \
	{                                                          \
		&rt_l2cap_opt_##name##_msg,                        \
			offsetof(struct rt_l2cap_opts, name),      \
			offsetof(struct rt_l2cap_opts, has_##name) \
	}

/* In the order in which we write them: what matters most comes first. */
static const struct place places[] = {
	PLACE(mtu), PLACE(flush),  PLACE(rfc),
	PLACE(fcs), PLACE(window), PLACE(qos),
};

/* The place of a type that is known here, or NULL. */
static const struct place *find(uint8_t type, const struct rt_l2cap_opts *opts)
{
	if (type == RT_L2CAP_OPT_WINDOW && !opts->takes_window)
		return NULL;
	for (size_t i = 0; i < RT_ARRAY_SIZE(places); i++) {
		if (places[i].desc->code == type)
			return &places[i];
	}
	return NULL;
}

static void add_unknown(struct rt_l2cap_opts *opts, uint8_t type)
{
	if (memchr(opts->unknown, type, opts->unknown_count))
		return;
	if (opts->unknown_count < RT_L2CAP_OPTS_UNKNOWN_MAX)
		opts->unknown[opts->unknown_count++] = type;
}

static int read_option(uint8_t type, struct rt_bytes value,
		       struct rt_l2cap_opts *opts)
{
	const bool hint = type & HINT;
	const struct place *place = find((uint8_t)(type & ~HINT), opts);
	uint8_t *base = (uint8_t *)opts;
	const bool has = true;
	int ret;

	if (!place) {
		if (!hint)
			add_unknown(opts, type);
		return 0;
	}
	ret = rt_codec_decode(place->desc, value, base + place->value);
	if (ret < 0)
		return hint ? 0 : ret;
	memcpy(base + place->has, &has, sizeof(has));
	return 0;
}

int rt_l2cap_opts_read(struct rt_bytes list, struct rt_l2cap_opts *opts)
{
	struct rt_l2cap_opts read = *opts;
	struct rt_rd r = rt_rd_init(list);
	struct rt_bytes value;
	uint8_t type;
	int ret;

	while (rt_rd_left(&r) > 0) {
		type = rt_rd_u8(&r);
		value = rt_rd_take(&r, rt_rd_u8(&r));
		if (!rt_rd_ok(&r))
			return -EBADMSG;
		ret = read_option(type, value, &read);
		if (ret < 0)
			return ret;
	}
	*opts = read;
	return 0;
}

static void write_option(const struct place *place, const void *value,
			 struct rt_wr *w)
{
	uint8_t buf[UINT8_MAX];
	struct rt_wr body = rt_wr_init(buf, sizeof(buf));
	struct rt_bytes octets;

	rt_codec_encode(place->desc, value, &body);
	octets = rt_wr_bytes(&body);
	if (rt_wr_room(w) < HEADER_BYTES + octets.len)
		return;
	rt_wr_u8(w, (uint8_t)place->desc->code);
	rt_wr_u8(w, (uint8_t)octets.len);
	rt_wr_put(w, octets);
}

void rt_l2cap_opts_write(const struct rt_l2cap_opts *opts, struct rt_wr *w)
{
	const uint8_t *base = (const uint8_t *)opts;
	bool has;

	for (size_t i = 0; i < RT_ARRAY_SIZE(places); i++) {
		memcpy(&has, base + places[i].has, sizeof(has));
		if (has)
			write_option(&places[i], base + places[i].value, w);
	}
}

void rt_l2cap_opts_write_unknown(const struct rt_l2cap_opts *opts,
				 struct rt_wr *w)
{
	for (size_t i = 0; i < opts->unknown_count; i++) {
		rt_wr_u8(w, opts->unknown[i]);
		rt_wr_u8(w, 0);
	}
}

bool rt_l2cap_opts_names(struct rt_bytes list, uint8_t type)
{
	struct rt_rd r = rt_rd_init(list);
	struct rt_rd rest;
	uint8_t named;

	while (rt_rd_left(&r) > 0) {
		named = rt_rd_u8(&r);
		if ((named & ~HINT) == type)
			return true;

		/* What is no option is a type alone. */
		rest = r;
		rt_rd_take(&rest, rt_rd_u8(&rest));
		if (rt_rd_ok(&rest))
			r = rest;
	}
	return false;
}
