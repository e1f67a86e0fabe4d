/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_MODEL_H
#define RT_SEC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which association model two devices use (Core Vol 3 Part C 5.2.2.6, tables
 * 5.7 and 5.8; Vol 2 Part F 4.2.10). It follows from what both have said in the
 * exchange of IO capabilities, and is the same seen from either side.
 */

enum rt_sec_model {
	RT_SEC_MODEL_JUST_WORKS, /* numeric comparison, confirmed unseen */
	RT_SEC_MODEL_NUMERIC,
	RT_SEC_MODEL_PASSKEY,
	RT_SEC_MODEL_OOB,
};

/* What one device says of itself. */
struct rt_sec_side {
	uint8_t io; /* enum rt_sec_io */
	bool oob;   /* it has data of the other, received out of band */
	bool mitm;  /* it wants protection from a man in the middle */
};

/*
 * The model of the pairing. All but JUST_WORKS make an authenticated key, which
 * has MITM protection.
 */
enum rt_sec_model rt_sec_model_of(const struct rt_sec_side *a,
				  const struct rt_sec_side *b);

#endif
