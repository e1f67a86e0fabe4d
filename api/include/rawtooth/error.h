/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_ERROR_H
#define RAWTOOTH_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <rawtooth/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What went wrong, as precisely as anybody knows: filled in by
 * rt_socket_error_info() and its like. The strings are constants.
 */
struct rt_error_info {
	size_t size;	       /* set by the caller */
	const char *layer;     /* "HCI", "L2CAP", "RFCOMM", "SDP", "security",
				     "transport", "API" */
	uint16_t code;	       /* of that layer; 0 if it has none */
	const char *code_name; /* by its specification: "Page Timeout" */
	int err;	       /* negative errno, as the kernel would give */
	const char *phase;     /* what was going on: "page", "configure" */
	uint64_t elapsed_us;   /* since that began */
	uint32_t frame;	       /* number of the packet in the capture, or 0 */
	const char *hint;      /* a sentence that helps; "" if there is none */
};

/*
 * Writes one line to `str`, cut to `cap` octets with the terminating zero:
 * "page timeout after 5.12 s: the peer is off, ...". Returns `str`.
 */
RT_API char *rt_error_format(const struct rt_error_info *info, char *str,
			     size_t cap);

#ifdef __cplusplus
}
#endif

#endif
