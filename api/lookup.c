/* SPDX-License-Identifier: MIT */
#include "api/lookup.h"

#include <errno.h>

#include <rawtooth/service.h>

#include "api/error.h"
#include "api/host.h"
#include "api/service.h"
#include "api/socket.h"

/*
 * Connecting by UUID. The socket goes on to connect while the channel of the
 * question is still there: so the link stays, and the second step costs no
 * second page.
 */

#define HINT_NO_RECORD "the device has no service with this UUID"
#define HINT_NO_ACCESS                                                       \
	"the device has the service, but not by a protocol that the socket " \
	"has"
#define HINT_REFUSED "the device refuses to tell of its services (SDP)"
#define HINT_OURS "the service is one of this host: only others can be reached"
#define HINT_NOWHERE "the service has neither a port nor a class to look up"

static bool suits(const struct rt_socket *s, const struct rt_sdp_access *access)
{
	switch (s->protocol) {
	case RT_PROTOCOL_UNKNOWN:
		return true;
	case RT_PROTOCOL_L2CAP:
		return !access->rfcomm;
	case RT_PROTOCOL_RFCOMM:
		return access->rfcomm;
	}
	return false;
}

/* The highest version of the profile; of equal ones the oldest record. */
static bool is_better(const struct rt_api_lookup *lookup,
		      const struct rt_sdp_access *access, uint32_t record)
{
	if (!lookup->found)
		return true;
	if (access->version != lookup->access.version)
		return access->version > lookup->access.version;
	return record < lookup->record;
}

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	struct rt_socket *s = user;
	struct rt_api_lookup *lookup = &s->lookup;
	const uint32_t record = rt_api_service_handle_in(attributes);
	struct rt_sdp_access access;

	(void)handle;
	lookup->any = true;
	if (!rt_sdp_record_access(attributes, &access) || !suits(s, &access) ||
	    !is_better(lookup, &access, record))
		return;
	lookup->found = true;
	lookup->access = access;
	lookup->record = record;
}

/* True if the device is there, and has said no to the question itself. */
static bool is_refusal(const struct rt_reason *why)
{
	if (why->layer == RT_LAYER_SDP)
		return why->code < RT_SDP_TIMEOUT;
	return why->layer == RT_LAYER_L2CAP &&
	       (rt_api_error_class(why) == RT_SOCKET_ERROR_SERVICE_NOT_FOUND ||
		rt_api_error_class(why) == RT_SOCKET_ERROR_MISSING_PERMISSIONS);
}

static void fail(struct rt_socket *s, const struct rt_reason *why)
{
	rt_api_error_from_reason(&s->error, why);
	if (is_refusal(why))
		rt_api_error_explain(&s->error,
				     RT_SOCKET_ERROR_SERVICE_NOT_FOUND,
				     HINT_REFUSED);
	rt_api_socket_enter(s, RT_SOCKET_UNCONNECTED);
	rt_api_socket_tell_error(s);
}

/* The device has answered, but there is nothing to connect to. */
static void fail_not_found(struct rt_socket *s)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_API,
		.phase = RT_PHASE_LOOKUP,
		.err = s->lookup.any ? -EPROTONOSUPPORT : -ENOENT,
		.elapsed_us = s->host->env.now_us - s->lookup.began_us,
	};

	rt_api_error_from_reason(&s->error, &why);
	rt_api_error_explain(&s->error, RT_SOCKET_ERROR_SERVICE_NOT_FOUND,
			     s->lookup.any ? HINT_NO_ACCESS : HINT_NO_RECORD);
	rt_api_socket_enter(s, RT_SOCKET_UNCONNECTED);
	rt_api_socket_tell_error(s);
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct rt_socket *s = user;

	s->lookup.asking = false;
	if (why->err < 0) {
		fail(s, why);
		return;
	}
	if (!s->lookup.found) {
		fail_not_found(s);
		return;
	}
	rt_api_socket_connect_found(s,
				    s->lookup.access.rfcomm ? RT_PROTOCOL_RFCOMM
							    : RT_PROTOCOL_L2CAP,
				    s->lookup.access.port);
}

static const struct rt_sdp_query_ops ops = {
	.record = on_record,
	.done = on_done,
};

int rt_api_lookup_start(struct rt_socket *s, const struct rt_api_target *target)
{
	static const struct rt_sdp_range ranges[] = {
		{ RT_SDP_RECORD_HANDLE, RT_SDP_CLASS_ID_LIST },
		{ RT_SDP_PROTOCOL_LIST, RT_SDP_PROTOCOL_LIST },
		{ RT_SDP_PROFILE_LIST, RT_SDP_PROFILE_LIST },
	};
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.addr = target->addr,
		.uuids = &target->uuid,
		.uuid_count = 1,
		.ranges = ranges,
		.range_count = RT_ARRAY_SIZE(ranges),
	};
	rt_handle handle;
	int err = rt_sdp_query(s->host->sdp, &query, &ops, s, &handle);

	if (err < 0)
		return err;
	s->lookup = (struct rt_api_lookup){
		.asking = true,
		.query = handle,
		.began_us = s->host->env.now_us,
	};
	return 0;
}

bool rt_api_lookup_cancel(struct rt_socket *s)
{
	if (!s->lookup.asking)
		return false;
	s->lookup.asking = false;
	rt_sdp_cancel(s->host->sdp, s->lookup.query);
	return true;
}

int rt_socket_connect_uuid(struct rt_socket *s, struct rt_addr addr,
			   struct rt_uuid uuid)
{
	const struct rt_api_target target = {
		.addr = addr,
		.by_uuid = true,
		.uuid = uuid,
	};

	return rt_api_socket_connect(s, &target);
}

int rt_socket_connect_service(struct rt_socket *s,
			      const struct rt_service *service)
{
	struct rt_api_target target = {
		.addr = service->addr,
		.protocol = rt_service_protocol(service),
		.port = rt_service_port(service),
	};

	if (!service->found)
		return rt_api_socket_refuse_connect(
			s, RT_SOCKET_ERROR_OPERATION, -EINVAL, HINT_OURS);
	target.by_uuid = target.port == 0;
	if (target.by_uuid && rt_service_classes(service, &target.uuid, 1) == 0)
		return rt_api_socket_refuse_connect(
			s, RT_SOCKET_ERROR_OPERATION, -EINVAL, HINT_NOWHERE);
	return rt_api_socket_connect(s, &target);
}
