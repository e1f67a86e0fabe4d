/* SPDX-License-Identifier: MIT */
#ifndef TEST_COUPLE_H
#define TEST_COUPLE_H

#include "tests/unit/vctl/radio.h"

/*
 * Two controllers with a link between them, A the central, and hosts that
 * have unmasked all events: for suites about security.
 */

#define A (radio.v[0])
#define B (radio.v[1])
#define ADDR_A "00 00 00 01 aa 00"
#define ADDR_B "01 00 00 01 aa 00"

/* The events that the couple exchanges most. */
#define KEY_REQUEST "04 17 06 "
#define PIN_REQUEST "04 16 06 "
#define IO_REQUEST "04 31 06 "
#define IO_RESPONSE "04 32 09 "
#define CONFIRM_REQUEST "04 33 0a "
#define PASSKEY_REQUEST "04 34 06 "
#define OOB_REQUEST "04 35 06 "
#define PAIRED "04 36 07 " /* status, address */

/* ... and the commands, without the address. */
#define GIVE_KEY "01 0b 04 16 "
#define NO_KEY "01 0c 04 06 "
#define GIVE_PIN "01 0d 04 17 "
#define NO_PIN "01 0e 04 06 "
#define GIVE_IO "01 2b 04 09 "
#define NO_IO "01 34 04 07 "
#define CONFIRM "01 2c 04 06 "
#define NO_CONFIRM "01 2d 04 06 "
#define GIVE_PASSKEY "01 2e 04 0a "
#define NO_PASSKEY "01 2f 04 06 "

enum couple_ability {
	COUPLE_OLD, /* no host has enabled anything */
	COUPLE_SSP,
	COUPLE_SECURE, /* and Secure Connections */
};

struct couple {
	uint16_t a, b; /* handles */
};

extern struct couple couple;

/* Makes the couple, both with `ability`; any of the options may be NULL. */
void couple_make(enum couple_ability ability, const struct rt_air_options *air,
		 const struct rt_vctl_options *a,
		 const struct rt_vctl_options *b);

/* Resets both controllers, and sets them up and connects them again. */
void couple_reset(enum couple_ability ability);

/* Fixtures without options. */
void couple_setup_old(void);

/* The same, with Secure Simple Pairing. */
void couple_setup_ssp(void);

/* The same, with Secure Connections. */
void couple_setup_secure(void);

/* Authentication Requested at A, or at B. */
void authenticate(struct rt_vctl *v);

/* Hears Authentication Complete. */
void hear_authenticated(struct rt_vctl *v, uint8_t status);

/* Begins at A and gets to where both hosts are asked for IO capabilities. */
void begin_pairing(void);

/*
 * The IO capabilities of both sides ("01 00 03"), up to where stage 1 begins;
 * hears IO Capability Response on both.
 */
void exchange_io(const char *a, const char *b);

/* Hears an event of a number for the host; returns the number. */
uint32_t hear_number(struct rt_vctl *v, uint8_t event);

/* Hears Link Key Notification; returns the type. */
uint8_t hear_key(struct rt_vctl *v, uint8_t ret_key[16]);

/* Confirms on both sides, and hears that it has worked; the same. */
uint8_t confirm_both(uint8_t ret_key[16]);

/* A key as text for GIVE_KEY; valid until the next call. */
const char *key_text(const uint8_t key[16]);

/* Pairs without protection against MITM. */
void pair_couple(void);

/* Turns encryption on from A and hears it on both sides. */
void encrypt_couple(uint8_t mode);

#endif
