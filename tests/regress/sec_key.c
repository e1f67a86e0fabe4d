/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/sec_peers.h"

#include <rawtooth/research.h>

/* Link keys and encryption keys that are too short, too weak or none. */

/* The attacker's controller gives keys of so many octets at most. */
static void shorten(uint8_t octets)
{
	const struct rt_vctl_security security = { .key_size_max = octets };

	sec_peers_change(&security);
}

/*
 * SEC-01: every size that can be, against every least that can be asked for,
 * from the side that connects, and from the other.
 */
static void negotiate(uint8_t octets, unsigned int flags, unsigned int least,
		      bool we_initiate)
{
	const unsigned int wanted = least			? least
				    : flags == RT_SECURITY_NONE ? 7
								: 16;
	const bool good = octets >= wanted;

	sec_peers_trust(true);
	shorten(octets);
	ck_assert_int_eq(sec_peers_connect(we_initiate, flags, least), good);
	/* Below 7 the controller has refused already. */
	if (!good && we_initiate)
		sec_peers_expect_error(octets < 7 ? NULL
						  : "Encryption key too short");
	if (octets < 7)
		ck_assert(!sec_peers_linked());
	sec_peers_teardown();
	sec_peers_setup();
}

START_TEST(a_short_key_opens_nothing)
{
	for (uint8_t octets = 1; octets <= 16; octets++) {
		if (octets > 1 && octets < 6)
			continue;
		negotiate(octets, RT_SECURITY_NONE, 0, WE_INITIATE);
		negotiate(octets, RT_SECURITY_ENCRYPTION, 0, WE_INITIATE);
	}
}
END_TEST

/* SEC-17: at the least, one below it and one above. */
START_TEST(a_key_of_just_the_least_is_enough_and_one_octet_less_is_not)
{
	for (unsigned int least = 7; least <= 16; least += 3) {
		for (unsigned int n = least - 1; n <= least + 1; n++) {
			if (n <= 16)
				negotiate((uint8_t)n, RT_SECURITY_ENCRYPTION,
					  least, WE_INITIATE);
		}
	}
}
END_TEST

/* SEC-01: the controller says it, whatever was negotiated. */
START_TEST(a_size_that_is_said_to_be_short_is_short)
{
	static const uint8_t sizes[] = { 1, 6, 15, 17, 0xff };

	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		sec_peers_trust(true);
		rt_vctl_set_key_size_answer(sec_peers.w->node[SEC_VICTIM].vctl,
					    sizes[i]);
		ck_assert(!sec_peers_connect(WE_INITIATE,
					     RT_SECURITY_ENCRYPTION, 0));
		sec_peers_teardown();
		sec_peers_setup();
	}
}
END_TEST

/* SEC-02: the key is of Secure Connections, and the encryption is not. */
START_TEST(a_bond_of_secure_connections_is_not_used_for_e0)
{
	const struct rt_vctl_security old = { .no_secure_connections = true };
	struct rt_link_key before;
	struct rt_link_key after;

	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	ck_assert(sec_peers_has_key(&before));
	ck_assert_uint_eq(before.type, 7);
	sec_peers_change(&old);
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 0));
	ck_assert(!sec_peers_linked());
	if (WE_INITIATE)
		sec_peers_expect_error("Secure Connections lost");
	ck_assert(sec_peers_has_key(&after));
	ck_assert_mem_eq(before.key, after.key, sizeof(before.key));
}
END_TEST

/* SEC-02: 16 octets once, and 15 now, although 7 were enough. */
START_TEST(a_shorter_key_than_before_is_refused)
{
	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	ck_assert(sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 7));
	sec_peers_hang_up();
	shorten(15);
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 7));
	ck_assert(sec_peers_has_key(NULL));
}
END_TEST

/* SEC-03: who is challenged turns the tables, and proves nothing. */
START_TEST(a_peer_that_turns_the_challenge_around_has_proved_nothing)
{
	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	sec_peers_fault(SEC_ATTACKER, RT_VCTL_SWITCH_WHEN_CHALLENGED);
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 0));
	ck_assert(sec_peers_has_key(NULL));
}
END_TEST

/* SEC-08 */
START_TEST(a_key_of_zeros_is_not_stored)
{
	int err;

	sec_peers_trust(true);
	sec_peers_fault(SEC_VICTIM, RT_VCTL_ZERO_KEY);
	err = sec_peers_bond(WE_INITIATE ? SEC_VICTIM : SEC_ATTACKER, false);
	/* The attacker's own controller is content. */
	ck_assert(!WE_INITIATE || err < 0);
	ck_assert(!sec_peers_has_key(NULL));
	ck_assert(!sec_peers_linked());
}
END_TEST

/* SEC-08: an attacker with the victim's own address. */
START_TEST(nobody_comes_from_our_own_address)
{
	rt_vctl_set_alias(sec_peers.w->node[SEC_ATTACKER].vctl,
			  world_addr(sec_peers.w, SEC_VICTIM));
	sec_peers_trust(true);
	ck_assert(!sec_peers_connect(false, RT_SECURITY_NONE, 0));
	ck_assert(!sec_peers_has_key(NULL));
	ck_assert(!rt_server_has_pending(sec_peers.server[SEC_VICTIM]));
}
END_TEST

static const enum rt_vctl_fault untold[] = {
	RT_VCTL_KEY_SIZE_FAILS,
	RT_VCTL_KEY_SIZE_UNKNOWN,
	RT_VCTL_KEY_SIZE_UNANSWERED,
};

/* SEC-18 */
START_TEST(a_size_that_the_controller_does_not_tell_opens_nothing)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(untold); i++) {
		sec_peers_trust(true);
		sec_peers_fault(SEC_VICTIM, untold[i]);
		ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_NONE, 0));
		sec_peers_hang_up();
		ck_assert(!sec_peers_connect(WE_INITIATE,
					     RT_SECURITY_ENCRYPTION, 7));
		sec_peers_teardown();
		sec_peers_setup();
	}
}
END_TEST

/* What a controller or a peer does to the encryption of an open channel. */
struct turn {
	bool refresh;
	uint8_t status;
	uint8_t value; /* mode, or octets of the key */
	bool survives;
};

static const struct turn turns[] = {
	{ .value = 0 },			  /* off */
	{ .value = 1 },			  /* E0 with a key of P-256 */
	{ .refresh = true, .value = 6 },  /* a key of less than ever */
	{ .refresh = true, .value = 15 }, /* of less than was asked for */
	{ .refresh = true, .status = 0x23 },
	{ .refresh = true, .value = 16, .survives = true },
};

static void take_turn(const struct turn *turn)
{
	struct rt_vctl *vctl = sec_peers.w->node[SEC_VICTIM].vctl;
	const struct rt_addr peer = world_addr(sec_peers.w, SEC_ATTACKER);

	if (turn->refresh)
		ck_assert(rt_vctl_fake_refresh(vctl, peer, turn->status,
					       turn->value));
	else
		ck_assert(rt_vctl_fake_encryption(vctl, peer, turn->status,
						  turn->value));
}

static const uint8_t secret[] = "for this link alone";

/* The attacker listens for it. */
static bool on_pdu(const struct rt_tap_pdu *pdu, void *user_data)
{
	bool *heard = user_data;

	if (!pdu->sent && pdu->bytes == sizeof(secret) &&
	    memcmp(pdu->data, secret, sizeof(secret)) == 0)
		*heard = true;
	return true;
}

/* SEC-19: no octet leaves unless the link is as it has to be. */
START_TEST(a_channel_does_not_outlive_its_encryption)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(turns); i++) {
		struct rt_socket *s;
		bool heard = false;

		sec_peers_trust(true);
		sec_peers_look();
		sec_peers_attacker_looks();
		ck_assert(sec_peers_connect(WE_INITIATE, RT_SECURITY_MITM, 0));
		s = sec_peers_socket(WE_INITIATE);
		rt_host_set_tap(world_host(sec_peers.w, SEC_ATTACKER), on_pdu,
				&heard);
		take_turn(&turns[i]);
		world_settle(sec_peers.w);
		(void)!rt_socket_write(s, secret, sizeof(secret));
		sec_peers_run(60);
		ck_assert(turns[i].survives ==
			  (rt_socket_state(s) == RT_SOCKET_CONNECTED));
		ck_assert(turns[i].survives == heard);
		rt_host_set_tap(world_host(sec_peers.w, SEC_ATTACKER), NULL,
				NULL);
		sec_peers_teardown();
		sec_peers_setup();
	}
}
END_TEST

/* SEC-20: no value of a stored key but those that there are. */
START_TEST(a_key_out_of_range_is_not_taken)
{
	struct rt_link_key key = {
		.size = sizeof(key),
		.addr = world_addr(sec_peers.w, SEC_ATTACKER),
		.key = { 1, 2, 3 },
	};
	struct rt_host *victim = world_host(sec_peers.w, SEC_VICTIM);

	for (unsigned int value = 0; value < 256; value++) {
		key.type = 4;
		key.key_bytes = (uint8_t)value;
		key.pin_bytes = 0;
		ck_assert((rt_host_add_key(victim, &key) == 0) ==
			  (value == 0 || (value >= 7 && value <= 16)));
		key.key_bytes = 0;
		key.pin_bytes = (uint8_t)value;
		if (value > 16)
			ck_assert_int_lt(rt_host_add_key(victim, &key), 0);
		key.pin_bytes = 0;
		key.type = (uint8_t)value;
		if (value > 8 || value == 6)
			ck_assert_int_lt(rt_host_add_key(victim, &key), 0);
	}
	key.type = 4;
	memset(key.key, 0, sizeof(key.key));
	ck_assert_int_lt(rt_host_add_key(victim, &key), 0);
	key.key[0] = 1;
	key.addr = world_addr(sec_peers.w, SEC_VICTIM);
	ck_assert_int_lt(rt_host_add_key(victim, &key), 0);
}
END_TEST

/* SEC-21 */
START_TEST(a_debug_key_opens_nothing)
{
	sec_peers_trust(true);
	sec_peers_fault(SEC_VICTIM, RT_VCTL_DEBUG_KEY);
	ck_assert(!sec_peers_connect(WE_INITIATE, RT_SECURITY_NONE, 0));
	ck_assert(!sec_peers_has_key(NULL));
	ck_assert(!sec_peers_linked());
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SEC-01", "IA", a_short_key_opens_nothing),
	TAGGED("SEC-01", "IA", a_size_that_is_said_to_be_short_is_short),
	TAGGED("SEC-02", "IA", a_bond_of_secure_connections_is_not_used_for_e0),
	TAGGED("SEC-02", "IA", a_shorter_key_than_before_is_refused),
	TAGGED("SEC-03", "I",
	       a_peer_that_turns_the_challenge_around_has_proved_nothing),
	TAGGED("SEC-08", "IA", a_key_of_zeros_is_not_stored),
	TAGGED("SEC-08", "A", nobody_comes_from_our_own_address),
	TAGGED("SEC-17", "IA",
	       a_key_of_just_the_least_is_enough_and_one_octet_less_is_not),
	TAGGED("SEC-18", "IA",
	       a_size_that_the_controller_does_not_tell_opens_nothing),
	TAGGED("SEC-19", "IA", a_channel_does_not_outlive_its_encryption),
	TAGGED("SEC-20", "IA", a_key_out_of_range_is_not_taken),
	TAGGED("SEC-21", "IA", a_debug_key_opens_nothing),
};

const struct tagged_table sec_key_table = SEC_TABLE(rows);
