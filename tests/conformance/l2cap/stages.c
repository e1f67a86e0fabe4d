/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/stages.h"

const char *const stage_commands[] = {
	"01 01 0200 0000",
	"01 01 0600 0200 4000 4100",
	"02 71 0400 0110 4200",
	"03 01 0800 4100 4000 0000 0000",
	"04 71 0800 4000 0000 0102 a002",
	"04 71 0f00 4000 0000 0409 00 00 00 0000 0000 0000",
	"05 03 0600 4000 0000 0000",
	"05 03 0a00 4000 0000 0100 0102 a002",
	"06 71 0400 4000 4100",
	"07 04 0400 4100 4000",
	"08 71 0400 01020304",
	"09 01 0400 01020304",
	"0a 71 0200 0200",
	"0b 02 0800 0200 0000 b8020000",
	"0b 02 0c00 0300 0000 0200000000000000",
	"16 71 0400 4000 0100",
	"17 71 0c00 0110 4000 4000 0100 5000 5100",
	"18 01 0c00 4000 4000 0100 0000 5000 5100",
	"19 71 0600 4000 4000 4100",
	"1a 01 0200 0000",
};

const size_t stage_command_count = RT_ARRAY_SIZE(stage_commands);

static void reach_connecting(bool we_initiate)
{
	if (we_initiate) {
		app_connect();
		lt_expect(CONN_REQ);
		lt.iut = lt_le16(&lt.last, 2);
		return;
	}
	app.answer = -EAGAIN;
	app_listen();
	lt_link();
	lt_ask(CONN_REQ, "%04x %04x", LE(lt.psm), LE(lt.cid));
	lt_expect(CONN_RSP);
	lt.iut = lt_le16(&lt.last, 0);
}

void stage_reach(enum stage stage, bool we_initiate)
{
	if (stage == STAGE_LINK) {
		app_listen();
		lt_link();
	} else if (stage == STAGE_CONNECTING) {
		reach_connecting(we_initiate);
	} else {
		lt_connect(we_initiate);
		lt_expect_conf_req();
	}
	if (stage >= STAGE_HALF)
		lt_agree();
	if (stage >= STAGE_OPEN) {
		lt_configure("%s", lt_proposal());
		lt_is_open(lt.params.mode);
		lt.fcs = lt.params.mode != RT_L2CAP_MODE_BASIC;
	}
	if (stage == STAGE_CLOSING)
		rt_l2cap_close(bench.l2cap, APP->handle);
	lt_forget();
}
