/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tools/sim/model/parts.h"

/*
 * Commands, their credits and answers, the bring-up, events (Core Vol 4 Part
 * E). What events mean for links is in link.c and secure.c.
 */

#define OP_RESET 0x0c03
#define OP_READ_ADDR 0x1009
#define OP_READ_BUFFERS 0x1005
#define OP_WRITE_NAME 0x0c13

#define COMMAND_US RT_SECONDS(10)
#define RESTART_US RT_SECONDS(1)

struct step {
	uint16_t opcode;
	uint8_t bytes;
	uint8_t params[8];
	bool must; /* there is no going on without it */
};

static const struct step steps[] = {
	{ OP_RESET, 0, { 0 }, true },
	{ OP_READ_ADDR, 0, { 0 }, true },
	{ OP_READ_BUFFERS, 0, { 0 }, true },
	/* Set Event Mask: all of BR/EDR */
	{ 0x0c01, 8, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbf, 0x3d }, true },
	{ 0x0c56, 1, { 1 }, false },		    /* Simple Pairing */
	{ OP_WRITE_NAME, 0, { 0 }, false },	    /* model_next_step() */
	{ 0x0c24, 3, { 0x00, 0x01, 0x00 }, false }, /* Class Of Device */
	{ 0x0c18, 2, { 0x00, 0x20 }, false },	    /* Page Timeout: 5.12 s */
	{ 0x080f, 2, { 0x05, 0x00 }, false },	    /* role switch, sniff */
	{ 0x0c1a, 1, { 3 }, true },		    /* both scans */
};

void model_command(struct model *m, uint16_t opcode, struct rt_bytes params)
{
	unsigned int at = (m->command_at + m->command_count) % COMMANDS_MAX;
	struct model_command *command = &m->command[at];

	m->quiet = false;
	if (m->command_count == COMMANDS_MAX || params.len > 255) {
		m->stats.stumbled++;
		return;
	}
	model_put_le16(command->data, opcode);
	command->data[2] = (uint8_t)params.len;
	if (params.len > 0)
		memcpy(command->data + 3, params.ptr, params.len);
	command->bytes = (uint16_t)(3 + params.len);
	m->command_count++;
}

static void next_step(struct model *m)
{
	const struct step *step = &steps[m->step];
	uint8_t name[248] = { 0 };

	if (step->opcode == OP_WRITE_NAME) {
		memcpy(name, m->name, sizeof(m->name));
		model_command(m, step->opcode, rt_bytes(name, sizeof(name)));
		return;
	}
	model_command(m, step->opcode, rt_bytes(step->params, step->bytes));
}

void model_hci_restart(struct model *m)
{
	model_links_lost(m);
	m->up = false;
	m->step = 0;
	m->command_at = 0;
	m->command_count = 0;
	m->asked_count = 0;
	m->command_credits = 1;
	m->acl_free = 0;
	model_disarm(m, &m->command_due_us);
	next_step(m);
}

bool model_hci_tx(struct model *m, struct rt_bytes *ret_packet)
{
	const struct model_command *command = &m->command[m->command_at];
	struct model_asked *asked;
	uint16_t opcode;

	if (m->command_count == 0)
		return false;
	opcode = model_get_le16(command->data);
	if (m->command_credits == 0 && opcode != OP_RESET)
		return false;
	if (m->asked_count == COMMANDS_MAX)
		return false;
	asked = &m->asked[m->asked_count++];
	asked->opcode = opcode;
	asked->handle =
		command->bytes >= 5 ? model_get_le16(command->data + 3) : 0;
	if (m->command_credits > 0)
		m->command_credits--;
	if (m->command_due_us == 0)
		model_arm(m, &m->command_due_us, COMMAND_US);
	*ret_packet = rt_bytes(command->data, command->bytes);
	m->command_at = (m->command_at + 1) % COMMANDS_MAX;
	m->command_count--;
	return true;
}

void model_hci_timer(struct model *m)
{
	if (m->command_due_us == 0 || m->command_due_us > m->now_us)
		return;
	/* The controller owes an answer, or has failed to come up. */
	model_hci_restart(m);
}

static void on_step_done(struct model *m, uint8_t status, struct model_in *in)
{
	const struct step *step = &steps[m->step];

	if (status != 0 && step->must) {
		model_arm(m, &m->command_due_us, RESTART_US);
		return;
	}
	if (step->opcode == OP_READ_ADDR) {
		struct rt_bytes addr = model_in_take(in, 6);

		if (addr.len == 6)
			memcpy(m->addr.b, addr.ptr, 6);
	}
	if (step->opcode == OP_READ_BUFFERS) {
		m->acl_bytes = model_in_le16(in);
		(void)model_in_u8(in);
		m->acl_packets = model_in_le16(in);
		m->acl_bytes = RT_MIN(m->acl_bytes, ACL_MAX);
		m->acl_free = m->acl_packets;
	}
	if (++m->step < RT_ARRAY_SIZE(steps)) {
		next_step(m);
		return;
	}
	m->up = true;
	if (m->events.up)
		m->events.up(m->options.user);
	model_links_wake(m);
}

/* Takes the command off the list of those without an answer. */
static bool answered(struct model *m, uint16_t opcode, uint16_t *ret_handle)
{
	*ret_handle = 0;
	for (unsigned int i = 0; i < m->asked_count; i++) {
		if (m->asked[i].opcode != opcode)
			continue;
		*ret_handle = m->asked[i].handle;
		m->asked_count--;
		memmove(&m->asked[i], &m->asked[i + 1],
			(m->asked_count - i) * sizeof(m->asked[0]));
		model_disarm(m, &m->command_due_us);
		if (m->asked_count > 0)
			model_arm(m, &m->command_due_us, COMMAND_US);
		return true;
	}
	return false;
}

static void on_answer(struct model *m, uint16_t opcode, uint8_t status,
		      struct model_in *in)
{
	uint16_t handle;

	if (opcode == 0 || !answered(m, opcode, &handle))
		return;
	if (!m->up) {
		if (opcode == steps[m->step].opcode)
			on_step_done(m, status, in);
		return;
	}
	if (status != 0)
		model_link_refused(m, opcode, handle, status);
}

/* 7.7.14 */
static void on_command_complete(struct model *m, struct model_in *in)
{
	uint8_t credits = model_in_u8(in);
	uint16_t opcode = model_in_le16(in);
	uint8_t status = model_in_u8(in);

	m->command_credits = credits;
	on_answer(m, opcode, in->bad ? 0 : status, in);
}

/* 7.7.15 */
static void on_command_status(struct model *m, struct model_in *in)
{
	uint8_t status = model_in_u8(in);
	uint8_t credits = model_in_u8(in);
	uint16_t opcode = model_in_le16(in);

	if (in->bad)
		return;
	m->command_credits = credits;
	on_answer(m, opcode, status, in);
}

/* 7.7.19 */
static void on_completed(struct model *m, struct model_in *in)
{
	uint8_t handles = model_in_u8(in);

	for (uint8_t i = 0; i < handles && !in->bad; i++) {
		uint16_t handle = model_in_le16(in) & 0x0fff;
		uint16_t count = model_in_le16(in);
		struct model_link *link = model_link_by_handle(m, handle);

		if (in->bad || !link)
			continue;
		count = RT_MIN(count, link->outstanding);
		link->outstanding = (uint16_t)(link->outstanding - count);
		m->acl_free = (uint16_t)(m->acl_free + count);
	}
}

void model_hci_event(struct model *m, struct rt_bytes packet)
{
	struct model_in in = model_in(packet);
	uint8_t code = model_in_u8(&in);
	uint8_t bytes = model_in_u8(&in);

	if (in.bad || bytes != in.left)
		return;
	switch (code) {
	case 0x0e:
		on_command_complete(m, &in);
		return;
	case 0x0f:
		on_command_status(m, &in);
		return;
	case 0x10: /* Hardware Error */
		model_hci_restart(m);
		return;
	case 0x13:
		on_completed(m, &in);
		return;
	case 0x1a: /* Data Buffer Overflow: we have sent too many */
		m->stats.stumbled++;
		return;
	default:
		break;
	}
	if (m->up)
		model_link_event(m, code, &in);
}
