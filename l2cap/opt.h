/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_OPT_H
#define RT_L2CAP_OPT_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/wr.h"

#define RT_CODEC_FILE "l2cap/opt.def"
#define RT_CODEC_NAME(name) rt_l2cap_opt_##name
#define RT_CODEC_CODE(NAME) RT_L2CAP_OPT_##NAME
#define RT_CODEC_TABLE rt_l2cap_opt_table
#include "stack/codec_types.h"

/*
 * Lists of configuration options (Core Vol 3 Part A 5): type, length, value,
 * one after the other. Bit 7 of the type makes an option a hint, which may be
 * skipped by who does not know it.
 */

#define RT_L2CAP_QOS_NO_TRAFFIC 0x00 /* service types of the QoS option */
#define RT_L2CAP_QOS_BEST_EFFORT 0x01

#define RT_L2CAP_FCS_TYPE_NONE 0x00
#define RT_L2CAP_FCS_TYPE_16BIT 0x01

#define RT_L2CAP_FLUSH_RESERVED 0x0000
#define RT_L2CAP_FLUSH_NEVER 0xffff

/* Names of unknown options that fit into a CONFIGURATION_RSP of ours. */
#define RT_L2CAP_OPTS_UNKNOWN_MAX 19

/* Several lists may be read into one structure: the last value counts. */
struct rt_l2cap_opts {
	bool has_mtu;
	bool has_flush;
	bool has_qos;
	bool has_rfc;
	bool has_fcs;
	bool has_window;
	bool takes_window; /* set before reading: the option is a known one */
	uint8_t unknown_count;
	uint8_t unknown[RT_L2CAP_OPTS_UNKNOWN_MAX]; /* types, no hints */
	struct rt_l2cap_opt_mtu mtu;
	struct rt_l2cap_opt_flush flush;
	struct rt_l2cap_opt_qos qos;
	struct rt_l2cap_opt_rfc rfc;
	struct rt_l2cap_opt_fcs fcs;
	struct rt_l2cap_opt_window window;
};

/*
 * Reads a list into *opts, beside what is there. Returns 0, or -EBADMSG for an
 * option that is cut short or is not as long as its type demands; *opts is
 * untouched then.
 */
int rt_l2cap_opts_read(struct rt_bytes list,
		       struct rt_l2cap_opts *opts) RT_MUST_CHECK;

/*
 * Appends the known options that are there. One that does not fit any more is
 * left out.
 */
void rt_l2cap_opts_write(const struct rt_l2cap_opts *opts, struct rt_wr *w);

/*
 * Reads the list of options that a peer does not know (4.5) and tells whether
 * `type` is among them. Peers write types alone, types with length 0, with
 * the type once more as the value, or options as they were sent.
 */
bool rt_l2cap_opts_names(struct rt_bytes list, uint8_t type);

/*
 * Appends the unknown options as a refusal names them (4.5): the type with
 * length 0. The specification asks for the types alone; but a list of options
 * is read option by option, and the suite's CFD/BV-14-C fails a bare type
 * octet. This form is well-formed, says no more than was asked, and is what
 * qualified stacks send.
 */
void rt_l2cap_opts_write_unknown(const struct rt_l2cap_opts *opts,
				 struct rt_wr *w);

#endif
