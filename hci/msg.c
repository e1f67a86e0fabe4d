/* SPDX-License-Identifier: MIT */
#include "hci/msg.h"

#define RT_CODEC_FILE "hci/commands.def"
#define RT_CODEC_NAME(name) rt_hci_cmd_##name
#define RT_CODEC_CODE(NAME) RT_HCI_CMD_##NAME
#define RT_CODEC_TABLE rt_hci_cmd_table
#include "stack/codec_tables.h"

#define RT_CODEC_FILE "hci/events.def"
#define RT_CODEC_NAME(name) rt_hci_evt_##name
#define RT_CODEC_CODE(NAME) RT_HCI_EVT_##NAME
#define RT_CODEC_TABLE rt_hci_evt_table
#include "stack/codec_tables.h"

#define RT_CODEC_FILE "hci/returns.def"
#define RT_CODEC_NAME(name) rt_hci_ret_##name
#define RT_CODEC_CODE(NAME) RT_HCI_RET_##NAME
#define RT_CODEC_TABLE rt_hci_ret_table
#include "stack/codec_tables.h"
