/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hci/security.h"
#include "hci/security/keys.h"
#include "hci/security/text.h"

/*
 * BlueZ's form of a link key, in the file `info` of a device:
 *
 *	[LinkKey]
 *	Key=00112233445566778899AABBCCDDEEFF
 *	Type=4
 *	PINLength=0
 *
 * Key is the octets in the order of HCI (Vol 4 Part E 7.7.24, Link_Key), the
 * first one first: src/adapter.c, store_link_key(), prints what the kernel
 * hands on unchanged from the event. Older versions put 0x before it.
 */

#define TEXT_BYTES_MAX ((size_t)1 << 20)

enum field {
	FIELD_KEY = 1 << 0,
	FIELD_TYPE = 1 << 1,
	FIELD_PIN = 1 << 2,
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The view without blanks at both ends. */
static struct rt_bytes trim(struct rt_bytes v)
{
	while (v.len > 0 && is_blank(v.ptr[v.len - 1]))
		v.len--;
	while (v.len > 0 && is_blank(v.ptr[0])) {
		v.ptr++;
		v.len--;
	}
	return v;
}

static bool is_text(struct rt_bytes v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.ptr, text, v.len) == 0;
}

/* Parts "name=value"; false if there is no '='. */
static bool part(struct rt_bytes line, struct rt_bytes *ret_name,
		 struct rt_bytes *ret_value)
{
	const uint8_t *equals =
		line.len ? memchr(line.ptr, '=', line.len) : NULL;
	size_t at;

	if (!equals)
		return false;
	at = (size_t)(equals - line.ptr);
	*ret_name = trim(rt_bytes(line.ptr, at));
	*ret_value = trim(rt_bytes(equals + 1, line.len - at - 1));
	return true;
}

static bool read_octets(struct rt_bytes value, uint8_t *ret_key)
{
	struct rt_rd r = rt_rd_init(value);

	if (value.len > (size_t)2 * RT_SEC_KEY_BYTES)
		rt_sec_text_word(&r, "0x");
	rt_sec_text_octets(&r, true, RT_SEC_KEY_BYTES, ret_key);
	return rt_rd_done(&r);
}

static bool read_number(struct rt_bytes value, uint8_t *ret_number)
{
	struct rt_rd r = rt_rd_init(value);

	*ret_number = (uint8_t)rt_sec_text_number(&r, 2);
	return rt_rd_done(&r);
}

/*
 * Reads a line of the section. Returns the field that it is, 0 for others, or
 * -EBADMSG.
 */
static int read_field(struct rt_bytes line, struct rt_sec_key *ret_key)
{
	struct rt_bytes name;
	struct rt_bytes value;

	if (line.len == 0 || line.ptr[0] == '#')
		return 0;
	if (!part(line, &name, &value))
		return -EBADMSG;
	if (is_text(name, "Key"))
		return read_octets(value, ret_key->key) ? FIELD_KEY : -EBADMSG;
	if (is_text(name, "Type"))
		return read_number(value, &ret_key->type) ? FIELD_TYPE
							  : -EBADMSG;
	if (is_text(name, "PINLength"))
		return read_number(value, &ret_key->pin_bytes) ? FIELD_PIN
							       : -EBADMSG;
	return 0;
}

/* Reads the lines of the section. Returns the fields there are or -EBADMSG. */
static int read_sections(struct rt_bytes text, struct rt_sec_key *ret_key)
{
	struct rt_rd r = rt_rd_init(text);
	struct rt_bytes line;
	bool inside = false;
	int fields = 0;
	int field;

	while (rt_rd_left(&r) > 0) {
		line = trim(rt_sec_text_line(&r));
		if (line.len > 0 && line.ptr[0] == '[') {
			inside = is_text(line, "[LinkKey]");
			continue;
		}
		if (!inside)
			continue;
		field = read_field(line, ret_key);
		/* Which of two would be meant? */
		if (field < 0 || (fields & field) != 0)
			return -EBADMSG;
		fields |= field;
	}
	return fields;
}

int rt_sec_bluez_read(struct rt_bytes text, struct rt_addr addr,
		      struct rt_sec_key *ret_key)
{
	struct rt_sec_key key = { .addr = addr };
	int fields = -EBADMSG;
	int err = 0;

	if (text.len <= TEXT_BYTES_MAX)
		fields = read_sections(text, &key);
	/* It may be left from a PIN before: it says nothing of this key. */
	if (key.type > RT_SEC_KEY_REMOTE_UNIT &&
	    key.pin_bytes <= RT_SEC_PIN_BYTES_MAX)
		key.pin_bytes = 0;
	if (fields < 0)
		err = fields;
	else if (!(fields & FIELD_KEY))
		err = -ENOENT;
	else if (!(fields & FIELD_TYPE) || !rt_sec_key_is_sound(&key))
		err = -EBADMSG;
	else
		*ret_key = key;
	rt_sec_wipe(&key, sizeof(key));
	return err;
}

size_t rt_sec_bluez_write(const struct rt_sec_key *key, char *text)
{
	struct rt_wr w = rt_wr_init(text, RT_SEC_BLUEZ_BYTES);

	rt_sec_text_put_word(&w, "[LinkKey]\nKey=");
	rt_sec_text_put_octets(&w, key->key, sizeof(key->key));
	rt_sec_text_put_word(&w, "\nType=");
	rt_sec_text_put_number(&w, key->type);
	rt_sec_text_put_word(&w, "\nPINLength=");
	rt_sec_text_put_number(&w, key->pin_bytes);
	rt_sec_text_put_word(&w, "\n");
	return rt_wr_bytes(&w).len;
}
