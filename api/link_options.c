/* SPDX-License-Identifier: MIT */
#include "api/link_options.h"

#include <errno.h>

#include <rawtooth/socket.h>

#include "api/error.h"
#include "api/host.h"
#include "api/server.h"
#include "hci/hci.h"

/* Milliseconds in slots of 0.625 ms. */
static uint16_t slots(uint32_t ms)
{
	return (uint16_t)(ms * 8 / 5);
}

static enum rt_hci_sniff sniff_of(uint32_t value)
{
	switch ((enum rt_sniff)value) {
	case RT_SNIFF_LEAVE:
		return RT_HCI_SNIFF_LEAVE;
	case RT_SNIFF_NEVER:
		return RT_HCI_SNIFF_NEVER;
	case RT_SNIFF_ALLOW:
		return RT_HCI_SNIFF_ALLOW;
	case RT_SNIFF_PREFER:
		return RT_HCI_SNIFF_PREFER;
	}
	return RT_HCI_SNIFF_LEAVE;
}

void rt_api_link_options_apply(struct rt_host *host, struct rt_addr addr,
			       const struct rt_api_options *options)
{
	struct rt_hci_link *link = rt_hci_link_find(host->hci, addr);

	if (!link)
		return;
	if (options->supervision_ms > 0)
		rt_hci_link_set_supervision(link,
					    slots(options->supervision_ms));
	if (options->sniff != RT_SNIFF_LEAVE)
		rt_hci_link_set_sniff(link, sniff_of(options->sniff));
	if (options->role == RT_ROLE_CENTRAL)
		rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	else if (options->role == RT_ROLE_PERIPHERAL)
		rt_hci_link_switch_role(link, RT_HCI_ROLE_PERIPHERAL);
	if (options->idle_hold_ms > 0)
		rt_hci_link_set_idle(link, options->idle_hold_ms);
}

void rt_api_link_options_listen(struct rt_host *host)
{
	enum rt_hci_role role = RT_HCI_ROLE_LEAVE;
	const struct rt_server *server;

	RT_LIST_EACH (server, &host->servers, node) {
		if (server->listening &&
		    server->options.role == RT_ROLE_CENTRAL)
			role = RT_HCI_ROLE_CENTRAL;
	}
	rt_hci_set_accept_role(host->hci, role);
}

size_t rt_host_connected(const struct rt_host *host, struct rt_addr *ret_addrs,
			 size_t cap)
{
	const struct rt_hci_link *link = NULL;
	size_t count = 0;

	while ((link = rt_hci_link_next(host->hci, link))) {
		if (count < cap)
			ret_addrs[count] = rt_hci_link_addr(link);
		count++;
	}
	return count;
}

int rt_host_link_info(const struct rt_host *host, struct rt_addr addr,
		      struct rt_link_info *ret_info)
{
	const struct rt_hci_link *link = rt_hci_link_find(host->hci, addr);
	struct rt_link_info info = { .size = sizeof(info) };

	if (!link || rt_hci_link_state(link) != RT_HCI_LINK_OPEN)
		return -ENOTCONN;
	info.addr = addr;
	info.handle = rt_hci_link_handle(link);
	info.incoming = rt_hci_link_is_incoming(link);
	info.role = rt_hci_link_role(link) == RT_HCI_ROLE_CENTRAL
			    ? RT_ROLE_CENTRAL
			    : RT_ROLE_PERIPHERAL;
	info.class_of_device = rt_hci_link_class(link);
	rt_api_copy_out(ret_info, &info, sizeof(info));
	return 0;
}
