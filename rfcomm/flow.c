/* SPDX-License-Identifier: MIT */
#include "rfcomm/flow.h"

#include <assert.h>

#define GRANT_MAX 255 /* the credit octet */

/*
 * Frames that may still come after we have said stop: what the peer has given
 * to its controller, and what it sends until our MSC gets there.
 */
#define HOLD_FRAMES 16

void rt_rfcomm_flow_init(struct rt_rfcomm_flow *flow, uint32_t limit,
			 size_t room)
{
	*flow = (struct rt_rfcomm_flow){
		.tx_frame_bytes = RT_RFCOMM_FRAME_BYTES_DEFAULT,
		.rx_frame_bytes = RT_RFCOMM_FRAME_BYTES_DEFAULT,
		.limit = limit,
		.room = room,
		.room_max = room,
	};
}

void rt_rfcomm_flow_set_frame(struct rt_rfcomm_flow *flow, uint16_t frame_bytes)
{
	flow->tx_frame_bytes = frame_bytes;
	flow->rx_frame_bytes = frame_bytes;
}

/* Frames of full length that fit, up to the limit. */
static uint32_t want(const struct rt_rfcomm_flow *flow)
{
	const size_t fit = flow->room / flow->rx_frame_bytes;

	return (uint32_t)RT_MIN(fit, flow->limit);
}

uint8_t rt_rfcomm_flow_initial(const struct rt_rfcomm_flow *flow)
{
	return (uint8_t)RT_MIN(want(flow), RT_RFCOMM_INITIAL_CREDITS_MAX);
}

void rt_rfcomm_flow_agree(struct rt_rfcomm_flow *flow, uint8_t tx, uint8_t rx)
{
	flow->credits = true;
	flow->tx = tx;
	flow->rx = rx;
	flow->total = (struct rt_rfcomm_credits){ .granted = rx, .given = tx };
}

void rt_rfcomm_flow_set_room(struct rt_rfcomm_flow *flow, size_t room)
{
	flow->room = room;
	flow->room_max = RT_MAX(flow->room_max, room);
}

uint8_t rt_rfcomm_flow_grantable(const struct rt_rfcomm_flow *flow)
{
	const uint32_t all = want(flow);

	/* What was granted is not taken back when the room shrinks. */
	if (!flow->credits || all <= flow->rx)
		return 0;
	return (uint8_t)RT_MIN(all - flow->rx, GRANT_MAX);
}

bool rt_rfcomm_flow_grant_is_due(const struct rt_rfcomm_flow *flow)
{
	/*
	 * Half: a grant for each frame would double the traffic, and a peer
	 * that has run dry waits for us. With nothing outstanding any grant is
	 * due, so nothing ever stalls on this rule.
	 */
	return rt_rfcomm_flow_grantable(flow) > 0 && flow->rx <= want(flow) / 2;
}

void rt_rfcomm_flow_granted(struct rt_rfcomm_flow *flow, uint8_t credits)
{
	flow->rx += credits;
	flow->total.granted += credits;
}

void rt_rfcomm_flow_add(struct rt_rfcomm_flow *flow, uint8_t credits)
{
	const uint32_t fit = RT_MIN(credits, UINT32_MAX - flow->tx);

	flow->tx += fit;
	flow->total.given += fit;
}

bool rt_rfcomm_flow_may_send(const struct rt_rfcomm_flow *flow)
{
	return flow->credits ? flow->tx > 0 : !flow->stopped;
}

void rt_rfcomm_flow_sent(struct rt_rfcomm_flow *flow)
{
	assert(rt_rfcomm_flow_may_send(flow));
	if (!flow->credits)
		return;
	flow->tx--;
	flow->total.used++;
}

enum rt_rfcomm_flow_verdict rt_rfcomm_flow_take(struct rt_rfcomm_flow *flow,
						size_t bytes)
{
	if (bytes > flow->rx_frame_bytes)
		return RT_RFCOMM_FLOW_TOO_LONG;
	if (flow->credits ? flow->rx == 0 : bytes > flow->room)
		return RT_RFCOMM_FLOW_NO_CREDIT;
	if (flow->credits) {
		flow->rx--;
		flow->total.taken++;
	}
	flow->room -= RT_MIN(bytes, flow->room);
	return RT_RFCOMM_FLOW_OK;
}

bool rt_rfcomm_flow_hold_is_due(const struct rt_rfcomm_flow *flow)
{
	/* Where there never was more room, half of it has to do. */
	const size_t low = RT_MIN((size_t)HOLD_FRAMES * flow->rx_frame_bytes,
				  flow->room_max / 2);

	if (flow->credits)
		return false;
	/* Two thresholds, or each frame read would be worth two messages. */
	if (flow->holding)
		return flow->room > 0 && flow->room >= 2 * low;
	return flow->room < low || flow->room == 0;
}

void rt_rfcomm_flow_hold_told(struct rt_rfcomm_flow *flow)
{
	flow->holding = !flow->holding;
}
