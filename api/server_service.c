/* SPDX-License-Identifier: MIT */
#include "api/server.h"

#include <errno.h>

#include <rawtooth/service.h>

#include "api/host.h"
#include "api/service.h"
#include "l2cap/sdp.h"

/* Servers that others find by a UUID: the record of the Serial Port Profile. */

#define VERSION_1_2 0x0102
#define PROFILE_BYTES 16

/* { { Serial Port, 1.2 } } */
static int set_profile(struct rt_service *service)
{
	struct rt_element_writer w;
	uint8_t octets[PROFILE_BYTES];

	w = rt_element_writer_init(octets, sizeof(octets));
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uuid(&w, rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT));
	rt_element_put_uint(&w, 2, VERSION_1_2);
	rt_element_end(&w);
	rt_element_end(&w);
	return rt_service_set_attribute(service, RT_ATTRIBUTE_PROFILE_LIST,
					octets, w.len);
}

static int set_classes(struct rt_service *service, struct rt_uuid uuid,
		       bool serial)
{
	const struct rt_uuid classes[] = {
		uuid,
		rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT),
	};
	const bool both = serial && !rt_uuid_equal(uuid, classes[1]);

	return rt_service_set_classes(service, classes, both ? 2 : 1);
}

static int describe(struct rt_service *service, const struct rt_server *server,
		    struct rt_uuid uuid, const char *name)
{
	const bool serial = server->protocol == RT_PROTOCOL_RFCOMM;
	int err = set_classes(service, uuid, serial);

	if (err == 0)
		err = rt_service_set_port(service, server->protocol,
					  server->port);
	if (err == 0 && serial)
		err = set_profile(service);
	if (err == 0)
		err = rt_service_set_name(service,
					  name ? name : server->host->name);
	return err;
}

static int publish(struct rt_server *server, struct rt_uuid uuid,
		   const char *name)
{
	struct rt_service *service = rt_service_new(server->host);
	int err;

	if (!service)
		return -ENOMEM;
	err = describe(service, server, uuid, name);
	if (err == 0)
		err = rt_service_register(service);
	if (err < 0) {
		rt_service_free(service);
		return err;
	}
	server->service = service;
	service->owner = &server->service;
	return 0;
}

int rt_server_listen_uuid(struct rt_server *server, struct rt_uuid uuid,
			  const char *name)
{
	int err;

	if (rt_uuid_is_zero(uuid)) {
		server->error = RT_SERVER_ERROR_UNKNOWN;
		return -EINVAL;
	}
	err = rt_server_listen(server, 0);
	if (err < 0)
		return err;
	err = publish(server, uuid, name);
	if (err < 0) {
		rt_server_close(server);
		server->error = RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED;
	}
	return err;
}

struct rt_service *rt_server_service(const struct rt_server *server)
{
	return server->service;
}
