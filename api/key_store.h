/* SPDX-License-Identifier: MIT */
#ifndef RT_API_KEY_STORE_H
#define RT_API_KEY_STORE_H

#include <rawtooth/security.h>

#include "hci/security.h"
#include "stack/addr.h"

struct rt_host;

/*
 * Link keys between security, which has them, and the store, which keeps them:
 * the application's, the files of the loop, or none.
 */

/* Prepares a new host. */
void rt_api_key_store_init(struct rt_host *host);

/*
 * The controller is up: its keys are read, unless they have been. A store that
 * can't be read stays as it is: the host has no keys then, takes none, and
 * rt_host_key_store_error() tells. Where memory or descriptors were missing, it
 * is tried again each second.
 */
void rt_api_key_store_load(struct rt_host *host);

/* A key is new or different, or (NULL) gone: of rt_sec_ops; `user`: the host.
 */
void rt_api_key_store_changed(void *user, struct rt_addr addr,
			      const struct rt_sec_key *key);

#endif
