/* SPDX-License-Identifier: MIT */
#include "hci/settings.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/gap/eir.h"
#include "hci/gap/utf8.h"

#define SCAN_INQUIRY 0x01
#define SCAN_PAGE 0x02

/* Place of Write Current IAC LAP among the supported commands (6.27). */
#define IAC_OCTET 11
#define IAC_BIT 4

enum change {
	CHANGE_NAME = 1,
	CHANGE_CLASS = 2,
	CHANGE_SCAN = 4,
	CHANGE_EIR = 8,
	CHANGE_IAC = 16,
};

void rt_hci_settings_init(struct rt_hci *hci,
			  const struct rt_hci_options *options)
{
	if (options->name)
		memcpy(hci->settings.name, options->name,
		       strlen(options->name));
	hci->settings.class_of_device = options->class_of_device;
}

void rt_hci_settings_fill_name(const struct rt_hci *hci,
			       union rt_hci_any_cmd *cmd)
{
	cmd->write_local_name = (struct rt_hci_cmd_write_local_name){ 0 };
	memcpy(cmd->write_local_name.name.b, hci->settings.name,
	       strlen(hci->settings.name));
}

void rt_hci_settings_fill_eir(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	const struct rt_gap_eir_source source = {
		.name = hci->settings.name,
		.uuids = hci->settings.uuids,
		.uuid_count = hci->settings.uuid_count,
		.more_uuids = hci->settings.more_uuids,
	};

	cmd->write_extended_inquiry_response =
		(struct rt_hci_cmd_write_extended_inquiry_response){ 0 };
	rt_gap_eir_build(&source, cmd->write_extended_inquiry_response.eir.b);
}

void rt_hci_settings_fill_class(const struct rt_hci *hci,
				union rt_hci_any_cmd *cmd)
{
	cmd->write_class_of_device = (struct rt_hci_cmd_write_class_of_device){
		.class_of_device = rt_gap_class_of_device(hci),
	};
}

bool rt_hci_settings_wants_iac(const struct rt_hci *hci)
{
	return hci->settings.limited;
}

void rt_hci_settings_fill_iac(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	static const struct rt_octets3 giac = { { 0x33, 0x8b, 0x9e } };
	static const struct rt_octets3 liac = { { 0x00, 0x8b, 0x9e } };
	const bool limited = hci->settings.limited;

	cmd->write_current_iac_lap = (struct rt_hci_cmd_write_current_iac_lap){
		.count = limited ? 2 : 1,
		.lap = limited ? liac : giac,
		.tail = rt_bytes(giac.b, limited ? sizeof(giac.b) : 0),
	};
}

void rt_hci_settings_fill_scan(const struct rt_hci *hci,
			       union rt_hci_any_cmd *cmd)
{
	const int scans = (hci->settings.connectable ? SCAN_PAGE : 0) |
			  (hci->settings.discoverable ? SCAN_INQUIRY : 0);

	cmd->write_scan_enable = (struct rt_hci_cmd_write_scan_enable){
		.scans = (uint8_t)scans,
	};
}

void rt_hci_settings_begin(struct rt_hci *hci)
{
	hci->settings.changed = 0;
}

static void write(struct rt_hci *hci, const struct rt_codec_msg *msg,
		  void (*fill)(const struct rt_hci *hci,
			       union rt_hci_any_cmd *cmd))
{
	union rt_hci_any_cmd cmd;

	if (!rt_hci_bringup_knows(hci, msg->code))
		return;
	fill(hci, &cmd);
	rt_hci_cmdq_send(hci, msg, &cmd, NULL, NULL);
}

static void on_iac_answer(struct rt_hci *hci, void *ctx,
			  const struct rt_hci_answer *answer)
{
	static const struct rt_hci_cmd_write_current_iac_lap liac = {
		.count = 1,
		.lap = { { 0x00, 0x8b, 0x9e } },
	};

	(void)ctx;
	if (answer->status == 0 || !hci->settings.limited)
		return;
	/* It listens for one access code at a time (C:4.1.2.1). */
	rt_hci_cmdq_send(hci, &rt_hci_cmd_write_current_iac_lap_msg, &liac,
			 NULL, NULL);
}

/* Without the command there is the GIAC alone, which is answered anyhow. */
static void write_iac(struct rt_hci *hci)
{
	union rt_hci_any_cmd cmd;

	if (!rt_hci_bringup_has_command(hci, IAC_OCTET, IAC_BIT))
		return;
	rt_hci_settings_fill_iac(hci, &cmd);
	rt_hci_cmdq_send(hci, &rt_hci_cmd_write_current_iac_lap_msg, &cmd,
			 on_iac_answer, NULL);
}

void rt_hci_settings_poll(struct rt_hci *hci)
{
	const uint8_t changed = hci->settings.changed;

	hci->settings.changed = 0;
	if (changed & CHANGE_NAME)
		write(hci, &rt_hci_cmd_write_local_name_msg,
		      rt_hci_settings_fill_name);
	if (changed & (CHANGE_NAME | CHANGE_EIR))
		write(hci, &rt_hci_cmd_write_extended_inquiry_response_msg,
		      rt_hci_settings_fill_eir);
	if (changed & CHANGE_CLASS)
		write(hci, &rt_hci_cmd_write_class_of_device_msg,
		      rt_hci_settings_fill_class);
	if (changed & CHANGE_IAC)
		write_iac(hci);
	if (changed & CHANGE_SCAN)
		write(hci, &rt_hci_cmd_write_scan_enable_msg,
		      rt_hci_settings_fill_scan);
}

static void fill_no_scan(const struct rt_hci *hci, union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->write_scan_enable = (struct rt_hci_cmd_write_scan_enable){ 0 };
}

void rt_hci_settings_scan_off(struct rt_hci *hci)
{
	write(hci, &rt_hci_cmd_write_scan_enable_msg, fill_no_scan);
}

void rt_hci_set_scan(struct rt_hci *hci, bool connectable, bool discoverable)
{
	if (hci->settings.connectable == connectable &&
	    hci->settings.discoverable == discoverable)
		return;
	hci->settings.connectable = connectable;
	hci->settings.discoverable = discoverable;
	hci->settings.changed |= CHANGE_SCAN;
}

int rt_hci_set_name(struct rt_hci *hci, const char *name)
{
	const size_t len = strlen(name);
	char valid[RT_GAP_NAME_BYTES + 1];

	if (len > RT_GAP_NAME_BYTES)
		return -EINVAL;
	rt_gap_utf8_copy(rt_bytes(name, len), valid, sizeof(valid));
	if (strcmp(valid, name) != 0)
		return -EINVAL;
	memset(hci->settings.name, 0, sizeof(hci->settings.name));
	memcpy(hci->settings.name, name, len);
	hci->settings.changed |= CHANGE_NAME;
	return 0;
}

void rt_hci_set_class(struct rt_hci *hci, uint32_t class_of_device)
{
	hci->settings.class_of_device = class_of_device & 0xffffff;
	hci->settings.changed |= CHANGE_CLASS;
}

uint32_t rt_gap_class_of_device(const struct rt_hci *hci)
{
	const struct rt_hci_settings *settings = &hci->settings;

	return settings->class_of_device | settings->service_bits |
	       (settings->limited ? RT_GAP_CLASS_LIMITED : 0);
}

void rt_gap_set_limited(struct rt_hci *hci, bool limited)
{
	if (hci->settings.limited == limited)
		return;
	hci->settings.limited = limited;
	hci->settings.changed |= CHANGE_CLASS | CHANGE_IAC;
}

static bool has_uuid(const struct rt_hci_settings *settings,
		     struct rt_uuid uuid)
{
	for (size_t i = 0; i < settings->uuid_count; i++) {
		if (rt_uuid_equal(settings->uuids[i], uuid))
			return true;
	}
	return false;
}

void rt_gap_set_services(struct rt_hci *hci, const struct rt_uuid *uuids,
			 size_t count)
{
	struct rt_hci_settings *settings = &hci->settings;
	const uint32_t before = settings->service_bits;

	settings->service_bits = 0;
	settings->uuid_count = 0;
	settings->more_uuids = false;
	for (size_t i = 0; i < count; i++) {
		settings->service_bits |= rt_gap_service_bits(uuids[i]);
		if (has_uuid(settings, uuids[i]))
			continue;
		if (settings->uuid_count == RT_GAP_SERVICES_MAX)
			settings->more_uuids = true;
		else
			settings->uuids[settings->uuid_count++] = uuids[i];
	}
	settings->changed |= CHANGE_EIR;
	if (settings->service_bits != before)
		settings->changed |= CHANGE_CLASS;
}
