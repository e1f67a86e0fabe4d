/* SPDX-License-Identifier: MIT */
#ifndef RT_ENV_H
#define RT_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/limits.h"
#include "stack/list.h"
#include "stack/timer.h"

/*
 * What an engine may know of the world: the time, randomness, memory, where
 * log lines and packets go. One a host; engines reach nothing else.
 */

enum rt_log_level {
	RT_LOG_ERROR,	/* we failed, or the controller did */
	RT_LOG_WARNING, /* a peer broke a rule; we carried on */
	RT_LOG_INFO,	/* links and channels come and go */
	RT_LOG_DEBUG,	/* state changes */
};

/* Packet types: the H4 indicator octet (Core Vol 4 Part A 2). */
enum rt_packet_type {
	RT_PACKET_COMMAND = 1,
	RT_PACKET_ACL = 2,
	RT_PACKET_SCO = 3,
	RT_PACKET_EVENT = 4,
	RT_PACKET_ISO = 5,
};

#define RT_SLICES_MAX 6

/*
 * A packet in pieces that are sent one after the other. The layout of a piece
 * is that of struct iovec.
 */
struct rt_packet {
	uint8_t type; /* enum rt_packet_type */
	uint8_t count;
	size_t len; /* of all slices together, without the type octet */
	struct rt_bytes slice[RT_SLICES_MAX];
};

struct rt_env_hooks {
	/* Zeroed memory, or NULL. */
	void *(*alloc)(void *ctx, size_t bytes);
	void (*free)(void *ctx, void *ptr);
	/* Fills `buf` with unpredictable octets; never fails. */
	void (*random)(void *ctx, void *buf, size_t bytes);
	/* One line, without a newline; NULL: not wanted. */
	void (*log)(void *ctx, enum rt_log_level level, const char *line);
	/* Every packet to and from the controller; NULL: not wanted. */
	void (*tap)(void *ctx, uint64_t now_us, bool from_controller,
		    const struct rt_packet *packet);
	void *ctx;
};

struct rt_env {
	struct rt_env_hooks hooks;
	uint64_t now_us;
	struct rt_timers timers;
	struct rt_list ready;	  /* of rt_ready: what the application hears */
	struct rt_list graveyard; /* of rt_grave: freed by rt_env_reap() */
	struct rt_limits limits;
	uint32_t frame; /* number of the last packet, from 1 */
	size_t live;	/* allocations not freed yet */
	size_t live_bytes;
};

/*
 * Prepares an environment at the instant `now_us` with default limits. Hooks
 * for memory and randomness are required.
 */
void rt_env_init(struct rt_env *env, const struct rt_env_hooks *hooks,
		 uint64_t now_us);

/* Zeroed memory of `bytes` octets, or NULL. Freed with rt_env_free(). */
void *rt_env_alloc(struct rt_env *env, size_t bytes) RT_MUST_CHECK;

/* Frees what rt_env_alloc() gave; NULL is allowed. */
void rt_env_free(struct rt_env *env, void *ptr);

/* Arms `timer` to fire `delay_us` from now. */
void rt_env_arm(struct rt_env *env, struct rt_timer *timer, uint64_t delay_us);

/* Stops `timer`. */
void rt_env_stop(struct rt_env *env, struct rt_timer *timer);

/* An unpredictable number (predictable where the seed is given). */
uint32_t rt_env_random32(struct rt_env *env);

/* True if anybody wants log lines: ask before costly preparations. */
bool rt_env_logs(const struct rt_env *env);

/*
 * Logs one line of at most 200 octets; longer ones are cut. Control characters
 * become '?', so that what a peer sends may be printed.
 */
void rt_log(struct rt_env *env, enum rt_log_level level, const char *fmt, ...)
	RT_PRINTF(3, 4);

/*
 * Member of an object that closes now and whose memory goes at the end of the
 * step, when nothing on the call stack knows it any more.
 */
struct rt_grave {
	struct rt_list node;
	void (*free)(struct rt_env *env, struct rt_grave *grave);
};

/* Buries an object: `free` is called once, by rt_env_reap(). */
void rt_env_bury(struct rt_env *env, struct rt_grave *grave,
		 void (*free)(struct rt_env *env, struct rt_grave *grave));

/* Frees what has been buried. The host calls it at the end of each step. */
void rt_env_reap(struct rt_env *env);

/*
 * Member of an object that the application hears of. Raising sets bits and
 * puts the object on the ready list once; popping takes object and bits off.
 */
struct rt_ready {
	struct rt_list node;
	uint32_t events; /* bits; what they mean is the object's affair */
	uint8_t kind;	 /* which kind of object this is a member of */
};

/* Prepares an object of kind `kind` that has nothing to say. */
void rt_ready_init(struct rt_ready *ready, uint8_t kind);

/* Adds event bits and queues the object if it is not queued. */
void rt_ready_raise(struct rt_env *env, struct rt_ready *ready,
		    uint32_t events);

/* Takes the object off the list and forgets its bits. */
void rt_ready_cancel(struct rt_ready *ready);

/*
 * Takes the first object off the list and sets *ret_events to its bits, which
 * are cleared in the object. NULL if the list is empty.
 */
struct rt_ready *rt_ready_pop(struct rt_env *env, uint32_t *ret_events);

#endif
