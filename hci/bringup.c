/* SPDX-License-Identifier: MIT */
#include "hci/bringup.h"

#include <errno.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/event.h"
#include "hci/policy.h"

#define REQUIRED true
#define OPTIONAL false

/* Position in the supported commands (Core Vol 4 Part E 6.27). */
#define COMMAND_BIT(octet, bit) ((octet)*8 + (bit))
#define NO_BIT (-1)

#define ACL_BYTES_MIN 27    /* 4.1.1: the least for ACL data */
#define HOST_ACL_BYTES 1021 /* what we take in one piece: all of a 3-DH5 */

#define HCI_VERSION_5_3 0x0c	    /* the first with Encryption Change v2 */
#define PAGE_2_SECURE_CONNECTIONS 8 /* bit: of the controller */

#define INQUIRY_MODE_STANDARD 0
#define INQUIRY_MODE_RSSI 1
#define INQUIRY_MODE_EXTENDED 2

struct step {
	const struct rt_codec_msg *msg;
	bool required;
	int bit; /* its place among the supported commands */
	/* Whether this controller is asked at all; NULL: it is. */
	bool (*wanted)(const struct rt_hci *hci);
	/* Fills in the parameters; NULL: there are none. */
	void (*fill)(const struct rt_hci *hci, union rt_hci_any_cmd *cmd);
	/* Takes the return parameters; NULL: the status says it all. */
	int (*take)(struct rt_hci *hci, struct rt_bytes ret);
};

static int take_version(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_local_version_information version;
	const int err = rt_codec_decode(
		&rt_hci_ret_read_local_version_information_msg, ret, &version);

	if (err < 0)
		return err;
	hci->info.hci_version = version.hci_version;
	hci->info.hci_revision = version.hci_revision;
	hci->info.lmp_version = version.lmp_version;
	hci->info.lmp_subversion = version.lmp_subversion;
	hci->info.manufacturer = version.manufacturer;
	return 0;
}

static int take_commands(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_local_supported_commands commands;
	const int err = rt_codec_decode(
		&rt_hci_ret_read_local_supported_commands_msg, ret, &commands);

	if (err < 0)
		return err;
	memcpy(hci->info.commands, commands.commands.b,
	       sizeof(hci->info.commands));
	hci->bringup.knows_commands = true;
	return 0;
}

static int take_features(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_local_supported_features features;
	const int err = rt_codec_decode(
		&rt_hci_ret_read_local_supported_features_msg, ret, &features);

	if (err < 0)
		return err;
	memcpy(hci->info.features[0], features.features.b,
	       sizeof(hci->info.features[0]));
	return 0;
}

static bool wants_page_1(const struct rt_hci *hci)
{
	return rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_EXTENDED);
}

static bool wants_page_2(const struct rt_hci *hci)
{
	return hci->info.feature_page_max >= 2;
}

static void fill_page_1(const struct rt_hci *hci, union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->read_local_extended_features =
		(struct rt_hci_cmd_read_local_extended_features){ .page = 1 };
}

static void fill_page_2(const struct rt_hci *hci, union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->read_local_extended_features =
		(struct rt_hci_cmd_read_local_extended_features){ .page = 2 };
}

static int take_page(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_local_extended_features page;
	const int err = rt_codec_decode(
		&rt_hci_ret_read_local_extended_features_msg, ret, &page);

	if (err < 0)
		return err;
	if (page.page == 0 || page.page >= RT_ARRAY_SIZE(hci->info.features))
		return -EPROTO;
	hci->info.feature_page_max = page.page_max;
	memcpy(hci->info.features[page.page], page.features.b,
	       sizeof(hci->info.features[0]));
	return 0;
}

static int take_buffer_size(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_buffer_size size;
	const int err =
		rt_codec_decode(&rt_hci_ret_read_buffer_size_msg, ret, &size);
	const uint16_t limit = hci->options.acl_bytes_max;

	if (err < 0)
		return err;
	if (size.acl_bytes < ACL_BYTES_MIN || size.acl_packets == 0) {
		rt_log(hci->env, RT_LOG_ERROR,
		       "controller refused: %u ACL buffers of %u octets; one "
		       "of %u is the least",
		       size.acl_packets, size.acl_bytes, ACL_BYTES_MIN);
		return -EPROTO;
	}
	hci->info.acl_bytes =
		limit > 0 ? RT_MIN(size.acl_bytes, limit) : size.acl_bytes;
	hci->info.acl_packets =
		RT_MIN(size.acl_packets, RT_HCI_ACL_PACKETS_MAX);
	hci->info.sco_bytes = size.sco_bytes;
	hci->info.sco_packets = size.sco_packets;
	hci->stats.acl_free = hci->info.acl_packets;
	return 0;
}

static int take_addr(struct rt_hci *hci, struct rt_bytes ret)
{
	struct rt_hci_ret_read_bd_addr addr;
	const int err =
		rt_codec_decode(&rt_hci_ret_read_bd_addr_msg, ret, &addr);

	if (err < 0)
		return err;
	if (rt_addr_is_zero(addr.addr)) {
		rt_log(hci->env, RT_LOG_ERROR,
		       "controller refused: its address is zero; it has not "
		       "been configured");
		return -EADDRNOTAVAIL;
	}
	hci->info.addr = addr.addr;
	return 0;
}

static void fill_event_mask(const struct rt_hci *hci, union rt_hci_any_cmd *cmd)
{
	cmd->set_event_mask = (struct rt_hci_cmd_set_event_mask){ 0 };
	rt_hci_event_mask(hci, cmd->set_event_mask.mask.b);
}

static void fill_page_timeout(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	cmd->write_page_timeout = (struct rt_hci_cmd_write_page_timeout){
		.slots = hci->options.page_timeout_slots,
	};
}

static void fill_inquiry_mode(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	uint8_t mode = INQUIRY_MODE_STANDARD;

	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_RSSI_INQUIRY))
		mode = INQUIRY_MODE_RSSI;
	if (rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_EIR))
		mode = INQUIRY_MODE_EXTENDED;
	cmd->write_inquiry_mode = (struct rt_hci_cmd_write_inquiry_mode){
		.mode = mode,
	};
}

static bool wants_eir(const struct rt_hci *hci)
{
	return rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_EIR);
}

static bool wants_inquiry_mode(const struct rt_hci *hci)
{
	return wants_eir(hci) ||
	       rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_RSSI_INQUIRY);
}

static void fill_link_policy(const struct rt_hci *hci,
			     union rt_hci_any_cmd *cmd)
{
	cmd->write_default_link_policy_settings =
		(struct rt_hci_cmd_write_default_link_policy_settings){
			.settings = rt_hci_policy_default_settings(hci),
		};
}

static bool has_command(const struct rt_hci *hci, int bit)
{
	if (bit == NO_BIT || !hci->bringup.knows_commands)
		return true;
	return hci->info.commands[bit / 8] & 1U << bit % 8;
}

bool rt_hci_bringup_has_command(const struct rt_hci *hci, uint8_t octet,
				uint8_t bit)
{
	return has_command(hci, COMMAND_BIT(octet, bit));
}

/* Flow control to the host takes three commands: all of them or none. */
static bool wants_host_buffers(const struct rt_hci *hci)
{
	return hci->options.acl_rx_packets_max > 0 &&
	       hci->bringup.knows_commands &&
	       has_command(hci, COMMAND_BIT(10, 5)) &&
	       has_command(hci, COMMAND_BIT(10, 6)) &&
	       has_command(hci, COMMAND_BIT(10, 7));
}

static void fill_host_buffers(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	cmd->host_buffer_size = (struct rt_hci_cmd_host_buffer_size){
		.acl_bytes = HOST_ACL_BYTES,
		.acl_packets = hci->options.acl_rx_packets_max,
	};
}

static int take_host_buffers(struct rt_hci *hci, struct rt_bytes ret)
{
	(void)ret;
	hci->bringup.has_host_buffers = true;
	return 0;
}

static bool wants_host_flow_control(const struct rt_hci *hci)
{
	return hci->bringup.has_host_buffers;
}

static void fill_host_flow_control(const struct rt_hci *hci,
				   union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->set_controller_to_host_flow_control =
		(struct rt_hci_cmd_set_controller_to_host_flow_control){
			.enable = 1,
		};
}

static int take_host_flow_control(struct rt_hci *hci, struct rt_bytes ret)
{
	(void)ret;
	hci->info.host_flow_control = true;
	return 0;
}

static bool wants_event_mask_page_2(const struct rt_hci *hci)
{
	return hci->bringup.knows_commands &&
	       hci->info.hci_version >= HCI_VERSION_5_3;
}

static void fill_event_mask_page_2(const struct rt_hci *hci,
				   union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->set_event_mask_page_2 =
		(struct rt_hci_cmd_set_event_mask_page_2){ 0 };
	rt_hci_event_mask_page_2(cmd->set_event_mask_page_2.mask.b);
}

static bool wants_ssp(const struct rt_hci *hci)
{
	return rt_hci_engine_has_feature(hci, RT_HCI_FEATURE_SSP);
}

static void fill_ssp(const struct rt_hci *hci, union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->write_simple_pairing_mode =
		(struct rt_hci_cmd_write_simple_pairing_mode){ .mode = 1 };
}

static int take_ssp(struct rt_hci *hci, struct rt_bytes ret)
{
	(void)ret;
	hci->sec.ssp = true;
	return 0;
}

static bool wants_secure_connections(const struct rt_hci *hci)
{
	return hci->sec.ssp && !hci->sec.policy.no_secure_connections &&
	       hci->info.features[2][PAGE_2_SECURE_CONNECTIONS / 8] &
		       1U << PAGE_2_SECURE_CONNECTIONS % 8;
}

static void fill_secure_connections(const struct rt_hci *hci,
				    union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->write_secure_connections_host_support =
		(struct rt_hci_cmd_write_secure_connections_host_support){
			.support = 1,
		};
}

static int take_secure_connections(struct rt_hci *hci, struct rt_bytes ret)
{
	(void)ret;
	hci->sec.secure_connections = true;
	return 0;
}

static bool knows_commands(const struct rt_hci *hci)
{
	return hci->bringup.knows_commands;
}

static void fill_min_key_size(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd)
{
	(void)hci;
	cmd->set_min_encryption_key_size =
		(struct rt_hci_cmd_set_min_encryption_key_size){
			.octets = RT_SEC_KEY_SIZE_FLOOR,
		};
}

#define COMMAND(name) &rt_hci_cmd_##name##_msg

static const struct step steps[] = {
	{ COMMAND(read_local_version_information), REQUIRED, NO_BIT, NULL, NULL,
	  take_version },
	{ COMMAND(read_local_supported_commands), OPTIONAL, NO_BIT, NULL, NULL,
	  take_commands },
	{ COMMAND(read_local_supported_features), REQUIRED, NO_BIT, NULL, NULL,
	  take_features },
	{ COMMAND(read_local_extended_features), OPTIONAL, COMMAND_BIT(14, 6),
	  wants_page_1, fill_page_1, take_page },
	{ COMMAND(read_local_extended_features), OPTIONAL, COMMAND_BIT(14, 6),
	  wants_page_2, fill_page_2, take_page },
	{ COMMAND(read_buffer_size), REQUIRED, NO_BIT, NULL, NULL,
	  take_buffer_size },
	{ COMMAND(read_bd_addr), REQUIRED, NO_BIT, NULL, NULL, take_addr },
	{ COMMAND(set_event_mask), OPTIONAL, COMMAND_BIT(5, 6), NULL,
	  fill_event_mask, NULL },
	{ COMMAND(set_event_mask_page_2), OPTIONAL, COMMAND_BIT(22, 2),
	  wants_event_mask_page_2, fill_event_mask_page_2, NULL },
	{ COMMAND(write_simple_pairing_mode), OPTIONAL, COMMAND_BIT(17, 6),
	  wants_ssp, fill_ssp, take_ssp },
	/* Not possible any more with scans on, or links (7.3.92). */
	{ COMMAND(write_secure_connections_host_support), OPTIONAL,
	  COMMAND_BIT(32, 3), wants_secure_connections, fill_secure_connections,
	  take_secure_connections },
	{ COMMAND(set_min_encryption_key_size), OPTIONAL, COMMAND_BIT(45, 7),
	  knows_commands, fill_min_key_size, NULL },
	{ COMMAND(host_buffer_size), OPTIONAL, COMMAND_BIT(10, 6),
	  wants_host_buffers, fill_host_buffers, take_host_buffers },
	{ COMMAND(set_controller_to_host_flow_control), OPTIONAL,
	  COMMAND_BIT(10, 5), wants_host_flow_control, fill_host_flow_control,
	  take_host_flow_control },
	{ COMMAND(write_local_name), OPTIONAL, COMMAND_BIT(7, 0), NULL,
	  rt_hci_settings_fill_name, NULL },
	{ COMMAND(write_class_of_device), OPTIONAL, COMMAND_BIT(9, 1), NULL,
	  rt_hci_settings_fill_class, NULL },
	{ COMMAND(write_page_timeout), OPTIONAL, COMMAND_BIT(7, 5), NULL,
	  fill_page_timeout, NULL },
	{ COMMAND(write_inquiry_mode), OPTIONAL, COMMAND_BIT(12, 7),
	  wants_inquiry_mode, fill_inquiry_mode, NULL },
	{ COMMAND(write_extended_inquiry_response), OPTIONAL,
	  COMMAND_BIT(17, 1), wants_eir, rt_hci_settings_fill_eir, NULL },
	{ COMMAND(write_default_link_policy_settings), OPTIONAL,
	  COMMAND_BIT(5, 4), NULL, fill_link_policy, NULL },
	{ COMMAND(write_current_iac_lap), OPTIONAL, COMMAND_BIT(11, 4),
	  rt_hci_settings_wants_iac, rt_hci_settings_fill_iac, NULL },
	/* Last: from here on peers may call. */
	{ COMMAND(write_scan_enable), OPTIONAL, COMMAND_BIT(7, 7), NULL,
	  rt_hci_settings_fill_scan, NULL },
};

_Static_assert(RT_ARRAY_SIZE(steps) <= 32, "bits of rt_hci_bringup.skip");

static bool is_wanted(const struct rt_hci *hci, size_t i)
{
	const struct step *step = &steps[i];

	return !(hci->bringup.skip & 1U << i) && has_command(hci, step->bit) &&
	       (!step->wanted || step->wanted(hci));
}

bool rt_hci_bringup_knows(const struct rt_hci *hci, uint16_t opcode)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(steps); i++) {
		if (steps[i].msg->code == opcode)
			return is_wanted(hci, i);
	}
	return false;
}

static void next_step(struct rt_hci *hci);

static void fail(struct rt_hci *hci, const struct step *step, uint8_t status,
		 int err)
{
	struct rt_reason why = rt_hci_engine_reason(RT_PHASE_OPEN, status);

	if (err < 0)
		why.err = err;
	rt_log(hci->env, RT_LOG_ERROR, "bring-up failed: %s: %s",
	       step->msg->name,
	       status ? rt_hci_error_name(status) : "impossible answer");
	rt_hci_engine_end(hci, &why);
}

static void on_answer(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	const struct step *step = &steps[hci->bringup.step];
	int err = 0;

	(void)ctx;
	if (answer->status == RT_HCI_ERR_SUCCESS && step->take)
		err = step->take(hci, answer->ret);
	if (step->required && (answer->status != RT_HCI_ERR_SUCCESS || err)) {
		fail(hci, step, answer->status, err);
		return;
	}
	hci->bringup.missed &= ~(1U << hci->bringup.step);
	hci->bringup.step++;
	next_step(hci);
}

static void next_step(struct rt_hci *hci)
{
	struct rt_hci_bringup *bringup = &hci->bringup;
	union rt_hci_any_cmd cmd;
	const struct step *step;

	while (bringup->step < RT_ARRAY_SIZE(steps) &&
	       !is_wanted(hci, bringup->step))
		bringup->step++;
	if (bringup->step == RT_ARRAY_SIZE(steps)) {
		rt_hci_engine_up(hci);
		return;
	}
	step = &steps[bringup->step];
	if (step->fill)
		step->fill(hci, &cmd);
	rt_hci_cmdq_send(hci, step->msg, &cmd, on_answer, NULL);
}

void rt_hci_bringup_start(struct rt_hci *hci)
{
	hci->bringup.step = 0;
	hci->bringup.knows_commands = false;
	hci->bringup.has_host_buffers = false;
	hci->info = (struct rt_hci_info){ .addr = hci->info.addr };
	rt_hci_settings_begin(hci);
	rt_sec_bringup(hci);
	next_step(hci);
}

void rt_hci_bringup_missed(struct rt_hci *hci, uint16_t opcode)
{
	struct rt_hci_bringup *bringup = &hci->bringup;
	const uint8_t i = bringup->step;

	if (i >= RT_ARRAY_SIZE(steps) || steps[i].msg->code != opcode ||
	    steps[i].required)
		return;
	bringup->skip |= bringup->missed & 1U << i;
	bringup->missed |= 1U << i;
}
