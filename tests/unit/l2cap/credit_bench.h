/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_CREDIT_BENCH_H
#define TEST_L2CAP_CREDIT_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "tests/unit/l2cap/bench.h"

/* One channel in CREDIT mode, ours 0x0040, the peer's 0x0050. */

extern struct user credit_user;

/* Its ops: `pull` gives SDUs of octets that count up. */
extern struct rt_l2cap_ops credit_ops;
extern uint8_t credit_octets[400];

/* Makes an idle engine. */
void credit_setup(void);

/* Ends it, and makes another one. */
void credit_restart(void);

/*
 * Opens the channel: our MTU is 100, our MPS 64, and the peer has so many
 * credits (0: by the room); it has MTU 200 and MPS 64, and gives us so many.
 */
void credit_open(uint16_t rx_credits, uint16_t tx_credits, size_t room);

/* `head`, and `n` octets in hexadecimal that count up from `from`. */
const char *credit_hex(const char *head, size_t from, size_t n);

/* SDUs of these lengths, up to SIZE_MAX, are to be sent. */
void credit_send(const size_t *sdus);

/* What we must send next on the channel: `head`, and octets from `from`. */
void credit_tx(const char *head, size_t from, size_t n);

/* What the peer sends. */
void credit_rx(const char *head, size_t from, size_t n);

/* We must disconnect the channel for this reason. */
void credit_ended(uint16_t code);

#endif
