/* SPDX-License-Identifier: MIT */
#ifndef RT_CODEC_H
#define RT_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/rd.h"
#include "stack/wr.h"

/*
 * One decoder, encoder and printer for every message of fixed layout.
 *
 * Messages are tables in a .def file, one row a field:
 *
 *	MSG(0x02, CONN_REQ, conn_req, FIXED)
 *	FIELD(conn_req, LE16, psm)
 *	FIELD(conn_req, LE16, scid)
 *	END(conn_req)
 *
 * FIXED messages end with their last field; after a TAIL message the rest of
 * the octets is handed on as the view `tail` to a codec written by hand.
 * Field kinds: U8, LE16, LE24, LE32, BE16, BE32, ADDR, and B8, B16 and the like
 * for octet arrays of that length (RT_CODEC_KINDS is the list).
 *
 * A layer makes the codes and structures in a header:
 *
 *	#define RT_CODEC_FILE "l2cap/sig.def"
 *	#define RT_CODEC_NAME(name) rt_l2cap_##name	struct rt_l2cap_conn_req
 *	#define RT_CODEC_CODE(NAME) RT_L2CAP_##NAME	RT_L2CAP_CONN_REQ = 0x02
 *	#define RT_CODEC_TABLE rt_l2cap_sig_table	all descriptors
 *	#include "stack/codec_types.h"
 *
 * and the descriptors in one source file by the same lines with
 * "stack/codec_tables.h" instead. The descriptor of a message is the constant
 * `<structure name>_msg`: &rt_l2cap_conn_req_msg.
 */

/* X(kind, C type of the field, octets on the wire) */
#define RT_CODEC_KINDS(X)                 \
	X(U8, uint8_t, 1)                 \
	X(LE16, uint16_t, 2)              \
	X(LE24, uint32_t, 3)              \
	X(LE32, uint32_t, 4)              \
	X(BE16, uint16_t, 2)              \
	X(BE32, uint32_t, 4)              \
	X(ADDR, struct rt_addr, 6)        \
	X(B3, struct rt_octets3, 3)       \
	X(B8, struct rt_octets8, 8)       \
	X(B16, struct rt_octets16, 16)    \
	X(B64, struct rt_octets64, 64)    \
	X(B240, struct rt_octets240, 240) \
	X(B248, struct rt_octets248, 248)

/* clang-format off */
struct rt_octets3 { uint8_t b[3]; };
struct rt_octets8 { uint8_t b[8]; };
struct rt_octets16 { uint8_t b[16]; };
struct rt_octets64 { uint8_t b[64]; };
struct rt_octets240 { uint8_t b[240]; };
struct rt_octets248 { uint8_t b[248]; };
/* clang-format on */

#define X(kind, type, bytes) typedef type rt_codec_type_##kind;
RT_CODEC_KINDS(X)
#undef X

enum rt_codec_kind {
#define X(kind, type, bytes) RT_CODEC_##kind,
	RT_CODEC_KINDS(X)
#undef X
};

struct rt_codec_field {
	const char *name;
	uint16_t offset; /* in the structure */
	uint8_t kind;	 /* enum rt_codec_kind */
};

enum rt_codec_end {
	RT_CODEC_FIXED, /* nothing may follow the last field */
	RT_CODEC_TAIL,	/* what follows is the view `tail` */
};

struct rt_codec_msg {
	uint16_t code;
	const char *name;      /* as the specification has it: "CONN_REQ" */
	uint16_t struct_bytes; /* it begins with `struct rt_bytes tail` */
	uint8_t end;	       /* enum rt_codec_end */
	uint8_t field_count;
	const struct rt_codec_field *fields;
};

/* All messages of a .def file. */
struct rt_codec_table {
	size_t count;
	const struct rt_codec_msg *const *msg;
};

/* The message of the table with code `code`; NULL if there is none. */
const struct rt_codec_msg *rt_codec_find(const struct rt_codec_table *table,
					 uint16_t code);

/*
 * Decodes the octets of `view` into the structure at `ret_msg`, which is the
 * one that `desc` describes. A tail points into `view`.
 *
 * Returns 0, or -EBADMSG if octets are missing, or are left over in a FIXED
 * message; *ret_msg is untouched then.
 */
int rt_codec_decode(const struct rt_codec_msg *desc, struct rt_bytes view,
		    void *ret_msg) RT_MUST_CHECK;

/* Appends the message and its tail; the writer turns bad if it does not fit. */
void rt_codec_encode(const struct rt_codec_msg *desc, const void *msg,
		     struct rt_wr *w);

/*
 * Prints "CONN_REQ psm 0x0003 scid 0x0040" to `str`, cut to `cap` octets with
 * the terminating zero. Octet arrays, and a tail that is not empty, are
 * hexadecimal. Returns `str`.
 */
char *rt_codec_print(const struct rt_codec_msg *desc, const void *msg,
		     char *str, size_t cap);

#endif
