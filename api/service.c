/* SPDX-License-Identifier: MIT */
#include "api/service.h"

#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "api/text.h"
#include "l2cap/sdp.h"
#include "stack/wr.h"

/* Records: their octets, their life, and how they are published. */

#define ID_BYTES 3 /* of the element that an attribute's id is */

/* Header of a sequence whose length has so many bits (B:3.2, 3.3). */
#define SEQUENCE_8 0x35
#define SEQUENCE_16 0x36
#define SEQUENCE_32 0x37

struct rt_bytes rt_api_service_attributes(const struct rt_service *service)
{
	return service->content ? service->content->attributes
				: rt_bytes(NULL, 0);
}

/* One attribute where it stands. */
struct attribute {
	uint16_t id;
	struct rt_element value;
	struct rt_bytes octets; /* id and value */
};

static bool next_attribute(struct rt_elements *row, struct attribute *ret)
{
	const uint8_t *begin = row->next;
	struct attribute attribute;
	struct rt_element id;
	uint64_t number;

	if (!rt_elements_next(row, &id) || !rt_element_uint(&id, &number) ||
	    !rt_elements_next(row, &attribute.value))
		return false;
	attribute.id = (uint16_t)number;
	attribute.octets = rt_bytes(begin, (size_t)(row->next - begin));
	*ret = attribute;
	return true;
}

static struct rt_elements row_of(struct rt_bytes attributes)
{
	return rt_elements_of(attributes.ptr, attributes.len);
}

/* The text of a record as it was sent; of no octets if there is none. */
static struct rt_bytes find_text(struct rt_bytes attributes, uint32_t id)
{
	struct rt_element value;

	if (id > UINT16_MAX ||
	    !rt_sdp_attribute_find(attributes, (uint16_t)id, &value) ||
	    value.type != RT_ELEMENT_TEXT)
		return rt_bytes(NULL, 0);
	return rt_bytes(value.value, value.bytes);
}

/* Makes content of attributes, with the strings behind them. NULL: no memory */
static struct rt_api_content *new_content(struct rt_env *env,
					  struct rt_bytes attributes)
{
	struct rt_bytes text[RT_API_SERVICE_TEXTS];
	size_t bytes = sizeof(struct rt_api_content) + attributes.len;
	struct rt_api_content *content;
	unsigned int encoding;
	uint16_t base;
	size_t room;
	char *end;

	(void)rt_api_service_primary(attributes, &base, &encoding);
	for (uint32_t i = 0; i < RT_API_SERVICE_TEXTS; i++) {
		text[i] = find_text(attributes, base + i);
		bytes += rt_api_text_copy(text[i], encoding, NULL, 0) + 1;
	}
	content = rt_env_alloc(env, bytes);
	if (!content)
		return NULL;
	end = (char *)(content + 1);
	room = bytes - sizeof(*content) - attributes.len;
	if (attributes.len > 0)
		memcpy(end, attributes.ptr, attributes.len);
	content->attributes = rt_bytes(end, attributes.len);
	end += attributes.len;
	for (int i = 0; i < RT_API_SERVICE_TEXTS; i++) {
		content->text[i] = end;
		bytes = rt_api_text_copy(text[i], encoding, end, room) + 1;
		end += bytes;
		room -= bytes;
	}
	return content;
}

static struct rt_service *new_service(struct rt_host *host)
{
	struct rt_service *service;

	service = rt_env_alloc(&host->env, sizeof(*service));
	if (!service)
		return NULL;
	service->host = host;
	rt_list_init(&service->node);
	return service;
}

/* Gives it to the application, which may have so many. */
static void count_in(struct rt_service *service)
{
	rt_list_append(&service->host->services, &service->node);
	service->host->service_count++;
	service->counted = true;
}

static bool is_full(const struct rt_host *host)
{
	return host->service_count >= host->env.limits.services;
}

struct rt_service *rt_service_new(struct rt_host *host)
{
	struct rt_service *service;

	if (is_full(host))
		return NULL;
	service = new_service(host);
	if (service)
		count_in(service);
	return service;
}

uint32_t rt_api_service_handle_in(struct rt_bytes attributes)
{
	struct rt_element value;
	uint64_t handle;

	if (!rt_sdp_attribute_find(attributes, RT_SDP_RECORD_HANDLE, &value) ||
	    !rt_element_uint(&value, &handle) || handle > UINT32_MAX)
		return 0;
	return (uint32_t)handle;
}

struct rt_service *rt_api_service_found(struct rt_host *host,
					struct rt_addr addr,
					struct rt_bytes attributes)
{
	struct rt_service *service = new_service(host);

	if (!service)
		return NULL;
	service->addr = addr;
	service->handle = rt_api_service_handle_in(attributes);
	service->found = true;
	service->content = new_content(&host->env, attributes);
	if (service->content)
		return service;
	rt_api_service_destroy(service);
	return NULL;
}

struct rt_service *rt_service_copy(const struct rt_service *service)
{
	struct rt_host *host = service->host;
	struct rt_service *copy;

	if (is_full(host))
		return NULL;
	copy = rt_api_service_found(host, service->addr,
				    rt_api_service_attributes(service));
	if (!copy)
		return NULL;
	copy->found = service->found;
	count_in(copy);
	return copy;
}

void rt_api_service_destroy(struct rt_service *service)
{
	struct rt_host *host = service->host;

	if (service->owner)
		*service->owner = NULL;
	if (service->counted)
		host->service_count--;
	rt_list_del(&service->node);
	rt_env_free(&host->env, service->content);
	rt_env_free(&host->env, service);
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	(void)env;
	rt_api_service_destroy(
		RT_CONTAINER_OF(grave, struct rt_service, grave));
}

void rt_api_service_bury(struct rt_service *service)
{
	rt_list_del(&service->node);
	rt_env_bury(&service->host->env, &service->grave, free_grave);
}

void rt_service_free(struct rt_service *service)
{
	if (!service)
		return;
	rt_service_unregister(service);
	rt_api_service_destroy(service);
}

void rt_api_services_destroy(struct rt_host *host)
{
	while (!rt_list_empty(&host->services))
		rt_api_service_destroy(RT_LIST_FIRST(&host->services,
						     struct rt_service, node));
}

static void put_change(struct rt_wr *w, const struct rt_api_change *change)
{
	struct rt_element_writer id;
	uint8_t octets[ID_BYTES];

	if (change->element.len == 0)
		return;
	id = rt_element_writer_init(octets, sizeof(octets));
	rt_element_put_uint(&id, sizeof(change->id), change->id);
	rt_wr_put(w, rt_bytes(octets, id.len));
	rt_wr_put(w, change->element);
}

/* Writes attributes with changes made to them. Both are in order. */
static void merge(struct rt_wr *w, struct rt_bytes attributes,
		  const struct rt_api_change *changes, size_t count)
{
	struct rt_elements row = row_of(attributes);
	struct attribute attribute;
	size_t i = 0;

	while (next_attribute(&row, &attribute)) {
		while (i < count && changes[i].id < attribute.id)
			put_change(w, &changes[i++]);
		if (i < count && changes[i].id == attribute.id)
			put_change(w, &changes[i++]);
		else
			rt_wr_put(w, attribute.octets);
	}
	while (i < count)
		put_change(w, &changes[i++]);
}

/* The content with changes made to it, which must keep to the limit. */
static int draft(const struct rt_service *service,
		 const struct rt_api_change *changes, size_t count,
		 struct rt_api_content **ret_content)
{
	const struct rt_bytes attributes = rt_api_service_attributes(service);
	struct rt_env *env = &service->host->env;
	size_t bytes = attributes.len;
	struct rt_api_content *content;
	uint8_t *buf;
	struct rt_wr w;

	for (size_t i = 0; i < count; i++)
		bytes += ID_BYTES + changes[i].element.len;
	buf = rt_env_alloc(env, bytes);
	if (!buf)
		return -ENOMEM;
	w = rt_wr_init(buf, bytes);
	merge(&w, attributes, changes, count);
	if (w.len > env->limits.sdp_record_bytes) {
		rt_env_free(env, buf);
		return -EMSGSIZE;
	}
	content = new_content(env, rt_wr_bytes(&w));
	rt_env_free(env, buf);
	if (!content)
		return -ENOMEM;
	*ret_content = content;
	return 0;
}

static void replace(struct rt_service *service, struct rt_api_content *content)
{
	rt_env_free(&service->host->env, service->content);
	service->content = content;
}

static bool has_class(struct rt_bytes attributes)
{
	struct rt_uuid uuid;

	return rt_sdp_record_classes(attributes, &uuid, 1) > 0;
}

/* Tells those who show what is published. */
static void changed(struct rt_host *host)
{
	rt_api_host_services_changed(host);
	rt_api_host_touch(host);
}

/* What others can see changes with it. */
static int republish(struct rt_service *service, struct rt_bytes attributes)
{
	if (!has_class(attributes))
		return -EINVAL;
	return rt_sdp_update(service->host->sdp, service->handle, attributes);
}

int rt_api_service_change(struct rt_service *service,
			  const struct rt_api_change *changes, size_t count)
{
	struct rt_host *host = service->host;
	struct rt_api_content *content;
	int err;

	if (service->found)
		return -EPERM;
	rt_api_host_enter(host);
	err = draft(service, changes, count, &content);
	if (err < 0)
		return err;
	if (service->registered)
		err = republish(service, content->attributes);
	if (err < 0) {
		rt_env_free(&host->env, content);
		return err;
	}
	replace(service, content);
	if (service->registered)
		changed(host);
	return 0;
}

int rt_service_set_attribute(struct rt_service *service, uint16_t id,
			     const void *element, size_t bytes)
{
	const struct rt_api_change change = {
		.id = id,
		.element = rt_bytes(element, bytes),
	};

	if (service->found)
		return -EPERM;
	if (id == RT_ATTRIBUTE_RECORD_HANDLE)
		return -EINVAL;
	if (!element != (bytes == 0))
		return -EINVAL;
	if (bytes > service->host->env.limits.sdp_record_bytes)
		return -EMSGSIZE;
	if (bytes > 0 && !rt_element_is_valid(element, bytes))
		return -EINVAL;
	return rt_api_service_change(service, &change, 1);
}

int rt_service_attribute(const struct rt_service *service, uint16_t id,
			 struct rt_element *ret_value)
{
	return rt_sdp_attribute_find(rt_api_service_attributes(service), id,
				     ret_value)
		       ? 0
		       : -ENOENT;
}

int rt_service_next_attribute(const struct rt_service *service, uint32_t from,
			      uint32_t *ret_id, struct rt_element *ret_value)
{
	struct rt_elements row = row_of(rt_api_service_attributes(service));
	struct attribute attribute;
	struct attribute best = { .id = 0 };
	bool found = false;

	/* Other devices have been seen to send them in disorder. */
	while (next_attribute(&row, &attribute)) {
		if (attribute.id < from || (found && attribute.id >= best.id))
			continue;
		best = attribute;
		found = true;
	}
	if (!found)
		return -ENOENT;
	*ret_id = best.id;
	*ret_value = best.value;
	return 0;
}

ptrdiff_t rt_service_encode(const struct rt_service *service, void *buf,
			    size_t bytes)
{
	const struct rt_bytes all = rt_api_service_attributes(service);
	struct rt_wr w = rt_wr_init(buf, bytes);

	if (all.len <= UINT8_MAX) {
		rt_wr_u8(&w, SEQUENCE_8);
		rt_wr_be(&w, all.len, 1);
	} else if (all.len <= UINT16_MAX) {
		rt_wr_u8(&w, SEQUENCE_16);
		rt_wr_be(&w, all.len, 2);
	} else {
		rt_wr_u8(&w, SEQUENCE_32);
		rt_wr_be(&w, all.len, 4);
	}
	rt_wr_put(&w, all);
	return rt_wr_ok(&w) ? (ptrdiff_t)w.len : -EMSGSIZE;
}

struct rt_addr rt_service_address(const struct rt_service *service)
{
	return service->addr;
}

uint32_t rt_service_handle(const struct rt_service *service)
{
	return service->handle;
}

bool rt_service_is_registered(const struct rt_service *service)
{
	return service->registered;
}

/* Adds the public browse group unless the record says where it is browsed. */
static int draft_public(const struct rt_service *service,
			struct rt_api_content **ret_content)
{
	struct rt_api_change change = { .id = RT_ATTRIBUTE_BROWSE_GROUP_LIST };
	struct rt_element_writer w;
	struct rt_element value;
	uint8_t octets[8];

	if (rt_service_attribute(service, change.id, &value) == 0)
		return draft(service, NULL, 0, ret_content);
	w = rt_element_writer_init(octets, sizeof(octets));
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uuid(&w,
			    rt_uuid_from_short(RT_SDP_UUID_PUBLIC_BROWSE_ROOT));
	rt_element_end(&w);
	change.element = rt_bytes(octets, w.len);
	return draft(service, &change, 1, ret_content);
}

int rt_service_register(struct rt_service *service)
{
	struct rt_host *host = service->host;
	struct rt_api_content *content;
	int err;

	if (service->found)
		return -EPERM;
	if (service->registered)
		return -EALREADY;
	if (!has_class(rt_api_service_attributes(service)))
		return -EINVAL;
	rt_api_host_enter(host);
	err = draft_public(service, &content);
	if (err < 0)
		return err;
	err = rt_sdp_add(host->sdp, content->attributes, &service->handle);
	if (err < 0) {
		rt_env_free(&host->env, content);
		return err;
	}
	replace(service, content);
	service->registered = true;
	changed(host);
	return 0;
}

void rt_service_unregister(struct rt_service *service)
{
	struct rt_host *host = service->host;

	if (!service->registered)
		return;
	rt_api_host_enter(host);
	rt_sdp_remove(host->sdp, service->handle);
	service->registered = false;
	service->handle = 0;
	changed(host);
}
