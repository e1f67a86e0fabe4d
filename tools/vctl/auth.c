/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/*
 * Authentication, with a link key or a PIN (Core Vol 2 Part C 4.2.1, 4.2.2;
 * Vol 4 Part E 7.1.15). Of two that begin at once the central's goes on
 * (Vol 2 Part C 2.5.1).
 */

#define LMP_RESPONSE_TIMEOUT_US RT_SECONDS(30) /* Vol 2 Part C 2.6 */

enum purpose { LEGACY_KEY = 1 };

static struct rt_bytes nothing(void)
{
	return rt_bytes(NULL, 0);
}

/* An event that names the peer first. */
static bool tell_addr(struct rt_vctl_link *link, enum rt_vctl_event code,
		      struct rt_bytes params)
{
	uint8_t buf[32];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_addr(&w, link->addr);
	rt_wr_put(&w, params);
	return rt_vctl_event(link->vctl, code, &w);
}

static void complete(struct rt_vctl_link *link, uint8_t status)
{
	uint8_t buf[3];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	link->auth.requested = false;
	rt_wr_u8(&w, status);
	rt_wr_le16(&w, link->handle);
	rt_vctl_event(link->vctl, RT_VEVT_AUTHENTICATION_COMPLETE, &w);
}

static void notify_key(struct rt_vctl_link *link)
{
	const struct rt_vctl_auth *a = &link->auth;
	const struct rt_vctl *v = link->vctl;
	uint8_t buf[RT_VCTL_KEY_BYTES + 1] = { 0 };

	if (!v->fault[RT_VCTL_ZERO_KEY])
		memcpy(buf, a->key, sizeof(a->key));
	buf[RT_VCTL_KEY_BYTES] =
		v->fault[RT_VCTL_DEBUG_KEY] ? RT_VKEY_DEBUG : a->key_type;
	tell_addr(link, RT_VEVT_KEY_NOTIFICATION, rt_bytes(buf, sizeof(buf)));
}

bool rt_vctl_auth_busy(const struct rt_vctl_link *link)
{
	return link->auth.requested || link->auth.state != RT_VAUTH_IDLE;
}

void rt_vctl_auth_wake(struct rt_vctl_link *link)
{
	rt_vctl_air_arm(link->vctl->air, &link->auth_step, 0);
}

/* Something has happened. */
static void touch(struct rt_vctl_link *link)
{
	rt_vctl_air_arm(link->vctl->air, &link->auth_timeout,
			LMP_RESPONSE_TIMEOUT_US);
}

static void send_pdu(struct rt_vctl_link *link, bool as_initiator,
		     enum rt_vctl_pdu pdu, uint8_t arg, struct rt_bytes data)
{
	struct rt_vctl_frame *f;

	f = rt_vctl_frame_new(RT_VFRAME_SECURITY, data.ptr, data.len);
	if (!f)
		return;
	f->op = (uint8_t)pdu;
	f->arg = arg;
	f->value = as_initiator;
	rt_vctl_link_send(link, f);
}

void rt_vctl_auth_send(struct rt_vctl_link *link, enum rt_vctl_pdu pdu,
		       uint8_t arg, const void *data, size_t len)
{
	struct rt_vctl_auth *a = &link->auth;

	if (a->initiator && !a->on_air) {
		a->on_air = true;
		a->first = (uint8_t)pdu;
	}
	touch(link);
	send_pdu(link, a->initiator, pdu, arg, rt_bytes(data, len));
}

/* --- questions --- */

static enum rt_vctl_event event_of(enum rt_vctl_question question)
{
	switch (question) {
	case RT_VASK_KEY:
		break;
	case RT_VASK_PIN:
		return RT_VEVT_PIN_REQUEST;
	case RT_VASK_IO:
		return RT_VEVT_IO_REQUEST;
	case RT_VASK_CONFIRM:
		return RT_VEVT_CONFIRMATION_REQUEST;
	case RT_VASK_PASSKEY:
		return RT_VEVT_PASSKEY_REQUEST;
	case RT_VASK_OOB:
		return RT_VEVT_OOB_REQUEST;
	}
	return RT_VEVT_KEY_REQUEST;
}

void rt_vctl_auth_ask(struct rt_vctl_link *link, enum rt_vctl_question question,
		      struct rt_bytes params)
{
	struct rt_vctl_auth *a = &link->auth;
	uint8_t bit = (uint8_t)(1U << question);

	touch(link);
	a->answered &= (uint8_t)~bit;
	a->refused &= (uint8_t)~bit;
	/* The host may still be thinking, of an authentication that lost. */
	if (a->asked & bit)
		return;
	if (tell_addr(link, event_of(question), params)) {
		a->asked |= bit;
		return;
	}
	a->answered |= bit;
	a->refused |= bit;
	a->refusal = RT_VERR_PAIRING_NOT_ALLOWED;
	rt_vctl_auth_wake(link);
}

uint8_t rt_vctl_auth_answer(struct rt_vctl_link *link,
			    enum rt_vctl_question question, bool refused)
{
	struct rt_vctl_auth *a = &link->auth;
	uint8_t bit = (uint8_t)(1U << question);

	if (!(a->asked & bit))
		return RT_VERR_DISALLOWED;
	a->asked &= (uint8_t)~bit;
	a->answered |= bit;
	if (refused)
		a->refused |= bit;
	touch(link);
	rt_vctl_auth_wake(link);
	return RT_VERR_OK;
}

/* --- beginning and ending --- */

/* A clean slate, but for what our own host wants and was asked. */
static void forget(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;
	bool requested = a->requested;
	uint8_t asked = a->asked;

	memset(a, 0, sizeof(*a));
	a->requested = requested;
	a->asked = asked;
	rt_vctl_air_stop(link->vctl->air, &link->auth_timeout);
}

void rt_vctl_auth_end(struct rt_vctl_link *link, uint8_t status)
{
	struct rt_vctl_auth *a = &link->auth;
	bool was_ours = a->initiator;

	if (a->ssp)
		rt_vctl_pair_complete(link, status);
	if (status == RT_VERR_OK) {
		link->has_key = true;
		if (a->is_new)
			notify_key(link);
	}
	a->asked = 0;
	forget(link);
	if (was_ours && a->requested)
		complete(link, status);
	if (a->requested)
		rt_vctl_auth_wake(link);
}

void rt_vctl_auth_reject(struct rt_vctl_link *link, uint8_t reason)
{
	rt_vctl_auth_send(link, RT_VPDU_NOT_ACCEPTED, reason, NULL, 0);
	rt_vctl_auth_end(link, reason);
}

void rt_vctl_auth_lose(struct rt_vctl_link *link, uint8_t reason)
{
	link->auth.asked = 0;
	forget(link);
	if (link->auth.requested)
		complete(link, reason);
}

void rt_vctl_auth_abort(struct rt_vctl_link *link, uint8_t reason)
{
	struct rt_vctl_auth *a = &link->auth;

	if (a->ssp)
		rt_vctl_pair_complete(link, reason);
	if (a->requested)
		complete(link, reason);
	a->asked = 0;
	forget(link);
}

/* The peer's beginning is not for us. */
static bool refuse(struct rt_vctl_link *link, uint8_t reason)
{
	send_pdu(link, false, RT_VPDU_NOT_ACCEPTED, reason, nothing());
	return false;
}

bool rt_vctl_auth_serve(struct rt_vctl_link *link, enum rt_vctl_pdu pdu)
{
	struct rt_vctl_auth *a = &link->auth;
	bool is_central = link->role == 0;
	uint8_t reason = RT_VERR_DIFFERENT_COLLISION;

	if (is_central && rt_vctl_crypt_busy(link))
		return refuse(link, reason);
	if (a->initiator && a->on_air) {
		if (a->first == pdu)
			reason = RT_VERR_COLLISION;
		if (is_central)
			return refuse(link, reason);
		rt_vctl_auth_lose(link, reason);
	}
	/* The peer has given up the last one, and we did not hear of it. */
	if (a->ssp && !a->initiator)
		rt_vctl_pair_complete(link, RT_VERR_AUTHENTICATION);
	forget(link);
	touch(link);
	return true;
}

uint8_t rt_vctl_auth_request(struct rt_vctl_link *link)
{
	if (link->auth.requested || rt_vctl_crypt_busy(link))
		return RT_VERR_DISALLOWED;
	link->auth.requested = true;
	rt_vctl_auth_wake(link);
	return RT_VERR_OK;
}

static void begin(struct rt_vctl_link *link)
{
	link->auth.initiator = true;
	link->auth.state = RT_VAUTH_KEY;
	rt_vctl_auth_ask(link, RT_VASK_KEY, nothing());
}

/* --- with a key --- */

static void respond_to(const struct rt_vctl_auth *a,
		       uint8_t ret[RT_VCTL_KEY_BYTES])
{
	struct rt_vctl_mix mix = rt_vctl_mix_init(0);

	rt_vctl_mix_put(&mix, a->key, sizeof(a->key));
	rt_vctl_mix_put(&mix, a->challenge, sizeof(a->challenge));
	rt_vctl_mix_end(&mix, ret);
}

void rt_vctl_auth_challenge(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	rt_vctl_random(link->vctl, a->challenge, sizeof(a->challenge));
	a->state = RT_VAUTH_RESPONSE;
	rt_vctl_auth_send(link, RT_VPDU_AU_RAND, 0, a->challenge,
			  sizeof(a->challenge));
}

static void respond(struct rt_vctl_link *link)
{
	uint8_t response[RT_VCTL_KEY_BYTES];

	respond_to(&link->auth, response);
	link->auth.state = RT_VAUTH_RESULT;
	rt_vctl_auth_send(link, RT_VPDU_SRES, 0, response, sizeof(response));
}

/* RT_VCTL_SWITCH_WHEN_CHALLENGED */
static void turn_tables(struct rt_vctl_link *link)
{
	if (link->role == 1) {
		link->role = 0;
		rt_vctl_role_change(link, RT_VERR_OK);
		send_pdu(link, false, RT_VPDU_FORCED_SWITCH, 0, nothing());
	}
	send_pdu(link, false, RT_VPDU_NOT_ACCEPTED, RT_VERR_COLLISION,
		 nothing());
	link->auth.initiator = true;
	rt_vctl_auth_challenge(link);
}

static void on_au_rand(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_auth *a = &link->auth;
	struct rt_bytes challenge = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	bool is_paired = !a->initiator && a->state == RT_VAUTH_CHALLENGE;

	if (!is_paired && !rt_vctl_auth_serve(link, RT_VPDU_AU_RAND))
		return;
	if (link->vctl->fault[RT_VCTL_SWITCH_WHEN_CHALLENGED] && !is_paired) {
		turn_tables(link);
		return;
	}
	memcpy(a->challenge, challenge.ptr, challenge.len);
	if (is_paired) {
		respond(link);
		return;
	}
	a->state = RT_VAUTH_KEY;
	rt_vctl_auth_ask(link, RT_VASK_KEY, nothing());
}

static void on_sres(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_bytes got = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	uint8_t want[RT_VCTL_KEY_BYTES];
	uint8_t status = RT_VERR_OK;

	if (!link->auth.initiator || link->auth.state != RT_VAUTH_RESPONSE)
		return;
	respond_to(&link->auth, want);
	if (memcmp(got.ptr, want, sizeof(want)) != 0 &&
	    !link->vctl->fault[RT_VCTL_SWITCH_WHEN_CHALLENGED])
		status = RT_VERR_AUTHENTICATION;
	rt_vctl_auth_send(link, RT_VPDU_AUTHENTICATED, status, NULL, 0);
	rt_vctl_auth_end(link, status);
}

static void on_authenticated(struct rt_vctl_link *link, uint8_t status)
{
	if (!link->auth.initiator && link->auth.state == RT_VAUTH_RESULT)
		rt_vctl_auth_end(link, status);
}

static void on_key(struct rt_vctl_link *link, bool refused)
{
	struct rt_vctl_auth *a = &link->auth;

	if (!a->initiator && refused) {
		rt_vctl_auth_reject(link, RT_VERR_KEY_MISSING);
	} else if (!a->initiator) {
		respond(link);
	} else if (!refused) {
		rt_vctl_auth_challenge(link);
	} else if (rt_vctl_pair_is_ssp(link)) {
		rt_vctl_pair_begin(link);
	} else {
		a->state = RT_VAUTH_PIN;
		rt_vctl_auth_ask(link, RT_VASK_PIN, nothing());
	}
}

/* --- with a PIN --- */

static void new_legacy_key(struct rt_vctl_link *link)
{
	link->auth.is_new = true;
	link->auth.key_type = RT_VKEY_COMBINATION;
	rt_vctl_shared(link, LEGACY_KEY, link->auth.key);
}

static void on_pin(struct rt_vctl_link *link, bool refused)
{
	struct rt_vctl_auth *a = &link->auth;

	if (refused) {
		if (a->initiator)
			rt_vctl_auth_end(link, RT_VERR_KEY_MISSING);
		else
			rt_vctl_auth_reject(link, RT_VERR_KEY_MISSING);
		return;
	}
	rt_vctl_random(link->vctl, a->nonce, sizeof(a->nonce));
	if (a->initiator) {
		a->state = RT_VAUTH_COMB_KEY;
		rt_vctl_auth_send(link, RT_VPDU_IN_RAND, 0, a->nonce,
				  sizeof(a->nonce));
		return;
	}
	new_legacy_key(link);
	a->state = RT_VAUTH_CHALLENGE;
	rt_vctl_auth_send(link, RT_VPDU_COMB_KEY, 0, a->nonce,
			  sizeof(a->nonce));
}

static void on_in_rand(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_auth *a = &link->auth;
	struct rt_bytes nonce = rt_rd_take(r, RT_VCTL_KEY_BYTES);

	if (!rt_vctl_auth_serve(link, RT_VPDU_IN_RAND))
		return;
	if (rt_vctl_pair_is_ssp(link)) {
		rt_vctl_auth_reject(link, RT_VERR_PAIRING_NOT_ALLOWED);
		return;
	}
	memcpy(a->peer_nonce, nonce.ptr, nonce.len);
	a->state = RT_VAUTH_PIN;
	rt_vctl_auth_ask(link, RT_VASK_PIN, nothing());
}

static void on_comb_key(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_auth *a = &link->auth;
	struct rt_bytes nonce = rt_rd_take(r, RT_VCTL_KEY_BYTES);

	if (!a->initiator || a->state != RT_VAUTH_COMB_KEY)
		return;
	memcpy(a->peer_nonce, nonce.ptr, nonce.len);
	new_legacy_key(link);
	rt_vctl_auth_challenge(link);
}

/* --- going on --- */

static void on_step(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, auth_step);
	struct rt_vctl_auth *a = &link->auth;

	switch ((enum rt_vctl_auth_state)a->state) {
	case RT_VAUTH_IDLE:
		if (a->requested)
			begin(link);
		break;
	case RT_VAUTH_KEY:
		if (a->answered & 1U << RT_VASK_KEY)
			on_key(link, a->refused & 1U << RT_VASK_KEY);
		break;
	case RT_VAUTH_PIN:
		if (a->answered & 1U << RT_VASK_PIN)
			on_pin(link, a->refused & 1U << RT_VASK_PIN);
		break;
	case RT_VAUTH_IO:
	case RT_VAUTH_STAGE_1:
		rt_vctl_pair_step(link);
		break;
	case RT_VAUTH_RESPONSE:
	case RT_VAUTH_CHALLENGE:
	case RT_VAUTH_RESULT:
	case RT_VAUTH_COMB_KEY:
	case RT_VAUTH_PEER_IO:
	case RT_VAUTH_PUBLIC_KEY:
	case RT_VAUTH_CHECK:
		break;
	}
}

static void on_timeout(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, auth_timeout);

	rt_vctl_auth_reject(link, RT_VERR_LMP_TIMEOUT);
}

static void on_not_accepted(struct rt_vctl_link *link,
			    const struct rt_vctl_frame *frame)
{
	const struct rt_vctl_auth *a = &link->auth;
	bool is_of_ours = a->initiator && a->on_air && !frame->value;
	bool is_of_theirs = !a->initiator && frame->value;

	if (a->state != RT_VAUTH_IDLE && (is_of_ours || is_of_theirs))
		rt_vctl_auth_end(link, frame->arg);
}

static void on_forced_switch(struct rt_vctl_link *link)
{
	link->role = 1;
	rt_vctl_role_change(link, RT_VERR_OK);
}

void rt_vctl_auth_rx(struct rt_vctl_link *link,
		     const struct rt_vctl_frame *frame)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(frame->data + RT_VCTL_HEAD_BYTES, frame->len));

	if (link->auth.state != RT_VAUTH_IDLE)
		touch(link);
	switch ((enum rt_vctl_pdu)frame->op) {
	case RT_VPDU_AU_RAND:
		on_au_rand(link, &r);
		break;
	case RT_VPDU_SRES:
		on_sres(link, &r);
		break;
	case RT_VPDU_AUTHENTICATED:
		on_authenticated(link, frame->arg);
		break;
	case RT_VPDU_IN_RAND:
		on_in_rand(link, &r);
		break;
	case RT_VPDU_COMB_KEY:
		on_comb_key(link, &r);
		break;
	case RT_VPDU_NOT_ACCEPTED:
		on_not_accepted(link, frame);
		break;
	case RT_VPDU_FORCED_SWITCH:
		on_forced_switch(link);
		break;
	case RT_VPDU_IO_CAP_REQ:
	case RT_VPDU_IO_CAP_RES:
	case RT_VPDU_PUBLIC_KEY:
	case RT_VPDU_STAGE_1_FAILED:
	case RT_VPDU_DHKEY_CHECK:
	case RT_VPDU_KEYPRESS:
		rt_vctl_pair_rx(link, frame);
		break;
	case RT_VPDU_ENC_REQ:
	case RT_VPDU_ENC_ACCEPTED:
	case RT_VPDU_ENC_START:
	case RT_VPDU_ENC_NOT_ACCEPTED:
		rt_vctl_crypt_rx(link, frame);
		break;
	}
}

void rt_vctl_auth_init(struct rt_vctl_link *link)
{
	rt_timer_init(&link->auth_step, on_step);
	rt_timer_init(&link->auth_timeout, on_timeout);
}

void rt_vctl_auth_stop(struct rt_vctl_link *link)
{
	rt_vctl_air_stop(link->vctl->air, &link->auth_step);
	rt_vctl_air_stop(link->vctl->air, &link->auth_timeout);
}
