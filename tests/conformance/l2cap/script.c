/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct lt lt;

#define HEX_BYTES (3 * 1024)

void lt_setup(void)
{
	bench_setup();
	memset(&lt, 0, offsetof(struct lt, queue));
	app_forget();
	app.incoming = 0;
	app.answer = 0;
	app.close_on_rx = false;
	lt.psm = LT_PSM;
	lt.cid = LT_CID;
	lt.features = FEATURES_ALL;
	lt.tx_window = 8;
	lt.max_transmit = 3;
	lt.mps = 100;
	lt.fcs_option = -1;
	bench.link = NULL;
}

void lt_teardown(void)
{
	bench_teardown();
}

void lt_link(void)
{
	bench.link = fake_hci_incoming(&bench.hci, bench_addr(1));
}

uint8_t lt_octet(size_t i)
{
	return (uint8_t)(i * 7 + i / 256 + 1);
}

static void send_bytes(uint16_t cid, const uint8_t *data, size_t len)
{
	fake_link_rx(bench.link, cid, data, len);
	rt_env_reap(bench.env);
}

/* The octets of a command, length and all. */
static void send_cmd(uint8_t code, uint8_t ident, const char *hex)
{
	uint8_t buf[HEX_BYTES];
	const size_t len = hex_read(hex, buf + 4, sizeof(buf) - 4);

	buf[0] = code;
	buf[1] = ident;
	buf[2] = (uint8_t)len;
	buf[3] = (uint8_t)(len >> 8);
	send_bytes(1, buf, 4 + len);
}

static const char *format(const char *fmt, va_list ap)
{
	static char text[2 * HEX_BYTES];
	const int n = vsnprintf(text, sizeof(text), fmt, ap);

	LT_MUST(n >= 0 && (size_t)n < sizeof(text));
	return text;
}

void lt_send(uint8_t code, uint8_t ident, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send_cmd(code, ident, format(fmt, ap));
	va_end(ap);
}

void lt_ask(uint8_t code, const char *fmt, ...)
{
	va_list ap;

	lt.ident = (uint8_t)(lt.ident % 255 + 1);
	va_start(ap, fmt);
	send_cmd(code, lt.ident, format(fmt, ap));
	va_end(ap);
}

void lt_raw(uint16_t cid, const char *fmt, ...)
{
	uint8_t buf[HEX_BYTES];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = hex_read(format(fmt, ap), buf, sizeof(buf));
	va_end(ap);
	send_bytes(cid, buf, len);
}

/* An information request of ours (A:4.10). */
static void inform(uint8_t ident, uint16_t type)
{
	if (lt.informed == 0)
		lt.info_ident = ident;
	lt.informed |= 1u << (type & 0x1f);
	if (lt.silent)
		return;
	if (type == 2)
		lt_send(INFO_RSP, ident, "0200 0000 %04x 0000",
			LE(lt.features));
	else if (type == 3)
		lt_send(INFO_RSP, ident, "0300 0000 0600000000000000");
	else
		lt_send(INFO_RSP, ident, "%04x 0100", LE(type));
}

static bool take_one(void)
{
	struct lt_pdu *pdu = &lt.queue[lt.queued];
	uint8_t buf[4 + LT_PDU_BYTES];
	const size_t len = fake_link_pull(bench.link, buf, sizeof(buf));

	if (len == 0)
		return false;
	fake_link_complete(bench.link, bench.link->sent_count, true);
	rt_env_reap(bench.env);
	LT_MUST(len <= sizeof(buf));
	LT_MUST(lt.queued < LT_QUEUE - 1);
	pdu->at_us = bench.env->now_us;
	pdu->cid = (uint16_t)(buf[2] | buf[3] << 8);
	pdu->len = len - 4;
	memcpy(pdu->data, buf + 4, pdu->len);
	if (pdu->cid == 1 && pdu->data[0] == INFO_REQ)
		inform(pdu->data[1],
		       (uint16_t)(pdu->data[4] | pdu->data[5] << 8));
	else
		lt.queued++;
	return true;
}

void lt_pump(void)
{
	if (!bench.link)
		return;
	while (take_one())
		;
}

void lt_wait(uint64_t ms)
{
	const uint64_t end_us = bench.env->now_us + RT_MS(ms);
	uint64_t due_us;

	lt_pump();
	while (rt_timers_next(&bench.env->timers, &due_us) &&
	       due_us <= end_us) {
		bench.env->now_us = RT_MAX(due_us, bench.env->now_us);
		bench_step();
		lt_pump();
	}
	bench.env->now_us = end_us;
}

static void drop(size_t i)
{
	lt.queued--;
	memmove(&lt.queue[i], &lt.queue[i + 1],
		(lt.queued - i) * sizeof(lt.queue[0]));
}

static const char *queue_text(void)
{
	static char text[2000];
	int n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < lt.queued && n < 1500; i++) {
		n += snprintf(text + n, 40, " [%04x]", lt.queue[i].cid);
		for (size_t k = 0; k < RT_MIN(lt.queue[i].len, (size_t)20); k++)
			n += snprintf(text + n, 40, " %02x",
				      lt.queue[i].data[k]);
	}
	return text;
}

static size_t find(uint8_t code)
{
	size_t i;

	for (i = 0; i < lt.queued; i++) {
		if (lt.queue[i].cid == 1 && lt.queue[i].data[0] == code)
			break;
	}
	return i;
}

const struct lt_cmd *lt_expect(uint8_t code)
{
	const struct lt_pdu *pdu;
	size_t i;

	lt_pump();
	i = find(code);
	if (i == lt.queued)
		ck_abort_msg("no command 0x%02x among:%s", code, queue_text());
	pdu = &lt.queue[i];
	lt.last.at_us = pdu->at_us;
	lt.last.code = code;
	lt.last.ident = pdu->data[1];
	lt.last.len = pdu->len - 4;
	memcpy(lt.last.data, pdu->data + 4, lt.last.len);
	drop(i);
	return &lt.last;
}

void lt_expect_answer(uint8_t code, const char *fmt, ...)
{
	uint8_t want[HEX_BYTES];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = hex_read(format(fmt, ap), want, sizeof(want));
	va_end(ap);
	lt_expect(code);
	LT_MUST(lt.last.ident == lt.ident);
	LT_MUST(lt.last.len == len);
	LT_MUST(memcmp(lt.last.data, want, len) == 0);
}

const struct lt_pdu *lt_expect_pdu(uint16_t cid)
{
	static struct lt_pdu pdu;
	size_t i;

	lt_pump();
	for (i = 0; i < lt.queued && lt.queue[i].cid == 1; i++)
		;
	if (i == lt.queued)
		ck_abort_msg("no data among:%s", queue_text());
	pdu = lt.queue[i];
	LT_MUST(pdu.cid == cid);
	drop(i);
	return &pdu;
}

bool lt_has(uint8_t code)
{
	lt_pump();
	return find(code) < lt.queued;
}

void lt_nothing(void)
{
	lt_pump();
	if (lt.queued > 0)
		ck_abort_msg("sent:%s", queue_text());
}

void lt_forget(void)
{
	lt_pump();
	lt.queued = 0;
}

void lt_ping(void)
{
	lt_ask(ECHO_REQ, "c0ffee");
	lt_expect_answer(ECHO_RSP, "c0ffee");
}

uint16_t lt_le16(const struct lt_cmd *cmd, size_t at)
{
	LT_MUST(at + 2 <= cmd->len);
	return (uint16_t)(cmd->data[at] | cmd->data[at + 1] << 8);
}

struct rt_l2cap_info lt_info(void)
{
	struct rt_l2cap_info info = { .scid = 0 };

	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, APP->handle, &info), 0);
	return info;
}
