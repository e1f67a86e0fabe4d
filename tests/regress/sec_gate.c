/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/sec_peers.h"

#include <rawtooth/research.h>

/* Doors of the host: what a peer reaches without the key that it takes. */

static struct rt_host *victim(void)
{
	return world_host(sec_peers.w, SEC_VICTIM);
}

static struct rt_host *attacker(void)
{
	return world_host(sec_peers.w, SEC_ATTACKER);
}

/* What the attacker hears on the signalling channel, and anywhere else. */
static uint8_t heard[64];
static size_t heard_bytes;
static unsigned int heard_elsewhere;

static bool listen_to(const struct rt_tap_pdu *pdu, void *user_data)
{
	(void)user_data;
	if (pdu->sent || pdu->layer != RT_TAP_L2CAP)
		return true;
	if (pdu->id != 0x0001) {
		heard_elsewhere++;
		return true;
	}
	heard_bytes = RT_MIN(pdu->bytes, sizeof(heard));
	memcpy(heard, pdu->data, heard_bytes);
	return true;
}

static void approach(void)
{
	heard_bytes = 0;
	heard_elsewhere = 0;
	ck_assert_int_eq(rt_host_hold_link(attacker(),
					   world_addr(sec_peers.w, SEC_VICTIM),
					   true),
			 0);
	sec_peers_run(2);
	rt_host_set_tap(attacker(), listen_to, NULL);
}

static void say(uint16_t cid, const uint8_t *octets, size_t bytes)
{
	ck_assert_int_eq(rt_host_send_raw(attacker(),
					  world_addr(sec_peers.w, SEC_VICTIM),
					  cid, octets, bytes),
			 0);
	world_run(sec_peers.w, RT_MS(200));
}

static void leave(void)
{
	rt_host_set_tap(attacker(), NULL, NULL);
	/* It may have been put out already. */
	(void)!rt_host_hold_link(attacker(),
				 world_addr(sec_peers.w, SEC_VICTIM), false);
}

/* SEC-04: keys are never derived across transports: CID 7 does not exist. */
START_TEST(the_channel_of_cross_transport_keys_is_not_offered)
{
	static const uint8_t information_req[] = { 0x0a, 0x11, 2, 0, 3, 0 };
	static const uint8_t pairing_req[] = {
		0x01, 3, 0, 0x0d, 16, 0x0f, 0x0f
	};
	struct rt_link_key key;

	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	approach();
	say(0x0001, information_req, sizeof(information_req));
	ck_assert_uint_eq(heard_bytes, 16);
	ck_assert_uint_eq(heard[0], 0x0b);
	/* The mask of fixed channels: signalling, and at most connectionless.
	 */
	ck_assert_uint_eq(heard[8] & 0x82, 0x02);
	for (size_t i = 9; i < 16; i++)
		ck_assert_uint_eq(heard[i], 0);
	for (uint8_t code = 0; code < 16; code++) {
		uint8_t pdu[sizeof(pairing_req)];

		memcpy(pdu, pairing_req, sizeof(pdu));
		pdu[0] = code;
		say(0x0007, pdu, sizeof(pdu));
	}
	ck_assert_uint_eq(heard_elsewhere, 0);
	ck_assert(sec_peers_has_key(&key));
	ck_assert_uint_eq(key.type, 7);
	leave();
}
END_TEST

static const uint8_t connection_req[] = {
	0x02, 0x11, 4, 0, SEC_PSM & 0xff, SEC_PSM >> 8, 0x51, 0,
};

/* SEC-03: encryption that comes without the key having been asked for. */
START_TEST(encryption_for_which_no_key_was_given_proves_nothing)
{
	struct rt_server *server;

	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	ck_assert_int_eq(rt_host_unpair(attacker(),
					world_addr(sec_peers.w, SEC_VICTIM)),
			 0);
	server = sec_peers_serve(SEC_VICTIM, RT_SECURITY_ENCRYPTION);
	ck_assert_int_eq(rt_server_listen(server, SEC_PSM), 0);
	approach();
	ck_assert(rt_vctl_fake_encryption(sec_peers.w->node[SEC_VICTIM].vctl,
					  world_addr(sec_peers.w, SEC_ATTACKER),
					  0, 2));
	say(0x0001, connection_req, sizeof(connection_req));
	sec_peers_run(60);
	ck_assert_uint_eq(heard_bytes, 12);
	ck_assert_uint_eq(heard[0], 0x03);
	ck_assert_uint_eq(heard[8], 0x03); /* security block */
	ck_assert(!rt_server_has_pending(server));
	leave();
}
END_TEST

/* Flags of servers that take a key. */
static const unsigned int locked[] = {
	RT_SECURITY_AUTHENTICATION,
	RT_SECURITY_ENCRYPTION,
	RT_SECURITY_SECURE,
	RT_SECURITY_MITM,
	RT_SECURITY_ENCRYPTION | RT_SECURITY_AUTHORIZATION,
};

/* SEC-10: a request on a link in the clear, for each kind of service. */
START_TEST(a_locked_service_is_not_reached_in_the_clear)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(locked); i++) {
		struct rt_server *server =
			sec_peers_serve(SEC_VICTIM, locked[i]);

		sec_peers_trust(true);
		ck_assert_int_eq(rt_server_listen(server, SEC_PSM), 0);
		approach();
		say(0x0001, connection_req, sizeof(connection_req));
		ck_assert_uint_eq(heard_bytes, 12);
		ck_assert_uint_eq(heard[0], 0x03);
		ck_assert_uint_eq(heard[8], 0x03); /* security block */
		ck_assert(!rt_server_has_pending(server));
		ck_assert(!sec_peers_linked());
		leave();
		sec_peers_hang_up();
	}
}
END_TEST

/* SEC-10: a stranger that pairs as it likes, with nobody who agrees. */
START_TEST(a_locked_service_is_not_reached_by_just_works)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(locked); i++) {
		ck_assert(!sec_peers_connect(false, locked[i], 0));
		ck_assert(!sec_peers_has_key(NULL));
		sec_peers_hang_up();
	}
}
END_TEST

/* A server for bonded devices alone. */
static void serve_bonded_only(enum rt_protocol protocol, uint16_t port)
{
	struct rt_server *server =
		rt_server_new(victim(), protocol, NULL, NULL);

	sec_peers.server[SEC_VICTIM] = server;
	ck_assert_int_eq(rt_server_set_security(server, RT_SECURITY_ENCRYPTION),
			 0);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_BONDED_ONLY, 1),
			 0);
	ck_assert_int_eq(rt_server_listen(server, port), 0);
}

static bool reach(enum rt_protocol protocol, uint16_t port)
{
	struct end *client = &sec_peers.client[SEC_ATTACKER];

	end_open(client, attacker(), protocol);
	ck_assert_int_eq(rt_socket_connect(client->s,
					   world_addr(sec_peers.w, SEC_VICTIM),
					   port),
			 0);
	sec_peers_run(60);
	ck_assert(client->connected ==
		  rt_server_has_pending(sec_peers.server[SEC_VICTIM]));
	return client->connected;
}

/* SEC-11, SEC-12: paired for the moment, by just works and without a bond. */
static void stay_outside(enum rt_protocol protocol, uint16_t port)
{
	const struct rt_pairing_policy consent = {
		.size = sizeof(consent),
		.accept_just_works = true,
	};

	ck_assert_int_eq(rt_host_set_pairing_policy(victim(), &consent), 0);
	ck_assert_int_eq(rt_host_set_pairing_policy(attacker(), &consent), 0);
	serve_bonded_only(protocol, port);
	ck_assert(!reach(protocol, port));
	ck_assert(!sec_peers_has_key(NULL));
	sec_peers_hang_up();
	/* With a bond it is let in. */
	agent_allow_bonds(attacker(), true);
	ck_assert_int_eq(sec_peers_bond(SEC_VICTIM, false), 0);
	serve_bonded_only(protocol, port);
	ck_assert(reach(protocol, port));
}

START_TEST(a_temporary_key_opens_no_service_for_bonded_devices)
{
	stay_outside(RT_PROTOCOL_L2CAP, SEC_PSM);
}
END_TEST

START_TEST(a_temporary_key_opens_no_server_channel_for_bonded_devices)
{
	stay_outside(RT_PROTOCOL_RFCOMM, 5);
}
END_TEST

/* SEC-16: a channel is open at level 2; the next one wants level 3. */
START_TEST(an_encrypted_link_is_not_enough_for_a_channel_that_wants_more)
{
	struct rt_server *server;
	struct end second;

	memset(&second, 0, sizeof(second));
	sec_peers_trust(true);
	ck_assert(sec_peers_connect(WE_INITIATE, RT_SECURITY_ENCRYPTION, 0));
	server = rt_server_new(world_host(sec_peers.w, WE_INITIATE),
			       RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_set_security(
				 server, WE_INITIATE ? 0 : RT_SECURITY_MITM),
			 0);
	ck_assert_int_eq(rt_server_listen(server, SEC_PSM + 2), 0);
	end_open(&second, world_host(sec_peers.w, !WE_INITIATE),
		 RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_security(
				 second.s, WE_INITIATE ? RT_SECURITY_MITM : 0),
			 0);
	ck_assert_int_eq(rt_socket_connect(second.s,
					   world_addr(sec_peers.w, WE_INITIATE),
					   SEC_PSM + 2),
			 0);
	sec_peers_run(60);
	ck_assert_uint_eq(second.connected, 0);
	ck_assert_uint_eq(second.errors, 1);
	ck_assert(!rt_server_has_pending(server));
	end_free(&second);
	rt_server_free(server);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SEC-03", "A",
	       encryption_for_which_no_key_was_given_proves_nothing),
	TAGGED("SEC-04", "A",
	       the_channel_of_cross_transport_keys_is_not_offered),
	TAGGED("SEC-10", "A", a_locked_service_is_not_reached_in_the_clear),
	TAGGED("SEC-10", "A", a_locked_service_is_not_reached_by_just_works),
	TAGGED("SEC-11", "A",
	       a_temporary_key_opens_no_service_for_bonded_devices),
	TAGGED("SEC-12", "A",
	       a_temporary_key_opens_no_server_channel_for_bonded_devices),
	TAGGED("SEC-16", "IA",
	       an_encrypted_link_is_not_enough_for_a_channel_that_wants_more),
};

const struct tagged_table sec_gate_table = SEC_TABLE(rows);
