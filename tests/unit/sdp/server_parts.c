/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/bench.h"
#include "tests/unit/sdp/talk.h"

#define ANSWER_MAX 65536

static uint8_t whole[ANSWER_MAX];
static uint8_t parts[ANSWER_MAX];

/* The answer in one piece. */
static size_t in_one(const struct talk_request *request)
{
	struct talk_request big = *request;
	size_t responses;
	size_t n;

	bench_accept(65535);
	big.max = request->id == 2 ? request->max : 65535;
	n = talk_whole(&big, whole, sizeof(whole), &responses);
	ck_assert_uint_eq(responses, 1);
	bench_hang_up();
	return n;
}

static void assert_same(const struct talk_request *request, size_t n,
			size_t *ret_responses)
{
	ck_assert_uint_eq(
		talk_whole(request, parts, sizeof(parts), ret_responses), n);
	ck_assert_mem_eq(parts, whole, n);
}

/* SDP/SR/SA/BV-03-C, SDP/SR/SSA/BV-06-C, -07-C */
START_TEST(parts_of_any_size_make_up_the_whole_answer)
{
	struct talk_request request = { .pattern = "190100",
					.handle = 0x00010001,
					.ids = "0a0000ffff" };
	size_t responses;
	size_t n;

	bench_publish(100);
	bench_publish(3);
	for (uint8_t id = 4; id <= 6; id += 2) {
		request.id = id;
		n = in_one(&request);
		ck_assert(rt_element_is_valid(whole, n));
		bench_accept(2000);
		for (uint16_t max = 7; max <= n + 1; max++) {
			request.max = max;
			assert_same(&request, n, &responses);
			ck_assert_uint_eq(responses, (n + max - 1) / max);
		}
		bench_hang_up();
	}
}
END_TEST

/* SDP/SR/SS/BV-03-C */
START_TEST(any_mtu_of_the_peer_gives_the_whole_answer)
{
	struct talk_request request = { .pattern = "190100",
					.handle = 0x00010001,
					.max = 65535,
					.ids = "0a0000ffff" };
	size_t responses;
	size_t n;

	for (int i = 0; i < 40; i++)
		bench_publish(i ? 1 : 300);
	for (uint8_t id = 2; id <= 6; id += 2) {
		request.id = id;
		n = in_one(&request);
		for (uint16_t mtu = 48; mtu < 130; mtu++) {
			bench_accept(mtu);
			assert_same(&request, n, &responses);
			bench_hang_up();
		}
		ck_assert_uint_ge(n, 160);
	}
}
END_TEST

/* A request for two records whose answer has parts, and its first state. */
static void begin(struct talk_request *request)
{
	struct talk_response response;

	bench_publish(50);
	bench_publish(50);
	bench_accept(MTU);
	*request = (struct talk_request){ .id = 6,
					  .pattern = "191101",
					  .handle = 0x00010001,
					  .max = 20,
					  .ids = "0a0000ffff" };
	talk(request, &response);
	ck_assert_uint_gt(response.cont.len, 0);
	request->cont_len = (uint8_t)response.cont.len;
	memcpy(request->cont, response.cont.ptr, response.cont.len);
}

START_TEST(a_state_may_be_used_again)
{
	struct talk_request request;
	struct talk_response response;
	uint8_t first[20];

	begin(&request);
	talk(&request, &response);
	ck_assert_uint_eq(response.octets.len, sizeof(first));
	memcpy(first, response.octets.ptr, sizeof(first));
	talk(&request, &response);
	ck_assert_mem_eq(response.octets.ptr, first, sizeof(first));
}
END_TEST

/* CVE-2017-0785, CVE-2019-8921 */
START_TEST(a_state_of_another_request_is_refused)
{
	struct talk_request request;
	struct talk_request other;
	struct talk_response response;

	begin(&request);
	other = request;
	other.pattern = "190100";
	talk_refused(&other, 5);
	other = request;
	other.ids = "0a0001ffff";
	talk_refused(&other, 5);
	other = request;
	other.max = 21;
	talk_refused(&other, 5);
	other = request;
	other.id = 4;
	talk_refused(&other, 5);
	other.id = 2;
	talk_refused(&other, 5);
	talk(&request, &response);
	ck_assert_uint_eq(response.id, 7);
}
END_TEST

START_TEST(a_state_of_another_channel_is_refused)
{
	struct talk_request request;

	begin(&request);
	bench_hang_up();
	bench_accept(MTU);
	talk_refused(&request, 5);
}
END_TEST

START_TEST(a_state_from_before_a_change_is_refused)
{
	struct talk_request request;
	struct talk_response response;
	uint32_t handle;

	begin(&request);
	handle = bench_publish(1);
	talk_refused(&request, 5);
	request.cont_len = 0;
	talk(&request, &response);
	request.cont_len = (uint8_t)response.cont.len;
	memcpy(request.cont, response.cont.ptr, response.cont.len);
	ck_assert_int_eq(rt_sdp_update(bench.sdp, handle, rt_bytes(NULL, 0)),
			 0);
	talk_refused(&request, 5);
	request.cont_len = 0;
	talk(&request, &response);
	request.cont_len = (uint8_t)response.cont.len;
	memcpy(request.cont, response.cont.ptr, response.cont.len);
	rt_sdp_remove(bench.sdp, handle);
	talk_refused(&request, 5);
	/* The record that was asked for may be the one that goes. */
	request.id = 4;
	request.cont_len = 0;
	talk(&request, &response);
	request.cont_len = (uint8_t)response.cont.len;
	memcpy(request.cont, response.cont.ptr, response.cont.len);
	rt_sdp_remove(bench.sdp, 0x00010001);
	talk_refused(&request, 2);
}
END_TEST

/* CVE-2017-1000250: every offset, with the code of another. */
START_TEST(no_forged_offset_is_served)
{
	static const uint8_t refused[] = { 1, 0x47, 0x11, 0, 2, 0, 5 };
	struct talk_request request;
	uint8_t pdu[1024];
	uint16_t offset;
	size_t n;

	begin(&request);
	offset = (uint16_t)(request.cont[1] << 8 | request.cont[2]);
	ck_assert_uint_eq(offset, 20);
	n = talk_write(&request, 0x4711, pdu);
	for (uint32_t forged = 0; forged <= 0xffff; forged++) {
		if (forged == offset)
			continue;
		/* The state is the last thing in the PDU. */
		pdu[n - request.cont_len + 1] = (uint8_t)(forged >> 8);
		pdu[n - request.cont_len + 2] = (uint8_t)forged;
		rx_octets(pdu, n);
		ck_assert_uint_eq(tx_take(), sizeof(refused));
		ck_assert_mem_eq(bench.got, refused, sizeof(refused));
	}
}
END_TEST

/* CVE-2021-41229 */
START_TEST(answers_that_nobody_fetches_cost_no_memory)
{
	struct talk_request request;
	uint8_t pdu[1024];
	size_t live;
	size_t bytes;
	size_t n;

	begin(&request);
	live = bench.env->live;
	bytes = bench.env->live_bytes;
	request.cont_len = 0;
	n = talk_write(&request, 0x4711, pdu);
	for (int i = 0; i < 100000; i++) {
		rx_octets(pdu, n);
		/* Twenty octets, and a state. */
		ck_assert_uint_eq(tx_take(), 5 + 2 + 20 + 1 + 11);
		ck_assert_uint_eq(bench.env->live, live);
		ck_assert_uint_eq(bench.env->live_bytes, bytes);
	}
}
END_TEST

/* CVE-2019-8922: everything there can be, in every size. */
START_TEST(the_fullest_database_is_served_whole)
{
	struct talk_request request = { .id = 6,
					.pattern = "190100",
					.ids = "0a0000ffff" };
	const struct rt_limits *limits = &rt_limits_default;
	static const uint16_t sizes[] = { 700, 65535 };
	uint8_t octets[4096];
	uint32_t handle;
	size_t responses;
	size_t room;
	size_t n;

	/* As many as there may be, and they have as much as they may. */
	n = bench_serial_port(octets, sizeof(octets), 4000);
	ck_assert_uint_le(n, limits->sdp_record_bytes);
	room = limits->sdp_bytes;
	while (rt_sdp_add(bench.sdp, rt_bytes(octets, n), &handle) == 0)
		room -= n + 8;
	ck_assert_uint_lt(room, n + 8);
	while (room > 8 + 60) {
		n = bench_serial_port(octets, sizeof(octets),
				      RT_MIN(room - 8 - 50, 100));
		if (rt_sdp_add(bench.sdp, rt_bytes(octets, n), &handle))
			break;
		room -= n + 8;
	}
	ck_assert_uint_lt(room, 200);
	n = in_one(&request);
	ck_assert_uint_gt(n, 57000);
	ck_assert(rt_element_is_valid(whole, n));
	bench_accept(65535);
	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		request.max = sizes[i];
		assert_same(&request, n, &responses);
	}
}
END_TEST

static void wide(struct rt_limits *limits)
{
	limits->sdp_bytes = 100000;
}

START_TEST(an_answer_that_no_offset_reaches_is_refused)
{
	struct talk_request request = {
		.id = 6, .pattern = "190100", .max = 7, .ids = "0a0000ffff"
	};
	struct talk_response response;

	bench_restart(wide);
	for (int i = 0; i < 17; i++)
		bench_publish(4000);
	bench_accept(MTU);
	talk_refused(&request, 6);
	request.ids = "0a000000ff";
	talk(&request, &response);
	ck_assert_uint_eq(response.id, 7);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		parts_of_any_size_make_up_the_whole_answer,
		any_mtu_of_the_peer_gives_the_whole_answer,
		a_state_may_be_used_again,
		a_state_of_another_request_is_refused,
		a_state_of_another_channel_is_refused,
		a_state_from_before_a_change_is_refused,
		no_forged_offset_is_served,
		answers_that_nobody_fetches_cost_no_memory,
		the_fullest_database_is_served_whole,
		an_answer_that_no_offset_reaches_is_refused,
	};

	return suite_run("sdp/server_parts", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
