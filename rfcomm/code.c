/* SPDX-License-Identifier: MIT */
#include "rfcomm/code.h"

#include <errno.h>

#include "l2cap/l2cap.h"

struct code {
	const char *name;
	int err; /* as Linux has it in net/bluetooth/rfcomm */
	const char *hint;
};

static const struct code codes[] = {
	[RT_RFCOMM_CLOSED] = { "Closed", 0, "" },
	[RT_RFCOMM_PEER_DISC] = { "Disconnected by the peer", -ECONNRESET,
				  "the peer closed the connection in order "
				  "(DISC)" },
	[RT_RFCOMM_REFUSED] = { "Refused (DM)", -ECONNREFUSED,
				"the peer has no service on this server "
				"channel, or takes no more connections" },
	[RT_RFCOMM_TIMEOUT_T1] = { "Timeout T1", -ETIMEDOUT,
				   "the peer did not answer SABM or DISC: its "
				   "program may wait for its user, or hang" },
	[RT_RFCOMM_TIMEOUT_T2] = { "Timeout T2", -ETIMEDOUT,
				   "the peer did not answer a multiplexer "
				   "command" },
	[RT_RFCOMM_BAD_PEER] = { "Protocol violation", -EPROTO,
				 "the peer broke a rule of RFCOMM: the capture "
				 "shows the "
				 "frame" },
	[RT_RFCOMM_SESSION_LOST] = { "Session lost", -ECONNRESET,
				     "the L2CAP channel of the session "
				     "closed" },
	[RT_RFCOMM_CREDITS] = { "Credits exceeded", -EPROTO,
				"the peer sent more frames than it had been "
				"allowed" },
	[RT_RFCOMM_GATE_REFUSED] = { "Refused by our own security", -EACCES,
				     "pair with the peer first, or ask for "
				     "less security" },
	[RT_RFCOMM_GATE_TIMEOUT] = { "Security was not decided in time",
				     -ETIMEDOUT,
				     "pairing, encryption or our user's "
				     "consent "
				     "was asked for and never came about" },
	[RT_RFCOMM_INSECURE_DATA] = { "Data without security", -EACCES,
				      "data came while the link was not as "
				      "secure as it has to be: nobody knows "
				      "who sent them, and what they were is "
				      "lost" },
	[RT_RFCOMM_BEGUN_ANEW] = { "Begun anew by the peer", -ECONNABORTED,
				   "the peer has lost this connection and "
				   "asked for another one in its place" },
};

static const struct code *find(uint16_t code)
{
	static const struct code unknown = { "Unknown", -EIO, "" };

	if (code >= RT_ARRAY_SIZE(codes) || !codes[code].name)
		return &unknown;
	return &codes[code];
}

const char *rt_rfcomm_code_name(uint16_t code)
{
	return find(code)->name;
}

int rt_rfcomm_code_errno(uint16_t code)
{
	return find(code)->err;
}

const char *rt_rfcomm_code_hint(uint16_t code)
{
	return find(code)->hint;
}

struct rt_reason rt_rfcomm_reason(const struct rt_env *env, uint16_t code,
				  enum rt_phase phase, uint64_t began_us,
				  bool by_packet)
{
	return (struct rt_reason){
		.layer = RT_LAYER_RFCOMM,
		.phase = (uint8_t)phase,
		.code = code,
		.err = rt_rfcomm_code_errno(code),
		.frame = by_packet ? env->frame : 0,
		.elapsed_us = env->now_us - began_us,
	};
}

bool rt_rfcomm_reason_tells(const struct rt_reason *why)
{
	if (why->layer == RT_LAYER_NONE)
		return false;
	return why->layer != RT_LAYER_L2CAP || why->code != RT_L2CAP_CLOSED;
}

bool rt_rfcomm_reason_is_link(const struct rt_reason *why)
{
	return why->layer == RT_LAYER_HCI || why->layer == RT_LAYER_TRANSPORT;
}
