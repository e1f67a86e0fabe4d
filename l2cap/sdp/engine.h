/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_ENGINE_H
#define RT_SDP_ENGINE_H

#include "l2cap/l2cap.h"
#include "l2cap/sdp.h"
#include "l2cap/sdp/db.h"
#include "l2cap/sdp/siphash.h"

/* All that belongs to one engine. */
struct rt_sdp {
	struct rt_env *env;
	struct rt_l2cap *l2cap;
	struct rt_sdp_db db;
	uint8_t key[RT_SIPHASH_KEY_BYTES]; /* of continuation states */
	struct rt_list conns;		   /* of rt_sdp_conn: we are asked */
	struct rt_list clients;		   /* of rt_sdp_client: we ask */
	struct rt_slots queries;	   /* of rt_sdp_lookup */
	struct rt_sdp_stats stats;
	bool stopping;
};

#endif
