/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/security.h"

struct code {
	uint16_t value;
	int err;
	const char *name;
	const char *hint;
};

static const struct code codes[] = {
#define CODE(value, name, err, hint) { (value), -(err), name, hint },
#include "hci/security/code.def"
#undef CODE
};

static const struct code *find(uint16_t value)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(codes); i++) {
		if (codes[i].value == value)
			return &codes[i];
	}
	return NULL;
}

const char *rt_sec_code_name(uint16_t code)
{
	const struct code *row = find(code);

	return row ? row->name : "Reserved";
}

int rt_sec_code_errno(uint16_t code)
{
	const struct code *row = find(code);

	return row ? row->err : -EACCES;
}

const char *rt_sec_code_hint(uint16_t code)
{
	const struct code *row = find(code);

	return row ? row->hint : "";
}
