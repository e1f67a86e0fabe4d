/* SPDX-License-Identifier: MIT */
#include "api/service.h"

#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "api/text.h"
#include "l2cap/l2cap.h"
#include "l2cap/sdp.h"
#include "rfcomm/rfcomm.h"

/* The attributes that programs ask for by what they mean. */

#define BASE_PRIMARY 0x0100	/* Core Vol 3 Part B 5.1.8 */
#define LANGUAGE_ENGLISH 0x656e /* "en", ISO 639 */

/* What the list of classes and short lists fit in, beside long ones. */
#define SMALL_BYTES 32

/* Reads three numbers of 16 bits that follow each other. */
static bool next_base(struct rt_elements *row, uint16_t ret_base[3])
{
	struct rt_element element;
	uint64_t number;

	for (int i = 0; i < 3; i++) {
		if (!rt_elements_next(row, &element) ||
		    element.bytes != sizeof(ret_base[i]) ||
		    !rt_element_uint(&element, &number))
			return false;
		ret_base[i] = (uint16_t)number;
	}
	return true;
}

bool rt_api_service_primary(struct rt_bytes attributes, uint16_t *ret_base,
			    unsigned int *ret_encoding)
{
	uint16_t first[3] = { 0, RT_API_TEXT_UTF8, BASE_PRIMARY };
	struct rt_elements row;
	struct rt_element list;
	uint16_t base[3];
	bool found = false;

	if (rt_sdp_attribute_find(attributes, RT_SDP_LANGUAGE_BASE_LIST,
				  &list)) {
		row = rt_elements_in(&list);
		while (next_base(&row, base)) {
			if (!found || base[2] == BASE_PRIMARY)
				memcpy(first, base, sizeof(first));
			found = true;
			if (base[2] == BASE_PRIMARY)
				break;
		}
	}
	*ret_base = first[2];
	*ret_encoding = first[1];
	return found;
}

static const char *text(const struct rt_service *service,
			enum rt_api_service_text which)
{
	return service->content ? service->content->text[which] : "";
}

const char *rt_service_name(const struct rt_service *service)
{
	return text(service, RT_API_SERVICE_NAME);
}

const char *rt_service_description(const struct rt_service *service)
{
	return text(service, RT_API_SERVICE_DESCRIPTION);
}

const char *rt_service_provider(const struct rt_service *service)
{
	return text(service, RT_API_SERVICE_PROVIDER);
}

static struct rt_bytes written(const struct rt_element_writer *w)
{
	return rt_bytes(w->buf, w->len);
}

/* English in UTF-8, at the primary base. */
static void put_language_base(struct rt_element_writer *w)
{
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uint(w, 2, LANGUAGE_ENGLISH);
	rt_element_put_uint(w, 2, RT_API_TEXT_UTF8);
	rt_element_put_uint(w, 2, BASE_PRIMARY);
	rt_element_end(w);
}

/* Sets a text whose element is made already; of no octets takes it away. */
static int change_text(struct rt_service *service,
		       enum rt_api_service_text which, struct rt_bytes element)
{
	struct rt_api_change changes[2];
	struct rt_element_writer w;
	unsigned int encoding;
	uint8_t octets[SMALL_BYTES];
	size_t count = 0;
	uint16_t base;

	w = rt_element_writer_init(octets, sizeof(octets));
	if (!rt_api_service_primary(rt_api_service_attributes(service), &base,
				    &encoding) &&
	    element.len > 0) {
		put_language_base(&w);
		changes[count].id = RT_ATTRIBUTE_LANGUAGE_BASE_LIST;
		changes[count++].element = written(&w);
	}
	/* At 0 is what no text may stand in the place of. */
	if (base == 0 || base > UINT16_MAX - which)
		return -EINVAL;
	changes[count].id = (uint16_t)(base + which);
	changes[count++].element = element;
	return rt_api_service_change(service, changes, count);
}

static int set_text(struct rt_service *service, enum rt_api_service_text which,
		    const char *str)
{
	const size_t bytes = str ? strlen(str) : 0;
	struct rt_env *env = &service->host->env;
	const size_t cap = bytes + 5; /* with the longest header */
	struct rt_element_writer w;
	uint8_t *buf;
	int err;

	if (service->found)
		return -EPERM;
	if (!str)
		return change_text(service, which, rt_bytes(NULL, 0));
	if (!rt_api_text_is_utf8(rt_bytes(str, bytes)))
		return -EINVAL;
	if (bytes > env->limits.sdp_record_bytes)
		return -EMSGSIZE;
	buf = rt_env_alloc(env, cap);
	if (!buf)
		return -ENOMEM;
	w = rt_element_writer_init(buf, cap);
	rt_element_put_text(&w, RT_ELEMENT_TEXT, str, bytes);
	err = change_text(service, which, written(&w));
	rt_env_free(env, buf);
	return err;
}

int rt_service_set_name(struct rt_service *service, const char *name)
{
	return set_text(service, RT_API_SERVICE_NAME, name);
}

int rt_service_set_description(struct rt_service *service,
			       const char *description)
{
	return set_text(service, RT_API_SERVICE_DESCRIPTION, description);
}

int rt_service_set_provider(struct rt_service *service, const char *provider)
{
	return set_text(service, RT_API_SERVICE_PROVIDER, provider);
}

size_t rt_service_classes(const struct rt_service *service,
			  struct rt_uuid *ret_uuids, size_t count)
{
	return rt_sdp_record_classes(rt_api_service_attributes(service),
				     ret_uuids, count);
}

/* Sets an attribute to what a writer holds, which has had room for it all. */
static int change_one(struct rt_service *service, uint16_t id,
		      const struct rt_element_writer *w)
{
	const struct rt_api_change change = { id, written(w) };

	return rt_api_service_change(service, &change, 1);
}

int rt_service_set_classes(struct rt_service *service,
			   const struct rt_uuid *uuids, size_t count)
{
	struct rt_env *env = &service->host->env;
	const size_t limit = env->limits.sdp_record_bytes;
	struct rt_element_writer w;
	uint8_t *buf;
	int err;

	if (service->found)
		return -EPERM;
	for (size_t i = 0; i < count; i++) {
		if (rt_uuid_is_zero(uuids[i]))
			return -EINVAL;
	}
	buf = rt_env_alloc(env, limit);
	if (!buf)
		return -ENOMEM;
	w = rt_element_writer_init(buf, limit);
	if (count > 0)
		rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	for (size_t i = 0; i < count && !w.failed; i++)
		rt_element_put_uuid(&w, uuids[i]);
	if (count > 0)
		rt_element_end(&w);
	err = w.failed ? -EMSGSIZE
		       : change_one(service, RT_ATTRIBUTE_CLASS_ID_LIST, &w);
	rt_env_free(env, buf);
	return err;
}

bool rt_service_has_uuid(const struct rt_service *service, struct rt_uuid uuid)
{
	return rt_sdp_record_has_uuid(rt_api_service_attributes(service), uuid);
}

static struct rt_sdp_access access_of(const struct rt_service *service)
{
	struct rt_sdp_access access = { .port = 0 };

	(void)rt_sdp_record_access(rt_api_service_attributes(service), &access);
	return access;
}

enum rt_protocol rt_service_protocol(const struct rt_service *service)
{
	const struct rt_sdp_access access = access_of(service);

	if (access.port == 0)
		return RT_PROTOCOL_UNKNOWN;
	return access.rfcomm ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP;
}

uint16_t rt_service_port(const struct rt_service *service)
{
	return access_of(service).port;
}

uint16_t rt_service_profile_version(const struct rt_service *service)
{
	return rt_sdp_record_version(rt_api_service_attributes(service));
}

static bool is_port(enum rt_protocol protocol, uint16_t port)
{
	switch (protocol) {
	case RT_PROTOCOL_UNKNOWN:
		return false;
	case RT_PROTOCOL_L2CAP:
		return rt_l2cap_psm_is_valid(port);
	case RT_PROTOCOL_RFCOMM:
		return port >= 1 && port <= RT_RFCOMM_CHANNEL_MAX;
	}
	return false;
}

/* A layer with its number, or (no `bytes`) with none. */
static void put_layer(struct rt_element_writer *w, uint16_t protocol,
		      size_t bytes, uint16_t number)
{
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	rt_element_put_uuid(w, rt_uuid_from_short(protocol));
	if (bytes > 0)
		rt_element_put_uint(w, bytes, number);
	rt_element_end(w);
}

int rt_service_set_port(struct rt_service *service, enum rt_protocol protocol,
			uint16_t port)
{
	struct rt_element_writer w;
	uint8_t octets[SMALL_BYTES];

	if (service->found)
		return -EPERM;
	if (!is_port(protocol, port))
		return -EINVAL;
	w = rt_element_writer_init(octets, sizeof(octets));
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	if (protocol == RT_PROTOCOL_RFCOMM) {
		put_layer(&w, RT_SDP_UUID_L2CAP, 0, 0);
		put_layer(&w, RT_SDP_UUID_RFCOMM, 1, port);
	} else {
		put_layer(&w, RT_SDP_UUID_L2CAP, 2, port);
	}
	rt_element_end(&w);
	return change_one(service, RT_ATTRIBUTE_PROTOCOL_LIST, &w);
}

const char *rt_uuid_name(struct rt_uuid uuid)
{
	return rt_sdp_uuid_name(uuid);
}

int rt_uuid_by_name(const char *name, struct rt_uuid *ret_uuid)
{
	return rt_sdp_uuid_by_name(name, ret_uuid);
}
