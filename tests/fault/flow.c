/* SPDX-License-Identifier: MIT */
#include "tests/fault/flow.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"

/* clang-format off */

const struct flow flows[] = {
#define FLOW(flow, what, how, which, how_sent, host) {        \
	.name = flow,                                         \
	.kind = FLOW_##what,                                  \
	.link = FLOW_##how,                                   \
	.protocol = RT_PROTOCOL_##which,                      \
	.mode = RT_SOCKET_MODE_##how_sent,                    \
	.side = host,                                         \
},
#include "tests/fault/flows.def"
#undef FLOW
};

/* clang-format on */

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
	static uint8_t data[2][FLOW_BYTES_MAX];
	static bool made;
	uint32_t x = 1;

	/* Octets that never repeat for long: what is out of place shows. */
	for (size_t i = 0; !made && i < sizeof(data); i++) {
		x = x * 1664525 + 1013904223;
		data[i / FLOW_BYTES_MAX][i % FLOW_BYTES_MAX] =
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
	end = &run->ends[run->end_count];
	end->end.rx = run->room + run->end_count * run->room_bytes;
	end->end.rx_cap = run->room_bytes;
	run->end_count++;
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
	end = flow_end(run, 0, run->bytes);
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
	end->end.piece = FLOW_PIECE;
	end->end.tx = flow_data(accepted);
	end->end.tx_bytes = end->want;
}

/* What both sides set, of the options that a flow has. */
struct choice {
	enum rt_option option;
	int64_t value;
};

/* The choice number `i`. False if there is none. */
static bool choice_of(const struct flow *flow, unsigned int i,
		      struct choice *ret_choice)
{
	const struct choice choices[] = {
		{ RT_OPTION_MODE, flow->mode },
		{ RT_OPTION_MODE_REQUIRED, 1 },
		{ RT_OPTION_FLUSH_TIMEOUT_MS, flow->flush_ms },
		/* Small frames, and no limit to how often one is lost: */
		{ RT_OPTION_MPS, 200 },
		{ RT_OPTION_MAX_TRANSMIT, 0 },
		{ RT_OPTION_RETRANSMISSION_MS, 200 },
		{ RT_OPTION_MONITOR_MS, 500 },
	};
	const size_t count = flow->flush_ms ? RT_ARRAY_SIZE(choices) : 2;

	if (flow->protocol != RT_PROTOCOL_L2CAP || i >= count)
		return false;
	*ret_choice = choices[i];
	return true;
}

static int choose(struct rt_socket *s, const struct flow *flow)
{
	int err = rt_socket_set_security(s, flags_of(flow));
	struct choice choice;

	for (unsigned int i = 0; err == 0 && choice_of(flow, i, &choice); i++)
		err = rt_socket_set_option(s, choice.option, choice.value);
	return err;
}

static int choose_for_server(struct rt_server *server, const struct flow *flow)
{
	int err = rt_server_set_security(server, flags_of(flow));
	struct choice choice;

	for (unsigned int i = 0; err == 0 && choice_of(flow, i, &choice); i++)
		err = rt_server_set_option(server, choice.option, choice.value);
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
		server == run->fresh ? FLOW_FRESH_BYTES : run->bytes;
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
	int err = server ? choose_for_server(server, flow) : -ENOMEM;

	if (err == 0)
		err = rt_server_set_max_pending(server, 4);
	if (err == 0 && which == FLOW_PORT_MAIN && is_by_uuid(flow))
		err = rt_server_listen_uuid(server, own, "flow");
	else if (err == 0)
		err = rt_server_listen(server, flow_port(flow, which));
	if (err == 0)
		return server;
	rt_server_free(server);
	return NULL;
}

/* Records beside the server's, that cannot be connected to. */
static bool publish(struct run *run)
{
	for (size_t i = 0; i < FLOW_RECORDS; i++) {
		struct rt_service *record =
			rt_service_new(world_host(run->w, 1));

		run->record[i] = record;
		if (!record || rt_service_set_classes(record, &own, 1) < 0 ||
		    rt_service_set_name(record, "more") < 0 ||
		    rt_service_register(record) < 0)
			return false;
	}
	return true;
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

static bool bond(struct run *run)
{
	struct rt_link_key key = {
		.size = sizeof(key),
		.type = 8,
		.key_bytes = 16,
		.key = "of both hosts",
	};

	for (unsigned int i = 0; i < 2; i++) {
		key.addr = world_addr(run->w, !i);
		if (rt_host_add_key(world_host(run->w, i), &key) < 0)
			return false;
	}
	return true;
}

static bool get_acquainted(struct run *run)
{
	const enum flow_link link = run->flow->link;
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = link == FLOW_JUST_WORKS,
	};

	if (link == FLOW_PLAIN || link == FLOW_TEMPORARY)
		return true;
	if (link == FLOW_BONDED)
		return bond(run);
	for (unsigned int i = 0; i < 2; i++) {
		if (rt_host_set_pairing_policy(world_host(run->w, i), &policy) <
		    0)
			return false;
		if (link == FLOW_NUMERIC)
			agent_attach(&run->agent[i], world_host(run->w, i),
				     AGENT_CONFIRM | AGENT_CONSENT);
	}
	return true;
}

/* --- flows ---------------------------------------------------------------- */

struct world_options flow_world(const struct flow *flow)
{
	return (struct world_options){
		.seed = 7,
		.latency_us = 1250,
		.acl_packets = 4,
		.security = { .no_ssp = flow->link == FLOW_PLAIN },
		.down = flow->kind == FLOW_START,
	};
}

bool flow_set_up(struct run *run)
{
	const struct flow *flow = run->flow;

	if (flow->kind == FLOW_START)
		return true;
	if (!get_acquainted(run))
		return false;
	run->second = flow_listen(run, flow->side, FLOW_PORT_SECOND);
	if (!run->second)
		return false;
	if (flow->kind == FLOW_SERVE)
		return true;
	run->server = flow_listen(run, 1, FLOW_PORT_MAIN);
	return run->server && (flow->kind != FLOW_SDP || publish(run));
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct run *run = user_data;

	ck_assert(!run->search_freed && search == run->search);
	ck_assert_uint_eq(run->searched, 0);
	ck_assert_uint_ne(rt_service_handle(service), 0);
	run->found++;
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct run *run = user_data;

	ck_assert(!run->search_freed && search == run->search);
	ck_assert_uint_eq(run->searched, 0);
	run->searched++;
	if (info->err < 0)
		ck_assert_str_ne(info->hint, "");
}

static bool search(struct run *run)
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

	if (rt_service_search_start(world_host(run->w, 0), &options,
				    &run->search) < 0)
		return false;
	run->searches++;
	return true;
}

static bool connect_one(struct run *run)
{
	struct run_end *end = flow_end(run, 0, run->bytes);

	if (!end)
		return false;
	flow_connect(end, FLOW_PORT_MAIN);
	return end->asked;
}

bool flow_start(struct run *run)
{
	switch (run->flow->kind) {
	case FLOW_CONNECT:
		return connect_one(run);
	case FLOW_SDP:
		/* Both ask the same peer at the same time. */
		return search(run) && connect_one(run);
	case FLOW_SERVE:
		run->server = flow_listen(run, 1, FLOW_PORT_MAIN);
		return run->server;
	case FLOW_START:
		run->second = flow_listen(run, 0, FLOW_PORT_SECOND);
		return run->second;
	}
	return false;
}

bool flow_go_on(struct run *run)
{
	return run->flow->kind != FLOW_SERVE || connect_one(run);
}

void flow_free(struct run *run)
{
	for (unsigned int i = 0; i < run->end_count; i++) {
		if (!run->ends[i].freed)
			flow_free_end(&run->ends[i]);
	}
	if (!run->search_freed)
		rt_service_search_free(run->search);
	run->search_freed = true;
	for (size_t i = 0; i < FLOW_RECORDS; i++)
		rt_service_free(run->record[i]);
	memset(run->record, 0, sizeof(run->record));
	rt_server_free(run->server);
	rt_server_free(run->second);
	rt_server_free(run->fresh);
	run->server = run->second = run->fresh = NULL;
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
	       memcmp(end->end.rx, flow_data(!end->accepted), end->want) == 0 &&
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
	    run->found != run->searches * (1 + FLOW_RECORDS) ||
	    run->searched != run->searches)
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
