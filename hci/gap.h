/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_H
#define RT_HCI_GAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/hci.h"
#include "stack/slots.h"
#include "stack/uuid.h"

/*
 * Generic Access Profile, what needs only HCI: inquiry and remote names (Core
 * Vol 3 Part C 6), and how others find us (4.1).
 */

#define RT_GAP_GIAC 0x9e8b33
#define RT_GAP_LIAC 0x9e8b00
#define RT_GAP_NAME_BYTES 248
#define RT_GAP_CLASS_LIMITED 0x002000 /* limited discoverable: bit 13 */
#define RT_GAP_EIR_UUIDS_MAX 119      /* of 16 bits, in 240 octets */
#define RT_GAP_SERVICES_MAX 64	      /* UUIDs of ours that are kept */

/*
 * One device found. It is reported when it is first heard of in an inquiry, and
 * again when its class or EIR is another than before, or it has an RSSI for the
 * first time; not when only the RSSI, the clock offset or the page scan differ.
 */
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

/*
 * Reads the service class UUIDs of an EIR, each once, in the order in which
 * they stand, into `ret`. A structure that is cut short ends the list, and so
 * does an incomplete UUID its structure. *ret_complete: there is at least one
 * list, and none says that there are more.
 *
 * Returns how many.
 */
size_t rt_gap_eir_uuids(struct rt_bytes eir,
			struct rt_uuid ret[RT_GAP_EIR_UUIDS_MAX],
			bool *ret_complete);

/*
 * The service class bits that a published service stands for in the class of
 * device (Assigned Numbers 2.8.2), of the bits 16 to 23; 0 if none.
 */
uint32_t rt_gap_service_bits(struct rt_uuid uuid);

/*
 * Sets the service classes that we publish: they stand in the EIR (7.3.56), and
 * their bits in the class of device. Of more than RT_GAP_SERVICES_MAX the first
 * are listed.
 */
void rt_gap_set_services(struct rt_hci *hci, const struct rt_uuid *uuids,
			 size_t count);

/*
 * Limited discoverable (4.1.2): while inquiry scans are on, the LIAC is
 * answered besides the GIAC (7.3.45), and bit 13 of the class of device is set.
 * A controller that can take only one access code gets the LIAC.
 */
void rt_gap_set_limited(struct rt_hci *hci, bool limited);

/*
 * The class of device as it is told to others: as set by rt_hci_set_class(),
 * with the bits of services and of the limited mode.
 */
uint32_t rt_gap_class_of_device(const struct rt_hci *hci);

#endif
