/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CONFIG_H
#define RT_L2CAP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/opt.h"
#include "l2cap/sig.h"

/*
 * Configuration of a channel (Core Vol 3 Part A 4.4, 4.5, 7.1): two halves
 * that do not wait for each other. In ours we tell the peer what we receive,
 * until it agrees; in the peer's, it tells us. The channel opens when both
 * are done.
 *
 * Basic mode only: another mode is answered with "unacceptable" and Basic;
 * a peer that asks for another once more is disconnected. FCS is a matter of
 * the other modes and ignored. Extended flow specification and extended window
 * are unknown options here.
 *
 * Rounds are bounded by limits.config_rounds (n): we make at most n requests
 * of our own and refuse at most n of the peer's for their values. Requests of
 * the peer that are refused for unknown options, come in parts, or repeat what
 * was agreed may be 2n in all: the suite's CFD/BV-14-C makes ten rounds of
 * unknown options.
 */

struct rt_l2cap_chan;

struct rt_l2cap_config {
	/* Our half: what we ask for. */
	bool ours_done;
	bool ask_again;		/* part of the answer was a refusal */
	uint32_t asked;		/* requests made */
	uint16_t flush_timeout; /* to be sent if not "never" */

	/* The peer's half. */
	bool theirs_done;
	bool mode_refused;
	uint32_t heard;		   /* requests that came */
	uint32_t refused;	   /* for their values */
	struct rt_l2cap_opts opts; /* of the parts that came so far */
};

/* Begins the configuration of a channel that has just entered CONFIG. */
void rt_l2cap_config_begin(struct rt_l2cap_chan *chan);

/* CONFIGURATION_REQ has arrived. */
void rt_l2cap_config_on_req(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_req *msg);

/* CONFIGURATION_RSP has arrived. */
void rt_l2cap_config_on_rsp(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_rsp *msg);

#endif
