/* SPDX-License-Identifier: MIT */
#include "l2cap/req.h"

#include <string.h>

#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/timers.h"

#define IDENT_AT 1 /* place of the identifier in a command */

static void on_timer(struct rt_timer *timer)
{
	struct rt_l2cap_req *req =
		RT_CONTAINER_OF(timer, struct rt_l2cap_req, timer);
	const bool pending = req->pending_us != 0;

	if (pending || req->sends_left == 0) {
		rt_l2cap_req_stop(req);
		req->ops->expired(req, pending);
		return;
	}
	req->sends_left--;
	req->owed = true;
	req->wait_us *= 2;
	rt_env_arm(req->link->l2cap->env, &req->timer, req->wait_us);
	rt_l2cap_link_wake(req->link);
}

void rt_l2cap_req_init(struct rt_l2cap_req *req,
		       const struct rt_l2cap_req_ops *ops, uint32_t first_ms,
		       uint8_t sends)
{
	*req = (struct rt_l2cap_req){
		.ops = ops,
		.first_ms = first_ms,
		.sends = sends,
	};
	rt_list_init(&req->node);
	rt_timer_init(&req->timer, on_timer);
}

void rt_l2cap_req_send(struct rt_l2cap_req *req, struct rt_l2cap_link *link,
		       const struct rt_codec_msg *desc, const void *msg)
{
	rt_l2cap_req_stop(req);
	req->link = link;
	req->code = (uint8_t)desc->code;
	req->ident = 0;
	req->len = (uint8_t)rt_l2cap_sig_encode(desc, msg, 0, req->frame);
	req->owed = true;
	req->pending_us = 0;
	req->wait_us = RT_MS(req->first_ms);
	req->sends_left = (uint8_t)(req->sends - 1);
	rt_list_append(&link->reqs, &req->node);
	rt_env_arm(link->l2cap->env, &req->timer, req->wait_us);
	rt_l2cap_link_wake(link);
}

void rt_l2cap_req_stop(struct rt_l2cap_req *req)
{
	if (!req->link)
		return;
	rt_env_stop(req->link->l2cap->env, &req->timer);
	rt_list_del(&req->node);
	req->link = NULL;
	req->owed = false;
}

void rt_l2cap_req_extend(struct rt_l2cap_req *req)
{
	struct rt_env *env = req->link->l2cap->env;
	const uint64_t due_us = env->now_us + RT_MS(RT_L2CAP_ERTX_MS);

	if (req->pending_us == 0)
		req->pending_us = env->now_us + RT_MS(RT_L2CAP_ERTX_TOTAL_MS);
	req->owed = false;
	rt_timer_arm_at(&env->timers, &req->timer,
			RT_MIN(due_us, req->pending_us));
}

static struct rt_l2cap_req *find_ident(const struct rt_l2cap_link *link,
				       uint8_t ident)
{
	struct rt_l2cap_req *req;

	if (ident == 0)
		return NULL;
	RT_LIST_EACH (req, &link->reqs, node) {
		if (req->ident == ident)
			return req;
	}
	return NULL;
}

struct rt_l2cap_req *rt_l2cap_req_find(const struct rt_l2cap_link *link,
				       uint8_t ident, uint8_t code)
{
	struct rt_l2cap_req *req = find_ident(link, ident);

	return req && req->code == code ? req : NULL;
}

bool rt_l2cap_req_reject(struct rt_l2cap_link *link, uint8_t ident,
			 uint16_t reason)
{
	struct rt_l2cap_req *req = find_ident(link, ident);

	if (!req)
		return false;
	rt_l2cap_req_stop(req);
	req->ops->rejected(req, reason);
	return true;
}

/*
 * 1 to 255 in turn, so that one comes back only after the other 254 (4); those
 * of requests still under way are left out. 0 if there is no other.
 */
uint8_t rt_l2cap_req_new_ident(struct rt_l2cap_link *link)
{
	uint8_t ident = link->last_ident;

	for (int i = 0; i < UINT8_MAX; i++) {
		ident = (uint8_t)(ident % UINT8_MAX + 1);
		if (!find_ident(link, ident)) {
			link->last_ident = ident;
			return ident;
		}
	}
	return 0;
}

static struct rt_l2cap_req *first_owed(const struct rt_l2cap_link *link)
{
	struct rt_l2cap_req *req;

	RT_LIST_EACH (req, &link->reqs, node) {
		if (req->owed)
			return req;
	}
	return NULL;
}

struct rt_pkt *rt_l2cap_req_pull(struct rt_l2cap_link *link)
{
	struct rt_l2cap_req *req = first_owed(link);
	struct rt_pkt *pkt;

	if (!req)
		return NULL;
	if (req->ident == 0)
		req->ident = rt_l2cap_req_new_ident(link);
	if (req->ident == 0)
		return NULL;

	/* Without memory this transmission is lost; RTX makes the next. */
	req->owed = false;
	pkt = rt_pkt_new(link->l2cap->env, req->len);
	if (!pkt)
		return NULL;
	req->frame[IDENT_AT] = req->ident;
	memcpy(pkt->data, req->frame, req->len);
	pkt->len = req->len;
	return pkt;
}
