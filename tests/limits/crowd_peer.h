/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CROWD_PEER_H
#define RT_TESTS_CROWD_PEER_H

#include "tests/limits/crowd.h"

/* What a peer of the crowd, and its controller, do by themselves. */

/* The event goes to the host before anything else happens. */
void crowd_queue_event(struct crowd *crowd, struct rt_bytes event);

/* A command of the host that is about this peer. */
void crowd_peer_commanded(struct crowd_peer *peer, uint16_t opcode,
			  struct rt_bytes parameters);

/* A piece of a PDU from the host; `first` begins one. */
void crowd_peer_receives(struct crowd_peer *peer, bool first,
			 struct rt_bytes data);

/* Answers what has come. False if there was nothing. */
bool crowd_peer_acts(struct crowd_peer *peer);

/* Connection Complete. */
void crowd_peer_comes_up(struct crowd_peer *peer);

/* The address as events have it, in hexadecimal. */
void crowd_peer_print_addr(const struct crowd_peer *peer, char hex[13]);

#endif
