/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/credit.h"

#include <stdio.h>
#include <string.h>

struct credit credit;

void credit_setup(void)
{
	lt_setup();
	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	lt.params.imtu = CREDIT_MTU;
	lt.params.mps = CREDIT_MPS;
	memset(&credit, 0, sizeof(credit));
	credit.mtu = CREDIT_MTU;
	credit.mps = CREDIT_MPS;
	credit.credits = 10;
}

void credit_ask(size_t count)
{
	app_connect_many(count);
	lt_expect(CREDIT_CONN_REQ);
	LT_MUST(lt.last.len == 8 + 2 * count);
	LT_MUST((lt_le16(&lt.last, 0)) == lt.psm);
	credit.iut_mtu = lt_le16(&lt.last, 2);
	credit.iut_mps = lt_le16(&lt.last, 4);
	credit.iut_credits = lt_le16(&lt.last, 6);
	LT_MUST(credit.iut_mtu >= 64);
	LT_MUST(credit.iut_mps >= 64);
	LT_MUST(credit.iut_credits >= 1);
	credit.count = count;
	for (size_t i = 0; i < count; i++)
		credit.iut[i] = lt_le16(&lt.last, 8 + 2 * i);
}

/* Channel ids as octets, 0 if `first` is. */
static const char *cids(uint16_t first, size_t count)
{
	static char text[8 * 4 + 1];

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		credit.cid[i] = (uint16_t)(first ? first + i : 0);
		snprintf(text + 4 * i, 5, "%04x", LE(credit.cid[i]));
	}
	return text;
}

void credit_respond(uint16_t result, uint16_t first)
{
	lt_send(CREDIT_CONN_RSP, lt.last.ident, "%04x %04x %04x %04x %s",
		LE(credit.mtu), LE(credit.mps), LE(credit.credits), LE(result),
		cids(first, credit.count));
}

void credit_request(size_t count, uint16_t first)
{
	lt_ask(CREDIT_CONN_REQ, "%04x %04x %04x %04x %s", LE(lt.psm),
	       LE(credit.mtu), LE(credit.mps), LE(credit.credits),
	       cids(first, count));
	do {
		lt_expect(CREDIT_CONN_RSP);
		LT_MUST(lt.last.ident == lt.ident);
		LT_MUST(lt.last.len == 8 + 2 * count);
		credit.result = lt_le16(&lt.last, 6);
	} while (credit.result >= 0x000d && credit.result <= 0x000f);
	credit.iut_mtu = lt_le16(&lt.last, 0);
	credit.iut_mps = lt_le16(&lt.last, 2);
	credit.iut_credits = lt_le16(&lt.last, 4);
	credit.count = count;
	for (size_t i = 0; i < count; i++)
		credit.iut[i] = lt_le16(&lt.last, 8 + 2 * i);
}

void credit_open(bool we_initiate, size_t count)
{
	if (we_initiate) {
		credit_ask(count);
		credit_respond(0, LT_CID);
	} else {
		app_listen();
		lt_link();
		credit_request(count, LT_CID);
		LT_MUST(credit.result == 0);
	}
	for (size_t i = 0; i < count; i++) {
		LT_MUST(credit.iut[i] >= 0x0040);
		LT_MUST(app.chan[i].opened == 1);
	}
	lt.iut = credit.iut[0];
	lt_nothing();
}

void credit_k(size_t i, int sdu, size_t from, size_t bytes)
{
	uint8_t buf[2 + LT_PDU_BYTES];
	size_t len = 0;

	if (sdu >= 0) {
		buf[len++] = (uint8_t)sdu;
		buf[len++] = (uint8_t)(sdu >> 8);
	}
	for (size_t k = 0; k < bytes; k++)
		buf[len++] = lt_octet(from + k);
	fake_link_rx(bench.link, credit.iut[i], buf, len);
	rt_env_reap(bench.env);
}

size_t credit_expect_sdu(size_t i, size_t bytes)
{
	const struct lt_pdu *pdu;
	size_t frames = 0;
	size_t sum = 0;
	size_t k;

	do {
		pdu = lt_expect_pdu(credit.cid[i]);
		LT_MUST(pdu->len <= credit.mps);
		k = frames == 0 ? 2 : 0;
		LT_MUST(pdu->len >= k);
		if (frames == 0)
			ck_assert_uint_eq(pdu->data[0] | pdu->data[1] << 8,
					  bytes);
		for (; k < pdu->len; k++)
			LT_MUST(pdu->data[k] == lt_octet(sum++));
		frames++;
	} while (sum < bytes);
	LT_MUST(sum == bytes);
	return frames;
}

void credit_give(size_t i, uint16_t credits)
{
	lt_ask(CREDIT_IND, "%04x %04x", LE(credit.cid[i]), LE(credits));
}

void credit_is_disconnected(size_t i)
{
	lt_expect(DISC_REQ);
	LT_MUST((lt_le16(&lt.last, 0)) == credit.cid[i]);
	LT_MUST((lt_le16(&lt.last, 2)) == credit.iut[i]);
	lt_send(DISC_RSP, lt.last.ident, "%04x %04x", LE(credit.cid[i]),
		LE(credit.iut[i]));
	LT_MUST(app.chan[i].closed == 1);
	lt_forget();
	lt_ping();
}

uint16_t credit_reconfigure(uint16_t mtu, uint16_t mps, size_t first,
			    size_t count)
{
	char list[4 * CREDIT_CHANS + 1] = "";

	for (size_t i = 0; i < count; i++)
		snprintf(list + 4 * i, 5, "%04x", LE(credit.cid[first + i]));
	lt_ask(CREDIT_RECONF_REQ, "%04x %04x %s", LE(mtu), LE(mps), list);
	lt_expect(CREDIT_RECONF_RSP);
	LT_MUST(lt.last.ident == lt.ident);
	LT_MUST(lt.last.len == 2);
	return lt_le16(&lt.last, 0);
}
