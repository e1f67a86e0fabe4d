/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_PARAMS_H
#define RT_L2CAP_PARAMS_H

#include <stdbool.h>

#include "l2cap/l2cap.h"

/* What a user asks of a channel, or of connectionless data. */

/* True if level and key size are within their ranges. */
bool rt_l2cap_need_is_valid(const struct rt_sec_need *need);

/* True if all values are within their ranges, and limits.ertm_window. */
bool rt_l2cap_params_are_valid(const struct rt_l2cap *l2cap,
			       const struct rt_l2cap_params *params);

#endif
