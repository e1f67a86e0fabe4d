/* SPDX-License-Identifier: MIT */
#include "hci/security/oob.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/pairing.h"

#define HAS_192 0x01
#define HAS_256 0x02

/* What was received from one peer. */
struct peer {
	struct rt_list node; /* of rt_sec_oobs.peers */
	struct rt_addr addr;
	struct rt_sec_oob data;
};

void rt_sec_oobs_init(struct rt_hci *hci)
{
	rt_list_init(&hci->sec.oob.peers);
}

static struct peer *find(const struct rt_hci *hci, struct rt_addr addr)
{
	struct peer *peer;

	RT_LIST_EACH (peer, &hci->sec.oob.peers, node) {
		if (rt_addr_equal(peer->addr, addr))
			return peer;
	}
	return NULL;
}

static void forget(struct rt_hci *hci, struct peer *peer)
{
	rt_list_del(&peer->node);
	hci->sec.oob.count--;
	rt_sec_wipe(peer, sizeof(*peer));
	rt_env_free(hci->env, peer);
}

void rt_sec_oobs_fini(struct rt_hci *hci)
{
	while (!rt_list_empty(&hci->sec.oob.peers))
		forget(hci,
		       RT_LIST_FIRST(&hci->sec.oob.peers, struct peer, node));
	hci->sec.oob.done = NULL;
}

static struct peer *add(struct rt_hci *hci, struct rt_addr addr)
{
	struct peer *peer = rt_env_alloc(hci->env, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->addr = addr;
	rt_list_append(&hci->sec.oob.peers, &peer->node);
	hci->sec.oob.count++;
	return peer;
}

int rt_sec_set_peer_oob(struct rt_hci *hci, struct rt_addr addr,
			const struct rt_sec_oob *oob)
{
	struct peer *peer = find(hci, addr);

	if (rt_addr_is_zero(addr) || (!oob->has_192 && !oob->has_256))
		return -EINVAL;
	if (!peer && hci->sec.oob.count >= hci->env->limits.oob_peers)
		return -ENOSPC;
	if (!peer)
		peer = add(hci, addr);
	if (!peer)
		return -ENOMEM;
	peer->data = *oob;
	return 0;
}

void rt_sec_clear_peer_oob(struct rt_hci *hci, struct rt_addr addr)
{
	struct peer *peer = find(hci, addr);

	if (peer)
		forget(hci, peer);
}

uint8_t rt_sec_oob_flags(const struct rt_hci *hci, struct rt_addr addr)
{
	const struct peer *peer = find(hci, addr);
	uint8_t flags = 0;

	if (!peer)
		return 0;
	if (peer->data.has_192)
		flags |= HAS_192;
	if (peer->data.has_256 && hci->sec.secure_connections)
		flags |= HAS_256;
	return flags;
}

/* The answer of hosts that do Secure Connections: both curves (7.1.53). */
static void give_both(struct rt_hci *hci, const struct peer *peer)
{
	const struct rt_sec_oob *data = &peer->data;
	struct rt_hci_cmd_remote_oob_extended_data_request_reply reply = {
		.addr = peer->addr,
	};

	if (data->has_192) {
		memcpy(reply.c192.b, data->c192, sizeof(reply.c192.b));
		memcpy(reply.r192.b, data->r192, sizeof(reply.r192.b));
	}
	if (data->has_256) {
		memcpy(reply.c256.b, data->c256, sizeof(reply.c256.b));
		memcpy(reply.r256.b, data->r256, sizeof(reply.r256.b));
	}
	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_remote_oob_extended_data_request_reply_msg,
		&reply);
	rt_sec_wipe(&reply, sizeof(reply));
}

static void give_192(struct rt_hci *hci, const struct peer *peer)
{
	struct rt_hci_cmd_remote_oob_data_request_reply reply = {
		.addr = peer->addr,
	};

	memcpy(reply.c.b, peer->data.c192, sizeof(reply.c.b));
	memcpy(reply.r.b, peer->data.r192, sizeof(reply.r.b));
	rt_hci_cmdq_reply(hci, &rt_hci_cmd_remote_oob_data_request_reply_msg,
			  &reply);
	rt_sec_wipe(&reply, sizeof(reply));
}

/* True if the controller may ask now, for what we have said to have. */
static bool is_due(const struct rt_hci_link *link)
{
	const struct rt_sec_pairing *p = &link->sec.pairing;

	return p->active && p->tried && p->oob != 0 && !p->questioned &&
	       (p->oob & rt_sec_oob_flags(link->hci, link->addr)) == p->oob;
}

void rt_sec_pairing_on_oob_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_remote_oob_data_request *request = evt;
	struct rt_hci_link *link = rt_sec_pairing_link(hci, request->addr);
	const struct peer *peer = find(hci, request->addr);
	const struct rt_hci_cmd_remote_oob_data_request_negative_reply no = {
		.addr = request->addr,
	};

	if (!link || !peer || !is_due(link)) {
		rt_hci_cmdq_reply(
			hci,
			&rt_hci_cmd_remote_oob_data_request_negative_reply_msg,
			&no);
		return;
	}
	link->sec.pairing.questioned = true;
	if (hci->sec.secure_connections)
		give_both(hci, peer);
	else
		give_192(hci, peer);
	rt_sec_pairing_expect(link);
}

/* Ends the reading of ours. In tail position. */
static void end(struct rt_hci *hci, struct rt_sec_oob *oob,
		const struct rt_reason *why)
{
	struct rt_sec_oobs *oobs = &hci->sec.oob;
	void (*done)(void *, const struct rt_sec_oob *,
		     const struct rt_reason *) = oobs->done;

	oobs->done = NULL;
	if (done)
		done(oobs->user, oob, why);
	if (oob)
		rt_sec_wipe(oob, sizeof(*oob));
}

void rt_sec_oobs_down(struct rt_hci *hci, const struct rt_reason *why)
{
	end(hci, NULL, why);
}

static void fill(const struct rt_hci_ret_read_local_oob_extended_data *ret,
		 struct rt_sec_oob *oob)
{
	oob->has_192 = true;
	oob->has_256 = true;
	memcpy(oob->c192, ret->c192.b, sizeof(oob->c192));
	memcpy(oob->r192, ret->r192.b, sizeof(oob->r192));
	memcpy(oob->c256, ret->c256.b, sizeof(oob->c256));
	memcpy(oob->r256, ret->r256.b, sizeof(oob->r256));
}

static void fail(struct rt_hci *hci, const struct rt_hci_answer *answer)
{
	const struct rt_reason why = rt_hci_engine_reason(
		RT_PHASE_PAIR,
		answer->status ? answer->status : RT_HCI_ERR_UNSPECIFIED);

	end(hci, NULL, &why);
}

static void on_both(struct rt_hci *hci, void *ctx,
		    const struct rt_hci_answer *answer)
{
	const struct rt_reason good = { .phase = RT_PHASE_PAIR };
	struct rt_hci_ret_read_local_oob_extended_data ret;
	struct rt_sec_oob oob = { 0 };

	(void)ctx;
	if (answer->status != RT_HCI_ERR_SUCCESS ||
	    rt_codec_decode(&rt_hci_ret_read_local_oob_extended_data_msg,
			    answer->ret, &ret) < 0) {
		fail(hci, answer);
		return;
	}
	fill(&ret, &oob);
	rt_sec_wipe(&ret, sizeof(ret));
	end(hci, &oob, &good);
}

static void on_192(struct rt_hci *hci, void *ctx,
		   const struct rt_hci_answer *answer)
{
	const struct rt_reason good = { .phase = RT_PHASE_PAIR };
	struct rt_hci_ret_read_local_oob_data ret;
	struct rt_sec_oob oob = { .has_192 = true };

	(void)ctx;
	if (answer->status != RT_HCI_ERR_SUCCESS ||
	    rt_codec_decode(&rt_hci_ret_read_local_oob_data_msg, answer->ret,
			    &ret) < 0) {
		fail(hci, answer);
		return;
	}
	memcpy(oob.c192, ret.c.b, sizeof(oob.c192));
	memcpy(oob.r192, ret.r.b, sizeof(oob.r192));
	rt_sec_wipe(&ret, sizeof(ret));
	end(hci, &oob, &good);
}

int rt_sec_read_local_oob(struct rt_hci *hci,
			  void (*done)(void *user, const struct rt_sec_oob *oob,
				       const struct rt_reason *why),
			  void *user)
{
	struct rt_sec_oobs *oobs = &hci->sec.oob;

	if (!rt_hci_is_up(hci))
		return -ENETDOWN;
	if (!hci->sec.ssp)
		return -EOPNOTSUPP;
	if (oobs->done)
		return -EBUSY;
	oobs->done = done;
	oobs->user = user;
	if (hci->sec.secure_connections)
		rt_hci_cmdq_send(hci,
				 &rt_hci_cmd_read_local_oob_extended_data_msg,
				 NULL, on_both, oobs);
	else
		rt_hci_cmdq_send(hci, &rt_hci_cmd_read_local_oob_data_msg, NULL,
				 on_192, oobs);
	return 0;
}
