/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_FIELDS_H
#define RT_TESTS_FUZZ_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/rd.h"

/*
 * Messages that are valid by default: what names a link, a channel or a device
 * is one that there is; the rest an input has to say.
 */

/* What a controller and a peer know of the victim. */
struct known {
	uint16_t handle;
	struct rt_addr addr; /* the peer's */
	uint16_t ours;	     /* channel id at the victim */
	uint16_t peers;	     /* ... and at the peer */
	uint16_t psm;	     /* that the victim may listen on */
};

#define FIELDS_EVENT_MAX 257
#define FIELDS_COMMAND_MAX 300

/*
 * An HCI event, number `number` modulo those of a table, whose free fields are
 * taken from `r`; zeros if it ends. Returns the octets written to `buf`, which
 * holds FIELDS_EVENT_MAX.
 */
size_t fields_event(const struct known *known, uint8_t number, struct rt_rd *r,
		    uint8_t *buf);

/*
 * A command of L2CAP's signalling, likewise, with this identifier; `buf` holds
 * FIELDS_COMMAND_MAX.
 */
size_t fields_command(const struct known *known, uint8_t number, uint8_t ident,
		      struct rt_rd *r, uint8_t *buf);

#endif
