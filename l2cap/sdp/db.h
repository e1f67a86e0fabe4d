/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_DB_H
#define RT_SDP_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/sdp.h"
#include "stack/env.h"
#include "stack/list.h"

/*
 * The records of our own services (Core Vol 3 Part B 2.2), in the order of
 * their handles. The first is the server's own.
 */

struct rt_sdp_record {
	struct rt_list node;
	uint32_t handle;
	size_t bytes;
	size_t asked_bytes; /* of the answer measured last, see answer.h */
	uint8_t octets[];   /* attributes, the handle's first */
};

struct rt_sdp_db {
	struct rt_env *env;
	struct rt_list records;
	struct rt_sdp_record *own;
	uint32_t last_handle; /* the last one that was given out */
	uint32_t count;	      /* of records, without the server's own */
	size_t bytes;	      /* of their octets */
	uint32_t generation;  /* changes with every change */
};

/* Makes a database with the server's own record. Returns 0 or -ENOMEM. */
int rt_sdp_db_init(struct rt_sdp_db *db, struct rt_env *env) RT_MUST_CHECK;

/* Frees the records. */
void rt_sdp_db_fini(struct rt_sdp_db *db);

/* As rt_sdp_add(). */
int rt_sdp_db_add(struct rt_sdp_db *db, struct rt_bytes attributes,
		  uint32_t *ret_handle) RT_MUST_CHECK;

/* As rt_sdp_update(). */
int rt_sdp_db_update(struct rt_sdp_db *db, uint32_t handle,
		     struct rt_bytes attributes) RT_MUST_CHECK;

/* As rt_sdp_remove(). */
void rt_sdp_db_remove(struct rt_sdp_db *db, uint32_t handle);

/* The record with this handle; NULL if there is none. */
struct rt_sdp_record *rt_sdp_db_find(const struct rt_sdp_db *db,
				     uint32_t handle);

/* The attributes of a record, the handle's first. */
struct rt_bytes rt_sdp_record_bytes(const struct rt_sdp_record *record);

#endif
