/* SPDX-License-Identifier: MIT */
#include "rfcomm/rfcomm.h"

#include <errno.h>

#include "rfcomm/channel.h"
#include "rfcomm/dlc.h"
#include "rfcomm/engine.h"
#include "rfcomm/frame.h"
#include "rfcomm/gate.h"
#include "rfcomm/session.h"
#include "rfcomm/stream.h"
#include "rfcomm/test.h"

/* The weakest need of those that listen; the gate asks each for its own. */
static struct rt_sec_need psm_need(const struct rt_rfcomm *rfcomm)
{
	struct rt_sec_need weakest = { .level = RT_RFCOMM_LEVEL_DEFAULT };
	const struct rt_rfcomm_listener *listener;
	bool any = false;

	for (size_t i = 1; i <= RT_RFCOMM_CHANNEL_MAX; i++) {
		listener = &rfcomm->listener[i];
		if (!listener->used)
			continue;
		weakest = any ? rt_l2cap_weaker_need(&weakest,
						     &listener->params.security)
			      : listener->params.security;
		any = true;
	}
	return weakest;
}

static struct rt_l2cap_params psm_params(struct rt_rfcomm *rfcomm,
					 uint16_t imtu)
{
	return (struct rt_l2cap_params){
		.ops = &rt_rfcomm_channel_listener_ops,
		.user = rfcomm,
		.imtu = imtu,
		.security = psm_need(rfcomm),
	};
}

int rt_rfcomm_new(struct rt_env *env, struct rt_l2cap *l2cap,
		  struct rt_rfcomm **ret)
{
	struct rt_rfcomm *rfcomm = rt_env_alloc(env, sizeof(*rfcomm));
	struct rt_l2cap_params params;
	uint16_t psm;
	int err;

	if (!rfcomm)
		return -ENOMEM;
	rfcomm->env = env;
	rfcomm->l2cap = l2cap;
	rfcomm->imtu = RT_RFCOMM_MTU;
	rt_list_init(&rfcomm->dlcs);
	rt_list_init(&rfcomm->sessions);
	rt_list_init(&rfcomm->tests);
	err = rt_slots_init(env, &rfcomm->slots, (uint16_t)env->limits.dlcs);
	if (err) {
		rt_env_free(env, rfcomm);
		return err;
	}
	params = psm_params(rfcomm, rfcomm->imtu);
	err = rt_l2cap_listen(l2cap, RT_L2CAP_PSM_RFCOMM, &params, &psm);
	if (err) {
		rt_slots_fini(env, &rfcomm->slots);
		rt_env_free(env, rfcomm);
		return err;
	}
	*ret = rfcomm;
	return 0;
}

void rt_rfcomm_free(struct rt_rfcomm *rfcomm)
{
	while (!rt_list_empty(&rfcomm->dlcs))
		rt_rfcomm_dlc_free(RT_LIST_FIRST(&rfcomm->dlcs,
						 struct rt_rfcomm_dlc, all));
	while (!rt_list_empty(&rfcomm->sessions))
		rt_rfcomm_session_free(RT_LIST_FIRST(
			&rfcomm->sessions, struct rt_rfcomm_session, node));
	rt_rfcomm_test_free_all(rfcomm);
	rt_l2cap_unlisten(rfcomm->l2cap, RT_L2CAP_PSM_RFCOMM);
	rt_slots_fini(rfcomm->env, &rfcomm->slots);
	rt_env_free(rfcomm->env, rfcomm);
}

static bool need_is_valid(const struct rt_sec_need *need)
{
	return need->level <= RT_SEC_LEVEL_MAX &&
	       need->min_key_bytes <= RT_SEC_KEY_SIZE_MAX &&
	       (need->min_key_bytes == 0 ||
		need->min_key_bytes >= RT_SEC_KEY_SIZE_FLOOR);
}

static bool params_are_valid(const struct rt_rfcomm_params *params)
{
	const uint16_t n1 = params->frame_bytes;

	return params->ops && need_is_valid(&params->security) &&
	       (n1 == 0 ||
		(n1 >= RT_RFCOMM_N1_MIN && n1 <= RT_RFCOMM_N1_MAX)) &&
	       rt_rfcomm_port_signals_are_valid(params->signals);
}

/* L2CAP MTU that a DLC with this N1 needs. */
static uint16_t mtu_for(uint16_t frame_bytes)
{
	const uint16_t mtu = (uint16_t)(frame_bytes + RT_RFCOMM_OVERHEAD_BYTES);

	return RT_MAX(mtu, RT_RFCOMM_MTU);
}

/* True if we have a DLC to that channel that is not closing. */
static bool is_in_use(const struct rt_rfcomm_session *session, uint8_t channel)
{
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (!dlc->incoming && dlc->channel == channel &&
		    dlc->state != RT_RFCOMM_DLC_DISC_SENT)
			return true;
	}
	return false;
}

int rt_rfcomm_connect(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		      uint8_t channel, const struct rt_rfcomm_params *params,
		      rt_handle *ret_dlc)
{
	struct rt_rfcomm_session *session;
	struct rt_rfcomm_dlc *dlc;
	bool fresh;
	int err;

	if (channel < 1 || channel > RT_RFCOMM_CHANNEL_MAX ||
	    rt_addr_is_zero(addr) || !params_are_valid(params))
		return -EINVAL;
	if (rfcomm->stopping)
		return -ESHUTDOWN;
	session = rt_rfcomm_session_find(rfcomm, addr);
	if (session && is_in_use(session, channel))
		return -EADDRINUSE;
	fresh = !session;
	if (fresh) {
		err = rt_rfcomm_session_new(rfcomm, addr, true, &session);
		if (err)
			return err;
	}
	session->imtu = RT_MAX(session->imtu, mtu_for(params->frame_bytes));
	session->imtu = RT_MAX(session->imtu, rfcomm->imtu);
	err = rt_rfcomm_dlc_new(session, channel, 0, params, &dlc);
	if (err) {
		if (fresh)
			rt_rfcomm_session_free(session);
		return err;
	}
	dlc->ops = params->ops;
	dlc->user = params->user;
	err = fresh ? rt_rfcomm_channel_connect(session) : 0;
	if (err) {
		rt_rfcomm_dlc_free(dlc);
		rt_rfcomm_session_free(session);
		return err;
	}
	rt_rfcomm_session_joined(session);
	*ret_dlc = dlc->handle;
	return 0;
}

/* The first server channel that is free; 0 if none is. */
static uint8_t free_channel(const struct rt_rfcomm *rfcomm)
{
	for (uint8_t i = 1; i <= RT_RFCOMM_CHANNEL_MAX; i++) {
		if (!rfcomm->listener[i].used)
			return i;
	}
	return 0;
}

/*
 * Makes PSM 3 ask for as much security as those do that listen now, and
 * propose an MTU that is large enough for a listener. That one stays;
 * sessions that there are keep what they have.
 */
static int adapt_psm(struct rt_rfcomm *rfcomm, uint16_t imtu)
{
	struct rt_l2cap_params params;
	int err;

	imtu = RT_MAX(imtu, rfcomm->imtu);
	params = psm_params(rfcomm, imtu);
	err = rt_l2cap_relisten(rfcomm->l2cap, RT_L2CAP_PSM_RFCOMM, &params);
	if (!err)
		rfcomm->imtu = imtu;
	return err;
}

int rt_rfcomm_listen(struct rt_rfcomm *rfcomm, uint8_t channel,
		     const struct rt_rfcomm_params *params,
		     uint8_t *ret_channel)
{
	int err;

	if (channel > RT_RFCOMM_CHANNEL_MAX || !params_are_valid(params) ||
	    !params->ops->incoming)
		return -EINVAL;
	if (channel == 0)
		channel = free_channel(rfcomm);
	if (channel == 0)
		return -ENOSPC;
	if (rfcomm->listener[channel].used)
		return -EADDRINUSE;
	rfcomm->listener[channel].used = true;
	rfcomm->listener[channel].params = *params;
	err = adapt_psm(rfcomm, mtu_for(params->frame_bytes));
	if (err) {
		rfcomm->listener[channel].used = false;
		return err;
	}
	*ret_channel = channel;
	return 0;
}

/* A DLC of the listener's that nobody else has taken. */
static struct rt_rfcomm_dlc *find_unadopted(const struct rt_rfcomm *rfcomm,
					    uint8_t channel)
{
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &rfcomm->dlcs, all) {
		if ((dlc->state == RT_RFCOMM_DLC_NEGOTIATED ||
		     dlc->state == RT_RFCOMM_DLC_ASKED) &&
		    dlc->channel == channel && !dlc->adopted)
			return dlc;
	}
	return NULL;
}

void rt_rfcomm_unlisten(struct rt_rfcomm *rfcomm, uint8_t channel)
{
	struct rt_rfcomm_dlc *dlc;

	if (channel < 1 || channel > RT_RFCOMM_CHANNEL_MAX)
		return;
	rfcomm->listener[channel].used = false;
	while ((dlc = find_unadopted(rfcomm, channel))) {
		dlc->ops = NULL;
		rt_rfcomm_dlc_drop(dlc);
	}
	/* Fails only where PSM 3 is not ours any more. */
	if (adapt_psm(rfcomm, 0))
		return;
}

static struct rt_rfcomm_dlc *find(const struct rt_rfcomm *rfcomm,
				  rt_handle handle)
{
	return rt_slots_get(&rfcomm->slots, handle);
}

void rt_rfcomm_set_user(struct rt_rfcomm *rfcomm, rt_handle dlc,
			const struct rt_rfcomm_ops *ops, void *user)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found)
		return;
	found->ops = ops;
	found->user = user;
	found->adopted = true;
}

int rt_rfcomm_accept(struct rt_rfcomm *rfcomm, rt_handle dlc)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found || found->state != RT_RFCOMM_DLC_ASKED || !found->asked)
		return -ENOENT;
	rt_rfcomm_gate_accept(found);
	return 0;
}

void rt_rfcomm_close(struct rt_rfcomm *rfcomm, rt_handle dlc)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (found)
		rt_rfcomm_dlc_close(found);
}

void rt_rfcomm_abandon(struct rt_rfcomm *rfcomm, rt_handle dlc)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found)
		return;
	found->ops = NULL;
	found->user = NULL;
	rt_rfcomm_dlc_close(found);
}

void rt_rfcomm_ready(struct rt_rfcomm *rfcomm, rt_handle dlc)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found)
		return;
	found->wants = true;
	found->more = true;
	rt_rfcomm_stream_kick(found);
}

void rt_rfcomm_set_room(struct rt_rfcomm *rfcomm, rt_handle dlc,
			size_t room_bytes)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found)
		return;
	rt_rfcomm_flow_set_room(&found->flow, room_bytes);
	rt_rfcomm_stream_kick(found);
}

int rt_rfcomm_get_info(const struct rt_rfcomm *rfcomm, rt_handle dlc,
		       struct rt_rfcomm_info *ret_info)
{
	const struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	if (!found)
		return -ENOENT;
	rt_rfcomm_dlc_get_info(found, ret_info);
	return 0;
}

int rt_rfcomm_set_modem(struct rt_rfcomm *rfcomm, rt_handle dlc,
			const struct rt_rfcomm_modem *modem)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	return found ? rt_rfcomm_port_set_modem(found, modem) : -ENOENT;
}

int rt_rfcomm_set_line(struct rt_rfcomm *rfcomm, rt_handle dlc,
		       const struct rt_rfcomm_line *line)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	return found ? rt_rfcomm_port_send_rpn(found, line) : -ENOENT;
}

int rt_rfcomm_query_line(struct rt_rfcomm *rfcomm, rt_handle dlc)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	return found ? rt_rfcomm_port_send_rpn(found, NULL) : -ENOENT;
}

int rt_rfcomm_send_line_status(struct rt_rfcomm *rfcomm, rt_handle dlc,
			       uint8_t status)
{
	struct rt_rfcomm_dlc *found = find(rfcomm, dlc);

	return found ? rt_rfcomm_port_send_rls(found, status) : -ENOENT;
}

/* Each session on its own; none of them goes from inside. */
static void tell_sessions(const struct rt_rfcomm *rfcomm)
{
	struct rt_rfcomm_session *session;

	RT_LIST_EACH (session, &rfcomm->sessions, node)
		rt_rfcomm_session_hold_changed(session);
}

void rt_rfcomm_set_idle_hold(struct rt_rfcomm *rfcomm, uint32_t hold_ms)
{
	rfcomm->idle_hold_us = RT_MS((uint64_t)hold_ms);
	tell_sessions(rfcomm);
}

void rt_rfcomm_shutdown(struct rt_rfcomm *rfcomm)
{
	rfcomm->stopping = true;
	tell_sessions(rfcomm);
}

bool rt_rfcomm_is_idle(const struct rt_rfcomm *rfcomm)
{
	return rt_list_empty(&rfcomm->dlcs) &&
	       rt_list_empty(&rfcomm->sessions) &&
	       rt_list_empty(&rfcomm->tests);
}

const struct rt_rfcomm_stats *rt_rfcomm_get_stats(const struct rt_rfcomm *r)
{
	return &r->stats;
}
