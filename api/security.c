/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <rawtooth/security.h>

#include "api/error.h"
#include "api/host.h"
#include "api/socket.h"
#include "hci/security.h"

/* The highest level whose needs the link meets. */
static unsigned int level_of(const struct rt_sec_facts *facts)
{
	struct rt_sec_need need = {
		.level = RT_SEC_LEVEL_MAX,
		.min_key_bytes = RT_SEC_KEY_SIZE_FLOOR,
	};

	while (need.level > 0 && rt_sec_check(&need, facts) != RT_SEC_ALLOW)
		need.level--;
	return need.level;
}

int rt_socket_security(const struct rt_socket *s,
		       struct rt_security_info *ret_info)
{
	struct rt_security_info info = { .size = sizeof(info) };
	struct rt_sec_facts facts;

	if (s->state != RT_SOCKET_CONNECTED ||
	    !rt_sec_get_facts(s->host->hci, s->peer, &facts))
		return -ENOTCONN;
	info.encrypted = facts.encryption != RT_SEC_PLAIN;
	info.aes = facts.encryption == RT_SEC_AES_CCM;
	info.authenticated = facts.key_type == RT_SEC_KEY_P192_MITM ||
			     facts.key_type == RT_SEC_KEY_P256_MITM;
	info.bonded = facts.bonded;
	info.key_type = facts.key_type;
	info.key_bytes = info.encrypted ? facts.key_bytes : 0;
	/* Level 1 of a plain link is the lack of any. */
	info.level = info.encrypted ? level_of(&facts) : 0;
	rt_api_copy_out(ret_info, &info, sizeof(info));
	return 0;
}
