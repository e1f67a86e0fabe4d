/* SPDX-License-Identifier: MIT */
#include "hci/security/keys.h"

#include <errno.h>
#include <string.h>

#define ROOM_FIRST 8

void rt_sec_keys_init(struct rt_sec_keys *keys)
{
	*keys = (struct rt_sec_keys){ .key = NULL };
}

void rt_sec_keys_empty(struct rt_sec_keys *keys)
{
	rt_sec_wipe(keys->key, keys->count * sizeof(*keys->key));
	keys->count = 0;
}

void rt_sec_keys_fini(struct rt_env *env, struct rt_sec_keys *keys)
{
	rt_sec_keys_empty(keys);
	rt_env_free(env, keys->key);
	rt_sec_keys_init(keys);
}

/* True if keys of this type are kept. */
static bool is_kept(uint8_t type)
{
	return type <= RT_SEC_KEY_P256_MITM && type != RT_SEC_KEY_CHANGED;
}

bool rt_sec_key_is_sound(const struct rt_sec_key *key)
{
	static const uint8_t zero[RT_SEC_KEY_BYTES];
	const bool legacy = key->type <= RT_SEC_KEY_REMOTE_UNIT;

	if (!is_kept(key->type) || rt_addr_is_zero(key->addr))
		return false;
	if (key->pin_bytes > (legacy ? RT_SEC_PIN_BYTES_MAX : 0))
		return false;
	if (key->key_bytes > RT_SEC_KEY_SIZE_MAX ||
	    (key->key_bytes > 0 && key->key_bytes < RT_SEC_KEY_SIZE_FLOOR))
		return false;
	return !rt_sec_equal(key->key, zero, sizeof(zero));
}

int rt_sec_keys_compare(struct rt_addr a, struct rt_addr b)
{
	for (size_t i = sizeof(a.b); i > 0; i--) {
		if (a.b[i - 1] != b.b[i - 1])
			return a.b[i - 1] < b.b[i - 1] ? -1 : 1;
	}
	return 0;
}

/* The index of the peer's key, or the one where it would stand. */
static size_t place(const struct rt_sec_keys *keys, struct rt_addr addr)
{
	size_t low = 0;
	size_t high = keys->count;
	size_t middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (rt_sec_keys_compare(keys->key[middle].addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool stands_at(const struct rt_sec_keys *keys, size_t index,
		      struct rt_addr addr)
{
	return index < keys->count &&
	       rt_addr_equal(keys->key[index].addr, addr);
}

/* Makes room for one more key; what the old memory held is wiped. */
static int grow(struct rt_env *env, struct rt_sec_keys *keys)
{
	const size_t room = keys->room > 0 ? 2 * keys->room : ROOM_FIRST;
	struct rt_sec_key *key;

	if (keys->count < keys->room)
		return 0;
	key = rt_env_alloc(env, room * sizeof(*key));
	if (!key)
		return -ENOMEM;
	if (keys->count > 0)
		memcpy(key, keys->key, keys->count * sizeof(*key));
	rt_sec_wipe(keys->key, keys->count * sizeof(*key));
	rt_env_free(env, keys->key);
	keys->key = key;
	keys->room = room;
	return 0;
}

int rt_sec_keys_add(struct rt_env *env, struct rt_sec_keys *keys,
		    const struct rt_sec_key *key)
{
	const size_t index = place(keys, key->addr);
	int err;

	if (!rt_sec_key_is_sound(key))
		return -EINVAL;
	if (stands_at(keys, index, key->addr)) {
		/* It may be the very one that stands there. */
		memmove(&keys->key[index], key, sizeof(*key));
		return 0;
	}
	if (keys->count >= env->limits.bonded_keys)
		return -ENOSPC;
	err = grow(env, keys);
	if (err < 0)
		return err;
	memmove(&keys->key[index + 1], &keys->key[index],
		(keys->count - index) * sizeof(*key));
	keys->key[index] = *key;
	keys->count++;
	return 0;
}

bool rt_sec_keys_has_room(const struct rt_env *env,
			  const struct rt_sec_keys *keys, struct rt_addr addr)
{
	return keys->count < env->limits.bonded_keys ||
	       rt_sec_keys_find(keys, addr);
}

const struct rt_sec_key *rt_sec_keys_find(const struct rt_sec_keys *keys,
					  struct rt_addr addr)
{
	const size_t index = place(keys, addr);

	return stands_at(keys, index, addr) ? &keys->key[index] : NULL;
}

const struct rt_sec_key *rt_sec_keys_at(const struct rt_sec_keys *keys,
					size_t index)
{
	return index < keys->count ? &keys->key[index] : NULL;
}

int rt_sec_keys_remove(struct rt_sec_keys *keys, struct rt_addr addr)
{
	const size_t index = place(keys, addr);

	if (!stands_at(keys, index, addr))
		return -ENOENT;
	keys->count--;
	memmove(&keys->key[index], &keys->key[index + 1],
		(keys->count - index) * sizeof(*keys->key));
	rt_sec_wipe(&keys->key[keys->count], sizeof(*keys->key));
	return 0;
}

/* How pairings of this type compare, from the weakest: 1 to 5. */
static unsigned int method_rank(uint8_t type)
{
	switch ((enum rt_sec_key_type)type) {
	case RT_SEC_KEY_DEBUG:
		return 1;
	case RT_SEC_KEY_LOCAL_UNIT:
	case RT_SEC_KEY_REMOTE_UNIT:
		return 2;
	case RT_SEC_KEY_COMBINATION:
		return 3;
	case RT_SEC_KEY_P192:
	case RT_SEC_KEY_P192_MITM:
		return 4;
	case RT_SEC_KEY_P256:
	case RT_SEC_KEY_P256_MITM:
		return 5;
	case RT_SEC_KEY_CHANGED:
	case RT_SEC_KEY_NONE:
		break;
	}
	return 0;
}

static bool has_mitm(uint8_t type)
{
	return type == RT_SEC_KEY_P192_MITM || type == RT_SEC_KEY_P256_MITM;
}

/* True if nobody had to do anything for the pairing that made the key. */
static bool is_just_works(uint8_t type)
{
	return type == RT_SEC_KEY_DEBUG || type == RT_SEC_KEY_P192 ||
	       type == RT_SEC_KEY_P256;
}

enum rt_sec_replace rt_sec_keys_judge(const struct rt_sec_key *old,
				      uint8_t new_type, bool asked)
{
	if (old && new_type == RT_SEC_KEY_CHANGED)
		return RT_SEC_REPLACE_YES;
	if (!is_kept(new_type))
		return RT_SEC_REPLACE_WEAKER;
	if (!old)
		return RT_SEC_REPLACE_YES;
	if (method_rank(new_type) < method_rank(old->type))
		return RT_SEC_REPLACE_WEAKER;
	if (has_mitm(old->type) && !has_mitm(new_type))
		return RT_SEC_REPLACE_WEAKER;
	if (is_just_works(new_type) && !asked)
		return RT_SEC_REPLACE_UNASKED;
	return RT_SEC_REPLACE_YES;
}
