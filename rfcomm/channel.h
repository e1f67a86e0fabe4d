/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_CHANNEL_H
#define RT_RFCOMM_CHANNEL_H

#include "rfcomm/session.h"

/*
 * The L2CAP channel of a session, and what to do where there are two.
 *
 * If both sides open a channel to PSM 3 at once, we hold our answer to the
 * peer's back and wait. Whichever comes first decides: ours opens, and we
 * refuse the peer's; ours is refused, and we take the peer's; or a random time
 * passes, and we give up ours and take the peer's, with the roles and so the
 * DLCIs changed. Should both sides give up, they meet in RETRY.
 */

/* Of PSM 3; their user is the engine. */
extern const struct rt_l2cap_ops rt_rfcomm_channel_listener_ops;

/*
 * Opens a channel for a session in CONNECT. Returns 0 or what
 * rt_l2cap_connect() returns.
 */
int rt_rfcomm_channel_connect(struct rt_rfcomm_session *session) RT_MUST_CHECK;

/* The same for a session whose DLCs wait in another state, which may fail. */
void rt_rfcomm_channel_connect_again(struct rt_rfcomm_session *session);

/* Gives our channel up for the peer's: the timer of CONNECT. */
void rt_rfcomm_channel_yield(struct rt_rfcomm_session *session);

#endif
