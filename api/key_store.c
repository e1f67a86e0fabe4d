/* SPDX-License-Identifier: MIT */
#include "api/key_store.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/hci.h"

/* Until keys that could not be read for want of memory are read again. */
#define RETRY_MS 1000

struct loading {
	struct rt_host *host;
	bool keep; /* what the host has already */
	int err;   /* the first that went wrong */
};

static struct rt_sec_key key_in(const struct rt_link_key *key)
{
	struct rt_sec_key in = {
		.addr = key->addr,
		.type = key->type,
		.key_bytes = key->key_bytes,
		.pin_bytes = key->pin_bytes,
	};

	memcpy(in.key, key->key, sizeof(in.key));
	return in;
}

static struct rt_link_key key_out(const struct rt_sec_key *key)
{
	struct rt_link_key out = {
		.size = sizeof(out),
		.addr = key->addr,
		.type = key->type,
		.key_bytes = key->key_bytes,
		.pin_bytes = key->pin_bytes,
	};

	memcpy(out.key, key->key, sizeof(out.key));
	return out;
}

static void add_in(struct loading *loading, const struct rt_sec_key *key)
{
	int err;

	/* Made while the store could not be read: newer than what it has. */
	if (loading->keep && rt_sec_key_find(loading->host->hci, key->addr))
		return;
	err = rt_sec_key_add(loading->host->hci, key);
	if (err < 0 && loading->err == 0)
		loading->err = err;
}

static void on_key(void *arg, const struct rt_link_key *given)
{
	struct rt_link_key own;
	struct rt_sec_key key;

	rt_api_copy_in(&own, sizeof(own), given);
	key = key_in(&own);
	add_in(arg, &key);
	rt_sec_wipe(&key, sizeof(key));
	rt_sec_wipe(&own, sizeof(own));
}

static void on_file_key(void *user, const struct rt_sec_key *key)
{
	add_in(user, key);
}

static int load(struct rt_host *host, struct rt_addr adapter, bool keep)
{
	const struct rt_key_store *store = &host->key_store;
	struct loading loading = { .host = host, .keep = keep };
	int err = 0;

	if (store->load)
		err = store->load(store->ctx, adapter, on_key, &loading);
	else if (host->os.load_keys)
		err = host->os.load_keys(host->os.user, adapter, on_file_key,
					 &loading, host->keys_text);
	return err < 0 ? err : loading.err;
}

static bool may_pass(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

static void read_keys(struct rt_host *host, bool keep)
{
	host->keys_text[0] = '\0';
	host->keys_err = load(host, host->keys_of, keep);
	if (host->keys_err < 0 && may_pass(host->keys_err))
		rt_env_arm(&host->env, &host->keys_retry, RT_MS(RETRY_MS));
}

/* What was made meanwhile stays, and is stored now. */
static void read_again(struct rt_host *host)
{
	const bool any = rt_sec_key_at(host->hci, 0) != NULL;
	const struct rt_sec_key *key;
	char text[RT_MESSAGE_BYTES];

	memcpy(text, host->keys_text, sizeof(text));
	read_keys(host, any);
	if (host->keys_err < 0) {
		if (!any)
			rt_sec_keys_clear(host->hci);
		memcpy(host->keys_text, text, sizeof(text));
		return;
	}
	rt_log(&host->env, RT_LOG_INFO, "the link keys have been read at last");
	host->save_err = 0;
	for (size_t i = 0; any && (key = rt_sec_key_at(host->hci, i)); i++)
		rt_api_key_store_changed(host, key->addr, key);
}

static void on_retry(struct rt_timer *timer)
{
	struct rt_host *host =
		RT_CONTAINER_OF(timer, struct rt_host, keys_retry);

	/* If it is not, it will be read when it is. */
	if (host->state == RT_HOST_UP)
		read_again(host);
}

void rt_api_key_store_init(struct rt_host *host)
{
	rt_timer_init(&host->keys_retry, on_retry);
}

void rt_api_key_store_load(struct rt_host *host)
{
	const struct rt_addr adapter = rt_hci_get_info(host->hci)->addr;

	rt_env_stop(&host->env, &host->keys_retry);
	if (rt_addr_equal(adapter, host->keys_of)) {
		if (may_pass(host->keys_err))
			read_again(host);
		return;
	}
	/* Another controller under the same name gets none of these. */
	rt_sec_keys_clear(host->hci);
	host->keys_of = adapter;
	if (host->options.forget_keys)
		return;
	read_keys(host, false);
	if (host->keys_err == 0)
		return;
	rt_sec_keys_clear(host->hci);
	if (!host->keys_text[0])
		snprintf(host->keys_text, sizeof(host->keys_text),
			 "the link keys can't be read (%d): they are left as "
			 "they are, and no device can bond",
			 host->keys_err);
	rt_log(&host->env, RT_LOG_ERROR, "%s", host->keys_text);
}

static int save(struct rt_host *host, struct rt_addr addr,
		const struct rt_sec_key *key)
{
	const struct rt_key_store *store = &host->key_store;
	struct rt_link_key out;
	int err = 0;

	if (store->load && key) {
		out = key_out(key);
		err = store->save ? store->save(store->ctx, host->keys_of, &out)
				  : -ENOSYS;
		rt_sec_wipe(&out, sizeof(out));
	} else if (store->load) {
		err = store->remove
			      ? store->remove(store->ctx, host->keys_of, addr)
			      : -ENOSYS;
	} else if (host->os.save_keys) {
		err = host->os.save_keys(host->os.user, host->keys_of,
					 host->keys_text);
	}
	return err;
}

void rt_api_key_store_changed(void *user, struct rt_addr addr,
			      const struct rt_sec_key *key)
{
	struct rt_host *host = user;
	char str[RT_ADDR_STR_BYTES];
	int err = host->keys_err;

	if (host->options.forget_keys)
		return;
	if (err == 0) {
		host->keys_text[0] = '\0';
		err = save(host, addr, key);
	}
	host->save_err = err;
	if (err == 0)
		return;
	if (!host->keys_text[0])
		snprintf(host->keys_text, sizeof(host->keys_text),
			 "the link key of %s can't be %s (%d): it is %s as "
			 "long as this host lives",
			 rt_addr_format(addr, str), key ? "stored" : "removed",
			 err, key ? "known" : "forgotten");
	rt_log(&host->env, RT_LOG_ERROR, "%s", host->keys_text);
}

int rt_host_key_store_error(const struct rt_host *host, char *message)
{
	const int err = host->keys_err < 0 ? host->keys_err : host->save_err;

	if (message)
		snprintf(message, RT_MESSAGE_BYTES, "%s",
			 err < 0 ? host->keys_text : "");
	return err;
}

/* As they are printed: the last octet first. */
static bool is_above(struct rt_addr a, struct rt_addr b)
{
	for (size_t i = sizeof(a.b); i > 0; i--) {
		if (a.b[i - 1] != b.b[i - 1])
			return a.b[i - 1] > b.b[i - 1];
	}
	return false;
}

int rt_host_next_key(const struct rt_host *host, struct rt_addr after,
		     struct rt_link_key *ret_key)
{
	const struct rt_sec_key *best = NULL;
	const struct rt_sec_key *key;
	struct rt_link_key out;

	if (host->keys_err < 0)
		return host->keys_err;
	for (size_t i = 0; (key = rt_sec_key_at(host->hci, i)); i++) {
		if (is_above(key->addr, after) &&
		    (!best || is_above(best->addr, key->addr)))
			best = key;
	}
	if (!best)
		return -ENOENT;
	out = key_out(best);
	rt_api_copy_out(ret_key, &out, sizeof(out));
	rt_sec_wipe(&out, sizeof(out));
	return 0;
}

int rt_host_add_key(struct rt_host *host, const struct rt_link_key *given)
{
	struct rt_link_key own;
	struct rt_sec_key key;
	int err;

	if (rt_addr_is_zero(host->keys_of))
		return -ENETDOWN;
	if (host->keys_err < 0)
		return host->keys_err;
	rt_api_host_enter(host);
	rt_api_copy_in(&own, sizeof(own), given);
	key = key_in(&own);
	err = rt_sec_key_add(host->hci, &key);
	if (err == 0) {
		rt_api_key_store_changed(host, key.addr, &key);
		err = host->save_err;
	}
	rt_sec_wipe(&key, sizeof(key));
	rt_sec_wipe(&own, sizeof(own));
	rt_api_host_touch(host);
	return err;
}

int rt_host_unpair(struct rt_host *host, struct rt_addr addr)
{
	int err;

	if (host->keys_err < 0)
		return host->keys_err;
	rt_api_host_enter(host);
	err = rt_sec_key_remove(host->hci, addr);
	if (err == 0)
		err = host->save_err;
	rt_api_host_touch(host);
	return err;
}

int rt_link_key_from_bluez(const char *text, size_t bytes, struct rt_addr addr,
			   struct rt_link_key *ret_key)
{
	struct rt_sec_key key;
	struct rt_link_key out;
	int err;

	if (!text || bytes == 0)
		return -EBADMSG;
	err = rt_sec_bluez_read(rt_bytes(text, bytes), addr, &key);
	if (err < 0)
		return err;
	out = key_out(&key);
	rt_api_copy_out(ret_key, &out, sizeof(out));
	rt_sec_wipe(&out, sizeof(out));
	rt_sec_wipe(&key, sizeof(key));
	return 0;
}

ptrdiff_t rt_link_key_to_bluez(const struct rt_link_key *given, char *str,
			       size_t cap)
{
	char text[RT_SEC_BLUEZ_BYTES];
	struct rt_link_key own;
	struct rt_sec_key key;
	size_t bytes;

	rt_api_copy_in(&own, sizeof(own), given);
	key = key_in(&own);
	bytes = rt_sec_bluez_write(&key, text);
	if (bytes < cap) {
		memcpy(str, text, bytes);
		str[bytes] = '\0';
	}
	rt_sec_wipe(text, sizeof(text));
	rt_sec_wipe(&key, sizeof(key));
	rt_sec_wipe(&own, sizeof(own));
	return bytes < cap ? (ptrdiff_t)bytes : -EMSGSIZE;
}
