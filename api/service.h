/* SPDX-License-Identifier: MIT */
#ifndef RT_API_SERVICE_H
#define RT_API_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/service.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"

struct rt_host;

/* The strings for people that a record has. */
enum rt_api_service_text {
	RT_API_SERVICE_NAME,
	RT_API_SERVICE_DESCRIPTION,
	RT_API_SERVICE_PROVIDER,
	RT_API_SERVICE_TEXTS,
};

/*
 * What a record says: never changed, replaced as a whole. So the views and
 * strings that the application holds live until the record changes.
 */
struct rt_api_content {
	struct rt_bytes attributes; /* as l2cap/sdp.h has them */
	const char *text[RT_API_SERVICE_TEXTS];
};

struct rt_service {
	struct rt_list node; /* host->services, or of who found it */
	struct rt_grave grave;
	struct rt_host *host;
	struct rt_service **owner; /* points to this one, or NULL */
	struct rt_api_content *content;
	struct rt_addr addr; /* where it was found */
	uint32_t handle;     /* 0: it has none */
	bool found;	     /* another device's */
	bool counted;	     /* for the limit of services */
	bool registered;
};

/* An attribute's new element; one of no octets takes the attribute away. */
struct rt_api_change {
	uint16_t id;
	struct rt_bytes element;
};

/*
 * Changes attributes, all or none, `changes` with ascending ids; the elements
 * are valid. A record that is published changes at once. Returns as
 * rt_service_set_attribute().
 */
int rt_api_service_change(struct rt_service *service,
			  const struct rt_api_change *changes,
			  size_t count) RT_MUST_CHECK;

/*
 * A record that has been found, on no list. NULL: no memory. To be freed with
 * rt_api_service_destroy() or _bury().
 */
struct rt_service *
rt_api_service_found(struct rt_host *host, struct rt_addr addr,
		     struct rt_bytes attributes) RT_MUST_CHECK;

/* The handle that stands in a record; 0 if it has none. */
uint32_t rt_api_service_handle_in(struct rt_bytes attributes);

/* Frees it, leaving alone what is published. */
void rt_api_service_destroy(struct rt_service *service);

/* The same at the end of the step. */
void rt_api_service_bury(struct rt_service *service);

/* Frees the memory of all, when the engines are gone already. */
void rt_api_services_destroy(struct rt_host *host);

/* All that a record says; empty if it says nothing. */
struct rt_bytes rt_api_service_attributes(const struct rt_service *service);

/*
 * Where the names in the primary language stand, and how they are encoded (Core
 * Vol 3 Part B 5.1.8): at 0x0100 if nothing else is said. False if there is no
 * list of language bases.
 */
bool rt_api_service_primary(struct rt_bytes attributes, uint16_t *ret_base,
			    unsigned int *ret_encoding);

#endif
