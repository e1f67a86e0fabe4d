/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/hci_answers.h"

#include "stack/wr.h"
#include "tests/fuzz/hci_bed.h"

/* Numbers of what bed_act() does: hci_act.c. */
enum {
	CONNECT = 0,
	END = 2,
	SEND = 3,
	POLICY = 5,
	INQUIRE = 6,
	NAME = 7,
	SETTINGS = 8,
	SEC_POLICY = 9,
	ASK = 10,
	ANSWER = 12,
	PAIR = 13,
	KEY = 14,
	OOB = 15,
	VCTL = 17,
};

/* IO capabilities, and bits of the policy (act_sec_policy()). */
enum { SHOWS = 0, COMPARES = 1, TYPES = 2, HAS_NONE = 3 };
enum { BONDABLE = 1, LEGACY = 2, SLOW = 0x80 };

static void act(uint8_t what, uint8_t a, uint8_t b)
{
	bed_act(0, what, a, b);
	bed_settle();
}

static void peer_acts(uint8_t what, uint8_t a, uint8_t b)
{
	bed_act(1, what, a, b);
	bed_settle();
}

static void connect(void)
{
	act(CONNECT, 1, 0);
}

static void be_called(void)
{
	peer_acts(CONNECT, 0, 0);
}

static void disconnect(void)
{
	connect();
	act(END, 0, 1);
}

/* Nobody answers the page, which is given up. */
static void cancel(void)
{
	rt_vctl_set_fault(bed.engine[1].node->vctl, RT_VCTL_OUT_OF_RANGE, true);
	connect();
	act(END, 0, 0);
	bed_wait(RT_SECONDS(10));
	rt_vctl_set_fault(bed.engine[1].node->vctl, RT_VCTL_OUT_OF_RANGE,
			  false);
}

/* Connection Request from nobody, of this type. */
static void request(uint8_t type)
{
	uint8_t buf[12];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, 0x04);
	rt_wr_u8(&w, 10);
	rt_wr_addr(&w, bed_addr(0));
	rt_wr_le24(&w, 0);
	rt_wr_u8(&w, type);
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT, rt_wr_bytes(&w));
	bed_settle();
}

static void be_called_for_audio(void)
{
	request(2);
}

static void be_called_by_ourselves(void)
{
	request(1);
}

static void inquire(void)
{
	act(INQUIRE, 0, 0);
	bed_wait(RT_SECONDS(3));
}

static void inquire_no_longer(void)
{
	act(INQUIRE, 0, 3);
	act(INQUIRE, 1, 0);
	bed_wait(RT_SECONDS(3));
}

static void ask_name(void)
{
	act(NAME, 1, 0);
	bed_wait(RT_SECONDS(3));
}

static void ask_no_longer(void)
{
	rt_vctl_set_fault(bed.engine[1].node->vctl, RT_VCTL_OUT_OF_RANGE, true);
	act(NAME, 1, 0);
	act(NAME, 1, 1);
	bed_wait(RT_SECONDS(10));
}

/* --- link policy --------------------------------------------------------- */

static void sniff(void)
{
	connect();
	act(POLICY, 0, 0x03);
	bed_wait(RT_SECONDS(3));
	act(SEND, 0, 1);
	bed_wait(RT_SECONDS(3));
}

static void switch_role(void)
{
	connect();
	act(POLICY, 0, 0x20);
	act(POLICY, 0, 0x21);
	bed_wait(RT_SECONDS(3));
}

static void allow_no_sniff(void)
{
	connect();
	act(POLICY, 0, 0x01);
}

static void set_supervision(void)
{
	connect();
	act(POLICY, 0, 0x42);
}

static void set_flush(void)
{
	connect();
	act(POLICY, 0, 0x52);
}

/* --- security ------------------------------------------------------------ */

/* Both users as given; a link; the victim asks for that level. */
static void ask(uint8_t ours, uint8_t theirs, uint8_t level)
{
	act(SEC_POLICY, ours, BONDABLE | LEGACY);
	peer_acts(SEC_POLICY, theirs, BONDABLE | LEGACY);
	connect();
	act(ASK, 1, level);
	bed_wait(RT_SECONDS(5));
}

static void encrypt(void)
{
	ask(COMPARES, COMPARES, 2);
}

/* A better key than the one in use: that needs one more encryption. */
static void encrypt_better(void)
{
	ask(HAS_NONE, HAS_NONE, 2);
	act(SEC_POLICY, COMPARES, BONDABLE);
	peer_acts(SEC_POLICY, COMPARES, BONDABLE);
	act(PAIR, 1, 1 | 4);
	bed_wait(RT_SECONDS(5));
}

static void use_key(void)
{
	act(KEY, 1, 4);
	encrypt();
}

static void type_passkey(void)
{
	ask(TYPES, SHOWS, 3);
}

/* The question is refused by our user. */
static void refuse(uint8_t ours, uint8_t theirs)
{
	act(SEC_POLICY, ours, BONDABLE | LEGACY | SLOW);
	peer_acts(SEC_POLICY, theirs, BONDABLE | LEGACY);
	connect();
	act(ASK, 1, 3);
	bed_wait(RT_SECONDS(1));
	act(ANSWER, 0, 0);
	bed_wait(RT_SECONDS(1));
}

static void refuse_number(void)
{
	refuse(COMPARES, COMPARES);
}

static void refuse_passkey(void)
{
	refuse(TYPES, SHOWS);
}

/* Controllers from before Secure Simple Pairing, as they come up again. */
static void grow_old(uint8_t security)
{
	for (unsigned int i = 0; i < bed.count; i++) {
		bed_act(i, VCTL, security, 0xf0);
		rt_hci_resync(bed.engine[i].hci);
	}
	bed_wait(RT_SECONDS(5));
}

static void type_pin(void)
{
	grow_old(3);
	ask(TYPES, TYPES, 2);
}

static void refuse_pin(void)
{
	grow_old(3);
	act(SEC_POLICY, TYPES, BONDABLE);
	peer_acts(SEC_POLICY, TYPES, BONDABLE | LEGACY);
	be_called();
	peer_acts(PAIR, 0, 4);
	bed_wait(RT_SECONDS(5));
}

/* Only pairing is refused: we are neither bondable nor is anybody there. */
static void refuse_pairing(void)
{
	act(SEC_POLICY, HAS_NONE, 0);
	peer_acts(SEC_POLICY, HAS_NONE, BONDABLE);
	be_called();
	peer_acts(PAIR, 0, 4);
	bed_wait(RT_SECONDS(5));
}

static void read_oob(void)
{
	act(OOB, 1, 0);
}

static void read_old_oob(void)
{
	grow_old(4);
	read_oob();
}

static void use_oob(void)
{
	act(OOB, 1, 8 | 3);
	encrypt();
}

static void use_old_oob(void)
{
	grow_old(4);
	act(OOB, 1, 8 | 1);
	encrypt();
}

/* Remote OOB Data Request, though we have said to have none. */
static void refuse_oob(void)
{
	uint8_t buf[8];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	connect();
	rt_wr_u8(&w, 0x35);
	rt_wr_u8(&w, 6);
	rt_wr_addr(&w, bed_addr(1));
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT, rt_wr_bytes(&w));
	bed_settle();
}

static void be_limited(void)
{
	act(SETTINGS, 4, 1);
}

static void get_eir(void)
{
	act(SETTINGS, 3, 2);
}

const struct provocation provocations[] = {
	{ 0x0401, inquire },
	{ 0x0402, inquire_no_longer },
	{ 0x0405, connect },
	{ 0x0406, disconnect },
	{ 0x0408, cancel },
	{ 0x0409, be_called },
	{ 0x040a, be_called_by_ourselves },
	{ 0x040b, use_key },
	{ 0x040c, encrypt },
	{ 0x040d, type_pin },
	{ 0x040e, refuse_pin },
	{ 0x0411, encrypt },
	{ 0x0413, encrypt },
	{ 0x0419, ask_name },
	{ 0x041a, ask_no_longer },
	{ 0x041b, connect },
	{ 0x041c, connect },
	{ 0x042a, be_called_for_audio },
	{ 0x042b, encrypt },
	{ 0x042c, encrypt },
	{ 0x042d, refuse_number },
	{ 0x042e, type_passkey },
	{ 0x042f, refuse_passkey },
	{ 0x0430, use_old_oob },
	{ 0x0433, refuse_oob },
	{ 0x0434, refuse_pairing },
	{ 0x0445, use_oob },
	{ 0x0803, sniff },
	{ 0x0804, sniff },
	{ 0x080b, switch_role },
	{ 0x080d, allow_no_sniff },
	{ 0x080f, NULL },
	{ 0x0c01, NULL },
	{ 0x0c03, NULL },
	{ 0x0c13, NULL },
	{ 0x0c18, NULL },
	{ 0x0c1a, NULL },
	{ 0x0c24, NULL },
	{ 0x0c28, set_flush },
	{ 0x0c31, NULL },
	{ 0x0c33, NULL },
	{ 0x0c37, set_supervision },
	{ 0x0c3a, be_limited },
	{ 0x0c45, NULL },
	{ 0x0c52, get_eir },
	{ 0x0c53, encrypt_better },
	{ 0x0c56, NULL },
	{ 0x0c57, read_old_oob },
	{ 0x0c63, NULL },
	{ 0x0c7a, NULL },
	{ 0x0c7d, read_oob },
	{ 0x0c84, NULL },
	{ 0x1001, NULL },
	{ 0x1002, NULL },
	{ 0x1003, NULL },
	{ 0x1004, NULL },
	{ 0x1005, NULL },
	{ 0x1009, NULL },
	{ 0x1408, encrypt },
};

const size_t provocation_count = RT_ARRAY_SIZE(provocations);
