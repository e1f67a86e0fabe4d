/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_DISCOVERY_H
#define RAWTOOTH_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>

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
	const char *name;   /* "" if not known */
	const uint8_t *eir; /* extended inquiry response, as received */
	size_t eir_bytes;
};

struct rt_inquiry_callbacks {
	size_t size;
	/* A device, or more about one; *device is valid in the callback. */
	void (*on_device)(struct rt_inquiry *inquiry,
			  const struct rt_device *device, void *user_data);
	/* It is over; info->err is 0 unless it failed. Once, not after stop. */
	void (*on_done)(struct rt_inquiry *inquiry,
			const struct rt_error_info *info, void *user_data);
};

/*
 * Starts an inquiry of `seconds`, 1 to 61, rounded up to 1.28 s, limited or
 * general. One a host at a time.
 *
 * Returns 0 and an inquiry to be freed with rt_inquiry_free(), -EBUSY,
 * -ENETDOWN, -EINVAL or -ENOMEM.
 */
RT_API_CHECK int rt_inquiry_start(struct rt_host *host, unsigned int seconds,
				  bool limited,
				  const struct rt_inquiry_callbacks *callbacks,
				  void *user_data,
				  struct rt_inquiry **ret_inquiry);

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
