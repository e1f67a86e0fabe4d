/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/regress/hci_tables.h"
#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"

/*
 * HCI-20: link keys belong to a controller. One that was put in its place, or
 * says that it is another one, is given none of them, however it asks.
 */

#define PSM 0x1005
#define KEYS_MAX 8
#define PACKETS_MAX 60
#define LINK_KEY_REQUEST 0x17

/* A store that knows whose keys it keeps. */
struct store {
	struct rt_key_store ops;
	struct rt_addr adapter[KEYS_MAX];
	struct rt_link_key key[KEYS_MAX];
	unsigned int count;
};

struct scene {
	struct world *w;
	struct store store;
	struct rt_link_key key; /* of the bond with the peer */
	struct rt_server *server;
	struct end peer;
	struct end taken;
	bool lies; /* the controller, about its address: */
	struct rt_addr claimed;
	unsigned int asked;   /* Link Key Request */
	unsigned int refused; /* its negative reply */
	unsigned int given;
	unsigned int leaked; /* packets with the key in them */
};

static struct scene scene;

static int load(void *ctx, struct rt_addr adapter,
		void (*add)(void *arg, const struct rt_link_key *key),
		void *arg)
{
	const struct store *store = ctx;

	for (unsigned int i = 0; i < store->count; i++) {
		if (rt_addr_equal(store->adapter[i], adapter))
			add(arg, &store->key[i]);
	}
	return 0;
}

static int save(void *ctx, struct rt_addr adapter,
		const struct rt_link_key *key)
{
	struct store *store = ctx;
	unsigned int i = 0;

	while (i < store->count &&
	       !(rt_addr_equal(store->adapter[i], adapter) &&
		 rt_addr_equal(store->key[i].addr, key->addr)))
		i++;
	ck_assert_uint_lt(i, KEYS_MAX);
	store->adapter[i] = adapter;
	store->key[i] = *key;
	store->count = RT_MAX(store->count, i + 1);
	return 0;
}

static int forget(void *ctx, struct rt_addr adapter, struct rt_addr addr)
{
	(void)ctx;
	(void)adapter;
	(void)addr;
	ck_abort_msg("nobody has asked to forget a key");
	return 0;
}

static bool has_key(struct rt_bytes octets)
{
	const size_t bytes = sizeof(scene.key.key);

	for (size_t at = 0; at + bytes <= octets.len; at++) {
		if (memcmp(octets.ptr + at, scene.key.key, bytes) == 0)
			return true;
	}
	return false;
}

static void watch_command(const struct world_packet *packet)
{
	const uint8_t *octets = packet->octets.ptr;

	scene.leaked += has_key(packet->octets);
	if (packet->type != RT_PACKET_COMMAND)
		return;
	scene.given += octets[0] == 0x0b && octets[1] == 0x04;
	scene.refused += octets[0] == 0x0c && octets[1] == 0x04;
}

/* Its address as the controller says it: Read BD_ADDR is answered so. */
static struct rt_bytes meddle(struct world *w,
			      const struct world_packet *packet, void *arg)
{
	static uint8_t answer[12];

	(void)w;
	(void)arg;
	if (packet->node != 0)
		return packet->octets;
	if (!packet->from_controller) {
		watch_command(packet);
		return packet->octets;
	}
	scene.asked += packet->octets.ptr[0] == LINK_KEY_REQUEST;
	if (!scene.lies || packet->octets.len != sizeof(answer) ||
	    memcmp(packet->octets.ptr, "\x0e\x0a\x01\x09\x10\x00", 6) != 0)
		return packet->octets;
	memcpy(answer, packet->octets.ptr, 6);
	memcpy(answer + 6, scene.claimed.b, 6);
	return rt_bytes(answer, sizeof(answer));
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	(void)user_data;
	if (scene.taken.s)
		rt_socket_free(rt_server_next_pending(server));
	else
		end_attach(&scene.taken, rt_server_next_pending(server));
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
	ck_assert_int_eq(rt_pairing_start(world_host(scene.w, 0),
					  world_addr(scene.w, 1), &options,
					  &pairing),
			 0);
	world_run(scene.w, RT_SECONDS(30));
	ck_assert_int_eq(outcome, 0);
}

static bool find_key(struct rt_link_key *ret_key)
{
	const struct rt_addr none = { { 0 } };

	ret_key->size = sizeof(*ret_key);
	return rt_host_next_key(world_host(scene.w, 0), none, ret_key) == 0;
}

/* A host that has a bond with a peer, and a server that asks for it. */
static void setup(void)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};
	struct world_options options = { .seed = 20 };

	memset(&scene, 0, sizeof(scene));
	scene.store.ops = (struct rt_key_store){
		.size = sizeof(scene.store.ops),
		.load = load,
		.save = save,
		.remove = forget,
		.ctx = &scene.store,
	};
	options.key_store[0] = &scene.store.ops;
	scene.w = world_new(&options);
	rt_host_set_connectable(world_host(scene.w, 1), true);
	agent_allow_bonds(world_host(scene.w, 1), true);
	bond();
	ck_assert(find_key(&scene.key));
	scene.server = rt_server_new(world_host(scene.w, 0), RT_PROTOCOL_L2CAP,
				     &callbacks, NULL);
	ck_assert_int_eq(rt_server_set_security(scene.server,
						RT_SECURITY_ENCRYPTION),
			 0);
	ck_assert_int_eq(rt_server_listen(scene.server, PSM), 0);
	world_settle(scene.w);
	scene.w->meddle = meddle;
}

static void hang_up(void)
{
	end_free(&scene.peer);
	end_free(&scene.taken);
	memset(&scene.peer, 0, sizeof(scene.peer));
	world_run(scene.w, RT_SECONDS(60));
}

static void teardown(void)
{
	hang_up();
	rt_server_free(scene.server);
	world_run(scene.w, RT_SECONDS(10));
	world_finish(scene.w);
}

/* The controller starts anew, and says that it is this one. */
static void become(struct rt_addr addr)
{
	static const uint8_t hardware_error[] = { 0x10, 1, 0 };

	scene.lies = !rt_addr_equal(addr, world_addr(scene.w, 0));
	scene.claimed = addr;
	rt_vctl_inject_event(scene.w->node[0].vctl,
			     rt_bytes(hardware_error, sizeof(hardware_error)));
	world_run(scene.w, RT_SECONDS(5));
}

/* The controller wants the key of the peer, out of the blue. */
static void ask_for_key(void)
{
	const struct rt_addr peer = world_addr(scene.w, 1);
	uint8_t event[8] = { LINK_KEY_REQUEST, 6 };

	memcpy(event + 2, peer.b, 6);
	rt_vctl_inject_event(scene.w->node[0].vctl,
			     rt_bytes(event, sizeof(event)));
}

/* The peer proves that it has the bond, so that we are asked for ours. */
static bool peer_connects(void)
{
	end_open(&scene.peer, world_host(scene.w, 1), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_security(scene.peer.s,
						RT_SECURITY_ENCRYPTION),
			 0);
	ck_assert_int_eq(rt_socket_connect(scene.peer.s, world_addr(scene.w, 0),
					   PSM),
			 0);
	world_run(scene.w, RT_SECONDS(40));
	return scene.peer.connected;
}

static void forget_counts(void)
{
	scene.asked = 0;
	scene.refused = 0;
	scene.given = 0;
	scene.leaked = 0;
}

/* Another one: no key is there, and none is given, however it is asked for. */
static void expect_no_keys(void)
{
	struct rt_link_key key;

	ck_assert_int_eq(rt_host_state(world_host(scene.w, 0)), RT_HOST_UP);
	ck_assert(!find_key(&key));
	forget_counts();
	ask_for_key();
	world_settle(scene.w);
	ck_assert_uint_eq(scene.asked, 1);
	ck_assert_uint_eq(scene.refused, 1);
	ck_assert(!peer_connects());
	ck_assert_uint_ge(scene.asked, 2);
	ck_assert_uint_eq(scene.refused, scene.asked);
	ck_assert_uint_eq(scene.given, 0);
	ck_assert_uint_eq(scene.leaked, 0);
	hang_up();
}

/* The one it was: the key is there, and serves. */
static void expect_key(void)
{
	struct rt_link_key key;

	ck_assert(find_key(&key));
	ck_assert_mem_eq(key.key, scene.key.key, sizeof(key.key));
	forget_counts();
	ck_assert(peer_connects());
	ck_assert_uint_ge(scene.asked, 1);
	ck_assert_uint_ge(scene.given, 1);
	ck_assert_uint_eq(scene.leaked, scene.given);
	hang_up();
}

/* A bond fails for every bit of the address that is another. */
START_TEST(a_controller_with_another_address_is_given_no_key)
{
	const struct rt_addr own = world_addr(scene.w, 0);

	expect_key();
	for (unsigned int bit = 0; bit < 48; bit++) {
		struct rt_addr other = own;

		other.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		/* Nobody can be connected to his own address. */
		if (rt_addr_equal(other, world_addr(scene.w, 1)))
			continue;
		become(other);
		expect_no_keys();
	}
	become(own);
	expect_key();
	ck_assert_uint_eq(scene.store.count, 1);
}
END_TEST

/* Its octets the other way round, the peer's own, all ones; and back. */
START_TEST(an_address_that_is_swapped_has_no_keys_and_its_own_has)
{
	const struct rt_addr own = world_addr(scene.w, 0);
	struct rt_link_key key;
	struct rt_addr other;

	for (size_t i = 0; i < sizeof(own.b); i++)
		other.b[i] = own.b[sizeof(own.b) - 1 - i];
	become(other);
	expect_no_keys();
	become(own);
	expect_key();
	memset(other.b, 0xff, sizeof(other.b));
	become(other);
	expect_no_keys();
	become(own);
	expect_key();
	become(world_addr(scene.w, 1));
	ck_assert(!find_key(&key));
	forget_counts();
	ask_for_key();
	world_settle(scene.w);
	ck_assert_uint_eq(scene.refused, 1);
	ck_assert_uint_eq(scene.leaked, 0);
	become(own);
	expect_key();
}
END_TEST

/* A bond of the other one is its own, and no bond of ours. */
START_TEST(each_address_has_its_own_bonds)
{
	const struct rt_addr own = world_addr(scene.w, 0);
	struct rt_addr other = own;
	struct rt_link_key key;

	other.b[3]++;
	become(other);
	/* To the peer it is the same device, whose key it may replace. */
	ck_assert_int_eq(rt_host_unpair(world_host(scene.w, 1), own), 0);
	bond();
	ck_assert(find_key(&key));
	ck_assert_mem_ne(key.key, scene.key.key, sizeof(key.key));
	ck_assert_uint_eq(scene.store.count, 2);
	become(own);
	ck_assert(find_key(&key));
	ck_assert_mem_eq(key.key, scene.key.key, sizeof(key.key));
	become(other);
	ck_assert(find_key(&key));
	ck_assert_mem_ne(key.key, scene.key.key, sizeof(key.key));
}
END_TEST

/* With the right address too: there is no link, so nobody needs a key. */
START_TEST(a_controller_that_asks_unasked_is_given_no_key)
{
	for (int i = 0; i < 100; i++) {
		ask_for_key();
		world_run(scene.w, RT_MS(10));
	}
	ck_assert_uint_eq(scene.asked, 100);
	ck_assert_uint_eq(scene.refused, 100);
	ck_assert_uint_eq(scene.given, 0);
	ck_assert_uint_eq(scene.leaked, 0);
	expect_key();
}
END_TEST

static void ask_now(struct world *w, void *arg)
{
	(void)w;
	(void)arg;
	ask_for_key();
}

/* At any packet of its bring-up: whose keys it may have is not known yet. */
START_TEST(a_controller_that_asks_while_it_is_brought_up_is_given_no_key)
{
	const struct rt_addr own = world_addr(scene.w, 0);
	struct rt_addr other = own;

	other.b[3]++;
	for (uint64_t packet = 1; packet < PACKETS_MAX; packet++) {
		forget_counts();
		scene.w->at_packet = scene.w->packets + packet;
		scene.w->then = ask_now;
		become(packet % 2 ? other : own);
		ck_assert_uint_eq(scene.given, 0);
		ck_assert_uint_eq(scene.leaked, 0);
		ck_assert_int_eq(rt_host_state(world_host(scene.w, 0)),
				 RT_HOST_UP);
		if (scene.asked == 0)
			break;
		ck_assert_uint_lt(packet, PACKETS_MAX - 1);
	}
	scene.w->then = NULL;
	become(own);
	expect_key();
}
END_TEST

/* What it says of its address later on, unasked, is not looked at. */
START_TEST(a_controller_is_asked_who_it_is_once)
{
	const struct rt_addr own = world_addr(scene.w, 0);
	struct rt_controller_info info = { .size = sizeof(info) };
	uint8_t event[12] = { 0x0e, 10, 1, 0x09, 0x10, 0, 1, 2, 3, 4, 5, 6 };

	for (int i = 0; i < 10; i++) {
		event[6]++;
		rt_vctl_inject_event(scene.w->node[0].vctl,
				     rt_bytes(event, sizeof(event)));
		world_run(scene.w, RT_SECONDS(1));
		rt_host_controller_info(world_host(scene.w, 0), &info);
		ck_assert(rt_addr_equal(info.addr, own));
	}
	expect_key();
}
END_TEST

/* One without an address is nobody. */
START_TEST(a_controller_without_an_address_is_refused)
{
	const struct rt_addr none = { { 0 } };
	struct rt_error_info info = { .size = sizeof(info) };

	forget_counts();
	become(none);
	ck_assert_int_eq(rt_host_state(world_host(scene.w, 0)), RT_HOST_DOWN);
	rt_host_error_info(world_host(scene.w, 0), &info);
	ck_assert_int_eq(info.err, -EADDRNOTAVAIL);
	ask_for_key();
	world_run(scene.w, RT_SECONDS(1));
	ck_assert_uint_eq(scene.given, 0);
	ck_assert_uint_eq(scene.leaked, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-20", "A",
	       a_controller_with_another_address_is_given_no_key),
	TAGGED("HCI-20", "A",
	       an_address_that_is_swapped_has_no_keys_and_its_own_has),
	TAGGED("HCI-20", "A", each_address_has_its_own_bonds),
	TAGGED("HCI-20", "A", a_controller_that_asks_unasked_is_given_no_key),
	TAGGED("HCI-20", "A",
	       a_controller_that_asks_while_it_is_brought_up_is_given_no_key),
	TAGGED("HCI-20", "A", a_controller_is_asked_who_it_is_once),
	TAGGED("HCI-20", "A", a_controller_without_an_address_is_refused),
};

const struct tagged_table hci_adapter_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = setup,
	.teardown = teardown,
};
