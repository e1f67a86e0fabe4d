/* SPDX-License-Identifier: MIT */
#include "hci/error.h"

#include <errno.h>

#include "hci/hci.h"

struct error {
	const char *name;
	const char *hint;
	int err;
};

static const struct error errors[256] = {
#define ERROR(code, NAME, name, err, hint) [code] = { name, hint, -(err) },
#include "hci/errors.def"
#undef ERROR
};

const char *rt_hci_error_name(uint8_t code)
{
	const char *name = errors[code].name;

	return name ? name : "Reserved Error Code";
}

int rt_hci_error_errno(uint8_t code)
{
	return errors[code].name ? errors[code].err : -ENOSYS;
}

const char *rt_hci_error_hint(uint8_t code)
{
	const char *hint = errors[code].hint;

	return hint ? hint : "";
}
