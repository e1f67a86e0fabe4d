/* SPDX-License-Identifier: MIT */
#ifndef RT_API_LOOKUP_H
#define RT_API_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/socket.h>

#include "l2cap/sdp.h"
#include "stack/addr.h"
#include "stack/base.h"
#include "stack/slots.h"
#include "stack/uuid.h"

struct rt_socket;

/* What a socket shall connect to. */
struct rt_api_target {
	struct rt_addr addr;
	enum rt_protocol protocol; /* UNKNOWN: the socket's */
	uint16_t port;
	bool by_uuid; /* whatever port this service has */
	struct rt_uuid uuid;
};

/* Asking a device for the port of a service: state SERVICE_LOOKUP. */
struct rt_api_lookup {
	bool asking;
	rt_handle query;
	uint64_t began_us;
	bool any;   /* there is a record */
	bool found; /* there is one that the socket can connect to: */
	struct rt_sdp_access access;
	uint32_t record; /* its handle */
};

/*
 * Asks. Ends in rt_api_socket_connect_found(), or in an error of the socket's,
 * not before this returns. Returns 0 or an errno of rt_sdp_query().
 */
int rt_api_lookup_start(struct rt_socket *s,
			const struct rt_api_target *target) RT_MUST_CHECK;

/* Gives it up. False if the socket does not ask. */
bool rt_api_lookup_cancel(struct rt_socket *s);

#endif
