/* SPDX-License-Identifier: MIT */
/*
 * Data elements, against a reader of our own that recurses; what is well
 * formed is written anew and must come out the same but for its headers. The
 * octets are read as the attributes of a record, too.
 */
#include <stdlib.h>
#include <string.h>

#include "l2cap/sdp/record.h"
#include "stack/addr.h"
#include "stack/uuid.h"
#include "tests/fuzz/fuzz.h"

#define OUT_BYTES 200000

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Octets of the element at `p`, as far as its header and `left` go; or 0. */
static size_t refer_bytes(const uint8_t *p, size_t left, size_t *ret_header)
{
	static const char sizes[9][9] = { "0-------", "01234---", "01234---",
					  "-12-4---", "-----567", "0-------",
					  "-----567", "-----567", "-----567" };
	const unsigned int type = p[0] >> 3;
	const unsigned int index = p[0] & 7;
	size_t length = (size_t)1 << index;
	size_t header = 1;

	if (type > 8 || sizes[type][index] == '-')
		return 0;
	if (type == 0)
		length = 0;
	if (index >= 5) {
		header += (size_t)1 << (index - 5);
		if (left < header)
			return 0;
		length = 0;
		for (size_t i = 1; i < header; i++)
			length = length * 256 + p[i];
	}
	*ret_header = header;
	return length <= left - header ? header + length : 0;
}

static bool refer(const uint8_t *p, size_t left, unsigned int depth)
{
	size_t header;
	size_t n;

	while (left > 0) {
		n = refer_bytes(p, left, &header);
		if (n == 0)
			return false;
		if (p[0] >> 3 == 6 || p[0] >> 3 == 7) {
			if (depth == RT_ELEMENT_DEPTH_MAX ||
			    !refer(p + header, n - header, depth + 1))
				return false;
		}
		p += n;
		left -= n;
	}
	return true;
}

static void copy_number(struct rt_element_writer *w,
			const struct rt_element *element)
{
	uint64_t u = 0;
	int64_t i = 0;

	if (element->bytes == 16) {
		rt_element_put_int128(w, element->type, element->value);
	} else if (element->type == RT_ELEMENT_UINT) {
		must(rt_element_uint(element, &u));
		rt_element_put_uint(w, element->bytes, u);
	} else {
		must(rt_element_int(element, &i));
		rt_element_put_int(w, element->bytes, i);
	}
}

/* A text that can be read as a UUID or an address: it is printed as such. */
static void read_text(const struct rt_element *element)
{
	const size_t len = RT_MIN(element->bytes, (size_t)60);
	char text[61] = { 0 };
	char str[RT_UUID_STR_BYTES];
	struct rt_uuid uuid;
	struct rt_uuid again_uuid;
	struct rt_addr addr;
	struct rt_addr again_addr;

	memcpy(text, element->value, len);
	if (rt_uuid_parse(text, &uuid) == 0)
		must(rt_uuid_parse(rt_uuid_format(uuid, str), &again_uuid) ==
			     0 &&
		     rt_uuid_equal(uuid, again_uuid));
	if (rt_addr_parse(text, &addr) == 0)
		must(rt_addr_parse(rt_addr_format(addr, str), &again_addr) ==
			     0 &&
		     rt_addr_equal(addr, again_addr));
}

/* What is printed can be read, and has a short form as it was printed. */
static void print_uuid(struct rt_uuid uuid)
{
	char str[RT_UUID_STR_BYTES];
	struct rt_uuid again;
	uint32_t value;

	must(rt_uuid_parse(rt_uuid_format(uuid, str), &again) == 0);
	must(rt_uuid_equal(uuid, again));
	must(rt_uuid_to_short(uuid, &value) == (strlen(str) < 36));
	must(strlen(str) == 36 ||
	     rt_uuid_equal(uuid, rt_uuid_from_short(value)));
}

static void copy(struct rt_element_writer *w, const struct rt_element *element)
{
	struct rt_elements row = rt_elements_in(element);
	struct rt_element inner;
	struct rt_uuid uuid;
	bool flag;

	switch (element->type) {
	case RT_ELEMENT_NIL:
		rt_element_put_nil(w);
		return;
	case RT_ELEMENT_UINT:
	case RT_ELEMENT_INT:
		copy_number(w, element);
		return;
	case RT_ELEMENT_UUID:
		must(rt_element_uuid(element, &uuid));
		print_uuid(uuid);
		rt_element_put_uuid128(w, uuid);
		return;
	case RT_ELEMENT_BOOL:
		must(rt_element_bool(element, &flag));
		rt_element_put_bool(w, flag);
		return;
	case RT_ELEMENT_TEXT:
	case RT_ELEMENT_URL:
		read_text(element);
		rt_element_put_text(w, element->type, element->value,
				    element->bytes);
		return;
	case RT_ELEMENT_SEQUENCE:
	case RT_ELEMENT_ALTERNATIVE:
		rt_element_begin(w, element->type);
		while (rt_elements_next(&row, &inner))
			copy(w, &inner);
		must(!row.broken);
		rt_element_end(w);
		return;
	}
}

/* Writing it a second time changes nothing any more. */
static void round_trip(const uint8_t *data, size_t size)
{
	static uint8_t once[OUT_BYTES];
	static uint8_t twice[OUT_BYTES];
	struct rt_elements row = rt_elements_of(data, size);
	struct rt_element_writer w = rt_element_writer_init(once, sizeof(once));
	struct rt_element element;
	size_t n;

	must(rt_elements_next(&row, &element) && row.left == 0);
	copy(&w, &element);
	must(rt_element_writer_done(&w));
	n = w.len;
	must(rt_element_is_valid(once, n));
	row = rt_elements_of(once, n);
	must(rt_elements_next(&row, &element) && row.left == 0);
	w = rt_element_writer_init(twice, sizeof(twice));
	copy(&w, &element);
	must(rt_element_writer_done(&w) && w.len == n);
	must(memcmp(once, twice, n) == 0);
}

static void read_record(const uint8_t *data, size_t size)
{
	const struct rt_bytes attributes = rt_bytes(data, size);
	struct rt_sdp_access access;
	struct rt_uuid uuids[4];

	(void)rt_sdp_record_is_valid(attributes, RT_SDP_ASCENDING);
	(void)rt_sdp_record_has_uuid(attributes, rt_uuid_from_short(0x1101));
	(void)rt_sdp_record_version(attributes);
	must(rt_sdp_record_classes(attributes, uuids, 4) <= 4);
	if (!rt_sdp_record_access(attributes, &access))
		return;
	must(!access.rfcomm || (access.port >= 1 && access.port <= 30));
	must(access.rfcomm || (access.port & 0x0101) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t header;
	bool valid;

	valid = size > 0 && refer_bytes(data, size, &header) == size &&
		refer(data, size, 0);
	must(rt_element_is_valid(data, size) == valid);
	if (valid)
		round_trip(data, size);
	read_record(data, size);
	return 0;
}
