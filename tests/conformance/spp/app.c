/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/element.h"
#include "tests/conformance/spp/story.h"

/* A serial port is found and used (SPP 3, 5.1). */

/* By SDP, then a session, a channel, data and the end. */
START_TEST(a_serial_port_is_found_by_sdp_and_used)
{
	spp_listen();
	spp_connect();
	ck_assert_uint_eq(rt_socket_peer_port(spp.client.s),
			  rt_server_port(spp.server));
	rt_socket_close(spp.client.s);
	ck_assert(world_run_until(spp.w, end_is_unconnected, &spp.taken,
				  RT_SECONDS(60)));
	ck_assert_uint_eq(spp.client.errors, 0);
}
END_TEST

/* The tester reads the server channel from the record itself. */
START_TEST(a_serial_port_is_published_and_accepts)
{
	const struct rt_uuid uuid = rt_uuid_from_short(RT_UUID_SERIAL_PORT);
	uint8_t rx[3] = { 0 };

	spp_listen();
	spp_search(&uuid, 1);
	ck_assert_uint_eq(spp.found, 1);
	ck_assert_int_eq(rt_service_protocol(spp.record), RT_PROTOCOL_RFCOMM);
	ck_assert_uint_eq(rt_service_port(spp.record),
			  rt_server_port(spp.server));
	spp.taken.rx = rx;
	spp.taken.rx_cap = sizeof(rx);
	end_open(&spp.client, world_host(spp.w, 0), RT_PROTOCOL_RFCOMM);
	end_send(&spp.client, "abc", 3);
	ck_assert_int_eq(rt_socket_connect(spp.client.s, world_addr(spp.w, 1),
					   rt_service_port(spp.record)),
			 0);
	ck_assert(world_run_until(spp.w, end_is_full, &spp.taken,
				  RT_SECONDS(60)));
	ck_assert_mem_eq(rx, "abc", 3);
}
END_TEST

/* Replaces an attribute of the record that host 1 publishes. */
static void set(uint16_t id, const char *octets, size_t bytes)
{
	ck_assert_int_eq(rt_service_set_attribute(rt_server_service(spp.server),
						  id, octets, bytes),
			 0);
}

#define SET(id, octets) set((id), (octets), sizeof(octets) - 1)

/*
 * A later version of the profile: 0x7fff, with all bits of supported features
 * (as other profiles have them) and of attributes that nobody knows yet, one of
 * each type.
 */
START_TEST(a_port_of_a_later_version_is_connected_to)
{
	spp_listen();
	SET(RT_ATTRIBUTE_PROFILE_LIST,
	    "\x35\x08\x35\x06\x19\x11\x01\x09\x7f\xff");
	SET(0x0311, "\x0a\xff\xff\xff\xff");
	SET(0x0312, "\x09\xff\xff");
	SET(0x0313, "\x00");
	SET(0x0314, "\x28\x01");
	SET(0x0315, "\x45\x04http");
	SET(0x0316, "\x3d\x06\x35\x04\x10\xff\x08\xff");
	SET(0x0317, "\x0b\xff\xff\xff\xff\xff\xff\xff\xff");
	SET(0xffff, "\x25\x03\xff\xfe\x00");
	spp_connect();
}
END_TEST

/* More parameters for RFCOMM, and a protocol above it, that nobody knows. */
START_TEST(a_port_with_more_protocol_parameters_is_connected_to)
{
	char list[] = "\x35\x18\x35\x08\x19\x01\x00\x09\x00\x03\x08\xff"
		      "\x35\x07\x19\x00\x03\x08\x01\x08\xff"
		      "\x35\x03\x19\x7f\xff";

	spp_listen();
	list[18] = (char)rt_server_port(spp.server);
	set(RT_ATTRIBUTE_PROTOCOL_LIST, list, sizeof(list) - 1);
	spp_connect();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SPP/DEVA/APP/BV-01-C", "I",
	       a_serial_port_is_found_by_sdp_and_used),
	TAGGED("SPP/DEVB/APP/BV-02-C", "A",
	       a_serial_port_is_published_and_accepts),
	TAGGED("IOPT/CL/SPP-DEVA/SFC/BV-24-I", "I",
	       a_port_of_a_later_version_is_connected_to),
	TAGGED("IOPT/CL/SPP-DEVA/SFC/BV-24-I", "I",
	       a_port_with_more_protocol_parameters_is_connected_to),
};

const struct tagged_table app_table = SPP_TABLE(rows);
