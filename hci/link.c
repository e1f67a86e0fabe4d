/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <assert.h>
#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/timers.h"

#define FLUSH_SLOTS_MAX 0x07ff /* of an automatic flush timeout (7.3.30) */

struct step {
	const char *name;
	uint32_t stay_ms;
	uint32_t next;
};

#define B(NAME) (1U << RT_HCI_LINK_STEP_##NAME)

static const struct step steps[] = {
#define STATE(NAME, stay, after) \
	[RT_HCI_LINK_STEP_##     \
		NAME] = { .name = #NAME, .stay_ms = (stay), .next = (after) },
#define WHY(NAME, text)
#include "hci/link.def"
#undef STATE
#undef WHY
};

static const char *const whys[] = {
#define STATE(NAME, stay, after)
#define WHY(NAME, text) [RT_HCI_LINK_WHY_##NAME] = (text),
#include "hci/link.def"
#undef STATE
#undef WHY
};

static void nobody_up(void *user, struct rt_hci_link *link)
{
	(void)user;
	(void)link;
}

static void nobody_down(void *user, struct rt_hci_link *link,
			const struct rt_reason *why)
{
	(void)user;
	(void)link;
	(void)why;
}

static bool nobody_want(void *user, struct rt_hci_link *link, uint16_t cid,
			uint16_t *len)
{
	const bool any = *len > 0;

	(void)user;
	(void)link;
	(void)cid;
	*len = 0;
	return !any;
}

static void nobody_rx(void *user, struct rt_hci_link *link, struct rt_bytes pdu)
{
	(void)user;
	(void)link;
	(void)pdu;
}

static bool nobody_pull(void *user, struct rt_hci_link *link,
			struct rt_pdu *pdu)
{
	(void)user;
	(void)link;
	(void)pdu;
	return false;
}

static void nobody_completed(void *user, struct rt_hci_link *link,
			     const struct rt_done *done, bool written)
{
	(void)user;
	(void)link;
	(void)done;
	(void)written;
}

const struct rt_hci_link_ops rt_hci_link_nobody = {
	.up = nobody_up,
	.down = nobody_down,
	.want = nobody_want,
	.rx = nobody_rx,
	.pull = nobody_pull,
	.completed = nobody_completed,
};

static enum rt_phase phase_of(const struct rt_hci_link *link)
{
	switch (rt_hci_link_state(link)) {
	case RT_HCI_LINK_CONNECTING:
		return RT_PHASE_PAGE;
	case RT_HCI_LINK_OPEN:
		return RT_PHASE_TRANSFER;
	case RT_HCI_LINK_DISCONNECTING:
	case RT_HCI_LINK_CLOSED:
		break;
	}
	return RT_PHASE_DISCONNECT;
}

static uint64_t stay_us(const struct rt_hci_link *link)
{
	const uint64_t us = RT_MS(steps[link->step].stay_ms);

	if (link->step != RT_HCI_LINK_STEP_PAGING)
		return us;
	return us +
	       (uint64_t)link->hci->options.page_timeout_slots * RT_HCI_SLOT_US;
}

void rt_hci_link_enter(struct rt_hci_link *link, enum rt_hci_link_step to,
		       enum rt_hci_link_why why)
{
	const enum rt_hci_link_state before = rt_hci_link_state(link);
	struct rt_env *env = link->hci->env;
	char str[RT_ADDR_STR_BYTES];

	assert(steps[link->step].next & 1U << to);
	rt_log(env, RT_LOG_DEBUG, "link %s 0x%04x %s -> %s (%s)",
	       rt_addr_format(link->addr, str), link->handle,
	       steps[link->step].name, steps[to].name, whys[why]);
	link->step = (uint8_t)to;
	if (rt_hci_link_state(link) != before)
		link->since_us = env->now_us;
	if (steps[to].stay_ms > 0)
		rt_env_arm(env, &link->timer, stay_us(link));
	else
		rt_env_stop(env, &link->timer);
}

static void arm_idle(struct rt_hci_link *link, uint64_t times)
{
	struct rt_hci *hci = link->hci;

	if (link->step == RT_HCI_LINK_STEP_OPEN && !rt_hci_link_is_used(link))
		rt_env_arm(hci->env, &link->idle,
			   times * RT_MS(rt_hci_policy_idle_ms(link)));
	else
		rt_env_stop(hci->env, &link->idle);
}

static void on_disconnect_status(struct rt_hci *hci, void *ctx,
				 const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	/* Any other failure is left to the timer: the link may yet go. */
	if (answer->status == RT_HCI_ERR_UNKNOWN_CONNECTION &&
	    link->step == RT_HCI_LINK_STEP_DISCONNECTING)
		rt_hci_link_close_code(link, RT_HCI_ERR_LOCAL_HOST);
}

static void send_disconnect(struct rt_hci_link *link, enum rt_hci_link_why why)
{
	const struct rt_hci_cmd_disconnect disconnect = {
		.handle = link->handle,
		.reason = link->reason,
	};

	rt_hci_link_enter(link, RT_HCI_LINK_STEP_DISCONNECTING, why);
	rt_hci_cmdq_send(link->hci, &rt_hci_cmd_disconnect_msg, &disconnect,
			 on_disconnect_status, link);
}

static void begin_disconnect(struct rt_hci_link *link, uint8_t reason,
			     enum rt_hci_link_why why)
{
	link->reason = reason;
	rt_env_stop(link->hci->env, &link->idle);
	if (rt_hci_acl_tx_is_idle(link))
		send_disconnect(link, why);
	else
		rt_hci_link_enter(link, RT_HCI_LINK_STEP_DRAINING, why);
}

void rt_hci_link_drained(struct rt_hci_link *link)
{
	if (link->step == RT_HCI_LINK_STEP_DRAINING)
		send_disconnect(link, RT_HCI_LINK_WHY_DRAINED);
}

static void on_idle(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, idle);

	/* Nobody uses it, but an authentication is going on. */
	if (rt_sec_link_is_busy(link)) {
		arm_idle(link, 1);
		return;
	}
	begin_disconnect(link, RT_HCI_ERR_REMOTE_USER, RT_HCI_LINK_WHY_IDLE);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, timer);

	switch ((enum rt_hci_link_step)link->step) {
	case RT_HCI_LINK_STEP_WAIT:
	case RT_HCI_LINK_STEP_PAGING:
	case RT_HCI_LINK_STEP_EXPECTING:
	case RT_HCI_LINK_STEP_CANCELLING:
	case RT_HCI_LINK_STEP_ACCEPTING:
		rt_hci_link_setup_timeout(link);
		return;
	case RT_HCI_LINK_STEP_DRAINING:
		send_disconnect(link, RT_HCI_LINK_WHY_TIMEOUT);
		return;
	case RT_HCI_LINK_STEP_DISCONNECTING:
		rt_hci_link_close_code(link, RT_HCI_ERR_CONNECTION_TIMEOUT);
		return;
	case RT_HCI_LINK_STEP_OPEN:
	case RT_HCI_LINK_STEP_CLOSED:
		return;
	}
}

struct rt_hci_link *rt_hci_link_new(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = rt_env_alloc(hci->env, sizeof(*link));

	if (!link)
		return NULL;
	link->hci = hci;
	link->addr = addr;
	link->handle = RT_HCI_HANDLE_NONE;
	link->step = RT_HCI_LINK_STEP_WAIT;
	link->since_us = hci->env->now_us;
	rt_timer_init(&link->timer, on_timer);
	rt_timer_init(&link->idle, on_idle);
	rt_hci_acl_rx_link_init(link);
	rt_hci_acl_tx_link_init(link);
	rt_sec_link_init(link);
	rt_hci_policy_init(link);
	rt_list_append(&hci->links, &link->node);
	hci->link_count++;
	rt_env_arm(hci->env, &link->timer, stay_us(link));
	return link;
}

static void free_link(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_hci_link, grave));
}

/* Takes the link out of everything that knows it. */
static void detach(struct rt_hci_link *link)
{
	struct rt_hci *hci = link->hci;

	rt_list_del(&link->node);
	hci->link_count--;
	rt_hci_engine_watch(hci);
	rt_env_stop(hci->env, &link->timer);
	rt_env_stop(hci->env, &link->idle);
	rt_hci_cmdq_forget(hci, link);
	rt_sec_link_fini(link);
	rt_hci_policy_fini(link);
	rt_hci_acl_rx_link_fini(link);
}

void rt_hci_link_opened(struct rt_hci_link *link, uint16_t handle,
			uint8_t encryption)
{
	struct rt_hci *hci = link->hci;

	link->handle = handle;
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_OPEN,
			  RT_HCI_LINK_WHY_COMPLETE);
	/* What is not sent yet of setting up is pointless now. */
	rt_hci_cmdq_unsend(hci, link);
	if (link->reason || hci->state != RT_HCI_STATE_UP) {
		begin_disconnect(link,
				 link->reason ? link->reason
					      : RT_HCI_ERR_REMOTE_USER,
				 RT_HCI_LINK_WHY_DISCONNECT);
		return;
	}
	rt_hci_engine_watch(hci);
	rt_hci_policy_opened(link);
	arm_idle(link, link->incoming ? RT_HCI_IDLE_INCOMING : 1);
	link->known = true;
	rt_sec_link_up(link, encryption);
	hci->link_ops->up(hci->link_user, link);
	rt_hci_acl_rx_replay_early(hci, handle);
}

void rt_hci_link_close(struct rt_hci_link *link, const struct rt_reason *why)
{
	struct rt_hci *hci = link->hci;
	struct rt_reason reason = *why;
	char str[RT_ADDR_STR_BYTES];

	reason.phase = (uint8_t)phase_of(link);
	reason.frame = hci->frame;
	reason.elapsed_us = hci->env->now_us - link->since_us;
	rt_log(hci->env, RT_LOG_INFO, "link %s closed: %s",
	       rt_addr_format(link->addr, str),
	       reason.layer == RT_LAYER_HCI
		       ? rt_hci_error_name((uint8_t)reason.code)
		       : "the transport has failed");
	detach(link);
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_CLOSED, RT_HCI_LINK_WHY_GONE);
	rt_env_bury(hci->env, &link->grave, free_link);
	rt_hci_acl_tx_link_close(link);
	rt_sec_link_down(link, &reason);
	if (link->known)
		hci->link_ops->down(hci->link_user, link, &reason);
}

void rt_hci_link_close_code(struct rt_hci_link *link, uint8_t code)
{
	struct rt_reason why = rt_hci_engine_reason(RT_PHASE_NONE, code);

	/* What was wanted to end has ended in order, what we can't keep not. */
	if (code == RT_HCI_ERR_LOCAL_HOST &&
	    link->step == RT_HCI_LINK_STEP_DISCONNECTING)
		why.err = link->reason == RT_HCI_ERR_REMOTE_LOW_RESOURCES
				  ? -ENOMEM
				  : 0;
	rt_hci_link_close(link, &why);
}

struct rt_hci_link *rt_hci_link_by_handle(struct rt_hci *hci, uint16_t handle)
{
	struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node) {
		if (link->handle == handle && handle != RT_HCI_HANDLE_NONE)
			return link;
	}
	return NULL;
}

struct rt_hci_link *rt_hci_link_by_addr(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node) {
		if (rt_addr_equal(link->addr, addr) &&
		    rt_hci_link_state(link) <= RT_HCI_LINK_OPEN)
			return link;
	}
	return NULL;
}

uint32_t rt_hci_link_count(const struct rt_hci *hci, enum rt_hci_link_step step)
{
	const struct rt_hci_link *link;
	uint32_t count = 0;

	RT_LIST_EACH (link, &hci->links, node) {
		if (link->step == step)
			count++;
	}
	return count;
}

void rt_hci_link_close_all(struct rt_hci *hci, const struct rt_reason *why)
{
	while (!rt_list_empty(&hci->links))
		rt_hci_link_close(RT_LIST_FIRST(&hci->links, struct rt_hci_link,
						node),
				  why);
}

void rt_hci_link_disconnect_all(struct rt_hci *hci)
{
	struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node)
		rt_hci_link_disconnect(link, RT_HCI_ERR_REMOTE_USER);
}

void rt_hci_link_free_all(struct rt_hci *hci)
{
	struct rt_hci_link *link;

	while (!rt_list_empty(&hci->links)) {
		link = RT_LIST_FIRST(&hci->links, struct rt_hci_link, node);
		detach(link);
		rt_hci_acl_tx_link_free(link);
		rt_env_free(hci->env, link);
	}
}

void rt_hci_link_on_disconnection(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_disconnection_complete *complete = evt;
	struct rt_hci_link *link = rt_hci_link_by_handle(hci, complete->handle);
	uint8_t code = complete->reason;

	if (!link) {
		hci->stats.events_unexpected++;
		return;
	}
	/* A Disconnect that has failed: the link is there, the timer runs. */
	if (complete->status != RT_HCI_ERR_SUCCESS)
		return;
	if (link->step == RT_HCI_LINK_STEP_DISCONNECTING)
		code = RT_HCI_ERR_LOCAL_HOST;
	else if (code == RT_HCI_ERR_SUCCESS)
		code = RT_HCI_ERR_UNSPECIFIED;
	rt_hci_link_close_code(link, code);
}

int rt_hci_link_connect(struct rt_hci *hci, struct rt_addr addr,
			struct rt_hci_link **ret_link)
{
	struct rt_hci_link *link;

	if (hci->state != RT_HCI_STATE_UP)
		return -ENETDOWN;
	if (rt_addr_is_zero(addr) || rt_addr_equal(addr, hci->info.addr))
		return -EINVAL;
	link = rt_hci_link_by_addr(hci, addr);
	if (link) {
		link->again = link->step == RT_HCI_LINK_STEP_CANCELLING;
		link->reason = 0;
		link->known = true;
		*ret_link = link;
		return 0;
	}
	if (hci->link_count >= hci->env->limits.links)
		return -EMLINK;
	link = rt_hci_link_new(hci, addr);
	if (!link)
		return -ENOMEM;
	link->known = true;
	*ret_link = link;
	return 0;
}

void rt_hci_link_cancel(struct rt_hci_link *link)
{
	rt_hci_link_give_up(link, 0, RT_HCI_LINK_WHY_GIVEN_UP);
}

void rt_hci_link_disconnect(struct rt_hci_link *link, uint8_t reason)
{
	switch ((enum rt_hci_link_step)link->step) {
	case RT_HCI_LINK_STEP_WAIT:
	case RT_HCI_LINK_STEP_PAGING:
	case RT_HCI_LINK_STEP_EXPECTING:
	case RT_HCI_LINK_STEP_CANCELLING:
	case RT_HCI_LINK_STEP_ACCEPTING:
		/* If it opens in spite of this, it is disconnected then. */
		link->reason = reason;
		rt_hci_link_give_up(link, 0, RT_HCI_LINK_WHY_DISCONNECT);
		return;
	case RT_HCI_LINK_STEP_OPEN:
		begin_disconnect(link, reason, RT_HCI_LINK_WHY_DISCONNECT);
		return;
	case RT_HCI_LINK_STEP_DRAINING:
	case RT_HCI_LINK_STEP_DISCONNECTING:
	case RT_HCI_LINK_STEP_CLOSED:
		return;
	}
}

void rt_hci_link_set_used(struct rt_hci_link *link, bool used)
{
	if (link->used == used)
		return;
	link->used = used;
	arm_idle(link, 1);
}

void rt_hci_link_set_idle(struct rt_hci_link *link, uint32_t idle_ms)
{
	link->policy.idle_ms = idle_ms;
	arm_idle(link, 1);
}

struct rt_hci_link *rt_hci_link_find(struct rt_hci *hci, struct rt_addr addr)
{
	return rt_hci_link_by_addr(hci, addr);
}

const struct rt_hci_link *rt_hci_link_next(const struct rt_hci *hci,
					   const struct rt_hci_link *link)
{
	const struct rt_list *it = link ? link->node.next : hci->links.next;
	const struct rt_hci_link *next;

	for (; it != &hci->links; it = it->next) {
		next = RT_CONTAINER_OF(it, const struct rt_hci_link, node);
		if (next->step == RT_HCI_LINK_STEP_OPEN)
			return next;
	}
	return NULL;
}

void rt_hci_link_hold(struct rt_hci_link *link)
{
	link->holds++;
	arm_idle(link, 1);
}

void rt_hci_link_unhold(struct rt_hci_link *link)
{
	assert(link->holds > 0);
	link->holds--;
	arm_idle(link, 1);
}

bool rt_hci_link_is_used(const struct rt_hci_link *link)
{
	return link->used || link->holds > 0;
}

void rt_hci_link_set_flush(struct rt_hci_link *link, uint32_t flush_timeout_ms)
{
	const uint64_t slots =
		RT_MS((uint64_t)flush_timeout_ms) / RT_HCI_SLOT_US;
	const struct rt_hci_cmd_write_automatic_flush_timeout timeout = {
		.handle = link->handle,
		.slots = (uint16_t)RT_MIN(slots, FLUSH_SLOTS_MAX),
	};

	if (link->step != RT_HCI_LINK_STEP_OPEN ||
	    timeout.slots == link->flush_slots ||
	    !rt_hci_engine_has_feature(link->hci, RT_HCI_FEATURE_NON_FLUSHABLE))
		return;
	link->flush_slots = timeout.slots;
	rt_hci_cmdq_send(link->hci,
			 &rt_hci_cmd_write_automatic_flush_timeout_msg,
			 &timeout, NULL, link);
}

enum rt_hci_link_state rt_hci_link_state(const struct rt_hci_link *link)
{
	switch ((enum rt_hci_link_step)link->step) {
	case RT_HCI_LINK_STEP_WAIT:
	case RT_HCI_LINK_STEP_PAGING:
	case RT_HCI_LINK_STEP_EXPECTING:
	case RT_HCI_LINK_STEP_CANCELLING:
	case RT_HCI_LINK_STEP_ACCEPTING:
		return RT_HCI_LINK_CONNECTING;
	case RT_HCI_LINK_STEP_OPEN:
		return RT_HCI_LINK_OPEN;
	case RT_HCI_LINK_STEP_DRAINING:
	case RT_HCI_LINK_STEP_DISCONNECTING:
		return RT_HCI_LINK_DISCONNECTING;
	case RT_HCI_LINK_STEP_CLOSED:
		break;
	}
	return RT_HCI_LINK_CLOSED;
}

struct rt_addr rt_hci_link_addr(const struct rt_hci_link *link)
{
	return link->addr;
}

uint16_t rt_hci_link_handle(const struct rt_hci_link *link)
{
	return link->handle;
}

bool rt_hci_link_is_incoming(const struct rt_hci_link *link)
{
	return link->incoming;
}

uint32_t rt_hci_link_class(const struct rt_hci_link *link)
{
	return link->class_of_device;
}

void rt_hci_link_set_user(struct rt_hci_link *link, void *user)
{
	link->user = user;
}

void *rt_hci_link_user(const struct rt_hci_link *link)
{
	return link->user;
}
