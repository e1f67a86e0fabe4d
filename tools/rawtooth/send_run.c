/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rawtooth/research.h>

#include "tools/rawtooth/args.h"
#include "tools/rawtooth/pdu.h"
#include "tools/rawtooth/send.h"

/* Getting the link into the right state, sending, and showing what comes. */

#define CID_SIGNAL 0x0001
#define PSM_RFCOMM 0x0003
#define PAGE_MS_DEFAULT 5120
#define SETUP_MS 3000
#define SABM 0x3f
#define PAUSE_MS_MAX 3600000
#define FOREVER UINT64_MAX

/* ---- what passes ------------------------------------------------------- */

static bool is_rfcomm(const struct rt_send *send)
{
	return send->channel != 0 || send->how != RT_SEND_PDU;
}

static void name_pdu(const struct rt_send *send, const struct rt_tap_pdu *pdu,
		     char *name)
{
	const bool of_rfcomm =
		send->psm == PSM_RFCOMM &&
		(pdu->id == send->values.scid || pdu->id == send->values.dcid);

	name[0] = '\0';
	if (pdu->layer == RT_TAP_RFCOMM || of_rfcomm)
		rt_pdu_name_frame(pdu->data, pdu->bytes, name);
	else if (pdu->id == CID_SIGNAL)
		rt_pdu_name_signal(pdu->data, pdu->bytes, name);
}

/* "< 0x0001 CONN_RSP 0301..." or "< dlci 2 UA 0b73..." */
static void show(const struct rt_send *send, const struct rt_tap_pdu *pdu,
		 const char *remark)
{
	char name[RT_PDU_NAME_BYTES];

	name_pdu(send, pdu, name);
	if (pdu->layer == RT_TAP_RFCOMM)
		printf("%c dlci %u", pdu->sent ? '>' : '<', pdu->id);
	else
		printf("%c 0x%04x", pdu->sent ? '>' : '<', pdu->id);
	printf("%s%s ", name[0] ? " " : "", name);
	rt_pdu_print_hex(stdout, pdu->data, pdu->bytes);
	printf("%s\n", remark);
}

/* Frames of RFCOMM pass twice: they are taken for what they are. */
static bool is_of_interest(const struct rt_send *send,
			   const struct rt_tap_pdu *pdu)
{
	if (pdu->layer == RT_TAP_RFCOMM)
		return is_rfcomm(send);
	return !is_rfcomm(send) || pdu->id == CID_SIGNAL;
}

static bool is_wanted(const struct rt_send *send, const struct rt_tap_pdu *pdu)
{
	const bool verbose = send->tool->verbose > 0;

	if (!verbose && (pdu->sent || !send->sending))
		return false;
	return is_of_interest(send, pdu);
}

static bool on_tap(const struct rt_tap_pdu *pdu, void *user_data)
{
	struct rt_send *send = user_data;

	if (!rt_addr_equal(pdu->peer, send->addr))
		return true;
	/* What our own commands on the DLC look like, its SABM tells. */
	if (pdu->layer == RT_TAP_RFCOMM && pdu->sent && pdu->id != 0 &&
	    pdu->bytes > 1 && pdu->data[1] == SABM)
		send->values.address = pdu->data[0];
	if (is_wanted(send, pdu))
		show(send, pdu, pdu->sent ? " (the stack)" : "");
	return pdu->sent || !send->sending || !send->drop ||
	       !is_of_interest(send, pdu);
}

/* ---- the right state --------------------------------------------------- */

/* Waits until `done` or the deadline. False if it did not come about. */
static bool wait_until(struct rt_send *send, bool (*done)(struct rt_send *),
		       uint64_t until_us)
{
	uint64_t now_us;

	while (rt_tool_running(send->tool)) {
		if (done && done(send))
			return true;
		now_us = rt_tool_now_us();
		if (now_us >= until_us)
			return false;
		rt_tool_wait(send->tool, NULL, 0,
			     until_us == FOREVER
				     ? -1
				     : (int)((until_us - now_us + 999) / 1000));
	}
	return false;
}

static bool has_link(struct rt_send *send)
{
	return rt_host_has_link(send->tool->host, send->addr);
}

static bool is_settled(struct rt_send *send)
{
	return send->failed ||
	       rt_socket_state(send->socket) == RT_SOCKET_CONNECTED;
}

static void on_error(struct rt_socket *socket, enum rt_socket_error error,
		     void *user_data)
{
	struct rt_send *send = user_data;

	(void)error;
	if (send->sending) {
		fprintf(stderr, "The connection has ended: %s\n",
			rt_socket_error_string(socket));
		return;
	}
	rt_tool_error("cannot connect to %s: %s", send->peer,
		      rt_socket_error_string(socket));
	send->failed = true;
}

/* What the stack delivers has been shown already. */
static void on_readable(struct rt_socket *socket, void *user_data)
{
	char sink[4096];
	ptrdiff_t count;

	(void)user_data;
	do
		count = rt_socket_read(socket, sink, sizeof(sink));
	while (count >= 0 || count == -ENOBUFS);
}

static int set_option(void *target, enum rt_option option, int64_t value)
{
	return rt_socket_set_option(target, option, value);
}

static int set_up_socket(struct rt_send *send)
{
	int err;

	if (send->channel != 0)
		return 0;
	/* Any datagram can be read then into what is there for it. */
	err = rt_modes_set_up(&send->modes, set_option, send->socket);
	if (err == 0 && send->mtu != 0)
		err = rt_socket_set_option(send->socket, RT_OPTION_MTU,
					   send->mtu);
	return err;
}

static int open_socket(struct rt_send *send)
{
	const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_error = on_error,
		.on_readable = on_readable,
	};
	const enum rt_protocol protocol =
		send->channel ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP;
	int err = -ENOMEM;

	send->socket = rt_socket_new(send->tool->host, protocol);
	if (send->socket) {
		rt_socket_set_callbacks(send->socket, &callbacks, send);
		err = set_up_socket(send);
	}
	if (err == 0)
		err = rt_socket_connect(send->socket, send->addr,
					send->channel ? (uint16_t)send->channel
						      : send->psm);
	if (err < 0) {
		rt_tool_explain_connect(send->tool, send->addr, err);
		return err;
	}
	/* Each stage of connecting has a limit of its own. */
	if (!wait_until(send, is_settled, FOREVER) || send->failed)
		return -ECANCELED;
	if (send->channel == 0)
		return rt_socket_channel_ids(send->socket, &send->values.scid,
					     &send->values.dcid);
	return 0;
}

static int open_link(struct rt_send *send)
{
	const uint32_t ms =
		(send->tool->page_timeout_ms ? send->tool->page_timeout_ms
					     : PAGE_MS_DEFAULT) +
		SETUP_MS;
	int err = rt_host_hold_link(send->tool->host, send->addr, true);

	if (err < 0) {
		rt_tool_explain_connect(send->tool, send->addr, err);
		return err;
	}
	if (wait_until(send, has_link, rt_tool_now_us() + ms * UINT64_C(1000)))
		return 0;
	if (rt_tool_running(send->tool))
		rt_tool_error("cannot connect to %s: no link after %" PRIu32
			      " ms: the peer is off, out of range, not "
			      "connectable, or busy",
			      send->peer, ms);
	return -ETIMEDOUT;
}

/* ---- sending ----------------------------------------------------------- */

static uint16_t target_cid(const struct rt_send *send)
{
	switch (send->where) {
	case RT_SEND_TO_DEFAULT:
		return send->psm ? send->values.dcid : CID_SIGNAL;
	case RT_SEND_TO_SIGNAL:
		return CID_SIGNAL;
	case RT_SEND_TO_DATA:
		return send->values.dcid;
	case RT_SEND_TO_NUMBER:
		return (uint16_t)send->cid;
	}
	return CID_SIGNAL;
}

static int hand_over(const struct rt_send *send)
{
	struct rt_host *host = send->tool->host;

	switch (send->how) {
	case RT_SEND_PDU:
		return rt_host_send_raw(host, send->addr, send->values.cid,
					send->packet.data, send->packet.bytes);
	case RT_SEND_FRAME:
		return rt_host_send_frame(host, send->addr, send->packet.data,
					  send->packet.bytes);
	case RT_SEND_MCC:
		return rt_host_send_mcc(host, send->addr, send->mcc_type,
					!send->mcc_response, send->packet.data,
					send->packet.bytes);
	}
	return -EINVAL;
}

static void show_sent(const struct rt_send *send)
{
	struct rt_tap_pdu pdu = {
		.size = sizeof(pdu),
		.layer =
			send->how == RT_SEND_PDU ? RT_TAP_L2CAP : RT_TAP_RFCOMM,
		.peer = send->addr,
		.sent = true,
		.id = send->values.cid,
		.data = send->packet.data,
		.bytes = send->packet.bytes,
	};

	if (send->how == RT_SEND_FRAME)
		pdu.id = pdu.bytes > 0 ? pdu.data[0] >> 2 : 0;
	if (send->how != RT_SEND_MCC) {
		show(send, &pdu, "");
		return;
	}
	printf("> dlci 0 %s %s ", rt_pdu_mcc_name(send->mcc_type),
	       send->mcc_response ? "response" : "command");
	rt_pdu_print_hex(stdout, send->packet.data, send->packet.bytes);
	putchar('\n');
}

bool rt_send_read_pause(const char *item, uint32_t *ret_ms, int *ret_err)
{
	if (item[0] != '@')
		return false;
	*ret_err = rt_args_number("a pause in ms", item + 1, 0, PAUSE_MS_MAX,
				  ret_ms);
	return true;
}

static int send_item(struct rt_send *send, const char *item)
{
	uint32_t ms = 0;
	int err = 0;

	if (rt_send_read_pause(item, &ms, &err)) {
		wait_until(send, NULL, rt_tool_now_us() + ms * UINT64_C(1000));
		return 0;
	}
	send->values.cid = target_cid(send);
	err = rt_template_expand(item, &send->values, &send->packet);
	if (err < 0)
		return err;
	if (memchr(item, '{', strlen(item)) && strstr(item, "{ident}"))
		send->values.ident++;
	err = hand_over(send);
	if (err < 0) {
		rt_tool_error("cannot send \"%s\" to %s: %s", item, send->peer,
			      err == -ENOTCONN
				      ? "the link or the session has gone"
				      : strerror(-err));
		return err;
	}
	show_sent(send);
	return 0;
}

static int send_all(struct rt_send *send)
{
	int err = 0;

	send->sending = true;
	for (int i = 0; i < send->item_count && err == 0; i++) {
		err = send_item(send, send->items[i]);
		if (!rt_tool_running(send->tool))
			break;
	}
	if (err < 0)
		return RT_EXIT_FAILED;
	wait_until(send, NULL,
		   rt_tool_now_us() + send->wait_ms * UINT64_C(1000));
	return rt_tool_is_lost(send->tool) ? RT_EXIT_FAILED : RT_EXIT_OK;
}

int rt_send_run(struct rt_send *send)
{
	int status = RT_EXIT_FAILED;

	if (rt_tool_start(send->tool) < 0)
		return RT_EXIT_FAILED;
	rt_host_set_tap(send->tool->host, on_tap, send);
	if (open_link(send) == 0 &&
	    ((!send->psm && !send->channel) || open_socket(send) == 0))
		status = send_all(send);
	if (rt_tool_explain_loss(send->tool))
		status = RT_EXIT_FAILED;
	else if (send->tool->interrupts > 0 && !send->sending)
		rt_tool_error("interrupted");
	send->sending = false;
	rt_host_set_tap(send->tool->host, NULL, NULL);
	rt_socket_free(send->socket);
	if (!rt_tool_is_lost(send->tool))
		(void)!rt_host_hold_link(send->tool->host, send->addr, false);
	return status;
}
