/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "hci/error.h"
#include "hci/event.h"
#include "hci/link.h"
#include "hci/timers.h"

/* A controller that can't be reset, or brought up, is given up after these. */
#define RESETS_MAX 3
#define BRINGUPS_MAX 8 /* three commands may be left open, twice each */

#define ACL_BYTES_MIN 27 /* the least that a controller may offer */

struct state {
	const char *name;
	uint32_t stay_ms;
	uint32_t next;
};

static const struct state states[] = {
#define B(NAME) (1U << RT_HCI_STATE_##NAME)
#define STATE(NAME, stay_ms, next) \
	[RT_HCI_STATE_##NAME] = { #NAME, (stay_ms), (next) },
#include "hci/engine.def"
#undef STATE
#undef B
};

static void enter(struct rt_hci *hci, enum rt_hci_state to)
{
	assert(states[hci->state].next & 1U << to);
	rt_log(hci->env, RT_LOG_DEBUG, "controller %s -> %s",
	       states[hci->state].name, states[to].name);
	hci->state = (uint8_t)to;
	rt_hci_engine_watch(hci);
	if (states[to].stay_ms > 0)
		rt_env_arm(hci->env, &hci->timer, RT_MS(states[to].stay_ms));
	else
		rt_env_stop(hci->env, &hci->timer);
}

struct rt_reason rt_hci_engine_reason(enum rt_phase phase, uint8_t code)
{
	return (struct rt_reason){
		.layer = RT_LAYER_HCI,
		.phase = (uint8_t)phase,
		.code = code,
		.err = rt_hci_error_errno(code),
	};
}

bool rt_hci_engine_has_feature(const struct rt_hci *hci,
			       enum rt_hci_feature feature)
{
	return hci->info.features[0][feature / 8] & 1U << feature % 8;
}

/* Closes all that the controller's loss ends, in a state that opens nothing. */
static void close_all(struct rt_hci *hci, const struct rt_reason *why)
{
	rt_hci_link_close_all(hci, why);
	rt_gap_name_close(hci, why);
	rt_gap_inquiry_close(hci, why);
	rt_sec_engine_down(hci, why);
	rt_hci_acl_rx_forget_early(hci);
}

static void tell_down(struct rt_hci *hci, const struct rt_reason *why,
		      bool final)
{
	hci->announced = false;
	hci->ops->down(hci->user, why, final);
}

void rt_hci_engine_end(struct rt_hci *hci, const struct rt_reason *why)
{
	struct rt_reason reason = *why;

	if (hci->state == RT_HCI_STATE_OFF)
		return;
	reason.frame = hci->frame;
	enter(hci, RT_HCI_STATE_OFF);
	rt_hci_cmdq_clear(hci);
	close_all(hci, &reason);
	tell_down(hci, &reason, true);
}

static void on_reset(struct rt_hci *hci, void *ctx,
		     const struct rt_hci_answer *answer)
{
	struct rt_reason why;

	(void)ctx;
	hci->resets = 0;
	if (hci->state == RT_HCI_STATE_LAST_RESET) {
		why = (struct rt_reason){ .phase = RT_PHASE_DISCONNECT };
		rt_hci_engine_end(hci, &why);
		return;
	}
	if (answer->status != RT_HCI_ERR_SUCCESS) {
		rt_log(hci->env, RT_LOG_ERROR, "RESET refused: %s",
		       rt_hci_error_name(answer->status));
		why = rt_hci_engine_reason(RT_PHASE_OPEN, answer->status);
		rt_hci_engine_end(hci, &why);
		return;
	}
	enter(hci, RT_HCI_STATE_BRINGUP);
	rt_hci_bringup_start(hci);
}

static void send_reset(struct rt_hci *hci, enum rt_hci_state to)
{
	enter(hci, to);
	rt_hci_cmdq_clear(hci);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_reset_msg, NULL, on_reset, NULL);
}

void rt_hci_engine_fault(struct rt_hci *hci, const struct rt_reason *why)
{
	struct rt_reason reason = *why;

	switch ((enum rt_hci_state)hci->state) {
	case RT_HCI_STATE_OFF:
	case RT_HCI_STATE_RESETTING:
	case RT_HCI_STATE_LAST_RESET:
		return;
	case RT_HCI_STATE_STOPPING:
	case RT_HCI_STATE_CLOSING:
		send_reset(hci, RT_HCI_STATE_LAST_RESET);
		close_all(hci, &reason);
		return;
	case RT_HCI_STATE_BRINGUP:
	case RT_HCI_STATE_UP:
		break;
	}
	if (++hci->bringups > BRINGUPS_MAX) {
		rt_log(hci->env, RT_LOG_ERROR, "controller given up");
		rt_hci_engine_end(hci, why);
		return;
	}
	reason.frame = hci->frame;
	hci->stats.resets++;
	send_reset(hci, RT_HCI_STATE_RESETTING);
	close_all(hci, &reason);
	if (hci->announced)
		tell_down(hci, &reason, false);
}

void rt_hci_engine_command_timeout(struct rt_hci *hci, uint16_t opcode)
{
	struct rt_reason why = rt_hci_engine_reason(
		RT_PHASE_OPEN, RT_HCI_ERR_HARDWARE_FAILURE);

	why.err = -ETIMEDOUT;
	if (hci->state == RT_HCI_STATE_LAST_RESET) {
		rt_hci_engine_end(hci, &why);
		return;
	}
	if (hci->state == RT_HCI_STATE_RESETTING) {
		if (++hci->resets >= RESETS_MAX)
			rt_hci_engine_end(hci, &why);
		else
			send_reset(hci, RT_HCI_STATE_RESETTING);
		return;
	}
	if (hci->state == RT_HCI_STATE_BRINGUP)
		rt_hci_bringup_missed(hci, opcode);
	else
		rt_sec_command_timeout(hci, opcode);
	rt_hci_engine_fault(hci, &why);
}

void rt_hci_engine_stray_reset(struct rt_hci *hci)
{
	const struct rt_reason why = rt_hci_engine_reason(
		RT_PHASE_TRANSFER, RT_HCI_ERR_HARDWARE_FAILURE);

	/* In the bring-up it can be the late answer to one of ours. */
	if (hci->state != RT_HCI_STATE_UP)
		return;
	rt_log(hci->env, RT_LOG_ERROR, "the controller has reset itself");
	rt_hci_engine_fault(hci, &why);
}

void rt_hci_engine_on_hardware_error(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_hardware_error *error = evt;
	const struct rt_reason why = rt_hci_engine_reason(
		RT_PHASE_TRANSFER, RT_HCI_ERR_HARDWARE_FAILURE);

	rt_log(hci->env, RT_LOG_ERROR, "hardware error 0x%02x", error->code);
	rt_hci_engine_fault(hci, &why);
}

void rt_hci_engine_up(struct rt_hci *hci)
{
	enter(hci, RT_HCI_STATE_UP);
	hci->bringups = 0;
	hci->announced = true;
	hci->ops->up(hci->user);
}

void rt_hci_engine_watch(struct rt_hci *hci)
{
	const bool wanted =
		hci->state == RT_HCI_STATE_UP && !rt_list_empty(&hci->links);

	if (!wanted)
		rt_env_stop(hci->env, &hci->watch);
	else if (!hci->watch.armed)
		rt_env_arm(hci->env, &hci->watch, RT_MS(hci->options.watch_ms));
}

static void on_watch(struct rt_timer *timer)
{
	struct rt_hci *hci = RT_CONTAINER_OF(timer, struct rt_hci, watch);
	const uint64_t watch_us = RT_MS((uint64_t)hci->options.watch_ms);
	const uint64_t due_us = hci->heard_us + watch_us;

	if (due_us > hci->env->now_us) {
		rt_timer_arm_at(&hci->env->timers, timer, due_us);
		return;
	}
	/* Another command under way is as good a question. */
	if (rt_hci_cmdq_is_idle(hci))
		rt_hci_cmdq_send(hci, &rt_hci_cmd_read_bd_addr_msg, NULL, NULL,
				 NULL);
	rt_env_arm(hci->env, timer, watch_us);
}

static void begin_closing(struct rt_hci *hci)
{
	struct rt_reason why = rt_hci_engine_reason(RT_PHASE_DISCONNECT,
						    RT_HCI_ERR_LOCAL_HOST);

	enter(hci, RT_HCI_STATE_CLOSING);
	rt_hci_settings_scan_off(hci);
	rt_hci_link_disconnect_all(hci);
	rt_gap_name_close(hci, &why);
	rt_gap_inquiry_close(hci, &why);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci *hci = RT_CONTAINER_OF(timer, struct rt_hci, timer);
	struct rt_reason why = rt_hci_engine_reason(RT_PHASE_DISCONNECT,
						    RT_HCI_ERR_LOCAL_HOST);

	why.err = -ETIMEDOUT;
	if (hci->state == RT_HCI_STATE_STOPPING)
		begin_closing(hci);
	else if (hci->state == RT_HCI_STATE_CLOSING)
		rt_hci_engine_fault(hci, &why);
	else
		rt_hci_engine_end(hci, &why);
}

static bool options_are_valid(const struct rt_hci_options *options)
{
	return (!options->name || strlen(options->name) <= RT_GAP_NAME_BYTES) &&
	       options->class_of_device <= 0xffffff &&
	       (options->acl_bytes_max == 0 ||
		options->acl_bytes_max >= ACL_BYTES_MIN);
}

int rt_hci_new(struct rt_env *env, const struct rt_hci_options *options,
	       const struct rt_hci_ops *ops, void *user, struct rt_hci **ret)
{
	struct rt_hci *hci;

	if (!options_are_valid(options))
		return -EINVAL;
	hci = rt_env_alloc(env, sizeof(*hci));
	if (!hci)
		return -ENOMEM;
	hci->env = env;
	hci->options = *options;
	hci->options.name = NULL;
	if (hci->options.page_timeout_slots == 0)
		hci->options.page_timeout_slots = 0x2000;
	if (hci->options.idle_ms == 0)
		hci->options.idle_ms = RT_HCI_IDLE_MS;
	if (hci->options.watch_ms == 0)
		hci->options.watch_ms = RT_HCI_WATCH_MS;
	hci->ops = ops;
	hci->user = user;
	rt_timer_init(&hci->timer, on_timer);
	rt_timer_init(&hci->watch, on_watch);
	rt_list_init(&hci->links);
	rt_hci_settings_init(hci, options);
	rt_hci_acl_tx_init(hci);
	rt_hci_acl_rx_init(hci);
	rt_gap_inquiry_init(hci);
	rt_hci_set_link_ops(hci, &rt_hci_link_nobody, NULL);
	if (rt_hci_cmdq_init(hci) < 0 || rt_gap_name_init(hci) < 0 ||
	    rt_sec_init(hci) < 0) {
		rt_hci_free(hci);
		return -ENOMEM;
	}
	*ret = hci;
	return 0;
}

void rt_hci_free(struct rt_hci *hci)
{
	if (!hci)
		return;
	rt_env_stop(hci->env, &hci->timer);
	rt_env_stop(hci->env, &hci->watch);
	rt_hci_link_free_all(hci);
	rt_gap_name_fini(hci);
	rt_gap_inquiry_fini(hci);
	rt_sec_fini(hci);
	rt_hci_acl_rx_forget_early(hci);
	rt_hci_cmdq_fini(hci);
	rt_env_free(hci->env, hci);
}

void rt_hci_set_link_ops(struct rt_hci *hci, const struct rt_hci_link_ops *ops,
			 void *user)
{
	hci->link_ops = ops;
	hci->link_user = user;
}

void rt_hci_start(struct rt_hci *hci)
{
	if (hci->state != RT_HCI_STATE_OFF)
		return;
	hci->resets = 0;
	hci->bringups = 0;
	/* What it has left unanswered may have been bad luck. */
	hci->bringup.skip = 0;
	hci->sec.no_key_size = false;
	send_reset(hci, RT_HCI_STATE_RESETTING);
}

void rt_hci_stop(struct rt_hci *hci)
{
	switch ((enum rt_hci_state)hci->state) {
	case RT_HCI_STATE_OFF:
	case RT_HCI_STATE_STOPPING:
	case RT_HCI_STATE_CLOSING:
	case RT_HCI_STATE_LAST_RESET:
		return;
	case RT_HCI_STATE_RESETTING:
	case RT_HCI_STATE_BRINGUP:
		send_reset(hci, RT_HCI_STATE_LAST_RESET);
		return;
	case RT_HCI_STATE_UP:
		break;
	}
	/* Users hear of it later: nothing is called back from here. */
	enter(hci, RT_HCI_STATE_STOPPING);
	rt_env_arm(hci->env, &hci->timer, 0);
}

bool rt_hci_is_idle(const struct rt_hci *hci)
{
	const bool quiet =
		rt_list_empty(&hci->links) && rt_hci_cmdq_is_idle(hci) &&
		rt_gap_inquiry_is_idle(hci) && rt_gap_name_is_idle(hci);

	return quiet && (hci->state == RT_HCI_STATE_OFF ||
			 hci->state == RT_HCI_STATE_UP);
}

void rt_hci_lost(struct rt_hci *hci, int err)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_TRANSPORT,
		.phase = hci->announced ? RT_PHASE_TRANSFER : RT_PHASE_OPEN,
		.code = (uint16_t)-err,
		.err = err,
	};

	rt_hci_engine_end(hci, &why);
}

void rt_hci_resync(struct rt_hci *hci)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_TRANSPORT,
		.phase = RT_PHASE_TRANSFER,
		.code = EILSEQ,
		.err = -EILSEQ,
	};

	rt_log(hci->env, RT_LOG_ERROR, "framing lost: resetting");
	rt_hci_engine_fault(hci, &why);
}

static void tap(struct rt_hci *hci, bool from_controller,
		const struct rt_packet *packet)
{
	struct rt_env *env = hci->env;

	env->frame++;
	if (env->hooks.tap)
		env->hooks.tap(env->hooks.ctx, env->now_us, from_controller,
			       packet);
}

void rt_hci_rx(struct rt_hci *hci, enum rt_packet_type type,
	       struct rt_bytes packet)
{
	const struct rt_packet whole = {
		.type = (uint8_t)type,
		.count = 1,
		.len = packet.len,
		.slice = { packet },
	};

	tap(hci, true, &whole);
	if (hci->state == RT_HCI_STATE_OFF)
		return;
	hci->frame = hci->env->frame;
	hci->heard_us = hci->env->now_us;
	switch (type) {
	case RT_PACKET_EVENT:
		rt_hci_event_rx(hci, packet);
		break;
	case RT_PACKET_ACL:
		rt_hci_acl_rx(hci, packet);
		break;
	case RT_PACKET_COMMAND:
		hci->stats.events_malformed++;
		break;
	case RT_PACKET_SCO:
	case RT_PACKET_ISO:
		break;
	}
	hci->frame = 0;
}

/* Queues the commands that the parts of the engine owe by now. */
static void collect(struct rt_hci *hci)
{
	if (hci->state == RT_HCI_STATE_UP) {
		rt_hci_settings_poll(hci);
		rt_hci_link_poll(hci);
		rt_gap_inquiry_poll(hci);
		rt_gap_name_poll(hci);
		return;
	}
	if (hci->state == RT_HCI_STATE_CLOSING && rt_list_empty(&hci->links) &&
	    rt_hci_cmdq_is_idle(hci) && rt_gap_inquiry_is_idle(hci) &&
	    rt_gap_name_is_idle(hci))
		send_reset(hci, RT_HCI_STATE_LAST_RESET);
}

bool rt_hci_tx(struct rt_hci *hci, struct rt_packet *ret_packet)
{
	if (hci->state == RT_HCI_STATE_OFF)
		return false;
	collect(hci);
	if (!rt_hci_acl_rx_pull_consumed(hci, ret_packet) &&
	    !rt_hci_cmdq_pull(hci, ret_packet) &&
	    !rt_hci_acl_tx_pull(hci, ret_packet))
		return false;
	tap(hci, false, ret_packet);
	return true;
}

bool rt_hci_is_up(const struct rt_hci *hci)
{
	return hci->state == RT_HCI_STATE_UP;
}

const struct rt_hci_info *rt_hci_get_info(const struct rt_hci *hci)
{
	return &hci->info;
}

const struct rt_hci_stats *rt_hci_get_stats(const struct rt_hci *hci)
{
	return &hci->stats;
}
