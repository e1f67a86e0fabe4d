/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp.h"

#include <errno.h>

static const struct {
	uint16_t value;
	const char *alias; /* "": none */
	const char *name;
} names[] = {
#define NAME(value, alias, name) { value, alias, name },
#define ALIAS(alias, value)
#include "l2cap/sdp/names.def"
#undef NAME
#undef ALIAS
};

static const struct {
	const char *alias;
	uint16_t value;
} aliases[] = {
#define NAME(value, alias, name)
#define ALIAS(alias, value) { alias, value },
#include "l2cap/sdp/names.def"
#undef NAME
#undef ALIAS
};

const char *rt_sdp_uuid_name(struct rt_uuid uuid)
{
	uint32_t value;

	if (!rt_uuid_to_short(uuid, &value))
		return NULL;
	for (size_t i = 0; i < RT_ARRAY_SIZE(names); i++) {
		if (names[i].value == value)
			return names[i].name;
	}
	return NULL;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_same(const char *a, const char *b)
{
	while (*a && upper(*a) == upper(*b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

int rt_sdp_uuid_by_name(const char *name, struct rt_uuid *ret_uuid)
{
	if (!*name)
		return -EINVAL;
	for (size_t i = 0; i < RT_ARRAY_SIZE(names); i++) {
		if (!is_same(name, names[i].alias))
			continue;
		*ret_uuid = rt_uuid_from_short(names[i].value);
		return 0;
	}
	for (size_t i = 0; i < RT_ARRAY_SIZE(aliases); i++) {
		if (!is_same(name, aliases[i].alias))
			continue;
		*ret_uuid = rt_uuid_from_short(aliases[i].value);
		return 0;
	}
	return rt_uuid_parse(name, ret_uuid);
}
