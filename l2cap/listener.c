/* SPDX-License-Identifier: MIT */
#include "l2cap/listener.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/link.h"
#include "l2cap/params.h"

bool rt_l2cap_psm_is_valid(uint16_t psm)
{
	return (psm & 0x0101) == 0x0001;
}

struct rt_l2cap_listener *rt_l2cap_listener_find(const struct rt_l2cap *l2cap,
						 uint16_t psm)
{
	struct rt_l2cap_listener *listener;

	RT_LIST_EACH (listener, &l2cap->listeners, node) {
		if (listener->psm == psm)
			return listener;
	}
	return NULL;
}

void rt_l2cap_listener_free(struct rt_l2cap *l2cap,
			    struct rt_l2cap_listener *listener)
{
	rt_list_del(&listener->node);
	l2cap->listener_count--;
	rt_env_free(l2cap->env, listener);
}

/* The first dynamic PSM that nobody listens on; 0 if there is none. */
static uint16_t free_psm(const struct rt_l2cap *l2cap)
{
	for (uint32_t psm = RT_L2CAP_PSM_DYNAMIC; psm <= UINT16_MAX; psm++) {
		if (rt_l2cap_psm_is_valid((uint16_t)psm) &&
		    !rt_l2cap_listener_find(l2cap, (uint16_t)psm))
			return (uint16_t)psm;
	}
	return 0;
}

int rt_l2cap_listen(struct rt_l2cap *l2cap, uint16_t psm,
		    const struct rt_l2cap_params *params, uint16_t *ret_psm)
{
	struct rt_l2cap_listener *listener;

	if (!rt_l2cap_params_are_valid(l2cap, params) || !params->ops->incoming)
		return -EINVAL;
	if (psm != 0 && !rt_l2cap_psm_is_valid(psm))
		return -EINVAL;
	if (rt_l2cap_listener_find(l2cap, psm))
		return -EADDRINUSE;
	if (psm == 0)
		psm = free_psm(l2cap);
	if (psm == 0 || l2cap->listener_count >= l2cap->env->limits.listeners)
		return -ENOSPC;

	listener = rt_env_alloc(l2cap->env, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	listener->psm = psm;
	listener->params = *params;
	rt_list_init(&listener->node);
	rt_list_append(&l2cap->listeners, &listener->node);
	l2cap->listener_count++;
	*ret_psm = psm;
	return 0;
}

int rt_l2cap_relisten(struct rt_l2cap *l2cap, uint16_t psm,
		      const struct rt_l2cap_params *params)
{
	struct rt_l2cap_listener *listener = rt_l2cap_listener_find(l2cap, psm);

	if (!listener)
		return -ENOENT;
	if (!rt_l2cap_params_are_valid(l2cap, params) || !params->ops->incoming)
		return -EINVAL;
	listener->params = *params;
	return 0;
}

/* A channel of the link that only the listener of the PSM knows of. */
static struct rt_l2cap_chan *unadopted(const struct rt_l2cap_link *link,
				       uint16_t psm)
{
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->psm == psm && chan->incoming && chan->ops &&
		    !chan->adopted && !chan->opened)
			return chan;
	}
	return NULL;
}

void rt_l2cap_unlisten(struct rt_l2cap *l2cap, uint16_t psm)
{
	struct rt_l2cap_listener *listener = rt_l2cap_listener_find(l2cap, psm);
	struct rt_l2cap_link *link;
	struct rt_l2cap_chan *chan;

	if (!listener)
		return;
	rt_l2cap_listener_free(l2cap, listener);

	/* Abandoned: the listener's user may be gone when they are. */
	RT_LIST_EACH (link, &l2cap->links, node) {
		while ((chan = unadopted(link, psm)))
			rt_l2cap_chan_abandon(chan);
	}
}
