/* SPDX-License-Identifier: MIT */
#ifndef RT_API_DISCOVERY_H
#define RT_API_DISCOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/discovery.h>

#include "stack/base.h"
#include "stack/env.h"

struct rt_host;

/*
 * Requests of the application: inquiries, names, echoes. What an engine tells
 * of one is kept in it until it is delivered.
 */

/* Makes one callback, if there is one. In tail position. */
void rt_api_inquiry_deliver(struct rt_inquiry *inquiry);

/* Makes the callback. In tail position. */
void rt_api_name_deliver(struct rt_name_request *request);

/* Makes the callback. In tail position. */
void rt_api_echo_deliver(struct rt_echo *echo);

/* The inquiry that `ready` is a member of. */
struct rt_inquiry *rt_api_inquiry_of(struct rt_ready *ready);

/* The request that `ready` is a member of. */
struct rt_name_request *rt_api_name_of(struct rt_ready *ready);

/* The echo that `ready` is a member of. */
struct rt_echo *rt_api_echo_of(struct rt_ready *ready);

/* Ends the inquiry that runs, because the host ends, and says so. */
void rt_api_inquiries_end(struct rt_host *host);

/* The same for name requests. */
void rt_api_name_requests_end(struct rt_host *host);

/* The same for echoes. */
void rt_api_echoes_end(struct rt_host *host);

/* Frees the memory of all inquiries, when the engines are gone already. */
void rt_api_inquiries_destroy(struct rt_host *host);

/* The same for name requests. */
void rt_api_name_requests_destroy(struct rt_host *host);

/* The same for echoes. */
void rt_api_echoes_destroy(struct rt_host *host);

#endif
