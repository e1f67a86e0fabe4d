/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/ertm_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 66000
#define OUR_CID 0x0040
#define PEER_CID 0x0041

/* Cheaper than ck_assert(), which reports its place each time. */
#define MUST(ok)                                 \
	do {                                     \
		if (!(ok))                       \
			ck_abort_msg("%s", #ok); \
	} while (0)

struct ertm_bench eb;

struct ertm_sdu {
	struct ertm_sdu *next;
	size_t len;
	uint8_t octets[];
};

static const char *const functions[] = { "RR", "REJ", "RNR", "SREJ" };
static const char *const parts[] = { "", " start", " end", " cont" };

struct frame {
	bool s;
	bool f;
	bool p;
	unsigned int function;
	unsigned int sar;
	unsigned int tx_seq;
	unsigned int req_seq;
};

static uint32_t field_of(const struct frame *f, bool extended)
{
	if (extended && f->s)
		return 1U | (unsigned int)f->f << 1 | f->req_seq << 2 |
		       f->function << 16 | (unsigned int)f->p << 18;
	if (extended)
		return (unsigned int)f->f << 1 | f->req_seq << 2 |
		       f->sar << 16 | f->tx_seq << 18;
	if (f->s)
		return 1U | f->function << 2 | (unsigned int)f->p << 4 |
		       (unsigned int)f->f << 7 | f->req_seq << 8;
	return f->tx_seq << 1 | (unsigned int)f->f << 7 | f->req_seq << 8 |
	       f->sar << 14;
}

static struct frame frame_of(uint32_t field, bool extended)
{
	struct frame f = { .s = field & 1 };

	if (extended) {
		f.f = field >> 1 & 1;
		f.req_seq = field >> 2 & 0x3fff;
		f.sar = f.function = field >> 16 & 3;
		f.p = f.s && (field >> 18 & 1);
		f.tx_seq = field >> 18;
		return f;
	}
	f.tx_seq = field >> 1 & 0x3f;
	f.function = field >> 2 & 3;
	f.p = f.s && (field >> 4 & 1);
	f.f = field >> 7 & 1;
	f.req_seq = field >> 8 & 0x3f;
	f.sar = field >> 14 & 3;
	return f;
}

static bool parse_function(const char *word, struct frame *f)
{
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(functions); i++) {
		if (strcmp(word, functions[i]) == 0) {
			f->s = true;
			f->function = i;
			return true;
		}
	}
	return false;
}

static void parse_word(const char *word, struct frame *f)
{
	if (parse_function(word, f))
		return;
	if (strcmp(word, "F") == 0)
		f->f = true;
	else if (strcmp(word, "P") == 0)
		f->p = true;
	else if (strcmp(word, "start") == 0)
		f->sar = 1;
	else if (strcmp(word, "end") == 0)
		f->sar = 2;
	else if (strcmp(word, "cont") == 0)
		f->sar = 3;
	else if (sscanf(word, "I%u", &f->tx_seq) != 1 &&
		 sscanf(word, "r%u", &f->req_seq) != 1)
		ck_abort_msg("what is \"%s\"?", word);
}

size_t ertm_code(const char *text, bool extended, uint8_t *buf)
{
	const char *payload = strchr(text, ':');
	const size_t n = extended ? 4 : 2;
	struct frame f = { .s = false };
	char words[80];
	uint32_t field;

	snprintf(words, sizeof(words), "%.*s",
		 (int)(payload ? payload - text : (int)strlen(text)), text);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		parse_word(w, &f);
	field = field_of(&f, extended);
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(field >> (8 * i));
	if (!payload)
		return n;
	return n + hex_read(payload + 1, buf + n, FRAME_MAX - n);
}

static char *text_of(const uint8_t *p, size_t len, bool extended, char *text)
{
	const size_t n = extended ? 4 : 2;
	struct frame f;
	uint32_t field = 0;
	int at;

	if (len < n)
		return strcpy(text, "too short");
	for (size_t i = n; i > 0; i--)
		field = field << 8 | p[i - 1];
	f = frame_of(field, extended);
	if (f.s)
		at = sprintf(text, "%s r%u", functions[f.function], f.req_seq);
	else
		at = sprintf(text, "I%u r%u", f.tx_seq, f.req_seq);
	at += sprintf(text + at, "%s%s%s", f.p ? " P" : "", f.f ? " F" : "",
		      f.s ? "" : parts[f.sar]);
	if (len > n)
		at += sprintf(text + at, " : ");
	for (size_t i = n; i < len; i++)
		at += sprintf(text + at, "%02x", p[i]);
	return text;
}

uint16_t ertm_fcs(uint16_t cid, const uint8_t *payload, size_t len)
{
	const uint8_t header[] = { (uint8_t)(len + 2),
				   (uint8_t)((len + 2) >> 8), (uint8_t)cid,
				   (uint8_t)(cid >> 8) };
	unsigned int reg = 0;
	unsigned int in;

	for (size_t i = 0; i < sizeof(header) + len; i++) {
		in = i < sizeof(header) ? header[i]
					: payload[i - sizeof(header)];
		for (int bit = 0; bit < 8; bit++) {
			const bool feed = (reg ^ in >> bit) & 1;

			reg = reg >> 1 ^ (feed ? 0xa001U : 0);
		}
	}
	return (uint16_t)reg;
}

static size_t add_fcs(uint16_t cid, uint8_t *buf, size_t len)
{
	const uint16_t fcs = ertm_fcs(cid, buf, len);

	if (!eb.chan->agreed.fcs)
		return len;
	buf[len] = (uint8_t)fcs;
	buf[len + 1] = (uint8_t)(fcs >> 8);
	return len + 2;
}

static void check(void)
{
	const struct rt_l2cap_chan *chan =
		rt_slots_get(&bench.l2cap->chans, eb.user.chan);
	const char *fault = chan ? rt_l2cap_ertm_check(chan) : NULL;

	if (fault)
		ck_abort_msg("does not hold: %s", fault);
}

static void tell(const char *text)
{
	struct user *user = &eb.user;
	const size_t len = strlen(user->log);

	snprintf(user->log + len, sizeof(user->log) - len, "%s%s",
		 len > 0 ? " " : "", text);
	if (user->on && strncmp(text, user->on, strlen(user->on)) == 0)
		user->then(user);
}

static void on_opened(void *ctx, rt_handle chan)
{
	(void)ctx;
	(void)chan;
	tell("opened");
}

static void on_closed(void *ctx, rt_handle chan, const struct rt_reason *why)
{
	(void)ctx;
	(void)chan;
	eb.user.why = *why;
	tell("closed");
}

static void on_rx(void *ctx, rt_handle chan, struct rt_bytes sdu)
{
	char text[3 + 2 * 64 + 1] = "rx:";
	uint8_t copy[64];
	const size_t n = RT_MIN(sdu.len, sizeof(copy));

	(void)ctx;
	(void)chan;
	if (n > 0)
		memcpy(copy, sdu.ptr, n);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 3 + 2 * i, 3, "%02x", copy[i]);
	tell(text);
	/* Whatever the user did: the SDU is there until we return. */
	MUST(n == 0 || memcmp(copy, sdu.ptr, n) == 0);
}

static bool on_pull(void *ctx, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct ertm_sdu **end = &eb.held;
	struct ertm_sdu *sdu = eb.first;
	struct rt_pkt *pkt;

	(void)ctx;
	(void)chan;
	if (!sdu)
		return false;
	MUST(sdu->len <= max);
	eb.first = sdu->next;
	sdu->next = NULL;
	while (*end)
		end = &(*end)->next;
	*end = sdu;
	pdu->done.bytes = (uint32_t)sdu->len;
	if (eb.rfcomm_like) {
		pkt = rt_pkt_new(bench.env, 2);
		MUST(pkt);
		pkt->len = 2;
		memcpy(pkt->data, sdu->octets + 1, 2);
		rt_pdu_push(pdu, 1)[0] = sdu->octets[0];
		rt_pdu_own(pdu, pkt);
		rt_pdu_append(pdu, 1)[0] = sdu->octets[3];
	} else {
		pdu->body[0] = rt_bytes(sdu->octets, sdu->len / 2);
		pdu->body[1] = rt_bytes(sdu->octets + sdu->len / 2,
					sdu->len - sdu->len / 2);
	}
	if (eb.user.on && strcmp(eb.user.on, "pull") == 0)
		eb.user.then(&eb.user);
	return true;
}

static void on_completed(void *ctx, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	struct ertm_sdu *sdu = eb.held;
	char text[20];

	(void)ctx;
	MUST(chan == done->chan);
	MUST(sdu);
	MUST(sdu->len == done->bytes);
	eb.held = sdu->next;
	free(sdu);
	snprintf(text, sizeof(text), "%s:%u", written ? "written" : "lost",
		 done->bytes);
	tell(text);
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

struct rt_l2cap_agreed ertm_agreed(void)
{
	const struct rt_l2cap_agreed agreed = {
		.mode = RT_L2CAP_MODE_ERTM,
		.tx_window = 8,
		.rx_window = 8,
		.max_transmit = 3,
		.tx_mps = 48,
		.rx_mps = 48,
		.retransmission_ms = 2000,
		.monitor_ms = 12000,
	};

	return agreed;
}

void ertm_setup(void)
{
	bench_setup();
	eb = (struct ertm_bench){ .chan = NULL };
}

static void free_sdus(struct ertm_sdu **list)
{
	struct ertm_sdu *sdu;

	while ((sdu = *list)) {
		*list = sdu->next;
		free(sdu);
	}
}

void ertm_teardown(void)
{
	bench_teardown();
	free_sdus(&eb.first);
	free_sdus(&eb.held);
}

void ertm_anew(void)
{
	ertm_teardown();
	ertm_setup();
}

void ertm_open(struct rt_l2cap_agreed agreed)
{
	to_open(&eb.user);
	rt_l2cap_set_user(bench.l2cap, eb.user.chan, &ops, &eb.user);
	eb.chan = rt_slots_get(&bench.l2cap->chans, eb.user.chan);
	eb.chan->mode->end(eb.chan);
	eb.chan->agreed = agreed;
	eb.chan->mode = agreed.mode == RT_L2CAP_MODE_ERTM
				? &rt_l2cap_ertm_ops
				: &rt_l2cap_streaming_ops;
	ck_assert_int_eq(eb.chan->mode->begin(eb.chan), 0);
	check();
}

void ertm_open_default(void)
{
	ertm_open(ertm_agreed());
}

void ertm_open_window(uint16_t window)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.rx_window = window;
	ertm_open(agreed);
}

void ertm_reopen(struct rt_l2cap_agreed agreed)
{
	eb.chan->agreed = agreed;
	ck_assert_int_eq(eb.chan->mode->begin(eb.chan), 0);
	rt_l2cap_mode_ready(eb.chan);
	check();
}

static void add_sdu(const uint8_t *octets, size_t n)
{
	struct ertm_sdu *sdu = malloc(sizeof(*sdu) + n);
	struct ertm_sdu **end = &eb.first;

	MUST(sdu);
	sdu->next = NULL;
	sdu->len = n;
	if (n > 0)
		memcpy(sdu->octets, octets, n);
	while (*end)
		end = &(*end)->next;
	*end = sdu;
	rt_l2cap_ready(bench.l2cap, eb.user.chan);
}

void ertm_write(const char *hex)
{
	static uint8_t octets[FRAME_MAX];

	add_sdu(octets, hex_read(hex, octets, sizeof(octets)));
}

void ertm_write_octets(size_t n)
{
	static uint8_t octets[FRAME_MAX];

	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)i;
	add_sdu(octets, n);
}

void ertm_room(size_t bytes)
{
	rt_l2cap_set_room(bench.l2cap, eb.user.chan, bytes);
	bench_step();
	check();
}

static void receive(const uint8_t *buf, size_t len)
{
	fake_link_rx(bench.link, OUR_CID, buf, len);
	bench_step();
	check();
}

void rx_frame(const char *text)
{
	static uint8_t buf[FRAME_MAX];
	const size_t len = ertm_code(text, eb.chan->agreed.extended, buf);

	receive(buf, add_fcs(OUR_CID, buf, len));
}

void ertm_rx_i(unsigned int tx_seq)
{
	char text[40];

	snprintf(text, sizeof(text), "I%u r0 : %02x", tx_seq, tx_seq & 0xff);
	rx_frame(text);
}

void rx_bad_fcs(const char *text)
{
	static uint8_t buf[FRAME_MAX];
	const size_t len = ertm_code(text, eb.chan->agreed.extended, buf);
	const size_t all = add_fcs(OUR_CID, buf, len);

	buf[all - 1] ^= 1;
	receive(buf, all);
}

/* The next frame, or NULL. */
static const char *pull(void)
{
	static uint8_t buf[FRAME_MAX];
	static char text[2 * FRAME_MAX + 80];
	size_t len = fake_link_pull(bench.link, buf, sizeof(buf));

	if (bench.hold == HOLD_NOTHING)
		fake_link_complete(bench.link, bench.link->sent_count, true);
	bench_step();
	if (len == 0) {
		check();
		return NULL;
	}
	MUST((buf[2] | buf[3] << 8) == PEER_CID);
	check();
	len -= 4;
	if (eb.chan->agreed.fcs) {
		MUST(len >= 2);
		len -= 2;
		MUST((buf[4 + len] | buf[5 + len] << 8) ==
		     ertm_fcs(PEER_CID, buf + 4, len));
	}
	return text_of(buf + 4, len, eb.chan->agreed.extended, text);
}

void tx_frame(const char *text)
{
	static uint8_t buf[FRAME_MAX];
	static char want[2 * FRAME_MAX + 80];
	const bool extended = eb.chan->agreed.extended;
	const char *sent = pull();

	text_of(buf, ertm_code(text, extended, buf), extended, want);
	ck_assert_msg(sent, "nothing sent; wanted %s", want);
	ck_assert_str_eq(sent, want);
}

size_t tx_discard_one(void)
{
	const char *sent = pull();

	return sent ? strlen(sent) : 0;
}

void tx_no_frame(void)
{
	const char *sent = pull();

	ck_assert_msg(!sent, "sent %s", sent);
}

void ertm_wait_ms(uint64_t ms)
{
	bench_wait_ms(ms);
	check();
}

void ertm_told(const char *what)
{
	told(&eb.user, what);
}

void ertm_failed(uint16_t code)
{
	const char *const all = eb.user.log;

	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	bench_step();
	MUST(strlen(all) >= 6);
	ck_assert_str_eq(all + strlen(all) - 6, "closed");
	MUST(eb.user.why.layer == RT_LAYER_L2CAP);
	ck_assert_msg(eb.user.why.code == code, "closed with 0x%04x",
		      eb.user.why.code);
	eb.user.log[0] = '\0';
	eb.chan = NULL;
}

void ertm_in(const char *states)
{
	static const char *const tx_states[] = { "XMIT", "WAIT_F" };
	static const char *const rx_states[] = { "RECV", "REJ_SENT",
						 "SREJ_SENT" };
	const struct rt_l2cap_ertm *e = eb.chan->mode_state;
	char now[30];

	snprintf(now, sizeof(now), "%s %s", tx_states[e->tx.state],
		 rx_states[e->rx.state]);
	ck_assert_str_eq(now, states);
}

struct rt_l2cap_info ertm_info(void)
{
	return info_of(&eb.user);
}
