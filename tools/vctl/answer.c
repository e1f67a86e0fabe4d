/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Answers of the host to what it is asked (Core Vol 4 Part E 7.1, 7.3.63). */

#define PASSKEY_MAX 999999
#define REQUIREMENTS_MAX 5
#define KEYPRESS_MAX 4

static struct rt_vctl_link *open_link_to(struct rt_vctl *v, struct rt_addr addr)
{
	struct rt_vctl_link *link = rt_vctl_link_to(v, addr);

	return link && link->state == RT_VLINK_OPEN ? link : NULL;
}

/*
 * Takes the answer to a question. Returns the status, and the authentication
 * to store the rest in; it goes on when the command has been answered.
 */
static uint8_t take(struct rt_vctl *v, struct rt_addr addr,
		    enum rt_vctl_question question, struct rt_wr *ret,
		    struct rt_vctl_auth **ret_auth)
{
	struct rt_vctl_link *link = open_link_to(v, addr);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_addr(ret, addr);
	*ret_auth = &link->auth;
	return rt_vctl_auth_answer(link, question, false);
}

static uint8_t refuse(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret,
		      enum rt_vctl_question question)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_vctl_link *link = open_link_to(v, addr);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_addr(ret, addr);
	return rt_vctl_auth_answer(link, question, true);
}

/* 7.1.10 */
static uint8_t key(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_bytes bytes = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	struct rt_vctl_auth *a;
	uint8_t status = take(v, addr, RT_VASK_KEY, ret, &a);

	if (status == RT_VERR_OK)
		memcpy(a->key, bytes.ptr, bytes.len);
	return status;
}

static uint8_t no_key(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	return refuse(v, r, ret, RT_VASK_KEY);
}

/* 7.1.12 */
static uint8_t pin(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t len = rt_rd_u8(r);
	struct rt_bytes bytes = rt_rd_take(r, RT_VCTL_PIN_BYTES);
	struct rt_vctl_auth *a;
	uint8_t status;

	if (len == 0 || len > RT_VCTL_PIN_BYTES)
		return RT_VERR_INVALID_PARAMETERS;
	status = take(v, addr, RT_VASK_PIN, ret, &a);
	if (status != RT_VERR_OK)
		return status;
	a->pin_bytes = len;
	memcpy(a->pin, bytes.ptr, len);
	return RT_VERR_OK;
}

static uint8_t no_pin(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	return refuse(v, r, ret, RT_VASK_PIN);
}

/* 7.1.29 */
static uint8_t io(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_vctl_io own = { 0 };
	struct rt_vctl_auth *a;
	uint8_t status;

	own.capability = rt_rd_u8(r);
	own.oob = rt_rd_u8(r);
	own.requirements = rt_rd_u8(r);
	if (own.capability > RT_VIO_NONE || own.oob > 3 ||
	    own.requirements > REQUIREMENTS_MAX)
		return RT_VERR_INVALID_PARAMETERS;
	status = take(v, addr, RT_VASK_IO, ret, &a);
	if (status == RT_VERR_OK)
		a->own = own;
	return status;
}

/* 7.1.36 */
static uint8_t no_io(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t reason = rt_rd_u8(r);
	struct rt_vctl_link *link = open_link_to(v, addr);
	uint8_t status;

	if (reason == RT_VERR_OK)
		return RT_VERR_INVALID_PARAMETERS;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	status = rt_vctl_auth_answer(link, RT_VASK_IO, true);
	if (status == RT_VERR_OK)
		link->auth.refusal = reason;
	rt_wr_addr(ret, addr);
	return status;
}

/* 7.1.30 */
static uint8_t confirm(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_vctl_auth *a;

	return take(v, rt_rd_addr(r), RT_VASK_CONFIRM, ret, &a);
}

static uint8_t not_confirm(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	return refuse(v, r, ret, RT_VASK_CONFIRM);
}

/* 7.1.32 */
static uint8_t passkey(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint32_t number = rt_rd_le32(r);
	struct rt_vctl_auth *a;
	uint8_t status;

	if (number > PASSKEY_MAX)
		return RT_VERR_INVALID_PARAMETERS;
	status = take(v, addr, RT_VASK_PASSKEY, ret, &a);
	if (status == RT_VERR_OK)
		a->passkey = number;
	return status;
}

static uint8_t no_passkey(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	return refuse(v, r, ret, RT_VASK_PASSKEY);
}

static void read_oob(struct rt_rd *r, struct rt_vctl_oob *oob)
{
	struct rt_bytes hash = rt_rd_take(r, RT_VCTL_KEY_BYTES);
	struct rt_bytes random = rt_rd_take(r, RT_VCTL_KEY_BYTES);

	memcpy(oob->hash, hash.ptr, hash.len);
	memcpy(oob->random, random.ptr, random.len);
}

/* 7.1.34; with P-256 these are data for the wrong curve */
static uint8_t oob(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_vctl_auth *a;
	uint8_t status = take(v, addr, RT_VASK_OOB, ret, &a);

	if (status == RT_VERR_OK)
		read_oob(r, &a->oob[0]);
	return status;
}

/* 7.1.53 */
static uint8_t oob_extended(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_vctl_auth *a;
	uint8_t status = take(v, addr, RT_VASK_OOB, ret, &a);

	if (status != RT_VERR_OK)
		return status;
	read_oob(r, &a->oob[0]);
	read_oob(r, &a->oob[1]);
	return RT_VERR_OK;
}

static uint8_t no_oob(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	return refuse(v, r, ret, RT_VASK_OOB);
}

/* 7.3.63 */
static uint8_t keypress(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t what = rt_rd_u8(r);
	struct rt_vctl_link *link = open_link_to(v, addr);

	if (what > KEYPRESS_MAX)
		return RT_VERR_INVALID_PARAMETERS;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_addr(ret, addr);
	return rt_vctl_pair_keypress(link, what);
}

#define A RT_VCMD_ADDR
#define P (RT_VCMD_OPTIONAL | RT_VCMD_SSP | RT_VCMD_ADDR)
#define S (P | RT_VCMD_SECURE)

const struct rt_vctl_command rt_vctl_commands_answer[] = {
	{ 0x040b, 22, 6, A, 1, 2, key },
	{ 0x040c, 6, 6, A, 1, 3, no_key },
	{ 0x040d, 23, 6, A, 1, 4, pin },
	{ 0x040e, 6, 6, A, 1, 5, no_pin },
	{ 0x042b, 9, 6, P, 18, 7, io },
	{ 0x042c, 6, 6, P, 19, 0, confirm },
	{ 0x042d, 6, 6, P, 19, 1, not_confirm },
	{ 0x042e, 10, 6, P, 19, 2, passkey },
	{ 0x042f, 6, 6, P, 19, 3, no_passkey },
	{ 0x0430, 38, 6, P, 19, 4, oob },
	{ 0x0433, 6, 6, P, 19, 7, no_oob },
	{ 0x0434, 7, 6, P, 20, 3, no_io },
	{ 0x0445, 70, 6, S, 32, 1, oob_extended },
	{ 0x0c60, 7, 6, P, 20, 2, keypress },
	{ .run = NULL },
};
