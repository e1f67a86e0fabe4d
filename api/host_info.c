/* SPDX-License-Identifier: MIT */
#include "api/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/error.h"
#include "hci/hci.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

/* What can be asked of a host, and set. */

enum rt_host_state rt_host_state(const struct rt_host *host)
{
	return host->state;
}

void rt_host_error_info(const struct rt_host *host,
			struct rt_error_info *ret_info)
{
	struct rt_error_info info;

	rt_api_error_describe(&host->why, NULL, &info);
	rt_api_copy_out(ret_info, &info, sizeof(info));
}

/* Assigned Numbers 2.1: Host Controller Interface version. */
static const char *version_name(uint8_t version)
{
	static const char *const names[] = {
		"1.0b", "1.1", "1.2", "2.0", "2.1", "3.0", "4.0", "4.1",
		"4.2",	"5.0", "5.1", "5.2", "5.3", "5.4", "6.0",
	};

	return version < RT_ARRAY_SIZE(names) ? names[version] : "";
}

void rt_host_controller_info(const struct rt_host *host,
			     struct rt_controller_info *ret_info)
{
	struct rt_controller_info info = {
		.size = sizeof(info),
		.hci_version_name = "",
	};
	const struct rt_hci_info *hci;

	snprintf(info.transport, sizeof(info.transport), "%s", host->transport);
	if (rt_api_host_is_up(host)) {
		hci = rt_hci_get_info(host->hci);
		info.addr = hci->addr;
		info.hci_version = hci->hci_version;
		info.hci_version_name = version_name(hci->hci_version);
		info.hci_revision = hci->hci_revision;
		info.lmp_version = hci->lmp_version;
		info.lmp_subversion = hci->lmp_subversion;
		info.manufacturer = hci->manufacturer;
		memcpy(info.features, hci->features[0], sizeof(info.features));
		info.acl_bytes = hci->acl_bytes;
		info.acl_packets = hci->acl_packets;
		info.host_flow_control = hci->host_flow_control;
	}
	rt_api_copy_out(ret_info, &info, sizeof(info));
}

const char *rt_host_name(const struct rt_host *host)
{
	return host->name;
}

int rt_host_set_name(struct rt_host *host, const char *name)
{
	int err;

	if (!name || strlen(name) > RT_API_NAME_BYTES)
		return -EINVAL;
	rt_api_host_enter(host);
	err = rt_hci_set_name(host->hci, name);
	if (err < 0)
		return err;
	snprintf(host->name, sizeof(host->name), "%s", name);
	rt_api_host_touch(host);
	return 0;
}

void rt_host_get_stats(const struct rt_host *host,
		       struct rt_host_stats *ret_stats)
{
	const struct rt_hci_stats *hci = rt_hci_get_stats(host->hci);
	const struct rt_l2cap_stats *l2cap = rt_l2cap_get_stats(host->l2cap);
	const struct rt_rfcomm_stats *rfcomm =
		rt_rfcomm_get_stats(host->rfcomm);
	const struct rt_host_stats stats = {
		.size = sizeof(stats),
		.acl_tx_packets = hci->acl_tx_packets,
		.acl_tx_bytes = hci->acl_tx_bytes,
		.acl_rx_packets = hci->acl_rx_packets,
		.acl_rx_bytes = hci->acl_rx_bytes,
		.resets = hci->resets,
		.malformed = hci->events_malformed + hci->acl_malformed +
			     l2cap->sig_malformed + rfcomm->frames_malformed +
			     rfcomm->frames_bad_fcs + rfcomm->mcc_malformed,
		.capture_failed = host->capture_failed,
		.memory_bytes = sizeof(*host) + host->env.live_bytes,
	};

	rt_api_copy_out(ret_stats, &stats, sizeof(stats));
}
