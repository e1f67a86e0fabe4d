/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/*
 * Encryption (Core Vol 2 Part C 4.2.5; Vol 4 Part E 7.1.16, 7.3.65). Data wait
 * from the request until the change, so that both hosts see each packet on the
 * same side of their Encryption Change events.
 */

#define KEY_SIZE_MAX 16
#define E0 1
#define AES_CCM 2
#define MASK_2_ENCRYPTION_CHANGE_V2 (UINT64_C(1) << 25)

static struct rt_vctl_crypt *crypt_of(struct rt_vctl_link *link)
{
	return &link->crypt;
}

bool rt_vctl_crypt_is_secure(const struct rt_vctl_link *link)
{
	const struct rt_vctl *v = link->vctl;

	return link->peer && rt_vctl_has_secure(v) && v->set.secure &&
	       rt_vctl_has_secure(link->peer->vctl) &&
	       link->peer->vctl->set.secure;
}

/* 7.7.8; the second version takes the place of the first one. */
static void tell_mode(struct rt_vctl_link *link, uint8_t status)
{
	const struct rt_vctl_crypt *c = &link->crypt;
	bool v2 = link->vctl->set.event_mask_2 & MASK_2_ENCRYPTION_CHANGE_V2;
	uint8_t buf[5];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, link->handle);
	rt_wr_u8(&w, c->mode);
	if (v2)
		rt_wr_u8(&w, c->mode > 0 ? c->key_size : 0);
	rt_vctl_event(link->vctl,
		      v2 ? RT_VEVT_ENCRYPTION_CHANGE_V2
			 : RT_VEVT_ENCRYPTION_CHANGE,
		      &w);
}

/* 7.7.39 */
static void tell_refresh(struct rt_vctl_link *link, uint8_t status)
{
	uint8_t buf[3];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, link->handle);
	rt_vctl_event(link->vctl, RT_VEVT_KEY_REFRESH_COMPLETE, &w);
}

static void tell(struct rt_vctl_link *link, enum rt_vctl_crypt_op op,
		 uint8_t status)
{
	switch (op) {
	case RT_VCRYPT_NONE:
		break;
	case RT_VCRYPT_MODE:
		tell_mode(link, status);
		break;
	case RT_VCRYPT_REFRESH:
		tell_refresh(link, status);
		break;
	}
}

/* --- data --- */

bool rt_vctl_crypt_is_changing(const struct rt_vctl_link *link)
{
	const struct rt_vctl_crypt *c = &link->crypt;

	return c->own.op != RT_VCRYPT_NONE || c->peer.op != RT_VCRYPT_NONE;
}

void rt_vctl_crypt_data(struct rt_vctl_link *link, struct rt_vctl_frame *frame)
{
	if (rt_vctl_crypt_is_changing(link))
		rt_list_append(&link->crypt.held, &frame->node);
	else
		rt_vctl_link_send(link, frame);
}

static void release(struct rt_vctl_link *link)
{
	struct rt_vctl_frame *f;

	if (rt_vctl_crypt_is_changing(link))
		return;
	while ((f = RT_LIST_FIRST(&link->crypt.held, struct rt_vctl_frame,
				  node))) {
		rt_list_del(&f->node);
		rt_vctl_link_send(link, f);
	}
}

/* --- our host's wish --- */

static void wake(struct rt_vctl_link *link)
{
	rt_vctl_air_arm(link->vctl->air, &link->crypt_step, 0);
}

bool rt_vctl_crypt_busy(const struct rt_vctl_link *link)
{
	return link->crypt.own.op != RT_VCRYPT_NONE;
}

static uint8_t request(struct rt_vctl_link *link, enum rt_vctl_crypt_op op,
		       uint8_t mode)
{
	struct rt_vctl_crypt *c = crypt_of(link);

	if (c->own.op != RT_VCRYPT_NONE || rt_vctl_auth_busy(link))
		return RT_VERR_DISALLOWED;
	c->own.op = (uint8_t)op;
	c->own.mode = mode;
	c->sent = false;
	wake(link);
	return RT_VERR_OK;
}

uint8_t rt_vctl_crypt_set(struct rt_vctl_link *link, bool on)
{
	/* Secure Connections are never without it. */
	if (!on && rt_vctl_crypt_is_secure(link))
		return RT_VERR_ENCRYPTION_MODE;
	return request(link, RT_VCRYPT_MODE, on);
}

uint8_t rt_vctl_crypt_refresh(struct rt_vctl_link *link)
{
	if (link->crypt.mode == 0)
		return RT_VERR_DISALLOWED;
	return request(link, RT_VCRYPT_REFRESH, link->crypt.mode);
}

static void conclude(struct rt_vctl_link *link, uint8_t status)
{
	enum rt_vctl_crypt_op op = (enum rt_vctl_crypt_op)link->crypt.own.op;

	link->crypt.own.op = RT_VCRYPT_NONE;
	link->crypt.sent = false;
	tell(link, op, status);
	release(link);
}

/* --- what the two agree on --- */

static bool has_key(const struct rt_vctl_link *link)
{
	return link->has_key || link->vctl->fault[RT_VCTL_ENCRYPT_ANYHOW] ||
	       (link->peer && link->peer->vctl->fault[RT_VCTL_ENCRYPT_ANYHOW]);
}

static uint8_t size_max(const struct rt_vctl *v)
{
	uint8_t max = v->options.security.key_size_max;

	return max > 0 && max < KEY_SIZE_MAX ? max : KEY_SIZE_MAX;
}

static uint8_t size_min(const struct rt_vctl *v)
{
	uint8_t min = v->set.key_size_min;

	if (min == 0)
		min = v->options.security.key_size_min;
	return min > 0 ? min : 1;
}

static void send_pdu(struct rt_vctl_link *link, enum rt_vctl_pdu pdu,
		     uint8_t arg, struct rt_bytes data)
{
	struct rt_vctl_frame *f;

	f = rt_vctl_frame_new(RT_VFRAME_SECURITY, data.ptr, data.len);
	if (!f)
		return;
	f->op = (uint8_t)pdu;
	f->arg = arg;
	rt_vctl_link_send(link, f);
}

static void send_request(struct rt_vctl_link *link)
{
	const struct rt_vctl *v = link->vctl;
	uint8_t buf[] = { link->crypt.own.op, link->crypt.own.mode, size_max(v),
			  size_min(v) };

	link->crypt.sent = true;
	send_pdu(link, RT_VPDU_ENC_REQ, 0, rt_bytes(buf, sizeof(buf)));
}

static void on_step(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, crypt_step);
	const struct rt_vctl_crypt *c = &link->crypt;
	const bool refresh = c->own.op == RT_VCRYPT_REFRESH;

	/* The peer's comes first. */
	if (c->own.op == RT_VCRYPT_NONE || c->sent ||
	    c->peer.op != RT_VCRYPT_NONE)
		return;
	if (!refresh && (c->own.mode > 0) == (c->mode > 0))
		conclude(link, RT_VERR_OK);
	else if (!refresh && c->own.mode > 0 && !has_key(link))
		conclude(link, RT_VERR_KEY_MISSING);
	else
		send_request(link);
}

/* 0, or the reason why the peer's request can't be met. */
static uint8_t agree(const struct rt_vctl_link *link, struct rt_rd *r,
		     struct rt_vctl_crypt_change *ret)
{
	const struct rt_vctl *v = link->vctl;
	uint8_t max, min;

	ret->op = rt_rd_u8(r);
	ret->mode = rt_rd_u8(r);
	max = rt_rd_u8(r);
	min = rt_rd_u8(r);
	ret->key_size = link->crypt.key_size;
	if (ret->op == RT_VCRYPT_REFRESH) {
		ret->mode = link->crypt.mode;
		return ret->mode > 0 ? RT_VERR_OK : RT_VERR_PDU_NOT_ALLOWED;
	}
	if (ret->mode == 0)
		return RT_VERR_OK;
	if (!has_key(link))
		return RT_VERR_KEY_MISSING;
	ret->mode = rt_vctl_crypt_is_secure(link) ? AES_CCM : E0;
	ret->key_size = RT_MIN(max, size_max(v));
	if (ret->key_size < RT_MAX(min, size_min(v)))
		return RT_VERR_ENCRYPTION_MODE;
	return RT_VERR_OK;
}

static void apply(struct rt_vctl_link *link,
		  const struct rt_vctl_crypt_change *change)
{
	link->crypt.mode = change->mode;
	link->crypt.key_size = change->key_size;
}

/*
 * Of two changes at once the central's goes on (Vol 2 Part C 2.5.1). An
 * authentication under way goes on, unless it is the peripheral's and has
 * crossed this request.
 */
static bool makes_way(struct rt_vctl_link *link, enum rt_vctl_crypt_op op,
		      uint8_t *ret_reason)
{
	const struct rt_vctl_auth *a = &link->auth;
	const struct rt_vctl_crypt *c = &link->crypt;
	bool is_central = link->role == 0;

	*ret_reason = RT_VERR_DIFFERENT_COLLISION;
	if (link->pending & 1U << RT_VOP_SWITCH)
		return false;
	if (a->state != RT_VAUTH_IDLE && a->on_air && !is_central)
		rt_vctl_auth_lose(link, *ret_reason);
	if (a->state != RT_VAUTH_IDLE)
		return false;
	if (!c->sent)
		return true;
	if (c->own.op == op)
		*ret_reason = RT_VERR_COLLISION;
	if (!is_central)
		conclude(link, *ret_reason);
	return !is_central;
}

static void on_request(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_crypt_change change;
	uint8_t reason = agree(link, r, &change);
	uint8_t buf[2];
	uint8_t collision;

	if (!makes_way(link, (enum rt_vctl_crypt_op)change.op, &collision))
		reason = collision;
	if (reason != RT_VERR_OK) {
		send_pdu(link, RT_VPDU_ENC_NOT_ACCEPTED, reason,
			 rt_bytes(NULL, 0));
		return;
	}
	link->crypt.peer = change;
	buf[0] = change.mode;
	buf[1] = change.key_size;
	send_pdu(link, RT_VPDU_ENC_ACCEPTED, 0, rt_bytes(buf, sizeof(buf)));
}

static void on_accepted(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_crypt *c = crypt_of(link);

	if (!c->sent)
		return;
	c->own.mode = rt_rd_u8(r);
	c->own.key_size = rt_rd_u8(r);
	apply(link, &c->own);
	send_pdu(link, RT_VPDU_ENC_START, 0, rt_bytes(NULL, 0));
	conclude(link, RT_VERR_OK);
}

static void on_start(struct rt_vctl_link *link)
{
	struct rt_vctl_crypt *c = crypt_of(link);
	enum rt_vctl_crypt_op op = (enum rt_vctl_crypt_op)c->peer.op;

	if (op == RT_VCRYPT_NONE)
		return;
	apply(link, &c->peer);
	c->peer.op = RT_VCRYPT_NONE;
	tell(link, op, RT_VERR_OK);
	release(link);
	wake(link);
}

void rt_vctl_crypt_rx(struct rt_vctl_link *link,
		      const struct rt_vctl_frame *frame)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(frame->data + RT_VCTL_HEAD_BYTES, frame->len));

	if (frame->op == RT_VPDU_ENC_REQ)
		on_request(link, &r);
	if (frame->op == RT_VPDU_ENC_ACCEPTED)
		on_accepted(link, &r);
	if (frame->op == RT_VPDU_ENC_START)
		on_start(link);
	if (frame->op == RT_VPDU_ENC_NOT_ACCEPTED && link->crypt.sent)
		conclude(link, frame->arg);
}

void rt_vctl_crypt_switched(struct rt_vctl_link *link)
{
	if (link->crypt.mode > 0)
		tell_refresh(link, RT_VERR_OK);
}

void rt_vctl_crypt_abort(struct rt_vctl_link *link, uint8_t reason)
{
	enum rt_vctl_crypt_op op = (enum rt_vctl_crypt_op)link->crypt.own.op;

	link->crypt.own.op = RT_VCRYPT_NONE;
	link->crypt.mode = 0;
	tell(link, op, reason);
}

void rt_vctl_crypt_init(struct rt_vctl_link *link)
{
	rt_list_init(&link->crypt.held);
	rt_timer_init(&link->crypt_step, on_step);
}

void rt_vctl_crypt_stop(struct rt_vctl_link *link)
{
	rt_vctl_air_stop(link->vctl->air, &link->crypt_step);
	rt_vctl_frames_free(&link->crypt.held);
}

/* --- what tests put in --- */

bool rt_vctl_fake_encryption(struct rt_vctl *vctl, struct rt_addr peer,
			     uint8_t status, uint8_t mode)
{
	struct rt_vctl_link *link = rt_vctl_link_to(vctl, peer);
	struct rt_vctl_crypt *c;
	uint8_t mode_before;

	if (!link || link->state != RT_VLINK_OPEN)
		return false;
	c = crypt_of(link);
	mode_before = c->mode;
	c->mode = mode;
	if (mode_before == 0)
		c->key_size = size_max(vctl);
	tell_mode(link, status);
	if (status != RT_VERR_OK)
		c->mode = mode_before;
	return true;
}

bool rt_vctl_fake_refresh(struct rt_vctl *vctl, struct rt_addr peer,
			  uint8_t status, uint8_t key_size)
{
	struct rt_vctl_link *link = rt_vctl_link_to(vctl, peer);

	if (!link || link->state != RT_VLINK_OPEN)
		return false;
	if (status == RT_VERR_OK && key_size > 0)
		link->crypt.key_size = key_size;
	tell_refresh(link, status);
	return true;
}

void rt_vctl_set_key_size_answer(struct rt_vctl *vctl, uint8_t size)
{
	vctl->key_size_answer = size;
}
