/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/engine.h"
#include "hci/security.h"
#include "hci/security/keys.h"
#include "hci/security/link.h"

/* The keys of a controller, as the layers above see them. */

int rt_sec_key_add(struct rt_hci *hci, const struct rt_sec_key *key)
{
	/* A peer with our own address would be ourselves (SEC-08). */
	if (rt_addr_equal(key->addr, hci->info.addr))
		return -EINVAL;
	return rt_sec_keys_add(hci->env, &hci->sec.keys, key);
}

int rt_sec_key_remove(struct rt_hci *hci, struct rt_addr addr)
{
	const int err = rt_sec_keys_remove(&hci->sec.keys, addr);

	if (err < 0)
		return err;
	hci->sec.ops->store(hci->sec.user, addr, NULL);
	rt_sec_link_key_gone(hci, addr);
	return 0;
}

void rt_sec_keys_clear(struct rt_hci *hci)
{
	rt_sec_keys_empty(&hci->sec.keys);
}

const struct rt_sec_key *rt_sec_key_find(const struct rt_hci *hci,
					 struct rt_addr addr)
{
	return rt_sec_keys_find(&hci->sec.keys, addr);
}

const struct rt_sec_key *rt_sec_key_at(const struct rt_hci *hci, size_t index)
{
	return rt_sec_keys_at(&hci->sec.keys, index);
}
