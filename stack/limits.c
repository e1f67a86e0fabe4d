/* SPDX-License-Identifier: MIT */
#include "stack/limits.h"

const struct rt_limits rt_limits_default = {
#define X(name, value, why) .name = (value),
	RT_LIMITS(X)
#undef X
};
