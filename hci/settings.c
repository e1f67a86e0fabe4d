/* SPDX-License-Identifier: MIT */
#include "hci/settings.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/gap/eir.h"

#define SCAN_INQUIRY 0x01
#define SCAN_PAGE 0x02

enum change {
	CHANGE_NAME = 1,
	CHANGE_CLASS = 2,
	CHANGE_SCAN = 4,
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
	cmd->write_extended_inquiry_response =
		(struct rt_hci_cmd_write_extended_inquiry_response){ 0 };
	rt_gap_eir_build(hci->settings.name,
			 cmd->write_extended_inquiry_response.eir.b);
}

void rt_hci_settings_fill_class(const struct rt_hci *hci,
				union rt_hci_any_cmd *cmd)
{
	cmd->write_class_of_device = (struct rt_hci_cmd_write_class_of_device){
		.class_of_device = hci->settings.class_of_device,
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

void rt_hci_settings_poll(struct rt_hci *hci)
{
	const uint8_t changed = hci->settings.changed;

	hci->settings.changed = 0;
	if (changed & CHANGE_NAME) {
		write(hci, &rt_hci_cmd_write_local_name_msg,
		      rt_hci_settings_fill_name);
		write(hci, &rt_hci_cmd_write_extended_inquiry_response_msg,
		      rt_hci_settings_fill_eir);
	}
	if (changed & CHANGE_CLASS)
		write(hci, &rt_hci_cmd_write_class_of_device_msg,
		      rt_hci_settings_fill_class);
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

	if (len > RT_GAP_NAME_BYTES)
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
