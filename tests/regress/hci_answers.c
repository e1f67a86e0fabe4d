/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/msg.h"
#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"

/*
 * Answers to the commands that a host sends in the stories, which are all but
 * those that take a host behind a packet socket (hci_commands.c): short ones,
 * failures, late ones.
 */

#define OPCODES_MAX 80
#define EVENT_BYTES 257

#define COMMAND_COMPLETE 0x0e
#define COMMAND_STATUS 0x0f
#define COMMAND_DISALLOWED 0x0c

/* A command, and the first story in which it is answered. */
struct asked {
	uint16_t opcode;
	const struct story *story;
	size_t bytes; /* of its return parameters; of a status, 1 */
};

static struct asked asked[OPCODES_MAX];
static size_t asked_count;

/* What is done to the answers to one command. */
enum deed {
	CUT,	/* after `keep` octets of the return parameters */
	FAIL,	/* Command Complete with a failure, and nothing else */
	STATUS, /* Command Status with a failure */
	HOLD,	/* the first one, for `hold_us` */
};

struct hostile {
	uint16_t opcode;
	enum deed deed;
	size_t keep;
	uint64_t hold_us;
	bool free; /* all, while the answer is held */
	unsigned int done;
	uint64_t due_us;
	size_t len;
	uint8_t event[EVENT_BYTES];
};

/* The opcode that the event answers; 0: none. */
static uint16_t opcode_of(const struct world_packet *packet)
{
	const uint8_t *octets = packet->octets.ptr;
	size_t at = 0;

	if (!packet->from_controller || packet->node != STAGE_HOST ||
	    packet->type != RT_PACKET_EVENT || packet->octets.len < 6)
		return 0;
	if (octets[0] == COMMAND_COMPLETE)
		at = 3;
	if (octets[0] == COMMAND_STATUS)
		at = 4;
	if (at == 0)
		return 0;
	return (uint16_t)(octets[at] | octets[at + 1] << 8);
}

static struct rt_bytes note(struct world *w, const struct world_packet *packet,
			    void *arg)
{
	const struct stage *stage = arg;
	const uint16_t opcode = opcode_of(packet);
	const bool is_status = opcode && packet->octets.ptr[0] != 0x0e;
	size_t i = 0;

	(void)w;
	while (i < asked_count && asked[i].opcode != opcode)
		i++;
	if (opcode && i == asked_count) {
		ck_assert_uint_lt(i, OPCODES_MAX);
		asked[asked_count++] = (struct asked){
			.opcode = opcode,
			.story = stage->story,
			.bytes = is_status ? 1 : packet->octets.len - 5,
		};
	}
	return packet->octets;
}

/* Plays all stories in peace, and notes what is asked in them. */
static void ask(void)
{
	asked_count = 0;
	for (size_t i = 0; i < stage_story_count; i++) {
		struct stage stage;

		stage_open(&stage, &stage_stories[i], NULL);
		stage.w->meddle = note;
		stage.w->meddle_arg = &stage;
		stage_play(&stage);
		stage_end(&stage);
	}
}

/* The event with which the controller answers instead. */
static struct rt_bytes answer(struct hostile *h, size_t returns)
{
	const size_t head = h->deed == STATUS ? 6 : 5;

	h->event[0] = h->deed == STATUS ? COMMAND_STATUS : COMMAND_COMPLETE;
	h->event[1] = (uint8_t)(head - 2 + returns);
	return rt_bytes(h->event, head + returns);
}

static struct rt_bytes change(struct hostile *h, struct rt_bytes octets)
{
	const uint8_t low = (uint8_t)h->opcode;
	const uint8_t high = (uint8_t)(h->opcode >> 8);

	memset(h->event, 0, sizeof(h->event));
	switch (h->deed) {
	case CUT:
		memcpy(h->event, octets.ptr, octets.len);
		h->event[2] = 1;
		h->event[3] = low;
		h->event[4] = high;
		return answer(h, h->keep);
	case FAIL:
		h->event[2] = 1;
		h->event[3] = low;
		h->event[4] = high;
		h->event[5] = COMMAND_DISALLOWED;
		return answer(h, 1);
	case STATUS:
		h->event[2] = COMMAND_DISALLOWED;
		h->event[3] = 1;
		h->event[4] = low;
		h->event[5] = high;
		return answer(h, 0);
	case HOLD:
		break;
	}
	memcpy(h->event, octets.ptr, octets.len);
	h->len = octets.len;
	return (struct rt_bytes){ .ptr = NULL };
}

static struct rt_bytes spoil(struct world *w, const struct world_packet *packet,
			     void *arg)
{
	struct hostile *h = arg;

	if (opcode_of(packet) != h->opcode || (h->deed == HOLD && h->done > 0))
		return packet->octets;
	h->done++;
	h->due_us = w->now_us + h->hold_us;
	return change(h, packet->octets);
}

/* Hands over what is held, when it is time. */
static void tick(struct stage *stage)
{
	struct hostile *h = stage->user;

	if (h->done == 0 || h->len == 0)
		return;
	if (h->free && stage_host(stage) && !stage->over)
		stage_free_objects(stage);
	if (stage->w->now_us < h->due_us)
		return;
	/* It is no answer to what the host asks afterwards. */
	h->opcode = 0;
	stage_inject(stage, h->event, h->len);
	h->len = 0;
}

/* Plays a story with this done to it, up to its end. */
static void play(struct stage *stage, const struct story *story,
		 struct hostile *h)
{
	stage_open(stage, story, NULL);
	stage->user = h;
	stage->tick = tick;
	stage->w->meddle = spoil;
	stage->w->meddle_arg = h;
	stage_play(stage);
	/* The answer is due by now, however long it was held. */
	for (int i = 0; i < 60; i++) {
		world_run(stage->w, RT_MS(100));
		tick(stage);
	}
	ck_assert_msg(h->done > 0, "%s: nothing was done", story->name);
	ck_assert_uint_eq(h->deed == HOLD ? h->len : 0, 0);
}

static void try_answer(const struct asked *what, enum deed deed, size_t keep)
{
	struct hostile h = {
		.opcode = what->opcode,
		.deed = deed,
		.keep = keep,
	};
	struct stage stage;

	play(&stage, what->story, &h);
	stage_end(&stage);
}

/* Sent only where the transport, or the controller, has more than ours. */
static bool is_of_bringup(uint16_t opcode)
{
	return opcode == RT_HCI_CMD_HOST_BUFFER_SIZE ||
	       opcode == RT_HCI_CMD_SET_CONTROLLER_TO_HOST_FLOW_CONTROL ||
	       opcode == RT_HCI_CMD_SET_EVENT_MASK_PAGE_2;
}

/* The stories have all commands but those that hci_commands.c has. */
static void expect_all_commands(void)
{
	for (size_t i = 0; i < rt_hci_cmd_table.count; i++) {
		const struct rt_codec_msg *msg = rt_hci_cmd_table.msg[i];
		size_t k = 0;

		while (k < asked_count && asked[k].opcode != msg->code)
			k++;
		ck_assert_msg(k < asked_count || is_of_bringup(msg->code),
			      "%s is in no story", msg->name);
	}
}

/* HCI-04 */
START_TEST(an_answer_that_is_cut_anywhere_ends_what_asked)
{
	ask();
	expect_all_commands();
	for (size_t i = 0; i < asked_count; i++) {
		for (size_t keep = 0; keep < asked[i].bytes; keep++)
			try_answer(&asked[i], CUT, keep);
	}
}
END_TEST

/* HCI-04 */
START_TEST(an_answer_that_is_a_failure_ends_what_asked)
{
	ask();
	for (size_t i = 0; i < asked_count; i++) {
		try_answer(&asked[i], FAIL, 0);
		try_answer(&asked[i], STATUS, 0);
	}
}
END_TEST

static uint32_t resets_of(const struct stage *stage)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };

	rt_host_get_stats(stage_host(stage), &stats);
	return stats.resets;
}

static void try_late(const struct asked *what, uint64_t hold_us, bool free)
{
	struct hostile h = {
		.opcode = what->opcode,
		.deed = HOLD,
		.hold_us = hold_us,
		.free = free,
	};
	struct stage stage;
	play(&stage, what->story, &h);
	/* What came too late is done without until the power is off. */
	stage.anew = hold_us > RT_SECONDS(2);
	/* The controller was reset only if the answer was too late. */
	if (!stage.off)
		ck_assert_msg((resets_of(&stage) > 0) ==
				      (hold_us > RT_SECONDS(2)),
			      "%s: 0x%04x after %llu us", what->story->name,
			      what->opcode, (unsigned long long)hold_us);
	stage_end(&stage);
}

/* HCI-17: in time; at the last moment; during the reset; after it. */
START_TEST(an_answer_may_come_at_any_time)
{
	static const uint64_t holds_us[] = {
		RT_MS(1000), RT_MS(1900), RT_MS(2100), RT_MS(2500), RT_MS(4500),
	};

	ask();
	for (size_t i = 0; i < asked_count; i++) {
		for (size_t k = 0; k < RT_ARRAY_SIZE(holds_us); k++)
			try_late(&asked[i], holds_us[k], false);
	}
}
END_TEST

/* HCI-17: who asked has gone. */
START_TEST(an_answer_may_come_when_nobody_waits_any_more)
{
	ask();
	for (size_t i = 0; i < asked_count; i++) {
		try_late(&asked[i], RT_MS(1000), true);
		try_late(&asked[i], RT_MS(2500), true);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-04", "A", an_answer_that_is_cut_anywhere_ends_what_asked),
	TAGGED("HCI-04", "A", an_answer_that_is_a_failure_ends_what_asked),
	TAGGED("HCI-17", "A", an_answer_may_come_at_any_time),
	TAGGED("HCI-17", "A", an_answer_may_come_when_nobody_waits_any_more),
};

const struct tagged_table hci_answers_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
