/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_NAMES_H
#define RT_TOOL_NAMES_H

#include <stdint.h>

/* Names of assigned numbers. All strings are constants. */

/* Features of page 0: 8 octets (Core Vol 2 Part C 3.3). */
#define RT_NAMES_FEATURES 64

/* The core specification of an LMP or HCI version, "5.2", or "unknown". */
const char *rt_names_version(uint8_t version);

/* The company of a company identifier, or "unknown to this program". */
const char *rt_names_company(uint16_t company);

/* The feature of bit 0 to 63, or NULL if that bit is reserved. */
const char *rt_names_feature(unsigned int bit);

/* The major class of a class of device, "Phone" (Assigned Numbers 2.8). */
const char *rt_names_class(uint32_t class_of_device);

#endif
