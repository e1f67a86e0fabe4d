/* SPDX-License-Identifier: MIT */
#ifndef RT_API_ERROR_H
#define RT_API_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <rawtooth/error.h>
#include <rawtooth/socket.h>

#include "stack/base.h"
#include "stack/reason.h"

/* Why something ended, made fit for the user. */

#define RT_API_ERROR_TEXT_BYTES 200

/* The last error of a socket. */
struct rt_api_error {
	enum rt_socket_error code;
	struct rt_reason why;
	const char *hint; /* of errors that arise here, or NULL */
	char text[RT_API_ERROR_TEXT_BYTES];
};

/* Fills in an error that a layer below gave the reason of. */
void rt_api_error_from_reason(struct rt_api_error *error,
			      const struct rt_reason *why);

/*
 * Fills in an error that arose here: `err` is negative, `hint` a sentence that
 * lives for ever.
 */
void rt_api_error_from_here(struct rt_api_error *error,
			    enum rt_socket_error code, int err,
			    const char *hint);

/*
 * Gives an error another class, and a sentence that says more than that of its
 * layer; it lives for ever.
 */
void rt_api_error_explain(struct rt_api_error *error, enum rt_socket_error code,
			  const char *hint);

/* Adds to the text that `bytes` octets were not sent; nothing for none. */
void rt_api_error_add_unsent(struct rt_api_error *error, size_t bytes);

/* The class of a reason: what Qt would say. */
enum rt_socket_error rt_api_error_class(const struct rt_reason *why);

/*
 * Describes a reason. `hint` is that of RT_LAYER_API, or NULL; other layers
 * bring their own.
 */
void rt_api_error_describe(const struct rt_reason *why, const char *hint,
			   struct rt_error_info *ret_info);

/*
 * Copies a structure of ours that begins with `size` into the caller's, which
 * may be shorter or longer: as far as its size goes; the size stays, and
 * members that we don't know become zero.
 */
void rt_api_copy_out(void *ret, const void *full, size_t full_bytes);

/*
 * Copies the caller's structure that begins with `size` into ours of
 * `full_bytes`: members that it lacks become zero. NULL: all zero.
 */
void rt_api_copy_in(void *ret_full, size_t full_bytes, const void *given);

#endif
