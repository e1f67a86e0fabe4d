/* SPDX-License-Identifier: MIT */
#ifndef RT_API_REDACT_H
#define RT_API_REDACT_H

#include <stdint.h>

#include "stack/env.h"

/*
 * Captures go from hand to hand: link keys, PINs, passkeys and out of band data
 * do not go with them.
 */

/* Octets of a copy: the longest command or event with its header. */
#define RT_API_REDACT_BYTES 258

/*
 * If the packet carries a secret: its copy in `buf`, which holds
 * RT_API_REDACT_BYTES, with zeros in its place; otherwise the packet itself.
 */
const struct rt_packet *rt_api_redact(const struct rt_packet *packet,
				      uint8_t *buf,
				      struct rt_packet *ret_packet);

#endif
