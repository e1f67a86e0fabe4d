/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/talk.h"

#include <stdio.h>

#include "l2cap/chan.h"

struct talk talk;

void talk_setup(void)
{
	bench_setup();
	talk = (struct talk){ .params.user = &talk.user };
}

void talk_restart(void)
{
	bench_teardown();
	talk_setup();
}

const struct rt_l2cap_agreed *agreed(void)
{
	const struct rt_l2cap_chan *chan =
		rt_slots_get(&bench.l2cap->chans, talk.user.chan);

	ck_assert_ptr_nonnull(chan);
	return &chan->agreed;
}

void talk_want(enum rt_l2cap_mode mode, bool required)
{
	talk.params.mode = mode;
	talk.params.mode_required = required;
}

void talk_connected(void)
{
	talk.params.ops = &user_ops;
	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &talk.params, &talk.user.chan),
			 0);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	rx("03 01 0800 4100 4000 0000 0000");
}

void talk_features(const char *mask)
{
	char hex[60];

	snprintf(hex, sizeof(hex), "0b 02 0800 0200 0000 %s", mask);
	rx(hex);
}

void talk_configuring(const char *mask)
{
	talk_connected();
	tx_nothing();
	talk_features(mask);
}

void tx_req(unsigned int ident, const char *options)
{
	uint8_t octets[48];
	char hex[120];

	snprintf(hex, sizeof(hex), "04 %02x %02zx00 4100 0000 %s", ident,
		 4 + hex_read(options, octets, sizeof(octets)), options);
	tx(hex);
}

void rx_rsp(unsigned int ident, unsigned int result, const char *options)
{
	uint8_t octets[100];
	char hex[300];

	snprintf(hex, sizeof(hex), "05 %02x %02zx00 4000 0000 %02x00 %s", ident,
		 6 + hex_read(options, octets, sizeof(octets)), result,
		 options);
	rx(hex);
}

void rx_req(unsigned int ident, const char *options)
{
	uint8_t octets[100];
	char hex[300];

	snprintf(hex, sizeof(hex), "04 %02x %02zx00 4000 0000 %s", ident,
		 4 + hex_read(options, octets, sizeof(octets)), options);
	rx(hex);
}

void tx_rsp(unsigned int ident, unsigned int result, const char *options)
{
	uint8_t octets[100];
	char hex[300];

	snprintf(hex, sizeof(hex), "05 %02x %02zx00 4100 0000 %02x00 %s", ident,
		 6 + hex_read(options, octets, sizeof(octets)), result,
		 options);
	tx(hex);
}

void talk_ends(unsigned int ident, uint16_t code)
{
	char req[40];
	char rsp[40];

	snprintf(req, sizeof(req), "06 %02x 0400 4100 4000", ident);
	snprintf(rsp, sizeof(rsp), "07 %02x 0400 4100 4000", ident);
	taken_down(&talk.user, req, rsp, code);
}

void talk_opens(enum rt_l2cap_mode mode)
{
	tx_nothing();
	told(&talk.user, "opened");
	ck_assert_int_eq(info_of(&talk.user).mode, mode);
}
