/* SPDX-License-Identifier: MIT */
#ifndef TEST_PAIR_H
#define TEST_PAIR_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/rfcomm.h"
#include "tests/support/fake_l2cap.h"
#include "tests/unit/stack/fake_env.h"

/*
 * Two engines, each in an environment of its own under one clock, and what is
 * between them: L2CAP and the air, with a latency, in order, without loss
 * until the link is cut. All chance comes from one seed.
 */

#define PAIR_LINKS 8

struct pair_host {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_rfcomm *rfcomm;
};

/* An SDU on its way. */
struct pair_sdu {
	struct pair_sdu *next;
	uint64_t due_us;
	rt_handle handle; /* of the channel where it arrives */
	size_t len;
	uint8_t octets[];
};

enum pair_phase {
	PAIR_NONE,
	PAIR_REQUESTED,	 /* until the other host hears of it */
	PAIR_ASKED,	 /* until that host has decided */
	PAIR_CONFIGURED, /* until both are open */
	PAIR_OPEN,
	PAIR_CLOSING, /* until the other end hears of it */
	PAIR_CLOSED,  /* until the end that closed hears of that */
};

/* An L2CAP channel: `end` is the host that opens it, or that closes it. */
struct pair_link {
	enum pair_phase phase;
	size_t end;
	uint64_t due_us;
	rt_handle handle[2];
};

struct pair {
	struct pair_host host[2];
	struct pair_link link[PAIR_LINKS];
	struct pair_sdu *wire[2]; /* to host 0 and to host 1, in order */
	uint64_t now_us;
	uint64_t latency_us;
	uint64_t random;
	bool lazy;	     /* chance says when SDUs are pulled and complete */
	bool refuses[2];     /* this host refuses channels without asking */
	void (*check)(void); /* called after each step; may be NULL */
};

extern struct pair pair;

/* Two idle engines. */
void pair_setup(uint64_t seed);

/* Fails if something is left allocated or armed. */
void pair_teardown(void);

/* A number below `n` by chance. */
uint32_t pair_random(uint32_t n);

/* The address of a host. */
struct rt_addr pair_addr(size_t host);

/* Lets time pass, from one event to the next. */
void pair_run_us(uint64_t us);

/* The link between the hosts is lost: all channels close for `why`. */
void pair_cut(const struct rt_reason *why);

/* Both engines have nothing left. */
bool pair_is_idle(void);

/*
 * UIH frames for `dlci` on their way to `host`: how many carry information,
 * and the sum of their credits.
 */
void pair_in_flight(size_t host, uint8_t dlci, uint32_t *ret_frames,
		    uint32_t *ret_credits);

#endif
