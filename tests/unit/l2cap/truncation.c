/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/link.h"
#include "tests/unit/l2cap/bench.h"

/*
 * Every command, cut short and with every wrong length, in every state of a
 * channel. The ids are those of the states: 0x0040 here, 0x0041 at the peer.
 */

static struct user user;

static void to_nothing(struct user *who)
{
	(void)who;
	link_in();
}

static void to_waiting(struct user *who)
{
	who->answer = -EAGAIN;
	to_wait_connect(who);
}

static void to_given_up(struct user *who)
{
	to_wait_connect_rsp(who);
	rt_l2cap_close(bench.l2cap, who->chan);
	bench_step();
	told(who, "closed");
}

static void to_reconfiguring(struct user *who)
{
	to_open(who);
	rx("04 02 0800 4000 0000 0102 2f00");
	tx_discard();
	told(who, "");
}

static void to_drain(struct user *who)
{
	static const char *const sdus[] = { "01", NULL };

	to_open(who);
	bench.hold = HOLD_DATA;
	who->sdus = sdus;
	rt_l2cap_ready(bench.l2cap, who->chan);
	tx_discard();
	rx("06 02 0400 4000 4100");
	tx_discard();
	told(who, "");
}

static void (*const ways[])(struct user *who) = {
	to_nothing,  to_waiting,	 to_wait_connect_rsp,
	to_given_up, to_config,		 to_reconfiguring,
	to_open,     to_wait_disconnect, to_drain,
};

/* With identifiers that are awaited in one state or another. */
static const char *const commands[] = {
	"01 01 0200 0000",
	"01 03 0600 0200 4100 4000",
	"02 11 0400 0110 4200",
	"03 01 0800 4100 4000 0000 0000",
	"03 01 0800 0000 4000 0100 0200",
	"03 01 0800 0000 4000 0300 0000",
	"04 11 0400 4000 0000",
	"04 11 0800 4000 0000 0102 0002",
	"04 11 1900 4000 0100 0102 0002 0202 1000 0409 00 01020304050607 08",
	"05 03 0600 4000 0000 0000",
	"05 03 0e00 4000 0000 0100 0102 0001 0202 1000",
	"05 03 0800 4000 0000 0300 0200",
	"06 11 0400 4000 4100",
	"07 04 0400 4100 4000",
	"08 11 0400 01020304",
	"09 01 0400 01020304",
	"0a 11 0200 0200",
	"0b 02 0800 0200 0000 80000000",
};

static enum rt_l2cap_chan_state state_now(void)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(bench.link);
	const struct rt_l2cap_chan *chan = rt_l2cap_chan_by_scid(link, 0x0040);

	return chan ? chan->state : RT_L2CAP_CHAN_CLOSED;
}

static bool is_response(const uint8_t *cmd)
{
	return cmd[0] % 2 == 1 && cmd[0] <= 0x0b;
}

/*
 * Sends `len` octets as a C-frame which is malformed: nothing may change, and
 * the answer is a reject if an identifier is there and it is no response.
 */
static void send_malformed(const uint8_t *cmd, size_t len)
{
	const enum rt_l2cap_chan_state before = state_now();
	const bool answered = len >= 2 && !is_response(cmd);
	uint8_t rsp[60];

	fake_link_rx(bench.link, 1, cmd, len);
	if (answered) {
		ck_assert_uint_eq(fake_link_pull(bench.link, rsp, 60), 10);
		ck_assert_mem_eq(rsp + 5, cmd + 1, 1);
		ck_assert_mem_eq(rsp + 6, "\x02\x00\x00\x00", 4);
		ck_assert_int_eq(rsp[4], 0x01);
		fake_link_complete_signalling(bench.link);
	}
	tx_nothing();
	told(&user, "");
	ck_assert_int_eq(state_now(), before);
}

/* Sends something of which we only know that it must do no harm. */
static void send_odd(const uint8_t *cmd, size_t len)
{
	fake_link_rx(bench.link, 1, cmd, len);
	tx_discard();
	user.log[0] = '\0';
}

static void set_length(uint8_t *cmd, size_t len)
{
	cmd[2] = (uint8_t)len;
	cmd[3] = (uint8_t)(len >> 8);
}

static void begin(void (*way)(struct user *who))
{
	bench_setup();
	user = (struct user){ .many = true };
	way(&user);
}

static void end(void)
{
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_teardown();
}

START_TEST(a_command_cut_short_anywhere_changes_nothing_in_any_state)
{
	uint8_t cmd[60];

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		begin(ways[w]);
		for (size_t c = 0; c < RT_ARRAY_SIZE(commands); c++) {
			const size_t len =
				hex_read(commands[c], cmd, sizeof(cmd));

			for (size_t n = 1; n < len; n++)
				send_malformed(cmd, n);
		}
		end();
	}
}
END_TEST

START_TEST(a_length_beyond_the_frame_changes_nothing_in_any_state)
{
	uint8_t cmd[60];

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		begin(ways[w]);
		for (size_t c = 0; c < RT_ARRAY_SIZE(commands); c++) {
			const size_t len =
				hex_read(commands[c], cmd, sizeof(cmd));

			set_length(cmd, len - 4 + 1);
			send_malformed(cmd, len);
			set_length(cmd, 0x7fff);
			send_malformed(cmd, len);
			set_length(cmd, 0xffff);
			send_malformed(cmd, len);
		}
		end();
	}
}
END_TEST

START_TEST(a_command_of_fixed_length_has_that_length_in_any_state)
{
	static const uint8_t codes[][2] = {
		{ 0x02, 4 }, { 0x03, 8 }, { 0x06, 4 }, { 0x07, 4 }, { 0x0a, 2 }
	};

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		begin(ways[w]);
		for (size_t c = 0; c < RT_ARRAY_SIZE(codes); c++) {
			for (size_t n = 0; n <= 20; n++) {
				uint8_t cmd[24] = { codes[c][0], 0x01,
						    (uint8_t)n };

				if (n != codes[c][1])
					send_malformed(cmd, 4 + n);
			}
		}
		end();
	}
}
END_TEST

START_TEST(a_command_with_its_length_set_right_does_no_harm_in_any_state)
{
	uint8_t cmd[60];

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		for (size_t c = 0; c < RT_ARRAY_SIZE(commands); c++) {
			const size_t len =
				hex_read(commands[c], cmd, sizeof(cmd));

			for (size_t n = 4; n <= len; n++) {
				begin(ways[w]);
				set_length(cmd, n - 4);
				send_odd(cmd, n);
				end();
			}
		}
	}
}
END_TEST

START_TEST(a_length_short_of_the_frame_does_no_harm_in_any_state)
{
	uint8_t cmd[60];

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		for (size_t c = 0; c < RT_ARRAY_SIZE(commands); c++) {
			const size_t len =
				hex_read(commands[c], cmd, sizeof(cmd));

			for (size_t n = 4; n < len; n++) {
				begin(ways[w]);
				set_length(cmd, n - 4);
				send_odd(cmd, len);
				end();
			}
		}
	}
}
END_TEST

START_TEST(every_pair_of_commands_in_a_frame_does_no_harm_in_any_state)
{
	uint8_t cmd[120];
	size_t len;

	for (size_t w = 0; w < RT_ARRAY_SIZE(ways); w++) {
		for (size_t c = 0; c < RT_ARRAY_SIZE(commands); c++) {
			for (size_t d = 0; d < RT_ARRAY_SIZE(commands); d++) {
				begin(ways[w]);
				len = hex_read(commands[c], cmd, 60);
				len += hex_read(commands[d], cmd + len, 60);
				send_odd(cmd, len);
				end();
			}
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_command_cut_short_anywhere_changes_nothing_in_any_state,
		a_length_beyond_the_frame_changes_nothing_in_any_state,
		a_command_of_fixed_length_has_that_length_in_any_state,
		a_command_with_its_length_set_right_does_no_harm_in_any_state,
		a_length_short_of_the_frame_does_no_harm_in_any_state,
		every_pair_of_commands_in_a_frame_does_no_harm_in_any_state,
	};

	return suite_run("l2cap/truncation", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
