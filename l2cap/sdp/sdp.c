/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp.h"

#include <errno.h>

#include "l2cap/sdp/client.h"
#include "l2cap/sdp/engine.h"
#include "l2cap/sdp/lookup.h"
#include "l2cap/sdp/server.h"

int rt_sdp_new(struct rt_env *env, struct rt_l2cap *l2cap, struct rt_sdp **ret)
{
	struct rt_sdp *sdp = rt_env_alloc(env, sizeof(*sdp));
	int err;

	if (!sdp)
		return -ENOMEM;
	sdp->env = env;
	sdp->l2cap = l2cap;
	rt_list_init(&sdp->conns);
	rt_list_init(&sdp->clients);
	env->hooks.random(env->hooks.ctx, sdp->key, sizeof(sdp->key));
	err = rt_slots_init(env, &sdp->queries,
			    (uint16_t)env->limits.sdp_queries);
	if (err)
		goto free;
	err = rt_sdp_db_init(&sdp->db, env);
	if (err)
		goto free_slots;
	err = rt_sdp_server_init(sdp);
	if (err)
		goto free_db;
	*ret = sdp;
	return 0;
free_db:
	rt_sdp_db_fini(&sdp->db);
free_slots:
	rt_slots_fini(env, &sdp->queries);
free:
	rt_env_free(env, sdp);
	return err;
}

void rt_sdp_free(struct rt_sdp *sdp)
{
	rt_sdp_client_free_all(sdp);
	rt_sdp_server_fini(sdp);
	rt_sdp_db_fini(&sdp->db);
	rt_slots_fini(sdp->env, &sdp->queries);
	rt_env_free(sdp->env, sdp);
}

void rt_sdp_shutdown(struct rt_sdp *sdp)
{
	sdp->stopping = true;
	rt_sdp_server_close(sdp);
	rt_sdp_client_shutdown(sdp);
}

bool rt_sdp_is_idle(const struct rt_sdp *sdp)
{
	return rt_list_empty(&sdp->clients) && rt_list_empty(&sdp->conns);
}

int rt_sdp_add(struct rt_sdp *sdp, struct rt_bytes attributes,
	       uint32_t *ret_handle)
{
	return rt_sdp_db_add(&sdp->db, attributes, ret_handle);
}

int rt_sdp_update(struct rt_sdp *sdp, uint32_t handle,
		  struct rt_bytes attributes)
{
	return rt_sdp_db_update(&sdp->db, handle, attributes);
}

void rt_sdp_remove(struct rt_sdp *sdp, uint32_t handle)
{
	rt_sdp_db_remove(&sdp->db, handle);
}

bool rt_sdp_next(const struct rt_sdp *sdp, uint32_t handle,
		 uint32_t *ret_handle, struct rt_bytes *ret_attributes)
{
	const struct rt_sdp_record *record;

	RT_LIST_EACH (record, &sdp->db.records, node) {
		if (record->handle <= handle)
			continue;
		*ret_handle = record->handle;
		*ret_attributes = rt_sdp_record_bytes(record);
		return true;
	}
	return false;
}

static bool is_among(const struct rt_uuid *uuids, size_t count,
		     struct rt_uuid uuid)
{
	for (size_t i = 0; i < count; i++) {
		if (rt_uuid_equal(uuids[i], uuid))
			return true;
	}
	return false;
}

size_t rt_sdp_classes(const struct rt_sdp *sdp, struct rt_uuid *ret_uuids,
		      size_t cap)
{
	struct rt_uuid classes[RT_SDP_UUIDS_MAX];
	struct rt_bytes attributes;
	uint32_t handle = 0;
	size_t count = 0;
	size_t n;

	while (rt_sdp_next(sdp, handle, &handle, &attributes)) {
		n = rt_sdp_record_classes(attributes, classes,
					  RT_ARRAY_SIZE(classes));
		for (size_t i = 0; i < n && count < cap; i++) {
			if (!is_among(ret_uuids, count, classes[i]))
				ret_uuids[count++] = classes[i];
		}
	}
	return count;
}

int rt_sdp_query(struct rt_sdp *sdp, const struct rt_sdp_query *query,
		 const struct rt_sdp_query_ops *ops, void *user,
		 rt_handle *ret_query)
{
	struct rt_sdp_lookup *lookup;
	rt_handle handle;
	int err;

	if (sdp->stopping)
		return -ESHUTDOWN;
	err = rt_sdp_lookup_new(sdp, query, ops, user, &lookup);
	if (err)
		return err;
	handle = lookup->handle;
	err = rt_sdp_client_add(sdp, query->addr, lookup);
	if (err) {
		rt_sdp_lookup_free(lookup);
		return err;
	}
	*ret_query = handle;
	return 0;
}

void rt_sdp_cancel(struct rt_sdp *sdp, rt_handle query)
{
	struct rt_sdp_lookup *lookup = rt_slots_get(&sdp->queries, query);

	if (lookup)
		rt_sdp_client_cancel(lookup);
}

const struct rt_sdp_stats *rt_sdp_get_stats(const struct rt_sdp *sdp)
{
	return &sdp->stats;
}
