/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/security.h"
#include "stack/code.h"

static const struct rt_code codes[] = {
#define CODE(value, name, err, hint) { (value), -(err), name, hint },
#include "hci/security/code.def"
#undef CODE
};

static const struct rt_code *find(uint16_t value)
{
	return rt_code_find(codes, RT_ARRAY_SIZE(codes), value);
}

const char *rt_sec_code_name(uint16_t code)
{
	const struct rt_code *row = find(code);

	return row ? row->name : "Reserved";
}

int rt_sec_code_errno(uint16_t code)
{
	const struct rt_code *row = find(code);

	return row ? row->err : -EACCES;
}

const char *rt_sec_code_hint(uint16_t code)
{
	const struct rt_code *row = find(code);

	return row ? row->hint : "";
}
