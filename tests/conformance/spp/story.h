/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_SPP_STORY_H
#define CONFORMANCE_SPP_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/pair.h"
#include "tests/support/tagged.h"

/*
 * Two hosts: one has a serial port (device B), the other looks for it and
 * connects (device A). Both are ours; what is ours by role is tested, and the
 * other is the lower tester, which looks at every element of the record.
 */

#define SPP_NAME "Serial line"

struct spp {
	struct world *w;
	struct rt_server *server;  /* of host 1 */
	struct end client;	   /* of host 0 */
	struct end taken;	   /* what the server has accepted */
	unsigned int found;	   /* records of the last search */
	struct rt_service *record; /* the first of them */
};

extern struct spp spp;

/* Both are up; around each test. */
void spp_setup(void);

/* Frees all; nothing may be left. */
void spp_teardown(void);

/* Host 1 listens by the UUID of Serial Port, with a record. */
void spp_listen(void);

/* Host 0 searches host 1 for records with all of these UUIDs. */
void spp_search(const struct rt_uuid *uuids, size_t count);

/* Connects host 0 to Serial Port of host 1, and carries data both ways. */
void spp_connect(void);

/* The tests of this folder, a table a file. */
extern const struct tagged_table app_table;    /* app.c */
extern const struct tagged_table record_table; /* record.c */

/* The table of a file whose rows are in `rows`. */
#define SPP_TABLE(rows_)                                        \
	{                                                       \
		.rows = (rows_), .count = RT_ARRAY_SIZE(rows_), \
		.setup = spp_setup, .teardown = spp_teardown,   \
	}

#endif
