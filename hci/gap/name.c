/* SPDX-License-Identifier: MIT */
#include "hci/gap/name.h"

#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/gap/found.h"
#include "hci/gap/utf8.h"
#include "hci/link.h"
#include "hci/timers.h"

struct rt_gap_name {
	struct rt_list node;
	rt_handle handle;
	struct rt_addr addr;
	uint64_t since_us;
	const struct rt_gap_name_ops *ops;
	void *user;
};

static struct rt_gap_name *first(const struct rt_hci *hci)
{
	return RT_LIST_FIRST(&hci->names.waiting, struct rt_gap_name, node);
}

static void forget(struct rt_hci *hci, struct rt_gap_name *name)
{
	if (hci->names.active == name)
		hci->names.active = NULL;
	rt_list_del(&name->node);
	rt_slots_del(&hci->names.slots, name->handle);
	rt_env_free(hci->env, name);
}

/* Answers a request; `str` is NULL if it has failed. */
static void finish(struct rt_hci *hci, struct rt_gap_name *name,
		   const char *str, const struct rt_reason *why)
{
	const struct rt_gap_name_ops *ops = name->ops;
	void *user = name->user;
	struct rt_reason reason = *why;

	reason.phase = RT_PHASE_PAGE;
	reason.frame = hci->frame;
	reason.elapsed_us = hci->env->now_us - name->since_us;
	forget(hci, name);
	ops->done(user, str, &reason);
}

/* The controller is done with the request. */
static void settle(struct rt_hci *hci, const char *str, uint8_t status)
{
	struct rt_gap_names *names = &hci->names;
	const struct rt_reason why =
		rt_hci_engine_reason(RT_PHASE_PAGE, status);

	names->busy = false;
	names->cancelling = false;
	rt_env_stop(hci->env, &names->timer);
	if (names->active)
		finish(hci, names->active, str, &why);
}

static void send_cancel(struct rt_hci *hci)
{
	const struct rt_hci_cmd_remote_name_request_cancel cancel = {
		.addr = hci->names.addr,
	};

	hci->names.cancelling = true;
	rt_env_arm(hci->env, &hci->names.timer, RT_MS(RT_HCI_NAME_CANCEL_MS));
	rt_hci_cmdq_send(hci, &rt_hci_cmd_remote_name_request_cancel_msg,
			 &cancel, NULL, &hci->names);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci *hci = RT_CONTAINER_OF(timer, struct rt_hci, names.timer);
	const struct rt_reason why =
		rt_hci_engine_reason(RT_PHASE_PAGE, RT_HCI_ERR_ACCEPT_TIMEOUT);

	if (hci->names.cancelling) {
		settle(hci, NULL, RT_HCI_ERR_ACCEPT_TIMEOUT);
		return;
	}
	send_cancel(hci);
	if (hci->names.active)
		finish(hci, hci->names.active, NULL, &why);
}

int rt_gap_name_init(struct rt_hci *hci)
{
	struct rt_gap_names *names = &hci->names;

	rt_list_init(&names->waiting);
	rt_timer_init(&names->timer, on_timer);
	return rt_slots_init(hci->env, &names->slots,
			     (uint16_t)hci->env->limits.name_requests);
}

void rt_gap_name_fini(struct rt_hci *hci)
{
	struct rt_gap_names *names = &hci->names;

	if (!names->slots.slot)
		return;
	rt_env_stop(hci->env, &names->timer);
	if (names->active)
		forget(hci, names->active);
	while (!rt_list_empty(&names->waiting))
		forget(hci, first(hci));
	rt_slots_fini(hci->env, &names->slots);
}

bool rt_gap_name_is_idle(const struct rt_hci *hci)
{
	return !hci->names.busy && rt_list_empty(&hci->names.waiting);
}

bool rt_gap_name_is_busy(const struct rt_hci *hci)
{
	return hci->names.busy;
}

static void on_status(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	(void)ctx;
	if (answer->status != RT_HCI_ERR_SUCCESS && hci->names.busy)
		settle(hci, NULL, answer->status);
}

static void ask(struct rt_hci *hci, struct rt_gap_name *name)
{
	struct rt_gap_names *names = &hci->names;
	struct rt_hci_cmd_remote_name_request request = {
		.addr = name->addr,
	};

	rt_gap_found_page_hints(hci, name->addr, &request.page_scan_repetition,
				&request.clock_offset);
	rt_list_del(&name->node);
	names->active = name;
	names->busy = true;
	names->addr = name->addr;
	rt_env_arm(hci->env, &names->timer,
		   RT_MS(RT_HCI_NAME_MARGIN_MS) +
			   (uint64_t)hci->options.page_timeout_slots *
				   RT_HCI_SLOT_US);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_remote_name_request_msg, &request,
			 on_status, names);
}

void rt_gap_name_poll(struct rt_hci *hci)
{
	if (rt_list_empty(&hci->names.waiting) || hci->names.busy ||
	    !rt_gap_inquiry_is_idle(hci) || rt_hci_link_is_paging(hci))
		return;
	ask(hci, first(hci));
}

void rt_gap_name_close(struct rt_hci *hci, const struct rt_reason *why)
{
	struct rt_gap_names *names = &hci->names;

	if (hci->state != RT_HCI_STATE_CLOSING) {
		names->busy = false;
		names->cancelling = false;
		rt_env_stop(hci->env, &names->timer);
	} else if (names->busy && !names->cancelling) {
		send_cancel(hci);
	}
	if (names->active)
		finish(hci, names->active, NULL, why);
	while (!rt_list_empty(&names->waiting))
		finish(hci, first(hci), NULL, why);
}

int rt_gap_name_request(struct rt_hci *hci, struct rt_addr addr,
			const struct rt_gap_name_ops *ops, void *user,
			rt_handle *ret_request)
{
	struct rt_gap_name *name;
	rt_handle handle;

	if (rt_addr_is_zero(addr) || rt_addr_equal(addr, hci->info.addr))
		return -EINVAL;
	if (hci->state != RT_HCI_STATE_UP)
		return -ENETDOWN;
	name = rt_env_alloc(hci->env, sizeof(*name));
	if (!name)
		return -ENOMEM;
	if (rt_slots_add(&hci->names.slots, name, &handle) < 0) {
		rt_env_free(hci->env, name);
		return -ENOSPC;
	}
	name->handle = handle;
	name->addr = addr;
	name->since_us = hci->env->now_us;
	name->ops = ops;
	name->user = user;
	rt_list_append(&hci->names.waiting, &name->node);
	*ret_request = handle;
	return 0;
}

void rt_gap_name_cancel(struct rt_hci *hci, rt_handle request)
{
	struct rt_gap_names *names = &hci->names;
	struct rt_gap_name *name = rt_slots_get(&names->slots, request);
	const bool active = name && name == names->active;

	if (!name)
		return;
	forget(hci, name);
	if (!active)
		return;
	if (!rt_hci_cmdq_unsend(hci, names)) {
		send_cancel(hci);
		return;
	}
	names->busy = false;
	rt_env_stop(hci->env, &names->timer);
}

void rt_gap_name_on_complete(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_remote_name_request_complete *complete = evt;
	char str[RT_GAP_NAME_BYTES + 1];

	if (!hci->names.busy ||
	    !rt_addr_equal(complete->addr, hci->names.addr)) {
		hci->stats.events_unexpected++;
		return;
	}
	if (complete->status != RT_HCI_ERR_SUCCESS) {
		settle(hci, NULL, complete->status);
		return;
	}
	rt_gap_utf8_copy(
		rt_bytes(complete->tail.ptr,
			 RT_MIN(complete->tail.len, (size_t)RT_GAP_NAME_BYTES)),
		str, sizeof(str));
	settle(hci, str, RT_HCI_ERR_SUCCESS);
}
