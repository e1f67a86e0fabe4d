/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_ELEMENT_H
#define RT_SIM_ELEMENT_H

#include "tools/sim/model/bytes.h"

/* Data elements (Core Vol 3 Part B 3), as far as a model needs them. */

#define ELEMENT_UINT 1U
#define ELEMENT_UUID 3U
#define ELEMENT_TEXT 4U
#define ELEMENT_SEQUENCE 6U
#define ELEMENT_ALTERNATIVE 7U

struct element {
	uint8_t type;
	struct rt_bytes body;
};

/* Takes the next element. False, and `in` bad, if it is none. */
bool model_element_take(struct model_in *in, struct element *ret);

/* True if all of it are elements, down to the innermost, 16 deep at most. */
bool model_element_is_sound(struct rt_bytes bytes);

/* True, and sets *ret_value, for an unsigned integer of up to 4 octets. */
bool model_element_uint(const struct element *element, uint32_t *ret_value);

/* True, and sets *ret_uuid, for a UUID that has a short form of 16 bits. */
bool model_element_uuid16(const struct element *element, uint16_t *ret_uuid);

/* Opens a sequence, of up to 255 octets; what follows is in it until... */
size_t model_element_open(struct model_out *out);

/* ...this, with what the opening returned. */
void model_element_close(struct model_out *out, size_t opened);

/* Appends an unsigned integer of 1, 2 or 4 octets. */
void model_element_put_uint(struct model_out *out, uint32_t value,
			    unsigned int bytes);

/* Appends a UUID of 16 bits. */
void model_element_put_uuid16(struct model_out *out, uint16_t uuid);

#endif
