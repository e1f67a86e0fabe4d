/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/db.h"

#include <assert.h>
#include <errno.h>

#include "l2cap/l2cap.h"
#include "l2cap/sdp/record.h"

/* Handles up to here are reserved (B:5.1.1). */
#define HANDLE_FIRST 0x00010001

/* Octets of the attribute ServiceRecordHandle. */
#define HANDLE_BYTES 8

#define OWN_BYTES 192

struct rt_bytes rt_sdp_record_bytes(const struct rt_sdp_record *record)
{
	return rt_bytes(record->octets, record->bytes);
}

static struct rt_sdp_record *new_record(struct rt_env *env, uint32_t handle,
					size_t bytes)
{
	struct rt_sdp_record *record =
		rt_env_alloc(env, sizeof(*record) + bytes);

	if (!record)
		return NULL;
	*record = (struct rt_sdp_record){ .handle = handle, .bytes = bytes };
	return record;
}

static void put_id(struct rt_element_writer *w, uint16_t id)
{
	rt_element_put_uint(w, 2, id);
}

static void put_uuid(struct rt_element_writer *w, uint16_t value)
{
	rt_element_put_uuid(w, rt_uuid_from_short(value));
}

static void put_text(struct rt_element_writer *w, uint16_t id, const char *text)
{
	put_id(w, id);
	rt_element_put_text(w, RT_ELEMENT_TEXT, text, strlen(text));
}

/* A sequence of one UUID and, unless it is 0, a number of 16 bits. */
static void put_descriptor(struct rt_element_writer *w, uint16_t uuid,
			   uint16_t number)
{
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	put_uuid(w, uuid);
	if (number)
		rt_element_put_uint(w, 2, number);
	rt_element_end(w);
}

/* How we are reached and what we are, with the universal attributes (B:5.1). */
static void put_service(struct rt_element_writer *w)
{
	put_id(w, RT_SDP_RECORD_HANDLE);
	rt_element_put_uint(w, 4, 0);
	put_id(w, RT_SDP_CLASS_ID_LIST);
	put_descriptor(w, RT_SDP_UUID_SERVER, 0);
	put_id(w, RT_SDP_PROTOCOL_LIST);
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	put_descriptor(w, RT_SDP_UUID_L2CAP, RT_L2CAP_PSM_SDP);
	put_descriptor(w, RT_SDP_UUID_SDP, 0);
	rt_element_end(w);
}

/*
 * The record of the server itself (B:5.2). It is in no browse group: who
 * browses looks for services. The version is that of SDP, 1.0, the only one
 * there is. The state is the last thing in it.
 */
static void write_own(struct rt_sdp_record *record, uint32_t state)
{
	struct rt_element_writer w =
		rt_element_writer_init(record->octets, OWN_BYTES);

	put_service(&w);
	put_id(&w, RT_SDP_LANGUAGE_BASE_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uint(&w, 2, 'e' << 8 | 'n');
	rt_element_put_uint(&w, 2, 106); /* UTF-8, as the IANA counts */
	rt_element_put_uint(&w, 2, RT_SDP_SERVICE_NAME);
	rt_element_end(&w);
	put_id(&w, RT_SDP_PROFILE_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	put_descriptor(&w, RT_SDP_UUID_SERVER, 0x0100);
	rt_element_end(&w);
	put_text(&w, RT_SDP_SERVICE_NAME, "Service Discovery");
	put_text(&w, RT_SDP_SERVICE_DESCRIPTION,
		 "Tells which services "
		 "there are");
	put_text(&w, RT_SDP_PROVIDER_NAME, "Rawtooth");
	put_id(&w, RT_SDP_VERSION_NUMBER_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uint(&w, 2, 0x0100);
	rt_element_end(&w);
	put_id(&w, RT_SDP_DATABASE_STATE);
	rt_element_put_uint(&w, 4, state);
	assert(rt_element_writer_done(&w));
	record->bytes = w.len;
}

/* A record has come or gone: clients shall see it (B:5.2.4). */
static void bump_state(struct rt_sdp_db *db)
{
	struct rt_element value;
	uint64_t state = 0;

	if (rt_sdp_attribute_find(rt_sdp_record_bytes(db->own),
				  RT_SDP_DATABASE_STATE, &value))
		(void)rt_element_uint(&value, &state);
	write_own(db->own, (uint32_t)state + 1);
	db->generation++;
}

int rt_sdp_db_init(struct rt_sdp_db *db, struct rt_env *env)
{
	*db = (struct rt_sdp_db){
		.env = env,
		.own = new_record(env, 0, OWN_BYTES),
		.last_handle = HANDLE_FIRST - 1,
	};
	rt_list_init(&db->records);
	if (!db->own)
		return -ENOMEM;
	/* By chance: the state differs from that before we were started. */
	write_own(db->own, rt_env_random32(env));
	rt_list_append(&db->records, &db->own->node);
	return 0;
}

static void free_record(struct rt_sdp_db *db, struct rt_sdp_record *record)
{
	rt_list_del(&record->node);
	rt_env_free(db->env, record);
}

void rt_sdp_db_fini(struct rt_sdp_db *db)
{
	while (!rt_list_empty(&db->records))
		free_record(db, RT_LIST_FIRST(&db->records,
					      struct rt_sdp_record, node));
}

struct rt_sdp_record *rt_sdp_db_find(const struct rt_sdp_db *db,
				     uint32_t handle)
{
	struct rt_sdp_record *record;

	RT_LIST_EACH (record, &db->records, node) {
		if (record->handle == handle)
			return record;
	}
	return NULL;
}

static int check(const struct rt_sdp_db *db, struct rt_bytes attributes,
		 size_t bytes_without)
{
	const struct rt_limits *limits = &db->env->limits;
	struct rt_element value;

	if (!rt_sdp_record_is_valid(attributes, RT_SDP_ASCENDING) ||
	    rt_sdp_attribute_find(attributes, RT_SDP_RECORD_HANDLE, &value))
		return -EINVAL;
	if (attributes.len > limits->sdp_record_bytes)
		return -EMSGSIZE;
	if (bytes_without + HANDLE_BYTES + attributes.len > limits->sdp_bytes)
		return -ENOSPC;
	return 0;
}

/* A record with these attributes behind the handle's; NULL: no memory. */
static struct rt_sdp_record *build(struct rt_sdp_db *db, uint32_t handle,
				   struct rt_bytes attributes)
{
	struct rt_sdp_record *record =
		new_record(db->env, handle, HANDLE_BYTES + attributes.len);
	struct rt_element_writer w;

	if (!record)
		return NULL;
	w = rt_element_writer_init(record->octets, HANDLE_BYTES);
	put_id(&w, RT_SDP_RECORD_HANDLE);
	rt_element_put_uint(&w, 4, handle);
	assert(rt_element_writer_done(&w) && w.len == HANDLE_BYTES);
	if (attributes.len > 0)
		memcpy(record->octets + HANDLE_BYTES, attributes.ptr,
		       attributes.len);
	return record;
}

/* Puts a record where its handle belongs. */
static void insert(struct rt_sdp_db *db, struct rt_sdp_record *record)
{
	struct rt_sdp_record *other;

	RT_LIST_EACH (other, &db->records, node) {
		if (other->handle > record->handle)
			break;
	}
	/* In front of the one with the next higher handle, or at the end. */
	rt_list_append(&other->node, &record->node);
	db->bytes += record->bytes;
}

/* The next handle that is free: one just given up is not used again soon. */
static uint32_t next_handle(const struct rt_sdp_db *db)
{
	uint32_t handle = db->last_handle;

	do
		handle = handle == UINT32_MAX ? HANDLE_FIRST : handle + 1;
	while (rt_sdp_db_find(db, handle));
	return handle;
}

int rt_sdp_db_add(struct rt_sdp_db *db, struct rt_bytes attributes,
		  uint32_t *ret_handle)
{
	struct rt_sdp_record *record;
	int err;

	err = check(db, attributes, db->bytes);
	if (err)
		return err;
	if (db->count >= db->env->limits.sdp_records)
		return -ENOSPC;
	record = build(db, next_handle(db), attributes);
	if (!record)
		return -ENOMEM;
	insert(db, record);
	db->last_handle = record->handle;
	db->count++;
	bump_state(db);
	*ret_handle = record->handle;
	return 0;
}

int rt_sdp_db_update(struct rt_sdp_db *db, uint32_t handle,
		     struct rt_bytes attributes)
{
	struct rt_sdp_record *old = handle ? rt_sdp_db_find(db, handle) : NULL;
	struct rt_sdp_record *record;
	int err;

	if (!old)
		return -ENOENT;
	err = check(db, attributes, db->bytes - old->bytes);
	if (err)
		return err;
	record = build(db, handle, attributes);
	if (!record)
		return -ENOMEM;
	db->bytes -= old->bytes;
	free_record(db, old);
	insert(db, record);
	/* None has come or gone (B:5.2.4), but answers are others now. */
	db->generation++;
	return 0;
}

void rt_sdp_db_remove(struct rt_sdp_db *db, uint32_t handle)
{
	struct rt_sdp_record *record =
		handle ? rt_sdp_db_find(db, handle) : NULL;

	if (!record)
		return;
	db->bytes -= record->bytes;
	db->count--;
	free_record(db, record);
	bump_state(db);
}
