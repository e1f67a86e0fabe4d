/* SPDX-License-Identifier: MIT */
#include "tests/fault/flow.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"

const struct flow flows[] = {
#define FLOW(name, kind, link, protocol, mode, side) \
	{ name,                                      \
	  FLOW_##kind,                               \
	  FLOW_##link,                               \
	  RT_PROTOCOL_##protocol,                    \
	  RT_SOCKET_MODE_##mode,                     \
	  side },
#include "tests/fault/flows.def"
#undef FLOW
};

const size_t flow_count = RT_ARRAY_SIZE(flows);

static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

uint16_t flow_port(const struct flow *flow, int which)
{
	return (uint16_t)(flow->protocol == RT_PROTOCOL_RFCOMM
				  ? 7 + which
				  : 0x1005 + 2 * which);
}

const uint8_t *flow_data(bool accepted)
{
	static uint8_t data[2][FLOW_FRESH_BYTES];
	static bool made;
	uint32_t x = 1;

	/* Octets that never repeat for long: what is out of place shows. */
	for (size_t i = 0; !made && i < sizeof(data); i++) {
		x = x * 1664525 + 1013904223;
		data[i / FLOW_FRESH_BYTES][i % FLOW_FRESH_BYTES] =
			(uint8_t)(x >> 24);
	}
	made = true;
	return data[accepted];
}

static unsigned int flags_of(const struct flow *flow)
{
	switch (flow->link) {
	case FLOW_PLAIN:
	case FLOW_TEMPORARY:
		break;
	case FLOW_JUST_WORKS:
		return RT_SECURITY_ENCRYPTION;
	case FLOW_BONDED:
	case FLOW_NUMERIC:
		return RT_SECURITY_MITM;
	}
	return RT_SECURITY_NONE;
}

static bool is_by_uuid(const struct flow *flow)
{
	return flow->kind == FLOW_SDP || flow->kind == FLOW_SERVE;
}

/* --- ends ----------------------------------------------------------------- */

struct run_end *flow_end(struct run *run, unsigned int host, size_t want)
{
	struct run_end *end;

	if (run->end_count == FLOW_ENDS)
		return NULL;
	end = &run->ends[run->end_count++];
	end->run = run;
	end->host = host;
	end->want = want;
	return end;
}

static bool is_served(const struct run_end *end)
{
	return end->end.rx_bytes >= end->want &&
	       end->end.tx_at == end->end.tx_bytes;
}

/* The second client of a server comes when the first one is done. */
static void next_client(struct run *run)
{
	struct run_end *end;

	if (run->flow->kind != FLOW_SERVE || run->second_came)
		return;
	run->second_came = true;
	end = flow_end(run, 0, FLOW_BYTES);
	if (end && world_host(run->w, 0))
		flow_connect(end, FLOW_PORT_MAIN);
}

static void then(struct end *base, char what)
{
	struct run_end *end = base->user;

	ck_assert(!end->freed);
	if (end->accepted)
		return;
	if (is_served(end) && rt_socket_state(base->s) == RT_SOCKET_CONNECTED)
		rt_socket_close(base->s);
	if (what == '-' && !end->extra)
		next_client(end->run);
}

static void fill(struct run_end *end, bool accepted)
{
	end->accepted = accepted;
	end->end.then = then;
	end->end.user = end;
	end->end.rx = end->rx;
	end->end.rx_cap = sizeof(end->rx);
	end->end.piece = FLOW_PIECE;
	end->end.tx = flow_data(accepted);
	end->end.tx_bytes = end->want;
}

static int choose(struct rt_socket *s, const struct flow *flow)
{
	int err = rt_socket_set_security(s, flags_of(flow));

	if (err == 0 && flow->protocol == RT_PROTOCOL_L2CAP)
		err = rt_socket_set_option(s, RT_OPTION_MODE, flow->mode);
	return err;
}

void flow_connect(struct run_end *end, int which)
{
	const struct run *run = end->run;
	const struct flow *flow = run->flow;
	const struct rt_addr addr = world_addr(run->w, !end->host);
	struct rt_socket *s =
		rt_socket_new(world_host(run->w, end->host), flow->protocol);

	fill(end, false);
	end->extra = which != FLOW_PORT_MAIN;
	end_attach(&end->end, s);
	if (!s || choose(s, flow) < 0)
		return;
	if (is_by_uuid(flow) && which == FLOW_PORT_MAIN)
		end->asked = rt_socket_connect_uuid(s, addr, own) == 0;
	else
		end->asked =
			rt_socket_connect(s, addr, flow_port(flow, which)) == 0;
}

void flow_free_end(struct run_end *end)
{
	end->freed = true;
	end_free(&end->end);
}

/* --- servers -------------------------------------------------------------- */

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct run *run = user_data;
	const unsigned int host = server == run->second ? run->flow->side : 1;
	const size_t want =
		server == run->fresh ? FLOW_FRESH_BYTES : FLOW_BYTES;
	struct rt_socket *s = rt_server_next_pending(server);
	struct run_end *end;

	ck_assert(server == run->server || server == run->second ||
		  server == run->fresh);
	ck_assert_ptr_nonnull(s);
	end = flow_end(run, host, want);
	if (!end) {
		rt_socket_free(s);
		return;
	}
	fill(end, true);
	end->extra = server != run->server;
	end_attach(&end->end, s);
	end_push(&end->end);
}

static const struct rt_server_callbacks server_callbacks = {
	.size = sizeof(server_callbacks),
	.on_new_connection = on_new_connection,
};

struct rt_server *flow_listen(struct run *run, unsigned int host, int which)
{
	const struct flow *flow = run->flow;
	struct rt_server *server =
		rt_server_new(world_host(run->w, host), flow->protocol,
			      &server_callbacks, run);
	int err = server ? 0 : -ENOMEM;

	if (err == 0)
		err = rt_server_set_security(server, flags_of(flow));
	if (err == 0)
		err = rt_server_set_max_pending(server, 4);
	if (err == 0 && flow->protocol == RT_PROTOCOL_L2CAP)
		err = rt_server_set_option(server, RT_OPTION_MODE, flow->mode);
	if (err == 0 && which == FLOW_PORT_MAIN && is_by_uuid(flow))
		err = rt_server_listen_uuid(server, own, "flow");
	else if (err == 0)
		err = rt_server_listen(server, flow_port(flow, which));
	ck_assert_msg(err == 0, "cannot listen: %d", err);
	return server;
}

/* --- keys ----------------------------------------------------------------- */

static int key_of(const struct run *run, unsigned int host,
		  struct rt_link_key *ret_key)
{
	const struct rt_addr none = { { 0 } };

	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->size = sizeof(*ret_key);
	return rt_host_next_key(world_host(run->w, host), none, ret_key);
}

bool flow_keys_agree(const struct run *run)
{
	struct rt_link_key key[2];
	int err[2];

	for (unsigned int i = 0; i < 2; i++)
		err[i] = key_of(run, i, &key[i]);
	if (err[0] < 0 || err[1] < 0)
		return err[0] == err[1];
	return memcmp(key[0].key, key[1].key, sizeof(key[0].key)) == 0;
}

void flow_unpair(struct run *run)
{
	int err;

	for (unsigned int i = 0; i < 2; i++) {
		err = rt_host_unpair(world_host(run->w, i),
				     world_addr(run->w, !i));
		ck_assert(err == 0 || err == -ENOENT);
	}
}

static void bond(struct run *run)
{
	struct rt_link_key key = {
		.size = sizeof(key),
		.type = 8,
		.key_bytes = 16,
		.key = "of both hosts",
	};

	for (unsigned int i = 0; i < 2; i++) {
		key.addr = world_addr(run->w, !i);
		ck_assert_int_eq(rt_host_add_key(world_host(run->w, i), &key),
				 0);
	}
}

static void get_acquainted(struct run *run)
{
	switch (run->flow->link) {
	case FLOW_PLAIN:
	case FLOW_TEMPORARY:
		return;
	case FLOW_BONDED:
		bond(run);
		return;
	case FLOW_JUST_WORKS:
	case FLOW_NUMERIC:
		break;
	}
	for (unsigned int i = 0; i < 2; i++) {
		agent_allow_bonds(world_host(run->w, i),
				  run->flow->link == FLOW_JUST_WORKS);
		if (run->flow->link == FLOW_NUMERIC)
			agent_attach(&run->agent[i], world_host(run->w, i),
				     AGENT_CONFIRM | AGENT_CONSENT);
	}
}

/* --- flows ---------------------------------------------------------------- */

void flow_prepare(struct run *run, const struct flow *flow)
{
	const struct world_options options = {
		.seed = 7,
		.latency_us = 1250,
		.acl_packets = 4,
		.security = { .no_ssp = flow->link == FLOW_PLAIN },
		.down = flow->kind == FLOW_START,
	};

	run->flow = flow;
	run->w = world_new(&options);
	if (flow->kind == FLOW_START)
		return;
	get_acquainted(run);
	run->second = flow_listen(run, flow->side, FLOW_PORT_SECOND);
	if (flow->kind != FLOW_SERVE)
		run->server = flow_listen(run, 1, FLOW_PORT_MAIN);
	world_run(run->w, RT_SECONDS(1));
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct run *run = user_data;

	ck_assert(!run->search_freed && search == run->search);
	ck_assert_uint_eq(run->searched, 0);
	ck_assert_uint_eq(rt_service_port(service), 1);
	run->found++;
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct run *run = user_data;
	struct run_end *end;

	ck_assert(!run->search_freed && search == run->search);
	ck_assert_uint_eq(run->searched, 0);
	run->searched++;
	if (info->err < 0)
		ck_assert_str_ne(info->hint, "");
	end = flow_end(run, 0, FLOW_BYTES);
	if (end && info->err == 0)
		flow_connect(end, FLOW_PORT_MAIN);
}

static void search(struct run *run)
{
	static const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_done = on_done,
	};
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = run,
		.addr = world_addr(run->w, 1),
		.uuids = &own,
		.uuid_count = 1,
	};

	ck_assert_int_eq(rt_service_search_start(world_host(run->w, 0),
						 &options, &run->search),
			 0);
	run->searches++;
}

void flow_start(struct run *run)
{
	switch (run->flow->kind) {
	case FLOW_CONNECT:
		flow_connect(flow_end(run, 0, FLOW_BYTES), FLOW_PORT_MAIN);
		ck_assert(run->ends[0].asked);
		break;
	case FLOW_SDP:
		search(run);
		break;
	case FLOW_SERVE:
		run->server = flow_listen(run, 1, FLOW_PORT_MAIN);
		break;
	case FLOW_START:
		run->second = flow_listen(run, 0, FLOW_PORT_SECOND);
		break;
	}
}

void flow_go_on(struct run *run)
{
	if (run->flow->kind == FLOW_SERVE)
		flow_connect(flow_end(run, 0, FLOW_BYTES), FLOW_PORT_MAIN);
}

/* --- what became of it ---------------------------------------------------- */

void flow_outcome(const struct run *run, char *str, size_t cap)
{
	size_t len = (size_t)snprintf(str, cap, "found %u", run->found);

	for (unsigned int i = 0; i < run->end_count && len < cap; i++) {
		const struct run_end *end = &run->ends[i];

		if (!end->extra)
			len += (size_t)snprintf(
				str + len, cap - len, ", %s %s %zu",
				end->accepted ? "server" : "client",
				end->end.log, end->end.rx_bytes);
	}
	for (unsigned int i = 0; i < 2 && len < cap; i++)
		len += (size_t)snprintf(str + len, cap - len, ", host %s",
					run->w->node[i].states);
}

bool flow_end_succeeded(const struct run_end *end)
{
	const char *log = end->accepted ? "E2XU-"
			  : is_by_uuid(end->run->flow) && !end->extra
				  ? "LCK+XU-"
				  : "CK+XU-";

	return end->end.rx_bytes == end->want &&
	       memcmp(end->rx, flow_data(!end->accepted), end->want) == 0 &&
	       strcmp(end->end.log, log) == 0;
}

bool flow_succeeded(const struct run *run)
{
	static const unsigned int ends[] = {
		[FLOW_CONNECT] = 2,
		[FLOW_SDP] = 2,
		[FLOW_SERVE] = 4,
		[FLOW_START] = 0,
	};

	if (run->end_count != ends[run->flow->kind] ||
	    run->found != run->searches || run->searched != run->searches)
		return false;
	for (unsigned int i = 0; i < run->end_count; i++) {
		if (!flow_end_succeeded(&run->ends[i]))
			return false;
	}
	for (unsigned int i = 0; i < 2; i++) {
		if (strcmp(run->w->node[i].states, "U") != 0)
			return false;
	}
	return true;
}
