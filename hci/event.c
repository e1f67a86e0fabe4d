/* SPDX-License-Identifier: MIT */
#include "hci/event.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/security.h"

#define ANY_FEATURE (-1)
#define EVENTS_IN_MASK 64 /* page 1 of the mask has the codes 1 to 64 */
#define ENCRYPTION_CHANGE_V2_BIT 25 /* in page 2 (7.3.69) */

struct event {
	const struct rt_codec_msg *msg;
	void (*handle)(struct rt_hci *hci, const void *evt);
	int feature; /* that the controller sends it with */
};

static void on_data_buffer_overflow(struct rt_hci *hci, const void *evt)
{
	(void)evt;
	rt_log(hci->env, RT_LOG_ERROR,
	       "the controller has lost data: its buffers overflowed");
}

/* Rows for the descriptor of an event; the feature is that of its mask bit. */
#define EVENT(NAME, name, needs, handler) \
	[RT_HCI_EVT_##NAME] = { &rt_hci_evt_##name##_msg, (handler), (needs) },

/* clang-format off */
static const struct event events[256] = {
	EVENT(INQUIRY_COMPLETE, inquiry_complete, ANY_FEATURE,
	      rt_gap_inquiry_on_complete)
	EVENT(INQUIRY_RESULT, inquiry_result, ANY_FEATURE,
	      rt_gap_inquiry_on_result)
	EVENT(CONNECTION_COMPLETE, connection_complete, ANY_FEATURE,
	      rt_hci_link_on_complete)
	EVENT(CONNECTION_REQUEST, connection_request, ANY_FEATURE,
	      rt_hci_link_on_request)
	EVENT(DISCONNECTION_COMPLETE, disconnection_complete, ANY_FEATURE,
	      rt_hci_link_on_disconnection)
	EVENT(AUTHENTICATION_COMPLETE, authentication_complete, ANY_FEATURE,
	      rt_sec_link_on_authentication)
	EVENT(REMOTE_NAME_REQUEST_COMPLETE, remote_name_request_complete,
	      ANY_FEATURE, rt_gap_name_on_complete)
	EVENT(ENCRYPTION_CHANGE, encryption_change, ANY_FEATURE,
	      rt_sec_link_on_encryption)
	EVENT(READ_REMOTE_SUPPORTED_FEATURES_COMPLETE,
	      read_remote_supported_features_complete, ANY_FEATURE,
	      rt_sec_link_on_features)
	EVENT(COMMAND_COMPLETE, command_complete, ANY_FEATURE,
	      rt_hci_cmdq_on_complete)
	EVENT(COMMAND_STATUS, command_status, ANY_FEATURE,
	      rt_hci_cmdq_on_status)
	EVENT(HARDWARE_ERROR, hardware_error, ANY_FEATURE,
	      rt_hci_engine_on_hardware_error)
	EVENT(ROLE_CHANGE, role_change, ANY_FEATURE,
	      rt_hci_policy_on_role_change)
	EVENT(NUMBER_OF_COMPLETED_PACKETS, number_of_completed_packets,
	      ANY_FEATURE, rt_hci_acl_tx_on_completed)
	EVENT(MODE_CHANGE, mode_change, ANY_FEATURE,
	      rt_hci_policy_on_mode_change)
	EVENT(PIN_CODE_REQUEST, pin_code_request, ANY_FEATURE,
	      rt_sec_pairing_on_pin_request)
	EVENT(LINK_KEY_REQUEST, link_key_request, ANY_FEATURE,
	      rt_sec_pairing_on_link_key_request)
	EVENT(LINK_KEY_NOTIFICATION, link_key_notification, ANY_FEATURE,
	      rt_sec_pairing_on_link_key)
	EVENT(DATA_BUFFER_OVERFLOW, data_buffer_overflow, ANY_FEATURE,
	      on_data_buffer_overflow)
	EVENT(INQUIRY_RESULT_WITH_RSSI, inquiry_result_with_rssi,
	      RT_HCI_FEATURE_RSSI_INQUIRY, rt_gap_inquiry_on_result_rssi)
	EVENT(READ_REMOTE_EXTENDED_FEATURES_COMPLETE,
	      read_remote_extended_features_complete, RT_HCI_FEATURE_EXTENDED,
	      rt_sec_link_on_extended_features)
	EVENT(EXTENDED_INQUIRY_RESULT, extended_inquiry_result,
	      RT_HCI_FEATURE_EIR, rt_gap_inquiry_on_result_extended)
	EVENT(ENCRYPTION_KEY_REFRESH_COMPLETE, encryption_key_refresh_complete,
	      RT_HCI_FEATURE_PAUSE_ENCRYPTION, rt_sec_link_on_refresh)
	EVENT(IO_CAPABILITY_REQUEST, io_capability_request,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_io_request)
	EVENT(IO_CAPABILITY_RESPONSE, io_capability_response,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_io_response)
	EVENT(USER_CONFIRMATION_REQUEST, user_confirmation_request,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_confirmation)
	EVENT(USER_PASSKEY_REQUEST, user_passkey_request,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_passkey_request)
	EVENT(REMOTE_OOB_DATA_REQUEST, remote_oob_data_request,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_oob_request)
	EVENT(SIMPLE_PAIRING_COMPLETE, simple_pairing_complete,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_complete)
	EVENT(USER_PASSKEY_NOTIFICATION, user_passkey_notification,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_passkey_shown)
	EVENT(KEYPRESS_NOTIFICATION, keypress_notification,
	      RT_HCI_FEATURE_SSP, rt_sec_pairing_on_keypress)
	EVENT(ENCRYPTION_CHANGE_V2, encryption_change_v2, ANY_FEATURE,
	      rt_sec_link_on_encryption_v2)
};
/* clang-format on */

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

void rt_hci_event_mask_page_2(uint8_t ret_mask[8])
{
	memset(ret_mask, 0, 8);
	ret_mask[ENCRYPTION_CHANGE_V2_BIT / 8] |=
		1U << ENCRYPTION_CHANGE_V2_BIT % 8;
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
	/* It may have been a key. */
	rt_sec_wipe(&evt, event->msg->struct_bytes);
}
