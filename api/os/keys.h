/* SPDX-License-Identifier: MIT */
#ifndef RT_API_OS_KEYS_H
#define RT_API_OS_KEYS_H

#include "hci/security.h"
#include "stack/addr.h"

/* Link keys in files, for hosts that have a loop: members of rt_api_os. */

/* Calls `key` for each key of the adapter. `user` is the runtime. */
int rt_api_os_load_keys(void *user, struct rt_addr adapter,
			void (*key)(void *arg, const struct rt_sec_key *key),
			void *arg, char *message);

/* Keeps all that security has now. `user` is the runtime. */
int rt_api_os_save_keys(void *user, struct rt_addr adapter, char *message);

#endif
