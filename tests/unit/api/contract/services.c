/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/agent.h"
#include "tools/sim/world.h"
#include "tests/unit/api/contract/contract.h"

/* Rows about services, devices, and who may connect. */

#define HOSTS 3

static struct world *w;
static struct rt_service *services[HOSTS];
static struct agent agents[2];
static char heard[256];
static unsigned int done;

static const struct rt_addr zero = { { 0 } };
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	const struct world_options options = { .seed = 4, .hosts = HOSTS };

	w = world_new(&options);
	memset(services, 0, sizeof(services));
	memset(agents, 0, sizeof(agents));
	heard[0] = '\0';
	done = 0;
}

static void teardown(void)
{
	for (unsigned int i = 0; i < HOSTS; i++) {
		rt_service_free(services[i]);
		/* Devices and keys are remembered. */
		w->node[i].memory_idle += 2 * HOSTS;
	}
	world_finish(w);
}

static void note(const char *text)
{
	const size_t len = strlen(heard);

	snprintf(heard + len, sizeof(heard) - len, "%s;", text);
}

/* Host `i` publishes a service of its own and can be found. */
static void publish(unsigned int i, const char *name)
{
	struct rt_host *host = world_host(w, i);

	services[i] = rt_service_new(host);
	ck_assert_int_eq(rt_service_set_classes(services[i], &own, 1), 0);
	ck_assert_int_eq(rt_service_set_name(services[i], name), 0);
	ck_assert_int_eq(
		rt_service_set_port(services[i], RT_PROTOCOL_RFCOMM, 3), 0);
	ck_assert_int_eq(rt_service_register(services[i]), 0);
	rt_host_set_connectable(host, true);
	rt_host_set_discoverable(host, true);
	world_settle(w);
}

/* Every type of data element, and some in others. */
CONTRACT(attributes, "service/QBluetoothServiceInfo: any attribute in any data "
		     "element type, by id")
{
	static const struct {
		uint8_t octets[20];
		size_t bytes;
	} elements[] = {
		{ { 0x00 }, 1 },
		{ { 0x08, 1 }, 2 },
		{ { 0x0b, 1, 2, 3, 4, 5, 6, 7, 8 }, 9 },
		{ { 0x0c, 1, 2, 3, 4, 5, 6, 7, 8 }, 17 },
		{ { 0x10, 0xff }, 2 },
		{ { 0x19, 0x11, 0x01 }, 3 },
		{ { 0x1a, 0, 0, 0x11, 0x01 }, 5 },
		{ { 0x1c, 1, 2, 3 }, 17 },
		{ { 0x25, 2, 'h', 'i' }, 4 },
		{ { 0x28, 1 }, 2 },
		{ { 0x35, 4, 0x3d, 2, 0x08, 1 }, 6 },
		{ { 0x45, 3, 'u', ':', 'x' }, 5 },
	};
	struct rt_element value;

	publish(1, "one");
	for (uint16_t i = 0; i < RT_ARRAY_SIZE(elements); i++)
		ck_assert_int_eq(rt_service_set_attribute(
					 services[1], (uint16_t)(0x4000 + i),
					 elements[i].octets, elements[i].bytes),
				 0);
	for (uint16_t i = 0; i < RT_ARRAY_SIZE(elements); i++) {
		ck_assert_int_eq(rt_service_attribute(services[1],
						      (uint16_t)(0x4000 + i),
						      &value),
				 0);
		ck_assert_int_eq(value.type, elements[i].octets[0] >> 3);
	}
	ck_assert(rt_service_is_registered(services[1]));
	rt_service_unregister(services[1]);
	ck_assert(!rt_service_is_registered(services[1]));
}
END_TEST

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)user_data;
	note(rt_service_name(service));
}

static void on_search_done(struct rt_service_search *search,
			   const struct rt_error_info *info, void *user_data)
{
	(void)search;
	(void)user_data;
	ck_assert_int_eq(info->err, 0);
	done++;
}

CONTRACT(search, "service/QBluetoothServiceDiscoveryAgent: one device or all, "
		 "uuid filter, minimal or full; results one at a time")
{
	const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_done = on_search_done,
	};
	struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.addr = _i & 1 ? zero : world_addr(w, 2),
		.seconds = 2,
		.uuids = &own,
		.uuid_count = 1,
		.minimal = _i & 2,
	};
	struct rt_service_search *running;

	publish(1, "one");
	publish(2, "two");
	ck_assert_int_eq(rt_service_search_start(world_host(w, 0), &options,
						 &running),
			 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_uint_eq(done, 1);
	ck_assert_ptr_nonnull(strstr(heard, "two;"));
	ck_assert_int_eq(strstr(heard, "one;") != NULL, _i & 1);
	rt_service_search_free(running);
	/* Stop: nothing more is heard. */
	ck_assert_int_eq(rt_service_search_start(world_host(w, 0), &options,
						 &running),
			 0);
	rt_service_search_free(running);
	world_run(w, RT_SECONDS(30));
	ck_assert_uint_eq(done, 1);
}
END_TEST

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)user_data;
	ck_assert(device->has_rssi);
	ck_assert_uint_ne(device->class_of_device, 0);
	note(device->name);
}

static void on_inquiry_done(struct rt_inquiry *inquiry,
			    const struct rt_error_info *info, void *user_data)
{
	(void)inquiry;
	(void)user_data;
	ck_assert_int_eq(info->err, 0);
	done++;
}

CONTRACT(devices, "device/QBluetoothDeviceDiscoveryAgent: address, class, "
		  "RSSI, name; stop")
{
	const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
		.on_done = on_inquiry_done,
	};
	struct rt_inquiry *inquiry;

	ck_assert_int_eq(rt_host_set_name(world_host(w, 1), "first"), 0);
	ck_assert_int_eq(rt_host_set_name(world_host(w, 2), "second"), 0);
	publish(1, "one");
	publish(2, "two");
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 3, false,
					  &callbacks, NULL, &inquiry),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_uint_eq(done, 1);
	ck_assert_ptr_nonnull(strstr(heard, "first;"));
	ck_assert_ptr_nonnull(strstr(heard, "second;"));
	rt_inquiry_free(inquiry);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 3, false,
					  &callbacks, NULL, &inquiry),
			 0);
	rt_inquiry_free(inquiry);
	world_run(w, RT_SECONDS(10));
	ck_assert_uint_eq(done, 1);
}
END_TEST

static void on_pairing_done(struct rt_pairing *pairing,
			    const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	(void)user_data;
	ck_assert_int_eq(info->err, 0);
	done++;
}

CONTRACT(pairing, "device/QBluetoothLocalDevice: pair, the number to confirm "
		  "on both sides, unpair")
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_pairing_done,
		.mitm = true,
	};
	struct rt_link_key key = { .size = sizeof(key) };
	struct rt_pairing *running;

	for (unsigned int i = 0; i < 2; i++) {
		struct rt_pairing_policy policy = {
			.size = sizeof(policy),
			.io = RT_IO_DISPLAY_YES_NO,
			.bondable = true,
		};

		ck_assert_int_eq(rt_host_set_pairing_policy(world_host(w, i),
							    &policy),
				 0);
		agent_attach(&agents[i], world_host(w, i), AGENT_CONFIRM);
	}
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_pairing_start(world_host(w, 0), world_addr(w, 1),
					  &options, &running),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(done, 1);
	rt_pairing_free(running);
	ck_assert_uint_eq(agents[0].number, agents[1].number);
	ck_assert_ptr_nonnull(strchr(agents[0].log, 'C'));
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), zero, &key), 0);
	ck_assert_uint_eq(key.type, 8);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)), 0);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), zero, &key),
			 -ENOENT);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)),
			 -ENOENT);
}
END_TEST

static const struct contract_row rows[] = {
	ROW(attributes),
	ROW_TIMES(search, 4),
	ROW(devices),
	ROW(pairing),
};

int main(void)
{
	return contract_run("unit/api/contract/services", rows,
			    RT_ARRAY_SIZE(rows), setup, teardown);
}
