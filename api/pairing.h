/* SPDX-License-Identifier: MIT */
#ifndef RT_API_PAIRING_H
#define RT_API_PAIRING_H

#include "stack/env.h"

struct rt_host;

/* Bonds that the application asks for. */

/* Makes the callback of the pairing whose member this is. In tail position. */
void rt_api_pairing_deliver(struct rt_ready *ready);

/* Ends those that run, because the host ends, and says so. */
void rt_api_pairings_end(struct rt_host *host);

/* Frees the memory of all, when the engines are gone already. */
void rt_api_pairings_destroy(struct rt_host *host);

#endif
