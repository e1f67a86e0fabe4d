/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_GAP_TABLES_H
#define CONFORMANCE_GAP_TABLES_H

#include "tests/conformance/gap/story.h"

/* The tests of security and bonding, a table a file. */
extern const struct tagged_table sem_table;   /* sem.c */
extern const struct tagged_table steps_table; /* steps.c */
extern const struct tagged_table bond_table;  /* bond.c */

#endif
