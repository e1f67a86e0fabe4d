/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CALLS_H
#define RT_TESTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/*
 * System calls that fail when they are told to. The linker puts these in the
 * place of the calls (--wrap), so what is tested is what is shipped. Calls
 * count while the code under test runs, not while the test itself does.
 *
 * The clock stands still unless it is set, and timers of the system follow it:
 * nothing waits, nothing depends on the machine.
 */

enum call {
#define CALL(name, class) CALL_##name,
#include "tests/fault/calls.def"
#undef CALL
	CALLS,
};

/* What a call does instead; else it is an errno. */
#define CALL_SHORT (-1) /* as little as possible */
#define CALL_ZERO (-2)	/* nothing, and says so */

#define CALLS_LOG_MAX 8192
#define CALLS_TERMINAL "/dev/played"

/* The calls of a run in which nothing failed. */
struct calls_log {
	size_t count;
	struct {
		enum call call;
		uintptr_t site; /* the address it returns to */
	} row[CALLS_LOG_MAX];
};

/* The calls so far, and what is to fail. */
struct calls {
	bool counted;	   /* the code under test runs */
	unsigned int made; /* of all kinds */
	unsigned int at;   /* this one fails, counted from 1; 0: none */
	int what;
	bool for_good;	       /* and all of its kind after it */
	bool failed;	       /* it has come to that */
	enum call kind;	       /* that failed */
	struct calls_log *log; /* to be written; NULL: not */
	uint64_t now_us;
	/*
	 * A terminal that is played by one end of a socket pair: open() gives
	 * it for CALLS_TERMINAL. -1: it has been given, or there is none.
	 */
	int terminal;
	int terminal_open; /* the descriptor that was given; -1: none */
	struct termios tio;
	bool exclusive;
	long live; /* allocations not freed */
};

extern struct calls calls;

/* The name of a call. */
const char *calls_name(enum call call);

/* True if it moves octets, so that it can move fewer. */
bool calls_is_data(enum call call);

/* Sets the clock forward; timers of the system that are due go off. */
void calls_set_clock(uint64_t now_us);

/* True, and sets *ret_due_us, if a timer of the system is armed. */
bool calls_next_timer(uint64_t *ret_due_us);

/* Descriptors that are open. */
unsigned int calls_count_descriptors(void);

#endif
