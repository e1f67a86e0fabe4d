/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Commands of the host: found, checked, run, answered (Core Vol 4 Part E 4). */

#define HCI_RESET 0x0c03
#define READ_KEY_SIZE 0x1408
#define RETURN_BYTES_MAX 252

static const struct rt_vctl_command *const tables[] = {
	rt_vctl_commands_link,	 rt_vctl_commands_baseband,
	rt_vctl_commands_info,	 rt_vctl_commands_security,
	rt_vctl_commands_answer,
};

static bool is_known(const struct rt_vctl *v, const struct rt_vctl_command *c)
{
	if ((c->flags & RT_VCMD_OPTIONAL) && v->fault[RT_VCTL_UNKNOWN_COMMANDS])
		return false;
	if ((c->flags & RT_VCMD_SSP) && !rt_vctl_has_ssp(v))
		return false;
	if ((c->flags & RT_VCMD_SECURE) && !rt_vctl_has_secure(v))
		return false;
	if (c->opcode == READ_KEY_SIZE && v->fault[RT_VCTL_KEY_SIZE_UNKNOWN])
		return false;
	return !(c->flags & RT_VCMD_EXTENDED) || !v->fault[RT_VCTL_NO_EXTENDED];
}

static const struct rt_vctl_command *find(const struct rt_vctl *v,
					  uint16_t opcode)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(tables); i++) {
		for (const struct rt_vctl_command *c = tables[i]; c->run; c++) {
			if (c->opcode == opcode)
				return is_known(v, c) ? c : NULL;
		}
	}
	return NULL;
}

void rt_vctl_supported_commands(const struct rt_vctl *vctl, uint8_t ret[64])
{
	memset(ret, 0, 64);
	for (size_t i = 0; i < RT_ARRAY_SIZE(tables); i++) {
		for (const struct rt_vctl_command *c = tables[i]; c->run; c++) {
			if (is_known(vctl, c))
				ret[c->octet] |= (uint8_t)(1 << c->bit);
		}
	}
}

/* 7.7.15 */
static void send_status(struct rt_vctl *v, uint16_t opcode, uint8_t status)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_vctl_frame *f;

	rt_wr_u8(&w, status);
	rt_wr_u8(&w, 1);
	rt_wr_le16(&w, opcode);
	f = rt_vctl_event(v, RT_VEVT_COMMAND_STATUS, &w);
	if (f)
		f->gives_credit = true;
	else
		v->command_free = true;
}

/* 7.7.14; `ret` holds the return parameters behind the status. */
static void send_complete(struct rt_vctl *v, uint16_t opcode, uint8_t status,
			  const struct rt_wr *ret)
{
	uint8_t buf[255];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_vctl_frame *f;

	rt_wr_u8(&w, 1);
	rt_wr_le16(&w, opcode);
	rt_wr_u8(&w, status);
	rt_wr_put(&w, rt_wr_bytes(ret));
	f = rt_vctl_event(v, RT_VEVT_COMMAND_COMPLETE, &w);
	if (f)
		f->gives_credit = true;
	else
		v->command_free = true;
}

/*
 * Return parameters of a command that failed: they are all there, but only
 * the handle or the address means anything.
 */
static void fill_failed(const struct rt_vctl_command *c, struct rt_bytes params,
			struct rt_wr *ret)
{
	static const uint8_t zeros[RETURN_BYTES_MAX];
	size_t echo = 0;

	if (c->flags & RT_VCMD_HANDLE)
		echo = 2;
	if (c->flags & RT_VCMD_ADDR)
		echo = 6;
	echo = RT_MIN(echo, params.len);
	rt_wr_put(ret, rt_bytes(params.ptr, echo));
	rt_wr_put(ret, rt_bytes(zeros, c->ret_bytes - echo));
}

static void run(struct rt_vctl *v, const struct rt_vctl_command *c,
		struct rt_bytes params, bool is_whole)
{
	uint8_t buf[RETURN_BYTES_MAX];
	struct rt_wr ret = rt_wr_init(buf, sizeof(buf));
	struct rt_rd r = rt_rd_init(params);
	uint8_t status = RT_VERR_INVALID_PARAMETERS;

	if (is_whole &&
	    (c->bytes == RT_VCMD_VARIABLE || params.len == (size_t)c->bytes))
		status = c->run(v, &r, &ret);
	else
		v->stats.commands_malformed++;
	if (c->flags & RT_VCMD_STATUS) {
		send_status(v, c->opcode, status);
		return;
	}
	if ((c->flags & RT_VCMD_SILENT) && status == RT_VERR_OK)
		return;
	if (status != RT_VERR_OK) {
		ret = rt_wr_init(buf, sizeof(buf));
		fill_failed(c, params, &ret);
	}
	send_complete(v, c->opcode, status, &ret);
}

/*
 * The host has one credit, which comes back with the answer (4.4). Reset needs
 * none: it is what a host sends that waits in vain for an answer.
 */
static bool take_credit(struct rt_vctl *v, const struct rt_vctl_command *c)
{
	if (c && (c->flags & RT_VCMD_SILENT))
		return true;
	if (!v->command_free && !(c && c->opcode == HCI_RESET)) {
		v->stats.commands_overrun++;
		return false;
	}
	v->command_free = false;
	return true;
}

void rt_vctl_command(struct rt_vctl *vctl, struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);
	uint16_t opcode = rt_rd_le16(&r);
	uint8_t len = rt_rd_u8(&r);
	const struct rt_vctl_command *c;

	vctl->stats.commands++;
	if (!rt_rd_ok(&r)) {
		vctl->stats.commands_malformed++;
		return;
	}
	c = find(vctl, opcode);
	if (!take_credit(vctl, c))
		return;
	if (!c) {
		vctl->stats.commands_unknown++;
		send_status(vctl, opcode, RT_VERR_UNKNOWN_COMMAND);
		return;
	}
	if (opcode == READ_KEY_SIZE && vctl->fault[RT_VCTL_KEY_SIZE_UNANSWERED])
		return;
	run(vctl, c, rt_rd_rest(&r), packet.len == (size_t)len + 3);
}
