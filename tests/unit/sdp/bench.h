/* SPDX-License-Identifier: MIT */
#ifndef TEST_SDP_BENCH_H
#define TEST_SDP_BENCH_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "l2cap/sdp.h"
#include "tests/support/hex.h"
#include "tests/support/fake_l2cap.h"
#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

/*
 * The engine on a fake L2CAP, and the words in which the tests speak: PDUs in
 * hexadecimal, what the peer sends (`rx`), and what we must send next (`tx`).
 */

#define MTU 672 /* of the peer, unless a test says otherwise */

struct bench {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_sdp *sdp;
	rt_handle chan; /* the one that rx and tx mean */
	uint8_t got[FAKE_SDU_MAX];
};

extern struct bench bench;

/* Makes an idle engine. */
void bench_setup(void);

/* The same with limits other than the default; called after bench_setup(). */
void bench_restart(void (*change)(struct rt_limits *limits));

/* Frees the engine; nothing may be left allocated or armed. */
void bench_teardown(void);

/* Address number `n`, 1 or more. */
struct rt_addr bench_addr(uint8_t n);

/* Lets time pass, timer by timer; frees the dead. */
void bench_wait_us(uint64_t us);

/* Device 1 opens a channel and receives `mtu` octets; rx and tx mean it. */
void bench_accept(uint16_t mtu);

/* Device 1 closes it. */
void bench_hang_up(void);

/* The peer sends these octets. */
void rx(const char *hex);

/* The peer sends these octets. */
void rx_octets(const void *octets, size_t bytes);

/* Pulls what we send next to bench.got. Returns its octets; 0: nothing. */
size_t tx_take(void);

/* What we must send next. */
void tx(const char *hex);

/* We have nothing to send. */
void tx_nothing(void);

/* Asks and gets: rx(), then tx(). */
void ask(const char *request, const char *response);

/*
 * The attributes of a serial port: classes, server channel 3, browse group,
 * and a name of `name_bytes` letters. Returns the octets.
 */
size_t bench_serial_port(uint8_t *buf, size_t cap, size_t name_bytes);

/* Publishes such a record. Returns its handle. */
uint32_t bench_publish(size_t name_bytes);

#endif
