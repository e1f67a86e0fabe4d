/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/conformance/l2cap/script.h"

/* The tester's words for a channel: how it opens, in which mode, and ends. */

#define RETRANSMISSION_MS 2000
#define MONITOR_MS 12000

void lt_mode(enum rt_l2cap_mode mode, bool required)
{
	lt.params.mode = mode;
	lt.params.mode_required = required;
}

static void connect_initiating(void)
{
	app_connect();
	lt_expect(CONN_REQ);
	LT_MUST(lt.last.len == 4);
	LT_MUST((lt_le16(&lt.last, 0)) == lt.psm);
	lt.iut = lt_le16(&lt.last, 2);
	LT_MUST(lt.iut >= 0x0040);
	lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000", LE(lt.cid),
		LE(lt.iut));
}

static void connect_accepting(void)
{
	app_listen();
	lt_link();
	lt_ask(CONN_REQ, "%04x %04x", LE(lt.psm), LE(lt.cid));
	do {
		lt_expect(CONN_RSP);
		LT_MUST(lt.last.ident == lt.ident);
		LT_MUST((lt_le16(&lt.last, 2)) == lt.cid);
	} while (lt_le16(&lt.last, 4) == 1);
	LT_MUST((lt_le16(&lt.last, 4)) == 0);
	lt.iut = lt_le16(&lt.last, 0);
	LT_MUST(lt.iut >= 0x0040);
}

void lt_connect(bool we_initiate)
{
	if (we_initiate)
		connect_initiating();
	else
		connect_accepting();
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void read_option(uint8_t type, const uint8_t *p, struct lt_options *ret)
{
	switch (type) {
	case 0x01:
		ret->has_mtu = true;
		ret->mtu = le16(p);
		break;
	case 0x02:
		ret->has_flush = true;
		ret->flush = le16(p);
		break;
	case 0x03:
		ret->has_qos = true;
		break;
	case 0x04:
		ret->has_rfc = true;
		ret->mode = p[0];
		ret->tx_window = p[1];
		ret->max_transmit = p[2];
		ret->retransmission_ms = le16(p + 3);
		ret->monitor_ms = le16(p + 5);
		ret->mps = le16(p + 7);
		break;
	case 0x05:
		ret->has_fcs = true;
		ret->fcs = p[0];
		break;
	case 0x07:
		ret->has_window = true;
		ret->window = le16(p);
		break;
	default:
		ret->unknown++;
		break;
	}
}

void lt_read_options(const uint8_t *data, size_t len, struct lt_options *ret)
{
	static const uint8_t sizes[] = { 0, 2, 2, 22, 9, 1, 16, 2 };
	size_t at = 0;

	memset(ret, 0, sizeof(*ret));
	while (at < len) {
		LT_MUST(at + 2 <= len);
		LT_MUST(at + 2 + data[at + 1] <= len);
		if (data[at] < RT_ARRAY_SIZE(sizes) && data[at] != 6)
			LT_MUST(data[at + 1] == sizes[data[at]]);
		read_option(data[at], data + at + 2, ret);
		at += 2 + (size_t)data[at + 1];
	}
}

void lt_expect_conf_req(void)
{
	lt_expect(CONF_REQ);
	lt.asked = lt.last;
	LT_MUST((lt_le16(&lt.asked, 0)) == lt.cid);
	LT_MUST((lt_le16(&lt.asked, 2)) == 0);
	lt_read_options(lt.asked.data + 4, lt.asked.len - 4, &lt.want);
}

void lt_answer(uint16_t result, const char *fmt, ...)
{
	char options[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(options, sizeof(options), fmt, ap);
	va_end(ap);
	lt_send(CONF_RSP, lt.asked.ident, "%04x 0000 %04x %s", LE(lt.iut),
		LE(result), options);
}

void lt_agree(void)
{
	if (!lt.want.has_rfc || lt.want.mode == 0)
		lt_answer(0, "%s", "");
	else
		lt_answer(0, "0409 %02x%02x%02x %04x %04x %04x", lt.want.mode,
			  lt.want.tx_window, lt.want.max_transmit,
			  LE(RETRANSMISSION_MS), LE(MONITOR_MS),
			  LE(lt.want.mps));
}

void lt_configure(const char *fmt, ...)
{
	char options[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(options, sizeof(options), fmt, ap);
	va_end(ap);
	lt_ask(CONF_REQ, "%04x 0000 %s", LE(lt.iut), options);
	lt_expect(CONF_RSP);
	LT_MUST(lt.last.ident == lt.ident);
	LT_MUST((lt_le16(&lt.last, 0)) == lt.cid);
	lt.flags = lt_le16(&lt.last, 2);
	lt.result = lt_le16(&lt.last, 4);
	lt_read_options(lt.last.data + 6, lt.last.len - 6, &lt.reply);
}

const char *lt_proposal(void)
{
	static char text[100];
	int n = 0;

	text[0] = '\0';
	if (lt.params.mode != RT_L2CAP_MODE_BASIC)
		n += snprintf(
			text + n, 40, "0409 %02x%02x%02x 0000 0000 %04x",
			lt.params.mode,
			lt.params.mode == RT_L2CAP_MODE_ERTM ? lt.tx_window : 0,
			lt.params.mode == RT_L2CAP_MODE_ERTM ? lt.max_transmit
							     : 0,
			LE(lt.mps));
	if (lt.fcs_option >= 0)
		n += snprintf(text + n, 20, "0501 %02x", lt.fcs_option);
	if (lt.window_option > 0)
		snprintf(text + n, 20, "0702 %04x", LE(lt.window_option));
	return text;
}

void lt_open(bool we_initiate)
{
	const enum rt_l2cap_mode mode = lt.params.mode;

	lt_connect(we_initiate);
	lt_expect_conf_req();
	LT_MUST((lt.want.has_rfc ? lt.want.mode : 0) == mode);
	lt_agree();
	lt_configure("%s", lt_proposal());
	LT_MUST(lt.result == 0);
	lt.fcs = mode != RT_L2CAP_MODE_BASIC &&
		 !(lt.fcs_option == 0 && lt.want.has_fcs && lt.want.fcs == 0);
	lt.extended = lt.window_option > 0 || lt.want.has_window;
	lt_is_open(mode);
	lt_nothing();
}

void lt_is_open(enum rt_l2cap_mode mode)
{
	LT_MUST(APP->opened == 1);
	LT_MUST(APP->closed == 0);
	LT_MUST(lt_info().mode == mode);
	ck_assert(lt_info().open);
}

static void answer_disconnection(void)
{
	lt_expect(DISC_REQ);
	LT_MUST(lt.last.len == 4);
	LT_MUST((lt_le16(&lt.last, 0)) == lt.cid);
	LT_MUST((lt_le16(&lt.last, 2)) == lt.iut);
	lt_send(DISC_RSP, lt.last.ident, "%04x %04x", LE(lt.cid), LE(lt.iut));
}

void lt_is_gone(void)
{
	answer_disconnection();
	LT_MUST(APP->closed == 1);
	LT_MUST(APP->why.layer == RT_LAYER_L2CAP);
	lt_forget();
	lt_ping();
}

void lt_is_closed(uint16_t code)
{
	lt_is_gone();
	ck_assert_msg(APP->why.code == code, "closed with 0x%04x (%s)",
		      APP->why.code, rt_l2cap_code_name(APP->why.code));
}
