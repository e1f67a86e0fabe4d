/* SPDX-License-Identifier: MIT */
#ifndef RT_API_OOB_H
#define RT_API_OOB_H

#include "stack/env.h"

struct rt_host;

/* Data of ours for pairing out of band, while it is read. */

/* Makes the callback of the request whose member this is. In tail position. */
void rt_api_oob_deliver(struct rt_ready *ready);

/* Ends it, because the host ends, and says so. */
void rt_api_oob_end(struct rt_host *host);

/* Frees its memory, when the engines are gone already. */
void rt_api_oob_destroy(struct rt_host *host);

#endif
