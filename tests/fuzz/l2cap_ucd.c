/* SPDX-License-Identifier: MIT */
/*
 * Connectionless data and PDUs that are sent raw, and a gate that changes its
 * mind, about channels too.
 */
#include <errno.h>
#include <string.h>

#include "stack/wr.h"
#include "tests/fuzz/l2cap_bed.h"
#include "tests/fuzz/l2cap_signalling.h"

#define PSMS 8
#define DATA_MAX 255

static struct {
	bool listens[PSMS];
	enum rt_l2cap_verdict connectionless;
	enum rt_l2cap_verdict channels;
	unsigned int received;
	struct rt_bytes sent; /* by the peer, of this step */
} ucd;

static const struct rt_sec_need need = { .min_key_bytes =
						 RT_SEC_KEY_SIZE_FLOOR };

/* The last of them is none. */
static uint16_t psm_of(unsigned int i)
{
	return i == PSMS - 1 ? 0x1000 : (uint16_t)(0x1001 + 2 * i);
}

static void on_rx(void *user, struct rt_addr peer, uint16_t psm,
		  struct rt_bytes data)
{
	const bool *listens = user;

	(void)peer;
	bed_must(*listens &&
			 psm == psm_of((unsigned int)(listens - ucd.listens)),
		 "connectionless data come to who listens");
	bed_must(ucd.connectionless == RT_L2CAP_ALLOW, "the gate is asked");
	bed_must(data.len == ucd.sent.len &&
			 (data.len == 0 ||
			  memcmp(data.ptr, ucd.sent.ptr, data.len) == 0),
		 "connectionless data are what was sent");
	ucd.received++;
}

static enum rt_l2cap_verdict
on_check(void *user, const struct rt_l2cap_gate_request *request,
	 struct rt_reason *ret_why)
{
	(void)user;
	(void)ret_why;
	return request->connectionless ? ucd.connectionless : ucd.channels;
}

void ucd_begin(void)
{
	static const struct rt_l2cap_gate gate = { .check = on_check };

	memset(&ucd, 0, sizeof(ucd));
	ucd.connectionless = RT_L2CAP_NO_AUTHENTICATION;
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
}

static void listen(unsigned int i)
{
	static const struct rt_l2cap_ucd_ops ops = { .rx = on_rx };
	const int err = rt_l2cap_ucd_listen(bench.l2cap, psm_of(i), &need, &ops,
					    &ucd.listens[i]);

	bed_must(!ucd.listens[i] || err == -EADDRINUSE, "one listener a PSM");
	bed_must(i < PSMS - 1 || err == -EINVAL, "a PSM is odd");
	if (err == 0)
		ucd.listens[i] = true;
}

static void receive(unsigned int i, struct rt_bytes data)
{
	uint8_t buf[2 + DATA_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const bool delivered = ucd.listens[i] &&
			       ucd.connectionless == RT_L2CAP_ALLOW &&
			       bench.link->state == RT_HCI_LINK_OPEN;

	rt_wr_le16(&w, psm_of(i));
	rt_wr_put(&w, data);
	ucd.sent = data;
	ucd.received = 0;
	bed_rx(2, rt_wr_bytes(&w).ptr, rt_wr_bytes(&w).len);
	bed_must(ucd.received == delivered,
		 "who listens hears once, if the gate allows it");
}

/* What a user or the peer does, with which PSM, and data. */
void ucd_step(struct rt_rd *in)
{
	const uint8_t how = rt_rd_u8(in);
	const unsigned int i = how >> 3 & (PSMS - 1);
	const struct rt_bytes data =
		rt_rd_take(in, RT_MIN(rt_rd_left(in), (size_t)DATA_MAX));

	switch (how % 8) {
	case 0:
	case 1:
		listen(i);
		break;
	case 2:
		rt_l2cap_ucd_unlisten(bench.l2cap, psm_of(i));
		ucd.listens[i] = false;
		break;
	case 3:
		receive(i, data);
		break;
	case 4:
		/* On none of the fixed channels: it would pass for ours. */
		(void)!rt_l2cap_send_raw(bench.l2cap, bench_addr(1),
					 (uint16_t)(0x40 + i), data);
		break;
	default:
		(void)!rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), psm_of(i),
					 &need, data);
		break;
	}
	bed_pull();
}

void ucd_change_gate(struct rt_rd *in)
{
	static const enum rt_l2cap_verdict verdicts[] = {
		RT_L2CAP_ALLOW,
		RT_L2CAP_ALLOW,
		RT_L2CAP_WAIT_AUTHENTICATION,
		RT_L2CAP_WAIT_AUTHORIZATION,
		RT_L2CAP_NO_AUTHENTICATION,
		RT_L2CAP_NO_AUTHORIZATION,
		RT_L2CAP_KEY_TOO_SHORT,
		RT_L2CAP_NO_ENCRYPTION,
	};
	const uint8_t how = rt_rd_u8(in);

	ucd.connectionless = verdicts[how & 7];
	ucd.channels = verdicts[how >> 3 & 7];
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	if (how & 0x80)
		bed_pull();
	bed_check();
}
