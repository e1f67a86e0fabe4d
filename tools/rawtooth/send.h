/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_SEND_H
#define RT_TOOL_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/rawtooth/modes.h"
#include "tools/rawtooth/template.h"
#include "tools/rawtooth/tool.h"

/* Packets written by hand, on a link that is in the right state for them. */

enum rt_send_how {
	RT_SEND_PDU,
	RT_SEND_FRAME,
	RT_SEND_MCC,
};

enum rt_send_where {
	RT_SEND_TO_DEFAULT, /* the channel that is open, or the signalling one
			     */
	RT_SEND_TO_SIGNAL,
	RT_SEND_TO_DATA,
	RT_SEND_TO_NUMBER,
};

struct rt_send {
	/* Set by the owner, zeroed otherwise. */
	struct rt_tool *tool;
	struct rt_addr addr;
	char peer[RT_ADDR_STR_BYTES];
	const char *psm_text;
	uint16_t psm;	  /* 0: none */
	uint32_t channel; /* 0: none */
	uint32_t mtu;
	struct rt_modes modes;
	enum rt_send_how how;
	enum rt_send_where where;
	uint32_t cid; /* RT_SEND_TO_NUMBER */
	uint8_t mcc_type;
	bool mcc_response;
	bool drop;
	uint32_t wait_ms;
	char **items;
	int item_count;

	struct rt_socket *socket;
	struct rt_template_values values;
	bool sending; /* what comes is shown, and dropped if it shall be */
	bool failed;
	struct rt_template_packet packet;
};

/*
 * True if the item is a pause, "@500", of milliseconds; *ret_err is -EINVAL
 * then, after a message, if they are not a number.
 */
bool rt_send_read_pause(const char *item, uint32_t *ret_ms, int *ret_err);

/* Does it, from opening the controller on. Returns the exit status. */
int rt_send_run(struct rt_send *send);

#endif
