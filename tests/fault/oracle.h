/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_ORACLE_H
#define RT_TESTS_ORACLE_H

#include "tests/fault/event.h"
#include "tests/fault/flow.h"

/*
 * What holds of a run, whatever has happened to it. Each function asserts.
 */

/*
 * Each end was told what was promised, in order, once, and stands where that
 * leaves it. For when everything is quiet.
 */
void oracle_told(const struct run *run);

/*
 * What has arrived is the beginning of what was sent. Where nothing numbers
 * the pieces, one of them may have come twice, or some not at all, if the
 * event is of that kind.
 */
void oracle_data(const struct run *run, const struct event *event);

/* Hosts are UP or DOWN, channels and data link connections open or gone. */
void oracle_quiet(const struct run *run);

/*
 * A new connection carries 4 KiB each way and is closed again, if both hosts
 * are up.
 */
void oracle_usable(struct run *run);

#endif
