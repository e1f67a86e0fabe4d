/* SPDX-License-Identifier: MIT */
#include "l2cap/ucd.h"

#include <errno.h>
#include <string.h>

#include "l2cap/engine.h"
#include "l2cap/gate.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/params.h"
#include "l2cap/peer.h"
#include "l2cap/raw.h"
#include "l2cap/timers.h"
#include "stack/rd.h"
#include "stack/wr.h"

#define PSM_BYTES 2

struct listener {
	struct rt_list node; /* on l2cap->ucd_listeners */
	const struct rt_l2cap_ucd_ops *ops;
	void *user;
	uint16_t psm;
	struct rt_sec_need need;
};

/* Data of ours that the gate holds up. */
struct waiting {
	struct rt_list node; /* on link->ucd.waiting */
	uint64_t due_us;
	size_t len;
	uint16_t psm;
	struct rt_sec_need need;
	uint8_t data[];
};

static struct listener *find(const struct rt_l2cap *l2cap, uint16_t psm)
{
	struct listener *listener;

	RT_LIST_EACH (listener, &l2cap->ucd_listeners, node) {
		if (listener->psm == psm)
			return listener;
	}
	return NULL;
}

static void free_listener(struct rt_l2cap *l2cap, struct listener *listener)
{
	rt_list_del(&listener->node);
	l2cap->ucd_listener_count--;
	rt_env_free(l2cap->env, listener);
}

int rt_l2cap_ucd_listen(struct rt_l2cap *l2cap, uint16_t psm,
			const struct rt_sec_need *need,
			const struct rt_l2cap_ucd_ops *ops, void *user)
{
	struct listener *listener;

	if (!rt_l2cap_psm_is_valid(psm) || !rt_l2cap_need_is_valid(need) ||
	    !ops)
		return -EINVAL;
	if (find(l2cap, psm))
		return -EADDRINUSE;
	if (l2cap->ucd_listener_count >= l2cap->env->limits.ucd_listeners)
		return -ENOSPC;
	listener = rt_env_alloc(l2cap->env, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	listener->psm = psm;
	listener->need = *need;
	listener->ops = ops;
	listener->user = user;
	rt_list_init(&listener->node);
	rt_list_append(&l2cap->ucd_listeners, &listener->node);
	l2cap->ucd_listener_count++;
	return 0;
}

void rt_l2cap_ucd_unlisten(struct rt_l2cap *l2cap, uint16_t psm)
{
	struct listener *listener = find(l2cap, psm);

	if (listener)
		free_listener(l2cap, listener);
}

void rt_l2cap_ucd_free_listeners(struct rt_l2cap *l2cap)
{
	struct listener *listener;

	while ((listener = RT_LIST_FIRST(&l2cap->ucd_listeners, struct listener,
					 node)))
		free_listener(l2cap, listener);
}

bool rt_l2cap_ucd_is_on(const struct rt_l2cap *l2cap)
{
	return !rt_list_empty(&l2cap->ucd_listeners);
}

bool rt_l2cap_ucd_need_at(const struct rt_l2cap *l2cap, size_t index,
			  struct rt_sec_need *ret_need)
{
	const struct listener *listener;

	RT_LIST_EACH (listener, &l2cap->ucd_listeners, node) {
		if (index-- > 0)
			continue;
		*ret_need = listener->need;
		return true;
	}
	return false;
}

static enum rt_l2cap_verdict ask_gate(const struct rt_l2cap_link *link,
				      uint16_t psm,
				      const struct rt_sec_need *need,
				      bool incoming)
{
	const struct rt_l2cap_gate_request request = {
		.peer = link->addr,
		.psm = psm,
		.need = *need,
		.incoming = incoming,
		.connectionless = true,
	};
	struct rt_reason why;

	return rt_l2cap_gate_check(link->l2cap, &request, &why);
}

uint16_t rt_l2cap_ucd_limit(struct rt_l2cap *l2cap)
{
	if (rt_l2cap_ucd_is_on(l2cap))
		return PSM_BYTES + RT_L2CAP_UCD_MTU;
	l2cap->stats.rx_ucd_refused++;
	return 0;
}

void rt_l2cap_ucd_rx(struct rt_l2cap_link *link, struct rt_bytes payload)
{
	struct rt_l2cap *l2cap = link->l2cap;
	struct rt_rd r = rt_rd_init(payload);
	const uint16_t psm = rt_rd_le16(&r);
	const struct rt_bytes data = rt_rd_rest(&r);
	const struct listener *listener;

	/* With nobody listening it has been counted by its limit. */
	if (!rt_l2cap_ucd_is_on(l2cap))
		return;
	if (data.len > RT_L2CAP_UCD_MTU) {
		l2cap->stats.rx_oversized++;
		return;
	}
	listener = rt_rd_done(&r) ? find(l2cap, psm) : NULL;
	if (!listener ||
	    ask_gate(link, psm, &listener->need, true) != RT_L2CAP_ALLOW) {
		l2cap->stats.rx_ucd_refused++;
		return;
	}
	listener->ops->rx(listener->user, link->addr, psm, data);
}

/* Hands data over to be sent, as they are. */
static int queue(struct rt_l2cap_link *link, uint16_t psm, struct rt_bytes data)
{
	uint8_t buf[PSM_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, psm);
	return rt_l2cap_raw_queue(link, RT_L2CAP_CID_CONNECTIONLESS,
				  RT_L2CAP_SEEN_BY_TAP, rt_wr_bytes(&w), data);
}

static void forget(struct rt_l2cap_link *link, struct waiting *waiting)
{
	rt_list_del(&waiting->node);
	link->ucd.count--;
	rt_env_free(link->l2cap->env, waiting);
}

void rt_l2cap_ucd_free(struct rt_l2cap_link *link)
{
	struct waiting *waiting;

	rt_env_stop(link->l2cap->env, &link->ucd.timer);
	while ((waiting = RT_LIST_FIRST(&link->ucd.waiting, struct waiting,
					node)))
		forget(link, waiting);
}

bool rt_l2cap_ucd_needs_link(const struct rt_l2cap_link *link)
{
	return !rt_list_empty(&link->ucd.waiting);
}

/* True if the wait is over: sent, refused, or too late. */
static bool is_settled(struct rt_l2cap_link *link,
		       const struct waiting *waiting)
{
	const enum rt_l2cap_verdict verdict =
		ask_gate(link, waiting->psm, &waiting->need, false);
	int ret;

	if (verdict != RT_L2CAP_ALLOW)
		return !rt_l2cap_gate_waits(verdict) ||
		       waiting->due_us <= link->l2cap->env->now_us;
	ret = queue(link, waiting->psm, rt_bytes(waiting->data, waiting->len));
	if (ret < 0)
		rt_log(link->l2cap->env, RT_LOG_WARNING,
		       "connectionless data of %zu octets are lost",
		       waiting->len);
	return true;
}

static struct waiting *first_settled(struct rt_l2cap_link *link)
{
	struct waiting *waiting;

	RT_LIST_EACH (waiting, &link->ucd.waiting, node) {
		if (is_settled(link, waiting))
			return waiting;
	}
	return NULL;
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_l2cap_link *link =
		RT_CONTAINER_OF(timer, struct rt_l2cap_link, ucd.timer);
	struct waiting *waiting;

	while ((waiting = first_settled(link)))
		forget(link, waiting);
	waiting = RT_LIST_FIRST(&link->ucd.waiting, struct waiting, node);
	if (waiting)
		rt_timer_arm_at(&link->l2cap->env->timers, &link->ucd.timer,
				waiting->due_us);
	rt_l2cap_link_update(link);
}

void rt_l2cap_ucd_init(struct rt_l2cap_ucd *ucd)
{
	rt_list_init(&ucd->waiting);
	rt_timer_init(&ucd->timer, on_timer);
}

void rt_l2cap_ucd_gate_changed(struct rt_l2cap_link *link)
{
	if (rt_l2cap_ucd_needs_link(link))
		rt_env_arm(link->l2cap->env, &link->ucd.timer, 0);
}

/* The gate wants to be asked again later. */
static int wait(struct rt_l2cap_link *link, uint16_t psm,
		const struct rt_sec_need *need, struct rt_bytes data)
{
	struct rt_env *env = link->l2cap->env;
	struct waiting *waiting;

	if (link->ucd.count >= env->limits.raw_pdus)
		return -ENOSPC;
	waiting = rt_env_alloc(env, sizeof(*waiting) + data.len);
	if (!waiting)
		return -ENOMEM;
	waiting->due_us = env->now_us + RT_MS(RT_L2CAP_GATE_OURS_MS);
	waiting->psm = psm;
	waiting->need = *need;
	waiting->len = data.len;
	if (data.len > 0)
		memcpy(waiting->data, data.ptr, data.len);
	rt_list_init(&waiting->node);
	rt_list_append(&link->ucd.waiting, &waiting->node);
	link->ucd.count++;
	if (!link->ucd.timer.armed)
		rt_timer_arm_at(&env->timers, &link->ucd.timer,
				waiting->due_us);
	rt_l2cap_link_update(link);
	return 0;
}

int rt_l2cap_ucd_send(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		      const struct rt_sec_need *need, struct rt_bytes data)
{
	struct rt_l2cap_link *link;
	enum rt_l2cap_verdict verdict;

	if (!rt_l2cap_psm_is_valid(psm) || !rt_l2cap_need_is_valid(need))
		return -EINVAL;
	link = rt_l2cap_raw_link(l2cap, addr);
	if (!link)
		return -ENOTCONN;
	rt_l2cap_peer_ask(link);
	if (!(rt_l2cap_peer_features(link) & RT_L2CAP_FEATURE_UCD))
		return -EOPNOTSUPP;
	if (data.len > rt_l2cap_peer_ucd_mtu(link))
		return -EMSGSIZE;
	verdict = ask_gate(link, psm, need, false);
	if (verdict == RT_L2CAP_ALLOW)
		return queue(link, psm, data);
	return rt_l2cap_gate_waits(verdict) ? wait(link, psm, need, data)
					    : -EACCES;
}
