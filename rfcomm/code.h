/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_CODE_H
#define RT_RFCOMM_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "rfcomm/rfcomm.h"
#include "stack/env.h"
#include "stack/reason.h"

/*
 * A reason of this layer: `code` of enum rt_rfcomm_code, the phase it happened
 * in, and when that began. `by_packet`: the packet that is being handled
 * brought it, and not a timer or the user.
 */
struct rt_reason rt_rfcomm_reason(const struct rt_env *env, uint16_t code,
				  enum rt_phase phase, uint64_t began_us,
				  bool by_packet);

/*
 * True if the reason for which an L2CAP channel closed tells the user more
 * than RT_RFCOMM_SESSION_LOST would: what is not our own doing.
 */
bool rt_rfcomm_reason_tells(const struct rt_reason *why);

/* True if the reason says that the link to the peer is gone. */
bool rt_rfcomm_reason_is_link(const struct rt_reason *why);

#endif
