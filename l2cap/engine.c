/* SPDX-License-Identifier: MIT */
#include "l2cap/engine.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/connect.h"
#include "l2cap/data.h"
#include "l2cap/echo.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/ucd.h"
#include "l2cap/params.h"

/* Never more channels than there are channel ids on a link. */
static uint16_t slot_count(uint32_t limit)
{
	return (uint16_t)RT_MAX(RT_MIN(limit, RT_L2CAP_CID_DYNAMIC_COUNT), 1);
}

int rt_l2cap_new(struct rt_env *env, struct rt_hci *hci, struct rt_l2cap **ret)
{
	struct rt_l2cap *l2cap = rt_env_alloc(env, sizeof(*l2cap));

	if (!l2cap)
		return -ENOMEM;
	l2cap->env = env;
	l2cap->hci = hci;
	rt_list_init(&l2cap->links);
	rt_list_init(&l2cap->listeners);
	rt_list_init(&l2cap->asks);
	rt_list_init(&l2cap->ucd_listeners);
	if (rt_slots_init(env, &l2cap->chans,
			  slot_count(env->limits.channels)) < 0)
		goto no_chans;
	if (rt_slots_init(env, &l2cap->echoes, slot_count(env->limits.echoes)) <
	    0)
		goto no_echoes;
	rt_hci_set_link_ops(hci, &rt_l2cap_link_ops, l2cap);
	*ret = l2cap;
	return 0;

no_echoes:
	rt_slots_fini(env, &l2cap->chans);
no_chans:
	rt_env_free(env, l2cap);
	return -ENOMEM;
}

/* HCI may still hold slices of what users wrote. */
static void free_chan(struct rt_l2cap_chan *chan)
{
	if (chan->in_flight > 0)
		rt_hci_link_disown(chan->link->hci, chan->handle);
	rt_l2cap_chan_free(chan);
}

static void free_link(struct rt_l2cap_link *link)
{
	struct rt_l2cap_chan *chan;
	struct rt_l2cap_echo *echo;

	while ((chan = RT_LIST_FIRST(&link->chans, struct rt_l2cap_chan, node)))
		free_chan(chan);
	while ((echo = RT_LIST_FIRST(&link->echoes, struct rt_l2cap_echo,
				     node)))
		rt_l2cap_echo_free(echo);
	rt_l2cap_link_free(link);
}

void rt_l2cap_free(struct rt_l2cap *l2cap)
{
	struct rt_env *env = l2cap->env;
	struct rt_l2cap_listener *listener;
	struct rt_l2cap_link *link;

	while ((link = RT_LIST_FIRST(&l2cap->links, struct rt_l2cap_link,
				     node)))
		free_link(link);
	while ((listener = RT_LIST_FIRST(&l2cap->listeners,
					 struct rt_l2cap_listener, node)))
		rt_l2cap_listener_free(l2cap, listener);
	rt_l2cap_ucd_free_listeners(l2cap);
	rt_slots_fini(env, &l2cap->echoes);
	rt_slots_fini(env, &l2cap->chans);
	rt_env_free(env, l2cap);
}

int rt_l2cap_connect(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t psm,
		     const struct rt_l2cap_params *params, rt_handle *ret_chan)
{
	struct rt_l2cap_link *link;
	struct rt_l2cap_chan *chan;
	int ret;

	if (!rt_l2cap_psm_is_valid(psm) ||
	    !rt_l2cap_params_are_valid(l2cap, params))
		return -EINVAL;
	if (params->mode == RT_L2CAP_MODE_CREDIT)
		return rt_l2cap_connect_many(l2cap, addr, psm, params, 1,
					     ret_chan);
	ret = rt_l2cap_chan_new(l2cap, psm, params, &chan);
	if (ret < 0)
		return ret;
	ret = rt_l2cap_link_get(l2cap, addr, &link);
	if (ret < 0) {
		rt_l2cap_chan_free(chan);
		return ret;
	}
	rt_l2cap_chan_attach(chan, link);
	if (rt_l2cap_link_is_open(link))
		rt_l2cap_connect_on_up(chan);
	else
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_LINK,
				    RT_L2CAP_WHY_CONNECT);
	*ret_chan = chan->handle;
	return 0;
}

int rt_l2cap_accept(struct rt_l2cap *l2cap, rt_handle chan)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (!c || c->state != RT_L2CAP_CHAN_WAIT_CONNECT)
		return -ENOENT;
	rt_l2cap_connect_accept(c);
	return 0;
}

void rt_l2cap_set_user(struct rt_l2cap *l2cap, rt_handle chan,
		       const struct rt_l2cap_ops *ops, void *user)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (!c)
		return;
	c->ops = ops;
	c->user = user;
	c->adopted = true;
}

void rt_l2cap_close(struct rt_l2cap *l2cap, rt_handle chan)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (c)
		rt_l2cap_chan_close(c);
}

void rt_l2cap_abandon(struct rt_l2cap *l2cap, rt_handle chan)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (c)
		rt_l2cap_chan_abandon(c);
}

void rt_l2cap_ready(struct rt_l2cap *l2cap, rt_handle chan)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (!c)
		return;
	rt_l2cap_data_queue(c);
	if (c->state == RT_L2CAP_CHAN_OPEN)
		rt_l2cap_link_wake(c->link);
}

void rt_l2cap_set_room(struct rt_l2cap *l2cap, rt_handle chan,
		       size_t room_bytes)
{
	struct rt_l2cap_chan *c = rt_l2cap_chan_get(l2cap, chan);

	if (!c)
		return;
	c->room = room_bytes;
	if (c->mode && c->mode->room)
		c->mode->room(c);
}

bool rt_l2cap_is_idle(const struct rt_l2cap *l2cap)
{
	return l2cap->chans.used == 0 && l2cap->echoes.used == 0 &&
	       rt_list_empty(&l2cap->links);
}

const struct rt_l2cap_stats *rt_l2cap_get_stats(const struct rt_l2cap *l2cap)
{
	return &l2cap->stats;
}
