/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_SDP_TABLES_H
#define REGRESS_SDP_TABLES_H

#include "tests/support/tagged.h"

/* The tests of the rows SDP-*, a table a file. */
extern const struct tagged_table sdp_parts_table;   /* sdp_parts.c */
extern const struct tagged_table sdp_request_table; /* sdp_request.c */
extern const struct tagged_table sdp_element_table; /* sdp_element.c */
extern const struct tagged_table sdp_answer_table;  /* sdp_answer.c */

#endif
