/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_API_H
#define RT_TESTS_FUZZ_API_H

#include "tests/fuzz/user.h"

/*
 * An input of api: which allocation of the first host's fails (2, 0: none),
 * then records: an act of a user with its arguments, or time.
 */
#define HEAD_BYTES 2
#define RECORDS_MAX 100 /* in an input */

/* The first octet of a record: an act, USER_ACTS is time, and these. */
#define RECORD_OTHER 0x80   /* the other host's user */
#define RECORD_AT_ONCE 0x40 /* nothing else happens before the next */
#define RECORD_ACT 0x3f

_Static_assert(USER_ACTS <= RECORD_ACT, "acts have 6 bits");

#endif
