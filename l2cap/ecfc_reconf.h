/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ECFC_RECONF_H
#define RT_L2CAP_ECFC_RECONF_H

#include "l2cap/sig.h"

/*
 * CREDIT_BASED_RECONFIGURE_REQ and _RSP (Core Vol 3 Part A 4.27, 4.28), of
 * both sides. Who sends the request tells what it receives from then on. The
 * channel ids in it are those of its sender, as all known hosts have it.
 *
 * Ours takes effect when the peer agrees: until then we receive what we
 * received before, and are not sent more. One of a peer is taken whole or not
 * at all.
 */

struct rt_l2cap_link;

/* CREDIT_BASED_RECONFIGURE_REQ has arrived. */
void rt_l2cap_ecfc_reconf_on_req(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_ecfc_reconf_req *msg);

/* CREDIT_BASED_RECONFIGURE_RSP has arrived. */
void rt_l2cap_ecfc_reconf_on_rsp(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_ecfc_reconf_rsp *msg);

/* The link is down: nothing is under way. */
void rt_l2cap_ecfc_reconf_free_all(struct rt_l2cap_link *link);

#endif
