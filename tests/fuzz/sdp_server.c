/* SPDX-License-Identifier: MIT */
/*
 * The server, on a fake L2CAP. The first octet chooses the records, the second
 * the peer's MTU. Then come PDUs, each an octet of what to do with it and one
 * of its length: bit 7 gives it the right parameter length, bit 6 the
 * continuation state of the last response at its end. A length of 0 stands for
 * something else, by the lower bits: a record comes, changes or goes, time
 * passes, or the channel is closed and opened.
 */
#include <string.h>

#include "l2cap/sdp/pdu.h"
#include "stack/rd.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sdp/bench.h"

#define PDU_MAX 300

static struct {
	uint8_t cont[17]; /* with its length */
	uint32_t last;	  /* record published */
	uint16_t mtu;
} now;

/* What each response must be. */
static void look(const uint8_t *request, size_t request_len)
{
	const size_t n = tx_take();
	const uint8_t *p = bench.got;
	size_t at;

	if (n == 0)
		return;
	ck_assert(request_len >= 3 && n >= 7 && n <= now.mtu);
	ck_assert(p[1] == request[1] && p[2] == request[2]);
	ck_assert((size_t)(p[3] << 8 | p[4]) == n - 5);
	if (p[0] == 1) {
		ck_assert(n == 7 && p[5] == 0 && p[6] >= 1 && p[6] <= 6);
		return;
	}
	ck_assert(p[0] == request[0] + 1);
	if (p[0] == 3)
		at = 9 + 4 * (size_t)(p[7] << 8 | p[8]);
	else
		at = 7 + (size_t)(p[5] << 8 | p[6]);
	ck_assert(at < n && p[at] <= 16 && at + 1 + p[at] == n);
	memcpy(now.cont, p + at, 1 + (size_t)p[at]);
	ck_assert(tx_take() == 0);
}

static void send(uint8_t how, struct rt_bytes octets)
{
	uint8_t pdu[PDU_MAX];
	size_t n = octets.len;

	memcpy(pdu, octets.ptr, n);
	if (how & 0x40 && n > 0) {
		memcpy(pdu + n - 1, now.cont, 1 + (size_t)now.cont[0]);
		n += now.cont[0];
	}
	if (how & 0x80 && n >= RT_SDP_HEADER_BYTES) {
		pdu[3] = (uint8_t)((n - RT_SDP_HEADER_BYTES) >> 8);
		pdu[4] = (uint8_t)(n - RT_SDP_HEADER_BYTES);
	}
	rx_octets(pdu, n);
	look(pdu, n);
}

static void change(uint8_t how)
{
	switch (how & 7) {
	case 0:
	case 1:
		if (now.last < 0x00010010)
			now.last = bench_publish((size_t)how * 4);
		return;
	case 2:
		(void)!rt_sdp_update(bench.sdp, now.last, rt_bytes(NULL, 0));
		return;
	case 3:
	case 4:
		rt_sdp_remove(bench.sdp, now.last);
		return;
	case 5:
		bench_wait_us(RT_SECONDS(100));
		break;
	default:
		if (fake_find(&bench.l2cap, bench.chan))
			bench_hang_up();
		break;
	}
	if (!fake_find(&bench.l2cap, bench.chan))
		bench_accept(now.mtu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	const uint8_t records = rt_rd_u8(&r);

	memset(&now, 0, sizeof(now));
	now.mtu = (uint16_t)(48 + 4 * rt_rd_u8(&r));
	bench_setup();
	for (unsigned int i = 0; i < (records & 7U); i++)
		now.last = bench_publish(i * records);
	bench_accept(now.mtu);
	while (rt_rd_left(&r) > 0) {
		const uint8_t how = rt_rd_u8(&r);
		const size_t n = rt_rd_u8(&r);

		if (n == 0)
			change(how);
		else
			send(how, rt_rd_take(&r, RT_MIN(n, rt_rd_left(&r))));
	}
	bench_teardown();
	return 0;
}
