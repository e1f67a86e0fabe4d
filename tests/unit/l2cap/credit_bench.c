/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/credit_bench.h"

#include <stdio.h>
#include <string.h>

struct user credit_user;

struct rt_l2cap_ops credit_ops;
uint8_t credit_octets[400];
static const size_t *lengths; /* of SDUs to be sent */

static bool on_pull(void *ctx, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct user *u = ctx;
	size_t n;

	ck_assert_uint_eq(chan, u->chan);
	if (!lengths || *lengths == SIZE_MAX)
		return false;
	n = *lengths++;
	ck_assert_uint_le(n, max);
	pdu->body[0] = rt_bytes(credit_octets, n / 3);
	pdu->body[1] = rt_bytes(credit_octets + n / 3, n - n / 3);
	pdu->done.bytes = (uint32_t)n;
	if (u->on && strcmp(u->on, "pull") == 0)
		u->then(u);
	return true;
}

void credit_setup(void)
{
	bench_setup();
	credit_user = (struct user){ .answer = 0 };
	credit_ops = user_ops;
	credit_ops.pull = on_pull;
	lengths = NULL;
	for (size_t i = 0; i < sizeof(credit_octets); i++)
		credit_octets[i] = (uint8_t)i;
}

void credit_restart(void)
{
	bench_teardown();
	credit_setup();
}

void credit_open(uint16_t rx_credits, uint16_t tx_credits, size_t room)
{
	const struct rt_l2cap_params params = {
		.ops = &credit_ops,
		.user = &credit_user,
		.mode = RT_L2CAP_MODE_CREDIT,
		.imtu = 100,
		.mps = 64,
		.credits = rx_credits,
	};
	char rsp[60];

	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &credit_user.chan),
			 0);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, room);
	fake_link_up(bench.link);
	ck_assert_uint_eq(tx_discard(), 1);
	snprintf(rsp, sizeof(rsp), "18 01 0a00 c800 4000 %02x%02x 0000 5000",
		 tx_credits & 0xff, tx_credits >> 8);
	rx(rsp);
	told(&credit_user, "opened");
}

const char *credit_hex(const char *head, size_t from, size_t n)
{
	static char hex[2][1000];
	static unsigned int turn;
	char *p = hex[turn++ % 2];
	size_t at = (size_t)snprintf(p, sizeof(hex[0]), "%s", head);

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(p + at, sizeof(hex[0]) - at, "%02x",
				       (unsigned int)(from + i) & 0xff);
	return p;
}

void credit_send(const size_t *sdus)
{
	lengths = sdus;
	rt_l2cap_ready(bench.l2cap, credit_user.chan);
}

void credit_tx(const char *head, size_t from, size_t n)
{
	tx_cid(0x0050, credit_hex(head, from, n));
}

void credit_rx(const char *head, size_t from, size_t n)
{
	rx_cid(0x0040, credit_hex(head, from, n));
}

void credit_ended(uint16_t code)
{
	tx("06 02 0400 5000 4000");
	tx_nothing();
	told(&credit_user, "");
	rx("07 02 0400 5000 4000");
	told_closed(&credit_user, code, RT_PHASE_TRANSFER);
}
