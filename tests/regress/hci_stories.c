/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/hci_acts.h"

/* The stories: pairing and settings, and the table of them all. */

#define NUMERIC (AGENT_CONFIRM | AGENT_CONSENT)

static struct rt_host *peer(const struct stage *stage)
{
	return world_host(stage->w, STAGE_PEER);
}

static void set_policy(struct rt_host *host, const struct rt_pairing_policy *p)
{
	struct rt_pairing_policy policy = *p;

	policy.size = sizeof(policy);
	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), 0);
}

/* Both sides bond with whoever is proved, and these people answer. */
static void let_bond(struct stage *stage, unsigned int host_members,
		     unsigned int peer_members)
{
	const struct rt_pairing_policy policy = { .bondable = true,
						  .legacy = true };

	set_policy(stage_host(stage), &policy);
	set_policy(peer(stage), &policy);
	agent_attach(&stage->agent[STAGE_HOST], stage_host(stage),
		     host_members);
	agent_attach(&stage->agent[STAGE_PEER], peer(stage), peer_members);
}

static void prepare_numbers(struct stage *stage)
{
	let_bond(stage, NUMERIC, NUMERIC);
}

static void prepare_refusal(struct stage *stage)
{
	let_bond(stage, NUMERIC, NUMERIC);
	stage->agent[STAGE_HOST].refuse = true;
}

static void prepare_typing(struct stage *stage)
{
	let_bond(stage, AGENT_PASSKEY, AGENT_SHOW);
	stage->agent[STAGE_HOST].mute = true;
}

static void prepare_no_typing(struct stage *stage)
{
	let_bond(stage, AGENT_PASSKEY, AGENT_SHOW);
	stage->agent[STAGE_HOST].refuse = true;
}

static void prepare_showing(struct stage *stage)
{
	let_bond(stage, AGENT_SHOW, AGENT_PASSKEY);
	stage->agent[STAGE_PEER].mute = true;
}

static void prepare_pins(struct stage *stage)
{
	let_bond(stage, AGENT_PIN, AGENT_PIN);
	for (int i = 0; i < 2; i++) {
		stage->agent[i].pin = "12345678";
		stage->agent[i].pin_bytes = 8;
	}
}

static void prepare_no_pins(struct stage *stage)
{
	prepare_pins(stage);
	stage->agent[STAGE_HOST].refuse = true;
}

static void on_done(struct rt_pairing *pairing,
		    const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)pairing;
	(void)info;
	stage->ended[STAGE_PAIRING]++;
	stage_told(stage, STAGE_ON_PAIRED);
}

static void act_pair(struct stage *stage)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_done,
		.user_data = stage,
		.mitm = !stage->story->security.no_ssp,
	};

	rt_pairing_free(stage->pairing);
	stage->pairing = NULL;
	memset(stage->agent[STAGE_HOST].log, 0, 64);
	memset(stage->agent[STAGE_PEER].log, 0, 64);
	act_begin(stage, STAGE_PAIRING,
		  rt_pairing_start(stage_host(stage),
				   world_addr(stage->w, STAGE_PEER), &options,
				   &stage->pairing));
}

/* The host's user types what the other side shows. */
static void act_type(struct stage *stage)
{
	(void)!rt_host_answer_passkey(stage_host(stage),
				      world_addr(stage->w, STAGE_PEER),
				      stage->agent[STAGE_PEER].number);
}

static void act_peer_types(struct stage *stage)
{
	(void)!rt_host_answer_passkey(peer(stage),
				      world_addr(stage->w, STAGE_HOST),
				      stage->agent[STAGE_HOST].number);
}

static void on_peer_done(struct rt_pairing *pairing,
			 const struct rt_error_info *info, void *user_data)
{
	(void)info;
	(void)user_data;
	rt_pairing_free(pairing);
}

/* The peer wants to bond with the host, which lets nobody. */
static void act_peer_pairs(struct stage *stage)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_peer_done,
	};
	struct rt_pairing *pairing;

	rt_host_set_connectable(stage_host(stage), true);
	world_run(stage->w, RT_MS(100));
	(void)!rt_pairing_start(peer(stage), world_addr(stage->w, STAGE_HOST),
				&options, &pairing);
}

static void on_oob(struct rt_host *host, const struct rt_oob *oob,
		   const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)host;
	ck_assert(!oob == (info->err < 0));
	stage->has_oob = oob != NULL;
	if (oob)
		stage->oob = *oob;
	stage->ended[STAGE_OOB]++;
	stage_told(stage, STAGE_ON_OOB);
}

static void act_read_oob(struct stage *stage)
{
	act_begin(stage, STAGE_OOB,
		  rt_host_read_oob(stage_host(stage), on_oob, stage));
}

static void on_peers_oob(struct rt_host *host, const struct rt_oob *oob,
			 const struct rt_error_info *info, void *user_data)
{
	struct stage *stage = user_data;

	(void)host;
	(void)info;
	if (oob && stage_host(stage))
		(void)!rt_host_set_peer_oob(stage_host(stage),
					    world_addr(stage->w, STAGE_PEER),
					    oob);
}

/* Each side gets the other one's data. */
static void act_carry_oob(struct stage *stage)
{
	if (stage->has_oob)
		(void)!rt_host_set_peer_oob(peer(stage),
					    world_addr(stage->w, STAGE_HOST),
					    &stage->oob);
	ck_assert_int_eq(rt_host_read_oob(peer(stage), on_peers_oob, stage), 0);
}

/* The controller asks for such data, of which nobody has spoken. */
static void act_be_asked_for_oob(struct stage *stage)
{
	static const uint8_t event[] = { 0x35, 6, 9, 9, 9, 9, 9, 9 };

	stage_inject(stage, event, sizeof(event));
}

static void act_rename(struct stage *stage)
{
	struct rt_host *host = stage_host(stage);

	(void)!rt_host_set_name(host, "another");
	(void)!rt_host_set_class_of_device(host, 0x000104);
}

static void act_be_found(struct stage *stage)
{
	(void)!rt_host_set_mode(stage_host(stage), RT_HOST_MODE_LIMITED);
}

static void act_hide(struct stage *stage)
{
	(void)!rt_host_set_mode(stage_host(stage),
				RT_HOST_MODE_NOT_CONNECTABLE);
}

static void act_power_off(struct stage *stage)
{
	stage->off = true;
	(void)!rt_host_set_mode(stage_host(stage), RT_HOST_MODE_OFF);
}

static void act_power_on(struct stage *stage)
{
	stage->anew = true;
	(void)!rt_host_set_mode(stage_host(stage), RT_HOST_MODE_CONNECTABLE);
}

const struct story stage_stories[] = {
	{ .name = "power",
	  .steps = { { act_listen, 500 },
		     { act_power_off, 5000 },
		     { act_power_on, 5000 } } },
	{ .name = "connect",
	  .steps = { { act_connect_port, 4000 },
		     { act_send, 2000 },
		     { act_use_port, 2000 },
		     { act_close_all, 10000 } } },
	{ .name = "be connected",
	  .steps = { { act_listen, 500 },
		     { act_peer_connects, 4000 },
		     { act_send_back, 2000 },
		     { act_peer_closes, 10000 } } },
	{ .name = "give up",
	  .steps = { { act_connect_nobody, 1000 }, { act_abort_all, 8000 } } },
	{ .name = "nobody", .steps = { { act_connect_nobody, 20000 } } },
	{ .name = "look around",
	  .steps = { { act_inquire, 8000 },
		     { act_inquire, 1000 },
		     { act_stop_inquiring, 3000 },
		     { act_name_peer, 3000 },
		     { act_name_nobody, 1000 },
		     { act_forget_name, 8000 } } },
	{ .name = "talk",
	  .steps = { { act_echo, 8000 }, { act_search, 12000 } } },
	{ .name = "voice", .steps = { { act_be_called, 3000 } } },
	{ .name = "wishes",
	  .steps = { { act_connect_wishing, 4000 },
		     { act_send, 8000 },
		     { act_connect_as_peripheral, 5000 },
		     { act_close_all, 8000 } } },
	{ .name = "settings",
	  .steps = { { act_rename, 1000 },
		     { act_be_found, 2000 },
		     { act_rename, 0 },
		     { act_hide, 2000 } } },
	{ .name = "compare",
	  .prepare = prepare_numbers,
	  .steps = { { act_pair, 10000 },
		     { act_connect_encrypted, 4000 },
		     { act_close_all, 8000 } } },
	{ .name = "differ",
	  .prepare = prepare_refusal,
	  .steps = { { act_pair, 15000 } } },
	{ .name = "type",
	  .prepare = prepare_typing,
	  .steps = { { act_pair, 4000 }, { act_type, 10000 } } },
	{ .name = "type nothing",
	  .prepare = prepare_no_typing,
	  .steps = { { act_pair, 15000 } } },
	{ .name = "show",
	  .prepare = prepare_showing,
	  .steps = { { act_pair, 4000 }, { act_peer_types, 10000 } } },
	{ .name = "be paired", .steps = { { act_peer_pairs, 15000 } } },
	{ .name = "out of band",
	  .prepare = prepare_numbers,
	  .steps = { { act_read_oob, 500 },
		     { act_carry_oob, 500 },
		     { act_pair, 10000 },
		     { act_be_asked_for_oob, 1000 } } },
	{ .name = "out of band of old",
	  .prepare = prepare_numbers,
	  .security = { .no_secure_connections = true },
	  .steps = { { act_read_oob, 500 },
		     { act_carry_oob, 500 },
		     { act_pair, 10000 } } },
	{ .name = "upgrade",
	  .prepare = prepare_numbers,
	  .steps = { { act_connect_plain, 4000 },
		     { act_connect_proved, 8000 },
		     { act_close_all, 8000 } } },
	{ .name = "PIN",
	  .prepare = prepare_pins,
	  .security = { .no_ssp = true },
	  .steps = { { act_pair, 10000 } } },
	{ .name = "no PIN",
	  .prepare = prepare_no_pins,
	  .security = { .no_ssp = true },
	  .steps = { { act_pair, 15000 } } },
};

const size_t stage_story_count = RT_ARRAY_SIZE(stage_stories);

const struct story *stage_story(const char *name)
{
	for (size_t i = 0; i < stage_story_count; i++) {
		if (strcmp(stage_stories[i].name, name) == 0)
			return &stage_stories[i];
	}
	ck_abort_msg("no story is called %s", name);
	return NULL;
}
