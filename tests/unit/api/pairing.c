/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/agent.h"
#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* Bonds, agents, policies and keys, between two hosts. */

static struct world *w;
static struct agent agents[2];
static struct rt_pairing *pairing;
static unsigned int done;
static struct rt_error_info outcome;

static void setup(void)
{
	w = world_new(NULL);
	memset(agents, 0, sizeof(agents));
	pairing = NULL;
	done = 0;
	memset(&outcome, 0, sizeof(outcome));
}

static void teardown(void)
{
	rt_pairing_free(pairing);
	world_finish(w);
}

static void on_done(struct rt_pairing *p, const struct rt_error_info *info,
		    void *user_data)
{
	ck_assert_ptr_eq(p, pairing);
	ck_assert_ptr_eq(user_data, &done);
	outcome = *info;
	done++;
}

/* Host 0 bonds with host 1. */
static void pair_them(bool mitm)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.user_data = &done,
		.mitm = mitm,
	};

	rt_pairing_free(pairing);
	pairing = NULL;
	done = 0;
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(rt_pairing_start(world_host(w, 0), world_addr(w, 1),
					  &options, &pairing),
			 0);
	world_run(w, RT_SECONDS(40));
	ck_assert_uint_eq(done, 1);
}

static int key_of(unsigned int host, struct rt_link_key *ret_key)
{
	const struct rt_addr none = { { 0 } };

	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->size = sizeof(*ret_key);
	return rt_host_next_key(world_host(w, host), none, ret_key);
}

static void connectable(unsigned int host)
{
	rt_host_set_connectable(world_host(w, host), true);
}

static void assert_bonded(uint8_t type)
{
	struct rt_link_key key[2];

	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_int_eq(key_of(i, &key[i]), 0);
		ck_assert_uint_eq(key[i].type, type);
		ck_assert(rt_addr_equal(key[i].addr, world_addr(w, !i)));
	}
	ck_assert_mem_eq(key[0].key, key[1].key, sizeof(key[0].key));
}

static void assert_no_bonds(void)
{
	struct rt_link_key key;

	for (unsigned int i = 0; i < 2; i++)
		ck_assert_int_eq(key_of(i, &key), -ENOENT);
}

START_TEST(just_works_is_accepted_by_a_policy_that_says_so)
{
	connectable(1);
	agent_allow_bonds(world_host(w, 1), true);
	pair_them(false);
	ck_assert_int_eq(outcome.err, 0);
	assert_bonded(7);
}
END_TEST

START_TEST(without_agent_and_policy_nobody_bonds_with_us)
{
	connectable(1);
	pair_them(false);
	ck_assert_int_lt(outcome.err, 0);
	ck_assert_str_ne(outcome.hint, "");
	assert_no_bonds();
}
END_TEST

START_TEST(a_policy_that_is_bondable_alone_consents_to_nothing)
{
	connectable(1);
	agent_allow_bonds(world_host(w, 1), false);
	pair_them(false);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
}
END_TEST

static void two_people(void)
{
	connectable(1);
	agent_allow_bonds(world_host(w, 1), false);
	for (unsigned int i = 0; i < 2; i++)
		agent_attach(&agents[i], world_host(w, i),
			     AGENT_CONFIRM | AGENT_CONSENT);
}

START_TEST(two_people_compare_a_number)
{
	two_people();
	pair_them(true);
	ck_assert_int_eq(outcome.err, 0);
	assert_bonded(8);
	ck_assert_str_eq(agents[0].log, "Co+");
	ck_assert_str_eq(agents[1].log, "Co+");
	ck_assert_uint_eq(agents[0].number, agents[1].number);
	ck_assert_uint_le(agents[0].number, 999999);
}
END_TEST

START_TEST(either_of_them_can_say_no)
{
	two_people();
	agents[_i].refuse = true;
	pair_them(true);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
	ck_assert_str_eq(agents[_i].log, "Co-");
	/* The other one may not even have been asked. */
	ck_assert_ptr_nonnull(strchr(agents[!_i].log, '-'));
}
END_TEST

START_TEST(whoever_does_not_answer_has_refused)
{
	two_people();
	agents[_i].mute = true;
	pair_them(true);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
	ck_assert_int_eq(rt_host_answer(world_host(w, (unsigned int)_i),
					world_addr(w, !_i), true),
			 -ENOENT);
}
END_TEST

START_TEST(proof_that_cannot_be_had_is_not_done_without)
{
	connectable(1);
	agent_allow_bonds(world_host(w, 1), true);
	pair_them(true);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
}
END_TEST

START_TEST(a_passkey_is_typed_from_one_side_to_the_other)
{
	const unsigned int typist = (unsigned int)_i;

	connectable(1);
	agent_allow_bonds(world_host(w, 1), false);
	agent_attach(&agents[typist], world_host(w, typist), AGENT_PASSKEY);
	agents[typist].mute = true;
	agent_attach(&agents[!typist], world_host(w, !typist), AGENT_SHOW);
	{
		const struct rt_pairing_options options = {
			.size = sizeof(options),
			.on_done = on_done,
			.user_data = &done,
			.mitm = true,
		};

		ck_assert_int_eq(rt_pairing_start(world_host(w, 0),
						  world_addr(w, 1), &options,
						  &pairing),
				 0);
	}
	world_run(w, RT_SECONDS(8));
	ck_assert_str_eq(agents[typist].log, "P");
	ck_assert_int_eq(agents[!typist].log[0], 'S');
	ck_assert_int_eq(rt_host_answer_passkey(world_host(w, typist),
						world_addr(w, !typist),
						1000000),
			 -EINVAL);
	ck_assert_int_eq(rt_host_answer_passkey(world_host(w, typist),
						world_addr(w, !typist),
						agents[!typist].number),
			 0);
	world_run(w, RT_SECONDS(8));
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(outcome.err, 0);
	assert_bonded(8);
}
END_TEST

START_TEST(a_wrong_passkey_gives_no_bond)
{
	connectable(1);
	agent_allow_bonds(world_host(w, 1), false);
	agent_attach(&agents[0], world_host(w, 0), AGENT_PASSKEY);
	agent_attach(&agents[1], world_host(w, 1), AGENT_SHOW);
	agents[0].passkey = 1000000 - 1;
	pair_them(true);
	ck_assert_uint_ne(agents[1].number, agents[0].passkey);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
}
END_TEST

/* Devices from before Secure Simple Pairing. */
static void setup_old(void)
{
	const struct world_options options = {
		.seed = 1,
		.security = { .no_ssp = true },
	};

	setup();
	world_finish(w);
	w = world_new(&options);
	connectable(1);
}

/* The host has this PIN for a prefix of the address, and another for all. */
static void have_pin(unsigned int host, struct rt_addr addr,
		     unsigned int prefix, const char *pin, size_t bytes)
{
	struct rt_pin pins[2] = {
		{ .pin = "wrong", .pin_bytes = 5 },
		{ .addr = addr, .prefix_octets = prefix, .pin_bytes = bytes },
	};
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.legacy = true,
		.pins = pins,
		.pin_count = 2,
	};

	memcpy(pins[1].pin, pin, bytes);
	ck_assert_int_eq(
		rt_host_set_pairing_policy(world_host(w, host), &policy), 0);
}

START_TEST(pins_of_a_table_make_a_bond_zeros_and_all)
{
	have_pin(0, world_addr(w, 1), 6, "1\0x4", 4);
	have_pin(1, world_addr(w, 0), 3, "1\0x4", 4);
	pair_them(false);
	ck_assert_int_eq(outcome.err, 0);
	assert_bonded(0);
}
END_TEST

START_TEST(pins_that_differ_make_none)
{
	have_pin(0, world_addr(w, 1), 6, "1234", 4);
	have_pin(1, world_addr(w, 0), 6, "12345", 5);
	pair_them(false);
	ck_assert_int_lt(outcome.err, 0);
	assert_no_bonds();
}
END_TEST

START_TEST(people_are_asked_for_a_pin)
{
	static const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.legacy = true,
	};

	for (unsigned int i = 0; i < 2; i++) {
		agents[i].pin = "0000";
		agents[i].pin_bytes = 4;
		agent_attach(&agents[i], world_host(w, i), AGENT_PIN);
		ck_assert_int_eq(rt_host_set_pairing_policy(world_host(w, i),
							    &policy),
				 0);
	}
	pair_them(false);
	ck_assert_int_eq(outcome.err, 0);
	assert_bonded(0);
	ck_assert_int_eq(agents[0].log[0], 'N');
	ck_assert_int_eq(agents[1].log[0], 'N');
}
END_TEST

START_TEST(pins_are_not_used_unless_allowed)
{
	agent_allow_bonds(world_host(w, 1), true);
	pair_them(false);
	ck_assert_int_lt(outcome.err, 0);
	ck_assert_str_ne(outcome.hint, "");
	assert_no_bonds();
}
END_TEST

START_TEST(policies_out_of_range_are_refused)
{
	struct rt_pin pin = { .prefix_octets = 7, .pin_bytes = 4 };
	struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.pins = &pin,
		.pin_count = 1,
	};
	struct rt_host *host = world_host(w, 0);

	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), -EINVAL);
	pin = (struct rt_pin){ .pin_bytes = 17 };
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), -EINVAL);
	pin.pin_bytes = 0;
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), -EINVAL);
	pin.pin_bytes = 16;
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), 0);
	policy.pins = NULL;
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), -EINVAL);
	policy.pin_count = 0;
	policy.io = (enum rt_io)(RT_IO_KEYBOARD + 1);
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), -EINVAL);
}
END_TEST

START_TEST(an_agent_is_asked_whether_somebody_may_connect)
{
	const bool yes = _i & 1;
	const enum rt_protocol protocol =
		_i & 2 ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM;
	struct rt_server *server =
		rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	struct end client;

	memset(&client, 0, sizeof(client));
	agent_attach(&agents[1], world_host(w, 1), AGENT_AUTHORIZE);
	agents[1].refuse = !yes;
	ck_assert_int_eq(
		rt_server_set_security(server, RT_SECURITY_AUTHORIZATION), 0);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	end_open(&client, world_host(w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect(client.s, world_addr(w, 1),
					   rt_server_port(server)),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_ptr_nonnull(strchr(agents[1].log, 'A'));
	ck_assert_uint_eq(client.connected, yes ? 1 : 0);
	ck_assert_uint_eq(client.errors, yes ? 0 : 1);
	ck_assert_int_eq(rt_host_authorize(world_host(w, 1), agents[1].id,
					   true),
			 -ENOENT);
	end_free(&client);
	rt_server_free(server);
}
END_TEST

START_TEST(nobody_to_ask_means_no)
{
	struct rt_server *server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	struct end client;

	memset(&client, 0, sizeof(client));
	ck_assert_int_eq(
		rt_server_set_security(server, RT_SECURITY_AUTHORIZATION), 0);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	end_open(&client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(client.s, world_addr(w, 1),
					   rt_server_port(server)),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_uint_eq(client.errors, 1);
	end_free(&client);
	rt_server_free(server);
}
END_TEST

START_TEST(a_pairing_freed_at_any_time_leaves_nothing)
{
	const struct rt_pairing_options options = { .size = sizeof(options) };

	two_people();
	agents[1].mute = true;
	ck_assert_int_eq(rt_pairing_start(world_host(w, 0), world_addr(w, 1),
					  &options, &pairing),
			 0);
	world_run(w, RT_MS(1) * (uint64_t)_i * 20);
	rt_pairing_free(pairing);
	pairing = NULL;
	world_run(w, RT_SECONDS(40));
	assert_no_bonds();
}
END_TEST

START_TEST(a_device_that_is_unpaired_has_no_key_any_more)
{
	struct rt_link_key key;

	connectable(1);
	agent_allow_bonds(world_host(w, 1), true);
	pair_them(false);
	ck_assert_int_eq(outcome.err, 0);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)), 0);
	ck_assert_int_eq(key_of(0, &key), -ENOENT);
	ck_assert_int_eq(key_of(1, &key), 0);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)),
			 -ENOENT);
}
END_TEST

START_TEST(a_key_goes_out_and_in_by_the_form_of_bluez)
{
	struct rt_link_key key, back = { .size = sizeof(back) };
	char text[256];
	ptrdiff_t n;

	connectable(1);
	agent_allow_bonds(world_host(w, 1), true);
	pair_them(false);
	ck_assert_int_eq(key_of(0, &key), 0);
	n = rt_link_key_to_bluez(&key, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	ck_assert_uint_eq(strlen(text), (size_t)n);
	ck_assert_ptr_nonnull(strstr(text, "[LinkKey]\n"));
	ck_assert_int_eq(rt_link_key_to_bluez(&key, text, (size_t)n),
			 -EMSGSIZE);
	ck_assert_int_eq(
		rt_link_key_from_bluez(text, (size_t)n, key.addr, &back), 0);
	ck_assert_mem_eq(back.key, key.key, sizeof(key.key));
	ck_assert_uint_eq(back.type, key.type);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), key.addr), 0);
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &back), 0);
	assert_bonded(7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pairing");
	TCase *tc = tcase_create("pairing");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, just_works_is_accepted_by_a_policy_that_says_so);
	tcase_add_test(tc, without_agent_and_policy_nobody_bonds_with_us);
	tcase_add_test(tc, a_policy_that_is_bondable_alone_consents_to_nothing);
	tcase_add_test(tc, two_people_compare_a_number);
	tcase_add_loop_test(tc, either_of_them_can_say_no, 0, 2);
	tcase_add_loop_test(tc, whoever_does_not_answer_has_refused, 0, 2);
	tcase_add_test(tc, proof_that_cannot_be_had_is_not_done_without);
	tcase_add_loop_test(tc, a_passkey_is_typed_from_one_side_to_the_other,
			    0, 2);
	tcase_add_test(tc, a_wrong_passkey_gives_no_bond);
	tcase_add_test(tc, policies_out_of_range_are_refused);
	tcase_add_loop_test(tc, an_agent_is_asked_whether_somebody_may_connect,
			    0, 4);
	tcase_add_test(tc, nobody_to_ask_means_no);
	tcase_add_loop_test(tc, a_pairing_freed_at_any_time_leaves_nothing, 0,
			    20);
	tcase_add_test(tc, a_device_that_is_unpaired_has_no_key_any_more);
	tcase_add_test(tc, a_key_goes_out_and_in_by_the_form_of_bluez);
	suite_add_tcase(suite, tc);
	tc = tcase_create("old");
	tcase_add_checked_fixture(tc, setup_old, teardown);
	tcase_add_test(tc, pins_of_a_table_make_a_bond_zeros_and_all);
	tcase_add_test(tc, pins_that_differ_make_none);
	tcase_add_test(tc, people_are_asked_for_a_pin);
	tcase_add_test(tc, pins_are_not_used_unless_allowed);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
