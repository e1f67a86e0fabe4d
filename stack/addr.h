/* SPDX-License-Identifier: MIT */
#ifndef RT_ADDR_H
#define RT_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Bluetooth device address, BD_ADDR (Core Vol 2 Part B 1.2).
 *
 * The octets stand in the order of the wire: b[0] is the least significant
 * one, the last pair of the printed form "AA:BB:CC:DD:EE:FF".
 *
 * This header is part of the public interface and is installed as
 * <rawtooth/addr.h>.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct rt_addr {
	uint8_t b[6];
};

/* Octets of a printed address with its terminating zero. */
#define RT_ADDR_STR_BYTES 18

/* True if both addresses are the same. */
static inline bool rt_addr_equal(struct rt_addr a, struct rt_addr b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

/* True for 00:00:00:00:00:00, which no device has. */
static inline bool rt_addr_is_zero(struct rt_addr a)
{
	static const struct rt_addr zero = { { 0 } };

	return rt_addr_equal(a, zero);
}

/*
 * Writes "AA:BB:CC:DD:EE:FF" and a terminating zero to `str`, which holds
 * RT_ADDR_STR_BYTES octets. Returns `str`.
 */
char *rt_addr_format(struct rt_addr addr, char *str);

/*
 * Reads an address: six pairs of hexadecimal digits in either case, parted by
 * ':', '-' or '_' (the same one throughout). Nothing may follow.
 *
 * Returns 0 and sets *ret_addr, or -EINVAL and leaves it alone.
 */
int rt_addr_parse(const char *str, struct rt_addr *ret_addr);

#ifdef __cplusplus
}
#endif

#endif
