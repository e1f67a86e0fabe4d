/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Link Control and Link Policy commands (Core Vol 4 Part E 7.1, 7.2). */

#define LAP_MIN 0x9e8b00 /* Assigned Numbers, baseband */
#define LAP_MAX 0x9e8b3f
#define POLICIES (RT_VCTL_POLICY_SWITCH | RT_VCTL_POLICY_SNIFF)
#define LMP_RESPONSE_TIMEOUT_US RT_SECONDS(30) /* Vol 2 Part C 2.6 */

/* 7.1.1 */
static uint8_t inquiry(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint32_t lap = rt_rd_le24(r);
	uint8_t length = rt_rd_u8(r);
	uint8_t responses = rt_rd_u8(r);

	(void)ret;
	if (lap < LAP_MIN || lap > LAP_MAX || length == 0 || length > 0x30)
		return RT_VERR_INVALID_PARAMETERS;
	return rt_vctl_inquiry_start(v, lap, length, responses);
}

/* 7.1.2 */
static uint8_t inquiry_cancel(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	(void)r;
	(void)ret;
	if (!v->inquiry.active)
		return RT_VERR_DISALLOWED;
	rt_vctl_inquiry_stop(v);
	return RT_VERR_OK;
}

/* 7.1.5 */
static uint8_t create_connection(struct rt_vctl *v, struct rt_rd *r,
				 struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint16_t packet_types = rt_rd_le16(r);
	uint8_t repetition = rt_rd_u8(r);
	uint8_t reserved = rt_rd_u8(r);
	uint16_t clock_offset = rt_rd_le16(r);
	uint8_t may_switch = rt_rd_u8(r);

	(void)ret;
	(void)packet_types;
	(void)reserved;
	(void)clock_offset;
	if (repetition > 2 || may_switch > 1)
		return RT_VERR_INVALID_PARAMETERS;
	if (rt_vctl_link_to(v, addr))
		return RT_VERR_CONNECTION_EXISTS;
	if (rt_vctl_link_count(v) >= RT_VCTL_LINKS_MAX)
		return RT_VERR_CONNECTION_LIMIT;
	return rt_vctl_page_start(v, addr, false, may_switch);
}

/* 7.1.7; Connection Complete follows with Unknown Connection Identifier */
static uint8_t create_connection_cancel(struct rt_vctl *v, struct rt_rd *r,
					struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	struct rt_vctl_link *link = rt_vctl_link_to(v, addr);

	rt_wr_addr(ret, addr);
	if (v->page.active && !v->page.name &&
	    rt_addr_equal(v->page.addr, addr)) {
		rt_vctl_page_cancel(v, RT_VERR_UNKNOWN_CONNECTION);
		return RT_VERR_OK;
	}
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (link->state != RT_VLINK_OUT)
		return RT_VERR_CONNECTION_EXISTS;
	link->state = RT_VLINK_CANCELLED;
	rt_vctl_link_signal(link, RT_VFRAME_DETACH, 0, RT_VERR_REMOTE_USER);
	rt_vctl_link_close_soon(link, 2 * (uint64_t)v->air->latency_us,
				RT_VERR_UNKNOWN_CONNECTION);
	return RT_VERR_OK;
}

static bool is_disconnect_reason(uint8_t reason)
{
	switch (reason) {
	case 0x05: /* Authentication Failure */
	case 0x13: /* Remote User Terminated Connection */
	case 0x14: /* ... due to Low Resources */
	case 0x15: /* ... due to Power Off */
	case 0x1a: /* Unsupported Remote Feature */
	case 0x29: /* Pairing With Unit Key Not Supported */
	case 0x3b: /* Unacceptable Connection Parameters */
		return true;
	default:
		return false;
	}
}

/* 7.1.6 */
static uint8_t disconnect(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint8_t reason = rt_rd_u8(r);
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	(void)ret;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (!is_disconnect_reason(reason))
		return RT_VERR_INVALID_PARAMETERS;
	if (link->state != RT_VLINK_OPEN)
		return RT_VERR_DISALLOWED;
	link->state = RT_VLINK_CLOSING;
	rt_vctl_link_close_soon(link, LMP_RESPONSE_TIMEOUT_US,
				RT_VERR_LOCAL_HOST);
	rt_vctl_link_signal(link, RT_VFRAME_DETACH, 0, reason);
	return RT_VERR_OK;
}

static struct rt_vctl_link *asking(struct rt_vctl *v, struct rt_addr addr)
{
	struct rt_vctl_link *link = rt_vctl_link_to(v, addr);

	return link && link->state == RT_VLINK_IN ? link : NULL;
}

/* 7.1.8; role 0: become the central, 1: stay as we are */
static uint8_t accept(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t role = rt_rd_u8(r);
	struct rt_vctl_link *link = asking(v, addr);

	(void)ret;
	if (role > 1)
		return RT_VERR_INVALID_PARAMETERS;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_vctl_air_stop(v->air, &link->wait);
	link->state = RT_VLINK_ACCEPTED;
	rt_vctl_link_signal(link, RT_VFRAME_ACCEPT, 0, role);
	return RT_VERR_OK;
}

/* 7.1.9 */
static uint8_t reject(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t reason = rt_rd_u8(r);
	struct rt_vctl_link *link = asking(v, addr);

	(void)ret;
	if (reason < RT_VERR_LIMITED_RESOURCES ||
	    reason > RT_VERR_UNACCEPTABLE_ADDR)
		return RT_VERR_INVALID_PARAMETERS;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_vctl_setup_refuse(link, reason);
	return RT_VERR_OK;
}

/* 7.1.14 */
static uint8_t change_packet_type(struct rt_vctl *v, struct rt_rd *r,
				  struct rt_wr *ret)
{
	struct rt_vctl_link *link = rt_vctl_link_find(v, rt_rd_le16(r));

	(void)ret;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	link->packet_types = rt_rd_le16(r);
	return rt_vctl_lmp_request(link, RT_VOP_PACKET_TYPE, 0);
}

/* 7.1.19; over the link there is, or by a page of its own */
static uint8_t name_request(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t repetition = rt_rd_u8(r);
	struct rt_vctl_link *link = rt_vctl_link_to(v, addr);

	(void)ret;
	if (repetition > 2)
		return RT_VERR_INVALID_PARAMETERS;
	if (link && link->state == RT_VLINK_OPEN)
		return rt_vctl_lmp_request(link, RT_VOP_NAME, 0);
	return rt_vctl_page_start(v, addr, true, false);
}

/* 7.1.20 */
static uint8_t name_request_cancel(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);

	if (!v->page.active || !v->page.name ||
	    !rt_addr_equal(v->page.addr, addr))
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_addr(ret, addr);
	rt_vctl_page_cancel(v, RT_VERR_UNKNOWN_CONNECTION);
	return RT_VERR_OK;
}

static uint8_t request(struct rt_vctl *v, uint16_t handle, enum rt_vctl_op op,
		       uint8_t arg)
{
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	return rt_vctl_lmp_request(link, op, arg);
}

/* 7.1.21 */
static uint8_t remote_features(struct rt_vctl *v, struct rt_rd *r,
			       struct rt_wr *ret)
{
	(void)ret;
	return request(v, rt_rd_le16(r), RT_VOP_FEATURES, 0);
}

/* 7.1.22 */
static uint8_t remote_ext_features(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);

	(void)ret;
	return request(v, handle, RT_VOP_EXT_FEATURES, rt_rd_u8(r));
}

/* 7.1.23 */
static uint8_t remote_version(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	(void)ret;
	return request(v, rt_rd_le16(r), RT_VOP_VERSION, 0);
}

/* 7.1.24 */
static uint8_t clock_offset(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	(void)ret;
	return request(v, rt_rd_le16(r), RT_VOP_CLOCK_OFFSET, 0);
}

static bool is_interval(uint16_t slots)
{
	return slots >= 2 && slots % 2 == 0;
}

/* 7.2.2; data are as fast as without it */
static uint8_t sniff(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_vctl_link *link = rt_vctl_link_find(v, rt_rd_le16(r));
	uint16_t max = rt_rd_le16(r);
	uint16_t min = rt_rd_le16(r);
	uint16_t attempt = rt_rd_le16(r);
	uint16_t timeout = rt_rd_le16(r);

	(void)ret;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (!is_interval(max) || !is_interval(min) || min > max ||
	    attempt == 0 || attempt > 0x7fff || timeout > 0x7fff)
		return RT_VERR_INVALID_PARAMETERS;
	if (!(link->policy & RT_VCTL_POLICY_SNIFF) || link->sniff_slots > 0)
		return RT_VERR_DISALLOWED;
	return rt_vctl_sniff_request(link, max);
}

/* 7.2.3 */
static uint8_t exit_sniff(struct rt_vctl *v, struct rt_rd *r, struct rt_wr *ret)
{
	struct rt_vctl_link *link = rt_vctl_link_find(v, rt_rd_le16(r));

	(void)ret;
	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (link->sniff_slots == 0)
		return RT_VERR_DISALLOWED;
	return rt_vctl_sniff_request(link, 0);
}

/* 7.2.7 */
static uint8_t role_discovery(struct rt_vctl *v, struct rt_rd *r,
			      struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	const struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_u8(ret, link->role);
	return RT_VERR_OK;
}

/* 7.2.8 */
static uint8_t switch_role(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	struct rt_addr addr = rt_rd_addr(r);
	uint8_t role = rt_rd_u8(r);
	struct rt_vctl_link *link = rt_vctl_link_to(v, addr);

	(void)ret;
	if (role > 1)
		return RT_VERR_INVALID_PARAMETERS;
	if (!link || link->state != RT_VLINK_OPEN)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (!(link->policy & RT_VCTL_POLICY_SWITCH))
		return RT_VERR_ROLE_CHANGE_NOT_ALLOWED;
	if (link->role == role || link->sniff_slots > 0 ||
	    rt_vctl_crypt_is_changing(link))
		return RT_VERR_DISALLOWED;
	return rt_vctl_lmp_request(link, RT_VOP_SWITCH, role);
}

static uint8_t read_policy(struct rt_vctl *v, struct rt_rd *r,
			   struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	const struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	rt_wr_le16(ret, handle);
	rt_wr_le16(ret, link->policy);
	return RT_VERR_OK;
}

/* 7.2.10; there is neither hold mode nor park state */
static uint8_t write_policy(struct rt_vctl *v, struct rt_rd *r,
			    struct rt_wr *ret)
{
	uint16_t handle = rt_rd_le16(r);
	uint16_t policy = rt_rd_le16(r);
	struct rt_vctl_link *link = rt_vctl_link_find(v, handle);

	if (!link)
		return RT_VERR_UNKNOWN_CONNECTION;
	if (policy & ~POLICIES)
		return RT_VERR_UNSUPPORTED_VALUE;
	link->policy = policy;
	rt_wr_le16(ret, handle);
	return RT_VERR_OK;
}

static uint8_t read_default_policy(struct rt_vctl *v, struct rt_rd *r,
				   struct rt_wr *ret)
{
	(void)r;
	rt_wr_le16(ret, v->set.default_policy);
	return RT_VERR_OK;
}

/* 7.2.12 */
static uint8_t write_default_policy(struct rt_vctl *v, struct rt_rd *r,
				    struct rt_wr *ret)
{
	uint16_t policy = rt_rd_le16(r);

	(void)ret;
	if (policy & ~POLICIES)
		return RT_VERR_UNSUPPORTED_VALUE;
	v->set.default_policy = policy;
	return RT_VERR_OK;
}

#define S RT_VCMD_STATUS
#define O RT_VCMD_OPTIONAL
#define H RT_VCMD_HANDLE
#define A RT_VCMD_ADDR

const struct rt_vctl_command rt_vctl_commands_link[] = {
	{ 0x0401, 5, 0, S, 0, 0, inquiry },
	{ 0x0402, 0, 0, 0, 0, 1, inquiry_cancel },
	{ 0x0405, 13, 0, S, 0, 4, create_connection },
	{ 0x0406, 3, 0, S, 0, 5, disconnect },
	{ 0x0408, 6, 6, O | A, 0, 7, create_connection_cancel },
	{ 0x0409, 7, 0, S, 1, 0, accept },
	{ 0x040a, 7, 0, S, 1, 1, reject },
	{ 0x040f, 4, 0, S | O, 1, 6, change_packet_type },
	{ 0x0419, 10, 0, S, 2, 3, name_request },
	{ 0x041a, 6, 6, O | A, 2, 4, name_request_cancel },
	{ 0x041b, 2, 0, S, 2, 5, remote_features },
	{ 0x041c, 3, 0, S | O | RT_VCMD_EXTENDED, 2, 6, remote_ext_features },
	{ 0x041d, 2, 0, S, 2, 7, remote_version },
	{ 0x041f, 2, 0, S | O, 3, 0, clock_offset },
	{ 0x0803, 10, 0, S | O, 4, 2, sniff },
	{ 0x0804, 2, 0, S | O, 4, 3, exit_sniff },
	{ 0x0809, 2, 3, O | H, 4, 7, role_discovery },
	{ 0x080b, 7, 0, S | O, 5, 0, switch_role },
	{ 0x080c, 2, 4, O | H, 5, 1, read_policy },
	{ 0x080d, 4, 2, O | H, 5, 2, write_policy },
	{ 0x080e, 0, 2, O, 5, 3, read_default_policy },
	{ 0x080f, 2, 0, O, 5, 4, write_default_policy },
	{ .run = NULL },
};
