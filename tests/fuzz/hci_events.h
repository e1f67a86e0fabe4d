/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_HCI_EVENTS_H
#define RT_TESTS_FUZZ_HCI_EVENTS_H

/*
 * An input of hci_events: an octet each for the policies of the victim and of
 * the peers, then records. Where a lie is spoken of, its four octets follow
 * what is listed (lie.h); zeros are none.
 */
enum record {
	RECORD_ACT,   /* engine, what, a, b, a lie */
	RECORD_TIME,  /* so many powers of two of a millisecond, a lie */
	RECORD_EVENT, /* number (fields.h), link or peer; free fields */
	RECORD_RAW,   /* an event, header and all */
	RECORD_DATA,  /* an ACL packet, header and all */
	RECORDS,
};

#define RECORDS_MAX 64 /* in an input */
#define HEAD_BYTES 2

#endif
