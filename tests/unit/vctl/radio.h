/* SPDX-License-Identifier: MIT */
#ifndef TEST_RADIO_H
#define TEST_RADIO_H

#include <check.h>
#include <stdint.h>

#include "tools/vctl/vctl.h"

/*
 * Controllers and their hosts as tests see them: packets are text, the H4
 * octet first, "01 03 0c 00". In what is expected ".." stands for any octet
 * and "*" for all that follows. Numbers are put in with printf formats; LE
 * writes a 16-bit one, for "%02x %02x".
 */

#define LE(x) (unsigned)((x)&0xff), (unsigned)((x) >> 8 & 0xff)

#define RADIO_MAX 10

struct radio {
	struct rt_air *air;
	struct rt_vctl *v[RADIO_MAX];
	uint64_t now_us;
};

extern struct radio radio;

/* An air with two controllers that page scan; for the suite's fixture. */
void radio_setup(void);

/* Frees what radio_setup() and the test made. */
void radio_teardown(void);

/* The same with other options, instead of radio_setup()'s. */
void radio_restart(const struct rt_air_options *air,
		   const struct rt_vctl_options *each, int count);

/* Lets time pass. */
void pass_ms(uint64_t ms);

/* The host sends a packet. */
void tell(struct rt_vctl *v, const char *fmt, ...) RT_PRINTF(2, 3);

/* The next packet for the host is this one. */
void hear(struct rt_vctl *v, const char *fmt, ...) RT_PRINTF(2, 3);

/* There is no packet for the host. */
void hear_nothing(struct rt_vctl *v);

/* Sends a command and hears Command Status with this status. */
void tell_status(struct rt_vctl *v, uint8_t status, const char *fmt, ...)
	RT_PRINTF(3, 4);

/* Sends a command and hears Command Complete with status 0 and anything. */
void tell_complete(struct rt_vctl *v, const char *fmt, ...) RT_PRINTF(2, 3);

/* Connects two controllers, the first one pages. Returns both handles. */
void join(struct rt_vctl *a, struct rt_vctl *b, uint16_t *ret_a,
	  uint16_t *ret_b);

/* Sends ACL data of `len` octets, all `fill`, with a start flag or without. */
void send_acl(struct rt_vctl *v, uint16_t handle, bool start, size_t len,
	      uint8_t fill);

/* Hears ACL data of `len` octets, all `fill`. */
void hear_acl(struct rt_vctl *v, uint16_t handle, bool start, size_t len,
	      uint8_t fill);

#endif
