/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_RFCOMM_SESSION_H
#define RT_TESTS_FUZZ_RFCOMM_SESSION_H

/*
 * An input of rfcomm_session: an octet for the rig, then records: what, how
 * many octets follow, and these.
 */
enum record {
	RECORD_FRAME,	/* an SDU, FCS and all */
	RECORD_SEALED,	/* a frame whose FCS is made right */
	RECORD_MUX,	/* messages on DLCI 0 */
	RECORD_TX,	/* frames of ours are taken: how many, honest */
	RECORD_WAIT,	/* so many powers of two of a millisecond */
	RECORD_ACT,	/* of users: what, who */
	RECORD_CHANNEL, /* of L2CAP */
	RECORDS,
};

#define RECORDS_MAX 64 /* in an input */

#endif
