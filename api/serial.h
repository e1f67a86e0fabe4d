/* SPDX-License-Identifier: MIT */
#ifndef RT_API_SERIAL_H
#define RT_API_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/socket.h>

#include "stack/base.h"

/*
 * The serial port that an RFCOMM socket emulates: modem signals, breaks, the
 * settings and the errors of the line.
 *
 * What the peer does is written down here as it comes, and told by the
 * socket's news: several changes between two callbacks are one, so that a peer
 * can't fill the ring of the news.
 */

struct rt_rfcomm_port_ops;

struct rt_api_serial {
	struct rt_serial_callbacks callbacks;
	uint8_t signals;     /* the peer's, as it is to be told */
	uint8_t break_units; /* the same: of the last break */
	uint8_t errors;	     /* all since they were told last */
	bool asked;	     /* an answer is to come, or to be told */
	int answer_err;
	struct rt_line answer;
};

/* To be put into the parameters of a DLC whose user is a connection. */
extern const struct rt_rfcomm_port_ops rt_api_serial_ops;

/* Forgets what was of the last connection. */
void rt_api_serial_begin(struct rt_api_serial *serial);

/* The connection is open: the signals that the peer has now are no change. */
void rt_api_serial_opened(struct rt_socket *s);

/* Makes the callback about signals, in tail position, as those below. */
void rt_api_serial_tell_modem(struct rt_socket *s);

/* The same about a break. */
void rt_api_serial_tell_break(struct rt_socket *s);

/* The same about the settings of the line, which the peer has changed. */
void rt_api_serial_tell_line(struct rt_socket *s);

/* The same about errors of the line. */
void rt_api_serial_tell_status(struct rt_socket *s);

/* The same about the answer to settings that were proposed or asked for. */
void rt_api_serial_tell_answer(struct rt_socket *s);

/* Tells the peer our signals, or keeps them until there is one. 0, -EINVAL. */
int rt_api_serial_set_signals(struct rt_socket *s,
			      uint8_t signals) RT_MUST_CHECK;

/* Sends a break of `units` of 200 ms. Returns 0, -EINVAL or -ENOTCONN. */
int rt_api_serial_break(struct rt_socket *s, uint8_t units) RT_MUST_CHECK;

#endif
