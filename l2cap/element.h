/* SPDX-License-Identifier: MIT */
#ifndef RT_ELEMENT_H
#define RT_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/uuid.h"

/*
 * Data elements (Core Vol 3 Part B 3): values of service attributes, read
 * where they lie and written into a buffer of the caller's. Nothing here
 * allocates, recurses or trusts a length.
 *
 * This header is part of the public interface and is installed as
 * <rawtooth/element.h>.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* How deep sequences may stand in one another; deeper ones are malformed. */
#define RT_ELEMENT_DEPTH_MAX 8

/* Type descriptors (B:3.2). */
enum rt_element_type {
	RT_ELEMENT_NIL = 0,
	RT_ELEMENT_UINT = 1, /* 1, 2, 4, 8 or 16 octets */
	RT_ELEMENT_INT = 2,  /* likewise, two's complement */
	RT_ELEMENT_UUID = 3, /* 2, 4 or 16 */
	RT_ELEMENT_TEXT = 4,
	RT_ELEMENT_BOOL = 5,
	RT_ELEMENT_SEQUENCE = 6,
	RT_ELEMENT_ALTERNATIVE = 7,
	RT_ELEMENT_URL = 8,
};

/* One element: its type and a view of its value, without the header. */
struct rt_element {
	enum rt_element_type type;
	const uint8_t *value; /* big endian; of a sequence: its elements */
	size_t bytes;
};

/* A row of elements that is read from left to right. */
struct rt_elements {
	const uint8_t *next;
	size_t left;
	bool broken; /* sticky: a header that is wrong or reaches too far */
};

/* Begins to read `bytes` octets at `data`. */
struct rt_elements rt_elements_of(const void *data, size_t bytes);

/* Begins to read what stands in a sequence or alternative; else nothing. */
struct rt_elements rt_elements_in(const struct rt_element *element);

/*
 * Takes the next element. False at the end, or if it is malformed: then
 * `broken` is set.
 */
bool rt_elements_next(struct rt_elements *row, struct rt_element *ret_element);

/*
 * True if `bytes` octets at `data` are exactly one element, well formed to the
 * bottom and no deeper than RT_ELEMENT_DEPTH_MAX.
 */
bool rt_element_is_valid(const void *data, size_t bytes);

/* The value of an unsigned integer of at most 8 octets, into *ret_value. */
bool rt_element_uint(const struct rt_element *element, uint64_t *ret_value);

/* The value of a signed integer of at most 8 octets. */
bool rt_element_int(const struct rt_element *element, int64_t *ret_value);

/* The value of a boolean. */
bool rt_element_bool(const struct rt_element *element, bool *ret_value);

/* The value of a UUID of any size. */
bool rt_element_uuid(const struct rt_element *element,
		     struct rt_uuid *ret_value);

/*
 * Writes elements one after the other. What does not fit sets `failed`, which
 * stays, and nothing is written beyond `cap`; ask once, at the end.
 */
struct rt_element_writer {
	uint8_t *buf;
	size_t cap;
	size_t len; /* octets written */
	bool failed;
	uint8_t depth;
	size_t open[RT_ELEMENT_DEPTH_MAX]; /* where sequences began */
};

/* A writer into `buf`, which holds `cap` octets. */
struct rt_element_writer rt_element_writer_init(void *buf, size_t cap);

/* Adds an element without a value. */
void rt_element_put_nil(struct rt_element_writer *w);

/* Adds an unsigned integer of 1, 2, 4 or 8 octets, in which it must fit. */
void rt_element_put_uint(struct rt_element_writer *w, size_t bytes,
			 uint64_t value);

/* Adds a signed integer of 1, 2, 4 or 8 octets. */
void rt_element_put_int(struct rt_element_writer *w, size_t bytes,
			int64_t value);

/* Adds 16 octets, big endian, as an integer of type UINT or INT. */
void rt_element_put_int128(struct rt_element_writer *w,
			   enum rt_element_type type, const uint8_t value[16]);

/* Adds a UUID in the shortest of its forms. */
void rt_element_put_uuid(struct rt_element_writer *w, struct rt_uuid uuid);

/* Adds a UUID in 16 octets. */
void rt_element_put_uuid128(struct rt_element_writer *w, struct rt_uuid uuid);

/* Adds a text or URL of `bytes` octets. */
void rt_element_put_text(struct rt_element_writer *w, enum rt_element_type type,
			 const void *text, size_t bytes);

/* Adds a boolean. */
void rt_element_put_bool(struct rt_element_writer *w, bool value);

/* Adds an element that exists already, header and all; it must be valid. */
void rt_element_put_raw(struct rt_element_writer *w, const void *data,
			size_t bytes);

/* Opens a SEQUENCE or ALTERNATIVE; what follows stands in it. */
void rt_element_begin(struct rt_element_writer *w, enum rt_element_type type);

/* Closes it. Its header becomes the shortest that holds its length. */
void rt_element_end(struct rt_element_writer *w);

/* True if all went well and every sequence is closed. */
bool rt_element_writer_done(const struct rt_element_writer *w);

#ifdef __cplusplus
}
#endif

#endif
