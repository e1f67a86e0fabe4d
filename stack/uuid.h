/* SPDX-License-Identifier: MIT */
#ifndef RT_UUID_H
#define RT_UUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * UUIDs (Core Vol 3 Part B 2.5): always all 128 bits, in the order in which
 * they are printed and sent. The short forms of 16 and 32 bits are written
 * into the base UUID, 00000000-0000-1000-8000-00805F9B34FB, so that equality
 * is that of the octets.
 *
 * This header is part of the public interface and is installed as
 * <rawtooth/uuid.h>.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct rt_uuid {
	uint8_t b[16];
};

/* Octets of a printed UUID with its terminating zero. */
#define RT_UUID_STR_BYTES 37

/* The UUID of a short form of 16 or 32 bits. */
struct rt_uuid rt_uuid_from_short(uint32_t value);

/* True if `uuid` has a short form, which is then in *ret_value. */
bool rt_uuid_to_short(struct rt_uuid uuid, uint32_t *ret_value);

/* True if both are the same. */
static inline bool rt_uuid_equal(struct rt_uuid a, struct rt_uuid b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

/* True if all bits are zero: no UUID. */
bool rt_uuid_is_zero(struct rt_uuid uuid);

/*
 * Prints to `str`, which holds RT_UUID_STR_BYTES: "0x1101" if there is a form
 * of 16 bits, "0x12345678" of 32, else
 * "00001101-0000-1000-8000-00805f9b34fb". Returns `str`.
 */
char *rt_uuid_format(struct rt_uuid uuid, char *str);

/*
 * Reads "1101", "0x1101", "00001101", "0x00001101" or all 128 bits with
 * hyphens, any case. Returns 0, or -EINVAL.
 */
int rt_uuid_parse(const char *str, struct rt_uuid *ret_uuid);

#ifdef __cplusplus
}
#endif

#endif
