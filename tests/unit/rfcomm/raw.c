/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/l2cap.h"
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * For research: frames and messages made by hand, injected ones, the tap; and
 * what becomes of frames with a wrong FCS.
 */

static struct user a;

/* What the tap has seen: ">2:0B..." sent on DLCI 2, "<0:..." received. */
static char seen[1000];
static bool lets;
static const char *reply; /* made by hand from inside the tap; once */

static bool on_pdu(void *user, struct rt_addr peer, bool sent, uint16_t cid,
		   struct rt_bytes payload)
{
	size_t len = strlen(seen);
	uint8_t octets[64];

	ck_assert_ptr_eq(user, seen);
	ck_assert(rt_addr_equal(peer, bench_addr(1)));
	len += (size_t)snprintf(seen + len, sizeof(seen) - len,
				"%s%c%u:", len > 0 ? " " : "", sent ? '>' : '<',
				cid);
	for (size_t i = 0; i < payload.len && i < 20; i++)
		len += (size_t)snprintf(seen + len, sizeof(seen) - len, "%02X",
					payload.ptr[i]);
	if (reply) {
		const size_t n = hex_read(reply, octets, sizeof(octets));

		reply = NULL;
		ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, peer,
						    rt_bytes(octets, n)),
				 0);
	}
	return lets;
}

static const struct rt_l2cap_tap tap = { .pdu = on_pdu };

static void saw(const char *what)
{
	ck_assert_str_eq(seen, what);
	seen[0] = '\0';
}

static void setup(void)
{
	a = (struct user){ .name = "a" };
	seen[0] = '\0';
	lets = true;
	reply = NULL;
	bench_setup();
}

static void put_tap(void)
{
	rt_rfcomm_set_tap(bench.rfcomm, &tap, seen);
}

static int send_raw(const char *hex)
{
	uint8_t octets[64];
	const size_t len = hex_read(hex, octets, sizeof(octets));

	return rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
				  rt_bytes(octets, len));
}

static int inject(const char *hex)
{
	uint8_t octets[64];
	const size_t len = hex_read(hex, octets, sizeof(octets));
	const int err = rt_rfcomm_inject(bench.rfcomm, bench_addr(1),
					 rt_bytes(octets, len));

	rt_env_reap(bench.env);
	bench_check();
	return err;
}

/* What leaves next, octet by octet: also what is no frame. */
static void tx_octets(const char *hex)
{
	uint8_t expected[64];
	uint8_t octets[2048];
	const size_t len = hex_read(hex, expected, sizeof(expected));

	ck_assert_uint_eq(fake_pull(&bench.l2cap, bench.chan, octets), len);
	ck_assert_mem_eq(octets, expected, len);
}

START_TEST(a_frame_made_by_hand_leaves_as_it_is)
{
	session_in();
	ck_assert_int_eq(send_raw("01 EF 05 E3 01 55"), 0);
	ck_assert_int_eq(send_raw("FF"), 0);
	tx_octets("01 EF 05 E3 01 55");
	tx_octets("FF");
	tx_nothing();
	/* Even none at all. */
	ck_assert_int_eq(send_raw(""), 0);
	tx_nothing();
	ck_assert_uint_eq(fake_find(&bench.l2cap, bench.chan)->under_way_count,
			  0);
}
END_TEST

START_TEST(it_waits_behind_the_control_frames)
{
	session_in();
	rx("0B 53 01");
	ck_assert_int_eq(send_raw("AA BB CC DD"), 0);
	rx("13 53 01");
	tx("0B 1F 01");
	tx_octets("AA BB CC DD");
	tx("13 1F 01");
	tx_nothing();
}
END_TEST

START_TEST(the_engine_takes_no_notice_of_it)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(send_raw("0B 53 01 B8"), 0);
	tx("0B 53 01");
	ck_assert(info_of(&a).open);
	/* The answer is one that nobody waits for. */
	rx("0B 73 01");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  1);
	told(&a, "");
}
END_TEST

START_TEST(frames_made_by_hand_are_limited)
{
	session_in();
	for (uint32_t i = 0; i < rt_limits_default.rfcomm_raw; i++)
		ck_assert_int_eq(send_raw("01 EF 01 AA"), 0);
	ck_assert_int_eq(send_raw("01 EF 01 AA"), -ENOSPC);
	ck_assert_int_eq(rt_rfcomm_send_raw_mcc(bench.rfcomm, bench_addr(1), 8,
						true, rt_bytes(NULL, 0)),
			 -ENOSPC);
	/* And stand in nobody's way. */
	rx("0B 53 01");
	ck_assert_uint_eq(tx_discard(), rt_limits_default.rfcomm_raw + 1);
	ck_assert_int_eq(send_raw("01 EF 01 AA"), 0);
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(it_takes_an_open_channel_and_one_that_it_fits_through)
{
	static uint8_t octets[MTU + 1];

	ck_assert_int_eq(send_raw("AA"), -ENOTCONN);
	ck_assert_int_eq(inject("AA"), -ENOTCONN);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(send_raw("AA"), -ENOTCONN);
	ck_assert_int_eq(inject("AA"), -ENOTCONN);
	ck_assert_int_eq(rt_rfcomm_send_raw_mcc(bench.rfcomm, bench_addr(1), 8,
						true, rt_bytes(NULL, 0)),
			 -ENOTCONN);
	session_out();
	tx_discard();
	memset(octets, 0xaa, sizeof(octets));
	ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
					    rt_bytes(octets, MTU)),
			 0);
	ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
					    rt_bytes(octets, MTU + 1)),
			 -EMSGSIZE);
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(send_raw("AA"), -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	bench_wait_us(RT_RFCOMM_T1_US);
	told(&a, "closed");
}
END_TEST

START_TEST(a_peer_that_takes_64_kib_is_sent_one_octet_less)
{
	static uint8_t octets[65535];

	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, 65535);
	ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
					    rt_bytes(octets, 65535)),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
					    rt_bytes(octets, 65534)),
			 0);
}
END_TEST

START_TEST(a_message_made_by_hand_gets_its_frame)
{
	static uint8_t octets[200];
	uint8_t frame[256];

	session_in();
	ck_assert_int_eq(rt_rfcomm_send_raw_mcc(bench.rfcomm, bench_addr(1),
						0x3f, true,
						rt_bytes(octets, 2)),
			 0);
	tx("01 EF 09 FF 05 00 00");
	ck_assert_int_eq(rt_rfcomm_send_raw_mcc(bench.rfcomm, bench_addr(1),
						0x08, false,
						rt_bytes(octets, 128)),
			 0);
	/* Both lengths of two octets. */
	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 4 + 3 + 128);
	ck_assert_mem_eq(frame, "\x01\xef\x06\x01\x21\x00\x01", 7);
	ck_assert_int_eq(rt_rfcomm_send_raw_mcc(bench.rfcomm, bench_addr(1),
						0x40, true, rt_bytes(NULL, 0)),
			 -EINVAL);
	tx_nothing();
}
END_TEST

START_TEST(an_injected_frame_is_acted_on_like_one_of_the_peers)
{
	put_tap();
	session_in();
	saw("<0:033F011C >0:037301D7");
	ck_assert_int_eq(inject("0B 53 01 B8"), 0);
	saw("");
	tx("0B 1F 01");
	/* With all the rules. */
	ck_assert_int_eq(inject("0B 53 01 B9"), 0);
	tx_nothing();
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_bad_fcs, 1);
	saw(">2:0B1F0173");
}
END_TEST

START_TEST(the_tap_sees_both_directions_but_not_what_is_made_by_hand)
{
	session_in();
	put_tap();
	rx("0B 53 01");
	saw("<2:0B5301B8");
	tx("0B 1F 01");
	saw(">2:0B1F0173");
	ck_assert_int_eq(send_raw("01 EF 01 AA"), 0);
	tx_octets("01 EF 01 AA");
	saw("");
	/* What is no frame is seen, too. */
	rx_raw("");
	rx_raw("FF");
	saw("<0: <63:FF");
	rt_rfcomm_set_tap(bench.rfcomm, NULL, NULL);
	rx("0B 53 01");
	tx("0B 1F 01");
	saw("");
}
END_TEST

START_TEST(the_tap_sees_data_with_header_and_fcs)
{
	dlc_out(&a, 1, 10000, 7);
	put_tap();
	write_out(&a, "hello", 5);
	tx("0B FF 0B 02 68 65 6C 6C 6F");
	saw(">2:0BFF0B0268656C6C6F86");
	rx("09 FF 03 01 41");
	saw("<2:09FF0301415C");
	told(&a, "written:5 rx:41");
}
END_TEST

START_TEST(what_the_tap_keeps_is_not_acted_on)
{
	session_in();
	put_tap();
	lets = false;
	rx("0B 53 01");
	tx_nothing();
	saw("<2:0B5301B8");
	lets = true;
	rx("0B 53 01");
	lets = false;
	tx_nothing();
	saw("<2:0B5301B8 >2:0B1F0173");
}
END_TEST

START_TEST(data_that_the_tap_keeps_is_lost)
{
	dlc_out(&a, 1, 10000, 7);
	a.out_max = 1;
	put_tap();
	lets = false;
	write_out(&a, "xy", 2);
	tx_nothing();
	saw(">2:0BFF0302"
	    "7886 >2:0BEF03799A");
	told(&a, "lost:1 lost:1");
	ck_assert_uint_eq(info_of(&a).tx_credits, 5);
	lets = true;
	write_out(&a, "z", 1);
	tx("0B EF 03 7A");
	told(&a, "written:1");
}
END_TEST

static void close_it(struct user *user)
{
	rt_rfcomm_abandon(bench.rfcomm, user->dlc);
}

START_TEST(a_user_may_go_when_the_tap_keeps_its_data)
{
	dlc_out(&a, 1, 10000, 7);
	put_tap();
	lets = false;
	a.on = "lost";
	a.then = close_it;
	write_out(&a, "x", 1);
	tx_nothing();
	told(&a, "lost:1");
	lets = true;
	rx("09 53 01");
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(the_tap_may_answer_by_hand)
{
	session_in();
	put_tap();
	lets = false;
	reply = "0B 73 01 92";
	rx("0B 53 01");
	tx("0B 73 01");
	lets = true;
	rx("13 53 01");
	lets = false;
	reply = "13 73 01 55";
	tx_octets("13 73 01 55");
	tx_nothing();
}
END_TEST

START_TEST(without_memory_a_frame_passes_the_tap_unseen)
{
	session_in();
	put_tap();
	rx("0B 53 01");
	saw("<2:0B5301B8");
	lets = false;
	bench.fake.allocs_left = 0;
	tx("0B 1F 01");
	saw("");
	ck_assert_str_eq(bench.fake.log_line, "rfcomm: no memory for the tap");
}
END_TEST

START_TEST(a_frame_with_a_wrong_fcs_is_dropped_counted_and_logged)
{
	dlc_out(&a, 1, 10000, 7);
	rx_raw("09 EF 03 41 00");
	rx_raw("09 53 01 00");
	rx_raw("01 EF 05 A3 01 00");
	tx_nothing();
	told(&a, "");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_bad_fcs, 3);
	ck_assert_uint_eq(info_of(&a).rx_credits, 7);
	ck_assert_int_eq(bench.fake.log_level, RT_LOG_WARNING);
	ck_assert_ptr_nonnull(strstr(bench.fake.log_line, "wrong FCS"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_frame_made_by_hand_leaves_as_it_is,
		it_waits_behind_the_control_frames,
		the_engine_takes_no_notice_of_it,
		frames_made_by_hand_are_limited,
		it_takes_an_open_channel_and_one_that_it_fits_through,
		a_peer_that_takes_64_kib_is_sent_one_octet_less,
		a_message_made_by_hand_gets_its_frame,
		an_injected_frame_is_acted_on_like_one_of_the_peers,
		the_tap_sees_both_directions_but_not_what_is_made_by_hand,
		the_tap_sees_data_with_header_and_fcs,
		what_the_tap_keeps_is_not_acted_on,
		data_that_the_tap_keeps_is_lost,
		a_user_may_go_when_the_tap_keeps_its_data,
		the_tap_may_answer_by_hand,
		without_memory_a_frame_passes_the_tap_unseen,
		a_frame_with_a_wrong_fcs_is_dropped_counted_and_logged,
	};

	return suite_run("raw", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
