/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/fuzz/user.h"

static void on_paired(struct rt_pairing *pairing,
		      const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->pairs && user->pairing == pairing && info->err <= 0,
		  "a pairing ends once");
	user->pairs = false;
	user_answered(user);
}

static void pair(struct user *user, struct rt_rd *r)
{
	const uint8_t which = rt_rd_u8(r);
	const uint8_t how = rt_rd_u8(r);
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_paired,
		.user_data = user,
		.mitm = how & 1,
		.fips = how & 2,
		.keep = how & 4,
	};

	rt_pairing_free(user->pairing);
	user->pairing = NULL;
	user->pairs = !(which & 0x80) &&
		      rt_pairing_start(user->node->host, user_addr(user, which),
				       &options, &user->pairing) == 0;
}

static void set_policy(struct user *user, struct rt_rd *r)
{
	static const struct rt_pin pin = { .pin = "0000", .pin_bytes = 4 };
	const uint16_t bits = rt_rd_le16(r);
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.io = (enum rt_io)(bits >> 8 & 7),
		.bondable = bits & 1,
		.accept_just_works = bits & 2,
		.legacy = bits & 4,
		.pins = &pin,
		.pin_count = bits >> 3 & 1,
		.secure_connections_only = bits & 16,
		.debug_keys = bits & 32,
		.no_secure_connections = bits & 64,
		.answer_ms = bits & 128 ? 1000 : 0,
	};

	(void)!rt_host_set_pairing_policy(user->node->host, &policy);
}

static void asked(struct rt_host *host, struct rt_addr addr, void *user_data)
{
	struct user *user = user_data;

	(void)host;
	user_called(user);
	user->asked_by = addr;
	user_answered(user);
}

static void on_number(struct rt_host *host, struct rt_addr addr,
		      uint32_t number, void *user_data)
{
	struct user *user = user_data;

	user_must(number <= 999999, "six digits");
	user->number = number;
	asked(host, addr, user_data);
}

static void on_show(struct rt_host *host, struct rt_addr addr, uint32_t number,
		    unsigned int typed, void *user_data)
{
	(void)typed;
	on_number(host, addr, number, user_data);
}

static void on_authorize(struct rt_host *host, uint32_t id,
			 struct rt_server *server, struct rt_addr addr,
			 void *user_data)
{
	struct user *user = user_data;

	user_must(server, "somebody's server");
	user->authorize_id = id;
	asked(host, addr, user_data);
}

static void on_pairing_over(struct rt_host *host, struct rt_addr addr,
			    bool bonded, const struct rt_error_info *info,
			    void *user_data)
{
	user_must(!bonded || info->err == 0, "a bond, or a reason");
	asked(host, addr, user_data);
}

static void set_agent(struct user *user, struct rt_rd *r)
{
	const uint8_t members = rt_rd_u8(r);
	const struct rt_agent agent = {
		.size = sizeof(agent),
		.on_confirm = members & 1 ? on_number : NULL,
		.on_consent = members & 2 ? asked : NULL,
		.on_passkey = members & 4 ? asked : NULL,
		.on_show_passkey = members & 8 ? on_show : NULL,
		.on_pin = members & 16 ? asked : NULL,
		.on_authorize = members & 32 ? on_authorize : NULL,
		.on_over = asked,
		.on_paired = on_pairing_over,
	};

	rt_host_set_agent(user->node->host, members ? &agent : NULL, user);
}

static void answer(struct user *user, struct rt_rd *r)
{
	struct rt_host *host = user->node->host;
	const uint8_t how = rt_rd_u8(r);
	const struct rt_addr addr =
		how & 8 ? user_addr(user, how >> 4) : user->asked_by;

	switch (how & 7) {
	case 0:
	case 1:
		(void)!rt_host_answer(host, addr, how & 1);
		return;
	case 2:
		(void)!rt_host_answer_passkey(host, addr, user->number);
		return;
	case 3:
		(void)!rt_host_answer_passkey(host, addr, rt_rd_le32(r));
		return;
	case 4:
		(void)!rt_host_answer_pin(host, addr, "0000000000000000000",
					  rt_rd_u8(r) % 18);
		return;
	case 5:
		(void)!rt_host_authorize(host, user->authorize_id, true);
		return;
	case 6:
		(void)!rt_host_authorize(host, rt_rd_le32(r), true);
		return;
	default:
		rt_host_open_pairing(host, addr, rt_rd_le32(r) & 0x3ffff);
		return;
	}
}

static void keys(struct user *user, struct rt_rd *r)
{
	struct rt_host *host = user->node->host;
	const uint8_t how = rt_rd_u8(r);
	struct rt_link_key key = { .size = sizeof(key) };
	char str[200];

	if (how & 1)
		(void)!rt_host_unpair(host, user_addr(user, how >> 4));
	key.addr = user_addr(user, how >> 4);
	key.type = rt_rd_u8(r) & 15;
	key.key_bytes = rt_rd_u8(r);
	key.pin_bytes = rt_rd_u8(r);
	key.key[0] = rt_rd_u8(r);
	if (how & 2)
		(void)!rt_host_add_key(host, &key);
	(void)!rt_link_key_to_bluez(&key, str, how & 4 ? sizeof(str) : 10);
	memset(&key.addr, 0, sizeof(key.addr));
	while (rt_host_next_key(host, key.addr, &key) == 0)
		user_must(key.type < 9, "a key's type");
	(void)rt_host_key_store_error(host, NULL);
}

static void on_oob(struct rt_host *host, const struct rt_oob *oob,
		   const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	(void)host;
	user_called(user);
	user_must(user->oobs > 0 && (oob || info->err < 0), "data, or why");
	user->oobs--;
	user_answered(user);
}

static void oob(struct user *user, struct rt_rd *r)
{
	const uint8_t how = rt_rd_u8(r);
	const struct rt_oob data = {
		.size = sizeof(data),
		.has_192 = how & 1,
		.has_256 = how & 2,
		.c192 = { 1 },
	};

	if (how & 4)
		(void)!rt_host_set_peer_oob(user->node->host,
					    user_addr(user, how >> 4),
					    how & 8 ? &data : NULL);
	else if (rt_host_read_oob(user->node->host, on_oob, user) == 0)
		user->oobs++;
}

void user_act_security(struct user *user, enum user_act what, struct rt_rd *r)
{
	switch (what) {
	case USER_PAIR:
		pair(user, r);
		return;
	case USER_POLICY:
		set_policy(user, r);
		return;
	case USER_AGENT:
		set_agent(user, r);
		return;
	case USER_ANSWER:
		answer(user, r);
		return;
	case USER_KEYS:
		keys(user, r);
		return;
	default:
		oob(user, r);
		return;
	}
}
