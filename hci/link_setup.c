/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/gap/found.h"
#include "hci/link.h"

/*
 * How links begin: Create Connection and its cancellation (Core Vol 4 Part E
 * 7.1.5, 7.1.7), and Connection Request with its answers (7.1.8, 7.1.9,
 * 7.1.28). The controller pages for one peer at a time.
 */

/* ACL packet types (7.1.5); those of Enhanced Data Rate are on if 0. */
#define PACKETS_1_SLOT 0x0018 /* DM1, DH1 */
#define PACKETS_3_SLOT 0x0c00 /* DM3, DH3 */
#define PACKETS_5_SLOT 0xc000 /* DM5, DH5 */

#define ROLE_CENTRAL 0x00
#define ROLE_PERIPHERAL 0x01

static bool pages(const struct rt_hci_link *link)
{
	switch ((enum rt_hci_link_step)link->step) {
	case RT_HCI_LINK_STEP_PAGING:
	case RT_HCI_LINK_STEP_CANCELLING:
		return true;
	case RT_HCI_LINK_STEP_ACCEPTING:
		return link->create_pending;
	case RT_HCI_LINK_STEP_WAIT:
	case RT_HCI_LINK_STEP_EXPECTING:
	case RT_HCI_LINK_STEP_OPEN:
	case RT_HCI_LINK_STEP_DRAINING:
	case RT_HCI_LINK_STEP_DISCONNECTING:
	case RT_HCI_LINK_STEP_CLOSED:
		break;
	}
	return false;
}

bool rt_hci_link_is_paging(const struct rt_hci *hci)
{
	const struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node) {
		if (pages(link))
			return true;
	}
	return false;
}

static bool is_accepting(const struct rt_hci *hci)
{
	return rt_hci_link_count(hci, RT_HCI_LINK_STEP_ACCEPTING) > 0;
}

/* Something else is on the air that a controller may find excludes a page. */
static bool is_occupied(const struct rt_hci *hci)
{
	return rt_gap_inquiry_is_running(hci) || is_accepting(hci);
}

/* The controller does not page, or not successfully. */
static void page_failed(struct rt_hci_link *link, uint8_t status)
{
	struct rt_hci *hci = link->hci;

	if (status == RT_HCI_ERR_COMMAND_DISALLOWED && is_occupied(hci) &&
	    !hci->exclusive) {
		hci->exclusive = true;
		rt_hci_link_enter(link, RT_HCI_LINK_STEP_WAIT,
				  RT_HCI_LINK_WHY_BUSY);
	} else if (status == RT_HCI_ERR_ALREADY_EXISTS) {
		rt_hci_link_enter(link, RT_HCI_LINK_STEP_EXPECTING,
				  RT_HCI_LINK_WHY_EXISTS);
	} else {
		rt_hci_link_close_code(link, status);
	}
}

/* A page that was given up is over. */
static void cancelled(struct rt_hci_link *link, uint8_t status)
{
	if (!link->again) {
		rt_hci_link_close_code(link,
				       link->verdict ? link->verdict : status);
		return;
	}
	link->again = false;
	link->verdict = 0;
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_WAIT, RT_HCI_LINK_WHY_AGAIN);
}

static void create_failed(struct rt_hci_link *link, uint8_t status)
{
	if (link->step == RT_HCI_LINK_STEP_PAGING)
		page_failed(link, status);
	else if (link->step == RT_HCI_LINK_STEP_CANCELLING)
		cancelled(link, status);
}

static void on_create_status(struct rt_hci *hci, void *ctx,
			     const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status == RT_HCI_ERR_SUCCESS)
		return;
	link->create_pending = false;
	create_failed(link, answer->status);
}

static uint16_t packet_types(const struct rt_hci *hci)
{
	int types = PACKETS_1_SLOT;

	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_3_SLOT))
		types |= PACKETS_3_SLOT;
	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_5_SLOT))
		types |= PACKETS_5_SLOT;
	return (uint16_t)types;
}

static void page(struct rt_hci_link *link)
{
	struct rt_hci *hci = link->hci;
	struct rt_hci_cmd_create_connection create = {
		.addr = link->addr,
		.packet_type = packet_types(hci),
		.allow_role_switch = rt_hci_policy_allows_switch(link),
	};

	rt_gap_found_page_hints(hci, link->addr, &create.page_scan_repetition,
				&create.clock_offset);
	link->create_pending = true;
	rt_hci_policy_begins(link, RT_HCI_ROLE_CENTRAL);
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_PAGING, RT_HCI_LINK_WHY_TURN);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_create_connection_msg, &create,
			 on_create_status, link);
}

/* An earlier link to the same peer that is still closing, or NULL. */
static struct rt_hci_link *predecessor(const struct rt_hci_link *link)
{
	struct rt_hci_link *other;

	RT_LIST_EACH (other, &link->hci->links, node) {
		if (other != link && rt_addr_equal(other->addr, link->addr))
			return other;
	}
	return NULL;
}

static struct rt_hci_link *next_to_page(struct rt_hci *hci)
{
	struct rt_hci_link *link;

	RT_LIST_EACH (link, &hci->links, node) {
		if (link->step == RT_HCI_LINK_STEP_WAIT && !predecessor(link))
			return link;
	}
	return NULL;
}

void rt_hci_link_poll(struct rt_hci *hci)
{
	struct rt_hci_link *link = next_to_page(hci);

	if (!link || rt_hci_link_is_paging(hci) || rt_gap_name_is_busy(hci))
		return;
	if (!hci->exclusive || !is_occupied(hci))
		page(link);
	else if (!is_accepting(hci))
		rt_gap_inquiry_interrupt(hci);
}

void rt_hci_link_give_up(struct rt_hci_link *link, uint8_t verdict,
			 enum rt_hci_link_why why)
{
	struct rt_hci *hci = link->hci;
	const struct rt_hci_cmd_create_connection_cancel cancel = {
		.addr = link->addr,
	};

	link->again = false;
	if (link->step != RT_HCI_LINK_STEP_WAIT &&
	    link->step != RT_HCI_LINK_STEP_PAGING &&
	    link->step != RT_HCI_LINK_STEP_EXPECTING)
		return;
	link->verdict = verdict;
	if (rt_hci_cmdq_unsend(hci, link))
		link->create_pending = false;
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_CANCELLING, why);
	if (link->create_pending)
		rt_hci_cmdq_send(hci, &rt_hci_cmd_create_connection_cancel_msg,
				 &cancel, NULL, link);
	else
		rt_env_arm(hci->env, &link->timer, 0);
}

void rt_hci_link_setup_timeout(struct rt_hci_link *link)
{
	if (link->step == RT_HCI_LINK_STEP_PAGING)
		rt_hci_link_give_up(link, RT_HCI_ERR_ACCEPT_TIMEOUT,
				    RT_HCI_LINK_WHY_TIMEOUT);
	else if (link->step == RT_HCI_LINK_STEP_EXPECTING)
		rt_hci_link_close_code(link, RT_HCI_ERR_ALREADY_EXISTS);
	else if (link->step == RT_HCI_LINK_STEP_CANCELLING)
		cancelled(link, RT_HCI_ERR_UNKNOWN_CONNECTION);
	else
		rt_hci_link_close_code(link, RT_HCI_ERR_ACCEPT_TIMEOUT);
}

static void reject(struct rt_hci *hci,
		   const struct rt_hci_evt_connection_request *request,
		   uint8_t reason)
{
	const struct rt_hci_cmd_reject_connection_request acl = {
		.addr = request->addr,
		.reason = reason,
	};
	const struct rt_hci_cmd_reject_synchronous_connection_request esco = {
		.addr = request->addr,
		.reason = reason,
	};
	char str[RT_ADDR_STR_BYTES];

	rt_log(hci->env, RT_LOG_INFO, "connection request of %s rejected: %s",
	       rt_addr_format(request->addr, str), rt_hci_error_name(reason));
	if (request->link_type == RT_HCI_LINK_TYPE_ESCO)
		rt_hci_cmdq_reply(
			hci,
			&rt_hci_cmd_reject_synchronous_connection_request_msg,
			&esco);
	else
		rt_hci_cmdq_reply(
			hci, &rt_hci_cmd_reject_connection_request_msg, &acl);
}

static void on_accept_status(struct rt_hci *hci, void *ctx,
			     const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status == RT_HCI_ERR_SUCCESS ||
	    link->step != RT_HCI_LINK_STEP_ACCEPTING)
		return;
	/* Our own page for the same peer may still be answered. */
	rt_hci_policy_begins(link, RT_HCI_ROLE_CENTRAL);
	if (link->create_pending)
		rt_hci_link_enter(link, RT_HCI_LINK_STEP_PAGING,
				  RT_HCI_LINK_WHY_NOT_ACCEPTED);
	else
		rt_hci_link_close_code(link, answer->status);
}

static void accept(struct rt_hci_link *link,
		   const struct rt_hci_evt_connection_request *request)
{
	struct rt_hci *hci = link->hci;
	const struct rt_hci_cmd_accept_connection_request yes = {
		.addr = link->addr,
		.role = rt_hci_policy_accepts_as_central(link)
				? ROLE_CENTRAL
				: ROLE_PERIPHERAL,
	};

	if (rt_hci_cmdq_unsend(hci, link) &&
	    link->step == RT_HCI_LINK_STEP_PAGING)
		link->create_pending = false;
	link->class_of_device = request->class_of_device;
	rt_hci_policy_begins(link, RT_HCI_ROLE_PERIPHERAL);
	rt_hci_link_enter(link, RT_HCI_LINK_STEP_ACCEPTING,
			  RT_HCI_LINK_WHY_REQUEST);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_accept_connection_request_msg, &yes,
			 on_accept_status, link);
}

/* Links that peers are setting up: those that we page for do not count. */
static uint32_t incoming_setups(const struct rt_hci *hci)
{
	const struct rt_hci_link *link;
	uint32_t count = 0;

	RT_LIST_EACH (link, &hci->links, node) {
		if (link->incoming && link->step == RT_HCI_LINK_STEP_ACCEPTING)
			count++;
	}
	return count;
}

static void accept_new(struct rt_hci *hci,
		       const struct rt_hci_evt_connection_request *request)
{
	const struct rt_limits *limits = &hci->env->limits;
	struct rt_hci_link *link = NULL;

	if (hci->link_count < limits->links &&
	    incoming_setups(hci) < limits->links_setup)
		link = rt_hci_link_new(hci, request->addr);
	if (!link) {
		reject(hci, request, RT_HCI_ERR_LIMITED_RESOURCES);
		return;
	}
	link->incoming = true;
	accept(link, request);
}

void rt_hci_link_on_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_connection_request *request = evt;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, request->addr);

	if (hci->state != RT_HCI_STATE_UP ||
	    request->link_type != RT_HCI_LINK_TYPE_ACL) {
		reject(hci, request, RT_HCI_ERR_LIMITED_RESOURCES);
		return;
	}
	if (rt_addr_is_zero(request->addr) ||
	    rt_addr_equal(request->addr, hci->info.addr)) {
		reject(hci, request, RT_HCI_ERR_UNACCEPTABLE_ADDR);
		return;
	}
	if (!link)
		accept_new(hci, request);
	else if (link->step == RT_HCI_LINK_STEP_OPEN ||
		 link->step == RT_HCI_LINK_STEP_ACCEPTING)
		reject(hci, request, RT_HCI_ERR_LIMITED_RESOURCES);
	else
		accept(link, request);
}

/* A link that nobody wants any more has come up: it goes at once. */
static void disconnect_stray(struct rt_hci *hci, uint16_t handle)
{
	const struct rt_hci_cmd_disconnect disconnect = {
		.handle = handle,
		.reason = RT_HCI_ERR_REMOTE_USER,
	};

	hci->stats.events_unexpected++;
	if (!rt_hci_link_by_handle(hci, handle))
		rt_hci_cmdq_reply(hci, &rt_hci_cmd_disconnect_msg, &disconnect);
}

static void setup_failed(struct rt_hci_link *link, uint8_t status)
{
	/*
	 * Two Connection Completes are due where both sides have paged. The
	 * first failure says nothing of the other.
	 */
	const bool crossed = link->step == RT_HCI_LINK_STEP_ACCEPTING &&
			     link->create_pending;

	link->create_pending = false;
	if (crossed)
		return;
	if (link->step == RT_HCI_LINK_STEP_ACCEPTING)
		rt_hci_link_close_code(link, status);
	else
		create_failed(link, status);
}

/*
 * Whether a Connection Complete is about the link. One that is not under way
 * can come up as well: by a page that was given up too early, or by the peer.
 */
static bool is_meant(const struct rt_hci_link *link, bool good)
{
	return link && (link->step == RT_HCI_LINK_STEP_PAGING ||
			link->step == RT_HCI_LINK_STEP_CANCELLING ||
			link->step == RT_HCI_LINK_STEP_ACCEPTING ||
			(good && link->step != RT_HCI_LINK_STEP_OPEN));
}

/*
 * There is never more than one link to a device: where another one is up, the
 * end of the old one was lost. Nobody shall take the one for the other.
 */
static void end_predecessors(const struct rt_hci_link *link)
{
	struct rt_hci_link *old;

	/* Whoever hears of one may end everything. */
	while (link->step != RT_HCI_LINK_STEP_CLOSED &&
	       (old = predecessor(link)))
		rt_hci_link_close_code(
			old, old->step == RT_HCI_LINK_STEP_DISCONNECTING
				     ? RT_HCI_ERR_LOCAL_HOST
				     : RT_HCI_ERR_UNSPECIFIED);
}

void rt_hci_link_on_complete(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_connection_complete *complete = evt;
	const bool good = complete->status == RT_HCI_ERR_SUCCESS;
	struct rt_hci_link *link = rt_hci_link_by_addr(hci, complete->addr);

	if (good && complete->handle > RT_HCI_HANDLE_MAX) {
		hci->stats.events_malformed++;
		return;
	}
	if (complete->link_type != RT_HCI_LINK_TYPE_ACL ||
	    !is_meant(link, good)) {
		if (good)
			disconnect_stray(hci, complete->handle);
		else
			hci->stats.events_unexpected++;
		return;
	}
	if (!good) {
		setup_failed(link, complete->status);
		return;
	}
	if (rt_hci_link_by_handle(hci, complete->handle)) {
		hci->stats.events_unexpected++;
		return;
	}
	end_predecessors(link);
	if (link->step != RT_HCI_LINK_STEP_CLOSED)
		rt_hci_link_opened(link, complete->handle,
				   complete->encryption);
}
