/* SPDX-License-Identifier: MIT */
#ifndef TEST_USER_H
#define TEST_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/rfcomm.h"

/*
 * Users of DLCs of the bench's engine, who write down what they are told.
 */

/* The name of a negative errno, "0" for none. */
const char *bench_errno_name(int err);

/* A user of DLCs: remembers what it is told. */
struct user {
	rt_handle dlc;
	const char *name;
	char log[800];
	struct rt_reason why; /* of the last close */
	const uint8_t *out;   /* octets to be pulled */
	size_t out_len;
	size_t out_max;	      /* at most this many at once; 0: no limit */
	size_t received;      /* octets, in all */
	bool quiet;	      /* rx, completed and the port are not logged */
	bool port;	      /* wants to hear of the serial port */
	uint8_t signals;      /* at the start; 0: the default */
	uint32_t credits_max; /* 0: the limit */
	uint16_t frame_bytes; /* 0: the default */
	struct rt_sec_need need;
	int answer;	      /* of incoming: 0 or negative */
	struct user *adopter; /* gets the incoming DLC; NULL: nobody */
	/* Called when it is told something that begins with `on`. */
	const char *on;
	void (*then)(struct user *user);
};

/* Forgets all users: nobody has been told anything. */
void users_forget(void);

/* Fails if a user was told something the test did not look at by `told`. */
void users_assert_heard(void);

/* Ops of DLCs and of listeners; the user is a struct user. */
extern const struct rt_rfcomm_ops user_ops;
extern const struct rt_rfcomm_ops listener_ops;

/*
 * Of the serial port, which tells "modem:8C", with "+break3" if there is one,
 * "line:" and the five settings in hexadecimal, "status:03", and "answered:0:"
 * and the settings, or the name of the errno for 0.
 */
extern const struct rt_rfcomm_port_ops user_port_ops;

/* What the user has been told since the last time: "opened rx:0102". */
void told(struct user *user, const char *what);

/* The same for a close of this layer: its code, its errno and its phase. */
void told_closed(struct user *user, uint16_t code, enum rt_phase phase);

/* Starts a connection to `channel` of address 1, with this much room. */
int connect_to(struct user *user, uint8_t channel, size_t room);

/* Listens on `channel` with the user; `adopter` gets what comes. */
void listen_on(struct user *user, struct user *adopter, uint8_t channel,
	       size_t room);

/* Has octets to send: makes it ready. */
void write_out(struct user *user, const void *octets, size_t len);

/* The figures of the user's DLC, which exists. */
struct rt_rfcomm_info info_of(const struct user *user);

#endif
