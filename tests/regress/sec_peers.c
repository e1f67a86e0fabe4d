/* SPDX-License-Identifier: MIT */
#include "tests/regress/sec_peers.h"

#include <string.h>

#include <rawtooth/research.h>

struct sec_peers sec_peers;

static struct rt_host *host(unsigned int side)
{
	return world_host(sec_peers.w, side);
}

void sec_peers_setup(void)
{
	const struct world_options options = { .seed = 27 };

	memset(&sec_peers, 0, sizeof(sec_peers));
	sec_peers.w = world_new(&options);
	agent_allow_bonds(host(SEC_ATTACKER), true);
	rt_host_set_connectable(host(SEC_VICTIM), true);
	rt_host_set_connectable(host(SEC_ATTACKER), true);
}

void sec_peers_hang_up(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		end_free(&sec_peers.client[i]);
		memset(&sec_peers.client[i], 0, sizeof(sec_peers.client[i]));
		rt_server_free(sec_peers.server[i]);
		sec_peers.server[i] = NULL;
	}
	sec_peers_run(60);
}

void sec_peers_teardown(void)
{
	sec_peers_hang_up();
	world_finish(sec_peers.w);
}

void sec_peers_run(unsigned int seconds)
{
	world_run(sec_peers.w, RT_SECONDS(seconds));
}

void sec_peers_trust(bool just_works)
{
	agent_allow_bonds(host(SEC_VICTIM), just_works);
}

void sec_peers_look(void)
{
	agent_attach(&sec_peers.agent[SEC_VICTIM], host(SEC_VICTIM),
		     AGENT_CONFIRM);
}

void sec_peers_attacker_looks(void)
{
	agent_attach(&sec_peers.agent[SEC_ATTACKER], host(SEC_ATTACKER),
		     AGENT_CONFIRM | AGENT_CONSENT);
}

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	*(int *)user_data = info->err;
}

int sec_peers_bond(unsigned int by, bool mitm)
{
	int result = 1;
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.user_data = &result,
		.mitm = mitm,
	};
	struct rt_pairing *pairing;

	ck_assert_int_eq(rt_pairing_start(host(by),
					  world_addr(sec_peers.w, !by),
					  &options, &pairing),
			 0);
	sec_peers_run(60);
	rt_pairing_free(pairing);
	ck_assert_int_le(result, 0);
	return result;
}

struct rt_server *sec_peers_serve(unsigned int side, unsigned int flags)
{
	struct rt_server *server =
		rt_server_new(host(side), RT_PROTOCOL_L2CAP, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_security(server, flags), 0);
	sec_peers.server[side] = server;
	return server;
}

bool sec_peers_connect(bool we_initiate, unsigned int flags,
		       unsigned int min_key_bytes)
{
	const unsigned int from = we_initiate ? SEC_VICTIM : SEC_ATTACKER;
	struct end *client = &sec_peers.client[from];
	struct rt_server *server =
		sec_peers_serve(!from, we_initiate ? RT_SECURITY_NONE : flags);

	if (!we_initiate)
		ck_assert_int_eq(rt_server_set_option(server,
						      RT_OPTION_MIN_KEY_BYTES,
						      min_key_bytes),
				 0);
	ck_assert_int_eq(rt_server_listen(server, SEC_PSM), 0);
	end_open(client, host(from), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_security(client->s,
						we_initiate ? flags
							    : RT_SECURITY_NONE),
			 0);
	if (we_initiate)
		ck_assert_int_eq(rt_socket_set_option(client->s,
						      RT_OPTION_MIN_KEY_BYTES,
						      min_key_bytes),
				 0);
	ck_assert_int_eq(rt_socket_connect(client->s,
					   world_addr(sec_peers.w, !from),
					   SEC_PSM),
			 0);
	sec_peers_run(60);
	ck_assert_uint_eq(client->connected + client->errors, 1);
	ck_assert(client->connected == rt_server_has_pending(server));
	return client->connected;
}

struct rt_socket *sec_peers_socket(bool we_initiate)
{
	if (we_initiate)
		return sec_peers.client[SEC_VICTIM].s;
	/* It is kept as the victim's end. */
	end_attach(&sec_peers.client[SEC_VICTIM],
		   rt_server_next_pending(sec_peers.server[SEC_VICTIM]));
	return sec_peers.client[SEC_VICTIM].s;
}

bool sec_peers_has_key(struct rt_link_key *ret_key)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	if (rt_host_next_key(host(SEC_VICTIM), none, &key) < 0)
		return false;
	ck_assert(
		rt_addr_equal(key.addr, world_addr(sec_peers.w, SEC_ATTACKER)));
	if (ret_key)
		*ret_key = key;
	return true;
}

bool sec_peers_linked(void)
{
	return rt_host_has_link(host(SEC_VICTIM),
				world_addr(sec_peers.w, SEC_ATTACKER));
}

void sec_peers_expect_error(const char *code_name)
{
	struct rt_error_info info = { .size = sizeof(info) };

	rt_socket_error_info(sec_peers.client[SEC_VICTIM].s, &info);
	ck_assert_int_lt(info.err, 0);
	if (code_name)
		ck_assert_str_eq(info.code_name, code_name);
	ck_assert_str_ne(info.hint, "");
}

void sec_peers_fault(unsigned int side, enum rt_vctl_fault fault)
{
	rt_vctl_set_fault(sec_peers.w->node[side].vctl, fault, true);
}

void sec_peers_change(const struct rt_vctl_security *security)
{
	rt_vctl_set_security(sec_peers.w->node[SEC_ATTACKER].vctl, security);
}
