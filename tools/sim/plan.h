/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_PLAN_H
#define RT_SIM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/sim/world.h"
#include "tools/vctl/vctl.h"

/*
 * What a seed has drawn before its story begins: who is there, what the
 * applications do, what goes wrong and how often. Everything that can be left
 * out has a bit, so that a story that fails can be made shorter.
 */

/* Who plays: bits of sim_options.roles. */
enum sim_role {
	SIM_ROLE_OWN,	     /* hosts of ours among themselves */
	SIM_ROLE_MODEL,	     /* a host of ours and an independent peer */
	SIM_ROLE_LIAR,	     /* a host of ours and a peer that lies */
	SIM_ROLE_CONTROLLER, /* the controllers of our hosts are hostile */
	SIM_ROLES,
};

/*
 * What can be left out: name, and what it is. Those up to SIM_DEEDS are done
 * by applications, the others go wrong.
 */
#define SIM_FEATURES(X)                                                       \
	X(RFCOMM, "rfcomm", "connections over RFCOMM")                        \
	X(BASIC, "basic", "L2CAP channels in Basic mode")                     \
	X(ERTM, "ertm", "L2CAP channels in Enhanced Retransmission mode")     \
	X(STREAMING, "streaming", "L2CAP channels in Streaming mode")         \
	X(CREDIT, "credit", "L2CAP channels with credits")                    \
	X(BY_UUID, "by-uuid", "connections by UUID")                          \
	X(SECURITY, "security", "connections that ask for more than level 1") \
	X(TRANSFER, "transfer", "data")                                       \
	X(END, "end", "closing and aborting")                                 \
	X(SERIAL, "serial", "modem signals, line settings, breaks")           \
	X(INQUIRY, "inquiry", "inquiries")                                    \
	X(NAME, "name", "name requests")                                      \
	X(ECHO, "echo", "L2CAP echoes")                                       \
	X(SEARCH, "search", "service searches")                               \
	X(RECORD, "record", "service records that come, change and go")       \
	X(PAIRING, "pairing", "pairings that a user begins")                  \
	X(UNPAIR, "unpair", "keys that a user deletes")                       \
	X(MODE, "mode", "hosts that hide, or switch off for a while")         \
	X(CROSSING, "crossing", "two hosts that do the same at one instant")  \
	X(SLOW, "slow", "applications that read slowly or not at all")        \
	X(IN_CALLBACK, "in-callback", "deeds from inside callbacks")          \
	X(RESTART, "restart", "hosts freed as they are, and made anew")       \
	X(REFUSING, "refusing", "users who refuse, or answer late or never")  \
	X(DEEDS, NULL, NULL)                                                  \
	X(LATENCY, "latency", "packets that take their time")                 \
	X(FLUSH, "flush", "an air that loses what may be flushed")            \
	X(FRAME_LOST, "frame-lost", "ERTM and Streaming: lost frames")        \
	X(FRAME_TWICE, "frame-twice", "the same: frames that come twice")     \
	X(FRAME_LATE, "frame-late", "the same: frames out of order")          \
	X(FRAME_SPOILT, "frame-spoilt", "the same: bits that flip")           \
	X(DROP, "drop", "links that break")                                   \
	X(OUT_OF_RANGE, "out-of-range", "devices that go away for a while")   \
	X(MUTE, "mute", "controllers that say nothing for a while")           \
	X(HARDWARE, "hardware", "Hardware Error events")                      \
	X(RESET, "reset", "controllers that forget everything")               \
	X(UNPLUG, "unplug", "controllers that vanish and come back")          \
	X(COMPLETIONS, "completions", "completions that come late")           \
	X(COMPLETIONS_LOST, "completions-lost", "completions that get lost")  \
	X(COMMAND_FAILS, "command-fails", "commands that fail")               \
	X(COMMAND_LOST, "command-lost", "commands without an answer")         \
	X(EVENT_LATE, "event-late", "events late and out of order")           \
	X(EVENT_TWICE, "event-twice", "events that come twice")               \
	X(EVENT_LOST, "event-lost", "events that get lost")                   \
	X(EVENT_SPOILT, "event-spoilt", "events with other octets or ends")   \
	X(EVENT_MADE_UP, "event-made-up", "events out of nowhere")            \
	X(ACL_MADE_UP, "acl-made-up", "data out of nowhere")                  \
	X(ACL_SPOILT, "acl-spoilt", "data with other octets or ends")         \
	X(ENCRYPTION, "encryption", "encryption that is switched off")        \
	X(KEY_SIZE, "key-size", "keys that get smaller")                      \
	X(KEY_LOST, "key-lost", "keys that one side has lost")                \
	X(MEMORY, "memory", "allocations that fail")                          \
	X(CLOCK, "clock", "hosts that don't run for a while")                 \
	X(LIES, "lies", "lies of the peer")

enum sim_feature {
#define X(id, name, what) SIM_##id,
	SIM_FEATURES(X)
#undef X
		SIM_FEATURE_COUNT,
};

/* A set of them. */
typedef uint64_t sim_features;

#define SIM_BIT(feature) (UINT64_C(1) << (feature))

/* What the user asks of a seed. */
struct sim_options {
	sim_features without; /* these are left out */
	unsigned int roles;   /* of enum sim_role, 1 << role; 0: all */
	uint32_t faults_ms;   /* how long things go wrong; 0: as drawn */
	const char *capture;  /* file for a capture; NULL: none */
	bool log;	      /* tell the story on standard output */
};

struct sim_plan {
	uint64_t seed;
	enum sim_role role;
	sim_features features; /* that this story has */
	unsigned int hosts;    /* of ours */
	unsigned int peers;    /* that are none, behind our hosts */
	uint32_t faults_ms;
	uint32_t deed_ms;  /* of an application, one every ... on average */
	uint32_t fault_ms; /* of each kind, one every ... on average */
	/* Of a thousand packets it may hit. */
	uint32_t permille[SIM_FEATURE_COUNT];
	uint32_t latency_us;
	struct rt_vctl_options controller[WORLD_HOSTS_MAX];
	uint32_t personality[WORLD_HOSTS_MAX]; /* 1 << enum rt_vctl_fault */
	uint32_t session_hold_ms[WORLD_HOSTS_MAX];
};

/* Draws the plan of a seed. */
void sim_plan_draw(struct sim_plan *plan, uint64_t seed,
		   const struct sim_options *options);

/* True if the story has it. */
bool sim_plan_has(const struct sim_plan *plan, enum sim_feature feature);

/*
 * True if what arrives is what was sent: nothing in this story changes data or
 * invents any.
 */
bool sim_plan_is_faithful(const struct sim_plan *plan);

/* True if the controllers keep to the specification, but for breaking down. */
bool sim_plan_is_orderly(const struct sim_plan *plan);

/* The name of a feature, "frame-lost"; NULL for one that is none. */
const char *sim_feature_name(enum sim_feature feature);

/* What it is, in a few words. */
const char *sim_feature_text(enum sim_feature feature);

/* The feature with this name, or SIM_FEATURE_COUNT. */
enum sim_feature sim_feature_by_name(const char *name);

/* "own", "model", "liar", "controller". */
const char *sim_role_name(enum sim_role role);

#endif
