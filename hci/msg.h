/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_MSG_H
#define RT_HCI_MSG_H

#include "stack/codec.h"

/*
 * HCI messages made from the tables: for each command its opcode
 * RT_HCI_CMD_RESET, structure rt_hci_cmd_reset and descriptor
 * rt_hci_cmd_reset_msg, and so on for events (EVT, evt) and the return
 * parameters of Command Complete (RET, ret).
 */

#define RT_CODEC_FILE "hci/commands.def"
#define RT_CODEC_NAME(name) rt_hci_cmd_##name
#define RT_CODEC_CODE(NAME) RT_HCI_CMD_##NAME
#define RT_CODEC_TABLE rt_hci_cmd_table
#include "stack/codec_types.h"

#define RT_CODEC_FILE "hci/events.def"
#define RT_CODEC_NAME(name) rt_hci_evt_##name
#define RT_CODEC_CODE(NAME) RT_HCI_EVT_##NAME
#define RT_CODEC_TABLE rt_hci_evt_table
#include "stack/codec_types.h"

#define RT_CODEC_FILE "hci/returns.def"
#define RT_CODEC_NAME(name) rt_hci_ret_##name
#define RT_CODEC_CODE(NAME) RT_HCI_RET_##NAME
#define RT_CODEC_TABLE rt_hci_ret_table
#include "stack/codec_types.h"

#define FIELD(msg, kind, field)
#define END(msg)

/* Room for the parameters of any command. */
union rt_hci_any_cmd {
#define MSG(code, NAME, name, end) struct rt_hci_cmd_##name name;
#include "hci/commands.def"
#undef MSG
};

/* Room for the parameters of any event. */
union rt_hci_any_evt {
#define MSG(code, NAME, name, end) struct rt_hci_evt_##name name;
#include "hci/events.def"
#undef MSG
};

#undef FIELD
#undef END

#define RT_HCI_PARAMETERS_MAX 255 /* octets of a command or event */

/* Connection and link types (7.7.3, 7.7.4). */
enum rt_hci_link_type {
	RT_HCI_LINK_TYPE_SCO = 0,
	RT_HCI_LINK_TYPE_ACL = 1,
	RT_HCI_LINK_TYPE_ESCO = 2,
};

/* LMP features by bit, page 0 (Core Vol 2 Part C 3.3). */
enum rt_hci_feature {
	RT_HCI_FEATURE_3_SLOT = 0,
	RT_HCI_FEATURE_5_SLOT = 1,
	RT_HCI_FEATURE_ROLE_SWITCH = 5,
	RT_HCI_FEATURE_SNIFF = 7,
	RT_HCI_FEATURE_RSSI_INQUIRY = 30,
	RT_HCI_FEATURE_PAUSE_ENCRYPTION = 42,
	RT_HCI_FEATURE_EIR = 48,
	RT_HCI_FEATURE_SSP = 51,
	RT_HCI_FEATURE_NON_FLUSHABLE = 54,
	RT_HCI_FEATURE_EXTENDED = 63,
};

#endif
