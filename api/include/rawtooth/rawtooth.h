/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_RAWTOOTH_H
#define RAWTOOTH_RAWTOOTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Rawtooth: Bluetooth Classic (BR/EDR) in one process. This is all that a
 * program needs; <rawtooth/socket.h> is the part that resembles
 * QBluetoothSocket and QBluetoothServer, <rawtooth/host.h> opens a controller
 * and drives it, <rawtooth/discovery.h> finds devices,
 * <rawtooth/service.h> services, and <rawtooth/security.h> pairs. Not included
 * here are <rawtooth/doors.h>, for programs that bring their own time and
 * transport, and <rawtooth/research.h>, for octets of one's own and a look at
 * those that pass.
 *
 * Rules for all of it:
 *
 * - A function returns 0 or a count, or a negative errno. On failure nothing
 *   has changed and results are untouched.
 * - Callbacks come only from rt_host_dispatch() and rt_host_run(), never from
 *   inside another call. Any object may be freed in any callback.
 * - A host and everything on it belong to one thread at a time; only
 *   rt_host_post() and rt_host_wakeup() may be called from any thread.
 * - Structures of callbacks and options begin with `size`, set to sizeof of
 *   the structure, and are otherwise zeroed by the caller: members added by
 *   later versions are then read as zero. They are copied.
 * - Strings are UTF-8. Returned strings belong to the library and are valid
 *   until the next call for the same object.
 */

#include <rawtooth/addr.h>
#include <rawtooth/discovery.h>
#include <rawtooth/element.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>
#include <rawtooth/host.h>
#include <rawtooth/security.h>
#include <rawtooth/service.h>
#include <rawtooth/socket.h>
#include <rawtooth/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prints an address: see <rawtooth/addr.h>. */
RT_API char *rt_addr_format(struct rt_addr addr, char *str);

/* Reads an address: see <rawtooth/addr.h>. */
RT_API int rt_addr_parse(const char *str, struct rt_addr *ret_addr);

/* The UUID of a short form: see <rawtooth/uuid.h>. */
RT_API struct rt_uuid rt_uuid_from_short(uint32_t value);

/* The short form of a UUID: see <rawtooth/uuid.h>. */
RT_API bool rt_uuid_to_short(struct rt_uuid uuid, uint32_t *ret_value);

/* True for no UUID: see <rawtooth/uuid.h>. */
RT_API bool rt_uuid_is_zero(struct rt_uuid uuid);

/* Prints a UUID: see <rawtooth/uuid.h>. */
RT_API char *rt_uuid_format(struct rt_uuid uuid, char *str);

/* Reads a UUID: see <rawtooth/uuid.h>. */
RT_API int rt_uuid_parse(const char *str, struct rt_uuid *ret_uuid);

/* Begins to read a row of data elements: see <rawtooth/element.h>. */
RT_API struct rt_elements rt_elements_of(const void *data, size_t bytes);

/* Begins to read what stands in one: see <rawtooth/element.h>. */
RT_API struct rt_elements rt_elements_in(const struct rt_element *element);

/* Takes the next element: see <rawtooth/element.h>. */
RT_API bool rt_elements_next(struct rt_elements *row,
			     struct rt_element *ret_element);

/* True for exactly one sound element: see <rawtooth/element.h>. */
RT_API bool rt_element_is_valid(const void *data, size_t bytes);

/* Reads an unsigned integer: see <rawtooth/element.h>. */
RT_API bool rt_element_uint(const struct rt_element *element,
			    uint64_t *ret_value);

/* Reads a signed integer: see <rawtooth/element.h>. */
RT_API bool rt_element_int(const struct rt_element *element,
			   int64_t *ret_value);

/* Reads a boolean: see <rawtooth/element.h>. */
RT_API bool rt_element_bool(const struct rt_element *element, bool *ret_value);

/* Reads a UUID: see <rawtooth/element.h>. */
RT_API bool rt_element_uuid(const struct rt_element *element,
			    struct rt_uuid *ret_value);

/* A writer of data elements: see <rawtooth/element.h>. */
RT_API struct rt_element_writer rt_element_writer_init(void *buf, size_t cap);

/* Adds an element without a value: see <rawtooth/element.h>. */
RT_API void rt_element_put_nil(struct rt_element_writer *w);

/* Adds an unsigned integer: see <rawtooth/element.h>. */
RT_API void rt_element_put_uint(struct rt_element_writer *w, size_t bytes,
				uint64_t value);

/* Adds a signed integer: see <rawtooth/element.h>. */
RT_API void rt_element_put_int(struct rt_element_writer *w, size_t bytes,
			       int64_t value);

/* Adds an integer of 16 octets: see <rawtooth/element.h>. */
RT_API void rt_element_put_int128(struct rt_element_writer *w,
				  enum rt_element_type type,
				  const uint8_t value[16]);

/* Adds a UUID, as short as it can be: see <rawtooth/element.h>. */
RT_API void rt_element_put_uuid(struct rt_element_writer *w,
				struct rt_uuid uuid);

/* Adds a UUID in 16 octets: see <rawtooth/element.h>. */
RT_API void rt_element_put_uuid128(struct rt_element_writer *w,
				   struct rt_uuid uuid);

/* Adds a text or URL: see <rawtooth/element.h>. */
RT_API void rt_element_put_text(struct rt_element_writer *w,
				enum rt_element_type type, const void *text,
				size_t bytes);

/* Adds a boolean: see <rawtooth/element.h>. */
RT_API void rt_element_put_bool(struct rt_element_writer *w, bool value);

/* Adds an element that exists already: see <rawtooth/element.h>. */
RT_API void rt_element_put_raw(struct rt_element_writer *w, const void *data,
			       size_t bytes);

/* Opens a sequence or alternative: see <rawtooth/element.h>. */
RT_API void rt_element_begin(struct rt_element_writer *w,
			     enum rt_element_type type);

/* Closes it: see <rawtooth/element.h>. */
RT_API void rt_element_end(struct rt_element_writer *w);

/* True if all of it could be written: see <rawtooth/element.h>. */
RT_API bool rt_element_writer_done(const struct rt_element_writer *w);

#ifdef __cplusplus
}
#endif

#endif
