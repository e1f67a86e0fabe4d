/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_EXPORT_H
#define RAWTOOTH_EXPORT_H

/* Marks what the shared library exports; everything else is hidden. */
#define RT_API __attribute__((visibility("default")))

/* The result must be looked at. */
#define RT_API_CHECK __attribute__((visibility("default"), warn_unused_result))

#endif
