/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_WRITTEN_H
#define RT_SIM_WRITTEN_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define RT_SIM_MEMORY_SANITIZER 1
#endif
#endif

/*
 * Every octet that leaves the stack was written by it: under the memory
 * sanitizer one that was not ends the program. Else nothing happens.
 */
static inline void sim_expect_written(const void *ptr, size_t bytes)
{
#ifdef RT_SIM_MEMORY_SANITIZER
	__msan_check_mem_is_initialized(ptr, bytes);
#else
	(void)ptr;
	(void)bytes;
#endif
}

/* What is there may be looked at, whoever has written it or nobody. */
static inline void sim_expect_anything(const void *ptr, size_t bytes)
{
#ifdef RT_SIM_MEMORY_SANITIZER
	__msan_unpoison(ptr, bytes);
#else
	(void)ptr;
	(void)bytes;
#endif
}

#endif
