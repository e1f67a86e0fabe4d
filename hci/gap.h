/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_H
#define RT_HCI_GAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/hci.h"
#include "stack/slots.h"

/*
 * Generic Access Profile, what needs only HCI: inquiry and remote names
 * (Core Vol 3 Part C 6).
 */

#define RT_GAP_GIAC 0x9e8b33
#define RT_GAP_LIAC 0x9e8b00
#define RT_GAP_NAME_BYTES 248

/* One device found. A device is reported again when something new is known. */
struct rt_gap_device {
	struct rt_addr addr;
	uint32_t class_of_device;
	uint16_t clock_offset;
	uint8_t page_scan_repetition;
	bool has_rssi;
	int8_t rssi; /* dBm */
	bool has_name;
	bool name_complete;
	char name[RT_GAP_NAME_BYTES + 1]; /* from the EIR; UTF-8, made valid */
	uint8_t eir_bytes;
	uint8_t eir[240]; /* significant part, as received */
};

struct rt_gap_inquiry_ops {
	/* A device; `device` is valid until the call returns. */
	void (*result)(void *user, const struct rt_gap_device *device);
	/* It is over: by itself (why->err 0), stopped, or failed. Once. */
	void (*done)(void *user, const struct rt_reason *why);
};

/*
 * Starts an inquiry (7.1.1). `length` is in units of 1.28 s, 1 to 48; `lap`
 * is RT_GAP_GIAC or RT_GAP_LIAC. One at a time.
 *
 * Returns 0, -EBUSY, -ENETDOWN, -EINVAL or -ENOMEM.
 */
int rt_gap_inquiry_start(struct rt_hci *hci, uint32_t lap, uint8_t length,
			 const struct rt_gap_inquiry_ops *ops,
			 void *user) RT_MUST_CHECK;

/*
 * Stops the inquiry (7.1.2); its ops are not called any more. Does nothing if
 * there is none.
 */
void rt_gap_inquiry_stop(struct rt_hci *hci);

struct rt_gap_name_ops {
	/*
	 * The answer: `name` is UTF-8, made valid, or NULL with the reason in
	 * `why`. Called once.
	 */
	void (*done)(void *user, const char *name, const struct rt_reason *why);
};

/*
 * Asks a device for its name (7.1.19). Requests run one after the other and
 * not during an inquiry.
 *
 * Returns 0 and a handle, -ENOSPC (limit), -ENETDOWN, -EINVAL or -ENOMEM.
 */
int rt_gap_name_request(struct rt_hci *hci, struct rt_addr addr,
			const struct rt_gap_name_ops *ops, void *user,
			rt_handle *ret_request) RT_MUST_CHECK;

/* Forgets a request (7.1.20 if it is under way); its ops are not called. */
void rt_gap_name_cancel(struct rt_hci *hci, rt_handle request);

#endif
