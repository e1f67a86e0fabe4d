/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/lower.h"

#define MTU_OF_TESTER 48
#define SEARCH 0x02
#define ATTRIBUTE 0x04
#define SEARCH_ATTRIBUTE 0x06

uint32_t lower_handle;

static uint16_t tid;

/* Every universal attribute (Core Vol 3 Part B 5.1), in hexadecimal. */
static const struct {
	uint16_t id;
	const char *element;
} attributes[] = {
	{ 0x0001, "35 06 19 1101 19 1203" },
	{ 0x0002, "0a 00000007" },
	{ 0x0003, "1c 00112233445566778899aabbccddeeff" },
	{ 0x0004, "35 0c 35 03 19 0100 35 05 19 0003 08 05" },
	{ 0x0005, "35 03 19 1002" },
	{ 0x0006, "35 09 09 656e 09 006a 09 0100" },
	{ 0x0007, "0a 00000e10" },
	{ 0x0008, "08 ff" },
	{ 0x0009, "35 08 35 06 19 1101 09 0102" },
	{ 0x000a, "45 0b 687474703a2f2f642e6578" },
	{ 0x000b, "45 0b 687474703a2f2f652e6578" },
	{ 0x000c, "45 0b 687474703a2f2f692e6578" },
	{ 0x000d, "35 0c 35 0a 35 08 19 0100 19 0003 08 09" },
	{ 0x0100, "25 06 53657269616c" },
	{ 0x0101, "25 0b 6465736372697074696f6e" },
	{ 0x0102, "25 08 70726f7669646572" },
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

static size_t put16(uint8_t *buf, uint16_t value)
{
	buf[0] = (uint8_t)(value >> 8);
	buf[1] = (uint8_t)value;
	return 2;
}

static size_t put32(uint8_t *buf, uint32_t value)
{
	put16(buf, (uint16_t)(value >> 16));
	put16(buf + 2, (uint16_t)value);
	return 4;
}

uint16_t lower_get16(const uint8_t *buf)
{
	return (uint16_t)(buf[0] << 8 | buf[1]);
}

size_t lower_value(uint16_t id, uint8_t *buf)
{
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (attributes[i].id == id)
			return hex_read(attributes[i].element, buf, 256);
	}
	ck_abort_msg("no attribute 0x%04x", id);
	return 0;
}

void lower_setup(void)
{
	uint8_t record[1024];
	size_t n = 0;

	bench_setup();
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		record[n++] = 0x09;
		n += put16(record + n, attributes[i].id);
		n += lower_value(attributes[i].id, record + n);
	}
	ck_assert_int_eq(
		rt_sdp_add(bench.sdp, rt_bytes(record, n), &lower_handle), 0);
	bench_accept(MTU_OF_TESTER);
}

void lower_teardown(void)
{
	bench_teardown();
}

static size_t put_uuid(enum lower_uuid size, uint32_t uuid, uint8_t *buf)
{
	static const uint8_t base[] = { 0, 0,	 0x10, 0,    0x80, 0,
					0, 0x80, 0x5f, 0x9b, 0x34, 0xfb };

	switch (size) {
	case LOWER_UUID16:
		buf[0] = 0x19;
		return 1 + put16(buf + 1, (uint16_t)uuid);
	case LOWER_UUID32:
		buf[0] = 0x1a;
		return 1 + put32(buf + 1, uuid);
	case LOWER_UUID128:
	case LOWER_UUIDS:
		break;
	}
	buf[0] = 0x1c;
	put32(buf + 1, uuid);
	memcpy(buf + 5, base, sizeof(base));
	return 17;
}

static size_t put_pattern(enum lower_uuid size, uint32_t uuid, uint8_t *buf)
{
	const size_t n = put_uuid(size, uuid, buf + 2);

	buf[0] = 0x35;
	buf[1] = (uint8_t)n;
	return 2 + n;
}

static size_t put_range(uint16_t first, uint16_t last, uint8_t *buf)
{
	buf[0] = 0x35;
	if (first == last) {
		buf[1] = 3;
		buf[2] = 0x09;
		return 3 + put16(buf + 3, first);
	}
	buf[1] = 5;
	buf[2] = 0x0a;
	put16(buf + 3, first);
	put16(buf + 5, last);
	return 7;
}

size_t lower_search_params(enum lower_uuid size, uint32_t uuid, uint16_t max,
			   uint8_t *buf)
{
	const size_t n = put_pattern(size, uuid, buf);

	return n + put16(buf + n, max);
}

size_t lower_attribute_params(uint32_t handle, uint16_t first, uint16_t last,
			      uint16_t max, uint8_t *buf)
{
	put32(buf, handle);
	put16(buf + 4, max);
	return 6 + put_range(first, last, buf + 6);
}

size_t lower_search_attribute_params(enum lower_uuid size, uint32_t uuid,
				     uint16_t first, uint16_t last,
				     uint16_t max, uint8_t *buf)
{
	size_t n = put_pattern(size, uuid, buf);

	n += put16(buf + n, max);
	return n + put_range(first, last, buf + n);
}

/* Sends a PDU; returns the octets of the response, in bench.got. */
static size_t exchange(uint8_t id, const uint8_t *params, size_t bytes,
		       int length)
{
	uint8_t pdu[512];
	size_t n;

	ck_assert_uint_le(bytes, sizeof(pdu) - 5);
	pdu[0] = id;
	put16(pdu + 1, ++tid);
	put16(pdu + 3, length < 0 ? (uint16_t)bytes : (uint16_t)length);
	memcpy(pdu + 5, params, bytes);
	rx_octets(pdu, 5 + bytes);
	n = tx_take();
	ck_assert_uint_ge(n, 5);
	ck_assert_uint_le(n, MTU_OF_TESTER);
	ck_assert_uint_eq(lower_get16(bench.got + 1), tid);
	ck_assert_uint_eq(lower_get16(bench.got + 3), n - 5);
	return n;
}

uint16_t lower_error(uint8_t id, const uint8_t *params, size_t bytes,
		     int length)
{
	const size_t n = exchange(id, params, bytes, length);

	if (bench.got[0] != 0x01) {
		ck_assert_uint_eq(bench.got[0], id + 1);
		return 0;
	}
	ck_assert_uint_eq(n, 7);
	return lower_get16(bench.got + 5);
}

/* Appends the handles of a part, or the octets of one; its continuation. */
static const uint8_t *take_part(uint8_t id, uint16_t max,
				struct lower_answer *ret)
{
	const uint8_t *p = bench.got + 5;
	size_t n = lower_get16(p);

	if (id == SEARCH) {
		ret->total = lower_get16(p);
		n = lower_get16(p + 2) * 4U;
		p += 2;
	} else {
		ck_assert_uint_le(n, max);
	}
	ck_assert_uint_le(ret->bytes + n, sizeof(ret->octets));
	memcpy(ret->octets + ret->bytes, p + 2, n);
	ret->bytes += n;
	return p + 2 + n;
}

static void fetch(uint8_t id, uint8_t *params, size_t bytes, uint16_t max,
		  struct lower_answer *ret)
{
	const uint8_t *next;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	do {
		memcpy(params + bytes, ret->continuation,
		       1 + (size_t)ret->continuation[0]);
		n = exchange(id, params, bytes + 1 + ret->continuation[0], -1);
		ck_assert_uint_eq(bench.got[0], id + 1);
		next = take_part(id, max, ret);
		ck_assert_uint_le(next[0], 16);
		ck_assert_ptr_eq(next + 1 + next[0], bench.got + n);
		memcpy(ret->continuation, next, 1 + (size_t)next[0]);
		ck_assert_uint_lt(++ret->parts, 2000);
	} while (ret->continuation[0] > 0);
}

void lower_search(enum lower_uuid size, uint32_t uuid, uint16_t max,
		  struct lower_answer *ret)
{
	uint8_t params[64];
	const size_t n = lower_search_params(size, uuid, max, params);

	fetch(SEARCH, params, n, max, ret);
	ck_assert_uint_eq(ret->bytes, ret->total * 4U);
}

void lower_attributes(uint32_t handle, uint16_t first, uint16_t last,
		      uint16_t max, struct lower_answer *ret)
{
	uint8_t params[64];
	const size_t n =
		lower_attribute_params(handle, first, last, max, params);

	fetch(ATTRIBUTE, params, n, max, ret);
}

void lower_search_attributes(enum lower_uuid size, uint32_t uuid,
			     uint16_t first, uint16_t last, uint16_t max,
			     struct lower_answer *ret)
{
	uint8_t params[64];
	const size_t n = lower_search_attribute_params(size, uuid, first, last,
						       max, params);

	fetch(SEARCH_ATTRIBUTE, params, n, max, ret);
}

bool lower_has(const struct lower_answer *answer, uint32_t handle)
{
	uint8_t want[4];

	put32(want, handle);
	for (size_t i = 0; i + 4 <= answer->bytes; i += 4) {
		if (memcmp(answer->octets + i, want, 4) == 0)
			return true;
	}
	return false;
}
