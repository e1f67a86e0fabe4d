/* SPDX-License-Identifier: MIT */
#include "tests/conformance/gap/story.h"

#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "hci/security.h"
#include "tests/support/suite.h"

#include <rawtooth/research.h>

#define PSM 0x1021
#define PIN "0123456789abcdef"

struct story_world story;

/* A PDU of ours, before it leaves. */
static bool on_pdu(const struct rt_tap_pdu *pdu, void *user_data)
{
	struct rt_sec_facts facts = { .encryption = RT_SEC_PLAIN };
	const size_t n = strlen(story.requests);

	(void)user_data;
	if (!pdu->sent || pdu->layer != RT_TAP_L2CAP || pdu->bytes < 1)
		return true;
	if (pdu->id == 0x0002)
		story.ucd++;
	if (pdu->id != 0x0001 || (pdu->data[0] != 0x02 && pdu->data[0] != 0x17))
		return true;
	rt_sec_get_facts(world_host(story.w, 0)->hci, pdu->peer, &facts);
	if (n + 1 < sizeof(story.requests))
		story.requests[n] =
			facts.encryption == RT_SEC_PLAIN ? 'p' : 'e';
	return true;
}

static void set_policy(unsigned int side, const struct story *s)
{
	static const struct rt_pin pin = {
		.pin = PIN,
		.pin_bytes = sizeof(PIN) - 1,
	};
	const enum story_person person = side == 0 ? s->us : s->peer;
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = true,
		.legacy = s->old,
		.pins = &pin,
		.pin_count = 1,
		.secure_connections_only = side == 0 && s->sc_only,
		.no_secure_connections = side == 1 && s->peer_host_has_no_sc,
	};
	struct rt_host *host = world_host(story.w, side);

	ck_assert_int_eq(rt_host_set_pairing_policy(host, &policy), 0);
	agent_attach(&story.agent[side], host,
		     person == STORY_YES_NO ? AGENT_CONFIRM | AGENT_CONSENT
					    : 0);
}

void story_begin(const struct story *s)
{
	const struct world_options options = {
		.seed = 1,
		.security = { .no_ssp = s->old },
	};
	const struct rt_vctl_security peer = {
		.no_ssp = s->old,
		.no_secure_connections = s->peer_has_no_sc,
		.key_size_max = s->key_max,
		.key_size_min = s->key_min,
	};

	memset(&story, 0, sizeof(story));
	story.w = world_new(&options);
	rt_vctl_set_security(story.w->node[1].vctl, &peer);
	for (unsigned int i = 0; i < 2; i++) {
		set_policy(i, s);
		rt_host_set_connectable(world_host(story.w, i), true);
	}
	/* The controller hears of it when it is brought up. */
	if (s->peer_host_has_no_sc) {
		rt_host_transport_resync(world_host(story.w, 1));
		ck_assert(world_run_until_up(story.w));
	}
	rt_host_set_tap(world_host(story.w, 0), on_pdu, NULL);
}

void story_end(void)
{
	end_free(&story.client);
	rt_server_free(story.server);
	rt_host_set_tap(world_host(story.w, 0), NULL, NULL);
	world_finish(story.w);
}

static void on_paired(struct rt_pairing *pairing,
		      const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	*(int *)user_data = info->err;
}

void story_bond_them(bool authenticated)
{
	int result = 1;
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_paired,
		.user_data = &result,
		.mitm = authenticated,
	};
	struct rt_pairing *pairing;

	ck_assert_int_eq(rt_pairing_start(world_host(story.w, 0),
					  world_addr(story.w, 1), &options,
					  &pairing),
			 0);
	/* Long enough for the link to go. */
	world_run(story.w, RT_SECONDS(40));
	ck_assert_int_eq(result, 0);
	rt_pairing_free(pairing);
	ck_assert(!rt_host_has_link(world_host(story.w, 0),
				    world_addr(story.w, 1)));
}

static unsigned int flags_of(unsigned int level)
{
	static const unsigned int flags[] = {
		RT_SECURITY_NONE, RT_SECURITY_NONE, RT_SECURITY_ENCRYPTION,
		RT_SECURITY_MITM, RT_SECURITY_MITM,
	};

	return flags[level];
}

/* The lower tester asks for nothing, so that what is seen is our doing. */
static unsigned int level_of(const struct story *s, bool ours)
{
	return ours ? s->level : 1;
}

void story_listen(unsigned int side, const struct story *s, bool ours)
{
	const unsigned int level = level_of(s, ours);

	story.server = rt_server_new(world_host(story.w, side),
				     RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_set_security(story.server, flags_of(level)),
			 0);
	if (level == 4)
		ck_assert_int_eq(rt_server_set_option(story.server,
						      RT_OPTION_FIPS, 1),
				 0);
	if (ours && s->min_key)
		ck_assert_int_eq(rt_server_set_option(story.server,
						      RT_OPTION_MIN_KEY_BYTES,
						      s->min_key),
				 0);
	if (s->credit)
		ck_assert_int_eq(rt_server_set_option(story.server,
						      RT_OPTION_MODE,
						      RT_SOCKET_MODE_CREDIT),
				 0);
	ck_assert_int_eq(rt_server_listen(story.server, PSM), 0);
}

bool story_connect(unsigned int side, const struct story *s, bool ours)
{
	const unsigned int level = level_of(s, ours);
	struct end *client = &story.client;

	end_open(client, world_host(story.w, side), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_set_security(client->s, flags_of(level)), 0);
	if (level == 4)
		ck_assert_int_eq(
			rt_socket_set_option(client->s, RT_OPTION_FIPS, 1), 0);
	if (ours && s->min_key)
		ck_assert_int_eq(rt_socket_set_option(client->s,
						      RT_OPTION_MIN_KEY_BYTES,
						      s->min_key),
				 0);
	if (s->credit)
		ck_assert_int_eq(rt_socket_set_option(client->s, RT_OPTION_MODE,
						      RT_SOCKET_MODE_CREDIT),
				 0);
	ck_assert_int_eq(rt_socket_connect(client->s,
					   world_addr(story.w, !side), PSM),
			 0);
	world_run(story.w, RT_SECONDS(50));
	ck_assert_uint_eq(client->connected + client->errors, 1);
	return client->connected == 1;
}

struct rt_security_info story_security(void)
{
	struct rt_security_info info = { .size = sizeof(info) };

	ck_assert_int_eq(rt_socket_security(story.client.s, &info), 0);
	return info;
}

static void check_end(const struct story *s, bool connected)
{
	const char *last = story.requests;
	struct rt_security_info info;

	ck_assert_msg(connected == s->connects, "connected: %d (%s)", connected,
		      story.client.error_string);
	if (s->we_connect && s->connects) {
		ck_assert_uint_eq(strlen(last), 1);
		ck_assert_int_eq(last[0], 'e');
	} else if (s->we_connect) {
		ck_assert_str_eq(last, "");
		ck_assert_str_ne(story.client.error_string, "");
	}
	if (!connected)
		return;
	info = story_security();
	ck_assert(info.encrypted);
	ck_assert(info.aes == s->aes);
	if (s->key_type != 0 || s->old)
		ck_assert_uint_eq(info.key_type, s->key_type);
}

void story_tell(const struct story *s)
{
	const unsigned int client = s->we_connect ? 0 : 1;

	story_begin(s);
	if (s->before != STORY_STRANGERS)
		story_bond_them(s->before == STORY_AUTHENTICATED);
	story_listen(!client, s, !s->we_connect);
	check_end(s, story_connect(client, s, s->we_connect));
	story_end();
}
