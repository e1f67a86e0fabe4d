/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/pdu.h"

#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define POLL_FINAL 0x10
#define UIH 0xef
#define EA 0x01
#define CR 0x02

static const char *const signal_names[] = {
	[0x01] = "CMD_REJ",
	[0x02] = "CONN_REQ",
	[0x03] = "CONN_RSP",
	[0x04] = "CONF_REQ",
	[0x05] = "CONF_RSP",
	[0x06] = "DISC_REQ",
	[0x07] = "DISC_RSP",
	[0x08] = "ECHO_REQ",
	[0x09] = "ECHO_RSP",
	[0x0a] = "INFO_REQ",
	[0x0b] = "INFO_RSP",
	[0x0c] = "CREATE_CHAN_REQ",
	[0x0d] = "CREATE_CHAN_RSP",
	[0x0e] = "MOVE_CHAN_REQ",
	[0x0f] = "MOVE_CHAN_RSP",
	[0x10] = "MOVE_CHAN_CFM",
	[0x11] = "MOVE_CHAN_CFM_RSP",
	[0x12] = "CONN_PARAM_REQ",
	[0x13] = "CONN_PARAM_RSP",
	[0x14] = "LE_CREDIT_CONN_REQ",
	[0x15] = "LE_CREDIT_CONN_RSP",
	[0x16] = "FLOW_CREDIT_IND",
	[0x17] = "CREDIT_CONN_REQ",
	[0x18] = "CREDIT_CONN_RSP",
	[0x19] = "CREDIT_RECONF_REQ",
	[0x1a] = "CREDIT_RECONF_RSP",
};

static const struct {
	uint8_t control;
	const char *name;
} frame_names[] = {
	{ 0x2f, "SABM" }, { 0x63, "UA" }, { 0x0f, "DM" },
	{ 0x43, "DISC" }, { UIH, "UIH" },
};

static const struct {
	uint8_t type;
	const char *name;
} mcc_names[] = {
	{ 0x20, "PN" },	  { 0x30, "CLD" },   { 0x08, "TEST" },
	{ 0x28, "FCON" }, { 0x18, "FCOFF" }, { 0x38, "MSC" },
	{ 0x04, "NSC" },  { 0x24, "RPN" },   { 0x14, "RLS" },
};

void rt_pdu_name_signal(const uint8_t *data, size_t bytes, char *str)
{
	const char *name = NULL;

	if (bytes > 0 && data[0] < COUNT(signal_names))
		name = signal_names[data[0]];
	snprintf(str, RT_PDU_NAME_BYTES, "%s", name ? name : "");
}

static const char *frame_name(uint8_t control)
{
	for (size_t i = 0; i < COUNT(frame_names); i++) {
		if (frame_names[i].control == (control & ~POLL_FINAL))
			return frame_names[i].name;
	}
	return "";
}

const char *rt_pdu_mcc_name(uint8_t type)
{
	for (size_t i = 0; i < COUNT(mcc_names); i++) {
		if (mcc_names[i].type == type)
			return mcc_names[i].name;
	}
	return "unknown";
}

void rt_pdu_name_frame(const uint8_t *data, size_t bytes, char *str)
{
	const size_t header = bytes > 2 && !(data[2] & EA) ? 4 : 3;
	const char *name = bytes > 1 ? frame_name(data[1]) : "";

	snprintf(str, RT_PDU_NAME_BYTES, "%s", name);
	/* A message, and behind it the FCS. */
	if (bytes < header + 2 || data[0] >> 2 != 0 ||
	    (data[1] & ~POLL_FINAL) != UIH)
		return;
	snprintf(str, RT_PDU_NAME_BYTES, "%s %s %s", name,
		 rt_pdu_mcc_name(data[header] >> 2),
		 data[header] & CR ? "command" : "response");
}

int rt_pdu_find_mcc(const char *name)
{
	for (size_t i = 0; i < COUNT(mcc_names); i++) {
		if (strcasecmp(mcc_names[i].name, name) == 0)
			return mcc_names[i].type;
	}
	return -1;
}

void rt_pdu_print_hex(FILE *file, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		fprintf(file, "%02x", data[i]);
}
