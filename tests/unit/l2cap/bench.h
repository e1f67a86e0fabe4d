/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_BENCH_H
#define TEST_L2CAP_BENCH_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2cap/engine.h"
#include "l2cap/l2cap.h"
#include "tests/support/hex.h"
#include "tests/unit/l2cap/fake_hci.h"
#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

/*
 * The engine on a fake HCI, and the words in which the tests speak: what the
 * peer sends (`rx`), what we must send next (`tx`), octets in hexadecimal, and
 * what a user of channels must have been told (`told`).
 *
 * Our first identifier on a link is 01, our first channel id 0x0040. PDUs that
 * `tx` takes are completed at once unless `hold` is set.
 */

enum hold {
	HOLD_NOTHING,
	HOLD_DATA,
	HOLD_ALL,
};

struct bench {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_hci hci;
	struct rt_l2cap *l2cap;
	struct rt_hci_link *link; /* the one that rx and tx mean */
	enum hold hold;
};

extern struct bench bench;

/* Makes an idle engine. */
void bench_setup(void);

/* The same with limits other than the default; called after bench_setup(). */
void bench_restart(void (*change)(struct rt_limits *limits));

/* Frees the engine. Fails if something is allocated or armed afterwards. */
void bench_teardown(void);

/* Address number `n`, 1 or more. */
struct rt_addr bench_addr(uint8_t n);

/* Runs the timers that are due, and what follows at once. Frees the dead. */
void bench_step(void);

/* Lets microseconds pass, timer by timer. */
void bench_wait_us(uint64_t us);

/* Lets milliseconds pass, timer by timer. */
void bench_wait_ms(uint64_t ms);

/* The peer sends a C-frame. */
void rx(const char *hex);

/* The peer sends a PDU on the channel id. */
void rx_cid(uint16_t cid, const char *hex);

/* What we must send next: a C-frame with this payload. */
void tx(const char *hex);

/* What we must send next: this payload on the channel id. */
void tx_cid(uint16_t cid, const char *hex);

/* We must have nothing to send. */
void tx_nothing(void);

/* Throws away what we send now. Returns how many PDUs that were. */
size_t tx_discard(void);

/* A user of channels: remembers what it is told. */
struct user {
	rt_handle chan;
	char log[600];
	struct rt_reason why;	 /* of the last close */
	const char *const *sdus; /* to be pulled, NULL behind the last */
	uint8_t body[2][64];	 /* of SDUs pulled, in turn */
	unsigned int pulled;
	bool many;	      /* has several channels; `chan` is the last */
	int answer;	      /* of incoming: 0 or negative */
	struct user *adopter; /* gets the incoming channel; NULL: nobody */
	/* Called when it is told something that begins with `on`. */
	const char *on;
	void (*then)(struct user *user);
	struct user *other; /* for `then` */
};

/* Ops of channels and of listeners; the user is a struct user. */
extern const struct rt_l2cap_ops user_ops;
extern const struct rt_l2cap_ops listener_ops;

/* What the user has been told since the last time: "opened rx:0102". */
void told(struct user *user, const char *what);

/* The same for a close: its code, layer L2CAP, errno and phase. */
void told_closed(struct user *user, uint16_t code, enum rt_phase phase);

/* What is known of the user's channel, which must be there. */
struct rt_l2cap_info info_of(const struct user *user);

/*
 * The channel has failed while it was configured: we must send the request and
 * nothing else; when the response has come, the user must be told the code.
 */
void taken_down(struct user *user, const char *req, const char *rsp,
		uint16_t code);

/* Starts a connection to `psm` of address 1. Returns as rt_l2cap_connect(). */
int connect_to(struct user *user, uint16_t psm);

/* Listens on `psm` with the user. */
void listen_on(struct user *user, uint16_t psm);

/* A link with address 1 that the peer opened. */
void link_in(void);

/*
 * Brings a channel of ours to PSM 0x1001, over a new link, with our id 0x0040
 * and the peer's 0x0041, into the state: the link is being opened.
 */
void to_wait_link(struct user *user);

/* CONNECTION_REQ (identifier 01) and INFORMATION_REQ (02) are sent. */
void to_wait_connect_rsp(struct user *user);

/* CONFIGURATION_REQ (03) is sent. */
void to_config(struct user *user);

/* It is open. */
void to_open(struct user *user);

/* The user has closed it: DISCONNECTION_REQ (04) is sent. */
void to_wait_disconnect(struct user *user);

/*
 * Brings a channel of the peer with the same ids, identifier 01, to a listener
 * on 0x1001 which has yet to decide: it must answer -EAGAIN.
 */
void to_wait_connect(struct user *listener);

#endif
