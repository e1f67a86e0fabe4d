/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CONFIG_H
#define RT_L2CAP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/opt.h"
#include "l2cap/policy.h"
#include "l2cap/sig.h"

/*
 * Configuration of a channel (Core Vol 3 Part A 4.4, 4.5, 7.1): two halves
 * that do not wait for each other. In ours (ours.[ch]) we tell the peer what
 * we receive, until it agrees; in the peer's (theirs.[ch]), it tells us. The
 * channel opens when both are done, in the mode that both have said.
 *
 * A channel that wants another mode than Basic does not ask before the peer's
 * features are known; it answers at any time. What a peer asks for itself, it
 * has.
 *
 * An open channel may be configured anew. Its mode, and what belongs to that,
 * stay as they are; MTU and flush timeout may change.
 *
 * Rounds are bounded by limits.config_rounds (n): we make at most n requests
 * of our own and refuse at most n of the peer's for their values. Requests of
 * the peer that are refused for unknown options, come in parts, or repeat what
 * was agreed may be 2n in all: the suite's CFD/BV-14-C makes ten rounds of
 * unknown options.
 */

struct rt_l2cap_chan;
struct rt_l2cap_link;

struct rt_l2cap_config {
	enum rt_l2cap_wish wish;
	enum rt_l2cap_mode mode; /* that we ask for, or shall */

	/* Our half. */
	bool waits; /* for the peer's features, before we ask */
	bool ours_done;
	bool ask_again;		       /* part of the answer was a refusal */
	bool extended;		       /* the extended window is offered */
	enum rt_l2cap_fcs fcs;	       /* what we say of it */
	uint32_t asked_count;	       /* requests made */
	uint16_t flush_timeout;	       /* to be sent if not "never" */
	uint16_t window;	       /* that we receive */
	uint16_t mps;		       /* the same, octets; not above the MTU */
	uint8_t max_transmit;	       /* that we tell the peer */
	struct rt_l2cap_opts asked;    /* our last request */
	struct rt_l2cap_opts answered; /* what the peer's agreement said */

	/* The peer's half. */
	bool theirs_done;
	bool mode_refused;
	uint32_t heard_count;	    /* requests that came */
	uint32_t refused_count;	    /* for their values */
	uint8_t heard_mode;	    /* of the last whole one; any octet */
	struct rt_l2cap_opts parts; /* of the request, as far as they came */
	struct rt_l2cap_opts heard; /* the request that we accepted */
};

/* Results of a configuration response (4.5). */
enum rt_l2cap_conf_result {
	RT_L2CAP_CONF_SUCCESS = 0,
	RT_L2CAP_CONF_UNACCEPTABLE = 1,
	RT_L2CAP_CONF_REJECTED = 2,
	RT_L2CAP_CONF_UNKNOWN = 3,
	RT_L2CAP_CONF_PENDING = 4,
	RT_L2CAP_CONF_FLOW_SPEC = 5,
};

#define RT_L2CAP_CONF_CONTINUATION 0x0001 /* all other flags are reserved */

/* Octets of options in a response of ours; a request has two more. */
#define RT_L2CAP_CONF_OPTIONS_BYTES (RT_L2CAP_SIG_DATA_BYTES - 6)

/* Prepares what the user wants of a channel that has just been made. */
void rt_l2cap_config_init(struct rt_l2cap_chan *chan);

/* Begins the configuration of a channel that has just entered CONFIG. */
void rt_l2cap_config_begin(struct rt_l2cap_chan *chan);

/* The features of the link's peer are known: channels that wait go on. */
void rt_l2cap_config_on_features(struct rt_l2cap_link *link);

/* CONFIGURATION_REQ has arrived. */
void rt_l2cap_config_on_req(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_req *msg);

/* CONFIGURATION_RSP has arrived. */
void rt_l2cap_config_on_rsp(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_rsp *msg);

/* For ours.c and theirs.c. */

/* Opens the channel if both halves are done and have the same mode. */
void rt_l2cap_config_check(struct rt_l2cap_chan *chan);

/* The peer's result ends the channel. */
void rt_l2cap_config_fail(struct rt_l2cap_chan *chan, uint16_t result);

/* No mode can be agreed on. */
void rt_l2cap_config_fail_mode(struct rt_l2cap_chan *chan);

/* Rounds of a direction, 1 or more. */
uint32_t rt_l2cap_config_rounds(const struct rt_l2cap_chan *chan);

/*
 * The most octets of an SDU in a frame of ERTM or Streaming so that its PDU
 * still fills the longest baseband packet, with an FCS.
 */
uint16_t rt_l2cap_config_mps(bool extended);

/* True if the extended window option is a known one to this channel. */
bool rt_l2cap_config_takes_window(const struct rt_l2cap_chan *chan);

#endif
