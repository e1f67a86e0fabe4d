/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/fuzz/user.h"

static void on_new_connection(struct rt_server *server, void *user_data)
{
	const struct user_server *us = user_data;

	user_called(us->user);
	user_must(us->server == server, "no callbacks of freed servers");
	user_answered(us->user);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

static void set_option(struct rt_server *server, struct rt_rd *r)
{
	const uint8_t option = rt_rd_u8(r);
	int64_t value = (int32_t)rt_rd_le32(r);

	if (option == RT_OPTION_WRITE_QUEUE_BYTES ||
	    option == RT_OPTION_READ_QUEUE_BYTES)
		value &= 0xffff;
	if (option & 0x80)
		(void)!rt_server_set_security(server, (unsigned int)value);
	else if (option & 0x40)
		(void)!rt_server_set_max_pending(server, (unsigned int)value);
	else
		(void)!rt_server_set_option(server, (enum rt_option)option,
					    value);
}

static void look(const struct rt_server *server)
{
	const unsigned int port = rt_server_port(server);

	user_must(rt_server_is_listening(server) == (port != 0), "a port");
	user_must(rt_server_max_pending(server) <= 16, "16 may wait");
	(void)rt_server_has_pending(server);
	(void)rt_server_error(server);
	(void)rt_server_service(server);
}

static void act_on_server(struct user_server *us, enum user_act what,
			  struct rt_rd *r)
{
	static const char *const names[] = { NULL, "Server", "",
					     "\xff no UTF-8" };
	uint16_t value;

	switch (what) {
	case USER_LISTEN:
		(void)!rt_server_listen(us->server, rt_rd_le16(r));
		break;
	case USER_LISTEN_UUID:
		value = rt_rd_le16(r);
		(void)!rt_server_listen_uuid(us->server,
					     user_uuid((uint8_t)value),
					     names[value >> 8 & 3]);
		break;
	case USER_TAKE:
		user_take(us->user, rt_rd_u8(r),
			  rt_server_next_pending(us->server));
		break;
	case USER_SERVER_CLOSE:
		rt_server_close(us->server);
		break;
	case USER_SERVER_FREE:
		rt_server_free(us->server);
		us->server = NULL;
		return;
	default:
		set_option(us->server, r);
		break;
	}
	look(us->server);
}

void user_act_server(struct user *user, enum user_act what, struct rt_rd *r)
{
	struct user_server *us = &user->server[rt_rd_u8(r) % USER_SERVERS];

	if (what == USER_SERVER_NEW) {
		rt_server_free(us->server);
		us->server = rt_server_new(user->node->host,
					   (enum rt_protocol)(rt_rd_u8(r) % 4),
					   &callbacks, us);
	} else if (us->server) {
		act_on_server(us, what, r);
	}
}

/* --- records of services ------------------------------------------------- */

static void make_service(struct user *user, struct rt_service **place,
			 struct rt_rd *r)
{
	const uint8_t how = rt_rd_u8(r);
	const struct rt_service *other = user->service[how / 4 % USER_SERVICES];
	struct rt_service *service = NULL;

	if (how % 4 == 0 && other)
		service = rt_service_copy(other);
	else if (how % 4 != 3)
		service = rt_service_new(user->node->host);
	rt_service_free(*place);
	*place = service;
}

static void set_fields(struct rt_service *service, struct rt_rd *r)
{
	static const char *const texts[] = { "A name", "", "\xc3\xa4",
					     "\xff no UTF-8" };
	const uint8_t what = rt_rd_u8(r);
	const uint16_t value = rt_rd_le16(r);
	const struct rt_uuid uuids[] = { user_uuid((uint8_t)value),
					 user_uuid(1),
					 user_uuid((uint8_t)(value >> 8)) };

	switch (what % 5) {
	case 0:
		(void)!rt_service_set_name(service, texts[value % 4]);
		return;
	case 1:
		(void)!rt_service_set_description(service, texts[value % 4]);
		return;
	case 2:
		(void)!rt_service_set_provider(service, texts[value % 4]);
		return;
	case 3:
		(void)!rt_service_set_classes(service, uuids, value % 4);
		return;
	default:
		(void)!rt_service_set_port(
			service, (enum rt_protocol)(what / 5 % 4), value);
		return;
	}
}

static void look_at(const struct rt_service *service)
{
	static uint8_t buf[8192];
	struct rt_uuid uuids[4] = { { { 0 } } };
	struct rt_element value;
	ptrdiff_t bytes;
	uint32_t id = 0;

	for (; rt_service_next_attribute(service, id, &id, &value) == 0; id++)
		user_must(id <= UINT16_MAX, "ids have 16 bits");
	bytes = rt_service_encode(service, buf, sizeof(buf));
	user_must(bytes < 0 || rt_element_is_valid(buf, (size_t)bytes),
		  "a record is an element");
	user_must(rt_service_classes(service, uuids, 4) <= 4, "4 at most");
	(void)rt_service_has_uuid(service, uuids[0]);
	(void)rt_service_protocol(service);
	(void)rt_service_port(service);
	(void)rt_service_profile_version(service);
	(void)rt_service_handle(service);
	(void)rt_service_is_registered(service);
	(void)rt_service_address(service);
	user_must(strlen(rt_service_name(service)) < sizeof(buf) &&
			  strlen(rt_service_description(service)) <
				  sizeof(buf) &&
			  strlen(rt_service_provider(service)) < sizeof(buf),
		  "strings end");
}

void user_act_service(struct user *user, enum user_act what, struct rt_rd *r)
{
	struct rt_service **place = &user->service[rt_rd_u8(r) % USER_SERVICES];
	struct rt_bytes element;
	uint16_t id;

	if (what == USER_SERVICE_NEW) {
		make_service(user, place, r);
		return;
	}
	if (!*place)
		return;
	switch (what) {
	case USER_SERVICE_SET:
		id = rt_rd_le16(r);
		element = rt_rd_rest(r);
		(void)!rt_service_set_attribute(*place, id, element.ptr,
						element.len);
		return;
	case USER_SERVICE_FIELDS:
		set_fields(*place, r);
		return;
	case USER_SERVICE_PUBLISH:
		if (rt_rd_u8(r) & 1)
			rt_service_unregister(*place);
		else
			(void)!rt_service_register(*place);
		return;
	default:
		look_at(*place);
		return;
	}
}
