/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/conformance/l2cap/script.h"

/* The application above the engine. */

struct app app;

void app_forget(void)
{
	for (size_t i = 0; i < APP_CHANS; i++)
		memset(&app.chan[i], 0, offsetof(struct app_chan, rx_len));
	app.count = 0;
}

static struct app_chan *chan_of(rt_handle handle)
{
	for (size_t i = 0; i < app.count; i++) {
		if (app.chan[i].handle == handle)
			return &app.chan[i];
	}
	LT_MUST(app.count < APP_CHANS);
	app.chan[app.count].handle = handle;
	return &app.chan[app.count++];
}

static void on_opened(void *user, rt_handle handle)
{
	LT_MUST(user == &app);
	chan_of(handle)->opened++;
}

static void on_closed(void *user, rt_handle handle, const struct rt_reason *why)
{
	struct app_chan *chan = chan_of(handle);

	LT_MUST(user == &app);
	chan->closed++;
	LT_MUST(chan->closed == 1);
	chan->why = *why;
}

static void on_rx(void *user, rt_handle handle, struct rt_bytes sdu)
{
	struct app_chan *chan = chan_of(handle);

	LT_MUST(user == &app);
	LT_MUST(chan->rx_count < APP_SDUS);
	LT_MUST(sdu.len <= APP_SDU_BYTES);
	chan->rx_len[chan->rx_count] = sdu.len;
	if (sdu.len > 0)
		memcpy(chan->rx[chan->rx_count], sdu.ptr, sdu.len);
	chan->rx_count++;
	if (app.close_on_rx)
		rt_l2cap_close(bench.l2cap, handle);
}

static bool on_pull(void *user, rt_handle handle, size_t max,
		    struct rt_pdu *pdu)
{
	struct app_chan *chan = chan_of(handle);
	const size_t i = chan->tx_pulled;

	LT_MUST(user == &app);
	if (i == chan->tx_count)
		return false;
	LT_MUST(chan->tx_len[i] <= max);
	pdu->body[0] = rt_bytes(chan->tx[i], chan->tx_len[i]);
	pdu->done.bytes = (uint32_t)chan->tx_len[i];
	chan->tx_pulled++;
	return true;
}

static void on_completed(void *user, rt_handle handle,
			 const struct rt_done *done, bool written)
{
	LT_MUST(user == &app);
	LT_MUST(done->chan == handle);
	if (written)
		chan_of(handle)->written++;
	else
		chan_of(handle)->lost++;
}

static int on_incoming(void *user, rt_handle handle)
{
	LT_MUST(user == &app);
	app.incoming++;
	if (app.answer == 0 || app.answer == -EAGAIN)
		chan_of(handle);
	return app.answer;
}

static const struct rt_l2cap_ops app_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

static const struct rt_l2cap_ops app_listener_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

void app_listen(void)
{
	uint16_t got;

	lt.params.ops = &app_listener_ops;
	lt.params.user = &app;
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, lt.psm, &lt.params, &got),
			 0);
	ck_assert_uint_eq(got, lt.psm);
}

void app_ask(void)
{
	rt_handle handle;

	lt.params.ops = &app_ops;
	lt.params.user = &app;
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), lt.psm,
					  &lt.params, &handle),
			 0);
	chan_of(handle);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
}

void app_connect(void)
{
	app_ask();
	if (bench.link->state == RT_HCI_LINK_CONNECTING)
		fake_link_up(bench.link);
}

void app_connect_many(size_t count)
{
	rt_handle handles[RT_L2CAP_CREDIT_CHANNELS_MAX];

	lt.params.ops = &app_ops;
	lt.params.user = &app;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       lt.psm, &lt.params, count,
					       handles),
			 0);
	for (size_t i = 0; i < count; i++)
		chan_of(handles[i]);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	if (bench.link->state == RT_HCI_LINK_CONNECTING)
		fake_link_up(bench.link);
}

void app_room(size_t bytes)
{
	rt_l2cap_set_room(bench.l2cap, APP->handle, bytes);
	bench_step(); /* more room is looked at on a fresh stack */
}

static uint8_t *next_sdu(struct app_chan *chan, size_t bytes)
{
	const size_t i = chan->tx_count;

	LT_MUST(i < APP_SDUS);
	LT_MUST(bytes <= APP_SDU_BYTES);
	chan->tx_count++;
	chan->tx_len[i] = bytes;
	return chan->tx[i];
}

void app_send(const char *hex)
{
	uint8_t buf[APP_SDU_BYTES];
	const size_t len = hex_read(hex, buf, sizeof(buf));

	memcpy(next_sdu(APP, len), buf, len);
	rt_l2cap_ready(bench.l2cap, APP->handle);
}

void app_send_bytes_on(size_t chan, size_t bytes)
{
	uint8_t *sdu = next_sdu(&app.chan[chan], bytes);

	for (size_t i = 0; i < bytes; i++)
		sdu[i] = lt_octet(i);
	rt_l2cap_ready(bench.l2cap, app.chan[chan].handle);
}

void app_send_bytes(size_t bytes)
{
	app_send_bytes_on(0, bytes);
}

void app_received(size_t count, const char *hex)
{
	uint8_t want[APP_SDU_BYTES];
	const size_t len = hex_read(hex, want, sizeof(want));

	ck_assert_uint_eq(APP->rx_count, count);
	ck_assert_uint_eq(APP->rx_len[count - 1], len);
	ck_assert(memcmp(APP->rx[count - 1], want, len) == 0);
}

void app_received_bytes_on(size_t i, size_t count, size_t bytes)
{
	const struct app_chan *chan = &app.chan[i];

	ck_assert_uint_eq(chan->rx_count, count);
	ck_assert_uint_eq(chan->rx_len[count - 1], bytes);
	for (size_t k = 0; k < bytes; k++)
		LT_MUST(chan->rx[count - 1][k] == lt_octet(k));
}

void app_received_bytes(size_t count, size_t bytes)
{
	app_received_bytes_on(0, count, bytes);
}
