/* SPDX-License-Identifier: MIT */
#include "api/os/keys.h"

#include <errno.h>
#include <stdlib.h>

#include "api/os/key_file.h"
#include "api/os/runtime.h"

int rt_api_os_load_keys(void *user, struct rt_addr adapter,
			void (*key)(void *arg, const struct rt_sec_key *key),
			void *arg, char *message)
{
	const struct rt_runtime *rt = user;

	return rt_key_file_load(rt->key_dir, adapter, key, arg, message);
}

int rt_api_os_save_keys(void *user, struct rt_addr adapter, char *message)
{
	const struct rt_runtime *rt = user;
	const struct rt_hci *hci = rt->host->hci;
	struct rt_sec_key *keys;
	size_t count = 0;
	int err;

	while (rt_sec_key_at(hci, count))
		count++;
	keys = calloc(count + 1, sizeof(*keys));
	if (!keys) {
		rt_api_runtime_explain(message, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		keys[i] = *rt_sec_key_at(hci, i);
	err = rt_key_file_save(rt->key_dir, adapter, keys, count, message);
	rt_sec_wipe(keys, count * sizeof(*keys));
	free(keys);
	return err;
}
