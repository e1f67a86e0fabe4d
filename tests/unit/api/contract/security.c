/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/agent.h"
#include "tests/support/pair.h"
#include "tests/unit/api/contract/contract.h"

/* The row about security flags: each level, on both sides. */

static struct world *w;
static struct pair pair;
static struct agent agents[2];

static const struct rt_addr zero = { { 0 } };

static void start(const struct rt_vctl_security *controllers)
{
	const struct world_options options = {
		.seed = 9,
		.security = *controllers,
	};

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
	memset(agents, 0, sizeof(agents));
}

static void setup(void)
{
	const struct rt_vctl_security controllers = { false };

	start(&controllers);
}

static void teardown(void)
{
	pair_free(&pair);
	for (unsigned int i = 0; i < 2; i++) {
		/* Keys are remembered. */
		w->node[i].memory_idle += 2;
	}
	world_finish(w);
}

/* Other controllers than those of the fixture. */
static void restart(struct rt_vctl_security controllers)
{
	world_finish(w);
	start(&controllers);
}

/* Both ends with these flags, which connect or not. */
static void open_pair(int protocol, unsigned int client_flags,
		      unsigned int server_flags)
{
	pair_init(&pair, w, (enum rt_protocol)protocol);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_security(pair.listener, server_flags),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	ck_assert_int_eq(rt_socket_set_security(pair.client.s, client_flags),
			 0);
}

static void try_connect(void)
{
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(pair.client.connected + pair.client.errors, 1);
}

/*
 * Somebody sits on both sides, who can look and say yes or no; or (IO_NONE)
 * only the latter.
 */
static void attach_people(enum rt_io io)
{
	const unsigned int members = io == RT_IO_NONE
					     ? AGENT_CONSENT
					     : AGENT_CONSENT | AGENT_CONFIRM;

	for (unsigned int i = 0; i < 2; i++) {
		const struct rt_pairing_policy policy = {
			.size = sizeof(policy),
			.io = io,
			.bondable = true,
		};

		ck_assert_int_eq(rt_host_set_pairing_policy(world_host(w, i),
							    &policy),
				 0);
		agent_attach(&agents[i], world_host(w, i), members);
	}
}

static struct rt_security_info info_of(const struct rt_socket *s)
{
	struct rt_security_info info = { .size = sizeof(info) };

	ck_assert_int_eq(rt_socket_security(s, &info), 0);
	return info;
}

static bool has_key(unsigned int i)
{
	struct rt_link_key key = { .size = sizeof(key) };

	return rt_host_next_key(world_host(w, i), zero, &key) == 0;
}

CONTRACT(none, "security/NONE: level 1, encrypted by just works, the key not "
	       "stored; nobody is asked")
{
	struct rt_security_info info;

	open_pair(_i, RT_SECURITY_NONE, RT_SECURITY_NONE);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CK+");
	info = info_of(pair.client.s);
	ck_assert(info.encrypted && !info.authenticated && !info.bonded);
	ck_assert_uint_ge(info.level, 1);
	ck_assert(!has_key(0) && !has_key(1));
}
END_TEST

CONTRACT(before_ssp, "security/NONE: unencrypted only with a peer from before "
		     "SSP")
{
	struct rt_security_info info;

	restart((struct rt_vctl_security){ .no_ssp = true });
	open_pair(_i, RT_SECURITY_NONE, RT_SECURITY_NONE);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CK+");
	info = info_of(pair.client.s);
	ck_assert(!info.encrypted);
}
END_TEST

static const unsigned int level_2[] = {
	RT_SECURITY_AUTHENTICATION,
	RT_SECURITY_ENCRYPTION,
	RT_SECURITY_AUTHENTICATION | RT_SECURITY_ENCRYPTION,
};

CONTRACT(encryption, "security/AUTHENTICATION, ENCRYPTION: level 2; our own "
		     "connect is consent, the server's side is asked")
{
	struct rt_security_info info;

	attach_people(RT_IO_NONE);
	open_pair(1 + _i / 3, level_2[_i % 3], level_2[_i % 3]);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CK+");
	info = info_of(pair.client.s);
	ck_assert(info.encrypted && info.bonded);
	ck_assert_uint_ge(info.level, 2);
	ck_assert_uint_eq(info.key_bytes, 16);
	ck_assert_ptr_null(strchr(agents[0].log, 'J'));
	ck_assert_ptr_nonnull(strchr(agents[1].log, 'J'));
	ck_assert(has_key(0) && has_key(1));
}
END_TEST

CONTRACT(no_agent, "security: a server that asks for more than NONE needs an "
		   "agent or a policy")
{
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = true,
	};
	const bool has_policy = _i / 2;

	if (has_policy)
		ck_assert_int_eq(rt_host_set_pairing_policy(world_host(w, 1),
							    &policy),
				 0);
	open_pair(1 + _i % 2, RT_SECURITY_NONE, RT_SECURITY_ENCRYPTION);
	try_connect();
	ck_assert_uint_eq(pair.client.connected, has_policy);
	if (!has_policy)
		ck_assert_str_ne(pair.client.error_string, "");
}
END_TEST

CONTRACT(refused, "security: a no of the user is MISSING_PERMISSIONS")
{
	attach_people(RT_IO_NONE);
	agents[1].refuse = true;
	open_pair(_i, RT_SECURITY_ENCRYPTION, RT_SECURITY_ENCRYPTION);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CUE8");
	ck_assert(!has_key(0) && !has_key(1));
}
END_TEST

static const unsigned int level_3[] = {
	RT_SECURITY_SECURE,
	RT_SECURITY_MITM,
	RT_SECURITY_MITM | RT_SECURITY_ENCRYPTION,
};

CONTRACT(mitm, "security/SECURE, MITM: level 3, an authenticated key, Secure "
	       "Connections where both have it")
{
	struct rt_security_info info;
	const bool sc = _i < 6;

	if (!sc)
		restart((struct rt_vctl_security){ .no_secure_connections =
							   true });
	attach_people(RT_IO_DISPLAY_YES_NO);
	open_pair(1 + _i % 6 / 3, level_3[_i % 3], level_3[_i % 3]);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CK+");
	info = info_of(pair.client.s);
	ck_assert(info.encrypted && info.authenticated && info.bonded);
	ck_assert_uint_ge(info.level, 3);
	ck_assert_int_eq(info.aes, sc);
	ck_assert_uint_eq(agents[0].number, agents[1].number);
	ck_assert_ptr_nonnull(strchr(agents[0].log, 'C'));
	ck_assert_ptr_nonnull(strchr(agents[1].log, 'C'));
}
END_TEST

CONTRACT(no_proof, "security/MITM: a peer that can neither show nor type is "
		   "refused")
{
	attach_people(RT_IO_NONE);
	open_pair(_i, RT_SECURITY_MITM, RT_SECURITY_NONE);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CUE8");
}
END_TEST

CONTRACT(fips, "security/FIPS: level 4, Secure Connections or nothing")
{
	const bool sc = _i < 2;
	struct rt_security_info info;

	if (!sc)
		restart((struct rt_vctl_security){ .no_secure_connections =
							   true });
	attach_people(RT_IO_DISPLAY_YES_NO);
	open_pair(1 + _i % 2, RT_SECURITY_NONE, RT_SECURITY_NONE);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_FIPS, 1),
			 0);
	try_connect();
	if (!sc) {
		ck_assert_str_eq(pair.client.log, "CUE8");
		return;
	}
	info = info_of(pair.client.s);
	ck_assert(info.aes && info.authenticated);
	ck_assert_uint_eq(info.level, 4);
}
END_TEST

CONTRACT(bonded_only, "security: BONDED_ONLY takes the key there is, and "
		      "never makes one")
{
	attach_people(RT_IO_DISPLAY_YES_NO);
	open_pair(_i, RT_SECURITY_NONE, RT_SECURITY_NONE);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_BONDED_ONLY, 1),
			 0);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CUE8");
	ck_assert(!has_key(0));
	/* Once there is a bond, it is what is asked for. */
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_BONDED_ONLY, 0),
			 0);
	ck_assert_int_eq(
		rt_socket_set_security(pair.client.s, RT_SECURITY_MITM), 0);
	pair.client.errors = 0;
	try_connect();
	ck_assert_uint_eq(pair.client.connected, 1);
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(60));
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_BONDED_ONLY, 1),
			 0);
	pair.client.connected = 0;
	try_connect();
	ck_assert_uint_eq(pair.client.connected, 1);
	ck_assert(info_of(pair.client.s).bonded);
}
END_TEST

CONTRACT(floor_of_psm_3, "security: the floor of PSM 3 is the lowest level of "
			 "any RFCOMM service that listens")
{
	struct rt_server *strong =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);

	ck_assert_int_eq(rt_server_set_security(strong, RT_SECURITY_MITM), 0);
	ck_assert_int_eq(rt_server_listen(strong, 20), 0);
	open_pair(RT_PROTOCOL_RFCOMM, RT_SECURITY_NONE, RT_SECURITY_NONE);
	try_connect();
	ck_assert_str_eq(pair.client.log, "CK+");
	rt_server_free(strong);
}
END_TEST

CONTRACT(known_again, "security: a bond is used again, and nobody is asked")
{
	attach_people(RT_IO_DISPLAY_YES_NO);
	open_pair(_i, RT_SECURITY_MITM, RT_SECURITY_MITM);
	try_connect();
	ck_assert_uint_eq(pair.client.connected, 1);
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(60));
	agents[0].log[0] = agents[1].log[0] = '\0';
	pair.client.connected = 0;
	try_connect();
	ck_assert_uint_eq(pair.client.connected, 1);
	ck_assert_str_eq(agents[0].log, "");
	ck_assert_str_eq(agents[1].log, "");
}
END_TEST

CONTRACT(forgotten, "security: a peer that has forgotten the bond: pair again, "
		    "says the error")
{
	attach_people(RT_IO_DISPLAY_YES_NO);
	open_pair(_i, RT_SECURITY_MITM, RT_SECURITY_MITM);
	try_connect();
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(60));
	ck_assert_int_eq(rt_host_unpair(world_host(w, 1), world_addr(w, 0)), 0);
	world_run(w, RT_SECONDS(60));
	pair.client.connected = 0;
	try_connect();
	ck_assert_uint_eq(pair.client.errors, 1);
	ck_assert_int_eq(pair.client.error,
			 RT_SOCKET_ERROR_MISSING_PERMISSIONS);
	ck_assert_ptr_nonnull(strstr(pair.client.error_string, "pair"));
	ck_assert_ptr_nonnull(strstr(pair.client.error_string, "again"));
}
END_TEST

static const struct contract_row rows[] = {
	ROW_BOTH(none),		ROW_BOTH(before_ssp),  ROW_TIMES(encryption, 6),
	ROW_TIMES(no_agent, 4), ROW_BOTH(refused),     ROW_TIMES(mitm, 12),
	ROW_BOTH(no_proof),	ROW_TIMES(fips, 4),    ROW_BOTH(bonded_only),
	ROW(floor_of_psm_3),	ROW_BOTH(known_again), ROW_BOTH(forgotten),
};

int main(void)
{
	return contract_run("unit/api/contract/security", rows,
			    RT_ARRAY_SIZE(rows), setup, teardown);
}
