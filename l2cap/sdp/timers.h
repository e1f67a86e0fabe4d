/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_TIMERS_H
#define RT_SDP_TIMERS_H

#include "stack/base.h"

/*
 * Every time limit of SDP, in microseconds. The specification has none (Core
 * Vol 3 Part B 4), so these are ours.
 */

/*
 * The answer to one request of ours. It is a look into a table, but the peer
 * may be asleep (sniff mode), far away, or busy on other links.
 */
#define RT_SDP_ANSWER_US RT_SECONDS(30)

/*
 * A channel of ours without a query. Who looks up one service often looks up
 * the next when it has the first, or tries again; setting up another channel
 * costs half a second on a link in sniff mode. Longer than that, it would hold
 * a link that nobody uses, and a place with a peer that has few.
 */
#define RT_SDP_HOLD_US RT_SECONDS(2)

/*
 * The answer to a request whose query was given up: the next query waits for
 * it on the same channel (one request at a time, B:4.2), and takes a new
 * channel after that.
 */
#define RT_SDP_DRAIN_US RT_SECONDS(2)

/*
 * A channel on which a peer asks us nothing. There are few; whoever forgets to
 * close one shall not keep the others out. A person with a test system who
 * reads between two requests is not disturbed.
 */
#define RT_SDP_CONNECTION_US RT_SECONDS(120)

#endif
