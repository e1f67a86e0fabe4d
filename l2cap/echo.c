/* SPDX-License-Identifier: MIT */
#include "l2cap/echo.h"

#include <errno.h>
#include <string.h>

#include "l2cap/engine.h"
#include "l2cap/link.h"

#define CODE_MAX 0xff /* of a reject reason in enum rt_l2cap_code */

/* Takes the echo out of everything that knows it. */
static void detach(struct rt_l2cap_echo *echo)
{
	rt_l2cap_req_stop(&echo->req);
	rt_list_del(&echo->node);
	rt_slots_del(&echo->l2cap->echoes, echo->handle);
	if (echo->link)
		rt_l2cap_link_update(echo->link);
}

void rt_l2cap_echo_free(struct rt_l2cap_echo *echo)
{
	struct rt_env *env = echo->l2cap->env;

	detach(echo);
	rt_env_free(env, echo);
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_l2cap_echo, grave));
}

/* To be called last: the user may do anything. */
static void finish(struct rt_l2cap_echo *echo, const struct rt_reason *why,
		   struct rt_bytes data)
{
	detach(echo);
	rt_env_bury(echo->l2cap->env, &echo->grave, free_grave);
	echo->ops->done(echo->user, why, data);
}

static void fail(struct rt_l2cap_echo *echo, uint16_t code, uint32_t frame)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_L2CAP,
		.phase = RT_PHASE_TRANSFER,
		.code = code,
		.err = rt_l2cap_code_errno(code),
		.frame = frame,
		.elapsed_us = echo->l2cap->env->now_us - echo->since_us,
	};

	finish(echo, &why, rt_bytes(NULL, 0));
}

static void on_rejected(struct rt_l2cap_req *req, uint16_t reason)
{
	struct rt_l2cap_echo *echo =
		RT_CONTAINER_OF(req, struct rt_l2cap_echo, req);

	fail(echo, (uint16_t)(RT_L2CAP_REJECTED + RT_MIN(reason, CODE_MAX)),
	     echo->l2cap->env->frame);
}

static void on_expired(struct rt_l2cap_req *req, bool pending)
{
	(void)pending;
	fail(RT_CONTAINER_OF(req, struct rt_l2cap_echo, req),
	     RT_L2CAP_TIMEOUT_RTX, 0);
}

static const struct rt_l2cap_req_ops req_ops = {
	.rejected = on_rejected,
	.expired = on_expired,
};

static void attach(struct rt_l2cap_echo *echo, struct rt_l2cap_link *link)
{
	echo->link = link;
	rt_list_append(&link->echoes, &echo->node);
	rt_l2cap_link_update(link);
	if (rt_l2cap_link_is_open(link))
		rt_l2cap_echo_on_up(echo);
}

void rt_l2cap_echo_move(struct rt_l2cap_echo *echo, struct rt_l2cap_link *link)
{
	rt_list_del(&echo->node);
	attach(echo, link);
}

void rt_l2cap_echo_on_up(struct rt_l2cap_echo *echo)
{
	const struct rt_l2cap_echo_req msg = {
		.tail = rt_bytes(echo->data, echo->bytes),
	};

	echo->since_us = echo->l2cap->env->now_us;
	rt_l2cap_req_send(&echo->req, echo->link, &rt_l2cap_echo_req_msg, &msg);
}

void rt_l2cap_echo_on_down(struct rt_l2cap_echo *echo,
			   const struct rt_reason *why)
{
	const bool sent = echo->req.link;
	struct rt_reason reason = *why;

	reason.phase = sent ? RT_PHASE_TRANSFER : RT_PHASE_PAGE;
	reason.elapsed_us = echo->l2cap->env->now_us - echo->since_us;
	finish(echo, &reason, rt_bytes(NULL, 0));
}

void rt_l2cap_echo_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_echo_rsp *msg)
{
	struct rt_l2cap_req *req =
		rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_ECHO_REQ);
	struct rt_l2cap_echo *echo;
	struct rt_reason why = { .layer = RT_LAYER_NONE };

	if (!req) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	echo = RT_CONTAINER_OF(req, struct rt_l2cap_echo, req);
	why.frame = echo->l2cap->env->frame;
	why.elapsed_us = echo->l2cap->env->now_us - echo->since_us;
	finish(echo, &why, msg->tail);
}

static int new_echo(struct rt_l2cap *l2cap,
		    const struct rt_l2cap_echo_params *params,
		    struct rt_l2cap_echo **ret_echo)
{
	struct rt_l2cap_echo *echo = rt_env_alloc(l2cap->env, sizeof(*echo));
	int ret;

	if (!echo)
		return -ENOMEM;
	ret = rt_slots_add(&l2cap->echoes, echo, &echo->handle);
	if (ret < 0) {
		rt_env_free(l2cap->env, echo);
		return ret;
	}
	echo->l2cap = l2cap;
	echo->ops = params->ops;
	echo->user = params->user;
	echo->since_us = l2cap->env->now_us;
	echo->bytes = (uint8_t)params->data.len;
	if (params->data.len > 0)
		memcpy(echo->data, params->data.ptr, params->data.len);
	rt_list_init(&echo->node);
	rt_l2cap_req_init(&echo->req, &req_ops, params->timeout_ms, 1);
	*ret_echo = echo;
	return 0;
}

int rt_l2cap_echo(struct rt_l2cap *l2cap, struct rt_addr addr,
		  const struct rt_l2cap_echo_params *params,
		  rt_handle *ret_echo)
{
	struct rt_l2cap_link *link;
	struct rt_l2cap_echo *echo;
	int ret;

	if (!params->ops || params->timeout_ms == 0)
		return -EINVAL;
	if (params->data.len > RT_L2CAP_SIG_DATA_BYTES)
		return -EMSGSIZE;
	ret = new_echo(l2cap, params, &echo);
	if (ret < 0)
		return ret;
	ret = rt_l2cap_link_get(l2cap, addr, &link);
	if (ret < 0) {
		rt_l2cap_echo_free(echo);
		return ret;
	}
	attach(echo, link);
	*ret_echo = echo->handle;
	return 0;
}

void rt_l2cap_echo_cancel(struct rt_l2cap *l2cap, rt_handle echo)
{
	struct rt_l2cap_echo *e = rt_slots_get(&l2cap->echoes, echo);

	if (!e)
		return;
	detach(e);
	rt_env_bury(l2cap->env, &e->grave, free_grave);
}
