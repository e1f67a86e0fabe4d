/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/sec_rig.h"

#include <string.h>

struct sec_rig sec_rig;

/* Page 2 says that the controller does Secure Connections. */
static const struct rig_answer answers[] = {
	{ 0x1004, "00 02 02 0001000000000000" },
	{ 0, NULL },
};

static void ask(struct sec_waiter *waiter)
{
	waiter->asked++;
	waiter->answer = rt_sec_ask(rig.hci, &waiter->request, &waiter->why);
}

static void on_changed(void *user, struct rt_addr addr)
{
	ck_assert_ptr_eq(user, &sec_rig);
	ck_assert(rt_addr_equal(addr, rig_addr(1)));
	sec_rig.changed++;
	for (size_t i = 0; i < sec_rig.waiter_count; i++) {
		if (sec_rig.waiters[i].answer == RT_SEC_WAIT ||
		    sec_rig.waiters[i].request.established)
			ask(&sec_rig.waiters[i]);
	}
}

static void on_ask(void *user, const struct rt_sec_question *question)
{
	(void)user;
	(void)question;
}

static void on_ask_over(void *user, struct rt_addr addr)
{
	(void)user;
	(void)addr;
}

static void on_paired(void *user, struct rt_addr addr, bool bonded,
		      const struct rt_reason *why)
{
	(void)user;
	(void)addr;
	(void)bonded;
	(void)why;
}

static void on_store(void *user, struct rt_addr addr,
		     const struct rt_sec_key *key)
{
	(void)user;
	(void)addr;
	sec_rig.stored++;
	if (key)
		sec_rig.key = *key;
}

static const struct rt_sec_ops ops = {
	.changed = on_changed,
	.ask = on_ask,
	.ask_over = on_ask_over,
	.paired = on_paired,
	.store = on_store,
};

void sec_listen(void)
{
	memset(&sec_rig, 0, sizeof(sec_rig));
	rt_sec_set_ops(rig.hci, &ops, &sec_rig);
}

void sec_begin(void)
{
	sec_listen();
	rig.answers = answers;
	rig.sees_features = true;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}

void sec_connect(void)
{
	sec_rig.link = rig_connect(1, 1);
}

void sec_accept(void)
{
	sec_rig.link = rig_accept(1, 1);
}

void sec_features(enum sec_peer peer)
{
	rig_expect("01 1b04 02 0100");
	rig_status(0x041b, 0);
	if (peer == SEC_PEER_OLD) {
		rig_inject("04 0b 0b 00 0100 bffe8ffed83b0000");
		return;
	}
	rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b87");
	rig_expect("01 1c04 03 0100 01");
	rig_status(0x041c, 0);
	rig_inject("04 23 0d 00 0100 01 02 %02x00000000000000",
		   peer == SEC_PEER_SC ? 0x09 : 0x01);
}

void sec_open(enum sec_peer peer)
{
	sec_begin();
	sec_connect();
	sec_features(peer);
	rig_expect_none();
}

void sec_open_incoming(enum sec_peer peer)
{
	sec_begin();
	sec_accept();
	sec_features(peer);
	rig_expect_none();
}

void sec_store(enum rt_sec_key_type type, uint8_t key_bytes)
{
	const struct rt_sec_key key = {
		.addr = rig_addr(1),
		.type = (uint8_t)type,
		.key_bytes = key_bytes,
		.key = { 1, 2, 3, 4 },
	};

	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), 0);
}

struct sec_waiter *sec_ask_for(const struct rt_sec_request *request)
{
	struct sec_waiter *waiter;

	ck_assert_uint_lt(sec_rig.waiter_count, SEC_WAITERS_MAX);
	waiter = &sec_rig.waiters[sec_rig.waiter_count++];
	*waiter = (struct sec_waiter){ .request = *request };
	waiter->request.peer = rig_addr(1);
	ask(waiter);
	return waiter;
}

struct sec_waiter *sec_ask(uint8_t level)
{
	return sec_ask_for(&(struct rt_sec_request){ .need.level = level });
}

struct sec_waiter *sec_ask_incoming(uint8_t level)
{
	return sec_ask_for(&(struct rt_sec_request){ .need.level = level,
						     .incoming = true });
}

void sec_step(void)
{
	rig_pass_us(0);
}

void sec_later(void)
{
	rig_pass_us(100000);
}

void sec_expect_authentication(void)
{
	sec_step();
	rig_expect("01 1104 02 0100");
	rig_status(0x0411, 0);
}

void sec_give_key(void)
{
	rig_inject("04 17 06 010100000000");
	rig_expect("01 0b04 16 010100000000 01020304000000000000000000000000");
	rig_complete(0x040b);
}

void sec_authenticated(uint8_t status)
{
	rig_inject("04 06 03 %02x 0100", status);
}

void sec_authenticate(void)
{
	sec_expect_authentication();
	sec_give_key();
	sec_authenticated(0);
}

void sec_expect_encryption(uint8_t enable)
{
	sec_step();
	rig_expect(enable ? "01 1304 03 0100 01" : "01 1304 03 0100 00");
	rig_status(0x0413, 0);
}

void sec_encrypted(uint8_t status, uint8_t enabled)
{
	rig_inject("04 08 04 %02x 0100 %02x", status, enabled);
}

void sec_refreshed(uint8_t status)
{
	rig_inject("04 30 03 %02x 0100", status);
}

void sec_size(uint8_t octets)
{
	rig_expect("01 0814 02 0100");
	rig_inject("04 0e 07 01 0814 00 0100 %02x", octets);
}

void sec_encrypt(uint8_t enabled, uint8_t octets)
{
	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(0, enabled);
	sec_size(octets);
	sec_step();
}

void sec_expect_drop(void)
{
	rig_expect_none();
	rig_pass_us(99999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0604 03 0100 05");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	rig_pass_us(0);
}

void sec_expect_quiet(void)
{
	rig_expect_none();
	rig_pass_us(60000000);
	rig_expect_none();
	ck_assert_int_eq(rt_hci_link_state(sec_rig.link), RT_HCI_LINK_OPEN);
}

void sec_expect_no(const struct sec_waiter *waiter, enum rt_sec_code code)
{
	ck_assert_int_eq(waiter->answer, RT_SEC_NO);
	ck_assert_uint_eq(waiter->why.layer, RT_LAYER_SECURITY);
	ck_assert_msg(waiter->why.code == code, "want %s, got %s",
		      rt_sec_code_name((uint16_t)code),
		      rt_sec_code_name(waiter->why.code));
	ck_assert_int_lt(waiter->why.err, 0);
}

void sec_expect_hci_no(const struct sec_waiter *waiter, uint8_t code)
{
	ck_assert_int_eq(waiter->answer, RT_SEC_NO);
	ck_assert_uint_eq(waiter->why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(waiter->why.code, code);
	ck_assert_int_lt(waiter->why.err, 0);
}

struct rt_sec_facts sec_facts(void)
{
	struct rt_sec_facts facts = { 0 };

	ck_assert(rt_sec_get_facts(rig.hci, rig_addr(1), &facts));
	return facts;
}
