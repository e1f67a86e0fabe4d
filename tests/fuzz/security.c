/* SPDX-License-Identifier: MIT */
/*
 * Pairing and encryption of a whole host, 0, whose controller and peer are
 * hostile. An input is two octets for who is there to be asked, and a list of
 * steps; each begins with an octet that chooses one of the table below. After
 * each step, what came of it is bounded; after the last, and a minute, nobody
 * has a channel that he should not have.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "hci/security.h"
#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/agent.h"
#include "tools/sim/world.h"

#include <rawtooth/research.h>

#define STEPS_MAX 64
#define PSM 0x1021
#define SOCKETS 3
#define PACKETS_MAX 20000 /* of a step: far more than any story has */

static const unsigned int flags[SOCKETS] = {
	RT_SECURITY_NONE,
	RT_SECURITY_ENCRYPTION,
	RT_SECURITY_MITM,
};

struct story {
	struct world *w;
	struct rt_rd r;
	struct agent agent[2];
	struct rt_server *server[2][SOCKETS];
	struct rt_socket *socket[2][SOCKETS]; /* that connect */
	struct rt_socket *taken[SOCKETS];     /* of the victim's servers */
	struct rt_pairing *pairing[2];
	bool debug_keys; /* the victim has allowed them at some time */
};

static struct rt_vctl *vctl(const struct story *story, unsigned int side)
{
	return story->w->node[side].vctl;
}

static struct rt_host *host(const struct story *story, unsigned int side)
{
	return world_host(story->w, side);
}

static unsigned int take_side(struct story *story)
{
	return rt_rd_u8(&story->r) & 1;
}

/* Events of security, and what follows the address or the handle in them. */
static const struct {
	uint8_t code;
	bool by_handle;
	bool status; /* in front */
	uint8_t bytes;
} events[] = {
	{ 0x06, true, true, 0 },    /* Authentication Complete */
	{ 0x08, true, true, 1 },    /* Encryption Change */
	{ 0x59, true, true, 2 },    /* the same, version 2 */
	{ 0x30, true, true, 0 },    /* Encryption Key Refresh Complete */
	{ 0x09, true, true, 0 },    /* Change Connection Link Key Complete */
	{ 0x0b, true, true, 8 },    /* Remote Supported Features */
	{ 0x23, true, true, 10 },   /* Remote Extended Features */
	{ 0x12, false, true, 1 },   /* Role Change */
	{ 0x16, false, false, 0 },  /* PIN Code Request */
	{ 0x17, false, false, 0 },  /* Link Key Request */
	{ 0x18, false, false, 17 }, /* Link Key Notification */
	{ 0x31, false, false, 0 },  /* IO Capability Request */
	{ 0x32, false, false, 3 },  /* IO Capability Response */
	{ 0x33, false, false, 4 },  /* User Confirmation Request */
	{ 0x34, false, false, 0 },  /* User Passkey Request */
	{ 0x35, false, false, 0 },  /* Remote OOB Data Request */
	{ 0x36, false, true, 0 },   /* Simple Pairing Complete */
	{ 0x3b, false, false, 4 },  /* User Passkey Notification */
	{ 0x3c, false, false, 1 },  /* Keypress Notification */
	{ 0x3d, false, false, 8 },  /* Remote Host Supported Features */
};

/* One of them, about the peer, a stranger or the host itself. */
static void event(struct story *story)
{
	const size_t which = rt_rd_u8(&story->r) % RT_ARRAY_SIZE(events);
	const uint8_t about = rt_rd_u8(&story->r);
	struct rt_addr addr = world_addr(story->w, (about & 3) != 1);
	uint8_t buf[64];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	addr.b[5] ^= (about & 3) == 2;
	rt_wr_u8(&w, events[which].code);
	rt_wr_u8(&w, 0);
	if (events[which].status)
		rt_wr_u8(&w, about & 0x80 ? rt_rd_u8(&story->r) : 0);
	if (events[which].by_handle)
		rt_wr_le16(&w, (uint16_t)(1 + (about >> 2 & 3)));
	else
		rt_wr_put(&w, rt_bytes(addr.b, sizeof(addr.b)));
	for (uint8_t i = 0; i < events[which].bytes; i++)
		rt_wr_u8(&w, rt_rd_u8(&story->r));
	buf[1] = (uint8_t)(rt_wr_bytes(&w).len - 2);
	rt_vctl_inject_event(vctl(story, 0), rt_wr_bytes(&w));
}

static void fault(struct story *story)
{
	const unsigned int side = take_side(story);
	const uint8_t bits = rt_rd_u8(&story->r);
	const enum rt_vctl_fault which =
		(enum rt_vctl_fault)((bits & 0x7f) % RT_VCTL_FAULTS);

	/* Two of this kind would challenge each other without end. */
	if (which == RT_VCTL_SWITCH_WHEN_CHALLENGED && side == 0)
		return;
	rt_vctl_set_fault(vctl(story, side), which, bits & 0x80);
}

static void say_size(struct story *story)
{
	rt_vctl_set_key_size_answer(vctl(story, 0), rt_rd_u8(&story->r));
}

static void turn_encryption(struct story *story)
{
	const uint8_t status = rt_rd_u8(&story->r);

	(void)rt_vctl_fake_encryption(vctl(story, 0), world_addr(story->w, 1),
				      status & 0x80 ? status : 0,
				      rt_rd_u8(&story->r) % 3);
}

static void refresh(struct story *story)
{
	const uint8_t status = rt_rd_u8(&story->r);

	(void)rt_vctl_fake_refresh(vctl(story, 0), world_addr(story->w, 1),
				   status & 0x80 ? status : 0,
				   rt_rd_u8(&story->r) % 17);
}

/* The peer becomes another device. */
static void change(struct story *story)
{
	const uint8_t bits = rt_rd_u8(&story->r);
	const struct rt_vctl_security security = {
		.no_ssp = (bits & 3) == 3,
		.no_secure_connections = bits & 4,
		.key_size_max = (uint8_t)(1 + (bits >> 4)),
	};

	rt_vctl_set_security(vctl(story, 1), &security);
}

static void set_policy(struct story *story, unsigned int side, uint8_t bits)
{
	static const struct rt_pin pin = { .pin = "0000", .pin_bytes = 4 };
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.io = (enum rt_io)(bits >> 6),
		.bondable = bits & 1,
		.accept_just_works = bits & 2,
		.legacy = bits & 4,
		.pins = &pin,
		.pin_count = bits >> 3 & 1,
		.secure_connections_only = bits & 16,
		.debug_keys = bits & 32,
	};

	story->debug_keys |= side == 0 && policy.debug_keys;
	(void)!rt_host_set_pairing_policy(host(story, side), &policy);
}

static void policy(struct story *story)
{
	const unsigned int side = take_side(story);

	set_policy(story, side, rt_rd_u8(&story->r));
}

static void set_agent(struct story *story, unsigned int side, uint8_t bits)
{
	struct agent *agent = &story->agent[side];

	memset(agent, 0, sizeof(*agent));
	agent->mute = true;
	agent_attach(agent, host(story, side), bits);
}

/* Another user, whose answers come in steps of their own, or never. */
static void user(struct story *story)
{
	const unsigned int side = take_side(story);

	set_agent(story, side, rt_rd_u8(&story->r));
}

static void answer(struct story *story)
{
	const unsigned int side = take_side(story);
	const uint8_t what = rt_rd_u8(&story->r);
	struct rt_host *h = host(story, side);
	const struct rt_addr addr = world_addr(story->w, !side);

	switch (what & 3) {
	case 0:
		(void)!rt_host_answer(h, addr, what & 4);
		return;
	case 1:
		(void)!rt_host_answer_passkey(
			h, addr, what & 4 ? story->agent[!side].number : what);
		return;
	case 2:
		(void)!rt_host_answer_pin(h, addr, "0000000000000000",
					  what & 4 ? 4 : what >> 4);
		return;
	default:
		(void)!rt_host_authorize(h, story->agent[side].id, what & 4);
	}
}

static void window(struct story *story)
{
	const uint8_t bits = rt_rd_u8(&story->r);
	const struct rt_addr any = { { 0 } };

	rt_host_open_pairing(host(story, 0),
			     bits & 1 ? world_addr(story->w, 1) : any,
			     (uint32_t)bits * 500);
}

static void pair(struct story *story)
{
	const unsigned int side = take_side(story);
	const uint8_t bits = rt_rd_u8(&story->r);
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.mitm = bits & 1,
		.fips = bits & 2,
		.keep = bits & 4,
	};

	rt_pairing_free(story->pairing[side]);
	story->pairing[side] = NULL;
	if (bits & 8)
		return;
	if (rt_pairing_start(host(story, side), world_addr(story->w, !side),
			     &options, &story->pairing[side]) < 0)
		story->pairing[side] = NULL;
}

static void unpair(struct story *story)
{
	const unsigned int side = take_side(story);

	(void)!rt_host_unpair(host(story, side), world_addr(story->w, !side));
}

static void connect(struct story *story)
{
	const unsigned int side = take_side(story);
	const unsigned int which = rt_rd_u8(&story->r) % SOCKETS;
	struct rt_socket **s = &story->socket[side][which];

	rt_socket_free(*s);
	*s = rt_socket_new(host(story, side), RT_PROTOCOL_L2CAP);
	if (!*s || rt_socket_set_security(*s, side == 0 ? flags[which] : 0) < 0)
		return;
	(void)!rt_socket_connect(*s, world_addr(story->w, !side),
				 (uint16_t)(PSM + 2 * which));
}

static void end(struct story *story)
{
	const unsigned int side = take_side(story);
	struct rt_socket *s =
		story->socket[side][rt_rd_u8(&story->r) % SOCKETS];

	if (s)
		rt_socket_close(s);
}

static void pass_time(struct story *story)
{
	world_run(story->w, UINT64_C(1000) << rt_rd_u8(&story->r) % 16);
}

static void drop(struct story *story)
{
	rt_vctl_drop_links(vctl(story, 0));
}

static void (*const steps[])(struct story *story) = {
	event,	 event,	 event,	  event,   fault,  say_size,  turn_encryption,
	refresh, change, policy,  user,	   answer, answer,    window,
	pair,	 unpair, connect, connect, end,	   pass_time, drop,
};

static void listen_all(struct story *story, unsigned int side)
{
	for (unsigned int i = 0; i < SOCKETS; i++) {
		struct rt_server *server = rt_server_new(
			host(story, side), RT_PROTOCOL_L2CAP, NULL, NULL);

		if (!server ||
		    rt_server_set_security(server, side == 0 ? flags[i] : 0) <
			    0 ||
		    rt_server_set_option(server, RT_OPTION_MIN_KEY_BYTES,
					 side == 0 ? 16 : 7) < 0 ||
		    rt_server_listen(server, (uint16_t)(PSM + 2 * i)) < 0)
			abort();
		story->server[side][i] = server;
	}
}

/* A channel of the victim at the service's level is on a link that has it. */
static void check_socket(const struct rt_socket *s, unsigned int which)
{
	struct rt_security_info info = { .size = sizeof(info) };

	if (!s || rt_socket_state(s) != RT_SOCKET_CONNECTED || which == 0)
		return;
	ck_assert_int_eq(rt_socket_security(s, &info), 0);
	ck_assert(info.encrypted);
	ck_assert_uint_eq(info.key_bytes, 16);
	if (which == 2)
		ck_assert(info.authenticated);
}

static void check_keys(const struct story *story)
{
	static const uint8_t zeros[16];
	struct rt_link_key key = { .size = sizeof(key) };

	while (rt_host_next_key(host(story, 0), key.addr, &key) == 0) {
		ck_assert(memcmp(key.key, zeros, sizeof(zeros)) != 0);
		ck_assert(key.type != RT_SEC_KEY_DEBUG || story->debug_keys);
		ck_assert(!rt_addr_equal(key.addr, world_addr(story->w, 0)));
	}
}

static void check_end(struct story *story)
{
	for (unsigned int i = 0; i < SOCKETS; i++) {
		story->taken[i] = rt_server_next_pending(story->server[0][i]);
		check_socket(story->taken[i], i);
		check_socket(story->socket[0][i], i);
	}
	check_keys(story);
}

static void free_all(struct story *story)
{
	for (unsigned int i = 0; i < SOCKETS; i++) {
		rt_socket_free(story->taken[i]);
		for (unsigned int side = 0; side < 2; side++) {
			rt_socket_free(story->socket[side][i]);
			rt_server_free(story->server[side][i]);
		}
	}
	for (unsigned int side = 0; side < 2; side++)
		rt_pairing_free(story->pairing[side]);
	world_settle(story->w);
	world_free(story->w);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct story story = { .r = rt_rd_init(rt_bytes(input, size)) };

	story.w = world_new(NULL);
	for (unsigned int side = 0; side < 2; side++) {
		listen_all(&story, side);
		set_policy(&story, side, rt_rd_u8(&story.r) & 0xdf);
		set_agent(&story, side, rt_rd_u8(&story.r));
	}
	for (int i = 0; i < STEPS_MAX && rt_rd_left(&story.r) > 0; i++) {
		const uint64_t packets = story.w->packets;

		steps[rt_rd_u8(&story.r) % RT_ARRAY_SIZE(steps)](&story);
		world_settle(story.w);
		ck_assert_uint_lt(story.w->packets - packets, PACKETS_MAX);
		check_keys(&story);
	}
	world_run(story.w, RT_SECONDS(100));
	check_end(&story);
	free_all(&story);
	return 0;
}
