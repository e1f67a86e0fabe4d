/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/*
 * Secure Simple Pairing (Core Vol 2 Part C 4.2.7, Part H 7). The events and
 * who learns what when are those of the specification; curves are not.
 */

#define NUMBERS 1000000 /* of six digits */
#define MITM 0x01	/* in the authentication requirements */

enum purpose { LINK_KEY = 2, NUMBER, CHECK };

bool rt_vctl_pair_is_ssp(const struct rt_vctl_link *link)
{
	const struct rt_vctl *v = link->vctl;

	return link->peer && rt_vctl_has_ssp(v) && v->set.ssp &&
	       rt_vctl_has_ssp(link->peer->vctl) && link->peer->vctl->set.ssp;
}

void rt_vctl_pair_complete(struct rt_vctl_link *link, uint8_t status)
{
	uint8_t buf[7];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	link->auth.ssp = false;
	rt_wr_u8(&w, status);
	rt_wr_addr(&w, link->addr);
	rt_vctl_event(link->vctl, RT_VEVT_PAIRING_COMPLETE, &w);
}

static void ask_io(struct rt_vctl_link *link)
{
	link->auth.ssp = true;
	link->auth.state = RT_VAUTH_IO;
	rt_vctl_auth_ask(link, RT_VASK_IO, rt_bytes(NULL, 0));
}

void rt_vctl_pair_begin(struct rt_vctl_link *link)
{
	ask_io(link);
}

/* --- IO capabilities --- */

static void send_io(struct rt_vctl_link *link, enum rt_vctl_pdu pdu)
{
	struct rt_vctl_auth *a = &link->auth;
	uint8_t io[3];

	/* Data for the other curve are of no use. */
	a->p256 = rt_vctl_crypt_is_secure(link);
	a->own.oob = a->own.oob >> a->p256 & 1;
	io[0] = a->own.capability;
	io[1] = a->own.oob;
	io[2] = a->own.requirements;
	rt_vctl_auth_send(link, pdu, 0, io, sizeof(io));
}

/* 7.7.41 */
static void take_io(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_io *io = &link->auth.peer;
	uint8_t buf[9];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	io->capability = rt_rd_u8(r);
	io->oob = rt_rd_u8(r);
	io->requirements = rt_rd_u8(r);
	rt_wr_addr(&w, link->addr);
	rt_wr_u8(&w, io->capability);
	rt_wr_u8(&w, io->oob);
	rt_wr_u8(&w, io->requirements);
	rt_vctl_event(link->vctl, RT_VEVT_IO_RESPONSE, &w);
}

static bool either_has(const struct rt_vctl_auth *a,
		       enum rt_vctl_io_capability capability)
{
	return a->own.capability == capability ||
	       a->peer.capability == capability;
}

static bool wants_mitm(const struct rt_vctl_auth *a)
{
	return (a->own.requirements | a->peer.requirements) & MITM;
}

/* Vol 2 Part H 7.2, Vol 3 Part C 5.2.2.6 */
static enum rt_vctl_model model_of(const struct rt_vctl_auth *a)
{
	if (a->own.oob || a->peer.oob)
		return RT_VMODEL_OOB;
	if (!wants_mitm(a) || either_has(a, RT_VIO_NONE) ||
	    !either_has(a, RT_VIO_KEYBOARD_ONLY))
		return RT_VMODEL_NUMERIC;
	return RT_VMODEL_PASSKEY;
}

static bool is_authenticated(const struct rt_vctl_auth *a)
{
	return a->model != RT_VMODEL_NUMERIC ||
	       (wants_mitm(a) && a->own.capability == RT_VIO_DISPLAY_YES_NO &&
		a->peer.capability == RT_VIO_DISPLAY_YES_NO);
}

/* --- public keys --- */

static void send_public_key(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;
	uint8_t buf[1 + 2 * RT_VCTL_KEY_BYTES];
	uint8_t *key = buf + 1;

	buf[0] = link->vctl->set.ssp_debug;
	a->debug |= link->vctl->set.ssp_debug;
	rt_vctl_public_key(link->vctl, a->p256, key);
	rt_vctl_random(link->vctl, a->nonce, sizeof(a->nonce));
	memcpy(key + RT_VCTL_KEY_BYTES, a->nonce, sizeof(a->nonce));
	rt_vctl_auth_send(link, RT_VPDU_PUBLIC_KEY, 0, buf, sizeof(buf));
}

static void take_public_key(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_auth *a = &link->auth;
	struct rt_bytes key, nonce;

	a->debug |= rt_rd_u8(r);
	key = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	nonce = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	memcpy(a->peer_public, key.ptr, key.len);
	memcpy(a->peer_nonce, nonce.ptr, nonce.len);
}

/* --- stage 2 --- */

static void make_key(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	rt_vctl_shared(link, LINK_KEY, a->key);
	a->is_new = true;
	a->key_type = a->p256 ? RT_VKEY_P256 : RT_VKEY_P192;
	if (is_authenticated(a))
		a->key_type++;
	if (a->debug)
		a->key_type = RT_VKEY_DEBUG;
	rt_vctl_pair_complete(link, RT_VERR_OK);
}

static void send_check(struct rt_vctl_link *link)
{
	uint8_t check[RT_VCTL_KEY_BYTES];

	rt_vctl_shared(link, CHECK, check);
	rt_vctl_auth_send(link, RT_VPDU_DHKEY_CHECK, 0, check, sizeof(check));
}

static bool check_fits(const struct rt_vctl_link *link)
{
	uint8_t check[RT_VCTL_KEY_BYTES];

	rt_vctl_shared(link, CHECK, check);
	return memcmp(check, link->auth.peer_check, sizeof(check)) == 0;
}

/*
 * The responder says no by not accepting the initiator's check (Vol 2 Part C
 * 4.2.7.3): not before there is one.
 */
static void answer_check(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	if (!a->checked || (!a->passed && !a->failed))
		return;
	if (a->failed || !check_fits(link)) {
		rt_vctl_auth_reject(link, RT_VERR_AUTHENTICATION);
		return;
	}
	send_check(link);
	make_key(link);
	a->state = RT_VAUTH_CHALLENGE;
}

/* --- stage 1 --- */

static void pass(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	a->passed = true;
	if (!a->initiator) {
		answer_check(link);
		return;
	}
	a->state = RT_VAUTH_CHECK;
	send_check(link);
}

static void fail(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	a->failed = true;
	if (!a->initiator) {
		answer_check(link);
		return;
	}
	rt_vctl_auth_send(link, RT_VPDU_STAGE_1_FAILED, 0, NULL, 0);
	rt_vctl_auth_end(link, RT_VERR_AUTHENTICATION);
}

static uint32_t number(const struct rt_vctl_link *link)
{
	uint8_t digest[RT_VCTL_KEY_BYTES];
	struct rt_rd r;

	rt_vctl_shared(link, NUMBER, digest);
	r = rt_rd_init(rt_bytes(digest, sizeof(digest)));
	return rt_rd_le32(&r) % NUMBERS;
}

static void ask_number(struct rt_vctl_link *link)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le32(&w, number(link));
	rt_vctl_auth_ask(link, RT_VASK_CONFIRM, rt_wr_bytes(&w));
}

/* 7.7.48 */
static void show_passkey(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;
	uint8_t buf[10];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	a->passkey = rt_vctl_air_random(link->vctl->air) % NUMBERS;
	rt_wr_addr(&w, link->addr);
	rt_wr_le32(&w, a->passkey);
	rt_vctl_event(link->vctl, RT_VEVT_PASSKEY_NOTIFICATION, &w);
	pass(link);
}

static void begin_stage_1(struct rt_vctl_link *link)
{
	struct rt_vctl_auth *a = &link->auth;

	a->state = RT_VAUTH_STAGE_1;
	a->model = (uint8_t)model_of(a);
	switch ((enum rt_vctl_model)a->model) {
	case RT_VMODEL_NUMERIC:
		ask_number(link);
		break;
	case RT_VMODEL_PASSKEY:
		if (a->own.capability == RT_VIO_KEYBOARD_ONLY)
			rt_vctl_auth_ask(link, RT_VASK_PASSKEY,
					 rt_bytes(NULL, 0));
		else
			show_passkey(link);
		break;
	case RT_VMODEL_OOB:
		if (a->own.oob)
			rt_vctl_auth_ask(link, RT_VASK_OOB, rt_bytes(NULL, 0));
		else
			pass(link);
		break;
	}
}

/* The peer's public key is the one that the data speak of (7.2.2). */
static bool oob_fits(const struct rt_vctl_auth *a)
{
	const struct rt_vctl_oob *oob = &a->oob[a->p256];
	uint8_t hash[RT_VCTL_KEY_BYTES];

	rt_vctl_commitment(a->peer_public, oob->random, hash);
	return memcmp(hash, oob->hash, sizeof(hash)) == 0;
}

static enum rt_vctl_question question_of(const struct rt_vctl_auth *a)
{
	switch ((enum rt_vctl_model)a->model) {
	case RT_VMODEL_NUMERIC:
		break;
	case RT_VMODEL_PASSKEY:
		return RT_VASK_PASSKEY;
	case RT_VMODEL_OOB:
		return RT_VASK_OOB;
	}
	return RT_VASK_CONFIRM;
}

/* --- the host has answered --- */

static void on_io(struct rt_vctl_link *link, bool refused)
{
	struct rt_vctl_auth *a = &link->auth;

	if (refused && a->initiator) {
		rt_vctl_auth_end(link, a->refusal);
	} else if (refused) {
		rt_vctl_auth_reject(link, a->refusal);
	} else if (a->initiator) {
		a->state = RT_VAUTH_PEER_IO;
		send_io(link, RT_VPDU_IO_CAP_REQ);
	} else {
		a->state = RT_VAUTH_PUBLIC_KEY;
		send_io(link, RT_VPDU_IO_CAP_RES);
	}
}

static void on_stage_1(struct rt_vctl_link *link, bool refused)
{
	const struct rt_vctl_auth *a = &link->auth;

	if (refused || (a->model == RT_VMODEL_OOB && !oob_fits(a)))
		fail(link);
	else
		pass(link);
}

void rt_vctl_pair_step(struct rt_vctl_link *link)
{
	const struct rt_vctl_auth *a = &link->auth;
	unsigned bit = 1U << RT_VASK_IO;

	if (a->passed || a->failed)
		return;
	if (a->state == RT_VAUTH_STAGE_1)
		bit = 1U << question_of(a);
	if (!(a->answered & bit))
		return;
	if (a->state == RT_VAUTH_STAGE_1)
		on_stage_1(link, a->refused & bit);
	else
		on_io(link, a->refused & bit);
}

uint8_t rt_vctl_pair_keypress(struct rt_vctl_link *link, uint8_t what)
{
	if (!(link->auth.asked & 1U << RT_VASK_PASSKEY))
		return RT_VERR_DISALLOWED;
	rt_vctl_auth_send(link, RT_VPDU_KEYPRESS, what, NULL, 0);
	return RT_VERR_OK;
}

/* --- the peer has spoken --- */

static void on_io_request(struct rt_vctl_link *link, struct rt_rd *r)
{
	if (!rt_vctl_auth_serve(link, RT_VPDU_IO_CAP_REQ))
		return;
	if (!rt_vctl_pair_is_ssp(link)) {
		rt_vctl_auth_reject(link, RT_VERR_SSP_NOT_SUPPORTED);
		return;
	}
	take_io(link, r);
	ask_io(link);
}

static void on_io_response(struct rt_vctl_link *link, struct rt_rd *r)
{
	if (!link->auth.initiator || link->auth.state != RT_VAUTH_PEER_IO)
		return;
	take_io(link, r);
	link->auth.state = RT_VAUTH_PUBLIC_KEY;
	send_public_key(link);
}

static void on_public_key(struct rt_vctl_link *link, struct rt_rd *r)
{
	if (link->auth.state != RT_VAUTH_PUBLIC_KEY)
		return;
	take_public_key(link, r);
	if (!link->auth.initiator)
		send_public_key(link);
	begin_stage_1(link);
}

static void on_stage_1_failed(struct rt_vctl_link *link)
{
	if (!link->auth.initiator && link->auth.state == RT_VAUTH_STAGE_1)
		rt_vctl_auth_end(link, RT_VERR_AUTHENTICATION);
}

static void on_check(struct rt_vctl_link *link, struct rt_rd *r)
{
	struct rt_vctl_auth *a = &link->auth;
	struct rt_bytes check = rt_rd_take(r, RT_VCTL_KEY_BYTES);

	memcpy(a->peer_check, check.ptr, check.len);
	if (!a->initiator && a->state == RT_VAUTH_STAGE_1) {
		a->checked = true;
		answer_check(link);
	} else if (a->initiator && a->state == RT_VAUTH_CHECK) {
		make_key(link);
		rt_vctl_auth_challenge(link);
	}
}

/* 7.7.49 */
static void on_keypress(struct rt_vctl_link *link, uint8_t what)
{
	uint8_t buf[7];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (!link->auth.ssp)
		return;
	rt_wr_addr(&w, link->addr);
	rt_wr_u8(&w, what);
	rt_vctl_event(link->vctl, RT_VEVT_KEYPRESS, &w);
}

void rt_vctl_pair_rx(struct rt_vctl_link *link,
		     const struct rt_vctl_frame *frame)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(frame->data + RT_VCTL_HEAD_BYTES, frame->len));

	if (frame->op == RT_VPDU_IO_CAP_REQ)
		on_io_request(link, &r);
	if (frame->op == RT_VPDU_IO_CAP_RES)
		on_io_response(link, &r);
	if (frame->op == RT_VPDU_PUBLIC_KEY)
		on_public_key(link, &r);
	if (frame->op == RT_VPDU_STAGE_1_FAILED)
		on_stage_1_failed(link);
	if (frame->op == RT_VPDU_DHKEY_CHECK)
		on_check(link, &r);
	if (frame->op == RT_VPDU_KEYPRESS)
		on_keypress(link, frame->arg);
}
