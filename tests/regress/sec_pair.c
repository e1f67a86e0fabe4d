/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/regress/sec_peers.h"

/* Pairings that nobody has asked for, and pairings that prove nothing. */

static struct rt_host *victim(void)
{
	return world_host(sec_peers.w, SEC_VICTIM);
}

static struct rt_addr attacker_addr(void)
{
	return world_addr(sec_peers.w, SEC_ATTACKER);
}

/* The attacker has lost its key, or says so. */
static void forget(void)
{
	ck_assert_int_eq(rt_host_unpair(world_host(sec_peers.w, SEC_ATTACKER),
					world_addr(sec_peers.w, SEC_VICTIM)),
			 0);
}

static void expect_same(const struct rt_link_key *before)
{
	struct rt_link_key after;

	ck_assert(sec_peers_has_key(&after));
	ck_assert_uint_eq(after.type, before->type);
	ck_assert_mem_eq(after.key, before->key, sizeof(after.key));
}

/* A controller of the attacker's from before Secure Simple Pairing. */
static void grow_old(void)
{
	const struct rt_vctl_security old = { .no_ssp = true };
	const struct rt_pin pin = { .pin = "123456", .pin_bytes = 6 };
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.legacy = true,
		.pins = &pin,
		.pin_count = 1,
	};

	sec_peers_change(&old);
	ck_assert_int_eq(rt_host_set_pairing_policy(world_host(sec_peers.w,
							       SEC_ATTACKER),
						    &policy),
			 0);
}

/* SEC-05, SEC-09: PINs are off unless somebody has turned them on. */
START_TEST(no_pin_is_given_by_default)
{
	sec_peers_trust(true);
	agent_attach(&sec_peers.agent[SEC_VICTIM], victim(), AGENT_PIN);
	sec_peers.agent[SEC_VICTIM].pin = "0000";
	sec_peers.agent[SEC_VICTIM].pin_bytes = 4;
	grow_old();
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 0));
	ck_assert(!sec_peers_has_key(NULL));
	ck_assert_ptr_null(strchr(sec_peers.agent[SEC_VICTIM].log, 'N'));
}
END_TEST

/*
 * SEC-05: a peer with Secure Simple Pairing whose controller asks for a PIN all
 * the same, while our user looks at a passkey.
 */
START_TEST(no_pin_is_given_to_a_peer_with_secure_simple_pairing)
{
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.legacy = true,
	};
	const struct rt_addr peer = attacker_addr();
	uint8_t event[8] = { 0x16, 6 };

	ck_assert_int_eq(rt_host_set_pairing_policy(victim(), &policy), 0);
	agent_attach(&sec_peers.agent[SEC_VICTIM], victim(), AGENT_PIN);
	sec_peers.agent[SEC_VICTIM].mute = true;
	ck_assert(sec_peers_connect(true, RT_SECURITY_NONE, 0));
	memcpy(event + 2, &peer, 6);
	rt_vctl_inject_event(sec_peers.w->node[SEC_VICTIM].vctl,
			     rt_bytes(event, sizeof(event)));
	sec_peers_run(1);
	ck_assert_int_lt(rt_host_answer_pin(victim(), peer, "123456", 6), 0);
	ck_assert(!sec_peers_has_key(NULL));
}
END_TEST

/* SEC-09: an attacker that says it has lost the key. */
START_TEST(a_key_is_kept_when_the_peer_says_it_has_none)
{
	struct rt_link_key before;

	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	ck_assert(sec_peers_has_key(&before));
	forget();
	for (int i = 0; i < 3; i++) {
		(void)sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 0);
		ck_assert(!sec_peers.client[!WE_INITIATE].connected);
		sec_peers_hang_up();
		expect_same(&before);
	}
}
END_TEST

/* SEC-13 */
START_TEST(just_works_does_not_replace_a_bond)
{
	struct rt_link_key before;

	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	ck_assert(sec_peers_has_key(&before));
	sec_peers_trust(true);
	forget();
	ck_assert_int_lt(sec_peers_bond(SEC_ATTACKER, false), 0);
	expect_same(&before);
	/* Unless the user has said so, for this very device. */
	rt_host_open_pairing(victim(), attacker_addr(), 60000);
	ck_assert_int_eq(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert(sec_peers_has_key(&before));
}
END_TEST

/* SEC-13: nor is a bond with proof replaced by one without. */
START_TEST(just_works_does_not_replace_a_bond_with_proof)
{
	struct rt_link_key before;

	sec_peers_look();
	sec_peers_attacker_looks();
	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, true), 0);
	ck_assert(sec_peers_has_key(&before));
	ck_assert_uint_eq(before.type, 8);
	rt_host_set_agent(world_host(sec_peers.w, SEC_ATTACKER), NULL, NULL);
	sec_peers_trust(true);
	forget();
	ck_assert_int_lt(sec_peers_bond(SEC_ATTACKER, false), 0);
	expect_same(&before);
}
END_TEST

/* SEC-14 */
START_TEST(nobody_bonds_outside_of_a_window)
{
	const struct rt_addr any = { { 0 } };

	ck_assert_int_lt(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert(!sec_peers_has_key(NULL));
	agent_attach(&sec_peers.agent[SEC_VICTIM], victim(), AGENT_CONSENT);
	/* It closes in time. */
	rt_host_open_pairing(victim(), any, 1000);
	sec_peers_run(2);
	ck_assert_int_lt(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert(!sec_peers_has_key(NULL));
	ck_assert_ptr_null(strchr(sec_peers.agent[SEC_VICTIM].log, 'J'));
	rt_host_open_pairing(victim(), any, 30000);
	ck_assert_int_eq(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert(sec_peers_has_key(NULL));
	ck_assert_ptr_nonnull(strchr(sec_peers.agent[SEC_VICTIM].log, 'J'));
}
END_TEST

/* SEC-14: a window lets one in, and not a second. */
START_TEST(a_window_is_for_one)
{
	const struct rt_addr any = { { 0 } };

	agent_attach(&sec_peers.agent[SEC_VICTIM], victim(), AGENT_CONSENT);
	rt_host_open_pairing(victim(), any, 120000);
	ck_assert_int_eq(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert_int_eq(rt_host_unpair(victim(), attacker_addr()), 0);
	forget();
	ck_assert_int_lt(sec_peers_bond(SEC_ATTACKER, false), 0);
	ck_assert(!sec_peers_has_key(NULL));
}
END_TEST

/* SEC-15: what asks for a proof is not served by none. */
START_TEST(a_proof_that_can_not_be_had_is_not_done_without)
{
	sec_peers_trust(true);
	if (WE_INITIATE)
		sec_peers_look();
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_MITM, 0));
	if (WE_INITIATE)
		sec_peers_expect_error("Not authenticated");
	sec_peers_hang_up();
	if (WE_INITIATE)
		ck_assert_int_lt(sec_peers_bond(SEC_VICTIM, true), 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SEC-05", "IA", no_pin_is_given_by_default),
	TAGGED("SEC-05", "A",
	       no_pin_is_given_to_a_peer_with_secure_simple_pairing),
	TAGGED("SEC-09", "IA", no_pin_is_given_by_default),
	TAGGED("SEC-09", "IA", a_key_is_kept_when_the_peer_says_it_has_none),
	TAGGED("SEC-13", "A", just_works_does_not_replace_a_bond),
	TAGGED("SEC-13", "A", just_works_does_not_replace_a_bond_with_proof),
	TAGGED("SEC-14", "A", nobody_bonds_outside_of_a_window),
	TAGGED("SEC-14", "A", a_window_is_for_one),
	TAGGED("SEC-15", "IA", a_proof_that_can_not_be_had_is_not_done_without),
};

const struct tagged_table sec_pair_table = SEC_TABLE(rows);
