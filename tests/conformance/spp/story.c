/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spp/story.h"

#include <string.h>

struct spp spp;

void spp_setup(void)
{
	const struct world_options options = { .seed = 3 };

	memset(&spp, 0, sizeof(spp));
	spp.w = world_new(&options);
}

void spp_teardown(void)
{
	rt_service_free(spp.record);
	end_free(&spp.client);
	end_free(&spp.taken);
	rt_server_free(spp.server);
	world_run(spp.w, RT_SECONDS(60));
	world_finish(spp.w);
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	(void)user_data;
	end_attach(&spp.taken, rt_server_next_pending(server));
	ck_assert_ptr_nonnull(spp.taken.s);
	end_push(&spp.taken);
}

void spp_listen(void)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};

	spp.server = rt_server_new(world_host(spp.w, 1), RT_PROTOCOL_RFCOMM,
				   &callbacks, NULL);
	ck_assert_ptr_nonnull(spp.server);
	ck_assert_int_eq(
		rt_server_listen_uuid(spp.server,
				      rt_uuid_from_short(RT_UUID_SERIAL_PORT),
				      SPP_NAME),
		0);
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)user_data;
	/* That of the SDP server itself is of no interest here. */
	if (rt_service_handle(service) == 0)
		return;
	if (spp.found++ == 0)
		spp.record = rt_service_copy(service);
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	(void)search;
	ck_assert_int_eq(info->err, 0);
	*(bool *)user_data = true;
}

void spp_search(const struct rt_uuid *uuids, size_t count)
{
	static const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_done = on_done,
	};
	bool done = false;
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &done,
		.addr = world_addr(spp.w, 1),
		.uuids = uuids,
		.uuid_count = count,
	};
	struct rt_service_search *search;

	rt_service_free(spp.record);
	spp.record = NULL;
	spp.found = 0;
	ck_assert_int_eq(rt_service_search_start(world_host(spp.w, 0), &options,
						 &search),
			 0);
	world_run(spp.w, RT_SECONDS(30));
	ck_assert(done);
	rt_service_search_free(search);
}

static bool both_full(void *arg)
{
	(void)arg;
	return end_is_full(&spp.client) && end_is_full(&spp.taken);
}

void spp_connect(void)
{
	static uint8_t data[3000];
	static uint8_t rx[2][sizeof(data)];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	end_open(&spp.client, world_host(spp.w, 0), RT_PROTOCOL_RFCOMM);
	spp.client.rx = rx[0];
	spp.taken.rx = rx[1];
	spp.client.rx_cap = spp.taken.rx_cap = sizeof(data);
	end_send(&spp.client, data, sizeof(data));
	/* It begins when there is a socket. */
	spp.taken.tx = data;
	spp.taken.tx_bytes = sizeof(data);
	ck_assert_int_eq(
		rt_socket_connect_uuid(spp.client.s, world_addr(spp.w, 1),
				       rt_uuid_from_short(RT_UUID_SERIAL_PORT)),
		0);
	ck_assert_int_eq(rt_socket_state(spp.client.s),
			 RT_SOCKET_SERVICE_LOOKUP);
	ck_assert_msg(world_run_until(spp.w, both_full, NULL, RT_SECONDS(60)),
		      "%s", spp.client.error_string);
	ck_assert_mem_eq(rx[0], data, sizeof(data));
	ck_assert_mem_eq(rx[1], data, sizeof(data));
}
