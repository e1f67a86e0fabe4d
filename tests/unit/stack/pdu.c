/* SPDX-License-Identifier: MIT */
#include "stack/pdu.h"

#include <string.h>

#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

#define WHOLE "HHHHhhaaaaabbbTT"
#define WHOLE_BYTES (sizeof(WHOLE) - 1)

static struct fake_env fake;
static struct rt_pdu pdu;

static void setup(void)
{
	fake_env_init(&fake);
	rt_pdu_init(&pdu);
}

static void teardown(void)
{
	fake_env_assert_idle(&fake);
}

/* The PDU whose octets are WHOLE: two headers, two bodies, a tail. */
static void build_whole(void)
{
	memcpy(rt_pdu_push(&pdu, 2), "hh", 2);
	memcpy(rt_pdu_push(&pdu, 4), "HHHH", 4);
	pdu.body[0] = rt_bytes("aaaaa", 5);
	pdu.body[1] = rt_bytes("bbb", 3);
	memcpy(rt_pdu_append(&pdu, 1), "T", 1);
	memcpy(rt_pdu_append(&pdu, 1), "T", 1);
}

/* Asserts that the packet's octets are the `n` at `octets`. */
static void assert_packet(const struct rt_packet *packet, const char *octets,
			  size_t n)
{
	size_t at = 0;

	ck_assert_uint_eq(packet->len, n);
	for (size_t i = 0; i < packet->count; i++) {
		ck_assert_uint_gt(packet->slice[i].len, 0);
		ck_assert_uint_le(at + packet->slice[i].len, n);
		ck_assert_mem_eq(packet->slice[i].ptr, octets + at,
				 packet->slice[i].len);
		at += packet->slice[i].len;
	}
	ck_assert_uint_eq(at, n);
}

START_TEST(an_empty_pdu_has_no_octets)
{
	struct rt_packet packet = { .count = 0 };

	ck_assert_uint_eq(rt_pdu_bytes(&pdu), 0);
	ck_assert_uint_eq(rt_pdu_body_bytes(&pdu), 0);
	rt_pdu_slice(&pdu, 0, 0, &packet);
	ck_assert_uint_eq(packet.count, 0);
	ck_assert_ptr_null(pdu.owned);
}
END_TEST

START_TEST(each_header_stands_in_front_of_those_before)
{
	struct rt_packet packet = { .count = 0 };

	build_whole();
	ck_assert_uint_eq(rt_pdu_bytes(&pdu), WHOLE_BYTES);
	ck_assert_uint_eq(rt_pdu_body_bytes(&pdu), 8);
	rt_pdu_slice(&pdu, 0, WHOLE_BYTES, &packet);
	ck_assert_uint_eq(packet.count, 4);
	assert_packet(&packet, WHOLE, WHOLE_BYTES);
}
END_TEST

START_TEST(headers_fill_the_room_to_the_last_octet)
{
	uint8_t *place = NULL;

	for (size_t i = 0; i < RT_PDU_HEAD_BYTES; i++)
		place = rt_pdu_push(&pdu, 1);
	ck_assert_ptr_eq(place, pdu.head);
	ck_assert_uint_eq(rt_pdu_bytes(&pdu), RT_PDU_HEAD_BYTES);
}
END_TEST

START_TEST(every_range_of_a_pdu_can_be_sliced)
{
	struct rt_packet packet;

	build_whole();
	for (size_t from = 0; from <= WHOLE_BYTES; from++) {
		for (size_t n = 0; n <= WHOLE_BYTES - from; n++) {
			packet = (struct rt_packet){ .count = 0 };
			rt_pdu_slice(&pdu, from, n, &packet);
			ck_assert_uint_le(packet.count, 4);
			assert_packet(&packet, &WHOLE[from], n);
		}
	}
}
END_TEST

START_TEST(slices_go_behind_those_that_the_packet_has)
{
	struct rt_packet packet = {
		.count = 1,
		.len = 4,
		.slice = { { (const uint8_t *)"acl:", 4 } },
	};

	build_whole();
	rt_pdu_slice(&pdu, 0, WHOLE_BYTES, &packet);
	assert_packet(&packet, "acl:" WHOLE, 4 + WHOLE_BYTES);
}
END_TEST

START_TEST(a_pdu_without_a_body_slices_its_header_and_tail)
{
	struct rt_packet packet = { .count = 0 };

	memcpy(rt_pdu_push(&pdu, 2), "hh", 2);
	memcpy(rt_pdu_append(&pdu, 2), "TT", 2);
	rt_pdu_slice(&pdu, 0, 4, &packet);
	ck_assert_uint_eq(packet.count, 2);
	assert_packet(&packet, "hhTT", 4);
}
END_TEST

START_TEST(a_control_packet_becomes_the_body)
{
	struct rt_packet packet = { .count = 0 };
	struct rt_pkt *pkt = rt_pkt_new(&fake.env, 8);

	ck_assert_ptr_nonnull(pkt);
	ck_assert_uint_eq(pkt->cap, 8);
	ck_assert_uint_eq(pkt->len, 0);
	memcpy(pkt->data, "control", 7);
	pkt->len = 7;
	rt_pdu_own(&pdu, pkt);
	ck_assert_ptr_eq(pdu.owned, pkt);
	ck_assert_uint_eq(rt_pdu_bytes(&pdu), 7);
	rt_pdu_slice(&pdu, 0, 7, &packet);
	assert_packet(&packet, "control", 7);
	rt_env_free(&fake.env, pdu.owned);
}
END_TEST

START_TEST(a_queue_of_control_packets_is_freed_whole)
{
	struct rt_list queue;
	struct rt_pkt *pkt;

	rt_list_init(&queue);
	rt_pkt_free_all(&fake.env, &queue);
	for (uint16_t i = 0; i < 3; i++) {
		pkt = rt_pkt_new(&fake.env, i);
		ck_assert_ptr_nonnull(pkt);
		rt_list_append(&queue, &pkt->node);
	}
	ck_assert_uint_eq(fake.env.live, 3);
	rt_pkt_free_all(&fake.env, &queue);
	ck_assert(rt_list_empty(&queue));
}
END_TEST

START_TEST(a_control_packet_without_memory_is_null)
{
	fake.allocs_left = 0;
	ck_assert_ptr_null(rt_pkt_new(&fake.env, 8));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_empty_pdu_has_no_octets,
		each_header_stands_in_front_of_those_before,
		headers_fill_the_room_to_the_last_octet,
		every_range_of_a_pdu_can_be_sliced,
		slices_go_behind_those_that_the_packet_has,
		a_pdu_without_a_body_slices_its_header_and_tail,
		a_control_packet_becomes_the_body,
		a_queue_of_control_packets_is_freed_whole,
		a_control_packet_without_memory_is_null,
	};

	return suite_run("stack/pdu", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
