/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_SDP_MUTATE_H
#define RT_TESTS_FUZZ_SDP_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* What the grammars of sdp_server and sdp_client make their PDUs of. */

/* A data element sequence of one to three UUIDs. Returns its length. */
size_t sdp_make_uuids(uint64_t *state, uint8_t *p);

/* A sequence of attribute ids and ranges. Returns its length. */
size_t sdp_make_ids(uint64_t *state, uint8_t *p);

/* Two sequences of attributes with values of any type, or a single one. */
size_t sdp_make_lists(uint64_t *state, uint8_t *p);

#endif
