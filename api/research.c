/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <rawtooth/research.h>

#include "api/host.h"
#include "api/socket.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

/* Octets of one's own, and a tap: the doors for research. */

#define DLCI_SHIFT 2 /* in the address octet (TS 07.10 5.2.1.2) */

static bool show(struct rt_host *host, const struct rt_tap_pdu *pdu)
{
	const bool inside = host->in_tap;
	bool pass;

	host->in_tap = true;
	pass = host->tap(pdu, host->tap_user);
	host->in_tap = inside;
	return pass;
}

static bool on_pdu(void *user, struct rt_addr peer, bool sent, uint16_t cid,
		   struct rt_bytes payload)
{
	const struct rt_tap_pdu pdu = {
		.size = sizeof(pdu),
		.layer = RT_TAP_L2CAP,
		.peer = peer,
		.sent = sent,
		.id = cid,
		.data = payload.ptr,
		.bytes = payload.len,
	};

	return show(user, &pdu);
}

static bool on_frame(void *user, struct rt_addr peer, bool sent, uint16_t cid,
		     struct rt_bytes frame)
{
	const struct rt_tap_pdu pdu = {
		.size = sizeof(pdu),
		.layer = RT_TAP_RFCOMM,
		.peer = peer,
		.sent = sent,
		.id = frame.len > 0 ? frame.ptr[0] >> DLCI_SHIFT : 0,
		.data = frame.ptr,
		.bytes = frame.len,
	};

	(void)cid;
	return show(user, &pdu);
}

static const struct rt_l2cap_tap l2cap_tap = { .pdu = on_pdu };
static const struct rt_l2cap_tap rfcomm_tap = { .pdu = on_frame };

void rt_host_set_tap(struct rt_host *host, rt_tap_fn *tap, void *user_data)
{
	host->tap = tap;
	host->tap_user = user_data;
	rt_l2cap_set_tap(host->l2cap, tap ? &l2cap_tap : NULL, host);
	rt_rfcomm_set_tap(host->rfcomm, tap ? &rfcomm_tap : NULL, host);
}

/* Inside a tap an engine is at work: its time stays. */
static void enter(struct rt_host *host)
{
	if (!host->in_tap)
		rt_api_host_enter(host);
}

static int check(const void *data, size_t bytes)
{
	return data || bytes == 0 ? 0 : -EINVAL;
}

int rt_host_hold_link(struct rt_host *host, struct rt_addr addr, bool hold)
{
	int err;

	if (rt_addr_is_zero(addr))
		return -EINVAL;
	if (host->in_tap)
		return -EBUSY;
	if (hold && !rt_api_host_is_up(host))
		return -ENETDOWN;
	enter(host);
	err = rt_l2cap_hold_link(host->l2cap, addr, hold);
	rt_api_host_touch(host);
	return err;
}

bool rt_host_has_link(const struct rt_host *host, struct rt_addr addr)
{
	return rt_l2cap_link_up(host->l2cap, addr);
}

int rt_host_send_raw(struct rt_host *host, struct rt_addr addr, uint16_t cid,
		     const void *data, size_t bytes)
{
	int err = check(data, bytes);

	if (err < 0)
		return err;
	enter(host);
	err = rt_l2cap_send_raw(host->l2cap, addr, cid, rt_bytes(data, bytes));
	rt_api_host_touch(host);
	return err;
}

int rt_host_inject(struct rt_host *host, struct rt_addr addr, uint16_t cid,
		   const void *data, size_t bytes)
{
	int err = host->in_tap ? -EBUSY : check(data, bytes);

	if (err < 0)
		return err;
	enter(host);
	err = rt_l2cap_inject(host->l2cap, addr, cid, rt_bytes(data, bytes));
	rt_api_host_touch(host);
	return err;
}

int rt_host_send_frame(struct rt_host *host, struct rt_addr addr,
		       const void *frame, size_t bytes)
{
	int err = check(frame, bytes);

	if (err < 0)
		return err;
	enter(host);
	err = rt_rfcomm_send_raw(host->rfcomm, addr, rt_bytes(frame, bytes));
	rt_api_host_touch(host);
	return err;
}

int rt_host_send_mcc(struct rt_host *host, struct rt_addr addr, uint8_t type,
		     bool command, const void *value, size_t bytes)
{
	int err = check(value, bytes);

	if (err < 0)
		return err;
	enter(host);
	err = rt_rfcomm_send_raw_mcc(host->rfcomm, addr, type, command,
				     rt_bytes(value, bytes));
	rt_api_host_touch(host);
	return err;
}

int rt_host_inject_frame(struct rt_host *host, struct rt_addr addr,
			 const void *frame, size_t bytes)
{
	int err = host->in_tap ? -EBUSY : check(frame, bytes);

	if (err < 0)
		return err;
	enter(host);
	err = rt_rfcomm_inject(host->rfcomm, addr, rt_bytes(frame, bytes));
	rt_api_host_touch(host);
	return err;
}

int rt_socket_channel_ids(const struct rt_socket *s, uint16_t *ret_ours,
			  uint16_t *ret_peers)
{
	struct rt_l2cap_info info;

	if (s->protocol != RT_PROTOCOL_L2CAP)
		return -EOPNOTSUPP;
	if (s->state != RT_SOCKET_CONNECTED ||
	    rt_l2cap_get_info(s->host->l2cap, s->conn->handle, &info) < 0)
		return -ENOTCONN;
	*ret_ours = info.scid;
	*ret_peers = info.dcid;
	return 0;
}
