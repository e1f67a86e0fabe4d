/* SPDX-License-Identifier: MIT */
#include "hci/event.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"

#define ANY_FEATURE (-1)
#define EVENTS_IN_MASK 64 /* page 1 of the mask has the codes 1 to 64 */

struct event {
	const struct rt_codec_msg *msg;
	void (*handle)(struct rt_hci *hci, const void *evt);
	int feature; /* that the controller sends it with */
};

static void on_role_change(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_role_change *change = evt;
	char str[RT_ADDR_STR_BYTES];

	rt_log(hci->env, RT_LOG_DEBUG, "link %s role %u: %s",
	       rt_addr_format(change->addr, str), change->role,
	       rt_hci_error_name(change->status));
}

static void on_data_buffer_overflow(struct rt_hci *hci, const void *evt)
{
	(void)evt;
	rt_log(hci->env, RT_LOG_ERROR,
	       "the controller has lost data: its buffers overflowed");
}

/*
 * Pairing is refused: each question that the controller puts gets its
 * negative answer (7.1.11, 7.1.13, 7.1.30, 7.1.32, 7.1.35, 7.1.36).
 */
static void on_link_key_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_link_key_request *request = evt;
	const struct rt_hci_cmd_link_key_request_negative_reply no = {
		.addr = request->addr,
	};

	rt_hci_cmdq_reply(hci, &rt_hci_cmd_link_key_request_negative_reply_msg,
			  &no);
}

static void on_pin_code_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_pin_code_request *request = evt;
	const struct rt_hci_cmd_pin_code_request_negative_reply no = {
		.addr = request->addr,
	};

	rt_hci_cmdq_reply(hci, &rt_hci_cmd_pin_code_request_negative_reply_msg,
			  &no);
}

static void on_io_capability_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_io_capability_request *request = evt;
	const struct rt_hci_cmd_io_capability_request_negative_reply no = {
		.addr = request->addr,
		.reason = RT_HCI_ERR_PAIRING_NOT_ALLOWED,
	};

	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_io_capability_request_negative_reply_msg, &no);
}

static void on_user_confirmation_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_user_confirmation_request *request = evt;
	const struct rt_hci_cmd_user_confirmation_request_negative_reply no = {
		.addr = request->addr,
	};

	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_user_confirmation_request_negative_reply_msg,
		&no);
}

static void on_user_passkey_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_user_passkey_request *request = evt;
	const struct rt_hci_cmd_user_passkey_request_negative_reply no = {
		.addr = request->addr,
	};

	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_user_passkey_request_negative_reply_msg, &no);
}

static void on_remote_oob_data_request(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_remote_oob_data_request *request = evt;
	const struct rt_hci_cmd_remote_oob_data_request_negative_reply no = {
		.addr = request->addr,
	};

	rt_hci_cmdq_reply(
		hci, &rt_hci_cmd_remote_oob_data_request_negative_reply_msg,
		&no);
}

/* Rows for the descriptor of an event; the feature is that of its mask bit. */
#define EVENT(NAME, name, handler, needs) \
	[RT_HCI_EVT_##NAME] = { &rt_hci_evt_##name##_msg, (handler), (needs) },

static const struct event events[256] = {
	EVENT(INQUIRY_COMPLETE, inquiry_complete, rt_gap_inquiry_on_complete, ANY_FEATURE) EVENT(
		INQUIRY_RESULT, inquiry_result, rt_gap_inquiry_on_result,
		ANY_FEATURE) EVENT(CONNECTION_COMPLETE, connection_complete,
				   rt_hci_link_on_complete,
				   ANY_FEATURE) EVENT(CONNECTION_REQUEST,
						      connection_request,
						      rt_hci_link_on_request,
						      ANY_FEATURE)
		EVENT(DISCONNECTION_COMPLETE, disconnection_complete,
		      rt_hci_link_on_disconnection,
		      ANY_FEATURE) EVENT(REMOTE_NAME_REQUEST_COMPLETE,
					 remote_name_request_complete,
					 rt_gap_name_on_complete,
					 ANY_FEATURE) EVENT(COMMAND_COMPLETE,
							    command_complete,
							    rt_hci_cmdq_on_complete,
							    ANY_FEATURE)
			EVENT(COMMAND_STATUS, command_status,
			      rt_hci_cmdq_on_status,
			      ANY_FEATURE) EVENT(HARDWARE_ERROR, hardware_error,
						 rt_hci_engine_on_hardware_error,
						 ANY_FEATURE) EVENT(ROLE_CHANGE,
								    role_change,
								    on_role_change,
								    ANY_FEATURE)
				EVENT(NUMBER_OF_COMPLETED_PACKETS,
				      number_of_completed_packets,
				      rt_hci_acl_tx_on_completed,
				      ANY_FEATURE) EVENT(PIN_CODE_REQUEST,
							 pin_code_request,
							 on_pin_code_request,
							 ANY_FEATURE) EVENT(LINK_KEY_REQUEST,
									    link_key_request,
									    on_link_key_request,
									    ANY_FEATURE)
					EVENT(DATA_BUFFER_OVERFLOW,
					      data_buffer_overflow,
					      on_data_buffer_overflow,
					      ANY_FEATURE) EVENT(INQUIRY_RESULT_WITH_RSSI,
								 inquiry_result_with_rssi,
								 rt_gap_inquiry_on_result_rssi,
								 RT_HCI_FEATURE_RSSI_INQUIRY)
						EVENT(
							EXTENDED_INQUIRY_RESULT,
							extended_inquiry_result,
							rt_gap_inquiry_on_result_extended,
							RT_HCI_FEATURE_EIR) EVENT(IO_CAPABILITY_REQUEST,
										  io_capability_request,
										  on_io_capability_request,
										  RT_HCI_FEATURE_SSP)
							EVENT(USER_CONFIRMATION_REQUEST,
							      user_confirmation_request,
							      on_user_confirmation_request,
							      RT_HCI_FEATURE_SSP)
								EVENT(USER_PASSKEY_REQUEST,
								      user_passkey_request,
								      on_user_passkey_request,
								      RT_HCI_FEATURE_SSP)
									EVENT(REMOTE_OOB_DATA_REQUEST,
									      remote_oob_data_request,
									      on_remote_oob_data_request,
									      RT_HCI_FEATURE_SSP)
};

void rt_hci_event_mask(const struct rt_hci *hci, uint8_t ret_mask[8])
{
	memset(ret_mask, 0, EVENTS_IN_MASK / 8);
	for (int code = 1; code <= EVENTS_IN_MASK; code++) {
		const struct event *event = &events[code];

		if (!event->msg)
			continue;
		if (event->feature != ANY_FEATURE &&
		    !rt_hci_engine_has_feature(
			    hci, (enum rt_hci_feature)event->feature))
			continue;
		ret_mask[(code - 1) / 8] |= (uint8_t)(1U << (code - 1) % 8);
	}
}

/* Until Reset is answered, all else is from before it. */
static bool is_awaited(const struct rt_hci *hci, uint8_t code)
{
	if (hci->state != RT_HCI_STATE_RESETTING &&
	    hci->state != RT_HCI_STATE_LAST_RESET)
		return true;
	return code == RT_HCI_EVT_COMMAND_COMPLETE ||
	       code == RT_HCI_EVT_COMMAND_STATUS;
}

void rt_hci_event_rx(struct rt_hci *hci, struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);
	const uint8_t code = rt_rd_u8(&r);
	const uint8_t len = rt_rd_u8(&r);
	const struct rt_bytes parameters = rt_rd_rest(&r);
	const struct event *event = &events[code];
	union rt_hci_any_evt evt;

	if (!rt_rd_ok(&r) || parameters.len != len) {
		hci->stats.events_malformed++;
		return;
	}
	if (!is_awaited(hci, code))
		return;
	if (!event->msg) {
		hci->stats.events_unexpected++;
		return;
	}
	if (rt_codec_decode(event->msg, parameters, &evt) < 0) {
		hci->stats.events_malformed++;
		rt_log(hci->env, RT_LOG_WARNING, "%s cut short",
		       event->msg->name);
		return;
	}
	event->handle(hci, &evt);
}
