/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hci/security.h"
#include "hci/security/keyfile.h"
#include "hci/security/keys.h"
#include "hci/security/text.h"

#define VERSION 1
#define VERSION_DIGITS 9
#define CRC_BYTES 4

/* CRC-32 of IEEE 802.3, going on from `crc`, which begins with 0. */
static uint32_t crc32(uint32_t crc, struct rt_bytes view)
{
	crc = ~crc;
	for (size_t i = 0; i < view.len; i++) {
		crc ^= view.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Below all that a file may hold: the zero address is no device's. */
static const struct rt_addr before_all = { { 0 } };

/* The key with the lowest address above `last`, or NULL. */
static const struct rt_sec_key *next_key(const struct rt_sec_key *keys,
					 size_t count, struct rt_addr last)
{
	const struct rt_sec_key *next = NULL;

	for (size_t i = 0; i < count; i++) {
		if (rt_sec_keys_compare(keys[i].addr, last) > 0 &&
		    (!next ||
		     rt_sec_keys_compare(keys[i].addr, next->addr) < 0))
			next = &keys[i];
	}
	return next;
}

static void put_key(struct rt_wr *w, const struct rt_sec_key *key)
{
	rt_sec_text_put_addr(w, key->addr);
	rt_sec_text_put_word(w, " type ");
	rt_sec_text_put_number(w, key->type);
	rt_sec_text_put_word(w, " size ");
	rt_sec_text_put_number(w, key->key_bytes);
	rt_sec_text_put_word(w, " pin ");
	rt_sec_text_put_number(w, key->pin_bytes);
	rt_sec_text_put_word(w, " key ");
	rt_sec_text_put_octets(w, key->key, sizeof(key->key));
	rt_sec_text_put_word(w, "\n");
}

static void put_sum(struct rt_wr *w)
{
	const uint32_t sum = crc32(0, rt_wr_bytes(w));
	uint8_t octets[CRC_BYTES];
	struct rt_wr number = rt_wr_init(octets, sizeof(octets));

	rt_wr_be(&number, sum, sizeof(octets));
	rt_sec_text_put_word(w, "crc32 ");
	rt_sec_text_put_octets(w, octets, sizeof(octets));
	rt_sec_text_put_word(w, "\n");
}

size_t rt_sec_file_write(struct rt_addr adapter, const struct rt_sec_key *keys,
			 size_t count, char *text)
{
	struct rt_wr w = rt_wr_init(text, RT_SEC_FILE_BYTES(count));
	struct rt_addr last = before_all;
	const struct rt_sec_key *key;

	rt_sec_text_put_word(&w, "rawtooth-keys ");
	rt_sec_text_put_number(&w, VERSION);
	rt_sec_text_put_word(&w, " adapter ");
	rt_sec_text_put_addr(&w, adapter);
	rt_sec_text_put_word(&w, " keys ");
	rt_sec_text_put_number(&w, (uint32_t)count);
	rt_sec_text_put_word(&w, "\n");
	for (size_t i = 0; i < count; i++) {
		key = next_key(keys, count, last);
		if (!key)
			break; /* one address twice: the reader refuses it */
		put_key(&w, key);
		last = key->addr;
	}
	put_sum(&w);
	return rt_wr_bytes(&w).len;
}

/* Reads one line of put_key(); the reader is bad if it is none. */
static void read_key(struct rt_rd *r, struct rt_sec_key *ret_key)
{
	ret_key->addr = rt_sec_text_addr(r);
	rt_sec_text_word(r, " type ");
	ret_key->type = (uint8_t)rt_sec_text_number(r, 2);
	rt_sec_text_word(r, " size ");
	ret_key->key_bytes = (uint8_t)rt_sec_text_number(r, 2);
	rt_sec_text_word(r, " pin ");
	ret_key->pin_bytes = (uint8_t)rt_sec_text_number(r, 2);
	rt_sec_text_word(r, " key ");
	rt_sec_text_octets(r, false, sizeof(ret_key->key), ret_key->key);
	rt_sec_text_word(r, "\n");
}

/* The last line: what it says of the octets from `start` up to it. */
static void read_sum(struct rt_rd *r, const uint8_t *start)
{
	const struct rt_bytes body = rt_bytes(start, (size_t)(r->p - start));
	struct rt_rd number;
	uint8_t octets[CRC_BYTES];

	rt_sec_text_word(r, "crc32 ");
	rt_sec_text_octets(r, false, sizeof(octets), octets);
	rt_sec_text_word(r, "\n");
	number = rt_rd_init(rt_bytes(octets, sizeof(octets)));
	if (rt_rd_be(&number, sizeof(octets)) != crc32(0, body))
		r->bad = true;
}

/* Reads the header up to the adapter's address. */
static int read_version(struct rt_rd *r)
{
	uint32_t version;

	rt_sec_text_word(r, "rawtooth-keys ");
	version = rt_sec_text_number(r, VERSION_DIGITS);
	rt_sec_text_word(r, " ");
	if (!rt_rd_ok(r) || version < VERSION)
		return -EBADMSG;
	return version > VERSION ? -EPROTO : 0;
}

/* Reads keys in the order of their addresses, each a sound one. */
static void read_keys(struct rt_rd *r, struct rt_addr adapter, uint32_t count)
{
	struct rt_addr last = before_all;
	struct rt_sec_key key;

	for (uint32_t i = 0; i < count && rt_rd_ok(r); i++) {
		read_key(r, &key);
		if (rt_sec_keys_compare(key.addr, last) <= 0 ||
		    rt_addr_equal(key.addr, adapter) ||
		    !rt_sec_key_is_sound(&key))
			r->bad = true;
		last = key.addr;
	}
	rt_sec_wipe(&key, sizeof(key));
}

/* Tells keys that read_keys() has found sound. */
static void tell_keys(struct rt_rd *r, uint32_t count,
		      void (*tell)(void *user, const struct rt_sec_key *key),
		      void *user)
{
	struct rt_sec_key key;

	for (uint32_t i = 0; i < count; i++) {
		read_key(r, &key);
		tell(user, &key);
	}
	rt_sec_wipe(&key, sizeof(key));
}

int rt_sec_file_read(struct rt_addr adapter, struct rt_bytes text,
		     void (*key)(void *user, const struct rt_sec_key *key),
		     void *user)
{
	struct rt_rd r = rt_rd_init(text);
	struct rt_rd keys;
	struct rt_addr owner;
	uint32_t count;
	int err;

	if (text.len > RT_SEC_FILE_BYTES(RT_SEC_FILE_KEYS_MAX))
		return -EBADMSG;
	err = read_version(&r);
	if (err < 0)
		return err;
	rt_sec_text_word(&r, "adapter ");
	owner = rt_sec_text_addr(&r);
	rt_sec_text_word(&r, " keys ");
	count = rt_sec_text_number(&r, 3);
	rt_sec_text_word(&r, "\n");
	if (!rt_rd_ok(&r) || count > RT_SEC_FILE_KEYS_MAX)
		return -EBADMSG;
	keys = r;
	read_keys(&r, owner, count);
	if (rt_rd_ok(&r))
		read_sum(&r, text.ptr);
	if (!rt_rd_done(&r))
		return -EBADMSG;
	if (!rt_addr_equal(owner, adapter))
		return -ESTALE;
	tell_keys(&keys, count, key, user);
	return 0;
}
