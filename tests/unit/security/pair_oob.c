/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>
#include <string.h>

/* Out of band data: of peers, and of ours. */

#define C192 "c1000000000000000000000000000000"
#define R192 "a1000000000000000000000000000000"
#define C256 "c2000000000000000000000000000000"
#define R256 "a2000000000000000000000000000000"
#define NONE "00000000000000000000000000000000"

static const struct rt_sec_oob data = {
	.c192 = { 0xc1 },
	.r192 = { 0xa1 },
	.c256 = { 0xc2 },
	.r256 = { 0xa2 },
};

/* Data of the curves: bit 0 for P-192, bit 1 for P-256. */
static void set_data(uint8_t curves)
{
	struct rt_sec_oob oob = data;

	oob.has_192 = curves & 1;
	oob.has_256 = curves & 2;
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(1), &oob), 0);
}

/* A controller without Secure Connections. */
static void open_without_sc(void)
{
	static const struct rig_answer answers[] = { { 0, NULL } };

	pair_begin(RT_SEC_IO_NONE);
	rig.answers = answers;
	rt_hci_resync(rig.hci);
	rig_answer_all();
	sec_connect();
	sec_features(SEC_PEER_SSP);
}

START_TEST(data_of_a_peer_makes_an_authenticated_key)
{
	static const char *const replies[] = {
		"01 4504 46 " PEER C192 R192 NONE NONE,
		"01 4504 46 " PEER NONE NONE C256 R256,
		"01 4504 46 " PEER C192 R192 C256 R256,
	};
	const uint8_t curves = (uint8_t)(_i + 1);

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	set_data(curves);
	pair_initiate(3);
	pair_expect_io(3, curves, 5);
	pair_io_response(3, 0, 4);
	pair_oob_request();
	rig_expect(replies[_i]);
	rig_complete(0x0445);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256_MITM);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert(sec_facts().consented);
	ck_assert_uint_eq(pair_rig.asks, 0);
}
END_TEST

START_TEST(without_secure_connections_there_is_one_curve)
{
	open_without_sc();
	set_data((uint8_t)(_i + 1));
	if (_i == 1) { /* P-256 is of no use */
		pair_initiate(2);
		pair_expect_io(3, 0, 4);
		pair_oob_request();
		pair_expect_no_oob();
		return;
	}
	pair_initiate(3);
	pair_expect_io(3, 1, 5);
	pair_oob_request();
	rig_expect("01 3004 26 " PEER C192 R192);
	rig_complete(0x0430);
}
END_TEST

START_TEST(a_peer_that_we_have_data_of_is_meant)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	set_data(3);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_respond(3, 2);
	pair_expect_io(3, 3, 2);
	pair_oob_request();
	rig_expect_command(0x0445);
	rig_complete(0x0445);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256_MITM);
	pair_expect_paired(1, true);
	ck_assert(sec_facts().consented);
	ck_assert_uint_eq(pair_rig.asks, 0);
}
END_TEST

/* Only the peer has received something, which was ours. */
START_TEST(a_peer_that_has_our_data_is_meant)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_io_response(3, 1, 2);
	pair_io_request();
	pair_expect_io(3, 0, 2);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256_MITM);
	pair_expect_paired(1, true);
	ck_assert(sec_facts().consented);
}
END_TEST

START_TEST(data_is_given_once_and_when_it_was_promised)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	set_data(3);
	pair_oob_request();
	pair_expect_no_oob();
	pair_initiate(2);
	pair_expect_io(3, 3, 4);
	pair_oob_request();
	rig_expect_command(0x0445);
	rig_complete(0x0445);
	pair_oob_request();
	pair_expect_no_oob();
}
END_TEST

START_TEST(cleared_data_is_gone)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	set_data(3);
	pair_initiate(2);
	pair_expect_io(3, 3, 4);
	rt_sec_clear_peer_oob(rig.hci, rig_addr(1));
	rt_sec_clear_peer_oob(rig.hci, rig_addr(1));
	pair_oob_request();
	pair_expect_no_oob();
}
END_TEST

START_TEST(data_has_its_limits)
{
	struct rt_sec_oob oob = data;

	pair_begin(RT_SEC_IO_NONE);
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(1), &oob),
			 -EINVAL);
	oob.has_192 = true;
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, (struct rt_addr){ { 0 } },
					     &oob),
			 -EINVAL);
	rig.fake.allocs_left = 0;
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(1), &oob),
			 -ENOMEM);
	rig.fake.allocs_left = SIZE_MAX;
	for (uint8_t i = 0; i < 16; i++)
		ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci,
						     rig_addr((uint8_t)(i + 1)),
						     &oob),
				 0);
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(17), &oob),
			 -ENOSPC);
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(16), &oob), 0);
	rt_sec_clear_peer_oob(rig.hci, rig_addr(5));
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(17), &oob), 0);
	ck_assert_int_eq(rt_sec_set_peer_oob(rig.hci, rig_addr(5), &oob),
			 -ENOSPC);
}
END_TEST

static struct {
	unsigned int count;
	bool has;
	struct rt_sec_oob oob;
	struct rt_reason why;
} read_data;

static void on_read(void *user, const struct rt_sec_oob *oob,
		    const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, &read_data);
	read_data.count++;
	read_data.has = oob != NULL;
	if (oob)
		read_data.oob = *oob;
	read_data.why = *why;
}

static int read_ours(void)
{
	return rt_sec_read_local_oob(rig.hci, on_read, &read_data);
}

START_TEST(our_data_is_read_for_both_curves)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	memset(&read_data, 0, sizeof(read_data));
	ck_assert_int_eq(read_ours(), 0);
	ck_assert_int_eq(read_ours(), -EBUSY);
	rig_expect("01 7d0c 00");
	rig_inject("04 0e 44 01 7d0c 00" C192 R192 C256 R256);
	ck_assert_uint_eq(read_data.count, 1);
	ck_assert(read_data.has);
	ck_assert(read_data.oob.has_192 && read_data.oob.has_256);
	ck_assert_mem_eq(read_data.oob.c192, data.c192, 16);
	ck_assert_mem_eq(read_data.oob.r192, data.r192, 16);
	ck_assert_mem_eq(read_data.oob.c256, data.c256, 16);
	ck_assert_mem_eq(read_data.oob.r256, data.r256, 16);
	ck_assert_int_eq(read_data.why.err, 0);
	ck_assert_int_eq(read_ours(), 0);
	rig_expect("01 7d0c 00");
}
END_TEST

START_TEST(our_data_is_read_for_one_curve)
{
	open_without_sc();
	memset(&read_data, 0, sizeof(read_data));
	ck_assert_int_eq(read_ours(), 0);
	rig_expect("01 570c 00");
	rig_inject("04 0e 24 01 570c 00" C192 R192);
	ck_assert_uint_eq(read_data.count, 1);
	ck_assert(read_data.has);
	ck_assert(read_data.oob.has_192 && !read_data.oob.has_256);
	ck_assert_mem_eq(read_data.oob.r192, data.r192, 16);
}
END_TEST

START_TEST(data_that_can_not_be_read_is_told)
{
	static const char *const answers[] = {
		"04 0e 44 01 7d0c 01" C192 R192 C256 R256,
		"04 0e 04 01 7d0c 01",
		"04 0e 04 01 7d0c 00",
		"04 0e 43 01 7d0c 00" C192 R192 C256
		"a20000000000000000000000000000",
		"04 0f 04 01 01 7d0c",
	};

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	memset(&read_data, 0, sizeof(read_data));
	ck_assert_int_eq(read_ours(), 0);
	rig_expect("01 7d0c 00");
	if (_i < (int)RT_ARRAY_SIZE(answers))
		rig_inject("%s", answers[_i]);
	else
		rt_hci_lost(rig.hci, -EIO);
	ck_assert_uint_eq(read_data.count, 1);
	ck_assert(!read_data.has);
	ck_assert_int_lt(read_data.why.err, 0);
	if (_i == (int)RT_ARRAY_SIZE(answers))
		ck_assert_int_eq(read_ours(), -ENETDOWN);
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &data_of_a_peer_makes_an_authenticated_key, 3 },
		{ &without_secure_connections_there_is_one_curve, 2 },
		{ &a_peer_that_we_have_data_of_is_meant, 1 },
		{ &a_peer_that_has_our_data_is_meant, 1 },
		{ &data_is_given_once_and_when_it_was_promised, 1 },
		{ &cleared_data_is_gone, 1 },
		{ &data_has_its_limits, 1 },
		{ &our_data_is_read_for_both_curves, 1 },
		{ &our_data_is_read_for_one_curve, 1 },
		{ &data_that_can_not_be_read_is_told, 6 },
	};

	return rig_run("unit/security/pair_oob", cases, RT_ARRAY_SIZE(cases));
}
