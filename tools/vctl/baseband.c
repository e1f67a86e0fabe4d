/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Controller and Baseband commands (Core Vol 4 Part E 7.3). */

#define LAP_MIN 0x9e8b00 /* Assigned Numbers, baseband */
#define LAP_MAX 0x9e8b3f

/* 7.3.1 */
static uint8_t set_event_mask(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	(void)ret;
	v->set.event_mask = rt_rd_le(r, 8);
	return RT_VERR_OK;
}

/* 7.3.69 */
static uint8_t set_event_mask_2(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	(void)ret;
	v->set.event_mask_2 = rt_rd_le(r, 8);
	return RT_VERR_OK;
}

/* 7.3.2 */
static uint8_t reset(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	(void)ret;
	rt_vctl_reset(v);
	v->command_free = false;
	return RT_VERR_OK;
}

/* 7.3.3; only what every host does: clear all filters. */
static uint8_t set_event_filter(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	uint8_t type = rt_rd_u8(r);

	(void)v;
	(void)ret;
	if (!rt_rd_ok(r) || type > 2)
		return RT_VERR_INVALID_PARAMETERS;
	if (type > 0)
		return RT_VERR_UNSUPPORTED_VALUE;
	return rt_rd_done(r) ? RT_VERR_OK : RT_VERR_INVALID_PARAMETERS;
}

/* 7.3.11 */
static uint8_t write_name(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_bytes name = rt_rd_take(r, RT_VCTL_NAME_BYTES);

	(void)ret;
	memcpy(v->set.name, name.ptr, name.len);
	return RT_VERR_OK;
}

/* 7.3.12 */
static uint8_t read_name(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_put(ret, rt_bytes(v->set.name, sizeof(v->set.name)));
	return RT_VERR_OK;
}

static uint8_t read_accept_timeout(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.accept_timeout);
	return RT_VERR_OK;
}

/* 7.3.14 */
static uint8_t write_accept_timeout(struct rt_vctl *v, struct rt_rd *r,
				    struct rt_wr *ret)
{
	uint16_t slots = rt_rd_le16(r);

	(void)ret;
	if (slots == 0 || slots > 0xb540)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.accept_timeout = slots;
	return RT_VERR_OK;
}

static uint8_t read_page_timeout(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.page_timeout);
	return RT_VERR_OK;
}

/* 7.3.16 */
static uint8_t write_page_timeout(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	uint16_t slots = rt_rd_le16(r);

	(void)ret;
	if (slots == 0)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.page_timeout = slots;
	return RT_VERR_OK;
}

static uint8_t read_scan_enable(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.scan_enable);
	return RT_VERR_OK;
}

/* 7.3.18; bit 0 inquiry scan, bit 1 page scan */
static uint8_t write_scan_enable(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	uint8_t scan = rt_rd_u8(r);

	(void)ret;
	if (scan > 3)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.scan_enable = scan;
	v->air->changed = true;
	return RT_VERR_OK;
}

/* 7.3.19 to 7.3.22: kept, without effect on this air. */
static uint8_t read_page_scan(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.page_scan_interval);
	rt_wr_le16(ret, v->set.page_scan_window);
	return RT_VERR_OK;
}

static bool is_scan(uint16_t interval, uint16_t window)
{
	return interval >= 0x0012 && interval <= 0x1000 && interval % 2 == 0 &&
	       window >= 0x0011 && window <= interval;
}

static uint8_t write_page_scan(struct rt_vctl *v, struct rt_rd *r,
			       struct rt_wr *ret)
{
	uint16_t interval = rt_rd_le16(r);
	uint16_t window = rt_rd_le16(r);

	(void)ret;
	if (!is_scan(interval, window))
		return RT_VERR_INVALID_PARAMETERS;
	v->set.page_scan_interval = interval;
	v->set.page_scan_window = window;
	return RT_VERR_OK;
}

static uint8_t read_inquiry_scan(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.inquiry_scan_interval);
	rt_wr_le16(ret, v->set.inquiry_scan_window);
	return RT_VERR_OK;
}

static uint8_t write_inquiry_scan(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	uint16_t interval = rt_rd_le16(r);
	uint16_t window = rt_rd_le16(r);

	(void)ret;
	if (!is_scan(interval, window))
		return RT_VERR_INVALID_PARAMETERS;
	v->set.inquiry_scan_interval = interval;
	v->set.inquiry_scan_window = window;
	return RT_VERR_OK;
}

/* 7.3.23, 7.3.24: there is no authentication yet. */
static uint8_t read_authentication(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	(void)v;
	(void)r;
	rt_wr_u8(ret, 0);
	return RT_VERR_OK;
}

static uint8_t write_authentication(struct rt_vctl *v, struct rt_rd *r,
				    struct rt_wr *ret)
{
	(void)v;
	(void)ret;
	return rt_rd_u8(r) == 0 ? RT_VERR_OK : RT_VERR_UNSUPPORTED_VALUE;
}

static uint8_t read_class(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_le24(ret, v->set.class_of_device);
	return RT_VERR_OK;
}

/* 7.3.26 */
static uint8_t write_class(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	(void)ret;
	v->set.class_of_device = rt_rd_le24(r);
	return RT_VERR_OK;
}

static uint8_t read_voice(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.voice);
	return RT_VERR_OK;
}

static uint8_t write_voice(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	(void)ret;
	v->set.voice = rt_rd_le16(r) & 0x03ff;
	return RT_VERR_OK;
}

static uint8_t read_flush_timeout(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	const struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_le16(ret, link->flush_timeout);
	return RT_VERR_OK;
}

/* 7.3.30; what is flushed is up to rt_vctl_set_loss(). */
static uint8_t write_flush_timeout(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint16_t timeout = rt_rd_le16(r);
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (timeout > 0x07ff)
		return RT_VERR_INVALID_PARAMETERS;
	link->flush_timeout = timeout;
	rt_wr_le16(ret, handle);
	return RT_VERR_OK;
}

/* 7.3.35 */
static uint8_t read_power(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint8_t type = rt_rd_u8(r);

	if (!rt_vctl_link_find(v, handle))
		return RT_VERR_UNKNOWN_CONNECTION;
	if (type > 1)
		return RT_VERR_INVALID_PARAMETERS;
	rt_wr_le16(ret, handle);
	rt_wr_u8(ret, 0);
	return RT_VERR_OK;
}

/* 7.3.38; only while there is no connection, and with buffers known */
static uint8_t set_host_flow(struct rt_vctl *v, struct rt_rd *r,
			     struct rt_wr *ret)
{
	uint8_t enable = rt_rd_u8(r);

	(void)ret;
	if (enable > 3)
		return RT_VERR_INVALID_PARAMETERS;
	if (!rt_list_empty(&v->links))
		return RT_VERR_DISALLOWED;
	if ((enable & 1) && v->set.host_acl_packets == 0)
		return RT_VERR_DISALLOWED;
	v->set.host_flow = enable & 1;
	return RT_VERR_OK;
}

/* 7.3.39 */
static uint8_t host_buffer_size(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	uint16_t acl_bytes = rt_rd_le16(r);
	uint8_t sco_bytes = rt_rd_u8(r);
	uint16_t acl_packets = rt_rd_le16(r);

	(void)ret;
	(void)sco_bytes;
	if (acl_bytes == 0 || acl_packets == 0)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.host_acl_bytes = acl_bytes;
	v->set.host_acl_packets = acl_packets;
	return RT_VERR_OK;
}

/*
 * 7.3.40. A handle that is not known (any more) is no error: the command may
 * cross the Disconnection Complete event.
 */
static uint8_t host_completed(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	uint8_t count = rt_rd_u8(r);
	uint8_t status = RT_VERR_OK;

	(void)ret;
	if (!rt_rd_ok(r) || rt_rd_left(r) != (size_t)count * 4)
		return RT_VERR_INVALID_PARAMETERS;
	for (unsigned i = 0; i < count; i++) {
		uint16_t handle = rt_rd_le16(r);
		uint16_t packets = rt_rd_le16(r);

		if (!rt_vctl_acl_give_back(v, handle, packets))
			status = RT_VERR_INVALID_PARAMETERS;
	}
	return status;
}

static uint8_t read_supervision(struct rt_vctl *v, struct rt_rd *r,
				struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	const struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_le16(ret, link->supervision_slots);
	return RT_VERR_OK;
}

/* 7.3.42; for the central only, which tells the other side. 0: for ever */
static uint8_t write_supervision(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint16_t slots = rt_rd_le16(r);
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);
	struct rt_vctl_frame *f;

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (link->role != 0)
		return RT_VERR_DISALLOWED;
	link->supervision_slots = slots;
	rt_vctl_air_stop(v->air, &link->supervision);
	rt_vctl_link_check(link);
	f = rt_vctl_frame_new(RT_VFRAME_SUPERVISION, NULL, 0);
	if (f)
		f->value = slots;
	rt_vctl_link_send(link, f);
	rt_wr_le16(ret, handle);
	return RT_VERR_OK;
}

static uint8_t read_iac_count(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	(void)v;
	(void)r;
	rt_wr_u8(ret, RT_VCTL_IACS_MAX);
	return RT_VERR_OK;
}

static uint8_t read_iac(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.iac_count);
	for (unsigned i = 0; i < v->set.iac_count; i++)
		rt_wr_le24(ret, v->set.iac[i]);
	return RT_VERR_OK;
}

/* 7.3.45; more codes than we support are cut off, as the text allows */
static uint8_t write_iac(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint8_t count = rt_rd_u8(r);
	uint32_t iac[RT_VCTL_IACS_MAX] = { 0 };

	(void)ret;
	if (!rt_rd_ok(r) || count == 0 || rt_rd_left(r) != (size_t)count * 3)
		return RT_VERR_INVALID_PARAMETERS;
	count = RT_MIN(count, RT_VCTL_IACS_MAX);
	for (unsigned i = 0; i < count; i++) {
		iac[i] = rt_rd_le24(r);
		if (iac[i] < LAP_MIN || iac[i] > LAP_MAX)
			return RT_VERR_INVALID_PARAMETERS;
	}
	memcpy(v->set.iac, iac, sizeof(iac));
	v->set.iac_count = count;
	v->air->changed = true;
	return RT_VERR_OK;
}

static uint8_t read_inquiry_scan_type(struct rt_vctl *v, struct rt_rd *r,
				      struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.inquiry_scan_type);
	return RT_VERR_OK;
}

static uint8_t write_inquiry_scan_type(struct rt_vctl *v, struct rt_rd *r,
				       struct rt_wr *ret)
{
	uint8_t type = rt_rd_u8(r);

	(void)ret;
	if (type > 1)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.inquiry_scan_type = type;
	return RT_VERR_OK;
}

static uint8_t read_page_scan_type(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.page_scan_type);
	return RT_VERR_OK;
}

static uint8_t write_page_scan_type(struct rt_vctl *v, struct rt_rd *r,
				    struct rt_wr *ret)
{
	uint8_t type = rt_rd_u8(r);

	(void)ret;
	if (type > 1)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.page_scan_type = type;
	return RT_VERR_OK;
}

static uint8_t read_inquiry_mode(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.inquiry_mode);
	return RT_VERR_OK;
}

/* 7.3.50 */
static uint8_t write_inquiry_mode(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	uint8_t mode = rt_rd_u8(r);

	(void)ret;
	if (mode > 2)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.inquiry_mode = mode;
	return RT_VERR_OK;
}

static uint8_t read_eir(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	(void)r;
	rt_wr_u8(ret, v->set.eir_fec);
	rt_wr_put(ret, rt_bytes(v->set.eir, sizeof(v->set.eir)));
	return RT_VERR_OK;
}

/* 7.3.56 */
static uint8_t write_eir(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint8_t fec = rt_rd_u8(r);
	struct rt_bytes eir = rt_rd_take(r, RT_VCTL_EIR_BYTES);

	(void)ret;
	if (fec > 1)
		return RT_VERR_INVALID_PARAMETERS;
	v->set.eir_fec = fec;
	memcpy(v->set.eir, eir.ptr, eir.len);
	return RT_VERR_OK;
}

static uint8_t read_inquiry_power(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	(void)v;
	(void)r;
	rt_wr_u8(ret, 0);
	return RT_VERR_OK;
}

#define O RT_VCMD_OPTIONAL
#define E (RT_VCMD_OPTIONAL | RT_VCMD_EXTENDED)
#define H RT_VCMD_HANDLE

const struct rt_vctl_command rt_vctl_commands_baseband[] = {
	{ 0x0c01, 8, 0, 0, 5, 6, set_event_mask },
	{ 0x0c03, 0, 0, 0, 5, 7, reset },
	{ 0x0c05, RT_VCMD_VARIABLE, 0, 0, 6, 0, set_event_filter },
	{ 0x0c13, 248, 0, 0, 7, 0, write_name },
	{ 0x0c14, 0, 248, 0, 7, 1, read_name },
	{ 0x0c15, 0, 2, 0, 7, 2, read_accept_timeout },
	{ 0x0c16, 2, 0, 0, 7, 3, write_accept_timeout },
	{ 0x0c17, 0, 2, 0, 7, 4, read_page_timeout },
	{ 0x0c18, 2, 0, 0, 7, 5, write_page_timeout },
	{ 0x0c19, 0, 1, 0, 7, 6, read_scan_enable },
	{ 0x0c1a, 1, 0, 0, 7, 7, write_scan_enable },
	{ 0x0c1b, 0, 4, O, 8, 0, read_page_scan },
	{ 0x0c1c, 4, 0, O, 8, 1, write_page_scan },
	{ 0x0c1d, 0, 4, O, 8, 2, read_inquiry_scan },
	{ 0x0c1e, 4, 0, O, 8, 3, write_inquiry_scan },
	{ 0x0c1f, 0, 1, O, 8, 4, read_authentication },
	{ 0x0c20, 1, 0, O, 8, 5, write_authentication },
	{ 0x0c23, 0, 3, 0, 9, 0, read_class },
	{ 0x0c24, 3, 0, 0, 9, 1, write_class },
	{ 0x0c25, 0, 2, O, 9, 2, read_voice },
	{ 0x0c26, 2, 0, O, 9, 3, write_voice },
	{ 0x0c27, 2, 4, O | H, 9, 4, read_flush_timeout },
	{ 0x0c28, 4, 2, O | H, 9, 5, write_flush_timeout },
	{ 0x0c2d, 3, 3, O | H, 10, 2, read_power },
	{ 0x0c31, 1, 0, O, 10, 5, set_host_flow },
	{ 0x0c33, 7, 0, O, 10, 6, host_buffer_size },
	{ 0x0c35, RT_VCMD_VARIABLE, 0, O | RT_VCMD_SILENT, 10, 7,
	  host_completed },
	{ 0x0c36, 2, 4, O | H, 11, 0, read_supervision },
	{ 0x0c37, 4, 2, O | H, 11, 1, write_supervision },
	{ 0x0c38, 0, 1, O, 11, 2, read_iac_count },
	{ 0x0c39, 0, 1, O, 11, 3, read_iac },
	{ 0x0c3a, RT_VCMD_VARIABLE, 0, O, 11, 4, write_iac },
	{ 0x0c42, 0, 1, O, 12, 4, read_inquiry_scan_type },
	{ 0x0c43, 1, 0, O, 12, 5, write_inquiry_scan_type },
	{ 0x0c44, 0, 1, E, 12, 6, read_inquiry_mode },
	{ 0x0c45, 1, 0, E, 12, 7, write_inquiry_mode },
	{ 0x0c46, 0, 1, O, 13, 0, read_page_scan_type },
	{ 0x0c47, 1, 0, O, 13, 1, write_page_scan_type },
	{ 0x0c51, 0, 241, E, 17, 0, read_eir },
	{ 0x0c52, 241, 0, E, 17, 1, write_eir },
	{ 0x0c58, 0, 1, O, 18, 0, read_inquiry_power },
	{ 0x0c63, 8, 0, O, 22, 2, set_event_mask_2 },
	{ .run = NULL },
};
