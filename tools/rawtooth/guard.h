/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_GUARD_H
#define RT_TOOL_GUARD_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/security.h>

#include "tools/rawtooth/person.h"
#include "tools/rawtooth/tool.h"

/* The options about security: what a connection asks of its link. */
struct rt_guard {
	unsigned int flags; /* RT_SECURITY_ */
	bool fips;
	bool bonded_only;
	uint32_t min_key_bytes; /* 0: the library's default */
	struct rt_person person;
};

/* Letters, as rctest and rfcomm have them. */
#define RT_GUARD_SHORT "AES"

/* Values of the long options. */
enum {
	RT_GUARD_SECURITY = 0x400,
	RT_GUARD_MIN_KEY,
	RT_GUARD_BONDED_ONLY,
	RT_GUARD_AUTHORIZE,
};

/* The rows of a table of long options, those about the person included. */
/* clang-format off */
#define RT_GUARD_OPTIONS                                            \
	{ "security", required_argument, NULL, RT_GUARD_SECURITY }, \
	{ "min-key", required_argument, NULL, RT_GUARD_MIN_KEY },   \
	{ "bonded-only", no_argument, NULL, RT_GUARD_BONDED_ONLY }, \
	{ "authorize", no_argument, NULL, RT_GUARD_AUTHORIZE },     \
	RT_PERSON_OPTIONS
/* clang-format on */

/* The lines of a help text. */
#define RT_GUARD_HELP                                                          \
	"  -A, -E, -S          ask for authentication, encryption, or both\n"  \
	"                      with proof of who is there (as rctest)\n"       \
	"      --security LEVEL\n"                                             \
	"                      none (the default: encrypted without proof\n"   \
	"                      where both sides can), encrypt, mitm or fips\n" \
	"      --min-key N     octets of the encryption key, 7 to 16\n"        \
	"      --bonded-only   only devices whose key is stored\n"             \
	"      --authorize     servers: ask before a device may "              \
	"connect\n" RT_PERSON_HELP

/* True if the option is one of the above. */
bool rt_guard_has(int option);

/*
 * Stores an option of the above, with its argument in `optarg`. Returns 0, or
 * -EINVAL after an error message.
 */
int rt_guard_apply(struct rt_guard *guard, int option);

/* Asks for what was given. Returns 0 or a negative errno. */
int rt_guard_set_up_socket(const struct rt_guard *guard, struct rt_socket *s);

/* The same for the connections of a server. */
int rt_guard_set_up_server(const struct rt_guard *guard,
			   struct rt_server *server);

#endif
