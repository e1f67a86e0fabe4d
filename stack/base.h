/* SPDX-License-Identifier: MIT */
#ifndef RT_BASE_H
#define RT_BASE_H

#include <stddef.h>
#include <stdint.h>

/*
 * What every file stands on: attributes, a view of octets, container_of.
 */

/* The caller must look at the return value. */
#define RT_MUST_CHECK __attribute__((warn_unused_result))
#define RT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define RT_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define RT_MIN(a, b) ((a) < (b) ? (a) : (b))
#define RT_MAX(a, b) ((a) > (b) ? (a) : (b))

/* clang-format off */

/* The structure of type `type` whose member `member` is at `ptr`. */
#define RT_CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define RT_MS(n) ((uint64_t)(n) * 1000)
#define RT_SECONDS(n) ((uint64_t)(n) * 1000000)

/* clang-format on */

/*
 * A borrowed view of octets. It owns nothing; whoever hands it out says how
 * long it is valid (for packets that arrive: until the call returns).
 */
struct rt_bytes {
	const uint8_t *ptr;
	size_t len;
};

/* A view of `len` octets at `ptr`. */
static inline struct rt_bytes rt_bytes(const void *ptr, size_t len)
{
	struct rt_bytes v = { ptr, len };

	return v;
}

#endif
