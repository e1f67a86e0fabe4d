/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/sdp.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Records of our own: attributes, names, and how they are published. */

static struct world *w;
static struct rt_service *service;

static const struct rt_uuid spp = {
	{ 0, 0, 0x11, 0x01, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5f, 0x9b, 0x34,
	  0xfb },
};
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	const struct world_options options = { .seed = 3, .hosts = 1 };

	w = world_new(&options);
	service = rt_service_new(world_host(w, 0));
	ck_assert_ptr_nonnull(service);
}

static void teardown(void)
{
	rt_service_free(service);
	world_finish(w);
}

/* The octets of what is published under a handle, the handle included. */
static struct rt_bytes published(uint32_t handle)
{
	struct rt_bytes attributes = rt_bytes(NULL, 0);
	uint32_t found;

	if (!rt_sdp_next(world_host(w, 0)->sdp, handle - 1, &found,
			 &attributes) ||
	    found != handle)
		return rt_bytes(NULL, 0);
	return attributes;
}

START_TEST(a_fresh_record_says_nothing)
{
	struct rt_element value;
	struct rt_uuid uuid;
	uint8_t octets[8];
	uint32_t id;

	ck_assert_int_eq(rt_service_attribute(service, RT_ATTRIBUTE_NAME,
					      &value),
			 -ENOENT);
	ck_assert_int_eq(rt_service_next_attribute(service, 0, &id, &value),
			 -ENOENT);
	ck_assert_str_eq(rt_service_name(service), "");
	ck_assert_str_eq(rt_service_description(service), "");
	ck_assert_str_eq(rt_service_provider(service), "");
	ck_assert_uint_eq(rt_service_classes(service, &uuid, 1), 0);
	ck_assert(!rt_service_has_uuid(service, spp));
	ck_assert_int_eq(rt_service_protocol(service), RT_PROTOCOL_UNKNOWN);
	ck_assert_uint_eq(rt_service_port(service), 0);
	ck_assert_uint_eq(rt_service_profile_version(service), 0);
	ck_assert(rt_addr_is_zero(rt_service_address(service)));
	ck_assert_uint_eq(rt_service_handle(service), 0);
	ck_assert(!rt_service_is_registered(service));
	ck_assert_int_eq(rt_service_encode(service, octets, sizeof(octets)), 2);
	ck_assert_mem_eq(octets, "\x35\x00", 2);
	ck_assert_int_eq(rt_service_encode(service, octets, 1), -EMSGSIZE);
}
END_TEST

START_TEST(attributes_stand_in_order_however_they_were_set)
{
	static const uint16_t ids[] = { 0xffff, 0x0200, 1, 0x0100, 7 };
	static const uint16_t sorted[] = { 1, 7, 0x0100, 0x0200, 0xffff };
	struct rt_element value;
	uint8_t element[] = { 0x08, 0 };
	uint64_t number;
	uint32_t id = 0;
	int n = 0;

	for (size_t i = 0; i < RT_ARRAY_SIZE(ids); i++) {
		element[1] = (uint8_t)i;
		ck_assert_int_eq(rt_service_set_attribute(service, ids[i],
							  element, 2),
				 0);
	}
	for (; rt_service_next_attribute(service, id, &id, &value) == 0; id++)
		ck_assert_uint_eq(id, sorted[n++]);
	ck_assert_int_eq(n, 5);
	ck_assert_int_eq(rt_service_attribute(service, 0x0100, &value), 0);
	ck_assert(rt_element_uint(&value, &number));
	ck_assert_uint_eq(number, 3);
	/* Replaced, and taken away. */
	element[1] = 99;
	ck_assert_int_eq(rt_service_set_attribute(service, 7, element, 2), 0);
	ck_assert_int_eq(rt_service_attribute(service, 7, &value), 0);
	ck_assert(rt_element_uint(&value, &number));
	ck_assert_uint_eq(number, 99);
	ck_assert_int_eq(rt_service_set_attribute(service, 7, NULL, 0), 0);
	ck_assert_int_eq(rt_service_attribute(service, 7, &value), -ENOENT);
	ck_assert_int_eq(rt_service_set_attribute(service, 7, NULL, 0), 0);
	ck_assert_int_eq(rt_service_next_attribute(service, 0x10000, &id,
						   &value),
			 -ENOENT);
}
END_TEST

struct octets {
	const char *octets;
	size_t bytes;
};

START_TEST(what_is_not_exactly_one_element_is_refused)
{
	static const struct octets bad[] = {
		{ "\x08", 1 },		   /* cut short */
		{ "\x08\x01\x02", 3 },	   /* something behind it */
		{ "\x35\x03\x08\x01", 4 }, /* a sequence that reaches too far */
		{ "\x35\x01\x08", 3 },	   /* cut short in a sequence */
		{ "\xff\x00", 2 },	   /* no such type */
		{ "\x01", 1 },		   /* a nil of two octets */
		{ "\x2a\x00\x00\x00\x00", 5 }, /* a boolean of four */
	};

	ck_assert_int_eq(rt_service_set_attribute(
				 service, 0x300, bad[_i].octets, bad[_i].bytes),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_attribute(service, 0, "\x08\x01", 2),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_attribute(service, 5, NULL, 2),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_attribute(service, 5, "", 0), -EINVAL);
}
END_TEST

START_TEST(a_record_has_4096_octets_at_most)
{
	static uint8_t text[4097];

	/* Header of three octets, and the id of three. */
	memset(text, 'x', sizeof(text));
	text[0] = 0x26;
	text[1] = (4096 - 6) >> 8;
	text[2] = (4096 - 6) & 0xff;
	ck_assert_int_eq(
		rt_service_set_attribute(service, 0x300, text, 4096 - 3), 0);
	ck_assert_int_eq(rt_service_set_attribute(service, 0x301, "\x00", 1),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_service_set_attribute(service, 0x300, NULL, 0), 0);
	text[2]++;
	ck_assert_int_eq(rt_service_set_attribute(service, 0x300, text,
						  4096 - 2),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_service_set_attribute(service, 0x300, text, 4097),
			 -EMSGSIZE);
}
END_TEST

START_TEST(all_of_a_record_is_one_sequence)
{
	static uint8_t buf[5000];
	static uint8_t text[3 + 3000];
	ptrdiff_t n;

	ck_assert_int_eq(
		rt_service_set_attribute(service, 0x300, "\x08\x2a", 2), 0);
	n = rt_service_encode(service, buf, sizeof(buf));
	ck_assert_int_eq(n, 7);
	ck_assert_mem_eq(buf, "\x35\x05\x09\x03\x00\x08\x2a", 7);
	ck_assert_int_eq(rt_service_encode(service, buf, 6), -EMSGSIZE);
	text[0] = 0x26;
	text[1] = 3000 >> 8;
	text[2] = 3000 & 0xff;
	memset(text + 3, 'y', 3000);
	ck_assert_int_eq(rt_service_set_attribute(service, 0x301, text,
						  sizeof(text)),
			 0);
	n = rt_service_encode(service, buf, sizeof(buf));
	ck_assert_int_eq(n, 3 + 5 + 3 + 3003);
	ck_assert_uint_eq(buf[0], 0x36);
	ck_assert(rt_element_is_valid(buf, (size_t)n));
}
END_TEST

START_TEST(names_are_set_with_a_language_base)
{
	static const uint8_t bases[] = { 0x35, 9,   9, 0x65, 0x6e, 9,
					 0,    106, 9, 1,    0 };
	struct rt_element value;

	ck_assert_int_eq(rt_service_set_name(service, "Gr\xc3\xb6\xc3\x9f"
						      "e"),
			 0);
	ck_assert_int_eq(rt_service_set_description(service, "a scale"), 0);
	ck_assert_int_eq(rt_service_set_provider(service, ""), 0);
	ck_assert_str_eq(rt_service_name(service), "Gr\xc3\xb6\xc3\x9f"
						   "e");
	ck_assert_str_eq(rt_service_description(service), "a scale");
	ck_assert_str_eq(rt_service_provider(service), "");
	ck_assert_int_eq(rt_service_attribute(service,
					      RT_ATTRIBUTE_LANGUAGE_BASE_LIST,
					      &value),
			 0);
	ck_assert_mem_eq(value.value, bases + 2, sizeof(bases) - 2);
	ck_assert_int_eq(rt_service_attribute(service, RT_ATTRIBUTE_PROVIDER,
					      &value),
			 0);
	ck_assert_int_eq(rt_service_set_name(service, NULL), 0);
	ck_assert_int_eq(rt_service_attribute(service, RT_ATTRIBUTE_NAME,
					      &value),
			 -ENOENT);
	ck_assert_int_eq(rt_service_set_name(service, "\xff"), -EINVAL);
	ck_assert_int_eq(rt_service_set_name(service, "\xc3"), -EINVAL);
}
END_TEST

struct named {
	const char *text; /* the octets of attribute 0x0100 or base */
	const char *bases;
	size_t bases_bytes;
	uint16_t id;
	const char *expected;
};

/* Core Vol 3 Part B 5.1.8, and what devices do instead. */
START_TEST(names_are_read_in_the_primary_language)
{
	static const struct named named[] = {
		/* No list: UTF-8 at 0x0100. */
		{ "\x25\x03ok\0", NULL, 0, 0x100, "ok" },
		{ "\x25\x03o\xffk", NULL, 0, 0x100, "o\xef\xbf\xbdk" },
		/* ISO 8859-1. */
		{ "\x25\x03o\xf6k",
		  "\x35\x09\x09"
		  "en\x09\x00\x04\x09\x01\x00",
		  11, 0x100, "o\xc3\xb6k" },
		/* Another base, because there is no primary one. */
		{ "\x25\x02ja",
		  "\x35\x09\x09"
		  "de\x09\x00\x6a\x09\x01\x10",
		  11, 0x110, "ja" },
		/* The primary one stands second. */
		{ "\x25\x02my",
		  "\x35\x12\x09"
		  "de\x09\x00\x6a\x09\x01\x10\x09"
		  "en\x09\x00\x6a\x09\x01\x00",
		  20, 0x100, "my" },
		/* A list that is none. */
		{ "\x25\x02so", "\x08\x01", 2, 0x100, "so" },
		/* A text that is none. */
		{ "\x08\x01", NULL, 0, 0x100, "" },
	};
	const struct named *n = &named[_i];
	const size_t bytes =
		n->text[0] == 0x08 ? 2 : 2 + (size_t)(uint8_t)n->text[1];

	if (n->bases)
		ck_assert_int_eq(rt_service_set_attribute(
					 service,
					 RT_ATTRIBUTE_LANGUAGE_BASE_LIST,
					 n->bases, n->bases_bytes),
				 0);
	ck_assert_int_eq(
		rt_service_set_attribute(service, n->id, n->text, bytes), 0);
	ck_assert_str_eq(rt_service_name(service), n->expected);
}
END_TEST

START_TEST(classes_are_the_most_specific_first)
{
	const struct rt_uuid classes[] = { own, spp };
	struct rt_uuid found[3];

	ck_assert_int_eq(rt_service_set_classes(service, classes, 2), 0);
	ck_assert_uint_eq(rt_service_classes(service, found, 3), 2);
	ck_assert(rt_uuid_equal(found[0], own));
	ck_assert(rt_uuid_equal(found[1], spp));
	ck_assert_uint_eq(rt_service_classes(service, found, 1), 1);
	ck_assert(rt_service_has_uuid(service, own));
	ck_assert(!rt_service_has_uuid(service, rt_uuid_from_short(0x1102)));
	ck_assert_int_eq(rt_service_set_classes(service, NULL, 0), 0);
	ck_assert_uint_eq(rt_service_classes(service, found, 3), 0);
	memset(found, 0, sizeof(found));
	ck_assert_int_eq(rt_service_set_classes(service, found, 1), -EINVAL);
}
END_TEST

START_TEST(protocol_and_port_are_read_from_the_protocol_list)
{
	static const uint8_t rfcomm[] = { 0x35, 12, 0x35, 3, 0x19, 1, 0,
					  0x35, 5,  0x19, 0, 3,	   8, 17 };
	static const uint8_t l2cap[] = { 0x35, 8, 0x35, 6,    0x19,
					 1,    0, 9,	0x10, 0x05 };
	struct rt_element value;

	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_RFCOMM, 17),
			 0);
	ck_assert_int_eq(rt_service_protocol(service), RT_PROTOCOL_RFCOMM);
	ck_assert_uint_eq(rt_service_port(service), 17);
	ck_assert_int_eq(rt_service_attribute(
				 service, RT_ATTRIBUTE_PROTOCOL_LIST, &value),
			 0);
	ck_assert_mem_eq(value.value, rfcomm + 2, sizeof(rfcomm) - 2);
	ck_assert_int_eq(
		rt_service_set_port(service, RT_PROTOCOL_L2CAP, 0x1005), 0);
	ck_assert_int_eq(rt_service_protocol(service), RT_PROTOCOL_L2CAP);
	ck_assert_uint_eq(rt_service_port(service), 0x1005);
	ck_assert_int_eq(rt_service_attribute(
				 service, RT_ATTRIBUTE_PROTOCOL_LIST, &value),
			 0);
	ck_assert_mem_eq(value.value, l2cap + 2, sizeof(l2cap) - 2);
	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_RFCOMM, 0),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_RFCOMM, 31),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_L2CAP, 2),
			 -EINVAL);
	ck_assert_int_eq(rt_service_set_port(service, RT_PROTOCOL_UNKNOWN, 1),
			 -EINVAL);
	ck_assert_uint_eq(rt_service_port(service), 0x1005);
}
END_TEST

START_TEST(a_record_without_a_class_is_not_published)
{
	ck_assert_int_eq(rt_service_set_name(service, "x"), 0);
	ck_assert_int_eq(rt_service_register(service), -EINVAL);
	ck_assert(!rt_service_is_registered(service));
	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	/* Nor does one that is lose its class. */
	ck_assert_int_eq(rt_service_set_classes(service, NULL, 0), -EINVAL);
	ck_assert(rt_service_has_uuid(service, own));
}
END_TEST

START_TEST(a_published_record_is_in_the_public_browse_group)
{
	const struct rt_uuid root = rt_uuid_from_short(0x1002);
	const struct rt_uuid other = rt_uuid_from_short(0x1234);
	static const uint8_t group[] = { 0x35, 3, 0x19, 0x12, 0x34 };

	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	if (_i == 1)
		ck_assert_int_eq(
			rt_service_set_attribute(service,
						 RT_ATTRIBUTE_BROWSE_GROUP_LIST,
						 group, sizeof(group)),
			0);
	ck_assert_int_eq(rt_service_register(service), 0);
	ck_assert_int_eq(rt_service_has_uuid(service, root), _i == 0);
	ck_assert_int_eq(rt_service_has_uuid(service, other), _i == 1);
}
END_TEST

START_TEST(a_published_record_changes_at_once_and_can_be_withdrawn)
{
	struct rt_bytes seen;
	uint32_t handle;

	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	ck_assert(rt_service_is_registered(service));
	ck_assert_int_eq(rt_service_register(service), -EALREADY);
	handle = rt_service_handle(service);
	ck_assert_uint_ge(handle, 0x00010001);
	seen = published(handle);
	ck_assert(rt_sdp_record_has_uuid(seen, own));
	ck_assert_int_eq(rt_service_set_classes(service, &spp, 1), 0);
	seen = published(handle);
	ck_assert(!rt_sdp_record_has_uuid(seen, own));
	ck_assert(rt_sdp_record_has_uuid(seen, spp));
	ck_assert_uint_eq(rt_service_handle(service), handle);
	rt_service_unregister(service);
	rt_service_unregister(service);
	ck_assert(!rt_service_is_registered(service));
	ck_assert_uint_eq(rt_service_handle(service), 0);
	ck_assert_uint_eq(published(handle).len, 0);
	/* And again. */
	ck_assert_int_eq(rt_service_register(service), 0);
	handle = rt_service_handle(service);
	rt_service_free(service);
	service = NULL;
	ck_assert_uint_eq(published(handle).len, 0);
	rt_service_free(NULL);
}
END_TEST

START_TEST(a_copy_says_the_same_and_is_not_published)
{
	struct rt_service *copy;

	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	ck_assert_int_eq(rt_service_set_name(service, "one"), 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	copy = rt_service_copy(service);
	ck_assert_ptr_nonnull(copy);
	ck_assert_str_eq(rt_service_name(copy), "one");
	ck_assert(!rt_service_is_registered(copy));
	ck_assert_uint_eq(rt_service_handle(copy), 0);
	/* They are apart. */
	ck_assert_int_eq(rt_service_set_name(copy, "two"), 0);
	ck_assert_str_eq(rt_service_name(service), "one");
	ck_assert_int_eq(rt_service_register(copy), 0);
	ck_assert_uint_ne(rt_service_handle(copy), rt_service_handle(service));
	rt_service_free(copy);
}
END_TEST

START_TEST(one_record_more_than_the_limit_is_refused)
{
	struct rt_service *services[256] = { NULL };
	unsigned int records = 0;
	int err = 0;

	/* `service` is the first. */
	for (int i = 1; i < 256; i++) {
		services[i] = rt_service_new(world_host(w, 0));
		ck_assert_ptr_nonnull(services[i]);
	}
	ck_assert_ptr_null(rt_service_new(world_host(w, 0)));
	ck_assert_ptr_null(rt_service_copy(service));
	for (int i = 1; i < 256 && err == 0; i++) {
		ck_assert_int_eq(rt_service_set_classes(services[i], &own, 1),
				 0);
		err = rt_service_register(services[i]);
		records += err == 0;
	}
	ck_assert_int_eq(err, -ENOSPC);
	ck_assert_uint_eq(records, 64);
	for (int i = 1; i < 256; i++)
		rt_service_free(services[i]);
	services[1] = rt_service_new(world_host(w, 0));
	ck_assert_ptr_nonnull(services[1]);
	rt_service_free(services[1]);
}
END_TEST

START_TEST(every_allocation_of_a_change_may_fail)
{
	struct world_memory *memory = &w->node[0].memory;
	size_t failures = 0;
	int err;

	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	ck_assert_int_eq(rt_service_set_name(service, "before"), 0);
	for (size_t i = 1; i < 20; i++) {
		memory->fail_at = memory->asked + i;
		err = rt_service_register(service);
		if (err == 0)
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert(!rt_service_is_registered(service));
		ck_assert(!rt_service_has_uuid(service,
					       rt_uuid_from_short(0x1002)));
		failures++;
	}
	ck_assert(rt_service_is_registered(service));
	for (size_t i = 1; i < 20; i++) {
		memory->fail_at = memory->asked + i;
		err = rt_service_set_name(service, "after");
		if (err == 0)
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_str_eq(rt_service_name(service), "before");
		failures++;
	}
	memory->fail_at = 0;
	ck_assert_str_eq(rt_service_name(service), "after");
	ck_assert_uint_ge(failures, 6);
}
END_TEST

START_TEST(records_end_with_their_host)
{
	ck_assert_int_eq(rt_service_set_classes(service, &own, 1), 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	if (_i == 1)
		ck_assert_ptr_nonnull(rt_service_copy(service));
	world_free_host(w, 0);
	service = NULL;
}
END_TEST

START_TEST(uuids_have_names)
{
	struct rt_uuid uuid;

	ck_assert_str_eq(rt_uuid_name(spp), "Serial Port");
	ck_assert_ptr_null(rt_uuid_name(own));
	ck_assert_int_eq(rt_uuid_by_name("spp", &uuid), 0);
	ck_assert(rt_uuid_equal(uuid, spp));
	ck_assert_int_eq(rt_uuid_by_name("0x1101", &uuid), 0);
	ck_assert(rt_uuid_equal(uuid, spp));
	ck_assert_int_eq(rt_uuid_by_name("no such service", &uuid), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/service");
	TCase *tc = tcase_create("service");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_fresh_record_says_nothing);
	tcase_add_test(tc, attributes_stand_in_order_however_they_were_set);
	tcase_add_loop_test(tc, what_is_not_exactly_one_element_is_refused, 0,
			    7);
	tcase_add_test(tc, a_record_has_4096_octets_at_most);
	tcase_add_test(tc, all_of_a_record_is_one_sequence);
	tcase_add_test(tc, names_are_set_with_a_language_base);
	tcase_add_loop_test(tc, names_are_read_in_the_primary_language, 0, 7);
	tcase_add_test(tc, classes_are_the_most_specific_first);
	tcase_add_test(tc, protocol_and_port_are_read_from_the_protocol_list);
	tcase_add_test(tc, a_record_without_a_class_is_not_published);
	tcase_add_loop_test(
		tc, a_published_record_is_in_the_public_browse_group, 0, 2);
	tcase_add_test(tc,
		       a_published_record_changes_at_once_and_can_be_withdrawn);
	tcase_add_test(tc, a_copy_says_the_same_and_is_not_published);
	tcase_add_test(tc, one_record_more_than_the_limit_is_refused);
	tcase_add_test(tc, every_allocation_of_a_change_may_fail);
	tcase_add_loop_test(tc, records_end_with_their_host, 0, 2);
	tcase_add_test(tc, uuids_have_names);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
