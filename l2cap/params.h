/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_PARAMS_H
#define RT_L2CAP_PARAMS_H

#include <stdbool.h>

#include "l2cap/l2cap.h"

/* What a user asks of a channel. */

/* True if all values are within their ranges, and limits.ertm_window. */
bool rt_l2cap_params_are_valid(const struct rt_l2cap *l2cap,
			       const struct rt_l2cap_params *params);

#endif
