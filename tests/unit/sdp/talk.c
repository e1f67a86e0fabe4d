/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/talk.h"

static uint16_t tid_now = 0x1000;

static size_t put(uint8_t *buf, uint32_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return bytes;
}

static size_t put_list(uint8_t *buf, const char *hex)
{
	uint8_t octets[600];
	const size_t n = hex_read(hex, octets, sizeof(octets));

	buf[0] = 0x36;
	put(buf + 1, (uint32_t)n, 2);
	memcpy(buf + 3, octets, n);
	return 3 + n;
}

size_t talk_write(const struct talk_request *request, uint16_t tid,
		  uint8_t *buf)
{
	size_t n = 5;

	if (request->id != 4)
		n += put_list(buf + n, request->pattern);
	else
		n += put(buf + n, request->handle, 4);
	n += put(buf + n, request->max, 2);
	if (request->id != 2)
		n += put_list(buf + n, request->ids);
	n += put(buf + n, request->cont_len, 1);
	memcpy(buf + n, request->cont, request->cont_len);
	n += request->cont_len;
	buf[0] = request->id;
	put(buf + 1, tid, 2);
	put(buf + 3, (uint32_t)(n - 5), 2);
	return n;
}

static uint32_t get(const uint8_t *p, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | p[i];
	return value;
}

void talk_read(struct talk_response *ret)
{
	const uint8_t *p = bench.got;
	const size_t n = tx_take();
	size_t at = 7;
	size_t octets;

	ck_assert_uint_ge(n, 7);
	ck_assert_uint_eq(get(p + 3, 2), n - 5);
	*ret = (struct talk_response){ .id = p[0],
				       .tid = (uint16_t)get(p + 1, 2) };
	if (ret->id == 1) {
		ck_assert_uint_eq(n, 7);
		ret->code = (uint16_t)get(p + 5, 2);
		return;
	}
	octets = get(p + 5, 2);
	if (ret->id == 3) {
		ret->total = (uint16_t)octets;
		octets = 4 * get(p + 7, 2);
		at = 9;
	}
	ck_assert_uint_gt(n, at + octets);
	ret->octets = rt_bytes(p + at, octets);
	at += octets;
	ck_assert_uint_le(p[at], 16);
	ck_assert_uint_eq(n, at + 1 + p[at]);
	ret->cont = rt_bytes(p + at + 1, p[at]);
}

void talk(const struct talk_request *request, struct talk_response *ret)
{
	uint8_t buf[1024];

	tid_now++;
	rx_octets(buf, talk_write(request, tid_now, buf));
	talk_read(ret);
	ck_assert_uint_eq(ret->tid, tid_now);
	ck_assert(ret->id == 1 || ret->id == request->id + 1);
	tx_nothing();
}

void talk_refused(const struct talk_request *request, uint16_t code)
{
	struct talk_response response;

	talk(request, &response);
	ck_assert_uint_eq(response.id, 1);
	ck_assert_uint_eq(response.code, code);
}

size_t talk_whole(const struct talk_request *request, uint8_t *buf, size_t cap,
		  size_t *ret_responses)
{
	struct talk_request next = *request;
	struct talk_response response;
	size_t responses = 0;
	size_t n = 0;

	do {
		talk(&next, &response);
		ck_assert_uint_eq(response.id, request->id + 1);
		ck_assert_uint_le(n + response.octets.len, cap);
		if (request->id != 2)
			ck_assert_uint_le(response.octets.len, request->max);
		if (response.octets.len > 0)
			memcpy(buf + n, response.octets.ptr,
			       response.octets.len);
		n += response.octets.len;
		next.cont_len = (uint8_t)response.cont.len;
		if (response.cont.len > 0)
			memcpy(next.cont, response.cont.ptr, response.cont.len);
		responses++;
		ck_assert_uint_lt(responses, 70000);
	} while (next.cont_len > 0);
	*ret_responses = responses;
	return n;
}

struct rt_elements talk_list(struct rt_bytes octets)
{
	struct rt_elements row = rt_elements_of(octets.ptr, octets.len);
	struct rt_element list;

	ck_assert(rt_element_is_valid(octets.ptr, octets.len));
	ck_assert(rt_elements_next(&row, &list));
	ck_assert_int_eq(list.type, RT_ELEMENT_SEQUENCE);
	return rt_elements_in(&list);
}
