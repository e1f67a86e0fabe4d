/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/regress/rfc_peer.h"
#include "tests/regress/rfc_tables.h"

/*
 * What is rejected, and what ends at the wrong moment.
 */

static const char *const whole[] = {
	"SABM 0",
	"UA 0",
	"DM 0",
	"DISC 0",
	"SABM 2",
	"UA 2",
	"DM 2",
	"DISC 2",
	"UIH 2 41",
	"UIH+5 2",
	"UIH+5 2 41",
	"MCC 83 11 02 F0 07 00 F3 03 00 07",
	"MCC 81 11 02 E0 07 00 F3 03 00 07",
	"MCC E3 05 0B 8D",
	"MCC E1 05 0B 8D",
	"MCC 93 03 0B",
	"MCC 91 11 0B 03 03 00 11 13 7F 3F",
	"MCC 53 05 0B 01",
	"MCC A3 01",
	"MCC 63 01",
	"MCC C3 01",
	"MCC 11 03 83",
};

enum fault {
	FAULT_FCS,
	FAULT_EA,
	FAULT_CONTROL,	  /* one that there is not */
	FAULT_LENGTH,	  /* an octet more than there is */
	FAULT_PF,	  /* 0 where it has to be 1 */
	FAULT_CR,	  /* of the other side */
	FAULT_CUT,	  /* without the last octet before the FCS */
	FAULT_MCC_EA,	  /* of the type octet */
	FAULT_MCC_LENGTH, /* an octet more than there is */
	FAULTS,
};

/* Breaks one thing of a frame. False if this one has not got it. */
static bool spoil(uint8_t *frame, size_t *len, enum fault fault)
{
	const bool is_uih = (frame[1] & 0xef) == 0xef;
	const bool is_mcc = is_uih && frame[0] >> 2 == 0;

	switch (fault) {
	case FAULT_FCS:
		return true;
	case FAULT_EA:
		frame[0] &= 0xfe;
		return true;
	case FAULT_CONTROL:
		frame[1] ^= 0x80;
		return true;
	case FAULT_LENGTH:
		frame[2] = (uint8_t)(frame[2] + 2);
		return true;
	case FAULT_PF:
		frame[1] &= 0xef;
		return !is_uih && frame[1] != 0x0f;
	case FAULT_CR:
		frame[0] ^= 2;
		/* SABM there is the start of a session, by whomever. */
		return !is_uih && !(frame[1] == 0x3f && frame[0] >> 2 == 0);
	case FAULT_CUT:
		(*len)--;
		return true;
	case FAULT_MCC_EA:
		frame[3] &= 0xfe;
		return is_mcc;
	case FAULT_MCC_LENGTH:
		frame[4] = (uint8_t)(frame[4] + 2);
		return is_mcc;
	case FAULTS:
		break;
	}
	return false;
}

/* UIH where there is no DLC yet: it gets DM, whatever is in it. */
static bool is_for_nobody(const uint8_t *frame, int stage)
{
	return (frame[1] & 0xef) == 0xef && frame[0] >> 2 == 2 &&
	       stage < STAGE_SABM;
}

/* RFC-08: a reject path returns, in each state, and leaves all as it was. */
START_TEST(what_is_rejected_changes_nothing)
{
	struct snapshot before;
	uint8_t frame[64];
	char what[100];

	for (int stage = 0; stage < STAGES; stage++) {
		reach(WE_INITIATE, (enum stage)stage);
		snapshot_take(&before);
		for (size_t i = 0; i < RT_ARRAY_SIZE(whole); i++) {
			for (int fault = 0; fault < FAULTS; fault++) {
				size_t len = script_frame(false, whole[i],
							  frame, 60);

				if (!spoil(frame, &len, (enum fault)fault) ||
				    is_for_nobody(frame, stage))
					continue;
				frame[len] = bench_fcs(frame, len);
				if (fault == FAULT_FCS)
					frame[len] ^= 1;
				peer_octets(frame, len + 1);
				tx_nothing();
				snprintf(what, sizeof(what),
					 "%s, fault %d, stage %d", whole[i],
					 fault, stage);
				snapshot_compare(&before, what);
			}
		}
		bench_step();
		told(&script.a, "");
	}
}
END_TEST

/* Ways in which a peer closes while something of ours is queued. */
static const char *const endings[] = { "DISC 2", "DM 2",      "DISC 0",
				       "DM 0",	 "MCC C3 01", NULL };

static void on_test(void *user, int err, struct rt_bytes data)
{
	(void)user;
	(void)err;
	(void)data;
}

/* Whatever can be queued, is. */
static void queue_all(void)
{
	static const uint8_t octets[5 * N1];
	const struct rt_rfcomm_modem modem = {
		.signals = RT_RFCOMM_RTC,
		.has_break = true,
	};
	const struct rt_rfcomm_test_params test = {
		.done = on_test,
		.data = { octets, 30 },
	};
	struct rt_rfcomm *rfcomm = bench.rfcomm;
	const rt_handle dlc = script.a.dlc;

	(void)!rt_rfcomm_set_modem(rfcomm, dlc, &modem);
	(void)!rt_rfcomm_query_line(rfcomm, dlc);
	(void)!rt_rfcomm_send_line_status(rfcomm, dlc, 0x09);
	(void)!rt_rfcomm_test(rfcomm, bench_addr(1), &test);
	peer("MCC 23 03 41 93 03 0B 53 05 0B 01 FF 01");
	peer("DISC 8");
	write_out(&script.a, octets, sizeof(octets));
}

static void close_for_peer(const char *ending)
{
	const struct rt_reason lost = page_timeout();

	if (ending)
		peer(ending);
	else
		fake_closed(&bench.l2cap, bench.chan, &lost);
}

/* RFC-09: with frames queued, pulled, and some of them completed. */
START_TEST(a_peer_that_closes_while_commands_are_queued_does_no_harm)
{
	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(endings); i++) {
			for (size_t pulls = 0; pulls < 14; pulls++) {
				uint8_t frame[MTU];

				reach(WE_INITIATE, (enum stage)stage);
				bench.l2cap.hold = true;
				queue_all();
				for (size_t n = 0; n < pulls; n++)
					tx_take(frame, sizeof(frame));
				if (fake_find(&bench.l2cap, bench.chan)
					    ->under_way_count > 0)
					fake_complete(&bench.l2cap, bench.chan,
						      pulls & 1);
				close_for_peer(endings[i]);
				tx_discard();
				bench_step();
				bench.l2cap.hold = false;
				end_all();
			}
		}
	}
}
END_TEST

#define DLCS 3

static struct user users[DLCS];
static struct user listeners[DLCS];
static const size_t orders[][DLCS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
				       { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

static void open_three(bool we_initiate)
{
	script_teardown();
	script_setup();
	script.initiator = we_initiate;
	for (size_t i = 0; i < DLCS; i++) {
		users[i] = (struct user){ .quiet = true };
		listeners[i] = (struct user){ .quiet = true };
		if (!we_initiate)
			listen_on(&listeners[i], &users[i], (uint8_t)(i + 1),
				  N1);
	}
	if (!we_initiate)
		session_in();
	for (size_t i = 0; i < DLCS; i++) {
		if (we_initiate) {
			dlc_out(&users[i], (uint8_t)(i + 1), N1, 1);
		} else {
			dlc_in((uint8_t)(i + 1), 1);
			told(&users[i], "opened");
			told(&listeners[i], "incoming");
		}
	}
}

static void close_all_others(struct user *user)
{
	for (size_t i = 0; i < DLCS; i++) {
		if (&users[i] != user)
			rt_rfcomm_close(bench.rfcomm, users[i].dlc);
	}
}

/* Ways in which a DLC ends: four, in two bits. */
static void end_dlc(size_t i, unsigned int how)
{
	char what[16];

	switch (how & 3) {
	case 0:
		rt_rfcomm_close(bench.rfcomm, users[i].dlc);
		peer_answers_some(1);
		break;
	case 1:
		snprintf(what, sizeof(what), "DISC %zu", 2 * (i + 1));
		peer(what);
		break;
	case 2:
		snprintf(what, sizeof(what), "DM %zu", 2 * (i + 1));
		peer(what);
		break;
	default:
		rt_rfcomm_abandon(bench.rfcomm, users[i].dlc);
		break;
	}
}

/* RFC-12: the UA to the last DISC freed the multiplexer under its caller. */
START_TEST(the_last_dlc_may_close_in_any_order_and_from_a_callback)
{
	for (size_t o = 0; o < RT_ARRAY_SIZE(orders); o++) {
		for (unsigned int how = 0; how < 64; how++) {
			open_three(WE_INITIATE);
			if ((how + o) & 1) {
				struct user *first = &users[orders[o][0]];

				first->on = "closed";
				first->then = close_all_others;
			}
			for (size_t i = 0; i < DLCS; i++) {
				end_dlc(orders[o][i], how >> 2 * i);
				if (o & 1)
					bench_step();
			}
			peer_answers_some(20);
			bench_step();
			peer_answers_some(20);
			for (size_t i = 0; i < DLCS; i++) {
				ck_assert(strcmp(users[i].log, "closed") == 0 ||
					  (how >> 2 * i & 3) == 3 ||
					  users[i].log[0] == '\0');
				users[i].log[0] = '\0';
			}
			end_all();
			for (size_t i = 0; i < DLCS; i++)
				users[i].log[0] = '\0';
		}
	}
}
END_TEST

/* RFC-14: each frame in each state of its DLC, and another one after it. */
START_TEST(any_frame_in_any_state_is_lived_with)
{
	static const char *const frames[] = {
		"SABM 2",
		"UA 2",
		"DM 2",
		"DISC 2",
		"UIH 2 41",
		"UIH+5 2 41",
		"SABM 3",
		"UIH 3 41",
		"DISC 3",
		"MCC 83 11 02 F0 07 00 F3 03 00 07",
		"MCC 81 11 02 E0 07 00 F3 03 00 07",
		"MCC E3 05 0B 8D",
		"MCC E1 05 0B 8D",
		"MCC 93 03 0B",
		"MCC 91 11 0B 03 03 00 11 13 7F 3F",
		"MCC 53 05 0B 01",
		"MCC 51 05 0B 01",
		"MCC 11 03 83",
		"MCC 11 03 E3",
	};
	const size_t count = RT_ARRAY_SIZE(frames);

	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < count * count; i++) {
			reach(WE_INITIATE, (enum stage)stage);
			peer(frames[i / count]);
			if (i & 1)
				tx_discard();
			peer(frames[i % count]);
			tx_discard();
			bench_step();
			end_all();
		}
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-08", "IA", what_is_rejected_changes_nothing),
	TAGGED("RFC-09", "IA",
	       a_peer_that_closes_while_commands_are_queued_does_no_harm),
	TAGGED("RFC-12", "IA",
	       the_last_dlc_may_close_in_any_order_and_from_a_callback),
	TAGGED("RFC-14", "IA", any_frame_in_any_state_is_lived_with),
};

const struct tagged_table rfc_life_table = TABLE(rows);
