/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/l2cap_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/link.h"

#define PDU_BYTES 3000
#define SILENCE_US RT_SECONDS(500)

struct bed bed;

static const uint8_t zeros[PDU_BYTES];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

void bed_check(void)
{
	const char *wrong;

	rt_env_reap(bench.env);
	wrong = rt_l2cap_check(bench.l2cap);
	must(!wrong, wrong);
}

static size_t find(rt_handle handle)
{
	size_t i;

	for (i = 0; i < bed.chans; i++) {
		if (bed.chan[i].handle == handle)
			break;
	}
	must(i < bed.chans, "only channels that we know are told of");
	return i;
}

static void on_opened(void *user, rt_handle handle)
{
	const size_t i = find(handle);

	(void)user;
	must(bed.chan[i].there && !bed.chan[i].opened, "opened once");
	bed.chan[i].opened = true;
}

static void on_closed(void *user, rt_handle handle, const struct rt_reason *why)
{
	const size_t i = find(handle);

	(void)user;
	must(bed.chan[i].there, "closed once");
	must(bed.chan[i].pulled == 0, "all is completed before closed");
	must(why->layer != RT_LAYER_NONE, "an end has a reason");
	bed.chan[i].there = false;
}

static void on_rx(void *user, rt_handle handle, struct rt_bytes sdu)
{
	const size_t i = find(handle);
	struct rt_l2cap_info info;

	(void)user;
	must(bed.chan[i].there && bed.chan[i].opened, "data of open channels");
	must(rt_l2cap_get_info(bench.l2cap, handle, &info) == 0, "info");
	must(sdu.len <= info.imtu, "no SDU is longer than our MTU");
}

static bool on_pull(void *user, rt_handle handle, size_t max,
		    struct rt_pdu *pdu)
{
	const size_t i = find(handle);

	(void)user;
	must(bed.chan[i].there && bed.chan[i].opened, "pulled while open");
	if (bed.to_send == 0)
		return false;
	pdu->body[0] = rt_bytes(zeros, RT_MIN(bed.to_send, max));
	pdu->done.bytes = (uint32_t)pdu->body[0].len;
	bed.to_send = 0;
	bed.chan[i].pulled++;
	return true;
}

static void on_completed(void *user, rt_handle handle,
			 const struct rt_done *done, bool written)
{
	const size_t i = find(handle);

	(void)user;
	(void)done;
	(void)written;
	must(bed.chan[i].pulled > 0, "completed what was pulled");
	bed.chan[i].pulled--;
}

static bool add(rt_handle handle)
{
	if (bed.chans == BED_CHANS)
		return false;
	memset(&bed.chan[bed.chans], 0, sizeof(bed.chan[0]));
	bed.chan[bed.chans].handle = handle;
	bed.chan[bed.chans++].there = true;
	return true;
}

/* Every fourth channel of a peer has to wait, every eighth is refused. */
static int on_incoming(void *user, rt_handle handle)
{
	(void)user;
	if (bed.chans % 8 == 7 || !add(handle))
		return -ENOBUFS;
	return bed.chans % 4 == 3 ? -EAGAIN : 0;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

static const struct rt_l2cap_ops listener = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

void bed_begin(void)
{
	memset(&bed, 0, sizeof(bed));
	bench_setup();
	bench.link = fake_hci_incoming(&bench.hci, bench_addr(1));
}

static struct rt_l2cap_params params_of(enum rt_l2cap_mode mode, bool required)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.mode = mode,
		.mode_required = required,
		.imtu = 300,
		.window = mode == RT_L2CAP_MODE_ERTM && required ? 100 : 0,
		.extended_window = mode == RT_L2CAP_MODE_ERTM && required,
		.fcs = RT_L2CAP_FCS_NONE,
	};

	return params;
}

void bed_listen(uint16_t psm, enum rt_l2cap_mode mode, bool required)
{
	struct rt_l2cap_params params = params_of(mode, required);
	uint16_t got;

	params.ops = &listener;
	must(rt_l2cap_listen(bench.l2cap, psm, &params, &got) == 0, "listen");
}

void bed_connect(uint16_t psm, enum rt_l2cap_mode mode, bool required,
		 size_t count)
{
	const struct rt_l2cap_params params = params_of(mode, required);
	rt_handle handles[RT_L2CAP_CREDIT_CHANNELS_MAX];
	int ret;

	if (bed.chans + count > BED_CHANS)
		return;
	if (mode == RT_L2CAP_MODE_CREDIT)
		ret = rt_l2cap_connect_many(bench.l2cap, bench_addr(1), psm,
					    &params, count, handles);
	else
		ret = rt_l2cap_connect(bench.l2cap, bench_addr(1), psm, &params,
				       handles);
	if (mode != RT_L2CAP_MODE_CREDIT)
		count = 1;
	for (size_t i = 0; ret == 0 && i < count; i++)
		add(handles[i]);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	if (bench.link && bench.link->state == RT_HCI_LINK_CONNECTING)
		fake_link_up(bench.link);
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void pair(uint16_t ours, uint16_t peers)
{
	const size_t i = bed.pairs % BED_CHANS;

	bed.pair[i].ours = ours;
	bed.pair[i].peers = peers;
	bed.pairs++;
}

/* Notes a command of ours: code, identifier, length, data. */
static void note(const uint8_t *cmd, size_t len)
{
	const uint8_t *data = cmd + 4;

	if (cmd[0] < sizeof(bed.ident))
		bed.ident[cmd[0]] = cmd[1];
	if (cmd[0] == 0x02)
		pair(le16(data + 2), (uint16_t)(le16(data + 2) + 0x100));
	if (cmd[0] == 0x03 && le16(data) != 0)
		pair(le16(data), le16(data + 2));
	for (size_t at = 12; cmd[0] == 0x17 && at + 2 <= len; at += 2)
		pair(le16(cmd + at), (uint16_t)(le16(cmd + at) + 0x100));
	for (size_t i = 0; cmd[0] == 0x18 && 14 + 2 * i <= len; i++)
		pair(le16(cmd + 12 + 2 * i), bed.asked[i % 5]);
}

void bed_pull(void)
{
	uint8_t pdu[PDU_BYTES];
	size_t len;

	while (bench.link &&
	       (len = fake_link_pull(bench.link, pdu, sizeof(pdu))) > 0) {
		fake_link_complete(bench.link, bench.link->sent_count, true);
		if (le16(pdu + 2) == 1 && len <= sizeof(pdu))
			note(pdu + 4, len - 4);
		bed.replies += le16(pdu + 2) == 1;
		rt_env_reap(bench.env);
	}
	bed_check();
}

void bed_rx(uint16_t cid, const uint8_t *data, size_t len)
{
	if (bench.link->state != RT_HCI_LINK_OPEN)
		return;
	bed.replies = 0;
	fake_link_rx(bench.link, cid, data, len);
	bed_pull();
	must(bed.replies <= bench.env->limits.sig_replies + BED_CHANS,
	     "few answers to one PDU");
}

void bed_break(void)
{
	if (bench.link->state != RT_HCI_LINK_OPEN)
		return;
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	rt_env_reap(bench.env);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	if (!bench.link)
		bench.link = fake_hci_incoming(&bench.hci, bench_addr(1));
	else
		fake_link_up(bench.link);
	bed.pairs = 0;
	bed_check();
}

/* From timer to timer: nothing happens in between. */
static void fall_silent(void)
{
	const uint64_t end_us = bench.env->now_us + SILENCE_US;
	uint64_t due_us;

	bed_pull();
	while (rt_timers_next(&bench.env->timers, &due_us) &&
	       due_us <= end_us) {
		bench_wait_us(due_us - RT_MIN(due_us, bench.env->now_us));
		bed_pull();
	}
	bench.env->now_us = RT_MAX(end_us, bench.env->now_us);
}

void bed_end(void)
{
	const struct rt_l2cap_link *link;
	const struct rt_l2cap_chan *chan;

	fall_silent();
	link = rt_hci_link_user(bench.link);
	if (link && bench.link->state == RT_HCI_LINK_OPEN) {
		RT_LIST_EACH (chan, &link->chans, node)
			must(chan->state == RT_L2CAP_CHAN_OPEN,
			     "every channel is open or gone in the end");
	}
	for (size_t i = 0; i < bed.chans; i++)
		rt_l2cap_close(bench.l2cap, bed.chan[i].handle);
	fall_silent();
	for (size_t i = 0; i < bed.chans; i++)
		must(!bed.chan[i].there, "every channel is closed in the end");
	if (bench.link->state == RT_HCI_LINK_OPEN)
		fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	must(rt_l2cap_is_idle(bench.l2cap), "nothing is left");
	bench_teardown();
}
