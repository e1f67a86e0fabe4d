/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_SERVICE_H
#define RAWTOOTH_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/element.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>
#include <rawtooth/socket.h>
#include <rawtooth/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rt_host;

/*
 * A service record, ours or another device's, like QBluetoothServiceInfo: a
 * set of attributes by id (Core Vol 3 Part B 2.2), each a data element of any
 * type: see <rawtooth/element.h>.
 */
struct rt_service;

/* Attribute ids that every service may have (Core Vol 3 Part B 5.1). */
enum rt_attribute {
	RT_ATTRIBUTE_RECORD_HANDLE = 0x0000, /* given by the server */
	RT_ATTRIBUTE_CLASS_ID_LIST = 0x0001,
	RT_ATTRIBUTE_RECORD_STATE = 0x0002,
	RT_ATTRIBUTE_SERVICE_ID = 0x0003,
	RT_ATTRIBUTE_PROTOCOL_LIST = 0x0004,
	RT_ATTRIBUTE_BROWSE_GROUP_LIST = 0x0005,
	RT_ATTRIBUTE_LANGUAGE_BASE_LIST = 0x0006,
	RT_ATTRIBUTE_TIME_TO_LIVE = 0x0007,
	RT_ATTRIBUTE_AVAILABILITY = 0x0008,
	RT_ATTRIBUTE_PROFILE_LIST = 0x0009,
	RT_ATTRIBUTE_DOCUMENTATION_URL = 0x000a,
	RT_ATTRIBUTE_CLIENT_EXECUTABLE_URL = 0x000b,
	RT_ATTRIBUTE_ICON_URL = 0x000c,
	RT_ATTRIBUTE_ADDITIONAL_PROTOCOL_LISTS = 0x000d,
	RT_ATTRIBUTE_NAME = 0x0100, /* in the primary language */
	RT_ATTRIBUTE_DESCRIPTION = 0x0101,
	RT_ATTRIBUTE_PROVIDER = 0x0102,
};

/* The UUID of the Serial Port service class, SPP. */
#define RT_UUID_SERIAL_PORT 0x1101

/*
 * An empty record, or NULL: no memory, or the host's limit. Freed with
 * rt_service_free(), which also withdraws it.
 */
RT_API_CHECK struct rt_service *rt_service_new(struct rt_host *host);

/* A copy that is not published; NULL as rt_service_new(). */
RT_API_CHECK struct rt_service *
rt_service_copy(const struct rt_service *service);

/* Withdraws the record if it is published, and frees it. NULL is allowed. */
RT_API void rt_service_free(struct rt_service *service);

/*
 * Sets an attribute to a data element of `bytes` octets, header and all; NULL
 * and 0 take it away. A record that is published changes at once.
 *
 * Returns 0, -EINVAL (not exactly one valid element, or the record handle),
 * -EPERM (a record of another device, which search gave), -EMSGSIZE, -ENOMEM.
 */
RT_API_CHECK int rt_service_set_attribute(struct rt_service *service,
					  uint16_t id, const void *element,
					  size_t bytes);

/*
 * The value of an attribute; the view lives until the record changes. -ENOENT
 * if it has none.
 */
RT_API_CHECK int rt_service_attribute(const struct rt_service *service,
				      uint16_t id,
				      struct rt_element *ret_value);

/*
 * The first attribute with an id of at least `from`: for (id = 0;
 * rt_service_next_attribute(s, id, &id, &value) == 0; id++). -ENOENT: no more.
 * Id 0xFFFF is the last there can be.
 */
RT_API_CHECK int rt_service_next_attribute(const struct rt_service *service,
					   uint32_t from, uint32_t *ret_id,
					   struct rt_element *ret_value);

/*
 * Writes all of it as one data element, a sequence of ids and values. Returns
 * the octets, or -EMSGSIZE.
 */
RT_API_CHECK ptrdiff_t rt_service_encode(const struct rt_service *service,
					 void *buf, size_t bytes);

/*
 * The service's names for people, "" if it has none; the strings live until
 * the record changes.
 */
RT_API const char *rt_service_name(const struct rt_service *service);

/* Its description, likewise. */
RT_API const char *rt_service_description(const struct rt_service *service);

/* Its provider, likewise. */
RT_API const char *rt_service_provider(const struct rt_service *service);

/*
 * Sets the name in the primary language, UTF-8, and the language base if there
 * is none. Returns as rt_service_set_attribute().
 */
RT_API_CHECK int rt_service_set_name(struct rt_service *service,
				     const char *name);

/* Sets the description, likewise. */
RT_API_CHECK int rt_service_set_description(struct rt_service *service,
					    const char *description);

/* Sets the provider, likewise. */
RT_API_CHECK int rt_service_set_provider(struct rt_service *service,
					 const char *provider);

/* Up to `count` class ids, the most specific first; returns how many. */
RT_API size_t rt_service_classes(const struct rt_service *service,
				 struct rt_uuid *ret_uuids, size_t count);

/* Sets the class ids. Returns as rt_service_set_attribute(). */
RT_API_CHECK int rt_service_set_classes(struct rt_service *service,
					const struct rt_uuid *uuids,
					size_t count);

/* True if the UUID stands anywhere in the record. */
RT_API bool rt_service_has_uuid(const struct rt_service *service,
				struct rt_uuid uuid);

/* How to connect to it; UNKNOWN if by nothing that we have. */
RT_API enum rt_protocol rt_service_protocol(const struct rt_service *service);

/* The server channel or PSM; 0 if there is none. */
RT_API uint16_t rt_service_port(const struct rt_service *service);

/* Version of the first profile it names, 0x0102 for 1.2; 0: it names none. */
RT_API uint16_t rt_service_profile_version(const struct rt_service *service);

/* Sets the protocol list. Returns as rt_service_set_attribute(). */
RT_API_CHECK int rt_service_set_port(struct rt_service *service,
				     enum rt_protocol protocol, uint16_t port);

/* The device it was found on; zero for one of ours. */
RT_API struct rt_addr rt_service_address(const struct rt_service *service);

/* Its record handle; 0 if it has none yet. */
RT_API uint32_t rt_service_handle(const struct rt_service *service);

/*
 * Publishes the record: other devices find it, by browsing too if it is in the
 * public browse group, which is added if there is no browse group list.
 *
 * Returns 0, -EALREADY, -EPERM (another device's), -EINVAL (no class id),
 * -ENOSPC, -EMSGSIZE or -ENOMEM.
 */
RT_API_CHECK int rt_service_register(struct rt_service *service);

/* Withdraws it. Does nothing if it is not published. */
RT_API void rt_service_unregister(struct rt_service *service);

/* True while it is published. */
RT_API bool rt_service_is_registered(const struct rt_service *service);

/* The name of a well-known UUID, "Serial Port"; NULL if it has none. */
RT_API const char *rt_uuid_name(struct rt_uuid uuid);

/*
 * The UUID for a short name ("spp", "SP", "OPUSH") or for any form that
 * rt_uuid_parse() reads. Returns 0 or -EINVAL.
 */
RT_API_CHECK int rt_uuid_by_name(const char *name, struct rt_uuid *ret_uuid);

/* Finds services, like QBluetoothServiceDiscoveryAgent. */
struct rt_service_search;

struct rt_service_search_callbacks {
	size_t size;
	/*
	 * A service; it belongs to the search and lives until the callback
	 * returns: rt_service_copy() keeps it.
	 */
	void (*on_service)(struct rt_service_search *search,
			   const struct rt_service *service, void *user_data);
	/*
	 * A device has been asked: info->err is 0, or why it could not be. The
	 * others go on.
	 */
	void (*on_device_done)(struct rt_service_search *search,
			       struct rt_addr addr,
			       const struct rt_error_info *info,
			       void *user_data);
	/*
	 * It is over. With one device as its on_device_done; with all, err is
	 * 0 if the inquiry went well. Once, not after rt_service_search_free().
	 */
	void (*on_done)(struct rt_service_search *search,
			const struct rt_error_info *info, void *user_data);
};

struct rt_service_search_options {
	size_t size;
	const struct rt_service_search_callbacks *callbacks;
	void *user_data;
	struct rt_addr addr;  /* zero: all devices that an inquiry finds */
	unsigned int seconds; /* of the inquiry; 0: 11 */
	/* All of these must be in a record; none: the public browse root. */
	const struct rt_uuid *uuids;
	size_t uuid_count; /* at most 12 */
	/* One device: this record rather than those with the UUIDs; 0: no. */
	uint32_t handle;
	/*
	 * Only class ids, protocols, profiles and names, which is enough to
	 * connect, rather than all attributes.
	 */
	bool minimal;
};

/*
 * Starts a search; all is copied. Returns 0 and a search to be freed with
 * rt_service_search_free(), -EINVAL, -EBUSY (an inquiry runs), -ENETDOWN,
 * -ENOSPC, -EMLINK or -ENOMEM.
 */
RT_API_CHECK int
rt_service_search_start(struct rt_host *host,
			const struct rt_service_search_options *options,
			struct rt_service_search **ret_search);

/* Stops it if it still runs, and frees it. NULL is allowed. */
RT_API void rt_service_search_free(struct rt_service_search *search);

/*
 * Connects to the service with this UUID on a device: SERVICE_LOOKUP, its
 * records over the same link, then CONNECTING to the best of them: one that
 * can be reached by the socket's protocol, of the highest profile version,
 * the lowest record handle. An UNKNOWN socket takes the protocol of the
 * record.
 *
 * Returns as rt_socket_connect(), and -EINVAL for a zero UUID. If it fails:
 * SERVICE_NOT_FOUND, with the hint telling apart no record, a record without a
 * usable protocol, and a device that refuses SDP.
 */
RT_API_CHECK int rt_socket_connect_uuid(struct rt_socket *s,
					struct rt_addr addr,
					struct rt_uuid uuid);

/*
 * Connects to a service that a search gave. The socket takes its protocol,
 * whatever it had; without a port the service is looked up by its first class
 * id and the socket's own protocol. Returns as rt_socket_connect(); -EINVAL if
 * it is one of ours, or has neither port nor class.
 */
RT_API_CHECK int rt_socket_connect_service(struct rt_socket *s,
					   const struct rt_service *service);

/*
 * Listens on a free port and publishes a record: class id `uuid`, protocols,
 * public browse group, language base, `name` (NULL: the host's); for RFCOMM
 * also the class and profile of Serial Port 1.2. rt_server_close() withdraws
 * it.
 *
 * Returns as rt_server_listen() and rt_service_register(), with error
 * SERVICE_ALREADY_REGISTERED if the record can't be had.
 */
RT_API_CHECK int rt_server_listen_uuid(struct rt_server *server,
				       struct rt_uuid uuid, const char *name);

/*
 * The record of rt_server_listen_uuid(), the server's, for changing attributes;
 * NULL if there is none.
 */
RT_API struct rt_service *rt_server_service(const struct rt_server *server);

#ifdef __cplusplus
}
#endif

#endif
