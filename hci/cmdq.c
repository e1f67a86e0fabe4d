/* SPDX-License-Identifier: MIT */
#include "hci/cmdq.h"

#include <assert.h>
#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/security.h"
#include "hci/timers.h"

static struct rt_hci_cmd *first(const struct rt_list *list)
{
	return RT_LIST_FIRST(list, struct rt_hci_cmd, node);
}

static void arm_timer(struct rt_hci *hci)
{
	struct rt_hci_cmdq *q = &hci->cmdq;
	uint64_t since_us;

	if (q->overflow) {
		rt_env_arm(hci->env, &q->timer, 0);
		return;
	}
	if (rt_hci_cmdq_is_idle(hci)) {
		rt_env_stop(hci->env, &q->timer);
		return;
	}
	since_us = first(&q->sent) ? first(&q->sent)->sent_us : q->progress_us;
	rt_timer_arm_at(&hci->env->timers, &q->timer,
			since_us + RT_MS(RT_HCI_COMMAND_MS));
}

static void release(struct rt_hci_cmdq *q, struct rt_hci_cmd *cmd)
{
	rt_list_del(&cmd->node);
	cmd->done = NULL;
	cmd->ctx = NULL;
	rt_sec_wipe(cmd->parameters, cmd->len);
	rt_list_append(&q->free, &cmd->node);
	q->free_count++;
}

/* The controller has seen the command: it does not count any more. */
static void answered(struct rt_hci_cmdq *q, struct rt_hci_cmd *cmd)
{
	if (!cmd->acked)
		q->unanswered--;
	cmd->acked = true;
}

static void finish(struct rt_hci *hci, struct rt_hci_cmd *cmd,
		   const struct rt_hci_answer *answer)
{
	rt_hci_cmd_done *done = cmd->done;
	void *ctx = cmd->ctx;

	if (answer->status != RT_HCI_ERR_SUCCESS)
		rt_log(hci->env, RT_LOG_DEBUG, "%s: %s", cmd->msg->name,
		       rt_hci_error_name(answer->status));
	hci->cmdq.progress_us = hci->env->now_us;
	release(&hci->cmdq, cmd);
	arm_timer(hci);
	if (done)
		done(hci, ctx, answer);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci *hci = RT_CONTAINER_OF(timer, struct rt_hci, cmdq.timer);
	const struct rt_hci_answer acked = { .status = RT_HCI_ERR_SUCCESS };
	struct rt_hci_cmdq *q = &hci->cmdq;
	struct rt_hci_cmd *late = first(&q->sent);

	if (late && late->acked && !q->overflow) {
		finish(hci, late, &acked);
		return;
	}
	hci->stats.commands_timed_out++;
	if (q->overflow)
		rt_log(hci->env, RT_LOG_ERROR, "too many commands wait");
	else if (late)
		rt_log(hci->env, RT_LOG_ERROR, "%s not answered",
		       late->msg->name);
	else
		rt_log(hci->env, RT_LOG_ERROR,
		       "the controller takes no command");
	rt_hci_engine_command_timeout(hci, late ? late->msg->code : 0);
}

int rt_hci_cmdq_init(struct rt_hci *hci)
{
	const uint32_t count = hci->env->limits.commands_queued;
	struct rt_hci_cmdq *q = &hci->cmdq;

	rt_list_init(&q->free);
	rt_list_init(&q->waiting);
	rt_list_init(&q->sent);
	rt_timer_init(&q->timer, on_timer);
	q->credits = 1;
	q->memory = rt_env_alloc(hci->env, count * sizeof(*q->memory));
	if (!q->memory)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		rt_list_append(&q->free, &q->memory[i].node);
	q->free_count = count;
	return 0;
}

void rt_hci_cmdq_fini(struct rt_hci *hci)
{
	const size_t bytes =
		hci->env->limits.commands_queued * sizeof(*hci->cmdq.memory);

	rt_env_stop(hci->env, &hci->cmdq.timer);
	if (hci->cmdq.memory)
		rt_sec_wipe(hci->cmdq.memory, bytes);
	rt_sec_wipe(hci->cmdq.packet, sizeof(hci->cmdq.packet));
	rt_env_free(hci->env, hci->cmdq.memory);
	hci->cmdq.memory = NULL;
}

void rt_hci_cmdq_clear(struct rt_hci *hci)
{
	struct rt_hci_cmdq *q = &hci->cmdq;

	while (!rt_list_empty(&q->waiting))
		release(q, first(&q->waiting));
	while (!rt_list_empty(&q->sent))
		release(q, first(&q->sent));
	q->unanswered = 0;
	q->credits = 1;
	q->overflow = false;
	arm_timer(hci);
}

void rt_hci_cmdq_send(struct rt_hci *hci, const struct rt_codec_msg *msg,
		      const void *parameters, rt_hci_cmd_done *done, void *ctx)
{
	struct rt_hci_cmdq *q = &hci->cmdq;
	struct rt_hci_cmd *cmd = first(&q->free);
	struct rt_wr w;

	if (!cmd) {
		q->overflow = true;
		arm_timer(hci);
		return;
	}
	w = rt_wr_init(cmd->parameters, sizeof(cmd->parameters));
	if (msg->field_count > 0)
		rt_codec_encode(msg, parameters, &w);
	assert(rt_wr_ok(&w));
	cmd->len = (uint8_t)rt_wr_bytes(&w).len;
	cmd->msg = msg;
	cmd->done = done;
	cmd->ctx = ctx;
	cmd->acked = false;
	if (rt_list_empty(&q->waiting))
		q->progress_us = hci->env->now_us;
	rt_list_del(&cmd->node);
	q->free_count--;
	rt_list_append(&q->waiting, &cmd->node);
	arm_timer(hci);
}

void rt_hci_cmdq_reply(struct rt_hci *hci, const struct rt_codec_msg *msg,
		       const void *parameters)
{
	if (hci->cmdq.free_count <= hci->env->limits.commands_queued / 2) {
		rt_log(hci->env, RT_LOG_WARNING,
		       "%s dropped: too many commands wait", msg->name);
		return;
	}
	rt_hci_cmdq_send(hci, msg, parameters, NULL, NULL);
}

bool rt_hci_cmdq_unsend(struct rt_hci *hci, const void *ctx)
{
	struct rt_hci_cmdq *q = &hci->cmdq;
	struct rt_list keep;
	struct rt_hci_cmd *cmd;
	bool found = false;

	rt_list_init(&keep);
	while (!rt_list_empty(&q->waiting)) {
		cmd = first(&q->waiting);
		if (cmd->ctx == ctx) {
			release(q, cmd);
			found = true;
			continue;
		}
		rt_list_del(&cmd->node);
		rt_list_append(&keep, &cmd->node);
	}
	while (!rt_list_empty(&keep)) {
		cmd = first(&keep);
		rt_list_del(&cmd->node);
		rt_list_append(&q->waiting, &cmd->node);
	}
	arm_timer(hci);
	return found;
}

void rt_hci_cmdq_forget(struct rt_hci *hci, const void *ctx)
{
	struct rt_hci_cmd *cmd;

	rt_hci_cmdq_unsend(hci, ctx);
	RT_LIST_EACH (cmd, &hci->cmdq.sent, node) {
		if (cmd->ctx != ctx)
			continue;
		cmd->done = NULL;
		cmd->ctx = NULL;
	}
}

bool rt_hci_cmdq_is_idle(const struct rt_hci *hci)
{
	return rt_list_empty(&hci->cmdq.waiting) &&
	       rt_list_empty(&hci->cmdq.sent);
}

static struct rt_hci_cmd *find_sent(struct rt_hci_cmdq *q, uint16_t opcode)
{
	struct rt_hci_cmd *cmd;

	RT_LIST_EACH (cmd, &q->sent, node) {
		if (cmd->msg->code == opcode)
			return cmd;
	}
	return NULL;
}

bool rt_hci_cmdq_pull(struct rt_hci *hci, struct rt_packet *ret_packet)
{
	struct rt_hci_cmdq *q = &hci->cmdq;
	struct rt_hci_cmd *cmd = first(&q->waiting);
	struct rt_wr w = rt_wr_init(q->packet, sizeof(q->packet));

	/* Commands can hold keys and PINs: none stays longer than it must. */
	rt_sec_wipe(q->packet, q->packet_bytes);
	q->packet_bytes = 0;
	if (!cmd || q->credits == 0 || find_sent(q, cmd->msg->code))
		return false;
	rt_wr_le16(&w, cmd->msg->code);
	rt_wr_u8(&w, cmd->len);
	rt_wr_put(&w, rt_bytes(cmd->parameters, cmd->len));
	q->packet_bytes = w.len;

	q->credits--;
	cmd->sent_us = hci->env->now_us;
	rt_list_del(&cmd->node);
	rt_list_append(&q->sent, &cmd->node);
	q->unanswered++;
	q->progress_us = hci->env->now_us;
	arm_timer(hci);
	*ret_packet = (struct rt_packet){
		.type = RT_PACKET_COMMAND,
		.count = 1,
		.len = w.len,
		.slice = { rt_wr_bytes(&w) },
	};
	return true;
}

/*
 * What the controller says it can take, less what it may not have seen when
 * it said so: never too many.
 */
static void take_credits(struct rt_hci *hci, uint8_t packets)
{
	struct rt_hci_cmdq *q = &hci->cmdq;
	const uint32_t before = q->credits;

	q->credits = packets > q->unanswered ? packets - q->unanswered : 0;
	if (before == 0 && q->credits > 0) {
		q->progress_us = hci->env->now_us;
		arm_timer(hci);
	}
}

void rt_hci_cmdq_on_complete(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_command_complete *complete = evt;
	struct rt_hci_cmd *cmd = find_sent(&hci->cmdq, complete->opcode);
	struct rt_rd r = rt_rd_init(complete->tail);
	struct rt_hci_answer answer = { rt_rd_u8(&r), complete->tail };

	if (cmd)
		answered(&hci->cmdq, cmd);
	take_credits(hci, complete->packets);
	if (complete->opcode == 0)
		return;
	if (!cmd) {
		hci->stats.events_unexpected++;
		if (complete->opcode == RT_HCI_CMD_RESET)
			rt_hci_engine_stray_reset(hci);
		return;
	}
	if (!rt_rd_ok(&r)) {
		hci->stats.events_malformed++;
		answer.status = RT_HCI_ERR_UNSPECIFIED;
	}
	finish(hci, cmd, &answer);
}

/*
 * Commands that return parameters are answered by Command Complete. Where a
 * controller sends Command Status 0 for one, the other may still follow.
 */
static bool ends_with_complete(uint16_t opcode)
{
	switch (opcode) {
	case RT_HCI_CMD_INQUIRY:
	case RT_HCI_CMD_CREATE_CONNECTION:
	case RT_HCI_CMD_DISCONNECT:
	case RT_HCI_CMD_ACCEPT_CONNECTION_REQUEST:
	case RT_HCI_CMD_REJECT_CONNECTION_REQUEST:
	case RT_HCI_CMD_REJECT_SYNCHRONOUS_CONNECTION_REQUEST:
	case RT_HCI_CMD_AUTHENTICATION_REQUESTED:
	case RT_HCI_CMD_SET_CONNECTION_ENCRYPTION:
	case RT_HCI_CMD_REMOTE_NAME_REQUEST:
	case RT_HCI_CMD_READ_REMOTE_SUPPORTED_FEATURES:
	case RT_HCI_CMD_READ_REMOTE_EXTENDED_FEATURES:
	case RT_HCI_CMD_REFRESH_ENCRYPTION_KEY:
		return false;
	}
	return true;
}

void rt_hci_cmdq_on_status(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_command_status *status = evt;
	const struct rt_hci_answer answer = { .status = status->status };
	struct rt_hci_cmd *cmd = find_sent(&hci->cmdq, status->opcode);

	if (cmd)
		answered(&hci->cmdq, cmd);
	take_credits(hci, status->packets);
	if (status->opcode == 0)
		return;
	if (!cmd) {
		hci->stats.events_unexpected++;
		return;
	}
	if (status->status != RT_HCI_ERR_SUCCESS ||
	    !ends_with_complete(status->opcode))
		finish(hci, cmd, &answer);
}
