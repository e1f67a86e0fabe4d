/* SPDX-License-Identifier: MIT */
#ifndef RT_API_SERVICE_SEARCH_H
#define RT_API_SERVICE_SEARCH_H

#include <rawtooth/service.h>

#include "stack/env.h"

struct rt_host;

/* Searches of the application for services. */

/* Makes one callback, if there is one. In tail position. */
void rt_api_service_search_deliver(struct rt_ready *ready);

/* Ends those that run, because the host ends, and says so. */
void rt_api_service_searches_end(struct rt_host *host);

/* Frees the memory of all, when the engines are gone already. */
void rt_api_service_searches_destroy(struct rt_host *host);

#endif
