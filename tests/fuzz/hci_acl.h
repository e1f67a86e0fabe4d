/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_HCI_ACL_H
#define RT_TESTS_FUZZ_HCI_ACL_H

/* An input of hci_acl: records alone. */
enum record {
	RECORD_FRAGMENT, /* link, boundary flag; data */
	RECORD_PDU,	 /* link, channel id, length (2), octets of a fragment,
			    how many fragments: 0 is all */
	RECORD_RAW,	 /* an ACL packet, header and all */
	RECORD_BREAK,	 /* link */
	RECORD_EARLY,	 /* link, boundary flag; data that come before it */
	RECORD_TIME,	 /* so many powers of two of a millisecond */
	RECORDS,
};

#define RECORDS_MAX 64 /* in an input */

#endif
