/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/guard.h"

#include <errno.h>
#include <string.h>

#include "tools/rawtooth/args.h"

static const struct {
	const char *name;
	unsigned int flags;
	bool fips;
} levels[] = {
	{ "none", RT_SECURITY_NONE, false },
	{ "encrypt", RT_SECURITY_ENCRYPTION, false },
	{ "mitm", RT_SECURITY_MITM, false },
	{ "fips", RT_SECURITY_MITM | RT_SECURITY_SECURE, true },
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static int apply_level(struct rt_guard *guard, const char *name)
{
	for (size_t i = 0; i < LEVELS; i++) {
		if (strcmp(levels[i].name, name) != 0)
			continue;
		guard->flags |= levels[i].flags;
		guard->fips = levels[i].fips;
		return 0;
	}
	rt_tool_error("the security is none, encrypt, mitm or fips, not "
		      "\"%s\"",
		      name);
	return -EINVAL;
}

bool rt_guard_has(int option)
{
	return option == 'A' || option == 'E' || option == 'S' ||
	       (option >= RT_GUARD_SECURITY && option <= RT_GUARD_AUTHORIZE) ||
	       rt_person_has(option);
}

int rt_guard_apply(struct rt_guard *guard, int option)
{
	switch (option) {
	case 'A':
		guard->flags |= RT_SECURITY_AUTHENTICATION;
		return 0;
	case 'E':
		guard->flags |= RT_SECURITY_ENCRYPTION;
		return 0;
	case 'S':
		guard->flags |= RT_SECURITY_SECURE;
		return 0;
	case RT_GUARD_SECURITY:
		return apply_level(guard, optarg);
	case RT_GUARD_MIN_KEY:
		return rt_args_number("the least key in octets", optarg, 7, 16,
				      &guard->min_key_bytes);
	case RT_GUARD_BONDED_ONLY:
		guard->bonded_only = true;
		return 0;
	case RT_GUARD_AUTHORIZE:
		guard->flags |= RT_SECURITY_AUTHORIZATION;
		return 0;
	}
	return rt_person_apply(&guard->person, option);
}

static int set_up(const struct rt_guard *guard,
		  int (*set)(void *target, enum rt_option option,
			     int64_t value),
		  void *target)
{
	int err = 0;

	if (guard->fips)
		err = set(target, RT_OPTION_FIPS, 1);
	if (err == 0 && guard->min_key_bytes > 0)
		err = set(target, RT_OPTION_MIN_KEY_BYTES,
			  guard->min_key_bytes);
	if (err == 0 && guard->bonded_only)
		err = set(target, RT_OPTION_BONDED_ONLY, 1);
	return err;
}

static int set_socket(void *target, enum rt_option option, int64_t value)
{
	return rt_socket_set_option(target, option, value);
}

static int set_server(void *target, enum rt_option option, int64_t value)
{
	return rt_server_set_option(target, option, value);
}

int rt_guard_set_up_socket(const struct rt_guard *guard, struct rt_socket *s)
{
	const int err = rt_socket_set_security(s, guard->flags);

	return err < 0 ? err : set_up(guard, set_socket, s);
}

int rt_guard_set_up_server(const struct rt_guard *guard,
			   struct rt_server *server)
{
	const int err = rt_server_set_security(server, guard->flags);

	return err < 0 ? err : set_up(guard, set_server, server);
}
