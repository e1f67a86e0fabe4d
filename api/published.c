/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "api/host.h"
#include "hci/gap.h"
#include "l2cap/sdp.h"

/*
 * What the controller tells by itself of us: services, in the extended inquiry
 * response and in the class of device; and the rest of that.
 */

#define CLASS_MAX 0xffffff
#define CLASSES_MAX 256 /* that are counted; the EIR has room for 119 */

void rt_api_host_services_changed(struct rt_host *host)
{
	struct rt_uuid uuids[CLASSES_MAX];

	rt_gap_set_services(host->hci, uuids,
			    rt_sdp_classes(host->sdp, uuids, CLASSES_MAX));
	rt_api_host_touch(host);
}

int rt_host_set_class_of_device(struct rt_host *host, uint32_t class_of_device)
{
	if (class_of_device > CLASS_MAX)
		return -EINVAL;
	rt_api_host_enter(host);
	rt_hci_set_class(host->hci,
			 class_of_device & ~(uint32_t)RT_GAP_CLASS_LIMITED);
	rt_api_host_touch(host);
	return 0;
}

uint32_t rt_host_class_of_device(const struct rt_host *host)
{
	return rt_gap_class_of_device(host->hci);
}
