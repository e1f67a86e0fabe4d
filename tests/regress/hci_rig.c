/* SPDX-License-Identifier: MIT */
#include "tests/regress/hci_rig.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/link.h"

#define PEER 0x77
#define HANDLE 0x077
#define CHANNEL 5
#define PDU_BYTES 60
#define CONTINUING 0x1000
#define FIRST_FLUSHABLE 0x2000
#define NON_FLUSHABLE 0x40 /* in octet 6 of the features */
#define SECONDS_MAX 30	   /* for the engine to be up again */

unsigned int hci_told;
struct rt_gap_device hci_device;
size_t hci_uuids;
size_t hci_name_bytes;

static const struct rt_hci_options default_options = { .name = "rig" };

void hci_fresh(const struct rt_hci_options *options)
{
	rt_hci_free(rig.hci);
	rt_env_reap(rig.env);
	fake_env_assert_idle(&rig.fake);
	rig.hci = NULL;
	rig.ups = 0;
	rig.downs = 0;
	rig.finals = 0;
	memset(&rig.why, 0, sizeof(rig.why));
	memset(rig.links, 0, sizeof(rig.links));
	rig.link_count = 0;
	rig.rx_count = 0;
	rig.tx_first = 0;
	rig.tx_count = 0;
	rig.completed_count = 0;
	hci_told = 0;
	rig_renew(options ? options : &default_options);
}

void hci_recover(void)
{
	for (int i = 0; i < SECONDS_MAX && !rt_hci_is_up(rig.hci); i++) {
		rig_answer_all();
		rig_pass_us(RT_SECONDS(1));
	}
	ck_assert(rt_hci_is_up(rig.hci));
	rig_answer_all();
	rig_expect_none();
}

static void on_result(void *user, const struct rt_gap_device *device)
{
	struct rt_uuid uuids[RT_GAP_EIR_UUIDS_MAX];
	bool complete;

	(void)user;
	hci_told++;
	if (memchr(device->name, '\0', sizeof(device->name)) == NULL ||
	    device->eir_bytes > sizeof(device->eir))
		ck_abort_msg("more than there is");
	hci_uuids = rt_gap_eir_uuids(rt_bytes(device->eir, device->eir_bytes),
				     uuids, &complete);
	if (hci_uuids > RT_GAP_EIR_UUIDS_MAX)
		ck_abort_msg("%zu UUIDs", hci_uuids);
	hci_device = *device;
}

static void on_inquired(void *user, const struct rt_reason *why)
{
	(void)user;
	(void)why;
	hci_told++;
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	(void)user;
	hci_told++;
	hci_name_bytes = name ? strlen(name) : 0;
	if (!name == (why->err == 0) || hci_name_bytes > RT_GAP_NAME_BYTES)
		ck_abort_msg("no name and no reason");
}

void hci_inquire(void)
{
	static const struct rt_gap_inquiry_ops ops = { on_result, on_inquired };

	ck_assert_int_eq(
		rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8, &ops, NULL), 0);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
}

void hci_ask_name(void)
{
	static const struct rt_gap_name_ops ops = { on_name };
	rt_handle handle;

	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(9), &ops, NULL,
					     &handle),
			 0);
	rig_expect_command(0x0419);
	rig_status(0x0419, 0);
}

void hci_forget_links(void)
{
	size_t kept = 0;

	rig_reap();
	for (size_t i = 0; i < rig.link_count; i++) {
		if (rig.links[i].link)
			rig.links[kept++] = rig.links[i];
	}
	memset(rig.links + kept, 0,
	       (rig.link_count - kept) * sizeof(rig.links[0]));
	rig.link_count = kept;
}

/* A PDU of ours goes out in pieces as large as the controller takes them. */
static void expect_pdu(size_t bytes)
{
	const struct rt_hci_info *info = rt_hci_get_info(rig.hci);
	const bool knows_00 = info->features[0][6] & NON_FLUSHABLE;
	const int first = knows_00 ? 0 : FIRST_FLUSHABLE;
	const size_t piece = info->acl_bytes;
	size_t at = 0;

	while (at < bytes) {
		rig_expect_acl((uint16_t)(HANDLE |
					  (at > 0 ? CONTINUING : first)),
			       at, RT_MIN(piece, bytes - at));
		rig_completed(HANDLE, 1);
		at += RT_MIN(piece, bytes - at);
	}
}

void hci_expect_works(void)
{
	const size_t received = rig.rx_count;
	struct rt_hci_link *link;

	ck_assert(rt_hci_is_up(rig.hci));
	rig_expect_none();
	hci_forget_links();
	rig.tx_first = 0;
	rig.tx_count = 0;
	rig.completed_count = 0;
	link = rig_connect(PEER, HANDLE);
	rig_send(link, CHANNEL, PDU_BYTES);
	expect_pdu(PDU_BYTES);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(rig.completed[0].written);
	rig_inject("02 %02x%02x 0700 03004000 616263", HANDLE, 0x20);
	ck_assert_uint_eq(rig.rx_count, received + 1);
	rig_disconnection_complete(HANDLE, 0x13);
	ck_assert_uint_eq(rig.links[rig.link_count - 1].downs, 1);
	hci_forget_links();
	rig_expect_none();
	rig.completed_count = 0;
}

void hci_print_take(struct hci_print *ret_print)
{
	struct rt_hci_link *link = rt_hci_link_by_handle(rig.hci, 1);

	memset(ret_print, 0, sizeof(*ret_print));
	ret_print->stats = *rig_stats();
	ret_print->stats.events_malformed = 0;
	ret_print->ups = rig.ups;
	ret_print->downs = rig.downs;
	ret_print->finals = rig.finals;
	ret_print->told = hci_told;
	ret_print->links = rig.hci->link_count;
	ret_print->completed = rig.completed_count;
	ret_print->live_bytes = rig.env->live_bytes;
	ret_print->commands_free = rig.hci->cmdq.free_count;
	ret_print->credits = rig.hci->cmdq.credits;
	if (!rt_timers_next(&rig.env->timers, &ret_print->due_us))
		ret_print->due_us = UINT64_MAX;
	ret_print->state = rig.hci->state;
	if (!link)
		return;
	ret_print->step = link->step;
	ret_print->role = link->policy.role;
	ret_print->mode = link->policy.mode;
	ret_print->encryption = link->sec.facts.encryption;
	ret_print->key_bytes = link->sec.facts.key_bytes;
	ret_print->pairing = link->sec.pairing.active;
}

bool hci_print_equal(const struct hci_print *a, const struct hci_print *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
