/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_KEYS_H
#define RT_SEC_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hci/security.h"
#include "stack/env.h"

/*
 * The link keys of a controller, in memory: at most limits.bonded_keys, one a
 * peer. Every octet of a key that is left behind is wiped: on removal, when
 * the memory moves, at the end. No key is ever evicted to make room.
 */

/* Negative, 0 or positive: how addresses sort, by their printed form. */
int rt_sec_keys_compare(struct rt_addr a, struct rt_addr b);

/* Member `keys` of rt_sec. */
struct rt_sec_keys {
	struct rt_sec_key *key; /* in the order of printed addresses */
	size_t count;
	size_t room;
};

/* Prepares a set of no keys, which takes no memory. */
void rt_sec_keys_init(struct rt_sec_keys *keys);

/* Wipes and frees the set; it is empty then, and may be used on. */
void rt_sec_keys_fini(struct rt_env *env, struct rt_sec_keys *keys);

/*
 * True if the key may be stored: address and key are not zero, the type is one
 * that is kept, a PIN of up to 16 octets belongs to legacy pairing, and the
 * encryption key's size is 0 or 7 to 16.
 */
bool rt_sec_key_is_sound(const struct rt_sec_key *key);

/*
 * Adds a copy of the key, in place of the one of its peer if there is one: the
 * rule of rt_sec_keys_judge() is the caller's to ask. Returns 0, -EINVAL for a
 * key that is not sound, -ENOSPC or -ENOMEM; nothing has changed then.
 */
int rt_sec_keys_add(struct rt_env *env, struct rt_sec_keys *keys,
		    const struct rt_sec_key *key) RT_MUST_CHECK;

/* True if a key of this peer could be added as far as the limit goes. */
bool rt_sec_keys_has_room(const struct rt_env *env,
			  const struct rt_sec_keys *keys, struct rt_addr addr);

/* The peer's key, or NULL. It lives until keys are added or removed. */
const struct rt_sec_key *rt_sec_keys_find(const struct rt_sec_keys *keys,
					  struct rt_addr addr);

/* The key at `index` in the order of printed addresses, or NULL. */
const struct rt_sec_key *rt_sec_keys_at(const struct rt_sec_keys *keys,
					size_t index);

/* Wipes the peer's key and forgets it. Returns 0 or -ENOENT. */
int rt_sec_keys_remove(struct rt_sec_keys *keys,
		       struct rt_addr addr) RT_MUST_CHECK;

/* Wipes all keys and forgets them. */
void rt_sec_keys_empty(struct rt_sec_keys *keys);

enum rt_sec_replace {
	RT_SEC_REPLACE_YES,
	/* Never: weaker than the stored one (RT_SEC_CODE_WEAKER_KEY). */
	RT_SEC_REPLACE_WEAKER,
	/* Not unasked: a bond by just works (RT_SEC_CODE_ALREADY_BONDED). */
	RT_SEC_REPLACE_UNASKED,
};

/*
 * Whether a key that was just made may take the place of the stored one, which
 * is NULL if there is none. Looks at nothing else:
 *
 * - a type that is not kept: WEAKER, whatever there is. CHANGED over a stored
 *   key is not a pairing but the old key renewed by itself: YES, and the key
 *   keeps the type that it had. NONE and unknown ones are never stored.
 * - weaker in any respect: WEAKER. From the weakest: debug; unit keys;
 *   combination; P-192; P-256. A key without MITM protection is also weaker
 *   than any with it: so P-256 without and P-192 with it replace each other
 *   in neither direction.
 * - without MITM protection, or a debug key, and not `asked`: UNASKED. Anybody
 *   can pair by just works, and take the bond's place (SEC-13).
 * - else, equal or stronger: YES.
 *
 * `asked`: our user began the pairing, or opened a window for this very peer.
 */
enum rt_sec_replace rt_sec_keys_judge(const struct rt_sec_key *old,
				      uint8_t new_type, bool asked);

#endif
