/* SPDX-License-Identifier: MIT */
#ifndef RT_API_LINK_OPTIONS_H
#define RT_API_LINK_OPTIONS_H

#include "api/conn.h"
#include "stack/addr.h"

struct rt_host;

/*
 * Options of a socket that are about its link, which it shares with others
 * (RT_OPTION_SUPERVISION_MS, _SNIFF, _ROLE, _IDLE_HOLD_MS): what was asked for
 * last holds. Options that leave things as they are change nothing.
 */

/*
 * To be called when a connection to `addr` has been begun or accepted: the link
 * exists, open or not. Does nothing if there is none.
 */
void rt_api_link_options_apply(struct rt_host *host, struct rt_addr addr,
			       const struct rt_api_options *options);

/*
 * To be called when a server begins or ends to listen: links of peers are
 * accepted as central if any server that listens wants that.
 */
void rt_api_link_options_listen(struct rt_host *host);

#endif
