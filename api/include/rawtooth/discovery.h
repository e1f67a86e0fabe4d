/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_DISCOVERY_H
#define RAWTOOTH_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>
#include <rawtooth/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rt_host;

/* Finds devices, like QBluetoothDeviceDiscoveryAgent. */
struct rt_inquiry;

struct rt_device {
	size_t size;
	struct rt_addr addr;
	uint32_t class_of_device;
	uint16_t clock_offset;
	bool has_rssi;
	int8_t rssi;	    /* dBm */
	const char *name;   /* "" if not known; UTF-8, made valid */
	const uint8_t *eir; /* extended inquiry response, as received */
	size_t eir_bytes;

	bool name_complete; /* else it is the beginning of a longer one */
	bool limited;	    /* found in limited discoverable mode */
	/* Service classes that the EIR tells of, each once. */
	const struct rt_uuid *uuids;
	size_t uuid_count;
	bool uuids_complete; /* the EIR says that these are all */
};

/* The major class of a class of device: "Computer", "Phone", ... */
RT_API const char *rt_class_of_device_name(uint32_t class_of_device);

struct rt_inquiry_callbacks {
	size_t size;
	/*
	 * A device, or more about one; *device is valid in the callback. A
	 * device is told of when it is found, and again when its name, its
	 * class or its EIR is another than before, or it has an RSSI for the
	 * first time. An RSSI that varies is no news: the next call has it.
	 */
	void (*on_device)(struct rt_inquiry *inquiry,
			  const struct rt_device *device, void *user_data);
	/* It is over; info->err is 0 unless it failed. Once, not after stop. */
	void (*on_done)(struct rt_inquiry *inquiry,
			const struct rt_error_info *info, void *user_data);
};

struct rt_inquiry_options {
	size_t size;
	const struct rt_inquiry_callbacks *callbacks; /* or NULL */
	void *user_data;
	/*
	 * 1 to 61, rounded up to a multiple of 1.28 s; 0: 10.24 s, which finds
	 * nearly all (TGAP(100), Core Vol 3 Part C appendix A).
	 */
	unsigned int seconds;
	bool limited; /* only devices in limited discoverable mode */
	/*
	 * When the inquiry itself is over, ask each device for its name that is
	 * not known, or not to its end, one after the other: this takes as
	 * long as a page each. A device that does not answer is passed over.
	 */
	bool names;
	uint32_t names_ms; /* for all names together; 0: as long as it takes */
};

/*
 * Starts an inquiry. One a host at a time. `options` may be NULL.
 *
 * Returns 0 and an inquiry to be freed with rt_inquiry_free(), -EBUSY,
 * -ENETDOWN, -EINVAL or -ENOMEM.
 */
RT_API_CHECK int rt_inquiry_start_with(struct rt_host *host,
				       const struct rt_inquiry_options *options,
				       struct rt_inquiry **ret_inquiry);

/*
 * Starts an inquiry of `seconds`, 1 to 61, limited or general, without asking
 * for names. Returns as rt_inquiry_start_with().
 */
RT_API_CHECK int rt_inquiry_start(struct rt_host *host, unsigned int seconds,
				  bool limited,
				  const struct rt_inquiry_callbacks *callbacks,
				  void *user_data,
				  struct rt_inquiry **ret_inquiry);

/*
 * Stops it, wherever it stands: no callback comes any more, what was found and
 * not told of is dropped.
 */
RT_API void rt_inquiry_stop(struct rt_inquiry *inquiry);

/* True until on_done has been called, or it was stopped. */
RT_API bool rt_inquiry_is_active(const struct rt_inquiry *inquiry);

/* Stops it if it still runs, and frees it. NULL is allowed. */
RT_API void rt_inquiry_free(struct rt_inquiry *inquiry);

/* Asks one device for its name. */
struct rt_name_request;

struct rt_name_callbacks {
	size_t size;
	/* The answer: `name`, or NULL and info says why. Once. */
	void (*on_name)(struct rt_name_request *request, const char *name,
			const struct rt_error_info *info, void *user_data);
};

/*
 * Returns 0 and a request to be freed with rt_name_request_free(), or -ENOSPC,
 * -ENETDOWN, -EINVAL or -ENOMEM.
 */
RT_API_CHECK int
rt_name_request_start(struct rt_host *host, struct rt_addr addr,
		      const struct rt_name_callbacks *callbacks,
		      void *user_data, struct rt_name_request **ret_request);

/* Gives it up if it still runs, and frees it. NULL is allowed. */
RT_API void rt_name_request_free(struct rt_name_request *request);

/* An L2CAP echo request: what l2ping sends. */
struct rt_echo;

struct rt_echo_callbacks {
	size_t size;
	/*
	 * The answer: info->err is 0 and data is what came back, -ETIMEDOUT
	 * if nothing came in time, or another error. Once.
	 */
	void (*on_reply)(struct rt_echo *echo, const struct rt_error_info *info,
			 const void *data, size_t bytes, void *user_data);
};

struct rt_echo_options {
	size_t size;
	const struct rt_echo_callbacks *callbacks;
	void *user_data;
	const void *data; /* copied; at most 44 octets */
	size_t bytes;
	uint32_t timeout_ms; /* once the link is open; 0: 10000 */
};

/*
 * Returns 0 and an echo to be freed with rt_echo_free(), or -EINVAL,
 * -EMSGSIZE, -ENETDOWN, -EMLINK, -ENOSPC or -ENOMEM.
 */
RT_API_CHECK int rt_echo_start(struct rt_host *host, struct rt_addr addr,
			       const struct rt_echo_options *options,
			       struct rt_echo **ret_echo);

/* Gives it up if it still runs, and frees it. NULL is allowed. */
RT_API void rt_echo_free(struct rt_echo *echo);

#ifdef __cplusplus
}
#endif

#endif
