/* SPDX-License-Identifier: MIT */
#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security/link.h"

/*
 * What the peer can (Core Vol 4 Part E 7.1.21, 7.1.22, 7.7.11, 7.7.34): whether
 * its host does Secure Simple Pairing and Secure Connections stands in page 1,
 * for both sides to know (Vol 2 Part C 3.3).
 */

#define HOST_SSP 0x01		     /* page 1, octet 0 */
#define HOST_SECURE_CONNECTIONS 0x08 /* likewise */

static bool has(const uint8_t *page, enum rt_hci_feature feature)
{
	return page[feature / 8] & 1U << feature % 8;
}

/* In tail position. */
static void finish(struct rt_hci_link *link, bool ssp, bool secure_connections)
{
	const struct rt_sec *ours = &link->hci->sec;
	struct rt_sec_facts facts;

	link->sec.facts.features_known = true;
	link->sec.facts.ssp = ssp && ours->ssp;
	facts = rt_sec_link_facts(link);
	/* It was bonded with more: somebody else, or in between (BIAS). */
	if (facts.stored_sc && ours->secure_connections && !secure_connections)
		rt_sec_link_drop(link, RT_SEC_CODE_DOWNGRADE);
	rt_sec_link_step_over(link);
}

/*
 * It can't be told. A peer that does not answer is not believed to be older
 * than Secure Simple Pairing: that would open plain links to it.
 */
static void assume(struct rt_hci_link *link)
{
	finish(link, true, true);
}

static bool is_reading(const struct rt_hci_link *link)
{
	return link->sec.step == RT_SEC_STEP_FEATURES ||
	       link->sec.step == RT_SEC_STEP_EXTENDED;
}

static void on_status(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	struct rt_hci_link *link = ctx;

	(void)hci;
	if (answer->status != RT_HCI_ERR_SUCCESS && is_reading(link))
		assume(link);
}

void rt_sec_link_features_timeout(struct rt_hci_link *link)
{
	assume(link);
}

void rt_sec_link_read_features(struct rt_hci_link *link)
{
	const struct rt_hci_cmd_read_remote_supported_features read = {
		.handle = link->handle,
	};

	rt_sec_link_enter(link, RT_SEC_STEP_FEATURES);
	rt_hci_cmdq_send(link->hci,
			 &rt_hci_cmd_read_remote_supported_features_msg, &read,
			 on_status, link);
}

void rt_sec_link_on_features(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_read_remote_supported_features_complete
		*complete = evt;
	struct rt_hci_link *link = rt_sec_link_of(hci, complete->handle);
	const uint8_t *page = complete->features.b;
	struct rt_hci_cmd_read_remote_extended_features read = { .page = 1 };

	if (!link)
		return;
	if (link->sec.step != RT_SEC_STEP_FEATURES) {
		hci->stats.events_unexpected++;
		return;
	}
	if (complete->status != RT_HCI_ERR_SUCCESS) {
		assume(link);
		return;
	}
	link->sec.refreshes = has(page, RT_HCI_FEATURE_PAUSE_ENCRYPTION);
	if (!has(page, RT_HCI_FEATURE_SSP)) {
		finish(link, false, false);
		return;
	}
	if (!has(page, RT_HCI_FEATURE_EXTENDED)) {
		assume(link);
		return;
	}
	read.handle = link->handle;
	rt_sec_link_enter(link, RT_SEC_STEP_EXTENDED);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_read_remote_extended_features_msg,
			 &read, on_status, link);
}

void rt_sec_link_on_extended_features(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_read_remote_extended_features_complete
		*complete = evt;
	struct rt_hci_link *link = rt_sec_link_of(hci, complete->handle);
	const uint8_t host = complete->features.b[0];

	if (!link)
		return;
	if (link->sec.step != RT_SEC_STEP_EXTENDED) {
		hci->stats.events_unexpected++;
		return;
	}
	if (complete->status != RT_HCI_ERR_SUCCESS || complete->page != 1)
		assume(link);
	else
		finish(link, host & HOST_SSP, host & HOST_SECURE_CONNECTIONS);
}
