/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_PLANTS_H
#define RT_TESTS_PLANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Mistakes to be planted into what a host and a model say to each other. */

enum story {
	HOST_RFCOMM, /* the host connects... */
	HOST_ERTM,
	HOST_STREAMING,
	HOST_BASIC,
	HOST_SDP,
	MODEL_RFCOMM, /* the model does */
	MODEL_ERTM_CHAN,
	MODEL_BASIC_CHAN,
	MODEL_SDP,
};
#define STORIES 9

/* Of which PDUs the key says which one; offsets are from the first octet. */
enum layer {
	ACL_SIG, /* the ACL packet of a command: its code */
	SIG,	 /* a C-frame: the code */
	RFCOMM,	 /* a frame: the type */
	MCC,	 /* a UIH frame of DLCI 0: the message's type octet */
	DATA,	 /* a UIH frame with more than a few octets: none */
	I_FRAME, /* SAR */
	S_FRAME, /* function */
	BASIC,	 /* any payload: none */
	SDP,	 /* PDU id */
};

#define ANY (-1)

enum op {
	NOTHING,
	SET,	 /* an octet */
	SET16,	 /* two, least significant first */
	FLIP,	 /* bits of an octet */
	MORE,	 /* adds to a number of two octets */
	CUT,	 /* so many octets off the end */
	ADD,	 /* octets at the end */
	TWICE,	 /* all of it once more */
	REPLACE, /* all of it by these octets */
	TO_CID,	 /* another channel id */
	GO_ON,	 /* of an ACL packet: it says to continue another */
	DROP,	 /* all of it */
};

struct edit {
	enum op op;
	int at; /* less than 0: from the end */
	unsigned int value;
	const char *hex;
};

#define EDITS 3
#define RAW 1U	  /* lengths and FCS in the payload stay as they are */
#define ALWAYS 2U /* all such PDUs, not just the first */
#define LONG 4U	  /* the host writes SDUs over what the model takes */

struct plant {
	const char *expected;
	enum story story;
	bool to_host; /* it is the model's PDU, so that the host goes wrong */
	enum layer layer;
	int key;
	unsigned int flags;
	unsigned int skip; /* so many such PDUs pass first */
	struct edit edit[EDITS];
};

extern const struct plant plants[];
extern const size_t plant_count;

#endif
