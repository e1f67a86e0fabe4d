/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_CHECK_H
#define RT_SEC_CHECK_H

#include <stdint.h>

#include "hci/security.h"

/*
 * The gate's rule, rt_sec_check() of hci/security.h, and what a need means
 * once its values are brought into their ranges.
 */

/* The level that a need asks for: 0 to 4, more counts as 4. */
uint8_t rt_sec_need_level(const struct rt_sec_need *need);

/*
 * Octets that the encryption key must have for the need, 7 to 16; 0 if it asks
 * for no encryption at all (level 0).
 */
uint8_t rt_sec_need_key_bytes(const struct rt_sec_need *need);

#endif
