/* SPDX-License-Identifier: MIT */
#include "tests/limits/crowd_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"

/* L2CAP signalling (Core Vol 3 Part A 4). */
#define SIGNALLING 0x0001
#define CMD_REJ 0x01
#define CONN_RSP 0x03
#define CONF_REQ 0x04
#define CONF_RSP 0x05
#define DISC_REQ 0x06
#define DISC_RSP 0x07
#define ECHO_RSP 0x09
#define INFO_REQ 0x0a
#define INFO_RSP 0x0b

#define FEATURES_BASIC 0x80 /* fixed channels */

/* --- the controller ----------------------------------------------------- */

void crowd_peer_print_addr(const struct crowd_peer *peer, char hex[13])
{
	uint8_t buf[6];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_addr(&w, peer->addr);
	for (size_t i = 0; i < sizeof(buf); i++)
		snprintf(hex + 2 * i, 3, "%02x", buf[i]);
}

static void queue(struct crowd *crowd, uint8_t code, struct rt_bytes parameters)
{
	uint8_t buf[257];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, code);
	rt_wr_u8(&w, (uint8_t)parameters.len);
	rt_wr_put(&w, parameters);
	crowd_queue_event(crowd, rt_wr_bytes(&w));
}

static void command_status(struct crowd *crowd, uint16_t opcode)
{
	const uint8_t parameters[] = { 0, 1, (uint8_t)opcode,
				       (uint8_t)(opcode >> 8) };

	queue(crowd, 0x0f, rt_bytes(parameters, sizeof(parameters)));
}

/* Command Complete; the answer repeats the handle or the address. */
static void command_complete(struct crowd *crowd, uint16_t opcode,
			     struct rt_bytes parameters, size_t repeated)
{
	uint8_t buf[32];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, 1);
	rt_wr_le16(&w, opcode);
	rt_wr_u8(&w, 0);
	rt_wr_put(&w,
		  rt_bytes(parameters.ptr, RT_MIN(parameters.len, repeated)));
	queue(crowd, 0x0e, rt_wr_bytes(&w));
}

static void key_size(const struct crowd_peer *peer)
{
	const uint8_t parameters[] = {
		1,
		0x08,
		0x14,
		0,
		(uint8_t)peer->handle,
		(uint8_t)(peer->handle >> 8),
		16,
	};

	queue(peer->crowd, 0x0e, rt_bytes(parameters, sizeof(parameters)));
}

static void connection_complete(const struct crowd_peer *peer, uint8_t status)
{
	uint8_t buf[11];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, peer->handle);
	rt_wr_addr(&w, peer->addr);
	rt_wr_u8(&w, 1);
	rt_wr_u8(&w, 0);
	queue(peer->crowd, 0x03, rt_wr_bytes(&w));
}

void crowd_tell_key_size(struct crowd_peer *peer)
{
	key_size(peer);
	world_settle(peer->crowd->w);
}

void crowd_peer_comes_up(struct crowd_peer *peer)
{
	peer->linked = true;
	peer->features = FEATURES_BASIC;
	connection_complete(peer, 0);
}

static void disconnected(struct crowd_peer *peer)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (!peer->linked)
		return;
	peer->crowd->links_ended++;
	peer->linked = false;
	rt_wr_u8(&w, 0);
	rt_wr_le16(&w, peer->handle);
	rt_wr_u8(&w, 0x16);
	queue(peer->crowd, 0x05, rt_wr_bytes(&w));
}

/* Features without Secure Simple Pairing and extended features. */
static void tell_features(const struct crowd_peer *peer)
{
	static const uint8_t features[] = { 0xbf, 0xfe, 0x8f, 0xfe,
					    0xd8, 0x3f, 0x53, 0x07 };
	uint8_t buf[11];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, 0);
	rt_wr_le16(&w, peer->handle);
	rt_wr_put(&w, rt_bytes(features, sizeof(features)));
	queue(peer->crowd, 0x0b, rt_wr_bytes(&w));
}

static void rejected(struct crowd_peer *peer, struct rt_bytes parameters)
{
	peer->refused = true;
	peer->reason = parameters.len > 6 ? parameters.ptr[6] : 0;
	connection_complete(peer, peer->reason);
}

/* Commands whose Command Complete repeats the address of the peer. */
static bool repeats_addr(uint16_t opcode)
{
	switch (opcode) {
	case 0x040b: /* Link Key Request Reply, and Negative Reply */
	case 0x040c:
	case 0x040d: /* PIN Code */
	case 0x040e:
	case 0x042b: /* IO Capability */
	case 0x0434:
	case 0x042c: /* User Confirmation */
	case 0x042d:
	case 0x042e: /* User Passkey */
	case 0x042f:
	case 0x0430: /* Remote OOB Data */
	case 0x0433:
		return true;
	default:
		return false;
	}
}

void crowd_peer_commanded(struct crowd_peer *peer, uint16_t opcode,
			  struct rt_bytes parameters)
{
	struct crowd *crowd = peer->crowd;

	switch (opcode) {
	case 0x0405: /* Create Connection */
		command_status(crowd, opcode);
		crowd_peer_comes_up(peer);
		return;
	case 0x0406: /* Disconnect */
		command_status(crowd, opcode);
		disconnected(peer);
		return;
	case 0x0409: /* Accept Connection Request */
		command_status(crowd, opcode);
		if (!crowd->hold_setup)
			crowd_peer_comes_up(peer);
		return;
	case 0x040a: /* Reject Connection Request */
		command_status(crowd, opcode);
		rejected(peer, parameters);
		return;
	case 0x1408: /* Read Encryption Key Size */
		if (!crowd->hold_key_size)
			key_size(peer);
		return;
	case 0x041b: /* Read Remote Supported Features */
		command_status(crowd, opcode);
		tell_features(peer);
		return;
	case 0x0c35: /* Host Number Of Completed Packets is not answered */
		return;
	default:
		command_complete(crowd, opcode, parameters,
				 repeats_addr(opcode) ? 6 : 2);
	}
}

/* --- PDUs of the host --------------------------------------------------- */

static bool is_response(const struct crowd_pdu *pdu)
{
	if (pdu->cid != SIGNALLING || pdu->len == 0)
		return false;
	switch (pdu->data[0]) {
	case CMD_REJ:
	case CONN_RSP:
	case CONF_RSP:
	case DISC_RSP:
	case ECHO_RSP:
	case INFO_RSP:
	case 0x18: /* CREDIT_BASED_CONN_RSP */
	case 0x1a:
		return true;
	default:
		return false;
	}
}

static void remember(struct crowd_peer *peer)
{
	struct crowd_pdu *pdu = &peer->pdu[peer->heard++ % CROWD_PDUS];
	struct rt_rd r = rt_rd_init(rt_bytes(peer->rx, peer->rx_len));
	struct rt_bytes payload;

	pdu->len = rt_rd_le16(&r);
	pdu->cid = rt_rd_le16(&r);
	payload = rt_rd_take(&r, pdu->len);
	ck_assert(rt_rd_done(&r));
	/* What is answered must not be forgotten before. */
	ck_assert_uint_le(peer->heard - peer->looked_at, CROWD_PDUS);
	memset(pdu->data, 0, sizeof(pdu->data));
	if (payload.len > 0)
		memcpy(pdu->data, payload.ptr,
		       RT_MIN(payload.len, sizeof(pdu->data)));
	peer->pdus++;
	peer->octets += peer->rx_len;
	peer->responses += is_response(pdu);
	peer->rx_len = 0;
}

static size_t announced(const struct crowd_peer *peer)
{
	return 4U + peer->rx[0] + 256U * peer->rx[1];
}

void crowd_peer_receives(struct crowd_peer *peer, bool first,
			 struct rt_bytes data)
{
	ck_assert_uint_eq(first, peer->rx_len == 0);
	ck_assert_uint_le(peer->rx_len + data.len, sizeof(peer->rx));
	memcpy(peer->rx + peer->rx_len, data.ptr, data.len);
	peer->rx_len += data.len;
	peer->owed++;
	if (peer->rx_len >= 4 && peer->rx_len >= announced(peer))
		remember(peer);
}

void crowd_count_anew(struct crowd_peer *peer)
{
	peer->pdus = 0;
	peer->octets = 0;
	peer->responses = 0;
}

const struct crowd_pdu *crowd_heard(const struct crowd_peer *peer, size_t back)
{
	if (back >= peer->heard || back >= CROWD_PDUS)
		return NULL;
	return &peer->pdu[(peer->heard - 1 - back) % CROWD_PDUS];
}

void crowd_expect(const struct crowd_peer *peer, uint16_t cid, const char *hex)
{
	const struct crowd_pdu *pdu = crowd_heard(peer, 0);
	unsigned int octet;
	size_t n = 0;

	ck_assert_ptr_nonnull(pdu);
	ck_assert_uint_eq(pdu->cid, cid);
	for (; *hex; hex += *hex == ' ' ? 1 : 2) {
		if (*hex == ' ')
			continue;
		if (*hex != '.') {
			ck_assert_int_eq(sscanf(hex, "%2x", &octet), 1);
			ck_assert_msg(pdu->data[n] == octet,
				      "octet %zu is %02x, not %02x", n,
				      pdu->data[n], octet);
		}
		n++;
	}
	ck_assert_uint_le(n, pdu->len);
}

/* --- what a peer answers ------------------------------------------------ */

static uint16_t le16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static struct crowd_chan *by_scid(struct crowd_peer *peer, uint16_t scid)
{
	for (unsigned int i = 0; i < peer->chan_count; i++) {
		if (peer->chan[i].scid == scid && !peer->chan[i].over)
			return &peer->chan[i];
	}
	return NULL;
}

/* A command of ours, from inside a settling. */
static void reply(struct crowd_peer *peer, uint8_t code, uint8_t ident,
		  struct rt_bytes data)
{
	uint8_t buf[64];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, code);
	rt_wr_u8(&w, ident);
	rt_wr_le16(&w, (uint16_t)data.len);
	rt_wr_put(&w, data);
	ck_assert(rt_wr_ok(&w));
	crowd_put(peer, SIGNALLING, rt_wr_bytes(&w));
}

static void on_conn_rsp(struct crowd_peer *peer, const uint8_t *data)
{
	struct crowd_chan *chan = by_scid(peer, le16(data + 2));

	if (!chan)
		return;
	chan->dcid = le16(data);
	chan->result = le16(data + 4);
	chan->over = chan->result > 1;
}

/* Agrees to whatever it is. */
static void on_conf_req(struct crowd_peer *peer, uint8_t ident,
			const uint8_t *data)
{
	struct crowd_chan *chan = by_scid(peer, le16(data));
	uint8_t buf[6] = { 0 };
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (!chan)
		return;
	rt_wr_le16(&w, chan->dcid);
	rt_wr_le16(&w, 0);
	rt_wr_le16(&w, 0);
	if (data[4] == 0x01)
		chan->mtu = le16(data + 6);
	chan->agreed = true;
	reply(peer, CONF_RSP, ident, rt_bytes(buf, sizeof(buf)));
}

static void on_conf_rsp(struct crowd_peer *peer, const uint8_t *data)
{
	struct crowd_chan *chan = by_scid(peer, le16(data));

	if (chan && le16(data + 4) == 0)
		chan->asked = true;
}

static void on_disc_req(struct crowd_peer *peer, uint8_t ident,
			const uint8_t *data)
{
	struct crowd_chan *chan = by_scid(peer, le16(data));

	peer->crowd->disconnections++;
	if (!chan)
		return;
	chan->over = true;
	reply(peer, DISC_RSP, ident, rt_bytes(data, 4));
}

static void on_info_req(struct crowd_peer *peer, uint8_t ident,
			const uint8_t *data)
{
	uint8_t buf[12] = { data[0], data[1], 0, 0, 2 };
	struct rt_wr w = rt_wr_init(buf + 4, 8);

	if (le16(data) == 2)
		rt_wr_le32(&w, peer->features);
	reply(peer, INFO_RSP, ident,
	      rt_bytes(buf, le16(data) == 2 ? 8 : sizeof(buf)));
}

static void act(struct crowd_peer *peer, const struct crowd_pdu *pdu)
{
	const uint8_t ident = pdu->data[1];
	const uint8_t *data = pdu->data + 4;

	if (pdu->cid != SIGNALLING)
		return;
	switch (pdu->data[0]) {
	case CONN_RSP:
		on_conn_rsp(peer, data);
		return;
	case CONF_REQ:
		if (!peer->mute)
			on_conf_req(peer, ident, data);
		return;
	case CONF_RSP:
		on_conf_rsp(peer, data);
		return;
	case DISC_REQ:
		if (!peer->mute)
			on_disc_req(peer, ident, data);
		return;
	case INFO_REQ:
		if (!peer->mute)
			on_info_req(peer, ident, data);
		return;
	}
}

bool crowd_peer_acts(struct crowd_peer *peer)
{
	bool any = false;

	while (peer->linked && peer->looked_at < peer->heard) {
		act(peer, &peer->pdu[peer->looked_at++ % CROWD_PDUS]);
		any = true;
	}
	return any;
}

/* --- channels ----------------------------------------------------------- */

static uint8_t next_ident(struct crowd_peer *peer)
{
	if (++peer->ident == 0)
		peer->ident = 1;
	return peer->ident;
}

/* A place that no open channel has. */
static struct crowd_chan *new_chan(struct crowd_peer *peer)
{
	unsigned int i = 0;

	while (i < peer->chan_count && !peer->chan[i].over)
		i++;
	ck_assert_uint_lt(i, CROWD_CHANS);
	peer->chan_count = RT_MAX(peer->chan_count, i + 1);
	peer->chan[i] = (struct crowd_chan){
		.peer = peer,
		.scid = (uint16_t)(0x100 + i),
	};
	return &peer->chan[i];
}

struct crowd_chan *crowd_ask(struct crowd_peer *peer, uint16_t psm)
{
	struct crowd_chan *chan = new_chan(peer);

	crowd_say(peer, SIGNALLING, "02 %02x 0400 %02x%02x %02x%02x",
		  next_ident(peer), psm & 0xffU, (unsigned int)psm >> 8,
		  chan->scid & 0xffU, (unsigned int)chan->scid >> 8);
	return chan;
}

void crowd_configure(struct crowd_chan *chan, const char *options)
{
	uint8_t buf[256];
	const size_t len = hex_read(options, buf, sizeof(buf));

	crowd_say(chan->peer, SIGNALLING, "04 %02x %02x00 %02x%02x 0000 %s",
		  next_ident(chan->peer), (unsigned int)(4 + len),
		  chan->dcid & 0xffU, (unsigned int)chan->dcid >> 8, options);
}

struct crowd_chan *crowd_open(struct crowd_peer *peer, uint16_t psm,
			      uint16_t mtu)
{
	struct crowd_chan *chan = crowd_ask(peer, psm);
	char options[16] = "";

	ck_assert_uint_eq(chan->result, 0);
	ck_assert_uint_ge(chan->dcid, 0x40);
	if (mtu > 0)
		snprintf(options, sizeof(options), "0102%02x%02x", mtu & 0xffU,
			 (unsigned int)mtu >> 8);
	crowd_configure(chan, options);
	ck_assert(chan->asked && chan->agreed && !chan->over);
	return chan;
}

void crowd_close(struct crowd_chan *chan)
{
	chan->over = true;
	crowd_say(chan->peer, SIGNALLING, "06 %02x 0400 %02x%02x %02x%02x",
		  next_ident(chan->peer), chan->dcid & 0xffU,
		  (unsigned int)chan->dcid >> 8, chan->scid & 0xffU,
		  (unsigned int)chan->scid >> 8);
}
