/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Commands that begin and set up security (Core Vol 4 Part E 7.1 to 7.6). */

#define PAGE_SCAN 0x02
#define KEY_SIZE_FLOOR 7 /* of Set Min Encryption Key Size */
#define KEY_SIZE_MAX 16

static struct rt_vctl_link *open_link(struct rt_vctl *v, uint16_t handle)
{
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	return link && link->state == RT_VLINK_OPEN ? link : NULL;
}

/* 7.1.15 */
static uint8_t authenticate(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	struct rt_vctl_link *link = open_link(v, rt_rd_le16(r));

	(void)ret;
	return link ? rt_vctl_auth_request(link) : RT_VERR_UNKNOWN_CONNECTION;
}

/* 7.1.16 */
static uint8_t encrypt(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_vctl_link *link = open_link(v, rt_rd_le16(r));
	uint8_t on = rt_rd_u8(r);

	(void)ret;
	if (on > 1)
		return RT_VERR_INVALID_PARAMETERS;
	return link ? rt_vctl_crypt_set(link, on) : RT_VERR_UNKNOWN_CONNECTION;
}

/* 7.3.65 */
static uint8_t refresh(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_vctl_link *link = open_link(v, rt_rd_le16(r));

	(void)ret;
	return link ? rt_vctl_crypt_refresh(link) : RT_VERR_UNKNOWN_CONNECTION;
}

/* 7.5.7 */
static uint8_t read_key_size(struct rt_vctl *v, struct rt_rd *r,
			     struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	const struct rt_vctl_link *link = open_link(v, handle);

	if (v->fault[RT_VCTL_KEY_SIZE_FAILS])
		return RT_VERR_UNSPECIFIED;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (link->crypt.mode == 0)
		return RT_VERR_INSUFFICIENT_SECURITY;
	rt_wr_le16(ret, handle);
	rt_wr_u8(ret, v->key_size_answer > 0 ? v->key_size_answer
					     : link->crypt.key_size);
	return RT_VERR_OK;
}

/* 7.3.102 */
static uint8_t set_key_size_min(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	uint8_t min = rt_rd_u8(r);

	(void)ret;
	if (min < KEY_SIZE_FLOOR || min > KEY_SIZE_MAX)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.key_size_min = min;
	return RT_VERR_OK;
}

/* --- stored link keys: there is no room for any --- */

/* 7.3.8 */
static uint8_t read_stored(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);

	(void)v;
	(void)addr;
	if (rt_rd_u8(r) > 1)
		return RT_VERR_INVALID_PARAMETERS;
	rt_wr_le16(ret, 0);
	rt_wr_le16(ret, 0);
	return RT_VERR_OK;
}

/* 7.3.9 */
static uint8_t write_stored(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	size_t count = rt_rd_u8(r);

	(void)v;
	if (!rt_rd_ok(r) || count == 0 ||
	    rt_rd_left(r) != count * (6 + RT_VCTL_KEY_BYTES))
		return RT_VERR_INVALID_PARAMETERS;
	rt_wr_u8(ret, 0);
	return RT_VERR_OK;
}

/* 7.3.10 */
static uint8_t delete_stored(struct rt_vctl *v, struct rt_rd *r,
			     struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);

	(void)v;
	(void)addr;
	if (rt_rd_u8(r) > 1)
		return RT_VERR_INVALID_PARAMETERS;
	rt_wr_le16(ret, 0);
	return RT_VERR_OK;
}

/* --- settings --- */

static uint8_t read_switch(const bool *what, struct rt_wr *ret)
{
	rt_wr_u8(ret, *what);
	return RT_VERR_OK;
}

static uint8_t write_switch(bool *what, struct rt_rd *r)
{
	uint8_t on = rt_rd_u8(r);

	if (on > 1)
		return RT_VERR_INVALID_PARAMETERS;
	*what = on;
	return RT_VERR_OK;
}

/* 7.3.58 */
static uint8_t read_ssp(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	return read_switch(&v->set.ssp, ret);
}

/* 7.3.59 */
static uint8_t write_ssp(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)ret;
	return write_switch(&v->set.ssp, r);
}

/* 7.3.91 */
static uint8_t read_secure(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	(void)r;
	return read_switch(&v->set.secure, ret);
}

/* 7.3.92; not while peers may have seen the old value */
static uint8_t write_secure(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	(void)ret;
	if (v->page.active || (v->set.scan_enable & PAGE_SCAN) ||
	    rt_vctl_link_count(v) > 0)
		return RT_VERR_DISALLOWED;
	return write_switch(&v->set.secure, r);
}

/* 7.6.4 */
static uint8_t write_debug(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	(void)ret;
	return write_switch(&v->set.ssp_debug, r);
}

/* --- out of band data --- */

static void put_oob(struct rt_vctl *v, bool p256, struct rt_wr *ret)
{
	uint8_t key[RT_VCTL_KEY_BYTES];
	struct rt_vctl_oob oob;

	rt_vctl_public_key(v, p256, key);
	rt_vctl_random(v, oob.random, sizeof(oob.random));
	rt_vctl_commitment(key, oob.random, oob.hash);
	rt_wr_put(ret, rt_bytes(oob.hash, sizeof(oob.hash)));
	rt_wr_put(ret, rt_bytes(oob.random, sizeof(oob.random)));
}

/* 7.3.60 */
static uint8_t read_oob(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	put_oob(v, false, ret);
	return RT_VERR_OK;
}

/* 7.3.95 */
static uint8_t read_oob_extended(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	(void)r;
	put_oob(v, false, ret);
	put_oob(v, true, ret);
	return RT_VERR_OK;
}

#define O RT_VCMD_OPTIONAL
#define P (RT_VCMD_OPTIONAL | RT_VCMD_SSP)
#define S (P | RT_VCMD_SECURE)

const struct rt_vctl_command rt_vctl_commands_security[] = {
	{ 0x0411, 2, 0, RT_VCMD_STATUS, 1, 7, authenticate },
	{ 0x0413, 3, 0, RT_VCMD_STATUS, 2, 0, encrypt },
	{ 0x0c0d, 7, 4, O, 6, 5, read_stored },
	{ 0x0c11, RT_VCMD_VARIABLE, 1, O, 6, 6, write_stored },
	{ 0x0c12, 7, 2, O, 6, 7, delete_stored },
	{ 0x0c53, 2, 0, O | RT_VCMD_STATUS, 17, 2, refresh },
	{ 0x0c55, 0, 1, P, 17, 5, read_ssp },
	{ 0x0c56, 1, 0, P, 17, 6, write_ssp },
	{ 0x0c57, 0, 32, P, 17, 7, read_oob },
	{ 0x0c79, 0, 1, S, 32, 2, read_secure },
	{ 0x0c7a, 1, 0, S, 32, 3, write_secure },
	{ 0x0c7d, 0, 64, S, 32, 6, read_oob_extended },
	{ 0x0c84, 1, 0, O, 45, 7, set_key_size_min },
	{ 0x1408, 2, 3, O | RT_VCMD_HANDLE, 20, 4, read_key_size },
	{ 0x1804, 1, 0, P, 19, 5, write_debug },
	{ .run = NULL },
};
