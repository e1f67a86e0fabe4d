/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/agent.h"
#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* What the library asks of an application's key store, and tells it. */

#define KEYS_MAX 4

struct store {
	struct rt_key_store ops;
	struct rt_addr adapter;
	struct rt_link_key key[KEYS_MAX];
	unsigned int count;
	unsigned int loads, saves, removes;
	int load_err, save_err;
};

static struct store stores[2];
static struct world *w;

static int load(void *ctx, struct rt_addr adapter,
		void (*add)(void *arg, const struct rt_link_key *key),
		void *arg)
{
	struct store *store = ctx;

	store->loads++;
	store->adapter = adapter;
	for (unsigned int i = 0; i < store->count; i++)
		add(arg, &store->key[i]);
	return store->load_err;
}

static int save(void *ctx, struct rt_addr adapter,
		const struct rt_link_key *key)
{
	struct store *store = ctx;

	store->saves++;
	ck_assert(rt_addr_equal(adapter, store->adapter));
	if (store->save_err < 0)
		return store->save_err;
	for (unsigned int i = 0; i < store->count; i++) {
		if (!rt_addr_equal(store->key[i].addr, key->addr))
			continue;
		store->key[i] = *key;
		return 0;
	}
	ck_assert_uint_lt(store->count, KEYS_MAX);
	store->key[store->count++] = *key;
	return 0;
}

static int drop(void *ctx, struct rt_addr adapter, struct rt_addr addr)
{
	struct store *store = ctx;

	store->removes++;
	ck_assert(rt_addr_equal(adapter, store->adapter));
	for (unsigned int i = 0; i < store->count; i++) {
		if (rt_addr_equal(store->key[i].addr, addr))
			store->key[i] = store->key[--store->count];
	}
	return store->save_err;
}

static void make_world(void)
{
	struct world_options options = { .seed = 1 };

	for (int i = 0; i < 2; i++) {
		stores[i].ops = (struct rt_key_store){
			.size = sizeof(stores[i].ops),
			.load = load,
			.save = save,
			.remove = drop,
			.ctx = &stores[i],
		};
		options.key_store[i] = &stores[i].ops;
	}
	w = world_new(&options);
	rt_host_set_connectable(world_host(w, 1), true);
	agent_allow_bonds(world_host(w, 1), true);
}

static void setup(void)
{
	memset(stores, 0, sizeof(stores));
	w = NULL;
}

static void teardown(void)
{
	world_finish(w);
}

static int outcome;

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	(void)user_data;
	outcome = info->err;
	rt_pairing_free(pairing);
}

static void bond(void)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
	};
	struct rt_pairing *pairing;

	outcome = 1;
	ck_assert_int_eq(rt_pairing_start(world_host(w, 0), world_addr(w, 1),
					  &options, &pairing),
			 0);
	world_run(w, RT_SECONDS(10));
	ck_assert_int_ne(outcome, 1);
}

START_TEST(it_is_loaded_once_for_the_adapter)
{
	make_world();
	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_uint_eq(stores[i].loads, 1);
		ck_assert(rt_addr_equal(stores[i].adapter, world_addr(w, i)));
	}
}
END_TEST

START_TEST(a_bond_is_saved_on_both_sides_and_unpairing_removes_it)
{
	make_world();
	bond();
	ck_assert_int_eq(outcome, 0);
	for (int i = 0; i < 2; i++) {
		/* Once more when the size of the encryption key is known. */
		ck_assert_uint_eq(stores[i].saves, 2);
		ck_assert_uint_eq(stores[i].count, 1);
		ck_assert_uint_eq(stores[i].key[0].key_bytes, 16);
	}
	ck_assert_mem_eq(stores[0].key[0].key, stores[1].key[0].key, 16);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)), 0);
	ck_assert_uint_eq(stores[0].removes, 1);
	ck_assert_uint_eq(stores[0].count, 0);
}
END_TEST

START_TEST(keys_survive_the_host)
{
	struct rt_socket *s;
	struct rt_server *server;
	struct rt_security_info info = { .size = sizeof(info) };
	struct end client;

	make_world();
	bond();
	world_finish(w);
	make_world();
	memset(&client, 0, sizeof(client));
	server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_int_eq(rt_server_set_security(server, RT_SECURITY_ENCRYPTION),
			 0);
	ck_assert_int_eq(rt_server_listen(server, PAIR_CHANNEL), 0);
	end_open(&client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(
		rt_socket_set_security(client.s, RT_SECURITY_ENCRYPTION), 0);
	ck_assert_int_eq(
		rt_socket_set_option(client.s, RT_OPTION_BONDED_ONLY, 1), 0);
	ck_assert_int_eq(
		rt_socket_connect(client.s, world_addr(w, 1), PAIR_CHANNEL), 0);
	ck_assert(
		world_run_until(w, end_is_connected, &client, RT_SECONDS(10)));
	ck_assert_int_eq(rt_socket_security(client.s, &info), 0);
	ck_assert_uint_eq(info.level, 2);
	ck_assert(info.bonded);
	ck_assert(info.encrypted);
	ck_assert_uint_eq(info.key_type, 7);
	ck_assert_uint_eq(info.key_bytes, 16);
	s = rt_server_next_pending(server);
	ck_assert_ptr_nonnull(s);
	rt_socket_free(s);
	end_free(&client);
	rt_server_free(server);
	ck_assert_uint_eq(stores[0].count, 1);
}
END_TEST

START_TEST(a_store_that_cannot_be_read_is_left_alone)
{
	const struct rt_addr none = { { 0 } };
	const struct rt_pairing_options options = { .size = sizeof(options) };
	struct rt_link_key key = { .size = sizeof(key) };
	struct rt_pairing *pairing;

	stores[0].load_err = -EBADMSG;
	make_world();
	ck_assert_int_eq(rt_host_key_store_error(world_host(w, 0), NULL),
			 -EBADMSG);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key),
			 -EBADMSG);
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &key), -EBADMSG);
	ck_assert_int_eq(rt_host_unpair(world_host(w, 0), world_addr(w, 1)),
			 -EBADMSG);
	ck_assert_int_eq(rt_pairing_start(world_host(w, 0), world_addr(w, 1),
					  &options, &pairing),
			 -EBADMSG);
	ck_assert_uint_eq(stores[0].saves, 0);
	ck_assert_uint_eq(stores[0].removes, 0);
}
END_TEST

static int error_of(unsigned int i)
{
	return rt_host_key_store_error(world_host(w, i), NULL);
}

START_TEST(a_store_is_read_again_where_memory_was_missing)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	stores[0].count = 1;
	stores[0].key[0] = (struct rt_link_key){
		.size = sizeof(key),
		.addr = { { 1, 2, 3, 4, 5, 6 } },
		.key = { 1 },
		.key_bytes = 16,
	};
	stores[0].load_err = -ENOMEM;
	make_world();
	ck_assert_int_eq(error_of(0), -ENOMEM);
	world_run(w, 999999);
	ck_assert_uint_eq(stores[0].loads, 1);
	world_run(w, 1000000);
	ck_assert_uint_eq(stores[0].loads, 2);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key),
			 -ENOMEM);
	stores[0].load_err = 0;
	world_run(w, 1000000);
	ck_assert_int_eq(error_of(0), 0);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key), 0);
	ck_assert_uint_eq(key.addr.b[0], 1);
	world_run(w, 10000000);
	ck_assert_uint_eq(stores[0].loads, 3);
	ck_assert_uint_eq(stores[0].saves, 0);
}
END_TEST

START_TEST(a_bond_from_before_the_store_was_read_is_saved_then)
{
	stores[1].count = 1;
	stores[1].key[0] = (struct rt_link_key){
		.size = sizeof(struct rt_link_key),
		.key = { 1 },
		.key_bytes = 16,
	};
	stores[1].load_err = -ENOMEM;
	make_world();
	/* What it has for this peer is older. */
	stores[1].key[0].addr = world_addr(w, 0);
	bond();
	ck_assert_uint_eq(stores[1].saves, 0);
	stores[1].load_err = 0;
	world_run(w, 2000000);
	ck_assert_int_eq(error_of(1), 0);
	ck_assert_uint_eq(stores[1].saves, 1);
	ck_assert_uint_eq(stores[1].count, 1);
	ck_assert_mem_eq(stores[1].key[0].key, stores[0].key[0].key, 16);
}
END_TEST

START_TEST(a_key_that_the_store_gives_twice_counts_by_its_last)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	for (uint8_t i = 0; i < 2; i++)
		stores[0].key[i] = (struct rt_link_key){
			.size = sizeof(key),
			.addr = { { 1, 2, 3, 4, 5, 6 } },
			.key = { (uint8_t)(i + 1) },
			.key_bytes = 16,
		};
	stores[0].count = 2;
	make_world();
	ck_assert_int_eq(error_of(0), 0);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key), 0);
	ck_assert_uint_eq(key.key[0], 2);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), key.addr, &key),
			 -ENOENT);
}
END_TEST

START_TEST(a_key_of_the_store_that_is_none_makes_it_unreadable)
{
	stores[0].count = 1; /* all zero */
	make_world();
	ck_assert_int_eq(rt_host_key_store_error(world_host(w, 0), NULL),
			 -EINVAL);
	stores[0].count = 0;
}
END_TEST

START_TEST(a_bond_that_cannot_be_saved_lives_as_long_as_the_host)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	stores[0].save_err = -ENOSPC;
	make_world();
	bond();
	ck_assert_int_eq(outcome, 0);
	ck_assert_uint_eq(stores[0].count, 0);
	ck_assert_int_eq(rt_host_key_store_error(world_host(w, 0), NULL),
			 -ENOSPC);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key), 0);
}
END_TEST

START_TEST(a_key_from_elsewhere_is_saved)
{
	struct rt_link_key key = {
		.size = sizeof(key),
		.addr = { { 1, 2, 3, 4, 5, 6 } },
		.type = 4,
		.key = { 9, 8, 7 },
	};
	const struct rt_addr none = { { 0 } };
	struct rt_link_key back = { .size = sizeof(back) };

	make_world();
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &key), 0);
	ck_assert_uint_eq(stores[0].saves, 1);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &back), 0);
	ck_assert_mem_eq(back.key, key.key, sizeof(key.key));
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), key.addr, &back),
			 -ENOENT);
	key.type = 6;
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &key), -EINVAL);
	stores[0].save_err = -EIO;
	key.type = 5;
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &key), -EIO);
}
END_TEST

/* HCI-20: whoever swaps the adapter does not get what the old one was given. */
START_TEST(an_adapter_with_another_address_gets_none_of_the_keys)
{
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = {
		.size = sizeof(key),
		.addr = { { 1, 2, 3, 4, 5, 6 } },
		.type = 4,
		.key = { 9, 8, 7 },
	};
	struct rt_vctl *vctl;

	make_world();
	ck_assert_int_eq(rt_host_add_key(world_host(w, 0), &key), 0);
	ck_assert_uint_eq(stores[0].count, 1);

	/* The store has none for the one that answers from now on. */
	stores[0].count = 0;
	vctl = rt_vctl_new(w->air, NULL);
	ck_assert_ptr_nonnull(vctl);
	w->node[0].vctl = vctl;
	rt_host_transport_resync(world_host(w, 0));
	world_run(w, RT_SECONDS(10));
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_UP);
	ck_assert_uint_eq(stores[0].loads, 2);
	ck_assert(rt_addr_equal(stores[0].adapter, rt_vctl_addr(vctl)));
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key),
			 -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("key_store");
	TCase *tc = tcase_create("key_store");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_is_loaded_once_for_the_adapter);
	tcase_add_test(tc,
		       a_bond_is_saved_on_both_sides_and_unpairing_removes_it);
	tcase_add_test(tc, keys_survive_the_host);
	tcase_add_test(tc, a_store_that_cannot_be_read_is_left_alone);
	tcase_add_test(tc, a_store_is_read_again_where_memory_was_missing);
	tcase_add_test(tc, a_bond_from_before_the_store_was_read_is_saved_then);
	tcase_add_test(tc, a_key_that_the_store_gives_twice_counts_by_its_last);
	tcase_add_test(tc, a_key_of_the_store_that_is_none_makes_it_unreadable);
	tcase_add_test(tc,
		       a_bond_that_cannot_be_saved_lives_as_long_as_the_host);
	tcase_add_test(tc, a_key_from_elsewhere_is_saved);
	tcase_add_test(tc,
		       an_adapter_with_another_address_gets_none_of_the_keys);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
