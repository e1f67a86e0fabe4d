/* SPDX-License-Identifier: MIT */
#include "l2cap/ecfc_reconf.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/credit.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/req.h"
#include "l2cap/timers.h"

#define CHANNELS_MAX RT_L2CAP_CREDIT_CHANNELS_MAX

/* Results (4.28). */
#define RESULT_SUCCESS 0x0000
#define RESULT_MTU_REDUCED 0x0001
#define RESULT_MPS_REDUCED 0x0002 /* of several channels */
#define RESULT_INVALID_CID 0x0003
#define RESULT_OTHER 0x0004

/* One of ours. */
struct reconf {
	struct rt_list node; /* on link->ecfc.reconfs */
	struct rt_l2cap_req req;
	struct rt_l2cap *l2cap;
	size_t count;
	rt_handle chan[CHANNELS_MAX];
	uint16_t mtu;
	uint16_t mps;
	struct rt_grave grave;
};

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct reconf, grave));
}

static void bury(struct reconf *reconf)
{
	rt_l2cap_req_stop(&reconf->req);
	rt_list_del(&reconf->node);
	rt_env_bury(reconf->l2cap->env, &reconf->grave, free_grave);
}

void rt_l2cap_ecfc_reconf_free_all(struct rt_l2cap_link *link)
{
	struct reconf *reconf;

	while ((reconf = RT_LIST_FIRST(&link->ecfc.reconfs, struct reconf,
				       node)))
		bury(reconf);
}

/* Nothing has changed then; the user sees that it has not. */
static void on_rejected(struct rt_l2cap_req *req, uint16_t reason)
{
	struct reconf *reconf = RT_CONTAINER_OF(req, struct reconf, req);

	rt_log(reconf->l2cap->env, RT_LOG_WARNING,
	       "reconfiguration rejected: 0x%04x", reason);
	bury(reconf);
}

static void on_expired(struct rt_l2cap_req *req, bool pending)
{
	struct reconf *reconf = RT_CONTAINER_OF(req, struct reconf, req);

	(void)pending;
	rt_log(reconf->l2cap->env, RT_LOG_WARNING,
	       "reconfiguration not answered");
	bury(reconf);
}

static const struct rt_l2cap_req_ops req_ops = {
	.rejected = on_rejected,
	.expired = on_expired,
};

static bool is_open(const struct rt_l2cap_chan *chan)
{
	return chan && chan->state == RT_L2CAP_CHAN_OPEN &&
	       chan->agreed.mode == RT_L2CAP_MODE_CREDIT;
}

/* The peer has agreed. */
static void apply(const struct reconf *reconf)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < reconf->count; i++) {
		chan = rt_slots_get(&reconf->l2cap->chans, reconf->chan[i]);
		if (!is_open(chan))
			continue;
		chan->imtu = reconf->mtu;
		chan->agreed.rx_mps = reconf->mps;
		chan->mode->room(chan);
	}
}

void rt_l2cap_ecfc_reconf_on_rsp(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_ecfc_reconf_rsp *msg)
{
	struct rt_l2cap_req *req = rt_l2cap_req_find(cmd->link, cmd->ident,
						     RT_L2CAP_ECFC_RECONF_REQ);
	struct reconf *reconf;

	if (!req) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	reconf = RT_CONTAINER_OF(req, struct reconf, req);
	if (msg->result == RESULT_SUCCESS)
		apply(reconf);
	else
		rt_log(reconf->l2cap->env, RT_LOG_WARNING,
		       "reconfiguration refused: 0x%04x", msg->result);
	bury(reconf);
}

static bool is_under_way(const struct rt_l2cap_link *link, rt_handle chan)
{
	const struct reconf *reconf;

	RT_LIST_EACH (reconf, &link->ecfc.reconfs, node) {
		for (size_t i = 0; i < reconf->count; i++) {
			if (reconf->chan[i] == chan)
				return true;
		}
	}
	return false;
}

/* What speaks against one channel of those that shall change; 0: nothing. */
static int check(const struct rt_l2cap *l2cap, const rt_handle *chans,
		 size_t at, const struct reconf *new)
{
	const struct rt_l2cap_chan *chan = rt_l2cap_chan_get(l2cap, chans[at]);
	const struct rt_l2cap_chan *first = rt_l2cap_chan_get(l2cap, chans[0]);

	if (!chan)
		return -ENOENT;
	for (size_t i = 0; i < at; i++) {
		if (chans[i] == chans[at])
			return -EINVAL;
	}
	if (!is_open(chan) || chan->link != first->link ||
	    new->mtu < chan->imtu ||
	    (new->count > 1 && new->mps < chan->agreed.rx_mps))
		return -EINVAL;
	return is_under_way(chan->link, chans[at]) ? -EBUSY : 0;
}

static void send(struct reconf *reconf)
{
	struct rt_l2cap_cids cids = { .count = reconf->count };
	uint8_t buf[sizeof(cids.cid)];
	struct rt_l2cap_ecfc_reconf_req msg = {
		.mtu = reconf->mtu,
		.mps = reconf->mps,
	};
	struct rt_l2cap_chan *chan = NULL;

	for (size_t i = 0; i < reconf->count; i++) {
		chan = rt_slots_get(&reconf->l2cap->chans, reconf->chan[i]);
		cids.cid[i] = chan->scid;
	}
	msg.tail = rt_l2cap_ecfc_write_cids(&cids, buf);
	rt_list_append(&chan->link->ecfc.reconfs, &reconf->node);
	rt_l2cap_req_send(&reconf->req, chan->link,
			  &rt_l2cap_ecfc_reconf_req_msg, &msg);
}

int rt_l2cap_reconfigure(struct rt_l2cap *l2cap, const rt_handle *chans,
			 size_t count, uint16_t mtu, uint16_t mps)
{
	const struct reconf wish = { .count = count, .mtu = mtu, .mps = mps };
	struct reconf *reconf;
	int ret = 0;

	if (count < 1 || count > CHANNELS_MAX ||
	    mtu < RT_L2CAP_CREDIT_MTU_MIN || mps < RT_L2CAP_CREDIT_MTU_MIN ||
	    mps > RT_L2CAP_CREDIT_MPS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = check(l2cap, chans, i, &wish);
	if (ret < 0)
		return ret;
	reconf = rt_env_alloc(l2cap->env, sizeof(*reconf));
	if (!reconf)
		return -ENOMEM;
	*reconf = wish;
	reconf->l2cap = l2cap;
	for (size_t i = 0; i < count; i++)
		reconf->chan[i] = chans[i];
	rt_list_init(&reconf->node);
	rt_l2cap_req_init(&reconf->req, &req_ops, RT_L2CAP_RTX_FIRST_MS,
			  RT_L2CAP_RTX_SENDS);
	send(reconf);
	return 0;
}

/* The channels that the peer means. False if it has not all of them. */
static bool find_all(const struct rt_l2cap_link *link,
		     const struct rt_l2cap_cids *cids,
		     struct rt_l2cap_chan **ret_chans)
{
	for (size_t i = 0; i < cids->count; i++) {
		ret_chans[i] = rt_l2cap_chan_by_dcid(link, cids->cid[i]);
		if (!is_open(ret_chans[i]))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (ret_chans[j] == ret_chans[i])
				return false;
		}
	}
	return true;
}

static uint16_t judge(struct rt_l2cap_chan *const *chans, size_t count,
		      const struct rt_l2cap_ecfc_reconf_req *msg)
{
	for (size_t i = 0; i < count; i++) {
		if (msg->mtu < chans[i]->omtu)
			return RESULT_MTU_REDUCED;
	}
	if (msg->mps < RT_L2CAP_CREDIT_MTU_MIN)
		return RESULT_OTHER;
	for (size_t i = 0; i < count && count > 1; i++) {
		if (msg->mps < chans[i]->agreed.tx_mps)
			return RESULT_MPS_REDUCED;
	}
	return RESULT_SUCCESS;
}

void rt_l2cap_ecfc_reconf_on_req(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_ecfc_reconf_req *msg)
{
	struct rt_l2cap_ecfc_reconf_rsp rsp = { .result = RESULT_INVALID_CID };
	struct rt_l2cap_chan *chans[CHANNELS_MAX];
	struct rt_l2cap_cids cids;

	if (!rt_l2cap_ecfc_read_cids(msg->tail, 1, &cids)) {
		rt_l2cap_sig_reject_malformed(cmd);
		return;
	}
	if (find_all(cmd->link, &cids, chans))
		rsp.result = judge(chans, cids.count, msg);
	for (size_t i = 0; i < cids.count && rsp.result == RESULT_SUCCESS;
	     i++) {
		chans[i]->omtu = msg->mtu;
		chans[i]->agreed.tx_mps = msg->mps;
	}
	rt_l2cap_sig_answer(cmd, &rt_l2cap_ecfc_reconf_rsp_msg, &rsp);
}
