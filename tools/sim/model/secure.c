/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/*
 * Pairing without anybody there, link keys, encryption (Core Vol 4 Part E 7.1,
 * 7.7; Vol 3 Part C 5.2.2).
 */

#define OP_KEY_REPLY 0x040b
#define OP_KEY_REFUSE 0x040c
#define OP_PIN_REPLY 0x040d
#define OP_AUTHENTICATE 0x0411
#define OP_ENCRYPT 0x0413
#define OP_IO_REPLY 0x042b
#define OP_CONFIRM 0x042c
#define OP_PASSKEY_REFUSE 0x042f
#define OP_OOB_REFUSE 0x0433

#define AUTHENTICATION_FAILURE 0x05
#define KEY_MISSING 0x06
#define DISALLOWED 0x0c
#define COLLISION 0x23
#define DIFFERENT_COLLISION 0x2a

#define NO_INPUT_NO_OUTPUT 3
#define BONDING 0x06 /* either kind of it */
#define GENERAL_BONDING 0x04
#define TRIES_MAX 6
#define SEC_US RT_SECONDS(60)
#define RETRY_MS 100
#define RETRY_SPAN_MS 500

static struct model_key *key_of(struct model *m, struct rt_addr addr)
{
	for (unsigned int i = 0; i < KEYS_MAX; i++) {
		if (m->key[i].used && rt_addr_equal(m->key[i].addr, addr))
			return &m->key[i];
	}
	return NULL;
}

void model_keys_forget(struct model *m, struct rt_addr addr)
{
	struct model_key *key = key_of(m, addr);

	if (key && !key->kept)
		key->used = false;
}

void model_forget_key(struct model *m, struct rt_addr addr)
{
	struct model_key *key = key_of(m, addr);

	if (key)
		key->used = false;
}

static void tell_handle(struct model *m, const struct model_link *link,
			uint16_t opcode, struct rt_bytes rest)
{
	uint8_t buf[8];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_le16(&out, link->handle);
	model_out_put(&out, rest);
	model_command(m, opcode, model_out_bytes(&out));
}

bool model_sec_start(struct model *m, struct model_link *link)
{
	if (link->encrypted)
		return true;
	if (link->sec != SEC_NONE)
		return false;
	link->sec = SEC_AUTH;
	link->sec_tries++;
	link->peer_io_known = false;
	link->key_was_old = false;
	model_arm(m, &link->due[LINK_SEC], SEC_US);
	tell_handle(m, link, OP_AUTHENTICATE, rt_bytes(NULL, 0));
	return false;
}

static void sec_over(struct model *m, struct model_link *link, bool ok)
{
	link->sec = SEC_NONE;
	link->sec_tries = 0;
	model_disarm(m, &link->due[LINK_SEC]);
	if (ok)
		model_chans_wake(m, link);
	else
		model_chans_insecure(m, link);
}

/* It could not be done now. */
static void sec_failed(struct model *m, struct model_link *link, uint8_t status)
{
	uint32_t wait_ms = RETRY_MS;

	if (link->sec == SEC_NONE)
		return;
	if (link->encrypted) {
		sec_over(m, link, true);
		return;
	}
	if (link->sec_tries >= TRIES_MAX) {
		sec_over(m, link, false);
		return;
	}
	switch (status) {
	case AUTHENTICATION_FAILURE:
	case KEY_MISSING:
		if (!link->key_was_old)
			break;
		/* The peer has forgotten us: pair anew. */
		model_forget_key(m, link->addr);
		link->sec = SEC_NONE;
		(void)model_sec_start(m, link);
		return;
	case DISALLOWED:
	case COLLISION:
	case DIFFERENT_COLLISION:
		wait_ms += model_random(m) % RETRY_SPAN_MS;
		link->sec = SEC_WANTED;
		model_arm(m, &link->due[LINK_SEC], RT_MS(wait_ms));
		return;
	default:
		break;
	}
	sec_over(m, link, false);
}

void model_sec_refused(struct model *m, struct model_link *link, uint8_t status)
{
	sec_failed(m, link, status);
}

void model_sec_timer(struct model *m, struct model_link *link)
{
	if (link->sec != SEC_WANTED) {
		sec_over(m, link, link->encrypted);
		return;
	}
	link->sec = SEC_NONE;
	if (model_sec_start(m, link))
		sec_over(m, link, true);
}

static void on_authenticated(struct model *m, struct model_in *in)
{
	uint8_t status = model_in_u8(in);
	struct model_link *link =
		model_link_by_handle(m, model_in_le16(in) & 0x0fff);
	const uint8_t on = 1;

	if (in->bad || !link || link->sec != SEC_AUTH)
		return;
	if (status != 0) {
		sec_failed(m, link, status);
		return;
	}
	if (link->encrypted) {
		sec_over(m, link, true);
		return;
	}
	link->sec = SEC_CRYPT;
	tell_handle(m, link, OP_ENCRYPT, rt_bytes(&on, 1));
}

static void on_encryption(struct model *m, struct model_in *in)
{
	uint8_t status = model_in_u8(in);
	struct model_link *link =
		model_link_by_handle(m, model_in_le16(in) & 0x0fff);
	uint8_t mode = model_in_u8(in);

	if (in->bad || !link)
		return;
	if (status != 0) {
		sec_failed(m, link, status);
		return;
	}
	link->encrypted = mode != 0;
	if (!link->encrypted)
		return;
	/* Maybe the peer's doing; an authentication of ours goes on. */
	if (link->sec != SEC_AUTH)
		sec_over(m, link, true);
}

static void on_key(struct model *m, struct model_link *link,
		   struct rt_addr addr, struct model_in *in)
{
	struct rt_bytes octets = model_in_take(in, 16);
	uint8_t type = model_in_u8(in);
	struct model_key *key = key_of(m, addr);

	if (in->bad)
		return;
	for (unsigned int i = 0; i < KEYS_MAX && !key; i++) {
		if (!m->key[i].used)
			key = &m->key[i];
	}
	if (!key)
		key = &m->key[m->key_at++ % KEYS_MAX];
	key->used = true;
	key->addr = addr;
	key->type = type;
	key->kept = !link || ((link->peer_auth & link->our_auth) & BONDING) ||
		    type == 0;
	memcpy(key->key, octets.ptr, sizeof(key->key));
	m->stats.pairings++;
}

static void reply(struct model *m, uint16_t opcode, struct rt_addr addr,
		  struct rt_bytes rest)
{
	uint8_t buf[32];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_put(&out, rt_bytes(addr.b, 6));
	model_out_put(&out, rest);
	model_command(m, opcode, model_out_bytes(&out));
}

static void on_key_request(struct model *m, struct model_link *link,
			   struct rt_addr addr)
{
	const struct model_key *key = key_of(m, addr);

	if (!key) {
		reply(m, OP_KEY_REFUSE, addr, rt_bytes(NULL, 0));
		return;
	}
	if (link)
		link->key_was_old = true;
	reply(m, OP_KEY_REPLY, addr, rt_bytes(key->key, 16));
}

/*
 * What we ask for ourselves, or with a peer that has asked first, what it
 * asked for; protection against a man in the middle is not to be had from us.
 */
static void on_io_request(struct model *m, struct model_link *link,
			  struct rt_addr addr)
{
	uint8_t io[3] = { NO_INPUT_NO_OUTPUT, 0, 0 };

	if (link && link->peer_io_known)
		io[2] = link->peer_auth & BONDING;
	else if (m->options.behaviour.bonding)
		io[2] = GENERAL_BONDING;
	if (link) {
		link->our_auth = io[2];
		link->peer_io_known = false;
	}
	reply(m, OP_IO_REPLY, addr, rt_bytes(io, sizeof(io)));
}

static void on_io_response(struct model_link *link, struct model_in *in)
{
	(void)model_in_take(in, 2);
	if (!link)
		return;
	link->peer_auth = model_in_u8(in) & BONDING;
	link->peer_io_known = true;
}

void model_sec_event(struct model *m, uint8_t code, struct model_in *in)
{
	struct model_in at = *in;
	struct model_link *link;
	struct rt_addr addr;
	struct rt_bytes b;

	if (code == 0x06) {
		on_authenticated(m, in);
		return;
	}
	if (code == 0x08) {
		on_encryption(m, in);
		return;
	}
	b = model_in_take(&at, 6);
	if (b.len != 6)
		return;
	memcpy(addr.b, b.ptr, 6);
	link = model_link_find(m, addr);
	switch (code) {
	case 0x16: /* PIN Code Request */
		reply(m, OP_PIN_REPLY, addr,
		      rt_bytes("\x04"
			       "0000\0\0\0\0\0\0\0\0\0\0\0\0",
			       17));
		return;
	case 0x17:
		on_key_request(m, link, addr);
		return;
	case 0x18:
		on_key(m, link, addr, &at);
		return;
	case 0x31:
		on_io_request(m, link, addr);
		return;
	case 0x32:
		on_io_response(link, &at);
		return;
	case 0x33: /* User Confirmation Request */
		reply(m, OP_CONFIRM, addr, rt_bytes(NULL, 0));
		return;
	case 0x34: /* User Passkey Request */
		reply(m, OP_PASSKEY_REFUSE, addr, rt_bytes(NULL, 0));
		return;
	case 0x35: /* Remote OOB Data Request */
		reply(m, OP_OOB_REFUSE, addr, rt_bytes(NULL, 0));
		return;
	default:
		return;
	}
}
