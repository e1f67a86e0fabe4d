/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Informational and status parameters (Core Vol 4 Part E 7.4, 7.5). */

bool rt_vctl_has_ssp(const struct rt_vctl *vctl)
{
	return !vctl->options.security.no_ssp &&
	       !vctl->fault[RT_VCTL_NO_EXTENDED];
}

bool rt_vctl_has_secure(const struct rt_vctl *vctl)
{
	return rt_vctl_has_ssp(vctl) &&
	       !vctl->options.security.no_secure_connections;
}

uint8_t rt_vctl_feature_page_max(const struct rt_vctl *vctl)
{
	return rt_vctl_has_secure(vctl) ? 2 : 1;
}

static void put_page_0(const struct rt_vctl *v, uint8_t ret[8])
{
	/*
	 * 3 and 5 slot packets, encryption, slot offset, role switch, sniff;
	 * EDR 2 and 3 Mb/s, enhanced inquiry scan, interlaced scans; EDR 3 and
	 * 5 slots, pause encryption; non-flushable packets; supervision timeout
	 * changed event.
	 */
	static const uint8_t plain[8] = { 0xaf, 0x00, 0x00, 0x3e,
					  0x80, 0x05, 0x40, 0x01 };

	memcpy(ret, plain, sizeof(plain));
	if (rt_vctl_has_ssp(v))
		ret[6] |= 0x18; /* Simple Pairing, encapsulated PDUs */
	if (v->fault[RT_VCTL_NO_EXTENDED])
		return;
	ret[3] |= 0x40; /* RSSI with inquiry results */
	ret[6] |= 0x01; /* extended inquiry response */
	ret[7] |= 0x80; /* extended features */
}

void rt_vctl_features(const struct rt_vctl *vctl, uint8_t page, uint8_t ret[8])
{
	memset(ret, 0, 8);
	if (page == 0)
		put_page_0(vctl, ret);
	if (page == 1 && rt_vctl_has_ssp(vctl) && vctl->set.ssp)
		ret[0] |= 0x01; /* SSP (Host) */
	if (page == 1 && rt_vctl_has_secure(vctl) && vctl->set.secure)
		ret[0] |= 0x08; /* Secure Connections (Host) */
	if (page == 2 && rt_vctl_has_secure(vctl))
		ret[1] |= 0x01; /* Secure Connections (Controller) */
}

/* 7.4.1 */
static uint8_t read_version(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	(void)v;
	(void)r;
	rt_wr_u8(ret, RT_VCTL_VERSION);
	rt_wr_le16(ret, RT_VCTL_SUBVERSION);
	rt_wr_u8(ret, RT_VCTL_VERSION);
	rt_wr_le16(ret, RT_VCTL_COMPANY);
	rt_wr_le16(ret, RT_VCTL_SUBVERSION);
	return RT_VERR_OK;
}

/* 7.4.2 */
static uint8_t read_commands(struct rt_vctl *v, struct rt_rd *r,
			     struct rt_wr *ret)
{
	uint8_t commands[64];

	(void)r;
	rt_vctl_supported_commands(v, commands);
	rt_wr_put(ret, rt_bytes(commands, sizeof(commands)));
	return RT_VERR_OK;
}

/* 7.4.3 */
static uint8_t read_features(struct rt_vctl *v, struct rt_rd *r,
			     struct rt_wr *ret)
{
	uint8_t features[8];

	(void)r;
	rt_vctl_features(v, 0, features);
	rt_wr_put(ret, rt_bytes(features, sizeof(features)));
	return RT_VERR_OK;
}

/* 7.4.4 */
static uint8_t read_ext_features(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	uint8_t page = rt_rd_u8(r);
	uint8_t features[8];

	if (page > rt_vctl_feature_page_max(v))
		return RT_VERR_INVALID_PARAMETERS;
	rt_vctl_features(v, page, features);
	rt_wr_u8(ret, page);
	rt_wr_u8(ret, rt_vctl_feature_page_max(v));
	rt_wr_put(ret, rt_bytes(features, sizeof(features)));
	return RT_VERR_OK;
}

/* 7.4.5 */
static uint8_t read_buffer_size(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->options.acl_bytes);
	rt_wr_u8(ret, 0);
	rt_wr_le16(ret, v->options.acl_packets);
	rt_wr_le16(ret, 0);
	return RT_VERR_OK;
}

/* 7.4.6 */
static uint8_t read_addr(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_addr(ret, v->options.addr);
	return RT_VERR_OK;
}

/* 7.5.1, 7.5.3, 7.5.4: nothing is ever lost on this air. */
static uint8_t read_figure(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret, uint8_t figure)
{
	uint16_t handle = rt_rd_le16(r);

	if (!rt_vctl_link_find(v, handle))
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_u8(ret, figure);
	return RT_VERR_OK;
}

static uint8_t read_failed_contacts(struct rt_vctl *v, struct rt_rd *r,
				    struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);

	if (!rt_vctl_link_find(v, handle))
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_le16(ret, 0);
	return RT_VERR_OK;
}

static uint8_t reset_failed_contacts(struct rt_vctl *v, struct rt_rd *r,
				     struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);

	if (!rt_vctl_link_find(v, handle))
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	return RT_VERR_OK;
}

static uint8_t read_link_quality(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	return read_figure(v, r, ret, 0xff);
}

/* How far from the golden receive power range: within it. */
static uint8_t read_rssi(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	return read_figure(v, r, ret, 0);
}

/* 7.5.6; which = 0: the local clock. Units are half slots. */
static uint8_t read_clock(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint8_t which = rt_rd_u8(r);
	uint32_t clock = v->clock;
	struct rt_vctl_link *link;

	if (which > 1)
		return RT_VERR_INVALID_PARAMETERS;
	if (which == 1) {
		link = rt_vctl_link_find(v, handle);
		if (!link)
			return RT_VERR_UNKNOWN_CONNECTION;
		if (link->role == 1 && link->peer)
			clock = link->peer->vctl->clock;
	}
	clock += (uint32_t)(v->air->now_us * 2 / 625);
	rt_wr_le16(ret, handle);
	rt_wr_le32(ret, clock & 0x0fffffff);
	rt_wr_le16(ret, 0);
	return RT_VERR_OK;
}

const struct rt_vctl_command rt_vctl_commands_info[] = {
	{ 0x1001, 0, 8, 0, 14, 3, read_version },
	{ 0x1002, 0, 64, RT_VCMD_OPTIONAL, 14, 4, read_commands },
	{ 0x1003, 0, 8, 0, 14, 5, read_features },
	{ 0x1004, 1, 10, RT_VCMD_OPTIONAL | RT_VCMD_EXTENDED, 14, 6,
	  read_ext_features },
	{ 0x1005, 0, 7, 0, 14, 7, read_buffer_size },
	{ 0x1009, 0, 6, 0, 15, 1, read_addr },
	{ 0x1401, 2, 4, RT_VCMD_HANDLE | RT_VCMD_OPTIONAL, 15, 2,
	  read_failed_contacts },
	{ 0x1402, 2, 2, RT_VCMD_HANDLE | RT_VCMD_OPTIONAL, 15, 3,
	  reset_failed_contacts },
	{ 0x1403, 2, 3, RT_VCMD_HANDLE | RT_VCMD_OPTIONAL, 15, 4,
	  read_link_quality },
	{ 0x1405, 2, 3, RT_VCMD_HANDLE | RT_VCMD_OPTIONAL, 15, 5, read_rssi },
	{ 0x1407, 3, 8, RT_VCMD_HANDLE | RT_VCMD_OPTIONAL, 15, 7, read_clock },
	{ .run = NULL },
};
